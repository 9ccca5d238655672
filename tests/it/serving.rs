//! The server itself: what it says about itself, what it refuses, what goes through it, and how it stops.
use std::time::{Duration, Instant};

use quayside::app::App;
use quayside_domain::Clock;
use quayside_migration::Migrator;
use quayside_simulator::{Behaviour, Fault};
use sea_orm_migration::MigratorTrait;
use serde_json::{Value, json};

use crate::support::{
    Reply, START, Scratch, TestApp, accepted, configured, eventually, number_of, order, submit, submitted,
};

#[tokio::test]
async fn it_says_that_it_lives_and_whether_it_is_ready() {
    let app = TestApp::start().await;
    assert_eq!((app.get("/livez").await.status, app.get("/livez").await.body), (200, json!("ok")));
    let ready = app.get("/readyz").await;
    assert_eq!(
        (ready.status, &ready.body),
        (
            200,
            &json!({ "ready": true, "stopping": false, "degraded": false, "database": "up", "bus": "off" })
        )
    );
    app.app.clone().close().await.unwrap();
    let ready = app.get("/readyz").await;
    assert_eq!(
        (ready.status, &ready.body),
        (
            503,
            &json!({ "ready": false, "stopping": false, "degraded": false, "database": "down", "bus": "off" })
        )
    );
    assert_eq!(app.get("/livez").await.status, 200, "it lives without its database");
}

#[tokio::test]
async fn it_describes_its_interfaces() {
    let app = TestApp::start().await;
    let schema = app.get("/graphql/schema.graphql").await;
    assert_eq!(schema.body, json!(quayside_graphql::sdl()));
    let openapi = app.get("/ingest/v1/openapi.json").await;
    assert_eq!(openapi.body["openapi"], "3.1.0");
    let paths: Vec<_> = openapi.body["paths"].as_object().unwrap().keys().collect();
    let ingest = [
        "appointments",
        "connections/{connection}/{feed}",
        "cross-references",
        "invoice-statuses",
        "items",
        "locations",
        "purchase-orders",
        "receipts",
        "suppliers",
    ];
    let ingest = ingest.map(|kind| format!("/ingest/v1/{kind}"));
    let expected: Vec<_> =
        std::iter::once("/edi/v1/interchanges").chain(ingest.iter().map(String::as_str)).collect();
    assert_eq!(paths, expected);
    assert_eq!(app.get("/").await.body["graphql"], "/graphql");
}

#[tokio::test]
async fn it_counts_what_it_does() {
    // The recorder has to be there before what it counts.
    let _ = quayside::telemetry::metrics();
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    app.answer(&supplier, &order).await;
    app.settle().await;
    let metrics = app.get("/metrics").await.body;
    for name in ["quayside_documents_total", "quayside_operations_total", "quayside_graphql_request_seconds"]
    {
        assert!(metrics.as_str().unwrap().contains(name), "{name} is missing in\n{metrics}");
    }
}

#[tokio::test]
async fn every_reply_is_protected_and_carries_its_ids() {
    let app = TestApp::start().await;
    let ids = [("x-request-id", "request-7"), ("x-correlation-id", "run-42")];
    for path in [
        "/",
        "/livez",
        "/readyz",
        "/metrics",
        "/graphql",
        "/graphql/schema.graphql",
        "/ingest/v1/openapi.json",
        "/ingest/v1/purchase-orders",
        "/edi/v1/interchanges",
        "/nowhere",
    ] {
        let mut request = app.http.get(app.url(path));
        for (name, value) in ids {
            request = request.header(name, value);
        }
        let reply = Reply::read(request.send().await.unwrap()).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(
            reply.header("content-security-policy"),
            "default-src 'none'; frame-ancestors 'none'",
            "{path}"
        );
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        assert_eq!(
            (reply.header("x-request-id"), reply.header("x-correlation-id")),
            ("request-7", "run-42"),
            "{path}"
        );
    }
    let reply = app.get("/livez").await;
    assert_eq!(
        reply.header("x-request-id"),
        reply.header("x-correlation-id"),
        "one is made when none is sent"
    );
    let nowhere = app.get("/nowhere").await;
    assert_eq!((nowhere.status, &nowhere.body["code"]), (404, &json!("NOT_FOUND")));
    let by_get = app.get("/ingest/v1/purchase-orders").await;
    assert_eq!((by_get.status, &by_get.body["code"]), (405, &json!("METHOD_NOT_ALLOWED")));
    assert_eq!(by_get.header("allow"), "POST");
}

