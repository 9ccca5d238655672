//! Finding receipts.
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use quayside_canonical::{ReceiptId, Timestamp};
use quayside_domain::receipts::query::{self, ReceiptFilter};

use super::Receipt;
use crate::{
    context::{internal, scope},
    loaders::load,
    types::{
        Row, Rows,
        connection::{PageInfo, Paging, bad_input, cursor, place},
    },
};

/// A page of receipts.
#[derive(SimpleObject)]
pub struct ReceiptConnection {
    /// The receipts.
    nodes: Rows<Receipt>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

/// Queries about receipts.
#[derive(Default)]
pub struct ReceiptQuery;

#[Object]
impl ReceiptQuery {
    /// Receipts, those that came in last first.
    async fn receipts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
        #[graphql(desc = "Only with lines of this order")] order_id: Option<ID>,
        #[graphql(desc = "Only of this shipment")] shipment_id: Option<ID>,
    ) -> Result<ReceiptConnection> {
        let scope = scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let after: Option<(Timestamp, ReceiptId)> = paging.after.as_deref().map(place).transpose()?;
        let order = order_id.map(|id| id.parse()).transpose();
        let shipment = shipment_id.map(|id| id.parse()).transpose();
        let filter = ReceiptFilter {
            order: order.map_err(|error: quayside_canonical::InvalidId| bad_input(&error.to_string()))?,
            shipment: shipment
                .map_err(|error: quayside_canonical::InvalidId| bad_input(&error.to_string()))?,
        };
        let tx = scope.read().await.map_err(|failure| internal(&failure))?;
        let limit = u64::from(paging.size) + 1;
        let mut found =
            query::list(&tx, scope, filter, after, limit).await.map_err(|failure| internal(&failure))?;
        let mut page_info = paging.cut(&mut found);
        let at = |receipt: &query::Receipt| cursor(receipt.row.recorded_at, receipt.row.id);
        page_info.start_cursor = found.first().map(at);
        page_info.end_cursor = found.last().map(at);
        Ok(ReceiptConnection { nodes: Rows(found.into_iter().map(Receipt::from).collect()), page_info })
    }

    /// One receipt.
    async fn receipt(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Row<Receipt>>> {
        scope(ctx)?;
        let Ok(id) = id.parse::<ReceiptId>() else { return Ok(None) };
        Ok(load(ctx, id).await?.map(|receipt| Row(receipt.into())))
    }
}
