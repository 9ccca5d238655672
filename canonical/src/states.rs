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

    /// How far the goods of a line or an order are. It follows from the quantity ledger alone.
    FulfillmentStatus {
        /// Nothing is on its way.
        NotShipped = "NOT_SHIPPED",
        /// Some of it is on its way.
        PartiallyShipped = "PARTIALLY_SHIPPED",
        /// All that is wanted is on its way.
        Shipped = "SHIPPED",
        /// Some of it arrived.
        PartiallyReceived = "PARTIALLY_RECEIVED",
        /// All that is wanted arrived; some of it is still held or not decided about.
        Received = "RECEIVED",
        /// Nothing more is expected.
        Closed = "CLOSED",
        /// Nothing is wanted any more.
        Cancelled = "CANCELLED",
    }

    /// Where a shipment stands.
    ShipmentStatus {
        /// The supplier works on it; nobody else sees it.
        Draft = "DRAFT",
        /// Announced; the goods have not left yet.
        Submitted = "SUBMITTED",
        /// The goods have left.
        InTransit = "IN_TRANSIT",
        /// The goods are at the dock; nothing is counted yet.
        Arrived = "ARRIVED",
        /// Some of it is counted.
        PartiallyReceived = "PARTIALLY_RECEIVED",
        /// The warehouse has counted all of it, and a difference is still open.
        Received = "RECEIVED",
        /// The warehouse has counted all of it, and nothing is open.
        Closed = "CLOSED",
        /// The supplier took it back.
        Cancelled = "CANCELLED",
    }

    /// What a version of a shipment came to be by.
    ShipmentAction {
        /// Begun or changed as a draft.
        Drafted = "DRAFTED",
        /// Announced.
        Submitted = "SUBMITTED",
        /// Changed after it was announced.
        Amended = "AMENDED",
        /// Taken back.
        Cancelled = "CANCELLED",
    }

    /// Where an appointment at a dock stands.
    AppointmentStatus {
        /// The supplier asked for a slot.
        Requested = "REQUESTED",
        /// The warehouse gave a slot.
        Confirmed = "CONFIRMED",
        /// The warehouse gave no slot.
        Refused = "REFUSED",
        /// It will not take place.
        Cancelled = "CANCELLED",
        /// The goods are at the dock.
        Arrived = "ARRIVED",
        /// The goods are unloaded.
        Completed = "COMPLETED",
    }

    /// What kind of statement a receipt is.
    ReceiptKind {
        /// Part of what arrived: more may follow.
        Increment = "INCREMENT",
        /// The last word about the shipment, or about the lines it names: what is missing is short.
        Final = "FINAL",
        /// Takes back the receipt it names.
        Reversal = "REVERSAL",
    }

    /// How the quantities of a receipt count.
    QuantityBasis {
        /// They add to what was received before.
        Delta = "DELTA",
        /// They are all that was received so far, and replace what was stated before.
        Total = "TOTAL",
    }

    /// In what condition goods arrived.
    GoodsCondition {
        /// As they should be.
        Good = "GOOD",
        /// Broken, wet, crushed.
        Damaged = "DAMAGED",
        /// Past the last day of use, or too near to it.
        Expired = "EXPIRED",
        /// Another item than the one ordered.
        WrongItem = "WRONG_ITEM",
        /// Held until quality has been checked.
        QualityHold = "QUALITY_HOLD",
        /// The source's code is in no list of ours: held until somebody knows.
        Unknown = "UNKNOWN",
    }

    /// In what a receipt differs from what was announced or agreed.
    DiscrepancyKind {
        /// Less than announced, by a final receipt.
        Short = "SHORT",
        /// More than announced.
        Over = "OVER",
        /// Damaged goods.
        Damaged = "DAMAGED",
        /// Another item than the one ordered.
        WrongItem = "WRONG_ITEM",
        /// Goods past their last day of use.
        Expired = "EXPIRED",
        /// Goods held for quality, or of a condition nobody knows.
        QualityHold = "QUALITY_HOLD",
        /// Goods that no shipment announced.
        NoAsn = "NO_ASN",
        /// Goods that came after the agreed day.
        Late = "LATE",
    }

    /// Where a discrepancy stands.
    DiscrepancyStatus {
        /// Nobody decided.
        Open = "OPEN",
        /// The supplier sees it otherwise.
        Contested = "CONTESTED",
        /// Procurement decided.
        Resolved = "RESOLVED",
        /// Later receipts say that there is no such difference.
        Withdrawn = "WITHDRAWN",
    }

    /// What becomes of a difference.
    DiscrepancyResolution {
        /// The buyer takes it as it is: what is short is not expected any more, what is over or damaged is kept.
        Accept = "ACCEPT",
        /// The goods go back; what is missing then stays wanted.
        Return = "RETURN",
        /// The supplier credits it; nothing more is expected for it.
        Credit = "CREDIT",
        /// The supplier sends it again: it stays wanted.
        Replace = "REPLACE",
    }

    /// What the buyer's ERP says about the invoice of an order line.
    InvoiceMatchStatus {
        /// Invoice, order and receipt agree.
        Matched = "MATCHED",
        /// The price differs.
        PriceVariance = "PRICE_VARIANCE",
        /// The quantity differs.
        QuantityVariance = "QUANTITY_VARIANCE",
        /// Payment is blocked for another reason.
        Blocked = "BLOCKED",
        /// It is paid.
        Paid = "PAID",
        /// The invoice was cancelled: it does not count any more.
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
        /// The receiver said that it had it, and does not: a person decides. Later ones of the same order go on.
        Missing = "MISSING",
    }

    /// Whether a connection's system can be called.
    CircuitState {
        /// It is called.
        Closed = "CLOSED",
        /// It failed again and again: nothing is sent for a while, and then one delivery to see.
        Open = "OPEN",
    }

    /// What is known from reading back.
    CheckState {
        /// To be read back.
        Due = "DUE",
        /// The receiver has it.
        Found = "FOUND",
        /// The receiver does not have it. It is asked a few more times.
        Missing = "MISSING",
        /// The receiver could not be asked, or did not answer: nothing is known.
        Unknown = "UNKNOWN",
    }

    /// Where an exception stands.
    ExceptionStatus {
        /// Nobody has looked.
        Open = "OPEN",
        /// Its owner has seen it.
        Acknowledged = "ACKNOWLEDGED",
        /// Somebody works on it.
        InProgress = "IN_PROGRESS",
        /// It was dealt with, or what caused it is gone.
        Resolved = "RESOLVED",
    }

    /// What kind of thing went wrong.
    ExceptionKind {
        /// A supplier did not answer in time.
        AcknowledgmentOverdue = "ACKNOWLEDGMENT_OVERDUE",
        /// An answer is beyond tolerance.
        AnswerOverTolerance = "ANSWER_OVER_TOLERANCE",
        /// A supplier will ship another item than the one ordered.
        Substitution = "SUBSTITUTION",
        /// A shipment was announced with less than was agreed.
        ShortShip = "SHORT_SHIP",
        /// Goods are not on their way although they should be, or have not arrived when they should have.
        ShipmentLate = "SHIPMENT_LATE",
        /// Goods were announced of a line that is not answered.
        ShipmentUnacknowledged = "SHIPMENT_UNACKNOWLEDGED",
        /// A receipt differs from what was announced or agreed.
        Discrepancy = "DISCREPANCY",
        /// The buyer wants less of a line than is already on its way or here.
        ChangeBelowShipped = "CHANGE_BELOW_SHIPPED",
        /// Goods arrived that no shipment announced.
        ReceiptWithoutAsn = "RECEIPT_WITHOUT_ASN",
        /// An invoice does not match order and receipt.
        InvoiceMismatch = "INVOICE_MISMATCH",
        /// A delivery was given up.
        DeliveryFailed = "DELIVERY_FAILED",
        /// A receiver said that it had a delivery, and does not.
        DeliveryMissing = "DELIVERY_MISSING",
        /// A connection's system has not answered for a while; nothing is sent until it does.
        ConnectionUnreachable = "CONNECTION_UNREACHABLE",
        /// A connection's credentials were refused; it is paused.
        ConnectionPaused = "CONNECTION_PAUSED",
        /// What a connection is asked for cannot be read, again and again.
        FeedFailing = "FEED_FAILING",
        /// A revision arrived twice with different content.
        RevisionConflict = "REVISION_CONFLICT",
        /// A document could not be taken.
        DocumentRefused = "DOCUMENT_REFUSED",
        /// A code of a document is in no list of ours; kept as it came.
        UnknownCode = "UNKNOWN_CODE",
        /// What a trading partner is to get could not be made.
        EdiNotSent = "EDI_NOT_SENT",
        /// A trading partner's system did not take what it was sent.
        EdiRejected = "EDI_REJECTED",
        /// A trading partner's system did not confirm in time what it was sent.
        EdiUnconfirmed = "EDI_UNCONFIRMED",
    }

    /// How bad an exception is.
    Severity {
        /// Worth knowing.
        Warning = "WARNING",
        /// Work is blocked.
        Error = "ERROR",
        /// Somebody has to act at once.
        Critical = "CRITICAL",
    }

    /// Whether a connection is used.
    ConnectionStatus {
        /// Used.
        Active = "ACTIVE",
        /// Nothing is sent until a person resumes it.
        Paused = "PAUSED",
        /// A webhook endpoint that gets nothing: what happens meanwhile does not wait for it.
        Disabled = "DISABLED",
    }

    /// How a webhook endpoint fares.
    EndpointStatus {
        /// It takes what it is sent, as far as is known.
        Active = "ACTIVE",
        /// The last thing it was sent did not arrive; it is tried on.
        Failing = "FAILING",
        /// Nothing is sent.
        Disabled = "DISABLED",
    }

    /// Why a webhook endpoint is disabled.
    DisabledReason {
        /// Its owner wanted it so.
        Owner = "OWNER",
        /// The buyer wanted it so.
        Buyer = "BUYER",
        /// It answered 410: it wants nothing more.
        Gone = "GONE",
        /// For five days nothing arrived.
        Failing = "FAILING",
        /// Nobody of its supplier's has a place any more.
        OwnerGone = "OWNER_GONE",
    }

    /// How bad it is with a webhook endpoint that is still tried.
    EndpointWarning {
        /// For a day nothing arrived.
        FailingForADay = "FAILING_FOR_A_DAY",
        /// An event was tried as often as it is, and is not tried any more.
        Exhausted = "EXHAUSTED",
    }

    /// How a system's documents come in.
    FeedWay {
        /// We ask.
        Poll = "POLL",
        /// The system sends.
        Push = "PUSH",
    }

    /// What a system speaks about.
    InboundKind {
        /// A purchase order.
        PurchaseOrder = "PURCHASE_ORDER",
        /// What a warehouse received.
        Receipt = "RECEIPT",
        /// Where an appointment stands.
        Appointment = "APPOINTMENT",
        /// Where an invoice stands.
        InvoiceStatus = "INVOICE_STATUS",
        /// Only that something changed: the feed that brings it is polled.
        Change = "CHANGE",
        /// An EDI interchange.
        Interchange = "INTERCHANGE",
        /// Of a kind that could not be told.
        Unknown = "UNKNOWN",
    }

    /// Where something stands that a system said.
    InboundStatus {
        /// On file; what becomes of it is still being found out.
        Received = "RECEIVED",
        /// Every document in it was taken, or it held none.
        Applied = "APPLIED",
        /// Some documents were taken, some were not.
        Partly = "PARTLY",
        /// Nothing in it was taken.
        Refused = "REFUSED",
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
        /// Taken: a receipt, an appointment or a status was recorded.
        Recorded = "RECORDED",
        /// On file until what comes before it is here.
        Waiting = "WAITING",
        /// Not taken; the problems say why.
        Refused = "REFUSED",
    }

    /// How far an EDI message came.
    MessageStage {
        /// Its bytes are on file; its syntax is at fault, or that of what is around it.
        Received = "RECEIVED",
        /// It was read, and cannot be understood.
        Parsed = "PARSED",
        /// It is understood, and the rules have refused it or let it wait.
        Validated = "VALIDATED",
        /// It did what it asks for, or there was nothing left to do.
        Applied = "APPLIED",
    }

    /// What became of an EDI interchange.
    InterchangeStatus {
        /// It is on file and not dealt with to the end.
        Received = "RECEIVED",
        /// All its messages were taken.
        Applied = "APPLIED",
        /// Some of its messages were taken, some refused.
        PartlyApplied = "PARTLY_APPLIED",
        /// Nothing of it was taken.
        Refused = "REFUSED",
    }

    /// How a trading partner's traffic reaches us.
    PartnerMode {
        /// We get copies of what the tenant and the supplier already exchange, and send nothing.
        Mirror = "MIRROR",
        /// We are the EDI end point.
        Exchange = "EXCHANGE",
    }

    /// The kinds of EDI message we know.
    EdiDocument {
        /// A purchase order: X12 850, EDIFACT ORDERS.
        Order = "ORDER",
        /// A change to one: 860, ORDCHG.
        OrderChange = "ORDER_CHANGE",
        /// The supplier's answer: 855, ORDRSP.
        OrderAnswer = "ORDER_ANSWER",
        /// The supplier's answer to a change, or a change it asks for: 865.
        ChangeAnswer = "CHANGE_ANSWER",
        /// What is shipped: 856, DESADV.
        ShipNotice = "SHIP_NOTICE",
        /// What was received: 861, RECADV.
        ReceivingAdvice = "RECEIVING_ADVICE",
        /// An invoice: 810, INVOIC.
        Invoice = "INVOICE",
        /// A refusal in substance: 824, APERAK.
        ApplicationAdvice = "APPLICATION_ADVICE",
        /// A word about syntax: 997, 999, TA1, CONTRL.
        SyntaxReport = "SYNTAX_REPORT",
    }

    /// Which way an EDI message goes.
    EdiWay {
        /// To the tenant.
        In = "IN",
        /// To the trading partner.
        Out = "OUT",
    }

    /// The two standards.
    EdiSyntax {
        /// ANSI ASC X12.
        X12 = "X12",
        /// UN/EDIFACT, ISO 9735.
        Edifact = "EDIFACT",
    }

    /// Where an interchange stands that was made for a trading partner.
    SentStatus {
        /// Made; not sent yet.
        Composed = "COMPOSED",
        /// Sent; what the partner's system says to it is awaited, where it has to say something.
        Sent = "SENT",
        /// The partner's system took it.
        Confirmed = "CONFIRMED",
        /// The partner's system did not take it, or not all of it.
        Rejected = "REJECTED",
        /// The partner's system should have confirmed it by now.
        Overdue = "OVERDUE",
    }

    /// What an interchange that we send is to the event that brought it about.
    ExchangePurpose {
        /// It tells of it: an order, a change, a receipt.
        Document = "DOCUMENT",
        /// It says whether what came is right in form.
        Confirmation = "CONFIRMATION",
        /// It says why what came was refused in substance.
        Advice = "ADVICE",
    }

    /// A list of which a trading partner has words of its own.
    EdiCodeList {
        /// What becomes of a line: X12 668 (ACK01), EDIFACT 1229.
        LineAnswer = "LINE_ANSWER",
        /// Units of measure: X12 355, UN/ECE Recommendation 20.
        Unit = "UNIT",
        /// Warehouses and other places.
        Location = "LOCATION",
        /// Items by the buyer's number.
        Item = "ITEM",
    }

    /// What is done about an interchange whose control number the partner used before.
    RepeatPolicy {
        /// It is refused: TA1 025, CONTRL 26.
        Refuse = "REFUSE",
        /// It is taken when nothing of the earlier one was; otherwise refused.
        TakeAfterFailure = "TAKE_AFTER_FAILURE",
    }

    /// What the quantity of a changed line means.
    ChangeQuantity {
        /// The new total, as the standard has it.
        Total = "TOTAL",
        /// By how much the total goes up or down.
        Difference = "DIFFERENCE",
    }

    /// What a partner's system says about the syntax of what we sent.
    SyntaxVerdict {
        /// It arrived and its envelope can be read; what it holds is not judged yet.
        Received = "RECEIVED",
        /// It is right in form.
        Accepted = "ACCEPTED",
        /// It was taken, with faults.
        AcceptedWithErrors = "ACCEPTED_WITH_ERRORS",
        /// Some of what it holds was taken, some was not.
        PartlyAccepted = "PARTLY_ACCEPTED",
        /// It was not taken.
        Rejected = "REJECTED",
    }

    /// What a partner's application says about the content of what we sent.
    AdviceOutcome {
        /// It was taken.
        Accepted = "ACCEPTED",
        /// It was taken, and something of it was changed.
        AcceptedWithChange = "ACCEPTED_WITH_CHANGE",
        /// It was taken, with faults.
        AcceptedWithErrors = "ACCEPTED_WITH_ERRORS",
        /// Some of it was taken, some was not.
        PartlyAccepted = "PARTLY_ACCEPTED",
        /// It was not taken.
        Rejected = "REJECTED",
        /// The advice does not say whether it was taken.
        Unclear = "UNCLEAR",
    }

    /// How the syntax of what came is confirmed.
    SyntaxAcknowledgment {
        /// Not at all.
        None = "NONE",
        /// By 997, or CONTRL.
        Functional = "FUNCTIONAL",
        /// By 999, or CONTRL.
        Implementation = "IMPLEMENTATION",
    }

    /// How what comes is read.
    EdiReading {
        /// What can be understood is taken: what no table has is kept and told.
        Tolerant = "TOLERANT",
        /// Whatever the standard has a code for refuses.
        Strict = "STRICT",
    }

    /// When an X12 envelope is confirmed by TA1.
    InterchangeAcknowledgment {
        /// Never.
        Never = "NEVER",
        /// When it is wrong, or ISA14 asks for it.
        AsAsked = "AS_ASKED",
        /// For each.
        Always = "ALWAYS",
    }
}
