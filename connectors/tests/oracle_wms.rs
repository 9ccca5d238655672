//! The connector `oracle-wms` through its whole life, with a WMS over real HTTP that enforces the contract.
//!
//! The fake knows nothing of the connector, and its books say what really happened.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a test says what is wrong by failing, and builds its world inline"
)]

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use quayside_canonical::receipt::ReceiptDocument;
use quayside_canonical::states::{AppointmentStatus, GoodsCondition, ReceiptKind};
use quayside_connectors::{
    Codes, Connector, Delivery, DeliveryError, Errand, Http, HttpSettings, Inbound, Message, Network, build,
};
use quayside_simulator::{Behaviour, Goods, OracleFault, OracleWms, OracleWmsSettings, serve_oracle_wms};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Long enough to be reached only by a bug.
const PATIENT: Duration = Duration::from_secs(60);

/// A WMS, and the connector of a connection to it.
struct Site {
    wms: OracleWms,
    connector: Box<dyn Connector>,
    http: Http,
    task: JoinHandle<()>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Site {
    async fn start(settings: OracleWmsSettings, changes: Value) -> Self {
        let wms = OracleWms::open(settings).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/oracle", listener.local_addr().unwrap());
        let serving = wms.clone();
        let task = tokio::spawn(async move { serve_oracle_wms(listener, serving).await.unwrap() });
        let connector = build("oracle-wms", config(&base, changes)).unwrap();
        let network = Network { allow_loopback: true };
        let http = Http::new(HttpSettings { deadline: PATIENT, network, ..HttpSettings::default() }).unwrap();
        Self { wms, connector, http, task }
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Option<String>, DeliveryError> {
        let attempted = self.connector.deliver(&self.http, delivery).await;
        assert!(!format!("{attempted:?}").contains("canary"), "{attempted:?}");
        attempted.outcome.map(|receipt| receipt.reference)
    }

    /// Whether it is there.
    async fn find(&self, delivery: &Delivery) -> Result<bool, DeliveryError> {
        Ok(self.connector.find(&self.http, delivery).await.outcome?.is_some())
    }

    fn fault(&self, behaviour: Behaviour) {
        self.wms.queue(OracleFault { behaviour, count: 1 });
    }

    /// What was changed: action and mark.
    fn changes(&self) -> Vec<(String, String)> {
        self.wms.effects().into_iter().map(|effect| (effect.action, effect.mark)).collect()
    }

    /// The newest message as the connector reads it.
    fn told(&self, feed: &str) -> Vec<Inbound> {
        let outputs = self.wms.outputs();
        let output = outputs.iter().rev().find(|output| output.feed == feed).unwrap();
        let message = Message { media_type: output.media_type, body: output.body.as_bytes() };
        self.connector.source().unwrap().receive(&Codes::default(), feed, &message).unwrap()
    }

    async fn poll(&self, feed: &str) -> Vec<Inbound> {
        let errand = errand(Utc::now() + TimeDelta::minutes(1));
        let source = self.connector.source().unwrap();
        source.poll(&self.http, &errand, &Codes::default(), feed, None).await.outcome.unwrap().documents
    }
}

fn receipts(inbound: Vec<Inbound>) -> Vec<ReceiptDocument> {
    let receipt = |one| match one {
        Inbound::Receipt(stated) => stated.document.unwrap(),
        other => panic!("{other:?} is no receipt"),
    };
    inbound.into_iter().map(receipt).collect()
}

/// Quantity and condition of each line.
fn quantities(receipts: &[ReceiptDocument]) -> Vec<(String, String, GoodsCondition)> {
    let lines = receipts.iter().flat_map(|receipt| &receipt.lines);
    lines.map(|line| (line.line.clone(), line.quantity.to_string(), line.condition)).collect()
}

fn settings() -> OracleWmsSettings {
    let known = |codes: &[&str]| Some(codes.iter().map(|code| (*code).to_owned()).collect());
    OracleWmsSettings {
        items: known(&["PUMP-7", "PUMP-9", "SEAL-KG"]),
        vendors: known(&["V-100"]),
        checks_orders: true,
        client: Some(("quayside".to_owned(), "canary-client".to_owned())),
        ..OracleWmsSettings::new("QUAYSIDE_WS", "canary-password")
    }
}

fn config(base: &str, changes: Value) -> Value {
    let mut config = json!({
        "base_url": base,
        "user": "QUAYSIDE_WS",
        "password": "canary-password",
        "company": "ACME",
        "parent_company": "ACME",
        "client_env": "QA",
        "document_version": "25D",
        "facilities": { "DC1": "DC01" },
        "units": { "EA": "UNITS", "KGM": "KG" },
        "line_digits": 5,
        "time_zone": "UTC",
        "conditions": { "DMG": "DAMAGED" },
        "appointments": { "dock_type": "INBOUND", "statuses": { "10": "CONFIRMED" } }
    });
    for (name, value) in changes.as_object().unwrap() {
        config[name] =
            value.as_str().map_or_else(|| value.clone(), |text| json!(text.replace("{base}", base)));
    }
    config
}

fn errand(at: DateTime<Utc>) -> Errand {
    Errand { correlation_id: "cor_42".to_owned(), request_id: None, traceparent: None, at }
}

/// A golden event on its way.
fn golden(event_type: &str) -> Delivery {
    let name = format!("src/oracle_wms/golden/{}.event.json", event_type.replace('.', "_"));
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    Delivery {
        id: format!("dlv_{event_type}"),
        event_type: event_type.to_owned(),
        event: serde_json::from_str(&text).unwrap(),
        order_key: "po_1".to_owned(),
        attempt: 1,
        errand: errand(DateTime::from_timestamp(1_772_445_600, 0).unwrap()),
        codes: Codes::default().into(),
        reshape: None,
        content: None,
        reply: None,
    }
}

/// The amended shipment with one carton less: its details are fewer than before.
fn fewer() -> Delivery {
    let mut amended = golden("shipment.amended");
    let notice = &mut amended.event["data"]["notice"];
    notice["units"].as_array_mut().unwrap().pop();
    notice["lines"][0]["quantity"] = json!("200");
    amended
}

const SHIPMENT: &str = "ASN-2026-0311";
const MARK: &str = "shp_01987c1e5a00700080000000000000c1";

#[tokio::test]
async fn an_order_and_its_goods_from_release_to_the_last_word() {
    let site = Site::start(settings(), json!({})).await;
    let tested = site.connector.test(&site.http, &golden("shipment.submitted").errand).await;
    assert_eq!(tested.outcome, Ok(()));
    let reference = site.deliver(&golden("purchase_order.released")).await.unwrap();
    assert!(reference.unwrap().starts_with("file group 41415"), "the file group is the reference");

    // The answer is lost, and the goods are there.
    let announced = golden("shipment.submitted");
    site.fault(Behaviour::ResetAfter);
    assert_eq!(site.deliver(&announced).await.unwrap_err().word(), "unconfirmed");
    assert_eq!(site.find(&announced).await, Ok(true));

    // The answer is lost, and nothing was done.
    let amended = fewer();
    site.fault(Behaviour::Err500);
    assert_eq!(site.deliver(&amended).await.unwrap_err().word(), "unconfirmed");
    assert_eq!(site.find(&amended).await, Ok(false), "the first version is there, this one is not");
    site.deliver(&amended).await.unwrap();
    assert_eq!(site.find(&amended).await, Ok(true));
    site.deliver(&amended).await.unwrap();

    // A slot, another one, and the warehouse's answer.
    let mut slot = golden("appointment.requested");
    site.deliver(&slot).await.unwrap();
    slot.event["position"] = json!(4725);
    slot.event["data"]["from"] = json!("2026-03-13T07:00:00Z");
    site.deliver(&slot).await.unwrap();
    assert_eq!(site.find(&slot).await, Ok(true));
    site.wms.decide(SHIPMENT, 10, Some("2026-03-13T08:30:00")).unwrap();
    let told = site.poll("appointments").await;
    let [Inbound::Appointment(told)] = told.as_slice() else { panic!("{told:?}") };
    let told = told.document.as_ref().unwrap();
    assert_eq!((told.status, told.shipment.as_str()), (AppointmentStatus::Confirmed, SHIPMENT));
    assert_eq!(told.slot_from.unwrap().to_string(), "2026-03-13T08:30:00Z");
    assert_eq!(told.slot_until.unwrap().to_string(), "2026-03-13T09:30:00Z");

    // Goods arrive, some of them damaged, and the verification says the totals.
    let goods = |detail, quantity: &str, lock: &str| Goods {
        detail,
        quantity: quantity.to_owned(),
        lock: lock.to_owned(),
    };
    site.wms.receive(SHIPMENT, &[goods(1, "150", ""), goods(2, "25.5", "")]).unwrap();
    let first = receipts(site.told("inventory-history"));
    assert!(
        first.iter().all(|receipt| (receipt.kind, receipt.sequence) == (ReceiptKind::Increment, Some(0)))
    );
    site.wms.receive(SHIPMENT, &[goods(1, "40", "DMG")]).unwrap();
    let second = receipts(site.told("inventory-history"));
    assert_eq!(quantities(&second), [("00010".to_owned(), "40".to_owned(), GoodsCondition::Damaged)]);
    site.wms.verify(SHIPMENT).unwrap();
    let last = receipts(site.told("shipment-verification"));
    let expected = [("00010", "190", GoodsCondition::Damaged), ("00020", "25.5", GoodsCondition::Good)];
    assert_eq!(
        quantities(&last),
        expected.map(|(line, quantity, is)| (line.to_owned(), quantity.to_owned(), is))
    );
    assert_eq!(
        (last[0].kind, last[0].shipment.as_deref(), last[0].supplier.as_deref()),
        (ReceiptKind::Final, Some(SHIPMENT), Some("V-100"))
    );
    assert_eq!(receipts(site.told("shipment-verification")), last, "the same message, the same statement");
    site.wms.adjust(SHIPMENT, 1, 2, 17).unwrap();
    let late = receipts(site.told("inventory-history"));
    assert_eq!((late[0].sequence, late[0].lines[0].quantity.to_string().as_str()), (Some(2), "2"));

    // Asked for, the history says the same, under the same names.
    let polled = receipts(site.poll("inventory-history-poll").await);
    let names =
        |receipts: &[ReceiptDocument]| receipts.iter().map(|one| one.number.clone()).collect::<Vec<_>>();
    assert_eq!(names(&polled), [names(&first), names(&second), names(&late)].concat());

    // Receiving began: what comes now is refused, in the WMS's words.
    let mut again = golden("shipment.amended");
    again.event["data"]["version"] = json!(3);
    let refused = site.deliver(&again).await.unwrap_err();
    assert!(
        refused.word() == "refused" && refused.to_string().contains("receiving has started"),
        "{refused}"
    );
    assert_eq!(site.find(&again).await, Ok(false));

    let marks = |action: &str, mark: String| (action.to_owned(), mark);
    assert_eq!(
        site.changes(),
        [
            marks("CREATE", "po_01987c1e5a00700080000000000000b1/1".to_owned()),
            marks("CREATE", format!("{MARK}/1")),
            marks("UPDATE", format!("{MARK}/2")),
            marks("CREATE", "apt_01987c1e5a00700080000000000000d1/4719".to_owned()),
            marks("UPDATE", "apt_01987c1e5a00700080000000000000d1/4725".to_owned()),
        ]
    );
    assert_eq!(site.wms.report().doubles, 0);
}

#[tokio::test]
async fn what_is_taken_back_is_gone_and_stays_gone() {
    let site = Site::start(settings(), json!({})).await;
    for event_type in ["purchase_order.released", "shipment.submitted", "appointment.requested"] {
        site.deliver(&golden(event_type)).await.unwrap();
    }
    for event_type in ["appointment.cancelled", "shipment.cancelled"] {
        let delivery = golden(event_type);
        assert_eq!(site.find(&delivery).await, Ok(false), "{event_type}");
        site.fault(Behaviour::Garbage);
        assert_eq!(site.deliver(&delivery).await.unwrap_err().word(), "unconfirmed", "{event_type}");
        assert_eq!(site.find(&delivery).await, Ok(true), "{event_type}");
        site.deliver(&delivery).await.unwrap();
    }
    let revised = golden("purchase_order.revised");
    site.deliver(&revised).await.unwrap();
    assert_eq!(site.find(&revised).await, Ok(true));
    let actions: Vec<String> = site.changes().into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["CREATE", "CREATE", "CREATE", "DELETE", "DELETE", "UPDATE"]);
}

#[tokio::test]
async fn a_number_that_is_somebody_elses_is_neither_claimed_nor_changed() {
    let site = Site::start(settings(), json!({})).await;
    site.deliver(&golden("purchase_order.released")).await.unwrap();
    let mut others = golden("shipment.submitted");
    others.event["data"]["shipment"] = json!("shp_01987c1e5a00700080000000000000ff");
    site.deliver(&others).await.unwrap();

    for event_type in ["shipment.submitted", "shipment.amended", "shipment.cancelled"] {
        let refused = site.deliver(&golden(event_type)).await.unwrap_err();
        assert_eq!(refused.word(), "refused", "{event_type}: {refused}");
        let found = site.find(&golden(event_type)).await.unwrap_err();
        assert!(found.to_string().contains("NUMBER_IN_USE"), "{event_type}: {found}");
    }
    assert_eq!(site.changes().len(), 2);
}

#[tokio::test]
async fn a_token_is_renewed_when_it_works_no_more() {
    let changes = json!({
        "auth": "oauth2_password", "token_url": "{base}/oauth2/v1/token", "client_id": "quayside",
        "client_secret": "canary-client", "scope": "urn:resource:fusion:scm:logistics:wms:lgfapi/"
    });
    let site = Site::start(settings(), changes.clone()).await;
    site.deliver(&golden("purchase_order.released")).await.unwrap();
    site.wms.expire_tokens();
    site.deliver(&golden("shipment.submitted")).await.unwrap();
    assert_eq!(site.changes().len(), 2);

    let mut wrong = changes;
    wrong["client_secret"] = json!("canary-of-another");
    let site = Site::start(settings(), wrong).await;
    assert_eq!(site.deliver(&golden("purchase_order.released")).await, Err(DeliveryError::Unauthorized));
}

#[tokio::test]
async fn a_refusal_is_the_same_with_400_and_with_200() {
    for refuses_with_200 in [false, true] {
        let items = Some(vec!["SEAL-KG".to_owned()]);
        let site = Site::start(OracleWmsSettings { items, refuses_with_200, ..settings() }, json!({})).await;
        let refused = site.deliver(&golden("purchase_order.released")).await.unwrap_err();
        let DeliveryError::Refused { code, message } = &refused else { panic!("{refused}") };
        assert_eq!(code, "PURCHASE_ORDER_REFUSED");
        assert!(message.contains("Item PUMP-7 not found"), "{message}");
        let unknown = site.deliver(&golden("shipment.submitted")).await.unwrap_err();
        assert!(unknown.to_string().contains("PO 4500017 line 10 not found"), "{unknown}");
        assert!(site.changes().is_empty());
    }
}

#[tokio::test]
async fn what_is_handed_over_is_delivered_when_it_is_seen() {
    let site = Site::start(
        OracleWmsSettings { checks_orders: false, ..settings() },
        json!({ "asynchronous_above": 0 }),
    )
    .await;
    let delivery = golden("shipment.submitted");
    let handed = site.deliver(&delivery).await.unwrap_err();
    assert!(handed.word() == "unconfirmed" && handed.to_string().contains("file group"), "{handed}");
    assert_eq!(site.find(&delivery).await.unwrap_err().word(), "unconfirmed", "it may be on its way");
    assert_eq!(site.wms.run_stage(), Vec::<String>::new());
    assert_eq!(site.find(&delivery).await, Ok(true));
    assert_eq!(site.changes().len(), 1);
}

#[tokio::test]
async fn a_success_that_did_nothing_is_found_out_by_the_read_back() {
    let site = Site::start(OracleWmsSettings { checks_orders: false, ..settings() }, json!({})).await;
    let delivery = golden("shipment.submitted");
    site.fault(Behaviour::Lie200);
    site.deliver(&delivery).await.unwrap();
    assert_eq!(site.find(&delivery).await, Ok(false), "reconciliation has something to find");
}

#[tokio::test]
async fn who_may_not_is_told_whom_to_ask_and_who_is_not_known_is_told_so() {
    let facilities = vec![("DC01".to_owned(), false)];
    let site = Site::start(OracleWmsSettings { facilities, ..settings() }, json!({})).await;
    let refused = site.deliver(&golden("purchase_order.released")).await.unwrap_err();
    assert!(
        refused.to_string().contains("NOT_ELIGIBLE") && refused.to_string().contains("DC01"),
        "{refused}"
    );
    let errand = golden("shipment.submitted").errand;
    let tested = site.connector.test(&site.http, &errand).await.outcome.unwrap_err();
    assert!(tested.to_string().contains("does not see facility DC01"), "{tested}");

    let site = Site::start(settings(), json!({ "password": "canary-of-another" })).await;
    assert_eq!(site.deliver(&golden("purchase_order.released")).await, Err(DeliveryError::Unauthorized));
    assert_eq!(site.connector.test(&site.http, &errand).await.outcome, Err(DeliveryError::Unauthorized));
    let site = Site::start(settings(), json!({ "base_url": "{base}/elsewhere" })).await;
    let tested = site.connector.test(&site.http, &errand).await.outcome.unwrap_err();
    assert!(tested.to_string().contains("NOT_THE_WMS"), "{tested}");
}
