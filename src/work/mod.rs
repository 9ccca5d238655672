//! Background work: giving events their place, delivering them, asking other systems, sending mail, watching the
//! clock.
//!
//! Every piece is a step that may be run any number of times, by any number of processes, and killed on any
//! line. [`Work::run`] repeats the steps until it is told to stop; a test runs them one at a time.

mod answers;
mod auditor;
mod clients;
mod clockwork;
mod composer;
mod courier;
mod holding;
mod postman;
pub(crate) mod receivers;
mod round;

use std::{sync::Arc, time::Duration};

use quayside_domain::{
    Failure, SystemScope,
    deliveries::{self, Keep},
    dispatch,
};
use tokio_util::sync::CancellationToken;

use crate::inbound::Intake;

pub use clients::{Clients, Permitted};
pub use courier::Courier;
pub use postman::Postman;
pub(crate) use receivers::{NotMade, Receivers};

/// How long a sleeper that nobody wakes sleeps.
const NAP: Duration = Duration::from_millis(500);
/// How often the clock is looked at.
const TICK: Duration = Duration::from_secs(5);

/// Everything that is done in the background.
#[derive(Clone)]
pub struct Work {
    system: SystemScope,
    courier: Arc<Courier>,
    intake: Arc<Intake>,
    postman: Arc<Postman>,
    digest_hour: u8,
    keep: Keep,
    changes_wait: Duration,
    anchors: clockwork::Anchors,
    composer: Arc<composer::Composer>,
}

impl Work {
    /// Work on `system`: deliver with `courier`, ask with `intake`, mail with `postman`, send the digest at
    /// `digest_hour` (UTC), anchor the audit chain as `anchors` says, keep deliveries as long as `keep` says, and let
    /// changes to orders wait as long as `changes_wait` says.
    #[must_use]
    pub fn new(
        system: SystemScope,
        ((courier, intake), keep, changes_wait): ((Courier, Arc<Intake>), Keep, Duration),
        (postman, digest_hour): (Postman, u8),
        anchor_file: std::path::PathBuf,
        anchor_every: Duration,
    ) -> Self {
        Self {
            system,
            courier: Arc::new(courier),
            intake,
            postman: Arc::new(postman),
            digest_hour,
            keep,
            changes_wait,
            anchors: clockwork::Anchors::new(anchor_file, anchor_every),
            composer: Arc::default(),
        }
    }

    /// Does everything that is due now, and what comes of it, until nothing is left.
    ///
    /// # Errors
    /// The database failed.
    pub async fn settle(&self) -> Result<(), Failure> {
        loop {
            // Each on the heap: together they would fill a thread's stack.
            let tick = clockwork::tick(&self.system, self.digest_hour, self.keep, self.changes_wait);
            let done = Box::pin(tick).await?
                + Box::pin(dispatch::dispatch_once(&self.system)).await?
                + Box::pin(self.composer.compose_due(&self.system)).await?
                + Box::pin(self.intake.take_due(&self.system)).await?
                + Box::pin(self.courier.deliver_due(&self.system)).await?
                + Box::pin(auditor::check_due(&self.courier, &self.system)).await?
                + Box::pin(self.postman.send_due(&self.system)).await?;
            if done == 0 {
                return Ok(());
            }
        }
    }

    /// Works until told to stop; then finishes or releases what it holds.
    pub async fn run(self, stop: CancellationToken) {
        tokio::join!(
            Box::pin(self.dispatch(&stop)),
            Box::pin(self.composer.run(&self.system, &stop)),
            Box::pin(round::run(&self.courier, &self.system, &stop)),
            Box::pin(auditor::run(&self.courier, &self.system, &stop)),
            Box::pin(self.intake.run(&self.system, &stop)),
            Box::pin(self.postman.run(&self.system, &stop)),
            Box::pin(self.watch_the_clock(&stop)),
        );
    }

    async fn dispatch(&self, stop: &CancellationToken) {
        let wake = self.system.store().wake().events.clone();
        while !stop.is_cancelled() {
            match dispatch::dispatch_once(&self.system).await {
                Ok(placed) if placed > 0 => continue,
                Ok(_) => {}
                Err(failure) => tracing::warn!(error = %failure, "dispatch has to wait"),
            }
            rest(&wake, NAP, stop).await;
        }
        // Whoever goes on need not wait until the lease is over.
        if let Err(failure) = dispatch::hand_over(&self.system).await {
            tracing::debug!(error = %failure, "the dispatcher's place runs out by itself");
        }
    }

    async fn watch_the_clock(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let done = clockwork::tick(&self.system, self.digest_hour, self.keep, self.changes_wait).await;
            if let Err(failure) = done {
                tracing::warn!(error = %failure, "the clock has to wait");
            }
            if let Err(failure) = deliveries::observe(&self.system).await {
                tracing::debug!(error = %failure, "figures have to wait");
            }
            self.anchors.write_when_due(&self.system).await;
            tokio::select! {
                () = tokio::time::sleep(TICK) => {}
                () = stop.cancelled() => {}
            }
        }
        self.anchors.write(&self.system).await;
    }
}

/// Sleeps until woken, until the nap is over, or until told to stop.
async fn rest(wake: &tokio::sync::Notify, nap: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = wake.notified() => {}
        () = tokio::time::sleep(nap) => {}
        () = stop.cancelled() => {}
    }
}
