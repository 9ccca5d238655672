//! Golden files hold what is sent and read; a stub shows what each answer is taken for. The whole life with a WMS
//! that enforces its contract is played in `tests/oracle_wms.rs`.
use std::path::Path;
use std::sync::Arc;

use quayside_canonical::events::{self, CATALOGUE, Event};
use quayside_canonical::states::{GoodsCondition, QuantityBasis, ReceiptKind};
use quayside_canonical::{Micro, Problem};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::*;
use crate::Reshape;
use crate::http::Call;
use crate::stub::{PATIENT, Say, Stub, delivery, errand, local_http};

/// A connection of one company with two facilities.
pub(super) fn config(base_url: &str) -> Value {
    json!({
        "base_url": base_url,
        "user": "QUAYSIDE_WS",
        "password": "canary-of-the-wms-user",
        "company": "ACME",
        "parent_company": "ACME",
        "client_env": "QA",
        "document_version": "25D",
        "facilities": { "DC1": "DC01", "DC2": "DC02" },
        "units": { "EA": "UNITS", "KGM": "KG" },
        "shipment_type": "PO",
        "po_type": "IMP",
        "line_digits": 5,
        "time_zone": "Europe/Berlin",
        "conditions": { "DMG": "DAMAGED", "QC": "QUALITY_HOLD" },
        "appointments": { "dock_type": "INBOUND", "statuses": { "10": "CONFIRMED", "90": "CANCELLED" } }
    })
}

fn connector(base_url: &str) -> OracleWms {
    connector_with(base_url, &json!({}))
}

/// The same with other settings.
fn connector_with(base_url: &str, changes: &Value) -> OracleWms {
    let mut config = config(base_url);
    for (name, value) in changes.as_object().unwrap() {
        config[name] = value.clone();
    }
    OracleWms { config: serde_json::from_value(config).unwrap(), tokens: Tokens::default() }
}

const BASE: &str = "https://te1.wms.ocs.oraclecloud.com/acme_test";

fn golden_text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/oracle_wms/golden").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()))
}

fn golden(event_type: &str) -> Delivery {
    let text = golden_text(&format!("{}.event.json", event_type.replace('.', "_")));
    let event = serde_json::from_str(&text).unwrap();
    Delivery { event, event_type: event_type.to_owned(), ..delivery() }
}

/// The request line and the body as it can be read: the fields of a form one by one, JSON indented.
fn rendered(call: &Call) -> String {
    let media = call.headers["content-type"].to_str().unwrap();
    let body = match media {
        "application/json" => {
            let json: Value = serde_json::from_slice(&call.body).unwrap();
            format!("{}\n", serde_json::to_string_pretty(&json).unwrap())
        }
        _ => form_urlencoded::parse(&call.body).map(|(name, value)| format!("{name}={value}\n")).collect(),
    };
    format!("{} {}\ncontent-type: {media}\n\n{body}", call.method, call.url)
}

