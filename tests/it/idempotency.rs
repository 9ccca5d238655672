//! The same request again: whatever happened to the first one, it has one effect and one result.
use std::time::Duration;

use quayside_canonical::DeliveryId;
use quayside_simulator::Behaviour;
use serde_json::{Value, json};

use crate::support::{Reply, Supplier, TestApp, accepted, eventually, mutation, submit, submitted};

struct World {
    app: TestApp,
    supplier: Supplier,
    buyer: String,
    order: String,
}

impl World {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let tenant = app.tenant().await;
        let supplier = app.supplier(&tenant).await;
        let order = app.placed(&tenant, &supplier).await;
        let buyer = app.buyer(&tenant).await.token;
        Self { app, supplier, buyer, order }
    }

    /// The first line of the order, accepted.
    fn input(&self, key: Option<&str>) -> Value {
        let lines = [accepted("00010", "100")];
        json!({ "purchaseOrderId": self.order, "revision": 1, "lines": lines, "idempotencyKey": key })
    }

    async fn submit(&self, input: Value) -> Reply {
        self.app.graphql(&self.supplier.token, &submit(), json!({ "input": input })).await
    }

    async fn answers(&self) -> i64 {
        self.app.scratch().count("select count(*) from acknowledgment").await
    }

    async fn keys(&self) -> i64 {
        let sql = "select count(*) from idempotency_key where operation = 'acknowledgments.submit'";
        self.app.scratch().count(sql).await
    }
}

#[tokio::test]
async fn without_a_key_nothing_is_done() {
    let world = World::start().await;
    let reply = world.submit(world.input(None)).await;
    assert_eq!(reply.error_code(), "IDEMPOTENCY_KEY_REQUIRED");
    assert_eq!((world.answers().await, world.keys().await), (0, 0));
}

#[tokio::test]
async fn the_same_request_gets_the_first_result_and_another_one_is_refused() {
    let world = World::start().await;
    let first = world.submit(world.input(Some("k"))).await;
    let again = world.submit(world.input(Some("k"))).await;
    assert_eq!((submitted(&first), first.is_replay()), (submitted(&again), false));
    assert!(again.is_replay());
    let mut other = world.input(Some("k"));
    other["note"] = json!("something else");
    assert_eq!(world.submit(other).await.error_code(), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!((world.answers().await, world.keys().await), (1, 1));
    world.app.settle().await;
    assert_eq!(world.app.erp.documents().len(), 1);
}

#[tokio::test]
async fn the_same_request_at_the_same_time_is_carried_out_once_whatever_process_takes_it() {
    let world = World::start().await;
    let neighbour = world.app.neighbour().await;
    let query = submit();
    let requests = (0..24).map(|number| {
        let app = if number % 2 == 0 { &world.app } else { &neighbour };
        app.graphql(&world.supplier.token, &query, json!({ "input": world.input(Some("k")) }))
    });
    let replies = futures_util::future::join_all(requests).await;
    let (done, busy): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.body.get("errors").is_none());
    assert!(busy.iter().all(|reply| reply.error_code() == "IDEMPOTENCY_IN_PROGRESS"), "{busy:?}");
    assert_eq!(done.iter().filter(|reply| !reply.is_replay()).count(), 1, "one carried it out");
    let results: std::collections::BTreeSet<_> = done.iter().map(|reply| submitted(reply)).collect();
    assert_eq!((results.len(), world.answers().await), (1, 1));
}

#[tokio::test]
async fn a_client_that_went_away_finds_its_result_when_it_comes_back() {
    let world = World::start().await;
    let body = json!({ "query": submit(), "variables": { "input": world.input(Some("k")) } }).to_string();
    let mut client = world.app.connect().await;
    client.write(&world.app.graphql_head(&world.supplier.token, body.len(), "")).await;
    client.write(&body).await;
    drop(client);
    let mut result = None;
    eventually("the retry gets a result", async || {
        let reply = world.submit(world.input(Some("k"))).await;
        result = reply.body.get("errors").is_none().then(|| submitted(&reply));
        result.is_some()
    })
    .await;
    let again = world.submit(world.input(Some("k"))).await;
    assert_eq!((Some(submitted(&again)), again.is_replay()), (result, true));
    assert_eq!(world.answers().await, 1);
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let world = World::start().await;
    let mut wrong = world.input(Some("k"));
    wrong["lines"][0]["line"] = json!("no such line");
    assert_eq!(world.submit(wrong).await.refusals(), ["UNKNOWN_LINE"]);
    let right = world.submit(world.input(Some("k"))).await;
    assert!(!submitted(&right).is_empty() && !right.is_replay());
}

