//! Carries a delivery to its receiver: lets the connection's connector send, and says what came of it.
use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use quayside_canonical::{
    Timestamp,
    events::{Event, InterchangeComposed},
};
use quayside_connectors::{Attempted, Content, Delivery, DeliveryError, Errand, Exchange, Receipt};
use quayside_domain::{
    Failure, SystemScope,
    deliveries::{self, Attempt, AttemptResult, BATCH, Claimed, Hands, Kept, Receiver},
    files, planted, transports,
    vault::Vault,
};
use tokio::task::JoinSet;
use tracing::Instrument;

use super::{
    clients::Clients,
    holding::{self, Grip, Holding},
    receivers::{Made, NotMade, Receivers},
};

/// Sends deliveries.
pub struct Courier {
    clients: Arc<Clients>,
    vault: Arc<Vault>,
    receivers: Arc<Receivers>,
    worker: String,
    concurrency: usize,
    holding: Arc<Holding>,
}

/// What became of a delivery that was carried.
pub(super) type Carried = (Claimed, Attempt);

impl Courier {
    /// A courier with `concurrency` calls in flight.
    #[must_use]
    pub fn new(clients: Arc<Clients>, vault: Arc<Vault>, concurrency: usize) -> Self {
        let worker = format!("{}-{}", std::process::id(), uuid::Uuid::now_v7().simple());
        let (receivers, holding) = (Arc::default(), Arc::default());
        Self { clients, vault, receivers, worker, concurrency, holding }
    }

    /// What is made of connections: whoever else calls their systems shares it.
    pub(crate) fn receivers(&self) -> Arc<Receivers> {
        self.receivers.clone()
    }

    /// How many calls may be in flight.
    pub(super) const fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// How many calls to one connection may be in flight, where it says nothing less.
    pub(super) const fn share(&self) -> usize {
        let share = self.concurrency / 4;
        if share == 0 { 1 } else { share }
    }

    /// How many calls to `receiver` may be in flight.
    pub(super) fn share_of(&self, receiver: &Receiver) -> usize {
        receiver.concurrency.map_or(self.share(), |most| most.min(self.share()))
    }

    /// Delivers what is due now, once, and says how many deliveries that were.
    ///
    /// # Errors
    /// The database failed.
    pub async fn deliver_due(self: &Arc<Self>, system: &SystemScope) -> Result<usize, Failure> {
        let delivering = async {
            let hands = Hands { share: self.share(), ..Hands::empty(BATCH) };
            let claimed = self.claim(system, &hands).await?;
            let mut flights = JoinSet::new();
            let mut carried = Vec::with_capacity(claimed.len());
            for delivery in claimed {
                if flights.len() >= self.concurrency {
                    carried.extend(flights.join_next().await.and_then(landed));
                }
                self.clone().take_off(&mut flights, system, delivery);
            }
            while let Some(flight) = flights.join_next().await {
                carried.extend(landed(flight));
            }
            self.record(system, &carried).await?;
            Ok(carried.len())
        };
        tokio::select! {
            done = delivering => done,
            () = self.keep(system) => Ok(0),
        }
    }

    /// Claims what is due, as much as fits the hands, and holds it.
    pub(super) async fn claim(&self, system: &SystemScope, hands: &Hands) -> Result<Vec<Claimed>, Failure> {
        let claimed = deliveries::claim(system, &self.worker, hands).await?;
        self.holding.take(&claimed);
        Ok(claimed)
    }

    /// Renews the leases of what is held. Never ends.
    pub(super) async fn keep(&self, system: &SystemScope) {
        self.holding.keep(system).await;
    }

    pub(super) fn take_off(
        self: Arc<Self>,
        flights: &mut JoinSet<Carried>,
        system: &SystemScope,
        claimed: Claimed,
    ) {
        let system = system.clone();
        let span = tracing::info_span!(
            "deliver",
            delivery.id = %claimed.id,
            connection.id = %claimed.receiver.id,
            correlation.id = %claimed.correlation,
            attempt = claimed.attempt,
        );
        let grip = Grip::on(&self.holding, &claimed);
        let flight = async move {
            if planted::mark_before_send() {
                mark_delivered(&system, &claimed).await;
            }
            let started_at = system.now();
            let attempt = if claimed.lease.left(started_at).is_zero() {
                Attempt::without_call(AttemptResult::Released, started_at)
            } else {
                tokio::select! {
                    biased;
                    () = holding::over(&system, &claimed.lease) => broken_off(started_at, system.now()),
                    attempt = self.carry(&system, &claimed) => attempt,
                }
            };
            tracing::info!(outcome = attempt.result.word(), "attempted");
            grip.hand_over();
            (claimed, attempt)
        };
        flights.spawn(flight.instrument(span));
    }

