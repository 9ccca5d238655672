//! The server is killed again and again.
use std::time::{Duration, Instant};

use quayside_simulator::{Behaviour, Erp, Fault};

use crate::{
    dice::Dice,
    proxy::Weather,
    server::{Launch, Server},
    stage::{self, Report, Stage},
    world::{Ground, World},
};

/// How long a server lives, in milliseconds, once it is ready.
const LIFE: std::ops::Range<u64> = 50..1_500;
/// What goes wrong at the ERP; `Hang` and the resets leave the sender in the dark.
const FAULTS: [Behaviour; 7] = [
    Behaviour::Hang,
    Behaviour::ResetBefore,
    Behaviour::ResetAfter,
    Behaviour::Garbage,
    Behaviour::Err500,
    Behaviour::Err503ra,
    Behaviour::Err429,
];

/// What the wire to the ERP does for the second half of a server's life.
const WEATHERS: [Weather; 4] =
    [Weather::Hang, Weather::Reset, Weather::CutAnswer, Weather::Slow(Duration::from_millis(200))];

/// What is to be done.
pub(crate) struct Plan {
    pub(crate) rounds: u64,
    pub(crate) seed: u64,
    /// The planted defect, to see that it is found.
    pub(crate) plant: Option<&'static str>,
    /// Whether the ERP books what comes again once more.
    pub(crate) ignores_keys: bool,
}

impl Plan {
    /// As `ROUNDS` and `SEED` say.
    pub(crate) fn from_environment(rounds: u64) -> Self {
        let rounds = stage::number("ROUNDS").unwrap_or(rounds);
        Self { rounds, seed: stage::seed(), plant: None, ignores_keys: false }
    }
}

/// What the nemesis did.
#[derive(Default)]
struct Havoc {
    faults: u64,
    /// Rounds in which the ERP got something new.
    deliveries: u64,
    slowest_start: Duration,
}

/// Runs the whole of it.
pub(crate) async fn run(plan: &Plan) -> Report {
    let plant = plan.plant.map(|plant| ("QUAYSIDE_TEST_PLANT".to_owned(), plant.to_owned()));
    let launch = Launch { environment: plant.into_iter().collect(), ..Launch::default() };
    let mut world = World::set_up(Ground { launch, ..Ground::default() }).await;
    world.ignores_keys = plan.ignores_keys;
    world.disposable = plan.plant.is_some();
    let orders = (plan.rounds * 20).clamp(160, 4_000);
    let (mut stage, server) = Stage::set(world, plan.seed, orders).await;
    stage.world.heal();
    let shift = stage.work();
    let begun = Instant::now();
    let havoc = wreak(&stage.world, plan, server).await;
    let killing = begun.elapsed();

    stage.world.heal();
    let (server, _) = stage.world.program.start().await;
    shift.end().await;
    let headline = format!(
        "{rounds} kills in {killing:.0?} (the server was ready again within {slowest:.1?}), {faults} ERP faults queued, \
         {spoilt} connections spoilt on the wire, deliveries in {deliveries} rounds",
        rounds = plan.rounds,
        slowest = havoc.slowest_start,
        faults = havoc.faults,
        spoilt = stage.world.wire().spoilt(),
        deliveries = havoc.deliveries,
    );
    stage.end(server, &headline, Vec::new()).await
}

/// Kills the server once a round, and lets the ERP misbehave.
async fn wreak(world: &World, plan: &Plan, first: Server) -> Havoc {
    let mut dice = Dice::new(plan.seed, 0);
    let mut havoc = Havoc::default();
    let mut server = Some(first);
    for _ in 0..plan.rounds {
        let alive = match server.take() {
            Some(first) => first,
            None => {
                let (server, took) = world.program.start().await;
                havoc.slowest_start = havoc.slowest_start.max(took);
                server
            }
        };
        let before = world.erp().report().documents;
        let life = dice.millis(LIFE);
        let half = life / 2;
        tokio::time::sleep(half).await;
        havoc.faults += misbehave(world.erp(), &mut dice);
        if dice.one_in(3) {
            let place = usize::try_from(dice.pick(0..WEATHERS.len() as u64)).unwrap();
            world.wire().set(WEATHERS[place]);
        }
        tokio::time::sleep(life - half).await;
        alive.kill();
        world.wire().set(Weather::Fair);
        havoc.deliveries += u64::from(world.erp().report().documents > before);
    }
    havoc
}

/// Queues up to three faults.
fn misbehave(erp: &Erp, dice: &mut Dice) -> u64 {
    let count = dice.pick(0..4);
    for _ in 0..count {
        let behaviour = FAULTS[usize::try_from(dice.pick(0..FAULTS.len() as u64)).unwrap()];
        erp.queue(Fault::once(behaviour)).expect("one fault is used up by one call");
    }
    count
}
