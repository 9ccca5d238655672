//! Lines of an order and the answers that stand.
use async_graphql::ID;
use quayside_canonical::{
    Micro, acknowledgment as words, order as document,
    states::{AnswerKind, LineStatus},
};
use quayside_domain::{acknowledgments::query::Standing, orders::OrderLine};

use crate::invoices::InvoiceStatus;
use crate::types::{Code, Date, Decimal, plain::plain};

plain! {
    /// How much, and of what.
    Quantity {
        /// The number.
        value as "value": Decimal,
        /// UN/ECE Rec 20 unit where there is one, else the code as it came.
        unit as "unit": String,
    }

    /// An amount of money.
    Money {
        /// The number.
        amount as "amount": Decimal,
        /// ISO 4217 currency.
        currency as "currency": Option<String>,
    }

    /// One line of a purchase order revision.
    PurchaseOrderLine {
        /// The line number as the buyer has it.
        number as "number": String,
        /// The buyer's part number.
        buyer_part as "buyerPart": Option<String>,
        /// The supplier's part number.
        supplier_part as "supplierPart": Option<String>,
        /// GTIN.
        gtin as "gtin": Option<String>,
        /// What it is.
        description as "description": Option<String>,
        /// How much is ordered.
        quantity as "quantity": Quantity,
        /// Price of `pricePer` units.
        unit_price as "unitPrice": Option<Money>,
        /// For how many units the price is.
        price_per as "pricePer": Decimal,
        /// First day the goods are wanted.
        deliver_from as "deliverFrom": Option<Date>,
        /// Last day the goods are wanted.
        deliver_to as "deliverTo": Option<Date>,
        /// Whether the buyer cancelled the line.
        cancelled as "cancelled": bool,
        /// Where the line stands; only for the current revision.
        status as "status": Option<Code<LineStatus>>,
        /// The answer given last; only for the current revision.
        answer as "answer": Option<LineAnswer>,
        /// Where its invoices stand; only for the current revision.
        invoice_statuses as "invoiceStatuses": Vec<InvoiceStatus>,
    }

    /// What was said about a line.
    LineAnswer {
        /// The acknowledgment it was said in.
        acknowledgment_id as "acknowledgmentId": ID,
        /// The revision it answered.
        revision as "revision": i32,
        /// Whether the answer holds for the current revision.
        holds as "holds": bool,
        /// How much of the line it leaves open, when it is an answer in part: the line waits for the rest.
        open as "open": Option<Quantity>,
        /// The parts of the quantity.
        parts as "parts": Vec<AnswerPart>,
    }

    /// One part of a line's quantity and what becomes of it.
    AnswerPart {
        /// What becomes of it.
        kind as "kind": Code<AnswerKind>,
        /// How much.
        quantity as "quantity": Quantity,
        /// The day the goods will be delivered.
        promised_on as "promisedOn": Option<Date>,
        /// Price, on the order's basis.
        price as "price": Option<Decimal>,
        /// Why.
        reason as "reason": Option<String>,
        /// What is shipped instead.
        substitute as "substitute": Option<Substitute>,
    }

    /// An item shipped in place of the one ordered.
    Substitute {
        /// The supplier's part number.
        supplier_part as "supplierPart": String,
        /// What it is.
        description as "description": Option<String>,
    }
}

impl PurchaseOrderLine {
    /// A stored line of the current revision.
    pub(crate) fn of(line: OrderLine, currency: Option<&String>) -> Self {
        let unit = line.unit.clone();
        Self {
            number: line.number,
            buyer_part: line.buyer_part,
            supplier_part: line.supplier_part,
            gtin: line.gtin,
            description: line.description,
            quantity: Quantity { value: Decimal(line.quantity), unit: line.unit },
            unit_price: line
                .unit_price
                .map(|price| Money { amount: Decimal(price), currency: currency.cloned() }),
            price_per: Decimal(line.price_per.unwrap_or(quayside_canonical::Micro::ONE)),
            deliver_from: line.deliver_from.map(Date),
            deliver_to: line.deliver_to.map(Date),
            cancelled: line.cancelled,
            status: line.standing.as_ref().map(|standing| Code(standing.status)),
            answer: line.standing.and_then(|standing| LineAnswer::of(standing, line.quantity, &unit)),
            invoice_statuses: Vec::new(),
        }
    }

    /// A line as a revision's document has it.
    pub(crate) fn of_document(line: &document::Line, currency: Option<&String>) -> Self {
        Self {
            number: line.number.clone(),
            buyer_part: line.buyer_part.clone(),
            supplier_part: line.supplier_part.clone(),
            gtin: line.gtin.clone(),
            description: line.description.clone(),
            quantity: Quantity { value: Decimal(line.quantity), unit: line.unit.clone() },
            unit_price: line
                .unit_price
                .map(|price| Money { amount: Decimal(price), currency: currency.cloned() }),
            price_per: Decimal(line.price_per.unwrap_or(quayside_canonical::Micro::ONE)),
            deliver_from: line.deliver_from.map(Date),
            deliver_to: line.deliver_to.map(Date),
            cancelled: line.cancelled,
            status: None,
            answer: None,
            invoice_statuses: Vec::new(),
        }
    }
}

impl LineAnswer {
    fn of(standing: Standing, ordered: Micro, unit: &str) -> Option<Self> {
        let answered: Micro = standing.parts.iter().map(|part| part.quantity).sum();
        let open = (standing.status == LineStatus::AwaitingAnswer)
            .then(|| Quantity { value: Decimal(ordered - answered), unit: unit.to_owned() });
        Some(Self {
            open,
            acknowledgment_id: ID(standing.acknowledgment?.to_string()),
            revision: standing.answered_revision?,
            holds: matches!(standing.status, LineStatus::Accepted | LineStatus::Proposed),
            parts: standing.parts.into_iter().map(AnswerPart::from).collect(),
        })
    }
}

impl From<words::AnswerPart> for AnswerPart {
    fn from(part: words::AnswerPart) -> Self {
        Self {
            kind: Code(part.kind),
            quantity: Quantity { value: Decimal(part.quantity), unit: part.unit.unwrap_or_default() },
            promised_on: part.promised_on.map(Date),
            price: part.price.map(Decimal),
            reason: part.reason,
            substitute: part
                .substitute
                .map(|item| Substitute { supplier_part: item.supplier_part, description: item.description }),
        }
    }
}
