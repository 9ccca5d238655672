//! The log: read from its beginning, followed as it grows, and proved to be as it was written.
use std::collections::BTreeSet;

use quayside_canonical::TenantId;
use quayside_domain::audit::{self, Anchor, Wrong};
use serde_json::{Value, json};

use crate::support::{EventStream, Socket, Supplier, Tenant, TestApp, order};

const PAGE: &str = "query($first: Int!, $after: String, $types: [String!], $order: ID) {
    events(first: $first, after: $after, types: $types, orderId: $order) {
        nodes { id cursor type version subject purchaseOrderId actor channel correlationId occurredAt data }
        pageInfo { endCursor hasNextPage } } }";
const FOLLOW: &str = "subscription($after: String) { events(after: $after) { cursor type } }";

/// All that a caller sees of the log, page by page.
async fn all(app: &TestApp, token: &str) -> Vec<Value> {
    let (mut events, mut after) = (Vec::new(), Value::Null);
    loop {
        let reply = app.graphql(token, PAGE, json!({ "first": 3, "after": after })).await;
        let page = &reply.data()["events"];
        events.extend(page["nodes"].as_array().unwrap().iter().cloned());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            return events;
        }
    }
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_log_tells_each_side_what_it_may_know_in_order() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let order = app.placed(&tenant, &supplier).await;
    let answer = app.answer(&supplier, &order).await;
    app.settle().await;

    let seen = all(&app, &supplier.token).await;
    assert_eq!(types(&seen), ["purchase_order.released", "acknowledgment.submitted", "delivery.succeeded"]);
    let (released, submitted) = (&seen[0], &seen[1]);
    assert_eq!((&released["actor"], &released["channel"]), (&json!("buyer"), &json!("INGEST")));
    assert_eq!(released["subject"], order.as_str());
    assert_eq!((&submitted["subject"], &submitted["purchaseOrderId"]), (&json!(answer), &json!(order)));
    assert_eq!((&submitted["data"]["acknowledgment"], &submitted["version"]), (&json!(answer), &json!(1)));
    assert_eq!(submitted["occurredAt"], crate::support::START);
    assert!(submitted["actor"].as_str().unwrap().starts_with("tok_"), "one's own people are named");

    let whole = all(&app, &buyer.token).await;
    let (ids, own): (BTreeSet<_>, BTreeSet<_>) = (ids(&whole), ids(&seen));
    assert!(own.is_subset(&ids) && own.len() < ids.len(), "the buyer sees all of it, set-up included");
    assert!(types(&whole).contains(&"api_token.created"));

    let filters = json!({ "first": 10, "types": ["acknowledgment.submitted"], "order": order });
    let reply = app.graphql(&buyer.token, PAGE, filters).await;
    assert_eq!(types(reply.data()["events"]["nodes"].as_array().unwrap()), ["acknowledgment.submitted"]);
}

