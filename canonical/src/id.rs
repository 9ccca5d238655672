//! Typed ids. A supplier's id cannot be passed where an order's is meant, in Rust or on the wire.
use crate::macros::ids;

/// The text is not an id of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an id that looks like `{expected}_…`")]
pub struct InvalidId {
    /// The prefix it should have had.
    pub expected: &'static str,
}

ids! {
    /// A distributor: the owner of every other row.
    TenantId = "ten";
    /// A supplier of one tenant.
    SupplierId = "sup";
    /// Suppliers that share rules.
    SupplierGroupId = "grp";
    /// A person who signs in.
    UserId = "usr";
    /// A person's place in a tenant, as buyer or for one supplier.
    MembershipId = "mem";
    /// A signed-in browser or script.
    SessionId = "ses";
    /// A bearer token: of a person's program, a connection or a trading partner.
    AccessTokenId = "tok";
    /// An ERP, WMS or other system of a tenant.
    ConnectionId = "con";
    /// A supplier as EDI knows it.
    TradingPartnerId = "tpr";
    /// A purchase order, all revisions of it.
    PurchaseOrderId = "po";
    /// A supplier's answer to one revision.
    AcknowledgmentId = "ack";
    /// What a supplier proposed beyond tolerance, for procurement to decide.
    ChangeProposalId = "chg";
    /// A fact in the event log.
    EventId = "evt";
    /// One event on its way to one connection.
    DeliveryId = "dlv";
    /// A piece of work with an owner, because something went wrong.
    ExceptionId = "exc";
    /// A file or request of EDI as it arrived. It may hold several interchanges.
    InterchangeFileId = "icf";
    /// An interchange: one envelope and the messages in it.
    InterchangeId = "ich";
    /// A change to an order that waits for what comes before it.
    WaitingChangeId = "wch";
    /// An interchange that we made for a trading partner.
    SentInterchangeId = "sic";
    /// A message in one.
    SentMessageId = "smg";
    /// One message of an interchange.
    MessageId = "msg";
    /// Something that one of a tenant's systems said, as it arrived.
    InboundMessageId = "inm";
    /// Goods that a supplier announces and sends: a ship notice and what becomes of it.
    ShipmentId = "shp";
    /// A slot at a dock for a shipment.
    AppointmentId = "apt";
    /// What a warehouse says it received.
    ReceiptId = "rcp";
    /// A difference between what was announced and what was received.
    DiscrepancyId = "dsc";
    /// A conversation about an order, a shipment or an exception.
    ThreadId = "thr";
    /// One entry of a conversation.
    NoteId = "nte";
    /// A file that somebody added to an exception.
    AttachmentId = "att";
    /// What one person is to be told of one event.
    NoticeId = "ntc";
    /// One mail to one person.
    MailId = "mai";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_shows_and_refuses_another_kind() {
        let order = PurchaseOrderId::generate();
        assert_eq!(order.to_string().parse(), Ok(order));
        let wrong = order.to_string().parse::<SupplierId>();
        assert_eq!(wrong, Err(InvalidId { expected: "sup" }));
        assert!("po_123".parse::<PurchaseOrderId>().is_err());
        assert!("po_".parse::<PurchaseOrderId>().is_err());
    }
}
