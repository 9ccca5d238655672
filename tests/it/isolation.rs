//! Nobody sees another tenant's or another supplier's anything: not yours reads exactly as not there.
//!
//! Every root field is in one of the tables below, and every address in another: a new one without a place there
//! fails the build.
use std::collections::BTreeSet;

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use quayside_simulator::Behaviour;
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use serde_json::{Value, json};

use crate::support::{Reply, Session, Supplier, Tenant, TestApp, mutation, number_of, order, texts_of};

/// Fields that take an id, or another name of a thing: (field, document, thing, whose it is to use).
/// Asked for a stranger's thing they answer as for one that is not there.
const BY_NAME: &[(&str, &str, Thing, Side)] = &[
    ("node", "query($id: ID!) { node(id: $id) { id } }", Thing::Order, Side::Both),
    (
        "node",
        "query($id: ID!) { node(id: $id) { id ... on Acknowledgment { deliveries { id } } } }",
        Thing::Answer,
        Side::Both,
    ),
    ("nodes", "query($id: ID!) { nodes(ids: [$id]) { id } }", Thing::Order, Side::Both),
    ("nodes", "query($id: ID!) { nodes(ids: [$id]) { id } }", Thing::Answer, Side::Both),
    ("purchaseOrder", "query($id: ID!) { purchaseOrder(id: $id) { id } }", Thing::Order, Side::Both),
    ("purchaseOrder", "query($id: String!) { purchaseOrder(number: $id) { id } }", Thing::Number, Side::Both),
    (
        "purchaseOrders",
        "query($id: String!) { purchaseOrders(first: 5, filter: { number: $id }) { totalCount nodes { id } pageInfo { hasNextPage } } }",
        Thing::Number,
        Side::Both,
    ),
    (
        "purchaseOrders",
        "query($id: ID!) { purchaseOrders(first: 5, filter: { supplierId: $id }) { totalCount nodes { id } } }",
        Thing::Supplier,
        Side::Both,
    ),
    (
        "events",
        "query($id: ID!) { events(first: 5, orderId: $id) { nodes { id } pageInfo { endCursor hasNextPage } } }",
        Thing::Order,
        Side::Both,
    ),
    (
        "submitAcknowledgment",
        "mutation($id: ID!) { submitAcknowledgment(input: { purchaseOrderId: $id, revision: 1, lines: [], idempotencyKey: \"k\" }) { acknowledgment { id } changes { fields { line } } userErrors { code field message } } }",
        Thing::Order,
        Side::Supplier,
    ),
    (
        "submitAcknowledgment",
        "mutation($id: ID!) { submitAcknowledgment(input: { purchaseOrderId: $id, revision: 9, lines: [], validateOnly: true }) { changes { fields { line } } userErrors { code field message } } }",
        Thing::Order,
        Side::Supplier,
    ),
    (
        "acceptPurchaseOrder",
        "mutation($id: ID!) { acceptPurchaseOrder(input: { purchaseOrderId: $id, revision: 1, idempotencyKey: \"k\" }) { acknowledgment { id } userErrors { code field message } } }",
        Thing::Order,
        Side::Supplier,
    ),
    (
        "acceptChangeProposal",
        "mutation($id: ID!) { acceptChangeProposal(input: { id: $id, idempotencyKey: \"k\" }) { decided purchaseOrder { id } userErrors { code field message } } }",
        Thing::Proposal,
        Side::Buyer,
    ),
    (
        "declineChangeProposal",
        "mutation($id: ID!) { declineChangeProposal(input: { id: $id, validateOnly: true }) { decided purchaseOrder { id } userErrors { code field message } } }",
        Thing::Proposal,
        Side::Buyer,
    ),
    (
        "redriveDelivery",
        "mutation($id: ID!) { redriveDelivery(input: { id: $id, idempotencyKey: \"k\" }) { status userErrors { code field message } } }",
        Thing::Delivery,
        Side::Buyer,
    ),
    (
        "skipDelivery",
        "mutation($id: ID!) { skipDelivery(input: { id: $id, reason: \"r\", idempotencyKey: \"k\" }) { status userErrors { code field message } } }",
        Thing::Delivery,
        Side::Buyer,
    ),
    (
        "revokeApiToken",
        "mutation($id: ID!) { revokeApiToken(input: { id: $id, idempotencyKey: \"k\" }) { apiToken { id } userErrors { code field message } } }",
        Thing::Token,
        Side::Supplier,
    ),
    (
        "switchMembership",
        "mutation($id: ID!) { switchMembership(input: { membershipId: $id }) { memberships { id } userErrors { code field message } } }",
        Thing::Membership,
        Side::Supplier,
    ),
];

