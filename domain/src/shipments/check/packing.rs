//! Whether what is packed is what is shipped.
use std::collections::BTreeMap;

use quayside_canonical::{Field, Micro, Problems, shipment::ShipNotice};

/// Packed and loose goods of a line have to add up to the line, where the notice says how goods are packed or
/// which batches they are of.
pub(super) fn check(notice: &ShipNotice, problems: &mut Problems) {
    let mut packed: BTreeMap<(&str, &str), Micro> = BTreeMap::new();
    for content in notice.units.iter().flat_map(|unit| &unit.contents) {
        let sum = packed.entry((&content.order, &content.line)).or_default();
        *sum = *sum + content.batch.quantity;
    }
    for (place, line) in notice.lines.iter().enumerate() {
        let in_units = packed.remove(&(line.order.as_str(), line.line.as_str())).unwrap_or_default();
        let loose: Micro = line.batches.iter().map(|batch| batch.quantity).sum();
        let told = !notice.units.is_empty() || !line.batches.is_empty();
        let sum = in_units + loose;
        if told && sum != line.quantity {
            let field = Field::root().at("lines").at(place).at("quantity");
            let words =
                format!("the line says {}, handling units and batches add up to {sum}", line.quantity);
            problems.add("CONTENTS_DO_NOT_ADD_UP", &field, words);
        }
    }
    for (place, unit) in notice.units.iter().enumerate() {
        for (at, content) in unit.contents.iter().enumerate() {
            if packed.contains_key(&(content.order.as_str(), content.line.as_str())) {
                let field = Field::root().at("units").at(place).at("contents").at(at);
                let words =
                    format!("line {} of order {} is not among the lines", content.line, content.order);
                problems.add("UNKNOWN_LINE", &field, words);
            }
        }
    }
}
