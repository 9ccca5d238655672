//! Questions: records by filters, page by page.
use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::OracleWmsSettings;
use super::records::{Activity, Books, Record, written};

/// An error of `lgfapi`.
pub(super) struct Wrong {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) details: Map<String, Value>,
}

impl Wrong {
    pub(super) fn new(status: u16, code: &'static str, message: &str) -> Self {
        Self { status, code, message: message.to_owned(), details: Map::new() }
    }

    pub(super) fn body(&self) -> Value {
        json!({ "reference": "25b414f0-7a1d-4f35-ac3c-0ec9886cf37a", "code": self.code, "message": self.message,
            "details": self.details })
    }
}

type Query = BTreeMap<String, String>;

/// A page of an entity.
pub(super) fn page(
    books: &Books,
    settings: &OracleWmsSettings,
    entity: &str,
    query: &Query,
) -> Result<Value, Wrong> {
    let rows =
        rows(books, settings, entity).ok_or_else(|| Wrong::new(404, "NOT_FOUND", "Invalid entity."))?;
    let mut rows: Vec<Map<String, Value>> =
        rows.into_iter().filter_map(|row| row.as_object().cloned()).collect();
    for (name, value) in query {
        match name.as_str() {
            "page" | "page_size" | "fields" | "values_list" | "format" => {}
            name => filter(&mut rows, entity, name, value)?,
        }
    }
    if let Some(names) = query.get("values_list").or_else(|| query.get("fields")) {
        let wanted: Vec<&str> = names.split(',').collect();
        rows.iter_mut().for_each(|row| row.retain(|name, _| wanted.contains(&name.as_str())));
    }
    let size: usize = query.get("page_size").map_or(Ok(25), |size| size.parse()).unwrap_or(0);
    if !(10..=1250).contains(&size) {
        return Err(Wrong::new(400, "VALIDATION_ERROR", "page_size must be between 10 and 1250."));
    }
    let number: usize = query.get("page").map_or(Ok(1), |page| page.parse()).unwrap_or(1).max(1);
    let (count, pages) = (rows.len(), rows.len().div_ceil(size));
    if count == 0 && settings.nothing_is_404 || number > pages.max(1) {
        return Err(Wrong::new(404, "NOT_FOUND", "No results."));
    }
    let results: Vec<Map<String, Value>> = rows.into_iter().skip((number - 1) * size).take(size).collect();
    let next = (number < pages).then(|| format!("https://wms.example/entity/{entity}/?page={}", number + 1));
    Ok(json!({ "result_count": count, "page_count": pages, "page_nbr": number, "next_page": next,
        "previous_page": null, "results": results }))
}

/// A filter that nobody knows is an error, as it is there.
fn filter(rows: &mut Vec<Map<String, Value>>, entity: &str, name: &str, value: &str) -> Result<(), Wrong> {
    let (field, operator) = match name.rsplit_once("__") {
        Some((field, operator @ ("range" | "in"))) => (field, operator),
        _ => (name, "is"),
    };
    if !NAMES.iter().any(|(known, names)| *known == entity && names.contains(&field)) {
        let mut wrong = Wrong::new(400, "VALIDATION_ERROR", "Invalid input.");
        wrong.details.insert(name.to_owned(), Value::from("Invalid field or lookup."));
        return Err(wrong);
    }
    let text = |row: &Map<String, Value>| match row.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    match operator {
        "is" => rows.retain(|row| text(row) == value),
        "in" => rows.retain(|row| value.split(',').any(|one| text(row) == one)),
        _ => {
            let read = |text: &str| DateTime::parse_from_rfc3339(text).ok();
            let ends = value.split_once(',').and_then(|(from, to)| Some((read(from)?, read(to)?)));
            let (from, to) = ends.ok_or_else(|| Wrong::new(400, "VALIDATION_ERROR", "Invalid range."))?;
            rows.retain(|row| read(&text(row)).is_some_and(|at| from <= at && at <= to));
        }
    }
    Ok(())
}