    /// One attempt. What may have arrived before is asked for before it is sent again.
    async fn carry(&self, system: &SystemScope, claimed: &Claimed) -> Attempt {
        if let Some(result) = &claimed.withheld {
            return Attempt::without_call(result.clone(), system.now());
        }
        let made = self.receivers.of(system, &self.vault, &claimed.receiver).await;
        let http = self.clients.for_receiver(system, &claimed.receiver).await;
        let now = system.now();
        let unmappable = |message| Attempt::without_call(AttemptResult::Unmappable { message }, now);
        let (made, http) = match (made, http) {
            (Ok(made), Ok(http)) => (made, http),
            (Err(NotMade::Wrong(message)), _) | (_, Err(NotMade::Wrong(message))) => {
                return unmappable(message);
            }
            (Err(NotMade::Later(failure)), _) | (_, Err(NotMade::Later(failure))) => {
                tracing::warn!(error = %failure, "a delivery has to wait");
                return Attempt::without_call(AttemptResult::Released, now);
            }
        };
        let mut delivery = match delivery(claimed, &made, now) {
            Ok(delivery) => delivery,
            Err(message) => return unmappable(message),
        };
        match luggage(system, claimed, &mut delivery).await {
            Ok(()) => {}
            Err(failure) => {
                tracing::warn!(error = %failure, "a delivery has to wait for its file");
                return Attempt::without_call(AttemptResult::Released, now);
            }
        }
        let connector = made.connector;
        let ask = claimed.must_confirm && !connector.recognises_repeats();
        if ask && !planted::fresh_key_per_attempt() {
            if let Err(failure) = planted::moment(&claimed.receiver.kind, "before the question").await {
                return attempt(now, unanswered(lost(&failure), None));
            }
            let found = connector.find(&http, &delivery).await;
            match found.outcome {
                Ok(None) => {}
                Ok(Some(receipt)) => {
                    return attempt(now, Attempted { outcome: Ok(receipt), exchange: found.exchange });
                }
                Err(error) => return attempt(now, unanswered(error, found.exchange)),
            }
        }
        if delivery.reply.is_some()
            && let Err(failure) = transports::forget_reply(system, claimed.receiver.id, claimed.id).await
        {
            tracing::warn!(error = %failure, "a delivery has to wait");
            return Attempt::without_call(AttemptResult::Released, now);
        }
        if planted::moment(&claimed.receiver.kind, "before the call").await.is_err() {
            return Attempt::without_call(AttemptResult::Released, now);
        }
        let attempted = connector.deliver(&http, &delivery).await;
        match planted::moment(&claimed.receiver.kind, "after the call").await {
            Ok(()) => attempt(now, attempted),
            Err(failure) => attempt(now, Attempted { outcome: Err(lost(&failure)), ..attempted }),
        }
    }

    /// Asks the receiver whether it has a delivery. The error says why there is nothing to ask with.
    pub(super) async fn find(
        &self,
        system: &SystemScope,
        claimed: &Claimed,
    ) -> Result<Attempted<Option<Receipt>>, String> {
        let made = self.receivers.of(system, &self.vault, &claimed.receiver).await.map_err(NotMade::words)?;
        let http = self.clients.for_receiver(system, &claimed.receiver).await.map_err(NotMade::words)?;
        let mut delivery = delivery(claimed, &made, system.now())?;
        luggage(system, claimed, &mut delivery).await.map_err(|failure| failure.to_string())?;
        Ok(made.connector.find(&http, &delivery).await)
    }

    /// Writes down what became of what was carried, and lets go of it.
    pub(super) async fn record(&self, system: &SystemScope, carried: &[Carried]) -> Result<Kept, Failure> {
        if carried.is_empty() {
            return Ok(Kept::default());
        }
        let pairs: Vec<(&Claimed, &Attempt)> =
            carried.iter().map(|(claimed, attempt)| (claimed, attempt)).collect();
        let kept = deliveries::record_many(system, &pairs).await;
        self.holding.put_down(carried.iter().map(|(claimed, _)| claimed));
        kept
    }
}

pub(super) fn landed(flight: Result<Carried, tokio::task::JoinError>) -> Option<Carried> {
    // A flight that panicked left its lease to run out; then the receiver is asked.
    flight.inspect_err(|error| tracing::error!(%error, "a delivery panicked")).ok()
}

