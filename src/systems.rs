//! The connectors, as the domain and the API ask of them: see [`Systems`].
use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::{FutureExt, future::BoxFuture};
use quayside_canonical::{Field, Problems, Timestamp};
use quayside_connectors::{
    Codes, Connector, Delivery, Errand, Filter, Http, KINDS, Reshape, build, edi_as2, forbidden_place,
};
use quayside_domain::{
    SystemScope,
    connections::{Kind, Proposal, Request, Sample, Systems, Tested},
    deliveries::Receiver,
    vault::Vault,
};
use serde_json::Value;

use crate::work::{Clients, NotMade, Receivers};

/// The connectors of this build.
pub(crate) struct Connectors {
    pub(crate) system: SystemScope,
    pub(crate) vault: Arc<Vault>,
    pub(crate) clients: Arc<Clients>,
}

impl Systems for Connectors {
    fn kinds(&self) -> Vec<Kind> {
        let kinds = KINDS.iter().map(|kind| Kind {
            name: kind.name,
            accepts: kind.accepts,
            secrets: kind.secrets,
            feeds: kind.feeds.iter().map(|feed| feed.name).collect(),
        });
        kinds.collect()
    }

    fn check<'a>(&'a self, proposal: Proposal<'a>) -> BoxFuture<'a, Problems> {
        async move {
            let mut problems = Problems::new();
            match self.clients.of(&self.system, proposal.tenant).await {
                Ok(http) => {
                    let field = Field::root().at("config");
                    addresses(&http, proposal.config, &field, &mut problems);
                    if let Some((member, words)) = forbidden_place(proposal.kind, proposal.config, &http) {
                        problems.add("ENDPOINT_FORBIDDEN", &field.at(member), words);
                    }
                }
                Err(error) => problems.add("UNAVAILABLE", &Field::root().at("config"), error.words()),
            }
            let connector = build(proposal.kind, proposal.secrets.within(proposal.config.clone()));
            if let Err(error) = &connector {
                problems.add("INVALID_CONFIG", &Field::root().at("config"), error.to_string());
            }
            if let Some(filter) = proposal.filter {
                let tried = match Filter::new(filter) {
                    Ok(filter) => try_on(
                        connector.ok().as_deref(),
                        &filter.reshape(),
                        proposal.samples,
                        self.system.now(),
                    ),
                    Err(error) => Err(error.to_string()),
                };
                if let Err(message) = tried {
                    problems.add("INVALID_FILTER", &Field::root().at("filter"), message);
                }
            }
            problems
        }
        .boxed()
    }

    fn test(&self, receiver: Receiver) -> BoxFuture<'_, Tested> {
        async move {
            let unsent = |message: String| Tested {
                outcome: "NOT_SENT".to_owned(),
                message: Some(message),
                http_status: None,
                duration: Duration::ZERO,
            };
            let http = match self.clients.for_receiver(&self.system, &receiver).await {
                Ok(http) => http,
                Err(error) => return unsent(error.words()),
            };
            let made = match Receivers::default().of(&self.system, &self.vault, &receiver).await {
                Ok(made) => made,
                Err(error) => return unsent(error.words()),
            };
            let tested = made
                .connector
                .test(&http, &errand(uuid::Uuid::now_v7().simple().to_string(), self.system.now()))
                .await;
            let exchange = tested.exchange;
            Tested {
                outcome: match &tested.outcome {
                    Ok(()) => "OK".to_owned(),
                    Err(error) => error.word().to_uppercase(),
                },
                message: told(&receiver, tested.outcome.err().map(|error| error.to_string())),
                http_status: exchange.as_ref().and_then(|exchange| exchange.status),
                duration: Duration::from_millis(exchange.map_or(0, |exchange| exchange.duration_ms)),
            }
        }
        .boxed()
    }

    fn preview(&self, receiver: Receiver, sample: Sample) -> BoxFuture<'_, Result<Vec<Request>, String>> {
        async move {
            let made = Receivers::default().of(&self.system, &self.vault, &receiver).await;
            let made = made.map_err(NotMade::words)?;
            let delivery = delivery(&sample, made.codes, made.reshape, self.system.now())?;
            let calls = made.connector.preview(&delivery).map_err(|error| error.to_string())?;
            let requests = calls.into_iter().map(|call| Request {
                method: call.method,
                url: call.url,
                media_type: call.media_type,
                body: call.body,
            });
            Ok(requests.collect())
        }
        .boxed()
    }
}

/// What went wrong, and until when the certificates of a connection by AS2 are valid.
fn told(receiver: &Receiver, error: Option<String>) -> Option<String> {
    let mut words: Vec<String> = error.into_iter().collect();
    if receiver.kind == edi_as2::KIND {
        let config: Value = serde_json::from_str(&receiver.config).unwrap_or_default();
        words.extend(edi_as2::certificates(&config));
    }
    (!words.is_empty()).then(|| words.join("; "))
}

/// Every web address in a configuration must be one that may be called.
fn addresses(http: &Http, value: &Value, field: &Field, problems: &mut Problems) {
    match value {
        Value::String(text) if text.starts_with("http://") || text.starts_with("https://") => {
            if let Some(forbidden) = http.forbids(text) {
                problems.add("ENDPOINT_FORBIDDEN", field, forbidden.to_string());
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                addresses(http, item, &field.at(index), problems);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                addresses(http, member, &field.at(name), problems);
            }
        }
        _ => {}
    }
}

/// A filter must not fail on events that go out well without it.
fn try_on(
    connector: Option<&dyn Connector>,
    filter: &Reshape,
    samples: &[Sample],
    now: Timestamp,
) -> Result<(), String> {
    let Some(connector) = connector else { return Ok(()) };
    for sample in samples {
        let plain = delivery(sample, Arc::default(), None, now)?;
        if connector.preview(&plain).is_ok() {
            let shaped = Delivery { reshape: Some(filter.clone()), ..plain };
            connector
                .preview(&shaped)
                .map_err(|error| format!("on a recent {}: {error}", sample.event_type))?;
        }
    }
    Ok(())
}

fn delivery(
    sample: &Sample,
    codes: Arc<Codes>,
    reshape: Option<Reshape>,
    now: Timestamp,
) -> Result<Delivery, String> {
    Ok(Delivery {
        id: sample.delivery.clone(),
        event_type: sample.event_type.clone(),
        event: serde_json::from_str(&sample.envelope).map_err(|error| error.to_string())?,
        order_key: sample.order_key.clone(),
        attempt: 1,
        errand: errand(sample.correlation.clone(), now),
        codes,
        reshape,
        content: None,
        reply: None,
    })
}

/// Signed with the time of the system's clock, which the receiver compares with its own.
fn errand(correlation_id: String, now: Timestamp) -> Errand {
    let at = DateTime::<Utc>::from_timestamp_micros(now.micros()).unwrap_or_default();
    Errand { correlation_id, request_id: None, traceparent: None, at }
}
