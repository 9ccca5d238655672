//! What procurement sees of feeds and messages.
use quayside_canonical::{ConnectionId, InboundMessageId, Problem, Timestamp, states::InboundStatus};
use quayside_entity::{connection, inbound_feed, inbound_message};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};

use super::Outcome;
use crate::{BuyerScope, Failure, store::older};

/// A message and what became of it.
#[derive(Clone, Debug)]
pub struct InboundMessage {
    /// Its row, without the bytes.
    pub row: inbound_message::Model,
    /// Whether the bytes are still on file.
    pub kept: bool,
    /// What became of each document, in their order.
    pub outcomes: Vec<Outcome>,
    /// What is wrong with the message as a whole.
    pub problems: Vec<Problem>,
}

impl TryFrom<inbound_message::Model> for InboundMessage {
    type Error = Failure;
    fn try_from(row: inbound_message::Model) -> Result<Self, Failure> {
        Ok(Self {
            outcomes: serde_json::from_str(&row.outcomes)?,
            problems: serde_json::from_str(&row.problems)?,
            kept: row.raw.is_some(),
            row: inbound_message::Model { raw: None, ..row },
        })
    }
}

/// Which messages.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this connection.
    pub connection: Option<ConnectionId>,
    /// Only by this feed.
    pub feed: Option<String>,
    /// Only those that stand there.
    pub status: Option<InboundStatus>,
}

/// The feeds of a connection that it is set up to read, by name. None of one that is not there, or not the caller's.
///
/// # Errors
/// The database failed.
pub async fn feeds_of(
    scope: &BuyerScope,
    connection: ConnectionId,
) -> Result<Vec<inbound_feed::Model>, Failure> {
    if !scope.may_see_traffic() {
        return Ok(Vec::new());
    }
    let tx = scope.read().await?;
    let feeds = scope
        .find_own::<inbound_feed::Entity>()
        .filter(inbound_feed::Column::ConnectionId.eq(connection))
        .filter(inbound_feed::Column::Offered.eq(true))
        .order_by_asc(inbound_feed::Column::Name);
    Ok(feeds.all(&*tx).await?)
}

/// Messages, those that came in last first.
///
/// # Errors
/// The database failed.
pub async fn list(
    scope: &BuyerScope,
    filter: &Filter,
    after: Option<(Timestamp, InboundMessageId)>,
    limit: u64,
) -> Result<Vec<InboundMessage>, Failure> {
    use inbound_message::Column;
    if !scope.may_see_traffic() {
        return Ok(Vec::new());
    }
    let wanted = Condition::all()
        .add_option(filter.connection.map(|connection| Column::ConnectionId.eq(connection)))
        .add_option(filter.feed.as_ref().map(|feed| Column::Feed.eq(feed)))
        .add_option(filter.status.map(|status| Column::Status.eq(status)))
        .add_option(after.map(|after| older(Column::ReceivedAt, Column::Id, after)));
    let tx = scope.read().await?;
    let rows = scope
        .find_own::<inbound_message::Entity>()
        .filter(wanted)
        .order_by_desc(Column::ReceivedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(&*tx)
        .await?;
    rows.into_iter().map(InboundMessage::try_from).collect()
}

/// One message. None when it is not there, or not the caller's.
///
/// # Errors
/// The database failed.
pub async fn message(scope: &BuyerScope, id: InboundMessageId) -> Result<Option<InboundMessage>, Failure> {
    if !scope.may_see_traffic() {
        return Ok(None);
    }
    let tx = scope.read().await?;
    let row = scope.find_own::<inbound_message::Entity>().filter(inbound_message::Column::Id.eq(id));
    row.one(&*tx).await?.map(InboundMessage::try_from).transpose()
}

/// The connection that speaks, for what it may say. None when it is not there, or not the caller's.
///
/// # Errors
/// The database failed.
pub async fn speaker(scope: &BuyerScope, id: ConnectionId) -> Result<Option<connection::Model>, Failure> {
    let tx = scope.read().await?;
    let row = scope.find_own::<connection::Entity>().filter(connection::Column::Id.eq(id));
    Ok(row.one(&*tx).await?)
}
