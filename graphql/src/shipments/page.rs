//! Finding shipments.
use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{gs1::Sscc, states::ShipmentStatus};
use quayside_domain::{
    Scope,
    shipments::query::{self, ShipmentKey, ShipmentView},
};

use super::Shipment;
use crate::{
    context::{internal, scope},
    loaders::load,
    types::{
        Code, Date,
        connection::{PageInfo, Paging, bad_input, cursor, place},
    },
};

/// Which shipments are wanted.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ShipmentFilter {
    /// In one of these statuses.
    pub status: Option<Vec<Code<ShipmentStatus>>>,
    /// With this number.
    pub number: Option<String>,
    /// Of this supplier.
    pub supplier_id: Option<ID>,
    /// With goods of this order.
    pub purchase_order_id: Option<ID>,
    /// With the handling unit of this SSCC.
    pub sscc: Option<String>,
    /// Expected on or after this day.
    pub arrives_from: Option<Date>,
}

/// A page of shipments.
#[derive(SimpleObject)]
pub struct ShipmentConnection {
    /// The shipments with their cursors.
    edges: Vec<ShipmentEdge>,
    /// The shipments.
    nodes: Vec<Shipment>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

/// A shipment and its place in the list.
#[derive(SimpleObject)]
pub struct ShipmentEdge {
    /// The place, for `after`.
    cursor: String,
    /// The shipment.
    node: Shipment,
}

/// Queries about shipments.
#[derive(Default)]
pub struct ShipmentQuery;

#[Object]
impl ShipmentQuery {
    /// Shipments, the newest first.
    async fn shipments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
        #[graphql(desc = "Which shipments")] filter: Option<ShipmentFilter>,
    ) -> Result<ShipmentConnection> {
        let scope = scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let filter = read_filter(filter.unwrap_or_default())?;
        let after = paging.after.as_deref().map(place).transpose()?;
        let after = after.map(|(created_at, id)| ShipmentKey { created_at, id });
        let mut found = find(scope, &filter, after, u64::from(paging.size) + 1).await?;
        let mut page_info = paging.cut(&mut found);
        page_info.start_cursor = found.first().map(|view| at(view));
        page_info.end_cursor = found.last().map(|view| at(view));
        let edge = |view: &Arc<ShipmentView>| ShipmentEdge { cursor: at(view), node: Shipment(view.clone()) };
        let edges = found.iter().map(edge).collect();
        Ok(ShipmentConnection { edges, nodes: found.into_iter().map(Shipment).collect(), page_info })
    }

    /// One shipment, by its id, or by its number where only one supplier used that.
    async fn shipment(
        &self,
        ctx: &Context<'_>,
        id: Option<ID>,
        number: Option<String>,
    ) -> Result<Option<Shipment>> {
        let scope = scope(ctx)?;
        match (id, number) {
            (Some(id), None) => match id.parse::<quayside_canonical::ShipmentId>() {
                Ok(id) => Ok(load(ctx, id).await?.map(Shipment)),
                Err(_) => Ok(None),
            },
            (None, Some(number)) => {
                let filter = query::ShipmentFilter { number: Some(number), ..Default::default() };
                let mut found = find(scope, &filter, None, 2).await?;
                if found.len() > 1 {
                    return Err(bad_input("several suppliers use this number: ask by `id`"));
                }
                Ok(found.pop().map(Shipment))
            }
            _ => Err(bad_input("ask by either `id` or `number`")),
        }
    }
}

async fn find(
    scope: &Scope,
    filter: &query::ShipmentFilter,
    after: Option<ShipmentKey>,
    limit: u64,
) -> Result<Vec<Arc<ShipmentView>>> {
    let tx = scope.read().await.map_err(|failure| internal(&failure))?;
    let rows = query::list(&tx, scope, filter, after, limit).await.map_err(|failure| internal(&failure))?;
    let views = query::views(&tx, scope, rows).await.map_err(|failure| internal(&failure))?;
    Ok(views.into_iter().map(Arc::new).collect())
}

fn read_filter(filter: ShipmentFilter) -> Result<query::ShipmentFilter> {
    let bad = |error: &dyn std::fmt::Display| bad_input(&error.to_string());
    let supplier = filter.supplier_id.map(|id| id.parse()).transpose();
    let order = filter.purchase_order_id.map(|id| id.parse()).transpose();
    let sscc = filter.sscc.map(|code| code.parse::<Sscc>()).transpose();
    Ok(query::ShipmentFilter {
        statuses: filter.status.unwrap_or_default().into_iter().map(|code| code.0).collect(),
        number: filter.number,
        supplier: supplier.map_err(|error| bad(&error))?,
        order: order.map_err(|error| bad(&error))?,
        sscc: sscc.map_err(|error| bad(&error))?,
        arrives_from: filter.arrives_from.map(|day| day.0),
    })
}

/// The place of a shipment in the list.
fn at(view: &ShipmentView) -> String {
    cursor(view.row.created_at, view.row.id)
}
