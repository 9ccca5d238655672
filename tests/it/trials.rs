//! `validateOnly`: the same rules and the same problems, and nothing is written.
use quayside_canonical::identity::Role;
use quayside_simulator::Behaviour;
use serde_json::{Value, json};

use crate::support::{Reply, TestApp, mutation};

/// Tables that a write of any of these would change, or what it would change in them.
const TRACES: &[&str] = &[
    "select count(*) from event",
    "select count(*) from idempotency_key",
    "select count(*) from access_token where revoked_at is null",
    "select count(*) from connection where status = 'ACTIVE'",
    "select count(*) from webhook_endpoint where deleted_at is null and last_test_id is null",
    "select count(*) from delivery where status = 'DEAD'",
    "select count(*) from delivery where status = 'PENDING'",
];

async fn traces(app: &TestApp) -> Vec<i64> {
    let mut counted = Vec::new();
    for sql in TRACES {
        counted.push(app.scratch().count(sql).await);
    }
    counted
}

/// Tries a mutation with these inputs, without a key.
async fn tried(
    app: &TestApp,
    token: &str,
    (name, kind, selection): (&str, &str, &str),
    mut input: Value,
) -> Reply {
    input["validateOnly"] = json!(true);
    app.graphql(token, &mutation(name, kind, selection), json!({ "input": input })).await
}

#[tokio::test]
async fn what_is_only_validated_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let (_, admin) = app.person(&tenant, Some(supplier.id), Role::SupplierAdmin).await;
    let (_, buyer) = app.person(&tenant, None, Role::BuyerAdmin).await;
    let programs = app.programs().await;
    let (endpoint, secret) = app.endpoint(&admin, &programs, ("hook", None)).await;
    let order = app.placed(&tenant, &supplier).await;
    app.settle().await;
    app.spoil(Behaviour::Err400);
    let answer = app.answer(&supplier, &order).await;
    app.settle().await;
    let delivery = app.delivery(&buyer, &answer).await["id"].clone();
    let sent = app.sent(&admin, &endpoint).await[0]["id"].clone();
    let made = json!({ "name": "a program", "scopes": ["ORDERS_READ"], "idempotencyKey": "made" });
    let create = mutation("createApiToken", "CreateApiTokenInput", "apiToken { id }");
    let made = app.graphql(&admin, &create, json!({ "input": made })).await;
    let token = made.data()["createApiToken"]["apiToken"]["id"].clone();
    let before = traces(&app).await;

    let endpoint_input = "WebhookEndpointInput";
    let erp = tenant.erp.to_string();
    for (who, what, input) in [
        (
            &admin,
            ("disableWebhookEndpoint", "DisableWebhookEndpointInput", "skippedDeliveries"),
            json!({ "id": endpoint }),
        ),
        (&admin, ("deleteWebhookEndpoint", endpoint_input, "skippedDeliveries"), json!({ "id": endpoint })),
        (&admin, ("sendTestWebhook", endpoint_input, "deliveryId"), json!({ "id": endpoint })),
        (&admin, ("rotateWebhookSecret", "RotateWebhookSecretInput", "secret"), json!({ "id": endpoint })),
        (
            &admin,
            ("replayWebhookDelivery", "ReplayWebhookDeliveryInput", "webhookDelivery { id }"),
            json!({ "id": sent }),
        ),
        (
            &admin,
            ("createApiToken", "CreateApiTokenInput", "apiToken { id } secret"),
            json!({ "name": "n", "scopes": ["ORDERS_READ"] }),
        ),
        (&admin, ("revokeApiToken", "RevokeApiTokenInput", "apiToken { id }"), json!({ "id": token })),
        (
            &buyer,
            ("pauseConnection", "PauseConnectionInput", "connection { id }"),
            json!({ "id": erp, "reason": "r" }),
        ),
        (&buyer, ("resumeConnection", "ResumeConnectionInput", "connection { id }"), json!({ "id": erp })),
        (
            &buyer,
            ("skipDelivery", "SkipDeliveryInput", "deliveryId"),
            json!({ "id": delivery, "reason": "r" }),
        ),
    ] {
        let reply = tried(&app, who, what, input).await;
        let payload = &reply.data()[what.0];
        assert_eq!(payload["userErrors"], json!([]), "{}", what.0);
        assert!(payload["secret"].is_null() && payload["deliveryId"] != json!(sent), "{payload}");
        assert_eq!(traces(&app).await, before, "{}", what.0);
    }

    // What would be refused is refused with the same words.
    for (who, what, input) in [
        (&admin, ("enableWebhookEndpoint", endpoint_input, "skippedDeliveries"), json!({ "id": endpoint })),
        (&admin, ("createApiToken", "CreateApiTokenInput", "secret"), json!({ "name": "", "scopes": [] })),
        (
            &buyer,
            ("pauseConnection", "PauseConnectionInput", "connection { id }"),
            json!({ "id": erp, "reason": "" }),
        ),
        (
            &buyer,
            ("skipDelivery", "SkipDeliveryInput", "deliveryId"),
            json!({ "id": delivery, "reason": "" }),
        ),
        (
            &buyer,
            ("pollConnectionNow", "PollConnectionNowInput", "feeds { name }"),
            json!({ "connectionId": erp, "everySeconds": 1 }),
        ),
        (
            &buyer,
            ("retryInboundMessage", "RetryInboundMessageInput", "inboundMessage { id }"),
            json!({ "id": "imsg_0" }),
        ),
    ] {
        let trial = tried(&app, who, what, input.clone()).await;
        let mut input = input;
        input["idempotencyKey"] = json!("for good");
        let earnest = app.graphql(who, &mutation(what.0, what.1, what.2), json!({ "input": input })).await;
        assert_ne!(trial.data()[what.0]["userErrors"], json!([]), "{}", what.0);
        assert_eq!(trial.data()[what.0]["userErrors"], earnest.data()[what.0]["userErrors"], "{}", what.0);
        assert_eq!(traces(&app).await, before, "{}", what.0);
    }
    assert!(secret.starts_with("whsec_"));
}
