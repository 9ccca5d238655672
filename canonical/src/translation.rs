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
