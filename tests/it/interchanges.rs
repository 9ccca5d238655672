//! EDI by HTTPS, and what procurement and the supplier see of it.
use quayside_canonical::identity::Role;
use serde_json::{Value, json};

use crate::support::{Reply, Supplier, Tenant, TestApp, mutation, order};

const NUMBER: &str = "4500012345";

/// A tenant, and a supplier with an order.
async fn world() -> (TestApp, Tenant, Supplier) {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    app.ingest(&tenant, &order(&supplier, NUMBER)).await;
    (app, tenant, supplier)
}

/// An interchange of the supplier's with one set.
fn interchange(supplier: &Supplier, control: u32, group: &str, kind: &str, segments: &[&str]) -> String {
    let sender = &supplier.edi_id;
    let count = segments.len() + 2;
    let body: String = segments.iter().map(|segment| format!("{segment}~")).collect();
    format!(
        "ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*NORTHDIST      *260901*0900*U*00401*{control:09}*0*T*>~\
         GS*{group}*{sender}*NORTHDIST*20260901*0900*{control}*X*004010~\
         ST*{kind}*0001~{body}SE*{count}*0001~GE*1*{control}~IEA*1*{control:09}~"
    )
}

/// A ship notice of 10 of an item; the order's own is not it.
fn ship(supplier: &Supplier, control: u32, part: &str) -> String {
    let (order, item) = (format!("PRF*{NUMBER}"), format!("LIN**VP*{part}"));
    let segments = [
        "BSN*00*S-1*20260901*0800",
        "HL*1**S",
        "HL*2*1*O",
        order.as_str(),
        "HL*3*2*I",
        item.as_str(),
        "SN1**10*EA",
    ];
    interchange(supplier, control, "SH", "856", &segments)
}

async fn seen(app: &TestApp, token: &str, document: &str, id: &Value) -> Value {
    app.graphql(token, document, json!({ "id": id })).await.data().clone()
}

const SHOWN: &str = "query($id: ID!) { interchange(id: $id) { status controlNumber usage syntax way sender { qualifier id }
    messageCount refusedCount fileName connectionId messages(first: 5) { nodes { id type stage outcome subject attempts
    problems { code field } segments { index text problems { code } } } } } }";