/// What may be asked by.
const NAMES: &[(&str, &[&str])] = &[
    ("facility", &["code"]),
    ("company", &["code"]),
    ("ib_shipment", &["shipment_nbr", "facility_id__code", "company_id__code", "status_id", "mod_ts"]),
    (
        "ib_shipment_dtl",
        &[
            "ib_shipment_id__shipment_nbr",
            "ib_shipment_id__facility_id__code",
            "ib_shipment_id__company_id__code",
        ],
    ),
    ("purchase_order", &["po_nbr", "facility_id__code", "company_id__code"]),
    ("purchase_order_dtl", &["po_id__po_nbr", "po_id__facility_id__code", "po_id__company_id__code"]),
    ("appointment", &["appt_nbr", "facility_id__code", "company_id__code", "mod_ts"]),
    ("inventory_history", &["create_ts", "history_activity_id", "facility_id__code", "company_id__code"]),
];

fn rows(books: &Books, settings: &OracleWmsSettings, entity: &str) -> Option<Vec<Value>> {
    let of = |wanted: &'static str| books.records.iter().filter(move |((entity, _), _)| *entity == wanted);
    let eligible = settings.facilities.iter().filter(|(_, eligible)| *eligible);
    let rows = match entity {
        "facility" => eligible.map(|(code, _)| json!({ "id": 1, "code": code })).collect(),
        "company" => vec![json!({ "id": 1, "code": settings.company })],
        "ib_shipment" => of("ib_shipment").map(|(_, record)| row(record)).collect(),
        "purchase_order" => of("purchase_order").map(|(_, record)| row(record)).collect(),
        "appointment" => of("appointment").map(|(_, record)| slot(record)).collect(),
        "ib_shipment_dtl" => of("ib_shipment")
            .flat_map(|(_, record)| details(record, "ib_shipment_id", "shipment_nbr"))
            .collect(),
        "purchase_order_dtl" => {
            of("purchase_order").flat_map(|(_, record)| details(record, "po_id", "po_nbr")).collect()
        }
        "inventory_history" => books.history.iter().map(|activity| history(activity, settings)).collect(),
        _ => return None,
    };
    Some(rows)
}

fn row(record: &Record) -> Value {
    let mut row: Map<String, Value> =
        record.fields.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    row.insert("id".to_owned(), json!(record.id));
    row.insert("status_id".to_owned(), json!(record.status));
    row.insert("create_ts".to_owned(), json!(written(record.at)));
    row.insert("mod_ts".to_owned(), json!(written(record.changed)));
    row.insert("facility_id__code".to_owned(), json!(record.field("facility_code")));
    row.insert("company_id__code".to_owned(), json!(record.field("company_code")));
    Value::Object(row)
}

/// An appointment refers to its facility and load by their records.
fn slot(record: &Record) -> Value {
    let Value::Object(mut row) = row(record) else { return Value::Null };
    let text = |name: &str| record.field(name).to_owned();
    row.insert("facility_id".to_owned(), json!({ "id": 1, "key": text("facility_id__code") }));
    row.insert("load_id".to_owned(), json!({ "id": 1, "key": text("load_nbr") }));
    row.insert("facility_id__code".to_owned(), json!(text("facility_id__code")));
    row.insert("company_id__code".to_owned(), json!(text("company_id__code")));
    row.remove("load_nbr");
    Value::Object(row)
}

fn details(record: &Record, relation: &str, number: &str) -> Vec<Value> {
    let one = |seq: &i64| {
        json!({
            "seq_nbr": seq,
            format!("{relation}__{number}"): record.field(number),
            format!("{relation}__facility_id__code"): record.field("facility_code"),
            format!("{relation}__company_id__code"): record.field("company_code"),
        })
    };
    record.details.keys().map(one).collect()
}

fn history(activity: &Activity, settings: &OracleWmsSettings) -> Value {
    json!({
        "id": activity.id,
        "group_nbr": activity.group,
        "seq_nbr": activity.sequence,
        "history_activity_id": activity.code,
        "facility_id": { "id": 1, "key": activity.facility },
        "facility_id__code": activity.facility,
        "company_id__code": settings.company,
        "shipment_nbr": activity.shipment,
        "po_nbr": activity.detail.field("po_nbr"),
        "po_line_nbr": activity.detail.field("po_seq_nbr"),
        "lpn_nbr": activity.detail.field("lpn_nbr"),
        "batch_nbr": activity.detail.field("batch_nbr"),
        "lock_code": activity.detail.lock,
        "orig_qty": activity.before.to_string(),
        "adj_qty": activity.change.to_string(),
        "create_ts": written(activity.at),
    })
}
