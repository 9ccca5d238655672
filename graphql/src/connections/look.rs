//! `connections`, `connection`, `connectionKinds` and `previewDelivery`.
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use quayside_canonical::ConnectionId;
use quayside_domain::connections::{self, ConnectionError as Refusal, Preview};

use super::{SystemConnection, keeper, kinds::ConnectionKind, refused};
use crate::{
    context::{buyer_scope, coded, internal},
    types::{
        Row, Rows,
        connection::bad_input,
        plain::plain,
        user_error::{ConnectionError, ConnectionErrorCode},
    },
};

plain! {
    /// A call that would be made.
    PreviewedRequest {
        /// The HTTP method.
        method as "method": String,
        /// Where to, without query.
        url as "url": String,
        /// What the body is.
        media_type as "mediaType": Option<String>,
        /// The body, after the filter.
        body as "body": String,
    }
}

/// What would be sent. Nothing was.
#[derive(Default, SimpleObject)]
pub struct DeliveryPreview {
    /// The calls, in order, as far as they are known before the first is answered.
    requests: Vec<PreviewedRequest>,
    /// Why nothing can be sent, if so.
    problem: Option<String>,
    /// What was wrong with the question.
    user_errors: Vec<ConnectionError>,
}

/// Queries about connections.
#[derive(Default)]
pub struct ConnectionQuery;

#[Object]
impl ConnectionQuery {
    /// The buyer's systems, by name.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn connections(&self, ctx: &Context<'_>) -> Result<Rows<SystemConnection>> {
        let (scope, keeper) = (buyer_scope(ctx)?, keeper(ctx)?);
        let rows = connections::connections(&scope).await.map_err(failed)?;
        let rows = rows.into_iter().map(|row| SystemConnection::of(keeper, row)).collect::<Result<_, _>>();
        Ok(Rows(rows.map_err(|failure| internal(&failure))?))
    }

    /// One of the buyer's systems.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn connection(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Row<SystemConnection>>> {
        let (scope, keeper) = (buyer_scope(ctx)?, keeper(ctx)?);
        let Ok(id) = id.parse::<ConnectionId>() else { return Ok(None) };
        let row = connections::connection(&scope, id).await.map_err(failed)?;
        let shown = row.map(|row| SystemConnection::of(keeper, row)).transpose();
        Ok(shown.map_err(|failure| internal(&failure))?.map(Row))
    }

    /// What can be connected.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn connection_kinds(&self, ctx: &Context<'_>) -> Result<Rows<ConnectionKind>> {
        buyer_scope(ctx)?;
        Ok(Rows(keeper(ctx)?.systems.kinds().into_iter().map(ConnectionKind::from).collect()))
    }

    /// The calls that a delivery would make, or an event if it went to a connection. Nothing is called.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn preview_delivery(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A delivery.")] delivery_id: Option<ID>,
        #[graphql(desc = "An event, with the connection.")] event_id: Option<ID>,
        #[graphql(desc = "The connection the event would go to.")] connection_id: Option<ID>,
    ) -> Result<DeliveryPreview> {
        let (scope, keeper) = (buyer_scope(ctx)?, keeper(ctx)?);
        let not_found = |field: &str| {
            let user_errors = ConnectionError::one(ConnectionErrorCode::NotFound, field, "not found");
            Ok(DeliveryPreview { user_errors, ..DeliveryPreview::default() })
        };
        let what = match (delivery_id, event_id, connection_id) {
            (Some(id), None, None) => match id.parse() {
                Ok(id) => Preview::Delivery(id),
                Err(_) => return not_found("deliveryId"),
            },
            (None, Some(event), Some(connection)) => match (event.parse(), connection.parse()) {
                (Ok(event), Ok(connection)) => Preview::Event(event, connection),
                (_, Err(_)) => return not_found("connectionId"),
                (Err(_), _) => return not_found("eventId"),
            },
            _ => return Err(bad_input("say `deliveryId`, or `eventId` and `connectionId`")),
        };
        match connections::preview_delivery(&scope, keeper, what).await {
            Ok(Ok(requests)) => {
                let requests = requests.into_iter().map(|request| PreviewedRequest {
                    method: request.method,
                    url: request.url,
                    media_type: request.media_type,
                    body: request.body,
                });
                Ok(DeliveryPreview { requests: requests.collect(), ..DeliveryPreview::default() })
            }
            Ok(Err(problem)) => Ok(DeliveryPreview { problem: Some(problem), ..DeliveryPreview::default() }),
            Err(error) => Ok(DeliveryPreview { user_errors: refused(error)?, ..DeliveryPreview::default() }),
        }
    }
}

fn failed(error: Refusal) -> async_graphql::Error {
    match refused(error) {
        Err(error) => error,
        Ok(_) => coded("BAD_USER_INPUT", "this cannot be looked at"),
    }
}
