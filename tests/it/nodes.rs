//! Several processes on one database: they wake each other, take over from each other, and hand their readers on.
use std::{collections::BTreeSet, net::SocketAddr};

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::support::{PATIENCE, Reply, TestApp, eventually, mutation};

const FOLLOW: &str = "subscription($after: String) { events(after: $after) { cursor type } }";
const ALL: &str = "query($after: String) { events(first: 100, after: $after) {
    nodes { id cursor type } pageInfo { endCursor hasNextPage } } }";

/// The whole log as the caller sees it.
async fn log(app: &TestApp, token: &str) -> Vec<Value> {
    let (mut events, mut after) = (Vec::new(), Value::Null);
    loop {
        let reply = app.graphql(token, ALL, json!({ "after": after })).await;
        let page = &reply.data()["events"];
        events.extend(page["nodes"].as_array().unwrap().iter().cloned());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            return events;
        }
    }
}

/// Something that runs until it is told to stop.
struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// A process as `quayside serve` runs it.
    async fn serve(app: &TestApp, with_work: bool) -> Self {
        let (listener, stop) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), CancellationToken::new());
        let address = listener.local_addr().unwrap();
        let (app, told) = (app.app.clone(), stop.clone());
        let task = tokio::spawn(async move { app.serve(listener, with_work, told).await });
        Self { address, stop, task }
    }

    /// A process as `quayside work` runs it.
    async fn work(app: &TestApp) -> Self {
        let (listener, stop) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), CancellationToken::new());
        let address = listener.local_addr().unwrap();
        let (app, told) = (app.app.clone(), stop.clone());
        let task = tokio::spawn(async move { app.work_alone(Some(listener), told).await });
        Self { address, stop, task }
    }

    async fn get(&self, app: &TestApp, path: &str) -> Reply {
        Reply::read(app.http.get(format!("http://{}{path}", self.address)).send().await.unwrap()).await
    }

    async fn end(self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.expect("it does not stop").unwrap();
    }
}

/// Carries the wake-up calls of a process until the test ends.
fn carry_calls(app: &TestApp) {
    let bus = app.app.bus().clone();
    tokio::spawn(async move { bus.carry_calls(&CancellationToken::new()).await });
}

#[tokio::test]
async fn what_is_called_in_one_process_wakes_the_others_however_often_their_connection_breaks() {
    let app = TestApp::start().await;
    if !app.scratch().is_postgres() {
        return; // SQLite calls nobody: other processes look by themselves
    }
    let other = app.neighbour().await;
    carry_calls(&app);
    carry_calls(&other);
    let (here, there) = (app.app.system().store().wake(), other.app.system().store().wake());
    for _ in 0..3 {
        // Whoever connects anew wakes everybody once: that is over when nothing is heard for a call.
        eventually("a call is heard", async || {
            let heard = there.log.notified();
            tokio::pin!(heard);
            heard.as_mut().enable();
            here.log_grew();
            tokio::time::timeout(std::time::Duration::from_millis(500), heard).await.is_ok()
        })
        .await;
        let cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
            where application_name = 'quayside-signals' and datname = current_database()";
        assert!(app.scratch().count(cut).await >= 2, "each of them listens");
    }
}

#[tokio::test]
async fn a_token_revoked_in_one_process_is_refused_by_the_others_at_once() {
    let app = TestApp::start().await;
    if !app.scratch().is_postgres() {
        return;
    }
    let other = app.neighbour().await;
    carry_calls(&app);
    carry_calls(&other);
    let tenant = app.tenant().await;
    let buyer = app.buyer(&tenant).await;
    let session = app.sign_in(&buyer.email).await;
    let create = mutation("createApiToken", "CreateApiTokenInput", "secret apiToken { id }");
    let input = json!({ "name": "reader", "scopes": ["ORDERS_READ"], "idempotencyKey": "make" });
    let made = app.browse(&session, &create, json!({ "input": input })).await;
    let made = &made.data()["createApiToken"];
    let (token, id) = (made["secret"].as_str().unwrap(), &made["apiToken"]["id"]);
    let viewer = "{ viewer { permissions } }";
    assert_eq!(other.graphql(token, viewer, json!({})).await.status, 200);

    let revoke = mutation("revokeApiToken", "RevokeApiTokenInput", "apiToken { revokedAt }");
    let input = json!({ "id": id, "idempotencyKey": "revoke" });
    app.browse(&session, &revoke, json!({ "input": input })).await;
    // The clock stands still, so what the other process remembers never grows old.
    eventually("the other process asks anew", async || {
        other.graphql(token, viewer, json!({})).await.status == 401
    })
    .await;
}

