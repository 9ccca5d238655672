//! Mail: who is told of what, when, and what happens when the mail server is away.
use std::time::Duration;

use quayside_canonical::{
    identity::Role,
    states::{ExceptionKind, Severity},
};
use quayside_domain::identity;
use serde_json::{Value, json};

use crate::support::{Supplier, Tenant, TestApp, mutation, order};

const HOUR: Duration = Duration::from_secs(60 * 60);

struct World {
    app: TestApp,
    tenant: Tenant,
    supplier: Supplier,
    /// Of procurement: address and token.
    buyer: (String, String),
    admin: (String, String),
}

impl World {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    async fn with(settings: &[(&str, &str)]) -> Self {
        let app = TestApp::with(settings).await;
        let tenant = app.tenant().await;
        let supplier = app.supplier(&tenant).await;
        let buyer = app.buyer(&tenant).await;
        let admin = app.person(&tenant, None, Role::BuyerAdmin).await;
        Self { app, tenant, supplier, buyer: (buyer.email, buyer.token), admin }
    }

    async fn open(&self, severity: Severity) -> String {
        let kind = ExceptionKind::ShipmentLate;
        self.app.exception(&self.tenant, kind, Some(self.supplier.id), severity).await
    }

    async fn wish(&self, token: &str, input: Value) -> Value {
        let selection = "notificationPreferences { warning error critical messages orders }";
        let query = mutation("setNotificationPreferences", "SetNotificationPreferencesInput", selection);
        let mut input = input;
        input["idempotencyKey"] = json!(self.app.number().to_string());
        let reply = self.app.graphql(token, &query, json!({ "input": input })).await;
        reply.data()["setNotificationPreferences"]["notificationPreferences"].clone()
    }

    async fn say(&self, token: &str, about: &str, text: &str) {
        let query = mutation("postMessage", "PostMessageInput", "message { id }");
        let input = json!({ "about": about, "text": text, "idempotencyKey": self.app.number().to_string() });
        self.app.graphql(token, &query, json!({ "input": input })).await.data();
    }
}

#[tokio::test]
async fn the_owner_is_told_at_once_of_what_blocks_work_and_only_once() {
    let world = World::with(&[("public_url", "https://orders.example.com")]).await;
    let app = &world.app;
    let id = world.open(Severity::Error).await;
    assert_eq!(app.mails(), Vec::<String>::new(), "nothing is sent before the worker comes");
    for _ in 0..2 {
        app.settle().await;
        assert_eq!(app.mails().len(), 1);
    }
    let mail = &app.mails_to(&world.buyer.0)[0];
    assert!(mail.contains("Subject: [Quayside] ERROR: Something is wrong"), "{mail}");
    assert!(mail.contains(&format!("https://orders.example.com/exceptions/{id}")), "{mail}");
    assert!(mail.contains("Auto-Submitted: auto-generated") && mail.contains("text/plain"), "{mail}");

    let query = mutation("assignException", "AssignExceptionInput", "exception { id }");
    let input = json!({ "id": id, "owner": "SUPPLIER", "idempotencyKey": "a" });
    app.graphql(&world.buyer.1, &query, json!({ "input": input })).await.data();
    app.settle().await;
    assert_eq!(app.mails_to(&world.supplier.email).len(), 1, "the new owner");
    app.step(&world.supplier.token, "requestExceptionResolution", &id, Some("it left today")).await;
    app.settle().await;
    let mails = app.mails_to(&world.buyer.0);
    assert!(mails.len() == 2 && mails[1].contains("it left today"), "{mails:?}");
}

#[tokio::test]
async fn what_can_wait_comes_in_one_mail_a_day() {
    let world = World::start().await;
    let app = &world.app;
    for _ in 0..3 {
        world.open(Severity::Warning).await;
    }
    app.settle().await;
    app.advance(HOUR * 22 - Duration::from_secs(1));
    app.settle().await;
    assert_eq!(app.mails(), Vec::<String>::new());
    app.advance(Duration::from_secs(1));
    for _ in 0..2 {
        app.settle().await;
        let mails = app.mails_to(&world.buyer.0);
        assert_eq!(mails.len(), 1);
        assert!(mails[0].contains("Your digest: 3 things"), "{}", mails[0]);
        assert_eq!(mails[0].matches("- WARNING: Something is wrong").count(), 3, "{}", mails[0]);
        app.advance(HOUR * 24);
    }
}

