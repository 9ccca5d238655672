//! EXCHANGE mode: what partners are sent, what they say to it, and what of theirs is answered.
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Buyer, Supplier, Tenant, TestApp, revision};

const SENT: &str = "query($filter: SentInterchangeFilter) { sentInterchanges(first: 50, filter: $filter) { nodes {
    id tradingPartner controlNumber status verdict fileName mediaType content delivery { status }
    documents { document type number revision purchaseOrderId groupNumber controlNumber verdict faults } } } }";

/// A tenant, one of its suppliers, and a person of procurement.
struct World {
    app: TestApp,
    tenant: Tenant,
    supplier: Supplier,
    buyer: Buyer,
}

impl World {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let tenant = app.tenant().await;
        let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
        Self { app, tenant, supplier, buyer }
    }

    /// One with whose supplier EDI is exchanged.
    async fn exchanging() -> Self {
        let world = Self::start().await;
        world.agree("EXCHANGE", &json!({ "ours": [{ "qualifier": "ZZ", "id": "BUYER" }] })).await;
        world
    }

    async fn agree(&self, mode: &str, agreement: &Value) {
        let scratch = self.app.scratch();
        let partner = scratch.literal(self.supplier.partner.0);
        let connection = scratch.literal(self.tenant.erp.0);
        let sql = format!(
            "update trading_partner set mode = '{mode}', agreement = '{agreement}', connection_id = {connection},
             revision = revision + 1 where id = {partner}"
        );
        scratch.tamper(&[&sql]).await;
    }

    async fn order(&self, number: &str, sequence: i64, quantity: &str) -> String {
        let reply =
            self.app.ingest(&self.tenant, &revision(&self.supplier, number, sequence, quantity)).await;
        let order = reply.body["order"].as_str().unwrap().to_owned();
        self.app.settle().await;
        order
    }

    /// What was sent, the oldest first.
    async fn sent(&self, token: &str) -> Vec<Value> {
        let reply = self.app.graphql(token, SENT, json!({})).await;
        let mut nodes = reply.data()["sentInterchanges"]["nodes"].as_array().unwrap().clone();
        nodes.reverse();
        nodes
    }

    /// An interchange of the partner, with these groups in it.
    async fn comes(&self, number: u32, groups: &str) -> Value {
        let id = &self.supplier.edi_id;
        let text = format!(
            "ISA*00*          *00*          *ZZ*{id:<15}*ZZ*BUYER          *261123*0800*U*00401*{number:09}*0*T*>~\
             {groups}IEA*1*{number:09}~"
        );
        let reply = self.app.edi(&self.supplier, text.into_bytes()).await;
        self.app.settle().await;
        reply.body
    }

    fn group(&self, kind: &str, number: u32, sets: &str, count: u32) -> String {
        let id = &self.supplier.edi_id;
        format!("GS*{kind}*{id}*BUYER*20261123*0800*{number}*X*004010~{sets}GE*{count}*{number}~")
    }

    /// The open exceptions of a kind, as their sentences.
    async fn exceptions(&self, kind: &str) -> Vec<String> {
        let query = "query($kind: ExceptionKind) { exceptions(first: 50, filter: { kind: $kind, open: true }) { nodes { summary } } }";
        let reply = self.app.graphql(&self.buyer.token, query, json!({ "kind": kind })).await;
        let nodes = reply.data()["exceptions"]["nodes"].as_array().unwrap();
        nodes.iter().map(|node| node["summary"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn an_order_goes_out_as_850_and_what_changed_as_860() {
    let world = World::exchanging().await;
    let order = world.order("4500001", 1, "100").await;
    world.order("4500001", 2, "80").await;
    let sent = world.sent(&world.buyer.token).await;
    assert_eq!(sent.len(), 2, "{sent:#?}");

    let first = &sent[0];
    assert_eq!(first["controlNumber"], "000000001");
    assert_eq!(first["fileName"], "850-000000001.x12");
    assert_eq!(first["documents"][0]["type"], "850");
    assert_eq!(first["documents"][0]["number"], "4500001");
    assert_eq!(first["documents"][0]["purchaseOrderId"], order.as_str());
    let text = first["content"].as_str().unwrap();
    assert!(text.contains("~BEG*00*SA*4500001**20261101~CUR*BY*EUR~"), "{text}");
    assert!(
        text.contains("~PO1*00010*100*EA*3.1*PE*BP*B-1*VN*S-1~DTM*064*20261201~DTM*063*20261205~"),
        "{text}"
    );
    assert!(text.contains("~PO1*00020*12.5*KG*0.99*PE*BP*B-2~"), "{text}");

    let second = &sent[1];
    assert_eq!(second["controlNumber"], "000000002");
    assert_eq!(second["documents"][0]["type"], "860");
    assert_eq!(second["documents"][0]["revision"], 2);
    let text = second["content"].as_str().unwrap();
    assert!(
        text.contains(
            "~BCH*04*SA*4500001**1*20261101*****20261102~POC*00010*QD*80**EA*3.1*PE*BP*B-1*VN*S-1~"
        ),
        "{text}"
    );
    assert!(!text.contains("POC*00020"), "what did not change is not told: {text}");
}

#[tokio::test]
async fn what_was_sent_is_seen_by_its_own_supplier_and_by_nobody_elses() {
    let world = World::exchanging().await;
    world.order("4500001", 1, "100").await;
    let neighbour = world.app.supplier(&world.tenant).await;
    assert_eq!(world.sent(&world.supplier.token).await.len(), 1);
    assert_eq!(world.sent(&neighbour.token).await.len(), 0);
}

#[tokio::test]
async fn an_order_shows_what_was_sent_about_it_oldest_first() {
    let world = World::exchanging().await;
    world.order("4500001", 1, "100").await;
    world.order("4500002", 1, "100").await;
    world.order("4500001", 2, "80").await;
    let query = "{ purchaseOrders(first: 5) { nodes { number sentInterchanges { status documents { type number } } } } }";
    for token in [&world.buyer.token, &world.supplier.token] {
        let reply = world.app.graphql(token, query, json!({})).await;
        let nodes = reply.data()["purchaseOrders"]["nodes"].as_array().unwrap().clone();
        let sent = |number: &str| {
            let node = nodes.iter().find(|node| node["number"] == number).unwrap();
            let sent = node["sentInterchanges"].as_array().unwrap().iter();
            sent.map(|one| one["documents"][0]["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(sent("4500001"), ["850", "860"]);
        assert_eq!(sent("4500002"), ["850"]);
    }
    let neighbour = world.app.supplier(&world.tenant).await;
    let reply = world.app.graphql(&neighbour.token, query, json!({})).await;
    assert_eq!(reply.data()["purchaseOrders"]["nodes"], json!([]));
}

#[tokio::test]
async fn a_partner_in_mirror_mode_is_sent_nothing() {
    let world = World::start().await;
    world.order("4500001", 1, "100").await;
    assert!(world.sent(&world.buyer.token).await.is_empty());
    assert!(world.exceptions("EDI_NOT_SENT").await.is_empty());
}

#[tokio::test]
async fn what_waits_for_the_set_up_goes_out_when_it_is_there() {
    let world = World::start().await;
    world.agree("EXCHANGE", &json!({})).await;
    world.order("4500001", 1, "100").await;
    world.order("4500002", 1, "100").await;
    assert!(world.sent(&world.buyer.token).await.is_empty());
    let told = world.exceptions("EDI_NOT_SENT").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("it is not agreed by which identifier we are known"), "{told:?}");

    world.agree("EXCHANGE", &json!({ "ours": [{ "qualifier": "ZZ", "id": "BUYER" }] })).await;
    world.app.settle().await;
    let numbers: Vec<Value> =
        world.sent(&world.buyer.token).await.iter().map(|it| it["documents"][0]["number"].clone()).collect();
    assert_eq!(numbers, ["4500001", "4500002"]);
    assert!(world.exceptions("EDI_NOT_SENT").await.is_empty());
}

#[tokio::test]
async fn an_order_that_cannot_be_said_is_told_with_the_reason() {
    let world = World::exchanging().await;
    let mut document = revision(&world.supplier, "4500001", 1, "100");
    document["lines"][0]["unit"] = json!("C62");
    world.app.ingest(&world.tenant, &document).await;
    world.app.settle().await;
    assert!(world.sent(&world.buyer.token).await.is_empty());
    let told = world.exceptions("EDI_NOT_SENT").await;
    assert!(told[0].starts_with("Order 4500001 (revision 1) cannot be sent to "), "{told:?}");
    assert!(told[0].contains("there is no code for the unit C62"), "{told:?}");

    let agreed = json!({ "ours": [{ "qualifier": "ZZ", "id": "BUYER" }],
        "codes": [{ "list": "UNIT", "theirs": "EA", "ours": "C62" }] });
    world.agree("EXCHANGE", &agreed).await;
    world.app.settle().await;
    assert_eq!(world.sent(&world.buyer.token).await.len(), 1);
    assert!(world.exceptions("EDI_NOT_SENT").await.is_empty());
}

#[tokio::test]
async fn the_partners_997_confirms_or_rejects_what_was_sent() {
    let world = World::exchanging().await;
    world.order("4500001", 1, "100").await;
    world.order("4500002", 1, "100").await;
    let taken = world.group("FA", 1, "ST*997*0001~AK1*PO*1~AK9*A*1*1*1~SE*4*0001~", 1);
    world.comes(1, &taken).await;
    let refused = world.group(
        "FA",
        2,
        "ST*997*0001~AK1*PO*2~AK2*850*0002~AK3*PO1*5**8~AK4*2**7*X~AK5*R*5~AK9*R*1*1*0~SE*8*0001~",
        1,
    );
    world.comes(2, &refused).await;
    let sent = world.sent(&world.buyer.token).await;
    assert_eq!(
        (&sent[0]["status"], &sent[1]["status"]),
        (&json!("CONFIRMED"), &json!("REJECTED")),
        "{sent:#?}"
    );
    assert_eq!(sent[0]["documents"][0]["verdict"], "ACCEPTED");
    let told = world.exceptions("EDI_REJECTED").await;
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("850 4500002") && told[0].contains("PO1"), "{told:?}");
    assert_eq!(world.sent(&world.buyer.token).await.len(), 2, "an acknowledgment is not acknowledged");
    world.comes(5, &taken).await;
    let query = "{ events(first: 100, types: [\"interchange.confirmed\", \"interchange.rejected\"]) { nodes { type subject data } } }";
    let told = world.app.graphql(&world.buyer.token, query, json!({})).await;
    let told = told.data()["events"]["nodes"].as_array().unwrap().clone();
    let types: Vec<_> = told.iter().map(|event| (&event["type"], &event["subject"])).collect();
    let expected =
        [(&json!("interchange.confirmed"), &sent[0]["id"]), (&json!("interchange.rejected"), &sent[1]["id"])];
    assert_eq!(types, expected, "each is told once");
    assert_eq!((&told[0]["data"]["messages"], &told[0]["data"]["report"]), (&json!(["850"]), &json!("997")));
    assert!(told[1]["data"]["faults"][0].as_str().unwrap().contains("PO1"), "{:#}", told[1]);
    let theirs = world.app.graphql(&world.supplier.token, query, json!({})).await;
    assert_eq!(theirs.data()["events"]["nodes"], json!([]), "what systems say to each other is the buyer's");

    let stranger = world.group("FA", 3, "ST*997*0001~AK1*PO*99~AK9*A*1*1*1~SE*4*0001~", 1);
    let reply = world.comes(3, &stranger).await;
    let words = reply.to_string();
    assert!(words.contains("UNKNOWN_REFERENCE") && words.contains("group 99"), "{words}");
}

#[tokio::test]
async fn what_comes_is_acknowledged_and_what_is_refused_in_substance_is_told_why() {
    let world = World::exchanging().await;
    let answer = world.group(
        "PR",
        7,
        "ST*855*0001~BAK*00*AC*4599999*20261101~PO1*00010*100*EA~ACK*IA*100*EA~SE*5*0001~",
        1,
    );
    world.comes(9, &answer).await;
    let sent = world.sent(&world.buyer.token).await;
    let kinds: Vec<&Value> = sent.iter().map(|it| &it["documents"][0]["type"]).collect();
    assert_eq!(kinds, ["997", "824"], "{sent:#?}");
    let confirmed = sent[0]["content"].as_str().unwrap();
    assert!(confirmed.contains("~AK1*PR*7~AK2*855*0001~AK5*A~AK9*A*1*1*1~"), "{confirmed}");
    let advice = sent[1]["content"].as_str().unwrap();
    assert!(advice.contains("~OTI*TR*TN*4599999*****7*0001*855~TED*"), "{advice}");
    world.app.settle().await;
    assert_eq!(world.sent(&world.buyer.token).await.len(), 2, "once");
}

#[tokio::test]
async fn each_envelope_is_confirmed_where_that_is_agreed() {
    let world = World::start().await;
    let ours = json!([{ "qualifier": "ZZ", "id": "BUYER" }]);
    world.agree("EXCHANGE", &json!({ "ours": ours, "interchangeAcknowledgment": "ALWAYS" })).await;
    let said = "ST*855*0001~BAK*00*AT*4599999*20261101~SE*3*0001~";
    world.comes(7, &world.group("PR", 7, said, 1)).await;
    let taken = world.group("FA", 8, "ST*997*0001~AK1*AG*1~AK9*A*1*1*1~SE*4*0001~", 1);
    world.comes(8, &taken).await;
    let sent = world.sent(&world.buyer.token).await;
    let types: Vec<_> =
        sent[0]["documents"].as_array().unwrap().iter().map(|one| one["type"].clone()).collect();
    assert_eq!(types, [json!("TA1"), json!("997")], "{sent:#?}");
    let text = sent[0]["content"].as_str().unwrap();
    assert!(text.contains("~TA1*000000007*261123*0800*A*000~"), "{text}");
    let answers = sent.iter().filter(|one| one["content"].as_str().unwrap().contains("TA1*")).count();
    assert_eq!(answers, 1, "what only answers is not answered: {sent:#?}");
}

#[tokio::test]
async fn an_example_of_an_answer_is_taken_as_one() {
    let world = World::exchanging().await;
    let order = world.order("4500001", 1, "100").await;
    let query = "query($partner: ID!, $document: EdiDocument!, $order: ID) {
        generateSample(tradingPartnerId: $partner, document: $document, purchaseOrderId: $order) {
            content type fileName mediaType userErrors { code field message } } }";
    for (document, kind) in [
        ("ORDER", "850"),
        ("ORDER_CHANGE", "860"),
        ("RECEIVING_ADVICE", "861"),
        ("SYNTAX_REPORT", "997"),
        ("INVOICE", "810"),
    ] {
        let asked = json!({ "partner": world.supplier.partner, "document": document });
        let reply = world.app.graphql(&world.supplier.token, query, asked).await;
        let sample = &reply.data()["generateSample"];
        assert_eq!(sample["type"], kind, "{sample:#?}");
    }
    for (document, outcome) in
        [("ORDER_ANSWER", "ANSWERED"), ("CHANGE_ANSWER", "UNCHANGED"), ("INVOICE", "REFUSED")]
    {
        let asked = json!({ "partner": world.supplier.partner, "document": document, "order": order });
        let reply = world.app.graphql(&world.supplier.token, query, asked).await;
        let content = reply.data()["generateSample"]["content"].as_str().unwrap().to_owned();
        let reply = world.app.edi(&world.supplier, content.into_bytes()).await;
        let message = &reply.body["interchanges"][0]["messages"][0];
        assert_eq!(message["outcome"], outcome, "{message:#}");
        if document == "INVOICE" {
            assert_eq!(
                message["problems"][0]["code"], "NOT_SUPPORTED",
                "it is read, and the ERP's to take: {message:#}"
            );
        }
        world.app.advance(Duration::from_secs(1));
    }

    let asked = json!({ "partner": world.supplier.partner, "document": "SHIP_NOTICE", "order": order });
    let reply = world.app.graphql(&world.supplier.token, query, asked).await;
    let content = reply.data()["generateSample"]["content"].as_str().unwrap().to_owned();
    let reply = world.app.edi(&world.supplier, content.into_bytes()).await;
    let words = reply.body.to_string();
    assert!(words.contains("RECORDED"), "{words}");

    let neighbour = world.app.supplier(&world.tenant).await;
    let asked = json!({ "partner": world.supplier.partner, "document": "ORDER" });
    let reply = world.app.graphql(&neighbour.token, query, asked).await;
    assert_eq!(reply.data()["generateSample"]["userErrors"][0]["code"], "NOT_FOUND");
}
