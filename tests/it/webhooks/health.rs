//! Endpoints that do not listen: warned, disabled, and brought back.
use quayside_simulator::HookAnswer;

use super::*;

#[tokio::test]
async fn disable_on_repeated_failure() {
    let world = World::start().await;
    let (id, _) = world.endpoint("erp").await;
    world.order().await;
    world.programs.hooks.answer("erp", [HookAnswer::Status(500)]);
    let mut orders = Vec::new();
    let mut hours = 0;
    while world.seen(&id).await["status"] != "DISABLED" {
        if hours % 24 == 0 {
            orders.push(world.order().await);
        }
        world.pass(HOUR).await;
        hours += 1;
        assert!(hours <= 6 * 24, "after five days of nothing but failures it is enough");
    }
    assert!(hours >= 5 * 24, "not before five days have passed: {hours}");
    let seen = world.seen(&id).await;
    assert_eq!(seen["disabledReason"], "FAILING");

    let warnings = world.events(&["webhook_endpoint.warned"]).await;
    let words: Vec<_> = warnings.iter().map(|event| event["warning"].as_str().unwrap()).collect();
    assert_eq!(words, ["FAILING_FOR_A_DAY", "EXHAUSTED"], "each once, in this order");
    let disabled = world.events(&["webhook_endpoint.disabled"]).await;
    assert_eq!((disabled.len(), &disabled[0]["reason"]), (1, &json!("FAILING")));
    let mails = world.app.mails_to(&world.admin.0);
    let told = ["failed for a day", "did not take an event", "was disabled"];
    assert_eq!(mails.len(), told.len(), "{mails:?}");
    for (mail, words) in mails.iter().zip(told) {
        assert!(mail.contains(words) && mail.contains(&id), "{mail}");
    }
    let others = world.app.mails_to(&world.buyer.0);
    assert!(!others.iter().any(|mail| mail.contains("webhook")), "it is for its owner to see to it");

    let waiting = world.sent(&id).await.iter().filter(|one| one["status"] == "WAITING").count();
    assert_eq!(waiting, 0, "nothing waits for what is disabled");
    let calls = world.programs.hooks.calls("erp").len();
    orders.push(world.order().await);
    world.pass(DAY).await;
    assert_eq!(world.programs.hooks.calls("erp").len(), calls);
    assert_eq!(world.sent(&id).await.len(), orders.len(), "what happens meanwhile makes no delivery");

    world.programs.hooks.answer("erp", [HookAnswer::Status(204)]);
    let refused = json!({ "id": id, "after": seen["missedAfter"] });
    let refused = world.app.hook(&world.admin.1, "replayWebhooks", refused).await;
    assert_eq!(refused.refusals(), ["INVALID_STATE"], "first it is enabled");
    world.app.hook(&world.admin.1, "enableWebhookEndpoint", json!({ "id": id })).await.data();
    assert_eq!(world.programs.hooks.taken("erp"), 1, "nothing is sent by itself");
    let replay = json!({ "id": id, "after": seen["missedAfter"] });
    let replayed = world.app.hook(&world.admin.1, "replayWebhooks", replay).await;
    assert_eq!(replayed.data()["replayWebhooks"]["events"], orders.len());
    world.app.settle().await;
    assert_eq!(world.programs.hooks.taken("erp"), orders.len() + 1, "and nothing was lost");
    assert_eq!(world.programs.hooks.repeats("erp"), 0);
    assert_eq!(world.seen(&id).await["status"], "ACTIVE");
}

