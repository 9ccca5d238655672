//! A fake Oracle WMS Cloud: the stage interface (XML in a form), `lgfapi` (JSON), and its two output messages.
//!
//! It enforces what Oracle documents and what sites are known for: Basic or a token, permissions and eligibility,
//! required fields, codes that exist, action codes, a shipment that is frozen once receiving began, documents that
//! are handed over and worked on later, refusals with 400 or, as before 21D, with 200. It receives goods on command
//! or after a while, and tells of it with Basic, as the real one does. Its books ([`OracleWms::effects`]) are what a
//! test of "exactly once" looks at.
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use chrono::Utc;
use serde::{Deserialize, Serialize};

mod lgfapi;
mod message;
mod records;
mod routes;
mod stage;
mod tell;
#[cfg(test)]
mod tests;
mod tree;

use crate::receiver::{Behaviour, Clock};
use records::Books;

pub use message::Output;
pub use records::{Effect as OracleEffect, Goods, NotReceived, Report as OracleReport};

/// How a WMS is set up.
#[derive(Clone)]
pub struct OracleWmsSettings {
    /// The user that may call.
    pub user: String,
    /// Its password.
    pub password: String,
    /// A client of the identity domain, by id and secret: then tokens work too.
    pub client: Option<(String, String)>,
    /// Whether the user has the permission to change anything.
    pub may_write: bool,
    /// The one company.
    pub company: String,
    /// The facilities there are, and whether the user is eligible for each.
    pub facilities: Vec<(String, bool)>,
    /// The items there are; `None` takes every code.
    pub items: Option<Vec<String>>,
    /// The vendors there are; `None` takes every number.
    pub vendors: Option<Vec<String>>,
    /// The units there are.
    pub units: Vec<String>,
    /// Whether the order of a detail has to be there.
    pub checks_orders: bool,
    /// Whether a refusal comes with 200, as before 21D.
    pub refuses_with_200: bool,
    /// Whether a question that finds nothing is answered 404.
    pub nothing_is_404: bool,
    /// Where it tells what it received; without it messages wait.
    pub quayside: Option<Telling>,
    /// Whether it tells in JSON.
    pub tells_json: bool,
    /// How long after its announcement a shipment is received whole and verified; `None` waits for a command.
    pub receive_after: Option<Duration>,
    /// Its own clock.
    pub clock: Clock,
}

/// Where messages go.
#[derive(Clone)]
pub struct Telling {
    /// Before the name of a feed: `https://…/ingest/v1/connections/con_…`.
    pub url: String,
    /// For Basic.
    pub user: String,
    /// For Basic.
    pub password: String,
}

impl fmt::Debug for Telling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telling").field("url", &self.url).finish_non_exhaustive()
    }
}

impl OracleWmsSettings {
    /// One company and one facility, every code, nothing by itself.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            password: password.into(),
            client: None,
            may_write: true,
            company: "ACME".to_owned(),
            facilities: vec![("DC01".to_owned(), true)],
            items: None,
            vendors: None,
            units: ["UNITS", "KG"].map(str::to_owned).to_vec(),
            checks_orders: false,
            refuses_with_200: false,
            nothing_is_404: true,
            quayside: None,
            tells_json: false,
            receive_after: None,
            clock: Arc::new(Utc::now),
        }
    }
}

impl fmt::Debug for OracleWmsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { company, facilities, quayside, .. } = self;
        f.debug_struct("OracleWmsSettings")
            .field("company", company)
            .field("facilities", facilities)
            .field("quayside", quayside)
            .finish_non_exhaustive()
    }
}

/// A way of going wrong, and for how many changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OracleFault {
    /// What to do.
    pub behaviour: Behaviour,
    /// For how many calls.
    #[serde(default = "once")]
    pub count: u32,
}

fn once() -> u32 {
    1
}

/// A running WMS. Clones share their books.
#[derive(Clone)]
pub struct OracleWms(Arc<Inner>);

struct Inner {
    settings: OracleWmsSettings,
    http: reqwest::Client,
    books: Mutex<Books>,
}

