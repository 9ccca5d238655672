//! Connectors, made of connections: once for each revision, so that one may remember a token or a session.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use quayside_canonical::ConnectionId;
use quayside_connectors::{Codes, Connector, Filter, Reshape};
use quayside_domain::{Failure, SystemScope, connections, deliveries::Receiver, vault::Vault};

/// How many are kept. Beyond that, the one that was not asked for the longest goes.
const MOST_KEPT: usize = 256;

/// What calls one connection's system.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    /// Speaks the system's words.
    pub(crate) connector: Arc<dyn Connector>,
    /// What it calls the tenant's codes.
    pub(crate) codes: Arc<Codes>,
    /// The tenant's change to outgoing JSON.
    pub(crate) reshape: Option<Reshape>,
}

/// Why nothing calls a connection's system.
#[derive(Debug)]
pub(crate) enum NotMade {
    /// The database failed: another time.
    Later(Failure),
    /// As the connection is, nothing can. In words, without a secret.
    Wrong(String),
}

impl NotMade {
    /// In words, for people.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Later(_) => "not now: try again in a moment".to_owned(),
            Self::Wrong(words) => words,
        }
    }
}

/// What was made of connections, while it is up to date.
#[derive(Default)]
pub(crate) struct Receivers {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    made: HashMap<ConnectionId, Entry>,
    /// Counts the questions.
    clock: u64,
}

struct Entry {
    made: Made,
    revision: i64,
    codes_revision: i64,
    asked: u64,
}

impl Receivers {
    /// What calls `receiver`.
    pub(crate) async fn of(
        &self,
        system: &SystemScope,
        vault: &Vault,
        receiver: &Receiver,
    ) -> Result<Made, NotMade> {
        let known = self.known(receiver);
        if let Some((made, codes_revision)) = &known
            && *codes_revision == receiver.codes_revision
        {
            return Ok(made.clone());
        }
        let codes = codes(system, receiver).await?;
        let made = match known {
            Some((made, _)) => Made { codes, ..made },
            None => {
                let connector = build(vault, receiver).map_err(NotMade::Wrong)?;
                let reshape = reshape(receiver).map_err(NotMade::Wrong)?;
                Made { connector, codes, reshape }
            }
        };
        self.keep(receiver, made.clone());
        Ok(made)
    }

    fn known(&self, receiver: &Receiver) -> Option<(Made, i64)> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let now = kept.clock;
        let entry = kept.made.get_mut(&receiver.id).filter(|entry| entry.revision == receiver.revision)?;
        entry.asked = now;
        Some((entry.made.clone(), entry.codes_revision))
    }

    fn keep(&self, receiver: &Receiver, made: Made) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.made.len() >= MOST_KEPT && !kept.made.contains_key(&receiver.id) {
            let oldest = kept.made.iter().min_by_key(|(_, entry)| entry.asked).map(|(id, _)| *id);
            oldest.and_then(|id| kept.made.remove(&id));
        }
        let (revision, codes_revision, asked) = (receiver.revision, receiver.codes_revision, kept.clock);
        kept.made.insert(receiver.id, Entry { made, revision, codes_revision, asked });
    }
}

/// The connector, built of the configuration with its secrets in place.
fn build(vault: &Vault, receiver: &Receiver) -> Result<Arc<dyn Connector>, String> {
    let secrets = connections::open(vault, receiver.tenant, receiver.id, &receiver.sealed_secret)
        .map_err(|error| error.to_string())?;
    let config = serde_json::from_str(&receiver.config).map_err(|error| error.to_string())?;
    let built = quayside_connectors::build(&receiver.kind, secrets.within(config));
    Ok(built.map_err(|error| error.to_string())?.into())
}

async fn codes(system: &SystemScope, receiver: &Receiver) -> Result<Arc<Codes>, NotMade> {
    let references = connections::codes(system, receiver.tenant, &receiver.code_system).await;
    Ok(Arc::new(Codes::of(references.map_err(NotMade::Later)?)))
}

fn reshape(receiver: &Receiver) -> Result<Option<Reshape>, String> {
    let Some(filter) = &receiver.filter else { return Ok(None) };
    let filter = Filter::new(filter).map_err(|error| format!("the connection's filter {error}"))?;
    Ok(Some(filter.reshape()))
}
