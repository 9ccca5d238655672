//! Looking into deliveries, for procurement. A supplier sees its own in short form only: see [`super::of_subject`].
use std::collections::{BTreeSet, HashMap};

use quayside_canonical::{
    ConnectionId, DeliveryId, EventId, PurchaseOrderId, SupplierId, Timestamp, states::DeliveryStatus,
};
use quayside_entity::{connection, delivery, delivery_attempt, delivery_check, event, event_log};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::Serialize;

use super::{InterventionError, intervention::check_reading};
use crate::{BuyerScope, Failure, Scope, scope::in_tenant, store::Tx};

/// The most attempts that are shown of one delivery.
const MOST_ATTEMPTS: u64 = 200;

/// Which deliveries are wanted. What is left out does not matter.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DeliveryFilter {
    /// Only to this connection.
    pub connection: Option<ConnectionId>,
    /// Only in one of these statuses; all when empty.
    pub statuses: Vec<DeliveryStatus>,
    /// Only of events that concern this order.
    pub order: Option<PurchaseOrderId>,
    /// Only of events about this.
    pub subject: Option<String>,
    /// Only of this type of event.
    pub event_type: Option<String>,
    /// Only of events placed at this time or later.
    pub from: Option<Timestamp>,
    /// Only of events placed before this time.
    pub until: Option<Timestamp>,
}

impl DeliveryFilter {
    /// The filter as a condition.
    pub(super) fn condition(&self, scope: &Scope) -> Condition {
        use delivery::Column;
        let statuses = (!self.statuses.is_empty()).then(|| match self.statuses.as_slice() {
            [one] => Column::Status.eq(*one),
            many => Column::Status.is_in(many.iter().copied()),
        });
        let of_order = |order: PurchaseOrderId| {
            let events = in_tenant::<event_log::Entity>(scope)
                .select_only()
                .column(event_log::Column::EventId)
                .filter(event_log::Column::OrderId.eq(order));
            Column::EventId.in_subquery(events.into_query())
        };
        Condition::all()
            .add_option(statuses)
            .add_option(self.connection.map(|connection| Column::ConnectionId.eq(connection)))
            .add_option(self.order.map(of_order))
            .add_option(self.subject.as_deref().map(|subject| Column::Subject.eq(subject)))
            .add_option(self.event_type.as_deref().map(|kind| Column::EventType.eq(kind)))
            .add_option(self.from.map(|from| Column::CreatedAt.gte(from)))
            .add_option(self.until.map(|until| Column::CreatedAt.lt(until)))
    }
}

/// A delivery, as procurement sees it.
#[derive(Clone, Debug)]
pub struct DeliveryDetail {
    /// The row.
    pub row: delivery::Model,
    /// Where it goes, as the tenant calls it.
    pub connection: String,
    /// The order the event concerns.
    pub order: Option<PurchaseOrderId>,
    /// The supplier the event concerns.
    pub supplier: Option<SupplierId>,
    /// What is known from reading it back, where it is.
    pub check: Option<delivery_check::Model>,
}

/// A place in the list: the newest event first, and of one event the connections in a fixed order.
pub type Place = (EventId, ConnectionId);

/// Deliveries, those of the newest events first; those after `after`. A few statements, however many deliveries.
///
/// Connection by connection, because so the index that keeps an event from being delivered twice gives them in
/// order: no other is kept for this list.
///
/// # Errors
/// The caller may not.
pub async fn list(
    scope: &BuyerScope,
    filter: &DeliveryFilter,
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<DeliveryDetail>, InterventionError> {
    use delivery::Column;
    check_reading(scope)?;
    let tx = scope.read().await?;
    let mut found = Vec::new();
    for connection in connections(&tx, scope, filter.connection).await? {
        let mut rows = scope
            .find_own::<delivery::Entity>()
            .filter(Column::ConnectionId.eq(connection))
            .filter(filter.condition(scope));
        if let Some((event, of)) = after {
            let rest = if connection < of { Column::EventId.lte(event) } else { Column::EventId.lt(event) };
            rows = rows.filter(rest);
        }
        found.extend(rows.order_by_desc(Column::EventId).limit(limit).all(&*tx).await?);
    }
    found.sort_by_key(|row| std::cmp::Reverse(place(row)));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(complete(&tx, scope, found).await?)
}

/// Where a delivery stands in the list.
#[must_use]
pub fn place(row: &delivery::Model) -> Place {
    (row.event_id, row.connection_id)
}

/// Deliveries by id; for who may not look there are none.
///
/// # Errors
/// The caller may not.
pub async fn by_ids(
    scope: &BuyerScope,
    ids: &[DeliveryId],
) -> Result<Vec<DeliveryDetail>, InterventionError> {
    check_reading(scope)?;
    let tx = scope.read().await?;
    let rows = scope.find_own::<delivery::Entity>();
    let rows = rows.filter(delivery::Column::Id.is_in(ids.iter().copied())).all(&*tx).await?;
    Ok(complete(&tx, scope, rows).await?)
}

/// The attempts of deliveries, the newest first.
///
/// # Errors
/// The caller may not.
pub async fn attempts_of_many(
    scope: &BuyerScope,
    deliveries: &[DeliveryId],
) -> Result<Vec<delivery_attempt::Model>, InterventionError> {
    use delivery_attempt::Column;
    check_reading(scope)?;
    let tx = scope.read().await?;
    let most = MOST_ATTEMPTS * deliveries.len().max(1) as u64;
    let rows = scope.find_own::<delivery_attempt::Entity>();
    let rows = rows.filter(Column::DeliveryId.is_in(deliveries.iter().copied()));
    Ok(rows.order_by_desc(Column::Number).limit(most).all(&*tx).await?)
}

/// The tenant's connections, or the one that is wanted of them.
async fn connections(
    tx: &Tx,
    scope: &BuyerScope,
    wanted: Option<ConnectionId>,
) -> Result<Vec<ConnectionId>, Failure> {
    let rows = scope.find_own::<connection::Entity>();
    let rows = match wanted {
        Some(wanted) => rows.filter(connection::Column::Id.eq(wanted)),
        None => rows,
    };
    Ok(rows.select_only().column(connection::Column::Id).into_tuple().all(&**tx).await?)
}

async fn complete(
    tx: &Tx,
    scope: &BuyerScope,
    rows: Vec<delivery::Model>,
) -> Result<Vec<DeliveryDetail>, Failure> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let connections: BTreeSet<ConnectionId> = rows.iter().map(|row| row.connection_id).collect();
    let names = super::of_subject::names(tx, scope, connections).await?;
    let orders: Vec<(EventId, Option<PurchaseOrderId>)> = scope
        .find_own::<event::Entity>()
        .filter(event::Column::Id.is_in(rows.iter().map(|row| row.event_id)))
        .select_only()
        .columns([event::Column::Id, event::Column::OrderId])
        .into_tuple()
        .all(&**tx)
        .await?;
    let orders: HashMap<_, _> = orders.into_iter().collect();
    let checks = scope.find_own::<delivery_check::Entity>();
    let checks = checks.filter(delivery_check::Column::DeliveryId.is_in(rows.iter().map(|row| row.id)));
    let checks = checks.all(&**tx).await?;
    let mut checks: HashMap<_, _> = checks.into_iter().map(|check| (check.delivery_id, check)).collect();
    let detail = rows.into_iter().map(|row| DeliveryDetail {
        connection: names.get(&row.connection_id).cloned().unwrap_or_default(),
        order: orders.get(&row.event_id).copied().flatten(),
        supplier: row.supplier_id,
        check: checks.remove(&row.id),
        row,
    });
    Ok(detail.collect())
}
