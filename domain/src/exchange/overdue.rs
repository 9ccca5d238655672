//! What was to be confirmed and was not.
use quayside_canonical::{
    Actor, Channel,
    states::{ExceptionKind, SentStatus, Severity},
};
use quayside_entity::{sent_interchange, trading_partner};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use super::match_up::{messages, named};
use crate::{
    Failure, SystemScope, exceptions,
    scope::{Origin, in_tenant},
};

/// How many one call looks at.
const BATCH: u64 = 200;

/// Finds interchanges that their partners should have confirmed by now, and says so once for each. Returns how many
/// it found.
///
/// # Errors
/// The database failed; nothing was written.
pub async fn mark_overdue(system: &SystemScope) -> Result<usize, Failure> {
    use sent_interchange::Column;
    let tx = system.write().await?;
    let due = system
        .find::<sent_interchange::Entity>()
        .filter(Column::Status.eq(SentStatus::Sent))
        .filter(Column::ConfirmBy.lte(system.now()))
        .order_by_asc(Column::ConfirmBy)
        .limit(BATCH)
        .lock_with_behavior(
            sea_orm::sea_query::LockType::Update,
            sea_orm::sea_query::LockBehavior::SkipLocked,
        )
        .all(&*tx)
        .await?;
    for row in &due {
        let scope = system.in_tenant(row.tenant_id, Actor::System, &Origin::new(Channel::System));
        sent_interchange::ActiveModel {
            id: Set(row.id),
            status: Set(SentStatus::Overdue),
            overdue_at: Set(Some(scope.now)),
            ..Default::default()
        }
        .update(&*tx)
        .await?;
        let partner = in_tenant::<trading_partner::Entity>(&scope)
            .filter(trading_partner::Column::Id.eq(row.partner_id))
            .one(&*tx)
            .await?;
        let partner = partner.map(|partner| partner.name).unwrap_or_default();
        let messages = messages(&tx, &scope, &[row.id]).await?;
        let what = named(&messages);
        let by = row.confirm_by.unwrap_or(scope.now);
        let case = exceptions::NewException {
            kind: ExceptionKind::EdiUnconfirmed,
            subject: row.id.to_string(),
            supplier: Some(row.supplier_id),
            order: messages.iter().find_map(|message| message.order_id),
            severity: Severity::Warning,
            summary: format!(
                "{partner} was to confirm interchange {} ({what}) by {by} and did not",
                row.control_number
            ),
            detail: serde_json::json!({ "partner": row.partner_id, "controlNumber": row.control_number }),
        };
        exceptions::open(&tx, &scope, case).await?;
    }
    tx.commit().await?;
    Ok(due.len())
}
