//! The states things can be in.
use crate::macros::words;

words! {
    /// Where a purchase order stands with its supplier.
    OrderStatus {
        /// No line of the current revision is answered.
        AwaitingAnswer = "AWAITING_ANSWER",
        /// Some lines are answered, some are not.
        PartiallyAcknowledged = "PARTIALLY_ACKNOWLEDGED",
        /// Every line is answered, and procurement has a proposal to decide.
        ChangeProposed = "CHANGE_PROPOSED",
        /// Every line is answered and agreed.
        Acknowledged = "ACKNOWLEDGED",
        /// The buyer cancelled the order.
        Cancelled = "CANCELLED",
    }

    /// Where one line stands.
    LineStatus {
        /// The supplier has to answer.
        AwaitingAnswer = "AWAITING_ANSWER",
        /// The answer is agreed.
        Accepted = "ACCEPTED",
        /// The answer is beyond tolerance and waits for procurement.
        Proposed = "PROPOSED",
        /// Procurement declined the proposal: the supplier has to answer again.
        Declined = "DECLINED",
        /// A later revision changed the line: the supplier has to answer again.
        Outdated = "OUTDATED",
        /// The buyer cancelled the line: nothing to answer.
        Cancelled = "CANCELLED",
    }

    /// What a supplier says about a part of a line.
    AnswerKind {
        /// Will be shipped.
        Accepted = "ACCEPTED",
        /// Will be shipped later than asked.
        Backordered = "BACKORDERED",
        /// Another item will be shipped.
        Substituted = "SUBSTITUTED",
        /// Will not be shipped.
        Rejected = "REJECTED",
    }

    /// Where a change proposal stands.
    ProposalStatus {
        /// Procurement has not decided.
        Open = "OPEN",
        /// Procurement agreed.
        Accepted = "ACCEPTED",
        /// Procurement did not agree.
        Declined = "DECLINED",
        /// A newer answer or revision overtook it.
        Superseded = "SUPERSEDED",
    }

    /// Where a delivery stands.
    DeliveryStatus {
        /// To be sent, now or at its next time.
        Waiting = "WAITING",
        /// A worker holds it.
        Sending = "SENDING",
        /// Sent, but whether it arrived is not known: the receiver is asked before it is sent again.
        Unconfirmed = "UNCONFIRMED",
        /// The receiver has it.
        Delivered = "DELIVERED",
        /// Given up: a person decides. Later ones of the same order wait.
        Dead = "DEAD",
        /// A person decided that it will not be sent.
        Skipped = "SKIPPED",
    }

    /// Where an exception stands.
    ExceptionStatus {
        /// Nobody has looked.
        Open = "OPEN",
        /// It was dealt with, or what caused it is gone.
        Resolved = "RESOLVED",
    }

    /// What kind of thing went wrong.
    ExceptionKind {
        /// A supplier did not answer in time.
        AcknowledgmentOverdue = "ACKNOWLEDGMENT_OVERDUE",
        /// An answer is beyond tolerance.
        AnswerOverTolerance = "ANSWER_OVER_TOLERANCE",
        /// A delivery was given up.
        DeliveryFailed = "DELIVERY_FAILED",
        /// A connection's credentials were refused; it is paused.
        ConnectionPaused = "CONNECTION_PAUSED",
        /// A revision arrived twice with different content.
        RevisionConflict = "REVISION_CONFLICT",
        /// A document could not be taken.
        DocumentRefused = "DOCUMENT_REFUSED",
        /// A code of a document is in no list of ours; kept as it came.
        UnknownCode = "UNKNOWN_CODE",
    }

    /// How bad an exception is.
    Severity {
        /// Worth knowing.
        Warning = "WARNING",
        /// Work is blocked.
        Error = "ERROR",
    }

    /// Whether a connection is used.
    ConnectionStatus {
        /// Used.
        Active = "ACTIVE",
        /// Nothing is sent until a person resumes it.
        Paused = "PAUSED",
    }

    /// Real data or trial data.
    Environment {
        /// Trial data.
        Test = "TEST",
        /// Real data.
        Live = "LIVE",
    }

    /// What became of one document that was handed in.
    DocumentOutcome {
        /// A new order.
        Created = "CREATED",
        /// A new current revision of an order.
        Revised = "REVISED",
        /// We have it already, word for word.
        Unchanged = "UNCHANGED",
        /// Older than the current revision: filed in history.
        Late = "LATE",
        /// The same revision came before with other content: nothing changed.
        Conflict = "CONFLICT",
        /// Taken as a supplier's answer.
        Answered = "ANSWERED",
        /// Not taken; the problems say why.
        Refused = "REFUSED",
    }

    /// How a trading partner's traffic reaches us.
    PartnerMode {
        /// We get copies of what the tenant and the supplier already exchange, and send nothing.
        Mirror = "MIRROR",
        /// We are the EDI end point.
        Exchange = "EXCHANGE",
    }
}
