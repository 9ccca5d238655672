//! Shipments: what is taken, what is refused, who sees them, and what time makes of them.
use std::time::Duration;

use quayside_canonical::policy::Policy;
use serde_json::{Value, json};

use crate::support::{TestApp, of_order, order, refusals, revision, shipment};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

fn policy(json: Value) -> Policy {
    serde_json::from_value(json).unwrap()
}

#[tokio::test]
async fn a_draft_is_its_suppliers_alone_until_it_is_announced() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let order = app.placed(&tenant, &supplier).await;
    let input = json!({ "number": "S-1", "lines": [of_order(&order, "00010", "60")] });
    let draft = shipment(&app.ship(&supplier.token, "createShipment", input).await);
    assert_eq!((&draft["status"], &draft["version"]), (&json!("DRAFT"), &json!(1)));
    assert_eq!(draft["lines"][0]["purchaseOrderId"], order.as_str());
    assert_eq!(draft["lines"][0]["quantity"], json!({ "value": "60", "unit": "EA" }));

    let seen = "query($id: ID!) { shipment(id: $id) { versions { version action } } node(id: $id) { id }
        shipments(first: 5) { nodes { id } edges { cursor node { id } } } purchaseOrder(number: \"none\") { id } }";
    let look = async |token: &str| {
        app.settle().await;
        app.graphql(token, seen, json!({ "id": draft["id"] })).await.data().clone()
    };
    let nothing = json!({ "shipment": null, "node": null, "shipments": { "nodes": [], "edges": [] }, "purchaseOrder": null });
    assert_eq!(look(&buyer.token).await, nothing);
    assert_eq!(app.ledger(&buyer.token, &order).await[0].get("shipped"), None, "a draft does not count");

    let input = json!({ "id": draft["id"], "version": 1, "shipsAt": "2026-11-24T08:00:00Z",
        "lines": [of_order(&order, "00010", "70")] });
    let updated = shipment(&app.ship(&supplier.token, "updateShipment", input).await);
    assert_eq!((&updated["version"], &updated["number"]), (&json!(2), &json!("S-1")));
    let submit = json!({ "id": draft["id"], "version": 2 });
    let announced = shipment(&app.ship(&supplier.token, "submitShipment", submit).await);
    assert_eq!((&announced["status"], &announced["version"]), (&json!("SUBMITTED"), &json!(3)));
    let drafted = |version: i32| json!({ "version": version, "action": "DRAFTED" });
    let submitted = json!({ "version": 3, "action": "SUBMITTED" });
    let versions = look(&supplier.token).await["shipment"]["versions"].clone();
    assert_eq!(versions, json!([drafted(1), drafted(2), submitted]));
    let buyers = look(&buyer.token).await;
    assert_eq!(
        buyers["shipment"]["versions"],
        json!([submitted]),
        "what was drafted stays with the supplier"
    );
    assert_eq!(buyers["shipments"]["nodes"], json!([{ "id": draft["id"] }]));

    let input = json!({ "number": "S-2", "lines": [of_order(&order, "00010", "1")] });
    let other = shipment(&app.ship(&supplier.token, "createShipment", input).await);
    let cancel = json!({ "id": other["id"], "reason": "never mind" });
    assert_eq!(shipment(&app.ship(&supplier.token, "cancelShipment", cancel).await)["status"], "CANCELLED");
    let query = "query($id: ID!) { shipment(id: $id) { id } }";
    let reply = app.graphql(&buyer.token, query, json!({ "id": other["id"] })).await;
    assert_eq!(reply.data()["shipment"], Value::Null, "a draft stays private when it is given up");
}

