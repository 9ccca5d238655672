//! A drop folder, through the running application.
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use quayside_canonical::ConnectionId;
use serde_json::{Value, json};

use super::{FIRST, order, reached_by, transport};
use crate::support::{Supplier, Tenant, TestApp, mutation, scratch_folder};

/// Longer than a feed waits between polls.
const A_WHILE: Duration = Duration::from_secs(70);

struct World {
    app: TestApp,
    tenant: Tenant,
    supplier: Supplier,
    buyer: String,
    folder: PathBuf,
    connection: ConnectionId,
    partner: String,
}

impl World {
    async fn start() -> Self {
        let root = scratch_folder();
        let setting = format!("{FIRST}={}", root.display());
        let app = TestApp::with(&[("edi.folders", &setting)]).await;
        let tenant = app.tenant().await;
        assert_eq!(tenant.slug, FIRST);
        let supplier = app.supplier(&tenant).await;
        let buyer = app.buyer(&tenant).await.token;
        let folder = root.join("partner");
        fs::create_dir_all(folder.join("in")).unwrap();
        let connection = transport(&app, &tenant, "edi-folder", json!({ "folder": folder }), &[]).await;
        let partner = reached_by(&app, &supplier, connection).await;
        Self { app, tenant, supplier, buyer, folder, connection, partner }
    }

    fn drop_in(&self, name: &str, text: &str) {
        lay(&self.folder.join("in"), name, text);
    }

    fn names(&self, folder: &str) -> Vec<String> {
        names(&self.folder.join(folder))
    }

    async fn orders(&self) -> Value {
        let query = "{ purchaseOrders(first: 50) { nodes { number revision } } }";
        let reply = self.app.graphql(&self.buyer, query, json!({})).await;
        reply.data()["purchaseOrders"]["nodes"].clone()
    }

    /// What came in: name, status, outcome and first problem of each, last first.
    async fn inbound(&self) -> Vec<Value> {
        let all = self.app.inbound(&self.buyer).await;
        all.iter()
            .map(|message| {
                let document = &message["documents"][0];
                json!([
                    document["key"],
                    message["status"],
                    document["outcome"],
                    document["problems"][0]["code"]
                ])
            })
            .collect()
    }

    async fn settle_later(&self) {
        self.app.advance(A_WHILE);
        self.app.settle().await;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.folder.parent().unwrap());
    }
}

/// A file that has been lying there since long before the test's clock.
pub(super) fn lay(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)).unwrap();
}

/// The files of a folder, without our keys.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let name = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        name.split_once('~').map_or(name.clone(), |(_, name)| name.to_owned())
    };
    let mut names: Vec<_> = entries.map(|entry| name(entry.unwrap())).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_file_is_filed_taken_and_archived_and_its_copy_changes_nothing() {
    let world = World::start().await;
    world.drop_in("850-1.edi", &order(1, "PO-1", &world.partner));
    world.app.settle().await;
    assert_eq!(world.orders().await, json!([{ "number": "PO-1", "revision": 1 }]));
    assert_eq!((world.names("in"), world.names("archive")), (vec![], vec!["850-1.edi".to_owned()]));
    assert_eq!(world.inbound().await, [json!(["850-1.edi", "APPLIED", "RECORDED", null])]);

    world.drop_in("850-1 again.edi", &order(1, "PO-1", &world.partner));
    world.drop_in("850-2.edi", &order(2, "PO-2", &world.partner));
    world.settle_later().await;
    assert_eq!(world.orders().await.as_array().unwrap().len(), 2);
    assert_eq!(world.names("archive"), ["850-1 again.edi", "850-1.edi", "850-2.edi"]);
    assert_eq!(world.inbound().await.len(), 2, "the same bytes are one message");
    let feeds = world.app.graphql(
        &world.buyer,
        "query($id: ID!) { inboundFeeds(connectionId: $id) { name way failures error } }",
        json!({ "id": world.connection.to_string() }),
    );
    let expected = json!([{ "name": "interchanges", "way": "POLL", "failures": 0, "error": null }]);
    assert_eq!(feeds.await.data()["inboundFeeds"], expected);
}

