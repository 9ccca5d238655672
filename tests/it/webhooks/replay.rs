//! Sending again: how much, under which ids, and what not.
use quayside_simulator::HookAnswer;

use super::*;

async fn replay(world: &World, input: Value) -> Value {
    let reply = world.app.hook(&world.admin.1, "replayWebhooks", input).await;
    reply.data()["replayWebhooks"].clone()
}

#[tokio::test]
async fn recovery_counts() {
    let world = World::start().await;
    world.order().await; // before there was an endpoint
    let (id, _) = world.endpoint("erp").await;
    world.programs.hooks.answer("erp", [HookAnswer::Status(204), HookAnswer::Status(500)]);
    let arrived = world.order().await;
    for _ in 0..2 {
        world.order().await;
    }
    for _ in 0..100 {
        world.pass(HOUR).await; // to the end of their attempts
    }
    world.programs.hooks.answer("erp", [HookAnswer::Status(204)]);
    let standing = |sent: &[Value]| -> Vec<String> {
        sent.iter().map(|one| one["status"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(standing(&world.sent(&id).await), ["DEAD", "DEAD", "DELIVERED"]);

    let since = json!({ "id": id, "since": "2026-11-23T00:00:00Z" });
    let with = |more: Value| {
        let mut input = since.clone();
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let counted = async |more: Value| replay(&world, with(more)).await["events"].clone();
    assert_eq!(counted(json!({ "dryRun": true })).await, 3, "two that failed, one from before");
    assert_eq!(counted(json!({ "dryRun": true, "includeDelivered": true })).await, 4);
    assert_eq!(counted(json!({ "dryRun": true, "eventTypes": ["shipment.submitted"] })).await, 0);
    assert_eq!(counted(json!({ "dryRun": true, "until": "2026-11-23T07:00:00Z" })).await, 0);
    assert_eq!(counted(json!({ "dryRun": true, "since": "2026-11-24T00:00:00Z" })).await, 0);
    let first = replay(&world, with(json!({ "dryRun": true, "limit": 2 }))).await;
    assert_eq!((&first["events"], &first["hasMore"]), (&json!(1), &json!(true)), "one of the two arrived");
    let rest = replay(&world, json!({ "id": id, "after": first["endCursor"], "dryRun": true })).await;
    assert_eq!((&rest["events"], &rest["hasMore"]), (&json!(2), &json!(false)));
    assert_eq!(world.programs.hooks.taken("erp"), 1, "a dry run sends nothing");

    let input = with(json!({ "idempotencyKey": "again" }));
    let done = world.app.hook(&world.admin.1, "replayWebhooks", input.clone()).await;
    assert_eq!(done.data()["replayWebhooks"]["events"], 3);
    world.app.settle().await;
    assert_eq!(standing(&world.sent(&id).await), ["DELIVERED"; 4]);
    let repeated = world.app.hook(&world.admin.1, "replayWebhooks", input).await;
    assert_eq!((repeated.is_replay(), repeated.data()), (true, done.data()));
    assert_eq!(counted(json!({})).await, 0, "nothing is missing any more");
    world.app.settle().await;
    let hooks = &world.programs.hooks;
    assert_eq!((hooks.taken("erp"), hooks.repeats("erp")), (4, 0));

    assert_eq!(counted(json!({ "includeDelivered": true })).await, 4);
    world.app.settle().await;
    assert_eq!((hooks.taken("erp"), hooks.repeats("erp")), (4, 4), "each under the id it always had");
    let told = world.events(&["webhook_endpoint.replayed"]).await;
    let told: Vec<_> = told.iter().map(|event| event["events"].as_u64().unwrap()).collect();
    assert_eq!(told, [3, 4]);
    assert!(world.sent(&id).await.iter().any(|one| one["subject"] == arrived.as_str()));
}

#[tokio::test]
async fn one_delivery_is_sent_again_when_it_has_come_to_an_end() {
    let world = World::start().await;
    let (id, _) = world.endpoint("erp").await;
    world.programs.hooks.answer("erp", [HookAnswer::Status(500), HookAnswer::Status(204)]);
    world.order().await;
    let delivery = world.sent(&id).await[0]["id"].clone();
    let early = world.app.hook(&world.admin.1, "replayWebhookDelivery", json!({ "id": delivery })).await;
    assert_eq!(early.refusals(), ["INVALID_STATE"], "it is on its way");
    world.pass(HOUR).await;
    let input = json!({ "id": delivery, "idempotencyKey": "again" });
    let first = world.app.hook(&world.admin.1, "replayWebhookDelivery", input.clone()).await;
    let shown = &first.data()["replayWebhookDelivery"]["webhookDelivery"];
    assert_eq!(*shown, json!({ "id": delivery, "status": "WAITING", "attemptCount": 0 }));
    let again = world.app.hook(&world.admin.1, "replayWebhookDelivery", input).await;
    assert!(again.is_replay());
    world.app.settle().await;
    assert_eq!((world.programs.hooks.taken("erp"), world.programs.hooks.repeats("erp")), (1, 1));
    let sent = world.sent(&id).await;
    assert_eq!((&sent[0]["status"], sent[0]["attempts"].as_array().unwrap().len()), (&json!("DELIVERED"), 3));
}

#[tokio::test]
async fn a_replay_is_bounded() {
    let world = World::start().await;
    let (id, _) = world.endpoint("erp").await;
    for limit in [0, 1001, -1] {
        let input = json!({ "id": id, "since": "2026-11-23T00:00:00Z", "limit": limit });
        let reply = world.app.hook(&world.admin.1, "replayWebhooks", input).await;
        assert_eq!(reply.refusals(), ["INVALID_VALUE"], "{limit}");
    }
    for input in [json!({ "id": id }), json!({ "id": id, "after": "x" })] {
        let reply = world.app.hook(&world.admin.1, "replayWebhooks", input).await;
        assert_eq!(reply.error_code(), "BAD_USER_INPUT");
    }
}
