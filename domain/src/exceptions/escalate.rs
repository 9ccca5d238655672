//! Exceptions that nobody saw to in time.
use std::collections::BTreeMap;

use quayside_canonical::{
    Actor, Channel, TenantId, events::ExceptionEscalated, exception::ExceptionAction, states::ExceptionStatus,
};
use quayside_entity::exception_case;
use sea_orm::{
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockBehavior, LockType},
};

use super::step::{Made, about, news, record};
use crate::{
    Failure, Scope, SystemScope,
    notifications::{self, Audience},
    outbox::{self, Fact},
    scope::{Origin, update_in_tenant},
    store::Tx,
};

/// How many exceptions one call looks at.
const BATCH: u64 = 200;

/// Makes exceptions that are overdue one step worse, each once, and tells the tenant's admins. Returns how
/// many there were.
///
/// # Errors
/// The database failed; nothing was written.
pub async fn escalate_overdue(system: &SystemScope) -> Result<usize, Failure> {
    use exception_case::Column;
    let tx = system.write().await?;
    let overdue = system
        .find::<exception_case::Entity>()
        .filter(Column::DueAt.lte(system.now()))
        .filter(Column::EscalatedAt.is_null())
        .filter(Column::Status.ne(ExceptionStatus::Resolved))
        .order_by_asc(Column::DueAt)
        .limit(BATCH)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(&*tx)
        .await?;
    let escalated = overdue.len();
    let mut of_tenants: BTreeMap<TenantId, Vec<exception_case::Model>> = BTreeMap::new();
    for row in overdue {
        of_tenants.entry(row.tenant_id).or_default().push(row);
    }
    for (tenant, rows) in of_tenants {
        let scope = system.in_tenant(tenant, Actor::System, &Origin::new(Channel::System));
        escalate(&tx, &scope, rows).await?;
    }
    if escalated > 0 {
        tx.commit().await?;
    }
    Ok(escalated)
}

/// Rows of one tenant, locked.
async fn escalate(tx: &Tx, scope: &Scope, mut rows: Vec<exception_case::Model>) -> Result<(), Failure> {
    let (mut facts, mut told, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for row in &mut rows {
        row.severity = row.severity.raised();
        row.escalated_at = Some(scope.now);
        row.transitions += 1;
        update_in_tenant::<exception_case::Entity>(scope)
            .col_expr(exception_case::Column::Severity, Expr::value(row.severity))
            .col_expr(exception_case::Column::EscalatedAt, Expr::value(row.escalated_at))
            .col_expr(exception_case::Column::Transitions, Expr::value(row.transitions))
            .filter(exception_case::Column::Id.eq(row.id))
            .exec(&**tx)
            .await?;
        let event = ExceptionEscalated {
            exception: row.id,
            kind: row.kind,
            subject: row.subject.clone(),
            status: row.status,
            severity: row.severity,
            due_at: row.due_at.unwrap_or(scope.now),
        };
        let fact = Fact::new(about(row), &event)?;
        told.push(news(row, fact.id, Audience::Admins, "Nobody dealt with this exception in time."));
        events.push(fact.id);
        facts.push(fact);
    }
    outbox::append(tx, scope, facts).await?;
    let made = rows.iter().zip(events).map(|(row, event)| Made {
        from: Some(row.status),
        ..Made::new(row, ExceptionAction::Escalated, event)
    });
    record(tx, scope, made.collect()).await?;
    notifications::tell(tx, scope, told).await
}