/// Fields that list things: a stranger's list holds none of them.
const LISTS: &[(&str, &str)] = &[
    (
        "purchaseOrders",
        "{ purchaseOrders(first: 100) { totalCount nodes { id number supplier { id } revisions { number } acknowledgments { id changeProposals { id } deliveries { id } } } } }",
    ),
    ("changeProposals", "{ changeProposals(first: 100) { nodes { id purchaseOrderId acknowledgmentId } } }"),
    ("exceptions", "{ exceptions(first: 100) { nodes { id subject purchaseOrderId summary detail } } }"),
    ("events", "{ events(first: 100) { nodes { id subject purchaseOrderId data } } }"),
    ("viewer", "{ viewer { user { id email } memberships { id tenant supplierId } } }"),
];

/// Fields that name nothing and list nothing: they concern the caller. `identity.rs` tests them.
const OF_THE_CALLER: &[&str] = &["signIn", "signOut", "createApiToken"];

/// Every address, and what keeps strangers out of it.
const ADDRESSES: &[(&str, &str)] = &[
    ("/", "tells nothing of anybody"),
    ("/livez", "tells nothing of anybody"),
    ("/readyz", "tells nothing of anybody"),
    ("/metrics", "counts without naming anybody"),
    ("/graphql", "the tables above"),
    ("/graphql/schema.graphql", "tells nothing of anybody"),
    ("/ingest/v1/openapi.json", "tells nothing of anybody"),
    ("/ingest/v1/purchase-orders", "what_the_erp_hands_in_stays_with_its_tenant"),
    ("/edi/v1/interchanges", "each_entrance_takes_its_own_tokens_only"),
];

/// A kind of thing that can be asked for.
#[derive(Clone, Copy, Debug)]
enum Thing {
    Order,
    Number,
    Answer,
    Proposal,
    Delivery,
    Supplier,
    Token,
    Membership,
}

/// Who may use a field on a thing of their own.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Supplier,
    Buyer,
    Both,
}

/// A supplier with one of everything, and those it does not concern.
struct World {
    app: TestApp,
    tenant: Tenant,
    other_tenant: Tenant,
    supplier: Supplier,
    number: String,
    order: String,
    answer: String,
    proposal: String,
    delivery: String,
    token: String,
    membership: String,
    owner: Session,
    buyer: Session,
    strangers: Vec<(&'static str, Option<Session>)>,
    neighbour: Supplier,
    foreigner: Supplier,
}

impl World {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let (tenant, other_tenant) = (app.tenant().await, app.tenant().await);
        let (supplier, neighbour) = (app.supplier(&tenant).await, app.supplier(&tenant).await);
        let foreigner = app.supplier(&other_tenant).await;
        let number = "4500099999".to_owned();
        let reply = app.ingest(&tenant, &order(&supplier, &number)).await;
        let order = reply.body["order"].as_str().unwrap().to_owned();
        let (buyer, foreign_buyer) = (app.buyer(&tenant).await, app.buyer(&other_tenant).await);
        let owner = app.sign_in(&supplier.email).await;
        let (answer, proposal) = over_tolerance(&app, &supplier, &order).await;
        app.spoil(Behaviour::Err400);
        app.settle().await;
        let delivery = app.delivery(&supplier.token, &answer).await["id"].as_str().unwrap().to_owned();
        let (token, membership) = own_ids(&app, &owner).await;
        let strangers = vec![
            ("another supplier of the tenant", Some(app.sign_in(&neighbour.email).await)),
            ("a supplier of another tenant", Some(app.sign_in(&foreigner.email).await)),
            ("the buyer of another tenant", Some(app.sign_in(&foreign_buyer.email).await)),
            ("nobody we know", None),
        ];
        let buyer = app.sign_in(&buyer.email).await;
        Self {
            app,
            tenant,
            other_tenant,
            supplier,
            number,
            order,
            answer,
            proposal,
            delivery,
            token,
            membership,
            owner,
            buyer,
            strangers,
            neighbour,
            foreigner,
        }
    }

