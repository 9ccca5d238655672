//! What is sent, and when it is sent again.
use quayside_canonical::Timestamp;
use quayside_simulator::HookAnswer;
use reqwest::header::HeaderMap;

use super::*;

#[tokio::test]
async fn an_event_arrives_signed_as_it_stands_in_the_log() {
    let world = World::start().await;
    let (id, _) = world.endpoint("erp").await;
    let order = world.order().await;

    let calls = world.programs.hooks.calls("erp");
    assert_eq!(calls.len(), 1);
    assert_eq!((calls[0].signed_by.as_slice(), calls[0].answered), ([0].as_slice(), Some(204)));
    let event: Value = serde_json::from_str(&calls[0].body).unwrap();
    assert_eq!((&event["type"], &event["subject"]), (&json!(RELEASED), &json!(order)));
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(vec![event["data"].clone()], world.events(&[RELEASED]).await);

    let sent = world.sent(&id).await;
    assert_eq!((&sent[0]["id"], &sent[0]["status"]), (&json!(calls[0].id), &json!("DELIVERED")));
    let attempt = &sent[0]["attempts"][0];
    assert_eq!((&attempt["outcome"], &attempt["httpStatus"]), (&json!("delivered"), &json!(204)));
    let request = attempt["request"].as_str().unwrap();
    assert!(request.contains("webhook-signature: ***") && request.contains(&order), "{request}");
    let told = world.events(&["delivery.succeeded", "delivery.failed"]).await;
    assert_eq!(told, Vec::<Value>::new(), "what endpoints get is no news for the log");
}

#[tokio::test]
async fn no_redirects() {
    let world = World::start().await;
    let (id, secret) = world.endpoint("from").await;
    world.programs.hooks.open("to", &[&secret]).unwrap();
    world.programs.hooks.answer("from", [HookAnswer::Redirect(world.programs.url("to"))]);
    world.order().await;
    assert_eq!(world.programs.hooks.calls("to").len(), 0);
    let sent = world.sent(&id).await;
    assert_eq!(sent[0]["status"], "WAITING");
    assert_eq!(sent[0]["attempts"][0]["httpStatus"], 302);
}

#[tokio::test]
async fn failed_message_gets_requeued() {
    let world = World::start().await;
    let (id, _) = world.endpoint("erp").await;
    world.programs.hooks.answer("erp", [HookAnswer::Status(500), HookAnswer::Status(204)]);
    world.order().await;
    assert_eq!(world.sent(&id).await[0]["status"], "UNCONFIRMED");
    world.pass(Duration::from_secs(6)).await;
    let sent = world.sent(&id).await;
    assert_eq!((&sent[0]["status"], &sent[0]["attemptCount"]), (&json!("DELIVERED"), &json!(2)));
    let calls = world.programs.hooks.calls("erp");
    assert!(calls.len() == 2 && calls[0].id == calls[1].id, "the same id for every attempt");
    assert_ne!(calls[0].timestamp, calls[1].timestamp, "each attempt is signed at its own time");
}

#[tokio::test]
async fn the_ten_attempts_come_when_the_schedule_says() {
    let world = World::start().await;
    let (id, _) = world.endpoint("erp").await;
    world.programs.hooks.answer("erp", [HookAnswer::Status(500)]);
    world.order().await;
    let (minute, hour) = (60.0, 3600.0);
    let schedule = [
        5.0,
        5.0 * minute,
        30.0 * minute,
        2.0 * hour,
        5.0 * hour,
        10.0 * hour,
        14.0 * hour,
        20.0 * hour,
        24.0 * hour,
    ];
    for (made, wait) in schedule.into_iter().enumerate() {
        let calls = world.programs.hooks.calls("erp");
        assert_eq!(calls.len(), made + 1);
        let due: Timestamp = world.sent(&id).await[0]["nextAttemptAt"].as_str().unwrap().parse().unwrap();
        let last = Timestamp::from_micros(calls[made].at.timestamp_micros());
        let waited = due.since(last).as_secs_f64();
        assert!(waited >= 0.8 * wait && waited <= 1.2 * wait, "{made}: {waited} is not about {wait}");
        world.pass(Duration::from_secs_f64(waited) - Duration::from_millis(2)).await;
        assert_eq!(world.programs.hooks.calls("erp").len(), made + 1, "not before its time");
        world.pass(Duration::from_millis(2)).await;
    }
    assert_eq!(world.programs.hooks.calls("erp").len(), 10);
    let sent = world.sent(&id).await;
    assert_eq!((&sent[0]["status"], &sent[0]["nextAttemptAt"]), (&json!("DEAD"), &Value::Null));
    world.pass(DAY).await;
    assert_eq!(world.programs.hooks.calls("erp").len(), 10, "ten, and no more");
}

#[tokio::test]
async fn what_does_not_arrive_holds_nothing_back() {
    let world = World::start().await;
    let types = [RELEASED, "acknowledgment.submitted"];
    let (id, _) = world.app.endpoint(&world.admin.1, &world.programs, ("erp", Some(&types))).await;
    world.programs.hooks.answer("erp", [HookAnswer::Status(500), HookAnswer::Status(204)]);
    let order = world.order().await;
    world.app.answer(&world.supplier, &order).await;
    world.app.settle().await;
    let sent = world.sent(&id).await;
    let standing: Vec<_> = sent.iter().map(|one| (&one["eventType"], &one["status"])).collect();
    let expected = [
        (&json!("acknowledgment.submitted"), &json!("DELIVERED")),
        (&json!(RELEASED), &json!("UNCONFIRMED")),
    ];
    assert_eq!(standing, expected, "of the same order");
}

