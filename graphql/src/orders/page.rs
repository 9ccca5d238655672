//! Finding orders.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{
    SupplierId, Timestamp,
    states::{FulfillmentStatus, OrderStatus},
};
use quayside_domain::orders::query::{self, OrderFilter, OrderKey, Page};

use super::{
    PurchaseOrder,
    complete::{Shown, complete},
};
use crate::{
    context::{internal, scope},
    types::{
        Code, DateTime, Held,
        connection::{PageInfo, Paging, bad_input},
    },
};

/// How far `totalCount` counts.
const COUNT_CAP: u64 = 10_000;

/// Which orders are wanted.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PurchaseOrderFilter {
    /// In one of these statuses.
    pub status: Option<Vec<Code<OrderStatus>>>,
    /// With goods that are so far.
    pub fulfillment: Option<Vec<Code<FulfillmentStatus>>>,
    /// With this number.
    pub number: Option<String>,
    /// Of this supplier.
    pub supplier_id: Option<ID>,
    /// Changed at or after this moment.
    pub updated_since: Option<DateTime>,
}

/// A page of purchase orders.
pub struct PurchaseOrderConnection {
    orders: Vec<PurchaseOrder>,
    page_info: PageInfo,
    filter: OrderFilter,
}

/// A purchase order and its place in the list.
#[derive(SimpleObject)]
pub struct PurchaseOrderEdge<'a> {
    /// The place, for `after` and `before`.
    cursor: String,
    /// The order.
    node: &'a PurchaseOrder,
}

#[Object]
impl PurchaseOrderConnection {
    /// The orders with their cursors.
    async fn edges(&self) -> Vec<PurchaseOrderEdge<'_>> {
        self.orders.iter().map(|node| PurchaseOrderEdge { cursor: cursor(node), node }).collect()
    }

    /// The orders.
    async fn nodes(&self) -> Held<'_, PurchaseOrder> {
        Held(&self.orders)
    }

    /// Where the page stands in the list.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// How many orders match, counted up to 10,000.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let scope = scope(ctx)?;
        let tx = scope.read().await.map_err(|failure| internal(&failure))?;
        let count =
            query::count(&tx, scope, &self.filter, COUNT_CAP).await.map_err(|failure| internal(&failure))?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

/// Queries about purchase orders.
#[derive(Default)]
pub struct OrderQuery;

#[Object]
impl OrderQuery {
    /// Purchase orders, the newest first.
    async fn purchase_orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100")] first: Option<i32>,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100")] last: Option<i32>,
        #[graphql(desc = "Only before this cursor")] before: Option<String>,
        #[graphql(desc = "Which orders")] filter: Option<PurchaseOrderFilter>,
    ) -> Result<PurchaseOrderConnection> {
        let scope = scope(ctx)?;
        let paging = Paging::new(first, last, after, before)?;
        let filter = read_filter(filter.unwrap_or_default())?;
        let page = Page {
            after: paging.after.as_deref().map(key).transpose()?,
            before: paging.before.as_deref().map(key).transpose()?,
            limit: u64::from(paging.size) + 1,
            from_end: paging.from_end,
        };
        let ahead = ctx.look_ahead();
        let shown = Shown::at(&[ahead.field("nodes"), ahead.field("edges").field("node")]);
        let tx = scope.read().await.map_err(|failure| internal(&failure))?;
        let mut rows = query::list(&tx, scope, &filter, page).await.map_err(|failure| internal(&failure))?;
        let mut page_info = paging.cut(&mut rows);
        let orders = complete(&tx, scope, rows, shown).await?;
        page_info.start_cursor = orders.first().map(cursor);
        page_info.end_cursor = orders.last().map(cursor);
        Ok(PurchaseOrderConnection { orders, page_info, filter })
    }

    /// One purchase order, by its id or its number.
    async fn purchase_order(
        &self,
        ctx: &Context<'_>,
        id: Option<ID>,
        number: Option<String>,
    ) -> Result<Option<PurchaseOrder>> {
        let scope = scope(ctx)?;
        let tx = async || scope.read().await.map_err(|failure| internal(&failure));
        let (tx, rows) = match (id, number) {
            (Some(id), None) => {
                let Ok(id) = id.parse() else { return Ok(None) };
                let tx = tx().await?;
                let rows = query::by_ids(&tx, scope, &[id]).await;
                (tx, rows)
            }
            (None, Some(number)) => {
                let filter = OrderFilter { number: Some(number), ..OrderFilter::default() };
                let page = Page { after: None, before: None, limit: 1, from_end: false };
                let tx = tx().await?;
                let rows = query::list(&tx, scope, &filter, page).await;
                (tx, rows)
            }
            _ => return Err(bad_input("ask by either `id` or `number`")),
        };
        let rows = rows.map_err(|failure| internal(&failure))?;
        let orders = complete(&tx, scope, rows, Shown::at(&[ctx.look_ahead()])).await?;
        Ok(orders.into_iter().next())
    }
}

fn read_filter(filter: PurchaseOrderFilter) -> Result<OrderFilter> {
    let supplier = filter.supplier_id.map(|id| id.parse::<SupplierId>());
    Ok(OrderFilter {
        statuses: filter.status.unwrap_or_default().into_iter().map(|code| code.0).collect(),
        fulfillments: filter.fulfillment.unwrap_or_default().into_iter().map(|code| code.0).collect(),
        number: filter.number,
        supplier: supplier.transpose().map_err(|error| bad_input(&error.to_string()))?,
        updated_since: filter.updated_since.map(|moment| moment.0),
    })
}

/// An order's place in the list as text nobody needs to read.
fn cursor(order: &PurchaseOrder) -> String {
    format!("{:x}.{}", order.row.created_at.micros(), order.row.id.0.simple())
}

fn key(cursor: &str) -> Result<OrderKey> {
    let parsed = cursor.split_once('.').and_then(|(micros, id)| {
        let micros = i64::from_str_radix(micros, 16).ok()?;
        let id = format!("po_{id}").parse().ok()?;
        Some(OrderKey { created_at: Timestamp::from_micros(micros), id })
    });
    parsed.ok_or_else(|| bad_input("the cursor is not one of this list"))
}