    fn name_of(&self, thing: Thing) -> String {
        match thing {
            Thing::Order => self.order.clone(),
            Thing::Number => self.number.clone(),
            Thing::Answer => self.answer.clone(),
            Thing::Proposal => self.proposal.clone(),
            Thing::Delivery => self.delivery.clone(),
            Thing::Supplier => self.supplier.id.to_string(),
            Thing::Token => self.token.clone(),
            Thing::Membership => self.membership.clone(),
        }
    }

    /// A reply, with the name that was asked for taken out.
    async fn ask(&self, session: Option<&Session>, document: &str, name: &str) -> String {
        let origin = self.app.url("");
        let mut headers = vec![("x-request-id", "one-of-many"), ("origin", origin.as_str())];
        headers.extend(session.map(|session| ("cookie", session.cookie.as_str())));
        let reply = self.app.graphql_with("", document, json!({ "id": name }), &headers).await;
        reply.text().replace(name, "NAME")
    }
}

/// An answer that procurement has to decide about: its id and its proposal's.
async fn over_tolerance(app: &TestApp, supplier: &Supplier, order: &str) -> (String, String) {
    let query = mutation(
        "submitAcknowledgment",
        "SubmitAcknowledgmentInput",
        "acknowledgment { id changeProposals { id } }",
    );
    let late = json!([{ "line": "00010", "parts": [{ "kind": "ACCEPTED", "quantity": "100", "promisedOn": "2027-01-10" }] }]);
    let input = json!({ "purchaseOrderId": order, "revision": 1, "lines": late, "idempotencyKey": "late" });
    let reply = app.graphql(&supplier.token, &query, json!({ "input": input })).await;
    let answer = &reply.data()["submitAcknowledgment"]["acknowledgment"];
    let text = |id: &Value| id.as_str().unwrap().to_owned();
    (text(&answer["id"]), text(&answer["changeProposals"][0]["id"]))
}

/// The ids of a token and of the place of whoever is signed in.
async fn own_ids(app: &TestApp, session: &Session) -> (String, String) {
    let query = mutation("createApiToken", "CreateApiTokenInput", "apiToken { id }");
    let input = json!({ "input": { "name": "mine", "scopes": ["ORDERS_READ"], "idempotencyKey": "t" } });
    let made = app.browse(session, &query, input).await;
    let seen = app.browse(session, "{ viewer { memberships { id } } }", json!({})).await;
    let text = |id: &Value| id.as_str().unwrap().to_owned();
    (
        text(&made.data()["createApiToken"]["apiToken"]["id"]),
        text(&seen.data()["viewer"]["memberships"][0]["id"]),
    )
}

/// A name of the same kind that nothing has.
fn nothing_like(name: &str) -> String {
    match name.split_once('_') {
        Some((prefix, _)) => format!("{prefix}_{}", uuid::Uuid::now_v7().simple()),
        None => "4500088888".to_owned(),
    }
}

