//! Closed loops: so many clients, each of which sends its next request when the last one is answered.
use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{client::Client, database::Database, process, server::Server};

/// What one cell saw.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Measured {
    /// Units of work a second: requests, or orders when a request holds many.
    pub(crate) per_second: f64,
    /// Median latency of a request in milliseconds.
    pub(crate) p50_ms: f64,
    /// Latency that one request in a hundred exceeds, in milliseconds.
    pub(crate) p99_ms: f64,
    /// The server's processor seconds for a thousand units.
    pub(crate) server_cpu: f64,
    /// The database's processor seconds for a thousand units.
    pub(crate) database_cpu: f64,
    /// The driver's own.
    pub(crate) driver_cpu: f64,
    /// The server's resident memory after the cell, in MiB.
    pub(crate) rss_mib: f64,
}

impl Measured {
    /// Everybody's processor seconds for a thousand units.
    pub(crate) fn cpu(&self) -> f64 {
        self.server_cpu + self.database_cpu + self.driver_cpu
    }
}

/// What one client does: sends one request and says how many units that was; `None` when it has no more.
pub(crate) type Turn<'a> = Box<dyn FnMut(&mut Client) -> anyhow::Result<Option<usize>> + Send + 'a>;

/// Processor time of everybody at one moment.
struct Meter {
    at: Instant,
    server: Duration,
    database: Duration,
    driver: Duration,
}

impl Meter {
    fn read(server: &Server, database: &Database) -> anyhow::Result<Self> {
        Ok(Self {
            at: Instant::now(),
            server: process::cpu(server.pid(), false)?,
            database: database.cpu()?,
            driver: process::cpu(std::process::id(), false)?,
        })
    }
}

/// Runs `clients` of them for `time` at most.
pub(crate) fn run<'a>(
    server: &Server,
    database: &Database,
    clients: usize,
    time: Duration,
    turn_of: impl Fn(usize) -> Turn<'a>,
) -> anyhow::Result<Measured> {
    let mut connections = Vec::with_capacity(clients);
    for number in 0..clients {
        connections.push((Client::connect(server.address)?, turn_of(number)));
    }
    let before = Meter::read(server, database)?;
    let deadline = before.at + time;
    let results: Vec<anyhow::Result<Tally>> = thread::scope(|scope| {
        let running: Vec<_> = connections
            .into_iter()
            .map(|(client, turn)| scope.spawn(move || talk(client, turn, deadline)))
            .collect();
        running.into_iter().map(|client| client.join().expect("a client returns its errors")).collect()
    });
    let after = Meter::read(server, database)?;
    let mut all = Tally::default();
    for result in results {
        let result = result?;
        all.units += result.units;
        all.latencies.extend(result.latencies);
    }
    Ok(Measured { rss_mib: process::rss_mib(server.pid())?, ..all.measured(&before, &after) })
}

#[derive(Default)]
struct Tally {
    units: usize,
    latencies: Vec<Duration>,
}

fn talk(mut client: Client, mut turn: Turn<'_>, deadline: Instant) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    loop {
        let sent = Instant::now();
        if sent >= deadline {
            return Ok(tally);
        }
        let Some(units) = turn(&mut client)? else { return Ok(tally) };
        tally.units += units;
        tally.latencies.push(sent.elapsed());
    }
}

impl Tally {
    fn measured(&mut self, before: &Meter, after: &Meter) -> Measured {
        let units = self.units.max(1) as f64;
        let per_thousand =
            |before: Duration, after: Duration| after.saturating_sub(before).as_secs_f64() * 1_000.0 / units;
        let (p50_ms, p99_ms) = percentiles(&mut self.latencies);
        Measured {
            per_second: units / (after.at - before.at).as_secs_f64(),
            p50_ms,
            p99_ms,
            server_cpu: per_thousand(before.server, after.server),
            database_cpu: per_thousand(before.database, after.database),
            driver_cpu: per_thousand(before.driver, after.driver),
            rss_mib: 0.0,
        }
    }
}

/// Median and 99th percentile in milliseconds.
pub(crate) fn percentiles(latencies: &mut [Duration]) -> (f64, f64) {
    latencies.sort_unstable();
    let at = |percent: usize| {
        let place = (latencies.len() * percent / 100).min(latencies.len().saturating_sub(1));
        latencies.get(place).map_or(0.0, |latency| latency.as_secs_f64() * 1_000.0)
    };
    (at(50), at(99))
}