#[tokio::test]
async fn what_is_open_of_several_orders_becomes_one_shipment() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let first = app.placed(&tenant, &supplier).await;
    let reply = app.ingest(&tenant, &order(&supplier, "PO-B")).await;
    let second = reply.body["order"].as_str().unwrap().to_owned();
    app.announced(&supplier, &[of_order(&first, "00010", "40")]).await;
    let input = json!({ "number": "S-1", "submit": true, "fromOrders": [first, "PO-B"] });
    let flipped = shipment(&app.ship(&supplier.token, "createShipment", input).await);
    let lines: Vec<_> = flipped["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            (line["purchaseOrderId"].clone(), line["line"].clone(), line["quantity"]["value"].clone())
        })
        .collect();
    let line = |order: &str, line: &str, quantity: &str| (json!(order), json!(line), json!(quantity));
    assert_eq!(
        lines,
        [
            line(&first, "00010", "60"),
            line(&first, "00020", "12.5"),
            line(&second, "00010", "100"),
            line(&second, "00020", "12.5"),
        ]
    );
    let query = "query($id: ID!) { purchaseOrder(id: $id) { fulfillment shipments { number purchaseOrders { id } supplier { id } } }
        purchaseOrders(first: 5, filter: { fulfillment: [SHIPPED] }) { totalCount } }";
    let reply = app.graphql(&buyer.token, query, json!({ "id": second })).await;
    assert_eq!(reply.data()["purchaseOrder"]["fulfillment"], "SHIPPED");
    assert_eq!(reply.data()["purchaseOrders"]["totalCount"], 2);
    let shown = &reply.data()["purchaseOrder"]["shipments"][0];
    assert_eq!(shown["number"], "S-1");
    assert_eq!(shown["purchaseOrders"].as_array().unwrap().len(), 2);
    assert_eq!(shown["supplier"]["id"], supplier.id.to_string());

    let again = json!({ "number": "S-2", "fromOrders": ["PO-B"] });
    let reply = app.ship(&supplier.token, "createShipment", again).await;
    assert_eq!(refusals(&reply), ["NOTHING_OPEN fromOrders"]);
    let unknown = json!({ "number": "S-2", "fromOrders": ["PO-B", "PO-X"] });
    let reply = app.ship(&supplier.token, "createShipment", unknown).await;
    assert_eq!(refusals(&reply), ["UNKNOWN_ORDER fromOrders.1"]);
}

#[tokio::test]
async fn units_stand_in_one_another_and_get_codes_of_the_suppliers_own() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let input = json!({ "number": "S-1", "submit": true, "allocateSscc": true,
        "lines": [of_order(&order, "00010", "60")],
        "units": [
            { "key": "P", "packageType": "PX", "grossWeight": { "value": "120.5", "unit": "KGM" } },
            { "key": "C", "parent": "P", "packageType": "CT", "sscc": "(00) 1 0614141 123456789 7",
              "contents": [{ "purchaseOrderId": order, "line": "00010", "quantity": "20", "lot": "L1" }] },
            { "key": "I", "parent": "C",
              "contents": [{ "purchaseOrderId": order, "line": "00010", "quantity": "40", "serials": ["a", "b"], "origin": "DE" }] }
        ] });
    let reply = app.ship(&supplier.token, "createShipment", input.clone()).await;
    assert_eq!(refusals(&reply), ["NO_COMPANY_PREFIX allocateSscc"]);
    app.gs1_prefix(&tenant, &supplier, "4012345").await;
    let taken = shipment(&app.ship(&supplier.token, "createShipment", input).await);
    let units = taken["handlingUnits"].as_array().unwrap();
    let shown: Vec<_> = units.iter().map(|unit| (unit["key"].clone(), unit["parent"].clone())).collect();
    assert_eq!(shown, [(json!("P"), Value::Null), (json!("C"), json!("P")), (json!("I"), json!("C"))]);
    let code = |place: usize| units[place]["sscc"].as_str().unwrap();
    assert!(code(0).starts_with("04012345000000001"), "{}", code(0));
    assert_eq!(code(1), "106141411234567897", "what the supplier sent stays");
    assert!(code(2).starts_with("04012345000000002"), "{}", code(2));
    assert_eq!(
        units[2]["labels"]["pdfUrl"],
        format!("/files/labels/{}/{}.pdf", taken["id"].as_str().unwrap(), code(2))
    );
    let query = "query($s: String) { shipments(first: 5, filter: { sscc: $s }) { nodes { number } } }";
    let found = app.graphql(&supplier.token, query, json!({ "s": code(2) })).await;
    assert_eq!(found.data()["shipments"]["nodes"], json!([{ "number": "S-1" }]));
}

