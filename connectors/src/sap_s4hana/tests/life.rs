//! The connector and a SAP that enforces its contract.
use quayside_simulator::{Sap, SapBehaviour, SapBooks, SapFault, SapSettings};
use tokio::{net::TcpListener, task::JoinHandle};

use super::*;
use crate::stub::{PATIENT, errand, local_http};

/// A SAP with the golden order, and a connection to it.
pub(super) struct World {
    pub(super) sap: Sap,
    pub(super) url: String,
    pub(super) http: Http,
    pub(super) connector: Box<dyn Connector>,
    task: JoinHandle<()>,
}

impl World {
    pub(super) async fn start() -> Self {
        Self::with(json!({})).await
    }

    /// With other members in the connection's configuration.
    pub(super) async fn with(members: Value) -> Self {
        let settings =
            SapSettings { period_opens: Some("2026-01-01".to_owned()), ..SapSettings::new(SECRET) };
        let sap = Sap::new(settings);
        sap.put_order(order());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = quayside_simulator::serve_sap(listener, sap.clone());
        let task = tokio::spawn(async move { serving.await.unwrap() });
        let connector = connector(config_with(&url, members));
        Self { sap, url, http: local_http(PATIENT), connector, task }
    }

    pub(super) async fn deliver(&self, delivery: &Delivery) -> Result<Receipt, DeliveryError> {
        self.connector.deliver(&self.http, delivery).await.outcome
    }

    async fn find(&self, delivery: &Delivery) -> Option<Receipt> {
        self.connector.find(&self.http, delivery).await.outcome.unwrap()
    }