#[tokio::test]
async fn a_refused_message_is_shown_with_its_segment_to_both_sides_and_to_no_other() {
    let (app, tenant, supplier) = world().await;
    let neighbour = app.supplier(&tenant).await;
    let buyer = app.buyer(&tenant).await;
    let reply = app.edi(&supplier, ship(&supplier, 1, "NO-SUCH-ITEM").into_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let one = &reply.body["interchanges"][0];
    assert_eq!((&one["status"], &one["controlNumber"]), (&json!("REFUSED"), &json!("000000001")));
    for token in [&buyer.token, &supplier.token] {
        let shown = seen(&app, token, SHOWN, &one["interchange"]).await["interchange"].clone();
        assert_eq!(shown["sender"], json!({ "qualifier": "ZZ", "id": supplier.edi_id }));
        assert_eq!(
            (&shown["usage"], &shown["way"], &shown["refusedCount"]),
            (&json!("T"), &json!("IN"), &json!(1))
        );
        let message = &shown["messages"]["nodes"][0];
        assert_eq!((&message["stage"], &message["outcome"]), (&json!("VALIDATED"), &json!("REFUSED")));
        let marked: Vec<_> = message["segments"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|segment| segment["problems"] != json!([]))
            .map(|segment| segment["text"].as_str().unwrap())
            .collect();
        assert_eq!(marked, ["HL*3*2*I"], "where the line that is not ordered begins");
    }
    let nothing = seen(&app, &neighbour.token, SHOWN, &one["interchange"]).await;
    assert_eq!(nothing, json!({ "interchange": null }));
    let list = "{ interchanges(first: 5, filter: { status: [REFUSED], controlNumber: \"000000001\" }) { nodes { id } } }";
    let found = app.graphql(&supplier.token, list, json!({})).await;
    assert_eq!(found.data()["interchanges"]["nodes"], json!([{ "id": one["interchange"] }]));
}

async fn retry(app: &TestApp, token: &str, id: &Value, key: &str, reason: &str) -> Reply {
    let query = mutation(
        "retryInterchange",
        "RetryInterchangeInput",
        "interchange { status messages(first: 1) { nodes { outcome attempts } } } userErrors { code field }",
    );
    let input = json!({ "input": { "id": id, "reason": reason, "idempotencyKey": key } });
    app.graphql(token, &query, input).await
}

#[tokio::test]
async fn what_was_refused_is_dealt_with_again_when_its_cause_is_mended() {
    let (app, tenant, supplier) = world().await;
    let buyer = app.buyer(&tenant).await;
    let said: &[&str] = &["BAK*00*AT*4500099990*20260901"];
    let reply = app.edi(&supplier, interchange(&supplier, 1, "PR", "855", said).into_bytes()).await;
    let id = reply.body["interchanges"][0]["interchange"].clone();
    let problems =
        "{ exceptions(first: 5, filter: { open: true, kind: DOCUMENT_REFUSED }) { nodes { id } } }";
    let open = app.graphql(&buyer.token, problems, json!({})).await;
    assert_eq!(open.data()["exceptions"]["nodes"].as_array().unwrap().len(), 1);

    let unmended = retry(&app, &buyer.token, &id, "1", "just so").await;
    let payload = &unmended.data()["retryInterchange"];
    assert_eq!(
        payload["interchange"]["messages"]["nodes"][0],
        json!({ "outcome": "REFUSED", "attempts": 2 })
    );

    app.ingest(&tenant, &order(&supplier, "4500099990")).await;
    let silent = retry(&app, &buyer.token, &id, "2", " ").await;
    assert_eq!(silent.data()["retryInterchange"]["userErrors"][0]["code"], "REQUIRED");
    for _ in 0..2 {
        let mended = retry(&app, &buyer.token, &id, "3", "the order was missing").await;
        let payload = &mended.data()["retryInterchange"];
        assert_eq!(payload["interchange"]["status"], "APPLIED", "{payload}");
        assert_eq!(
            payload["interchange"]["messages"]["nodes"][0],
            json!({ "outcome": "ANSWERED", "attempts": 3 })
        );
    }
    let open = app.graphql(&buyer.token, problems, json!({})).await;
    assert_eq!(open.data()["exceptions"]["nodes"], json!([]), "what was mended is cured");
    let again = retry(&app, &buyer.token, &id, "4", "once more").await;
    assert_eq!(again.data()["retryInterchange"]["userErrors"][0]["code"], "INVALID_STATE");
    let another = app.edi(&supplier, interchange(&supplier, 2, "PR", "855", said).into_bytes()).await;
    assert_eq!(another.body["interchanges"][0]["messages"][0]["outcome"], "UNCHANGED", "{}", another.body);
    app.settle().await;
    let events = app.graphql(&buyer.token, "{ events(first: 100) { nodes { type data } } }", json!({})).await;
    let nodes = events.data()["events"]["nodes"].as_array().unwrap().clone();
    let retried: Vec<_> = nodes.iter().filter(|event| event["type"] == "interchange.retried").collect();
    assert_eq!(retried.len(), 2, "each that did something is on record");
}

#[tokio::test]
async fn a_line_that_is_answered_in_part_shows_what_is_open() {
    let (app, tenant, supplier) = world().await;
    let buyer = app.buyer(&tenant).await;
    let begin = format!("BAK*00*AC*{NUMBER}*20260901");
    let say = |control: u32, quantity: u32, day: &str| {
        let ack = format!("ACK*IA*{quantity}*EA*067*{day}");
        interchange(&supplier, control, "PR", "855", &[begin.as_str(), "PO1*00010*100*EA", ack.as_str()])
    };
    app.edi(&supplier, say(1, 60, "20261202").into_bytes()).await;
    let query = "{ purchaseOrders(first: 1) { nodes { status lines { number status answer { holds open { value unit } parts { quantity { value } } } }
        acknowledgments { lines { line status } } } } }";
    let shown = |reply: &Reply| {
        let order = &reply.data()["purchaseOrders"]["nodes"][0];
        (order["lines"][0].clone(), order["acknowledgments"].clone())
    };
    let (line, answers) = shown(&app.graphql(&supplier.token, query, json!({})).await);
    assert_eq!(line["status"], "AWAITING_ANSWER");
    let part = json!({ "holds": false, "open": { "value": "40", "unit": "EA" }, "parts": [{ "quantity": { "value": "60" } }] });
    assert_eq!(line["answer"], part);
    assert_eq!(answers[0]["lines"], json!([{ "line": "00010", "status": "AWAITING_ANSWER" }]));

    app.edi(&supplier, say(2, 40, "20261203").into_bytes()).await;
    let (line, _) = shown(&app.graphql(&buyer.token, query, json!({})).await);
    assert_eq!((&line["status"], &line["answer"]["open"]), (&json!("ACCEPTED"), &Value::Null));
    app.settle().await;
    let events = "{ events(first: 100, types: [\"acknowledgment.submitted\"]) { nodes { data } } }";
    let events = app.graphql(&buyer.token, events, json!({})).await;
    let told: Vec<_> =
        events.data()["events"]["nodes"].as_array().unwrap().iter().map(|one| &one["data"]).collect();
    assert_eq!((&told[0]["lines"], told[0]["inPart"][0]["parts"].as_array().unwrap().len()), (&json!([]), 1));
    assert_eq!(
        (told[1]["lines"][0]["parts"].as_array().unwrap().len(), &told[1]["inPart"]),
        (2, &Value::Null)
    );
}

