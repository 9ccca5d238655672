//! F20: what is written cannot be made durable, or arrives in part.
use std::time::Duration;

use super::{ORDERS, check, pause, shim::Shim, skipped};
use crate::{
    observation::Observation,
    stage::{self, Stage},
    world::{Ground, World},
};

const FAILING: Duration = Duration::from_secs(2);
/// A commit that is durable may not be answered yet.
const ON_ITS_WAY: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes half a minute: make fault-campaign"]
async fn fault_20_what_cannot_be_made_durable_is_not_accepted() {
    let shim = match Shim::build() {
        Ok(shim) => shim,
        Err(why) => return skipped("F20", &why),
    };
    let ground = Ground { launch: shim.launch(), sqlite: true, ..Ground::default() };
    let (mut stage, mut server) = Stage::set(World::set_up(ground).await, stage::seed(), ORDERS).await;
    let shift = stage.work();
    let (mut in_vain, mut slowest) = (0, Duration::ZERO);
    let faults: [fn(&Shim, bool); 4] =
        [Shim::sync_fails, Shim::short_writes, Shim::sync_fails, Shim::short_writes];
    for fault in faults {
        pause(Duration::from_secs(2)).await;
        fault(&shim, true);
        pause(ON_ITS_WAY).await;
        let accepted = stage.journal.accepted();
        pause(FAILING).await;
        in_vain += stage.journal.accepted() - accepted;
        fault(&shim, false);
        slowest = slowest.max(stage.accepts_again(PATIENCE).await);
        server.check_alive();
    }
    // And what was accepted is there for a server that starts anew.
    server.kill();
    let (server, _) = stage.world.program.start().await;
    shift.end().await;
    let observed = vec![
        Observation::Felt { what: "writes and syncs failed", times: shim.felt() },
        Observation::AcceptedInVain(in_vain),
        Observation::AcceptsAgain(slowest),
    ];
    check(&stage.end(server, "failing fsync and short writes", observed).await);
}
