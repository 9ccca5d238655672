//! A message of an interchange in the schema.
use async_graphql::{Context, ID, Object, Result};
use quayside_canonical::states::{DocumentOutcome, MessageStage};
use quayside_domain::interchanges::{MAX_SEGMENTS, MessageView, Segment, segments_of};

use super::{InterchangeProblem, all};
use crate::{
    context::{internal, scope},
    types::{Code, Rows, connection::bad_input, plain::plain},
};

/// One message of an interchange: an X12 transaction set or an EDIFACT message.
#[derive(Clone)]
pub struct InterchangeMessage(pub MessageView);

plain! {
    /// A segment as it stands in the file.
    InterchangeSegment {
        /// Its position in the message, from 1.
        index as "index": i32,
        /// Its text without what ends it.
        text as "text": String,
        /// What is wrong with it, or should be known. None of most.
        problems as "problems": Vec<InterchangeProblem>,
    }
}

impl From<Segment> for InterchangeSegment {
    fn from(segment: Segment) -> Self {
        Self {
            index: i32::try_from(segment.index).unwrap_or(i32::MAX),
            text: segment.text,
            problems: segment.problems.into_iter().map(InterchangeProblem::from).collect(),
        }
    }
}

#[Object]
impl InterchangeMessage {
    /// Globally unique id.
    async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
    }

    /// The interchange it is in.
    async fn interchange_id(&self) -> ID {
        ID(self.0.row.interchange_id.to_string())
    }

    /// Its place in the interchange, from 1.
    async fn place(&self) -> i32 {
        self.0.row.place
    }

    /// What it is, such as `850` or `ORDERS`.
    #[graphql(name = "type")]
    async fn message_type(&self) -> &str {
        &self.0.row.message_type
    }

    /// The sender's number of the group it is in: GS06, or UNG 0048.
    async fn group_control_number(&self) -> Option<&str> {
        self.0.row.group_number.as_deref()
    }

    /// The sender's number of it: ST02, or UNH 0062.
    async fn control_number(&self) -> &str {
        &self.0.row.control_number
    }

    /// What tells it from every other message of the partner, however often it is sent.
    async fn business_key(&self) -> Option<&str> {
        self.0.row.business_key.as_deref()
    }

    /// How far it came.
    async fn stage(&self) -> Code<MessageStage> {
        Code(self.0.row.stage)
    }

    /// What became of it.
    async fn outcome(&self) -> Code<DocumentOutcome> {
        Code(self.0.row.outcome)
    }

    /// What it became: the id of an order, an answer, a shipment or a receipt.
    async fn subject(&self) -> Option<&str> {
        self.0.row.subject.as_deref()
    }

    /// The purchase order it is about, where it is about one.
    async fn purchase_order_id(&self) -> Option<ID> {
        self.0.row.order_id.map(|order| ID(order.to_string()))
    }

    /// Why it was not taken.
    async fn problems(&self) -> Rows<InterchangeProblem> {
        all(&self.0.problems)
    }

    /// What was taken with reservations, and for what it waits.
    async fn warnings(&self) -> Rows<InterchangeProblem> {
        all(&self.0.warnings)
    }

    /// How often it was dealt with.
    async fn attempts(&self) -> i32 {
        self.0.row.attempts
    }

    /// Its first byte in the file it came in.
    async fn byte_offset(&self) -> i32 {
        i32::try_from(self.0.row.byte_offset).unwrap_or(i32::MAX)
    }

    /// How many bytes it has.
    async fn byte_length(&self) -> i32 {
        i32::try_from(self.0.row.byte_length).unwrap_or(i32::MAX)
    }

    /// Its text, segment by segment, each with what is wrong with it.
    async fn segments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 500", default = 100)] first: i32,
        #[graphql(desc = "Only after the segment of this index", default)] after: i32,
    ) -> Result<Rows<InterchangeSegment>> {
        let limit = u32::try_from(first).ok().filter(|first| (1..=MAX_SEGMENTS).contains(first));
        let limit = limit.ok_or_else(|| bad_input("ask for 1 to 500 segments"))?;
        let after = u32::try_from(after).map_err(|_| bad_input("a segment's index is 1 or more"))?;
        let found = segments_of(scope(ctx)?, self.0.row.id, after, limit).await;
        let found = found.map_err(|failure| internal(&failure))?.unwrap_or_default();
        Ok(Rows(found.into_iter().map(InterchangeSegment::from).collect()))
    }
}
