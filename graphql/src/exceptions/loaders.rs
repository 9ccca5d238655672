//! Loaders of what belongs to exceptions.
use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use quayside_canonical::{EventId, ExceptionId};
use quayside_domain::exceptions;
use quayside_entity::{exception_attachment, exception_case, exception_comment, exception_transition};

use crate::loaders::{Loaders, Shared};

/// An exception, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExceptionById(pub ExceptionId);
/// The steps of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TransitionsOf(pub ExceptionId);
/// The comments on an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CommentsOf(pub ExceptionId);
/// The files of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttachmentsOf(pub ExceptionId);

impl Loader<ExceptionById> for Loaders {
    type Value = exception_case::Model;
    type Error = Shared;
    async fn load(&self, keys: &[ExceptionById]) -> Result<HashMap<ExceptionById, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        match exceptions::by_ids(&self.scope, &ids).await {
            Ok(rows) => Ok(rows.into_iter().map(|row| (ExceptionById(row.id), row)).collect()),
            // Not yours reads as not there.
            Err(exceptions::ListError::Forbidden) => Ok(HashMap::new()),
            Err(exceptions::ListError::Internal(failure)) => Err(failure.into()),
        }
    }
}

/// Rows by the exception they belong to.
fn of_cases<K: std::hash::Hash + Eq, R>(
    rows: Vec<R>,
    case: impl Fn(&R) -> ExceptionId,
    key: impl Fn(ExceptionId) -> K,
) -> HashMap<K, Vec<R>> {
    let mut of: HashMap<K, Vec<R>> = HashMap::new();
    for row in rows {
        of.entry(key(case(&row))).or_default().push(row);
    }
    of
}

impl Loader<TransitionsOf> for Loaders {
    type Value = Vec<exception_transition::Model>;
    type Error = Shared;
    async fn load(&self, keys: &[TransitionsOf]) -> Result<HashMap<TransitionsOf, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = exceptions::transitions_of(&self.scope, &ids).await?;
        Ok(of_cases(rows, |row| row.exception_id, TransitionsOf))
    }
}

impl Loader<CommentsOf> for Loaders {
    type Value = Vec<exception_comment::Model>;
    type Error = Shared;
    async fn load(&self, keys: &[CommentsOf]) -> Result<HashMap<CommentsOf, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = exceptions::comments_of(&self.scope, &ids).await?;
        Ok(of_cases(rows, |row| row.exception_id, CommentsOf))
    }
}

impl Loader<AttachmentsOf> for Loaders {
    type Value = Vec<exception_attachment::Model>;
    type Error = Shared;
    async fn load(&self, keys: &[AttachmentsOf]) -> Result<HashMap<AttachmentsOf, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = exceptions::attachments_of(&self.scope, &ids).await?;
        Ok(of_cases(rows, |row| row.exception_id, AttachmentsOf))
    }
}

impl Loader<EventId> for Loaders {
    type Value = exceptions::Proof;
    type Error = Shared;
    async fn load(&self, keys: &[EventId]) -> Result<HashMap<EventId, Self::Value>, Shared> {
        let proofs = exceptions::proofs(&self.scope, keys).await?;
        Ok(proofs.into_iter().map(|proof| (proof.id, proof)).collect())
    }
}
