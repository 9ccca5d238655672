//! What ties several processes together: wake-up calls, and a message bus for the tenants' other systems.
//!
//! Both are hints. A process that is not woken looks by itself; what the bus does not take is published later. The
//! record is the database, and nothing is done because the bus said so.

mod nats;
mod publisher;

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use quayside_domain::{SystemScope, publication, store::Signals};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use nats::Nats;
use publisher::Publisher;

/// For so long calls are gathered before the other processes are told.
const GATHER: Duration = Duration::from_millis(20);
/// How long telling them may take before it is given up.
const TELL: Duration = Duration::from_secs(2);

/// A process's ties to the others. Cheap to clone.
#[derive(Clone)]
pub struct Bus {
    system: SystemScope,
    signals: Option<Arc<Signals>>,
    nats: Option<Arc<Nats>>,
}

/// How the bus is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusState {
    /// None is configured.
    Off,
    /// Connected.
    Up,
    /// Configured and away: other systems wait, Quayside does not.
    Down,
}

impl BusState {
    /// As `/readyz` says it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl Bus {
    /// The ties that `config` asks for. Nothing is connected yet, and a bus that is away is no error.
    ///
    /// # Errors
    /// An address cannot be read.
    pub async fn open(config: &Config, system: &SystemScope) -> anyhow::Result<Self> {
        let signals = Signals::new(&config.database.url).context("preparing wake-up calls")?;
        let nats = match &config.bus.nats_url {
            Some(url) => Some(Arc::new(Nats::open(url, &config.bus, system.store().wake().clone()).await?)),
            None => None,
        };
        Ok(Self { system: system.clone(), signals: signals.map(Arc::new), nats })
    }

    /// How the bus is now.
    #[must_use]
    pub fn state(&self) -> BusState {
        match &self.nats {
            None => BusState::Off,
            Some(nats) if nats.is_up() => BusState::Up,
            Some(_) => BusState::Down,
        }
    }

    /// Carries wake-up calls both ways until `stop`, and the last ones before it returns.
    pub async fn carry_calls(&self, stop: &CancellationToken) {
        let wake = self.system.store().wake().clone();
        let listen = async {
            match &self.signals {
                Some(signals) => signals.listen(&wake).await,
                None => std::future::pending().await,
            }
        };
        let hear = async {
            match &self.nats {
                Some(nats) => nats.hear_calls().await,
                None => std::future::pending().await,
            }
        };
        let call = async {
            loop {
                wake.called().await;
                sleep(GATHER).await;
                self.pass_on().await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = listen => {}
            () = hear => {}
            () = call => {}
        }
        self.pass_on().await;
        if let Some(signals) = &self.signals {
            // An unfinished farewell holds up nobody for long.
            let _ = timeout(TELL, signals.close()).await;
        }
    }

    /// Tells the other processes what was called here: by the bus while it is there, else by the database.
    async fn pass_on(&self) {
        let Some(calls) = self.system.store().wake().next_calls() else { return };
        if let Some(nats) = &self.nats
            && nats.call(calls).await
        {
            return;
        }
        let Some(signals) = &self.signals else { return };
        match timeout(TELL, signals.send(calls)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "the other processes are not woken"),
            Err(_) => tracing::debug!("the other processes are not woken in time"),
        }
    }

    /// Publishes the log until `stop`, while no other process does. Without a bus there is nothing to do.
    pub async fn publish(&self, stop: &CancellationToken) {
        let Some(nats) = &self.nats else { return };
        Publisher::new(self.system.clone(), nats.clone()).run(stop).await;
        if let Err(error) = publication::hand_over(&self.system).await {
            tracing::debug!(%error, "the publisher's place runs out by itself");
        }
    }
}
