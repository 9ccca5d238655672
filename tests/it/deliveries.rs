//! On the way to the ERP: what goes wrong there, and what becomes of it.
use std::time::Duration;

use quayside_canonical::identity::Permission;
use quayside_domain::{
    deliveries::resume_connection,
    scope::{Origin, Scope, Standing},
};
use quayside_simulator::{Behaviour, Fault, Report};
use serde_json::{Value, json};

use crate::support::{Supplier, Tenant, TestApp, mutation};

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
