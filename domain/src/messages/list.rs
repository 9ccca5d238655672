//! Reading a conversation, the oldest message first.
use quayside_canonical::{NoteId, Side, Timestamp, identity::Permission};
use quayside_entity::{note, thread};
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};

use super::subject::find;
use crate::{Failure, Scope, exceptions::shown_actor};

/// The most messages of one page.
const MAX_PAGE: u64 = 500;

/// A conversation is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// There is nothing of this id for the caller.
    #[error("no such order, shipment or exception")]
    NotFound,
    /// The caller's role or token does not allow it.
    #[error("this needs the permission ORDERS_READ")]
    Forbidden,
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for ListError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// A message as the caller may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The message.
    pub id: NoteId,
    /// Its place in the conversation, from 1.
    pub number: i32,
    /// Which side said it.
    pub side: Side,
    /// Who said it; of the other side a supplier learns only that it was the buyer.
    pub by: String,
    /// The words.
    pub text: String,
    /// When.
    pub posted_at: Timestamp,
}

impl Posted {
    /// The row as the caller may see it.
    #[must_use]
    pub fn of(scope: &Scope, row: note::Model) -> Self {
        Self {
            id: row.id,
            number: row.number,
            side: row.side,
            by: shown_actor(scope, row.side, &row.actor).to_owned(),
            text: row.body,
            posted_at: row.posted_at,
        }
    }
}

/// At most `limit` messages about this order, shipment or exception, behind number `after`.
///
/// # Errors
/// See [`ListError`].
pub async fn list(scope: &Scope, about: &str, after: i32, limit: u64) -> Result<Vec<Posted>, ListError> {
    if !scope.may(Permission::OrdersRead) {
        return Err(ListError::Forbidden);
    }
    let tx = scope.read().await?;
    let subject = find(&tx, scope, about).await?.ok_or(ListError::NotFound)?;
    let thread = scope.find::<thread::Entity>().filter(thread::Column::About.eq(&subject.id));
    let Some(thread) = thread.one(&*tx).await? else { return Ok(Vec::new()) };
    let rows = scope
        .find::<note::Entity>()
        .filter(note::Column::ThreadId.eq(thread.id))
        .filter(note::Column::Number.gt(after))
        .order_by_asc(note::Column::Number)
        .limit(limit.min(MAX_PAGE))
        .all(&*tx)
        .await?;
    Ok(rows.into_iter().map(|row| Posted::of(scope, row)).collect())
}
