//! What was sent to partners, for procurement and for the supplier whose it is.
use std::collections::HashMap;

use quayside_canonical::{
    EventId, PurchaseOrderId, SentInterchangeId, SupplierId, Timestamp, TradingPartnerId, states::SentStatus,
};
use quayside_entity::{delivery, sent_interchange, sent_message, trading_partner};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::{
    Failure, Scope, files,
    scope::in_tenant,
    store::{Tx, older},
};

/// Which interchanges. What is left out does not matter.
#[derive(Clone, Debug, Default)]
pub struct SentFilter {
    /// Only to this trading partner.
    pub partner: Option<TradingPartnerId>,
    /// Only to this supplier.
    pub supplier: Option<SupplierId>,
    /// Only in one of these statuses.
    pub statuses: Vec<SentStatus>,
    /// Only under this control number.
    pub control_number: Option<String>,
    /// Only with something about this order.
    pub order: Option<PurchaseOrderId>,
}

/// An interchange as it is shown.
#[derive(Clone, Debug)]
pub struct SentView {
    /// Its row.
    pub row: sent_interchange::Model,
    /// What the tenant calls the partner.
    pub partner: String,
    /// How it gets there. Nothing while that is being found out, or when it is long done.
    pub delivery: Option<delivery::Model>,
}

/// Interchanges, those that were made last first.
///
/// # Errors
/// The database failed.
pub async fn list(
    scope: &Scope,
    filter: &SentFilter,
    after: Option<(Timestamp, SentInterchangeId)>,
    limit: u64,
) -> Result<Vec<SentView>, Failure> {
    use sent_interchange::Column;
    if !scope.may_see_traffic() {
        return Ok(Vec::new());
    }
    let wanted =
        wanted(scope, filter).add_option(after.map(|after| older(Column::ComposedAt, Column::Id, after)));
    let tx = scope.read().await?;
    let rows = scope
        .find::<sent_interchange::Entity>()
        .filter(wanted)
        .order_by_desc(Column::ComposedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(&*tx)
        .await?;
    views(&tx, scope, rows).await
}

fn wanted(scope: &Scope, filter: &SentFilter) -> Condition {
    use sent_interchange::Column;
    let of_order = filter.order.map(|order| {
        let messages = in_tenant::<sent_message::Entity>(scope)
            .filter(sent_message::Column::OrderId.eq(order))
            .select_only()
            .column(sent_message::Column::InterchangeId);
        Column::Id.in_subquery(messages.into_query())
    });
    let statuses =
        (!filter.statuses.is_empty()).then(|| Column::Status.is_in(filter.statuses.iter().copied()));
    Condition::all()
        .add_option(filter.partner.map(|partner| Column::PartnerId.eq(partner)))
        .add_option(filter.supplier.map(|supplier| Column::SupplierId.eq(supplier)))
        .add_option(statuses)
        .add_option(filter.control_number.as_ref().map(|number| Column::ControlNumber.eq(number)))
        .add_option(of_order)
}

/// The interchanges of these ids that the caller may see.
///
/// # Errors
/// The database failed.
pub async fn by_ids(scope: &Scope, ids: &[SentInterchangeId]) -> Result<Vec<SentView>, Failure> {
    if !scope.may_see_traffic() {
        return Ok(Vec::new());
    }
    let tx = scope.read().await?;
    let wanted = sent_interchange::Column::Id.is_in(ids.iter().copied());
    let rows = scope.find::<sent_interchange::Entity>().filter(wanted).all(&*tx).await?;
    views(&tx, scope, rows).await
}

/// The interchanges that tell of these orders and that the caller may see, those that were made first first.
///
/// # Errors
/// The database failed.
pub async fn of_orders(
    scope: &Scope,
    orders: &[PurchaseOrderId],
) -> Result<HashMap<PurchaseOrderId, Vec<SentView>>, Failure> {
    use sent_message::Column;
    let told: Vec<(Option<PurchaseOrderId>, SentInterchangeId)> = if scope.may_see_traffic() {
        let tx = scope.read().await?;
        scope
            .find::<sent_message::Entity>()
            .filter(Column::OrderId.is_in(orders.iter().copied()))
            .select_only()
            .columns([Column::OrderId, Column::InterchangeId])
            .distinct()
            .into_tuple()
            .all(&*tx)
            .await?
    } else {
        Vec::new()
    };
    if told.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<SentInterchangeId> = told.iter().map(|(_, id)| *id).collect();
    let mut views = by_ids(scope, &ids).await?;
    views.sort_by_key(|view| (view.row.composed_at, view.row.id));
    let mut of_orders: HashMap<PurchaseOrderId, Vec<SentView>> = HashMap::new();
    for view in views {
        let about = told.iter().filter(|(_, id)| *id == view.row.id).filter_map(|(order, _)| *order);
        for order in about {
            of_orders.entry(order).or_default().push(view.clone());
        }
    }
    Ok(of_orders)
}

async fn views(tx: &Tx, scope: &Scope, rows: Vec<sent_interchange::Model>) -> Result<Vec<SentView>, Failure> {
    let events: Vec<EventId> = rows.iter().map(|row| row.event_id).collect();
    let deliveries = in_tenant::<delivery::Entity>(scope)
        .filter(delivery::Column::EventId.is_in(events))
        .all(&**tx)
        .await?;
    let partners: Vec<(TradingPartnerId, String)> = in_tenant::<trading_partner::Entity>(scope)
        .filter(trading_partner::Column::Id.is_in(rows.iter().map(|row| row.partner_id)))
        .select_only()
        .columns([trading_partner::Column::Id, trading_partner::Column::Name])
        .into_tuple()
        .all(&**tx)
        .await?;
    let view = |row: sent_interchange::Model| {
        let own = |delivery: &&delivery::Model| {
            delivery.event_id == row.event_id && delivery.connection_id == row.connection_id
        };
        let delivery = deliveries.iter().find(own).cloned();
        let partner = partners.iter().find(|(id, _)| *id == row.partner_id);
        let partner = partner.map(|(_, name)| name.clone()).unwrap_or_default();
        SentView { row, partner, delivery }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// The messages of interchanges that the caller may see, in their order.
///
/// # Errors
/// The database failed.
pub async fn messages_of(
    scope: &Scope,
    interchanges: &[SentInterchangeId],
) -> Result<Vec<sent_message::Model>, Failure> {
    use sent_message::Column;
    if !scope.may_see_traffic() {
        return Ok(Vec::new());
    }
    let tx = scope.read().await?;
    let rows = scope
        .find::<sent_message::Entity>()
        .filter(Column::InterchangeId.is_in(interchanges.iter().copied()))
        .order_by_asc(Column::InterchangeId)
        .order_by_asc(Column::Place)
        .all(&*tx)
        .await?;
    Ok(rows)
}

/// The bytes of an interchange that the caller may see.
///
/// # Errors
/// The database failed.
pub async fn raw(scope: &Scope, id: SentInterchangeId) -> Result<Option<Vec<u8>>, Failure> {
    if !scope.may_see_traffic() {
        return Ok(None);
    }
    let tx = scope.read().await?;
    let wanted = sent_interchange::Column::Id.eq(id);
    let Some(row) = scope.find::<sent_interchange::Entity>().filter(wanted).one(&*tx).await? else {
        return Ok(None);
    };
    files::content(&tx, scope, &row.sha256).await
}
