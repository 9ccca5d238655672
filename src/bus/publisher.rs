//! Publishes the log: what has its place in it, in its order, once the bus has confirmed what came before.
use std::{sync::Arc, time::Duration};

use quayside_domain::{
    SystemScope, planted,
    publication::{self, Behind, Stream},
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::nats::Nats;

/// How long it sleeps when nobody wakes it.
const NAP: Duration = Duration::from_millis(500);
/// How long it waits when the bus or the database is away: doubled each time, up to the second.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

pub(super) struct Publisher {
    system: SystemScope,
    nats: Arc<Nats>,
    /// The stream, as it was after so many connections.
    stream: Option<(u64, Stream)>,
}

impl Publisher {
    pub(super) const fn new(system: SystemScope, nats: Arc<Nats>) -> Self {
        Self { system, nats, stream: None }
    }

    pub(super) async fn run(mut self, stop: &CancellationToken) {
        let mut pause = BACK_OFF.0;
        while !stop.is_cancelled() {
            let log = self.system.store().wake().log.clone();
            let woken = log.notified();
            tokio::pin!(woken);
            woken.as_mut().enable(); // before looking, so that no call is slept through
            let wait = match self.round().await {
                Ok(true) => {
                    pause = BACK_OFF.0;
                    continue;
                }
                Ok(false) => {
                    pause = BACK_OFF.0;
                    NAP
                }
                Err(error) => {
                    tracing::warn!(%error, "publishing has to wait");
                    self.stream = None;
                    let now = pause;
                    pause = (pause * 2).min(BACK_OFF.1);
                    now
                }
            };
            let failed = self.stream.is_none();
            tokio::select! {
                () = woken, if !failed => {} // a call does not shorten the pause
                () = sleep(wait) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Publishes the next events of every tenant that has some, and says whether there were any.
    async fn round(&mut self) -> anyhow::Result<bool> {
        if !self.nats.is_up() {
            return Ok(false);
        }
        let stream = self.stream().await?;
        let behind = publication::behind(&self.system, &stream).await?;
        let events: i64 = behind.iter().map(|tenant| tenant.last - tenant.published).sum();
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        metrics::gauge!("quayside_bus_behind_events").set(events as f64);
        if behind.is_empty() || !publication::hold(&self.system).await? {
            return Ok(false);
        }
        for tenant in &behind {
            self.publish(&stream, tenant).await?;
        }
        Ok(true)
    }

    async fn publish(&self, stream: &Stream, behind: &Behind) -> anyhow::Result<()> {
        let events = publication::next(&self.system, behind.tenant, behind.published).await?;
        planted::moment("bus", "before it is published").await?;
        let (confirmed, failed) = self.nats.publish(behind.tenant, &events).await;
        planted::moment("bus", "after it is published").await?;
        if let Some(last) = confirmed.checked_sub(1).and_then(|last| events.get(last)) {
            publication::published(&self.system, stream, behind.tenant, last.position).await?;
            metrics::counter!("quayside_bus_published_events_total").increment(confirmed as u64);
        }
        failed.map_or(Ok(()), Err)
    }

    /// The stream. After each connection it is looked at anew: it may have been lost.
    async fn stream(&mut self) -> anyhow::Result<Stream> {
        let connections = self.nats.connections();
        if let Some((then, stream)) = &self.stream
            && *then == connections
        {
            return Ok(stream.clone());
        }
        let stream = self.nats.prepare().await?;
        self.stream = Some((connections, stream.clone()));
        Ok(stream)
    }
}
