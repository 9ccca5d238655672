//! Programs at work while processes come and go: the ERP hands in orders, suppliers answer and announce shipments. Each
//! notes what it was told for certain, and asks again with the same key until it knows.
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use quayside_simulator::{Behaviour, Erp, Fault};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    dice::Dice,
    world::{SUPPLIER, World},
};

/// Suppliers' programs.
const CLIENTS: u64 = 8;
/// Orders that wait for a supplier before no more are handed in.
const WAITING: usize = 40;
/// For every so many orders the ERP says of one answer that it has it, and drops it.
const LIES: u64 = 20;
/// Between two orders, in milliseconds. Each makes four deliveries, all of which are looked for later, and that is done
/// without haste.
const PAUSE: std::ops::Range<u64> = 150..450;
/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// After so long without a definite answer something is wrong that no retry cures.
const DEFINITE: Duration = Duration::from_secs(180);

const SUBMIT: &str = "mutation($input: SubmitAcknowledgmentInput!) { submitAcknowledgment(input: $input) {
    acknowledgment { id } userErrors { code message } } }";
const ANNOUNCE: &str = "mutation($input: CreateShipmentInput!) { createShipment(input: $input) {
    shipment { id } userErrors { code message } } }";

/// Why there is no answer to rely on: what was asked for may have happened or not.
#[derive(Debug)]
pub(crate) struct Unclear(pub(crate) String);

/// One address and one token. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Api {
    pub(crate) fn new(base: &str, token: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, base: base.to_owned(), token: token.to_owned() }
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// A request for a stream of server-sent events.
    pub(crate) fn listen(&self, query: &str, variables: &Value) -> reqwest::RequestBuilder {
        let body = json!({ "query": query, "variables": variables });
        let request = self.http.post(format!("{}/graphql", self.base)).bearer_auth(&self.token);
        request.json(&body).header("accept", "text/event-stream")
    }

    /// The data of a reply. A reply with errors is unclear: this API says what is definite in the data.
    pub(crate) async fn graphql(&self, query: &str, variables: Value) -> Result<Value, Unclear> {
        let body = json!({ "query": query, "variables": variables });
        let request = self.http.post(format!("{}/graphql", self.base)).json(&body);
        let mut reply = self.read(request).await?;
        match reply.get("errors") {
            None => Ok(reply["data"].take()),
            Some(errors) => Err(Unclear(errors.to_string())),
        }
    }

    async fn ingest(&self, document: &Value) -> Result<Value, Unclear> {
        let request = self.http.post(format!("{}/ingest/v1/purchase-orders", self.base));
        let request = request.header("content-type", "application/x-ndjson").body(format!("{document}\n"));
        let mut reply = self.read(request).await?;
        match reply["results"][0]["order"].is_string() {
            true => Ok(reply["results"][0].take()),
            false => Err(Unclear(reply.to_string())),
        }
    }

    async fn read(&self, request: reqwest::RequestBuilder) -> Result<Value, Unclear> {
        let unclear = |error: reqwest::Error| Unclear(error.to_string());
        let request = request.bearer_auth(&self.token).timeout(PATIENCE);
        request.send().await.map_err(unclear)?.json().await.map_err(unclear)
    }
}

/// What a client asks for.
enum Request {
    Order(Value),
    Mutation { query: &'static str, made: &'static str, input: Value },
}

impl Request {
    /// The id of what was made, or why it was refused.
    async fn send(&self, api: &Api) -> Result<Result<String, String>, Unclear> {
        match self {
            Self::Order(document) => {
                let result = api.ingest(document).await?;
                Ok(Ok(result["order"].as_str().unwrap_or_default().to_owned()))
            }
            Self::Mutation { query, made, input } => {
                let data = api.graphql(query, json!({ "input": input })).await?;
                let payload = data.as_object().and_then(|data| data.values().next());
                let payload = payload.cloned().unwrap_or_default();
                Ok(match payload[*made]["id"].as_str() {
                    Some(id) => Ok(id.to_owned()),
                    None => Err(payload["userErrors"].to_string()),
                })
            }
        }
    }
}

/// Something a client was told for certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The event it must have caused: exactly one, about `id`.
    pub(crate) event: &'static str,
    pub(crate) id: String,
    pub(crate) order: String,
}

/// What all clients noted; what belongs to one order is in the order in which it was accepted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    pub(crate) accepted: Vec<Accepted>,
    /// Refusals, and other answers to the same key.
    pub(crate) wrong: Vec<String>,
    pub(crate) attempts: u64,
    pub(crate) asked_again: u64,
}

type Shared<T> = Arc<Mutex<T>>;

/// The clients at work.
pub(crate) struct Load {
    clients: JoinSet<()>,
    journal: Shared<Journal>,
}

impl Load {
    /// Waits until everybody has brought to an end what was begun.
    pub(crate) async fn end(mut self) -> Journal {
        while let Some(client) = self.clients.join_next().await {
            client.expect("a client does not give up");
        }
        self.journal.lock().unwrap().clone()
    }
}

