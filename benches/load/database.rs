//! The database of a run: one of its own in the private cluster of `scripts/postgres`, or a file.
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use quayside_domain::store::{connect_owner, sqlite_url};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::{load::Measured, process};

/// What the yardsticks need beside the application's tables.
const HELPERS: &str = include_str!("sql/helpers.sql");

/// The database.
pub(crate) struct Database {
    /// Its URL, as its owner.
    pub(crate) url: String,
    cluster: Option<Cluster>,
}

struct Cluster {
    server: String,
    postmaster: u32,
    name: String,
    started_here: bool,
}

impl Database {
    /// A file in `folder`.
    pub(crate) fn sqlite(folder: &Path) -> Self {
        Self { url: sqlite_url(&folder.join("quayside.sqlite")), cluster: None }
    }

    /// A new database in the cluster, which is started if it does not run.
    pub(crate) async fn postgres() -> anyhow::Result<Self> {
        let started_here = script("url").is_err();
        let server = script("start")?;
        let (base, _) = server.rsplit_once('/').context("a URL without a database")?;
        let name = format!("quayside_bench_{}", uuid::Uuid::now_v7().simple());
        let owner = connect_owner(&server).await?;
        owner.execute_unprepared(&format!("create database {name}")).await?;
        let row = owner.query_one_raw(statement("select pg_backend_pid()")).await?;
        let backend: i32 = row.context("no backend")?.try_get_by_index(0)?;
        let postmaster = process::parent(u32::try_from(backend)?)?;
        let url = format!("{base}/{name}");
        Ok(Self { url, cluster: Some(Cluster { server, postmaster, name, started_here }) })
    }

    /// Whether there is a yardstick for it.
    pub(crate) const fn is_postgres(&self) -> bool {
        self.cluster.is_some()
    }

    /// Processor time of the cluster so far. SQLite's is the server's own.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        self.cluster.as_ref().map_or(Ok(Duration::ZERO), |cluster| process::cpu_of_family(cluster.postmaster))
    }

    /// Prepares the yardsticks, once the orders are there.
    pub(crate) async fn add_helpers(&self) -> anyhow::Result<()> {
        if self.is_postgres() {
            self.run(HELPERS).await?;
        }
        Ok(())
    }

    /// Makes the answered orders of this run open again.
    pub(crate) async fn reopen(&self, since: i64) -> anyhow::Result<()> {
        let role = if self.is_postgres() { "set role quayside_worker;" } else { "" };
        self.run(&format!(
            "{role} update line_state set status = 'AWAITING_ANSWER', acknowledgment_id = null, answered_revision = null
                where acknowledgment_id in (select id from acknowledgment where submitted_at >= {since});
             update purchase_order set status = 'AWAITING_ANSWER', answer_due_at = created_at + 172800000000
                where status = 'ACKNOWLEDGED' and updated_at >= {since};"
        ))
        .await?;
        self.tidy().await
    }

    /// Clears up what was written and looks at it anew, so that a cell does not pay for the one before.
    pub(crate) async fn tidy(&self) -> anyhow::Result<()> {
        let tidy = if self.is_postgres() { "vacuum (analyze)" } else { "analyze" };
        self.run(tidy).await?;
        if self.is_postgres() {
            self.as_superuser("checkpoint")?;
        }
        Ok(())
    }

    /// Waits until every event has its place.
    pub(crate) async fn wait_for_dispatch(&self) -> anyhow::Result<()> {
        loop {
            let waiting = "select count(*) from (select 1 as one from outbox limit 1) as waiting";
            let role = if self.is_postgres() { "set role quayside_worker" } else { "select 1" };
            let owner = self.owner().await?;
            owner.execute_unprepared(role).await?;
            let row =
                owner.query_one_raw(Statement::from_string(owner.get_database_backend(), waiting)).await?;
            let left: i64 = row.context("no count")?.try_get_by_index(0)?;
            owner.close().await?;
            if left == 0 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Runs statements as the owner.
    pub(crate) async fn run(&self, sql: &str) -> anyhow::Result<()> {
        let owner = self.owner().await?;
        owner.execute_unprepared(sql).await?;
        owner.close().await?;
        Ok(())
    }

    async fn owner(&self) -> anyhow::Result<DatabaseConnection> {
        Ok(connect_owner(&self.url).await?)
    }

    fn as_superuser(&self, sql: &str) -> anyhow::Result<()> {
        let url = self.url.replace("quayside_owner@", "postgres@");
        let run = Command::new("psql").args(["--no-psqlrc", "--quiet", "--command", sql, &url]).output()?;
        ensure!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        Ok(())
    }

    /// Runs a script of `sql/` for `time` with pgbench.
    pub(crate) fn pgbench(
        &self,
        script: &str,
        clients: usize,
        time: Duration,
        variables: &[(&str, usize)],
    ) -> anyhow::Result<Measured> {
        let driver = std::process::id();
        let (before, driver_before) = (self.cpu()?, process::cpu(driver, true)?);
        let mut pgbench = Command::new(programs().join("pgbench"));
        pgbench.env("PGOPTIONS", "-c role=quayside_worker").args(["--no-vacuum", "--protocol", "prepared"]);
        pgbench.arg("--file").arg(folder().join("benches/load/sql").join(script));
        pgbench.args(["--client", &clients.to_string(), "--jobs", &clients.min(2).to_string()]);
        pgbench.args(["--time", &time.as_secs().max(1).to_string()]);
        for (name, value) in variables {
            pgbench.args(["--define", &format!("{name}={value}")]);
        }
        let run = pgbench.arg(&self.url).output().context("running pgbench")?;
        let told = String::from_utf8_lossy(&run.stdout);
        if !run.status.success() {
            bail!("pgbench {script}: {told}{}", String::from_utf8_lossy(&run.stderr));
        }
        let number = |label: &str| -> Option<f64> {
            let line = told.lines().find_map(|line| line.trim().strip_prefix(label))?;
            line.split_whitespace().next()?.parse().ok()
        };
        let done = number("number of transactions actually processed: ").context("no transactions")?;
        let per_thousand = |cpu: Duration| cpu.as_secs_f64() * 1_000.0 / done.max(1.0);
        Ok(Measured {
            per_second: number("tps = ").context("no rate")?,
            p50_ms: number("latency average = ").unwrap_or_default(),
            database_cpu: per_thousand(self.cpu()?.saturating_sub(before)),
            driver_cpu: per_thousand(process::cpu(driver, true)?.saturating_sub(driver_before)),
            ..Measured::default()
        })
    }

    /// Removes the database, and stops the cluster if it was started for it.
    pub(crate) async fn remove(self) -> anyhow::Result<()> {
        let Some(cluster) = self.cluster else { return Ok(()) };
        let owner = connect_owner(&cluster.server).await?;
        owner.execute_unprepared(&format!("drop database {} with (force)", cluster.name)).await?;
        owner.close().await?;
        if cluster.started_here {
            script("stop")?;
        }
        Ok(())
    }
}

fn statement(sql: &str) -> Statement {
    Statement::from_string(DbBackend::Postgres, sql)
}

fn script(command: &str) -> anyhow::Result<String> {
    let run = Command::new(folder().join("scripts/postgres")).arg(command).output()?;
    ensure!(run.status.success(), "scripts/postgres {command}: {}", String::from_utf8_lossy(&run.stderr));
    Ok(String::from_utf8(run.stdout)?.trim().to_owned())
}

/// The project.
fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where PostgreSQL's own programs are: Debian keeps them out of the way.
fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("pgbench").exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_default()
}
