//! Lives of orders made at random: releases, changes, answers, shipments, receipts, reversals, decisions and repeats
//! in any order. Whatever happens, the ledger balances, and it is what the events say.
use quayside_canonical::Micro;
use serde_json::{Value, json};

use crate::{
    ledger::verify,
    support::{
        Buyer, Supplier, Tenant, TestApp,
        goods::{receipt, reversal},
        mutation, of_order, revision,
    },
};

const STEPS: usize = 40;

/// xorshift64*: the same life for the same seed.
struct Dice(u64);

impl Dice {
    fn upto(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % most
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.upto(of.len() as u64)).unwrap()]
    }
}

struct Life {
    app: TestApp,
    tenant: Tenant,
    supplier: Supplier,
    buyer: Buyer,
    order: String,
    dice: Dice,
    said: Vec<(&'static str, Value)>,
    shipments: u64,
    receipts: u64,
}

impl Life {
    async fn begin(seed: u64) -> Self {
        let app = TestApp::start().await;
        let tenant = app.tenant().await;
        let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
        let first = app.ingest(&tenant, &revision(&supplier, "PO-LIFE", 2, "100")).await;
        let order = first.body["order"].as_str().unwrap().to_owned();
        let (said, dice) = (Vec::new(), Dice(seed));
        Self { app, tenant, supplier, buyer, order, dice, said, shipments: 0, receipts: 0 }
    }

    async fn step(&mut self) {
        match self.dice.upto(8) {
            0 => self.revise().await,
            1 => self.answer().await,
            2 | 3 => self.ship().await,
            4 => self.change_shipment().await,
            5 | 6 => self.receive().await,
            _ => self.decide_or_repeat().await,
        }
    }

    /// Says something to an ingest entrance, and remembers it to be said again.
    async fn say(&mut self, entrance: &'static str, document: Value) {
        self.app.ingest_at(&self.tenant, entrance, &document, &[]).await;
        self.said.push((entrance, document));
    }

    async fn revise(&mut self) {
        let sequence = i64::try_from(1 + self.dice.upto(9)).unwrap();
        let quantity = (20 + self.dice.upto(120)).to_string();
        let mut document = revision(&self.supplier, "PO-LIFE", sequence, &quantity);
        match self.dice.upto(6) {
            0 => document["lines"][0]["cancelled"] = json!(true),
            1 => drop(document["lines"].as_array_mut().unwrap().pop()),
            _ => {}
        }
        self.say("/ingest/v1/purchase-orders", document).await;
    }

    /// What breaks a rule is refused, which is a life too.
    async fn answer(&mut self) {
        let current = "query($id: ID!) { purchaseOrder(id: $id) { revision } }";
        let reply = self.app.graphql(&self.supplier.token, current, json!({ "id": self.order })).await;
        let revision = &reply.data()["purchaseOrder"]["revision"];
        let key = format!("answer-{}", self.app.number());
        let input = json!({ "purchaseOrderId": self.order, "revision": revision, "idempotencyKey": key });
        let query = mutation("acceptPurchaseOrder", "AcceptPurchaseOrderInput", "acknowledgment { id }");
        self.app.graphql(&self.supplier.token, &query, json!({ "input": input })).await;
    }

    async fn ship(&mut self) {
        self.shipments += 1;
        let lines = [
            of_order(&self.order, "00010", &(1 + self.dice.upto(60)).to_string()),
            of_order(&self.order, "00020", &(1 + self.dice.upto(6)).to_string()),
        ];
        let lines = &lines[..usize::try_from(1 + self.dice.upto(2)).unwrap()];
        let input = json!({ "number": format!("S-{}", self.shipments), "submit": true, "lines": lines });
        self.app.ship(&self.supplier.token, "createShipment", input).await;
    }

    async fn change_shipment(&mut self) {
        let query = "{ shipments(first: 20) { nodes { id version } } }";
        let reply = self.app.graphql(&self.supplier.token, query, json!({})).await;
        let known = reply.data()["shipments"]["nodes"].as_array().unwrap().clone();
        if known.is_empty() {
            return;
        }
        let one = &known[usize::try_from(self.dice.upto(known.len() as u64)).unwrap()];
        if self.dice.upto(2) == 0 {
            self.app.ship(&self.supplier.token, "cancelShipment", json!({ "id": one["id"] })).await;
        } else {
            let lines = [of_order(&self.order, "00010", &(1 + self.dice.upto(60)).to_string())];
            let input = json!({ "id": one["id"], "version": one["version"], "lines": lines });
            self.app.ship(&self.supplier.token, "amendShipment", input).await;
        }
    }

