//! F16: no space left, under the SQLite data folder and under PostgreSQL.
use std::{
    path::Path,
    time::{Duration, Instant},
};

use super::{ORDERS, check, mount::SmallDisk, pause, skipped};
use crate::{
    observation::Observation,
    script::Script,
    stage::{self, Stage},
    world::{Ground, World},
};

const TIMES: usize = 3;
const FULL: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes half a minute: make fault-campaign"]
async fn fault_16_a_full_disk_under_sqlite_refuses_and_recovers() {
    let folder = std::env::temp_dir().join(format!("quayside-full-{}", uuid::Uuid::now_v7().simple()));
    let disk = match SmallDisk::mount(&folder, 64) {
        Ok(disk) => disk,
        Err(why) => return skipped("F16 on SQLite", &why),
    };
    let ground = Ground { folder: Some(folder), sqlite: true, ..Ground::default() };
    let (mut stage, server) = Stage::set(World::set_up(ground).await, stage::seed(), ORDERS).await;
    let shift = stage.work();
    let (mut refused, mut slowest) = (0, Duration::ZERO);
    for _ in 0..TIMES {
        pause(Duration::from_secs(2)).await;
        refused += fill(&stage, &disk).await;
        disk.empty();
        slowest = slowest.max(stage.accepts_again(PATIENCE).await);
    }
    shift.end().await;
    let observed = vec![
        Observation::Felt { what: "requests not accepted while the disk was full", times: refused },
        Observation::AcceptsAgain(slowest),
    ];
    check(&stage.end(server, &format!("{TIMES} times a full disk under SQLite"), observed).await);
}

/// Keeps the disk full for a while, and says how many requests got no definite answer meanwhile. What is accepted has to
/// be on file in the end: SQLite may find room in its own files yet.
async fn fill(stage: &Stage, disk: &SmallDisk) -> u64 {
    let (begun, attempts, accepted) = (Instant::now(), stage.journal.attempts(), stage.journal.accepted());
    while begun.elapsed() < FULL {
        disk.fill();
        pause(Duration::from_millis(20)).await;
    }
    let attempts = u64::from(stage.journal.attempts() - attempts);
    attempts.saturating_sub((stage.journal.accepted() - accepted) as u64)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes half a minute: make fault-campaign"]
async fn fault_16_a_full_disk_under_postgresql_refuses_and_recovers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".test/postgres-full");
    let script = Script::new("postgres", "full");
    script.run("stop").await; // what an earlier run may have left
    let disk = match SmallDisk::mount(&folder, 320) {
        Ok(disk) => disk,
        Err(why) => return skipped("F16 on PostgreSQL", &why),
    };
    let Some(url) = script.try_run("start").await else {
        return skipped("F16 on PostgreSQL", "its cluster does not start on the small file system");
    };
    let ground = Ground { postgres: Some(url), ..Ground::default() };
    let (mut stage, server) = Stage::set(World::set_up(ground).await, stage::seed(), ORDERS).await;
    let shift = stage.work();
    let (mut refused, mut slowest) = (0, Duration::ZERO);
    for _ in 0..TIMES {
        pause(Duration::from_secs(2)).await;
        refused += fill(&stage, &disk).await;
        disk.empty();
        // PostgreSQL ends when it cannot write its log. Whoever keeps it running starts it again.
        script.run("restart").await;
        slowest = slowest.max(stage.accepts_again(PATIENCE).await);
    }
    shift.end().await;
    let observed = vec![
        Observation::Felt { what: "requests not accepted while the disk was full", times: refused },
        Observation::AcceptsAgain(slowest),
    ];
    let report = stage.end(server, &format!("{TIMES} times a full disk under PostgreSQL"), observed).await;
    script.run("stop").await;
    drop(disk);
    check(&report);
}
