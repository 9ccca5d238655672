//! What other systems say comes in: asked for, feed by feed, and taken from those that send.
//!
//! Both ways end in the operations of `/ingest/v1/…`: `apply` hands each document to the one of its kind. Leases,
//! cursors and what is on file are `quayside_domain::inbound`'s; this module makes calls and lets connectors read.

mod apply;
pub mod as2;
mod page;
mod poll;
mod push;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use quayside_canonical::{Actor, Channel, ConnectionId, TenantId, Timestamp, states::FeedWay};
use quayside_connectors::{KINDS, Way};
use quayside_domain::{
    BuyerScope, Failure, SystemScope,
    inbound::{self, Offered},
    scope::Origin,
    transports,
    vault::Vault,
};
use quayside_entity::connection;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::work::{
    Clients,
    receivers::{Made, NotMade, Receivers},
};

pub use push::{addressed, greet, take};

/// How long a sleeper that nobody wakes sleeps.
const NAP: Duration = Duration::from_secs(1);
/// Feeds that are polled at once by one process.
const POLLS: usize = 16;
/// How long a process that stops waits for polls.
const LANDING: Duration = Duration::from_secs(10);
/// Messages that are dealt with in one go.
const MESSAGES: usize = 20;
/// How often what is no longer kept is forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);

/// How what comes in is handled.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How often a feed is polled that does not say so itself.
    pub every: Duration,
    /// How long what came in is kept as it came.
    pub kept: Duration,
    /// The most one poll may take, with all the calls it makes.
    pub deadline: Duration,
}

/// Takes in what other systems say.
pub struct Intake {
    clients: Arc<Clients>,
    vault: Arc<Vault>,
    receivers: Arc<Receivers>,
    settings: Settings,
    forgot_at: Mutex<Option<Timestamp>>,
}

impl Intake {
    /// An intake that asks with `clients`, opens credentials with `vault`, and shares with the courier what is made of
    /// connections.
    pub(crate) const fn new(
        clients: Arc<Clients>,
        vault: Arc<Vault>,
        receivers: Arc<Receivers>,
        settings: Settings,
    ) -> Self {
        Self { clients, vault, receivers, settings, forgot_at: Mutex::new(None) }
    }

    /// What reads for a connection, or in words why that cannot be made.
    async fn made(&self, system: &SystemScope, connection: &connection::Model) -> Result<Made, String> {
        let made = self.receivers.of(system, &self.vault, &connection.clone().into()).await;
        made.map_err(NotMade::words)
    }

    /// Deals with every message that waits and polls every feed that is due, once, and says how many that were.
    ///
    /// # Errors
    /// The database failed.
    pub async fn take_due(self: &Arc<Self>, system: &SystemScope) -> Result<usize, Failure> {
        self.prepare(system).await?;
        let messages = self.deal_with_messages(system).await?;
        let mut flights = JoinSet::new();
        let polled = self.start_polls(system, &mut flights).await?;
        while let Some(landed) = flights.join_next().await {
            note(landed);
        }
        Ok(messages + polled)
    }

    /// Works until told to stop; then lets what is under way finish.
    pub async fn run(self: &Arc<Self>, system: &SystemScope, stop: &CancellationToken) {
        tokio::join!(self.keep_polling(system, stop), self.keep_dealing(system, stop));
    }

    /// A system that hangs keeps the others waiting for nothing but its own place.
    async fn keep_polling(self: &Arc<Self>, system: &SystemScope, stop: &CancellationToken) {
        let wake = system.store().wake().inbound.clone();
        let mut flights = JoinSet::new();
        while !stop.is_cancelled() {
            if let Err(failure) = self.prepare(system).await {
                tracing::warn!(error = %failure, "feeds have to wait");
            }
            match self.start_polls(system, &mut flights).await {
                Ok(_) => {}
                Err(failure) => tracing::warn!(error = %failure, "polls have to wait"),
            }
            tokio::select! {
                Some(landed) = flights.join_next() => note(landed),
                () = wake.notified() => {}
                () = tokio::time::sleep(NAP) => {}
                () = stop.cancelled() => {}
            }
        }
        let land = async {
            while let Some(landed) = flights.join_next().await {
                note(landed);
            }
        };
        // What has not landed by then is broken off: its page comes again.
        let _ = tokio::time::timeout(LANDING, land).await;
    }

    async fn keep_dealing(self: &Arc<Self>, system: &SystemScope, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            match self.deal_with_messages(system).await {
                Ok(dealt) if dealt > 0 => continue,
                Ok(_) => {}
                Err(failure) => tracing::warn!(error = %failure, "messages have to wait"),
            }
            tokio::select! {
                () = tokio::time::sleep(NAP) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Rows for feeds that have none yet, and the end of what is kept no longer.
    async fn prepare(&self, system: &SystemScope) -> Result<(), Failure> {
        inbound::offer(system, &offered()).await?;
        let now = system.now();
        let due = |at: Option<Timestamp>| at.is_none_or(|at| now.since(at) >= FORGET_EVERY);
        if due(*self.forgot_at.lock().unwrap_or_else(PoisonError::into_inner)) {
            inbound::forget_raw(system, self.settings.kept).await?;
            transports::forget_old(system, self.settings.kept).await?;
            *self.forgot_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        }
        Ok(())
    }

    async fn deal_with_messages(&self, system: &SystemScope) -> Result<usize, Failure> {
        let claimed = inbound::claim_messages(system, MESSAGES).await?;
        for message in &claimed {
            self.deal_with(system, message).await?;
        }
        Ok(claimed.len())
    }

    async fn start_polls(
        self: &Arc<Self>,
        system: &SystemScope,
        flights: &mut JoinSet<Result<(), Failure>>,
    ) -> Result<usize, Failure> {
        let room = POLLS.saturating_sub(flights.len());
        let claimed = if room > 0 { inbound::claim(system, room).await? } else { Vec::new() };
        let started = claimed.len();
        for feed in claimed {
            let (intake, system) = (self.clone(), system.clone());
            flights.spawn(async move { intake.poll(&system, feed).await });
        }
        Ok(started)
    }
}

/// The connection, as whom its documents act.
fn scope_of(
    system: &SystemScope,
    tenant: TenantId,
    connection: ConnectionId,
    origin: &Origin,
) -> Result<BuyerScope, Failure> {
    let scope = system.in_tenant(tenant, Actor::Connection(connection), origin).as_buyer();
    scope.ok_or_else(|| Failure::System("a scope without a supplier is the buyer's".to_owned()))
}

/// Where what a connection says comes from.
fn origin() -> Origin {
    Origin::new(Channel::Ingest)
}

fn offered() -> Vec<Offered> {
    let way = |way| if way == Way::Poll { FeedWay::Poll } else { FeedWay::Push };
    let kind = |kind: &quayside_connectors::Kind| Offered {
        kind: kind.name,
        feeds: kind.feeds.iter().map(|feed| (feed.name, way(feed.way))).collect(),
    };
    KINDS.iter().map(kind).collect()
}

/// A poll that panicked, or could not be recorded, left its lease to run out.
fn note(landed: Result<Result<(), Failure>, tokio::task::JoinError>) {
    match landed {
        Ok(Ok(())) => {}
        Ok(Err(failure)) => tracing::warn!(error = %failure, "what a poll brought could not be recorded"),
        Err(error) => tracing::error!(%error, "a poll panicked"),
    }
}
