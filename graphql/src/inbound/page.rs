//! Looking at feeds and finding messages.
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use quayside_canonical::{ConnectionId, InboundMessageId, InvalidId, Timestamp, states::InboundStatus};
use quayside_domain::inbound::{self, Filter};

use super::{InboundFeed, InboundMessage};
use crate::{
    context::{buyer_scope, internal},
    types::{
        Code, Row, Rows,
        connection::{PageInfo, Paging, bad_input, cursor, place},
    },
};

/// A page of messages.
#[derive(SimpleObject)]
pub struct InboundMessageConnection {
    /// The messages.
    nodes: Rows<InboundMessage>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

/// Queries of procurement about what comes in.
#[derive(Default)]
pub struct InboundQuery;

#[Object]
impl InboundQuery {
    /// The feeds of a connection: what it is asked for, and what it sends.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn inbound_feeds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The connection")] connection_id: ID,
    ) -> Result<Rows<InboundFeed>> {
        let scope = buyer_scope(ctx)?;
        let Ok(id) = connection_id.parse::<ConnectionId>() else { return Ok(Rows(Vec::new())) };
        let feeds = inbound::feeds_of(&scope, id).await.map_err(|failure| internal(&failure))?;
        Ok(Rows(feeds.into_iter().map(InboundFeed::from).collect()))
    }

    /// What systems said, what came in last first.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn inbound_messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
        #[graphql(desc = "Only of this connection")] connection_id: Option<ID>,
        #[graphql(desc = "Only by this feed")] feed: Option<String>,
        #[graphql(desc = "Only those that stand there")] status: Option<Code<InboundStatus>>,
    ) -> Result<InboundMessageConnection> {
        let scope = buyer_scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let after: Option<(Timestamp, InboundMessageId)> = paging.after.as_deref().map(place).transpose()?;
        let connection = connection_id.map(|id| id.parse()).transpose();
        let connection = connection.map_err(|error: InvalidId| bad_input(&error.to_string()))?;
        let filter = Filter { connection, feed, status: status.map(|Code(status)| status) };
        let limit = u64::from(paging.size) + 1;
        let found = inbound::list(&scope, &filter, after, limit).await;
        let mut found = found.map_err(|failure| internal(&failure))?;
        let mut page_info = paging.cut(&mut found);
        let at = |message: &inbound::InboundMessage| cursor(message.row.received_at, message.row.id);
        page_info.start_cursor = found.first().map(at);
        page_info.end_cursor = found.last().map(at);
        let nodes = Rows(found.into_iter().map(InboundMessage::from).collect());
        Ok(InboundMessageConnection { nodes, page_info })
    }

    /// One message.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn inbound_message(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Row<InboundMessage>>> {
        let scope = buyer_scope(ctx)?;
        let Ok(id) = id.parse::<InboundMessageId>() else { return Ok(None) };
        let found = inbound::message(&scope, id).await.map_err(|failure| internal(&failure))?;
        Ok(found.map(|message| Row(message.into())))
    }
}
