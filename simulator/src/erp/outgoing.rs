//! What the ERP has to say for itself: documents that are asked for, page by page.
//!
//! It keeps to the read side of the contract: signed questions only, a cursor it alone understands, the same page to
//! the same question. Told to, it goes wrong, for questions only.
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use super::billing::Billing;
use crate::receiver::{Fault, Receiver, Refusal, spoiled};

/// The most documents of one page, whatever was asked for.
const MOST: usize = 100;

/// What was published so far, and what is to go wrong.
#[derive(Clone, Default)]
pub(super) struct Outgoing(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    documents: Vec<Value>,
    faults: VecDeque<Fault>,
    /// Cursors of the questions that were answered.
    asked: Vec<String>,
}

impl Outgoing {
    pub(super) fn publish(&self, kind: &str, document: &Value) {
        self.lock().documents.push(json!({ "type": kind, "document": document }));
    }

    pub(super) fn queue(&self, fault: Fault) {
        self.lock().faults.push_back(fault);
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.lock().asked.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault(&self) -> Option<Fault> {
        let mut inner = self.lock();
        let first = inner.faults.front_mut()?;
        first.count = first.count.saturating_sub(1);
        let fault = first.clone();
        if fault.count == 0 {
            inner.faults.pop_front();
        }
        Some(fault)
    }

    fn page(&self, question: &Question) -> Result<Value, Refusal> {
        let after = match question.after.as_deref().map(|cursor| cursor.strip_prefix("no-")) {
            None => 0,
            Some(number) => number.and_then(|number| number.parse().ok()).ok_or_else(|| {
                Refusal::new(StatusCode::BAD_REQUEST, "BAD_CURSOR", "this cursor is none of ours")
            })?,
        };
        let mut inner = self.lock();
        inner.asked.push(question.after.clone().unwrap_or_default());
        let limit = question.limit.clamp(1, MOST);
        let documents: Vec<_> = inner.documents.iter().skip(after).take(limit).cloned().collect();
        let next = after + documents.len();
        let more = next < inner.documents.len();
        Ok(json!({ "documents": documents, "cursor": format!("no-{next}"), "more": more }))
    }
}

#[derive(Debug, Deserialize)]
struct Question {
    after: Option<String>,
    limit: usize,
}

pub(super) fn router(receiver: Receiver<Billing>, outgoing: Outgoing) -> Router {
    Router::new().route("/erp/v1/outgoing", get(answer)).with_state((receiver, outgoing))
}

async fn answer(
    State((receiver, outgoing)): State<(Receiver<Billing>, Outgoing)>,
    Query(question): Query<Question>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = receiver.check_question(&headers) {
        return refusal.into_response();
    }
    match outgoing.fault() {
        Some(fault) => spoiled(&fault).await,
        None => match outgoing.page(&question) {
            Ok(page) => Json(page).into_response(),
            Err(refusal) => refusal.into_response(),
        },
    }
}
