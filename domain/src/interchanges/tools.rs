//! What the API asks of the reading of EDI without knowing it: the application answers.
use futures_util::future::BoxFuture;
use quayside_canonical::{
    Problem, TradingPartnerId,
    partner::Identifier,
    states::{EdiSyntax, InterchangeStatus},
};

use super::{MessageResult, Redo, RedoError};
use crate::{BuyerScope, Failure, Scope, idempotency::IdempotencyKey};

/// The most bytes of a dry run.
pub const DRY_RUN_LIMIT: usize = 4 << 20;

/// Bytes to be tried as if a partner had sent them.
#[derive(Clone, Debug)]
pub struct DryRun {
    /// The partner.
    pub partner: TradingPartnerId,
    /// The bytes.
    pub content: Vec<u8>,
}

/// What would become of a file. Nothing of it was kept.
#[derive(Clone, Debug, Default)]
pub struct Validation {
    /// Its interchanges, in their order.
    pub interchanges: Vec<ValidatedInterchange>,
    /// What is wrong with it outside its interchanges.
    pub problems: Vec<Problem>,
    /// What about that should be known.
    pub warnings: Vec<Problem>,
}

/// What would become of an interchange.
#[derive(Clone, Debug)]
pub struct ValidatedInterchange {
    /// Its standard.
    pub syntax: Option<EdiSyntax>,
    /// Who sent it.
    pub sender: Option<Identifier>,
    /// For whom it is.
    pub receiver: Option<Identifier>,
    /// The sender's number of it.
    pub control_number: Option<String>,
    /// What would become of it.
    pub status: InterchangeStatus,
    /// What would become of its messages, in their order.
    pub messages: Vec<ValidatedMessage>,
    /// What is wrong with its envelopes.
    pub problems: Vec<Problem>,
    /// What about them should be known.
    pub warnings: Vec<Problem>,
}

/// What would become of a message.
#[derive(Clone, Debug)]
pub struct ValidatedMessage {
    /// What would become of it.
    pub result: MessageResult,
    /// Whether the rules were asked too. They are not about what an earlier message of the file would have to do first.
    pub is_checked: bool,
}

/// A dry run was not made.
#[derive(Debug, thiserror::Error)]
pub enum DryRunError {
    /// The caller's role or token does not allow it.
    #[error("this needs the permission to read orders")]
    Forbidden,
    /// There is no such trading partner for the caller.
    #[error("there is no such trading partner")]
    NotFound,
    /// More than is tried at once.
    #[error("{size} bytes are too many for a dry run; at most {limit} are tried")]
    TooLarge {
        /// How many there are.
        size: usize,
        /// How many are tried.
        limit: usize,
    },
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

/// The reading of EDI, as the API sees it.
pub trait Interchanges: Send + Sync {
    /// Says what would become of a file. Nothing is written.
    fn validate<'a>(
        &'a self,
        scope: &'a Scope,
        run: DryRun,
    ) -> BoxFuture<'a, Result<Validation, DryRunError>>;

    /// Deals again with messages that were refused. Whether it was done before, under the same key.
    fn redo<'a>(
        &'a self,
        scope: &'a BuyerScope,
        redo: &'a Redo,
        key: &'a IdempotencyKey,
    ) -> BoxFuture<'a, Result<bool, RedoError>>;
}