#[tokio::test]
async fn an_answer_that_was_lost_means_the_same_event_again_under_the_same_id() {
    let world = World::start().await;
    let (id, _) = world.endpoint("erp").await;
    world.programs.hooks.answer("erp", [HookAnswer::TakeAndDrop, HookAnswer::Hang, HookAnswer::Status(200)]);
    world.order().await;
    assert_eq!(world.sent(&id).await[0]["status"], "UNCONFIRMED");
    world.pass(Duration::from_secs(6)).await;
    assert_eq!(world.sent(&id).await[0]["attempts"][1]["outcome"], "unconfirmed", "a time-out");
    world.pass(Duration::from_secs(6 * 60)).await;
    assert_eq!(world.sent(&id).await[0]["status"], "DELIVERED");
    let hooks = &world.programs.hooks;
    assert_eq!((hooks.calls("erp").len(), hooks.taken("erp"), hooks.repeats("erp")), (3, 1, 1));
}

#[tokio::test]
async fn rate_limit() {
    let world = World::start().await;
    let (busy, _) = world.endpoint("busy").await;
    world.endpoint("free").await;
    world.programs.hooks.answer("busy", [HookAnswer::Busy(429, 7200), HookAnswer::Status(204)]);
    world.order().await;
    assert_eq!(world.programs.hooks.taken("free"), 1, "one that is busy keeps no other waiting");
    world.pass(Duration::from_secs(7199)).await;
    assert_eq!(world.programs.hooks.calls("busy").len(), 1, "it asked for two hours");
    world.pass(Duration::from_secs(1)).await;
    assert_eq!(world.sent(&busy).await[0]["status"], "DELIVERED");
}

#[tokio::test]
async fn many_consumers() {
    let world = World::start().await;
    let other = world.app.neighbour().await;
    world.endpoint("erp").await;
    for _ in 0..20 {
        world.app.placed(&world.tenant, &world.supplier).await;
    }
    tokio::join!(world.app.settle(), other.settle());
    world.app.settle().await;
    let hooks = &world.programs.hooks;
    assert_eq!((hooks.taken("erp"), hooks.repeats("erp"), hooks.calls("erp").len()), (20, 0, 20));
}

#[tokio::test]
async fn a_test_says_at_once_what_came_of_it_and_goes_nowhere_else() {
    let world = World::start().await;
    let (id, _) = world.endpoint("erp").await;
    world.app.endpoint(&world.admin.1, &world.programs, ("other", None)).await;
    world.app.endpoint(&world.buyer.1, &world.programs, ("buyer", None)).await;
    for (status, expected) in [(204, "DELIVERED"), (503, "DEAD")] {
        world.programs.hooks.answer("erp", [HookAnswer::Status(status)]);
        let input = json!({ "id": id, "idempotencyKey": format!("test-{status}") });
        let reply = world.app.hook(&world.admin.1, "sendTestWebhook", input.clone()).await;
        let delivery = reply.data()["sendTestWebhook"]["deliveryId"].clone();
        let again = world.app.hook(&world.admin.1, "sendTestWebhook", input).await;
        assert_eq!((again.is_replay(), again.data()), (true, reply.data()));
        world.app.settle().await;
        let query =
            "query($id: ID!) { webhookDelivery(id: $id) { eventType status attempts { httpStatus } } }";
        let seen = world.app.graphql(&world.admin.1, query, json!({ "id": delivery })).await;
        let result = json!({ "eventType": "webhook_endpoint.tested", "status": expected,
            "attempts": [{ "httpStatus": status }] });
        assert_eq!(seen.data()["webhookDelivery"], result);
        assert_eq!(world.seen(&id).await["lastTestId"], delivery);
    }
    assert_eq!(world.seen(&id).await["status"], "ACTIVE", "a failed test is seen by whoever made it");
    let tests = |name: &str| {
        let calls = world.programs.hooks.calls(name);
        calls.iter().filter(|call| call.body.contains("webhook_endpoint.tested")).count()
    };
    assert_eq!((tests("erp"), tests("other"), tests("buyer")), (2, 0, 0));
}

#[tokio::test]
async fn a_call_that_is_sent_again_by_a_stranger_is_too_old() {
    let world = World::start().await;
    world.endpoint("erp").await;
    world.order().await;
    let call = world.programs.hooks.calls("erp").remove(0);
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("webhook-id", &call.id),
        ("webhook-timestamp", &call.timestamp),
        ("webhook-signature", &call.signature),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    let send = async |headers: &HeaderMap, body: &str| {
        let request = world.app.http.post(world.programs.url("erp")).headers(headers.clone());
        request.body(body.to_owned()).send().await.unwrap().status().as_u16()
    };
    world.app.advance(Duration::from_secs(4 * 60));
    assert_eq!(send(&headers, &call.body).await, 204);
    assert_eq!(send(&headers, &call.body.replace("EA", "KG")).await, 401, "its body is signed");
    world.app.advance(Duration::from_secs(61));
    assert_eq!(send(&headers, &call.body).await, 401);
    headers.insert("webhook-timestamp", (call.at.timestamp() + 300).to_string().parse().unwrap());
    assert_eq!(send(&headers, &call.body).await, 401, "its time is signed");
}