#[tokio::test]
async fn not_disabled_on_sporadic_failure() {
    let world = World::start().await;
    let (id, _) = world.endpoint("erp").await;
    for _ in 0..8 {
        // Two failures, and one success a day.
        let answers = [HookAnswer::Status(500), HookAnswer::Status(500), HookAnswer::Status(204)];
        world.programs.hooks.answer("erp", answers);
        world.order().await;
        assert_eq!(world.seen(&id).await["status"], "FAILING");
        world.pass(Duration::from_secs(6)).await;
        world.pass(Duration::from_secs(6 * 60)).await;
        assert_eq!(world.seen(&id).await["status"], "ACTIVE");
        world.pass(DAY).await;
    }
    world.programs.hooks.answer("erp", [HookAnswer::Status(500)]);
    world.order().await;
    let seen = world.seen(&id).await;
    assert_eq!((&seen["status"], &seen["disabledAt"]), (&json!("FAILING"), &Value::Null));
    assert_eq!(world.events(&["webhook_endpoint.warned"]).await, Vec::<Value>::new());
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_at_once() {
    let world = World::start().await;
    let (id, _) = world.endpoint("erp").await;
    world.programs.hooks.answer("erp", [HookAnswer::Status(500), HookAnswer::Status(410)]);
    world.order().await;
    world.order().await;
    let seen = world.seen(&id).await;
    assert_eq!((&seen["status"], &seen["disabledReason"]), (&json!("DISABLED"), &json!("GONE")));
    let sent = world.sent(&id).await;
    let standing: Vec<_> = sent.iter().map(|one| (&one["status"], &one["errorCode"])).collect();
    assert_eq!(standing, [(&json!("DEAD"), &json!("410")), (&json!("SKIPPED"), &json!("ENDPOINT_DISABLED"))]);
    assert_eq!(world.app.mails_to(&world.admin.0).len(), 1);
}

#[tokio::test]
async fn nothing_is_sent_when_nobody_of_the_supplier_is_left() {
    let world = World::start().await;
    let (id, _) = world.endpoint("erp").await;
    let order = world.app.placed(&world.tenant, &world.supplier).await;
    let ended = format!(
        "update membership set ended_at = 1 where supplier_id is not null and tenant_id = {}",
        world.app.scratch().literal(world.tenant.id.0)
    );
    world.app.scratch().tamper(&[&ended]).await;
    world.app.settle().await;
    assert_eq!(world.programs.hooks.calls("erp").len(), 0, "{order} is not for those who left");
    let seen = world.app.endpoints(&world.buyer.1).await.remove(0);
    assert_eq!((&seen["id"], &seen["disabledReason"]), (&json!(id), &json!("OWNER_GONE")));
}

#[tokio::test]
async fn who_disables_it_enables_it() {
    let world = World::start().await;
    let (id, _) = world.endpoint("erp").await;
    let (admin, buyer) = (&world.admin.1, &world.buyer.1);
    world.programs.hooks.answer("erp", [HookAnswer::Status(500), HookAnswer::Status(204)]);
    world.order().await;
    let input = json!({ "id": id, "note": "it floods our test system", "idempotencyKey": "off" });
    let reply = world.app.hook(buyer, "disableWebhookEndpoint", input.clone()).await;
    let payload = &reply.data()["disableWebhookEndpoint"];
    assert_eq!(
        (&payload["skippedDeliveries"], &payload["webhookEndpoint"]["disabledReason"]),
        (&json!(1), &json!("BUYER"))
    );
    let again = world.app.hook(buyer, "disableWebhookEndpoint", input).await;
    assert!(again.is_replay());
    world.app.settle().await;
    let mails = world.app.mails_to(&world.admin.0);
    assert!(mails.len() == 1 && mails[0].contains("it floods our test system"), "{mails:?}");
    let enable = json!({ "id": id });
    let refused = world.app.hook(admin, "enableWebhookEndpoint", enable.clone()).await;
    assert_eq!(refused.refusals(), ["INVALID_STATE"]);
    world.app.hook(buyer, "enableWebhookEndpoint", enable.clone()).await.data();
    let twice = world.app.hook(buyer, "enableWebhookEndpoint", enable.clone()).await;
    assert_eq!(twice.refusals(), ["INVALID_STATE"]);
    let own = world.app.hook(admin, "disableWebhookEndpoint", json!({ "id": id })).await;
    assert_eq!(own.data()["disableWebhookEndpoint"]["webhookEndpoint"]["disabledReason"], "OWNER");
    let theirs = world.app.hook(buyer, "enableWebhookEndpoint", enable.clone()).await;
    assert_eq!(theirs.error_code(), "FORBIDDEN", "what its owner switched off stays off");
    world.app.hook(admin, "enableWebhookEndpoint", enable).await.data();
    assert_eq!(world.seen(&id).await["status"], "ACTIVE");
}
