//! What other systems say: asked feed by feed, and taken from those that send. Whatever goes wrong on the way, nothing
//! is lost and nothing happens twice.
use std::time::Duration;

use quayside_domain::deliveries::resume_connection;
use quayside_simulator::{Behaviour, Fault};
use serde_json::{Value, json};

use crate::support::{
    Reply, Source, Supplier, Tenant, TestApp, documents, eventually,
    goods::{invoice, receipt},
    mutation, order, revision,
};

/// Longer than a feed waits between polls, and than a lost worker holds one.
const A_WHILE: Duration = Duration::from_secs(70);
/// Longer than any wait after failures.
const LONG: Duration = Duration::from_secs(20 * 60);

struct World {
    app: TestApp,
    tenant: Tenant,
    supplier: Supplier,
    buyer: String,
    source: Source,
}

impl World {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    async fn with(settings: &[(&str, &str)]) -> Self {
        let app = TestApp::with(settings).await;
        let tenant = app.tenant().await;
        let supplier = app.supplier(&tenant).await;
        let buyer = app.buyer(&tenant).await.token;
        let source = app.source(&tenant, "SRC").await;
        Self { app, tenant, supplier, buyer, source }
    }

    fn publish(&self, number: &str, sequence: i64, quantity: &str) {
        self.app.erp.publish("purchaseOrder", &revision(&self.supplier, number, sequence, quantity));
    }

    async fn feed(&self) -> Value {
        self.app.feed(&self.buyer, &self.source).await
    }

    /// The numbers of the orders, each with its revision and how many revisions there are.
    async fn orders(&self) -> Vec<(String, i64, usize)> {
        let query = "{ purchaseOrders(first: 100) { nodes { number revision revisions { number } } } }";
        let reply = self.app.graphql(&self.buyer, query, json!({})).await;
        let nodes = reply.data()["purchaseOrders"]["nodes"].as_array().unwrap().clone();
        let mut orders: Vec<_> = nodes
            .iter()
            .map(|order| {
                let number = order["number"].as_str().unwrap().to_owned();
                (number, order["revision"].as_i64().unwrap(), order["revisions"].as_array().unwrap().len())
            })
            .collect();
        orders.sort();
        orders
    }

