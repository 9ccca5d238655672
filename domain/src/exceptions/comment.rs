//! Words about an exception, on its record.
use quayside_canonical::{
    ExceptionId, Field, NoteId, Problems, events::ExceptionCommented, identity::Permission,
};
use quayside_entity::{exception_case, exception_comment};
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, IntoActiveModel, QueryFilter};
use serde::Serialize;

use super::{
    act::lock,
    step::{about, side},
};
use crate::{
    Failure, Scope,
    idempotency::{self, Claim, ClaimError, IdempotencyKey},
    outbox::{self, Fact},
    scope::in_tenant,
};

/// The longest comment, in characters.
const MAX_TEXT: usize = 4_000;

/// The name idempotency keys go by.
const OPERATION: &str = "commentException";

/// Says something about an exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comment {
    /// The exception.
    pub exception: ExceptionId,
    /// The words.
    pub text: String,
    /// Whether only the buyer's people see it.
    pub internal: bool,
}

/// Why a comment was refused.
#[derive(Debug, thiserror::Error)]
pub enum CommentError {
    /// There is no such exception for the caller.
    #[error("no such exception")]
    NotFound,
    /// The caller may not comment.
    #[error("this needs the permission EXCEPTIONS_MANAGE")]
    Forbidden,
    /// The comment breaks rules.
    #[error("{0}")]
    Refused(Problems),
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for CommentError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// A comment on file, or validated.
#[derive(Clone, Debug)]
pub struct Commented {
    /// The exception.
    pub case: exception_case::Model,
    /// The comment; nothing when it was only validated.
    pub comment: Option<exception_comment::Model>,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

/// Records the comment and its event, or nothing. Without a key it only validates.
///
/// # Errors
/// See [`CommentError`].
pub async fn comment(
    scope: &Scope,
    cmd: &Comment,
    key: Option<&IdempotencyKey>,
) -> Result<Commented, CommentError> {
    if !scope.may(Permission::ExceptionsManage) {
        return Err(CommentError::Forbidden);
    }
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    let id = NoteId::generate();
    let claim = match key {
        Some(key) => idempotency::claim(&tx, scope, OPERATION, key, cmd, &id).await?,
        None => Claim::First,
    };
    let case = lock(&tx, scope, cmd.exception).await?.ok_or(CommentError::NotFound)?;
    if let Claim::Repeat(earlier) = claim {
        let earlier = in_tenant::<exception_comment::Entity>(scope)
            .filter(exception_comment::Column::Id.eq(earlier))
            .one(&*tx)
            .await?;
        return Ok(Commented { case, comment: earlier, replayed: true });
    }
    check(scope, cmd).into_result().map_err(CommentError::Refused)?;
    if key.is_none() {
        return Ok(Commented { case, comment: None, replayed: false });
    }
    let mut about = about(&case);
    about.supplier = about.supplier.filter(|_| !cmd.internal);
    let row = exception_comment::Model {
        id,
        exception_id: case.id,
        tenant_id: scope.tenant,
        supplier_id: about.supplier,
        internal: cmd.internal,
        side: side(scope),
        actor: scope.actor.to_string(),
        body: cmd.text.trim().to_owned(),
        at: scope.now,
    };
    row.clone().into_active_model().reset_all().insert(&*tx).await?;
    let event = ExceptionCommented {
        exception: case.id,
        kind: case.kind,
        subject: case.subject.clone(),
        comment: id,
        text: row.body.clone(),
    };
    outbox::append(&tx, scope, vec![Fact::new(about, &event)?]).await?;
    tx.commit().await?;
    Ok(Commented { case, comment: Some(row), replayed: false })
}

fn check(scope: &Scope, cmd: &Comment) -> Problems {
    let mut problems = Problems::new();
    let field = Field::root().at("text");
    if cmd.text.trim().is_empty() {
        problems.add("REQUIRED", &field, "a comment says something");
    }
    if cmd.text.chars().count() > MAX_TEXT {
        problems.add("TOO_LONG", &field, format!("at most {MAX_TEXT} characters"));
    }
    if cmd.internal && scope.supplier.is_some() {
        let message = "only the buyer writes comments that the other side does not see";
        problems.add("INVALID_VALUE", &Field::root().at("internal"), message);
    }
    problems
}
