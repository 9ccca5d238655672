//! Routes: who has to see to which exceptions, and by when.
use quayside_canonical::{
    Field, Problems, SupplierId,
    events::ExceptionRouteChanged,
    exception::OwnerKind,
    identity::Permission,
    states::{ExceptionKind, Severity},
};
use quayside_entity::{exception_route, supplier};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use serde::Serialize;

use super::{act::Owner, routing::buyers_people};
use crate::{
    BuyerScope, Failure,
    idempotency::{self, Claim, ClaimError, IdempotencyKey},
    outbox::{self, About, Fact},
    scope::delete_in_tenant,
    store::Tx,
};

/// The longest time to see to an exception, in minutes: a year.
const MAX_MINUTES: u32 = 366 * 24 * 60;

/// The name idempotency keys go by.
const OPERATION: &str = "setExceptionRoute";

/// What is to hold for exceptions of a supplier, of a kind, of both, or for all. What it leaves out, the next
/// more general route says; a route that says nothing is taken away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetRoute {
    /// For this supplier only.
    pub supplier: Option<SupplierId>,
    /// For this kind only.
    pub kind: Option<ExceptionKind>,
    /// Who has to see to them.
    pub owner: Option<Owner>,
    /// Within how many minutes.
    pub due_minutes: Option<u32>,
    /// How bad they are, whatever the opening rule says.
    pub severity: Option<Severity>,
}

/// Why a route was refused.
#[derive(Debug, thiserror::Error)]
pub enum RouteError {
    /// The caller may not set routes.
    #[error("this needs the permission EXCEPTIONS_MANAGE")]
    Forbidden,
    /// The route breaks rules.
    #[error("{0}")]
    Refused(Problems),
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for RouteError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// Replaces the route, and gives all that hold now. Says too whether this is an earlier result given again.
/// Exceptions that are open already stay as they are. Without a key it only validates.
///
/// # Errors
/// See [`RouteError`].
pub async fn set_route(
    scope: &BuyerScope,
    cmd: &SetRoute,
    key: Option<&IdempotencyKey>,
) -> Result<(Vec<exception_route::Model>, bool), RouteError> {
    if !scope.may(Permission::ExceptionsManage) {
        return Err(RouteError::Forbidden);
    }
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    let claim = match key {
        Some(key) => idempotency::claim(&tx, scope, OPERATION, key, cmd, &()).await?,
        None => Claim::First,
    };
    if claim != Claim::First {
        return Ok((all(&tx, scope).await?, true));
    }
    check(&tx, scope, cmd).await?;
    if key.is_none() {
        return Ok((all(&tx, scope).await?, false));
    }
    write(&tx, scope, cmd).await?;
    let now = all(&tx, scope).await?;
    tx.commit().await?;
    Ok((now, false))
}

/// The routes of the tenant.
///
/// # Errors
/// The caller may not see them, or the database failed.
pub async fn routes(scope: &BuyerScope) -> Result<Vec<exception_route::Model>, RouteError> {
    if !scope.may(Permission::OrdersRead) && !scope.may(Permission::ExceptionsManage) {
        return Err(RouteError::Forbidden);
    }
    let tx = scope.read().await?;
    Ok(all(&tx, scope).await?)
}

async fn all(tx: &Tx, scope: &BuyerScope) -> Result<Vec<exception_route::Model>, Failure> {
    let rows = scope.find_own::<exception_route::Entity>().order_by_asc(exception_route::Column::Place);
    Ok(rows.all(&**tx).await?)
}

async fn check(tx: &Tx, scope: &BuyerScope, cmd: &SetRoute) -> Result<(), RouteError> {
    let (mut problems, root) = (Problems::new(), Field::root());
    if let Some(id) = cmd.supplier {
        let there = scope.find::<supplier::Entity>().filter(supplier::Column::Id.eq(id)).one(&**tx).await?;
        if there.is_none() {
            problems.add("NOT_FOUND", &root.at("supplierId"), "no such supplier");
        }
    }
    match cmd.owner {
        Some(Owner::Person(person)) if buyers_people(tx, scope, vec![person]).await?.is_empty() => {
            problems.add("UNKNOWN_PERSON", &root.at("personId"), "nobody of the buyer's has this id");
        }
        Some(Owner::Supplier) if cmd.kind.is_some_and(|kind| !kind.concerns_supplier()) => {
            let message = "exceptions of this kind are not shown to suppliers";
            problems.add("NOT_THE_SUPPLIERS", &root.at("owner"), message);
        }
        Some(Owner::Procurement | Owner::Person(_) | Owner::Supplier) | None => {}
    }
    if cmd.due_minutes.is_some_and(|minutes| minutes == 0 || minutes > MAX_MINUTES) {
        problems.add("INVALID_VALUE", &root.at("dueMinutes"), format!("expected 1 to {MAX_MINUTES}"));
    }
    problems.into_result().map_err(RouteError::Refused)
}

async fn write(tx: &Tx, scope: &BuyerScope, cmd: &SetRoute) -> Result<(), Failure> {
    use exception_route::Column;
    let supplier = cmd.supplier.map_or_else(|| "*".to_owned(), |id| id.to_string());
    let place = format!("{supplier}/{}", cmd.kind.map_or("*", ExceptionKind::code));
    let (owner_kind, owner_user_id) = match cmd.owner {
        None => (None, None),
        Some(Owner::Procurement) => (Some(OwnerKind::Procurement), None),
        Some(Owner::Person(person)) => (Some(OwnerKind::Person), Some(person)),
        Some(Owner::Supplier) => (Some(OwnerKind::Supplier), None),
    };
    if cmd.owner.is_none() && cmd.due_minutes.is_none() && cmd.severity.is_none() {
        delete_in_tenant::<exception_route::Entity>(scope)
            .filter(Column::Place.eq(&place))
            .exec(&**tx)
            .await?;
    } else {
        let row = exception_route::Model {
            tenant_id: scope.tenant,
            place: place.clone(),
            supplier_id: cmd.supplier,
            kind: cmd.kind,
            owner_kind,
            owner_user_id,
            due_minutes: cmd.due_minutes.and_then(|minutes| i32::try_from(minutes).ok()),
            severity: cmd.severity,
            updated_at: scope.now,
            updated_by: scope.actor.to_string(),
        };
        let again = OnConflict::columns([Column::TenantId, Column::Place])
            .update_columns([
                Column::OwnerKind,
                Column::OwnerUserId,
                Column::DueMinutes,
                Column::Severity,
                Column::UpdatedAt,
                Column::UpdatedBy,
            ])
            .to_owned();
        let row = row.into_active_model().reset_all();
        exception_route::Entity::insert(row).on_conflict(again).exec_without_returning(&**tx).await?;
    }
    let event = ExceptionRouteChanged {
        supplier: cmd.supplier,
        kind: cmd.kind,
        owner: owner_kind,
        person: owner_user_id,
        due_minutes: cmd.due_minutes,
        severity: cmd.severity,
    };
    // Events of one subject are counted: the tenant's own row is not ours to lock, the route's place is.
    let about = About::tenant(&format!("exception_route {place}"));
    outbox::append(tx, scope, vec![Fact::new(about, &event)?]).await
}
