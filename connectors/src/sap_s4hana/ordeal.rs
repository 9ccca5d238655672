//! A SAP for the ordeal: the simulator's, which makes a second document of every repeated call.
use axum::body::{Body, to_bytes};
use futures_util::FutureExt as _;
use quayside_simulator::{Sap, SapSettings};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::services::Service;
use super::tests::{codes, config_with, life};
use crate::ordeal::{Candidate, Request, Role, Said, Vendor};

const PASSWORD: &str = "canary-of-the-communication-user";
const KEY: &str = "canary-of-the-gateway";
/// `QUAYSIDE:canary-of-the-communication-user`
const BASIC: &str = "UVVBWVNJREU6Y2FuYXJ5LW9mLXRoZS1jb21tdW5pY2F0aW9uLXVzZXI=";

pub(crate) const CANDIDATE: Candidate = Candidate {
    kind: super::KIND,
    config,
    canaries: &[PASSWORD, KEY, BASIC],
    vendor: |event_type| Box::new(Played::before(event_type)),
    codes,
    // SAP says 403 to a user it knows.
    forbidden: "refused",
    conflict: "refused",
};

/// What counts up whatever is asked.
const COUNTED: &[&str] =
    &["@odata.etag", "__metadata", "SupplierConfirmation", "DeliveryDocument", "MaterialDocument"];

fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !COUNTED.contains(&name.as_str()));
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// A proposal is written at once, so that there is something to take back.
fn config(base: &str) -> Value {
    config_with(base, json!({ "password": PASSWORD, "api_key": KEY, "proposals": "sent" }))
}

struct Played {
    sap: Sap,
    effects: usize,
}

impl Played {
    /// The golden order, and what is there before the event.
    fn before(event_type: &str) -> Self {
        let sap = Sap::new(SapSettings::new(PASSWORD));
        sap.put_order(life::order());
        let mut played = Self { sap, effects: 0 };
        match event_type {
            "shipment.amended" | "shipment.cancelled" => {
                let golden = include_str!("golden/shipment_submitted.request.http");
                let (_, body) = golden.split_once("A_InbDeliveryHeader\n\n").unwrap();
                played.make(Service::Deliveries, "A_InbDeliveryHeader", body);
            }
            "change_proposal.declined" => {
                let line = json!({ "DeliveryDate": "2026-06-01", "DelivDateCategory": "1",
                    "ConfirmedQuantity": 90, "PurchaseOrderQuantityUnit": "PC" });
                let item = json!({ "SuplrConfRefPurchaseOrderItem": "40", "ItemIsRejectedBySupplier": false,
                    "SuplrConfItemExternalReference": "QS-M3P6ASZ4KJMMW3IB-40",
                    "_SupplierConfirmationLineTP": [line] });
                let body = json!({ "SuplrConfRefPurchaseOrder": "4500000017",
                    "SuplrConfExternalReference": "QS-M3P6ASZ4KJMMW3IB",
                    "_SupplierConfirmationItemTP": [item] });
                played.make(Service::Confirmations, "Confirmation", &body.to_string());
            }
            _ => {}
        }
        played.effects = 0;
        played
    }

    /// Makes a document as anybody would who may.
    fn make(&mut self, service: Service, path: &str, body: &str) {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let known =
            || vec![header("authorization", &format!("Basic {BASIC}")), header("accept", service.accept())];
        let request = |method: &str, path: &str, more: Vec<_>, body: &str| Request {
            method: method.to_owned(),
            target: format!("{}{path}", service.root()),
            headers: [known(), more].concat(),
            body: body.to_owned(),
        };
        let opened = self.answer(&request("GET", "", vec![header("x-csrf-token", "fetch")], ""));
        let said = |name: &str| {
            let values = opened.headers.lines().filter_map(|line| line.strip_prefix(&format!("{name}: ")));
            values.map(|value| value.split(';').next().unwrap_or_default()).collect::<Vec<_>>().join("; ")
        };
        let session =
            vec![header("x-csrf-token", &said("x-csrf-token")), header("cookie", &said("set-cookie"))];
        let made = self.answer(&request("POST", path, session, body));
        assert_eq!(made.status, 201, "{}", made.body);
    }
}

impl Vendor for Played {
    fn role(&self, request: &Request) -> Role {
        match request.method.as_str() {
            "GET" if request.header("x-csrf-token") == "fetch" => Role::Aside,
            "GET" => Role::Read,
            _ => Role::Write,
        }
    }

    /// The simulator's routes wait for nothing unless they are told to, so one look is enough.
    fn answer(&mut self, request: &Request) -> Said {
        let mut asked = axum::http::Request::builder().method(request.method.as_str()).uri(&request.target);
        for (name, value) in &request.headers {
            asked = asked.header(name, value);
        }
        let asked = asked.body(Body::from(request.body.clone())).unwrap();
        let Ok(response) = self.sap.router().oneshot(asked).now_or_never().unwrap();
        let (head, body) = response.into_parts();
        if head.status.is_success() && self.role(request) == Role::Write {
            self.effects += 1;
        }
        let told = head.headers.iter().filter(|(name, _)| *name != "content-length");
        let headers = told.map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap())).collect();
        let body = to_bytes(body, usize::MAX).now_or_never().unwrap().unwrap();
        Said { status: head.status.as_u16(), headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    fn effects(&self) -> usize {
        self.effects
    }

    fn books(&self) -> Value {
        let mut books = serde_json::to_value(self.sap.books()).unwrap();
        strip(&mut books);
        books
    }
}
