//! A canonical purchase order out of JSON.
use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Reader,
    pieces::{CODE, Code, TEXT, read_currency, read_date, read_revision},
};
use crate::{
    Field, Micro, Problems,
    order::{Incoterms, Line, Party, PurchaseOrder, Schedule},
};

/// Reads one purchase order revision.
///
/// # Errors
/// Every problem of the document, each with its field.
pub fn read_purchase_order(document: &Value) -> Result<PurchaseOrder, Problems> {
    let mut problems = Problems::new();
    let order = read_order(document, &mut problems);
    match order {
        Some(order) if problems.is_empty() => {
            check(&order, &mut problems);
            problems.into_result().map(|()| order)
        }
        _ => Err(problems),
    }
}

fn read_order(document: &Value, problems: &mut Problems) -> Option<PurchaseOrder> {
    let mut r = Reader::new(document, Field::root(), problems);
    let number = r.text("number", CODE, problems);
    let number = r.require("number", number, problems);
    let supplier = r.text("supplier", CODE, problems);
    let supplier = r.require("supplier", supplier, problems);
    let revision = r.object("revision", problems);
    let revision = r.require("revision", revision, problems).and_then(|r| read_revision(r, problems));
    let currency = read_currency(&mut r, problems);
    let ordered_on = read_date(&mut r, "orderedOn", problems);
    let cancelled = r.flag("cancelled", problems);
    let incoterms = r.object("incoterms", problems).and_then(|r| read_incoterms(r, problems));
    let payment_terms = r.text("paymentTerms", TEXT, problems);
    let ship_to = r.object("shipTo", problems).map(|r| read_party(r, problems));
    let notes = r.texts("notes", TEXT, problems);
    let items = r.list("lines", problems);
    if items.is_empty() {
        problems.add("REQUIRED", &r.field().at("lines"), "an order has at least one line");
    }
    let lines = items.into_iter().filter_map(|(item, field)| read_line(item, field, problems)).collect();
    r.finish(problems);
    Some(PurchaseOrder {
        number: number?,
        supplier: supplier?,
        revision: revision?,
        currency,
        ordered_on,
        cancelled,
        incoterms,
        payment_terms,
        ship_to,
        notes,
        translations: Vec::new(),
        lines,
    })
}

fn read_incoterms(mut r: Reader<'_>, problems: &mut Problems) -> Option<Incoterms> {
    let code = r.text("code", 3, problems);
    let code = r.require("code", code, problems);
    let place = r.text("place", TEXT, problems);
    r.finish(problems);
    Some(Incoterms { code: code?, place })
}

fn read_party(mut r: Reader<'_>, problems: &mut Problems) -> Party {
    let code = r.text("code", CODE, problems);
    let name = r.text("name", TEXT, problems);
    let address = r.texts("address", TEXT, problems);
    r.finish(problems);
    Party { code, name, address }
}

fn read_line(item: &Value, field: Field, problems: &mut Problems) -> Option<Line> {
    let mut r = Reader::new(item, field, problems);
    let number = r.parsed::<Code>("number", problems).map(|code| code.0);
    let number = r.require("number", number, problems);
    let buyer_part = r.text("buyerPart", CODE, problems);
    let supplier_part = r.text("supplierPart", CODE, problems);
    let gtin = r.text("gtin", 14, problems);
    let description = r.text("description", TEXT, problems);
    let quantity = r.parsed("quantity", problems);
    let quantity = r.require("quantity", quantity, problems);
    let unit = r.text("unit", CODE, problems);
    let unit = r.require("unit", unit, problems);
    let unit_price = r.parsed("unitPrice", problems);
    let price_per = r.parsed("pricePer", problems);
    let deliver_from = read_date(&mut r, "deliverFrom", problems);
    let deliver_to = read_date(&mut r, "deliverTo", problems);
    let ship_to = r.object("shipTo", problems).map(|r| read_party(r, problems));
    let cancelled = r.flag("cancelled", problems);
    let schedules = r.list("schedules", problems);
    let schedules =
        schedules.into_iter().filter_map(|(item, field)| read_schedule(item, field, problems)).collect();
    let notes = r.texts("notes", TEXT, problems);
    r.finish(problems);
    Some(Line {
        number: number?,
        buyer_part,
        supplier_part,
        gtin,
        description,
        quantity: quantity?,
        unit: unit?,
        unit_price,
        price_per,
        deliver_from,
        deliver_to,
        ship_to,
        cancelled,
        schedules,
        notes,
        translations: Vec::new(),
    })
}

fn read_schedule(item: &Value, field: Field, problems: &mut Problems) -> Option<Schedule> {
    let mut r = Reader::new(item, field, problems);
    let quantity = r.parsed("quantity", problems);
    let quantity = r.require("quantity", quantity, problems);
    let deliver_from = read_date(&mut r, "deliverFrom", problems);
    let deliver_to = read_date(&mut r, "deliverTo", problems);
    r.finish(problems);
    Some(Schedule { quantity: quantity?, deliver_from, deliver_to })
}