#[tokio::test]
async fn each_person_chooses_what_they_are_told() {
    let world = World::start().await;
    let app = &world.app;
    let query = "{ viewer { notificationPreferences { warning error critical messages orders } } }";
    let default = json!({
        "warning": "DIGEST", "error": "IMMEDIATE", "critical": "IMMEDIATE", "messages": "IMMEDIATE", "orders": "IMMEDIATE"
    });
    let seen = app.graphql(&world.buyer.1, query, json!({})).await;
    assert_eq!(seen.data()["viewer"]["notificationPreferences"], default);
    let set = world.wish(&world.buyer.1, json!({ "error": "NONE", "warning": "IMMEDIATE" })).await;
    let wished = json!({
        "warning": "IMMEDIATE", "error": "NONE", "critical": "IMMEDIATE", "messages": "IMMEDIATE", "orders": "IMMEDIATE"
    });
    assert_eq!(set, wished);
    let seen = app.graphql(&world.buyer.1, query, json!({})).await;
    assert_eq!(seen.data()["viewer"]["notificationPreferences"], wished);
    world.open(Severity::Error).await;
    app.settle().await;
    assert_eq!(app.mails(), Vec::<String>::new());
    world.open(Severity::Warning).await;
    app.settle().await;
    assert_eq!(app.mails_to(&world.buyer.0).len(), 1);
}

#[tokio::test]
async fn admins_hear_of_what_nobody_dealt_with_in_time() {
    let world = World::start().await;
    let app = &world.app;
    world.open(Severity::Error).await;
    app.settle().await;
    assert_eq!(app.mails_to(&world.admin.0).len(), 0);
    app.advance(HOUR * 24);
    app.settle().await;
    app.settle().await;
    let mails = app.mails_to(&world.admin.0);
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("CRITICAL") && mails[0].contains("Nobody dealt with"), "{}", mails[0]);
}

#[tokio::test]
async fn the_other_side_is_told_of_a_message_and_the_writer_is_not() {
    let world = World::start().await;
    let app = &world.app;
    world.wish(&world.supplier.token, json!({ "orders": "NONE" })).await;
    let order = app.placed(&world.tenant, &world.supplier).await;
    world.say(&world.supplier.token, &order, "can it be Friday?\r\nBcc: all@example.test").await;
    world.say(&world.buyer.1, &order, "yes").await;
    app.settle().await;
    let (theirs, ours) = (app.mails_to(&world.supplier.email), app.mails_to(&world.buyer.0));
    assert_eq!((theirs.len(), ours.len()), (1, 1), "one each");
    assert!(ours[0].contains("can it be Friday?") && theirs[0].contains("yes"), "{ours:?} {theirs:?}");
    let head = ours[0].split("\r\n\r\n").next().unwrap();
    assert!(!head.contains("\r\nBcc:"), "{head}");
    world.wish(&world.supplier.token, json!({ "messages": "NONE" })).await;
    world.say(&world.buyer.1, &order, "are you there?").await;
    app.settle().await;
    assert_eq!(app.mails_to(&world.supplier.email).len(), 1);
}

