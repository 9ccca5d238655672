//! One campaign, from an empty database to the verdict.
use std::{
    collections::BTreeSet,
    fmt,
    time::{Duration, Instant},
};

use quayside_simulator::{Behaviour, Erp, Fault};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    api::Api,
    client::Client,
    dice::Dice,
    evidence::{self, Evidence, Stored},
    journal::{Intent, Journal},
    proxy::Weather,
    verdict::{self, Violation},
    world::World,
};

/// Suppliers' programs at work.
const CLIENTS: usize = 16;
/// How long a server lives, in milliseconds, once it is ready.
const LIFE: std::ops::Range<u64> = 50..1_500;
/// How long everything may take to arrive once nobody kills or misbehaves any more: the lease of the last
/// victim (12 s), the longest wait after the attempts a campaign can spoil (2.5 min), and the work itself. It
/// ends as soon as nothing is left, usually soon after the lease.
const DRAIN: Duration = Duration::from_secs(12 + 150 + 60);
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
}

impl Plan {
    /// As `ROUNDS` and `SEED` say.
    pub(crate) fn from_environment(rounds: u64) -> Self {
        let number = |name: &str| {
            let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
            Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, and is {text}")))
        };
        let random = || uuid::Uuid::new_v4().as_fields().0;
        Self {
            rounds: number("ROUNDS").unwrap_or(rounds),
            seed: number("SEED").unwrap_or_else(|| random().into()),
            plant: None,
        }
    }
}

/// What happened, and what should not have.
pub(crate) struct Report {
    pub(crate) violations: Vec<Violation>,
    summary: String,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary)?;
        for violation in &self.violations {
            write!(f, "\n  {violation}")?;
        }
        Ok(())
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
    let world = World::set_up(plan.plant).await;
    println!(
        "{} rounds on {}, SEED={} in {}",
        plan.rounds,
        world.database,
        plan.seed,
        world.folder.display()
    );
    let (server, _) = world.program.start().await;
    let orders = world.place_orders((plan.rounds * 20).clamp(160, 4_000)).await;
    let (journal, stop) = (Journal::default(), CancellationToken::new());
    let mut clients = set_to_work(&world, plan, &orders, &journal, &stop);
    let begun = Instant::now();
    let havoc = wreak(&world, plan, server).await;
    let killing = begun.elapsed();

    world.erp.heal();
    let (server, _) = world.program.start().await;
    stop.cancel();
    while let Some(client) = clients.join_next().await {
        client.expect("a client does not give up");
    }
    let drained = drain(&world.supplier(), orders).await;
    let logged = evidence::logged(&world.buyer()).await.expect("the server is not killed any more");
    server.kill();
    let audit = match world.program.run(&["audit", "verify"]) {
        (Some(0), said) => Ok(said),
        (_, said) => Err(said),
    };
    let evidence = Evidence {
        journal: journal.read(),
        stored: drained.stored,
        logged,
        effects: world.erp.documents(),
        erp: world.erp.report(),
        audit,
    };
    let violations = verdict::judge(&evidence);
    let summary = summary(plan, &world, &havoc, &evidence, (killing, drained.took), violations.len());
    if violations.is_empty() || plan.plant.is_some() {
        let _ = std::fs::remove_dir_all(&world.folder);
    }
    Report { violations, summary }
}

fn set_to_work(
    world: &World,
    plan: &Plan,
    orders: &[String],
    journal: &Journal,
    stop: &CancellationToken,
) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    let api = world.supplier();
    for (number, orders) in orders.chunks(orders.len().div_ceil(CLIENTS)).enumerate() {
        let client = Client {
            number,
            api: api.clone(),
            orders: orders.to_vec(),
            journal: journal.clone(),
            dice: Dice::new(plan.seed, 1 + number as u64),
        };
        clients.spawn(client.run(stop.clone()));
    }
    clients
}

/// Kills the server once a round, and lets the ERP misbehave.
async fn wreak(world: &World, plan: &Plan, first: crate::server::Server) -> Havoc {
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
        let before = world.erp.report().documents;
        let life = dice.millis(LIFE);
        let half = life / 2;
        tokio::time::sleep(half).await;
        havoc.faults += misbehave(&world.erp, &mut dice);
        if dice.one_in(3) {
            let place = usize::try_from(dice.pick(0..WEATHERS.len() as u64)).unwrap();
            world.wire.set(WEATHERS[place]);
        }
        tokio::time::sleep(life - half).await;
        alive.kill();
        world.wire.set(Weather::Fair);
        havoc.deliveries += u64::from(world.erp.report().documents > before);
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

struct Drained {
    stored: Vec<Stored>,
    took: Duration,
}

/// Waits until every answer on file is delivered, or for as long as that may take.
async fn drain(supplier: &Api, orders: Vec<String>) -> Drained {
    let begun = Instant::now();
    let (mut done, mut waiting) = (Vec::new(), orders.into_iter().collect::<BTreeSet<_>>());
    loop {
        let last = begun.elapsed() > DRAIN;
        for order in waiting.clone() {
            let stored = evidence::stored(supplier, &order).await;
            let stored = stored.expect("the server is not killed any more");
            if last || stored.iter().all(Stored::is_delivered) {
                done.extend(stored);
                waiting.remove(&order);
            }
        }
        if waiting.is_empty() {
            return Drained { stored: done, took: begun.elapsed() };
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn summary(
    plan: &Plan,
    world: &World,
    havoc: &Havoc,
    evidence: &Evidence,
    (killing, draining): (Duration, Duration),
    violations: usize,
) -> String {
    let accepted = evidence.journal.iter().filter(|intent| intent.accepted().is_some()).count();
    let attempts: u32 = evidence.journal.iter().map(|intent| intent.attempts).sum();
    let told: usize = evidence.journal.iter().map(|Intent { told, .. }| told.len()).sum();
    let retries = attempts as usize - told;
    let audit = match &evidence.audit {
        Ok(said) | Err(said) => said.lines().last().unwrap_or_default(),
    };
    format!(
        "{database}: {rounds} kills in {killing:.0?} (the server was ready again within {slowest:.1?}), {faults} ERP faults queued, \
         {spoilt} connections spoilt on the wire, deliveries in {deliveries} rounds\n\
         {accepted} answers accepted, {retries} retries with the same key, {again} asked once more\n\
         {effects} effects at the ERP, {repeats} repeats recognised, drained in {draining:.0?}\n\
         audit: {audit}\n\
         SEED={seed}: {violations} violations{kept}",
        database = world.database,
        rounds = plan.rounds,
        slowest = havoc.slowest_start,
        faults = havoc.faults,
        spoilt = world.wire.spoilt(),
        deliveries = havoc.deliveries,
        again = told - evidence.journal.iter().filter(|intent| !intent.told.is_empty()).count(),
        effects = evidence.erp.documents,
        repeats = evidence.erp.repeats,
        seed = plan.seed,
        kept = if violations == 0 || plan.plant.is_some() { "" } else { ", the folder is kept" },
    )
}
