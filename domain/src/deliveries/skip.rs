//! Deciding that something will not be sent.
use quayside_canonical::{
    DeliveryId,
    events::DeliverySkipped,
    states::{DeliveryStatus, ExceptionKind},
};
use quayside_entity::{delivery, delivery_tie};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};

use super::{
    Intervened, InterventionError,
    intervention::{check_permission, check_reason, lock},
    redrive::{about, with_events},
};
use crate::{
    BuyerScope,
    exceptions::{self, Cure},
    idempotency::{self, Claim, IdempotencyKey},
    outbox::{self, Fact},
    scope::{delete_in_tenant, update_in_tenant},
};

/// Takes a delivery that is dead, missing or waits out of the line, for a reason. The later ones of its key go on.
///
/// # Errors
/// The caller may not, there is no such delivery, it stands elsewhere, or the reason does not do.
#[tracing::instrument(skip_all, fields(delivery.id = %delivery))]
pub async fn skip(
    scope: &BuyerScope,
    delivery: DeliveryId,
    reason: &str,
    key: &IdempotencyKey,
) -> Result<Intervened, InterventionError> {
    check_permission(scope)?;
    let reason = check_reason(reason)?;
    let tx = scope.write().await?;
    let claim = idempotency::claim(&tx, scope, "skipDelivery", key, &(delivery, reason), &delivery).await?;
    let row = lock(&tx, scope, delivery).await?;
    if let Claim::Repeat(_) = claim {
        return Ok(Intervened { delivery: row, replayed: true });
    }
    if matches!(row.status, DeliveryStatus::Sending | DeliveryStatus::Delivered | DeliveryStatus::Skipped) {
        return Err(InterventionError::WrongStatus(row.status));
    }
    update_in_tenant::<delivery::Entity>(scope)
        .col_expr(delivery::Column::Status, Expr::value(DeliveryStatus::Skipped))
        .col_expr(delivery::Column::FinishedAt, Expr::value(scope.now))
        .filter(delivery::Column::Id.eq(delivery))
        .exec(&*tx)
        .await?;
    delete_in_tenant::<delivery_tie::Entity>(scope)
        .filter(delivery_tie::Column::DeliveryId.eq(delivery))
        .exec(&*tx)
        .await?;
    let mut skipped = None;
    for (row, event) in with_events(&tx, scope, vec![row]).await? {
        let order = event.order_id;
        let event = DeliverySkipped {
            delivery,
            connection: row.connection_id,
            event: row.event_id,
            subject: row.subject.clone(),
            reason: reason.to_owned(),
        };
        let fact = Fact::new(about(&row, order), &event)?.caused_by(row.event_id);
        skipped = Some(fact.id);
        outbox::append(&tx, scope, vec![fact]).await?;
    }
    let resolution = format!("It is not sent: {reason}");
    let cure = Cure { words: &resolution, event: skipped };
    for kind in [ExceptionKind::DeliveryFailed, ExceptionKind::DeliveryMissing] {
        exceptions::cure(&tx, scope, kind, &[delivery.to_string()], &cure).await?;
    }
    let row = lock(&tx, scope, delivery).await?;
    tx.commit().await?;
    scope.store().wake().deliveries_due();
    Ok(Intervened { delivery: row, replayed: false })
}