/// Sets everybody to work until told to stop.
pub(crate) fn begin(world: &World, seed: u64, stop: &CancellationToken) -> Load {
    let (mut clients, journal) = (JoinSet::new(), Shared::<Journal>::default());
    let orders = Shared::<VecDeque<String>>::default();
    let program = |number: u64, api: Api| Program {
        number,
        api,
        journal: journal.clone(),
        orders: orders.clone(),
        dice: Dice::new(seed, 100 + number),
    };
    clients.spawn(program(0, world.ingest()).hand_in(world.erp.clone(), world.lies.clone(), stop.clone()));
    for number in 1..=CLIENTS {
        clients.spawn(program(number, world.supplier()).supply(stop.clone()));
    }
    Load { clients, journal }
}

struct Program {
    number: u64,
    api: Api,
    journal: Shared<Journal>,
    orders: Shared<VecDeque<String>>,
    dice: Dice,
}

impl Program {
    /// The ERP's side: one order after the other.
    async fn hand_in(mut self, erp: Erp, lies: Shared<Vec<Fault>>, stop: CancellationToken) {
        for number in 1.. {
            let request = Request::Order(order(number));
            let accepted = self.until_definite("purchase_order.released", "", &request).await;
            let Some(order) = accepted else { return };
            if number % LIES == 7 {
                let event_type = Some("acknowledgment.submitted".to_owned());
                let lie =
                    Fault { order_id: Some(order.clone()), event_type, ..Fault::once(Behaviour::Lie200) };
                erp.queue(lie.clone()).expect("there is room for a few lies");
                lies.lock().unwrap().push(lie);
            }
            self.orders.lock().unwrap().push_back(order);
            while self.orders.lock().unwrap().len() >= WAITING && !stop.is_cancelled() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            if stop.is_cancelled() {
                return;
            }
            tokio::time::sleep(self.dice.millis(PAUSE)).await;
        }
    }

    /// A supplier's side: each order is answered, answered anew, and shipped in part.
    async fn supply(mut self, stop: CancellationToken) {
        let mut count = 0;
        while !stop.is_cancelled() {
            let order = self.orders.lock().unwrap().pop_front();
            let Some(order) = order else {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            let mut standing: Option<String> = None;
            for _ in 0..2 {
                count += 1;
                let key = format!("client-{}-{count}", self.number);
                let input = json!({
                    "purchaseOrderId": order, "revision": 1, "supplierReference": key, "idempotencyKey": key,
                    "lines": [{ "line": "00010", "replaces": standing,
                        "parts": [{ "kind": "ACCEPTED", "quantity": "100" }] }]
                });
                let event = "acknowledgment.submitted";
                let request = Request::Mutation { query: SUBMIT, made: "acknowledgment", input };
                let Some(id) = self.until_definite(event, &order, &request).await else { return };
                standing = Some(id);
            }
            count += 1;
            let key = format!("client-{}-{count}", self.number);
            let input = json!({
                "number": key, "submit": true, "idempotencyKey": key,
                "lines": [{ "purchaseOrderId": order, "line": "00010", "quantity": "40" }]
            });
            let request = Request::Mutation { query: ANNOUNCE, made: "shipment", input };
            if self.until_definite("shipment.submitted", &order, &request).await.is_none() {
                return;
            }
            tokio::time::sleep(self.dice.millis(0..40)).await;
        }
    }

    /// Asks until there is a definite answer, and now and then once more whether it is still the same. Nothing when it
    /// was refused, which no client here asks for.
    async fn until_definite(
        &mut self,
        event: &'static str,
        order: &str,
        request: &Request,
    ) -> Option<String> {
        let mut first: Option<String> = None;
        let begun = Instant::now();
        loop {
            self.journal.lock().unwrap().attempts += 1;
            match (request.send(&self.api).await, &first) {
                (Ok(Ok(id)), None) => {
                    let order = if order.is_empty() { id.clone() } else { order.to_owned() };
                    self.journal.lock().unwrap().accepted.push(Accepted { event, id: id.clone(), order });
                    if !self.dice.one_in(8) {
                        return Some(id);
                    }
                    self.journal.lock().unwrap().asked_again += 1;
                    first = Some(id);
                }
                (Ok(Ok(id)), Some(before)) => {
                    if id != *before {
                        let wrong = format!("{event}: the same key was told {before}, then {id}");
                        self.journal.lock().unwrap().wrong.push(wrong);
                    }
                    return first;
                }
                (Ok(Err(refused)), _) => {
                    let wrong = format!("{event} for {order} was refused: {refused}");
                    self.journal.lock().unwrap().wrong.push(wrong);
                    return None;
                }
                (Err(Unclear(why)), _) => {
                    assert!(begun.elapsed() < DEFINITE, "no definite answer about {event} of {order}: {why}");
                    tokio::time::sleep(self.dice.millis(20..120)).await;
                }
            }
        }
    }
}

fn order(number: u64) -> Value {
    json!({
        "number": format!("45{number:08}"),
        "supplier": SUPPLIER,
        "currency": "EUR",
        "revision": { "id": "1", "issuedAt": "2026-11-01T08:00:00Z" },
        "lines": [{ "number": "00010", "buyerPart": "B-1", "quantity": "100", "unit": "EA",
            "unitPrice": "3.10", "deliverTo": "2099-12-05" }]
    })
}
