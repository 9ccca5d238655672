//! SAP S/4HANA: orders in, answers, shipments and receipts out.
//!
//! Out: every event becomes a task (`map`) that names what it has to read and decides, from what it read, what is
//! left to write. SAP makes a second document of a repeated call, so nothing is created that was not looked for
//! just before, and [`Connector::find`] is the same look without the writing.
//!
//! In: orders are polled by the time of their last change; notifications only say that a poll is due.
use async_trait::async_trait;
use serde_json::Value;

use crate::registry::BuildError;
use crate::{
    Attempted, Codes, Connector, Delivery, DeliveryError, Errand, Feed, Http, Inbound, Message, Page,
    Preview, Receipt, Reply, Source, Way,
};
pub use config::{Answers, Auth, Code, Config, Proposals, WriteBack};
use map::{Plan, Task};
use quayside_canonical::Problems;
use services::{Makes, Question, Service, Write, address};
use session::{Sessions, Talk, Written};

mod config;
mod map;
#[cfg(test)]
pub(crate) mod ordeal;
mod poll;
mod services;
mod session;
#[cfg(test)]
mod tests;
mod trouble;
mod wire;

/// The name of this connector.
pub const KIND: &str = "sap-s4hana";

/// Answers, what was agreed about them, shipments and receipts.
pub const ACCEPTS: &[&str] = &[
    "acknowledgment.submitted",
    "change_proposal.accepted",
    "change_proposal.declined",
    "shipment.submitted",
    "shipment.amended",
    "shipment.cancelled",
    "receipt.recorded",
];

/// [`ACCEPTS`] of a connection that keeps shipments away from SAP.
const ANSWERS_AND_RECEIPTS: &[&str] =
    &["acknowledgment.submitted", "change_proposal.accepted", "change_proposal.declined", "receipt.recorded"];

/// What of its configuration is sealed.
pub const SECRETS: &[&str] = &["password", "client_secret", "api_key"];

/// The feed of orders.
const ORDERS: &str = "purchase-orders";
/// The feed of notifications about orders.
const ORDER_EVENTS: &str = "purchase-order-events";

/// What it reads.
pub const FEEDS: &[Feed] =
    &[Feed { name: ORDERS, way: Way::Poll }, Feed { name: ORDER_EVENTS, way: Way::Push }];

/// How often a task looks again because somebody else was faster.
const MOST_LOOKS: u32 = 5;

/// One SAP system and what we remember of it.
#[derive(Debug)]
pub struct SapS4hana {
    config: Config,
    sessions: Sessions,
}

/// Reads the configuration of a connection.
pub(crate) fn build(config: Value) -> Result<Box<dyn Connector>, BuildError> {
    let config: Config = BuildError::read(KIND, config)?;
    config.check().map_err(|reason| BuildError::Config { kind: KIND, reason: reason.to_owned() })?;
    Ok(Box::new(SapS4hana { config, sessions: Sessions::default() }))
}

#[async_trait]
impl Connector for SapS4hana {
    fn kind(&self) -> &'static str {
        KIND
    }

    /// Less where the configuration keeps shipments or receipts away from SAP.
    fn accepts(&self) -> &'static [&'static str] {
        let answers = &ACCEPTS[..3];
        match (self.config.inbound_deliveries, self.config.goods_receipts) {
            (true, true) => ACCEPTS,
            (true, false) => &ACCEPTS[..ACCEPTS.len() - 1],
            (false, true) => ANSWERS_AND_RECEIPTS,
            (false, false) => answers,
        }
    }

    async fn deliver(&self, http: &Http, delivery: &Delivery) -> Attempted<Receipt> {
        let mut talk = self.talk(http, &delivery.errand);
        let outcome = match map::task(&self.config, delivery) {
            Ok(task) => settle(&mut talk, delivery, &*task).await,
            Err(error) => Err(error),
        };
        Attempted { outcome, exchange: talk.last }
    }

    async fn find(&self, http: &Http, delivery: &Delivery) -> Attempted<Option<Receipt>> {
        let mut talk = self.talk(http, &delivery.errand);
        let outcome = match map::task(&self.config, delivery) {
            Ok(task) => look(&mut talk, &*task).await.map(|plan| match plan {
                Plan::Done(reference) => Some(Receipt { reference }),
                Plan::Do(_) => None,
            }),
            Err(error) => Err(error),
        };
        Attempted { outcome, exchange: talk.last }
    }

    /// The questions, and the document as it would be made if SAP has none: without what only SAP knows.
    fn preview(&self, delivery: &Delivery) -> Result<Vec<Preview>, DeliveryError> {
        let task = map::task(&self.config, delivery)?;
        let mut previews: Vec<Preview> =
            task.questions().iter().map(|question| self.preview_of("GET", question)).collect();
        for write in task.draft()? {
            let body = write.body.map(|body| delivery.shaped(body)).transpose()?;
            let question = Question { service: write.service, path: write.path };
            previews.push(Preview {
                media_type: body.as_ref().map(|_| "application/json".to_owned()),
                body: body.map(|body| body.to_string()).unwrap_or_default(),
                ..self.preview_of(write.method.as_str(), &question)
            });
        }
        Ok(previews)
    }

    /// Asks for one order, and for a session at each service that is written to. Nothing is changed.
    async fn test(&self, http: &Http, errand: &Errand) -> Attempted<()> {
        let mut talk = self.talk(http, errand);
        let outcome = self.knock(&mut talk).await;
        Attempted { outcome, exchange: talk.last }
    }

    fn source(&self) -> Option<&dyn Source> {
        Some(self)
    }
}

