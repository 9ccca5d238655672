//! EDI by a drop folder of this machine: interchanges are files that appear whole, are taken once, and are kept.
//!
//! A tenant names the folder, the operator the folders it may lie in (`edi.folders`). The protocol is
//! `drop_folder`'s.
use std::time::Duration;

use async_trait::async_trait;
use quayside_canonical::Problems;
use serde::Deserialize;
use serde_json::Value;

use crate::drop_folder::{self, Layout, PlaceError, Rules};
use crate::registry::BuildError;
use crate::{
    Attempted, Codes, Connector, Delivery, DeliveryError, Errand, Feed, Http, Inbound, Message, Page,
    Preview, Receipt, Source, composed,
};
use local::Local;

mod local;
#[cfg(test)]
mod tests;

/// The name of this connector.
pub const KIND: &str = "edi-folder";

/// Interchanges that were made for partners.
pub const ACCEPTS: &[&str] = composed::ACCEPTS;

/// Nothing in it is secret.
pub const SECRETS: &[&str] = &[];

/// What lies in the folder.
pub const FEEDS: &[Feed] = composed::POLLED;

/// What a folder is configured with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The folder on this machine, as an absolute path.
    pub folder: String,
    /// A file that was written to less than so many seconds ago is still being written.
    #[serde(default = "settle_seconds")]
    pub settle_seconds: u32,
}

fn settle_seconds() -> u32 {
    5
}

/// A folder and what is called how in it.
#[derive(Debug)]
pub struct EdiFolder {
    config: Config,
    layout: Layout,
}

/// Reads the configuration of a connection.
pub(crate) fn build(config: Value) -> Result<Box<dyn Connector>, BuildError> {
    let config: Config = BuildError::read(KIND, config)?;
    let wrong = |reason: &str| Err(BuildError::Config { kind: KIND, reason: reason.to_owned() });
    if config.settle_seconds > 24 * 60 * 60 {
        return wrong("settle_seconds: at most a day");
    }
    if config.folder.len() > 1_024 {
        return wrong("folder: at most 1024 characters");
    }
    Ok(Box::new(EdiFolder { config, layout: Layout::default() }))
}

impl EdiFolder {
    fn place(&self, http: &Http) -> Result<Local, PlaceError> {
        let allowed = http.folders().place(&self.config.folder);
        allowed.map(Local).map_err(|forbidden| PlaceError::Forbidden {
            code: "FOLDER_FORBIDDEN",
            message: forbidden.to_string(),
        })
    }

    fn url(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.config.folder.trim_end_matches('/'), self.layout.outbox)
    }
}

#[async_trait]
impl Connector for EdiFolder {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn accepts(&self) -> &'static [&'static str] {
        ACCEPTS
    }

    async fn deliver(&self, http: &Http, delivery: &Delivery) -> Attempted<Receipt> {
        match self.place(http) {
            Ok(place) => drop_folder::deliver(&place, &self.layout, delivery, |name| self.url(name)).await,
            Err(error) => Attempted::unsent(error.before()),
        }
    }

    async fn find(&self, http: &Http, delivery: &Delivery) -> Attempted<Option<Receipt>> {
        match self.place(http) {
            Ok(place) => drop_folder::found(&place, &self.layout, delivery).await,
            Err(error) => Attempted::unsent(error.before()),
        }
    }

    fn preview(&self, delivery: &Delivery) -> Result<Vec<Preview>, DeliveryError> {
        Ok(vec![composed::preview(delivery, "PUT", |name| self.url(name))?])
    }

    async fn test(&self, http: &Http, _: &Errand) -> Attempted<()> {
        let tried = match self.place(http) {
            Ok(place) => drop_folder::try_out(&place, &self.layout).await,
            Err(error) => Err(error),
        };
        Attempted { outcome: tried.map_err(PlaceError::before), exchange: None }
    }

    fn source(&self) -> Option<&dyn Source> {
        Some(self)
    }
}

#[async_trait]
impl Source for EdiFolder {
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
        let rules = Rules { rest: Duration::from_secs(self.config.settle_seconds.into()), at: errand.at };
        let offered = match self.place(http) {
            Ok(place) => drop_folder::offer(&place, &self.layout, rules, cursor).await,
            Err(error) => Err(error),
        };
        Attempted { outcome: offered.map_err(PlaceError::before), exchange: None }
    }

    fn receive(&self, _codes: &Codes, feed: &str, message: &Message<'_>) -> Result<Vec<Inbound>, Problems> {
        composed::filed(feed, message)
    }
}
