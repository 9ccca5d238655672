//! Answers, and where they stand on their way to the ERP.
use quayside_simulator::{Behaviour, Fault};
use serde_json::{Value, json};

use super::{Reply, Supplier, TestApp, mutation};

/// `submitAcknowledgment`, with the id of the answer.
pub(crate) fn submit() -> String {
    mutation("submitAcknowledgment", "SubmitAcknowledgmentInput", "acknowledgment { id }")
}

/// A line accepted as it is.
pub(crate) fn accepted(line: &str, quantity: &str) -> Value {
    json!({ "line": line, "parts": [{ "kind": "ACCEPTED", "quantity": quantity }] })
}

/// The id of the answer in a reply.
#[track_caller]
pub(crate) fn submitted(reply: &Reply) -> String {
    let payload = &reply.data()["submitAcknowledgment"];
    payload["acknowledgment"]["id"].as_str().unwrap_or_else(|| panic!("{}", reply.body)).to_owned()
}

impl TestApp {
    /// Answers one line of an order of two; gives the answer's id.
    pub(crate) async fn answer_line(&self, supplier: &Supplier, order: &str, line: &str) -> String {
        let quantity = if line == "00010" { "100" } else { "12.5" };
        let input = json!({ "purchaseOrderId": order, "revision": 1, "lines": [accepted(line, quantity)],
            "idempotencyKey": self.number().to_string() });
        submitted(&self.graphql(&supplier.token, &submit(), json!({ "input": input })).await)
    }

    /// Answers both lines at once.
    pub(crate) async fn answer(&self, supplier: &Supplier, order: &str) -> String {
        let lines = [accepted("00010", "100"), accepted("00020", "12.5")];
        let input = json!({ "purchaseOrderId": order, "revision": 1, "lines": lines,
            "idempotencyKey": self.number().to_string() });
        submitted(&self.graphql(&supplier.token, &submit(), json!({ "input": input })).await)
    }

    /// The first delivery of an answer, as the caller sees it.
    pub(crate) async fn delivery(&self, token: &str, answer: &str) -> Value {
        let query = "query($id: ID!) { node(id: $id) { ... on Acknowledgment { deliveries {
            id status reference errorCode errorMessage attempts nextAttemptAt finishedAt } } } }";
        let reply = self.graphql(token, query, json!({ "id": answer })).await;
        reply.data()["node"]["deliveries"][0].clone()
    }

    /// The next call of the ERP goes wrong.
    pub(crate) fn spoil(&self, behaviour: Behaviour) {
        self.erp.queue(Fault::once(behaviour)).unwrap();
    }
}
