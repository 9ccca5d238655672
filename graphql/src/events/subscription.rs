//! `events`: the log as it grows.
use async_graphql::{Context, ID, Result, Subscription};
use futures_util::{Stream, StreamExt};
use quayside_domain::feed::{Feed, FeedError};

use super::{LogEvent, filter, position};
use crate::{
    context::{coded, internal, scope},
    types::Row,
};

/// Subscriptions to events.
#[derive(Default)]
pub struct EventSubscription;

#[Subscription]
impl EventSubscription {
    /// Each event as it is logged; with `after`, first those you missed. Nothing is missed or repeated, and
    /// what you may not see is left out event by event.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "First those after this cursor; without one only new events")] after: Option<String>,
        #[graphql(desc = "Only of these types")] types: Option<Vec<String>>,
        #[graphql(desc = "Only about this order")] order_id: Option<ID>,
    ) -> Result<impl Stream<Item = Row<LogEvent>> + use<>> {
        let scope = scope(ctx)?.clone();
        let after = after.as_deref().map(|cursor| position(&scope, cursor)).transpose()?;
        let filter = filter(types, order_id.as_ref())?;
        let feed = ctx.data::<Feed>()?;
        let events = match feed.subscribe(scope.clone(), after, filter).await {
            Ok(events) => events,
            Err(error @ FeedError::Forbidden) => return Err(coded("FORBIDDEN", error.to_string())),
            Err(FeedError::Internal(failure)) => return Err(internal(&failure)),
        };
        Ok(events.map(move |event| Row(LogEvent::new(&event, &scope))))
    }
}
