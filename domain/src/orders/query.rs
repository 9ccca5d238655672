//! Reading orders and their revisions.
use quayside_canonical::{
    PurchaseOrderId, SupplierId, Timestamp,
    order::PurchaseOrder,
    states::{FulfillmentStatus, OrderStatus},
};
use quayside_entity::{purchase_order, purchase_order_revision, supplier};
use sea_orm::{ColumnTrait, Condition, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Failure, Scope,
    store::{Tx, older},
};

/// What a revision says, by our number of it.
///
/// # Errors
/// The database failed, or what is stored is not what we wrote.
pub async fn document_of(
    tx: &Tx,
    scope: &Scope,
    order: PurchaseOrderId,
    revision: i32,
) -> Result<Option<PurchaseOrder>, Failure> {
    use purchase_order_revision::Column;
    let json: Option<String> = scope
        .find::<purchase_order_revision::Entity>()
        .filter(Column::OrderId.eq(order))
        .filter(Column::Number.eq(revision))
        .select_only()
        .column(Column::Document)
        .into_tuple()
        .one(&**tx)
        .await?;
    json.map(|json| Ok(serde_json::from_str(&json)?)).transpose()
}

/// Which orders are wanted.
#[derive(Clone, Debug, Default)]
pub struct OrderFilter {
    /// Only in one of these statuses; all when empty.
    pub statuses: Vec<OrderStatus>,
    /// Only those whose goods are so far; all when empty.
    pub fulfillments: Vec<FulfillmentStatus>,
    /// Only with this number.
    pub number: Option<String>,
    /// Only of this supplier.
    pub supplier: Option<SupplierId>,
    /// Only changed at or after this moment.
    pub updated_since: Option<Timestamp>,
}

/// A place in the list of orders: the newest is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderKey {
    /// When the order came in.
    pub created_at: Timestamp,
    /// The order.
    pub id: PurchaseOrderId,
}

/// A stretch of the list.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Only what comes after this.
    pub after: Option<OrderKey>,
    /// Only what comes before this.
    pub before: Option<OrderKey>,
    /// At most so many.
    pub limit: u64,
    /// Whether to take them from the end.
    pub from_end: bool,
}

/// Orders in the list's order. Whoever asks for a page asks for one more than it shows.
///
/// # Errors
/// The database failed.
pub async fn list(
    tx: &Tx,
    scope: &Scope,
    filter: &OrderFilter,
    page: Page,
) -> Result<Vec<purchase_order::Model>, Failure> {
    use purchase_order::Column;
    let older = |key: OrderKey| older(Column::CreatedAt, Column::Id, (key.created_at, key.id));
    let newer = |key: OrderKey| {
        Column::CreatedAt
            .gt(key.created_at)
            .or(Column::CreatedAt.eq(key.created_at).and(Column::Id.gt(key.id)))
    };
    let condition = condition(filter).add_option(page.after.map(older)).add_option(page.before.map(newer));
    let query = scope.find::<purchase_order::Entity>().filter(condition).limit(page.limit);
    if page.from_end {
        let query = query.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id);
        let mut rows = query.all(&**tx).await?;
        rows.reverse();
        return Ok(rows);
    }
    Ok(query.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).all(&**tx).await?)
}

fn condition(filter: &OrderFilter) -> Condition {
    use purchase_order::Column;
    let statuses = (!filter.statuses.is_empty()).then(|| match filter.statuses.as_slice() {
        [one] => Column::Status.eq(*one),
        many => Column::Status.is_in(many.iter().copied()),
    });
    let fulfillments = (!filter.fulfillments.is_empty())
        .then(|| Column::Fulfillment.is_in(filter.fulfillments.iter().copied()));
    Condition::all()
        .add_option(statuses)
        .add_option(fulfillments)
        .add_option(filter.number.as_ref().map(|number| Column::Number.eq(number)))
        .add_option(filter.supplier.map(|supplier| Column::SupplierId.eq(supplier)))
        .add_option(filter.updated_since.map(|since| Column::UpdatedAt.gte(since)))
}

/// How many orders match, counted up to `cap`.
///
/// # Errors
/// The database failed.
pub async fn count(tx: &Tx, scope: &Scope, filter: &OrderFilter, cap: u64) -> Result<u64, Failure> {
    let ids: Vec<PurchaseOrderId> = scope
        .find::<purchase_order::Entity>()
        .filter(condition(filter))
        .select_only()
        .column(purchase_order::Column::Id)
        .limit(cap)
        .into_tuple()
        .all(&**tx)
        .await?;
    Ok(ids.len() as u64)
}

/// Orders by id.
///
/// # Errors
/// The database failed.
pub async fn by_ids(
    tx: &Tx,
    scope: &Scope,
    ids: &[PurchaseOrderId],
) -> Result<Vec<purchase_order::Model>, Failure> {
    let query = scope.find::<purchase_order::Entity>();
    Ok(query.filter(purchase_order::Column::Id.is_in(ids.iter().copied())).all(&**tx).await?)
}

/// The revisions of orders, oldest first, without what they say.
///
/// # Errors
/// The database failed.
pub async fn revisions_of(
    tx: &Tx,
    scope: &Scope,
    orders: &[PurchaseOrderId],
) -> Result<Vec<purchase_order_revision::Model>, Failure> {
    use purchase_order_revision::Column;
    let query = scope.find::<purchase_order_revision::Entity>();
    Ok(query
        .filter(Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(Column::OrderId)
        .order_by_asc(Column::Number)
        .limit(10_000)
        .all(&**tx)
        .await?)
}

/// Suppliers by id, as the caller may see them.
///
/// # Errors
/// The database failed.
pub async fn suppliers(tx: &Tx, scope: &Scope, ids: &[SupplierId]) -> Result<Vec<supplier::Model>, Failure> {
    let query = scope.find::<supplier::Entity>();
    Ok(query.filter(supplier::Column::Id.is_in(ids.iter().copied())).all(&**tx).await?)
}
