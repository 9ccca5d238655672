//! What SAP says, read; and what cannot be said in its words.
use reqwest::StatusCode;

use super::*;
use crate::stub::{PATIENT, Say, Stub, errand, local_http};

/// What a read that is answered like this becomes.
async fn heard(status: u16, headers: &str, body: &str) -> DeliveryError {
    let stub = Stub::start(Say::answer(status, headers, body)).await;
    let config: Config = serde_json::from_value(config(stub.url.trim_end_matches("/events"))).unwrap();
    let (sessions, errand, http) = (Sessions::default(), errand(), local_http(PATIENT));
    let mut talk = Talk::new(&http, &config, &sessions, &errand);
    let question = Question { service: Service::Materials, path: "A_MaterialDocumentHeader".to_owned() };
    talk.read(&question).await.unwrap_err()
}

#[tokio::test]
async fn errors_of_both_versions_are_told_whole_and_once() {
    let v2 = json!({ "error": {
        "code": "M7/021",
        "message": { "lang": "en", "value": "Deficit of PU 3 PC" },
        "innererror": { "errordetails": [
            { "code": "M7/021", "message": "Deficit of PU 3 PC", "severity": "error" },
            { "code": "/IWBEP/CX_MGW_BUSI_EXCEPTION", "message": "Check\nitem 1", "severity": "error" },
        ]},
    }});
    let v4 = json!({ "error": {
        "code": "ME/083", "message": "Enter Tax Code", "target": "x",
        "details": [{ "code": "ME/664", "message": "Plant 1710 is blocked" }],
    }});
    for (body, code, message) in [
        (v2, "M7/021", "Deficit of PU 3 PC; Check item 1"),
        (v4, "ME/083", "Enter Tax Code; Plant 1710 is blocked"),
    ] {
        let refused = DeliveryError::Refused { code: code.to_owned(), message: message.to_owned() };
        assert_eq!(heard(400, "", &body.to_string()).await, refused);
    }
    let long = json!({ "error": { "code": "X/1", "message": "y".repeat(5000) } });
    assert!(heard(400, "", &long.to_string()).await.to_string().len() < 1200);
}

#[tokio::test]
async fn each_kind_of_trouble_has_its_next_move() {
    let error =
        |code: &str, message: &str| json!({ "error": { "code": code, "message": message } }).to_string();
    for (status, body, word, says) in [
        (400, error("ME/006", "User MILLER is already processing it"), "retry", "locked in SAP"),
        (409, error("X/1", "Document 1 is locked by MILLER"), "retry", "locked in SAP"),
        (423, String::new(), "retry", "locked in SAP"),
        (400, error("F5201", "Posting period 012 2025 is not open"), "refused", "open the posting period"),
        (
            400,
            error("M7/120", "No authorization for movement type 101"),
            "refused",
            "give the communication user",
        ),
        (403, error("X/2", "Forbidden"), "refused", "SAP_COM_0108"),
        (404, "<html>".to_owned(), "refused", "no service at"),
        (404, error("X/3", "Resource not found"), "refused", "Resource not found"),
        (409, error("X/4", "Exists"), "refused", "Exists"),
        (422, "?".to_owned(), "refused", "422"),
        (500, error("SY/530", "Short dump"), "retry", "Short dump"),
        (504, "<html>".to_owned(), "retry", "504"),
        (408, String::new(), "retry", "408"),
    ] {
        let error = heard(status, "", &body).await;
        assert_eq!(error.word(), word, "{status} {body}: {error}");
        assert!(error.to_string().contains(says), "{status} {body}: {error}");
    }
    let busy = heard(429, "retry-after: 7\r\n", "").await;
    assert!(matches!(busy, DeliveryError::Retry { after: Some(after), .. } if after.as_secs() == 7));
    assert_eq!(StatusCode::LOCKED.as_u16(), 423);
}