#[tokio::test]
async fn without_a_working_process_nothing_is_dispatched_and_with_one_everything() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    app.settle().await;
    let serving = Running::serve(&app, false).await;
    let before = app.scratch().count("select count(*) from event_log").await;
    app.placed(&tenant, &supplier).await;
    serving.end().await;
    assert_eq!(app.scratch().count("select count(*) from event_log").await, before);

    let worker = app.neighbour().await;
    let working = Running::work(&worker).await;
    assert_eq!(working.get(&app, "/livez").await.body, json!("ok"));
    assert_eq!(working.get(&app, "/readyz").await.body["ready"], true);
    assert_eq!(working.get(&app, "/metrics").await.status, 200);
    assert_eq!(working.get(&app, "/graphql").await.status, 404, "it is asked nothing else");
    let waiting = "select count(*) from outbox";
    eventually("it is dispatched", async || app.scratch().count(waiting).await == 0).await;
    working.end().await;
    let held = "select count(*) from lease where name = 'dispatch'";
    assert_eq!(app.scratch().count(held).await, 0, "another one may dispatch at once");
}

#[tokio::test]
async fn a_process_that_leaves_says_so_first_and_still_answers() {
    let app = TestApp::with(&[("http.leave_seconds", "1")]).await;
    let serving = Running::serve(&app, false).await;
    assert_eq!(serving.get(&app, "/readyz").await.status, 200);
    serving.stop.cancel();
    eventually("it is not ready", async || serving.get(&app, "/readyz").await.body["stopping"] == true).await;
    assert_eq!(serving.get(&app, "/graphql/schema.graphql").await.status, 200);
    serving.end().await;
}

#[tokio::test]
async fn readers_of_a_process_that_stops_go_on_at_another_and_see_every_event_once() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    app.settle().await;
    let start = log(&app, &buyer.token).await.last().unwrap()["cursor"].as_str().unwrap().to_owned();

    const ORDERS: usize = 30;
    let writing = async {
        for _ in 0..ORDERS {
            app.placed(&tenant, &supplier).await;
        }
    };
    // Each process serves and works for a while, and is replaced while orders come in.
    let reading = async {
        let (mut seen, mut by_socket) = (vec![start.clone()], true);
        while seen.len() <= ORDERS {
            let mut node = app.neighbour().await;
            let running = Running::serve(&node, true).await;
            node.address = running.address;
            let variables = json!({ "after": seen.last() });
            let enough = (seen.len() + ORDERS / 4).min(ORDERS + 1);
            if by_socket {
                let mut socket = node.subscribe(Some(&buyer.token), &[], FOLLOW, variables).await.unwrap();
                while seen.len() < enough {
                    seen.push(cursor(&socket.next().await));
                }
                running.stop.cancel();
                let closed = loop {
                    match socket.next_or_close().await {
                        Ok(payload) => seen.push(cursor(&payload)),
                        Err(closed) => break closed,
                    }
                };
                assert_eq!(closed, (1001, "The server stops".to_owned()));
            } else {
                let mut stream = node.listen(&buyer.token, FOLLOW, variables).await;
                while seen.len() < enough {
                    seen.push(cursor(&stream.next().await.unwrap()));
                }
                running.stop.cancel();
                while let Some(payload) = stream.next().await {
                    seen.push(cursor(&payload));
                }
                assert!(!stream.is_complete(), "or the client would not come again");
            }
            running.end().await;
            by_socket = !by_socket;
        }
        seen
    };
    let ((), seen) = tokio::join!(writing, reading);
    let log = log(&app, &buyer.token).await;
    let cursors: Vec<&str> = log.iter().map(|event| event["cursor"].as_str().unwrap()).collect();
    let from = cursors.iter().position(|cursor| *cursor == start).unwrap();
    assert_eq!(seen[..=ORDERS], cursors[from..=from + ORDERS]);
}