#[tokio::test]
async fn every_problem_of_a_shipment_is_told_at_once_where_it_stands() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    app.ship(
        &supplier.token,
        "createShipment",
        json!({ "number": "S-1", "lines": [of_order(&order, "00010", "1")] }),
    )
    .await;
    let stranger = app.supplier(&tenant).await;
    let theirs = app.placed(&tenant, &stranger).await;
    let input = json!({ "number": "S-1", "submit": true, "allocateSscc": true,
        "shipsAt": "2026-12-02T08:00:00Z", "arrivesAt": "2026-12-01T08:00:00Z", "carrier": { "scac": "x" },
        "lines": [
            of_order(&order, "00010", "101"),
            of_order(&order, "00010", "0"),
            { "purchaseOrderId": order, "line": "00020", "quantity": "1", "unit": "XPX" },
            of_order(&order, "00099", "1"),
            of_order(&theirs, "00010", "1"),
            { "line": "00010", "quantity": "1" }
        ],
        "units": [
            { "key": "P", "sscc": "106141411234567890" },
            { "key": "P", "parent": "Q", "packageType": "pallet",
              "contents": [{ "orderNumber": "nobody's", "line": "1", "quantity": "1" }] }
        ] });
    let reply = app.ship(&supplier.token, "createShipment", input).await;
    let expected = [
        "REQUIRED lines.5.order",
        "INVALID_SSCC units.0.sscc",
        "INVALID_VALUE arrivesAt",
        "INVALID_VALUE carrier.scac",
        "DUPLICATE_LINE lines.1",
        "INVALID_VALUE lines.1.quantity",
        "DUPLICATE_UNIT units.1.key",
        "INVALID_VALUE units.1.packageType",
        "UNKNOWN_UNIT units.1.parent",
        "UNKNOWN_LINE lines.3.line",
        "UNKNOWN_ORDER lines.4.order",
        "CONTENTS_DO_NOT_ADD_UP lines.0.quantity",
        "CONTENTS_DO_NOT_ADD_UP lines.2.quantity",
        "CONTENTS_DO_NOT_ADD_UP lines.3.quantity",
        "CONTENTS_DO_NOT_ADD_UP lines.4.quantity",
        "CONTENTS_DO_NOT_ADD_UP lines.5.quantity",
        "UNKNOWN_LINE units.1.contents.0",
        "OVER_SHIPPED lines.0.quantity",
        "UNIT_MISMATCH lines.2.unit",
        "NUMBER_TAKEN number",
        "NO_COMPANY_PREFIX allocateSscc",
    ];
    assert_eq!(refusals(&reply), expected);
    let words = reply.body.pointer("/data/createShipment/userErrors/1/message").unwrap();
    assert_eq!(words, "the check digit is 0 where the other digits make it 7");
}