    async fn receive(&mut self) {
        self.receipts += 1;
        let number = format!("R-{}", self.receipts);
        if self.dice.upto(5) == 0 {
            // Of one that was stated, is still to come, or never will.
            let of = format!("R-{}", 1 + self.dice.upto(self.receipts + 3));
            return self.say("/ingest/v1/receipts", reversal(&number, &of)).await;
        }
        let kind = self.dice.one_of(&["INCREMENT", "INCREMENT", "FINAL"]);
        let shipment = match self.dice.upto(4) {
            0 => String::new(),
            _ => format!("S-{}", 1 + self.dice.upto(self.shipments + 1)),
        };
        let condition =
            self.dice.one_of(&["GOOD", "GOOD", "GOOD", "DAMAGED", "QUALITY_HOLD", "EXPIRED", "WRONG_ITEM"]);
        let quantity = self.dice.upto(70).to_string();
        let mut document = receipt(&number, kind, &shipment, ("PO-LIFE", "00010", &quantity), condition);
        document["basis"] = json!(self.dice.one_of(&["DELTA", "DELTA", "TOTAL"]));
        document["receivedAt"] = json!(format!("2026-11-2{}T09:00:00Z", self.dice.upto(9)));
        self.say("/ingest/v1/receipts", document).await;
    }

    async fn decide_or_repeat(&mut self) {
        if !self.said.is_empty() && self.dice.upto(2) == 0 {
            let (entrance, document) =
                self.said[usize::try_from(self.dice.upto(self.said.len() as u64)).unwrap()].clone();
            self.app.ingest_at(&self.tenant, entrance, &document, &[]).await;
            return;
        }
        let query = "{ discrepancies(first: 20) { nodes { id status } } }";
        let reply = self.app.graphql(&self.buyer.token, query, json!({})).await;
        let open = |one: &&Value| one["status"] == "OPEN";
        let Some(id) = reply.data()["discrepancies"]["nodes"].as_array().unwrap().iter().find(open) else {
            return;
        };
        let resolution = self.dice.one_of(&["ACCEPT", "RETURN", "CREDIT", "REPLACE"]);
        let key = format!("decide-{}", self.app.number());
        let input = json!({ "id": id["id"], "resolution": resolution, "idempotencyKey": key });
        let query = mutation("resolveDiscrepancy", "ResolveDiscrepancyInput", "discrepancy { id }");
        self.app.graphql(&self.buyer.token, &query, json!({ "input": input })).await;
    }

    async fn balances(&self, step: usize) {
        for line in self.app.ledger(&self.buyer.token, &self.order).await {
            let of = |name: &str| -> Micro {
                line.get(name).map_or(Micro::ZERO, |it| it.as_str().unwrap().parse().unwrap())
            };
            let sum = of("accepted") + of("held") + of("rejected");
            assert_eq!(of("received"), sum, "step {step}: {line}");
            let open = of("ordered") - of("cancelled") - of("accepted") - of("shortClosed");
            assert_eq!(of("open"), open, "step {step}: {line}");
            assert!(
                of("returned") <= of("rejected") && of("inTransit") <= of("shipped"),
                "step {step}: {line}"
            );
            assert!(of("backordered") <= of("acknowledged"), "step {step}: {line}");
        }
    }
}

async fn live(seed: u64) {
    let mut life = Life::begin(seed).await;
    for step in 0..STEPS {
        life.step().await;
        life.balances(step).await;
    }
    let (code, said) = verify(&life.app);
    assert_eq!(code, Some(0), "seed {seed}: {said}");
    // Everything that was stated comes once more, the last of it first: nothing changes.
    let before = life.app.ledger(&life.buyer.token, &life.order).await;
    for (entrance, document) in life.said.iter().rev() {
        life.app.ingest_at(&life.tenant, entrance, document, &[]).await;
    }
    assert_eq!(life.app.ledger(&life.buyer.token, &life.order).await, before, "seed {seed}");
}

#[tokio::test]
async fn the_ledger_balances_and_is_what_the_events_say_in_any_life() {
    for seed in [0x9E37_79B9, 20_261_125, 4_500_017_050] {
        live(seed).await;
    }
}

#[tokio::test]
async fn and_in_one_that_nobody_has_seen() {
    let seed = u64::try_from(uuid::Uuid::now_v7().as_u128() & 0xFFFF_FFFF).unwrap() | 1;
    live(seed).await;
}
