//! Codes of an order that were replaced by the tenant's own, and what the source had written.
//!
//! The order is worked with in the tenant's codes; nothing of what came is lost, because each replacement
//! stays with the order or line it was made in.
use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::order::{Line, PurchaseOrder};

/// A code that may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum CodeField {
    /// The supplier's number.
    Supplier,
    /// The code of the place to ship to.
    ShipTo,
    /// The buyer's part number.
    BuyerPart,
    /// The supplier's part number.
    SupplierPart,
    /// The unit.
    Unit,
}

impl CodeField {
    /// The way to it from its order or line, by the names on the wire.
    #[must_use]
    pub const fn path(self) -> &'static [&'static str] {
        match self {
            Self::Supplier => &["supplier"],
            Self::ShipTo => &["shipTo", "code"],
            Self::BuyerPart => &["buyerPart"],
            Self::SupplierPart => &["supplierPart"],
            Self::Unit => &["unit"],
        }
    }
}

/// One code that was replaced, or filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Translation {
    /// Which code.
    pub field: CodeField,
    /// What the source wrote; nothing when it left the code out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What stands there now.
    pub to: String,
}

impl PurchaseOrder {
    /// The order as the source wrote it: what recognises a revision that comes again.
    #[must_use]
    pub fn as_received(&self) -> Cow<'_, Self> {
        if self.translations.is_empty() && self.lines.iter().all(|line| line.translations.is_empty()) {
            return Cow::Borrowed(self);
        }
        let mut order = self.clone();
        for Translation { field, from, to } in std::mem::take(&mut order.translations) {
            match (field, from) {
                (CodeField::Supplier, Some(from)) if order.supplier == to => order.supplier = from,
                (CodeField::ShipTo, from) => {
                    restore(order.ship_to.as_mut().map(|party| &mut party.code), from, &to);
                }
                _ => {}
            }
        }
        order.lines.iter_mut().for_each(restore_line);
        Cow::Owned(order)
    }
}

impl Line {
    /// Whether the supplier's part number is ours, not the source's.
    #[must_use]
    pub fn part_filled_in(&self) -> bool {
        self.translations.iter().any(|made| made.field == CodeField::SupplierPart && made.from.is_none())
    }
}

fn restore_line(line: &mut Line) {
    for Translation { field, from, to } in std::mem::take(&mut line.translations) {
        match (field, from) {
            (CodeField::Unit, Some(from)) if line.unit == to => line.unit = from,
            (CodeField::BuyerPart, from) => restore(Some(&mut line.buyer_part), from, &to),
            (CodeField::SupplierPart, from) => restore(Some(&mut line.supplier_part), from, &to),
            (CodeField::ShipTo, from) => {
                restore(line.ship_to.as_mut().map(|party| &mut party.code), from, &to);
            }
            _ => {}
        }
    }
}

/// Puts back what the source wrote, unless a later change put something else there.
fn restore(code: Option<&mut Option<String>>, from: Option<String>, to: &str) {
    if let Some(code) = code.filter(|code| code.as_deref() == Some(to)) {
        *code = from;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::read_purchase_order;

    fn order() -> PurchaseOrder {
        let document = json!({
            "number": "4500000001", "supplier": "1000", "shipTo": { "code": "W1" },
            "revision": { "id": 1, "issuedAt": "2026-11-23T08:00:00Z" },
            "lines": [{ "number": "00010", "buyerPart": "0001", "quantity": "12", "unit": "ST", "shipTo": { "code": "W1" } }]
        });
        read_purchase_order(&document).unwrap()
    }

    fn made(field: CodeField, from: Option<&str>, to: &str) -> Translation {
        Translation { field, from: from.map(str::to_owned), to: to.to_owned() }
    }

    fn translated() -> PurchaseOrder {
        let mut order = order();
        order.supplier = "V-100".to_owned();
        order.ship_to.as_mut().unwrap().code = Some("DC-1".to_owned());
        order.translations = vec![
            made(CodeField::Supplier, Some("1000"), "V-100"),
            made(CodeField::ShipTo, Some("W1"), "DC-1"),
        ];
        let line = &mut order.lines[0];
        line.buyer_part = Some("B-1".to_owned());
        line.supplier_part = Some("S-1".to_owned());
        line.unit = "H87".to_owned();
        line.ship_to.as_mut().unwrap().code = Some("DC-1".to_owned());
        line.translations = vec![
            made(CodeField::Unit, Some("ST"), "H87"),
            made(CodeField::BuyerPart, Some("0001"), "B-1"),
            made(CodeField::ShipTo, Some("W1"), "DC-1"),
            made(CodeField::SupplierPart, None, "S-1"),
        ];
        order
    }

    #[test]
    fn a_translated_order_still_tells_what_came() {
        assert_eq!(translated().as_received().into_owned(), order());
        assert!(matches!(order().as_received(), Cow::Borrowed(_)));
        let stored = serde_json::to_string(&translated()).unwrap();
        assert_eq!(serde_json::from_str::<PurchaseOrder>(&stored).unwrap(), translated());
    }

    #[test]
    fn a_code_that_was_changed_since_is_left_alone() {
        let mut order = translated();
        order.lines[0].unit = "KGM".to_owned();
        order.lines[0].supplier_part = Some("S-2".to_owned());
        let received = order.as_received();
        assert_eq!(received.lines[0].unit, "KGM");
        assert_eq!(received.lines[0].supplier_part.as_deref(), Some("S-2"));
    }

    #[test]
    fn a_source_cannot_send_translations_of_its_own() {
        let document = serde_json::to_value(translated()).unwrap();
        let problems = read_purchase_order(&document).unwrap_err();
        let codes: Vec<_> = problems.as_slice().iter().map(|problem| problem.code.as_str()).collect();
        assert_eq!(codes, ["UNKNOWN_FIELD", "UNKNOWN_FIELD"]);
    }
}
