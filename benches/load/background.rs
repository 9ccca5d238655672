//! What happens after a commit: events find their place, their receivers and their subscribers.
use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use quayside_simulator::Erp;

use crate::{
    client::{self, Client},
    database::Database,
    documents,
    load::{self, Measured},
    process,
    seed::World,
    server::Server,
};

/// How long a subscription gets to be in place: its head is sent before it is.
const SETTLE: Duration = Duration::from_millis(300);
/// Between two answers, so that each finds the server idle.
const PAUSE: Duration = Duration::from_millis(20);
/// Answers seen by one subscriber.
const EACH: usize = 20;

/// Starts a server that finds `count` answers undelivered, and waits until the ERP has them all.
pub(crate) fn drain(
    start: impl FnOnce() -> anyhow::Result<Server>,
    database: &Database,
    erp: &Erp,
    count: usize,
) -> anyhow::Result<(Server, Measured)> {
    let (began, driver, used) = (Instant::now(), process::cpu(std::process::id(), false)?, database.cpu()?);
    let server = start()?;
    while usize::try_from(erp.report().documents)? < count {
        ensure!(
            began.elapsed() < Duration::from_secs(120),
            "only {} of {count} answers arrived",
            erp.report().documents
        );
        thread::sleep(Duration::from_millis(2));
    }
    let took = began.elapsed();
    let report = erp.report();
    ensure!(
        report.duplicate_effects == 0 && report.out_of_order == 0,
        "the ERP's books are wrong: {report:?}"
    );
    let per_thousand = |cpu: Duration| cpu.as_secs_f64() * 1_000.0 / count as f64;
    let measured = Measured {
        per_second: count as f64 / took.as_secs_f64(),
        server_cpu: per_thousand(process::cpu(server.pid(), false)?),
        database_cpu: per_thousand(database.cpu()?.saturating_sub(used)),
        driver_cpu: per_thousand(process::cpu(std::process::id(), false)?.saturating_sub(driver)),
        rss_mib: process::rss_mib(server.pid())?,
        ..Measured::default()
    };
    Ok((server, measured))
}

/// The time from the reply to an answer, which is sent after its commit, to the event at a subscriber.
pub(crate) fn news(server: &Server, world: &World, count: usize) -> anyhow::Result<Measured> {
    let mut waits = Vec::with_capacity(count);
    for (supplier, token) in world.tokens.iter().enumerate().rev() {
        if waits.len() >= count {
            break;
        }
        let events = subscribe(server, token)?;
        let mut client = Client::connect(server.address)?;
        let orders = world.open.iter().filter(|order| order.supplier == supplier).take(EACH);
        for order in orders {
            thread::sleep(PAUSE);
            let key = format!("news-{}", order.id);
            let request = documents::submit(&order.id, &order.lines, &key);
            client.send(&client::graphql(token, &request, "application/json"))?;
            let replied = Instant::now();
            let seen = events.recv_timeout(Duration::from_secs(5)).context("an event did not arrive")??;
            waits.push(seen.saturating_duration_since(replied));
        }
    }
    let (p50_ms, p99_ms) = load::percentiles(&mut waits);
    Ok(Measured { p50_ms, p99_ms, rss_mib: process::rss_mib(server.pid())?, ..Measured::default() })
}

/// Follows a supplier's events on a thread of its own, which ends with its connection.
fn subscribe(server: &Server, token: &str) -> anyhow::Result<mpsc::Receiver<anyhow::Result<Instant>>> {
    let mut client = Client::connect(server.address)?;
    client.open_stream(&client::graphql(token, &documents::follow(), "text/event-stream"))?;
    let (told, events) = mpsc::channel();
    thread::spawn(move || {
        loop {
            let event = client.next_event().map(|_| Instant::now());
            let ended = event.is_err();
            if told.send(event).is_err() || ended {
                return;
            }
        }
    });
    thread::sleep(SETTLE);
    Ok(events)
}
