//! On the way to the ERP: what goes wrong there, and what becomes of it.
use std::time::Duration;

use quayside_canonical::{identity::Permission, states::Environment};
use quayside_domain::{
    connections,
    deliveries::resume_connection,
    identity::Secret,
    scope::{Origin, Scope, Standing},
};
use quayside_simulator::{Behaviour, Fault, Report};
use serde_json::{Value, json};

use crate::support::{ERP_SECRET, Supplier, Tenant, TestApp, mutation};

/// Longer than the wait after a first attempt can be.
const FIRST_WAIT: Duration = Duration::from_secs(2);

struct World {
    app: TestApp,
    tenant: Tenant,
    supplier: Supplier,
    buyer: String,
}

impl World {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let tenant = app.tenant().await;
        let supplier = app.supplier(&tenant).await;
        let buyer = app.buyer(&tenant).await.token;
        Self { app, tenant, supplier, buyer }
    }

    /// An answer to an order of its own.
    async fn answer(&self) -> String {
        let order = self.app.placed(&self.tenant, &self.supplier).await;
        self.app.answer(&self.supplier, &order).await
    }

    async fn status(&self, answer: &str) -> String {
        self.seen(answer).await["status"].as_str().unwrap().to_owned()
    }

    /// The delivery of an answer, as its supplier sees it.
    async fn seen(&self, answer: &str) -> Value {
        self.app.delivery(&self.supplier.token, answer).await
    }

    async fn exceptions(&self, kind: &str) -> Value {
        let query =
            "query($kind: ExceptionKind) { exceptions(first: 10, kind: $kind) { nodes { status subject } } }";
        let reply = self.app.graphql(&self.buyer, query, json!({ "kind": kind })).await;
        reply.data()["exceptions"]["nodes"].clone()
    }

    async fn intervene(&self, name: &str, input: Value) -> crate::support::Reply {
        let kind = if name == "skipDelivery" { "SkipDeliveryInput" } else { "RedriveDeliveryInput" };
        let query = mutation(name, kind, "deliveryId status");
        self.app.graphql(&self.buyer, &query, json!({ "input": input })).await
    }

    /// Nothing has happened twice or out of order.
    fn report(&self) -> Report {
        let report = self.app.erp.report();
        assert_eq!((report.duplicate_effects, report.out_of_order), (0, 0), "{report:?}");
        report
    }
}

#[tokio::test]
async fn a_receiver_that_asks_for_time_gets_it() {
    let world = World::start().await;
    let fault = Fault { retry_after_seconds: 120, ..Fault::once(Behaviour::Err503ra) };
    world.app.erp.queue(fault).unwrap();
    let answer = world.answer().await;
    world.app.settle().await;
    let delivery = world.seen(&answer).await;
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("WAITING"), &json!(1)));
    assert_eq!(delivery["nextAttemptAt"], "2026-11-23T08:02:00Z");
    world.app.advance(Duration::from_secs(119));
    world.app.settle().await;
    assert_eq!(world.report().documents, 0, "a second early");
    world.app.advance(Duration::from_secs(1));
    world.app.settle().await;
    assert_eq!(world.status(&answer).await, "DELIVERED");
    assert_eq!(world.report().documents, 1);
}

#[tokio::test]
async fn what_may_have_arrived_is_asked_for_before_it_is_sent_again() {
    let had_no_effect = [Behaviour::Hang, Behaviour::ResetBefore];
    let had_its_effect = [Behaviour::ResetAfter, Behaviour::Garbage];
    for behaviour in had_no_effect.into_iter().chain(had_its_effect) {
        let world = World::start().await;
        world.app.spoil(behaviour);
        let answer = world.answer().await;
        world.app.settle().await;
        let delivery = world.seen(&answer).await;
        assert_eq!(delivery["status"], "UNCONFIRMED", "{behaviour:?}: {delivery}");
        let effects = u64::from(had_its_effect.contains(&behaviour));
        assert_eq!(world.report().documents, effects, "{behaviour:?}");
        world.app.advance(FIRST_WAIT);
        world.app.settle().await;
        let delivery = world.seen(&answer).await;
        assert_eq!(delivery["status"], "DELIVERED", "{behaviour:?}: {delivery}");
        let report = world.report();
        assert_eq!((report.documents, report.repeats), (1, 0), "{behaviour:?}: sent once, or found");
        assert_eq!(delivery["reference"], world.app.erp.documents()[0].document_number);
        assert_eq!(delivery["errorCode"], Value::Null);
    }
}

