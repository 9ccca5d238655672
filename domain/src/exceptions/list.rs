//! The tenant's exceptions, newest first.
use quayside_canonical::{
    ExceptionId, Timestamp,
    identity::Permission,
    states::{ExceptionKind, ExceptionStatus},
};
use quayside_entity::exception_case;
use sea_orm::{ColumnTrait, Condition, DbErr, QueryFilter, QueryOrder, QuerySelect};

use crate::{BuyerScope, Failure};

/// The most rows of one page.
pub const MAX_PAGE: u64 = 500;

/// Which exceptions.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those that stand there.
    pub status: Option<ExceptionStatus>,
    /// Only those of this kind.
    pub kind: Option<ExceptionKind>,
}

/// The list is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The caller's role or token does not allow it.
    #[error("this needs the permission to see exceptions")]
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

/// At most `limit` exceptions, newest first, beginning behind `after`: the time and id of the last one seen.
///
/// # Errors
/// The caller may not see exceptions, or the database failed.
pub async fn list(
    scope: &BuyerScope,
    filter: &Filter,
    after: Option<(Timestamp, ExceptionId)>,
    limit: u64,
) -> Result<Vec<exception_case::Model>, ListError> {
    if !scope.may(Permission::OrdersRead) && !scope.may(Permission::DeliveriesManage) {
        return Err(ListError::Forbidden);
    }
    let mut rows = scope
        .find_own::<exception_case::Entity>()
        .order_by_desc(exception_case::Column::OpenedAt)
        .order_by_desc(exception_case::Column::Id)
        .limit(limit.min(MAX_PAGE));
    if let Some(status) = filter.status {
        rows = rows.filter(exception_case::Column::Status.eq(status));
    }
    if let Some(kind) = filter.kind {
        rows = rows.filter(exception_case::Column::Kind.eq(kind));
    }
    if let Some((opened_at, id)) = after {
        let same_moment = Condition::all()
            .add(exception_case::Column::OpenedAt.eq(opened_at))
            .add(exception_case::Column::Id.lt(id));
        let earlier = exception_case::Column::OpenedAt.lt(opened_at);
        rows = rows.filter(Condition::any().add(earlier).add(same_moment));
    }
    let tx = scope.read().await?;
    Ok(rows.all(&*tx).await?)
}
