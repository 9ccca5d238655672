//! F21: packets between the server and its database, its ERP and its clients are lost, all of them or in bursts, one way or
//! both. Nobody is told: this is no reset connection.
use std::time::{Duration, Instant};

use super::{
    ORDERS, check,
    namespace::{Lost, Namespace},
    pause, skipped,
};
use crate::{
    dice::Dice,
    observation::Observation,
    proxy::Proxy,
    script::Script,
    server::Launch,
    stage::{self, Stage},
    world::{Ground, World},
};

const HAVOC: Duration = Duration::from_secs(25);
/// TCP doubles its pauses while nothing passes.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute: make fault-campaign"]
async fn fault_21_packets_that_are_lost_and_a_partition_leave_nothing_undecided() {
    let namespace = match Namespace::make() {
        Ok(namespace) => namespace,
        Err(why) => return skipped("F21", &why),
    };
    let script = Script::new("postgres", "partition");
    script.run("stop").await; // what an earlier run may have left
    let url = script.run("start").await;
    let database = url.rsplit_once('@').unwrap().1.split_once('/').unwrap().0.parse().unwrap();
    let database = Proxy::start_at(namespace.outside(), vec![database]).await;
    let networks = ["harbour", "neighbour"].map(|slug| format!("{slug}={}/32", namespace.outside()));
    let ground = Ground {
        postgres: Some(url),
        database_at: Some(database.address.to_string()),
        seen_as: Some(namespace.outside().to_owned()),
        launch: Launch {
            before: namespace.before(),
            host: Some(namespace.inside().to_owned()),
            ..Launch::default()
        },
        settings: vec![("delivery.private_networks", networks.join(";"))],
        ..Ground::default()
    };
    let (mut stage, mut server) = Stage::set(World::set_up(ground).await, stage::seed(), ORDERS).await;
    let shift = stage.work();
    let (mut dice, begun, mut slowest, mut times) =
        (Dice::new(stage.seed, 0), Instant::now(), Duration::ZERO, 0);
    while begun.elapsed() < HAVOC {
        let lost = match dice.pick(0..3) {
            0 => Lost::ToTheServer,
            1 => Lost::FromTheServer,
            _ => Lost::Everything,
        };
        // A partition, or three tenths of the time for a while.
        let bursts = if dice.one_in(3) { vec![3_000..6_000] } else { vec![20..150; 12] };
        for burst in bursts {
            let time = dice.millis(burst);
            namespace.lose(lost).unwrap();
            pause(time).await;
            namespace.lose(Lost::Nothing).unwrap();
            pause(time * 7 / 3).await;
            times += 1;
        }
        slowest = slowest.max(stage.accepts_again(PATIENCE).await);
        server.check_alive();
    }
    shift.end().await;
    let observed =
        vec![Observation::Felt { what: "times nothing passed", times }, Observation::AcceptsAgain(slowest)];
    let report = stage.end(server, "a network that loses packets", observed).await;
    script.run("stop").await;
    check(&report);
}