#[tokio::test]
async fn a_refusal_holds_up_its_own_order_and_no_other() {
    let world = World::start().await;
    let (app, supplier) = (&world.app, &world.supplier);
    let order = app.placed(&world.tenant, supplier).await;
    app.spoil(Behaviour::Err400);
    let refused = app.answer_line(supplier, &order, "00010").await;
    app.settle().await;
    let delivery = world.seen(&refused).await;
    assert_eq!(delivery["status"], "DEAD");
    assert_eq!(delivery["errorCode"], "POSTING_PERIOD_CLOSED", "the supplier is told why");
    assert_eq!(delivery["errorMessage"], "the simulator was told to");
    let open = json!([{ "status": "OPEN", "subject": delivery["id"] }]);
    assert_eq!(world.exceptions("DELIVERY_FAILED").await, open);

    let later = app.answer_line(supplier, &order, "00020").await;
    let other = world.answer().await;
    app.settle().await;
    assert_eq!(
        (world.status(&later).await, world.status(&other).await),
        ("WAITING".into(), "DELIVERED".into())
    );

    let input = json!({ "id": delivery["id"], "idempotencyKey": "again" });
    let first = world.intervene("redriveDelivery", input.clone()).await;
    assert_eq!(first.data()["redriveDelivery"]["status"], "WAITING");
    let again = world.intervene("redriveDelivery", input).await;
    assert_eq!((again.is_replay(), again.data()), (true, first.data()));
    app.settle().await;
    assert_eq!(
        (world.status(&refused).await, world.status(&later).await),
        ("DELIVERED".into(), "DELIVERED".into())
    );
    assert_eq!(world.report().documents, 3);
    assert_eq!(world.exceptions("DELIVERY_FAILED").await[0]["status"], "RESOLVED");
}

#[tokio::test]
async fn what_is_skipped_is_never_sent_and_lets_the_next_one_go() {
    let world = World::start().await;
    let (app, supplier) = (&world.app, &world.supplier);
    let order = app.placed(&world.tenant, supplier).await;
    app.spoil(Behaviour::Err400);
    let refused = app.answer_line(supplier, &order, "00010").await;
    let later = app.answer_line(supplier, &order, "00020").await;
    app.settle().await;
    let id = world.seen(&refused).await["id"].clone();

    let without_reason =
        world.intervene("skipDelivery", json!({ "id": id, "reason": " ", "idempotencyKey": "s" })).await;
    assert_eq!(without_reason.refusals(), ["REQUIRED"]);
    let input = json!({ "id": id, "reason": "typed in by hand", "idempotencyKey": "s" });
    let first = world.intervene("skipDelivery", input.clone()).await;
    assert_eq!(
        first.data()["skipDelivery"],
        json!({ "deliveryId": id, "status": "SKIPPED", "userErrors": [] })
    );
    let again = world.intervene("skipDelivery", input).await;
    assert_eq!((again.is_replay(), again.data()), (true, first.data()));
    let too_late = world.intervene("redriveDelivery", json!({ "id": id, "idempotencyKey": "r" })).await;
    assert_eq!(too_late.refusals(), ["INVALID_STATE"]);
    app.settle().await;
    assert_eq!(
        (world.status(&refused).await, world.status(&later).await),
        ("SKIPPED".into(), "DELIVERED".into())
    );
    let subjects: Vec<_> = app.erp.documents().into_iter().map(|document| document.subject).collect();
    assert_eq!(subjects, [later]);
    assert_eq!(world.exceptions("DELIVERY_FAILED").await[0]["status"], "RESOLVED");
}

