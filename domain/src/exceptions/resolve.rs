//! Resolving exceptions, in the transaction that cured the cause.
use quayside_canonical::{
    events::ExceptionResolved,
    states::{ExceptionKind, ExceptionStatus},
};
use quayside_entity::exception_case;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use crate::{
    Failure, Scope,
    outbox::{self, About, Fact},
    scope::{in_tenant, update_in_tenant},
    store::Tx,
};

/// Resolves the open exception of `kind` about `subject`. False when there is none.
///
/// # Errors
/// The database failed.
pub async fn resolve(
    tx: &Tx,
    scope: &Scope,
    kind: ExceptionKind,
    subject: &str,
    resolution: &str,
) -> Result<bool, Failure> {
    Ok(resolve_many(tx, scope, kind, &[subject.to_owned()], resolution).await? > 0)
}

/// Resolves the open exceptions of `kind` about any of `subjects`, and says how many there were.
///
/// # Errors
/// The database failed.
pub async fn resolve_many(
    tx: &Tx,
    scope: &Scope,
    kind: ExceptionKind,
    subjects: &[String],
    resolution: &str,
) -> Result<usize, Failure> {
    if subjects.is_empty() {
        return Ok(0);
    }
    let open = in_tenant::<exception_case::Entity>(scope)
        .filter(exception_case::Column::Kind.eq(kind))
        .filter(exception_case::Column::Subject.is_in(subjects))
        .filter(exception_case::Column::Status.ne(ExceptionStatus::Resolved))
        .order_by_asc(exception_case::Column::Id)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    if open.is_empty() {
        return Ok(0);
    }
    update_in_tenant::<exception_case::Entity>(scope)
        .col_expr(exception_case::Column::Status, Expr::value(ExceptionStatus::Resolved))
        .col_expr(exception_case::Column::ResolvedAt, Expr::value(scope.now))
        .col_expr(exception_case::Column::ResolvedBy, Expr::value(scope.actor.to_string()))
        .col_expr(exception_case::Column::Resolution, Expr::value(resolution))
        .filter(exception_case::Column::Id.is_in(open.iter().map(|row| row.id)))
        .exec(&**tx)
        .await?;
    let resolved = open.len();
    let mut facts = Vec::with_capacity(resolved);
    for row in open {
        let about = About { subject: row.id.to_string(), supplier: row.supplier_id, order: row.order_id };
        let resolution = resolution.to_owned();
        let event = ExceptionResolved { exception: row.id, kind, subject: row.subject, resolution };
        facts.push(Fact::new(about, &event)?);
    }
    outbox::append(tx, scope, facts).await?;
    Ok(resolved)
}