fn ids(events: &[Value]) -> BTreeSet<String> {
    events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

/// A reader by one way or the other.
enum Reader {
    Stream(EventStream),
    Socket(Box<Socket>),
}

impl Reader {
    async fn open(app: &TestApp, token: &str, after: &str, turn: usize) -> Self {
        let variables = json!({ "after": after });
        match turn % 2 {
            0 => Self::Stream(app.listen(token, FOLLOW, variables).await),
            _ => Self::Socket(Box::new(app.subscribe(Some(token), &[], FOLLOW, variables).await.unwrap())),
        }
    }

    async fn next(&mut self) -> String {
        let payload = match self {
            Self::Stream(stream) => stream.next().await.unwrap(),
            Self::Socket(socket) => socket.next().await,
        };
        let event = &payload["data"]["events"];
        event["cursor"].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned()
    }
}

#[tokio::test]
async fn a_reader_that_comes_again_misses_nothing_and_sees_nothing_twice() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, other) = (app.supplier(&tenant).await, app.supplier(&tenant).await);
    let first = app.placed(&tenant, &supplier).await;
    app.settle().await;
    let start = all(&app, &supplier.token).await.remove(0);
    assert_eq!(start["subject"], first.as_str());

    app.work_in_background();
    let (app, tenant) = (&app, &tenant);
    let writers = futures_util::future::join_all((0..4).map(|writer| {
        let supplier = if writer == 3 { &other } else { &supplier };
        async move {
            for _ in 0..12 {
                app.placed(tenant, supplier).await;
            }
        }
    }));
    let reading = async {
        let mut seen = vec![start["cursor"].as_str().unwrap().to_owned()];
        for turn in 0.. {
            let mut reader = Reader::open(app, &supplier.token, seen.last().unwrap(), turn).await;
            for _ in 0..5 {
                seen.push(reader.next().await);
                if seen.len() == 1 + 36 {
                    return seen;
                }
            }
        }
        unreachable!("it reads until it has seen all")
    };
    let (_, seen) = tokio::join!(writers, reading);
    let log = all(app, &supplier.token).await;
    let expected: Vec<_> = log.iter().map(|event| event["cursor"].as_str().unwrap()).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_cursor_of_another_tenant_is_no_cursor() {
    let app = TestApp::start().await;
    let (tenant, other) = (app.tenant().await, app.tenant().await);
    let (mine, theirs) = (app.buyer(&tenant).await, app.buyer(&other).await);
    app.settle().await;
    let foreign = all(&app, &theirs.token).await.remove(0)["cursor"].clone();
    for cursor in [foreign, json!("nonsense"), json!("")] {
        let reply = app.graphql(&mine.token, PAGE, json!({ "first": 1, "after": cursor })).await;
        assert_eq!(reply.error_code(), "BAD_USER_INPUT");
        let mut stream = app.listen(&mine.token, FOLLOW, json!({ "after": cursor })).await;
        let refusal = stream.next().await.unwrap();
        assert_eq!(refusal["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{refusal}");
        assert_eq!(stream.next().await, None);
    }
}

/// A tenant whose log has a few orders in it.
async fn busy_tenant(app: &TestApp) -> (Tenant, Supplier) {
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    for number in 0..5 {
        app.ingest(&tenant, &order(&supplier, &format!("45{number:08}"))).await;
    }
    app.settle().await;
    (tenant, supplier)
}

/// What is wrong in one tenant's log.
async fn wrong(app: &TestApp, tenant: TenantId, anchors: &[Anchor]) -> Vec<(i64, Wrong)> {
    let report = audit::verify(app.app.system(), anchors).await.unwrap();
    let own = report.findings.into_iter().filter(|finding| finding.tenant == tenant);
    own.map(|finding| (finding.position, finding.wrong)).collect()
}

#[tokio::test]
async fn what_is_done_to_the_log_behind_its_back_is_found() {
    let app = TestApp::start().await;
    let mut tenants = Vec::new();
    for _ in 0..5 {
        tenants.push(busy_tenant(&app).await.0.id);
    }
    let report = audit::verify(app.app.system(), &[]).await.unwrap();
    assert!(report.findings.is_empty() && report.tenants == 5 && report.events > 25, "{report:?}");
    let anchors = audit::anchor(app.app.system()).await.unwrap();

    let [changed, removed, reordered, cut, cut_with_its_head] = tenants[..] else { unreachable!() };
    let of = |tenant: TenantId| format!("tenant_id = {}", app.scratch().literal(tenant.0));
    let end = anchors.iter().find(|anchor| anchor.tenant == cut_with_its_head).unwrap().position;
    let tampering = [
        format!("update event set actor = 'system' where id =
            (select event_id from event_log where {} and position = {end})", of(changed)),
        format!("delete from event_log where {} and position = 3", of(removed)),
        format!("update event_log set position = -2 where {} and position = 2", of(reordered)),
        format!("update event_log set position = 2 where {} and position = 4", of(reordered)),
        format!("update event_log set position = 4 where {} and position = -2", of(reordered)),
        format!("delete from event_log where {} and position > 2", of(cut)),
        format!("delete from event_log where {} and position = {end}", of(cut_with_its_head)),
        format!("update event_head set position = {0}, hash = (select hash from event_log where {1} and position = {0})
            where {1}", end - 1, of(cut_with_its_head)),
        format!("delete from notice where {} and event_id not in (select event_id from event_log)", of(cut_with_its_head)),
        format!("delete from event where {} and id not in (select event_id from event_log)", of(cut_with_its_head)),
    ];
    app.scratch().tamper(&tampering.each_ref().map(String::as_str)).await;

    assert_eq!(wrong(&app, changed, &[]).await, [(end, Wrong::Changed)]);
    assert_eq!(wrong(&app, removed, &[]).await[0], (3, Wrong::Removed { until: 3 }));
    let moved = wrong(&app, reordered, &[]).await;
    assert!(moved.contains(&(2, Wrong::Reordered)) && moved.contains(&(4, Wrong::Reordered)), "{moved:?}");
    assert_eq!(wrong(&app, cut, &[]).await[0], (2, Wrong::CutOff { head: end }));
    assert_eq!(wrong(&app, cut_with_its_head, &[]).await, [], "nothing in the database tells");
    assert_eq!(wrong(&app, cut_with_its_head, &anchors).await, [(end, Wrong::AnchorDiffers)]);
}
