//! One entrance for all services, and a few open ones for those who run the simulation.
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::answer::{self, Refusal, Version};
use super::books::SapBooks;
use super::faults::{self, SapBehaviour, SapFault};
use super::{Sap, confirmations, deliveries, doors, materials, orders};
use crate::receiver::DropConnection;

const LONGEST_BODY: usize = 4 * 1024 * 1024;
/// After this a hanging call is dropped.
const LONGEST_SILENCE: Duration = Duration::from_secs(600);

const SERVICES: &[(&str, Service, Version)] = &[
    (
        "/sap/opu/odata4/sap/api_purchaseorder_2/srvd_a2x/sap/purchaseorder/0001/",
        Service::Orders,
        Version::V4,
    ),
    (
        "/sap/opu/odata4/sap/api_supplierconfirmation/srvd_a2x/sap/supplierconfirmation/0001/",
        Service::Confirmations,
        Version::V4,
    ),
    ("/sap/opu/odata/sap/API_INBOUND_DELIVERY_SRV;v=0002/", Service::Deliveries, Version::V2),
    ("/sap/opu/odata/sap/API_MATERIAL_DOCUMENT_SRV/", Service::Materials, Version::V2),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    Orders,
    Confirmations,
    Deliveries,
    Materials,
}

/// A call, as a service sees it.
pub(super) struct Asked {
    /// Below the service's root.
    pub(super) path: String,
    options: Vec<(String, String)>,
    if_match: String,
    body: Bytes,
}

impl Asked {
    /// A system query option or a parameter of an action.
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> Result<Value, Refusal> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Refusal::contract(format!("Malformed request: {error}")))
    }

    /// A key in brackets; a lone one has no name.
    pub(super) fn key(&self, name: &str) -> Option<String> {
        let (_, keys) = self.path.split_once('(')?;
        let keys = keys.strip_suffix(')')?;
        let value = match keys.split(',').find_map(|key| key.strip_prefix(&format!("{name}="))) {
            Some(value) => value,
            None if !keys.contains('=') && name == "DeliveryDocument" => keys,
            None => return None,
        };
        Some(value.trim_matches('\'').to_owned())
    }

    /// A change has to name the version it is based on.
    pub(super) fn matches(&self, version: &str) -> Result<(), Refusal> {
        if self.if_match.is_empty() {
            let message = "Required If-Match header is missing";
            return Err(Refusal::new(StatusCode::PRECONDITION_REQUIRED, "/IWBEP/CM_MGW_RT/028", message));
        }
        if self.if_match != version {
            let message = "The resource has been changed in the meantime";
            return Err(Refusal::new(StatusCode::PRECONDITION_FAILED, "/IWBEP/CM_MGW_RT/029", message));
        }
        Ok(())
    }
}

pub(super) fn router(sap: Sap) -> Router {
    Router::new()
        .route("/oauth/token", post(token))
        .route("/simulator/books", get(books))
        .route("/simulator/purchase-orders", post(put_order))
        .route("/simulator/behaviours", post(misbehave).delete(heal))
        .fallback(call)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(sap)
}

async fn token(State(sap): State<Sap>, headers: HeaderMap, form: String) -> Response {
    sap.state().calls.push("POST /oauth/token".to_owned());
    doors::give_token(&sap, &headers, &form)
}

async fn books(State(sap): State<Sap>) -> Json<SapBooks> {
    Json(sap.books())
}

async fn put_order(State(sap): State<Sap>, Json(order): Json<Value>) -> StatusCode {
    sap.put_order(order);
    StatusCode::CREATED
}

async fn misbehave(State(sap): State<Sap>, Json(fault): Json<SapFault>) -> StatusCode {
    sap.queue(fault);
    StatusCode::CREATED
}

async fn heal(State(sap): State<Sap>) -> StatusCode {
    sap.state().faults.clear();
    StatusCode::NO_CONTENT
}

async fn call(State(sap): State<Sap>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = decoded(uri.path());
    sap.state().calls.push(format!("{method} {path}"));
    let Some((root, service, version)) = SERVICES.iter().find(|(root, _, _)| path.starts_with(root)) else {
        return (StatusCode::NOT_FOUND, "<html>no service</html>").into_response();
    };
    if let Err(stranger) = doors::come_in(&sap, &headers) {
        return *stranger;
    }
    if method != Method::GET
        && let Err(refused) = doors::check_token(&sap, &headers)
    {
        return *refused;
    }
    if *version == Version::V2 && !doors::header_text(&headers, "accept").starts_with("application/json") {
        return (StatusCode::OK, [("content-type", "application/atom+xml")], "<feed/>").into_response();
    }
    let asked = Asked {
        path: path.get(root.len()..).unwrap_or_default().to_owned(),
        options: options(uri.query().unwrap_or_default()),
        if_match: doors::header_text(&headers, "if-match"),
        body,
    };
    let behaviour = faults::take(&mut sap.state().faults, method.as_str(), &path);
    if let Some(response) = before(behaviour, *version).await {
        return response;
    }
    let mut response =
        answered(&sap, &method, *service, &asked).unwrap_or_else(|refusal| refusal.say(*version));
    if method == Method::GET {
        doors::open_session(&sap, &headers, &mut response);
    }
    after(behaviour, response)
}

