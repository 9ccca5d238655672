//! `webhookEndpoints`, `webhookDeliveries` and `webhookDelivery`.
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use quayside_canonical::{ConnectionId, DeliveryId, EventId, SupplierId, states::DeliveryStatus};
use quayside_domain::webhooks::{self, RecordFilter, WebhookError as Refusal};

use super::{WebhookDelivery, WebhookEndpoint};
use crate::{
    context::{coded, internal, scope},
    types::{
        Code, Row, Rows,
        connection::{PageInfo, Paging, bad_input},
    },
};

/// A page of endpoints.
#[derive(Default, SimpleObject)]
pub struct WebhookEndpointConnection {
    /// The endpoints, the oldest first.
    nodes: Rows<WebhookEndpoint>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

/// A page of deliveries.
#[derive(Default, SimpleObject)]
pub struct WebhookDeliveryConnection {
    /// The deliveries, the newest event first.
    nodes: Rows<WebhookDelivery>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

/// Queries about webhooks.
#[derive(Default)]
pub struct WebhookQuery;

#[Object]
impl WebhookQuery {
    /// The endpoints that events are sent to: a supplier's own; for the buyer its own and its suppliers'.
    async fn webhook_endpoints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
        #[graphql(desc = "Only of this supplier")] supplier_id: Option<ID>,
    ) -> Result<WebhookEndpointConnection> {
        let scope = scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let bad = |error: quayside_canonical::InvalidId| bad_input(&error.to_string());
        let of = supplier_id.map(|id| id.parse::<SupplierId>()).transpose().map_err(bad)?;
        let after = paging.after.as_deref().map(str::parse::<ConnectionId>).transpose().map_err(bad)?;
        let mut rows = match webhooks::endpoints(scope, of, after, u64::from(paging.size) + 1).await {
            Ok(rows) => rows,
            Err(Refusal::NotFound) => return Ok(WebhookEndpointConnection::default()),
            Err(refusal) => return Err(unreadable(refusal)),
        };
        let mut page_info = paging.cut(&mut rows);
        page_info.start_cursor = rows.first().map(|endpoint| endpoint.id.to_string());
        page_info.end_cursor = rows.last().map(|endpoint| endpoint.id.to_string());
        let nodes = rows.into_iter().map(|endpoint| WebhookEndpoint::of(scope, endpoint)).collect();
        Ok(WebhookEndpointConnection { nodes: Rows(nodes), page_info })
    }

    /// What was sent to an endpoint and what came of it, the newest event first; nothing when there is no such
    /// endpoint for you.
    async fn webhook_deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The endpoint")] endpoint_id: ID,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor, that is of earlier events")] after: Option<String>,
        #[graphql(desc = "Only those that stand there")] status: Option<Code<DeliveryStatus>>,
        #[graphql(desc = "Only of these types of event")] event_types: Option<Vec<String>>,
    ) -> Result<WebhookDeliveryConnection> {
        let scope = scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let Ok(endpoint) = endpoint_id.parse::<ConnectionId>() else {
            return Ok(WebhookDeliveryConnection::default());
        };
        let before = paging.after.as_deref().map(str::parse::<EventId>).transpose();
        let before = before.map_err(|error| bad_input(&error.to_string()))?;
        let filter = RecordFilter { status: status.map(|code| code.0), event_types };
        let with_log = ctx.look_ahead().field("nodes").field("attempts").exists();
        let limit = (u64::from(paging.size) + 1, with_log);
        let mut rows = match webhooks::records(scope, endpoint, &filter, before, limit).await {
            Ok(rows) => rows,
            Err(Refusal::NotFound) => return Ok(WebhookDeliveryConnection::default()),
            Err(refusal) => return Err(unreadable(refusal)),
        };
        let mut page_info = paging.cut(&mut rows);
        let nodes: Vec<_> = rows.into_iter().map(|record| WebhookDelivery::of(scope, record)).collect();
        page_info.start_cursor = nodes.first().map(|delivery| delivery.event_id.to_string());
        page_info.end_cursor = nodes.last().map(|delivery| delivery.event_id.to_string());
        Ok(WebhookDeliveryConnection { nodes: Rows(nodes), page_info })
    }

    /// One delivery to an endpoint; nothing when there is none of this id for you, or not yet.
    async fn webhook_delivery(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Row<WebhookDelivery>>> {
        let scope = scope(ctx)?;
        let Ok(id) = id.parse::<DeliveryId>() else { return Ok(None) };
        match webhooks::record(scope, id).await {
            Ok(record) => Ok(Some(Row(WebhookDelivery::of(scope, record)))),
            Err(Refusal::NotFound) => Ok(None),
            Err(refusal) => Err(unreadable(refusal)),
        }
    }
}

fn unreadable(refusal: Refusal) -> async_graphql::Error {
    match refusal {
        Refusal::Internal(failure) => internal(&failure),
        other => coded("FORBIDDEN", other.to_string()),
    }
}
