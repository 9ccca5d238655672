//! The contract, from the side of a caller that writes HTTP by hand.
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{Sap, SapBehaviour, SapFault, SapSettings};
use crate::testing::{Hand, Said, Server, request};

const DELIVERIES: &str = "/sap/opu/odata/sap/API_INBOUND_DELIVERY_SRV;v=0002/";
const MATERIALS: &str = "/sap/opu/odata/sap/API_MATERIAL_DOCUMENT_SRV/";
const CONFIRMATIONS: &str =
    "/sap/opu/odata4/sap/api_supplierconfirmation/srvd_a2x/sap/supplierconfirmation/0001/";
const ORDERS: &str = "/sap/opu/odata4/sap/api_purchaseorder_2/srvd_a2x/sap/purchaseorder/0001/";
const SECRET: &str = "canary";

struct World {
    sap: Sap,
    server: Server,
    hand: Hand,
}

impl World {
    async fn start() -> Self {
        let hand = Hand::new();
        let settings = SapSettings { clock: hand.clock(), page_limit: 2, ..SapSettings::new(SECRET) };
        let sap = Sap::new(settings);
        sap.put_order(json!({
            "PurchaseOrder": "4500000001", "Supplier": "17300001", "_PurchaseOrderItem": [{
                "@odata.etag": "W/\"1\"", "PurchaseOrderItem": "10", "Material": "TG10", "Plant": "1710",
                "OrderQuantity": "12.000", "PurchaseOrderQuantityUnit": "PC", "SupplierConfirmationControlKey": "0001",
            }],
        }));
        let served = sap.clone();
        let server = Server::start("", |listener| crate::serve_sap(listener, served)).await;
        Self { sap, server, hand }
    }

    async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Said {
        let mut all = vec![
            ("authorization".to_owned(), basic(SECRET)),
            ("accept".to_owned(), "application/json".to_owned()),
        ];
        all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.server.send(&request(method, path, &all, &body)).await
    }

    /// With a session of its own.
    async fn write(&self, method: &str, path: &str, etag: Option<&str>, body: &Value) -> Said {
        let opened = self.call("GET", DELIVERIES, &[("x-csrf-token", "fetch")], &Value::Null).await;
        let (token, cookie) = (header(&opened, "x-csrf-token"), header(&opened, "set-cookie"));
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let mut headers = vec![("x-csrf-token", token.as_str()), ("cookie", cookie.as_str())];
        headers.extend(etag.map(|etag| ("if-match", etag)));
        self.call(method, path, &headers, body).await
    }
}

fn basic(password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("QUAYSIDE:{password}")))
}

fn header(said: &Said, name: &str) -> String {
    let line = said.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_default().to_owned()
}

fn message(said: &Said) -> String {
    let error = &said.json()["error"];
    let message = error["message"]["value"].as_str().or(error["message"].as_str());
    format!("{} {}", error["code"].as_str().unwrap(), message.unwrap())
}

fn delivery(quantity: &str) -> Value {
    json!({ "Supplier": "17300001", "DeliveryDocumentBySupplier": "ASN-1", "to_DeliveryDocumentItem": { "results": [{
        "ReferenceSDDocument": "4500000001", "ReferenceSDDocumentItem": "000010",
        "ActualDeliveryQuantity": quantity, "DeliveryQuantityUnit": "PC",
    }]}})
}

fn receipt() -> Value {
    json!({ "GoodsMovementCode": "01", "PostingDate": "/Date(1774051200000)/", "ReferenceDocument": "R1",
    "to_MaterialDocumentItem": { "results": [{
        "GoodsMovementType": "101", "GoodsMovementRefDocType": "B", "PurchaseOrder": "4500000001",
        "PurchaseOrderItem": "10", "Material": "TG10", "Plant": "1710", "QuantityInEntryUnit": "6", "EntryUnit": "PC",
    }]}})
}

#[tokio::test]
async fn strangers_stay_outside_and_a_token_holds_as_long_as_it_says() {
    let world = World::start().await;
    let wrong = [("authorization".to_owned(), basic("wrong"))];
    let said = world.server.send(&request("GET", &format!("{ORDERS}PurchaseOrder"), &wrong, "")).await;
    assert_eq!(said.status, Some(401));

    let client = STANDARD.encode(format!("quayside:{SECRET}"));
    let headers = [("authorization".to_owned(), format!("Basic {client}"))];
    let granted =
        world.server.send(&request("POST", "/oauth/token", &headers, "grant_type=client_credentials")).await;
    let bearer = format!("Bearer {}", granted.json()["access_token"].as_str().unwrap());
    let with_it = [("authorization".to_owned(), bearer)];
    for (seconds, status) in [(599, 200), (600, 401)] {
        world.hand.at(seconds);
        let said = world.server.send(&request("GET", &format!("{ORDERS}PurchaseOrder"), &with_it, "")).await;
        assert_eq!(said.status, Some(status), "after {seconds} s");
    }
}