#[tokio::test]
async fn one_id_leads_from_the_request_to_the_erp() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let input = json!({ "purchaseOrderId": order, "revision": 1, "lines": [accepted("00010", "100")], "idempotencyKey": "k" });
    let ids = [("x-request-id", "request-7"), ("x-correlation-id", "run-42")];
    let reply = app.graphql_with(&supplier.token, &submit(), json!({ "input": input }), &ids).await;
    assert_eq!(reply.body["extensions"]["requestId"], "request-7");
    let answer = submitted(&reply);
    app.settle().await;

    let query = "{ events(first: 100, types: [\"acknowledgment.submitted\"]) { nodes { correlationId } } }";
    let events = app.graphql(&supplier.token, query, json!({})).await;
    assert_eq!(events.data()["events"]["nodes"], json!([{ "correlationId": "run-42" }]));
    let document = app.erp.documents().remove(0);
    assert_eq!(document.subject, answer);
    assert_eq!(
        (document.correlation_id.as_str(), document.correlation_header.as_deref()),
        ("run-42", Some("run-42"))
    );
    let attempts = "select count(*) from delivery_attempt where request like '%x-correlation-id: run-42%'";
    assert_eq!(app.scratch().count(attempts).await, 1);
}

#[tokio::test]
async fn a_nest_of_fragments_is_refused_before_it_costs_anything() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let buyer = app.buyer(&tenant).await;
    let levels = 24;
    let mut nest = String::from("{ ...f0 }");
    for level in 0..levels {
        nest += &format!("fragment f{level} on Query{{...f{0} ...f{0}}}", level + 1);
    }
    nest += &format!("fragment f{levels} on Query{{__typename}}");
    assert!(nest.len() < 1_000, "{} bytes", nest.len());
    let before = Instant::now();
    let reply = app.graphql(&buyer.token, &nest, json!({})).await;
    assert_eq!(reply.error_code(), "DOCUMENT_TOO_COMPLEX");
    assert!(before.elapsed() < Duration::from_secs(5), "it was not expanded");
}

#[tokio::test]
async fn what_a_page_of_another_site_could_send_is_refused() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let buyer = app.buyer(&tenant).await;
    let session = app.sign_in(&buyer.email).await;
    let sign_out = "mutation { signOut { signedOut } }";

    let by_get = app.http.get(app.url("/graphql?query=mutation%7BsignOut%7BsignedOut%7D%7D"));
    let reply = Reply::read(by_get.bearer_auth(&buyer.token).send().await.unwrap()).await;
    assert_eq!(
        (reply.status, reply.error_code(), reply.header("allow")),
        (405, "METHOD_NOT_ALLOWED", "POST")
    );

    let text = app.http.post(app.url("/graphql")).header("content-type", "text/plain");
    let body = json!({ "query": sign_out }).to_string();
    let reply = Reply::read(text.bearer_auth(&buyer.token).body(body).send().await.unwrap()).await;
    assert_eq!((reply.status, reply.error_code()), (415, "UNSUPPORTED_MEDIA_TYPE"));

    for origin in [Some("https://evil.example"), None] {
        let mut headers = vec![("cookie", session.cookie.as_str())];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let reply = app.graphql_with("", sign_out, json!({}), &headers).await;
        assert_eq!((reply.status, reply.error_code()), (403, "FORBIDDEN_ORIGIN"), "{origin:?}");
        let socket = app.subscribe(None, &headers, "subscription { events { id } }", json!({}));
        if origin.is_some() {
            assert!(socket.await.is_err());
        }
    }
    let viewer = app.browse(&session, "{ viewer { user { email } } }", json!({})).await;
    assert_eq!(viewer.data()["viewer"]["user"]["email"], buyer.email.as_str(), "still signed in");
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let app = TestApp::with(&[("ingest.max_mib", "1")]).await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let reply = app.graphql(&supplier.token, &"#".repeat(300_000), json!({})).await;
    assert_eq!((reply.status, reply.error_code()), (413, "BODY_TOO_LARGE"));
    let mut document = order(&supplier, "4500000001");
    document["note"] = json!("n".repeat(2 << 20));
    let reply = app.ingest(&tenant, &document).await;
    assert_eq!((reply.status, &reply.body["code"]), (413, &json!("TOO_LARGE")));
}

