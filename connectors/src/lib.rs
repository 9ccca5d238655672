//! Stateless translators between canonical events and vendor calls.
//!
//! A connector knows one vendor's words and nothing else: no database, no retry loop, no clock. The
//! delivery worker owns leases, order, back-off, exceptions and the attempt log; a connector makes one
//! call and says truthfully how it ended. The one distinction that must never blur is between
//! [`DeliveryError::Retry`] (it certainly did not happen) and [`DeliveryError::Unconfirmed`] (it may
//! have): after the second the worker asks [`Connector::find`] before it sends again.
//!
//! All calls leave through [`Http`], which holds the time limits, the private-address check and the
//! redaction. To add a connector follow `docs/guides/adding-a-connector.md`; the tests in `registry`
//! fail until all of its parts exist.
use async_trait::async_trait;

mod attempt;
mod delivery;
pub mod edi;
pub mod generic_rest;
mod http;
mod registry;
mod secret;
mod signature;
#[cfg(test)]
mod stub;
mod text;

pub use attempt::{Attempted, Exchange};
pub use delivery::{Delivery, DeliveryError, Receipt};
pub use http::guard::{Forbidden, Network};
pub use http::{Call, Http, HttpSettings, HttpSetupError, Reply};
pub use registry::{BuildError, KINDS, Kind, build};
pub use secret::Secret;
pub use signature::{SigningSecret, sign};

/// One vendor, one connection's configuration.
#[async_trait]
pub trait Connector: Send + Sync + std::fmt::Debug {
    /// The name of this connector in [`KINDS`].
    fn kind(&self) -> &'static str;

    /// The event types this connector can send on.
    fn accepts(&self) -> &'static [&'static str];

    /// Makes one call for one event. Called again with the same [`Delivery::id`] for each attempt.
    async fn deliver(&self, http: &Http, delivery: &Delivery) -> Attempted<Receipt>;

    /// Asks the receiver whether an earlier attempt of this delivery arrived.
    ///
    /// `None` is the receiver saying "not here". Every error means that we still do not know; a
    /// connector whose receiver cannot be asked answers `Unconfirmed`. The whole delivery is passed,
    /// because some receivers find by a business reference in the event and not by our id.
    async fn find(&self, http: &Http, delivery: &Delivery) -> Attempted<Option<Receipt>>;
}
