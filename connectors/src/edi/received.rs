//! What a warehouse received, in the words of receipts.
use quayside_canonical::{
    Date, Micro, goods_statement::NamedLine, gs1::Sscc, receipt::ReceiptLine, states::GoodsCondition,
};

use super::{purpose::Purpose, sent::Sent};

/// So much, in which condition, and by which code of the sender's.
pub(super) type Part = (Micro, GoodsCondition, Option<String>);

/// What the goods of a line bear.
pub(super) struct Marks {
    pub(super) sscc: Option<Sscc>,
    pub(super) lot: Option<String>,
    pub(super) expires_on: Option<Date>,
}

/// The lines of a receipt that the parts of one of the message's become.
pub(super) fn lines(
    named: NamedLine,
    unit: Option<String>,
    parts: Vec<Part>,
    marks: Marks,
) -> impl Iterator<Item = (NamedLine, ReceiptLine)> {
    parts.into_iter().map(move |(quantity, condition, condition_code)| {
        let line = ReceiptLine {
            order: String::new(),
            line: String::new(),
            quantity,
            unit: unit.clone(),
            condition,
            condition_code,
            item: None,
            sscc: marks.sscc,
            lot: marks.lot.clone(),
            expires_on: marks.expires_on,
            evidence: Vec::new(),
        };
        (named.clone(), line)
    })
}

/// The number of the receipt, and that of the one it replaces or takes back: a receipt's number is never used again.
pub(super) fn numbers(number: String, purpose: Purpose, sent: &Sent) -> (String, Option<String>) {
    match purpose {
        Purpose::State => (number, None),
        Purpose::Replace => (format!("{number} 05 {}", sent.stamp), Some(number)),
        Purpose::Cancel => (format!("{number} 01 {}", sent.stamp), Some(number)),
    }
}