/// What must hold between the fields. EDI maps into the same type, and meets the same checks.
fn check(order: &PurchaseOrder, problems: &mut Problems) {
    if order.lines.iter().any(|line| line.unit_price.is_some()) && order.currency.is_none() {
        problems.add("REQUIRED", &Field::root().at("currency"), "prices need a currency");
    }
    let mut numbers = BTreeSet::new();
    for (index, line) in order.lines.iter().enumerate() {
        let field = Field::root().at("lines").at(index);
        if !numbers.insert(&line.number) {
            problems.add("DUPLICATE_LINE", &field.at("number"), format!("line {} comes twice", line.number));
        }
        check_line(line, &field, problems);
    }
}

fn check_line(line: &Line, field: &Field, problems: &mut Problems) {
    let needs_quantity = !line.cancelled;
    if line.quantity < Micro::ZERO || needs_quantity && !line.quantity.is_positive() {
        problems.add(
            "INVALID_VALUE",
            &field.at("quantity"),
            "must be more than 0 unless the line is cancelled",
        );
    }
    if line.unit_price.is_some_and(|price| price < Micro::ZERO) {
        problems.add("INVALID_VALUE", &field.at("unitPrice"), "must not be negative");
    }
    if line.price_per.is_some_and(|per| !per.is_positive()) {
        problems.add("INVALID_VALUE", &field.at("pricePer"), "must be more than 0");
    }
    if line.deliver_from.zip(line.deliver_to).is_some_and(|(from, to)| from > to) {
        problems.add("INVALID_VALUE", &field.at("deliverTo"), "is before deliverFrom");
    }
    let scheduled: Micro = line.schedules.iter().map(|schedule| schedule.quantity).sum();
    if !line.schedules.is_empty() && scheduled != line.quantity {
        let message = format!("the schedules add up to {scheduled}, the line says {}", line.quantity);
        problems.add("SCHEDULES_DO_NOT_ADD_UP", &field.at("schedules"), message);
    }
}

/// Checks an order that came another way than as JSON.
///
/// # Errors
/// Every problem, with the field of the canonical order.
pub fn check_purchase_order(order: &PurchaseOrder) -> Result<(), Problems> {
    let mut problems = Problems::new();
    if order.lines.is_empty() {
        problems.add("REQUIRED", &Field::root().at("lines"), "an order has at least one line");
    }
    check(order, &mut problems);
    problems.into_result()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn order() -> Value {
        json!({
            "number": "4500000001", "supplier": "V-100", "currency": "EUR",
            "revision": { "id": 1, "issuedAt": "2026-11-23T08:00:00Z" },
            "lines": [{ "number": "00010", "quantity": "12.5", "unit": "EA", "unitPrice": "3.10" }]
        })
    }

    #[test]
    fn a_sound_order_is_read_and_its_line_number_survives() {
        let order = read_purchase_order(&order()).unwrap();
        assert_eq!(order.lines[0].number, "00010");
        assert_eq!(order.revision.rank().0, 1, "a name of digits counts as a sequence");
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let mut document = order();
        document["number"] = json!("");
        document["curency"] = json!("EUR");
        document["lines"][0]["quantity"] = json!(1.5);
        document["lines"][0]["deliverTo"] = json!("tomorrow");
        document["revision"]["issuedAt"] = json!("2026-11-23");
        let problems = read_purchase_order(&document).unwrap_err();
        let found: Vec<_> =
            problems.as_slice().iter().map(|p| (p.code.as_str(), p.field.join("."))).collect();
        assert_eq!(
            found,
            [
                ("INVALID_VALUE", "number".to_owned()),
                ("INVALID_VALUE", "revision.issuedAt".to_owned()),
                ("INVALID_TYPE", "lines.0.quantity".to_owned()),
                ("INVALID_VALUE", "lines.0.deliverTo".to_owned()),
                ("UNKNOWN_FIELD", "curency".to_owned()),
            ]
        );
    }

    #[test]
    fn fields_are_checked_against_each_other() {
        let mut document = order();
        document["currency"] = Value::Null;
        document["lines"][0]["schedules"] = json!([{ "quantity": "12" }]);
        let lines = document["lines"].as_array_mut().unwrap();
        lines.push(json!({ "number": "00010", "quantity": "0", "unit": "EA" }));
        let problems = read_purchase_order(&document).unwrap_err();
        let codes: Vec<_> = problems.as_slice().iter().map(|p| p.code.as_str()).collect();
        assert_eq!(codes, ["REQUIRED", "SCHEDULES_DO_NOT_ADD_UP", "DUPLICATE_LINE", "INVALID_VALUE"]);
    }
}