fn answered(sap: &Sap, method: &Method, service: Service, asked: &Asked) -> Result<Response, Refusal> {
    let now = (sap.settings.clock)().to_rfc3339_opts(SecondsFormat::Millis, true);
    let opens = sap.settings.period_opens.as_deref();
    let mut state = sap.state();
    let state = &mut *state;
    if method == Method::GET && asked.path.is_empty() {
        return Ok(Json(json!({ "value": [] })).into_response());
    }
    match (method.as_str(), service) {
        ("GET", Service::Orders) if asked.path == "PurchaseOrder" => {
            orders::list(state, asked, sap.settings.page_limit)
        }
        ("PATCH", Service::Orders) => orders::change(state, asked, &now),
        ("GET", Service::Confirmations) if asked.path == "Confirmation" => confirmations::list(state, asked),
        ("POST", Service::Confirmations) => confirmations::create(state, asked),
        ("PATCH", Service::Confirmations) => confirmations::change(state, asked),
        ("DELETE", Service::Confirmations) => confirmations::delete(state, asked),
        ("GET", Service::Deliveries) if asked.path == "A_InbDeliveryHeader" => deliveries::list(state, asked),
        ("POST", Service::Deliveries) => deliveries::create(state, asked),
        ("PATCH", Service::Deliveries) => deliveries::change(state, asked),
        ("DELETE", Service::Deliveries) => deliveries::delete(state, asked),
        ("GET", Service::Materials) if asked.path == "A_MaterialDocumentHeader" => {
            materials::list(state, asked)
        }
        ("POST", Service::Materials) if asked.path == "A_MaterialDocumentHeader" => {
            materials::create(state, asked, opens)
        }
        ("POST", Service::Materials) if asked.path == "Cancel" => materials::cancel(state, asked, opens),
        _ => Err(Refusal::not_found()),
    }
}

/// What a fault says instead of doing anything.
async fn before(behaviour: Option<SapBehaviour>, version: Version) -> Option<Response> {
    let refusal = match behaviour? {
        SapBehaviour::Hang => {
            tokio::time::sleep(LONGEST_SILENCE).await;
            return Some(dropped());
        }
        SapBehaviour::ResetBefore => return Some(dropped()),
        SapBehaviour::ResetAfter | SapBehaviour::GatewayTimeout => return None,
        SapBehaviour::Err503ra => return Some(answer::later(StatusCode::SERVICE_UNAVAILABLE)),
        SapBehaviour::Err429 => return Some(answer::later(StatusCode::TOO_MANY_REQUESTS)),
        SapBehaviour::Err500 => {
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "SY/530", "An exception was raised")
        }
        SapBehaviour::Locked => Refusal::rule(
            "ME/006",
            "Purchasing document 4500000001 is currently being processed by user MILLER",
        ),
        SapBehaviour::Refused => Refusal {
            details: vec![
                ("ME/083".to_owned(), "Enter Tax Code".to_owned()),
                ("ME/664".to_owned(), "Plant 1710 is blocked".to_owned()),
            ],
            ..Refusal::new(StatusCode::BAD_REQUEST, "ME/083", "Enter Tax Code")
        },
        SapBehaviour::Forbidden => {
            Refusal::new(StatusCode::FORBIDDEN, "/IWFND/MED/170", "No authorization to access Service")
        }
        SapBehaviour::Stale => {
            Refusal::new(StatusCode::PRECONDITION_FAILED, "/IWBEP/CM_MGW_RT/029", "Changed in the meantime")
        }
    };
    Some(refusal.say(version))
}

/// What a fault makes of an answer.
fn after(behaviour: Option<SapBehaviour>, response: Response) -> Response {
    match behaviour {
        Some(SapBehaviour::ResetAfter) => dropped(),
        Some(SapBehaviour::GatewayTimeout) => {
            (StatusCode::GATEWAY_TIMEOUT, "<html>Gateway Timeout</html>").into_response()
        }
        _ => response,
    }
}

fn dropped() -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(DropConnection);
    response
}

fn options(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

/// Percent-encoding only: a plus is a plus.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let code = (*first == b'%').then(|| others.get(..2)).flatten();
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = others.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = others;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
