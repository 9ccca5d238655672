//! What can be seen when all is over: the log, the books of ERP and WMS, what readers saw, what was published.
use std::{collections::BTreeSet, time::Duration};

use async_nats::jetstream;
use futures_util::StreamExt;
use quayside_simulator::{Document, Report, Statement, StatementReport};
use serde_json::{Value, json};

use crate::{
    load::{Api, Journal},
    readers::{Readers, Seen},
    world::{Drained, World, count},
};

const LOG: &str = "query($after: String) { events(first: 100, after: $after) {
    nodes { id cursor type subject purchaseOrderId } pageInfo { hasNextPage endCursor } } }";
/// How long readers may need for what is in the log already.
const READERS: Duration = Duration::from_secs(30);

/// One event of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logged {
    pub(crate) id: String,
    pub(crate) cursor: String,
    pub(crate) event_type: String,
    pub(crate) subject: String,
    pub(crate) order: Option<String>,
}

/// What a receiver has.
#[derive(Clone, Debug)]
pub(crate) struct Books {
    pub(crate) documents: Vec<Document>,
    pub(crate) report: Report,
    /// Events whose delivery the receiver confirmed, and which it does not have in its books.
    pub(crate) missing: BTreeSet<String>,
}

/// Everything the verdict is based on.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    pub(crate) journal: Journal,
    pub(crate) log: Vec<Logged>,
    pub(crate) erp: Books,
    pub(crate) wms: Books,
    /// Events whose delivery Quayside itself found missing when it read back.
    pub(crate) found_missing: BTreeSet<String>,
    /// Exceptions that tell people of them.
    pub(crate) exceptions: i64,
    pub(crate) receipts: Vec<Statement>,
    pub(crate) statements: StatementReport,
    pub(crate) seen: Vec<Seen>,
    /// Ids in the stream, in its order.
    pub(crate) published: Vec<String>,
    pub(crate) drained: Drained,
    /// The event log's rows, asked of the database itself.
    pub(crate) places: i64,
    /// What `quayside audit verify` and `quayside ledger verify` said, if they found something.
    pub(crate) audit: Result<String, String>,
    pub(crate) ledger: Result<String, String>,
}

/// Looks at everything.
pub(crate) async fn gather(world: &World, journal: Journal, readers: Readers, drained: Drained) -> Evidence {
    let log = log(&world.buyer()).await;
    let last = log.last().map(|event| event.cursor.clone()).unwrap_or_default();
    let seen = readers.end(&last, READERS).await;
    let db = world.database().await;
    let places = count(&db, "select count(*) from event_log").await;
    let delivered = "select c.name || ' ' || d.event_id::text \
        from delivery d join connection c on c.id = d.connection_id where d.status in ('DELIVERED', 'MISSING')";
    let delivered = texts(&db, delivered).await;
    let missing = texts(&db, "select event_id::text from delivery where status = 'MISSING'").await;
    let exceptions = "select count(*) from exception_case where kind = 'DELIVERY_MISSING'";
    let exceptions = count(&db, exceptions).await;
    db.close().await.unwrap();
    let statements = world.wms.report().statements;
    Evidence {
        journal,
        log,
        erp: books("ERP", world.erp.documents(), world.erp.report(), &delivered),
        wms: books("WMS", world.wms.documents(), world.wms.report().events, &delivered),
        found_missing: missing.iter().map(|event| bare(event)).collect(),
        exceptions,
        receipts: world.wms.receipts(),
        statements,
        seen,
        published: published(&world.nats_url).await,
        drained,
        places,
        audit: verify(world, &["audit", "verify"]),
        ledger: verify(world, &["ledger", "verify"]),
    }
}

/// Every delivery that the receiver confirmed is looked up in its books.
fn books(name: &str, documents: Vec<Document>, report: Report, delivered: &[String]) -> Books {
    let booked: BTreeSet<String> = documents.iter().map(|document| bare(&document.event_id)).collect();
    let missing = delivered.iter().filter_map(|line| {
        let (connection, event) = line.split_once(' ')?;
        (connection == name).then(|| bare(event)).filter(|event| !booked.contains(event))
    });
    let missing = missing.collect();
    Books { documents, report, missing }
}

/// An id without its prefix and hyphens, as all books have it.
pub(crate) fn bare(id: &str) -> String {
    id.rsplit_once('_').map_or(id, |(_, id)| id).replace('-', "")
}

async fn texts(db: &sea_orm::DatabaseConnection, sql: &str) -> Vec<String> {
    use sea_orm::ConnectionTrait;
    let statement = sea_orm::Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

async fn log(buyer: &Api) -> Vec<Logged> {
    let (mut events, mut after) = (Vec::new(), Value::Null);
    loop {
        let data = buyer.graphql(LOG, json!({ "after": after })).await.expect("nobody is killed any more");
        let page = &data["events"];
        events.extend(page["nodes"].as_array().into_iter().flatten().map(read));
        if page["pageInfo"]["hasNextPage"] != true {
            return events;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

fn read(node: &Value) -> Logged {
    let text = |name: &str| node[name].as_str().unwrap_or_default().to_owned();
    Logged {
        id: text("id"),
        cursor: text("cursor"),
        event_type: text("type"),
        subject: text("subject"),
        order: node["purchaseOrderId"].as_str().map(str::to_owned),
    }
}

/// The whole stream, as one of the tenant's other systems would read it.
async fn published(url: &str) -> Vec<String> {
    let jetstream = jetstream::new(async_nats::connect(url).await.unwrap());
    let mut stream = jetstream.get_stream("QUAYSIDE").await.unwrap();
    let count = stream.info().await.unwrap().state.messages;
    let consumer = stream
        .create_consumer(jetstream::consumer::pull::Config {
            ack_policy: jetstream::consumer::AckPolicy::None,
            ..Default::default()
        })
        .await
        .unwrap();
    let mut messages = consumer.messages().await.unwrap();
    let mut ids = Vec::new();
    while (ids.len() as u64) < count {
        let next = tokio::time::timeout(Duration::from_secs(10), messages.next());
        let message = next.await.expect("the stream has as much as it says").unwrap().unwrap();
        let event: Value = serde_json::from_slice(&message.payload).unwrap();
        ids.push(event["id"].as_str().unwrap().to_owned());
    }
    ids
}

fn verify(world: &World, command: &[&str]) -> Result<String, String> {
    let output = world.nodes[0].command(command).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() { Ok(said) } else { Err(said) }
}
