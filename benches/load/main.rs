//! Drives the real server over loopback and says what it does, beside what plain PostgreSQL does in the same run.
//!
//! `ORDERS=200000 DATABASES=postgres,sqlite SECONDS=5 ROUNDS=3 ONLY=page,submit make bench`. How to read the
//! result: `docs/operations/benchmarks.md`.
#![expect(clippy::print_stdout, reason = "the result is what a benchmark is for")]

mod arrivals;
mod background;
mod client;
mod crowd;
mod database;
mod documents;
mod footprint;
mod goods;
mod load;
mod peers;
mod process;
mod reads;
mod report;
mod seed;
mod server;
mod writes;

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::{Duration, Instant},
};

use anyhow::Context;
use quayside::{app::App, config};
use quayside_canonical::Timestamp;
use quayside_domain::Clock;

use arrivals::Arrivals;
use crowd::Crowd;
use database::Database;
use goods::{Goods, Kind};
use load::Measured;
use reads::Reads;
use report::Report;
use seed::World;
use server::{SECRETS_KEY, Server};
use writes::Writes;

/// The calls that deliveries are compared with.
const BARE: &str = "bare signed calls";

/// What to run.
struct Plan {
    orders: usize,
    databases: Vec<String>,
    time: Duration,
    rounds: usize,
    only: Vec<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let plan = Plan::read()?;
    for kind in &plan.databases {
        let folder = Folder::new(kind)?;
        let database = match kind.as_str() {
            "sqlite" => Database::sqlite(&folder.0),
            _ => Database::postgres().await?,
        };
        let ran = run(&plan, kind, &folder.0, &database).await;
        database.remove().await?;
        ran?;
    }
    Ok(())
}

impl Plan {
    fn read() -> anyhow::Result<Self> {
        let list = |name: &str, usual: &str| -> Vec<String> {
            let text = std::env::var(name).unwrap_or_else(|_| usual.to_owned());
            text.split(',').filter(|item| !item.is_empty()).map(str::to_owned).collect()
        };
        Ok(Self {
            orders: number("ORDERS", 10_000)?,
            databases: list("DATABASES", "postgres,sqlite"),
            time: Duration::from_secs(number("SECONDS", 5)?),
            rounds: number("ROUNDS", 3)?,
            only: list("ONLY", ""),
        })
    }

    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|wanted| wanted == part)
    }
}

fn number<T: FromStr>(name: &str, usual: T) -> anyhow::Result<T> {
    match std::env::var(name) {
        Ok(text) => text.parse().ok().with_context(|| format!("{name} is a whole number, not `{text}`")),
        Err(_) => Ok(usual),
    }
}

/// A run on one database.
struct Run<'a> {
    plan: &'a Plan,
    folder: &'a Path,
    database: &'a Database,
    world: World,
    reads: Reads,
    writes: Writes,
    goods: Goods,
    report: Report,
    /// What was answered after this can be opened again.
    seeded_at: Timestamp,
}

async fn run(plan: &Plan, kind: &str, folder: &Path, database: &Database) -> anyhow::Result<()> {
    let began = Instant::now();
    let app = open(folder, database).await?;
    let mut world = seed::world(&app, plan.orders).await?;
    let seeded_in = began.elapsed();
    // The yardsticks know only the orders that are there by now.
    database.add_helpers().await?;
    if ["shipments", "receipts", "lists"].iter().any(|part| plan.wants(part)) {
        world.add_shippers(&app).await?;
    }
    app.close().await?;
    database.tidy().await?;
    println!(
        "\n# {kind}, {} orders ({} open) of {} suppliers, placed in {:.1} s",
        plan.orders,
        world.open.len(),
        world.tokens.len(),
        seeded_in.as_secs_f64()
    );
    let reads = Reads::new(&world);
    let (writes, report, seeded_at) = (Writes::default(), Report::default(), Timestamp::now());
    let mut run =
        Run { plan, folder, database, world, reads, writes, goods: Goods::default(), report, seeded_at };
    let server = run.start()?;
    println!("a page is {} bytes", run.reads.check(&server)?);
    // Fills caches and plans, once.
    run.reads.page(&server, database, 16, Duration::from_secs(1))?;
    for round in 1..=plan.rounds {
        println!("round {round} of {}", plan.rounds);
        run.round(&server).await?;
    }
    server.stop()?;
    run.crowds().await?;
    run.deliveries_and_news().await?;
    run.verify()?;
    let footprint = match plan.wants("start") {
        true => Some(footprint::measure(folder, || run.start())?),
        false => None,
    };
    println!("\n{}", run.report.table());
    println!("{}", run.report.verdict(!database.is_postgres(), footprint.as_ref()));
    Ok(())
}

