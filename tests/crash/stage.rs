//! What every campaign has in common: a world under load, and in the end the verdict.
use std::{
    collections::BTreeSet,
    fmt,
    ops::Range,
    time::{Duration, Instant},
};

use quayside_simulator::{Document, Report as Books};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    api::Api,
    client::Client,
    dice::Dice,
    evidence::{self, Evidence, House, Stored},
    journal::{Intent, Journal},
    observation::Observation,
    server::Server,
    verdict::{self, Violation},
    world::World,
};

/// Suppliers' programs at work, for each tenant.
const CLIENTS: [usize; 2] = [12, 4];
/// How long everything may take to arrive once nobody kills or misbehaves any more: the lease of the last
/// victim (12 s), the longest wait after the attempts a campaign can spoil (2.5 min), and the work itself. It
/// ends as soon as nothing is left, usually soon after the lease.
const DRAIN: Duration = Duration::from_secs(12 + 150 + 60);

/// The seed that `SEED` names, or any.
pub(crate) fn seed() -> u64 {
    number("SEED").unwrap_or_else(|| uuid::Uuid::new_v4().as_fields().0.into())
}

/// The number in the environment variable `name`.
pub(crate) fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, and is {text}")))
}

/// A world at work.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) seed: u64,
    pub(crate) journal: Journal,
    /// Of each tenant.
    orders: [Vec<String>; 2],
    /// How many shifts there were.
    shifts: usize,
    /// Answers that are gone with all that Quayside knew of them.
    forgotten: BTreeSet<String>,
}

/// Clients at work on some of the orders.
pub(crate) struct Shift {
    stop: CancellationToken,
    clients: JoinSet<()>,
}