#[tokio::test]
async fn a_write_needs_the_token_of_its_session() {
    let world = World::start().await;
    let path = format!("{DELIVERIES}A_InbDeliveryHeader");
    let opened = world.call("GET", DELIVERIES, &[("x-csrf-token", "Fetch")], &Value::Null).await;
    let token = header(&opened, "x-csrf-token");
    for headers in [
        vec![],
        vec![("x-csrf-token", token.as_str())],
        vec![("x-csrf-token", "x"), ("cookie", "SAP_SESSIONID_S4H_100=x")],
    ] {
        let said = world.call("POST", &path, &headers, &delivery("8")).await;
        assert_eq!((said.status, header(&said, "x-csrf-token").as_str()), (Some(403), "Required"));
    }
    assert_eq!(world.write("POST", &path, None, &delivery("8")).await.status, Some(201));
}

#[tokio::test]
async fn a_repeated_call_makes_a_second_document() {
    let world = World::start().await;
    let path = format!("{MATERIALS}A_MaterialDocumentHeader");
    for _ in 0..2 {
        assert_eq!(world.write("POST", &path, None, &receipt()).await.status, Some(201));
    }
    assert_eq!(world.sap.books().materials.len(), 2);
}

#[tokio::test]
async fn fields_and_rules_are_enforced() {
    let world = World::start().await;
    let header_path = format!("{DELIVERIES}A_InbDeliveryHeader");
    let material_path = format!("{MATERIALS}A_MaterialDocumentHeader");
    let confirmation_path = format!("{CONFIRMATIONS}Confirmation");
    let changed = |mut document: Value, pointer: &str, value: Value| {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[name] = value;
        document
    };
    let confirmation = |quantity: Value| {
        json!({ "SuplrConfRefPurchaseOrder": "4500000001", "_SupplierConfirmationItemTP": [{
        "SuplrConfRefPurchaseOrderItem": "10", "_SupplierConfirmationLineTP": [{
            "DeliveryDate": "2026-03-20", "ConfirmedQuantity": quantity, "PurchaseOrderQuantityUnit": "PC",
        }]}]})
    };
    let item = "/to_DeliveryDocumentItem/results/0";
    let movement = "/to_MaterialDocumentItem/results/0";
    for (path, body, says) in [
        (&header_path, changed(delivery("8"), "/Colour", json!("red")), "'Colour' is invalid"),
        (
            &header_path,
            changed(delivery("8"), "/BillOfLading", json!("x".repeat(36))),
            "'BillOfLading' has invalid",
        ),
        (&header_path, changed(delivery("8"), "/Supplier", json!("")), "'Supplier' of"),
        (
            &header_path,
            changed(delivery("8"), "/DeliveryDate", json!("2026-03-20")),
            "'DeliveryDate' has invalid",
        ),
        (
            &header_path,
            changed(delivery("8"), &format!("{item}/ActualDeliveryQuantity"), json!(8)),
            "invalid value '8'",
        ),
        (
            &header_path,
            changed(delivery("8"), &format!("{item}/DeliveryQuantityUnit"), json!("KG")),
            "BM/302",
        ),
        (&header_path, changed(delivery("8"), "/Supplier", json!("99")), "VL/561"),
        (&header_path, delivery("13"), "VL/367"),
        (
            &material_path,
            changed(receipt(), &format!("{movement}/GoodsMovementRefDocType"), json!("")),
            "M7/018",
        ),
        (&material_path, changed(receipt(), &format!("{movement}/Material"), json!("TG11")), "M7/360"),
        (&material_path, changed(receipt(), &format!("{movement}/PurchaseOrderItem"), json!("20")), "06/024"),
        (
            &material_path,
            changed(receipt(), "/ReferenceDocument", json!("x".repeat(17))),
            "'ReferenceDocument'",
        ),
        (&confirmation_path, confirmation(json!("8")), "'ConfirmedQuantity' has invalid"),
        (&confirmation_path, confirmation(json!(13)), "ME/672"),
    ] {
        let said = world.write("POST", path, None, &body).await;
        assert_eq!(said.status, Some(400), "{body}");
        assert!(message(&said).contains(says), "{} does not say {says}", message(&said));
    }
    let books = world.sap.books();
    assert!(books.deliveries.is_empty() && books.materials.is_empty() && books.confirmations.is_empty());
    assert_eq!(
        world.write("POST", &confirmation_path, None, &confirmation(json!(8))).await.status,
        Some(201)
    );
    let said = world.write("POST", &confirmation_path, None, &confirmation(json!(5))).await;
    assert!(message(&said).contains("13 exceeds"), "confirmations add up: {}", message(&said));
}

