//! What could not be made for a partner: noted, told, and tried again when the partner is set up otherwise.
use quayside_canonical::{
    Problems, TenantId,
    states::{ExceptionKind, ExchangePurpose, Severity},
};
use quayside_entity::exchange_pending;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::OnConflict};

use super::{Occasion, Partner, Plan, follow::occasions, partners::NOT_SET_UP};
use crate::{
    Failure, Scope, SystemScope,
    exceptions::{self, NewException},
    scope::delete_in_tenant,
    store::Tx,
};

/// How many are tried again in one go.
const BATCH: u64 = 100;

/// What waits to be made.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// What happened.
    pub occasion: Occasion,
    /// What it is to what happened.
    pub purpose: ExchangePurpose,
}

/// The tenants for which something waits to be made.
///
/// # Errors
/// The database failed.
pub async fn tenants_waiting(system: &SystemScope) -> Result<Vec<TenantId>, Failure> {
    let tenants = system
        .find::<exchange_pending::Entity>()
        .select_only()
        .column(exchange_pending::Column::TenantId)
        .distinct()
        .into_tuple()
        .all(system.store().worker())
        .await?;
    Ok(tenants)
}

/// What waits to be made for a partner that is set up otherwise than when it was tried, in the order it happened.
///
/// # Errors
/// The database failed.
pub async fn waiting(system: &SystemScope, partner: &Partner) -> Result<Vec<Waiting>, Failure> {
    use exchange_pending::Column;
    let rows = system
        .find::<exchange_pending::Entity>()
        .filter(Column::PartnerId.eq(partner.row.id))
        .filter(Column::SetUp.ne(partner.set_up()))
        .order_by_asc(Column::Position)
        .limit(BATCH)
        .all(system.store().worker())
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let place = vec![(row.source_event_id, row.position)];
        for occasion in occasions(system, place).await? {
            found.push(Waiting { occasion, purpose: row.purpose });
        }
    }
    Ok(found)
}

/// Notes why something could not be made, and tells somebody.
pub(super) async fn note(
    tx: &Tx,
    scope: &Scope,
    plan: &Plan<'_>,
    problems: &Problems,
) -> Result<(), Failure> {
    use exchange_pending::Column;
    let partner = &plan.partner.row;
    let row = exchange_pending::ActiveModel {
        partner_id: Set(partner.id),
        source_event_id: Set(plan.occasion.event.id),
        purpose: Set(plan.purpose),
        tenant_id: Set(partner.tenant_id),
        position: Set(plan.occasion.position),
        set_up: Set(plan.partner.set_up()),
        since: Set(scope.now),
    };
    let again = OnConflict::columns([Column::PartnerId, Column::SourceEventId, Column::Purpose])
        .update_column(Column::SetUp)
        .to_owned();
    exchange_pending::Entity::insert(row).on_conflict(again).exec_without_returning(&**tx).await?;
    exceptions::open(tx, scope, case_of(plan, problems)).await?;
    Ok(())
}

/// What is wrong with the partner is one piece of work, however many documents wait for it.
fn case_of(plan: &Plan<'_>, problems: &Problems) -> NewException {
    let partner = &plan.partner.row;
    let problems = problems.as_slice();
    let first = problems.first().map_or("", |problem| problem.message.as_str());
    let more = problems.len().saturating_sub(1);
    let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
    let of_partner = problems.iter().any(|problem| problem.code == NOT_SET_UP);
    let (subject, summary, order) = if of_partner {
        let summary = format!("Nothing can be sent to {} by EDI: {first}{more}", partner.name);
        (partner.id.to_string(), summary, None)
    } else {
        let summary = format!("{} cannot be sent to {} by EDI: {first}{more}", plan.name, partner.name);
        (plan.occasion.event.subject.clone(), summary, plan.order.map(|(order, _)| order))
    };
    NewException {
        kind: ExceptionKind::EdiNotSent,
        subject,
        supplier: Some(partner.supplier_id),
        order,
        severity: Severity::Error,
        summary,
        detail: serde_json::json!({
            "partner": partner.id,
            "event": plan.occasion.event.id,
            "problems": problems,
        }),
    }
}

/// It was made, or need not be made any more.
pub(super) async fn forget(tx: &Tx, scope: &Scope, plan: &Plan<'_>) -> Result<(), Failure> {
    use exchange_pending::Column;
    let gone = delete_in_tenant::<exchange_pending::Entity>(scope)
        .filter(Column::PartnerId.eq(plan.partner.row.id))
        .filter(Column::SourceEventId.eq(plan.occasion.event.id))
        .filter(Column::Purpose.eq(plan.purpose))
        .exec(&**tx)
        .await?;
    if gone.rows_affected > 0 {
        let subject = plan.occasion.event.subject.clone();
        let words = "It is not in the way any more.";
        exceptions::resolve_many(tx, scope, ExceptionKind::EdiNotSent, &[subject], words).await?;
    }
    Ok(())
}
