//! Whose an endpoint is: what it gets, and who may do what.
use quayside_canonical::identity::Role;

use super::*;

fn subjects(world: &World, name: &str, event_type: &str) -> Vec<String> {
    let calls = world.programs.hooks.calls(name);
    let events = calls.iter().map(|call| serde_json::from_str::<Value>(&call.body).unwrap());
    let events = events.filter(|event| event["type"] == event_type);
    events.map(|event| event["subject"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_supplier_never_gets_anothers_event_nor_what_suppliers_do_not_see() {
    let world = World::start().await;
    let app = &world.app;
    let neighbour = app.supplier(&world.tenant).await;
    let theirs = app.person(&world.tenant, Some(neighbour.id), Role::SupplierAdmin).await.1;
    let other_tenant = app.tenant().await;
    let foreigner = app.supplier(&other_tenant).await;
    let foreign = app.person(&other_tenant, Some(foreigner.id), Role::SupplierAdmin).await.1;
    let foreign_buyer = app.person(&other_tenant, None, Role::BuyerAdmin).await.1;
    for (token, name) in [
        (&world.admin.1, "own"),
        (&theirs, "neighbour"),
        (&foreign, "foreigner"),
        (&world.buyer.1, "buyer"),
        (&foreign_buyer, "foreign-buyer"),
    ] {
        app.endpoint(token, &world.programs, (name, None)).await;
    }
    let own = app.placed(&world.tenant, &world.supplier).await;
    let next = app.placed(&world.tenant, &neighbour).await;
    let far = app.placed(&other_tenant, &foreigner).await;
    app.answer(&world.supplier, &own).await;
    app.settle().await;
    for (name, expected) in [
        ("own", vec![&own]),
        ("neighbour", vec![&next]),
        ("foreigner", vec![&far]),
        ("buyer", vec![&own, &next]),
        ("foreign-buyer", vec![&far]),
    ] {
        let mut got = subjects(&world, name, RELEASED);
        got.sort(); // endpoints are promised no order
        let mut expected: Vec<_> = expected.into_iter().cloned().collect();
        expected.sort();
        assert_eq!(got, expected, "{name}");
    }
    assert_eq!(subjects(&world, "own", "acknowledgment.submitted").len(), 1);
    assert_eq!(subjects(&world, "neighbour", "acknowledgment.submitted").len(), 0);
    // What the feed shows, and in the same words.
    let feed = "{ events(first: 100) { nodes { id type } } }";
    let seen = app.graphql(&world.admin.1, feed, json!({})).await;
    let listed = seen.data()["events"]["nodes"].as_array().unwrap().clone();
    let calls = world.programs.hooks.calls("own");
    for call in &calls {
        let event: Value = serde_json::from_str(&call.body).unwrap();
        assert!(listed.iter().any(|one| one["id"] == event["id"]), "{event} is not in the feed");
    }
    let not_ones_own = listed.iter().filter(|one| one["type"] != "webhook_endpoint.created");
    assert_eq!(calls.len(), not_ones_own.count(), "all of it, but what the endpoint says of itself");
    assert_eq!(subjects(&world, "own", "connection.created").len(), 0);
    let sessions = app.sign_in(&world.supplier.email).await;
    drop(sessions);
    app.settle().await;
    assert!(!subjects(&world, "buyer", "session.started").is_empty(), "the buyer gets everything");
    assert_eq!(subjects(&world, "own", "session.started").len(), 0);
}

#[tokio::test]
async fn only_admins_and_programs_with_the_scope_manage_endpoints() {
    let world = World::start().await;
    let app = &world.app;
    let input = json!({ "url": world.programs.url("x") });
    let auditor = app.person(&world.tenant, None, Role::Auditor).await.1;
    for token in [&world.supplier.token, &auditor] {
        let reply = app.hook(token, "createWebhookEndpoint", input.clone()).await;
        assert_eq!(reply.error_code(), "FORBIDDEN");
    }
    let editor =
        app.graphql(&world.supplier.token, "{ webhookEndpoints(first: 1) { nodes { id } } }", json!({}));
    assert_eq!(editor.await.error_code(), "FORBIDDEN");
    let procurement = app.buyer(&world.tenant).await.token;
    app.hook(&procurement, "createWebhookEndpoint", input.clone()).await.data();
    let session = app.sign_in(&world.admin.0).await;
    let query = crate::support::mutation("createApiToken", "CreateApiTokenInput", "secret");
    for (scopes, may) in [(json!(["WEBHOOKS_MANAGE"]), true), (json!(["ORDERS_READ"]), false)] {
        let token =
            json!({ "input": { "name": "hooks", "scopes": scopes, "idempotencyKey": scopes.to_string() } });
        let made = app.browse(&session, &query, token).await;
        let token = made.data()["createApiToken"]["secret"].as_str().unwrap().to_owned();
        let reply = app.hook(&token, "createWebhookEndpoint", input.clone()).await;
        assert_eq!(reply.body.get("errors").is_none(), may, "{scopes}: {}", reply.body);
    }
}

#[tokio::test]
async fn the_buyer_looks_at_suppliers_endpoints_and_changes_none() {
    let world = World::start().await;
    let app = &world.app;
    let url = format!("{}?key=canary", world.programs.url("erp"));
    let input = json!({ "url": url, "eventTypes": [RELEASED] });
    let made = app.hook(&world.admin.1, "createWebhookEndpoint", input).await;
    let id = made.data()["createWebhookEndpoint"]["webhookEndpoint"]["id"].clone();
    world.order().await;
    let seen = app.endpoints(&world.buyer.1).await.remove(0);
    assert_eq!((&seen["id"], &seen["url"]), (&id, &json!(world.programs.url("erp"))), "without its query");
    assert_eq!(app.endpoints(&world.admin.1).await[0]["url"], url);
    let sent = app.sent(&world.buyer.1, id.as_str().unwrap()).await;
    assert_eq!(sent.len(), 1);
    for (name, input) in [
        ("updateWebhookEndpoint", json!({ "id": id, "description": "mine" })),
        ("rotateWebhookSecret", json!({ "id": id })),
        ("sendTestWebhook", json!({ "id": id })),
        ("replayWebhookDelivery", json!({ "id": sent[0]["id"] })),
        ("replayWebhooks", json!({ "id": id, "since": "2026-11-23T00:00:00Z" })),
        ("replayWebhooks", json!({ "id": id, "since": "2026-11-23T00:00:00Z", "dryRun": true })),
        ("deleteWebhookEndpoint", json!({ "id": id })),
    ] {
        let reply = app.hook(&world.buyer.1, name, input).await;
        assert_eq!(reply.error_code(), "FORBIDDEN", "{name}");
    }
}

#[tokio::test]
async fn every_problem_of_an_endpoint_is_told_at_once() {
    let world = World::start().await;
    let app = &world.app;
    for url in ["http://hooks.example.com/", "https://10.0.0.1/", "https://169.254.169.254/", "ftp://x", "x"]
    {
        let reply = app.hook(&world.admin.1, "createWebhookEndpoint", json!({ "url": url })).await;
        assert_eq!(reply.refusals(), ["INVALID_URL"], "{url}");
    }
    let types = json!(["session.started", RELEASED, RELEASED, "webhook_endpoint.tested"]);
    let wrong = json!({ "url": "https://u:canary@x.example.com/", "description": " x", "eventTypes": types });
    let reply = app.hook(&world.admin.1, "createWebhookEndpoint", wrong).await;
    assert_eq!(
        reply.refusals(),
        ["INVALID_URL", "INVALID_TEXT", "UNKNOWN_TYPE", "DUPLICATE", "UNKNOWN_TYPE"],
        "a session is nothing a supplier sees"
    );
    assert!(!reply.body.to_string().contains("canary"), "{}", reply.body);
    let none = json!({ "url": world.programs.url("x"), "eventTypes": [] });
    assert_eq!(app.hook(&world.admin.1, "createWebhookEndpoint", none).await.refusals(), ["REQUIRED"]);
    let tried = json!({ "url": world.programs.url("x"), "validateOnly": true });
    assert_eq!(app.hook(&world.admin.1, "createWebhookEndpoint", tried).await.refusals(), [""; 0]);
    assert_eq!(
        app.endpoints(&world.admin.1).await.len(),
        0,
        "neither a refusal nor a trial leaves anything behind"
    );

    for number in 0..10 {
        app.endpoint(&world.admin.1, &world.programs, (&format!("n{number}"), None)).await;
    }
    let eleventh = json!({ "url": world.programs.url("n10") });
    let reply = app.hook(&world.admin.1, "createWebhookEndpoint", eleventh.clone()).await;
    assert_eq!(reply.refusals(), ["TOO_MANY"]);
    app.hook(&world.buyer.1, "createWebhookEndpoint", eleventh).await.data();
}

#[tokio::test]
async fn an_endpoint_is_changed_and_deleted() {
    let world = World::start().await;
    let app = &world.app;
    let (id, secret) = world.endpoint("old").await;
    let tried = json!({ "id": id, "description": "tried", "validateOnly": true });
    assert_eq!(app.hook(&world.admin.1, "updateWebhookEndpoint", tried).await.refusals(), [""; 0]);
    assert_eq!(world.seen(&id).await["description"], "old");
    world.programs.hooks.open("new", &[&secret]).unwrap();
    world.programs.hooks.answer("old", [quayside_simulator::HookAnswer::Status(500)]);
    world.order().await;
    let input =
        json!({ "id": id, "url": world.programs.url("new"), "eventTypes": null, "idempotencyKey": "u" });
    let reply = app.hook(&world.admin.1, "updateWebhookEndpoint", input.clone()).await;
    let shown = &reply.data()["updateWebhookEndpoint"]["webhookEndpoint"];
    assert_eq!((&shown["url"], &shown["eventTypes"]), (&json!(world.programs.url("new")), &Value::Null));
    assert_eq!(shown["description"], "old", "what is left out stays");
    assert!(app.hook(&world.admin.1, "updateWebhookEndpoint", input).await.is_replay());
    world.pass(Duration::from_secs(6)).await;
    assert_eq!(
        subjects(&world, "new", RELEASED).len(),
        1,
        "what waited goes to the new address, signed as before"
    );

    world.programs.hooks.answer("new", [quayside_simulator::HookAnswer::Status(500)]);
    world.order().await;
    let delete = json!({ "id": id, "idempotencyKey": "d" });
    let reply = app.hook(&world.admin.1, "deleteWebhookEndpoint", delete.clone()).await;
    assert_eq!(
        reply.data()["deleteWebhookEndpoint"],
        json!({ "deletedId": id, "skippedDeliveries": 1, "userErrors": [] })
    );
    assert!(app.hook(&world.admin.1, "deleteWebhookEndpoint", delete).await.is_replay());
    let twice = app.hook(&world.admin.1, "deleteWebhookEndpoint", json!({ "id": id })).await;
    assert_eq!(twice.refusals(), ["NOT_FOUND"]);
    assert_eq!(app.endpoints(&world.admin.1).await.len(), 0);
    let before = world.programs.hooks.calls("new").len();
    world.order().await;
    world.pass(DAY).await;
    assert_eq!(world.programs.hooks.calls("new").len(), before);
    let told = world.events(&["webhook_endpoint.deleted"]).await;
    assert_eq!(told, [json!({ "endpoint": id, "skipped": 1 })]);
}

#[tokio::test]
async fn deliveries_to_endpoints_are_no_deliveries_to_systems() {
    let world = World::start().await;
    app_with_both(&world).await;
    let order = world.order().await;
    let answer = world.app.answer(&world.supplier, &order).await;
    world.app.settle().await;
    let query =
        "query($id: ID!) { node(id: $id) { ... on Acknowledgment { deliveries { connection status } } } }";
    let seen = world.app.graphql(&world.supplier.token, query, json!({ "id": answer })).await;
    let expected = json!([{ "connection": "ERP", "status": "DELIVERED" }]);
    assert_eq!(seen.data()["node"]["deliveries"], expected);
}

async fn app_with_both(world: &World) {
    world.app.endpoint(&world.admin.1, &world.programs, ("own", None)).await;
    world.app.endpoint(&world.buyer.1, &world.programs, ("buyer", None)).await;
}
