//! The catalogue of events: facts, in the words of the trade.
//!
//! An event is written by the operation that made it true, in the same transaction. Its type is never
//! renamed; its version rises when a reader of the earlier shape would break. Every type has a JSON Schema
//! under `docs/events/`, generated from the types here.

mod acknowledgment;
mod deliveries;
mod envelope;
mod exceptions;
mod identity;
mod inbound;
mod interchanges;
mod master_data;
mod messages;
mod orders;
mod receipts;
mod set_up;
mod shipments;
mod webhooks;

use serde::Serialize;

pub use acknowledgment::{
    AcknowledgmentOverdue, AcknowledgmentSubmitted, AnsweredLine, ChangeProposalAccepted,
    ChangeProposalDeclined, ChangeProposalOpened,
};
pub use deliveries::{
    ConnectionPaused, ConnectionReadBackSet, ConnectionResumed, DeliveryFailed, DeliveryFound,
    DeliveryMissed, DeliveryRedriven, DeliverySkipped, DeliverySucceeded,
};
pub use envelope::{Envelope, SPEC_VERSION};
pub use exceptions::{
    ExceptionAcknowledged, ExceptionAssigned, ExceptionCommented, ExceptionEscalated, ExceptionFileAttached,
    ExceptionOpened, ExceptionReopened, ExceptionResolutionRequested, ExceptionResolved,
    ExceptionRouteChanged, ExceptionStarted,
};
pub use identity::{ApiTokenCreated, ApiTokenRevoked, SessionEnded, SessionStarted};
pub use inbound::{FeedPollRequested, InboundMessageRetried};
pub use interchanges::{
    InterchangeComposed, InterchangeConfirmed, InterchangeReceived, InterchangeRejected, InterchangeRetried,
};
pub use master_data::MasterDataChanged;
pub use messages::MessagePosted;
pub use orders::{
    OrderedQuantity, PurchaseOrderReleased, PurchaseOrderRevised, RevisionConflicted, RevisionFiledLate,
};
pub use receipts::{
    DiscrepancyChanged, DiscrepancyContested, DiscrepancyOpened, DiscrepancyResolved, InvoiceStatusChanged,
    ReceiptRecorded, ReceivedQuantity,
};
pub use set_up::{
    ConnectionCreated, ConnectionUpdated, Gs1PrefixChanged, MembershipEnded, MembershipGranted,
    PolicyChanged, SupplierCreated, SupplierGroupCreated, TenantCreated, TradingPartnerCreated,
    TradingPartnerDisabled, TradingPartnerEnabled, TradingPartnerUpdated,
};
pub use shipments::{
    AppointmentAnswered, AppointmentCancelled, AppointmentRequested, ShipmentAmended, ShipmentCancelled,
    ShipmentProgressed, ShipmentSubmitted, ShippedQuantity,
};
pub use webhooks::{
    WebhookEndpointCreated, WebhookEndpointDeleted, WebhookEndpointDisabled, WebhookEndpointEnabled,
    WebhookEndpointReplayed, WebhookEndpointTested, WebhookEndpointUpdated, WebhookEndpointWarned,
    WebhookSecretRotated,
};

/// A fact that happened.
pub trait Event: Serialize + Send + Sync {
    /// Dotted `noun.past_participle`; never renamed once released.
    const TYPE: &'static str;
    /// Raised when a reader of the previous shape would break.
    const VERSION: i32;
}

/// One line of the catalogue.
pub struct CatalogueEntry {
    /// The event's type.
    pub event_type: &'static str,
    /// The version of its data.
    pub version: i32,
    /// The JSON Schema of its data.
    #[cfg(feature = "schema")]
    pub schema: fn() -> schemars::Schema,
}

macro_rules! catalogue {
    ($($event:ty = $name:literal v $version:literal,)*) => {
        $(impl Event for $event {
            const TYPE: &'static str = $name;
            const VERSION: i32 = $version;
        })*

        /// Every type of event there is.
        pub const CATALOGUE: &[CatalogueEntry] = &[$(CatalogueEntry {
            event_type: $name,
            version: $version,
            #[cfg(feature = "schema")]
            schema: || schemars::schema_for!($event),
        },)*];
    };
}

