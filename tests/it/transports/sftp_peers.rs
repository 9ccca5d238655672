//! SFTP with a server that others wrote: asyncssh, which logs what it is asked, and breaks off when it is told to.
//! Ignored unless asked for: `scripts/sftp-peers` installs it and runs them.
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, SystemTime},
};

use quayside_canonical::ConnectionId;
use quayside_connectors::{Connector, Delivery, DeliveryError, Errand, Http, Inbound, Page};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use super::{
    as2_peers::{delivery, http},
    folder::{lay, names},
    order, reached_by, transport,
};
use crate::support::{Supplier, Tenant, TestApp, mutation, revision, scratch_folder};

/// Longer than a feed waits between polls.
const A_WHILE: Duration = Duration::from_secs(70);
const PASSWORD: &str = "canary password";
const ALL_FOLDERS: [&str; 6] = ["archive", "error", "in", "out", "sent", "work"];

/// The partner's server. Gone with the test.
struct Peer {
    folder: PathBuf,
    port: u64,
    keys: Value,
    _child: Child,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Peer {
    async fn start() -> Self {
        let folder = scratch_folder();
        let python =
            std::env::var("QUAYSIDE_TEST_SFTP_PYTHON").expect("scripts/sftp-peers says where asyncssh is");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/sftp/server.py");
        let mut command = Command::new(python);
        command.arg(script).arg(&folder).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first: Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
        Self { folder, port: first["port"].as_u64().unwrap(), keys: first["keys"].clone(), _child: child }
    }

    fn root(&self) -> PathBuf {
        self.folder.join("root")
    }

    fn names(&self, folder: &str) -> Vec<String> {
        names(&self.root().join(folder))
    }

    /// What is in each of the folders.
    fn filled(&self) -> Vec<String> {
        let named = |folder| self.names(folder).into_iter().map(move |name| format!("{folder}/{name}"));
        ALL_FOLDERS.into_iter().flat_map(named).collect()
    }

    fn secret(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }

    fn fingerprint(&self, kind: &str) -> &str {
        self.keys[kind]["fingerprint"].as_str().unwrap()
    }

    /// Without its secrets.
    fn config(&self) -> Value {
        json!({ "host": "127.0.0.1", "port": self.port, "user": "northdist",
            "host_keys": [self.fingerprint("ssh-ed25519")], "folder": "/" })
    }

    fn connector(&self, more: &Value) -> Box<dyn Connector> {
        let mut config = self.config();
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        quayside_connectors::build("edi-sftp", config).unwrap()
    }

    /// What goes wrong from now on.
    fn plan(&self, plan: &Value) {
        fs::write(self.folder.join("plan.json"), plan.to_string()).unwrap();
    }

    /// Ends the plan, and says whether it was still to come.
    fn end_plan(&self) -> bool {
        fs::remove_file(self.folder.join("plan.json")).is_ok()
    }

    /// What was done since the last look: the operation and what it was done to.
    fn done(&self) -> Vec<String> {
        let path = self.folder.join("log.jsonl");
        let text = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        let line = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            let on = line["on"].as_array().cloned().unwrap_or_default();
            let words = on.iter().map(|word| word.as_str().unwrap());
            [line["did"].as_str().unwrap()].into_iter().chain(words).collect::<Vec<_>>().join(" ")
        };
        text.lines().map(line).collect()
    }
}

struct World {
    app: TestApp,
    tenant: Tenant,
    supplier: Supplier,
    buyer: String,
    peer: Peer,
    connection: ConnectionId,
    partner: String,
}

impl World {
    async fn start() -> Self {
        let peer = Peer::start().await;
        let app = TestApp::with(&[("delivery.deadline_seconds", "15")]).await;
        let tenant = app.tenant().await;
        let supplier = app.supplier(&tenant).await;
        let buyer = app.buyer(&tenant).await.token;
        let key = peer.secret("key");
        let connection = transport(&app, &tenant, "edi-sftp", peer.config(), &[("private_key", &key)]).await;
        let partner = reached_by(&app, &supplier, connection).await;
        Self { app, tenant, supplier, buyer, peer, connection, partner }
    }

