//! Codes that are in no list of ours: taken as they came, and reported.
use std::collections::BTreeSet;

use quayside_canonical::{Field, Problem, Problems, order::PurchaseOrder, unit};

/// Every unknown code of `order`. Items are looked at only when the tenant keeps a list of them.
pub(super) fn of(order: &PurchaseOrder, items: Option<&BTreeSet<String>>) -> Vec<Problem> {
    let mut found = Problems::new();
    for (index, line) in order.lines.iter().enumerate() {
        let field = Field::root().at("lines").at(index);
        if !unit::is_known(&line.unit) {
            let message =
                format!("unit `{}` of line {} is not a UN/ECE unit we know", line.unit, line.number);
            found.add("UNKNOWN_UNIT", &field.at("unit"), message);
        }
        if let (Some(items), Some(part)) = (items, &line.buyer_part)
            && !items.contains(part)
        {
            let message = format!("item `{part}` of line {} is not in the item list", line.number);
            found.add("UNKNOWN_ITEM", &field.at("buyerPart"), message);
        }
    }
    found.into_vec()
}
