//! What the domain asks of connectors without knowing them: the application answers.
use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use quayside_canonical::{Problems, TenantId};
use serde_json::Value;

use super::Secrets;
use crate::{deliveries::Receiver, vault::Vault};

/// One kind of system that can be connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// As connections name it.
    pub name: &'static str,
    /// The types of events it can send on.
    pub accepts: &'static [&'static str],
    /// The members of its configuration that are sealed.
    pub secrets: &'static [&'static str],
    /// What it reads.
    pub feeds: Vec<&'static str>,
}

/// A connection that is about to be saved.
#[derive(Clone, Debug)]
pub struct Proposal<'a> {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its kind.
    pub kind: &'a str,
    /// Its configuration without secrets.
    pub config: &'a Value,
    /// Its secrets, those that stay as they are too.
    pub secrets: &'a Secrets,
    /// Its filter.
    pub filter: Option<&'a str>,
    /// The latest events that it would have got: what the filter is tried on.
    pub samples: &'a [Sample],
}

/// An event to try or to preview with.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The delivery's id, or one that stands for it.
    pub delivery: String,
    /// The event's type.
    pub event_type: String,
    /// The event as CloudEvents JSON.
    pub envelope: String,
    /// What must stay in order with it.
    pub order_key: String,
    /// What ties it to the request that caused it.
    pub correlation: String,
}

/// A call that would be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The HTTP method.
    pub method: String,
    /// Where to, without query.
    pub url: String,
    /// What the body is.
    pub media_type: Option<String>,
    /// The body.
    pub body: String,
}

/// What came of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tested {
    /// `OK`, or the word for what went wrong, as in the log of attempts.
    pub outcome: String,
    /// What went wrong, for people.
    pub message: Option<String>,
    /// The status of the answer.
    pub http_status: Option<u16>,
    /// How long it took.
    pub duration: Duration,
}

/// The connectors, as the domain and the API see them. Nothing here is kept, and only a test calls anybody.
pub trait Systems: Send + Sync {
    /// Every kind there is.
    fn kinds(&self) -> Vec<Kind>;

    /// All that is wrong with a connection, with paths into `config`, `secrets`, `filter` and `kind`. No value of a
    /// secret is in it.
    fn check<'a>(&'a self, proposal: Proposal<'a>) -> BoxFuture<'a, Problems>;

    /// Makes a call that changes nothing.
    fn test(&self, receiver: Receiver) -> BoxFuture<'_, Tested>;

    /// The calls that would be made. Nothing is called. The error is for people.
    fn preview(&self, receiver: Receiver, sample: Sample) -> BoxFuture<'_, Result<Vec<Request>, String>>;
}

/// What managing connections takes: the key to their secrets, and the connectors.
#[derive(Clone)]
pub struct Keeper {
    /// Seals and opens.
    pub vault: Arc<Vault>,
    /// The connectors.
    pub systems: Arc<dyn Systems>,
}
