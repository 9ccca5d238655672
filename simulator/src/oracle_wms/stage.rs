//! The stage: what is wrong with a document, and what it does when nothing is.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::OracleWmsSettings;
use super::records::{Books, Detail, Effect, IN_TRANSIT, RECEIVING, Record};
use super::tree::Node;

/// What an entity is called in a document, and what it must say.
struct Kind {
    entity: &'static str,
    list: &'static str,
    number: &'static str,
    header: &'static [&'static str],
    quantity: &'static str,
}

const KINDS: &[Kind] = &[
    Kind {
        entity: "ib_shipment",
        list: "ListOfIbShipments",
        number: "shipment_nbr",
        header: &["shipment_nbr", "facility_code", "company_code", "action_code"],
        quantity: "shipped_qty",
    },
    Kind {
        entity: "purchase_order",
        list: "ListOfPurchaseOrders",
        number: "po_nbr",
        header: &["po_nbr", "facility_code", "company_code", "action_code", "vendor_code"],
        quantity: "ord_qty",
    },
];

const ENVELOPE: &[&str] = &[
    "DocumentVersion",
    "OriginSystem",
    "ClientEnvCode",
    "ParentCompanyCode",
    "Entity",
    "TimeStamp",
    "MessageId",
];

/// The facilities a document is about: who is not eligible for one is stopped before anything is read.
pub(super) fn facilities(document: &Node) -> Vec<String> {
    let lists = document.children.iter().filter(|child| child.name.starts_with("ListOf"));
    let headers = lists.flat_map(|list| &list.children).flat_map(|one| &one.children);
    headers
        .filter(|part| part.child("facility_code").is_some())
        .map(|part| part.text("facility_code").to_owned())
        .collect()
}

/// Makes the change, or says everything that is wrong.
pub(super) fn apply(
    books: &mut Books,
    settings: &OracleWmsSettings,
    document: &Node,
    now: DateTime<Utc>,
) -> Result<(), Vec<String>> {
    let header = document.child("Header").filter(|_| document.name == "LgfData");
    let header = header.ok_or_else(|| vec!["LgfData/Header not found".to_owned()])?;
    let missing: Vec<String> = ENVELOPE
        .iter()
        .filter(|name| header.text(name).is_empty())
        .map(|name| format!("{name} is required"))
        .collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let entity = header.text("Entity");
    let kind = KINDS.iter().find(|kind| kind.entity == entity);
    let kind = kind.ok_or_else(|| vec![format!("Entity {entity} is not supported")])?;
    let list = document.child(kind.list).ok_or_else(|| vec![format!("{} not found", kind.list)])?;
    let documents: Vec<&Node> = list.all(kind.entity).collect();
    if documents.is_empty() {
        return Err(vec![format!("{} holds no {}", kind.list, kind.entity)]);
    }
    // All or nothing: none is changed when one is wrong.
    let changed: Result<Vec<Change>, Vec<String>> =
        documents.into_iter().map(|one| change(books, settings, kind, one, now)).collect();
    for change in changed? {
        change.make(books);
    }
    Ok(())
}

