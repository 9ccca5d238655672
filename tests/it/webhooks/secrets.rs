//! Signing secrets: shown once, kept sealed, replaced without a call that does not verify.
use super::*;

#[tokio::test]
async fn secret_rotation() {
    let world = World::start().await;
    let (id, old) = world.endpoint("erp").await;
    world.order().await;
    let reply = world.app.hook(&world.admin.1, "rotateWebhookSecret", json!({ "id": id })).await;
    let payload = &reply.data()["rotateWebhookSecret"];
    let new = payload["secret"].as_str().unwrap().to_owned();
    assert!(new.starts_with("whsec_") && new != old);
    assert_eq!(payload["webhookEndpoint"]["previousSecretUntil"], "2026-11-24T08:00:00Z");

    // The receiver knows the old one, then both, then the new one: every call verifies.
    for secrets in [vec![old.as_str()], vec![&old, &new], vec![new.as_str()]] {
        world.programs.hooks.open("erp", &secrets).unwrap();
        world.order().await;
        world.pass(HOUR * 7).await;
    }
    let calls = world.programs.hooks.calls("erp");
    assert!(calls.iter().all(|call| call.answered == Some(204)), "{calls:?}");
    assert_eq!(calls[2].signed_by, [0, 1], "both sign");

    let early = world.app.hook(&world.admin.1, "rotateWebhookSecret", json!({ "id": id })).await;
    assert_eq!(early.refusals(), ["INVALID_STATE"], "the first was promised a day");
    world.pass(HOUR * 3).await;
    world.programs.hooks.open("erp", &[&old, &new]).unwrap();
    world.order().await;
    assert_eq!(world.programs.hooks.calls("erp").last().unwrap().signed_by, [1], "the day is over");
    assert_eq!(world.seen(&id).await["previousSecretUntil"], Value::Null);
}

#[tokio::test]
async fn a_secret_that_others_know_ends_at_once() {
    let world = World::start().await;
    let (id, old) = world.endpoint("erp").await;
    let rotate = async |at_once: bool| {
        let input = json!({ "id": id, "atOnce": at_once });
        let reply = world.app.hook(&world.admin.1, "rotateWebhookSecret", input).await;
        reply.data()["rotateWebhookSecret"]["secret"].as_str().unwrap().to_owned()
    };
    let second = rotate(false).await;
    let third = rotate(true).await;
    world.programs.hooks.open("erp", &[&old, &second, &third]).unwrap();
    world.order().await;
    assert_eq!(world.programs.hooks.calls("erp")[0].signed_by, [2]);
}

#[tokio::test]
async fn secret_encryption_in_database() {
    let world = World::start().await;
    let (id, secret) = world.endpoint("erp").await;
    world.app.hook(&world.admin.1, "rotateWebhookSecret", json!({ "id": id })).await.data();
    world.order().await;
    let scratch = world.app.scratch();
    assert_eq!(scratch.count("select count(*) from connection where kind = 'webhook'").await, 1);
    let inside = if scratch.is_postgres() {
        "position('whsec_'::bytea in sealed_secret) > 0"
    } else {
        "instr(sealed_secret, x'77687365635f') > 0"
    };
    let found = format!("select count(*) from connection where {inside} or config like '%whsec_%'");
    assert_eq!(scratch.count(&found).await, 0);
    let key = &secret["whsec_".len()..];
    for (table, column) in [
        ("event", "payload"),
        ("idempotency_key", "result"),
        ("delivery_attempt", "request"),
        ("webhook_endpoint", "coalesce(description, '')"),
    ] {
        let sql =
            format!("select count(*) from {table} where {column} like '%{key}%' or {column} like '%whsec_%'");
        assert_eq!(scratch.count(&sql).await, 0, "{table}");
    }
}

#[tokio::test]
async fn a_secret_is_shown_once() {
    let world = World::start().await;
    for (name, input) in [
        ("createWebhookEndpoint", json!({ "url": world.programs.url("erp"), "idempotencyKey": "once" })),
        ("rotateWebhookSecret", json!({ "id": world.endpoint("other").await.0, "idempotencyKey": "once" })),
    ] {
        let first = world.app.hook(&world.admin.1, name, input.clone()).await;
        assert!(first.data()[name]["secret"].is_string());
        let again = world.app.hook(&world.admin.1, name, input).await;
        assert!(again.is_replay());
        assert_eq!(again.data()[name]["secret"], Value::Null);
        assert_eq!(again.data()[name]["webhookEndpoint"]["id"], first.data()[name]["webhookEndpoint"]["id"]);
    }
}
