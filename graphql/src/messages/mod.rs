//! Messages in the schema: what buyer and supplier say to each other.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::Side;
use quayside_domain::messages::{ListError, Post, PostError, Posted, list, post};

use crate::{
    context::{claim_error, coded, idempotency_key, internal, mark_replayed, scope},
    types::{
        Code, DateTime, Row, Rows,
        connection::{PageInfo, Paging, bad_input},
        plain::plain,
        user_error::{MessageError, MessageErrorCode},
    },
};

plain! {
    /// What one side said.
    Message {
        /// Globally unique id.
        id as "id": ID,
        /// Its place in the conversation, from 1.
        number as "number": i32,
        /// Which side said it.
        side as "side": Code<Side>,
        /// Who said it; a supplier is told of the other side only that it was the buyer.
        by as "by": String,
        /// The words.
        text as "text": String,
        /// When.
        posted_at as "postedAt": DateTime,
    }
}

impl From<Posted> for Message {
    fn from(posted: Posted) -> Self {
        Self {
            id: ID(posted.id.to_string()),
            number: posted.number,
            side: Code(posted.side),
            by: posted.by,
            text: posted.text,
            posted_at: DateTime(posted.posted_at),
        }
    }
}

/// A page of a conversation.
#[derive(SimpleObject)]
pub struct MessageConnection {
    /// The messages, the oldest first.
    nodes: Rows<Message>,
    /// Where the page stands in the conversation.
    page_info: PageInfo,
}

/// Say something to the other side.
#[derive(InputObject)]
pub struct PostMessageInput {
    /// The order, shipment or exception it is about.
    about: ID,
    /// The words.
    text: String,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// What became of a message.
#[derive(Default, SimpleObject)]
pub struct PostMessagePayload {
    /// The message.
    message: Option<Row<Message>>,
    /// Every problem at once.
    user_errors: Vec<MessageError>,
}

/// Queries about messages.
#[derive(Default)]
pub struct MessageQuery;

#[Object]
impl MessageQuery {
    /// What was said about an order, a shipment or an exception, the oldest first; nothing when there is no such
    /// thing for you.
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order, shipment or exception")] about: ID,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
    ) -> Result<Option<MessageConnection>> {
        let scope = scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let after = paging.after.as_deref().map_or(Ok(0), str::parse::<i32>);
        let after = after.map_err(|_| bad_input("the cursor is not one of this list"))?;
        let mut posted = match list(scope, &about, after, u64::from(paging.size) + 1).await {
            Ok(posted) => posted,
            Err(ListError::NotFound) => return Ok(None),
            Err(error @ ListError::Forbidden) => return Err(coded("FORBIDDEN", error.to_string())),
            Err(ListError::Internal(failure)) => return Err(internal(&failure)),
        };
        let mut page_info = paging.cut(&mut posted);
        page_info.start_cursor = posted.first().map(|one| one.number.to_string());
        page_info.end_cursor = posted.last().map(|one| one.number.to_string());
        Ok(Some(MessageConnection {
            nodes: Rows(posted.into_iter().map(Message::from).collect()),
            page_info,
        }))
    }
}

/// Mutations about messages.
#[derive(Default)]
pub struct MessageMutation;

#[Object]
impl MessageMutation {
    /// Say something to the other side about an order, a shipment or an exception.
    async fn post_message(&self, ctx: &Context<'_>, input: PostMessageInput) -> Result<PostMessagePayload> {
        let scope = scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let refused = |user_errors| Ok(PostMessagePayload { message: None, user_errors });
        let cmd = Post { about: input.about.0, text: input.text };
        match post(scope, &cmd, key.as_ref()).await {
            Ok(done) => {
                mark_replayed(ctx, done.replayed);
                let message = done.message.map(|row| Row(Message::from(Posted::of(scope, row))));
                Ok(PostMessagePayload { message, user_errors: Vec::new() })
            }
            Err(error @ PostError::NotFound) => {
                refused(MessageError::one(MessageErrorCode::NotFound, "about", error.to_string()))
            }
            Err(error @ PostError::Forbidden) => Err(coded("FORBIDDEN", error.to_string())),
            Err(PostError::Refused(problems)) => refused(MessageError::all(problems)),
            Err(PostError::Key(error)) => Err(claim_error(error)),
            Err(PostError::Internal(failure)) => Err(internal(&failure)),
        }
    }
}
