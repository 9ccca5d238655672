//! What every step of an exception has in common: who may see it, what its events are about, and its record.
use quayside_canonical::{
    EventId, Side,
    exception::{ExceptionAction, OwnerKind},
    states::{ExceptionKind, ExceptionStatus},
};
use quayside_entity::{exception_case, exception_transition};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, Select};

use crate::{
    Failure, Scope,
    notifications::{Audience, News, Topic},
    outbox::About,
    store::{Tx, insert},
};

/// Selects the exceptions that the caller may see.
pub(crate) fn visible(scope: &Scope) -> Select<exception_case::Entity> {
    let rows = scope.find::<exception_case::Entity>();
    if scope.supplier.is_none() {
        return rows;
    }
    let kinds = ExceptionKind::ALL.iter().copied().filter(|kind| kind.concerns_supplier());
    rows.filter(exception_case::Column::Kind.is_in(kinds))
}

/// What an event about an exception is about. It names the supplier only where the supplier may see it.
pub(super) fn about(row: &exception_case::Model) -> About {
    let supplier = row.supplier_id.filter(|_| row.kind.concerns_supplier());
    About { subject: row.id.to_string(), supplier, order: row.order_id }
}

/// On which side the caller stands.
pub(crate) fn side(scope: &Scope) -> Side {
    if scope.supplier.is_some() { Side::Supplier } else { Side::Buyer }
}

/// Who is told when the owner is.
pub(super) fn owner_of(row: &exception_case::Model) -> Audience {
    match (row.owner_kind, row.owner_user_id, row.supplier_id) {
        (OwnerKind::Person, Some(person), _) => Audience::Person(person),
        (OwnerKind::Supplier, _, Some(supplier)) => Audience::Supplier(supplier),
        _ => Audience::Procurement,
    }
}

/// What the audience is told of an exception.
pub(super) fn news(row: &exception_case::Model, event: EventId, audience: Audience, why: &str) -> News {
    let due = row.due_at.map_or_else(String::new, |at| format!("\nDue: {at}"));
    News {
        event,
        audience,
        topic: Topic::Exception(row.severity),
        line: format!("{}: {}", row.severity, row.summary),
        body: format!(
            "{why}\n\n{}\n\nKind: {}\nSeverity: {}\nStatus: {}{due}",
            row.summary, row.kind, row.severity, row.status
        ),
        link: format!("/exceptions/{}", row.id),
    }
}

/// One step that was made.
pub(super) struct Made<'a> {
    /// The exception after it; its count of transitions is the step's number.
    pub(super) row: &'a exception_case::Model,
    pub(super) action: ExceptionAction,
    pub(super) event: EventId,
    pub(super) from: Option<ExceptionStatus>,
    pub(super) why: Option<String>,
    pub(super) proof: Option<EventId>,
    /// Nothing of the supplier's, even where it sees the exception.
    pub(super) internal: bool,
}

impl<'a> Made<'a> {
    pub(super) fn new(row: &'a exception_case::Model, action: ExceptionAction, event: EventId) -> Self {
        Self { row, action, event, from: None, why: None, proof: None, internal: false }
    }
}

/// Writes steps down. Their events are appended already.
pub(super) async fn record(tx: &Tx, scope: &Scope, made: Vec<Made<'_>>) -> Result<(), Failure> {
    let rows = made.into_iter().map(|made| {
        let row = made.row;
        exception_transition::Model {
            exception_id: row.id,
            number: row.transitions,
            tenant_id: row.tenant_id,
            supplier_id: about(row).supplier.filter(|_| !made.internal),
            action: made.action,
            from_status: made.from,
            to_status: row.status,
            owner_kind: row.owner_kind,
            owner_user_id: row.owner_user_id,
            severity: row.severity,
            due_at: row.due_at,
            side: side(scope),
            actor: scope.actor.to_string(),
            why: made.why,
            event_id: made.event,
            proof_event_id: made.proof,
            at: scope.now,
        }
        .into_active_model()
        .reset_all()
    });
    insert(tx, rows.collect()).await
}