    /// The exceptions of a kind: status and subject.
    async fn exceptions(&self, kind: &str) -> Vec<(String, String)> {
        let query =
            "query($kind: ExceptionKind) { exceptions(first: 50, kind: $kind) { nodes { status subject } } }";
        let reply = self.app.graphql(&self.buyer, query, json!({ "kind": kind })).await;
        let nodes = reply.data()["exceptions"]["nodes"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut found: Vec<_> =
            nodes.iter().map(|node| (text(&node["status"]), text(&node["subject"]))).collect();
        found.sort();
        found
    }

    async fn poll_now(&self, more: Value) -> Reply {
        let mut input = json!({ "connectionId": self.source.id.to_string(), "idempotencyKey": self.app.number().to_string() });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let query =
            mutation("pollConnectionNow", "PollConnectionNowInput", "feeds { name nextPollAt everySeconds }");
        self.app.graphql(&self.buyer, &query, json!({ "input": input })).await
    }

    async fn retry(&self, message: &Value, key: &str) -> Reply {
        let query = mutation("retryInboundMessage", "RetryInboundMessageInput", "inboundMessage { status }");
        let input = json!({ "id": message, "idempotencyKey": key });
        self.app.graphql(&self.buyer, &query, json!({ "input": input })).await
    }

    /// Every statement of `table` that touches `column` fails from now on, as if the process died before it.
    async fn break_off(&self, table: &str, column: &str) {
        let trigger = if self.app.scratch().is_postgres() {
            vec![
                "create function killed() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$"
                    .to_owned(),
                format!("create trigger killed before update of {column} on {table} for each row execute function killed()"),
            ]
        } else {
            vec![format!(
                "create trigger killed before update of {column} on {table} begin select raise(abort, 'killed'); end"
            )]
        };
        let trigger: Vec<&str> = trigger.iter().map(String::as_str).collect();
        self.app.scratch().tamper(&trigger).await;
    }

    async fn heal(&self, table: &str) {
        let sql = if self.app.scratch().is_postgres() {
            format!("drop trigger killed on {table}")
        } else {
            "drop trigger killed".to_owned()
        };
        self.app.scratch().tamper(&[&sql]).await;
    }
}

fn outcomes(message: &Value) -> Vec<String> {
    let documents = message["documents"].as_array().unwrap();
    documents
        .iter()
        .map(|one| format!("{} {}", one["key"].as_str().unwrap(), one["outcome"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn what_a_system_is_asked_for_arrives_page_by_page_and_is_not_asked_for_again() {
    let world = World::start().await;
    let app = &world.app;
    for number in 0..150 {
        world.publish(&format!("45{number:08}"), 1, "100");
    }
    let of_line = ("4500000001", "00010", "40");
    app.erp.publish("receipt", &receipt("R-1", "INCREMENT", "", of_line, "GOOD"));
    app.erp.publish("invoiceStatus", &invoice("4500000001", 1, "MATCHED"));
    app.settle().await;
    let reply = app
        .graphql(
            &world.buyer,
            "{ purchaseOrders(first: 1) { totalCount } receipts(first: 5) { nodes { number source } } }",
            json!({}),
        )
        .await;
    assert_eq!(reply.data()["purchaseOrders"]["totalCount"], 150);
    assert_eq!(reply.data()["receipts"]["nodes"], json!([{ "number": "R-1", "source": "SRC" }]));
    assert_eq!(app.erp.questions(), ["", "no-100"], "what is there is fetched at once");
    let feed = world.feed().await;
    let seen = [&feed["hasCursor"], &feed["failures"], &feed["error"], &feed["succeededAt"]];
    assert_eq!(seen, [&json!(true), &json!(0), &Value::Null, &json!("2026-11-23T08:00:00Z")]);

    app.advance(Duration::from_secs(50));
    app.settle().await;
    assert_eq!(app.erp.questions().len(), 2, "not before its time");
    app.advance(Duration::from_secs(20));
    world.publish("4599999999", 1, "100");
    app.settle().await;
    assert_eq!(app.erp.questions()[2..], ["no-152"], "it goes on where it was");
    assert_eq!(world.orders().await.len(), 100, "a page of them");
    let statuses: Vec<_> = app.inbound(&world.buyer).await.iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses, ["APPLIED", "APPLIED", "APPLIED"]);
}

#[tokio::test]
async fn killed_between_taking_a_page_and_the_cursor_it_takes_the_page_again_and_nothing_twice() {
    let world = World::start().await;
    let app = &world.app;
    world.publish("4500000001", 1, "100");
    app.erp.publish("receipt", &receipt("R-1", "INCREMENT", "", ("4500000001", "00010", "40"), "GOOD"));
    world.break_off("inbound_feed", "cursor").await;
    app.settle().await;
    assert_eq!(world.orders().await, [("4500000001".to_owned(), 1, 1)], "taken");
    assert_eq!(world.feed().await["hasCursor"], false, "and not recorded");
    assert_eq!(app.inbound(&world.buyer).await.len(), 0);
    let events = app.scratch().count("select count(*) from event").await;

    world.heal("inbound_feed").await;
    app.settle().await;
    assert_eq!(app.erp.questions(), [""], "the lost worker's lease holds still");
    app.advance(A_WHILE);
    app.settle().await;
    assert_eq!(app.erp.questions(), ["", ""], "the same page comes again");
    assert_eq!(world.orders().await, [("4500000001".to_owned(), 1, 1)]);
    assert_eq!(app.scratch().count("select count(*) from event").await, events, "nothing happened twice");
    assert_eq!(app.scratch().count("select count(*) from receipt").await, 1);
    assert_eq!(world.feed().await["hasCursor"], true);
    app.advance(A_WHILE);
    app.settle().await;
    assert_eq!(app.erp.questions(), ["", "", "no-2"]);
}

#[tokio::test]
async fn pages_that_come_again_and_revisions_out_of_order_change_nothing() {
    let world = World::start().await;
    let app = &world.app;
    world.publish("4500000001", 2, "90");
    world.publish("4500000001", 1, "100");
    world.publish("4500000001", 2, "90");
    app.settle().await;
    let standing = async || {
        let query =
            "{ purchaseOrder(number: \"4500000001\") { lines { quantity { value } } revisions { number } } }";
        let order = app.graphql(&world.buyer, query, json!({})).await.data()["purchaseOrder"].clone();
        (order["lines"][0]["quantity"]["value"].clone(), order["revisions"].as_array().unwrap().len())
    };
    let messages = app.inbound(&world.buyer).await;
    assert_eq!(outcomes(&messages[0]), ["4500000001 CREATED", "4500000001 LATE", "4500000001 UNCHANGED"]);
    assert_eq!(standing().await, (json!("90"), 2), "the source's order counts, not ours");
    let reply = world.poll_now(json!({ "fromStart": true })).await;
    assert_eq!(reply.refusals(), [""; 0]);
    app.settle().await;
    assert_eq!(app.erp.questions(), ["", ""]);
    assert_eq!(app.inbound(&world.buyer).await, messages, "the first outcome stands");
    assert_eq!(standing().await, (json!("90"), 2));
}

#[tokio::test]
async fn refused_credentials_pause_the_connection_until_a_person_resumes_it() {
    let world = World::start().await;
    let app = &world.app;
    world.publish("4500000001", 1, "100");
    app.erp.spoil_questions(Fault::once(Behaviour::Unauthorized));
    app.settle().await;
    let paused = [("OPEN".to_owned(), world.source.id.to_string())];
    assert_eq!(world.exceptions("CONNECTION_PAUSED").await, paused);
    app.advance(Duration::from_secs(24 * 60 * 60));
    world.poll_now(json!({})).await;
    app.settle().await;
    assert_eq!(world.orders().await.len(), 0, "a paused connection is not asked");
    assert_eq!(world.feed().await["error"], "The system rejected our credentials.");

    let scope = app.operator(&world.tenant);
    resume_connection(&scope, world.source.id, &"go on".parse().unwrap()).await.unwrap();
    app.settle().await;
    assert_eq!(world.orders().await.len(), 1);
    assert_eq!(world.exceptions("CONNECTION_PAUSED").await[0].0, "RESOLVED");
    assert_eq!(world.feed().await["error"], Value::Null);
}

#[tokio::test]
async fn a_system_that_asks_for_time_gets_it() {
    let world = World::start().await;
    let app = &world.app;
    world.publish("4500000001", 1, "100");
    app.erp.spoil_questions(Fault { retry_after_seconds: 120, ..Fault::once(Behaviour::Err429) });
    app.settle().await;
    let feed = world.feed().await;
    assert_eq!((&feed["failures"], &feed["nextPollAt"]), (&json!(1), &json!("2026-11-23T08:02:00Z")));
    assert!(feed["error"].as_str().unwrap().contains("429"), "{feed}");
    app.advance(Duration::from_secs(119));
    app.settle().await;
    assert_eq!(world.orders().await.len(), 0, "a second early");
    app.advance(Duration::from_secs(1));
    app.settle().await;
    assert_eq!(world.orders().await.len(), 1);
}

#[tokio::test]
async fn trouble_is_told_after_five_times_and_over_when_it_is_over() {
    for (behaviour, words) in [
        (Behaviour::Garbage, "its body is not what was agreed"),
        (Behaviour::Hang, "no answer"),
        (Behaviour::Err500, "500"),
        (Behaviour::ResetBefore, "no answer"),
        (Behaviour::Err400, "POSTING_PERIOD_CLOSED"),
    ] {
        let world = World::start().await;
        let app = &world.app;
        world.publish("4500000001", 1, "100");
        // One that hangs costs a second each.
        let times = if behaviour == Behaviour::Hang { 2 } else { 5 };
        app.erp.spoil_questions(Fault { count: times, ..Fault::once(behaviour) });
        for time in 1..=times {
            app.settle().await;
            let feed = world.feed().await;
            assert_eq!(feed["failures"], json!(time), "{behaviour:?}: {feed}");
            assert!(feed["error"].as_str().unwrap().contains(words), "{behaviour:?}: {feed}");
            let told = usize::from(time == 5);
            assert_eq!(world.exceptions("FEED_FAILING").await.len(), told, "{behaviour:?}, time {time}");
            app.advance(LONG);
        }
        assert_eq!(world.orders().await.len(), 0, "{behaviour:?}");
        app.settle().await;
        assert_eq!(world.orders().await.len(), 1, "{behaviour:?}");
        let feed = world.feed().await;
        assert_eq!((&feed["failures"], &feed["error"]), (&json!(0), &Value::Null), "{behaviour:?}");
        let open = world.exceptions("FEED_FAILING").await.into_iter().filter(|(status, _)| status == "OPEN");
        assert_eq!(open.count(), 0, "{behaviour:?}");
    }
}

#[tokio::test]
async fn poisoned_documents_hold_up_nothing_and_are_taken_once_mended() {
    let world = World::start().await;
    let app = &world.app;
    let mut stranger = order(&world.supplier, "4500000002");
    stranger["supplier"] = json!("V-unknown");
    world.publish("4500000001", 1, "100");
    app.erp.publish("purchaseOrder", &json!({ "number": "4500000009", "lines": [], "colour": "blue" }));
    app.erp.publish("weather", &json!({ "number": "W-1" }));
    app.erp.publish("purchaseOrder", &stranger);
    world.publish("4500000003", 1, "100");
    app.settle().await;
    let message = app.inbound(&world.buyer).await.remove(0);
    let expected = [
        "4500000001 CREATED",
        "4500000009 REFUSED",
        "W-1 REFUSED",
        "4500000002 REFUSED",
        "4500000003 CREATED",
    ];
    assert_eq!(
        (outcomes(&message), &message["status"]),
        (expected.map(str::to_owned).to_vec(), &json!("PARTLY"))
    );
    let problems = message["documents"][1]["problems"].as_array().unwrap();
    assert!(problems.len() >= 4, "all that is wrong with it: {problems:?}");
    let by_key = |key: &str| format!("purchase order {key} of {}", world.source.id);
    let refused = world.exceptions("DOCUMENT_REFUSED").await;
    let subjects: Vec<_> = refused.iter().map(|(_, subject)| subject.clone()).collect();
    let unknown = format!("document W-1 of {}", world.source.id);
    assert_eq!(subjects, [unknown, "order 4500000002".to_owned(), by_key("4500000009")]);
    assert_eq!(world.feed().await["failures"], 0, "the feed goes on");

    let record = json!({ "number": "V-unknown", "name": "No stranger any more" });
    app.ingest_at(&world.tenant, "/ingest/v1/suppliers", &record, &[]).await;
    let first = world.retry(&message["id"], "again").await;
    assert_eq!(first.data()["retryInboundMessage"]["inboundMessage"]["status"], "RECEIVED");
    assert!(world.retry(&message["id"], "again").await.is_replay());
    assert_eq!(world.retry(&message["id"], "other").await.refusals(), ["INVALID_STATE"]);
    app.settle().await;
    let message = app.inbound(&world.buyer).await.remove(0);
    let expected = [
        "4500000001 CREATED",
        "4500000009 REFUSED",
        "W-1 REFUSED",
        "4500000002 CREATED",
        "4500000003 CREATED",
    ];
    assert_eq!(outcomes(&message), expected, "what was taken is left alone");
    let open: Vec<_> = world
        .exceptions("DOCUMENT_REFUSED")
        .await
        .into_iter()
        .filter(|(status, _)| status == "OPEN")
        .collect();
    assert_eq!(open.len(), 2, "{open:?}");

    // The source puts its own document right.
    world.publish("4500000009", 1, "100");
    app.advance(A_WHILE);
    app.settle().await;
    let cured = world.exceptions("DOCUMENT_REFUSED").await;
    assert!(cured.contains(&("RESOLVED".to_owned(), by_key("4500000009"))), "{cured:?}");
}

#[tokio::test]
async fn two_nodes_ask_once() {
    let world = World::start().await;
    let neighbour = world.app.neighbour().await;
    for number in 0..120 {
        world.publish(&format!("45{number:08}"), 1, "100");
    }
    for round in 0..4 {
        tokio::join!(world.app.settle(), neighbour.settle(), world.app.settle());
        world.publish(&format!("46{round:08}"), 1, "100");
        world.app.advance(A_WHILE);
    }
    assert_eq!(world.app.erp.questions(), ["", "no-100", "no-120", "no-121", "no-122"]);
    let revisions = world.app.scratch().count("select count(*) from purchase_order_revision").await;
    assert_eq!(revisions, 123);
    let released = "select count(*) from event where event_type = 'purchase_order.released'";
    assert_eq!(world.app.scratch().count(released).await, 123);
}

#[tokio::test]
async fn a_system_that_hangs_keeps_no_other_waiting() {
    let world = World::with(&[("delivery.deadline_seconds", "25")]).await;
    let other = TestApp::start().await;
    let healthy = world.app.source_at(&world.tenant, "OTHER", &other.outgoing_endpoint()).await;
    world.app.erp.spoil_questions(Fault { count: 100, ..Fault::once(Behaviour::Hang) });
    other.erp.publish("purchaseOrder", &order(&world.supplier, "4500000001"));
    let work = world.app.work_in_background();
    eventually("the healthy one is read", async || {
        world.app.feed(&world.buyer, &healthy).await["succeededAt"] != Value::Null
    })
    .await;
    assert_eq!(world.orders().await.len(), 1);
    assert_eq!(world.feed().await["polledAt"], Value::Null, "the other one hangs still");
    work.abort();
}

#[tokio::test]
async fn what_is_sent_is_filed_answered_and_applied_once() {
    let world = World::start().await;
    let app = &world.app;
    let body = documents(&[
        ("purchaseOrder", order(&world.supplier, "4500000001")),
        ("receipt", receipt("R-1", "INCREMENT", "", ("4500000001", "00010", "40"), "GOOD")),
    ]);
    let first = app.push(&world.source, &body).await;
    assert_eq!((first.status, &first.body["status"]), (200, &json!("APPLIED")), "{}", first.body);
    assert_eq!(outcomes(&first.body), ["4500000001 CREATED", "R-1 RECORDED"]);
    let events = app.scratch().count("select count(*) from event").await;
    let again = app.push(&world.source, &body).await;
    assert_eq!((again.status, &again.body), (200, &first.body), "the first outcome");
    assert_eq!((again.header("idempotent-replayed"), first.header("idempotent-replayed")), ("true", ""));
    assert_eq!(app.scratch().count("select count(*) from event").await, events);

    // Oracle's clouds can send Basic only, with any user.
    let entrance = || app.entrance(&world.source.id.to_string(), "messages");
    let basic = entrance().basic_auth("anybody", Some(&world.source.token)).json(&body);
    assert_eq!(Reply::read(basic.send().await.unwrap()).await.body, first.body);
    let event = json!({ "specversion": "1.0", "type": "t", "source": "s", "id": "1",
        "data": documents(&[("purchaseOrder", revision(&world.supplier, "4500000001", 2, "90"))]) });
    let cloud = entrance()
        .bearer_auth(&world.source.token)
        .header("content-type", "application/cloudevents+json; charset=utf-8");
    let reply = Reply::read(cloud.body(event.to_string()).send().await.unwrap()).await;
    assert_eq!(outcomes(&reply.body), ["4500000001 REVISED"], "{}", reply.body);
    let messages = app.inbound(&world.buyer).await;
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0]["mediaType"], "application/cloudevents+json");
    let actor = "select count(*) from event where event_type like 'purchase_order.%' and channel = 'INGEST' and actor = ";
    assert_eq!(app.scratch().count(&format!("{actor}'{}'", world.source.id)).await, 2, "the connection acts");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_with_a_code_and_leaves_nothing() {
    let world = World::with(&[("ingest.max_mib", "1")]).await;
    let app = &world.app;
    let id = world.source.id.to_string();
    let send = async |feed: &str, media_type: &str, body: Vec<u8>| {
        let request = app.entrance(&id, feed).bearer_auth(&world.source.token);
        let request = request.header("content-type", media_type).body(body);
        let reply = Reply::read(request.send().await.unwrap()).await;
        (reply.status, reply.body["code"].as_str().unwrap_or_default().to_owned())
    };
    let json = "application/json";
    for (feed, media_type, body, expected) in [
        ("messages", json, Vec::new(), (400, "EMPTY")),
        ("messages", "image/png", b"{}".to_vec(), (415, "UNSUPPORTED_MEDIA_TYPE")),
        ("messages", "", b"{}".to_vec(), (415, "UNSUPPORTED_MEDIA_TYPE")),
        ("messages", "application/vnd.quayside.page+json", b"[]".to_vec(), (415, "UNSUPPORTED_MEDIA_TYPE")),
        ("messages", json, vec![b' '; (1 << 20) + 1], (413, "TOO_LARGE")),
        ("documents", json, b"{}".to_vec(), (404, "NOT_FOUND")),
        ("weather", json, b"{}".to_vec(), (404, "NOT_FOUND")),
    ] {
        assert_eq!(
            send(feed, media_type, body).await,
            (expected.0, expected.1.to_owned()),
            "{feed} {media_type}"
        );
    }
    let packed = app.entrance(&id, "messages").bearer_auth(&world.source.token);
    let packed = packed.header("content-encoding", "gzip").header("content-type", json).body("x");
    assert_eq!(packed.send().await.unwrap().status(), 415);
    let nobody = app.entrance(&id, "messages").json(&json!({})).send().await.unwrap();
    assert_eq!(
        (
            nobody.status().as_u16(),
            nobody.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic ")
        ),
        (401, true)
    );
    let huge = format!("{}:{}", "u".repeat(2_000), world.source.token);
    let (user, password) = huge.split_once(':').unwrap();
    let bounded = app.entrance(&id, "messages").basic_auth(user, Some(password)).json(&json!({}));
    assert_eq!(bounded.send().await.unwrap().status(), 401);
    assert_eq!(app.inbound(&world.buyer).await.len(), 0);

    // What can be filed is filed, and what is wrong inside is told.
    let request = app.entrance(&id, "messages").bearer_auth(&world.source.token).header("content-type", json);
    let reply = Reply::read(request.body("{\"documents\":").send().await.unwrap()).await;
    assert_eq!((reply.status, &reply.body["status"]), (200, &json!("REFUSED")));
    assert_eq!(reply.body["problems"][0]["code"], "NOT_JSON");
    let subject = reply.body["message"].as_str().unwrap().to_owned();
    assert_eq!(world.exceptions("DOCUMENT_REFUSED").await, [("OPEN".to_owned(), subject)]);
}

#[tokio::test]
async fn killed_after_filing_it_goes_on_later_and_applies_once() {
    let world = World::start().await;
    let app = &world.app;
    let body = documents(&[("purchaseOrder", order(&world.supplier, "4500000001"))]);
    world.break_off("inbound_message", "outcomes").await;
    let first = app.push(&world.source, &body).await;
    assert_eq!((first.status, &first.body["status"]), (202, &json!("RECEIVED")), "{}", first.body);
    let events = app.scratch().count("select count(*) from event").await;
    world.heal("inbound_message").await;
    let again = app.push(&world.source, &body).await;
    assert_eq!((again.status, &again.body), (202, &first.body), "on file still");
    app.advance(A_WHILE);
    app.settle().await;
    let done = app.push(&world.source, &body).await;
    assert_eq!((done.status, &done.body["message"]), (200, &first.body["message"]));
    assert_eq!(outcomes(&done.body), ["4500000001 UNCHANGED"]);
    assert_eq!(world.orders().await, [("4500000001".to_owned(), 1, 1)]);
    assert_eq!(app.scratch().count("select count(*) from event").await, events, "nothing happened twice");
}

#[tokio::test]
async fn a_hint_makes_its_feed_due() {
    let world = World::start().await;
    let app = &world.app;
    app.settle().await;
    world.publish("4500000001", 1, "100");
    app.settle().await;
    assert_eq!(world.orders().await.len(), 0, "not yet due");
    let reply = app.push(&world.source, &json!({ "changed": ["4500000001"] })).await;
    let hint = &reply.body["documents"][0];
    assert_eq!((&hint["kind"], &hint["subject"]), (&json!("CHANGE"), &json!("documents")), "{}", reply.body);
    app.settle().await;
    assert_eq!(world.orders().await.len(), 1);
}

#[tokio::test]
async fn a_sender_that_asks_first_is_told_that_it_may_send() {
    let world = World::start().await;
    let app = &world.app;
    let ask = async |connection: &str, feed: &str, token: Option<&str>, origin: &str| {
        let url = app.url(&format!("/ingest/v1/connections/{connection}/{feed}"));
        let request =
            app.http.request(reqwest::Method::OPTIONS, url).header("webhook-request-origin", origin);
        let request = if let Some(token) = token { request.bearer_auth(token) } else { request };
        let reply = Reply::read(request.send().await.unwrap()).await;
        (reply.status, reply.header("webhook-allowed-origin").to_owned(), reply.header("allow").to_owned())
    };
    let (id, origin) = (world.source.id.to_string(), "eventmesh.example.com");
    let welcome = (200, origin.to_owned(), "OPTIONS, POST".to_owned());
    assert_eq!(ask(&id, "messages", None, origin).await, welcome);
    assert_eq!(ask("con_nobody", "messages", None, origin).await, welcome, "it tells of no connection");
    assert_eq!(ask(&id, "messages", Some(&world.source.token), origin).await, welcome);
    assert_eq!(ask(&id, "messages", Some(&world.tenant.ingest_token), origin).await.0, 404);
    assert_eq!(ask(&id, "documents", None, origin).await.0, 404, "nobody sends by it");
    assert_eq!(ask(&id, "messages", None, "two words").await.0, 400);
}

#[tokio::test]
async fn how_often_and_when_is_procurements_to_say() {
    let world = World::start().await;
    let app = &world.app;
    app.settle().await;
    let reply = world.poll_now(json!({ "feed": "documents", "everySeconds": 600 })).await;
    assert_eq!(reply.data()["pollConnectionNow"]["feeds"][0]["everySeconds"], 600, "{}", reply.body);
    app.settle().await;
    assert_eq!(app.erp.questions().len(), 2);
    app.advance(Duration::from_secs(500));
    app.settle().await;
    assert_eq!(app.erp.questions().len(), 2);
    app.advance(Duration::from_secs(170));
    app.settle().await;
    assert_eq!(app.erp.questions().len(), 3);
    assert_eq!(world.poll_now(json!({ "everySeconds": 1 })).await.refusals(), ["INVALID_VALUE"]);
    assert_eq!(
        world.poll_now(json!({ "feed": "messages" })).await.refusals(),
        ["NOT_FOUND"],
        "it is not polled"
    );
    let key = json!({ "idempotencyKey": "same" });
    assert!(!world.poll_now(key.clone()).await.is_replay());
    assert!(world.poll_now(key).await.is_replay());
    let other = world.poll_now(json!({ "idempotencyKey": "same", "fromStart": true })).await;
    assert_eq!(other.error_code(), "IDEMPOTENCY_KEY_REUSED");
    let asked = "select count(*) from event where event_type = 'inbound_feed.poll_requested'";
    assert_eq!(app.scratch().count(asked).await, 2, "each request is on record once");
}

#[tokio::test]
async fn bytes_are_forgotten_in_time_and_outcomes_are_not() {
    let world = World::with(&[("inbound.keep_days", "1")]).await;
    let app = &world.app;
    let mut stranger = order(&world.supplier, "4500000001");
    stranger["supplier"] = json!("V-unknown");
    let body = documents(&[("purchaseOrder", stranger)]);
    let first = app.push(&world.source, &body).await;
    assert_eq!(first.body["status"], "REFUSED");
    app.advance(Duration::from_secs(23 * 60 * 60));
    app.settle().await;
    assert_eq!(app.inbound(&world.buyer).await[0]["kept"], true);
    app.advance(Duration::from_secs(2 * 60 * 60));
    app.settle().await;
    let message = app.inbound(&world.buyer).await.remove(0);
    assert_eq!(
        (&message["kept"], outcomes(&message)),
        (&json!(false), vec!["4500000001 REFUSED".to_owned()])
    );
    assert_eq!(world.retry(&message["id"], "k").await.refusals(), ["NOT_KEPT"]);
    assert_eq!(app.push(&world.source, &body).await.body, first.body, "recognised still");
}
