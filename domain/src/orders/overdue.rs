//! Answers that did not come in time.
use quayside_canonical::{
    Actor, Channel,
    events::AcknowledgmentOverdue,
    states::{ExceptionKind, Severity},
};
use quayside_entity::purchase_order;
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use crate::{
    Failure, SystemScope, exceptions,
    outbox::{self, About, Fact},
    scope::Origin,
};

/// How many orders one call looks at.
const BATCH: u64 = 200;

/// Finds orders whose answer is overdue, and says so once for each question. Returns how many it found.
///
/// # Errors
/// The database failed; nothing was written.
pub async fn mark_overdue(system: &SystemScope) -> Result<usize, Failure> {
    use purchase_order::Column;
    let tx = system.write().await?;
    let due = system
        .find::<purchase_order::Entity>()
        .filter(Column::AnswerDueAt.lte(system.now()))
        .filter(Column::OverdueAt.is_null())
        .order_by_asc(Column::AnswerDueAt)
        .limit(BATCH)
        .lock_with_behavior(
            sea_orm::sea_query::LockType::Update,
            sea_orm::sea_query::LockBehavior::SkipLocked,
        )
        .all(&*tx)
        .await?;
    for order in &due {
        let scope = system.in_tenant(order.tenant_id, Actor::System, &Origin::new(Channel::System));
        let Some(due_at) = order.answer_due_at else { continue };
        purchase_order::ActiveModel {
            id: Set(order.id),
            overdue_at: Set(Some(scope.now)),
            ..Default::default()
        }
        .update(&*tx)
        .await?;
        let event = AcknowledgmentOverdue {
            order: order.id,
            order_number: order.number.clone(),
            supplier: order.supplier_id,
            revision: order.revision,
            due_at,
        };
        outbox::append(&tx, &scope, vec![Fact::new(About::order(order.id, order.supplier_id), &event)?])
            .await?;
        let case = exceptions::NewException {
            kind: ExceptionKind::AcknowledgmentOverdue,
            subject: order.id.to_string(),
            supplier: Some(order.supplier_id),
            order: Some(order.id),
            severity: Severity::Warning,
            summary: format!("Order {} was to be answered by {due_at}", order.number),
            detail: serde_json::json!({ "revision": order.revision }),
        };
        exceptions::open(&tx, &scope, case).await?;
    }
    tx.commit().await?;
    Ok(due.len())
}
