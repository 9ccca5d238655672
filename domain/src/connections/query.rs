//! Looking at connections, and at what they would send.
use quayside_canonical::{ConnectionId, DeliveryId, EventId, Field, Problems, identity::Permission};
use quayside_entity::{connection, delivery, event, event_log, tenant};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{ConnectionError, DEFAULT_EVENT_TYPES, Keeper, Receives, Request, Sample, Tested};
use crate::{BuyerScope, Failure, deliveries::envelope, store::Tx};

/// On how many of the latest events a filter is tried.
const SAMPLES: u64 = 5;

/// The buyer's connections, by name. Those of suppliers are the suppliers'.
///
/// # Errors
/// The caller may not see them, or the database failed.
pub async fn connections(scope: &BuyerScope) -> Result<Vec<connection::Model>, ConnectionError> {
    may_look(scope)?;
    let tx = scope.read().await?;
    Ok(own(scope).order_by_asc(connection::Column::Name).all(&*tx).await?)
}

/// One of the buyer's connections.
///
/// # Errors
/// The caller may not see it, or the database failed.
pub async fn connection(
    scope: &BuyerScope,
    id: ConnectionId,
) -> Result<Option<connection::Model>, ConnectionError> {
    may_look(scope)?;
    let tx = scope.read().await?;
    Ok(own(scope).filter(connection::Column::Id.eq(id)).one(&*tx).await?)
}

/// Calls a connection's system without changing anything there.
///
/// # Errors
/// There is no such connection, or the caller may not.
pub async fn test_connection(
    scope: &BuyerScope,
    keeper: &Keeper,
    id: ConnectionId,
) -> Result<Tested, ConnectionError> {
    super::manage::may(scope)?;
    let row = connection(scope, id).await?.ok_or_else(|| not_found("id"))?;
    Ok(keeper.systems.test(row.into()).await)
}

/// What is previewed.
#[derive(Clone, Copy, Debug)]
pub enum Preview {
    /// A delivery there is.
    Delivery(DeliveryId),
    /// An event, as if it went to a connection.
    Event(EventId, ConnectionId),
}

/// The requests that would be sent. Nothing is. The inner error is what keeps it from being sent.
///
/// # Errors
/// There is no such delivery, event or connection, or the caller may not.
pub async fn preview_delivery(
    scope: &BuyerScope,
    keeper: &Keeper,
    what: Preview,
) -> Result<Result<Vec<Request>, String>, ConnectionError> {
    super::manage::may(scope)?;
    let (id, event_id, field) = match what {
        Preview::Event(event, connection) => (connection, event, "eventId"),
        Preview::Delivery(delivery) => {
            let tx = scope.read().await?;
            let rows = scope.find_own::<delivery::Entity>().filter(delivery::Column::Id.eq(delivery));
            let row = rows.one(&*tx).await?.ok_or_else(|| not_found("deliveryId"))?;
            (row.connection_id, row.event_id, "deliveryId")
        }
    };
    let missing = if let Preview::Event(..) = what { "connectionId" } else { "deliveryId" };
    let row = connection(scope, id).await?.ok_or_else(|| not_found(missing))?;
    let mut sample = sample(scope, event_id).await?.ok_or_else(|| not_found(field))?;
    if let Preview::Delivery(delivery) = what {
        sample.delivery = delivery.to_string();
    }
    Ok(keeper.systems.preview(row.into(), sample).await)
}

/// The tenant's systems. Webhook endpoints are managed as such.
fn own(scope: &BuyerScope) -> sea_orm::Select<connection::Entity> {
    scope
        .find_own::<connection::Entity>()
        .filter(connection::Column::SupplierId.is_null())
        .filter(connection::Column::Kind.ne(crate::webhooks::KIND))
}

fn may_look(scope: &BuyerScope) -> Result<(), ConnectionError> {
    let may = scope.may(Permission::OrdersRead) || scope.may(Permission::ConnectionsManage);
    if may { Ok(()) } else { Err(ConnectionError::Forbidden) }
}

fn not_found(field: &str) -> ConnectionError {
    ConnectionError::Refused(Problems::one("NOT_FOUND", &Field::root().at(field), "not found"))
}

/// The row, locked while it is written to.
pub(super) async fn locked(
    tx: &Tx,
    scope: &BuyerScope,
    id: ConnectionId,
) -> Result<Option<connection::Model>, Failure> {
    let row = own(scope).filter(connection::Column::Id.eq(id));
    Ok(row.lock_exclusive().one(&**tx).await?)
}

pub(super) async fn count(tx: &Tx, scope: &BuyerScope) -> Result<usize, Failure> {
    Ok(usize::try_from(own(scope).count(&**tx).await?).unwrap_or(usize::MAX))
}

/// The latest events of the types that are received.
pub(super) async fn samples(scope: &BuyerScope, receives: &Receives) -> Result<Vec<Sample>, Failure> {
    let types: Vec<String> = match &receives.event_types {
        Some(types) => types.clone(),
        None => DEFAULT_EVENT_TYPES.iter().map(|name| (*name).to_owned()).collect(),
    };
    let tx = scope.read().await?;
    let latest = scope
        .find::<event_log::Entity>()
        .filter(event_log::Column::EventType.is_in(types))
        .order_by_desc(event_log::Column::Position)
        .limit(SAMPLES)
        .select_only()
        .column(event_log::Column::EventId)
        .into_tuple::<EventId>()
        .all(&*tx)
        .await?;
    drop(tx);
    let mut samples = Vec::with_capacity(latest.len());
    for id in latest {
        samples.extend(sample(scope, id).await?);
    }
    Ok(samples)
}

/// An event that has its place in the log.
async fn sample(scope: &BuyerScope, id: EventId) -> Result<Option<Sample>, Failure> {
    let tx = scope.read().await?;
    let event = scope.find::<event::Entity>().filter(event::Column::Id.eq(id)).one(&*tx).await?;
    let place = scope.find::<event_log::Entity>().filter(event_log::Column::EventId.eq(id)).one(&*tx).await?;
    let (Some(event), Some(place)) = (event, place) else { return Ok(None) };
    let tenant = scope.find_own::<tenant::Entity>().one(&*tx).await?;
    let slug = tenant.map(|tenant| tenant.slug).unwrap_or_default();
    Ok(Some(Sample {
        delivery: DeliveryId(uuid::Uuid::nil()).to_string(),
        event_type: event.event_type.clone(),
        envelope: envelope(&event, place.position, &slug)?,
        order_key: event.order_id.map_or_else(|| event.subject.clone(), |order| order.0.to_string()),
        correlation: event.correlation_id,
    }))
}