#[tokio::test]
async fn a_reply_tells_what_it_cost_and_a_caller_who_spent_all_waits() {
    let app = TestApp::with(&[("api.cost_points", "1000"), ("api.cost_restore", "10")]).await;
    let tenant = app.tenant().await;
    let buyer = app.buyer(&tenant).await;
    let query = "{ purchaseOrders(first: 50) { nodes { id lines { number } } } }";
    let reply = app.graphql(&buyer.token, query, json!({})).await;
    let cost = &reply.body["extensions"]["cost"];
    assert!(cost["requestedQueryCost"].as_u64().unwrap() > 50, "{cost}");
    assert!(
        cost["actualQueryCost"].as_u64() < cost["requestedQueryCost"].as_u64(),
        "nothing was found: {cost}"
    );
    assert!(reply.header("ratelimit").starts_with("\"cost\";r="));

    let mut last = reply;
    while last.status == 200 && last.body.get("errors").is_none() {
        last = app.graphql(&buyer.token, "{ viewer { user { id } memberships { id } } }", json!({})).await;
    }
    assert_eq!((last.status, last.error_code()), (429, "THROTTLED"));
    let wait = last.header("retry-after").parse().unwrap();
    app.advance(Duration::from_secs(wait));
    app.graphql(&buyer.token, "{ viewer { user { id } memberships { id } } }", json!({})).await.data();
}

#[tokio::test]
async fn a_request_that_has_begun_is_finished_when_the_server_stops() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let input = json!({ "purchaseOrderId": order, "revision": 1, "lines": [accepted("00010", "100")], "idempotencyKey": "k" });
    let body = json!({ "query": submit(), "variables": { "input": input } }).to_string();
    let mut client = app.connect().await;
    client.write(&app.graphql_head(&supplier.token, body.len(), "expect: 100-continue\r\n")).await;
    // The server says this when it begins to read the body.
    client.read_until("100 Continue\r\n\r\n").await;
    app.stop();
    client.write(&body).await;
    let reply = client.read_until("\"requestId\"").await;
    assert!(
        reply.starts_with("HTTP/1.1 200 OK") && reply.contains("\"acknowledgment\":{\"id\":\"ack_"),
        "{reply}"
    );
    assert!(app.stopped().await, "everything finished by itself");
    assert!(app.http.get(app.url("/livez")).send().await.is_err(), "nothing more is accepted");
    assert_eq!(app.scratch().count("select count(*) from acknowledgment").await, 1);
}

#[tokio::test]
async fn deliveries_in_hand_are_given_back_when_the_process_stops() {
    const ALL: u32 = 12;
    let app = TestApp::with(&[("delivery.concurrency", "1")]).await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    for _ in 0..ALL {
        let order = app.placed(&tenant, &supplier).await;
        app.answer(&supplier, &order).await;
    }
    // One call at a time, and each of them takes a second: the others wait in the worker's hand.
    app.erp.queue(Fault { count: ALL, ..Fault::once(Behaviour::Hang) }).unwrap();
    let working = app.work_in_background();
    let owner = app.scratch().owner().await;
    let sending = "select count(*) from delivery where status = 'SENDING'";
    let attempts = "select count(*) from delivery_attempt";
    eventually("one was tried, and some wait in the worker's hand", async || {
        number_of(&owner, attempts).await > 0 && number_of(&owner, sending).await > 1
    })
    .await;
    app.stop();
    working.await.unwrap();
    assert_eq!(number_of(&owner, sending).await, 0, "they are free for the next worker");
    let tried = number_of(&owner, attempts).await;
    assert!(tried > 0 && tried < i64::from(ALL), "{tried}");
    let untried = "select count(*) from delivery where status = 'WAITING' and attempts = 0";
    assert_eq!(number_of(&owner, untried).await, i64::from(ALL) - tried, "what was not tried does not count");
    owner.close().await.unwrap();
}

#[tokio::test]
async fn processes_that_start_at_once_migrate_once() {
    let scratch = Scratch::blank().await;
    let clock = Clock::manual(START.parse().unwrap());
    let starts = (0..3).map(|_| App::open(configured(&scratch, &[]), clock.clone()));
    for app in futures_util::future::join_all(starts).await {
        app.unwrap().close().await.unwrap();
    }
    let migrations = i64::try_from(Migrator::migrations().len()).unwrap();
    assert_eq!(scratch.count("select count(*) from seaql_migrations").await, migrations);
    let again = App::open(configured(&scratch, &[]), clock).await.unwrap();
    again.close().await.unwrap();
}

#[tokio::test]
async fn nothing_is_said_to_who_is_not_known() {
    let app = TestApp::start().await;
    let document = json!({});
    for path in ["/ingest/v1/purchase-orders", "/edi/v1/interchanges"] {
        for token in [None, Some("nonsense"), Some("qyc_live_0000000000000000000000000000000000000000000")] {
            let mut request = app.http.post(app.url(path)).json(&document);
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let reply = Reply::read(request.send().await.unwrap()).await;
            assert_eq!((reply.status, &reply.body["code"]), (401, &json!("UNAUTHENTICATED")), "{path}");
        }
    }
    let reply = app.graphql("", "{ purchaseOrders(first: 1) { nodes { id } } }", json!({})).await;
    assert_eq!((reply.error_code(), &reply.body["data"]), ("UNAUTHENTICATED", &Value::Null));
}