#[test]
fn each_event_becomes_exactly_its_request() {
    let connector = connector(BASE);
    let mut wrong = Vec::new();
    for event_type in ACCEPTS {
        let delivery = golden(event_type);
        let plan = map::plan(&connector.config, &delivery).unwrap();
        let made = map::call(&connector.config, &delivery, &plan, &usual(&delivery, &plan)).unwrap();
        let name = format!("{}.request.http", event_type.replace('.', "_"));
        let text = rendered(&made.call);
        if text != golden_text(&name) {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn what_is_accepted_is_in_the_catalogue_of_events() {
    for event_type in ACCEPTS {
        assert!(CATALOGUE.iter().any(|entry| entry.event_type == *event_type), "nobody records {event_type}");
    }
}

/// The golden event, read as the type that records it, says the same.
fn assert_shape<E: Event + DeserializeOwned>() {
    let data = golden(E::TYPE).event["data"].clone();
    let read = E::deserialize(&data).unwrap_or_else(|error| panic!("{}: {error}", E::TYPE));
    assert_eq!(serde_json::to_value(&read).unwrap(), data, "{}", E::TYPE);
}

#[test]
fn golden_events_have_the_shape_that_is_recorded() {
    assert_shape::<events::PurchaseOrderReleased>();
    assert_shape::<events::PurchaseOrderRevised>();
    assert_shape::<events::ShipmentSubmitted>();
    assert_shape::<events::ShipmentAmended>();
    assert_shape::<events::ShipmentCancelled>();
    assert_shape::<events::AppointmentRequested>();
    assert_shape::<events::AppointmentCancelled>();
}

#[test]
fn what_the_site_has_no_word_for_is_unmappable() {
    let place = |delivery: &mut Delivery| delivery.event["data"]["notice"]["shipTo"]["code"] = json!("DC9");
    let unit = |delivery: &mut Delivery| delivery.event["data"]["lines"][0]["unit"] = json!("XCT");
    let item = |delivery: &mut Delivery| {
        delivery.event["data"]["lines"][0].as_object_mut().unwrap().remove("buyerPart");
    };
    let packed =
        |delivery: &mut Delivery| delivery.event["data"]["notice"]["lines"][0]["quantity"] = json!("399");
    type Change<'a> = (&'a dyn Fn(&mut Delivery), &'a str);
    let changes: [Change<'_>; 4] =
        [(&place, "DC9"), (&unit, "XCT"), (&item, "part number"), (&packed, "more is packed")];
    for (change, about) in changes {
        let mut delivery = golden("shipment.submitted");
        change(&mut delivery);
        let error = connector(BASE).preview(&delivery).unwrap_err();
        assert!(
            error.word() == "unmappable" && error.to_string().contains(about),
            "{error} is not about {about}"
        );
    }
    let without = connector_with(BASE, &json!({ "appointments": null }));
    assert_eq!(without.preview(&golden("appointment.requested")).unwrap_err().word(), "unmappable");
    let mut order = golden("purchase_order.released");
    order.event["data"]["lines"][0]["line"] = json!("A-1");
    assert!(connector(BASE).preview(&order).unwrap_err().to_string().contains("A-1"));
}

#[test]
fn the_tenant_reshapes_the_document_before_it_becomes_xml() {
    let reshape = Reshape(Arc::new(|mut document: Value| {
        let shipment = &mut document["LgfData"]["ListOfIbShipments"]["ib_shipment"];
        shipment["ib_shipment_hdr"]["origin_code"] = json!("SUP<1>");
        Ok(document)
    }));
    let delivery = Delivery { reshape: Some(reshape), ..golden("shipment.submitted") };
    let calls = connector(BASE).preview(&delivery).unwrap();
    assert!(calls[0].body.contains("<origin_code>SUP&lt;1&gt;</origin_code>"), "{}", calls[0].body);
    let broken = Reshape(Arc::new(|_| Ok(json!({ "a b": 1 }))));
    let delivery = Delivery { reshape: Some(broken), ..golden("shipment.submitted") };
    assert_eq!(connector(BASE).preview(&delivery).unwrap_err().word(), "unmappable");
}

#[test]
fn a_wrong_configuration_is_named_without_quoting_it() {
    for (change, about) in [
        (json!({ "base_url": "https://u:canary@te1.example" }), "password"),
        (json!({ "auth": "oauth2_password" }), "token_url"),
        (json!({ "auth": "oauth2_client_credentials", "client_id": "canary" }), "client_secret"),
        (json!({ "password": null }), "password"),
        (json!({ "time_zone": "canary" }), "IANA"),
        (json!({ "conditions": { "DMG": "canary" } }), "conditions"),
        (json!({ "colour": "canary" }), "colour"),
    ] {
        let mut config = config(BASE);
        for (name, value) in change.as_object().unwrap() {
            config[name] = value.clone();
        }
        let problem = build(config).unwrap_err().to_string();
        let named = problem.contains(about) || about == "conditions";
        assert!(named && !problem.contains("canary-of"), "{problem} does not say {about}");
    }
}

/// What one answer of the stage is taken for, by an outcome's word or the receipt's reference. The read-back that
/// follows a refusal gets the same answer, which says nothing.
async fn taken(status: u16, body: &str) -> String {
    let stub = Stub::start(Say::answer(status, "", body)).await;
    let base = stub.url.trim_end_matches("/events").to_owned();
    let attempted = connector(&base).deliver(&local_http(PATIENT), &golden("shipment.submitted")).await;
    match attempted.outcome {
        Ok(receipt) => receipt.reference.unwrap_or_else(|| "no reference".to_owned()),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn success_is_judged_by_the_body() {
    let root = |success: &str, rest: &str| {
        format!("<root><success>{success}</success><response>{rest}</response></root>")
    };
    let group =
        "<message>Process stage ib_shipment submitted for file group 41415472</message><errors/><data/>";
    let wrong = "<message>Invalid data</message><errors><e>Item SKU-1 not found</e></errors>";
    let refused = "refused: IB_SHIPMENT_REFUSED: Invalid data: e Item SKU-1 not found";
    for (status, body, expected) in [
        (200, root("True", group), "file group 41415472"),
        (200, root("true", "<message>ok</message>"), "no reference"),
        (200, root("False", wrong), refused), // before 21D
        (400, root("False", wrong), refused), // since 21D
        (400, root("False", ""), "refused: IB_SHIPMENT_REFUSED: the WMS gave no reason"),
        (200, root("True", wrong), "outcome unknown: answer 200, but its body does not say clearly that it worked"),
        (200, String::new(), "outcome unknown: answer 200, but its body does not say clearly that it worked"),
        (200, root("Maybe", group), "outcome unknown: answer 200, but its body does not say clearly that it worked"),
        (400, root("True", group), "refused: 400: the receiver gave no reason"),
        (
            400,
            r#"{"reference":"r","code":"VALIDATION_ERROR","message":"Invalid input.","details":{"shipment_nbr":"too long"}}"#
                .to_owned(),
            "refused: VALIDATION_ERROR: Invalid input.: shipment_nbr too long",
        ),
    ] {
        assert_eq!(taken(status, &body).await, expected, "{status} {body}");
    }
    let forbidden = taken(403, "<html>Forbidden</html>").await;
    for word in ["refused: NOT_ELIGIBLE", "administrator", "DC01", "ACME", "lgfapi_update_access"] {
        assert!(forbidden.contains(word), "{forbidden} does not say {word}");
    }
}

#[tokio::test]
async fn a_read_back_goes_by_the_number_and_our_mark() {
    let row = |number: &str, mark: &str| json!({ "id": 91, "shipment_nbr": number, "cust_field_1": mark, "status_id": 0 });
    let (number, ours) = ("ASN-2026-0311", "shp_01987c1e5a00700080000000000000c1");
    let page = |rows: Value| json!({ "result_count": 1, "next_page": null, "results": rows }).to_string();
    let not_found = r#"{"reference":"r","code":"NOT_FOUND","message":"Not found","details":null}"#;
    for (event_type, status, body, expected) in [
        ("shipment.submitted", 200, page(json!([row(number, &format!("{ours}/1"))])), "ib_shipment 91"),
        ("shipment.submitted", 200, page(json!([row(number, &format!("{ours}/2"))])), "ib_shipment 91"),
        ("shipment.submitted", 200, page(json!([])), "not here"),
        ("shipment.submitted", 404, not_found.to_owned(), "not here"),
        ("shipment.amended", 200, page(json!([row(number, &format!("{ours}/1"))])), "not here"),
        ("shipment.amended", 200, page(json!([row(number, &format!("{ours}/2"))])), "ib_shipment 91"),
        ("shipment.cancelled", 200, page(json!([row(number, &format!("{ours}/2"))])), "not here"),
        ("shipment.cancelled", 200, page(json!([])), "gone"),
        ("shipment.submitted", 200, page(json!([row(number, "")])), "refused"),
        ("shipment.submitted", 200, page(json!([row(number, "shp_other/9")])), "refused"),
        ("shipment.submitted", 404, "<html>no such page</html>".to_owned(), "refused"),
        ("shipment.submitted", 200, page(json!([row("ASN-9", &format!("{ours}/1"))])), "unconfirmed"),
        ("shipment.submitted", 200, "<html>".to_owned(), "unconfirmed"),
        ("shipment.submitted", 200, "{}".to_owned(), "unconfirmed"),
    ] {
        let stub = Stub::start(Say::answer(status, "", &body)).await;
        let base = stub.url.trim_end_matches("/events").to_owned();
        let found = connector(&base).find(&local_http(PATIENT), &golden(event_type)).await;
        let seen = match found.outcome {
            Ok(None) => "not here".to_owned(),
            Ok(Some(receipt)) => receipt.reference.unwrap_or_else(|| "gone".to_owned()),
            Err(error) => error.word().to_owned(),
        };
        assert_eq!(seen, expected, "{event_type} {status} {body}");
        let asked = "GET /wms/lgfapi/v10/entity/ib_shipment/?shipment_nbr=ASN-2026-0311&facility_id__code=DC01&company_id__code=ACME ";
        assert!(stub.requests()[0].starts_with(asked), "{}", stub.requests()[0]);
    }
}

#[tokio::test]
async fn a_long_document_is_handed_over_and_then_looked_for() {
    let taken =
        "<root><success>True</success><response><message>for file group 7</message></response></root>";
    let stub = Stub::start(Say::answer(200, "", taken)).await;
    let base = stub.url.trim_end_matches("/events").to_owned();
    let connector = connector_with(&base, &json!({ "asynchronous_above": 2 }));
    let http = local_http(PATIENT);
    let delivery = golden("shipment.submitted");

    let handed = connector.deliver(&http, &delivery).await.outcome.unwrap_err();
    assert_eq!(handed, DeliveryError::unconfirmed("handed over as file group 7, and not yet seen"));
    assert!(stub.requests()[0].contains("async=true&validate_xml=true&xml_data="), "{}", stub.requests()[0]);

    let empty = Stub::start(Say::answer(200, "", r#"{"results":[]}"#)).await;
    let base = empty.url.trim_end_matches("/events").to_owned();
    let connector = connector_with(&base, &json!({ "asynchronous_above": 2 }));
    let soon = connector.find(&http, &delivery).await.outcome.unwrap_err();
    assert_eq!(soon.word(), "unconfirmed", "it may be on its way");
    let later = Errand { at: errand().at + chrono::TimeDelta::minutes(11), ..errand() };
    let late = connector.find(&http, &Delivery { errand: later, ..delivery }).await;
    assert_eq!(late.outcome, Ok(None));
}

#[tokio::test]
async fn a_test_tells_host_password_and_eligibility_apart() {
    for (status, body, expected) in [
        (200, r#"{"results":[{"id":1,"code":"DC01"},{"id":2,"code":"ACME"}]}"#, "works"),
        (200, r#"{"results":[]}"#, "NOT_ELIGIBLE: the user does not see facility DC01"),
        (401, "", "the receiver rejected the credentials"),
        (403, "", "NOT_ELIGIBLE: the WMS knows this user"),
        (404, "<html>", "NOT_THE_WMS"),
        (200, "<html>Sign in", "outcome unknown"),
        (302, "", "redirects"),
    ] {
        let stub = Stub::start(Say::answer(status, "", body)).await;
        let base = stub.url.trim_end_matches("/events").to_owned();
        let tested = connector(&base).test(&local_http(PATIENT), &errand()).await;
        let said = tested.outcome.map_or_else(|error| error.to_string(), |()| "works".to_owned());
        assert!(said.contains(expected), "{status} {body}: {said}");
        assert!(
            stub.requests().iter().all(|request| request.starts_with("GET ")),
            "nothing is changed by a test"
        );
        assert!(stub.requests()[0].contains("authorization: Basic "), "{}", stub.requests()[0]);
    }
}

fn receive(connector: &OracleWms, feed: &str, media_type: &str, body: &str) -> Vec<Inbound> {
    let message = Message { media_type, body: body.as_bytes() };
    connector.receive(&Codes::default(), feed, &message).unwrap_or_else(|problems| panic!("{problems}"))
}

fn receipts(inbound: &[Inbound]) -> Vec<Result<quayside_canonical::receipt::ReceiptDocument, Vec<Problem>>> {
    let receipt = |one: &Inbound| match one {
        Inbound::Receipt(stated) => stated.document.clone().map_err(Problems::into_vec),
        other => panic!("{other:?} is no receipt"),
    };
    inbound.iter().map(receipt).collect()
}

#[test]
fn a_verified_shipment_is_the_last_word_in_totals_in_xml_and_in_json() {
    let connector = connector(BASE);
    let xml = receive(
        &connector,
        read::VERIFICATION,
        "application/xml",
        &golden_text("shipment_verification.inbound.xml"),
    );
    let json = receive(
        &connector,
        read::VERIFICATION,
        "application/json",
        &golden_text("shipment_verification.inbound.json"),
    );
    assert_eq!(xml, json, "the same tree");

    let expected: Value = serde_json::from_str(&golden_text("shipment_verification.receipts.json")).unwrap();
    let read: Vec<_> = receipts(&xml).into_iter().map(Result::unwrap).collect();
    assert_eq!(serde_json::to_value(&read).unwrap(), expected);
    assert!(read.iter().all(|one| (one.kind, one.basis) == (ReceiptKind::Final, QuantityBasis::Total)));
    let conditions: Vec<_> = read[0].lines.iter().map(|line| line.condition).collect();
    assert_eq!(conditions, [GoodsCondition::Good, GoodsCondition::Damaged, GoodsCondition::Unknown]);
    assert_eq!(read[0].lines[2].condition_code.as_deref(), Some("WET"), "kept as it came");
}

#[test]
fn the_history_is_increments_that_rank_before_the_verification() {
    let connector = connector(BASE);
    let inbound =
        receive(&connector, read::HISTORY, "text/xml", &golden_text("inventory_history.inbound.xml"));
    let (good, bad): (Vec<_>, Vec<_>) = receipts(&inbound).into_iter().partition(Result::is_ok);
    let good: Vec<_> = good.into_iter().map(Result::unwrap).collect();
    let expected: Value = serde_json::from_str(&golden_text("inventory_history.receipts.json")).unwrap();
    assert_eq!(serde_json::to_value(&good).unwrap(), expected);
    let codes: Vec<_> =
        bad.into_iter().flat_map(Result::unwrap_err).map(|problem| (problem.code, problem.message)).collect();
    assert_eq!(codes[0].0, "NEGATIVE_ADJUSTMENT", "after the verification nothing else would tell it");
    assert_eq!(codes[1].0, "AMBIGUOUS_ORDER");
    assert_eq!(codes[2].0, "UNKNOWN_ACTIVITY");
    assert!(codes[2].1.contains("`191`, 2 times"), "{codes:?}");
    assert_eq!(codes.len(), 3, "{codes:?}");
}

#[test]
fn the_same_message_twice_is_the_same_statements() {
    let connector = connector(BASE);
    for (feed, name) in [
        (read::VERIFICATION, "shipment_verification.inbound.xml"),
        (read::HISTORY, "inventory_history.inbound.xml"),
    ] {
        let once = receive(&connector, feed, "application/xml", &golden_text(name));
        assert_eq!(once, receive(&connector, feed, "", &golden_text(name)), "{feed}");
    }
}

/// One record of the history and what becomes of it.
fn of_record(
    changes: &Value,
    config: &Value,
) -> Vec<Result<quayside_canonical::receipt::ReceiptDocument, Vec<Problem>>> {
    let mut record = json!({
        "group_nbr": "5", "seq_nbr": 1, "activity_code": "1", "company_code": "ACME", "po_nbr": "4500017",
        "po_line_nbr": "10", "shipment_nbr": "ASN-1", "adj_qty": "5", "create_ts": "2026-10-05T08:00:00"
    });
    for (name, value) in changes.as_object().unwrap() {
        record[name] = value.clone();
    }
    let body = json!({ "LgfData": { "Header": { "Entity": "inventory_history" },
        "ListOfInventoryHistories": { "inventory_history": record } } });
    receipts(&receive(&connector_with(BASE, config), read::HISTORY, "application/json", &body.to_string()))
}

#[test]
fn every_record_of_the_history_has_one_meaning() {
    let none = json!({});
    for (changes, config, expected) in [
        (json!({}), none.clone(), "INCREMENT 5 GOOD 0"),
        (json!({ "lock_code": "DMG" }), none.clone(), "INCREMENT 5 DAMAGED 0"),
        (json!({ "lock_code": "???" }), none.clone(), "INCREMENT 5 UNKNOWN 0"),
        (json!({ "activity_code": "4", "adj_qty": "1.5" }), none.clone(), "INCREMENT 1.5 GOOD 0"),
        (json!({ "activity_code": 17 }), none.clone(), "INCREMENT 5 GOOD 2"),
        (json!({ "activity_code": "17", "adj_qty": "-5" }), none.clone(), "NEGATIVE_ADJUSTMENT"),
        (json!({ "activity_code": "6", "adj_qty": "-5" }), none.clone(), "nothing"),
        (
            json!({ "activity_code": "6", "adj_qty": "-5" }),
            json!({ "verification_follows": false }),
            "NEGATIVE_ADJUSTMENT",
        ),
        (json!({ "adj_qty": "" }), none.clone(), "nothing"),
        (json!({ "adj_qty": "some" }), none.clone(), "INVALID_VALUE"),
        (json!({ "activity_code": "48" }), none.clone(), "nothing"),
        (json!({ "activity_code": "199" }), none.clone(), "UNKNOWN_ACTIVITY"),
        (json!({ "activity_code": "199" }), json!({ "ignored_activities": ["199"] }), "nothing"),
        (json!({ "company_code": "OTHER" }), none.clone(), "ANOTHER_COMPANY"),
        (json!({ "po_nbr": "" }), none.clone(), "REQUIRED"),
        (json!({ "po_line_nbr": "" }), none.clone(), "REQUIRED"),
        (json!({ "po_nbr": "1,2" }), none.clone(), "AMBIGUOUS_ORDER"),
        (json!({ "expiry_date": "soon" }), none.clone(), "INVALID_VALUE"),
        (json!({ "create_ts": "soon" }), none.clone(), "INVALID_VALUE"),
        (json!({ "seq_nbr": "" }), none.clone(), "REQUIRED"),
    ] {
        let seen = match of_record(&changes, &config).first() {
            None => "nothing".to_owned(),
            Some(Ok(read)) => {
                let line = &read.lines[0];
                assert_eq!((line.line.as_str(), read.number.starts_with("IHT 5-1-")), ("00010", true));
                format!("{} {} {} {}", read.kind, line.quantity, line.condition, read.sequence.unwrap())
            }
            Some(Err(problems)) => problems[0].code.clone(),
        };
        assert_eq!(seen, expected, "{changes} {config}");
    }
}

#[test]
fn two_locks_that_disagree_hold_the_goods() {
    let body = |container: &str, quantity: &str| {
        json!({ "LgfData": { "Header": { "Entity": "shipment_verification", "MessageId": "S1", "TimeStamp": "2026-10-05T08:00:00" },
            "ListOfVerifiedIbShipments": { "ib_shipment": { "ib_shipment_hdr": { "shipment_nbr": "A1" },
                "ib_shipment_dtl": { "po_nbr": "1", "po_seq_nbr": "1", "received_qty": "3", "lock_code": container, "inventory_lock_code": quantity } } } } })
        .to_string()
    };
    for (container, quantity, expected, code) in [
        ("", "QC", GoodsCondition::QualityHold, "QC"),
        ("DMG", "DMG", GoodsCondition::Damaged, "DMG+DMG"),
        ("DMG", "QC", GoodsCondition::Unknown, "DMG+QC"),
    ] {
        let read =
            receive(&connector(BASE), read::VERIFICATION, "application/json", &body(container, quantity));
        let line = receipts(&read).remove(0).unwrap().lines.remove(0);
        assert_eq!(
            (line.condition, line.condition_code.as_deref(), line.quantity),
            (expected, Some(code), Micro::from(3))
        );
    }
}

#[tokio::test]
async fn a_poll_goes_through_the_pages_of_one_stretch_of_time() {
    let record = json!({ "id": 4711, "history_activity_id": 1, "facility_id": { "id": 2, "key": "DC01" }, "po_nbr": "4500017",
        "po_line_nbr": 10, "adj_qty": "3", "create_ts": "2026-03-02T10:30:00+01:00", "lpn_nbr": "X1" });
    let body = json!({ "next_page": "https://x/?page=2", "results": [record] }).to_string();
    let stub = Stub::start(Say::answer(200, "", &body)).await;
    let base = stub.url.trim_end_matches("/events").to_owned();
    let (connector, http, codes) = (connector(&base), local_http(PATIENT), Codes::default());

    let page =
        Source::poll(&connector, &http, &errand(), &codes, read::HISTORY_POLL, None).await.outcome.unwrap();

    assert!(page.more);
    assert_eq!(page.cursor.as_deref(), Some("2026-02-23T10:00:00Z|2026-03-02T10:00:00Z|2"));
    let read = receipts(&page.documents).remove(0).unwrap();
    assert_eq!((read.number.as_str(), read.location.as_deref()), ("IHT id 4711", Some("DC1")));
    assert_eq!(read.received_at.to_string(), "2026-03-02T09:30:00Z");
    assert_eq!(read.lines[0].evidence, ["LPN X1"], "no SSCC, but told");
    let asked = stub.requests().remove(0);
    for part in [
        "create_ts__range=2026-02-23T10%3A00%3A00Z%2C2026-03-02T10%3A00%3A00Z",
        "history_activity_id__in=1%2C4%2C6",
        "page=1 ",
    ] {
        assert!(asked.contains(part), "{asked} does not say {part}");
    }
}

#[tokio::test]
async fn appointments_with_our_mark_are_told_and_others_are_not() {
    let row = |number: &str, mark: &str, status: i64| {
        json!({ "id": 1, "appt_nbr": number, "load_id": { "id": 3, "key": number }, "status_id": status, "duration": 45,
            "cust_field_1": mark, "planned_start_ts": "2026-03-12T13:00:00", "mod_ts": "2026-03-02T10:05:00", "facility_id": { "key": "DC01" },
            "preferred_dock_id": { "key": "D04" } })
    };
    let mark = "apt_01987c1e5a00700080000000000000d1/4719";
    let rows = json!({ "results": [row("ASN-1", mark, 10), row("ASN-2", "", 10), row("ASN-3", mark, 55)] });
    let stub = Stub::start(Say::answer(200, "", &rows.to_string())).await;
    let base = stub.url.trim_end_matches("/events").to_owned();
    let (connector, http, codes) = (connector(&base), local_http(PATIENT), Codes::default());
    let polled = Source::poll(&connector, &http, &errand(), &codes, read::APPOINTMENTS, None).await;

    let documents = polled.outcome.unwrap().documents;

    let [Inbound::Appointment(first), Inbound::Appointment(second)] = documents.as_slice() else {
        panic!("{documents:?}")
    };
    let confirmed = first.document.as_ref().unwrap();
    assert_eq!((confirmed.shipment.as_str(), confirmed.dock.as_deref()), ("ASN-1", Some("D04")));
    assert_eq!(confirmed.slot_from.unwrap().to_string(), "2026-03-12T12:00:00Z");
    assert_eq!(confirmed.slot_until.unwrap().to_string(), "2026-03-12T12:45:00Z");
    let problems = second.document.clone().unwrap_err().into_vec();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].code == "UNKNOWN_STATUS" && problems[0].message.contains("`55`"), "{problems:?}");
}