#[tokio::test]
async fn a_supplier_does_not_step_in() {
    let world = World::start().await;
    world.app.spoil(Behaviour::Err400);
    let answer = world.answer().await;
    world.app.settle().await;
    let id = world.seen(&answer).await["id"].clone();
    let redrive = mutation("redriveDelivery", "RedriveDeliveryInput", "status");
    let skip = mutation("skipDelivery", "SkipDeliveryInput", "status");
    let inputs = [
        (redrive, json!({ "id": id, "idempotencyKey": "k" })),
        (skip, json!({ "id": id, "reason": "no", "idempotencyKey": "k" })),
    ];
    for (query, input) in inputs {
        let reply = world.app.graphql(&world.supplier.token, &query, json!({ "input": input })).await;
        assert_eq!(reply.error_code(), "FORBIDDEN");
    }
    assert_eq!(world.status(&answer).await, "DEAD");
}

#[tokio::test]
async fn refused_credentials_pause_the_connection_and_lose_nothing() {
    let world = World::start().await;
    world.app.spoil(Behaviour::Unauthorized);
    let answer = world.answer().await;
    world.app.settle().await;
    let delivery = world.seen(&answer).await;
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("WAITING"), &json!(0)));
    let paused = world.exceptions("CONNECTION_PAUSED").await;
    assert_eq!(paused[0]["status"], "OPEN");
    let later = world.answer().await;
    world.app.advance(Duration::from_secs(24 * 60 * 60));
    world.app.settle().await;
    assert_eq!((world.status(&later).await, world.report().documents), ("WAITING".into(), 0));

    let connection = paused[0]["subject"].as_str().unwrap().parse().unwrap();
    resume_connection(&operator(&world), connection, &"go on".parse().unwrap()).await.unwrap();
    world.app.settle().await;
    assert_eq!(
        (world.status(&answer).await, world.status(&later).await),
        ("DELIVERED".into(), "DELIVERED".into())
    );
    assert_eq!(world.report().documents, 2);
    assert_eq!(world.exceptions("CONNECTION_PAUSED").await[0]["status"], "RESOLVED");
}

/// Somebody of the buyer's who may resume a connection.
fn operator(world: &World) -> quayside_domain::BuyerScope {
    let standing = Standing {
        tenant: world.tenant.id,
        supplier: None,
        actor: quayside_canonical::Actor::Operator,
        person: None,
        permissions: [Permission::DeliveriesManage].into(),
    };
    let origin = Origin::new(quayside_canonical::Channel::Cli);
    Scope::new(world.app.app.system().store(), &standing, &origin).as_buyer().unwrap()
}

/// Sends everything to the ERP once more as `name`, with the setting of `endpoint`.
async fn connect(world: &World, name: &str, endpoint: &str) {
    let cmd = connections::CreateConnection {
        tenant: world.tenant.id,
        kind: "generic-rest".to_owned(),
        name: name.to_owned(),
        environment: Environment::Live,
        config: json!({ "endpoint": endpoint }),
        secrets: connections::Secrets::signing(Secret::new(ERP_SECRET)),
        profile: connections::Profile::default(),
    };
    connections::create(world.app.app.system(), world.app.app.vault(), cmd).await.unwrap();
}

impl World {
    async fn ask(&self, query: &str, variables: Value) -> Value {
        self.app.graphql(&self.buyer, query, variables).await.data().clone()
    }

    /// How the only connection fares.
    async fn health(&self) -> Value {
        let query =
            "{ connectionHealth { connectionId status circuit failures nextCallAt lastError waiting dead } }";
        self.ask(query, json!({})).await["connectionHealth"][0].clone()
    }