#[tokio::test]
async fn validate_only_tells_the_same_and_writes_nothing() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let ask = async |name: &str, mut input: Value| {
        input["validateOnly"] = json!(true);
        app.ship(&supplier.token, name, input).await
    };
    let lines = json!([of_order(&order, "00010", "60")]);
    let reply = ask("createShipment", json!({ "number": "S-1", "lines": lines, "submit": true })).await;
    assert_eq!(shipment(&reply), Value::Null);
    let too_much = json!([of_order(&order, "00010", "600")]);
    let reply = ask("createShipment", json!({ "number": "S-1", "lines": too_much, "submit": true })).await;
    assert_eq!(refusals(&reply), ["OVER_SHIPPED lines.0.quantity"]);

    let draft = json!({ "number": "S-1", "lines": lines });
    let draft = shipment(&app.ship(&supplier.token, "createShipment", draft).await);
    let id = &draft["id"];
    shipment(&ask("updateShipment", json!({ "id": id, "version": 1, "lines": lines })).await);
    shipment(&ask("submitShipment", json!({ "id": id, "version": 1 })).await);
    shipment(&app.ship(&supplier.token, "submitShipment", json!({ "id": id, "version": 1 })).await);
    shipment(&ask("amendShipment", json!({ "id": id, "version": 2, "lines": lines })).await);
    let slot = json!({ "shipmentId": id, "from": "2026-11-24T08:00:00Z", "until": "2026-11-24T12:00:00Z" });
    shipment(&ask("requestAppointment", slot).await);
    shipment(&ask("cancelShipment", json!({ "id": id })).await);
    let query = "query($id: ID!) { shipment(id: $id) { version status appointment { status } versions { version } } }";
    let reply = app.graphql(&supplier.token, query, json!({ "id": id })).await;
    assert_eq!(
        reply.data()["shipment"],
        json!({ "version": 2, "status": "IN_TRANSIT", "appointment": null, "versions": [{ "version": 1 }, { "version": 2 }] })
    );
}

#[tokio::test]
async fn the_same_key_gives_the_first_result_again_and_a_number_is_never_used_twice() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let input = json!({ "number": "S-1", "submit": true, "lines": [of_order(&order, "00010", "60")], "idempotencyKey": "k" });
    let first = app.ship(&supplier.token, "createShipment", input.clone()).await;
    let again = app.ship(&supplier.token, "createShipment", input.clone()).await;
    assert!(!first.is_replay() && again.is_replay());
    assert_eq!(shipment(&first), shipment(&again));
    let mut other = input.clone();
    other["lines"][0]["quantity"] = json!("1");
    assert_eq!(
        app.ship(&supplier.token, "createShipment", other).await.error_code(),
        "IDEMPOTENCY_KEY_REUSED"
    );
    let cancel = json!({ "id": shipment(&first)["id"], "reason": "lorry broke down", "idempotencyKey": "c" });
    let cancelled = app.ship(&supplier.token, "cancelShipment", cancel.clone()).await;
    assert_eq!(shipment(&cancelled)["status"], "CANCELLED");
    assert!(app.ship(&supplier.token, "cancelShipment", cancel).await.is_replay());
    let mut new = input;
    new["idempotencyKey"] = json!("k2");
    let reply = app.ship(&supplier.token, "createShipment", new.clone()).await;
    assert_eq!(refusals(&reply), ["NUMBER_TAKEN number"], "a number of a cancelled shipment stays used");
    new["number"] = json!("S-2");
    shipment(&app.ship(&supplier.token, "createShipment", new).await);
    let viewer =
        app.person(&tenant, Some(supplier.id), quayside_canonical::identity::Role::SupplierViewer).await.1;
    let reply = app.ship(&viewer, "createShipment", json!({ "number": "S-3" })).await;
    assert_eq!(reply.error_code(), "FORBIDDEN");
    let buyer = app.buyer(&tenant).await;
    let reply = app.ship(&buyer.token, "cancelShipment", json!({ "id": shipment(&first)["id"] })).await;
    assert_eq!(reply.error_code(), "FORBIDDEN");
}

