//! What a connector reads from its vendor: documents that are asked for, and documents that are sent to us.
use async_trait::async_trait;
use quayside_canonical::{
    Problems, appointment::AppointmentDocument, invoice::InvoiceStatusDocument, order::PurchaseOrder,
    receipt::ReceiptDocument,
};

use crate::{Attempted, Codes, Content, Errand, Http};

/// Something that comes from a vendor under one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feed {
    /// Its name, as in `/ingest/v1/connections/{connection}/{feed}` and in a poller's cursor.
    pub name: &'static str,
    /// How it comes.
    pub way: Way,
}

/// How a feed comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// We ask, with [`Source::poll`].
    Poll,
    /// The vendor sends, for [`Source::receive`].
    Push,
}

/// One document, or a hint that there is one.
#[derive(Debug, Clone, PartialEq)]
pub enum Inbound {
    /// A purchase order as it stands.
    PurchaseOrder(Stated<PurchaseOrder>),
    /// What a warehouse received.
    Receipt(Stated<ReceiptDocument>),
    /// Where an appointment stands.
    Appointment(Stated<AppointmentDocument>),
    /// Where an invoice stands.
    InvoiceStatus(Stated<InvoiceStatusDocument>),
    /// An EDI interchange as it came. It is filed before anything is read of it.
    Interchange {
        /// What the file or message was called.
        name: String,
        /// Its bytes.
        content: Content,
    },
    /// Something of a kind that cannot be told.
    Unreadable {
        /// What the vendor calls it, or its place.
        key: String,
        /// Everything that is wrong with it.
        problems: Problems,
    },
    /// Something changed, and only its name was said: the feed is to be polled now.
    Changed {
        /// The feed that will bring it.
        feed: &'static str,
        /// Its key in the vendor's words, for the log.
        key: String,
    },
}

/// A document, or everything that is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated<T> {
    /// What the vendor calls it: shown where it cannot be taken.
    pub key: String,
    /// The document.
    pub document: Result<T, Problems>,
}

/// What a poll brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// In the order they are to be taken in.
    pub documents: Vec<Inbound>,
    /// Where to go on, once all of them are taken. The same as before when nothing came.
    pub cursor: Option<String>,
    /// Whether there is more at once.
    pub more: bool,
}

/// A message as a vendor sent it, its sender known already.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    /// The media type it said, without parameters, in lower case.
    pub media_type: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// Reads a vendor's documents. Taking the same one again is safe: each carries its own number and revision.
#[async_trait]
pub trait Source: Send + Sync {
    /// What there is to read.
    fn feeds(&self) -> &'static [Feed];

    /// Asks for what changed since `cursor`; from the beginning, as far back as the connection is set to look,
    /// when there is none.
    async fn poll(
        &self,
        http: &Http,
        errand: &Errand,
        codes: &Codes,
        feed: &str,
        cursor: Option<&str>,
    ) -> Attempted<Page>;

    /// Reads a message that was sent to us. It is on file already.
    ///
    /// # Errors
    /// The message as a whole cannot be read: all problems.
    fn receive(&self, codes: &Codes, feed: &str, message: &Message<'_>) -> Result<Vec<Inbound>, Problems>;
}
