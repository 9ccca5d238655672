//! What goes wrong: processes, the database and the bus are killed in turn, and what lies behind the wires misbehaves.
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use quayside_simulator::{Behaviour, Erp, Fault, Wms};
use tokio_util::sync::CancellationToken;

use crate::{
    dice::Dice,
    proxy::{Proxy, Weather},
    world::World,
};

/// What systems do wrong for one call.
const BEHAVIOURS: [Behaviour; 7] = [
    Behaviour::Hang,
    Behaviour::ResetBefore,
    Behaviour::ResetAfter,
    Behaviour::Garbage,
    Behaviour::Err500,
    Behaviour::Err503ra,
    Behaviour::Err429,
];
/// What wires do for a while.
const WEATHERS: [Weather; 4] =
    [Weather::Hang, Weather::Reset, Weather::CutAnswer, Weather::Slow(Duration::from_millis(300))];

/// How long a process is frozen at least.
const FROZEN: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug)]
enum Blow {
    /// SIGKILL for the process at this place.
    Kill(usize),
    /// SIGTERM for it: a rolling restart.
    Replace(usize),
    /// SIGSTOP for it, for longer than a dispatcher's lease, and SIGCONT.
    Freeze(usize),
    KillPostgres,
    KillNats,
    WipeNats,
}

/// What was done, and how fast it was got over.
#[derive(Clone, Debug, Default)]
pub(crate) struct Havoc {
    /// Each blow, how often, and the longest time until everybody was ready again.
    pub(crate) blows: BTreeMap<&'static str, (u64, Duration)>,
    /// The longest time a process took to end when it was asked to.
    pub(crate) slowest_stop: Duration,
    pub(crate) faults: u64,
    /// What ERP and WMS had booked when it ended.
    pub(crate) booked: u64,
}

/// Strikes until the time is over, each kind of blow about as often.
pub(crate) async fn wreak(world: &mut World, seed: u64, time: Duration) -> Havoc {
    let stop = CancellationToken::new();
    let weather = tokio::spawn(spoil(
        (world.erp.clone(), world.wms.clone()),
        [world.erp_wire.clone(), world.wms_wire.clone()],
        Dice::new(seed, 1),
        stop.clone(),
    ));
    let (mut dice, mut havoc, begun) = (Dice::new(seed, 0), Havoc::default(), Instant::now());
    let mut turn: Vec<Blow> = Vec::new();
    while begun.elapsed() < time {
        tokio::time::sleep(dice.millis(500..2_000)).await;
        if turn.is_empty() {
            turn = (0..world.nodes.len()).map(Blow::Kill).collect();
            let mut any = || usize::try_from(dice.pick(0..world.nodes.len() as u64)).unwrap();
            turn.extend([Blow::Replace(any()), Blow::Freeze(any())]);
            turn.extend([Blow::KillPostgres, Blow::KillNats, Blow::WipeNats]);
        }
        let blow = turn.swap_remove(usize::try_from(dice.pick(0..turn.len() as u64)).unwrap());
        strike(world, blow, dice.millis(50..1_500), &mut havoc).await;
    }
    stop.cancel();
    havoc.faults = weather.await.unwrap();
    havoc.booked = world.erp.report().documents + world.wms.report().events.documents;
    havoc
}

async fn strike(world: &mut World, blow: Blow, down: Duration, havoc: &mut Havoc) {
    let name = match blow {
        Blow::Kill(place) => {
            world.nodes[place].kill();
            "process killed"
        }
        Blow::Replace(place) => {
            let took = world.nodes[place].stop().await;
            havoc.slowest_stop = havoc.slowest_stop.max(took);
            "process replaced"
        }
        Blow::Freeze(place) => {
            world.nodes[place].signal("-STOP");
            tokio::time::sleep(FROZEN).await;
            "process frozen"
        }
        Blow::KillPostgres => {
            world.postgres.run("kill").await;
            "PostgreSQL killed"
        }
        Blow::KillNats => {
            world.nats.run("kill").await;
            "NATS killed"
        }
        Blow::WipeNats => {
            world.nats.run("wipe").await;
            "NATS wiped"
        }
    };
    tokio::time::sleep(down).await;
    match blow {
        Blow::Kill(place) | Blow::Replace(place) => world.nodes[place].launch(),
        Blow::Freeze(place) => world.nodes[place].signal("-CONT"),
        Blow::KillPostgres => drop(world.postgres.run("restart").await),
        Blow::KillNats | Blow::WipeNats => drop(world.nats.run("restart").await),
    }
    let begun = Instant::now();
    for node in &mut world.nodes {
        node.ready().await;
    }
    let (count, longest) = havoc.blows.entry(name).or_default();
    *count += 1;
    *longest = (*longest).max(begun.elapsed());
}

/// Lets one system or wire at a time misbehave, with pauses in which it may recover. Says how many faults that were.
async fn spoil((erp, wms): (Erp, Wms), wires: [Proxy; 2], mut dice: Dice, stop: CancellationToken) -> u64 {
    let mut faults = 0;
    while !stop.is_cancelled() {
        tokio::time::sleep(dice.millis(500..2_500)).await;
        faults += 1;
        let (at_erp, place) = (dice.one_in(2), usize::try_from(dice.pick(0..1_000)).unwrap());
        if dice.one_in(2) {
            let fault = Fault::once(BEHAVIOURS[place % BEHAVIOURS.len()]);
            if at_erp { erp.queue(fault) } else { wms.queue(fault) }.expect("one call uses up one fault");
        } else {
            let wire = &wires[usize::from(at_erp)];
            wire.set(WEATHERS[place % WEATHERS.len()]);
            tokio::time::sleep(dice.millis(200..1_200)).await;
            wire.set(Weather::Fair);
        }
    }
    faults
}