catalogue! {
    PurchaseOrderReleased = "purchase_order.released" v 1,
    PurchaseOrderRevised = "purchase_order.revised" v 1,
    RevisionFiledLate = "purchase_order.revision_filed_late" v 1,
    RevisionConflicted = "purchase_order.revision_conflicted" v 1,
    AcknowledgmentSubmitted = "acknowledgment.submitted" v 1,
    AcknowledgmentOverdue = "acknowledgment.overdue" v 1,
    ChangeProposalOpened = "change_proposal.opened" v 1,
    ChangeProposalAccepted = "change_proposal.accepted" v 1,
    ChangeProposalDeclined = "change_proposal.declined" v 1,
    ShipmentSubmitted = "shipment.submitted" v 1,
    ShipmentAmended = "shipment.amended" v 1,
    ShipmentCancelled = "shipment.cancelled" v 1,
    ShipmentProgressed = "shipment.progressed" v 1,
    AppointmentRequested = "appointment.requested" v 1,
    AppointmentCancelled = "appointment.cancelled" v 1,
    AppointmentAnswered = "appointment.answered" v 1,
    ReceiptRecorded = "receipt.recorded" v 1,
    DiscrepancyOpened = "discrepancy.opened" v 1,
    DiscrepancyChanged = "discrepancy.changed" v 1,
    DiscrepancyContested = "discrepancy.contested" v 1,
    DiscrepancyResolved = "discrepancy.resolved" v 1,
    InvoiceStatusChanged = "invoice_status.changed" v 1,
    DeliverySucceeded = "delivery.succeeded" v 1,
    DeliveryFailed = "delivery.failed" v 1,
    DeliveryRedriven = "delivery.redriven" v 1,
    DeliverySkipped = "delivery.skipped" v 1,
    DeliveryMissed = "delivery.missed" v 1,
    DeliveryFound = "delivery.found" v 1,
    ConnectionPaused = "connection.paused" v 1,
    ConnectionResumed = "connection.resumed" v 1,
    ConnectionReadBackSet = "connection.read_back_set" v 1,
    ExceptionOpened = "exception.opened" v 1,
    ExceptionAcknowledged = "exception.acknowledged" v 1,
    ExceptionAssigned = "exception.assigned" v 1,
    ExceptionStarted = "exception.started" v 1,
    ExceptionResolutionRequested = "exception.resolution_requested" v 1,
    ExceptionResolved = "exception.resolved" v 1,
    ExceptionReopened = "exception.reopened" v 1,
    ExceptionEscalated = "exception.escalated" v 1,
    ExceptionCommented = "exception.commented" v 1,
    ExceptionFileAttached = "exception.file_attached" v 1,
    ExceptionRouteChanged = "exception_route.changed" v 1,
    MessagePosted = "message.posted" v 1,
    InterchangeReceived = "interchange.received" v 1,
    InterchangeComposed = "interchange.composed" v 1,
    InterchangeConfirmed = "interchange.confirmed" v 1,
    InterchangeRejected = "interchange.rejected" v 1,
    InterchangeRetried = "interchange.retried" v 1,
    FeedPollRequested = "inbound_feed.poll_requested" v 1,
    InboundMessageRetried = "inbound_message.retried" v 1,
    SessionStarted = "session.started" v 1,
    SessionEnded = "session.ended" v 1,
    ApiTokenCreated = "api_token.created" v 1,
    ApiTokenRevoked = "api_token.revoked" v 1,
    TenantCreated = "tenant.created" v 1,
    SupplierCreated = "supplier.created" v 1,
    Gs1PrefixChanged = "supplier.gs1_prefix_changed" v 1,
    SupplierGroupCreated = "supplier_group.created" v 1,
    PolicyChanged = "policy.changed" v 1,
    MembershipGranted = "membership.granted" v 1,
    MembershipEnded = "membership.ended" v 1,
    ConnectionCreated = "connection.created" v 1,
    ConnectionUpdated = "connection.updated" v 1,
    TradingPartnerCreated = "trading_partner.created" v 1,
    TradingPartnerUpdated = "trading_partner.updated" v 1,
    TradingPartnerDisabled = "trading_partner.disabled" v 1,
    TradingPartnerEnabled = "trading_partner.enabled" v 1,
    MasterDataChanged = "master_data.changed" v 1,
    WebhookEndpointCreated = "webhook_endpoint.created" v 1,
    WebhookEndpointUpdated = "webhook_endpoint.updated" v 1,
    WebhookEndpointDeleted = "webhook_endpoint.deleted" v 1,
    WebhookSecretRotated = "webhook_endpoint.secret_rotated" v 1,
    WebhookEndpointDisabled = "webhook_endpoint.disabled" v 1,
    WebhookEndpointEnabled = "webhook_endpoint.enabled" v 1,
    WebhookEndpointWarned = "webhook_endpoint.warned" v 1,
    WebhookEndpointTested = "webhook_endpoint.tested" v 1,
    WebhookEndpointReplayed = "webhook_endpoint.replayed" v 1,
}

/// Whether a supplier may see events of this type, when they concern it.
///
/// What the buyer's own systems and people do stays on the buyer's side. Events about exceptions and messages
/// name a supplier only where [`concerns_supplier`](crate::states::ExceptionKind::concerns_supplier) says so.
#[must_use]
pub fn visible_to_supplier(event_type: &str) -> bool {
    event_type.starts_with("purchase_order.")
        || event_type.starts_with("acknowledgment.")
        || event_type.starts_with("change_proposal.")
        || event_type.starts_with("delivery.")
        || event_type.starts_with("shipment.")
        || event_type.starts_with("appointment.")
        || event_type.starts_with("receipt.")
        || event_type.starts_with("discrepancy.")
        || event_type.starts_with("invoice_status.")
        || event_type.starts_with("exception.")
        || event_type.starts_with("message.")
        || event_type.starts_with("webhook_endpoint.")
}
