//! How the tenant's connections fare: for the people who run them.
use std::collections::HashMap;

use quayside_canonical::{ConnectionId, Timestamp, states::DeliveryStatus};
use quayside_entity::{circuit, connection, delivery};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::{InterventionError, intervention::check_reading};
use crate::BuyerScope;

/// One connection, and what waits for it.
#[derive(Clone, Debug)]
pub struct Health {
    /// The connection.
    pub connection: connection::Model,
    /// Its circuit; nothing where nothing ever went wrong.
    pub circuit: Option<circuit::Model>,
    /// Deliveries that are not finished, dead ones left out.
    pub waiting: u64,
    /// Deliveries that were given up and wait for a person.
    pub dead: u64,
    /// When the oldest of those that wait was made.
    pub oldest: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct Count {
    connection_id: ConnectionId,
    status: DeliveryStatus,
    number: i64,
    oldest: Option<Timestamp>,
}

/// The tenant's connections by name. Three statements; the last one walks what is unfinished.
///
/// # Errors
/// The caller may not.
pub async fn health(scope: &BuyerScope) -> Result<Vec<Health>, InterventionError> {
    use delivery::Column;
    check_reading(scope)?;
    let tx = scope.read().await?;
    let connections = scope.find_own::<connection::Entity>().order_by_asc(connection::Column::Name);
    let connections = connections.all(&*tx).await?;
    let circuits = scope.find_own::<circuit::Entity>().all(&*tx).await?;
    let mut circuits: HashMap<_, _> = circuits.into_iter().map(|row| (row.connection_id, row)).collect();
    let unfinished =
        [DeliveryStatus::Waiting, DeliveryStatus::Unconfirmed, DeliveryStatus::Sending, DeliveryStatus::Dead];
    let counts = scope
        .find_own::<delivery::Entity>()
        .filter(Column::ConnectionId.is_in(connections.iter().map(|row| row.id)))
        .filter(Column::Status.is_in(unfinished))
        .select_only()
        .columns([Column::ConnectionId, Column::Status])
        .column_as(Column::Id.count(), "number")
        .column_as(Column::CreatedAt.min(), "oldest")
        .group_by(Column::ConnectionId)
        .group_by(Column::Status)
        .into_model::<Count>()
        .all(&*tx)
        .await?;
    let mut all: Vec<Health> = connections
        .into_iter()
        .map(|connection| Health {
            circuit: circuits.remove(&connection.id),
            connection,
            waiting: 0,
            dead: 0,
            oldest: None,
        })
        .collect();
    for count in counts {
        let Some(one) = all.iter_mut().find(|one| one.connection.id == count.connection_id) else { continue };
        let number = u64::try_from(count.number).unwrap_or_default();
        if count.status == DeliveryStatus::Dead {
            one.dead += number;
        } else {
            one.waiting += number;
            one.oldest = one.oldest.into_iter().chain(count.oldest).min();
        }
    }
    Ok(all)
}
