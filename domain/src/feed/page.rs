//! The log, page by page.
use quayside_canonical::{
    PurchaseOrderId,
    events::{CATALOGUE, visible_to_supplier},
    identity::Permission,
};
use quayside_entity::{event_head, event_log};
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, Select};

use super::logged::{LoggedEvent, load};
use crate::{Failure, Scope, scope::in_tenant};

/// The most events of one page.
pub const MAX_PAGE: u64 = 500;

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these types.
    pub types: Option<Vec<String>>,
    /// Only those that concern this order.
    pub order: Option<PurchaseOrderId>,
}

impl Filter {
    pub(super) fn wants(&self, event: &LoggedEvent) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(&event.event_type))
            && self.order.is_none_or(|order| event.order == Some(order))
    }
}

/// The log is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The caller's role or token does not allow it.
    #[error("this needs the permission to read events")]
    Forbidden,
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for FeedError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// At most `limit` events behind position `after` that the caller may see.
///
/// # Errors
/// The caller may not read events, or the database failed.
pub async fn page(
    scope: &Scope,
    after: i64,
    filter: &Filter,
    limit: u64,
) -> Result<Vec<LoggedEvent>, FeedError> {
    check_permission(scope)?;
    let tx = scope.read().await?;
    let rows = rows(scope, after, filter).limit(limit.min(MAX_PAGE)).all(&*tx).await?;
    Ok(load(&*tx, scope, rows).await?)
}

/// The rows of the log behind position `after` that the caller may see and that `filter` lets through, in order.
pub(crate) fn rows(scope: &Scope, after: i64, filter: &Filter) -> Select<event_log::Entity> {
    let mut rows = scope
        .find::<event_log::Entity>()
        .filter(event_log::Column::Position.gt(after))
        .order_by_asc(event_log::Column::Position);
    if scope.supplier.is_some() {
        let visible = CATALOGUE.iter().map(|entry| entry.event_type).filter(|it| visible_to_supplier(it));
        rows = rows.filter(event_log::Column::EventType.is_in(visible));
    }
    if let Some(types) = &filter.types {
        rows = rows.filter(event_log::Column::EventType.is_in(types));
    }
    if let Some(order) = filter.order {
        rows = rows.filter(event_log::Column::OrderId.eq(order));
    }
    rows
}

/// The position of the last event there is.
///
/// # Errors
/// The caller may not read events, or the database failed.
pub async fn head(scope: &Scope) -> Result<i64, FeedError> {
    check_permission(scope)?;
    let tx = scope.read().await?;
    let head = in_tenant::<event_head::Entity>(scope).one(&*tx).await?;
    Ok(head.map_or(0, |head| head.position))
}

pub(super) fn check_permission(scope: &Scope) -> Result<(), FeedError> {
    if scope.may(Permission::OrdersRead) { Ok(()) } else { Err(FeedError::Forbidden) }
}