fn cursor(payload: &Value) -> String {
    payload["data"]["events"]["cursor"].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned()
}

#[tokio::test]
async fn a_bus_that_is_away_is_told_and_stops_nothing() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap(); // closed again
    let app = TestApp::with(&[("bus.nats_url", &format!("nats://{silent}"))]).await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let serving = Running::serve(&app, true).await;
    let ready = serving.get(&app, "/readyz").await;
    assert_eq!(
        (ready.status, &ready.body["degraded"], &ready.body["bus"]),
        (200, &json!(true), &json!("down"))
    );
    app.placed(&tenant, &supplier).await;
    eventually("it is dispatched", async || app.scratch().count("select count(*) from outbox").await == 0)
        .await;
    serving.end().await;
}

/// Settings for a stream of this test's own, or nothing where there is no NATS.
fn bus(stream: &str) -> Option<[(&'static str, String); 4]> {
    let url = std::env::var("QUAYSIDE_TEST_NATS_URL").ok()?;
    Some([
        ("bus.nats_url", url),
        ("bus.nats_stream", stream.to_owned()),
        ("bus.nats_prefix", stream.to_lowercase()),
        ("bus.nats_consumers", "everything".to_owned()),
    ])
}

#[tokio::test]
async fn everything_logged_is_published_once_in_order_also_after_a_stream_was_lost() {
    let stream = format!("IT{}", uuid::Uuid::now_v7().simple());
    let Some(settings) = bus(&stream) else { return };
    let settings: Vec<_> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let app = TestApp::with(&settings).await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let nats = async_nats::connect(settings[0].1).await.unwrap();
    let jetstream = async_nats::jetstream::new(nats);
    for round in 0..2 {
        let (first, second) = (Running::serve(&app, true).await, app.neighbour_with(&settings).await);
        let second = Running::serve(&second, true).await;
        for _ in 0..20 {
            app.placed(&tenant, &supplier).await;
        }
        eventually("it is dispatched", async || {
            app.scratch().count("select count(*) from outbox").await == 0
        })
        .await;
        let log = log(&app, &buyer.token).await;
        let consumer = async {
            loop {
                if let Ok(stream) = jetstream.get_stream(&stream).await
                    && let Ok(consumer) = stream
                        .get_consumer::<async_nats::jetstream::consumer::pull::Config>("everything")
                        .await
                {
                    return consumer;
                }
                tokio::task::yield_now().await;
            }
        };
        let consumer = tokio::time::timeout(PATIENCE, consumer).await.expect("a consumer is made");
        let mut messages = consumer.messages().await.unwrap();
        let mut told = Vec::new();
        // Events of the first round are acknowledged, and gone with their stream in the second.
        while told.len() < log.len() {
            let message = tokio::time::timeout(PATIENCE, messages.next()).await.expect("nothing comes");
            let message = message.unwrap().unwrap();
            let event: Value = serde_json::from_slice(&message.payload).unwrap();
            let subject =
                format!("{}.{}.{}", stream.to_lowercase(), tenant.id, event["type"].as_str().unwrap());
            assert_eq!(message.subject.as_str(), subject);
            let id = message.headers.as_ref().unwrap().get("Nats-Msg-Id").unwrap().as_str().to_owned();
            assert_eq!(event["id"], id);
            told.push(id);
            message.ack().await.unwrap();
        }
        let expected: Vec<&str> = log.iter().map(|event| event["id"].as_str().unwrap()).collect();
        assert_eq!(told, expected, "round {round}");
        assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), told.len());
        let published = format!("select count(*) from bus_cursor where position = {}", log.len());
        eventually("the cursor follows", async || app.scratch().count(&published).await == 1).await;
        first.end().await;
        second.end().await;
        jetstream.delete_stream(&stream).await.unwrap();
    }
}
