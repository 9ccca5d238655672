//! EDI by SFTP: interchanges are files on the partner's server, which appear whole, are taken once, and are kept.
//!
//! The protocol is `drop_folder`'s, the server a place like any other. We are the client. The server's host key is
//! pinned: it is looked at before anything of ours is sent.
use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use quayside_canonical::Problems;
use serde_json::Value;
use tokio::time::Instant;

use crate::drop_folder::{self, PlaceError, Rules};
use crate::registry::BuildError;
use crate::{
    Attempted, Codes, Connector, Delivery, DeliveryError, Errand, Feed, Http, Inbound, Message, Page,
    Preview, Receipt, Source, composed,
};
use credential::Credential;
use pin::Pin;

mod config;
mod credential;
mod pin;
mod remote;
mod session;
#[cfg(test)]
mod tests;

pub use config::Config;

/// The name of this connector.
pub const KIND: &str = "edi-sftp";

/// Interchanges that were made for partners.
pub const ACCEPTS: &[&str] = composed::ACCEPTS;

/// What of its configuration is sealed.
pub const SECRETS: &[&str] = &["private_key", "passphrase", "password"];

/// What lies in the folder.
pub const FEEDS: &[Feed] = composed::POLLED;

/// The numbers of libssh2 that mean something here: of a session, and of SFTP.
mod code {
    pub(super) const SOCKET_SEND: i32 = -7;
    pub(super) const PASSWORD_EXPIRED: i32 = -15;
    pub(super) const FILE: i32 = -16;
    pub(super) const METHOD_NONE: i32 = -17;
    pub(super) const AUTHENTICATION_FAILED: i32 = -18;
    pub(super) const UNVERIFIED: i32 = -19;
    pub(super) const SFTP_PROTOCOL: i32 = -31;
    pub(super) const AGAIN: i32 = -37;

    pub(super) const NO_SUCH_FILE: i32 = 2;
    pub(super) const PERMISSION_DENIED: i32 = 3;
    pub(super) const FAILURE: i32 = 4;
    pub(super) const NO_CONNECTION: i32 = 6;
    pub(super) const CONNECTION_LOST: i32 = 7;
    pub(super) const NO_SUCH_PATH: i32 = 10;
    pub(super) const NO_SPACE: i32 = 14;
    pub(super) const QUOTA: i32 = 15;
}

/// A configuration that was read.
#[derive(Debug)]
struct Settings {
    config: Config,
    pins: Vec<Pin>,
    credential: Credential,
}

/// A folder of a server.
#[derive(Debug)]
pub struct EdiSftp {
    settings: Arc<Settings>,
}

/// Reads the configuration of a connection.
pub(crate) fn build(config: Value) -> Result<Box<dyn Connector>, BuildError> {
    let config: Config = BuildError::read(KIND, config)?;
    let (pins, credential) = config.read().map_err(|reason| BuildError::Config { kind: KIND, reason })?;
    Ok(Box::new(EdiSftp { settings: Arc::new(Settings { config, pins, credential }) }))
}

#[async_trait]
impl Connector for EdiSftp {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn accepts(&self) -> &'static [&'static str] {
        ACCEPTS
    }

    async fn deliver(&self, http: &Http, delivery: &Delivery) -> Attempted<Receipt> {
        let (own, delivery) = (self.settings.clone(), delivery.clone());
        let delivered = session::with(http, &self.settings, async move |place| {
            let layout = &own.config.folders;
            drop_folder::deliver(place, layout, &delivery, |name| own.config.url(&layout.outbox, name)).await
        });
        delivered.await.unwrap_or_else(Attempted::unsent)
    }

    async fn find(&self, http: &Http, delivery: &Delivery) -> Attempted<Option<Receipt>> {
        let (own, delivery) = (self.settings.clone(), delivery.clone());
        let found = session::with(http, &self.settings, async move |place| {
            drop_folder::found(place, &own.config.folders, &delivery).await
        });
        found.await.unwrap_or_else(Attempted::unsent)
    }

    fn preview(&self, delivery: &Delivery) -> Result<Vec<Preview>, DeliveryError> {
        let config = &self.settings.config;
        Ok(vec![composed::preview(delivery, "PUT", |name| config.url(&config.folders.outbox, name))?])
    }

    async fn test(&self, http: &Http, _: &Errand) -> Attempted<()> {
        let (own, started) = (self.settings.clone(), Instant::now());
        let tried = session::with(http, &self.settings, async move |place| {
            drop_folder::try_out(place, &own.config.folders).await
        });
        let outcome = tried.await.and_then(|tried| tried.map_err(PlaceError::before));
        let url = self.settings.config.url("", "");
        let exchange = drop_folder::exchange("LIST", url, String::new(), "", started);
        Attempted { outcome, exchange: Some(exchange) }
    }

    fn source(&self) -> Option<&dyn Source> {
        Some(self)
    }
}

#[async_trait]
impl Source for EdiSftp {
    fn feeds(&self) -> &'static [Feed] {
        FEEDS
    }

    async fn poll(
        &self,
        http: &Http,
        errand: &Errand,
        _codes: &Codes,
        _feed: &str,
        cursor: Option<&str>,
    ) -> Attempted<Page> {
        let (own, cursor) = (self.settings.clone(), cursor.map(str::to_owned));
        let rest = Duration::from_secs(own.config.settle_seconds.into());
        let rules = Rules { rest, at: errand.at };
        let offered = session::with(http, &self.settings, async move |place| {
            drop_folder::offer(place, &own.config.folders, rules, cursor.as_deref()).await
        });
        let outcome = offered.await.and_then(|offered| offered.map_err(PlaceError::before));
        Attempted { outcome, exchange: None }
    }

    fn receive(&self, _codes: &Codes, feed: &str, message: &Message<'_>) -> Result<Vec<Inbound>, Problems> {
        composed::filed(feed, message)
    }
}