#[tokio::test]
async fn a_shipment_is_changed_only_in_its_time_and_on_its_current_version() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let lines = json!([of_order(&order, "00010", "60")]);
    let draft = json!({ "number": "S-1", "lines": lines });
    let draft = shipment(&app.ship(&supplier.token, "createShipment", draft).await);
    let id = &draft["id"];
    let say = async |name: &str, input: Value| refusals(&app.ship(&supplier.token, name, input).await);
    let whole = |version: i32| json!({ "id": id, "version": version, "lines": lines });
    assert_eq!(say("amendShipment", whole(1)).await, ["NOT_ANNOUNCED id"]);
    assert_eq!(say("updateShipment", whole(7)).await, ["STALE_VERSION version"]);
    assert_eq!(say("submitShipment", json!({ "id": id, "version": 0 })).await, ["STALE_VERSION version"]);
    let slot = json!({ "shipmentId": id, "from": "2026-11-24T12:00:00Z", "until": "2026-11-22T08:00:00Z" });
    assert_eq!(
        say("requestAppointment", slot.clone()).await,
        ["NOT_EXPECTED shipmentId", "INVALID_VALUE until", "IN_THE_PAST until"]
    );
    assert_eq!(say("submitShipment", json!({ "id": id, "version": 1 })).await, [""; 0]);
    assert_eq!(say("submitShipment", json!({ "id": id, "version": 2 })).await, ["NOT_A_DRAFT id"]);
    assert_eq!(say("updateShipment", whole(2)).await, ["NOT_A_DRAFT id"]);
    assert_eq!(say("amendShipment", whole(1)).await, ["STALE_VERSION version"]);
    assert_eq!(say("cancelAppointment", json!({ "shipmentId": id })).await, ["NO_APPOINTMENT shipmentId"]);
    assert_eq!(say("amendShipment", whole(2)).await, [""; 0]);
    let long = "x".repeat(2_001);
    assert_eq!(say("cancelShipment", json!({ "id": id, "reason": long })).await, ["TOO_LONG reason"]);
    assert_eq!(say("cancelShipment", json!({ "id": id })).await, [""; 0]);
    assert_eq!(say("cancelShipment", json!({ "id": id })).await, ["CANCELLED id"]);
    assert_eq!(say("amendShipment", whole(4)).await, ["CANCELLED id"]);
    let nothing = json!({ "id": "shp_00000000000000000000000000000000", "version": 1, "lines": lines });
    for name in ["updateShipment", "amendShipment"] {
        assert_eq!(say(name, nothing.clone()).await, ["NOT_FOUND id"]);
    }
    assert_eq!(say("submitShipment", json!({ "id": "nonsense", "version": 1 })).await, ["NOT_FOUND id"]);
}

#[tokio::test]
async fn a_slot_is_asked_for_moved_and_given_up_with_the_shipment() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let announced = app.announced(&supplier, &[of_order(&order, "00010", "60")]).await;
    let id = &announced["id"];
    for day in ["24", "25"] {
        let (from, until) = (format!("2026-11-{day}T08:00:00Z"), format!("2026-11-{day}T12:00:00Z"));
        let input = json!({ "shipmentId": id, "from": from, "until": until, "note": "two pallets" });
        let asked = shipment(&app.ship(&supplier.token, "requestAppointment", input).await);
        let expected = json!({ "status": "REQUESTED", "requestedFrom": from, "requestedUntil": until });
        assert_eq!(asked["appointment"], expected);
    }
    let given_up = app.ship(&supplier.token, "cancelAppointment", json!({ "shipmentId": id })).await;
    assert_eq!(shipment(&given_up)["appointment"]["status"], "CANCELLED");
    let input = json!({ "shipmentId": id, "from": "2026-11-26T08:00:00Z", "until": "2026-11-26T09:00:00Z" });
    shipment(&app.ship(&supplier.token, "requestAppointment", input).await);
    let cancelled = shipment(&app.ship(&supplier.token, "cancelShipment", json!({ "id": id })).await);
    assert_eq!(cancelled["appointment"]["status"], "CANCELLED", "a slot goes with its shipment");
}

