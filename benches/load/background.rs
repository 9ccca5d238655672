//! What happens after a commit: events find their place, their receivers and their subscribers.
use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use quayside_simulator::Erp;

use crate::{
    arrivals::{self, Arrivals},
    client::{self, Client},
    database::Database,
    documents,
    load::{self, Measured},
    process,
    seed::{OpenOrder, World},
    server::Server,
};

/// How long a subscription gets to be in place: its head is sent before it is.
const SETTLE: Duration = Duration::from_millis(300);
/// Between two answers, so that each finds the server idle.
const PAUSE: Duration = Duration::from_millis(20);
/// Answers seen by one subscriber.
const EACH: usize = 20;
/// Who answer at once while the way to the ERP is measured under load.
const CLIENTS: usize = 4;

/// Starts a server that finds `count` answers undelivered, and waits until the ERP has them all besides those that
/// were `there`.
pub(crate) fn drain(
    start: impl FnOnce() -> anyhow::Result<Server>,
    database: &Database,
    erp: &Erp,
    (there, count): (usize, usize),
) -> anyhow::Result<(Server, Measured)> {
    let (began, driver, used) = (Instant::now(), process::cpu(std::process::id(), false)?, database.cpu()?);
    let server = start()?;
    while usize::try_from(erp.report().documents)? < there + count {
        ensure!(
            began.elapsed() < Duration::from_secs(120),
            "of {count} answers arrived {} less {there}",
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

/// The time from the reply to an answer to its arrival at the ERP, one at a time on an idle server.
pub(crate) fn lag_of_one(
    server: &Server,
    world: &World,
    arrivals: &Arrivals,
    orders: &[OpenOrder],
) -> anyhow::Result<Measured> {
    let mut client = Client::connect(server.address)?;
    let mut waits = Vec::with_capacity(orders.len());
    for order in orders {
        thread::sleep(PAUSE);
        let replied = answer(&mut client, world, order)?;
        waits.extend(arrivals::lags(arrivals, &[(order.id.clone(), replied)])?.0);
    }
    let (p50_ms, p99_ms) = load::percentiles(&mut waits);
    Ok(Measured { p50_ms, p99_ms, rss_mib: process::rss_mib(server.pid())?, ..Measured::default() })
}

/// The same while `CLIENTS` answer as fast as they can: events a second from the first answer to the last arrival.
pub(crate) fn lag_under_load(
    server: &Server,
    database: &Database,
    world: &World,
    arrivals: &Arrivals,
    orders: &[OpenOrder],
    time: Duration,
) -> anyhow::Result<Measured> {
    let (driver, used) = (process::cpu(std::process::id(), false)?, database.cpu()?);
    let (served, began, next) = (process::cpu(server.pid(), false)?, Instant::now(), AtomicUsize::new(0));
    let replied: Vec<anyhow::Result<Vec<(String, Instant)>>> = thread::scope(|scope| {
        let answering = (0..CLIENTS).map(|_| {
            scope.spawn(|| {
                let mut client = Client::connect(server.address)?;
                let mut replied = Vec::new();
                while began.elapsed() < time {
                    let Some(order) = orders.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                    replied.push((order.id.clone(), answer(&mut client, world, order)?));
                }
                Ok(replied)
            })
        });
        let answering: Vec<_> = answering.collect();
        answering.into_iter().map(|client| client.join().expect("a client returns its errors")).collect()
    });
    let mut all = Vec::new();
    for some in replied {
        all.extend(some?);
    }
    let (mut waits, last) = arrivals::lags(arrivals, &all)?;
    let count = all.len() as f64;
    let per_thousand = |cpu: Duration| cpu.as_secs_f64() * 1_000.0 / count;
    let (p50_ms, p99_ms) = load::percentiles(&mut waits);
    Ok(Measured {
        per_second: count / last.duration_since(began).as_secs_f64(),
        p50_ms,
        p99_ms,
        server_cpu: per_thousand(process::cpu(server.pid(), false)?.saturating_sub(served)),
        database_cpu: per_thousand(database.cpu()?.saturating_sub(used)),
        driver_cpu: per_thousand(process::cpu(std::process::id(), false)?.saturating_sub(driver)),
        rss_mib: process::rss_mib(server.pid())?,
    })
}

/// Takes every line of an order, and says when the reply was there.
pub(crate) fn answer(client: &mut Client, world: &World, order: &OpenOrder) -> anyhow::Result<Instant> {
    let key = format!("answer-{}-{}", order.id, uuid::Uuid::now_v7().simple());
    let request = documents::submit(&order.id, &order.lines, &key);
    let reply = client.send(&client::graphql(&world.tokens[order.supplier], &request, "application/json"))?;
    let replied = Instant::now();
    let text = String::from_utf8_lossy(reply);
    ensure!(text.contains("\"userErrors\":[]") && !text.contains("\"errors\""), "{text}");
    Ok(replied)
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