#[tokio::test]
async fn a_key_belongs_to_whoever_used_it() {
    let world = World::start().await;
    let app = &world.app;
    let first = submitted(&world.submit(world.input(Some("k"))).await);
    let (here, there) = (app.tenant().await, app.tenant().await);
    for tenant in [&here, &here, &there] {
        let supplier = app.supplier(tenant).await;
        let order = app.placed(tenant, &supplier).await;
        let input = json!({ "purchaseOrderId": order, "revision": 1, "lines": [accepted("00010", "100")], "idempotencyKey": "k" });
        let reply = app.graphql(&supplier.token, &submit(), json!({ "input": input })).await;
        assert!(submitted(&reply) != first && !reply.is_replay());
    }
    let session = app.sign_in(&world.supplier.email).await;
    let reply = app.browse(&session, &submit(), json!({ "input": world.input(Some("k")) })).await;
    assert_eq!(reply.refusals(), ["ALREADY_ANSWERED"], "the person is not the program: no replay, no leak");
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_refused() {
    let world = World::start().await;
    for key in ["", &"k".repeat(256), "a\0b", "a\nb", "é"] {
        let reply = world.submit(world.input(Some(key))).await;
        assert_eq!(reply.error_code(), "IDEMPOTENCY_KEY_INVALID", "{key:?}");
    }
    let variables = json!({ "input": world.input(None) });
    for key in [&"k".repeat(256), "a b", ""] {
        let headers = [("idempotency-key", key)];
        let reply =
            world.app.graphql_with(&world.supplier.token, &submit(), variables.clone(), &headers).await;
        assert_eq!((reply.status, reply.error_code()), (400, "IDEMPOTENCY_KEY_INVALID"), "{key:?}");
    }
    assert_eq!((world.answers().await, world.keys().await), (0, 0));
    submitted(&world.submit(world.input(Some(&"k".repeat(255)))).await);
}

#[tokio::test]
async fn after_thirty_days_the_answer_itself_keeps_it_from_happening_twice() {
    let world = World::start().await;
    submitted(&world.submit(world.input(Some("k"))).await);
    world.app.advance(Duration::from_secs(31 * 24 * 60 * 60));
    world.app.settle().await;
    assert_eq!(world.keys().await, 0, "housekeeping threw the key away");
    let reply = world.submit(world.input(Some("k"))).await;
    assert_eq!(reply.refusals(), ["ALREADY_ANSWERED"]);
    assert_eq!(world.answers().await, 1);
}

#[tokio::test]
async fn the_header_is_the_key_of_one_mutation_and_of_no_more() {
    let world = World::start().await;
    let (token, header) = (&world.supplier.token, [("idempotency-key", "from-the-header")]);
    let variables = json!({ "input": world.input(None) });
    let first = world.app.graphql_with(token, &submit(), variables.clone(), &header).await;
    let again = world.app.graphql_with(token, &submit(), variables.clone(), &header).await;
    assert_eq!((submitted(&first), true), (submitted(&again), again.is_replay()));
    let by_input = world.submit(world.input(Some("from-the-header"))).await;
    assert!(by_input.is_replay(), "wherever the key stands, it is the same key");

    let two = "mutation($input: SubmitAcknowledgmentInput!) {
        a: submitAcknowledgment(input: $input) { acknowledgment { id } }
        b: submitAcknowledgment(input: $input) { acknowledgment { id } } }";
    let reply = world.app.graphql_with(token, two, variables, &[("idempotency-key", "two")]).await;
    assert_eq!((reply.status, reply.error_code()), (400, "IDEMPOTENCY_KEY_AMBIGUOUS"));
    assert_eq!(world.answers().await, 1);
}