#[tokio::test]
async fn as_much_may_be_shipped_as_is_tolerated_and_an_answer_comes_first_where_the_tenant_wants_it() {
    let app = TestApp::start().await;
    let strict = policy(json!({ "overShipPercent": "5", "answerBeforeShipment": true }));
    let tenant = app.tenant_with(strict).await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let order = app.placed(&tenant, &supplier).await;
    let ship = async |number: &str, quantity: &str| {
        let input =
            json!({ "number": number, "submit": true, "lines": [of_order(&order, "00010", quantity)] });
        refusals(&app.ship(&supplier.token, "createShipment", input).await)
    };
    assert_eq!(ship("S-1", "100").await, ["NOT_ACKNOWLEDGED lines.0.line"]);
    app.answer(&supplier, &order).await;
    assert_eq!(ship("S-1", "105.000001").await, ["OVER_SHIPPED lines.0.quantity"]);
    assert_eq!(ship("S-1", "60").await, [""; 0]);
    assert_eq!(ship("S-2", "46").await, ["OVER_SHIPPED lines.0.quantity"]);
    assert_eq!(ship("S-2", "45").await, [""; 0]);
    assert!(app.exceptions_of(&buyer.token, "SHIPMENT_UNACKNOWLEDGED").await.is_empty());

    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let order = app.placed(&tenant, &supplier).await;
    app.announced(&supplier, &[of_order(&order, "00010", "100")]).await;
    let told = app.exceptions_of(&buyer.token, "SHIPMENT_UNACKNOWLEDGED").await;
    assert_eq!(told, [(order.clone(), "OPEN".to_owned())], "taken, and told");
    app.answer(&supplier, &order).await;
    let cured = app.exceptions_of(&buyer.token, "SHIPMENT_UNACKNOWLEDGED").await;
    assert_eq!(cured, [(order, "RESOLVED".to_owned())]);
}

#[tokio::test]
async fn a_quantity_in_another_unit_converts_exactly_or_is_refused() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let units = json!([{ "unit": "XCS", "numerator": 12, "denominator": 1 }, { "unit": "XPX", "numerator": 1, "denominator": 3 }]);
    let item = json!({ "number": "B-1", "unit": "EA", "units": units });
    assert_eq!(app.ingest_at(&tenant, "/ingest/v1/items", &item, &[]).await.status, 201);
    let order = app.placed(&tenant, &supplier).await;
    let ship = async |quantity: &str, unit: &str| {
        let line = json!({ "purchaseOrderId": order, "line": "00010", "quantity": quantity, "unit": unit });
        let input = json!({ "number": format!("S-{}", app.number()), "submit": true, "lines": [line] });
        app.ship(&supplier.token, "createShipment", input).await
    };
    let taken = shipment(&ship("5", "XCS").await);
    assert_eq!(taken["lines"][0]["quantity"], json!({ "value": "60", "unit": "EA" }));
    for (quantity, unit) in [("1", "KGM"), ("1", "XPX")] {
        assert_eq!(
            refusals(&ship(quantity, unit).await),
            ["UNIT_MISMATCH lines.0.unit"],
            "{quantity} {unit}"
        );
    }
}

#[tokio::test]
async fn a_code_is_used_once_in_twelve_months() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, other) = (app.supplier(&tenant).await, app.supplier(&tenant).await);
    let ship = async |token: &str, order: &str| {
        let input = json!({ "number": format!("S-{}", app.number()), "submit": true,
            "lines": [of_order(order, "00010", "1")],
            "units": [{ "key": "P", "sscc": "106141411234567897",
                "contents": [{ "purchaseOrderId": order, "line": "00010", "quantity": "1" }] }] });
        app.ship(token, "createShipment", input).await
    };
    let order = app.placed(&tenant, &supplier).await;
    shipment(&ship(&supplier.token, &order).await);
    let in_use = ["SSCC_IN_USE units.0.sscc"];
    assert_eq!(refusals(&ship(&supplier.token, &order).await), in_use);
    let theirs = app.placed(&tenant, &other).await;
    shipment(&ship(&other.token, &theirs).await);
    app.advance(DAY * 365);
    let token = app.new_token(&tenant, &supplier).await;
    assert_eq!(refusals(&ship(&token, &order).await), in_use);
    app.advance(DAY * 2);
    shipment(&ship(&token, &order).await);
    assert_eq!(refusals(&ship(&token, &order).await), in_use, "the twelve months begin anew");
}

