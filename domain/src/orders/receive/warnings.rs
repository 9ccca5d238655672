//! Codes that are in no list of ours: taken as they came, and reported.
use quayside_canonical::{
    Field, Problem, Problems,
    order::{Line, Party, PurchaseOrder},
    unit,
};

use super::lists::Lists;

/// Every unknown code of `order`. Items and locations are looked at only when the tenant keeps a list of them.
pub(super) fn of(order: &PurchaseOrder, lists: &Lists) -> Vec<Problem> {
    let mut found = Problems::new();
    check_place(order.ship_to.as_ref(), &Field::root(), lists, &mut found);
    for (index, line) in order.lines.iter().enumerate() {
        check_line(line, &Field::root().at("lines").at(index), lists, &mut found);
    }
    found.into_vec()
}

fn check_line(line: &Line, field: &Field, lists: &Lists, found: &mut Problems) {
    if !unit::is_known(&line.unit) {
        let message = format!("unit `{}` of line {} is not a UN/ECE unit we know", line.unit, line.number);
        found.add("UNKNOWN_UNIT", &field.at("unit"), message);
    }
    if let (Some(items), Some(part)) = (&lists.items, &line.buyer_part)
        && !items.contains(part)
    {
        let message = format!("item `{part}` of line {} is not in the item list", line.number);
        found.add("UNKNOWN_ITEM", &field.at("buyerPart"), message);
    }
    check_place(line.ship_to.as_ref(), field, lists, found);
}

fn check_place(place: Option<&Party>, field: &Field, lists: &Lists, found: &mut Problems) {
    if let (Some(locations), Some(code)) = (&lists.locations, place.and_then(|place| place.code.as_ref()))
        && !locations.contains(code)
    {
        let message = format!("location `{code}` is not in the location list");
        found.add("UNKNOWN_LOCATION", &field.at("shipTo").at("code"), message);
    }
}