#[tokio::test]
async fn a_supplier_is_told_of_its_orders_and_of_what_was_decided() {
    let world = World::start().await;
    let app = &world.app;
    let stranger = app.supplier(&world.tenant).await;
    let id = app.placed(&world.tenant, &world.supplier).await;
    app.settle().await;
    let mails = app.mails_to(&world.supplier.email);
    assert!(mails.len() == 1 && mails[0].contains(" is new") && mails[0].contains(&id), "{mails:?}");
    assert!(mails[0].contains("Please answer until"), "{mails:?}");

    let query = mutation(
        "submitAcknowledgment",
        "SubmitAcknowledgmentInput",
        "acknowledgment { changeProposals { id } }",
    );
    let part = json!([{ "kind": "ACCEPTED", "quantity": "100", "promisedOn": "2027-01-10" }]);
    let input = json!({ "purchaseOrderId": id, "revision": 1, "idempotencyKey": "late",
        "lines": [{ "line": "00010", "parts": part }] });
    let reply = app.graphql(&world.supplier.token, &query, json!({ "input": input })).await;
    let proposal = reply.data()["submitAcknowledgment"]["acknowledgment"]["changeProposals"][0]["id"].clone();
    let query = mutation("declineChangeProposal", "DecideChangeProposalInput", "decided");
    let input = json!({ "id": proposal, "idempotencyKey": "no", "note": "we need it before Christmas" });
    app.graphql(&world.buyer.1, &query, json!({ "input": input })).await.data();
    app.settle().await;
    let mails = app.mails_to(&world.supplier.email);
    assert!(mails.len() == 2 && mails[1].contains("we need it before Christmas"), "{mails:?}");
    assert_eq!(app.mails_to(&stranger.email), Vec::<String>::new());
}

#[tokio::test]
async fn many_orders_at_once_are_one_mail_of_the_day() {
    let world = World::start().await;
    let app = &world.app;
    let lines: Vec<String> =
        (0..6).map(|_| order(&world.supplier, &format!("46{:08}", app.number())).to_string()).collect();
    let reply = app.ingest_lines(&world.tenant, &lines.join("\n")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    app.settle().await;
    assert_eq!(app.mails_to(&world.supplier.email), Vec::<String>::new());
    app.advance(HOUR * 24);
    app.settle().await;
    let mails = app.mails_to(&world.supplier.email);
    assert!(mails.iter().any(|mail| mail.matches(" is new").count() == 6), "{mails:?}");
}

#[tokio::test]
async fn who_has_left_gets_nothing() {
    let world = World::start().await;
    let app = &world.app;
    world.open(Severity::Error).await;
    let buyer = identity::user_by_email(app.app.system(), &world.buyer.0).await.unwrap().unwrap().id;
    identity::disable_user(app.app.system(), buyer).await.unwrap();
    app.settle().await;
    assert_eq!(app.mails(), Vec::<String>::new());
    let cancelled = app.scratch().count("select count(*) from mail where status = 'CANCELLED'").await;
    assert_eq!(cancelled, 1);
}

#[tokio::test]
async fn a_mail_waits_for_its_server_and_is_sent_when_that_is_back() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = format!("smtp://{address}");
    drop(listener);
    let world = World::with(&[("mail.smtp_url", &url)]).await;
    world.open(Severity::Critical).await;
    world.app.settle().await;
    let waiting = "select count(*) from mail where status = 'WAITING' and attempts = 1 and error is not null";
    assert_eq!(world.app.scratch().count(waiting).await, 1, "nothing is lost");

    let server = tokio::spawn(take_one_mail(tokio::net::TcpListener::bind(address).await.unwrap()));
    world.app.settle().await;
    assert_eq!(world.app.scratch().count(waiting).await, 1, "not before its time");
    world.app.advance(Duration::from_secs(60));
    world.app.settle().await;
    let mail = tokio::time::timeout(crate::support::PATIENCE, server).await.unwrap().unwrap();
    assert!(mail.contains("Subject: [Quayside] CRITICAL") && mail.contains(&world.buyer.0), "{mail}");
    assert_eq!(world.app.scratch().count("select count(*) from mail where status = 'SENT'").await, 1);
}

/// A mail server that takes one mail and gives its text.
async fn take_one_mail(listener: tokio::net::TcpListener) -> String {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    let (stream, _) = listener.accept().await.unwrap();
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    writing.write_all(b"220 test\r\n").await.unwrap();
    let (mut mail, mut inside) = (String::new(), false);
    while let Some(line) = lines.next_line().await.unwrap() {
        let reply: &[u8] = match line.as_str() {
            "." if inside => {
                inside = false;
                b"250 taken\r\n"
            }
            _ if inside => {
                mail.push_str(&line);
                mail.push('\n');
                continue;
            }
            "DATA" => {
                inside = true;
                b"354 go on\r\n"
            }
            "QUIT" => break,
            _ => b"250 test\r\n",
        };
        writing.write_all(reply).await.unwrap();
        if !inside && !mail.is_empty() {
            break;
        }
    }
    mail
}
