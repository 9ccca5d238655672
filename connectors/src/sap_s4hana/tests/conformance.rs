//! What we send, judged by an OData server that has the vendor's metadata: `make conformance`.
use super::*;
use crate::stub::{PATIENT, errand, local_http};

/// Everything the golden files hold, against documents with the numbers that they use.
#[tokio::test]
#[ignore = "needs a server with the vendor's metadata: make conformance SAP_EDMX=…"]
async fn every_golden_request_is_taken() {
    let url = std::env::var("QUAYSIDE_SAP_CONFORMANCE_URL")
        .expect("scripts/conformance/sap says where the server is");
    let config: Config = serde_json::from_value(config(&url)).unwrap();
    let (sessions, errand, http) = (Sessions::default(), errand(), local_http(PATIENT));
    let mut talk = Talk::new(&http, &config, &sessions, &errand);
    for write in there_already() {
        accepted(&mut talk, "set-up", &write).await;
    }

    // A judge that takes everything proves nothing.
    let misspelt = json!({ "SuplrConfRefPurchaseOrdr": "4500000017" });
    let too_long = json!({ "DeliveryDocumentBySupplier": "x".repeat(36) });
    for (service, path, body) in [
        (Service::Confirmations, "Confirmation", misspelt),
        (Service::Deliveries, "A_InbDeliveryHeader", too_long),
    ] {
        let write = Write::create(service, path, body, "-");
        let refused = talk.write(&write).await.map(|_| ()).unwrap_err();
        println!("refused, as it should be: {path}: {refused}");
    }

    for event_type in ACCEPTS {
        let delivery = delivery(event_type);
        for question in map::task(&config, &delivery).unwrap().questions() {
            asked(&mut talk, event_type, &question).await;
        }
        let Ok(Plan::Do(writes)) = plan(super::config(&url), &delivery, &answers(event_type)) else {
            continue;
        };
        for write in writes {
            accepted(&mut talk, event_type, &write).await;
        }
    }
    for (cursor, found) in
        [(None, 1), (Some("2026-03-01T08:30:00Z"), 1), (Some("2026-03-01T08:30:00Z/4500000017"), 1)]
    {
        let page = poll::orders(&mut talk, &config, errand.at, &codes(), cursor).await.unwrap();
        let [Inbound::PurchaseOrder(order)] = page.documents.as_slice() else {
            panic!("{cursor:?}: {page:?}")
        };
        assert!(order.document.is_ok(), "{order:?}");
        println!("{ORDERS:<26} GET    PurchaseOrder from {cursor:?}: {found} read");
    }
    cancel(&config, &mut talk).await;
}

/// Orders, and the documents that the golden answers speak of.
fn there_already() -> Vec<Write> {
    let order = super::life::order();
    let confirmation = answers("change_proposal.accepted")[1]["value"][0].clone();
    let delivery = answers("shipment.cancelled")[0]["d"]["results"][0].clone();
    vec![
        Write::create(Service::Orders, "PurchaseOrder", plain(order), "-"),
        Write::create(Service::Confirmations, "Confirmation", plain(confirmation), "-"),
        Write::create(Service::Deliveries, "A_InbDeliveryHeader", plain(delivery), "-"),
    ]
}

/// As it would be sent: without what only a server says, decimals of V4 as numbers.
fn plain(value: Value) -> Value {
    const NUMBERS: &[&str] = &[
        "OrderQuantity",
        "NetPriceAmount",
        "NetPriceQuantity",
        "ScheduleLineOrderQuantity",
        "ConfirmedQuantity",
        "SupplierConfirmedNetPrice",
    ];
    match value {
        Value::Object(members) => {
            let sent = members.into_iter().filter(|(name, _)| !name.starts_with('@') && name != "__metadata");
            let member = |(name, value): (String, Value)| match value.as_str() {
                Some(text) if NUMBERS.contains(&name.as_str()) => (name, json!(text.parse::<f64>().unwrap())),
                _ => (name, plain(value)),
            };
            Value::Object(sent.map(member).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(plain).collect()),
        other => other,
    }
}

async fn asked(talk: &mut Talk<'_>, about: &str, question: &Question) {
    let reply = talk.read(question).await;
    let reply = reply.unwrap_or_else(|error| panic!("{about}: GET {}: {error}", question.path));
    assert!(serde_json::from_slice::<Value>(&reply.body).is_ok(), "{about}: {}", question.path);
    println!("{about:<26} GET    {}", question.path.split('?').next().unwrap_or_default());
}

async fn accepted(talk: &mut Talk<'_>, about: &str, write: &Write) {
    match talk.write(write).await {
        Ok(Written::Done { reply, .. }) => {
            if let Makes::Numbered(member) = &write.makes
                && *member != "-"
            {
                numbered(&reply.body, member).unwrap_or_else(|error| panic!("{about}: {error}"));
            }
            println!("{about:<26} {:<6} {}", write.method.as_str(), write.path);
        }
        Ok(Written::Stale) => panic!("{about}: {} {}: stale", write.method, write.path),
        Err(error) => panic!("{about}: {} {}: {error}", write.method, write.path),
    }
}

/// The server has no behaviour behind actions: the metadata itself says whether this one is called as it should be.
async fn cancel(config: &Config, talk: &mut Talk<'_>) {
    let reversal = delivery_with("receipt.recorded", |data| {
        data["kind"] = json!("REVERSAL");
        data["replaces"] = json!("GR-1");
    });
    let document =
        json!({ "d": { "results": [{ "MaterialDocumentYear": "2026", "MaterialDocument": "5000000001" }] } });
    let none = json!({ "d": { "results": [] } });
    let Ok(Plan::Do(writes)) = plan(super::config("https://sap.example.com"), &reversal, &[none, document])
    else {
        panic!()
    };
    let folder = std::env::var("QUAYSIDE_SAP_CONFORMANCE_METADATA").unwrap();
    let metadata = fs::read_to_string(Path::new(&folder).join("API_MATERIAL_DOCUMENT_SRV.edmx")).unwrap();
    let action = metadata.split("<FunctionImport").find(|part| part.contains("Name=\"Cancel\"")).unwrap();
    let url = address(&config.endpoint, Service::Materials, &writes[0].path);
    assert!(url.path().ends_with("/Cancel") && action.contains("HttpMethod=\"POST\""));
    for (name, _) in url.query_pairs() {
        assert!(action.contains(&format!("<Parameter Name=\"{name}\"")), "{name}");
    }
    let outcome = talk.write(&writes[0]).await.map(|_| ());
    println!(
        "{:<26} POST   Cancel: named so in the metadata; the server plays no actions ({outcome:?})",
        "receipt.recorded"
    );
}
