//! Reading exceptions: those that the caller may see, newest first, and what is on the record of each.
use quayside_canonical::{
    EventId, ExceptionId, PurchaseOrderId, Side, SupplierId, Timestamp, UserId,
    events::visible_to_supplier,
    exception::OwnerKind,
    identity::Permission,
    states::{ExceptionKind, ExceptionStatus, Severity},
};
use quayside_entity::{event, exception_attachment, exception_case, exception_comment, exception_transition};
use sea_orm::{ColumnTrait, Condition, DbErr, QueryFilter, QueryOrder, QuerySelect, Select};

use super::step::visible;
use crate::{Failure, Scope, store::older};

/// The most rows of one page.
pub const MAX_PAGE: u64 = 500;

/// Whose exceptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerFilter {
    /// The caller's: a person's own on the buyer's side, the supplier's on the supplier's.
    Me,
    /// Procurement's as a whole.
    Procurement,
    /// A person's.
    Person(UserId),
    /// A supplier's.
    Supplier,
}

/// Which exceptions.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those that stand there.
    pub status: Option<ExceptionStatus>,
    /// Only those that are not resolved, or only those that are.
    pub open: Option<bool>,
    /// Only those of this kind.
    pub kind: Option<ExceptionKind>,
    /// Only those that bad.
    pub severity: Option<Severity>,
    /// Only those about this supplier.
    pub supplier: Option<SupplierId>,
    /// Only those about this order.
    pub order: Option<PurchaseOrderId>,
    /// Only those of this owner.
    pub owner: Option<OwnerFilter>,
    /// Only those that are overdue, or only those that are not.
    pub overdue: Option<bool>,
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
    scope: &Scope,
    filter: &Filter,
    after: Option<(Timestamp, ExceptionId)>,
    limit: u64,
) -> Result<Vec<exception_case::Model>, ListError> {
    check_permission(scope)?;
    let mut rows = narrowed(scope, filter)
        .order_by_desc(exception_case::Column::OpenedAt)
        .order_by_desc(exception_case::Column::Id)
        .limit(limit.min(MAX_PAGE));
    if let Some(after) = after {
        rows = rows.filter(older(exception_case::Column::OpenedAt, exception_case::Column::Id, after));
    }
    let tx = scope.read().await?;
    Ok(rows.all(&*tx).await?)
}

fn check_permission(scope: &Scope) -> Result<(), ListError> {
    let may = [Permission::OrdersRead, Permission::DeliveriesManage, Permission::ExceptionsManage];
    if may.into_iter().any(|one| scope.may(one)) { Ok(()) } else { Err(ListError::Forbidden) }
}

fn narrowed(scope: &Scope, filter: &Filter) -> Select<exception_case::Entity> {
    use exception_case::Column;
    let open = Column::Status.ne(ExceptionStatus::Resolved);
    let overdue = Condition::all().add(open.clone()).add(Column::DueAt.lte(scope.now));
    let mut only = Condition::all()
        .add_option(filter.status.map(|status| Column::Status.eq(status)))
        .add_option(filter.kind.map(|kind| Column::Kind.eq(kind)))
        .add_option(filter.severity.map(|severity| Column::Severity.eq(severity)))
        .add_option(filter.supplier.map(|supplier| Column::SupplierId.eq(supplier)))
        .add_option(filter.order.map(|order| Column::OrderId.eq(order)));
    match filter.open {
        Some(true) => only = only.add(open),
        Some(false) => only = only.add(Column::Status.eq(ExceptionStatus::Resolved)),
        None => {}
    }
    match filter.overdue {
        Some(true) => only = only.add(overdue),
        Some(false) => {
            let on_time = Condition::any()
                .add(Column::Status.eq(ExceptionStatus::Resolved))
                .add(Column::DueAt.is_null())
                .add(Column::DueAt.gt(scope.now));
            only = only.add(on_time);
        }
        None => {}
    }
    visible(scope).filter(only).filter(owned_by(scope, filter.owner))
}

