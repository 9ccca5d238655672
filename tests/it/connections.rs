//! Connections, managed by procurement: checked as a whole, never with a secret in sight.
use serde_json::{Value, json};

use crate::support::{ERP_SECRET, Reply, Supplier, Tenant, TestApp, mutation};

const SEEN: &str = "connection { id name revision status pausedReason config secretsSet eventTypes locations supplierIds filter ratePerMinute concurrency }";

struct World {
    app: TestApp,
    tenant: Tenant,
    supplier: Supplier,
    buyer: String,
}

impl World {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let tenant = app.tenant().await;
        let supplier = app.supplier(&tenant).await;
        let buyer = app.buyer(&tenant).await.token;
        Self { app, tenant, supplier, buyer }
    }

    async fn send(&self, name: &str, selection: &str, input: Value) -> Reply {
        let kind = format!("{}Input", name[..1].to_uppercase() + &name[1..]);
        let query = mutation(name, &kind, selection);
        self.app.graphql(&self.buyer, &query, json!({ "input": input })).await
    }

    async fn create(&self, input: Value) -> Reply {
        self.send("createConnection", SEEN, input).await
    }

    fn wms(&self, key: &str) -> Value {
        json!({ "kind": "generic-rest", "name": "WMS", "environment": "TEST", "config": { "endpoint": self.app.erp_endpoint() },
            "secrets": [{ "name": "signing_secret", "value": ERP_SECRET }], "idempotencyKey": key })
    }

    async fn ask(&self, query: &str, variables: Value) -> Value {
        self.app.graphql(&self.buyer, query, variables).await.data().clone()
    }

    /// The connection that every tenant of the tests has.
    async fn erp(&self) -> Value {
        let all = self.ask("{ connections { id name revision secretsSet } }", json!({})).await;
        all["connections"].as_array().unwrap().iter().find(|one| one["name"] == "ERP").unwrap().clone()
    }
}

