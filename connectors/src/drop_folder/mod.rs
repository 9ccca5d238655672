//! Files handed over in folders, on this machine or on another: the protocol that both sides can rely on.
//!
//! ```text
//! out:  write out/NAME.tmp, safely ─→ work/ID.sending ─→ rename to out/NAME ─→ rename the marker to sent/ID
//! in:   in/NAME, at rest ─→ rename to work/KEY~NAME ─→ offered ─→ on file here ─→ rename to archive/KEY~NAME
//! ```
//!
//! What must stay true:
//! - Nobody sees half a file: what we write has its name only once it is whole, and what still grows is not taken.
//! - A file is offered again and again until the page that held it was taken: only the cursor of that page, given with
//!   the next question, moves it to the archive. Keys are never used twice, so that an old cursor cannot name a file
//!   that was not taken.
//! - Whether we sent a file can be told after any interruption, even when the partner has fetched it: the marker in
//!   `work` says that the file is about to appear, and the missing `.tmp` that it did.
//!
//! What a folder is, a [`Place`] knows.
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tokio::time::Instant;

mod offer;
mod put;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use offer::{Rules, offer};
pub(crate) use put::{put, was_put};

use crate::text::one_line;
use crate::{Attempted, Delivery, DeliveryError, Exchange, Receipt, composed};

/// A file as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) modified: DateTime<Utc>,
}

/// Why something could not be done with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PlaceError {
    /// It is not there.
    #[error("{0} is not there")]
    Missing(String),
    /// The place refuses it.
    #[error("{0}")]
    Denied(String),
    /// The place may not be used at all.
    #[error("{message}")]
    Forbidden { code: &'static str, message: String },
    /// The place takes us for nobody it knows.
    #[error("the credentials were rejected")]
    Unauthorized,
    /// The place cannot be reached, or broke off: what was asked may have happened.
    #[error("{0}")]
    Away(String),
}

impl PlaceError {
    /// What it means where nothing can have happened.
    pub(crate) fn before(self) -> DeliveryError {
        match self {
            Self::Forbidden { code, message } => DeliveryError::Refused { code: code.to_owned(), message },
            Self::Unauthorized => DeliveryError::Unauthorized,
            other => DeliveryError::Retry { reason: one_line(&other.to_string(), 1000), after: None },
        }
    }

    /// What it means where it may have happened.
    pub(crate) fn after(self) -> DeliveryError {
        match self {
            Self::Away(reason) => DeliveryError::unconfirmed(one_line(&reason, 1000)),
            other => other.before(),
        }
    }
}

/// Folders with files.
#[async_trait]
pub(crate) trait Place: Send + Sync {
    /// The files of a folder. Folders, links and devices are none.
    async fn list(&self, folder: &str) -> Result<Vec<Listed>, PlaceError>;

    /// One file, if it is there.
    async fn find(&self, folder: &str, name: &str) -> Result<Option<Listed>, PlaceError>;

    /// The first `most` bytes of a file.
    async fn read(&self, folder: &str, name: &str, most: u64) -> Result<Vec<u8>, PlaceError>;

    /// Writes a file, over one that is there, and returns once it would outlive a power cut.
    async fn write(&self, folder: &str, name: &str, bytes: &[u8]) -> Result<(), PlaceError>;

    /// Moves a file. What has the new name already is overwritten, or it is refused.
    async fn rename(&self, from: (&str, &str), to: (&str, &str)) -> Result<(), PlaceError>;

    /// Removes a file.
    async fn remove(&self, folder: &str, name: &str) -> Result<(), PlaceError>;
}

/// What the folders are called.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Layout {
    /// Where the partner puts files for us.
    #[serde(rename = "in")]
    pub(crate) inbox: String,
    /// Where what we are at lies.
    pub(crate) work: String,
    /// Where files go that are on file here.
    pub(crate) archive: String,
    /// Where files go that are no interchanges.
    pub(crate) error: String,
    /// Where we put files for the partner.
    #[serde(rename = "out")]
    pub(crate) outbox: String,
    /// Where what we put leaves a mark.
    pub(crate) sent: String,
}

impl Default for Layout {
    fn default() -> Self {
        let [inbox, work, archive, error, outbox, sent] =
            ["in", "work", "archive", "error", "out", "sent"].map(str::to_owned);
        Self { inbox, work, archive, error, outbox, sent }
    }
}

impl Layout {
    /// All of them.
    pub(crate) fn names(&self) -> [&str; 6] {
        [&self.inbox, &self.work, &self.archive, &self.error, &self.outbox, &self.sent]
    }
}

/// The name under which the partner finds what we sent.
pub(crate) fn receipt(name: &str) -> Receipt {
    Receipt { reference: Some(name.to_owned()) }
}

/// A test: every folder can be listed, and something can be written and moved between those that are ours. The partner's
/// own folder is not written to: its programs take whatever appears there.
pub(crate) async fn try_out(place: &dyn Place, layout: &Layout) -> Result<(), PlaceError> {
    for folder in layout.names() {
        place.list(folder).await?;
    }
    // Of a test that broke off.
    match place.remove(&layout.sent, TRIAL).await {
        Ok(()) | Err(PlaceError::Missing(_)) => {}
        Err(error) => return Err(error),
    }
    place.write(&layout.work, TRIAL, b"").await?;
    place.rename((&layout.work, TRIAL), (&layout.sent, TRIAL)).await?;
    place.remove(&layout.sent, TRIAL).await
}

/// What is written to see whether something can be.
const TRIAL: &str = ".quayside-test";

/// The record of an exchange with a place: what was done to which file.
pub(crate) fn exchange(
    method: &str,
    url: String,
    request: String,
    heard: &str,
    started: Instant,
) -> Exchange {
    Exchange {
        method: method.to_owned(),
        url,
        status: None,
        request,
        answer: heard.to_owned(),
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// Delivers an interchange to a place.
pub(crate) async fn deliver(
    place: &dyn Place,
    layout: &Layout,
    delivery: &Delivery,
    url: impl Fn(&str) -> String,
) -> Attempted<Receipt> {
    let outgoing = match composed::outgoing(delivery) {
        Ok(outgoing) => outgoing,
        Err(error) => return Attempted::unsent(error),
    };
    let (name, bytes, started) = (&outgoing.event.file_name, &outgoing.content.bytes, Instant::now());
    let outcome = put(place, layout, &delivery.id, name, bytes).await;
    let request = format!("{name}: {} bytes, SHA-256 {}", bytes.len(), outgoing.event.sha256);
    let heard = if outcome.is_ok() { "written and renamed" } else { "" };
    let exchange = Some(exchange("PUT", url(name), request, heard, started));
    Attempted { outcome: outcome.map(|()| receipt(name)), exchange }
}

/// Looks whether an interchange was put.
pub(crate) async fn found(
    place: &dyn Place,
    layout: &Layout,
    delivery: &Delivery,
) -> Attempted<Option<Receipt>> {
    let name = match composed::announced(delivery) {
        Ok(event) => event.file_name,
        Err(error) => return Attempted::unsent(error),
    };
    let was_put = was_put(place, layout, &delivery.id, &name).await;
    let outcome = was_put.map(|was| was.then(|| receipt(&name))).map_err(PlaceError::before);
    Attempted { outcome, exchange: None }
}
