//! What others do with the same work on the same machine: Node programs in `benches/peers`, run when `PEERS=1`.
use std::{
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, ensure};
use serde::Deserialize;
use serde_json::json;

use crate::{client::Client, database::Database, load::Measured, seed::ERP_SECRET};

/// The cell of graphql-ws.
pub(crate) const CROWD: &str = "crowd of 1000, graphql-ws";
/// The cell of graphile-worker with a queue for each order, which keeps order as we do.
pub(crate) const ORDERED: &str = "deliveries, graphile-worker in order";
/// Deliveries of each queue.
const JOBS: &str = "3000";

/// A server with the library that most Node servers use.
pub(crate) struct Crowd {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Crowd {
    /// Starts it, if peers are wanted.
    pub(crate) fn start() -> anyhow::Result<Option<Self>> {
        let Some(folder) = folder()? else { return Ok(None) };
        let mut child = Command::new("node").arg(folder.join("crowd.mjs")).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("it has an output")?).read_line(&mut line)?;
        let port = line.trim().parse().with_context(|| format!("not a port: `{line}`"))?;
        Ok(Some(Self { child, address: (Ipv4Addr::LOCALHOST, port).into() }))
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Tells every subscriber an event as large as ours, and gives the order it is about.
    pub(crate) fn tell(&self, number: usize) -> anyhow::Result<String> {
        let order = format!("po_{number}-{}", uuid::Uuid::now_v7().simple());
        let part = json!({ "kind": "ACCEPTED", "quantity": "100", "unit": "EA", "promised": "2026-03-20" });
        let lines: Vec<_> = (1..=8)
            .map(|line| json!({ "line": (line * 10).to_string(), "status": "ACCEPTED", "parts": [part] }))
            .collect();
        let event = json!({
            "id": format!("evt_{number}"), "type": "acknowledgment.submitted", "subject": format!("ack_{number}"),
            "purchaseOrderId": order, "data": { "order": order, "orderNumber": "4500017", "revision": 1, "lines": lines },
        })
        .to_string();
        let request = format!(
            "POST /tell HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{event}",
            event.len()
        );
        Client::connect(self.address)?.send(request.as_bytes())?;
        Ok(order)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    per_second: f64,
    cpu: f64,
}

/// The same deliveries by a queue in the same database, to the same ERP.
pub(crate) fn queues(database: &Database, endpoint: &str) -> anyhow::Result<Vec<(String, Measured)>> {
    if !database.is_postgres() {
        return Ok(Vec::new());
    }
    let Some(folder) = folder()? else { return Ok(Vec::new()) };
    let mut cells = Vec::new();
    for (cell, order) in [(ORDERED, "ordered"), ("deliveries, graphile-worker in any order", "any")] {
        let ran = Command::new("node")
            .arg(folder.join("queue.mjs"))
            .args([database.url.as_str(), endpoint, ERP_SECRET, JOBS, order])
            .output()?;
        let told = String::from_utf8_lossy(&ran.stdout);
        ensure!(ran.status.success(), "{told}{}", String::from_utf8_lossy(&ran.stderr));
        let line = told.lines().last().context("it said nothing")?;
        let Told { per_second, cpu } = serde_json::from_str(line)?;
        cells.push((cell.to_owned(), Measured { per_second, server_cpu: cpu, ..Measured::default() }));
    }
    Ok(cells)
}

/// Where the peers are, installed; nowhere if they are not wanted.
fn folder() -> anyhow::Result<Option<PathBuf>> {
    if std::env::var("PEERS").is_ok_and(|wanted| wanted == "1") {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
        if !folder.join("node_modules").is_dir() {
            let npm = Command::new("npm").args(["ci", "--silent"]).current_dir(&folder).status()?;
            ensure!(npm.success(), "npm could not install the peers");
        }
        return Ok(Some(folder));
    }
    Ok(None)
}