#[tokio::test]
async fn a_file_from_nobody_is_on_file_and_taken_once_its_sender_is_known() {
    let world = World::start().await;
    world.drop_in("strange.edi", &order(1, "PO-1", "SOMEBODYELSE"));
    world.drop_in("note.txt", "not an interchange");
    world.app.settle().await;
    assert_eq!(world.orders().await, json!([]));
    assert_eq!(
        (world.names("archive"), world.names("error")),
        (vec!["strange.edi".into()], vec!["note.txt".into()])
    );
    let mut seen = world.inbound().await;
    seen.sort_by_key(Value::to_string);
    let expected = [
        json!(["note.txt", "REFUSED", "REFUSED", "NOT_EDI"]),
        json!(["strange.edi", "REFUSED", "REFUSED", "UNKNOWN_SENDER"]),
    ];
    assert_eq!(seen, expected);
    let query = "{ exceptions(first: 9, kind: DOCUMENT_REFUSED) { nodes { status } } }";
    let reply = world.app.graphql(&world.buyer, query, json!({})).await;
    assert_eq!(reply.data()["exceptions"]["nodes"].as_array().unwrap().len(), 2);

    let known = r#"[{"qualifier":"ZZ","id":"SOMEBODYELSE"}]"#;
    let supplier = world.app.scratch().literal(world.supplier.id.0);
    let sql = format!("update trading_partner set identifiers = '{known}' where supplier_id = {supplier}");
    world.app.scratch().tamper(&[&sql]).await;
    world.drop_in("strange again.edi", &order(1, "PO-1", "SOMEBODYELSE"));
    world.app.advance(A_WHILE);
    world.app.settle().await;
    assert_eq!(world.orders().await, json!([{ "number": "PO-1", "revision": 1 }]));
}

#[tokio::test]
async fn a_process_that_dies_after_it_took_a_file_loses_and_repeats_nothing() {
    let world = World::start().await;
    world.drop_in("850-1.edi", &order(1, "PO-1", &world.partner));
    let trigger = if world.app.scratch().is_postgres() {
        vec![
            "create function killed() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$",
            "create trigger killed before insert on inbound_message for each row execute function killed()",
        ]
    } else {
        vec![
            "create trigger killed before insert on inbound_message begin select raise(abort, 'killed'); end",
        ]
    };
    world.app.scratch().tamper(&trigger).await;
    world.app.settle().await;
    assert_eq!((world.names("work"), world.names("archive")), (vec!["850-1.edi".to_owned()], vec![]));
    assert_eq!(world.orders().await, json!([]));

    let drop = if world.app.scratch().is_postgres() {
        "drop trigger killed on inbound_message"
    } else {
        "drop trigger killed"
    };
    world.app.scratch().tamper(&[drop]).await;
    world.settle_later().await;
    assert_eq!(world.orders().await, json!([{ "number": "PO-1", "revision": 1 }]));
    assert_eq!((world.names("work"), world.names("archive")), (vec![], vec!["850-1.edi".to_owned()]));
}

#[tokio::test]
async fn a_folder_that_is_not_the_tenants_is_refused_when_it_is_saved() {
    let world = World::start().await;
    let other = world.app.tenant().await;
    let admin = world.app.buyer(&other).await.token;
    let create = mutation("createConnection", "CreateConnectionInput", "connection { id }");
    let input = |folder: &Path, key: &str| {
        json!({ "input": { "kind": "edi-folder", "name": "EDI", "environment": "TEST", "config": { "folder": folder },
            "receives": { "eventTypes": ["interchange.composed"] }, "secrets": [], "idempotencyKey": key } })
    };
    for (token, folder, fits) in [
        (&admin, world.folder.clone(), false),
        (&world.buyer, world.folder.join("../../etc"), false),
        (&world.buyer, PathBuf::from("/etc"), false),
        (&world.buyer, world.folder.clone(), true),
    ] {
        let reply = world.app.graphql(token, &create, input(&folder, &world.app.number().to_string())).await;
        let errors = &reply.data()["createConnection"]["userErrors"];
        let expected = if fits { json!(null) } else { json!("ENDPOINT_FORBIDDEN") };
        assert_eq!(errors[0]["code"], expected, "{}: {}", folder.display(), reply.body);
    }
    assert_ne!(world.tenant.slug, other.slug);
}
