//! Exceptions as work: owners, due times, steps, files; and what suppliers see of them.
use std::time::Duration;

use quayside_canonical::{
    identity::Role,
    states::{ExceptionKind, Severity},
};
use serde_json::{Value, json};

use crate::support::{Reply, Supplier, Tenant, TestApp, mutation};

const HOUR: Duration = Duration::from_secs(60 * 60);

struct World {
    app: TestApp,
    tenant: Tenant,
    supplier: Supplier,
    buyer: String,
    buyer_id: String,
}

impl World {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let tenant = app.tenant().await;
        let supplier = app.supplier(&tenant).await;
        let buyer = app.buyer(&tenant).await.token;
        let seen = app.graphql(&buyer, "{ viewer { user { id } } }", json!({})).await;
        let buyer_id = seen.data()["viewer"]["user"]["id"].as_str().unwrap().to_owned();
        Self { app, tenant, supplier, buyer, buyer_id }
    }

    async fn open(&self, kind: ExceptionKind) -> String {
        self.app.exception(&self.tenant, kind, Some(self.supplier.id), Severity::Warning).await
    }

    async fn list(&self, token: &str, filter: Value) -> Vec<String> {
        let query =
            "query($filter: ExceptionFilter) { exceptions(first: 50, filter: $filter) { nodes { id } } }";
        let reply = self.app.graphql(token, query, json!({ "filter": filter })).await;
        let nodes = reply.data()["exceptions"]["nodes"].as_array().unwrap().clone();
        nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
    }

    async fn route(&self, input: Value) -> Reply {
        let selection = "routes { supplierId kind owner personId dueMinutes severity }";
        let query = mutation("setExceptionRoute", "SetExceptionRouteInput", selection);
        self.app.graphql(&self.buyer, &query, json!({ "input": input })).await
    }

    async fn assign(&self, id: &str, input: Value) -> Reply {
        let query =
            mutation("assignException", "AssignExceptionInput", "exception { id owner { kind personId } }");
        let mut input = input;
        input["id"] = json!(id);
        input["idempotencyKey"] = json!(self.app.number().to_string());
        self.app.graphql(&self.buyer, &query, json!({ "input": input })).await
    }
}

#[tokio::test]
async fn an_exception_goes_from_open_to_resolved_and_back_with_who_and_why() {
    let world = World::start().await;
    let (app, buyer) = (&world.app, world.buyer.as_str());
    let id = world.open(ExceptionKind::ShortShip).await;
    let opened = app.record(buyer, &id).await;
    assert_eq!((&opened["status"], &opened["owner"]["kind"]), (&json!("OPEN"), &json!("PROCUREMENT")));
    assert_eq!(opened["dueAt"], "2026-11-26T08:00:00Z", "three days for a warning");

    assert_eq!(app.step(buyer, "acknowledgeException", &id, None).await.refusals(), Vec::<&str>::new());
    assert_eq!(app.step(buyer, "acknowledgeException", &id, None).await.refusals(), ["INVALID_STATE"]);
    app.step(buyer, "startException", &id, Some("calling them")).await;
    assert_eq!(app.step(buyer, "resolveException", &id, Some(" ")).await.refusals(), ["REQUIRED"]);
    let both = app.step(buyer, "reopenException", &id, None).await;
    assert_eq!(both.refusals(), ["INVALID_STATE", "REQUIRED"], "all problems at once");
    app.step(buyer, "resolveException", &id, Some("credit note 7")).await;
    app.advance(HOUR);
    app.step(buyer, "reopenException", &id, Some("it never came")).await;

    let record = app.record(buyer, &id).await;
    let steps: Vec<_> = record["transitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            json!([step["number"], step["action"], step["fromStatus"], step["toStatus"], step["why"]])
        })
        .collect();
    assert_eq!(
        json!(steps),
        json!([
            [1, "OPENED", null, "OPEN", null],
            [2, "ACKNOWLEDGED", "OPEN", "ACKNOWLEDGED", null],
            [3, "STARTED", "ACKNOWLEDGED", "IN_PROGRESS", "calling them"],
            [4, "RESOLVED", "IN_PROGRESS", "RESOLVED", "credit note 7"],
            [5, "REOPENED", "RESOLVED", "OPEN", "it never came"],
        ])
    );
    assert_eq!((&record["dueAt"], &record["resolution"]), (&json!("2026-11-26T09:00:00Z"), &Value::Null));
    assert!(record["transitions"][1]["by"].as_str().unwrap().starts_with("tok_"));
    app.settle().await;
    let types: Vec<_> = ["opened", "acknowledged", "started", "resolved", "reopened"]
        .map(|word| format!("exception.{word}"))
        .to_vec();
    for token in [buyer, &world.supplier.token] {
        let wanted: Vec<&str> = types.iter().map(String::as_str).collect();
        let events = app.events_of(token, &wanted).await;
        let seen: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
        assert_eq!(seen, types, "both sides see it");
    }
}