#[tokio::test]
async fn every_write_repeats_its_result_and_refuses_another_request_under_its_key() {
    let world = World::start().await;
    let (app, supplier, buyer, order) = (&world.app, &world.supplier.token, &world.buyer, &world.order);
    let late = json!([{ "line": "00010", "parts": [{ "kind": "ACCEPTED", "quantity": "100", "promisedOn": "2027-01-10" }] },
        { "line": "00020", "parts": [{ "kind": "ACCEPTED", "quantity": "12.5", "promisedOn": "2027-01-10" }] }]);
    let query = mutation(
        "submitAcknowledgment",
        "SubmitAcknowledgmentInput",
        "acknowledgment { id changeProposals { id } }",
    );
    let input =
        json!({ "purchaseOrderId": world.order, "revision": 1, "lines": late, "idempotencyKey": "late" });
    app.spoil(Behaviour::Err400);
    let reply = app.graphql(supplier, &query, json!({ "input": input })).await;
    app.settle().await;
    let answer = &reply.data()["submitAcknowledgment"]["acknowledgment"];
    let proposals = answer["changeProposals"].as_array().unwrap();
    let (one, two) = (&proposals[0]["id"], &proposals[1]["id"]);
    let delivery = app.delivery(buyer, answer["id"].as_str().unwrap()).await["id"].clone();
    let token = app
        .graphql(
            buyer,
            &mutation("createApiToken", "CreateApiTokenInput", "apiToken { id }"),
            json!({ "input": { "name": "t", "scopes": ["ORDERS_READ"], "idempotencyKey": "first" } }),
        )
        .await;
    let token = &token.data()["createApiToken"]["apiToken"]["id"];
    let decide = "DecideChangeProposalInput";
    // Who, what, the type of its input, what it gives; an input and another one.
    let writes = [
        (buyer, "acceptChangeProposal", decide, "decided", json!({ "id": one }), json!({ "id": two })),
        (
            buyer,
            "declineChangeProposal",
            decide,
            "decided",
            json!({ "id": two, "note": "no" }),
            json!({ "id": two }),
        ),
        (
            buyer,
            "redriveDelivery",
            "RedriveDeliveryInput",
            "status",
            json!({ "id": delivery }),
            json!({ "id": DeliveryId::generate() }),
        ),
        (
            buyer,
            "skipDelivery",
            "SkipDeliveryInput",
            "status",
            json!({ "id": delivery, "reason": "a" }),
            json!({ "id": delivery, "reason": "b" }),
        ),
        (
            supplier,
            "acceptPurchaseOrder",
            "AcceptPurchaseOrderInput",
            "acknowledgment { id }",
            json!({ "purchaseOrderId": order, "revision": 1 }),
            json!({ "purchaseOrderId": order, "revision": 2 }),
        ),
        (
            buyer,
            "createApiToken",
            "CreateApiTokenInput",
            "apiToken { id }",
            json!({ "name": "u", "scopes": ["ORDERS_READ"] }),
            json!({ "name": "v", "scopes": ["ORDERS_READ"] }),
        ),
        (
            buyer,
            "revokeApiToken",
            "RevokeApiTokenInput",
            "apiToken { id }",
            json!({ "id": token }),
            Value::Null,
        ),
    ];
    for (who, name, kind, selection, input, other) in writes {
        let (query, key) = (mutation(name, kind, selection), [("idempotency-key", name)]);
        let first = app.graphql_with(who, &query, json!({ "input": input }), &key).await;
        assert_eq!((first.refusals(), first.is_replay()), (vec![], false), "{name}: {}", first.body);
        let again = app.graphql_with(who, &query, json!({ "input": input }), &key).await;
        assert_eq!((again.data(), again.is_replay()), (first.data(), true), "{name}");
        if !other.is_null() {
            let reply = app.graphql_with(who, &query, json!({ "input": other }), &key).await;
            assert_eq!(reply.error_code(), "IDEMPOTENCY_KEY_REUSED", "{name}");
        }
    }
}
