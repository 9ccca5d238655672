//! Stateless translators between canonical events and vendor calls.
//!
//! A connector knows one vendor's words and nothing else: no database, no retry loop, no clock. It lives as long
//! as its connection's configuration stays the same, so it may remember a token or a session, and must do without. The
//! delivery worker owns leases, order, back-off, exceptions and the attempt log; a connector makes one
//! call and says truthfully how it ended. The one distinction that must never blur is between
//! [`DeliveryError::Retry`] (it certainly did not happen) and [`DeliveryError::Unconfirmed`] (it may
//! have): after the second the worker asks [`Connector::find`] before it sends again, unless the connector's
//! receivers recognise repeats ([`Connector::recognises_repeats`]).
//!
//! All calls leave through [`Http`], which holds the time limits, the private-address check and the
//! redaction; it also opens connections for protocols that are not HTTP. To add a connector follow `docs/guides/adding-a-connector.md`; the tests in `registry`
//! fail until all of its parts exist.
use async_trait::async_trait;

mod attempt;
mod codes;
mod composed;
mod content;
mod delivery;
mod drop_folder;
pub mod edi;
pub mod edi_as2;
pub mod edi_folder;
pub mod edi_https;
pub mod edi_sftp;
mod endpoint;
mod filter;
mod folders;
pub mod generic_rest;
mod http;
mod oauth;
pub mod oracle_wms;
#[cfg(test)]
mod ordeal;
mod registry;
pub mod sap_s4hana;
mod secret;
mod signature;
mod source;
#[cfg(test)]
mod stub;
mod text;
pub mod webhook;
mod xml;

pub use attempt::{Attempted, Exchange};
pub use codes::Codes;
pub use composed::filed_as;
pub use content::Content;
pub use delivery::{Delivery, DeliveryError, Errand, Receipt, Reshape};
pub use filter::{Filter, FilterError, LARGEST_VALUE, LONGEST_FILTER};
pub use folders::{FolderForbidden, Folders, InvalidFolder};
pub use http::guard::{AllowList, Forbidden, InvalidAllowance, Network};
pub use http::{Answer, Call, Http, HttpSettings, HttpSetupError, Preview, Reply};
pub use registry::{BuildError, KINDS, Kind, build, forbidden_place};
pub use secret::Secret;
pub use signature::{SigningSecret, sign};
pub use source::{Feed, Inbound, Message, Page, Source, Stated, Way};

/// One vendor, one connection's configuration.
#[async_trait]
pub trait Connector: Send + Sync + std::fmt::Debug {
    /// The name of this connector in [`KINDS`].
    fn kind(&self) -> &'static str;

    /// The event types this connector can send on.
    fn accepts(&self) -> &'static [&'static str];

    /// Whether its receivers know a delivery that comes again by its id, and take it once: then an unclear outcome is
    /// followed by sending again, without [`Connector::find`].
    fn recognises_repeats(&self) -> bool {
        false
    }

    /// Makes one call for one event. Called again with the same [`Delivery::id`] for each attempt.
    async fn deliver(&self, http: &Http, delivery: &Delivery) -> Attempted<Receipt>;

    /// Asks the receiver whether an earlier attempt of this delivery arrived.
    ///
    /// `None` is the receiver saying "not here". Every error means that we still do not know; a
    /// connector whose receiver cannot be asked answers `Unconfirmed`. The whole delivery is passed,
    /// because some receivers find by a business reference in the event and not by our id.
    async fn find(&self, http: &Http, delivery: &Delivery) -> Attempted<Option<Receipt>>;

    /// The calls that [`Connector::deliver`] would make for the event, in order, as far as they are known before
    /// the first one is answered. Nothing is called.
    ///
    /// # Errors
    /// The event cannot be expressed for this receiver.
    fn preview(&self, delivery: &Delivery) -> Result<Vec<Preview>, DeliveryError>;

    /// Makes a call that changes nothing, and says whether address and credentials work.
    async fn test(&self, http: &Http, errand: &Errand) -> Attempted<()>;

    /// What this connector reads from its vendor, if it reads.
    fn source(&self) -> Option<&dyn Source>;
}