#[tokio::test]
async fn a_file_is_tried_by_either_side_with_every_problem_at_once() {
    let (app, tenant, supplier) = world().await;
    let buyer = app.buyer(&tenant).await;
    let viewer = app.person(&tenant, Some(supplier.id), Role::SupplierViewer).await.1;
    let query = mutation(
        "validateInterchange",
        "ValidateInterchangeInput",
        "validation { problems { code } interchanges { status problems { code } messages { type stage outcome checked problems { code } } } } userErrors { code field }",
    );
    let good = ship(&supplier, 1, "S-1");
    let bad = ship(&supplier, 2, "NO-SUCH-ITEM").replace("BSN*00*S-1*20260901", "BSN*00*S-2*20261301");
    let content = format!("{good}{bad}rubbish");
    for token in [&buyer.token, &supplier.token, &viewer] {
        let input = json!({ "tradingPartnerId": supplier.partner.to_string(), "content": content });
        let reply = app.graphql(token, &query, json!({ "input": input })).await;
        let tried = &reply.data()["validateInterchange"]["validation"];
        let told: Vec<_> =
            tried["interchanges"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
        assert_eq!(told.len(), 2, "{tried}");
        assert_eq!(told[1], "REFUSED", "{tried}");
    }
    let both = json!({ "tradingPartnerId": supplier.partner.to_string(), "content": "x", "base64": "eA==" });
    let none = json!({ "tradingPartnerId": supplier.partner.to_string(), "base64": "%" });
    for (input, code) in [(both, "REQUIRED"), (none, "INVALID_VALUE")] {
        let reply = app.graphql(&supplier.token, &query, json!({ "input": input })).await;
        assert_eq!(reply.data()["validateInterchange"]["userErrors"][0]["code"], code);
    }
    let list = app.graphql(&buyer.token, "{ interchanges(first: 5) { nodes { id } } }", json!({})).await;
    assert_eq!(list.data()["interchanges"]["nodes"], json!([]), "nothing was written");
}

#[tokio::test]
async fn the_entrance_answers_in_the_words_of_the_others() {
    let (app, _, supplier) = world().await;
    let post = async |kind: &str, body: Vec<u8>| {
        let request = app.http.post(app.url("/edi/v1/interchanges")).bearer_auth(&supplier.edi_token);
        Reply::read(request.header("content-type", kind).body(body).send().await.unwrap()).await
    };
    let refused = post("application/json", b"{}".to_vec()).await;
    assert_eq!((refused.status, &refused.body["code"]), (415, &json!("UNSUPPORTED_MEDIA_TYPE")));
    assert_eq!(refused.header("content-type"), "application/problem+json");
    let nothing = post("application/edifact", b"hello".to_vec()).await;
    assert_eq!(nothing.status, 422, "{}", nothing.body);
    assert_eq!(nothing.body["interchanges"][0]["problems"][0]["code"], "NO_INTERCHANGE");
    let stranger = ship(&supplier, 1, "S-1").replace(&supplier.edi_id, &"X".repeat(supplier.edi_id.len()));
    let stranger = post("application/edi-x12", stranger.into_bytes()).await;
    let one = &stranger.body["interchanges"][0];
    assert_eq!(
        (&one["status"], &one["problems"][0]["code"]),
        (&json!("REFUSED"), &json!("SENDER_NOT_THEIRS"))
    );
}

/// A whole order as a translator copies it, which the demo plays.
const CONVERSATION: [(&[u8], &str); 10] = [
    (include_bytes!("../../src/demo/brackwater/01-850.x12"), "850 CREATED"),
    (include_bytes!("../../src/demo/brackwater/02-997.x12"), "997 RECORDED"),
    (include_bytes!("../../src/demo/brackwater/03-855.x12"), "855 ANSWERED"),
    (include_bytes!("../../src/demo/brackwater/04-997.x12"), "997 RECORDED"),
    (include_bytes!("../../src/demo/brackwater/05-860.x12"), "860 REVISED"),
    (include_bytes!("../../src/demo/brackwater/06-997.x12"), "997 RECORDED"),
    (include_bytes!("../../src/demo/brackwater/07-865.x12"), "865 ANSWERED"),
    (include_bytes!("../../src/demo/brackwater/08-997.x12"), "997 RECORDED"),
    (include_bytes!("../../src/demo/brackwater/09-856.x12"), "856 RECORDED"),
    (include_bytes!("../../src/demo/brackwater/10-997.x12"), "997 RECORDED"),
];

#[tokio::test]
async fn a_whole_order_is_mirrored_from_the_files_of_both_sides() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    for (file, expected) in CONVERSATION {
        let text = std::str::from_utf8(file).unwrap();
        let text = text.replace(&format!("{:<15}", "BRACKWATER"), &format!("{:<15}", supplier.edi_id));
        let reply = app.edi(&supplier, text.into_bytes()).await;
        let message = &reply.body["interchanges"][0]["messages"][0];
        let said = format!("{} {}", message["type"].as_str().unwrap(), message["outcome"].as_str().unwrap());
        assert_eq!(said, expected, "{}", reply.body);
    }
    app.settle().await;
    let query =
        "{ purchaseOrder(number: \"4500017061\") { status fulfillment revision sentInterchanges { id } } }";
    let reply = app.graphql(&buyer.token, query, json!({})).await;
    let expected =
        json!({ "status": "ACKNOWLEDGED", "fulfillment": "SHIPPED", "revision": 2, "sentInterchanges": [] });
    assert_eq!(reply.data()["purchaseOrder"], expected);
}
