//! The ingest endpoints of a Quayside that reads as the real one does, keeps what it is told and answers as it was
//! told to.
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header::AUTHORIZATION};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use quayside_canonical::document::{read_appointment, read_invoice_status, read_receipt};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Quayside;

const TOKEN: &str = "qys_test_canary";

/// Takes what is new, recognises what it has, word for word, and refuses to let it change.
pub(crate) struct Listening {
    pub(crate) quayside: Quayside,
    heard: Heard,
    task: JoinHandle<()>,
}

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Memory>>);

#[derive(Default)]
struct Memory {
    documents: Vec<(String, Value)>,
    /// Every call, with those that were spoilt.
    calls: usize,
    /// What the next calls get instead of a judgement.
    spoilt: VecDeque<(u16, Value)>,
}

impl Listening {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Heard::default();
        let router = Router::new()
            .route("/ingest/v1/appointments", post(take))
            .route("/ingest/v1/receipts", post(take))
            .route("/ingest/v1/invoice-statuses", post(take))
            .with_state(heard.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { quayside: Quayside { url, token: TOKEN.to_owned() }, heard, task }
    }

    /// What was taken, as `(entrance, document)`, in the order of its arrival.
    pub(crate) fn documents(&self) -> Vec<(String, Value)> {
        self.heard.0.lock().unwrap().documents.clone()
    }

    /// The documents of one entrance.
    pub(crate) fn at(&self, entrance: &str) -> Vec<Value> {
        let documents = self.documents().into_iter();
        documents.filter(|(path, _)| path == entrance).map(|(_, document)| document).collect()
    }

    pub(crate) fn calls(&self) -> usize {
        self.heard.0.lock().unwrap().calls
    }

    pub(crate) fn spoil(&self, status: u16, body: Value) {
        self.heard.0.lock().unwrap().spoilt.push_back((status, body));
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(
    State(heard): State<Heard>,
    uri: Uri,
    headers: HeaderMap,
    Json(document): Json<Value>,
) -> Response {
    let token = headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(token, Some(format!("Bearer {TOKEN}")));
    let mut memory = heard.0.lock().unwrap();
    memory.calls += 1;
    if let Some((status, body)) = memory.spoilt.pop_front() {
        return (StatusCode::from_u16(status).unwrap(), Json(body)).into_response();
    }
    let entrance = uri.path().rsplit('/').next().unwrap().to_owned();
    assert_sound(&entrance, &document);
    let name = |document: &Value| {
        let name = document.get("number").or(document.get("invoice")).cloned();
        (name, document["order"].clone(), document["line"].clone(), document["revision"]["id"].clone())
    };
    let known =
        memory.documents.iter().find(|(path, known)| *path == entrance && name(known) == name(&document));
    let (status, outcome) = match known {
        Some((_, known)) if *known == document => (StatusCode::OK, "UNCHANGED"),
        Some(_) => (StatusCode::CONFLICT, "CONFLICT"),
        None => (StatusCode::OK, "RECORDED"),
    };
    if outcome == "RECORDED" {
        memory.documents.push((entrance, document));
    }
    (status, Json(json!({ "outcome": outcome, "problems": [] }))).into_response()
}

/// A mistake in a document is a mistake of the simulator.
fn assert_sound(entrance: &str, document: &Value) {
    let problems = match entrance {
        "appointments" => read_appointment(document).err(),
        "receipts" => read_receipt(document).err(),
        _ => read_invoice_status(document).err(),
    };
    assert!(problems.is_none(), "{entrance} does not take {document}: {problems:?}");
}