#[tokio::test]
async fn goods_leave_when_their_time_comes_and_are_late_when_it_has_passed() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let order = app.placed(&tenant, &supplier).await;
    let lines = json!([of_order(&order, "00010", "60")]);
    let input = json!({ "number": "S-1", "submit": true, "lines": lines,
        "shipsAt": "2026-11-24T08:00:00Z", "arrivesAt": "2026-11-25T08:00:00Z" });
    let announced = shipment(&app.ship(&supplier.token, "createShipment", input).await);
    let id = announced["id"].as_str().unwrap().to_owned();
    let look = async || {
        app.settle().await;
        let query = "query($id: ID!) { shipment(id: $id) { status lateAt } }";
        let reply = app.graphql(&supplier.token, query, json!({ "id": id })).await;
        reply.data()["shipment"].clone()
    };
    app.advance(HOUR * 24 - Duration::from_secs(1));
    assert_eq!(look().await, json!({ "status": "SUBMITTED", "lateAt": null }));
    app.advance(Duration::from_secs(1));
    assert_eq!(look().await, json!({ "status": "IN_TRANSIT", "lateAt": null }));
    app.advance(DAY + HOUR);
    assert_eq!(look().await, json!({ "status": "IN_TRANSIT", "lateAt": "2026-11-25T09:00:00Z" }));
    let late = async || app.exceptions_of(&buyer.token, "SHIPMENT_LATE").await;
    assert_eq!(late().await, [(id.clone(), "OPEN".to_owned())]);
    let query = "{ events(first: 100, types: [\"shipment.progressed\"]) { nodes { data } } }";
    let events = app.graphql(&buyer.token, query, json!({})).await;
    let steps: Vec<_> = events.data()["events"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| (node["data"]["from"].clone(), node["data"]["to"].clone()))
        .collect();
    assert_eq!(steps, [(json!("SUBMITTED"), json!("IN_TRANSIT"))]);

    let amend = json!({ "id": id, "version": 1, "lines": lines, "arrivesAt": "2026-11-26T08:00:00Z" });
    let amended = shipment(&app.ship(&supplier.token, "amendShipment", amend).await);
    assert_eq!(
        (&amended["status"], &amended["shipsAt"]),
        (&json!("IN_TRANSIT"), &json!("2026-11-24T08:00:00Z"))
    );
    assert_eq!(look().await["lateAt"], Value::Null);
    assert_eq!(late().await, [(id.clone(), "RESOLVED".to_owned())]);
    app.advance(DAY);
    look().await;
    assert_eq!(late().await[0], (id.clone(), "OPEN".to_owned()), "late again is told again");
}

#[tokio::test]
async fn lines_of_which_nothing_or_too_little_has_left_are_late_when_they_are_due() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let order = app.placed(&tenant, &supplier).await;
    app.answer(&supplier, &order).await;
    app.announced(&supplier, &[of_order(&order, "00010", "60")]).await;
    app.advance(DAY * 13);
    app.settle().await;
    let told = async |kind: &str| app.exceptions_of(&buyer.token, kind).await;
    let case = |line: &str, status: &str| vec![(format!("{order}/{line}"), status.to_owned())];
    assert_eq!(told("SHORT_SHIP").await, case("00010", "OPEN"));
    assert_eq!(told("SHIPMENT_LATE").await, case("00020", "OPEN"));
    app.settle().await;
    assert_eq!(told("SHORT_SHIP").await.len(), 1, "once is enough");
    app.announced(&supplier, &[of_order(&order, "00010", "40"), of_order(&order, "00020", "12.5")]).await;
    app.settle().await;
    assert_eq!(told("SHORT_SHIP").await, case("00010", "RESOLVED"));
    assert_eq!(told("SHIPMENT_LATE").await, case("00020", "RESOLVED"));
}