/// A change that was found right.
struct Change {
    key: (&'static str, String),
    record: Option<Record>,
    effect: Effect,
}

impl Change {
    fn make(self, books: &mut Books) {
        match self.record {
            Some(mut record) => {
                if record.id == 0 {
                    record.id = books.next_id();
                }
                books.records.insert(self.key, record);
            }
            None => {
                books.records.remove(&self.key);
            }
        }
        books.effects.push(self.effect);
    }
}

fn change(
    books: &Books,
    settings: &OracleWmsSettings,
    kind: &Kind,
    document: &Node,
    now: DateTime<Utc>,
) -> Result<Change, Vec<String>> {
    let empty = Node::default();
    let header = document.child(&format!("{}_hdr", kind.entity)).unwrap_or(&empty);
    let action = header.text("action_code");
    let mut problems: Vec<String> = kind
        .header
        .iter()
        .filter(|name| header.text(name).is_empty() && !(action == "DELETE" && **name == "vendor_code"))
        .map(|name| format!("{name} is required"))
        .collect();
    if !header.text("company_code").is_empty() && header.text("company_code") != settings.company {
        problems.push(format!("Company {} not found", header.text("company_code")));
    }
    let number = header.text(kind.number).to_owned();
    let key = (kind.entity, number.clone());
    let known = books.records.get(&key);
    check_action(kind, action, &number, known, &mut problems);
    check_vendor(settings, header, &mut problems);
    for name in ["shipped_date", "ord_date", "delivery_date"] {
        check_day(header.text(name), name, &mut problems);
    }
    let mut record =
        known.cloned().unwrap_or_else(|| Record { status: IN_TRANSIT, at: now, ..Record::default() });
    record.changed = now;
    for field in header.children.iter().filter(|field| field.name != "action_code") {
        record.fields.insert(field.name.clone(), field.text.trim().to_owned());
    }
    let mut seen = BTreeSet::new();
    for detail in document.all(&format!("{}_dtl", kind.entity)) {
        let seq = detail.text("seq_nbr");
        if !seen.insert(seq.to_owned()) {
            problems.push(format!("seq_nbr {seq} is there twice"));
        }
        change_detail(books, settings, kind, detail, &mut record, &mut problems);
    }
    if action != "DELETE" && record.details.is_empty() {
        problems.push(format!("{} {number} has no details", kind.entity));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let effect = Effect {
        entity: kind.entity.to_owned(),
        number,
        action: action.to_owned(),
        mark: header.text("cust_field_1").to_owned(),
    };
    Ok(Change { key, record: (action != "DELETE").then_some(record), effect })
}

fn check_action(kind: &Kind, action: &str, number: &str, known: Option<&Record>, problems: &mut Vec<String>) {
    let entity = kind.entity;
    match (action, known) {
        ("CREATE", Some(_)) => problems.push(format!("{entity} {number} already exists")),
        ("UPDATE" | "DELETE", None) => problems.push("Record not found".to_owned()),
        ("UPDATE" | "DELETE", Some(record)) if record.status >= RECEIVING => {
            problems.push(format!("{entity} {number}: receiving has started, updates are not allowed"));
        }
        ("CREATE", None) | ("UPDATE" | "DELETE", Some(_)) | ("", _) => {}
        (other, _) => problems.push(format!("Invalid action_code {other}")),
    }
}

fn check_vendor(settings: &OracleWmsSettings, header: &Node, problems: &mut Vec<String>) {
    let (vendor, known) = (header.text("vendor_code"), settings.vendors.as_ref());
    if !vendor.is_empty() && known.is_some_and(|known| !known.iter().any(|one| one == vendor)) {
        problems.push(format!("Vendor {vendor} not found"));
    }
}

fn check_day(text: &str, name: &str, problems: &mut Vec<String>) {
    if !text.is_empty() && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_err() {
        problems.push(format!("{name}: invalid date {text}"));
    }
}

fn change_detail(
    books: &Books,
    settings: &OracleWmsSettings,
    kind: &Kind,
    detail: &Node,
    record: &mut Record,
    problems: &mut Vec<String>,
) {
    let (seq, action) = (detail.text("seq_nbr"), detail.text("action_code"));
    let Ok(number) = seq.parse::<i64>() else {
        problems.push(format!("seq_nbr {seq} is not a number"));
        return;
    };
    match (action, record.details.contains_key(&number)) {
        ("DELETE", true) => {
            record.details.remove(&number);
            return;
        }
        ("CREATE", false) | ("UPDATE", true) => {}
        ("CREATE", true) => problems.push(format!("detail {seq} already exists")),
        ("UPDATE" | "DELETE", false) => problems.push(format!("detail {seq} not found")),
        (other, _) => problems.push(format!("detail {seq}: invalid action_code {other}")),
    }
    let item = [detail.text("item_alternate_code"), detail.text("item_part_a")].concat();
    if item.is_empty() {
        problems.push(format!("detail {seq}: an item is required"));
    } else if settings.items.as_ref().is_some_and(|known| !known.contains(&item)) {
        problems.push(format!("detail {seq}: Item {item} not found"));
    }
    if !detail.text(kind.quantity).parse::<Decimal>().is_ok_and(|quantity| quantity > Decimal::ZERO) {
        problems.push(format!("detail {seq}: invalid {}", kind.quantity));
    }
    let unit = detail.text("uom_code");
    if !unit.is_empty() && !settings.units.iter().any(|known| known == unit) {
        problems.push(format!("detail {seq}: UOM {unit} not found"));
    }
    let order = detail.text("po_nbr");
    if settings.checks_orders && !order.is_empty() && !has_line(books, order, detail.text("po_seq_nbr")) {
        problems.push(format!("detail {seq}: PO {order} line {} not found", detail.text("po_seq_nbr")));
    }
    check_day(detail.text("expiry_date"), "expiry_date", problems);
    let fields: BTreeMap<String, String> =
        detail.children.iter().map(|field| (field.name.clone(), field.text.trim().to_owned())).collect();
    record.details.insert(number, Detail { fields, ..Detail::default() });
}

fn has_line(books: &Books, order: &str, line: &str) -> bool {
    let order = books.records.get(&("purchase_order", order.to_owned()));
    order.is_some_and(|order| line.parse().is_ok_and(|line: i64| order.details.contains_key(&line)))
}

const APPOINTMENT: &[&str] =
    &["appt_nbr", "load_nbr", "dock_type", "action_code", "planned_start_ts", "duration", "estimated_units"];

/// A slot, by the JSON stage. The details of what is wrong are by field.
pub(super) fn appointment(
    books: &mut Books,
    body: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<u64, Map<String, Value>> {
    let mut wrong = Map::new();
    let text = |name: &str| match body.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    for name in APPOINTMENT.iter().filter(|name| text(name).is_empty()) {
        wrong.insert((*name).to_owned(), Value::from("This field is required."));
    }
    let start = text("planned_start_ts");
    if !start.is_empty() && NaiveDateTime::parse_from_str(&start, "%Y-%m-%dT%H:%M:%S").is_err() {
        wrong.insert("planned_start_ts".to_owned(), Value::from("Invalid date-time."));
    }
    if text("load_type") != "I" {
        wrong.insert("load_type".to_owned(), Value::from("There is no outbound load of this number."));
    }
    let key = ("appointment", text("appt_nbr"));
    let known = books.records.get(&key).cloned();
    let action = text("action_code");
    let problem = match (action.as_str(), &known) {
        ("CREATE", None) | ("UPDATE" | "DELETE", Some(_)) | ("", _) => None,
        ("CREATE", Some(_)) => Some(("appt_nbr", "already exists".to_owned())),
        ("UPDATE" | "DELETE", None) => Some(("appt_nbr", "not found".to_owned())),
        (other, _) => Some(("action_code", format!("{other} is invalid"))),
    };
    wrong.extend(problem.map(|(field, words)| (field.to_owned(), Value::from(words))));
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut record = known.unwrap_or_else(|| Record { at: now, ..Record::default() });
    record.changed = now;
    for (name, _) in body.iter().filter(|(name, _)| *name != "action_code") {
        record.fields.insert(name.clone(), text(name));
    }
    let effect = Effect {
        entity: key.0.to_owned(),
        number: key.1.clone(),
        action: action.clone(),
        mark: text("cust_field_1"),
    };
    let change = Change { key: key.clone(), record: (action != "DELETE").then_some(record), effect };
    change.make(books);
    Ok(books.records.get(&key).map_or(0, |record| record.id))
}
