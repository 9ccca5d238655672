//! Over HTTP: Oracle's routes below `/oracle`, and those of who runs the simulation below `/simulator`.
use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use quick_xml::escape::escape;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::lgfapi::{self, Wrong};
use super::records::{Goods, NotReceived};
use super::{OracleFault, OracleWms, OracleWmsSettings, stage, tree};
use crate::receiver::{Behaviour, DropConnection};

const LONGEST_BODY: usize = 16 * 1024 * 1024;
/// After this a hanging call is dropped, so that no simulator holds sockets for ever.
const LONGEST_SILENCE: Duration = Duration::from_secs(600);

pub(super) fn router(wms: OracleWms) -> Router {
    let oracle = Router::new()
        .route("/wms/api/init_stage_interface/", post(init_stage))
        .route("/wms/lgfapi/v10/stage/appointment/", post(stage_appointment))
        .route("/wms/lgfapi/v10/entity/{entity}/", get(entity))
        .route("/oauth2/v1/token", post(token));
    let simulator = Router::new()
        .route("/report", get(|State(wms): State<OracleWms>| async move { Json(wms.report()) }))
        .route("/effects", get(|State(wms): State<OracleWms>| async move { Json(wms.effects()) }))
        .route("/outputs", get(|State(wms): State<OracleWms>| async move { Json(wms.outputs()) }))
        .route("/outputs/{id}/repeat", post(repeat))
        .route("/faults", post(misbehave).delete(heal))
        .route("/stage/run", post(|State(wms): State<OracleWms>| async move { Json(wms.run_stage()) }))
        .route("/shipments/{number}/receive", post(receive))
        .route("/shipments/{number}/verify", post(verify))
        .route("/appointments/{number}", post(decide));
    Router::new()
        .nest("/oracle", oracle)
        .nest("/simulator", simulator)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(wms)
}

/// The user's password, or a token that was given out.
fn is_known(wms: &OracleWms, headers: &HeaderMap) -> bool {
    let settings = wms.settings();
    let said = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", settings.user, settings.password)));
    said == basic || said.strip_prefix("Bearer ").is_some_and(|token| wms.books().tokens.contains(token))
}

async fn token(State(wms): State<OracleWms>, headers: HeaderMap, body: Bytes) -> Response {
    let settings = wms.settings();
    let said = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let client = settings.client.as_ref().map(|(id, secret)| STANDARD.encode(format!("{id}:{secret}")));
    if client.is_none_or(|client| said != format!("Basic {client}")) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    let form: BTreeMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| form.get(name).map(String::as_str);
    let granted = match field("grant_type") {
        Some("client_credentials") => true,
        Some("password") => {
            (field("username"), field("password")) == (Some(&*settings.user), Some(&*settings.password))
        }
        _ => false,
    };
    if !granted {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    }
    let mut books = wms.books();
    let token = format!("token-{}", books.next_id());
    books.tokens.insert(token.clone());
    Json(json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3600 })).into_response()
}