#[tokio::test]
async fn a_step_is_taken_once_for_its_key_and_not_at_all_when_only_validated() {
    let world = World::start().await;
    let id = world.open(ExceptionKind::ShortShip).await;
    let query = mutation("acknowledgeException", "ExceptionStepInput", "exception { status }");
    let ask = async |input: Value| world.app.graphql(&world.buyer, &query, json!({ "input": input })).await;
    let tried = ask(json!({ "id": id, "validateOnly": true })).await;
    assert_eq!(tried.data()["acknowledgeException"]["exception"]["status"], "OPEN");
    let first = ask(json!({ "id": id, "idempotencyKey": "a" })).await;
    assert_eq!(first.data()["acknowledgeException"]["exception"]["status"], "ACKNOWLEDGED");
    let again = ask(json!({ "id": id, "idempotencyKey": "a" })).await;
    assert_eq!((again.is_replay(), again.data()), (true, first.data()));
    let other = ask(json!({ "id": id, "note": "other", "idempotencyKey": "a" })).await;
    assert_eq!(other.error_code(), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(world.app.record(&world.buyer, &id).await["transitions"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn only_one_exception_of_a_cause_is_open_also_when_an_earlier_one_is_reopened() {
    let world = World::start().await;
    let app = &world.app;
    let open = async || {
        let (kind, severity) = (ExceptionKind::UnknownCode, Severity::Warning);
        app.exception_about(&world.tenant, kind, None, severity, "unit XX").await
    };
    let first = open().await.unwrap();
    assert_eq!(open().await, None);
    app.step(&world.buyer, "resolveException", &first, Some("added")).await;
    let second = open().await.unwrap();
    assert_eq!(
        app.step(&world.buyer, "reopenException", &first, Some("no")).await.refusals(),
        ["ANOTHER_OPEN"]
    );
    app.step(&world.buyer, "resolveException", &second, Some("added again")).await;
    let reopened = app.step(&world.buyer, "reopenException", &first, Some("no")).await;
    assert_eq!(reopened.data()["reopenException"]["exception"], json!({ "id": first, "status": "OPEN" }));
    assert_eq!(open().await, None, "it is the same exception again");
}

#[tokio::test]
async fn routes_say_who_sees_to_it_by_when_and_how_bad_it_is() {
    let world = World::start().await;
    let app = &world.app;
    let (supplier, buyer) = (world.supplier.id.to_string(), world.buyer_id.as_str());
    let default = json!({ "owner": "PERSON", "personId": buyer, "idempotencyKey": "1" });
    assert_eq!(world.route(default).await.refusals(), Vec::<&str>::new());
    world
        .route(
            json!({ "kind": "SHIPMENT_LATE", "owner": "SUPPLIER", "dueMinutes": 60, "idempotencyKey": "2" }),
        )
        .await;
    let both = json!({ "supplierId": supplier, "kind": "SHIPMENT_LATE", "severity": "CRITICAL", "idempotencyKey": "3" });
    let routes = world.route(both).await;
    assert_eq!(routes.data()["setExceptionRoute"]["routes"].as_array().unwrap().len(), 3);

    let late = app.record(&world.buyer, &world.open(ExceptionKind::ShipmentLate).await).await;
    let seen = (&late["owner"]["kind"], &late["severity"], &late["dueAt"]);
    assert_eq!(seen, (&json!("SUPPLIER"), &json!("CRITICAL"), &json!("2026-11-23T09:00:00Z")));
    let unknown = app.record(&world.buyer, &world.open(ExceptionKind::UnknownCode).await).await;
    assert_eq!(unknown["owner"], json!({ "kind": "PERSON", "personId": buyer }));

    let wrong = json!({ "supplierId": supplier, "kind": "UNKNOWN_CODE", "owner": "SUPPLIER", "dueMinutes": 0, "validateOnly": true });
    assert_eq!(world.route(wrong).await.refusals(), ["NOT_THE_SUPPLIERS", "INVALID_VALUE"]);
    let nobody = json!({ "owner": "PERSON", "personId": "usr_00000000000000000000000000000000", "validateOnly": true });
    assert_eq!(world.route(nobody).await.refusals(), ["UNKNOWN_PERSON"]);

    let gone = world.route(json!({ "kind": "SHIPMENT_LATE", "idempotencyKey": "4" })).await;
    assert_eq!(
        gone.data()["setExceptionRoute"]["routes"].as_array().unwrap().len(),
        2,
        "a route that says nothing goes"
    );
    let listed = app
        .graphql(&world.buyer, "{ exceptionRoutes { kind } exceptionAssignees { id role } }", json!({}))
        .await;
    assert_eq!(listed.data()["exceptionRoutes"].as_array().unwrap().len(), 2);
    assert_eq!(listed.data()["exceptionAssignees"], json!([{ "id": buyer, "role": "PROCUREMENT" }]));
}

#[tokio::test]
async fn an_overdue_exception_is_made_worse_once() {
    let world = World::start().await;
    let app = &world.app;
    let id = world.open(ExceptionKind::ShipmentLate).await;
    let done = world.open(ExceptionKind::ShortShip).await;
    app.step(&world.buyer, "resolveException", &done, Some("all there")).await;
    app.advance(HOUR * 72 - Duration::from_secs(1));
    app.settle().await;
    assert_eq!(app.record(&world.buyer, &id).await["severity"], "WARNING");
    assert_eq!(world.list(&world.buyer, json!({ "overdue": true })).await, Vec::<String>::new());
    app.advance(Duration::from_secs(1));
    for _ in 0..2 {
        app.settle().await;
        let record = app.record(&world.buyer, &id).await;
        assert_eq!((&record["severity"], &record["overdue"]), (&json!("ERROR"), &json!(true)));
        assert_eq!(record["escalatedAt"], "2026-11-26T08:00:00Z");
        assert_eq!(record["transitions"].as_array().unwrap().len(), 2);
        app.advance(HOUR * 24);
    }
    assert_eq!(app.record(&world.buyer, &done).await["escalatedAt"], Value::Null);
    assert_eq!(world.list(&world.buyer, json!({ "overdue": true })).await, std::slice::from_ref(&id));
    let escalated = app.events_of(&world.supplier.token, &["exception.escalated"]).await;
    assert_eq!((escalated.len(), &escalated[0]["subject"]), (1, &json!(id)));
}

#[tokio::test]
async fn what_cures_an_exception_is_its_proof() {
    let world = World::start().await;
    let app = &world.app;
    let order = app.placed(&world.tenant, &world.supplier).await;
    app.advance(HOUR * 24 * 30);
    app.settle().await;
    let overdue = world
        .list(&world.supplier.token, json!({ "kind": "ACKNOWLEDGMENT_OVERDUE", "orderId": order }))
        .await;
    let [id] = overdue.as_slice() else { panic!("{overdue:?}") };
    let answer = app.answer(&world.supplier, &order).await;
    let record = app.record(&world.supplier.token, id).await;
    assert_eq!(record["status"], "RESOLVED");
    assert_eq!(
        (&record["proof"]["type"], &record["proof"]["subject"]),
        (&json!("acknowledgment.submitted"), &json!(answer))
    );
    let last = record["transitions"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["action"], &last["proofEventId"]), (&json!("RESOLVED"), &record["proof"]["id"]));
}

#[tokio::test]
async fn a_substitution_is_open_until_procurement_decides_or_a_newer_answer_comes() {
    let world = World::start().await;
    let app = &world.app;
    let submit = mutation(
        "submitAcknowledgment",
        "SubmitAcknowledgmentInput",
        "acknowledgment { id changeProposals { id } }",
    );
    let answer = async |order: &str, replaces: Value, part: Value| {
        let line = json!({ "line": "00010", "replaces": replaces, "parts": [part] });
        let input = json!({ "purchaseOrderId": order, "revision": 1, "lines": [line], "idempotencyKey": app.number().to_string() });
        let reply = app.graphql(&world.supplier.token, &submit, json!({ "input": input })).await;
        assert_eq!(reply.refusals(), Vec::<&str>::new());
        reply.data()["submitAcknowledgment"]["acknowledgment"].clone()
    };
    let other = json!({ "kind": "SUBSTITUTED", "quantity": "100", "substitute": { "supplierPart": "S-2" } });
    let of = async |order: &str| {
        let filter = json!({ "orderId": order, "kind": "SUBSTITUTION" });
        let found = world.list(&world.supplier.token, filter).await;
        app.record(&world.buyer, found.first().expect("a substitution")).await
    };

    let order = app.placed(&world.tenant, &world.supplier).await;
    let first = answer(&order, Value::Null, other.clone()).await;
    assert_eq!(of(&order).await["status"], "OPEN");
    let accept = mutation("acceptChangeProposal", "DecideChangeProposalInput", "decided");
    let input = json!({ "id": first["changeProposals"][0]["id"], "idempotencyKey": "yes" });
    app.graphql(&world.buyer, &accept, json!({ "input": input })).await.data();
    let decided = of(&order).await;
    assert_eq!(
        (&decided["status"], &decided["proof"]["type"]),
        (&json!("RESOLVED"), &json!("change_proposal.accepted"))
    );

    let order = app.placed(&world.tenant, &world.supplier).await;
    let first = answer(&order, Value::Null, other).await;
    answer(&order, first["id"].clone(), json!({ "kind": "ACCEPTED", "quantity": "100" })).await;
    let overtaken = of(&order).await;
    assert_eq!(
        (&overtaken["status"], &overtaken["proof"]["type"]),
        (&json!("RESOLVED"), &json!("acknowledgment.submitted"))
    );
}

#[tokio::test]
async fn a_supplier_sees_what_concerns_it_and_acts_where_it_can() {
    let world = World::start().await;
    let (app, token) = (&world.app, world.supplier.token.as_str());
    let failed = world.open(ExceptionKind::DeliveryFailed).await;
    let beyond = world.open(ExceptionKind::AnswerOverTolerance).await;
    let late = world.open(ExceptionKind::ShipmentLate).await;
    assert_eq!(world.list(token, json!({})).await, [late.clone(), beyond.clone()]);
    assert_eq!(app.record(token, &failed).await, Value::Null);
    for name in ["acknowledgeException", "startException"] {
        assert_eq!(app.step(token, name, &failed, None).await.refusals(), ["NOT_FOUND"]);
        assert_eq!(app.step(token, name, &beyond, None).await.refusals(), ["NOT_YOURS"]);
        assert_eq!(app.step(token, name, &late, None).await.refusals(), Vec::<&str>::new());
    }
    for name in ["resolveException", "reopenException"] {
        assert_eq!(app.step(token, name, &late, Some("done")).await.error_code(), "FORBIDDEN");
    }
    let asked = app.step(token, "requestExceptionResolution", &late, Some("shipped today")).await;
    assert_eq!(
        asked.data()["requestExceptionResolution"]["exception"]["status"],
        "IN_PROGRESS",
        "the buyer decides"
    );
    assert_eq!(
        app.step(&world.buyer, "requestExceptionResolution", &late, Some("x")).await.error_code(),
        "FORBIDDEN"
    );

    world.assign(&beyond, json!({ "owner": "SUPPLIER", "note": "please answer again" })).await;
    assert_eq!(world.list(token, json!({ "owner": "ME" })).await, std::slice::from_ref(&beyond));
    assert_eq!(app.step(token, "acknowledgeException", &beyond, None).await.refusals(), Vec::<&str>::new());
    assert_eq!(world.assign(&failed, json!({ "owner": "SUPPLIER" })).await.refusals(), ["NOT_THE_SUPPLIERS"]);

    app.settle().await;
    let types = ["exception.opened", "exception.assigned", "exception.resolution_requested"];
    let seen = app.events_of(token, &types).await;
    assert!(seen.iter().all(|event| event["subject"] != failed.as_str()), "{seen:?}");
    let assigned = seen.iter().find(|event| event["type"] == "exception.assigned").unwrap();
    assert_eq!((&assigned["actor"], &assigned["data"]["owner"]), (&json!("buyer"), &json!("SUPPLIER")));
    assert_eq!(app.events_of(&world.buyer, &types).await.len(), 5);
}

#[tokio::test]
async fn who_of_the_buyers_people_sees_to_it_is_the_buyers_own_business() {
    let world = World::start().await;
    let (app, token) = (&world.app, world.supplier.token.as_str());
    let id = world.open(ExceptionKind::ShipmentLate).await;
    let given = world.assign(&id, json!({ "owner": "PERSON", "personId": world.buyer_id })).await;
    assert_eq!(
        given.data()["assignException"]["exception"]["owner"],
        json!({ "kind": "PERSON", "personId": world.buyer_id })
    );
    assert_eq!(world.list(&world.buyer, json!({ "owner": "ME" })).await, std::slice::from_ref(&id));
    let comment = mutation("commentException", "CommentExceptionInput", "comment { text }");
    for (token, internal, key) in
        [(&world.buyer, true, "1"), (&world.buyer, false, "2"), (&world.supplier.token, false, "3")]
    {
        let input =
            json!({ "id": id, "text": format!("words {key}"), "internal": internal, "idempotencyKey": key });
        assert_eq!(
            app.graphql(token, &comment, json!({ "input": input })).await.refusals(),
            Vec::<&str>::new()
        );
    }
    let input = json!({ "id": id, "text": " ", "internal": true, "validateOnly": true });
    let refused = app.graphql(token, &comment, json!({ "input": input })).await;
    assert_eq!(refused.refusals(), ["REQUIRED", "INVALID_VALUE"]);

    let theirs = app.record(token, &id).await;
    assert_eq!(theirs["owner"], json!({ "kind": "PROCUREMENT", "personId": null }));
    assert_eq!(theirs["transitions"].as_array().unwrap().len(), 1);
    let said: Vec<_> =
        theirs["comments"].as_array().unwrap().iter().map(|one| json!([one["text"], one["by"]])).collect();
    assert_eq!(said[0], json!(["words 2", "buyer"]));
    assert!(said.len() == 2 && said[1][1].as_str().unwrap().starts_with("tok_"), "{said:?}");
    let own = app.record(&world.buyer, &id).await;
    assert_eq!(
        (own["transitions"].as_array().unwrap().len(), own["comments"].as_array().unwrap().len()),
        (2, 3)
    );
    app.settle().await;
    assert!(
        !app.events_of(token, &["exception.assigned", "exception.commented"])
            .await
            .iter()
            .any(|event| { event["type"] == "exception.assigned" || event["data"]["text"] == "words 1" })
    );
}

#[tokio::test]
async fn who_may_only_read_does_not_act() {
    let world = World::start().await;
    let id = world.open(ExceptionKind::ShipmentLate).await;
    for (supplier, role) in [(None, Role::Auditor), (Some(world.supplier.id), Role::SupplierViewer)] {
        let (_, token) = world.app.person(&world.tenant, supplier, role).await;
        assert_eq!(world.list(&token, json!({ "open": true })).await, std::slice::from_ref(&id));
        assert_eq!(world.app.step(&token, "acknowledgeException", &id, None).await.error_code(), "FORBIDDEN");
    }
}

#[tokio::test]
async fn files_are_taken_by_what_they_hold_and_given_back_harmless() {
    let world = World::start().await;
    let app = &world.app;
    let id = world.open(ExceptionKind::ShortShip).await;
    let put = async |token: &str, query: &str, bytes: &[u8]| {
        let request = app.http.post(app.url(&format!("/files/attachments?{query}"))).bearer_auth(token);
        Reply::read(request.body(bytes.to_vec()).send().await.unwrap()).await
    };
    let about = format!("about={id}&name=");
    let page = b"<script>alert(1)</script>";
    let taken = put(&world.supplier.token, &format!("{about}..%2Fnote%22.html"), page).await;
    assert_eq!(
        (taken.status, &taken.body["mediaType"]),
        (201, &json!("text/plain; charset=utf-8")),
        "{}",
        taken.body
    );
    assert_eq!(taken.body["name"], "note.html");
    let again = put(&world.supplier.token, &format!("{about}..%2Fnote%22.html"), page).await;
    assert_eq!((again.status, &again.body["id"]), (200, &taken.body["id"]), "the same file is the same file");

    let path = taken.body["path"].as_str().unwrap();
    let got = app.http.get(app.url(path)).bearer_auth(&world.buyer).send().await.unwrap();
    assert_eq!(got.status(), 200);
    let header = |name: &str| got.headers()[name].to_str().unwrap().to_owned();
    assert!(header("content-disposition").starts_with("attachment; "));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-security-policy").starts_with("sandbox;"));
    assert_eq!(got.bytes().await.unwrap(), page.as_slice());

    let program = put(&world.buyer, &format!("{about}invoice.pdf"), b"MZ\x90\x00").await;
    assert_eq!(
        (program.status, &program.body["problems"][0]["code"]),
        (422, &json!("FILE_TYPE_NOT_ALLOWED"))
    );
    let large = put(&world.buyer, &format!("{about}a.txt"), &vec![b'a'; (10 << 20) + 1]).await;
    assert_eq!(large.status, 413);
    let hidden = put(&world.buyer, &format!("{about}own.txt&internal=true"), b"for us").await;
    assert_eq!(hidden.status, 201);
    let own = app.http.get(app.url(hidden.body["path"].as_str().unwrap()));
    assert_eq!(own.bearer_auth(&world.supplier.token).send().await.unwrap().status(), 404);
    assert_eq!(app.record(&world.supplier.token, &id).await["attachments"].as_array().unwrap().len(), 1);
    assert_eq!(app.record(&world.buyer, &id).await["attachments"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_page_of_somebody_else_hands_no_file_in_with_a_session() {
    let world = World::start().await;
    let app = &world.app;
    let id = world.open(ExceptionKind::ShortShip).await;
    let session = app.sign_in(&world.supplier.email).await;
    let url = app.url(&format!("/files/attachments?about={id}&name=a.txt"));
    for (origin, status) in [(app.url(""), 201), ("https://evil.example".to_owned(), 403)] {
        let request = app.http.post(&url).header("cookie", &session.cookie).header("origin", origin);
        assert_eq!(request.body("text").send().await.unwrap().status(), status);
    }
    let untold = app.http.post(&url).header("cookie", &session.cookie).body("text");
    assert_eq!(untold.send().await.unwrap().status(), 403, "a session counts only from our own pages");
    assert_eq!(app.http.post(&url).body("text").send().await.unwrap().status(), 401);
    let ingest = app.http.post(&url).bearer_auth(&world.tenant.ingest_token).body("text");
    assert_eq!(ingest.send().await.unwrap().status(), 403, "a connection has its own entrances");
}

#[tokio::test]
async fn a_subscriber_hears_of_exceptions_that_concern_it() {
    let world = World::start().await;
    let app = &world.app;
    let query = "subscription { events { type subject } }";
    let mut stream = app.listen(&world.supplier.token, query, json!({})).await;
    world.open(ExceptionKind::ConnectionPaused).await;
    let id = world.open(ExceptionKind::ShipmentLate).await;
    app.settle().await;
    let heard = stream.next().await.unwrap()["data"]["events"].clone();
    assert_eq!(heard, json!({ "type": "exception.opened", "subject": id }));
}
