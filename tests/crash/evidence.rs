//! What can be seen from outside when all is over: the answers on file, the log, the ERPs' books, files and mails.
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use quayside_domain::store::connect_owner;
use quayside_simulator::{Document, Report};
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    api::{Api, Unclear},
    journal::{HandedIn, Intent},
    observation::Observation,
};

const STORED: &str = "query($id: ID!) { purchaseOrder(id: $id) { acknowledgments {
    id supplierReference deliveries { status reference } } } }";
const LOGGED: &str =
    "query($after: String) { events(first: 100, after: $after, types: [\"acknowledgment.submitted\"]) {
    nodes { subject } pageInfo { hasNextPage endCursor } } }";
/// Every row that names a tenant and an order must name the order's tenant.
const STRAYS: [(&str, &str); 3] = [
    (
        "events",
        "select count(*) from event e join purchase_order o on o.id = e.order_id where o.tenant_id <> e.tenant_id",
    ),
    (
        "answers",
        "select count(*) from acknowledgment a join purchase_order o on o.id = a.order_id where o.tenant_id <> a.tenant_id",
    ),
    (
        "deliveries",
        "select count(*) from delivery d join connection c on c.id = d.connection_id where c.tenant_id <> d.tenant_id",
    ),
];

/// An answer on file.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) key: String,
    /// Where each of its deliveries stands, and the ERP's document number.
    pub(crate) deliveries: Vec<(String, Option<String>)>,
}

impl Stored {
    /// Whether the ERP has it, as far as the server knows.
    pub(crate) fn is_delivered(&self) -> bool {
        matches!(self.deliveries.as_slice(), [(status, _)] if status == "DELIVERED")
    }
}

/// Everything the verdict is based on.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    /// What the clients noted.
    pub(crate) journal: Vec<Intent>,
    /// What the server has on file.
    pub(crate) stored: Vec<Stored>,
    /// How many events tell of each acknowledgment.
    pub(crate) logged: BTreeMap<String, usize>,
    /// The ERP's effects, in its own order.
    pub(crate) effects: Vec<Document>,
    /// The ERP's own count of what must not happen.
    pub(crate) erp: Report,
    /// What the check of the audit trail said, if it found something.
    pub(crate) audit: Result<String, String>,
    /// What each tenant has.
    pub(crate) houses: Vec<House>,
    /// Rows of one tenant that name something of another: what, and how many.
    pub(crate) strays: Vec<(&'static str, i64)>,
    /// Files that were handed in.
    pub(crate) handed_in: Vec<HandedIn>,
    /// Files as they are kept.
    pub(crate) files: Vec<Kept>,
    /// Messages that were posted.
    pub(crate) messages: Vec<String>,
    /// Mails that were sent.
    pub(crate) mails: Vec<String>,
    /// What was measured while it went on.
    pub(crate) observed: Vec<Observation>,
}

/// One tenant, its orders, and what reached its ERP.
#[derive(Clone, Debug, Default)]
pub(crate) struct House {
    pub(crate) tenant: String,
    pub(crate) orders: BTreeSet<String>,
    /// The tenant and the order that each effect says it belongs to.
    pub(crate) effects: Vec<(String, String)>,
    /// What its log tells of.
    pub(crate) logged: BTreeSet<String>,
}

/// A file, by the SHA-256 that it is found by and the one that its bytes have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) named: Vec<u8>,
    pub(crate) has: Vec<u8>,
}

/// The answers on file for an order.
pub(crate) async fn stored(supplier: &Api, order: &str) -> Result<Vec<Stored>, Unclear> {
    let data = supplier.graphql(STORED, json!({ "id": order })).await?;
    let answers = data["purchaseOrder"]["acknowledgments"].as_array();
    Ok(answers.into_iter().flatten().map(read).collect())
}

fn read(answer: &Value) -> Stored {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let delivery = |it: &Value| (text(&it["status"]), it["reference"].as_str().map(str::to_owned));
    Stored {
        id: text(&answer["id"]),
        key: text(&answer["supplierReference"]),
        deliveries: answer["deliveries"].as_array().into_iter().flatten().map(delivery).collect(),
    }
}

/// How many `acknowledgment.submitted` events the log has for each acknowledgment.
pub(crate) async fn logged(buyer: &Api) -> Result<BTreeMap<String, usize>, Unclear> {
    let (mut counts, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let mut data = buyer.graphql(LOGGED, json!({ "after": after })).await?;
        let mut page = data["events"].take();
        for event in page["nodes"].as_array().into_iter().flatten() {
            *counts.entry(event["subject"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        if page["pageInfo"]["hasNextPage"] != true {
            return Ok(counts);
        }
        after = page["pageInfo"]["endCursor"].take();
    }
}

/// What only the database itself can tell. Nobody uses it any more.
pub(crate) async fn from_database(url: &str) -> (Vec<Kept>, Vec<(&'static str, i64)>) {
    let db = connect_owner(url).await.unwrap();
    let kept = |row: QueryResult| Kept {
        named: row.try_get("", "sha256").unwrap(),
        has: Sha256::digest(row.try_get::<Vec<u8>>("", "content").unwrap()).to_vec(),
    };
    let files = rows(&db, "select sha256, content from file_content").await.into_iter().map(kept).collect();
    let mut strays = Vec::new();
    for (what, sql) in STRAYS {
        let count: i64 = rows(&db, sql).await[0].try_get_by_index(0).unwrap();
        if count > 0 {
            strays.push((what, count));
        }
    }
    db.close().await.unwrap();
    (files, strays)
}

async fn rows(db: &DatabaseConnection, sql: &str) -> Vec<QueryResult> {
    db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap()
}

/// The mails in the data folder, where they are put when no mail server is set.
pub(crate) fn mails(data: &Path) -> Vec<String> {
    let files = std::fs::read_dir(data.join("mail")).into_iter().flatten().flatten();
    let mails = files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|it| it == "eml"));
    mails.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}
