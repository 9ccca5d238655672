//! Golden files hold what is asked and written; the simulator's SAP shows what becomes of it; a stub says what no
//! SAP should say.
use std::{fs, path::Path};

use quayside_canonical::master_data::{CrossReference, CrossReferenceKind};
use serde_json::json;

use super::*;
use crate::stub;

mod conformance;
mod golden;
pub(super) mod life;
mod orders;
mod sessions;
mod talk;

/// A connection that writes everything, with Basic.
fn config(endpoint: &str) -> Value {
    json!({
        "endpoint": endpoint,
        "auth": { "basic": { "user": "QUAYSIDE" } },
        "password": SECRET,
        "goods_receipts": true,
        "stock_types": { "DAMAGED": "03" },
        "note_types": ["F01"],
        "utc_offset": "+01:00",
    })
}

const SECRET: &str = "canary-4b7e1d";

/// The same with other members.
pub(super) fn config_with(endpoint: &str, members: Value) -> Value {
    let mut config = config(endpoint);
    let Value::Object(members) = members else { panic!("{members}") };
    config.as_object_mut().unwrap().extend(members);
    config
}

fn connector(config: Value) -> Box<dyn Connector> {
    build(config).unwrap()
}

pub(super) fn codes() -> Codes {
    let reference = |kind, external: &str, code: &str| CrossReference {
        system: "SAP".to_owned(),
        kind,
        external_code: external.to_owned(),
        code: code.to_owned(),
    };
    Codes::of([
        reference(CrossReferenceKind::Unit, "PC", "H87"),
        reference(CrossReferenceKind::Unit, "KG", "KGM"),
        reference(CrossReferenceKind::Supplier, "17300001", "V-100"),
        reference(CrossReferenceKind::Location, "1710", "DC1"),
    ])
}

fn golden(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sap_s4hana/golden").join(name);
    fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()))
}

fn golden_json(name: &str) -> Value {
    serde_json::from_str(&golden(name)).unwrap()
}

/// The golden event of a type, on its way.
fn delivery(event_type: &str) -> Delivery {
    let event = golden_json(&format!("{}.event.json", event_type.replace('.', "_")));
    Delivery { event, event_type: event_type.to_owned(), codes: codes().into(), ..stub::delivery() }
}

/// The same, with its data changed.
fn delivery_with(event_type: &str, change: impl FnOnce(&mut Value)) -> Delivery {
    let mut delivery = delivery(event_type);
    change(&mut delivery.event["data"]);
    delivery
}

/// Where a plan stands when SAP says this.
fn plan(config: Value, delivery: &Delivery, answers: &[Value]) -> Result<Plan, DeliveryError> {
    let config: Config = serde_json::from_value(config).unwrap();
    let answers: Vec<Vec<u8>> = answers.iter().map(|answer| answer.to_string().into_bytes()).collect();
    map::task(&config, delivery)?.plan(&answers)
}

fn answers(event_type: &str) -> Vec<Value> {
    let answers = golden_json(&format!("{}.answers.json", event_type.replace('.', "_")));
    answers.as_array().unwrap().clone()
}

fn unmappable(outcome: &Result<Plan, DeliveryError>) -> &str {
    match outcome {
        Err(DeliveryError::Unmappable(words)) => words,
        other => panic!("{other:?}"),
    }
}