#[tokio::test]
async fn pages_of_shipments_meet_and_take_the_same_number_of_statements_whatever_their_size() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    app.ingest(&tenant, &revision(&supplier, "PO-A", 1, "100")).await;
    for n in 0..12 {
        let line = json!({ "orderNumber": "PO-A", "line": "00010", "quantity": "1" });
        let input = json!({ "number": format!("S-{n:02}"), "submit": n % 2 == 0, "lines": [line] });
        shipment(&app.ship(&supplier.token, "createShipment", input).await);
    }
    let query = "query($first: Int!, $after: String) { shipments(first: $first, after: $after) { nodes { number lines { line }
        versions { version } purchaseOrders { ledger { ordered } } deliveries { status } supplier { name } }
        pageInfo { hasNextPage endCursor } } }";
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let reply = app.graphql(&supplier.token, query, json!({ "first": 5, "after": after })).await;
        let page = &reply.data()["shipments"];
        seen.extend(
            page["nodes"].as_array().unwrap().iter().map(|it| it["number"].as_str().unwrap().to_owned()),
        );
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    let all: Vec<_> = (0..12).rev().map(|n| format!("S-{n:02}")).collect();
    assert_eq!(seen, all, "none is missed or repeated");
    let statements = async |size: usize| {
        let mut fewest = u64::MAX;
        for _ in 0..3 {
            let before = app.app.system().store().statements();
            app.graphql(&supplier.token, query, json!({ "first": size })).await.data();
            fewest = fewest.min(app.app.system().store().statements() - before);
        }
        fewest
    };
    let (few, many) = (statements(2).await, statements(12).await);
    assert_eq!(few, many);
    assert!(many <= 30, "{many} statements");
}

#[tokio::test]
async fn nothing_is_changed_once_receiving_began_until_every_receipt_is_taken_back() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let reply = app.ingest(&tenant, &order(&supplier, "PO-A")).await;
    let order = reply.body["order"].as_str().unwrap().to_owned();
    let lines = json!([of_order(&order, "00010", "60")]);
    let input = json!({ "number": "S-1", "submit": true, "lines": lines });
    let id = shipment(&app.ship(&supplier.token, "createShipment", input).await)["id"].clone();
    let receipt = json!({ "number": "GR-1", "kind": "INCREMENT", "shipment": "S-1", "receivedAt": "2026-11-23T08:00:00Z",
        "lines": [{ "order": "PO-A", "line": "00010", "quantity": "20" }] });
    let taken = app.ingest_at(&tenant, "/ingest/v1/receipts", &receipt, &[]).await;
    assert_eq!(taken.body["outcome"], "RECORDED", "{}", taken.body);
    let query =
        "query($id: ID!) { shipment(id: $id) { status lines { received inTransit } receipts { number } } }";
    let reply = app.graphql(&supplier.token, query, json!({ "id": id })).await;
    assert_eq!(
        reply.data()["shipment"],
        json!({ "status": "PARTIALLY_RECEIVED", "lines": [{ "received": "20", "inTransit": "40" }],
            "receipts": [{ "number": "GR-1" }] })
    );
    let amend = json!({ "id": id, "version": 1, "lines": lines });
    let began = ["RECEIVING_BEGAN id"];
    assert_eq!(refusals(&app.ship(&supplier.token, "amendShipment", amend.clone()).await), began);
    assert_eq!(refusals(&app.ship(&supplier.token, "cancelShipment", json!({ "id": id })).await), began);
    let back = json!({ "number": "GR-2", "kind": "REVERSAL", "replaces": "GR-1", "receivedAt": "2026-11-23T09:00:00Z" });
    let taken = app.ingest_at(&tenant, "/ingest/v1/receipts", &back, &[]).await;
    assert_eq!(taken.body["outcome"], "RECORDED", "{}", taken.body);
    shipment(&app.ship(&supplier.token, "amendShipment", amend).await);
    assert_eq!(
        shipment(&app.ship(&supplier.token, "cancelShipment", json!({ "id": id })).await)["status"],
        "CANCELLED"
    );
}
