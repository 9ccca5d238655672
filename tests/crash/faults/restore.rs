//! F19: yesterday's backup is put back and goes on. What was accepted since is gone, and it is known what; what was in it
//! and was delivered since is sent again and recognised.
use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use super::{ORDERS, check, pause};
use crate::{
    observation::Observation,
    proxy::Weather,
    stage::{self, Stage},
    world::{Ground, World},
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes half a minute: make fault-campaign"]
async fn fault_19_a_backup_that_goes_on_sends_again_and_nothing_is_booked_twice() {
    let world = World::set_up(Ground { sqlite: true, ..Ground::default() }).await;
    let (mut stage, server) = Stage::set(world, stage::seed(), ORDERS).await;
    let shift = stage.work_on((0, 3));
    pause(Duration::from_secs(3)).await;
    // What is accepted now waits in the backup for the ERP.
    stage.world.wire().set(Weather::Hang);
    pause(Duration::from_secs(2)).await;
    shift.end().await;
    let booked: BTreeSet<String> = stage.effects().into_iter().map(|effect| effect.delivery_id).collect();
    let mark = stage.journal.mark();
    server.kill();
    let backup = stage.world.folder.with_extension("backup");
    copy(&stage.world.folder, &backup);

    stage.world.wire().set(Weather::Fair);
    let (server, _) = stage.world.program.start().await;
    let shift = stage.work_on((1, 3));
    pause(Duration::from_secs(6)).await;
    shift.end().await;
    stage.drain().await;
    let since = stage.journal.take_since(mark);
    let gone: BTreeSet<String> = since.iter().filter_map(|it| it.accepted().map(str::to_owned)).collect();
    let sent = stage.effects().into_iter().filter(|effect| !booked.contains(&effect.delivery_id));
    let (lost, again): (Vec<_>, Vec<_>) = sent.partition(|effect| gone.contains(&effect.subject));
    server.kill();
    fs::remove_dir_all(&stage.world.folder).unwrap();
    fs::rename(&backup, &stage.world.folder).unwrap();

    let (server, _) = stage.world.program.start().await;
    let shift = stage.work_on((2, 3));
    pause(Duration::from_secs(3)).await;
    shift.end().await;
    let drained = stage.drain().await;
    let observed = vec![
        Observation::Felt {
            what: "deliveries of the backup that were booked since",
            times: again.len() as u64,
        },
        Observation::Gap {
            accepted_since: gone.len(),
            on_file: drained.stored.iter().filter(|it| gone.contains(&it.id)).count(),
            at_the_erp: lost.len(),
        },
    ];
    stage.forget(gone);
    check(&stage.judge(server, drained, "a backup put back", observed).await);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
