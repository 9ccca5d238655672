//! The words of the trade, shared by every other crate: typed ids, GS1 keys, exact quantities, orders, answers,
//! events and the commands that produce them.
//!
//! Nothing here does I/O. A value that exists has passed the checks its type promises: a [`Micro`] has at
//! most six decimals, a [`Timestamp`] is in whole microseconds, an id carries its kind.

mod macros;

pub mod acknowledgment;
pub mod actor;
pub mod appointment;
pub mod document;
pub mod events;
pub mod exception;
pub mod exchange;
pub mod goods_statement;
pub mod gs1;
pub mod id;
pub mod identity;
pub mod invoice;
pub mod ledger;
pub mod master_data;
pub mod notification;
pub mod order;
pub mod order_change;
pub mod partner;
pub mod policy;
pub mod problem;
pub mod quantity;
pub mod receipt;
pub mod shipment;
pub mod statement;
pub mod states;
pub mod syntax_report;
pub mod time;
pub mod translation;
pub mod unit;

pub use actor::{Actor, Channel, Side};
pub use id::{
    AccessTokenId, AcknowledgmentId, AppointmentId, AttachmentId, ChangeProposalId, ConnectionId, DeliveryId,
    DiscrepancyId, EventId, ExceptionId, InboundMessageId, InterchangeFileId, InterchangeId, InvalidId,
    MailId, MembershipId, MessageId, NoteId, NoticeId, PurchaseOrderId, ReceiptId, SentInterchangeId,
    SentMessageId, SessionId, ShipmentId, SupplierGroupId, SupplierId, TenantId, ThreadId, TradingPartnerId,
    UserId, WaitingChangeId,
};
pub use problem::{Field, Problem, Problems, place_in_message};
pub use quantity::{Micro, NotExact};
pub use time::{Date, Timestamp};

/// A coded word: one spelling on the wire, in the database and in the logs, and what it means.
pub trait Word: Copy + Send + Sync + 'static {
    /// The name of the list of words.
    const NAME: &'static str;
    /// What the list is about.
    const DOC: &'static str;
    /// Every word.
    const ALL: &'static [Self];
    /// The spelling.
    fn code(self) -> &'static str;
    /// What the word means.
    fn doc(self) -> &'static str;
}