impl OracleWms {
    /// Opens empty books.
    ///
    /// # Errors
    /// This machine cannot make HTTPS calls.
    pub fn open(settings: OracleWmsSettings) -> Result<Self, reqwest::Error> {
        // Fails only if a provider is installed, which is what we want.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let redirects = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().redirect(redirects).no_proxy().timeout(Duration::from_secs(15));
        Ok(Self(Arc::new(Inner { settings, http: http.build()?, books: Mutex::default() })))
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // A test that panicked elsewhere must not hide what was booked.
        self.0.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settings(&self) -> &OracleWmsSettings {
        &self.0.settings
    }

    /// Everything that was changed, in its order.
    pub fn effects(&self) -> Vec<OracleEffect> {
        self.books().effects.clone()
    }

    /// The verdict on the books.
    pub fn report(&self) -> OracleReport {
        self.books().report()
    }

    /// What was or will be told.
    pub fn outputs(&self) -> Vec<Output> {
        self.books().outputs.clone()
    }

    /// Spoils changes from now on.
    pub fn queue(&self, fault: OracleFault) {
        self.books().faults.push_back(fault);
    }

    /// Forgets all faults.
    pub fn heal(&self) {
        self.books().faults.clear();
    }

    /// No token works any more.
    pub fn expire_tokens(&self) {
        self.books().tokens.clear();
    }

    /// Works on what was handed over, and gives the errors of what could not be taken.
    pub fn run_stage(&self) -> Vec<String> {
        let now = (self.settings().clock)();
        let settings = self.settings();
        let mut books = self.books();
        let staged = std::mem::take(&mut books.staged);
        staged
            .iter()
            .filter_map(|document| stage::apply(&mut books, settings, document, now).err())
            .flatten()
            .collect()
    }

    /// Receives goods of a shipment: all of it when `goods` names none. Each is a record of the history.
    ///
    /// # Errors
    /// There is nothing of that name to receive.
    pub fn receive(&self, shipment: &str, goods: &[Goods]) -> Result<(), NotReceived> {
        let now = (self.settings().clock)();
        self.books().receive(shipment, goods, now)?;
        self.tell_history(now);
        Ok(())
    }

    /// Adjusts what was received of a detail, under an activity code of the history.
    ///
    /// # Errors
    /// There is nothing of that name to adjust.
    pub fn adjust(&self, shipment: &str, detail: i64, by: i64, activity: u32) -> Result<(), NotReceived> {
        let now = (self.settings().clock)();
        self.books().adjust(shipment, detail, (by, activity), now)?;
        self.tell_history(now);
        Ok(())
    }

    /// Says the last word about a shipment.
    ///
    /// # Errors
    /// There is no such shipment, or it is verified already.
    pub fn verify(&self, shipment: &str) -> Result<(), NotReceived> {
        let now = (self.settings().clock)();
        let verified = self.books().verify(shipment)?;
        let (company, json) = (&self.settings().company, self.settings().tells_json);
        let mut books = self.books();
        let number = books.next_message();
        let output = message::verification(&verified, company, json, number, now);
        books.outputs.push(output);
        Ok(())
    }

    fn tell_history(&self, now: chrono::DateTime<Utc>) {
        let (company, json) = (&self.settings().company, self.settings().tells_json);
        let mut books = self.books();
        let untold = books.untold();
        if untold.is_empty() {
            return;
        }
        let number = books.next_message();
        let output = message::history(&untold, company, json, number, now);
        books.outputs.push(output);
    }

    /// Gives or moves a slot, or sets its status: what the people at the dock do.
    ///
    /// # Errors
    /// There is no such appointment.
    pub fn decide(&self, appointment: &str, status: i64, start: Option<&str>) -> Result<(), NotReceived> {
        let now = (self.settings().clock)();
        self.books().decide(appointment, status, start, now)
    }

    /// The routes, for [`crate::serve_oracle_wms`] or to be nested elsewhere.
    pub fn router(&self) -> Router {
        routes::router(self.clone())
    }
}

impl fmt::Debug for OracleWms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OracleWms").field("report", &self.report()).finish_non_exhaustive()
    }
}
