//! Saying something to the other side.
use quayside_canonical::{
    Field, NoteId, Problems, Side, ThreadId, events::MessagePosted, identity::Permission,
};
use quayside_entity::{note, thread};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde::Serialize;

use super::subject::{Subject, find};
use crate::{
    Failure, Scope,
    idempotency::{self, Claim, ClaimError, IdempotencyKey},
    notifications::{self, Audience, News, Topic, one_line},
    outbox::{self, About, Fact},
    scope::{in_tenant, update_in_tenant},
    store::Tx,
};

/// The longest message, in characters.
const MAX_TEXT: usize = 8_000;

/// The name idempotency keys go by.
const OPERATION: &str = "postMessage";

/// Says something about an order, a shipment or an exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Post {
    /// The id of what it is about.
    pub about: String,
    /// The words.
    pub text: String,
}

/// Why a message was refused.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// There is nothing of this id for the caller.
    #[error("no such order, shipment or exception")]
    NotFound,
    /// The caller may not write.
    #[error("this needs the permission MESSAGES_POST")]
    Forbidden,
    /// The message breaks rules.
    #[error("{0}")]
    Refused(Problems),
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for PostError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// A message on file, or validated.
#[derive(Clone, Debug)]
pub struct PostedMessage {
    /// The message; nothing when it was only validated.
    pub message: Option<note::Model>,
    /// Whether this is the result of an earlier request with the same key.
    pub replayed: bool,
}

/// Records the message and its event, or nothing. Without a key it only validates.
///
/// # Errors
/// See [`PostError`].
pub async fn post(
    scope: &Scope,
    cmd: &Post,
    key: Option<&IdempotencyKey>,
) -> Result<PostedMessage, PostError> {
    if !scope.may(Permission::MessagesPost) {
        return Err(PostError::Forbidden);
    }
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    let id = NoteId::generate();
    let claim = match key {
        Some(key) => idempotency::claim(&tx, scope, OPERATION, key, cmd, &id).await?,
        None => Claim::First,
    };
    if let Claim::Repeat(earlier) = claim {
        let earlier = in_tenant::<note::Entity>(scope).filter(note::Column::Id.eq(earlier)).one(&*tx).await?;
        return Ok(PostedMessage { message: earlier, replayed: true });
    }
    let subject = find(&tx, scope, &cmd.about).await?.ok_or(PostError::NotFound)?;
    check(cmd).into_result().map_err(PostError::Refused)?;
    if key.is_none() {
        return Ok(PostedMessage { message: None, replayed: false });
    }
    let message = write(&tx, scope, cmd, &subject, id).await?;
    tx.commit().await?;
    Ok(PostedMessage { message: Some(message), replayed: false })
}

fn check(cmd: &Post) -> Problems {
    let mut problems = Problems::new();
    let field = Field::root().at("text");
    if cmd.text.trim().is_empty() {
        problems.add("REQUIRED", &field, "a message says something");
    }
    if cmd.text.chars().count() > MAX_TEXT {
        problems.add("TOO_LONG", &field, format!("at most {MAX_TEXT} characters"));
    }
    problems
}

async fn write(
    tx: &Tx,
    scope: &Scope,
    cmd: &Post,
    subject: &Subject,
    id: NoteId,
) -> Result<note::Model, Failure> {
    let thread = open_thread(tx, scope, subject).await?;
    let side = if scope.supplier.is_some() { Side::Supplier } else { Side::Buyer };
    let row = note::Model {
        id,
        thread_id: thread.id,
        number: thread.messages + 1,
        tenant_id: scope.tenant,
        supplier_id: subject.supplier,
        side,
        actor: scope.actor.to_string(),
        body: cmd.text.trim().to_owned(),
        posted_at: scope.now,
    };
    row.clone().into_active_model().reset_all().insert(&**tx).await?;
    update_in_tenant::<thread::Entity>(scope)
        .col_expr(thread::Column::Messages, Expr::value(row.number))
        .filter(thread::Column::Id.eq(thread.id))
        .exec(&**tx)
        .await?;
    let event = MessagePosted {
        thread: thread.id,
        message: id,
        about: subject.id.clone(),
        number: row.number,
        side,
        text: row.body.clone(),
    };
    let about = About { subject: thread.id.to_string(), supplier: subject.supplier, order: subject.order };
    let fact = Fact::new(about, &event)?;
    let event = fact.id;
    outbox::append(tx, scope, vec![fact]).await?;
    let audience = match (side, subject.supplier, subject.owner) {
        (Side::Buyer, Some(supplier), _) => Audience::Supplier(supplier),
        (_, _, Some(owner)) => Audience::Person(owner),
        (_, _, None) => Audience::Procurement,
    };
    let news = News {
        event,
        audience,
        topic: Topic::Message,
        line: format!("Message about {}: {}", one_line(&subject.name, 60), one_line(&row.body, 60)),
        body: format!("There is a new message about {}.\n\n{}", one_line(&subject.name, 200), row.body),
        link: format!("/messages/{}", subject.id),
    };
    notifications::tell(tx, scope, vec![news]).await?;
    Ok(row)
}

/// The thread about `subject`, locked; a new one with its first message.
async fn open_thread(tx: &Tx, scope: &Scope, subject: &Subject) -> Result<thread::Model, Failure> {
    let new = thread::Model {
        id: ThreadId::generate(),
        tenant_id: scope.tenant,
        supplier_id: subject.supplier,
        order_id: subject.order,
        about: subject.id.clone(),
        messages: 0,
        created_at: scope.now,
    };
    thread::Entity::insert(new.into_active_model().reset_all())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&**tx)
        .await?;
    in_tenant::<thread::Entity>(scope)
        .filter(thread::Column::About.eq(&subject.id))
        .lock_exclusive()
        .one(&**tx)
        .await?
        .ok_or_else(|| Failure::Corrupt("a thread is gone".to_owned()))
}
