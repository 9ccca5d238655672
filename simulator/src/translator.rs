//! The buyer's EDI translator, as far as Quayside sees it in MIRROR mode: it posts a copy of each file that it sent or got.
use std::fmt;

use serde_json::Value;

use crate::quayside::Client;
use crate::{Quayside, QuaysideError};

/// A translator with the token of a trading partner.
pub struct Translator(Client);

/// A copy was not taken. It is to be sent again.
#[derive(Debug, thiserror::Error)]
#[error("Quayside does not take the copy: {0}")]
pub struct NotCopied(String);

impl Translator {
    /// A translator whose copies go to `quayside`.
    ///
    /// # Errors
    /// Quayside cannot be called so.
    pub fn new(quayside: &Quayside) -> Result<Self, QuaysideError> {
        Client::new(quayside).map(Self)
    }

    /// Posts a file as it is, and gives what Quayside says became of each message in it.
    ///
    /// # Errors
    /// Quayside is away, or wants something mended first.
    pub async fn copy(&self, file: &[u8]) -> Result<Value, NotCopied> {
        match self.0.copy(file).await {
            Ok((status, reply)) if status.is_success() || status.as_u16() == 422 => Ok(reply),
            Ok((status, reply)) => Err(NotCopied(format!("{status} {reply}"))),
            Err(reason) => Err(NotCopied(reason)),
        }
    }
}

impl fmt::Debug for Translator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Translator").finish_non_exhaustive()
    }
}
