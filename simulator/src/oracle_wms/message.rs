//! What the WMS tells: SVS and IHT, in XML or in JSON of the same tree.
use chrono::{DateTime, Utc};
use quick_xml::escape::escape;
use serde::Serialize;
use serde_json::{Value, json};

use super::records::{Activity, Record};

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// Its number.
    pub id: u64,
    /// The feed it is for.
    pub feed: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// The message.
    pub body: String,
    /// Whether it was taken.
    pub told: bool,
}

/// A tree as both forms have it: names in order, texts, lists.
enum Tree {
    Text(String),
    Group(Vec<(&'static str, Tree)>),
    List(Vec<Tree>),
}

fn text(value: impl std::fmt::Display) -> Tree {
    Tree::Text(format!("{value}"))
}

pub(super) fn verification(
    record: &Record,
    company: &str,
    json: bool,
    number: u64,
    now: DateTime<Utc>,
) -> Output {
    let header = Tree::Group(vec![
        ("shipment_nbr", text(record.field("shipment_nbr"))),
        ("facility_code", text(record.field("facility_code"))),
        ("company_code", text(company)),
        ("trailer_nbr", text(record.field("trailer_nbr"))),
        ("ref_nbr", text(record.field("ref_nbr"))),
        ("load_nbr", text(record.field("load_nbr"))),
        ("vendor_info", text(record.field("vendor_info"))),
        ("shipped_date", text(record.field("shipped_date"))),
        ("shipment_hdr_cust_field_1", text(record.field("cust_field_1"))),
        ("shipment_hdr_cust_field_2", text(record.field("cust_field_2"))),
        ("verification_date", text(now.format("%Y%m%d000000"))),
    ]);
    let details = record.details.iter().map(|(seq, detail)| {
        Tree::Group(vec![
            ("seq_nbr", text(seq)),
            ("lpn_nbr", text(detail.field("lpn_nbr"))),
            ("item_alternate_code", text(detail.field("item_alternate_code"))),
            ("item_part_a", text(detail.field("item_part_a"))),
            ("shipped_qty", text(detail.field("shipped_qty"))),
            ("po_nbr", text(detail.field("po_nbr"))),
            ("pallet_nbr", text(detail.field("pallet_nbr"))),
            ("received_qty", text(detail.received)),
            ("expiry_date", text(detail.field("expiry_date"))),
            ("batch_nbr", text(detail.field("batch_nbr"))),
            ("shipment_dtl_cust_field_1", text(detail.field("cust_field_1"))),
            ("po_seq_nbr", text(detail.field("po_seq_nbr"))),
            ("lock_code", text(&detail.lock)),
            ("serial_nbr", text(detail.field("serial_nbr"))),
            ("inventory_lock_code", text("")),
        ])
    });
    let shipment =
        Tree::Group(vec![("ib_shipment_hdr", header), ("ib_shipment_dtl", Tree::List(details.collect()))]);
    let list = Tree::Group(vec![("ib_shipment", Tree::List(vec![shipment]))]);
    let id = format!("SVSFILE{number:09}");
    let header = envelope("shipment_verification", id, now);
    let root = vec![("Header", header), ("ListOfVerifiedIbShipments", list)];
    output("shipment-verification", &Tree::Group(root), json, number)
}

pub(super) fn history(
    activities: &[Activity],
    company: &str,
    json: bool,
    number: u64,
    now: DateTime<Utc>,
) -> Output {
    let rows = activities.iter().map(|activity| {
        Tree::Group(vec![
            ("group_nbr", text(activity.group)),
            ("seq_nbr", text(activity.sequence)),
            ("facility_code", text(&activity.facility)),
            ("company_code", text(company)),
            ("activity_code", text(activity.code)),
            ("lock_code", text(&activity.detail.lock)),
            ("lpn_nbr", text(activity.detail.field("lpn_nbr"))),
            ("item_code", text(activity.detail.field("item_alternate_code"))),
            ("shipment_nbr", text(&activity.shipment)),
            ("po_nbr", text(activity.detail.field("po_nbr"))),
            ("po_line_nbr", text(activity.detail.field("po_seq_nbr"))),
            ("orig_qty", text(activity.before)),
            ("adj_qty", text(activity.change)),
            ("batch_nbr", text(activity.detail.field("batch_nbr"))),
            ("create_ts", text(super::records::written(activity.at))),
        ])
    });
    let list = Tree::Group(vec![("inventory_history", Tree::List(rows.collect()))]);
    let header = envelope("inventory_history", format!("IHTFILE{number:09}"), now);
    let root = Tree::Group(vec![("Header", header), ("ListOfInventoryHistories", list)]);
    output("inventory-history", &root, json, number)
}

fn envelope(entity: &str, message: String, now: DateTime<Utc>) -> Tree {
    Tree::Group(vec![
        ("DocumentVersion", text("25D")),
        ("OriginSystem", text("LogFire")),
        ("ClientEnvCode", text("sim")),
        ("ParentCompanyCode", text("*")),
        ("Entity", text(entity)),
        ("TimeStamp", text(now.format("%Y-%m-%dT%H:%M:%S"))),
        ("MessageId", text(message)),
    ])
}

fn output(feed: &'static str, root: &Tree, json: bool, id: u64) -> Output {
    let (media_type, body) = if json {
        ("application/json", json!({ "LgfData": as_json(root) }).to_string())
    } else {
        let mut body = "<?xml version=\"1.0\" encoding=\"utf-8\"?>".to_owned();
        as_xml("LgfData", root, &mut body);
        ("application/xml", body)
    };
    Output { id, feed, media_type, body, told: false }
}

fn as_json(tree: &Tree) -> Value {
    match tree {
        Tree::Text(text) => Value::from(text.as_str()),
        Tree::Group(members) => {
            members.iter().map(|(name, tree)| ((*name).to_owned(), as_json(tree))).collect()
        }
        // One is an object, not a list: converters between the two forms do that.
        Tree::List(items) => match items.as_slice() {
            [one] => as_json(one),
            many => many.iter().map(as_json).collect(),
        },
    }
}

fn as_xml(name: &str, tree: &Tree, body: &mut String) {
    match tree {
        Tree::Text(text) if text.is_empty() => body.push_str(&format!("<{name}/>")),
        Tree::Text(text) => body.push_str(&format!("<{name}>{}</{name}>", escape(text.as_str()))),
        Tree::Group(members) => {
            body.push_str(&format!("<{name}>"));
            members.iter().for_each(|(name, tree)| as_xml(name, tree, body));
            body.push_str(&format!("</{name}>"));
        }
        Tree::List(items) => items.iter().for_each(|item| as_xml(name, item, body)),
    }
}
