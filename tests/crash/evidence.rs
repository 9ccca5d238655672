//! What can be seen from outside when all is over: the answers on file, the log, and the ERP's books.
use std::collections::BTreeMap;

use quayside_simulator::{Document, Report};
use serde_json::{Value, json};

use crate::{
    api::{Api, Unclear},
    journal::Intent,
};

const STORED: &str = "query($id: ID!) { purchaseOrder(id: $id) { acknowledgments {
    id supplierReference deliveries { status reference } } } }";
const LOGGED: &str =
    "query($after: String) { events(first: 100, after: $after, types: [\"acknowledgment.submitted\"]) {
    nodes { subject } pageInfo { hasNextPage endCursor } } }";

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
