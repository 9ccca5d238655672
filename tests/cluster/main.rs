//! The cluster test: three serving and two working processes on PostgreSQL and NATS are killed and restarted in turn under
//! load, while the systems they deliver to misbehave. `docs/reliability.md` says what must hold and how to run it.
//!
//! A [`world`] is set up; [`load`] hands in orders, answers and announces shipments; [`readers`] follow the log and come
//! again elsewhere; the [`nemesis`] kills and spoils; when all is healed and drained, the [`verdict`] compares what
//! clients were told, what the log has, what the simulated ERP and WMS booked, what readers saw and what was published.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../crash/dice.rs"]
mod dice;
mod evidence;
mod load;
mod nemesis;
mod nodes;
#[path = "../harness/proxy.rs"]
mod proxy;
mod readers;
#[path = "../harness/script.rs"]
mod script;
mod verdict;
mod world;

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// How long load and havoc go on, in seconds, unless `SECONDS` says otherwise.
const HAVOC: u64 = 90;
/// How long everything may take to arrive once all is healed: the longest wait after the attempts that were spoilt, the time
/// until what was delivered is looked for, and looked for again after a question in vain, and the work itself. It ends as soon as nothing is left.
const DRAIN: Duration = Duration::from_secs(420);

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, and is {text}")))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make cluster-test"]
async fn several_nodes_lose_nothing_and_do_nothing_twice_whatever_is_killed() {
    let seconds = number("SECONDS").unwrap_or(HAVOC);
    let seed = number("SEED").unwrap_or_else(|| uuid::Uuid::new_v4().as_fields().0.into());
    let mut world = world::World::set_up().await;
    println!("{seconds} seconds of havoc, SEED={seed}, in {}", world.folder.display());

    let (stop, begun) = (CancellationToken::new(), Instant::now());
    let load = load::begin(&world, seed, &stop);
    let readers = readers::begin(&world, seed);
    let havoc = nemesis::wreak(&mut world, seed, Duration::from_secs(seconds)).await;
    let havoc_took = begun.elapsed();
    world.heal().await;
    stop.cancel();
    let journal = load.end().await;
    let drained = world.drain(DRAIN).await;
    let evidence = evidence::gather(&world, journal, readers, drained).await;
    let verdict = verdict::judge(&evidence);
    println!("{}", verdict::table(&world, seed, &havoc, havoc_took, &evidence, &verdict));
    world.end(verdict.holds()).await;
    assert!(verdict.holds(), "run it again with SEED={seed}");
}
