//! A fake SAP S/4HANA: the four services that Quayside's connector speaks to, with the rules that hurt.
//!
//! It wants credentials, a token that belongs to its cookie for each write, and `If-Match` for each change; it knows
//! which fields may be set and how long they are, and the rules of business that a caller meets first. Like the real
//! one it never recognises a repeated call: that makes a second document, and [`Sap::books`] shows it.
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use chrono::Utc;
use serde_json::Value;

mod answer;
mod books;
mod confirmations;
mod contract;
mod deliveries;
mod doors;
mod faults;
mod filter;
mod materials;
mod orders;
mod routes;
#[cfg(test)]
mod tests;

pub use books::SapBooks;
pub use faults::{SapBehaviour, SapFault};

use crate::receiver::Clock;
use books::State;

/// How a fake SAP is set up.
#[derive(Clone)]
pub struct SapSettings {
    /// The communication user, for Basic.
    pub user: String,
    /// Its password.
    pub password: String,
    /// The OAuth client, whose tokens are given out at `/oauth/token`.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// For how long its tokens hold, in seconds.
    pub token_seconds: i64,
    /// Most orders in one answer, whatever the caller asks for.
    pub page_limit: usize,
    /// Nothing is posted before this day: `2026-03-01`.
    pub period_opens: Option<String>,
    /// Its clock.
    pub clock: Clock,
}

impl SapSettings {
    /// With the system's clock, a user `QUAYSIDE` and a client `quayside`, both with this secret.
    pub fn new(secret: impl Into<String>) -> Self {
        let secret = secret.into();
        Self {
            user: "QUAYSIDE".to_owned(),
            password: secret.clone(),
            client_id: "quayside".to_owned(),
            client_secret: secret,
            token_seconds: 600,
            page_limit: 100,
            period_opens: None,
            clock: Arc::new(Utc::now),
        }
    }
}

impl fmt::Debug for SapSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SapSettings").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A running SAP. Clones share their books.
#[derive(Clone)]
pub struct Sap {
    settings: Arc<SapSettings>,
    state: Arc<Mutex<State>>,
}

impl Sap {
    /// With empty books.
    pub fn new(settings: SapSettings) -> Self {
        Self { settings: Arc::new(settings), state: Arc::default() }
    }

    /// Puts a purchase order into the books, in the shape of the order service, or changes the one of its number. The
    /// moment of its last change is now unless the order says when.
    pub fn put_order(&self, order: Value) {
        let now = (self.settings.clock)();
        self.state().put_order(order, now);
    }

    /// All documents as they stand.
    pub fn books(&self) -> SapBooks {
        self.state().books()
    }

    /// Queues a fault: the first one queued that fits a call spoils it.
    pub fn queue(&self, fault: SapFault) {
        self.state().faults.push_back(fault);
    }

    /// Ends all sessions, as a restart of the gateway does.
    pub fn forget_sessions(&self) {
        self.state().sessions.clear();
    }

    /// Withdraws all tokens that were given out.
    pub fn revoke_tokens(&self) {
        self.state().bearers.clear();
    }

    /// Every call, as `POST /sap/…`, in the order of arrival.
    pub fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    /// The routes, for [`crate::serve_sap`] or to be nested elsewhere.
    pub fn router(&self) -> Router {
        routes::router(self.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sap").field("settings", &self.settings).finish_non_exhaustive()
    }
}