#[test]
fn an_answer_without_a_number_proves_nothing() {
    assert_eq!(
        numbered(br#"{"d":{"MaterialDocument":"5000000001"}}"#, "MaterialDocument"),
        Ok("5000000001".into())
    );
    assert_eq!(numbered(br#"{"SupplierConfirmation":"59"}"#, "SupplierConfirmation"), Ok("59".into()));
    for body in ["", "<html>", "{}", r#"{"d":{"MaterialDocument":" "}}"#, r#"{"d":{"MaterialDocument":5}}"#] {
        let outcome = numbered(body.as_bytes(), "MaterialDocument");
        assert_eq!(outcome.unwrap_err().word(), "unconfirmed", "{body}");
    }
}

#[test]
fn what_cannot_be_said_in_saps_words_is_told_in_plain_ones() {
    let line = |parts: Value| json!([{ "line": "10", "status": "ACCEPTED", "parts": parts }]);
    let ack = |parts: Value| delivery_with("acknowledgment.submitted", |data| data["lines"] = line(parts));
    let long =
        |event, member: &'static str| delivery_with(event, |data| data[member] = json!("x".repeat(40)));
    for (delivery, says) in [
        (
            ack(json!([{ "kind": "SUBSTITUTED", "quantity": "12", "substitute": { "supplierPart": "B" } }])),
            "another item",
        ),
        (ack(json!([{ "kind": "ACCEPTED", "quantity": "12", "unit": "DZN" }])), "DZN"),
        (
            ack(
                json!([{ "kind": "ACCEPTED", "quantity": "6", "price": "1" }, { "kind": "ACCEPTED", "quantity": "6", "price": "2" }]),
            ),
            "several prices",
        ),
        (ack(json!([{ "kind": "ACCEPTED", "quantity": "0.0001" }])), "more digits"),
        (long("acknowledgment.submitted", "orderNumber"), "longer than the 10"),
        (long("acknowledgment.submitted", "supplierReference"), "longer than the 35"),
        (long("shipment.submitted", "supplierNumber"), "longer than the 10"),
        (
            delivery_with("shipment.submitted", |d| d["notice"]["billOfLading"] = json!("x".repeat(36))),
            "bill of lading",
        ),
        (
            delivery_with("shipment.submitted", |d| {
                d["notice"]["units"][1]["contents"][0]["lot"] = json!("x".repeat(16));
            }),
            "the lot",
        ),
        (
            delivery_with("shipment.submitted", |d| {
                d["notice"]["units"][1]["contents"][0]["quantity"] = json!("9");
            }),
            "more than is shipped",
        ),
        (
            delivery_with("shipment.submitted", |d| d["lines"][0]["unit"] = json!("C62")),
            "do not say that these are the same",
        ),
        (
            delivery_with("shipment.cancelled", |d| {
                d.as_object_mut().unwrap().remove("supplierNumber");
            }),
            "does not name the supplier",
        ),
        (delivery_with("receipt.recorded", |d| d["basis"] = json!("TOTAL")), "totals"),
        (delivery_with("receipt.recorded", |d| d["kind"] = json!("REVERSAL")), "takes back"),
        (delivery_with("receipt.recorded", |d| d["lines"][1]["condition"] = json!("EXPIRED")), "EXPIRED"),
        (delivery_with("receipt.recorded", |d| d["lines"] = json!(7)), "not as it is catalogued"),
    ] {
        let outcome = plan(config("https://sap.example.com"), &delivery, &answers(&delivery.event_type));
        let words = unmappable(&outcome);
        assert!(words.contains(says), "{words} does not say {says}");
    }
    let other = Delivery { event_type: "shipment.amended".into(), ..delivery("shipment.submitted") };
    assert!(unmappable(&plan(config("https://sap.example.com"), &other, &[])).contains("another event type"));
    let off = config_with("https://sap.example.com", json!({ "goods_receipts": false }));
    assert!(unmappable(&plan(off, &delivery("receipt.recorded"), &[])).contains("does not send"));
}

#[test]
fn the_policy_decides_what_of_an_answer_is_confirmed() {
    let item = |policy: &str, index: usize| {
        let config = config_with("https://sap.example.com", json!({ "write_back": policy }));
        let delivery = delivery("acknowledgment.submitted");
        let Ok(Plan::Do(writes)) = plan(config, &delivery, &answers("acknowledgment.submitted")) else {
            panic!()
        };
        let body = writes[0].body.clone().unwrap();
        body["_SupplierConfirmationItemTP"].get(index).cloned()
    };
    let priced = |policy: &str| item(policy, 0).unwrap().get("SupplierConfirmedNetPrice").is_some();
    let rejects = |policy: &str| item(policy, 2).is_some();
    let seen: Vec<(bool, bool)> = ["proposal_fields_only", "dates_only", "dates_and_quantities", "all"]
        .map(|policy| (priced(policy), rejects(policy)))
        .to_vec();
    assert_eq!(seen, [(true, true), (false, false), (false, true), (true, true)]);
}

#[test]
fn a_part_without_a_day_is_for_the_day_that_was_asked_for_where_that_is_certain() {
    let with = |line: &str, parts: Value| {
        delivery_with("acknowledgment.submitted", |data| {
            data["lines"] = json!([{ "line": line, "status": "ACCEPTED", "parts": parts }]);
        })
    };
    let days = |delivery: &Delivery| {
        let outcome = plan(config("https://sap.example.com"), delivery, &answers("acknowledgment.submitted"));
        let Ok(Plan::Do(writes)) = outcome else { panic!("{outcome:?}") };
        let body = writes[0].body.clone().unwrap();
        let lines =
            body["_SupplierConfirmationItemTP"][0]["_SupplierConfirmationLineTP"].as_array().unwrap().clone();
        lines.iter().map(|line| line["DeliveryDate"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let two = json!([{ "kind": "ACCEPTED", "quantity": "8" }, { "kind": "ACCEPTED", "quantity": "4", "promisedOn": "2026-04-02" }]);
    assert_eq!(days(&with("10", two)), ["2026-03-20", "2026-04-02"], "one schedule line: its day");
    assert_eq!(
        days(&with("20", json!([{ "kind": "ACCEPTED", "quantity": "25.5" }]))),
        ["2026-03-20", "2026-03-27"]
    );
    let part = with("20", json!([{ "kind": "ACCEPTED", "quantity": "20" }]));
    let outcome = plan(config("https://sap.example.com"), &part, &answers("acknowledgment.submitted"));
    assert!(unmappable(&outcome).contains("without a day"));
}

#[test]
fn what_sap_does_not_know_is_refused_and_two_of_a_kind_are_not_told_apart() {
    let unknown = delivery_with("acknowledgment.submitted", |data| data["lines"][0]["line"] = json!("99"));
    let outcome = plan(config("https://sap.example.com"), &unknown, &answers("acknowledgment.submitted"));
    assert!(outcome.unwrap_err().to_string().contains("no item 99"));

    let mut nothing = answers("acknowledgment.submitted");
    nothing[0]["value"] = json!([]);
    let outcome = plan(config("https://sap.example.com"), &delivery("acknowledgment.submitted"), &nothing);
    assert!(outcome.unwrap_err().to_string().contains("no purchase order 4500000017"));

    let mut two = answers("shipment.cancelled");
    let one = two[0]["d"]["results"][0].clone();
    two[0]["d"]["results"].as_array_mut().unwrap().push(one);
    let outcome = plan(config("https://sap.example.com"), &delivery("shipment.cancelled"), &two);
    assert!(outcome.unwrap_err().to_string().contains("several inbound deliveries"));

    let mut cut = answers("shipment.cancelled");
    cut[0]["d"]["__next"] = json!("…$skiptoken=1");
    let outcome = plan(config("https://sap.example.com"), &delivery("shipment.cancelled"), &cut);
    assert!(outcome.unwrap_err().to_string().contains("more documents"));
}
