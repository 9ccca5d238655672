//! NATS with JetStream: one stream of all tenants' events, and a subject for wake-up calls.
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use async_nats::{
    Client, ConnectOptions, Event,
    connection::State,
    jetstream::{
        self, Context,
        consumer::{AckPolicy, pull},
        message::PublishMessage,
        stream::{Config as StreamConfig, StorageType},
    },
};
use futures_util::StreamExt;
use quayside_canonical::{TenantId, Timestamp};
use quayside_domain::{
    publication::{Publishable, Stream},
    store::{Calls, Wake},
};
use tokio::time::{sleep, timeout};

use crate::config::{BusConfig, BusConsumer};

/// The bus recognises an event that comes again within this time.
const RECOGNISED_FOR: Duration = Duration::from_secs(10 * 60);
/// How long the bus may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Before the calls are listened to again.
const PAUSE: Duration = Duration::from_secs(1);

/// A connection that restores itself.
pub(super) struct Nats {
    client: Client,
    context: Context,
    config: BusConfig,
    wake: Wake,
    calls: String,
    /// Counts the times it was connected: after each, the stream may be another one.
    connections: Arc<AtomicU64>,
}

impl Nats {
    /// Connects in the background, for as long as it takes.
    pub(super) async fn open(url: &str, config: &BusConfig, wake: Wake) -> anyhow::Result<Self> {
        // TLS asks for a provider of cryptography. One that is installed already will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let connections = Arc::new(AtomicU64::new(0));
        let events = {
            let (connections, wake) = (connections.clone(), wake.clone());
            move |event| {
                match &event {
                    Event::Connected => {
                        connections.fetch_add(1, Ordering::AcqRel);
                        metrics::gauge!("quayside_bus_connected").set(1.0);
                        // Nobody knows what was called meanwhile.
                        wake.hear(Calls::ALL);
                    }
                    Event::Disconnected | Event::Closed => metrics::gauge!("quayside_bus_connected").set(0.0),
                    _ => {}
                }
                tracing::info!(%event, "the message bus");
                std::future::ready(())
            }
        };
        metrics::gauge!("quayside_bus_connected").set(0.0);
        let options = ConnectOptions::new()
            .name("quayside")
            .no_echo()
            .retry_on_initial_connect()
            .connection_timeout(PATIENCE)
            .request_timeout(Some(PATIENCE))
            .ping_interval(Duration::from_secs(10))
            .reconnect_delay_callback(|tries| {
                Duration::from_millis(u64::try_from(tries).map_or(2_000, |tries| (tries * 100).min(2_000)))
            })
            .event_callback(events);
        let client = options.connect(url).await.context("reading the address of the message bus")?;
        let mut context = jetstream::new(client.clone());
        context.set_timeout(PATIENCE);
        let calls = format!("_{}.wake", config.nats_prefix);
        Ok(Self { client, context, config: config.clone(), wake, calls, connections })
    }

    pub(super) fn is_up(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// How often it was connected.
    pub(super) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Acquire)
    }

    /// Tells the other processes. False when the bus is away, so that another way is taken.
    pub(super) async fn call(&self, calls: Calls) -> bool {
        if !self.is_up() {
            return false;
        }
        let sent = self.client.publish(self.calls.clone(), calls.number().to_string().into());
        matches!(timeout(PATIENCE, sent).await, Ok(Ok(())))
    }

    /// Wakes the sleepers of this process when another one calls, for as long as it is polled.
    pub(super) async fn hear_calls(&self) {
        loop {
            if let Ok(mut heard) = self.client.subscribe(self.calls.clone()).await {
                while let Some(message) = heard.next().await {
                    let number =
                        std::str::from_utf8(&message.payload).ok().and_then(|text| text.parse().ok());
                    if let Some(number) = number {
                        self.wake.hear(Calls::from_number(number));
                    }
                }
            }
            sleep(PAUSE).await;
        }
    }

    /// Makes the stream and the consumers that are not there yet. What is there stays as its operator set it.
    pub(super) async fn prepare(&self) -> anyhow::Result<Stream> {
        let (name, keeps) = (self.config.nats_stream.clone(), self.config.nats_keep);
        let prefix = &self.config.nats_prefix;
        let wanted = StreamConfig {
            name: name.clone(),
            description: Some("Everything that happened in Quayside, by tenant and type".to_owned()),
            subjects: vec![format!("{prefix}.*.>")],
            max_age: keeps,
            storage: StorageType::File,
            num_replicas: self.config.nats_replicas,
            duplicate_window: RECOGNISED_FOR.min(keeps),
            ..StreamConfig::default()
        };
        let mut stream = self.context.get_or_create_stream(wanted).await.context("making the stream")?;
        for BusConsumer { name, tenant } in &self.config.nats_consumers {
            let consumer = pull::Config {
                durable_name: Some(name.clone()),
                filter_subject: tenant
                    .as_ref()
                    .map_or_else(String::new, |tenant| format!("{prefix}.{tenant}.>")),
                ack_policy: AckPolicy::Explicit,
                ..pull::Config::default()
            };
            stream.get_or_create_consumer(name, consumer).await.context("making a consumer")?;
        }
        let info = stream.info().await.context("asking for the stream")?;
        let keeps = if info.config.max_age.is_zero() { keeps } else { info.config.max_age };
        Ok(Stream { name, made: Timestamp::from_micros(info.created.timestamp_micros()), keeps })
    }

    /// Publishes `events` in their order and gives how many of them, from the first on, the bus has for certain, and
    /// why it has not all. No more than these are in flight; whoever waits for them waits here.
    pub(super) async fn publish(
        &self,
        tenant: TenantId,
        events: &[Publishable],
    ) -> (usize, Option<anyhow::Error>) {
        let mut flying = Vec::with_capacity(events.len());
        let mut before: Option<String> = None;
        let mut failed = None;
        for event in events {
            let id = event.id.to_string();
            let mut message = PublishMessage::build().payload(event.envelope.clone().into()).message_id(&id);
            // If one is lost, those behind it are refused: the order holds however many are in flight.
            if let Some(before) = before.replace(id) {
                message = message.expected_last_message_id(before);
            }
            let subject = format!("{}.{tenant}.{}", self.config.nats_prefix, event.event_type);
            match timeout(PATIENCE, self.context.send_publish(subject, message)).await {
                Ok(Ok(flight)) => flying.push(flight),
                Ok(Err(error)) => {
                    failed = Some(error.into());
                    break;
                }
                Err(_) => {
                    failed = Some(anyhow::anyhow!("the bus takes nothing"));
                    break;
                }
            }
        }
        let mut confirmed = 0;
        for flight in flying {
            match flight.await {
                Ok(_) => confirmed += 1,
                Err(error) => return (confirmed, Some(error.into())),
            }
        }
        (confirmed, failed)
    }
}
