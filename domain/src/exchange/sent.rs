//! What was delivered is sent: from then on the partner's word is awaited.
use quayside_canonical::{
    EventId, Timestamp,
    events::{Event, InterchangeComposed},
    states::SentStatus,
};
use quayside_entity::{event, sent_interchange};
use sea_orm::{
    ColumnTrait, ExprTrait, QueryFilter,
    sea_query::{CaseStatement, Expr},
};

use crate::{Failure, SystemScope, store::Tx};

/// Notes which of `delivered` were interchanges, in the transaction that records their delivery.
pub(crate) async fn note_sent(
    tx: &Tx,
    system: &SystemScope,
    delivered: impl Iterator<Item = &event::Model> + Send,
    now: Timestamp,
) -> Result<(), Failure> {
    use sent_interchange::Column;
    let composed = |event: &&event::Model| event.event_type == InterchangeComposed::TYPE;
    let events: Vec<EventId> = delivered.filter(composed).map(|event| event.id).collect();
    if events.is_empty() {
        return Ok(());
    }
    let minute: i64 = 60_000_000;
    let due = Expr::col(Column::ConfirmMinutes).mul(minute).add(now.micros());
    let status = CaseStatement::new()
        .case(Column::Status.eq(SentStatus::Composed), Expr::value(SentStatus::Sent))
        .finally(Expr::col(Column::Status));
    system
        .update::<sent_interchange::Entity>()
        .col_expr(Column::SentAt, Expr::value(now))
        .col_expr(Column::ConfirmBy, due)
        .col_expr(Column::Status, status.into())
        .filter(Column::EventId.is_in(events))
        .filter(Column::SentAt.is_null())
        .exec(&**tx)
        .await?;
    Ok(())
}
