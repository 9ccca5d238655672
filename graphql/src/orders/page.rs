//! Finding orders.
use async_graphql::{Context, ID, InputObject, Lookahead, Object, Result, SimpleObject};
use quayside_canonical::{SupplierId, Timestamp, states::OrderStatus};
use quayside_domain::{
    Scope,
    acknowledgments::query::standing_answers,
    invoices,
    orders::query::{self, OrderFilter, OrderKey, Page},
    store::Tx,
};

use super::{PurchaseOrder, PurchaseOrderLine};
use crate::{
    context::{internal, scope},
    invoices::attach,
    loaders::{OrderById, load},
    types::{
        Code, DateTime,
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
    /// With this number.
    pub number: Option<String>,
    /// Of this supplier.
    pub supplier_id: Option<ID>,
    /// Changed at or after this moment.
    pub updated_since: Option<DateTime>,
}

/// A page of purchase orders.
pub struct PurchaseOrderConnection {
    rows: Vec<(OrderKey, PurchaseOrder)>,
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
        self.rows.iter().map(|(key, node)| PurchaseOrderEdge { cursor: cursor(*key), node }).collect()
    }

    /// The orders.
    async fn nodes(&self) -> Vec<&PurchaseOrder> {
        self.rows.iter().map(|(_, order)| order).collect()
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
        let wanted = ctx.look_ahead();
        let lines =
            [wanted.field("nodes").field("lines"), wanted.field("edges").field("node").field("lines")];
        let with_lines = lines.iter().any(Lookahead::exists);
        let with_invoices = lines.iter().any(|lines| lines.field("invoiceStatuses").exists());
        let tx = scope.read().await.map_err(|failure| internal(&failure))?;
        let mut rows = query::list(&tx, scope, &filter, page).await.map_err(|failure| internal(&failure))?;
        let mut page_info = paging.cut(&mut rows);
        let orders: Vec<PurchaseOrder> = rows.into_iter().map(PurchaseOrder::new).collect();
        let mut orders = if with_lines { add_lines(&tx, scope, orders).await? } else { orders };
        if with_invoices {
            add_invoices(&tx, scope, &mut orders).await?;
        }
        let rows: Vec<_> = orders
            .into_iter()
            .map(|order| (OrderKey { created_at: order.row.created_at, id: order.row.id }, order))
            .collect();
        page_info.start_cursor = rows.first().map(|(key, _)| cursor(*key));
        page_info.end_cursor = rows.last().map(|(key, _)| cursor(*key));
        Ok(PurchaseOrderConnection { rows, page_info, filter })
    }

    /// One purchase order, by its id or its number.
    async fn purchase_order(
        &self,
        ctx: &Context<'_>,
        id: Option<ID>,
        number: Option<String>,
    ) -> Result<Option<PurchaseOrder>> {
        let scope = scope(ctx)?;
        match (id, number) {
            (Some(id), None) => match id.parse() {
                Ok(id) => Ok(load(ctx, OrderById(id)).await?.map(PurchaseOrder::new)),
                Err(_) => Ok(None),
            },
            (None, Some(number)) => {
                let filter = OrderFilter { number: Some(number), ..OrderFilter::default() };
                let page = Page { after: None, before: None, limit: 1, from_end: false };
                let tx = scope.read().await.map_err(|failure| internal(&failure))?;
                let rows =
                    query::list(&tx, scope, &filter, page).await.map_err(|failure| internal(&failure))?;
                Ok(rows.into_iter().next().map(PurchaseOrder::new))
            }
            _ => Err(bad_input("ask by either `id` or `number`")),
        }
    }
}

/// The lines of a whole page, in two more statements.
async fn add_lines(tx: &Tx, scope: &Scope, orders: Vec<PurchaseOrder>) -> Result<Vec<PurchaseOrder>> {
    let revisions: Vec<_> = orders.iter().map(|order| (order.row.id, order.row.revision)).collect();
    let ids: Vec<_> = orders.iter().map(|order| order.row.id).collect();
    let mut lines = query::lines_of(tx, scope, &revisions).await.map_err(|failure| internal(&failure))?;
    let mut standing = standing_answers(tx, scope, &ids).await.map_err(|failure| internal(&failure))?;
    let mut with_lines = Vec::with_capacity(orders.len());
    for order in orders {
        let rows = lines.remove(&(order.row.id, order.row.revision)).unwrap_or_default();
        let standing = standing.remove(&order.row.id).unwrap_or_default();
        let lines = Some(PurchaseOrderLine::all(rows, order.row.currency.as_ref(), standing));
        with_lines.push(PurchaseOrder { lines, ..order });
    }
    Ok(with_lines)
}

/// Where the invoices of a whole page stand, in one more statement.
async fn add_invoices(tx: &Tx, scope: &Scope, orders: &mut [PurchaseOrder]) -> Result<()> {
    let ids: Vec<_> = orders.iter().map(|order| order.row.id).collect();
    let found = invoices::query::of_orders(tx, scope, &ids).await;
    let mut found = found.map_err(|failure| internal(&failure))?;
    for order in orders {
        if let (Some(lines), Some(statuses)) = (&mut order.lines, found.remove(&order.row.id)) {
            attach(lines, statuses);
        }
    }
    Ok(())
}

fn read_filter(filter: PurchaseOrderFilter) -> Result<OrderFilter> {
    let supplier = filter.supplier_id.map(|id| id.parse::<SupplierId>());
    Ok(OrderFilter {
        statuses: filter.status.unwrap_or_default().into_iter().map(|code| code.0).collect(),
        number: filter.number,
        supplier: supplier.transpose().map_err(|error| bad_input(&error.to_string()))?,
        updated_since: filter.updated_since.map(|moment| moment.0),
    })
}

/// A place in the list as text nobody needs to read.
fn cursor(key: OrderKey) -> String {
    format!("{:x}.{}", key.created_at.micros(), key.id.0.simple())
}

fn key(cursor: &str) -> Result<OrderKey> {
    let parsed = cursor.split_once('.').and_then(|(micros, id)| {
        let micros = i64::from_str_radix(micros, 16).ok()?;
        let id = format!("po_{id}").parse().ok()?;
        Some(OrderKey { created_at: Timestamp::from_micros(micros), id })
    });
    parsed.ok_or_else(|| bad_input("the cursor is not one of this list"))
}
