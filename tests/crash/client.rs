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

const SUBMIT: &str = "mutation($input: SubmitAcknowledgmentInput!) { submitAcknowledgment(input: $input) {
    acknowledgment { id } userErrors { code } } }";

/// One client.
pub(crate) struct Client {
    pub(crate) number: usize,
    pub(crate) api: Api,
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
