//! Finding discrepancies.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{
    DiscrepancyId, InvalidId, Timestamp,
    states::{DiscrepancyKind, DiscrepancyStatus},
};
use quayside_domain::discrepancies::query;

use super::Discrepancy;
use crate::{
    context::{internal, scope},
    loaders::load,
    types::{
        Code, Row, Rows,
        connection::{PageInfo, Paging, bad_input, cursor, place},
    },
};

/// Which discrepancies are wanted.
#[derive(Clone, Debug, Default, InputObject)]
pub struct DiscrepancyFilter {
    /// In one of these statuses.
    pub status: Option<Vec<Code<DiscrepancyStatus>>>,
    /// Of this kind.
    pub kind: Option<Code<DiscrepancyKind>>,
    /// Of this order.
    pub order_id: Option<ID>,
    /// Of this shipment.
    pub shipment_id: Option<ID>,
    /// Of this supplier.
    pub supplier_id: Option<ID>,
}

/// A page of discrepancies.
#[derive(SimpleObject)]
pub struct DiscrepancyConnection {
    /// The discrepancies.
    nodes: Rows<Discrepancy>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

/// Queries about discrepancies.
#[derive(Default)]
pub struct DiscrepancyQuery;

#[Object]
impl DiscrepancyQuery {
    /// In what receipts differ from what was announced or agreed, the newest first.
    async fn discrepancies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
        #[graphql(desc = "Which discrepancies")] filter: Option<DiscrepancyFilter>,
    ) -> Result<DiscrepancyConnection> {
        let scope = scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let after: Option<(Timestamp, DiscrepancyId)> = paging.after.as_deref().map(place).transpose()?;
        let filter =
            read(filter.unwrap_or_default()).map_err(|error: InvalidId| bad_input(&error.to_string()))?;
        let tx = scope.read().await.map_err(|failure| internal(&failure))?;
        let limit = u64::from(paging.size) + 1;
        let mut found =
            query::list(&tx, scope, &filter, after, limit).await.map_err(|failure| internal(&failure))?;
        let mut page_info = paging.cut(&mut found);
        let at = |found: &query::Discrepancy| cursor(found.row.opened_at, found.row.id);
        page_info.start_cursor = found.first().map(at);
        page_info.end_cursor = found.last().map(at);
        let nodes = Rows(found.into_iter().map(Discrepancy::from).collect());
        Ok(DiscrepancyConnection { nodes, page_info })
    }

    /// One discrepancy.
    async fn discrepancy(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Row<Discrepancy>>> {
        scope(ctx)?;
        let Ok(id) = id.parse::<DiscrepancyId>() else { return Ok(None) };
        Ok(load(ctx, id).await?.map(|found| Row(found.into())))
    }
}

fn read(filter: DiscrepancyFilter) -> Result<query::DiscrepancyFilter, InvalidId> {
    Ok(query::DiscrepancyFilter {
        statuses: filter.status.unwrap_or_default().into_iter().map(|code| code.0).collect(),
        kind: filter.kind.map(|code| code.0),
        order: filter.order_id.map(|id| id.parse()).transpose()?,
        shipment: filter.shipment_id.map(|id| id.parse()).transpose()?,
        supplier: filter.supplier_id.map(|id| id.parse()).transpose()?,
    })
}