fn owned_by(scope: &Scope, owner: Option<OwnerFilter>) -> Condition {
    use exception_case::Column;
    let person = |user: Option<UserId>| {
        let nobody = uuid::Uuid::nil();
        let own = Column::OwnerUserId.eq(user.unwrap_or(UserId(nobody)));
        Condition::all().add(Column::OwnerKind.eq(OwnerKind::Person)).add(own)
    };
    let of = |kind: OwnerKind| Condition::all().add(Column::OwnerKind.eq(kind));
    match owner {
        None => Condition::all(),
        Some(OwnerFilter::Me) if scope.supplier.is_some() => of(OwnerKind::Supplier),
        Some(OwnerFilter::Me) => person(scope.person.map(|person| person.user)),
        // A supplier does not look into who of the buyer's people sees to what.
        Some(OwnerFilter::Person(user)) => person(Some(user).filter(|_| scope.supplier.is_none())),
        Some(OwnerFilter::Procurement) => of(OwnerKind::Procurement),
        Some(OwnerFilter::Supplier) => of(OwnerKind::Supplier),
    }
}

/// The exceptions of these ids that the caller may see.
///
/// # Errors
/// The caller may not see exceptions, or the database failed.
pub async fn by_ids(scope: &Scope, ids: &[ExceptionId]) -> Result<Vec<exception_case::Model>, ListError> {
    check_permission(scope)?;
    let tx = scope.read().await?;
    let rows = visible(scope).filter(exception_case::Column::Id.is_in(ids.iter().copied()));
    Ok(rows.all(&*tx).await?)
}

/// The steps of these exceptions that the caller may see, the oldest first.
///
/// # Errors
/// The database failed.
pub async fn transitions_of(
    scope: &Scope,
    ids: &[ExceptionId],
) -> Result<Vec<exception_transition::Model>, Failure> {
    let rows = scope
        .find::<exception_transition::Entity>()
        .filter(exception_transition::Column::ExceptionId.is_in(ids.iter().copied()))
        .order_by_asc(exception_transition::Column::Number);
    let tx = scope.read().await?;
    Ok(rows.all(&*tx).await?)
}

/// The comments on these exceptions that the caller may see, the oldest first.
///
/// # Errors
/// The database failed.
pub async fn comments_of(
    scope: &Scope,
    ids: &[ExceptionId],
) -> Result<Vec<exception_comment::Model>, Failure> {
    let rows = scope
        .find::<exception_comment::Entity>()
        .filter(exception_comment::Column::ExceptionId.is_in(ids.iter().copied()))
        .order_by_asc(exception_comment::Column::At)
        .order_by_asc(exception_comment::Column::Id);
    let tx = scope.read().await?;
    Ok(rows.all(&*tx).await?)
}

/// The files of these exceptions that the caller may see, the oldest first.
///
/// # Errors
/// The database failed.
pub async fn attachments_of(
    scope: &Scope,
    ids: &[ExceptionId],
) -> Result<Vec<exception_attachment::Model>, Failure> {
    let rows = scope
        .find::<exception_attachment::Entity>()
        .filter(exception_attachment::Column::ExceptionId.is_in(ids.iter().copied()))
        .order_by_asc(exception_attachment::Column::At)
        .order_by_asc(exception_attachment::Column::Id);
    let tx = scope.read().await?;
    Ok(rows.all(&*tx).await?)
}

/// An event that cured an exception.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The event.
    pub id: EventId,
    /// Its type.
    pub event_type: String,
    /// What it is about.
    pub subject: String,
    /// When it happened.
    pub occurred_at: Timestamp,
}

/// The events of these ids that the caller may see.
///
/// # Errors
/// The database failed.
pub async fn proofs(scope: &Scope, ids: &[EventId]) -> Result<Vec<Proof>, Failure> {
    let tx = scope.read().await?;
    let rows = scope.find::<event::Entity>().filter(event::Column::Id.is_in(ids.iter().copied()));
    let rows = rows.all(&*tx).await?;
    let seen =
        rows.into_iter().filter(|row| scope.supplier.is_none() || visible_to_supplier(&row.event_type));
    Ok(seen
        .map(|row| Proof {
            id: row.id,
            event_type: row.event_type,
            subject: row.subject,
            occurred_at: row.occurred_at,
        })
        .collect())
}

/// Who did something, as the caller may be told: a supplier learns of the other side only that it was the buyer.
#[must_use]
pub fn shown_actor<'a>(scope: &Scope, side: Side, actor: &'a str) -> &'a str {
    let own = scope.supplier.is_none() || side == Side::Supplier;
    if own || actor == "system" { actor } else { "buyer" }
}