/// The lease ended while the call was in flight: another worker may have the delivery by now.
fn broken_off(started_at: Timestamp, now: Timestamp) -> Attempt {
    let reason = "The worker could not hold on to it and broke the call off.".to_owned();
    let result = AttemptResult::Unconfirmed { reason };
    Attempt { duration: now.since(started_at), ..Attempt::without_call(result, started_at) }
}

/// Only for [`planted::mark_before_send`].
async fn mark_delivered(system: &SystemScope, claimed: &Claimed) {
    let delivered = Attempt::without_call(AttemptResult::Delivered { reference: None }, system.now());
    if let Err(failure) = deliveries::record(system, claimed, &delivered).await {
        tracing::warn!(error = %failure, "not marked");
    }
}

fn delivery(claimed: &Claimed, made: &Made, now: Timestamp) -> Result<Delivery, String> {
    let at = DateTime::<Utc>::from_timestamp_micros(now.micros()).unwrap_or_default();
    let fresh = planted::fresh_key_per_attempt().then(|| uuid::Uuid::now_v7().to_string());
    Ok(Delivery {
        id: fresh.unwrap_or_else(|| claimed.id.to_string()),
        event_type: claimed.event_type.clone(),
        event: serde_json::from_str(&claimed.envelope).map_err(|error| error.to_string())?,
        order_key: claimed.order_key.to_string(),
        attempt: u32::try_from(claimed.attempt).unwrap_or(1),
        errand: Errand {
            correlation_id: claimed.correlation.clone(),
            request_id: None,
            traceparent: claimed.trace_parent.clone(),
            at,
        },
        codes: made.codes.clone(),
        reshape: made.reshape.clone(),
        content: None,
        reply: None,
    })
}

/// What goes with an interchange: its bytes, and what the receiver said of it since it was sent. Nothing for other
/// events. Bytes that are not kept any more are not there: then the connector says so.
async fn luggage(system: &SystemScope, claimed: &Claimed, delivery: &mut Delivery) -> Result<(), Failure> {
    if claimed.event_type != InterchangeComposed::TYPE {
        return Ok(());
    }
    let (tenant, connection) = (claimed.tenant, claimed.receiver.id);
    let heard = transports::heard(system, tenant, connection, claimed.id).await?;
    delivery.reply = heard.map(|answer| Content {
        media_type: answer.headers.into_iter().next().map(|(_, value)| value).unwrap_or_default(),
        bytes: answer.body.into(),
    });
    let data = delivery.event["data"].clone();
    let text = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
    let bytes = files::named(system, tenant, &text("sha256")).await?;
    delivery.content = bytes.map(|bytes| Content { media_type: text("mediaType"), bytes: bytes.into() });
    Ok(())
}

/// Only for [`planted::moment`]: the call was made, and what came of it is not known.
fn lost(failure: &Failure) -> DeliveryError {
    DeliveryError::Unconfirmed { reason: failure.to_string() }
}

/// A question that got no answer leaves the delivery as unknown as it was.
fn unanswered(error: DeliveryError, exchange: Option<Exchange>) -> Attempted<Receipt> {
    let error = match error {
        DeliveryError::Unauthorized => DeliveryError::Unauthorized,
        other => DeliveryError::Unconfirmed { reason: format!("asking whether it arrived: {other}") },
    };
    Attempted { outcome: Err(error), exchange }
}

fn attempt(started_at: Timestamp, attempted: Attempted<Receipt>) -> Attempt {
    let result = match attempted.outcome {
        Ok(receipt) => AttemptResult::Delivered { reference: receipt.reference },
        Err(DeliveryError::Retry { reason, after }) => AttemptResult::Retry { reason, after },
        Err(DeliveryError::Unconfirmed { reason }) => AttemptResult::Unconfirmed { reason },
        Err(DeliveryError::Refused { code, message }) => AttemptResult::Refused { code, message },
        Err(DeliveryError::Unauthorized) => AttemptResult::Unauthorized,
        Err(DeliveryError::Unmappable(message)) => AttemptResult::Unmappable { message },
    };
    let exchange = attempted.exchange;
    Attempt {
        result,
        started_at,
        duration: Duration::from_millis(exchange.as_ref().map_or(0, |exchange| exchange.duration_ms)),
        http_status: exchange.as_ref().and_then(|exchange| exchange.status),
        request: exchange.as_ref().map(|exchange| exchange.request.clone()),
        answer: exchange.map(|exchange| exchange.answer),
    }
}