impl Run<'_> {
    fn start(&self) -> anyhow::Result<Server> {
        Server::start(self.folder, &self.database.url, self.reads.first_request())
    }

    /// Every cell once, each beside its yardstick.
    async fn round(&mut self, server: &Server) -> anyhow::Result<()> {
        let (plan, database) = (self.plan, self.database);
        if plan.wants("page") {
            self.yardstick(server, "page", 16).await?;
            for clients in [16, 1, 64] {
                let page = self.reads.page(server, database, clients, plan.time)?;
                self.report.note(&format!("page c{clients}"), page);
            }
        }
        if plan.wants("order") {
            let one = self.reads.one(server, database, 16, plan.time)?;
            self.report.note("order c16", one);
        }
        if plan.wants("submit") {
            self.yardstick(server, "submit", 8).await?;
            for clients in [16, 1, 64] {
                self.reopen().await?;
                let submit = self.writes.submit(server, database, &self.world, clients, plan.time)?;
                self.report.note(&format!("submit c{clients}"), submit);
                database.wait_for_dispatch().await?;
            }
            self.reopen().await?;
            for clients in [1, 16, 64] {
                self.yardstick(server, "commit", clients).await?;
            }
        }
        if plan.wants("ingest") {
            self.yardstick(server, "ingest", 8).await?;
            let many = self.writes.ingest_many(server, database, &self.world, plan.time)?;
            self.report.note("ingest 100 c4", many);
            database.wait_for_dispatch().await?;
            let one = self.writes.ingest_one(server, database, &self.world, 16, plan.time)?;
            self.report.note("ingest 1 c16", one);
            database.wait_for_dispatch().await?;
            database.tidy().await?;
        }
        self.goods(server).await
    }

    /// Shipments, their receipts, and the lists.
    async fn goods(&mut self, server: &Server) -> anyhow::Result<()> {
        let (plan, database) = (self.plan, self.database);
        if plan.wants("shipments") {
            for clients in [1, 16] {
                let announced = self.goods.announce(server, database, &self.world, clients, plan.time)?;
                self.report.note(&format!("shipments c{clients}"), announced);
                database.wait_for_dispatch().await?;
            }
        }
        if plan.wants("receipts") || plan.wants("lists") {
            // Something to receive and to list; not counted.
            self.goods.announce(server, database, &self.world, 16, plan.time)?;
            database.wait_for_dispatch().await?;
        }
        if plan.wants("receipts") {
            for (name, kind, clients, batch) in [
                ("increment", Kind::Increment, 1, 1),
                ("increment", Kind::Increment, 4, 1),
                ("increment", Kind::Increment, 4, goods::MANY),
                ("final", Kind::Final, 4, 1),
            ] {
                let how = (kind, clients, batch);
                let received = self.goods.receive(server, database, &self.world, how, plan.time)?;
                self.report.note(&format!("receipts {name} {batch} c{clients}"), received);
                database.wait_for_dispatch().await?;
            }
        }
        if plan.wants("lists") {
            self.goods.receive(server, database, &self.world, (Kind::Final, 4, 1), plan.time)?;
            database.wait_for_dispatch().await?;
            database.tidy().await?;
            for list in ["purchaseOrders", "shipments", "discrepancies", "exceptions"] {
                let listed = goods::list(server, database, &self.world, list, plan.time)?;
                self.report.note(&format!("list {list} c16"), listed);
            }
        }
        Ok(())
    }

    /// `quayside ledger verify` as an operator runs it.
    fn verify(&self) -> anyhow::Result<()> {
        if !self.plan.wants("ledger") {
            return Ok(());
        }
        let began = Instant::now();
        let ran = server::command(self.folder, &self.database.url).args(["ledger", "verify"]).output()?;
        let (told, took) = (String::from_utf8_lossy(&ran.stdout), began.elapsed().as_secs_f64());
        println!("ledger verify: {took:.2} s, {}: {}", ran.status, told.lines().last().unwrap_or_default());
        Ok(())
    }

    /// The same work by plain SQL, while the server is held still. Its events are nobody's: they are taken away.
    async fn yardstick(&mut self, server: &Server, script: &str, clients: usize) -> anyhow::Result<()> {
        if !self.database.is_postgres() {
            return Ok(());
        }
        let held = server.hold()?;
        let sizes = [("suppliers", self.world.tokens.len()), ("orders", self.world.open.len())];
        let measured = self.database.pgbench(&format!("{script}.sql"), clients, self.plan.time, &sizes)?;
        self.report.note(&format!("pgbench {script} c{clients}"), measured);
        self.database.run("set role quayside_worker; delete from outbox").await?;
        drop(held);
        Ok(())
    }

    async fn reopen(&self) -> anyhow::Result<()> {
        self.database.reopen(self.seeded_at.micros()).await
    }

    /// One event to 1, 100, 1,000 and 5,000 sockets, and to the same crowd of a peer.
    async fn crowds(&mut self) -> anyhow::Result<()> {
        if !self.plan.wants("crowd") {
            return Ok(());
        }
        self.reopen().await?;
        let server = self.start()?;
        for (supplier, (size, events)) in crowd::SIZES.into_iter().enumerate() {
            let orders: Vec<_> =
                self.world.open.iter().filter(|order| order.supplier == supplier).cloned().collect();
            let token = self.world.tokens[supplier].clone();
            let source = crowd::Source { address: server.address, token: &token, pid: server.pid() };
            let before = process::rss_mib(server.pid())?;
            let mut crowd = Crowd::gather(&source, size).await?;
            let mut client = client::Client::connect(server.address)?;
            let mut tell = |place: usize| -> anyhow::Result<String> {
                let order = orders.get(place).context("a supplier with too few open orders")?;
                background::answer(&mut client, &self.world, order)?;
                Ok(order.id.clone())
            };
            let used = crowd.warm_up(&mut tell).await?;
            let heard = crowd.hear(&source, events, |event| tell(used + event)).await?;
            println!("{size} sockets: {:.0} KiB each", (heard.rss_mib - before) * 1024.0 / size as f64);
            self.report.note(&format!("crowd of {size}"), heard);
        }
        server.stop()?;
        if let Some(peer) = peers::Crowd::start()? {
            let source = crowd::Source { address: peer.address, token: "", pid: peer.pid() };
            let (size, events) = crowd::COMPARED;
            let mut crowd = Crowd::gather(&source, size).await?;
            let used = crowd.warm_up(|event| peer.tell(event)).await?;
            let heard = crowd.hear(&source, events, |event| peer.tell(used + event)).await?;
            self.report.note(peers::CROWD, heard);
        }
        Ok(())
    }

    /// Answers that wait for a server and for an ERP, played in this process; then subscribers on an idle server,
    /// and the way of an answer to the ERP.
    async fn deliveries_and_news(&mut self) -> anyhow::Result<()> {
        if !self.plan.wants("background") {
            return Ok(());
        }
        self.reopen().await?;
        let arrivals = Arrivals::start().await?;
        self.report.note(BARE, arrivals.bare(self.plan.time).await?);
        let app = open(self.folder, self.database).await?;
        self.world.connect_all(&app, &arrivals.endpoint).await?;
        let count = self.world.answer_unserved(&app, (self.plan.orders / 2).min(5_000)).await?;
        app.close().await?;
        let bare = usize::try_from(arrivals.erp.report().documents)?;
        let (server, delivered) =
            background::drain(|| self.start(), self.database, &arrivals.erp, (bare, count))?;
        self.report.note("deliveries", delivered);
        let news: Measured = background::news(&server, &self.world, 200)?;
        self.report.note("news", news);
        self.reopen().await?;
        let few = 200.min(self.world.open.len() / 2);
        let (paced, rest) = self.world.open.split_at(few);
        let one = background::lag_of_one(&server, &self.world, &arrivals, paced)?;
        self.report.note("to the ERP, one at a time", one);
        let many = (self.plan.time, rest);
        let loaded =
            background::lag_under_load(&server, self.database, &self.world, &arrivals, many.1, many.0)?;
        self.report.note("to the ERP, c4", loaded);
        server.stop()?;
        for (cell, measured) in peers::queues(self.database, &arrivals.endpoint)? {
            self.report.note(&cell, measured);
        }
        Ok(())
    }
}

/// The application in the driver's own process, for what is set up and prepared.
async fn open(folder: &Path, database: &Database) -> anyhow::Result<App> {
    let folder = folder.to_str().context("the scratch folder's name is text")?;
    let settings = [
        ("data_dir", folder),
        ("database.url", database.url.as_str()),
        ("secrets.key", SECRETS_KEY),
        ("delivery.allow_loopback", "true"),
    ];
    App::open(config::load(None, [], &settings)?, Clock::system()).await
}

/// A folder that goes with the run.
struct Folder(PathBuf);

impl Folder {
    fn new(kind: &str) -> std::io::Result<Self> {
        let name = format!("quayside-bench-{kind}-{}", uuid::Uuid::now_v7().simple());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