#[tokio::test]
async fn a_change_names_the_version_it_is_based_on() {
    let world = World::start().await;
    let made =
        world.write("POST", &format!("{DELIVERIES}A_InbDeliveryHeader"), None, &delivery("8")).await.json();
    let number = made["d"]["DeliveryDocument"].as_str().unwrap();
    let etag = made["d"]["__metadata"]["etag"].as_str().unwrap();
    let path =
        format!("{DELIVERIES}A_InbDeliveryItem(DeliveryDocument='{number}',DeliveryDocumentItem='10')");
    let change = json!({ "ActualDeliveryQuantity": "6" });
    for (etag, status) in [(None, 428), (Some("W/\"'0000'\""), 412), (Some(etag), 204), (Some(etag), 412)] {
        assert_eq!(world.write("PATCH", &path, etag, &change).await.status, Some(status), "{etag:?}");
    }
    let header_path = format!("{DELIVERIES}A_InbDeliveryHeader('{number}')");
    let said =
        world.write("PATCH", &header_path, Some("W/\"'0002'\""), &json!({ "BillOfLading": "B" })).await;
    assert!(message(&said).contains("not updatable"));
    assert_eq!(
        world.write("DELETE", &header_path, Some("W/\"'0002'\""), &Value::Null).await.status,
        Some(204)
    );
    assert!(world.sap.books().deliveries.is_empty());
    let again = world.write("POST", &format!("{DELIVERIES}A_InbDeliveryItem"), None, &json!({})).await;
    assert_eq!(again.status, Some(404), "items cannot be added");
}

#[tokio::test]
async fn a_document_is_cancelled_once_and_by_another_one() {
    let world = World::start().await;
    let made =
        world.write("POST", &format!("{MATERIALS}A_MaterialDocumentHeader"), None, &receipt()).await.json();
    let number = made["d"]["MaterialDocument"].as_str().unwrap();
    let path = format!("{MATERIALS}Cancel?MaterialDocumentYear='2026'&MaterialDocument='{number}'");
    assert_eq!(world.write("POST", &path, None, &Value::Null).await.status, Some(201));
    assert!(message(&world.write("POST", &path, None, &Value::Null).await).contains("cancelled already"));
    let books = world.sap.books();
    assert_eq!(
        books.materials[1]["to_MaterialDocumentItem"]["results"][0]["ReversedMaterialDocument"],
        number
    );
}

#[tokio::test]
async fn orders_come_in_pages_as_large_as_the_server_likes() {
    let world = World::start().await;
    for number in ["4500000002", "4500000003"] {
        world.sap.put_order(json!({ "PurchaseOrder": number, "Supplier": "1", "_PurchaseOrderItem": [] }));
    }
    let page = world
        .call("GET", &format!("{ORDERS}PurchaseOrder?$orderby=PurchaseOrder&$top=9"), &[], &Value::Null)
        .await;
    let page = page.json();
    assert_eq!(page["value"].as_array().unwrap().len(), 2);
    assert!(page["value"][0].get("_PurchaseOrderItem").is_none(), "nobody asked for items");
    let next = format!("{ORDERS}{}&$orderby=PurchaseOrder", page["@odata.nextLink"].as_str().unwrap());
    let rest = world.call("GET", &next, &[], &Value::Null).await.json();
    assert_eq!(rest["value"][0]["PurchaseOrder"], "4500000003");
    assert!(rest.get("@odata.nextLink").is_none());
    let atom = world
        .call("GET", &format!("{DELIVERIES}A_InbDeliveryHeader"), &[("accept", "*/*")], &Value::Null)
        .await;
    assert_eq!(atom.status, Some(200));
}

#[tokio::test]
async fn faults_come_in_turn_and_are_forgotten() {
    let world = World::start().await;
    let path = format!("{MATERIALS}A_MaterialDocumentHeader");
    for (behaviour, status, booked) in [
        (SapBehaviour::ResetBefore, None, 0),
        (SapBehaviour::ResetAfter, None, 1),
        (SapBehaviour::GatewayTimeout, Some(504), 2),
        (SapBehaviour::Err500, Some(500), 2),
        (SapBehaviour::Err503ra, Some(503), 2),
        (SapBehaviour::Err429, Some(429), 2),
        (SapBehaviour::Locked, Some(400), 2),
        (SapBehaviour::Refused, Some(400), 2),
        (SapBehaviour::Forbidden, Some(403), 2),
        (SapBehaviour::Stale, Some(412), 2),
    ] {
        world.sap.queue(SapFault::once(behaviour));
        assert_eq!(world.write("POST", &path, None, &receipt()).await.status, status, "{behaviour:?}");
        assert_eq!(world.sap.books().materials.len(), booked, "{behaviour:?}");
    }
    let told = json!({ "behaviour": "locked", "path": "A_Mat", "count": 3 });
    assert_eq!(world.server.tell("/simulator/behaviours", &told).await.status, Some(201));
    let healed = world.server.send(&request("DELETE", "/simulator/behaviours", &[], "")).await;
    assert_eq!(healed.status, Some(204));
    assert_eq!(world.write("POST", &path, None, &receipt()).await.status, Some(201));
    assert_eq!(world.server.get("/simulator/books").await["materials"].as_array().unwrap().len(), 3);
}