    async fn orders(&self) -> usize {
        let reply =
            self.app.graphql(&self.buyer, "{ purchaseOrders(first: 50) { nodes { number } } }", json!({}));
        reply.await.data()["purchaseOrders"]["nodes"].as_array().unwrap().len()
    }

    async fn settle_later(&self) {
        self.app.advance(A_WHILE);
        self.app.settle().await;
    }

    /// From now on the supplier's orders are sent, and not only copied.
    async fn exchange(&self) {
        let scratch = self.app.scratch();
        let partner = scratch.literal(self.supplier.partner.0);
        let sql = format!(
            r#"update trading_partner set mode = 'EXCHANGE', agreement = '{{"ours":[{{"qualifier":"ZZ","id":"BUYER"}}]}}',
             revision = revision + 1 where id = {partner}"#
        );
        scratch.tamper(&[&sql]).await;
    }

    /// The status of each interchange that was sent, and of its delivery.
    async fn sent(&self) -> Value {
        let query = "{ sentInterchanges(first: 9) { nodes { fileName content delivery { status } } } }";
        self.app.graphql(&self.buyer, query, json!({})).await.data()["sentInterchanges"]["nodes"].clone()
    }
}

fn errand() -> Errand {
    Errand { correlation_id: "c".to_owned(), request_id: None, traceparent: None, at: chrono::Utc::now() }
}

async fn poll(connector: &dyn Connector, http: &Http, cursor: Option<&str>) -> Result<Page, DeliveryError> {
    let codes = quayside_connectors::Codes::default();
    connector.source().unwrap().poll(http, &errand(), &codes, "interchanges", cursor).await.outcome
}

#[tokio::test]
#[ignore = "needs asyncssh: scripts/sftp-peers"]
async fn sftp_peers_a_connection_is_made_and_tried() {
    let peer = Peer::start().await;
    let app = TestApp::with(&[("delivery.deadline_seconds", "15")]).await;
    let tenant = app.tenant().await;
    let admin = app.buyer(&tenant).await.token;
    let create = mutation("createConnection", "CreateConnectionInput", "connection { id secretsSet }");
    let test = mutation("testConnection", "TestConnectionInput", "test { outcome message }");
    let other = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for (pin, secret, value, outcome, about) in [
        (peer.fingerprint("ssh-ed25519"), "private_key", peer.secret("key"), "OK", ""),
        (peer.keys["ssh-ed25519"]["public"].as_str().unwrap(), "password", PASSWORD.to_owned(), "OK", ""),
        (other, "private_key", peer.secret("key"), "REFUSED", "HOST_KEY_MISMATCH"),
        (other, "password", PASSWORD.to_owned(), "REFUSED", "HOST_KEY_MISMATCH"),
        // Its own, but one that it does not show to us.
        (peer.fingerprint("ssh-rsa"), "password", PASSWORD.to_owned(), "REFUSED", "HOST_KEY_MISMATCH"),
        (peer.fingerprint("ssh-ed25519"), "private_key", peer.secret("stranger"), "UNAUTHORIZED", ""),
        (peer.fingerprint("ssh-ed25519"), "password", "canary wrong".to_owned(), "UNAUTHORIZED", ""),
    ] {
        let mut config = peer.config();
        config["host_keys"] = json!([pin]);
        let number = app.number().to_string();
        let input = json!({ "input": { "kind": "edi-sftp", "name": number, "environment": "LIVE", "config": config,
            "receives": { "eventTypes": ["interchange.composed"] }, "secrets": [{ "name": secret, "value": value }],
            "idempotencyKey": number } });
        let made = app.graphql(&admin, &create, input).await;
        let id = made.data()["createConnection"]["connection"]["id"].clone();
        peer.done();
        let tried = app.graphql(&admin, &test, json!({ "input": { "id": id } })).await;
        let told = &tried.data()["testConnection"]["test"];
        assert_eq!(told["outcome"], outcome, "{secret}: {} {}", made.body, tried.body);
        for reply in [&made, &tried] {
            assert!(!reply.text().contains("canary") && !reply.text().contains("BEGIN"), "{}", reply.body);
        }
        let (message, done) = (told["message"].as_str().unwrap_or_default(), peer.done());
        assert!(message.contains(about), "{message}");
        assert_eq!(done.iter().filter(|did| *did == "connection").count(), 1, "{done:?}");
        if about == "HOST_KEY_MISMATCH" {
            assert!(message.contains(&format!("{} (ED25519)", peer.fingerprint("ssh-ed25519"))), "{message}");
            assert_eq!(done, ["connection"], "neither a name nor a key nor a password was sent");
        }
    }
    assert_eq!(peer.names(""), ALL_FOLDERS, "what is missing is made");
    assert_eq!(peer.filled(), [""; 0]);
}

