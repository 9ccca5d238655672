//! `events`: the log, page by page.
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use quayside_domain::feed::{self, FeedError};

use super::{LogEvent, filter, position};
use crate::{
    context::{coded, internal, scope},
    types::{
        Rows,
        connection::{PageInfo, Paging},
    },
};

/// A page of the log.
#[derive(SimpleObject)]
pub struct EventConnection {
    /// The events, the oldest first.
    nodes: Rows<LogEvent>,
    /// Where the page stands in the log.
    page_info: PageInfo,
}

/// Queries about events.
#[derive(Default)]
pub struct EventQuery;

#[Object]
impl EventQuery {
    /// What happened, the oldest first. Read on from `pageInfo.endCursor`, now or with the subscription of the
    /// same name.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor; from the beginning without one")] after: Option<String>,
        #[graphql(desc = "Only of these types")] types: Option<Vec<String>>,
        #[graphql(desc = "Only about this order")] order_id: Option<ID>,
    ) -> Result<EventConnection> {
        let scope = scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let after = paging.after.as_deref().map_or(Ok(0), |cursor| position(scope, cursor))?;
        let filter = filter(types, order_id.as_ref())?;
        let mut rows = match feed::page(scope, after, &filter, u64::from(paging.size) + 1).await {
            Ok(rows) => rows,
            Err(error @ FeedError::Forbidden) => return Err(coded("FORBIDDEN", error.to_string())),
            Err(FeedError::Internal(failure)) => return Err(internal(&failure)),
        };
        let mut page_info = paging.cut(&mut rows);
        let nodes: Vec<LogEvent> = rows.iter().map(|event| LogEvent::new(event, scope)).collect();
        page_info.start_cursor = nodes.first().map(|event| event.cursor.clone());
        page_info.end_cursor = nodes.last().map(|event| event.cursor.clone()).or(paging.after);
        Ok(EventConnection { nodes: Rows(nodes), page_info })
    }
}