    pub(super) async fn poll(&self, cursor: Option<&str>) -> Page {
        let source = self.connector.source().unwrap();
        source.poll(&self.http, &errand(), &codes(), ORDERS, cursor).await.outcome.unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The golden order, as a SAP keeps it.
pub(in crate::sap_s4hana) fn order() -> Value {
    let mut order = answers("acknowledgment.submitted")[0]["value"][0].clone();
    order["Supplier"] = json!("17300001");
    order["CompanyCode"] = json!("1710");
    order["PurchasingOrganization"] = json!("1710");
    order["LastChangeDateTime"] = json!("2026-03-01T08:30:00.123Z");
    for item in order["_PurchaseOrderItem"].as_array_mut().unwrap() {
        item["SupplierConfirmationControlKey"] = json!("0001");
    }
    order
}

/// Item → confirmed (day, quantity), over all confirmations.
fn confirmed(books: &SapBooks, item: &str) -> Vec<String> {
    let items =
        books.confirmations.iter().flat_map(|known| known["_SupplierConfirmationItemTP"].as_array().unwrap());
    items
        .filter(|known| known["SuplrConfRefPurchaseOrderItem"] == item)
        .flat_map(|known| known["_SupplierConfirmationLineTP"].as_array().cloned().unwrap_or_default())
        .map(|line| format!("{} {}", line["DeliveryDate"].as_str().unwrap(), line["ConfirmedQuantity"]))
        .collect()
}

fn number(receipt: Result<Receipt, DeliveryError>) -> String {
    receipt.unwrap().reference.unwrap()
}

/// The write that makes each kind of document.
fn creating() -> Vec<(Delivery, &'static str)> {
    vec![
        (delivery("acknowledgment.submitted"), "/Confirmation"),
        (delivery("shipment.submitted"), "/A_InbDeliveryHeader"),
        (delivery("receipt.recorded"), "/A_MaterialDocumentHeader"),
    ]
}

fn documents(books: &SapBooks) -> usize {
    books.confirmations.len() + books.deliveries.len() + books.materials.len()
}

#[tokio::test]
async fn an_answer_becomes_a_confirmation_and_a_repeat_becomes_nothing() {
    let world = World::start().await;
    let answer = delivery("acknowledgment.submitted");
    assert_eq!(world.find(&answer).await, None);

    let confirmation = number(world.deliver(&answer).await);
    let books = world.sap.books();
    assert_eq!(confirmed(&books, "10"), ["2026-03-20 8", "2026-04-02 4"]);
    assert_eq!(confirmed(&books, "20"), ["2026-03-20 20", "2026-03-27 5.5"]);
    let items = &books.confirmations[0]["_SupplierConfirmationItemTP"];
    assert_eq!(items[2]["ItemIsRejectedBySupplier"], true);
    assert_eq!(items.as_array().unwrap().len(), 3, "line 40 waits for procurement");

    assert_eq!(number(world.deliver(&answer).await), confirmation);
    assert_eq!(world.find(&answer).await.unwrap().reference, Some(confirmation));
    assert_eq!(world.sap.books().confirmations.len(), 1);
}

#[tokio::test]
async fn a_later_answer_replaces_what_was_confirmed() {
    let world = World::start().await;
    let confirmation = number(world.deliver(&delivery("acknowledgment.submitted")).await);
    let later = delivery_with("acknowledgment.submitted", |data| {
        data["acknowledgment"] = json!("ack_01987c1e5a00700080000000000000a2");
        data["lines"] = json!([{ "line": "10", "status": "ACCEPTED", "parts": [
            { "kind": "ACCEPTED", "quantity": "8", "promisedOn": "2026-03-20" },
            { "kind": "ACCEPTED", "quantity": "4", "promisedOn": "2026-03-30" },
        ]}]);
    });
    assert_eq!(world.find(&later).await, None);
    assert_eq!(number(world.deliver(&later).await), confirmation);
    assert_eq!(confirmed(&world.sap.books(), "10"), ["2026-03-20 8", "2026-03-30 4"]);
    assert!(world.find(&later).await.is_some());
}

#[tokio::test]
async fn what_was_done_in_part_is_completed() {
    let world = World::start().await;
    number(world.deliver(&delivery("acknowledgment.submitted")).await);
    let later = delivery_with("acknowledgment.submitted", |data| {
        data["acknowledgment"] = json!("ack_01987c1e5a00700080000000000000a2");
        data["lines"] = json!([{ "line": "10", "status": "ACCEPTED", "parts": [
            { "kind": "ACCEPTED", "quantity": "12", "promisedOn": "2026-03-30" },
        ]}]);
    });
    // The old lines are gone, and SAP locks the document before the new one comes.
    let locked = SapFault { method: Some("POST".into()), ..SapFault::once(SapBehaviour::Locked) };
    world.sap.queue(locked);
    let error = world.deliver(&later).await.unwrap_err();
    assert_eq!(error.word(), "retry", "{error}");
    assert_eq!(world.find(&later).await, None);
    number(world.deliver(&later).await);
    assert_eq!(confirmed(&world.sap.books(), "10"), ["2026-03-30 12"]);
}

#[tokio::test]
async fn a_proposal_is_written_when_it_is_agreed_and_not_before() {
    let world = World::start().await;
    number(world.deliver(&delivery("acknowledgment.submitted")).await);
    assert!(confirmed(&world.sap.books(), "40").is_empty());
    let declined = world.deliver(&delivery("change_proposal.declined")).await.unwrap();
    assert_eq!(declined.reference, None, "SAP never heard of it");
    number(world.deliver(&delivery("change_proposal.accepted")).await);
    assert_eq!(confirmed(&world.sap.books(), "40"), ["2026-06-01 90"]);
}

#[tokio::test]
async fn a_proposal_that_was_sent_is_taken_back_when_it_is_declined() {
    let world = World::with(json!({ "proposals": "sent" })).await;
    let confirmation = number(world.deliver(&delivery("acknowledgment.submitted")).await);
    assert_eq!(confirmed(&world.sap.books(), "40"), ["2026-06-01 90"]);
    assert_eq!(number(world.deliver(&delivery("change_proposal.declined")).await), confirmation);
    assert!(confirmed(&world.sap.books(), "40").is_empty());
    assert!(world.find(&delivery("change_proposal.declined")).await.is_some());
}

#[tokio::test]
async fn a_shipment_is_announced_amended_and_taken_back() {
    let world = World::start().await;
    let announced = number(world.deliver(&delivery("shipment.submitted")).await);
    let amended = delivery("shipment.amended");
    assert_eq!(world.find(&amended).await, None, "what is there says something else");
    assert_eq!(number(world.deliver(&amended).await), announced);
    let books = world.sap.books();
    assert_eq!(books.deliveries.len(), 1);
    let items = &books.deliveries[0]["to_DeliveryDocumentItem"]["results"];
    assert_eq!(
        (&items[0]["ActualDeliveryQuantity"], &items[1]["ActualDeliveryQuantity"]),
        (&json!("6"), &json!("5.5"))
    );
    assert_eq!(books.deliveries[0]["DeliveryDate"], "/Date(1774051200000)/");
    assert!(world.find(&amended).await.is_some());

    let cancelled = delivery("shipment.cancelled");
    assert_eq!(number(world.deliver(&cancelled).await), announced);
    assert!(world.sap.books().deliveries.is_empty());
    assert_eq!(world.deliver(&cancelled).await.unwrap().reference, None, "there is nothing left to delete");
}

#[tokio::test]
async fn what_sap_cannot_change_is_made_anew() {
    let world = World::start().await;
    let first = number(world.deliver(&delivery("shipment.submitted")).await);
    let other_lot = delivery_with("shipment.amended", |data| {
        data["notice"]["units"][1]["contents"][0]["lot"] = json!("L-7800");
    });
    let second = number(world.deliver(&other_lot).await);
    assert_ne!(first, second);
    let books = world.sap.books();
    assert_eq!(books.deliveries.len(), 1);
    assert_eq!(books.deliveries[0]["to_DeliveryDocumentItem"]["results"][0]["BatchBySupplier"], "L-7800");

    let fewer = delivery_with("shipment.amended", |data| {
        data["notice"]["units"][1]["contents"][0]["lot"] = json!("L-7800");
        data["lines"].as_array_mut().unwrap().pop();
        data["notice"]["lines"].as_array_mut().unwrap().pop();
    });
    assert_eq!(number(world.deliver(&fewer).await), second, "items can be taken out");
    assert_eq!(
        world.sap.books().deliveries[0]["to_DeliveryDocumentItem"]["results"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn goods_of_one_line_that_differ_only_in_their_days_are_told_apart() {
    let world = World::start().await;
    let announced = delivery_with("shipment.submitted", |data| {
        data["notice"]["lines"][1]["batches"] = json!([
            { "quantity": "20", "expiresOn": "2027-09-30" },
            { "quantity": "5", "expiresOn": "2027-10-31" },
        ]);
    });
    let number = number(world.deliver(&announced).await);
    assert_eq!(world.find(&announced).await.unwrap().reference, Some(number));
    let books = world.sap.books();
    let items = books.deliveries[0]["to_DeliveryDocumentItem"]["results"].as_array().unwrap();
    let quantities: Vec<&str> =
        items.iter().map(|item| item["ActualDeliveryQuantity"].as_str().unwrap()).collect();
    assert_eq!(quantities, ["8", "0.5", "20", "5"]);
}

#[tokio::test]
async fn a_receipt_is_posted_once_and_cancelled_once() {
    let world = World::start().await;
    let posted = number(world.deliver(&delivery("receipt.recorded")).await);
    assert_eq!(number(world.deliver(&delivery("receipt.recorded")).await), posted);
    let books = world.sap.books();
    assert_eq!(books.materials.len(), 1);
    assert_eq!(books.materials[0]["to_MaterialDocumentItem"]["results"][1]["InventoryStockType"], "03");

    let reversal = delivery_with("receipt.recorded", |data| {
        data["number"] = json!("GR-V-100-ASN-2026-0311-1-R");
        data["kind"] = json!("REVERSAL");
        data["replaces"] = json!("GR-V-100-ASN-2026-0311-1");
        data["lines"] = json!([]);
    });
    assert_eq!(world.find(&reversal).await, None);
    let cancelled = number(world.deliver(&reversal).await);
    assert_ne!(cancelled, posted);
    assert_eq!(number(world.deliver(&reversal).await), posted, "the document that was cancelled");
    let books = world.sap.books();
    assert_eq!(books.materials.len(), 2);
    assert_eq!(books.materials[1]["to_MaterialDocumentItem"]["results"][0]["GoodsMovementType"], "102");
}

#[tokio::test]
async fn a_corrected_receipt_cancels_the_earlier_one_and_posts_its_own() {
    let world = World::start().await;
    number(world.deliver(&delivery("receipt.recorded")).await);
    let correction = delivery_with("receipt.recorded", |data| {
        data["number"] = json!("GR-2");
        data["replaces"] = json!("GR-V-100-ASN-2026-0311-1");
        data["lines"].as_array_mut().unwrap().truncate(1);
    });
    let posted = number(world.deliver(&correction).await);
    let books = world.sap.books();
    let types: Vec<&Value> = books
        .materials
        .iter()
        .map(|document| &document["to_MaterialDocumentItem"]["results"][0]["GoodsMovementType"])
        .collect();
    assert_eq!(types, ["101", "102", "101"]);
    assert_eq!(number(world.deliver(&correction).await), posted);
    assert_eq!(world.sap.books().materials.len(), 3);

    let unknown = delivery_with("receipt.recorded", |data| {
        data["number"] = json!("GR-3");
        data["replaces"] = json!("GR-0");
    });
    assert!(world.deliver(&unknown).await.unwrap_err().to_string().contains("no material document"));
}

#[tokio::test]
async fn after_an_unclear_outcome_the_document_is_found_and_not_made_again() {
    for behaviour in [SapBehaviour::ResetAfter, SapBehaviour::GatewayTimeout] {
        for (delivery, path) in creating() {
            let world = World::start().await;
            world.sap.queue(SapFault { path: Some(path.to_owned()), ..SapFault::once(behaviour) });
            let error = world.deliver(&delivery).await.unwrap_err();
            assert_eq!(error.word(), "unconfirmed", "{behaviour:?} {path}: {error}");
            let found = world.find(&delivery).await.unwrap();
            assert!(found.reference.is_some());
            assert_eq!(world.deliver(&delivery).await.unwrap(), found);
            assert_eq!(documents(&world.sap.books()), 1, "{behaviour:?} {path}");
        }
    }
}

#[tokio::test]
async fn sap_itself_would_make_a_second_document() {
    // What the tests above prove would be nothing if the fake recognised repeats.
    let world = World::start().await;
    let delivery = delivery("receipt.recorded");
    let Ok(Plan::Do(writes)) = plan(config(&world.url), &delivery, &answers("receipt.recorded")) else {
        panic!()
    };
    let config: Config = serde_json::from_value(config(&world.url)).unwrap();
    let sessions = Sessions::default();
    let errand = errand();
    let mut talk = Talk::new(&world.http, &config, &sessions, &errand);
    for _ in 0..2 {
        assert!(matches!(talk.write(&writes[0]).await, Ok(Written::Done { .. })));
    }
    assert_eq!(world.sap.books().materials.len(), 2);
}

#[tokio::test]
async fn what_sap_says_decides_the_next_move() {
    for (behaviour, word, says) in [
        (SapBehaviour::ResetBefore, "unconfirmed", ""),
        (SapBehaviour::Err500, "unconfirmed", "An exception was raised"),
        (SapBehaviour::Err503ra, "retry", ""),
        (SapBehaviour::Err429, "retry", ""),
        (SapBehaviour::Locked, "retry", "processed by user MILLER"),
        (SapBehaviour::Refused, "refused", "ME/083: Enter Tax Code; Plant 1710 is blocked"),
        (SapBehaviour::Forbidden, "refused", "communication arrangement"),
    ] {
        for (delivery, path) in creating() {
            let world = World::start().await;
            world.sap.queue(SapFault { path: Some(path.to_owned()), ..SapFault::once(behaviour) });
            let error = world.deliver(&delivery).await.unwrap_err();
            assert_eq!(error.word(), word, "{behaviour:?} {path}: {error}");
            assert!(error.to_string().contains(says), "{behaviour:?} {path}: {error}");
            assert_eq!(documents(&world.sap.books()), 0);
            assert_eq!(world.find(&delivery).await, None);
            world.deliver(&delivery).await.unwrap();
            assert_eq!(documents(&world.sap.books()), 1);
        }
    }
}

#[tokio::test]
async fn a_closed_period_is_told_with_what_to_do() {
    let world = World::start().await;
    let old = delivery_with("receipt.recorded", |data| data["receivedAt"] = json!("2025-12-30T10:00:00Z"));
    let error = world.deliver(&old).await.unwrap_err();
    assert_eq!(error.word(), "refused");
    assert!(
        error.to_string().contains("M7/053") && error.to_string().contains("open the posting period"),
        "{error}"
    );
}

#[tokio::test]
async fn who_was_slower_looks_again() {
    let world = World::start().await;
    let announced = number(world.deliver(&delivery("shipment.submitted")).await);
    world.sap.queue(SapFault { count: 2, ..SapFault::once(SapBehaviour::Stale) });
    assert_eq!(number(world.deliver(&delivery("shipment.amended")).await), announced);

    world.sap.queue(SapFault { count: 99, ..SapFault::once(SapBehaviour::Stale) });
    let error = world.deliver(&delivery("shipment.cancelled")).await.unwrap_err();
    assert_eq!(error.word(), "retry", "{error}");
}

#[tokio::test]
async fn without_confirmations_the_order_itself_is_changed_as_far_as_the_policy_goes() {
    let answer = delivery_with("acknowledgment.submitted", |data| {
        data["lines"] = json!([{ "line": "10", "status": "ACCEPTED", "parts": [
            { "kind": "ACCEPTED", "quantity": "10", "promisedOn": "2026-03-23", "price": "4.4" },
        ]}]);
    });
    for (policy, date, quantity, price) in [
        ("proposal_fields_only", json!("2026-03-20"), json!("12.000"), json!("4.50")),
        ("dates_only", json!("2026-03-23"), json!("12.000"), json!("4.50")),
        ("dates_and_quantities", json!("2026-03-23"), json!(10), json!("4.50")),
        ("all", json!("2026-03-23"), json!(10), json!(4.4)),
    ] {
        let world = World::with(json!({ "answers": "order", "write_back": policy })).await;
        assert_eq!(number(world.deliver(&answer).await), "4500000017", "{policy}");
        let item = world.sap.books().orders[0]["_PurchaseOrderItem"][0].clone();
        let schedule = &item["_PurchaseOrderScheduleLineTP"][0];
        assert_eq!(item["PurgDocOrderAcknNumber"], "SO-778812");
        assert_eq!(
            (
                &schedule["ScheduleLineDeliveryDate"],
                &schedule["ScheduleLineOrderQuantity"],
                &item["NetPriceAmount"]
            ),
            (&date, &quantity, &price),
            "{policy}"
        );
        let calls = world.sap.calls().len();
        assert_eq!(number(world.deliver(&answer).await), "4500000017");
        assert_eq!(world.sap.calls().len(), calls + 1, "one look, and nothing to do");
        assert!(world.find(&answer).await.is_some());
    }
}

#[tokio::test]
async fn the_tenants_filter_changes_what_is_written() {
    let world = World::start().await;
    let reshape = crate::Reshape(std::sync::Arc::new(|mut body| {
        body["ShippingType"] = json!("01");
        Ok(body)
    }));
    let delivery = Delivery { reshape: Some(reshape), ..delivery("shipment.submitted") };
    number(world.deliver(&delivery).await);
    assert_eq!(world.sap.books().deliveries[0]["ShippingType"], "01");
    let preview = world.connector.preview(&delivery).unwrap();
    assert!(preview.last().unwrap().body.contains(r#""ShippingType":"01""#), "{preview:?}");
    assert!(!format!("{preview:?}").contains(SECRET));
}
