//! Resolving exceptions, in the transaction that cured the cause.
use quayside_canonical::{
    EventId,
    events::ExceptionResolved,
    exception::ExceptionAction,
    states::{ExceptionKind, ExceptionStatus},
};
use quayside_entity::exception_case;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::step::{Made, about, record};
use crate::{
    Failure, Scope,
    outbox::{self, Fact},
    scope::{in_tenant, update_in_tenant},
    store::Tx,
};

/// What took the cause away.
#[derive(Clone, Debug)]
pub struct Cure<'a> {
    /// In words.
    pub words: &'a str,
    /// The event that shows it.
    pub event: Option<EventId>,
}

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
    cure(tx, scope, kind, subjects, &Cure { words: resolution, event: None }).await
}

/// The same with the event that cured them as the proof.
///
/// # Errors
/// The database failed.
pub async fn cure(
    tx: &Tx,
    scope: &Scope,
    kind: ExceptionKind,
    subjects: &[String],
    cure: &Cure<'_>,
) -> Result<usize, Failure> {
    if subjects.is_empty() {
        return Ok(0);
    }
    let mut open = in_tenant::<exception_case::Entity>(scope)
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
        .col_expr(exception_case::Column::Resolution, Expr::value(cure.words))
        .col_expr(exception_case::Column::ProofEventId, Expr::value(cure.event))
        .col_expr(
            exception_case::Column::Transitions,
            sea_orm::ExprTrait::add(Expr::col(exception_case::Column::Transitions), 1),
        )
        .filter(exception_case::Column::Id.is_in(open.iter().map(|row| row.id)))
        .exec(&**tx)
        .await?;
    let mut facts = Vec::with_capacity(open.len());
    let mut steps = Vec::with_capacity(open.len());
    for row in &mut open {
        let (resolution, subject) = (cure.words.to_owned(), row.subject.clone());
        let event = ExceptionResolved { exception: row.id, kind, subject, resolution, proof: cure.event };
        let mut fact = Fact::new(about(row), &event)?;
        if let Some(proof) = cure.event {
            fact = fact.caused_by(proof);
        }
        steps.push((row.status, fact.id));
        facts.push(fact);
        row.status = ExceptionStatus::Resolved;
        row.transitions += 1;
    }
    outbox::append(tx, scope, facts).await?;
    let made = open.iter().zip(steps).map(|(row, (from, event))| Made {
        from: Some(from),
        why: Some(cure.words.to_owned()),
        proof: cure.event,
        ..Made::new(row, ExceptionAction::Resolved, event)
    });
    record(tx, scope, made.collect()).await?;
    Ok(open.len())
}
