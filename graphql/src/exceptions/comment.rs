//! `commentException`: words on the record of an exception.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::ExceptionId;
use quayside_domain::exceptions::{Comment, CommentError, comment};

use super::{ExceptionCase, case::ExceptionComment};
use crate::{
    context::{claim_error, coded, idempotency_key, internal, mark_replayed, scope},
    types::{
        Row,
        user_error::{ExceptionError, ExceptionErrorCode},
    },
};

/// Say something about an exception.
#[derive(InputObject)]
pub struct CommentExceptionInput {
    /// The exception.
    id: ID,
    /// The words.
    text: String,
    /// Whether only the buyer's people see it. For buyers only.
    #[graphql(default)]
    internal: bool,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// What became of a comment.
#[derive(Default, SimpleObject)]
pub struct CommentExceptionPayload {
    /// The comment.
    comment: Option<Row<ExceptionComment>>,
    /// The exception.
    exception: Option<ExceptionCase>,
    /// Every problem at once.
    user_errors: Vec<ExceptionError>,
}

/// Comments on exceptions.
#[derive(Default)]
pub struct CommentMutation;

#[Object]
impl CommentMutation {
    /// Say something about an exception, on its record.
    async fn comment_exception(
        &self,
        ctx: &Context<'_>,
        input: CommentExceptionInput,
    ) -> Result<CommentExceptionPayload> {
        let scope = scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let refused =
            |user_errors| Ok(CommentExceptionPayload { user_errors, ..CommentExceptionPayload::default() });
        let not_found = || ExceptionError::one(ExceptionErrorCode::NotFound, "id", "no such exception");
        let Ok(exception) = input.id.parse::<ExceptionId>() else { return refused(not_found()) };
        let cmd = Comment { exception, text: input.text, internal: input.internal };
        match comment(scope, &cmd, key.as_ref()).await {
            Ok(done) => {
                mark_replayed(ctx, done.replayed);
                Ok(CommentExceptionPayload {
                    comment: done.comment.map(|row| Row(ExceptionComment::of(scope, row))),
                    exception: Some(ExceptionCase(done.case)),
                    user_errors: Vec::new(),
                })
            }
            Err(CommentError::NotFound) => refused(not_found()),
            Err(error @ CommentError::Forbidden) => Err(coded("FORBIDDEN", error.to_string())),
            Err(CommentError::Refused(problems)) => refused(ExceptionError::all(problems)),
            Err(CommentError::Key(error)) => Err(claim_error(error)),
            Err(CommentError::Internal(failure)) => Err(internal(&failure)),
        }
    }
}