    async fn read_back_after(&self, minutes: u32) {
        let connection = self.health().await["connectionId"].clone();
        let query = mutation("setConnectionReadBack", "SetConnectionReadBackInput", "afterMinutes percent");
        let input = json!({ "connectionId": connection, "afterMinutes": minutes, "idempotencyKey": "rb" });
        let set = self.ask(&query, json!({ "input": input })).await;
        assert_eq!(
            set["setConnectionReadBack"],
            json!({ "afterMinutes": minutes, "percent": 100, "userErrors": [] })
        );
    }
}

#[tokio::test]
async fn an_erp_that_says_yes_and_drops_the_document_is_found_out() {
    let world = World::start().await;
    world.read_back_after(30).await;
    world.app.spoil(Behaviour::Lie200);
    let answer = world.answer().await;
    world.app.settle().await;
    assert_eq!(world.status(&answer).await, "DELIVERED", "so it says");
    world.app.advance(Duration::from_secs(30 * 60));
    world.app.settle().await;
    let seen = world.seen(&answer).await;
    assert_eq!((&seen["status"], &seen["errorCode"]), (&json!("MISSING"), &json!("MISSING")));
    let open = json!([{ "status": "OPEN", "subject": seen["id"] }]);
    assert_eq!(world.exceptions("DELIVERY_MISSING").await, open);
    assert_eq!(world.report().documents, 0, "and is not sent again by itself");

    let input = json!({ "id": seen["id"], "reason": "the ERP was restored", "idempotencyKey": "again" });
    let redriven = world.intervene("redriveDelivery", input).await;
    assert_eq!(redriven.data()["redriveDelivery"]["status"], "UNCONFIRMED");
    assert_eq!(world.exceptions("DELIVERY_MISSING").await[0]["status"], "RESOLVED");
    world.app.settle().await;
    assert_eq!((world.status(&answer).await, world.report().documents), ("DELIVERED".into(), 1));
    world.app.advance(Duration::from_secs(30 * 60));
    world.app.settle().await;
    let query = "query($id: ID!) { delivery(id: $id) { readBack { state } attemptLog { outcome request } } }";
    let found = world.ask(query, json!({ "id": seen["id"] })).await["delivery"].clone();
    assert_eq!(found["readBack"]["state"], "FOUND");
    let log = found["attemptLog"].as_array().unwrap();
    assert_eq!(log.iter().map(|one| one["outcome"].clone()).collect::<Vec<_>>(), ["delivered", "delivered"]);
    assert!(!found.to_string().contains(ERP_SECRET));
}

#[tokio::test]
async fn procurement_looks_through_deliveries_page_by_page_and_redrives_what_it_finds() {
    let world = World::start().await;
    let refused = Fault { count: 3, ..Fault::once(Behaviour::Err400) };
    world.app.erp.queue(refused).unwrap();
    for _ in 0..3 {
        world.answer().await;
    }
    world.app.settle().await;
    world.answer().await;
    world.app.settle().await;

    let query = "query($after: String, $filter: DeliveryFilter) {
        deliveries(first: 3, after: $after, filter: $filter) {
            nodes { id status eventType attemptLog { httpStatus answer } } pageInfo { hasNextPage endCursor } } }";
    let first = world.ask(query, json!({})).await["deliveries"].clone();
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let after = &first["pageInfo"]["endCursor"];
    let second = world.ask(query, json!({ "after": after })).await["deliveries"].clone();
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    let ids = |page: &Value| -> Vec<String> {
        let nodes = page["nodes"].as_array().unwrap();
        nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
    };
    let all: std::collections::BTreeSet<_> = ids(&first).into_iter().chain(ids(&second)).collect();
    assert_eq!(all.len(), 4);
    let dead = json!({ "status": ["DEAD"] });
    let listed = world.ask(query, json!({ "filter": dead })).await["deliveries"].clone();
    assert_eq!(listed["nodes"].as_array().unwrap().len(), 3);
    assert_eq!(listed["nodes"][0]["attemptLog"][0]["httpStatus"], 400);
    assert!(
        listed["nodes"][0]["attemptLog"][0]["answer"].as_str().unwrap().contains("POSTING_PERIOD_CLOSED")
    );
    assert_eq!(world.health().await["dead"], 3);

    let many = mutation("redriveDeliveries", "RedriveDeliveriesInput", "count more deliveryIds");
    let input = |validate_only: bool, key: &str| {
        json!({ "input": { "filter": dead, "limit": 2, "reason": "the period is open",
            "validateOnly": validate_only, "idempotencyKey": key } })
    };
    let would = world.ask(&many, input(true, "-")).await["redriveDeliveries"].clone();
    assert_eq!((&would["count"], &would["more"]), (&json!(2), &json!(true)));
    assert_eq!(world.health().await["dead"], 3, "nothing has changed");
    let done = world.ask(&many, input(false, "1")).await["redriveDeliveries"].clone();
    assert_eq!(done, would);
    let again = world.app.graphql(&world.buyer, &many, input(false, "1")).await;
    assert_eq!((again.is_replay(), &again.data()["redriveDeliveries"]), (true, &done));
    world.app.settle().await;
    assert_eq!((world.health().await["dead"].clone(), world.report().documents), (json!(1), 3));
    for (limit, code) in [(0, "INVALID_VALUE"), (201, "INVALID_VALUE")] {
        let mut bad = input(false, "2");
        bad["input"]["limit"] = json!(limit);
        assert_eq!(world.app.graphql(&world.buyer, &many, bad).await.refusals(), [code]);
    }
}