async fn init_stage(State(wms): State<OracleWms>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_known(&wms, &headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media.starts_with("application/x-www-form-urlencoded") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let form: BTreeMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let document = match form.get("xml_data").map(|text| tree::read(text)) {
        Some(Ok(document)) => document,
        Some(Err(reason)) => return verdict(wms.settings(), Err(vec![reason])),
        None => return verdict(wms.settings(), Err(vec!["xml_data or flat_data is required".to_owned()])),
    };
    if !may(wms.settings(), &stage::facilities(&document)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    // Asynchronous is what it is when nothing is said.
    let later = form.get("async").is_none_or(|flag| flag.eq_ignore_ascii_case("true"));
    let now = (wms.settings().clock)();
    let settings = wms.settings().clone();
    spoilt(&wms, |books| {
        if later {
            books.staged.push(document.clone());
        } else if let Err(problems) = stage::apply(books, &settings, &document, now) {
            return verdict(&settings, Err(problems));
        }
        let group = 41_415_000 + books.next_id();
        let entity = document.child("Header").map(|header| header.text("Entity")).unwrap_or_default();
        verdict(&settings, Ok(format!("Process stage {entity} submitted for file group {group}")))
    })
    .await
}

fn may(settings: &OracleWmsSettings, facilities: &[String]) -> bool {
    let eligible =
        |code: &String| settings.facilities.iter().any(|(known, eligible)| known == code && *eligible);
    settings.may_write && facilities.iter().all(eligible)
}

fn verdict(settings: &OracleWmsSettings, done: Result<String, Vec<String>>) -> Response {
    let (status, success, message, errors) = match done {
        Ok(message) => (StatusCode::OK, "True", message, String::new()),
        Err(problems) => {
            let status = if settings.refuses_with_200 { StatusCode::OK } else { StatusCode::BAD_REQUEST };
            let errors: String = problems
                .iter()
                .map(|problem| format!("<error>{}</error>", escape(problem.as_str())))
                .collect();
            (status, "False", "Validation failed".to_owned(), errors)
        }
    };
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><root><success>{success}</success><response><message>{}</message>\
         <errors>{errors}</errors><data/></response></root>",
        escape(message.as_str())
    );
    (status, [(CONTENT_TYPE, "application/xml")], body).into_response()
}

async fn stage_appointment(State(wms): State<OracleWms>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_known(&wms, &headers) {
        return refuse(&Wrong::new(401, "UNAUTHORIZED", "Invalid login credentials."));
    }
    let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(&body) else {
        return refuse(&Wrong::new(400, "VALIDATION_ERROR", "Invalid JSON."));
    };
    let facility = body.get("facility_id__code").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !may(wms.settings(), &[facility]) {
        return refuse(&Wrong::new(403, "FORBIDDEN", "User lacks permission."));
    }
    let now = (wms.settings().clock)();
    spoilt(&wms, |books| match stage::appointment(books, &body, now) {
        Ok(id) => (StatusCode::CREATED, Json(json!({ "id": id }))).into_response(),
        Err(details) => refuse(&Wrong { details, ..Wrong::new(400, "VALIDATION_ERROR", "Invalid input.") }),
    })
    .await
}

async fn entity(
    State(wms): State<OracleWms>,
    Path(entity): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if !is_known(&wms, &headers) {
        return refuse(&Wrong::new(401, "UNAUTHORIZED", "Invalid login credentials."));
    }
    let page = lgfapi::page(&wms.books(), wms.settings(), &entity, &query);
    page.map_or_else(|wrong| refuse(&wrong), |page| Json(page).into_response())
}

fn refuse(wrong: &Wrong) -> Response {
    let status = StatusCode::from_u16(wrong.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(wrong.body())).into_response()
}

/// Makes a change and answers, or does what the next fault says.
async fn spoilt(wms: &OracleWms, change: impl FnOnce(&mut super::Books) -> Response) -> Response {
    let fault = wms.books().take_fault();
    let Some(OracleFault { behaviour, .. }) = fault else { return change(&mut wms.books()) };
    match behaviour {
        Behaviour::Hang => silent().await,
        Behaviour::ResetBefore => dropped(),
        Behaviour::Err500 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Behaviour::Err503ra => (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")]).into_response(),
        Behaviour::Err429 => (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "1")]).into_response(),
        Behaviour::Err400 => verdict(wms.settings(), Err(vec!["told to refuse".to_owned()])),
        Behaviour::Unauthorized => StatusCode::UNAUTHORIZED.into_response(),
        Behaviour::Lie200 => verdict(wms.settings(), Ok("submitted for file group 1".to_owned())),
        Behaviour::ResetAfter | Behaviour::IgnoreKeys => {
            change(&mut wms.books());
            dropped()
        }
        Behaviour::Garbage => {
            change(&mut wms.books());
            "<html><body>Please sign in</body></html>".into_response()
        }
        Behaviour::SlowBody => {
            change(&mut wms.books());
            silent().await
        }
    }
}

async fn silent() -> Response {
    tokio::time::sleep(LONGEST_SILENCE).await;
    dropped()
}

fn dropped() -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(DropConnection);
    response
}

async fn misbehave(State(wms): State<OracleWms>, Json(fault): Json<OracleFault>) -> StatusCode {
    wms.queue(fault);
    StatusCode::CREATED
}

async fn heal(State(wms): State<OracleWms>) -> StatusCode {
    wms.heal();
    StatusCode::NO_CONTENT
}

async fn repeat(State(wms): State<OracleWms>, Path(id): Path<u64>) -> StatusCode {
    if wms.repeat(id) { StatusCode::ACCEPTED } else { StatusCode::NOT_FOUND }
}

/// Which goods arrive; all of them when none is named.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Arrival {
    #[serde(default)]
    goods: Vec<Goods>,
}

async fn receive(State(wms): State<OracleWms>, Path(number): Path<String>, body: Bytes) -> Response {
    let arrival = if body.is_empty() { Ok(Arrival::default()) } else { serde_json::from_slice(&body) };
    match arrival {
        Ok(arrival) => done(wms.receive(&number, &arrival.goods)),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

async fn verify(State(wms): State<OracleWms>, Path(number): Path<String>) -> Response {
    done(wms.verify(&number))
}

async fn decide(
    State(wms): State<OracleWms>,
    Path(number): Path<String>,
    Json(body): Json<Map<String, Value>>,
) -> Response {
    let status = body.get("statusId").and_then(Value::as_i64).unwrap_or_default();
    done(wms.decide(&number, status, body.get("plannedStart").and_then(Value::as_str)))
}

fn done(outcome: Result<(), NotReceived>) -> Response {
    match outcome {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(reason) => (StatusCode::CONFLICT, reason.to_string()).into_response(),
    }
}