#[tokio::test]
#[ignore = "needs asyncssh: scripts/sftp-peers"]
async fn sftp_peers_log_in_with_every_kind_of_credential_and_key() {
    let (peer, http) = (Peer::start().await, http());
    let typed = |kind: &str, word: &str| json!([format!("256 {} x ({word})", peer.fingerprint(kind))]);
    for more in [
        json!({ "private_key": peer.secret("key.rsa") }),
        json!({ "private_key": peer.secret("key.locked"), "passphrase": "canary phrase" }),
        json!({ "password": PASSWORD, "host_keys": typed("ssh-rsa", "RSA") }),
        json!({ "password": PASSWORD, "host_keys": typed("ecdsa-sha2-nistp256", "ECDSA") }),
        json!({ "password": PASSWORD, "folder": "" }),
        json!({ "password": PASSWORD, "host_keys": ["SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            peer.fingerprint("ssh-ed25519")] }),
    ] {
        assert_eq!(peer.connector(&more).test(&http, &errand()).await.outcome, Ok(()), "{more}");
    }
    peer.plan(&json!({ "methods": ["keyboard-interactive"] }));
    assert_eq!(peer.connector(&json!({ "password": PASSWORD })).test(&http, &errand()).await.outcome, Ok(()));
    for (plan, more, expected) in [
        (json!({ "methods": ["keyboard-interactive"] }), json!({ "password": "wrong" }), "unauthorized"),
        (json!({ "methods": ["publickey"] }), json!({ "password": PASSWORD }), "unauthorized"),
        (json!({ "methods": ["password"] }), json!({ "private_key": peer.secret("key") }), "unauthorized"),
        // A server that goes away has rejected nobody.
        (json!({ "hang_up": true }), json!({ "password": PASSWORD }), "retry"),
        (json!({ "hang_up": true }), json!({ "private_key": peer.secret("key") }), "retry"),
    ] {
        peer.plan(&plan);
        let error = peer.connector(&more).test(&http, &errand()).await.outcome.unwrap_err();
        assert_eq!(error.word(), expected, "{plan}: {error}");
    }
}

#[tokio::test]
#[ignore = "needs asyncssh: scripts/sftp-peers"]
async fn sftp_peers_get_an_interchange_as_a_whole_file() {
    let world = World::start().await;
    world.app.settle().await;
    world.exchange().await;
    world.peer.done();
    world.app.ingest(&world.tenant, &revision(&world.supplier, "4500001", 1, "100")).await;
    world.app.settle().await;
    let sent = world.sent().await;
    assert_eq!(sent[0]["delivery"]["status"], "DELIVERED", "{sent}");
    let name = sent[0]["fileName"].as_str().unwrap();
    assert_eq!(world.peer.names("out"), [name]);
    let bytes = fs::read(world.peer.root().join("out").join(name)).unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), sent[0]["content"].as_str().unwrap());
    assert_eq!((world.peer.names("work"), world.peer.names("sent").len()), (vec![], 1));

    let done = world.peer.done();
    let position =
        |what: &str| done.iter().position(|did| did == what).unwrap_or_else(|| panic!("{what}: {done:#?}"));
    let written = position(&format!("open /out/{name}.tmp"));
    assert!(written < position(&format!("rename /out/{name}.tmp /out/{name}")), "{done:#?}");
    assert!(!done.contains(&format!("open /out/{name}")), "it is never written to by its name: {done:#?}");
    let logins = done.iter().filter(|did| *did == "login").count();
    assert_eq!(logins, 1, "one login for all of it: {done:#?}");

    // The partner takes it, and it does not come again.
    fs::remove_file(world.peer.root().join("out").join(name)).unwrap();
    world.settle_later().await;
    assert!(world.peer.names("out").is_empty());
}

#[tokio::test]
#[ignore = "needs asyncssh: scripts/sftp-peers"]
async fn sftp_peers_give_files_that_are_filed_taken_and_archived_once() {
    let world = World::start().await;
    world.app.settle().await;
    lay(&world.peer.root().join("in"), "850-1.edi", &order(1, "PO-1", &world.partner));
    lay(&world.peer.root().join("in"), "850-2.edi.tmp", &order(2, "PO-2", &world.partner));
    lay(&world.peer.root().join("in"), "note.txt", "not an interchange");
    world.settle_later().await;
    assert_eq!(world.orders().await, 1);
    assert_eq!(world.peer.filled(), ["archive/850-1.edi", "error/note.txt", "in/850-2.edi.tmp"]);
    lay(&world.peer.root().join("in"), "850-1 again.edi", &order(1, "PO-1", &world.partner));
    world.settle_later().await;
    let seen = world.app.inbound(&world.buyer).await;
    assert_eq!((world.orders().await, seen.len()), (1, 2), "the same bytes are one message: {seen:#?}");
    assert_eq!(world.peer.names("archive"), ["850-1 again.edi", "850-1.edi"]);
    let query = "query($id: ID!) { inboundFeeds(connectionId: $id) { name way failures error } }";
    let feeds = world.app.graphql(&world.buyer, query, json!({ "id": world.connection.to_string() })).await;
    let expected = json!([{ "name": "interchanges", "way": "POLL", "failures": 0, "error": null }]);
    assert_eq!(feeds.data()["inboundFeeds"], expected);
}

/// As the worker does: asks what it does not know, and sends again what did not happen.
async fn once_more(
    connector: &dyn Connector,
    http: &Http,
    delivery: &Delivery,
    first: &Result<(), DeliveryError>,
) {
    let found = connector.find(http, delivery).await.outcome.unwrap().is_some();
    match first {
        Ok(()) => assert!(found),
        Err(DeliveryError::Unconfirmed { .. }) if found => return,
        Err(DeliveryError::Unconfirmed { .. }) => {}
        Err(error) => {
            assert_eq!(error.word(), "retry", "{error}");
            assert!(!found, "said not to have happened: {error}");
        }
    }
    connector.deliver(http, delivery).await.outcome.unwrap();
}

#[tokio::test]
#[ignore = "needs asyncssh: scripts/sftp-peers"]
async fn sftp_peers_that_break_off_anywhere_get_a_file_once() {
    let (peer, http) = (Peer::start().await, http());
    let connector = peer.connector(&json!({ "private_key": peer.secret("key") }));
    connector.test(&http, &errand()).await.outcome.unwrap();
    let (mut unknown, text) = (0, order(1, "PO-1", "NORDHAVEN"));
    for done in [false, true] {
        for fetches in [false, true] {
            for step in 1.. {
                let delivery = delivery(text.as_bytes());
                let mut fetched = Vec::new();
                let mut fetch = || {
                    for name in peer.names("out").iter().filter(|name| !name.ends_with(".tmp")) {
                        let path = peer.root().join("out").join(name);
                        fetched.push(fs::read_to_string(&path).unwrap());
                        fs::remove_file(path).unwrap();
                    }
                };
                peer.plan(&json!({ "break_at": step, "done": done }));
                let first = connector.deliver(&http, &delivery).await.outcome.map(drop);
                if fetches {
                    fetch();
                }
                if peer.end_plan() {
                    assert_eq!(first, Ok(()), "step {step}");
                    assert!(step > 10, "only {step} steps were tried");
                    fetch();
                    break;
                }
                unknown += usize::from(matches!(first, Err(DeliveryError::Unconfirmed { .. })));
                once_more(&*connector, &http, &delivery, &first).await;
                fetch();
                connector.deliver(&http, &delivery).await.outcome.unwrap();
                fetch();
                assert_eq!(fetched, std::slice::from_ref(&text), "step {step}, done: {done}: {first:?}");
            }
        }
    }
    assert!(unknown >= 4, "the rename was never in doubt");
}

#[tokio::test]
#[ignore = "needs asyncssh: scripts/sftp-peers"]
async fn sftp_peers_that_break_off_anywhere_lose_no_file() {
    let (peer, http) = (Peer::start().await, http());
    let connector = peer.connector(&json!({ "private_key": peer.secret("key") }));
    connector.test(&http, &errand()).await.outcome.unwrap();
    for done in [false, true] {
        for step in 1.. {
            for name in ["a.edi", "b.edi"] {
                lay(&peer.root().join("in"), name, &order(step, name, "NORDHAVEN"));
            }
            let (mut on_file, mut cursor, mut ended) = (Vec::new(), None::<String>, false);
            peer.plan(&json!({ "break_at": step, "done": done }));
            for _ in 0..4 {
                for name in peer.names("archive") {
                    assert!(on_file.contains(&name), "{name} was archived before it was on file");
                }
                let Ok(page) = poll(&*connector, &http, cursor.as_deref()).await else { continue };
                let named = |document: &Inbound| match document {
                    Inbound::Interchange { name, .. } => name.clone(),
                    other => panic!("{other:?}"),
                };
                on_file.extend(page.documents.iter().map(named));
                cursor = page.cursor;
                ended = peer.end_plan() || ended;
            }
            on_file.sort();
            on_file.dedup();
            assert_eq!(on_file, ["a.edi", "b.edi"], "step {step}, done: {done}");
            assert_eq!(peer.filled(), ["archive/a.edi", "archive/b.edi"], "step {step}, done: {done}");
            fs::remove_dir_all(peer.root().join("archive")).unwrap();
            if ended {
                assert!(step > 6, "only {step} steps were tried");
                break;
            }
        }
    }
}

#[tokio::test]
#[ignore = "needs asyncssh: scripts/sftp-peers"]
async fn sftp_peers_that_refuse_are_tried_again_and_told_of() {
    let (peer, http) = (Peer::start().await, http());
    let connector = peer.connector(&json!({ "private_key": peer.secret("key") }));
    connector.test(&http, &errand()).await.outcome.unwrap();
    for (operation, code, about) in [
        ("open", 3, "does not permit"),
        // Its version of the protocol has no number of its own for these.
        ("write", 14, "may be full"),
        ("write", 4, "may be full"),
        ("close", 15, "may be full"),
        ("rename", 3, "does not permit"),
        ("rename", 4, "does not say why"),
    ] {
        let delivery = delivery(order(1, "PO-1", "NORDHAVEN").as_bytes());
        peer.plan(&json!({ "refuse": { operation: code } }));
        let error = connector.deliver(&http, &delivery).await.outcome.unwrap_err();
        assert_eq!(error.word(), "retry", "{operation} {code}: {error}");
        assert!(error.to_string().contains(about), "{operation} {code}: {error}");
        assert!(peer.names("out").iter().all(|name| name.ends_with(".tmp")), "nobody sees half of it");
        peer.end_plan();
        connector.deliver(&http, &delivery).await.outcome.unwrap();
        fs::remove_file(peer.root().join("out/850-1.edi")).unwrap();
    }
    // A server that cannot keep what it has through a power cut is used all the same.
    peer.plan(&json!({ "refuse": { "fsync": 8 } }));
    let delivery = delivery(order(1, "PO-1", "NORDHAVEN").as_bytes());
    connector.deliver(&http, &delivery).await.outcome.unwrap();
}

#[tokio::test]
#[ignore = "needs asyncssh: scripts/sftp-peers"]
async fn sftp_peers_have_folders_of_their_own_names() {
    let (peer, http) = (Peer::start().await, http());
    for folder in ["outbound", "inbound"] {
        fs::create_dir_all(peer.root().join(folder)).unwrap();
    }
    let connector = peer.connector(&json!({ "private_key": peer.secret("key"), "settle_seconds": 0,
        "folders": { "in": "outbound", "out": "inbound", "work": "inbound/.work", "sent": "inbound/.sent",
            "archive": "outbound/done", "error": "outbound/bad" } }));
    connector.test(&http, &errand()).await.outcome.unwrap();
    assert_eq!(names(&peer.root().join("outbound")), ["bad", "done"]);
    let text = order(1, "PO-1", "NORDHAVEN");
    connector.deliver(&http, &delivery(text.as_bytes())).await.outcome.unwrap();
    assert_eq!(fs::read_to_string(peer.root().join("inbound/850-1.edi")).unwrap(), text);
    lay(&peer.root().join("outbound"), "855.edi", &text);
    let page = poll(&*connector, &http, None).await.unwrap();
    assert_eq!(page.documents.len(), 1, "folders are no files: {page:?}");
    poll(&*connector, &http, page.cursor.as_deref()).await.unwrap();
    assert_eq!(names(&peer.root().join("outbound/done")), ["855.edi"]);

    // What is gone is made again, and a link is no file.
    fs::remove_dir_all(peer.root().join("outbound/done")).unwrap();
    std::os::unix::fs::symlink(peer.folder.join("key"), peer.root().join("outbound/link.edi")).unwrap();
    lay(&peer.root().join("outbound"), "856.edi", &text);
    let page = poll(&*connector, &http, None).await.unwrap();
    assert_eq!(page.documents.len(), 1);
    poll(&*connector, &http, page.cursor.as_deref()).await.unwrap();
    assert_eq!(names(&peer.root().join("outbound/done")), ["856.edi"]);
    // A file that is being written to is left alone.
    let young = peer.connector(&json!({ "private_key": peer.secret("key"), "settle_seconds": 60,
        "folders": { "in": "outbound", "out": "inbound" } }));
    lay(&peer.root().join("outbound"), "857.edi", &text);
    let file = fs::File::options().write(true).open(peer.root().join("outbound/857.edi")).unwrap();
    file.set_modified(SystemTime::now()).unwrap();
    assert!(poll(&*young, &http, None).await.unwrap().documents.is_empty());
}

/// Both sides of a server: what we put the partner takes, and the other way round.
async fn both_ways(config: &Value) {
    let with = |folders: Value| {
        let mut config = config.clone();
        config["folders"] = folders;
        config["settle_seconds"] = json!(0);
        quayside_connectors::build("edi-sftp", config).unwrap()
    };
    let (ours, http) = (with(json!({})), http());
    let theirs = with(json!({ "in": "out", "out": "in", "work": "their-work", "archive": "their-archive",
        "error": "their-error", "sent": "their-sent" }));
    for connector in [&ours, &theirs] {
        connector.test(&http, &errand()).await.outcome.unwrap();
    }
    let text = order(1, "PO-1", "NORDHAVEN").repeat(5_000);
    for (from, to) in [(&ours, &theirs), (&theirs, &ours)] {
        let delivery = delivery(text.as_bytes());
        assert_eq!(from.find(&http, &delivery).await.outcome, Ok(None));
        from.deliver(&http, &delivery).await.outcome.unwrap();
        assert!(from.find(&http, &delivery).await.outcome.unwrap().is_some());
        // Times on servers are whole seconds, and what was written in this one is not at rest yet.
        let later = Errand { at: chrono::Utc::now() + chrono::TimeDelta::seconds(2), ..errand() };
        let (source, codes) = (to.source().unwrap(), quayside_connectors::Codes::default());
        let page = source.poll(&http, &later, &codes, "interchanges", None).await.outcome.unwrap();
        let [Inbound::Interchange { name, content }] = page.documents.as_slice() else { panic!("{page:?}") };
        assert!(name == "850-1.edi" && content.bytes == text.as_bytes());
        let next = source.poll(&http, &later, &codes, "interchanges", page.cursor.as_deref()).await;
        assert!(next.outcome.unwrap().documents.is_empty());
        from.deliver(&http, &delivery).await.outcome.unwrap();
        let again = source.poll(&http, &later, &codes, "interchanges", page.cursor.as_deref()).await;
        assert!(again.outcome.unwrap().documents.is_empty(), "it was sent a second time");
    }
}

#[tokio::test]
#[ignore = "needs asyncssh: scripts/sftp-peers"]
async fn sftp_peers_carry_both_ways() {
    let peer = Peer::start().await;
    let mut config = peer.config();
    config["password"] = json!(PASSWORD);
    both_ways(&config).await;
}

/// By hand, with a server of your own that listens here: a file with the configuration and its secrets is named by
/// `QUAYSIDE_TEST_SFTP_CONFIG`.
#[tokio::test]
#[ignore = "needs a server of your own"]
async fn sftp_by_hand_carries_both_ways() {
    let path = std::env::var("QUAYSIDE_TEST_SFTP_CONFIG").expect("a file with a configuration");
    both_ways(&serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()).await;
}
