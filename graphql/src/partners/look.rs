//! `tradingPartner` and `tradingPartners`.
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use quayside_canonical::{InvalidId, Timestamp, TradingPartnerId};
use quayside_domain::partners::{Filter, View, partners};

use super::{TradingPartner, by_id};
use crate::{
    context::{internal, scope},
    types::{
        Row, Rows,
        connection::{PageInfo, Paging, bad_input, cursor, place},
    },
};

/// A page of trading partners.
#[derive(SimpleObject)]
pub struct TradingPartnerConnection {
    /// The trading partners.
    nodes: Rows<TradingPartner>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

/// Queries about trading partners.
#[derive(Default)]
pub struct PartnerQuery;

#[Object]
impl PartnerQuery {
    /// Suppliers as EDI knows them, those that were set up last first. A supplier sees its own.
    async fn trading_partners(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
        #[graphql(desc = "Only of this supplier")] supplier_id: Option<ID>,
        #[graphql(desc = "Only those whose traffic goes through this connection, for the buyer")]
        connection_id: Option<ID>,
    ) -> Result<TradingPartnerConnection> {
        let scope = scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let after: Option<(Timestamp, TradingPartnerId)> = paging.after.as_deref().map(place).transpose()?;
        let wrong = |error: InvalidId| bad_input(&error.to_string());
        let filter = Filter {
            supplier: supplier_id.map(|id| id.parse()).transpose().map_err(wrong)?,
            connection: connection_id.map(|id| id.parse()).transpose().map_err(wrong)?,
        };
        let limit = u64::from(paging.size) + 1;
        let found = partners(scope, filter, after, limit).await;
        let mut found = found.map_err(|failure| internal(&failure))?;
        let mut page_info = paging.cut(&mut found);
        let at = |view: &View| cursor(view.row.created_at, view.row.id);
        page_info.start_cursor = found.first().map(at);
        page_info.end_cursor = found.last().map(at);
        let nodes = Rows(found.into_iter().map(TradingPartner::from).collect());
        Ok(TradingPartnerConnection { nodes, page_info })
    }

    /// One trading partner.
    async fn trading_partner(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Row<TradingPartner>>> {
        scope(ctx)?;
        let Ok(id) = id.parse::<TradingPartnerId>() else { return Ok(None) };
        Ok(by_id(ctx, id).await?.map(Row))
    }
}