#[async_trait]
impl Source for SapS4hana {
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
        let mut talk = self.talk(http, errand);
        let outcome = match feed {
            ORDERS => poll::orders(&mut talk, &self.config, errand.at, codes, cursor).await,
            other => Err(DeliveryError::Unmappable(format!("`{other}` is not polled"))),
        };
        Attempted { outcome, exchange: talk.last }
    }

    fn receive(&self, _: &Codes, feed: &str, message: &Message<'_>) -> Result<Vec<Inbound>, Problems> {
        match feed {
            ORDER_EVENTS => map::changed(message),
            other => {
                let words = format!("nothing is sent to us as `{other}`");
                Err(Problems::one("UNKNOWN_FEED", &quayside_canonical::Field::root(), words))
            }
        }
    }
}

impl SapS4hana {
    fn talk<'a>(&'a self, http: &'a Http, errand: &'a Errand) -> Talk<'a> {
        Talk::new(http, &self.config, &self.sessions, errand)
    }

    async fn knock(&self, talk: &mut Talk<'_>) -> Result<(), DeliveryError> {
        let one = Question {
            service: Service::Orders,
            path: "PurchaseOrder?$select=PurchaseOrder&$top=1".to_owned(),
        };
        let reply = talk.read(&one).await?;
        if serde_json::from_slice::<wire::List<Value>>(&reply.body).is_err() {
            return Err(DeliveryError::Refused {
                code: "NOT_ODATA".to_owned(),
                message: "the host answers, and not as SAP's order service: is it the API host?".to_owned(),
            });
        }
        let written = [
            (self.config.answers == Answers::Confirmation, Service::Confirmations),
            (self.config.inbound_deliveries, Service::Deliveries),
            (self.config.goods_receipts, Service::Materials),
        ];
        for (_, service) in written.into_iter().filter(|(used, _)| *used) {
            talk.open_only(service).await?;
        }
        Ok(())
    }

    fn preview_of(&self, method: &str, question: &Question) -> Preview {
        let mut url = address(&self.config.endpoint, question.service, &question.path);
        url.set_query(None);
        Preview { method: method.to_owned(), url: url.to_string(), media_type: None, body: String::new() }
    }
}

/// Asks what a task has to know, and lets it decide.
async fn look(talk: &mut Talk<'_>, task: &dyn Task) -> Result<Plan, DeliveryError> {
    let mut answers = Vec::new();
    for question in task.questions() {
        answers.push(talk.read(&question).await?.body);
    }
    task.plan(&answers)
}

/// Looks, and does what is left to do.
async fn settle(talk: &mut Talk<'_>, delivery: &Delivery, task: &dyn Task) -> Result<Receipt, DeliveryError> {
    for _ in 0..MOST_LOOKS {
        let writes = match look(talk, task).await? {
            Plan::Done(reference) => return Ok(Receipt { reference }),
            Plan::Do(writes) => writes,
        };
        if let Some(receipt) = carry_out(talk, delivery, writes).await? {
            return Ok(receipt);
        }
    }
    let reason = "somebody else changes the document in SAP all the time".to_owned();
    Err(DeliveryError::Retry { reason, after: None })
}

/// Writes one after the other; `None` when one was based on something that is not so any more.
async fn carry_out(
    talk: &mut Talk<'_>,
    delivery: &Delivery,
    mut writes: Vec<Write>,
) -> Result<Option<Receipt>, DeliveryError> {
    let mut reference = None;
    for index in 0..writes.len() {
        let write = &mut writes[index];
        write.body = write.body.take().map(|body| delivery.shaped(body)).transpose()?;
        let (makes, based_on) = (write.makes.clone(), write.etag.clone());
        let (reply, etag) = match talk.write(&writes[index]).await.map_err(|error| after(index, error))? {
            Written::Done { reply, etag } => (reply, etag),
            Written::Stale => return Ok(None),
        };
        // Parts of one document share its version in SAP: what was read of it is one step behind now.
        if let (Some(old), Some(new)) = (based_on, etag) {
            for later in writes[index + 1..].iter_mut().filter(|later| later.etag.as_ref() == Some(&old)) {
                later.etag = Some(new.clone());
            }
        }
        match makes {
            Makes::Nothing => sap_said_so(&reply)?,
            Makes::Known(number) => {
                sap_said_so(&reply)?;
                reference = Some(number);
            }
            Makes::Numbered(member) => reference = Some(numbered(&reply.body, member)?),
        }
    }
    Ok(Some(Receipt { reference }))
}

/// Says of a failure that it left something behind.
fn after(done: usize, error: DeliveryError) -> DeliveryError {
    match error {
        DeliveryError::Refused { code, message } if done > 0 => {
            DeliveryError::Refused { code, message: format!("{message} (after {done} steps that SAP took)") }
        }
        other => other,
    }
}

/// A change or an end is answered with nothing, or with the entity: a page of somebody else's proves nothing.
fn sap_said_so(reply: &Reply) -> Result<(), DeliveryError> {
    let entity = serde_json::from_slice::<Value>(&reply.body).is_ok_and(|body| body.is_object());
    if reply.status == 204 || entity {
        return Ok(());
    }
    let reason = format!("answer {}, but its body is not what SAP says to a change", reply.status);
    Err(DeliveryError::unconfirmed(reason))
}

/// The number of the document that was made, in either version of OData.
fn numbered(body: &[u8], member: &str) -> Result<String, DeliveryError> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let entity = answer.get("d").unwrap_or(&answer);
    let number = entity.get(member).and_then(Value::as_str).map(str::trim);
    number.filter(|number| !number.is_empty() && number.len() <= 40).map(str::to_owned).ok_or_else(|| {
        DeliveryError::unconfirmed(format!("SAP answered that it was done, without saying {member}"))
    })
}