impl Shift {
    /// Waits until everybody has brought to an end what was begun. The server has to be well.
    pub(crate) async fn end(mut self) {
        self.stop.cancel();
        while let Some(client) = self.clients.join_next().await {
            client.expect("a client does not give up");
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

impl Stage {
    /// Starts the server and hands `orders` in, of which the second tenant gets a quarter.
    pub(crate) async fn set(world: World, seed: u64, orders: u64) -> (Self, Server) {
        println!("on {}, SEED={seed} in {}", world.database, world.folder.display());
        let (server, _) = world.program.start().await;
        let share = orders / 4;
        let placed = [
            world.tenants[0].place_orders(0..orders - share).await,
            world.tenants[1].place_orders(0..share).await,
        ];
        (
            Self {
                world,
                seed,
                journal: Journal::default(),
                orders: placed,
                shifts: 0,
                forgotten: BTreeSet::new(),
            },
            server,
        )
    }

    /// Lets clients answer all orders.
    pub(crate) fn work(&mut self) -> Shift {
        self.work_on((0, 1))
    }

    /// Lets clients answer one part of so many of the orders.
    pub(crate) fn work_on(&mut self, (part, of): (usize, usize)) -> Shift {
        let (mut clients, stop, journal) = (JoinSet::new(), CancellationToken::new(), self.journal.clone());
        let mut number = self.shifts * 100;
        self.shifts += 1;
        for ((tenant, orders), programs) in self.world.tenants.iter().zip(&self.orders).zip(CLIENTS) {
            let orders = &orders[section(orders.len(), part, of)];
            for orders in orders.chunks(orders.len().div_ceil(programs)) {
                let client = Client {
                    number,
                    api: tenant.supplier(),
                    edi: tenant.edi(),
                    orders: orders.to_vec(),
                    journal: journal.clone(),
                    dice: Dice::new(self.seed, 1 + number as u64),
                };
                clients.spawn(client.run(stop.clone()));
                number += 1;
            }
        }
        Shift { stop, clients }
    }

    /// The orders handed in later.
    #[cfg(feature = "planted-bugs")]
    pub(crate) fn add(&mut self, tenant: usize, orders: Vec<String>) {
        self.orders[tenant].extend(orders);
    }

    /// How long it takes until the next answer is accepted, at most `patience`.
    pub(crate) async fn accepts_again(&self, patience: Duration) -> Duration {
        let (begun, before) = (Instant::now(), self.journal.accepted());
        while self.journal.accepted() == before && begun.elapsed() < patience {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        begun.elapsed()
    }

    /// Waits until all is delivered, and judges. Nobody works any more, and `server` is well.
    pub(crate) async fn end(self, server: Server, headline: &str, observed: Vec<Observation>) -> Report {
        let drained = self.drain().await;
        self.judge(server, drained, headline, observed).await
    }

    /// Waits until every answer on file is delivered, or for as long as that may take.
    pub(crate) async fn drain(&self) -> Drained {
        let begun = Instant::now();
        let mut drained = Drained::default();
        let mut waiting: Vec<(Api, BTreeSet<String>)> = Vec::new();
        for (tenant, orders) in self.world.tenants.iter().zip(&self.orders) {
            waiting.push((tenant.supplier(), orders.iter().cloned().collect()));
        }
        loop {
            let last = begun.elapsed() > DRAIN;
            for (supplier, orders) in &mut waiting {
                for order in orders.clone() {
                    let stored = evidence::stored(supplier, &order).await;
                    let stored = stored.expect("the server is well");
                    if last || stored.iter().all(Stored::is_delivered) {
                        drained.stored.extend(stored);
                        orders.remove(&order);
                    }
                }
            }
            if waiting.iter().all(|(_, orders)| orders.is_empty()) {
                drained.took = begun.elapsed();
                return drained;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Gathers what there is, ends the server, and compares it with the journal.
    pub(crate) async fn judge(
        &self,
        server: Server,
        drained: Drained,
        headline: &str,
        observed: Vec<Observation>,
    ) -> Report {
        let (houses, logged) = self.houses().await;
        server.kill();
        let world = &self.world;
        let audit = match world.program.run(&["audit", "verify"]) {
            (Some(0), said) => Ok(said),
            (_, said) => Err(said),
        };
        let (files, strays) = evidence::from_database(&world.database_url).await;
        let evidence = Evidence {
            journal: self.journal.read(),
            stored: drained.stored,
            logged,
            effects: self.remembered(),
            erp: self.books(),
            audit,
            houses,
            strays,
            handed_in: self.journal.files(),
            files,
            messages: self.journal.messages(),
            mails: evidence::mails(world.data()),
            observed,
        };
        let violations = verdict::judge(&evidence);
        let summary = summary(self, headline, &evidence, drained.took, violations.len());
        if violations.is_empty() || world.disposable {
            let _ = std::fs::remove_dir_all(&world.folder);
        }
        Report { violations, summary }
    }

    /// All effects at the ERPs.
    pub(crate) fn effects(&self) -> Vec<Document> {
        self.world.tenants.iter().flat_map(|tenant| tenant.erp.documents()).collect()
    }

    /// From now on nobody is asked about these answers.
    pub(crate) fn forget(&mut self, answers: BTreeSet<String>) {
        self.forgotten.extend(answers);
    }

    fn remembered(&self) -> Vec<Document> {
        self.effects().into_iter().filter(|effect| !self.forgotten.contains(&effect.subject)).collect()
    }

    fn books(&self) -> Books {
        let mut sum = Books::default();
        for books in self.world.tenants.iter().map(|tenant| tenant.erp.report()) {
            sum.documents += books.documents;
            sum.repeats += books.repeats;
            sum.duplicate_effects += books.duplicate_effects;
            sum.out_of_order += books.out_of_order;
        }
        sum
    }

    async fn houses(&self) -> (Vec<House>, std::collections::BTreeMap<String, usize>) {
        let (mut houses, mut all) = (Vec::new(), std::collections::BTreeMap::new());
        for (tenant, orders) in self.world.tenants.iter().zip(&self.orders) {
            let logged = evidence::logged(&tenant.buyer()).await.expect("the server is well");
            let effects = tenant.erp.documents().into_iter();
            let effects = effects.map(|it| (it.tenant_id, it.order_id.unwrap_or_default()));
            houses.push(House {
                tenant: tenant.id.clone(),
                orders: orders.iter().cloned().collect(),
                effects: effects.collect(),
                logged: logged.keys().cloned().collect(),
            });
            all.extend(logged);
        }
        (houses, all)
    }
}

/// What was on file when nothing moved any more, and how long that took.
#[derive(Default)]
pub(crate) struct Drained {
    pub(crate) stored: Vec<Stored>,
    pub(crate) took: Duration,
}

/// The `part`th of `of` sections of so many.
fn section(length: usize, part: usize, of: usize) -> Range<usize> {
    length * part / of..length * (part + 1) / of
}

fn summary(
    stage: &Stage,
    headline: &str,
    evidence: &Evidence,
    draining: Duration,
    violations: usize,
) -> String {
    let accepted = evidence.journal.iter().filter(|intent| intent.accepted().is_some()).count();
    let attempts: u32 = evidence.journal.iter().map(|intent| intent.attempts).sum();
    let told: usize = evidence.journal.iter().map(|Intent { told, .. }| told.len()).sum();
    let audit = match &evidence.audit {
        Ok(said) | Err(said) => said.lines().last().unwrap_or_default(),
    };
    let observed: String = evidence.observed.iter().map(|it| format!("{it}\n")).collect();
    format!(
        "{headline} on {database}\n{observed}\
         {accepted} answers accepted, {retries} retries with the same key, {again} asked once more\n\
         {effects} effects at the ERPs, {repeats} repeats recognised, drained in {draining:.0?}; {files} files, \
         {mails} mails about {messages} messages\n\
         audit: {audit}\n\
         SEED={seed}: {violations} violations{kept}",
        database = stage.world.database,
        retries = (attempts as usize).saturating_sub(told),
        again = told - evidence.journal.iter().filter(|intent| !intent.told.is_empty()).count(),
        effects = evidence.erp.documents,
        repeats = evidence.erp.repeats,
        files = evidence.files.len(),
        mails = evidence.mails.len(),
        messages = evidence.messages.len(),
        seed = stage.seed,
        kept = if violations == 0 || stage.world.disposable { "" } else { ", the folder is kept" },
    )
}

#[test]
fn the_sections_are_the_whole() {
    let all: Vec<usize> = (0..3).flat_map(|part| section(20, part, 3)).collect();
    assert_eq!(all, (0..20).collect::<Vec<_>>());
}
