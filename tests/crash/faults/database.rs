//! F05 and F06: PostgreSQL away for a while, slow, and cut off in the middle of statements.
use std::time::{Duration, Instant};

use super::{ORDERS, check, pause};
use crate::{
    dice::Dice,
    observation::Observation,
    proxy::{Proxy, Weather},
    script::Script,
    server::Server,
    stage::{self, Stage},
    world::{CONNECTIONS, Ground, World},
};

/// How long the database is away, in seconds, unless `AWAY` says otherwise.
const AWAY: u64 = 20;
/// What is on its way when the database goes may be answered yet.
const ON_ITS_WAY: Duration = Duration::from_millis(500);
/// Beside both roles: one connection that notifies and one that listens.
const ALLOWED: usize = 2 * CONNECTIONS + 2;
/// How long a server may take to accept again.
const PATIENCE: Duration = Duration::from_secs(60);

/// A PostgreSQL of this test's own, and the wire to it.
struct Ours {
    script: Script,
    wire: Proxy,
}

impl Ours {
    async fn start(instance: &str) -> (Self, Ground) {
        let script = Script::new("postgres", instance);
        script.run("stop").await; // what an earlier run may have left
        let url = script.run("start").await;
        let address = url.rsplit_once('@').unwrap().1.split_once('/').unwrap().0.parse().unwrap();
        let wire = Proxy::start(vec![address]).await;
        let ground =
            Ground { postgres: Some(url), database_at: Some(wire.address.to_string()), ..Ground::default() };
        (Self { script, wire }, ground)
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute: make fault-campaign"]
async fn fault_05_a_database_that_is_away_for_long_costs_no_memory_and_is_not_stormed() {
    let (ours, ground) = Ours::start("away").await;
    let away = Duration::from_secs(stage::number("AWAY").unwrap_or(AWAY));
    let (mut stage, mut server) = Stage::set(World::set_up(ground).await, stage::seed(), ORDERS).await;
    let shift = stage.work();
    pause(Duration::from_secs(3)).await;

    let (before, _) = (server.memory(), ours.wire.most_open());
    ours.script.run("kill").await;
    pause(ON_ITS_WAY).await;
    let accepted = stage.journal.accepted();
    let most = watch(&mut server, away).await;
    let in_vain = stage.journal.accepted() - accepted;
    ours.script.run("restart").await;
    let again = stage.accepts_again(PATIENCE).await;
    pause(Duration::from_secs(3)).await;
    shift.end().await;
    let observed = vec![
        Observation::AcceptedInVain(in_vain),
        Observation::Memory { before, most },
        Observation::Connections { most: ours.wire.most_open(), allowed: ALLOWED },
        Observation::AcceptsAgain(again),
    ];
    let report = stage.end(server, &format!("PostgreSQL away for {away:.0?}"), observed).await;
    ours.script.run("stop").await;
    check(&report);
}

/// The most memory the server takes meanwhile.
async fn watch(server: &mut Server, time: Duration) -> u64 {
    let (begun, mut most) = (Instant::now(), 0);
    while begun.elapsed() < time {
        server.check_alive();
        most = most.max(server.memory());
        pause(Duration::from_millis(250)).await;
    }
    most
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes half a minute: make fault-campaign"]
async fn fault_06_a_database_that_is_slow_and_cut_off_leaves_nothing_undecided() {
    let (ours, ground) = Ours::start("cut").await;
    let (mut stage, server) = Stage::set(World::set_up(ground).await, stage::seed(), ORDERS).await;
    let shift = stage.work();
    let (mut dice, begun, mut slowest) = (Dice::new(stage.seed, 0), Instant::now(), Duration::ZERO);
    while begun.elapsed() < Duration::from_secs(20) {
        let (weather, time) = match dice.pick(0..4) {
            0 => (Weather::Slow(dice.millis(5..60)), dice.millis(500..2_000)),
            // The statement arrives, a commit maybe, and half of the answer comes back.
            1 => (Weather::CutAnswer, dice.millis(5..100)),
            2 => (Weather::Reset, dice.millis(5..100)),
            _ => (Weather::Hang, dice.millis(200..2_000)),
        };
        ours.wire.set(weather);
        pause(time).await;
        ours.wire.set(Weather::Fair);
        slowest = slowest.max(stage.accepts_again(PATIENCE).await);
        pause(dice.millis(100..600)).await;
    }
    shift.end().await;
    let times = ours.wire.spoilt();
    let observed = vec![
        Observation::Felt { what: "connections to the database cut off", times },
        Observation::AcceptsAgain(slowest),
    ];
    let report = stage.end(server, "PostgreSQL slow, hanging and cut off", observed).await;
    ours.script.run("stop").await;
    check(&report);
}
