//! What is due because time has passed.
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use quayside_canonical::Timestamp;
use quayside_domain::{
    Failure, SystemScope, audit,
    deliveries::{self, Keep},
    exceptions, exchange, housekeeping, identity, notifications, orders, shipments, webhooks,
};
use tokio::io::AsyncWriteExt;

/// Looks at the clock once, and says how much there was to do.
pub(super) async fn tick(
    system: &SystemScope,
    digest_hour: u8,
    keep: Keep,
    changes_wait: Duration,
) -> Result<usize, Failure> {
    let overdue = orders::mark_overdue(system).await?;
    let tended = orders::tend_waiting(system, changes_wait).await?;
    let left = shipments::leave(system).await?;
    let late = shipments::find_late(system).await?;
    let unconfirmed = exchange::mark_overdue(system).await?;
    let escalated = exceptions::escalate_overdue(system).await?;
    let digests = notifications::digest(system, digest_hour).await?;
    let cleared = usize::try_from(webhooks::clear(system).await?).unwrap_or(usize::MAX);
    housekeeping::once(system).await?;
    deliveries::put_right(system).await?;
    deliveries::prune(system, keep).await?;
    identity::forget_old_attempts(system).await?;
    Ok(overdue + tended + left + late + unconfirmed + escalated + digests + cleared)
}

/// Writes the head of each tenant's audit chain to a file outside the database, so that cutting off the end of
/// the log, head included, is found too.
#[derive(Clone)]
pub(super) struct Anchors {
    file: PathBuf,
    every: Duration,
    last: Arc<Mutex<Option<Timestamp>>>,
}

impl Anchors {
    pub(super) fn new(file: PathBuf, every: Duration) -> Self {
        Self { file, every, last: Arc::default() }
    }

    pub(super) async fn write_when_due(&self, system: &SystemScope) {
        let now = system.now();
        let due = {
            let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let due = last.is_none_or(|last| now.since(last) >= self.every);
            if due {
                *last = Some(now);
            }
            due
        };
        if due {
            self.write(system).await;
        }
    }

    pub(super) async fn write(&self, system: &SystemScope) {
        match audit::anchor(system).await {
            Ok(anchors) if anchors.is_empty() => {}
            Ok(anchors) => {
                let lines: String = anchors.iter().map(|anchor| format!("{anchor}\n")).collect();
                if let Err(error) = self.append(&lines).await {
                    tracing::error!(%error, file = %self.file.display(), "the audit anchor could not be written");
                }
            }
            Err(failure) => tracing::warn!(error = %failure, "the audit anchor has to wait"),
        }
    }

    async fn append(&self, lines: &str) -> std::io::Result<()> {
        let mut file = tokio::fs::OpenOptions::new().create(true).append(true).open(&self.file).await?;
        file.write_all(lines.as_bytes()).await?;
        file.sync_data().await
    }
}
