//! A supplier's program: answers its own orders one after the other, each several times, and asks again with
//! the same key until it knows.
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{Api, Unclear},
    dice::Dice,
    journal::{Journal, Told},
};

/// After so long without a definite answer something is wrong that no retry cures.
const DEFINITE: Duration = Duration::from_secs(120);

const POST: &str = "mutation($input: PostMessageInput!) { postMessage(input: $input) {
    message { id } userErrors { code } } }";
const SUBMIT: &str = "mutation($input: SubmitAcknowledgmentInput!) { submitAcknowledgment(input: $input) {
    acknowledgment { id } userErrors { code } } }";

/// One client.
pub(crate) struct Client {
    pub(crate) number: usize,
    pub(crate) api: Api,
    /// The supplier as an EDI partner.
    pub(crate) edi: Api,
    pub(crate) orders: Vec<String>,
    pub(crate) journal: Journal,
    pub(crate) dice: Dice,
}

impl Client {
    /// Answers until told to stop; what was begun is brought to its end.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut standing: Vec<Option<String>> = vec![None; self.orders.len()];
        let (mut place, mut count) = (0, 0);
        while !stop.is_cancelled() {
            count += 1;
            let key = format!("client-{}-answer-{count}", self.number);
            match self.answer(place, &key, standing[place].as_deref()).await {
                Told::Accepted(id) => standing[place] = Some(id),
                // The verdict tells why that is wrong. Nothing more can be made of this order.
                Told::Refused(_) => {
                    self.orders.remove(place);
                    standing.remove(place);
                    assert!(!self.orders.is_empty(), "all orders of client {} are spoilt", self.number);
                }
            }
            match self.dice.pick(0..16) {
                0 => self.post(place, &key).await,
                1 => self.hand_in(count).await,
                _ => {}
            }
            if place >= self.orders.len() || self.dice.one_in(4) {
                place = (place + 1) % self.orders.len();
            }
            tokio::time::sleep(self.dice.millis(0..20)).await;
        }
    }

    /// Files one answer, and now and then asks once more whether it is still the same.
    async fn answer(&mut self, place: usize, key: &str, replaces: Option<&str>) -> Told {
        let order = self.orders[place].clone();
        let input = json!({
            "purchaseOrderId": order,
            "revision": 1,
            "supplierReference": key,
            "idempotencyKey": key,
            "lines": [{ "line": "00010", "replaces": replaces,
                "parts": [{ "kind": "ACCEPTED", "quantity": "100" }] }]
        });
        let intent = self.journal.intend(&order, key);
        let told = self.until_definite(intent, &input).await;
        if self.dice.one_in(10) {
            self.until_definite(intent, &input).await;
        }
        told
    }

    /// Says something about the order, which procurement is told by mail.
    async fn post(&mut self, place: usize, key: &str) {
        let Some(order) = self.orders.get(place) else { return };
        let text = format!("about {key}.");
        let input = json!({ "about": order, "text": text, "idempotencyKey": format!("{key} message") });
        self.journal.post(&text);
        let begun = Instant::now();
        loop {
            match self.api.graphql(POST, json!({ "input": input })).await {
                Ok(data) => {
                    assert!(data["postMessage"]["message"]["id"].is_string(), "refused: {data}");
                    return;
                }
                Err(unclear) => self.again(begun, &unclear).await,
            }
        }
    }

    /// Hands in a file of which nothing more is asked than to be kept.
    async fn hand_in(&mut self, count: u64) {
        let bytes = interchange(self.number, count).into_bytes();
        let file = self.journal.hand_in(&bytes);
        let begun = Instant::now();
        while let Err(unclear) = self.edi.interchange(bytes.clone()).await {
            self.again(begun, &unclear).await;
        }
        self.journal.taken(file);
    }

    /// Waits a moment before asking again, unless that has been done for too long.
    async fn again(&mut self, begun: Instant, Unclear(why): &Unclear) {
        assert!(begun.elapsed() < DEFINITE, "no definite answer: {why}");
        tokio::time::sleep(self.dice.millis(10..60)).await;
    }

    async fn until_definite(&mut self, intent: usize, input: &Value) -> Told {
        let begun = Instant::now();
        loop {
            self.journal.attempt(intent);
            match self.submit(input).await {
                Ok(told) => {
                    self.journal.told(intent, told.clone());
                    return told;
                }
                Err(Unclear(why)) => {
                    assert!(begun.elapsed() < DEFINITE, "no definite answer to {input}: {why}");
                    tokio::time::sleep(self.dice.millis(10..60)).await;
                }
            }
        }
    }

    async fn submit(&self, input: &Value) -> Result<Told, Unclear> {
        let data = self.api.graphql(SUBMIT, json!({ "input": input })).await?;
        let payload = &data["submitAcknowledgment"];
        match payload["acknowledgment"]["id"].as_str() {
            Some(id) => Ok(Told::Accepted(id.to_owned())),
            None => Ok(Told::Refused(payload["userErrors"].to_string())),
        }
    }
}

/// An invoice: a kind of message that nobody agreed on. It is filed all the same.
fn interchange(client: usize, count: u64) -> String {
    let control = u64::try_from(client).unwrap_or_default() * 1_000_000 + count;
    format!(
        "ISA*00*          *00*          *ZZ*SUPPLIER       *ZZ*HARBOUR        *261101*0800*U*00401*{control:09}*0*P*>~\
         GS*IN*SUPPLIER*HARBOUR*20261101*0800*{control}*X*004010~ST*810*0001~BIG*20261101*INV{control}~SE*3*0001~\
         GE*1*{control}~IEA*1*{control:09}~"
    )
}