fn codes_at(reply: &Reply, name: &str) -> Vec<String> {
    let errors = reply.data()[name]["userErrors"].as_array().unwrap();
    let mut at: Vec<String> = errors
        .iter()
        .map(|error| {
            let field: Vec<_> = error["field"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            format!("{} {}", error["code"].as_str().unwrap(), field.join("."))
        })
        .collect();
    at.sort();
    at
}

#[tokio::test]
async fn procurement_connects_a_system_and_changes_it() {
    let world = World::start().await;
    let mut input = world.wms("k1");
    input["receives"] =
        json!({ "eventTypes": ["shipment.submitted"], "supplierIds": [world.supplier.id.to_string()] });
    input["ratePerMinute"] = json!(60);
    let reply = world.create(input.clone()).await;
    let made = reply.data()["createConnection"]["connection"].clone();
    assert_eq!(
        (&made["secretsSet"], &made["revision"]),
        (&json!(["signing_secret"]), &json!(1)),
        "{}",
        reply.body
    );
    assert_eq!(made["config"], json!({ "endpoint": world.app.erp_endpoint() }));
    let again = world.create(input).await;
    assert!(again.is_replay());
    assert_eq!(again.data()["createConnection"]["connection"]["id"], made["id"]);

    let change = |revision: i32, key: &str| {
        json!({ "id": made["id"], "revision": revision, "concurrency": 2, "ratePerMinute": null, "filter": ".",
            "secrets": [{ "name": "previous_signing_secret", "value": ERP_SECRET }], "idempotencyKey": key })
    };
    let reply = world.send("updateConnection", SEEN, change(1, "u1")).await;
    let now = &reply.data()["updateConnection"]["connection"];
    assert_eq!(now["revision"], 2, "{}", reply.body);
    assert_eq!(now["secretsSet"], json!(["previous_signing_secret", "signing_secret"]));
    assert_eq!(
        (&now["concurrency"], &now["ratePerMinute"], &now["filter"]),
        (&json!(2), &Value::Null, &json!("."))
    );
    assert_eq!(now["eventTypes"], json!(["shipment.submitted"]), "what is not said stays");
    let stale = world.send("updateConnection", SEEN, change(1, "u2")).await;
    assert_eq!(codes_at(&stale, "updateConnection"), ["STALE_REVISION input.revision"]);

    let pause = json!({ "id": made["id"], "reason": "stock-taking", "idempotencyKey": "p" });
    let reply = world.send("pauseConnection", SEEN, pause).await;
    let paused = &reply.data()["pauseConnection"]["connection"];
    assert_eq!((&paused["status"], &paused["pausedReason"]), (&json!("PAUSED"), &json!("stock-taking")));
    let resume = json!({ "id": made["id"], "idempotencyKey": "r" });
    let reply = world.send("resumeConnection", SEEN, resume).await;
    assert_eq!(reply.data()["resumeConnection"]["connection"]["status"], "ACTIVE");

    world.app.settle().await;
    let types = ["connection.created", "connection.updated", "connection.paused", "connection.resumed"];
    let events = world.app.events_of(&world.buyer, &types).await;
    let seen: Vec<_> = events.iter().filter(|event| event["subject"] == made["id"]).collect();
    let names: Vec<_> = seen.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(names, types);
    let changed = ["concurrency", "filter", "ratePerMinute", "secrets.previous_signing_secret"];
    assert_eq!(seen[1]["data"]["changed"], json!(changed));
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once_and_nothing_is_kept() {
    let world = World::start().await;
    let input = json!({ "kind": "generic-rest", "name": "ERP", "environment": "TEST",
        "config": { "endpoint": "https://10.0.0.1/x", "bearer_token": "canary-in-config" },
        "secrets": [{ "name": "signing_secret", "value": "canary-no-whsec" }, { "name": "password", "value": "canary-2" }],
        "receives": { "eventTypes": ["shipment.submitted", "shipment.progressed", "no.such"], "locations": ["NOWHERE"] },
        "filter": "now", "ratePerMinute": 0, "concurrency": 65, "idempotencyKey": "k" });
    let reply = world.create(input).await;
    assert_eq!(
        codes_at(&reply, "createConnection"),
        [
            "ENDPOINT_FORBIDDEN input.config.endpoint",
            "INVALID_CONFIG input.config",
            "INVALID_FILTER input.filter",
            "INVALID_VALUE input.concurrency",
            "INVALID_VALUE input.ratePerMinute",
            "NOT_ACCEPTED input.eventTypes.1",
            "NOT_FOUND input.locations.0",
            "SECRET_IN_CONFIG input.config.bearer_token",
            "TAKEN input.name",
            "UNKNOWN_EVENT_TYPE input.eventTypes.2",
            "UNKNOWN_SECRET input.secrets.password",
        ]
    );
    assert!(!reply.text().contains("canary"), "{}", reply.text());
    let all = world.ask("{ connections { name } }", json!({})).await;
    assert_eq!(all["connections"], json!([{ "name": "ERP" }]));
    let kind = world.create(
        json!({ "kind": "pigeon", "name": "P", "environment": "TEST", "config": {}, "validateOnly": true }),
    );
    assert_eq!(codes_at(&kind.await, "createConnection"), ["UNKNOWN_KIND input.kind"]);
}

#[tokio::test]
async fn a_connection_is_tried_without_changing_anything() {
    let world = World::start().await;
    let selection = "test { outcome message httpStatus durationMs }";
    let erp = world.erp().await;
    let tried = world.send("testConnection", selection, json!({ "id": erp["id"] })).await;
    let test = &tried.data()["testConnection"]["test"];
    assert_eq!((&test["outcome"], &test["httpStatus"]), (&json!("OK"), &json!(404)), "{}", tried.body);

    let wrong = "whsec_d3Jvbmcgd3Jvbmcgd3Jvbmcgd3Jvbmcgd3Jvbmcgd3Jvbmc=";
    let change = json!({ "id": erp["id"], "revision": erp["revision"], "secrets": [{ "name": "signing_secret", "value": wrong }],
        "idempotencyKey": "w" });
    world.send("updateConnection", SEEN, change).await.data();
    let tried = world.send("testConnection", selection, json!({ "id": erp["id"] })).await;
    assert_eq!(tried.data()["testConnection"]["test"]["outcome"], "UNAUTHORIZED", "{}", tried.body);
    assert!(world.app.erp.documents().is_empty());

    // Two signatures: the receiver still has the old secret.
    let change = json!({ "id": erp["id"], "revision": 2, "secrets": [{ "name": "previous_signing_secret", "value": ERP_SECRET }],
        "idempotencyKey": "b" });
    world.send("updateConnection", SEEN, change).await.data();
    let tried = world.send("testConnection", selection, json!({ "id": erp["id"] })).await;
    assert_eq!(tried.data()["testConnection"]["test"]["outcome"], "OK", "{}", tried.body);
}

#[tokio::test]
async fn a_filter_is_tried_on_recent_events_previewed_and_applied() {
    let world = World::start().await;
    let order = world.app.placed(&world.tenant, &world.supplier).await;
    let answer = world.app.answer(&world.supplier, &order).await;
    world.app.settle().await;
    let erp = world.erp().await;
    let change = |revision: i32, filter: &str, key: &str| json!({ "id": erp["id"], "revision": revision, "filter": filter, "idempotencyKey": key });
    let failing = world.send("updateConnection", SEEN, change(1, ".data.orderNumber.nothing", "f1")).await;
    assert_eq!(codes_at(&failing, "updateConnection"), ["INVALID_FILTER input.filter"], "{}", failing.body);
    let reply = world.send("updateConnection", SEEN, change(1, ".data.note = \"by filter\"", "f2")).await;
    assert_eq!(reply.data()["updateConnection"]["connection"]["revision"], 2, "{}", reply.body);

    let delivery = world.app.delivery(&world.supplier.token, &answer).await["id"].clone();
    let query = "query($id: ID!) { previewDelivery(deliveryId: $id) { problem requests { method url body } userErrors { code } } }";
    let seen = world.ask(query, json!({ "id": delivery })).await["previewDelivery"].clone();
    assert_eq!(seen["problem"], Value::Null);
    let request = &seen["requests"][0];
    assert_eq!((&request["method"], &request["url"]), (&json!("POST"), &json!(world.app.erp_endpoint())));
    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&body["data"]["note"], &body["type"]),
        (&json!("by filter"), &json!("acknowledgment.submitted"))
    );
    assert_eq!(world.app.erp.documents().len(), 1, "nothing was sent");

    let next = world.app.placed(&world.tenant, &world.supplier).await;
    world.app.answer(&world.supplier, &next).await;
    world.app.settle().await;
    assert_eq!(world.app.erp.documents().len(), 2, "what the filter made arrived");
}

