//! Oracle WMS Cloud: goods on their way, orders and slots in; what was received out.
//!
//! Two families of calls live side by side: the stage interface (XML in a form, its verdict in the body) and
//! `lgfapi` (JSON). Neither keeps an idempotency key, so our mark stands in a custom field of every record, and the
//! read-back goes by the record's number and that mark. The page is `docs/connectors/oracle-wms.md`.
use async_trait::async_trait;
use serde_json::Value;

use crate::oauth::Tokens;
use crate::registry::BuildError;
use crate::{
    Attempted, Codes, Connector, Delivery, DeliveryError, Errand, Feed, Http, Inbound, Message, Page,
    Preview, Receipt, Source, Way,
};
use map::{Here, Known, Plan};
use quayside_canonical::Problems;
use session::Session;

mod answer;
mod map;
#[cfg(test)]
pub(crate) mod ordeal;
mod read;
mod session;
#[cfg(test)]
mod tests;
mod wire;

pub use wire::Config;

/// The name of this connector.
pub const KIND: &str = "oracle-wms";

/// What a warehouse has to know.
pub const ACCEPTS: &[&str] = &[
    "purchase_order.released",
    "purchase_order.revised",
    "shipment.submitted",
    "shipment.amended",
    "shipment.cancelled",
    "appointment.requested",
    "appointment.cancelled",
];

/// What of its configuration is sealed.
pub const SECRETS: &[&str] = &["password", "client_secret"];

/// What it reads: two messages that the WMS sends, and two questions.
pub const FEEDS: &[Feed] = &[
    Feed { name: read::VERIFICATION, way: Way::Push },
    Feed { name: read::HISTORY, way: Way::Push },
    Feed { name: read::HISTORY_POLL, way: Way::Poll },
    Feed { name: read::APPOINTMENTS, way: Way::Poll },
];

/// One environment, one company, one user.
#[derive(Debug)]
pub struct OracleWms {
    config: Config,
    tokens: Tokens,
}

/// Reads the configuration of a connection.
pub(crate) fn build(config: Value) -> Result<Box<dyn Connector>, BuildError> {
    let config: Config = BuildError::read(KIND, config)?;
    config.check().map_err(|reason| BuildError::Config { kind: KIND, reason: reason.to_owned() })?;
    Ok(Box::new(OracleWms { config, tokens: Tokens::default() }))
}

impl OracleWms {
    fn session<'a>(&'a self, http: &'a Http, errand: &'a Errand) -> Session<'a> {
        Session { config: &self.config, tokens: &self.tokens, http, errand }
    }
}

#[async_trait]
impl Connector for OracleWms {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn accepts(&self) -> &'static [&'static str] {
        ACCEPTS
    }

    async fn deliver(&self, http: &Http, delivery: &Delivery) -> Attempted<Receipt> {
        match map::plan(&self.config, delivery) {
            Ok(plan) => self.session(http, &delivery.errand).deliver(delivery, &plan).await,
            Err(error) => Attempted::unsent(error),
        }
    }

    async fn find(&self, http: &Http, delivery: &Delivery) -> Attempted<Option<Receipt>> {
        match map::plan(&self.config, delivery) {
            Ok(plan) => self.session(http, &delivery.errand).find(delivery, &plan).await,
            Err(error) => Attempted::unsent(error),
        }
    }

    /// The question that comes first where there is one, and the document as it is when the answer is the usual one:
    /// what is amended or revised is there, with the details that the event has.
    fn preview(&self, delivery: &Delivery) -> Result<Vec<Preview>, DeliveryError> {
        let plan = map::plan(&self.config, delivery)?;
        let made = map::call(&self.config, delivery, &plan, &usual(delivery, &plan))?;
        let question = session::look_call(&self.config, delivery, &plan.target).preview();
        let first = plan.look_first.then_some(question);
        Ok(first.into_iter().chain([made.preview()]).collect())
    }

    async fn test(&self, http: &Http, errand: &Errand) -> Attempted<()> {
        self.session(http, errand).test().await
    }

    fn source(&self) -> Option<&dyn Source> {
        Some(self)
    }
}

fn usual(delivery: &Delivery, plan: &Plan) -> Here {
    match (&plan.body, delivery.event_type.as_str()) {
        (map::Body::Staged { rows, .. }, "shipment.amended" | "purchase_order.revised") => {
            let details = rows.iter().map(|row| row.number).collect();
            Here::Present(Known { details, planned_start: None })
        }
        _ => Here::Absent,
    }
}

#[async_trait]
impl Source for OracleWms {
    fn feeds(&self) -> &'static [Feed] {
        FEEDS
    }

    async fn poll(
        &self,
        http: &Http,
        errand: &Errand,
        codes: &Codes,
        feed: &str,
        cursor: Option<&str>,
    ) -> Attempted<Page> {
        read::poll(&self.session(http, errand), codes, feed, cursor).await
    }

    fn receive(&self, codes: &Codes, feed: &str, message: &Message<'_>) -> Result<Vec<Inbound>, Problems> {
        read::receive(&self.config, codes, feed, message)
    }
}