#[tokio::test]
async fn a_system_that_is_away_is_left_alone_until_one_delivery_finds_it_back() {
    let world = World::start().await;
    world.app.erp.queue(Fault { count: 8, ..Fault::once(Behaviour::Err500) }).unwrap();
    for _ in 0..8 {
        world.answer().await;
    }
    world.app.settle().await;
    let health = world.health().await;
    assert_eq!((&health["circuit"], &health["status"]), (&json!("OPEN"), &json!("ACTIVE")));
    assert_eq!(health["waiting"], 8, "{health}");
    assert!(health["nextCallAt"].is_string() && health["lastError"].as_str().unwrap().contains("500"));
    world.app.advance(Duration::from_secs(7));
    world.answer().await;
    world.app.settle().await;
    assert_eq!(world.health().await["waiting"], 9, "nothing is sent meanwhile");
    world.app.advance(Duration::from_secs(5));
    world.app.settle().await;
    world.app.advance(Duration::from_secs(5));
    world.app.settle().await;
    let health = world.health().await;
    assert_eq!((&health["circuit"], &health["waiting"]), (&json!("CLOSED"), &json!(0)), "{health}");
    assert_eq!(world.report().documents, 9);
}

/// An endpoint that takes calls and never answers.
async fn black_hole() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((socket, _)) = listener.accept().await {
            held.push(socket);
        }
    });
    format!("http://{address}/erp/v1/events")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_hanging_endpoint_among_ten_slows_no_other_down() {
    const ANSWERS: u64 = 12;
    let world = World::start().await;
    for number in 2..=9 {
        connect(&world, &format!("ERP {number}"), &world.app.erp_endpoint()).await;
    }
    world.app.work_in_background();
    let mut times = Vec::new();
    for round in 1..=2 {
        if round == 2 {
            connect(&world, "hangs", &black_hole().await).await;
        }
        let started = std::time::Instant::now();
        for _ in 0..ANSWERS {
            world.answer().await;
        }
        let wanted = round * ANSWERS * 9;
        crate::support::eventually("the nine others have it", async || {
            tokio::time::sleep(Duration::from_millis(5)).await;
            world.app.erp.report().documents >= wanted
        })
        .await;
        times.push(started.elapsed());
    }
    println!("nine endpoints: {:?} without and {:?} with a tenth that hangs", times[0], times[1]);
    // Each call of the tenth hangs for a second: waiting for twelve of them one after the other takes twelve.
    assert!(times[1] < times[0] * 3 + Duration::from_secs(1), "{times:?}");
    world.app.stop();
}