#[tokio::test]
async fn an_address_does_not_change_under_a_password_that_nobody_says_again() {
    let world = World::start().await;
    let mut input = world.wms("k1");
    input["secrets"] =
        json!([{ "name": "signing_secret", "value": ERP_SECRET }, { "name": "bearer_token", "value": "t" }]);
    let made = world.create(input).await.data()["createConnection"]["connection"].clone();
    let moved = |secrets: Value, key: &str| {
        json!({ "id": made["id"], "revision": 1, "config": { "endpoint": "https://elsewhere.example.com/in" },
            "secrets": secrets, "idempotencyKey": key })
    };
    let reply = world.send("updateConnection", SEEN, moved(json!([]), "m1")).await;
    assert_eq!(codes_at(&reply, "updateConnection"), ["SECRET_REQUIRED input.secrets.bearer_token"]);
    let said = json!([{ "name": "bearer_token", "value": "t2" }]);
    let reply = world.send("updateConnection", SEEN, moved(said, "m2")).await;
    assert_eq!(reply.data()["updateConnection"]["connection"]["revision"], 2, "{}", reply.body);
}

#[tokio::test]
async fn no_supplier_sees_or_touches_connections() {
    let world = World::start().await;
    let token = &world.supplier.token;
    for query in ["{ connections { id } }", "{ connectionKinds { name } }"] {
        let reply = world.app.graphql(token, query, json!({})).await;
        assert!(
            ["FORBIDDEN", "GRAPHQL_VALIDATION_FAILED"].contains(&reply.error_code()),
            "{query}: {}",
            reply.body
        );
    }
    let id = world.erp().await["id"].clone();
    let node =
        world.app.graphql(token, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
    assert_eq!(node.data()["node"], Value::Null);
    let kinds = world.ask("{ connectionKinds { name accepts secrets feeds } }", json!({})).await;
    let generic =
        kinds["connectionKinds"].as_array().unwrap().iter().find(|kind| kind["name"] == "generic-rest");
    assert!(generic.unwrap()["secrets"].as_array().unwrap().contains(&json!("signing_secret")));
}

#[tokio::test]
async fn a_warehouse_gets_what_is_for_it_and_no_other() {
    let world = World::start().await;
    let mut locations = Vec::new();
    for code in ["DC-1", "DC-2"] {
        let location = json!({ "code": code, "name": code, "address": ["Quay 1"] });
        locations
            .push(world.app.ingest_at(&world.tenant, "/ingest/v1/locations", &location, &[]).await.status);
    }
    assert_eq!(locations, [201, 201]);
    for (name, code) in [("one", "DC-1"), ("two", "DC-2")] {
        let mut input = world.wms(name);
        input["name"] = json!(name);
        input["receives"] = json!({ "eventTypes": ["purchase_order.released"], "locations": [code] });
        let reply = world.create(input).await;
        assert_eq!(codes_at(&reply, "createConnection"), Vec::<String>::new());
    }
    let mut order = crate::support::order(&world.supplier, "4500000077");
    order["shipTo"] = json!({ "code": "DC-2", "name": "South" });
    let placed = world.app.ingest(&world.tenant, &order).await;
    assert_eq!(placed.status, 201, "{}", placed.body);
    world.app.settle().await;
    let to = "select count(*) from delivery d join connection c on c.id = d.connection_id where c.name = ";
    assert_eq!(world.app.scratch().count(&format!("{to}'one'")).await, 0);
    assert_eq!(world.app.scratch().count(&format!("{to}'two'")).await, 1);
}