#[tokio::test]
async fn what_is_not_yours_reads_as_what_is_not_there() {
    let world = World::start().await;
    for (field, document, thing, _) in BY_NAME {
        let name = world.name_of(*thing);
        for (who, session) in &world.strangers {
            let theirs = world.ask(session.as_ref(), document, &name).await;
            let nothing = world.ask(session.as_ref(), document, &nothing_like(&name)).await;
            assert_eq!(theirs, nothing, "{who} can tell {thing:?} apart by {field}");
        }
    }
    // The comparison would notice: to whom it belongs, it does not read so.
    for (field, document, thing, side) in BY_NAME {
        let name = world.name_of(*thing);
        for (session, own) in [(&world.owner, Side::Supplier), (&world.buyer, Side::Buyer)] {
            if *side == Side::Both || *side == own {
                let nothing = world.ask(Some(session), document, &nothing_like(&name)).await;
                let mine = world.ask(Some(session), document, &name).await;
                assert_ne!(mine, nothing, "{field} does not work on {thing:?}");
            }
        }
    }
}

#[tokio::test]
async fn another_answer_cannot_be_replaced_or_probed_for() {
    let world = World::start().await;
    let order = world.app.placed(&world.tenant, &world.neighbour).await;
    let session = world.strangers[0].1.as_ref();
    let document = format!(
        "mutation($id: ID!) {{ submitAcknowledgment(input: {{ purchaseOrderId: \"{order}\", revision: 1, validateOnly: true,
            lines: [{{ line: \"00010\", replaces: $id, parts: [{{ kind: ACCEPTED, quantity: \"100\" }}] }}] }}) {{ userErrors {{ code field message }} }} }}"
    );
    let theirs = world.ask(session, &document, &world.answer).await;
    let nothing = world.ask(session, &document, &nothing_like(&world.answer)).await;
    assert_eq!(theirs, nothing);
    assert!(theirs.contains("STALE_ANSWER"), "{theirs}");
}

#[tokio::test]
async fn no_list_holds_what_is_not_yours() {
    let world = World::start().await;
    let mine = [
        &world.order,
        &world.answer,
        &world.proposal,
        &world.delivery,
        &world.token,
        &world.number,
        &world.membership,
        &world.supplier.email,
        &world.supplier.id.to_string(),
    ];
    for (field, document) in LISTS {
        for (who, session) in &world.strangers {
            let seen = world.ask(session.as_ref(), document, "no name").await;
            let leaked: Vec<_> = mine.iter().filter(|name| seen.contains(name.as_str())).collect();
            assert!(leaked.is_empty(), "{who} finds {leaked:?} in {field}");
        }
        let seen = [
            world.ask(Some(&world.owner), document, "no name").await,
            world.ask(Some(&world.buyer), document, "no name").await,
        ];
        let found = |name: &&&String| seen.iter().any(|seen| seen.contains(name.as_str()));
        assert!(mine.iter().find(found).is_some(), "{field} does not work");
    }
}

#[tokio::test]
async fn no_stream_tells_of_what_is_not_yours() {
    let world = World::start().await;
    let app = &world.app;
    let foreign_buyer = app.buyer(&world.other_tenant).await;
    let query = "subscription { events { type subject purchaseOrderId } }";
    let mut streams = Vec::new();
    for token in [&world.neighbour.token, &world.foreigner.token, &foreign_buyer.token] {
        app.settle().await;
        streams.push(app.listen(token, query, json!({})).await);
    }
    app.answer_line(&world.supplier, &world.order, "00020").await;
    app.settle().await;
    let neighbours = app.placed(&world.tenant, &world.neighbour).await;
    let foreigners = app.placed(&world.other_tenant, &world.foreigner).await;
    app.settle().await;
    for (stream, own) in streams.iter_mut().zip([&neighbours, &foreigners, &foreigners]) {
        let event = stream.next().await.unwrap()["data"]["events"].clone();
        let expected = json!({ "type": "purchase_order.released", "subject": own, "purchaseOrderId": own });
        assert_eq!(event, expected, "the first that is heard is one's own");
    }
}

#[tokio::test]
async fn what_the_erp_hands_in_stays_with_its_tenant() {
    let world = World::start().await;
    let app = &world.app;
    let mut replies = Vec::new();
    for supplier in [world.supplier.number.as_str(), "V-nobody"] {
        let mut document = order(&world.foreigner, "4500000001");
        document["supplier"] = json!(supplier);
        let reply = app.ingest(&world.other_tenant, &document).await;
        assert_eq!(reply.body["problems"][0]["code"], "UNKNOWN_SUPPLIER");
        replies.push(reply.text().replace(supplier, "NAME"));
    }
    assert_eq!(replies[0], replies[1]);

    let same_number = app.ingest(&world.other_tenant, &order(&world.foreigner, &world.number)).await;
    assert_eq!(
        (same_number.status, &same_number.body["outcome"]),
        (201, &json!("CREATED")),
        "numbers are each tenant's own"
    );
    assert_ne!(same_number.body["order"], world.order.as_str());
    let seen = world.ask(Some(&world.owner), BY_NAME[4].1, &world.order).await;
    assert!(seen.contains("NAME"), "{seen}");

    let moved = app.ingest(&world.tenant, &order(&world.neighbour, &world.number)).await;
    assert_ne!(moved.body["outcome"], "REVISED", "an order does not change hands: {}", moved.body);
    let seen = world.ask(world.strangers[0].1.as_ref(), BY_NAME[4].1, &world.order).await;
    assert!(!seen.contains("NAME"), "{seen}");
}

#[tokio::test]
async fn each_entrance_takes_its_own_tokens_only() {
    let world = World::start().await;
    let app = &world.app;
    let (ingest, edi) = ("/ingest/v1/purchase-orders", "/edi/v1/interchanges");
    let attempts = [
        (ingest, &world.supplier.token),
        (ingest, &world.supplier.edi_token),
        (edi, &world.supplier.token),
        (edi, &world.tenant.ingest_token),
    ];
    for (path, token) in attempts {
        let request = app.http.post(app.url(path)).bearer_auth(token).json(&order(&world.supplier, "1"));
        let reply = Reply::read(request.send().await.unwrap()).await;
        assert_eq!((reply.status, &reply.body["code"]), (403, &json!("FORBIDDEN")), "{path}");
    }
    for token in [&world.tenant.ingest_token, &world.supplier.edi_token] {
        let reply = app.graphql(token, "{ viewer { permissions } }", json!({})).await;
        assert_eq!((reply.status, reply.error_code()), (401, "UNAUTHENTICATED"));
    }
}

#[test]
fn every_root_field_has_its_place_in_the_tables() {
    let schema = parse_schema(quayside_graphql::sdl()).unwrap();
    let roots = ["Query", "Mutation", "EventSubscription"];
    let mut fields = BTreeSet::new();
    for definition in schema.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let definition = definition.node;
        if let (true, TypeKind::Object(object)) =
            (roots.contains(&definition.name.node.as_str()), definition.kind)
        {
            fields.extend(object.fields.into_iter().map(|field| field.node.name.node.to_string()));
        }
    }
    assert!(fields.contains("submitAcknowledgment") && fields.contains("events"));
    let named = BY_NAME.iter().map(|(field, ..)| *field).chain(LISTS.iter().map(|(field, _)| *field));
    let covered: BTreeSet<String> = named.chain(OF_THE_CALLER.iter().copied()).map(str::to_owned).collect();
    assert_eq!(fields, covered, "left: the schema; right: the tables of this module");
}

#[test]
fn every_address_has_its_place_in_the_table() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut addresses = BTreeSet::new();
    for file in ["app/routes.rs", "web/graphql/mod.rs"] {
        let source = std::fs::read_to_string(root.join(file)).unwrap();
        let routes = source.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        addresses.extend(routes);
    }
    let covered: BTreeSet<String> = ADDRESSES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(addresses, covered, "left: the routes; right: the table of this module");
}

/// Tables of tenants, in PostgreSQL.
const TENANT_TABLES: &str = "select c.table_name::text from information_schema.columns c
    join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and c.column_name = 'tenant_id' and t.table_type = 'BASE TABLE'";

/// A connection as the application has it.
async fn as_the_application(world: &World) -> DatabaseConnection {
    let db = world.app.scratch().owner().await;
    db.execute_unprepared("set role quayside_app").await.unwrap();
    db
}

#[tokio::test]
async fn postgres_shows_the_application_one_tenant_at_a_time_whatever_it_asks() {
    let world = World::start().await;
    if !world.app.scratch().is_postgres() {
        return;
    }
    let db = as_the_application(&world).await;
    let tables = texts_of(&db, TENANT_TABLES).await;
    assert!(tables.len() > 20, "{tables:?}");
    for table in tables.iter().chain([&"tenant".to_owned()]) {
        let rows = number_of(&db, &format!("select count(*) from {table}")).await;
        assert_eq!(rows, 0, "{table}, without a tenant");
    }
    let (here, there) = (world.tenant.id.0, world.other_tenant.id.0);
    for (tenant, other) in [(here, there), (there, here)] {
        let tx = db.begin().await.unwrap();
        tx.execute_unprepared(&format!("set local quayside.tenant = '{tenant}'")).await.unwrap();
        for table in &tables {
            let rows =
                number_of(&tx, &format!("select count(*) from {table} where tenant_id <> '{tenant}'")).await;
            assert_eq!(rows, 0, "{table}");
        }
        assert!(number_of(&tx, "select count(*) from event").await > 0, "its own it sees");
        let theft = format!("update supplier set name = 'mine' where tenant_id = '{other}'");
        assert_eq!(tx.execute_unprepared(&theft).await.unwrap().rows_affected(), 0);
        let gift = format!(
            "insert into supplier_group (id, tenant_id, name, policy) values (gen_random_uuid(), '{other}', 'x', '{{}}')"
        );
        let refused = tx.execute_unprepared(&gift).await.unwrap_err().to_string();
        assert!(refused.contains("row-level security"), "{refused}");
        tx.rollback().await.unwrap();
    }
    let rows = number_of(&db, "select count(*) from event").await;
    assert_eq!(rows, 0, "a connection forgets its tenant with the transaction");
    db.close().await.unwrap();
}

#[tokio::test]
async fn postgres_does_not_let_the_application_change_what_happened() {
    let world = World::start().await;
    if !world.app.scratch().is_postgres() {
        return;
    }
    let db = as_the_application(&world).await;
    let history = [
        "event",
        "event_log",
        "delivery_attempt",
        "purchase_order_revision",
        "purchase_order_line",
        "acknowledgment",
        "acknowledgment_part",
    ];
    for table in history {
        for change in [format!("update {table} set tenant_id = tenant_id"), format!("delete from {table}")] {
            let refused = db.execute_unprepared(&change).await.unwrap_err().to_string();
            assert!(refused.contains("permission denied"), "{change}: {refused}");
        }
    }
    for statement in [
        "select * from app_user",
        "select * from session",
        "drop table event",
        "create table x (y int)",
        "alter table event disable row level security",
        "insert into event_log select * from event_log",
    ] {
        assert!(db.execute_unprepared(statement).await.is_err(), "{statement}");
    }
    db.close().await.unwrap();
}

#[tokio::test]
async fn postgres_forces_its_wall_around_every_table_of_a_tenant() {
    let world = World::start().await;
    if !world.app.scratch().is_postgres() {
        return;
    }
    let owner = world.app.scratch().owner().await;
    let open =
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
        and relname in (select table_name from information_schema.columns where column_name = 'tenant_id')
        and not (relrowsecurity and relforcerowsecurity)";
    assert_eq!(texts_of(&owner, open).await, Vec::<String>::new());
    for role in ["quayside_app", "quayside_worker"] {
        let owned = format!("select relname::text from pg_class where relowner = '{role}'::regrole");
        assert_eq!(texts_of(&owner, &owned).await, Vec::<String>::new(), "{role} owns nothing");
        let rights = format!(
            "select count(*) from pg_roles where rolname = '{role}' and (rolsuper or rolbypassrls or rolcreaterole or rolcanlogin)"
        );
        assert_eq!(number_of(&owner, &rights).await, 0, "{role} has no rights of its own");
    }
    owner.close().await.unwrap();
}
