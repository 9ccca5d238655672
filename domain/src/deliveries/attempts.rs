//! What was tried, for the people who find out why.
use quayside_canonical::DeliveryId;
use quayside_entity::{delivery, delivery_attempt};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{InterventionError, intervention::check_reading};
use crate::BuyerScope;

/// The most attempts that are shown.
const MOST: u64 = 200;

/// The latest attempts of a delivery, newest first.
///
/// # Errors
/// The caller may not, or there is no such delivery.
pub async fn attempts_of(
    scope: &BuyerScope,
    delivery: DeliveryId,
) -> Result<Vec<delivery_attempt::Model>, InterventionError> {
    check_reading(scope)?;
    let tx = scope.read().await?;
    let row = scope.find_own::<delivery::Entity>().filter(delivery::Column::Id.eq(delivery));
    row.one(&*tx).await?.ok_or(InterventionError::NotFound)?;
    let attempts = scope
        .find_own::<delivery_attempt::Entity>()
        .filter(delivery_attempt::Column::DeliveryId.eq(delivery))
        .order_by_desc(delivery_attempt::Column::Number)
        .limit(MOST)
        .all(&*tx)
        .await?;
    Ok(attempts)
}
