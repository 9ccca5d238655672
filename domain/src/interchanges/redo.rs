//! Deals again with messages that were refused, after what was in their way was mended.
use std::collections::BTreeSet;

use quayside_canonical::{
    InterchangeId, MessageId,
    events::InterchangeRetried,
    identity::Permission,
    states::{ExceptionKind, InterchangeStatus, MessageStage},
};
use quayside_entity::{interchange, interchange_message};
use sea_orm::{ColumnTrait, DbErr, ExprTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::{
    FiledInterchange, MessageRecord, content,
    finish::recount,
    is_refused,
    record::{Findings, case_of},
    settle::{Done, write},
};
use crate::{
    BuyerScope, Failure, exceptions,
    idempotency::{self, Claim, ClaimError, IdempotencyKey},
    outbox::{self, About, Fact},
    scope::{in_tenant, update_in_tenant},
    store::Tx,
};

/// The operation's name in idempotency records.
const OPERATION: &str = "retryInterchange";

/// What is to be dealt with again.
#[derive(Clone, Debug)]
pub struct Redo {
    /// The interchange.
    pub interchange: InterchangeId,
    /// Only these of its messages; all that were refused, when none are named.
    pub messages: Vec<MessageId>,
    /// Why, for the record.
    pub reason: String,
}

/// Messages cannot be dealt with again.
#[derive(Debug, thiserror::Error)]
pub enum RedoError {
    /// The caller's role or token does not allow it.
    #[error("this needs the permission to manage deliveries")]
    Forbidden,
    /// There is no such interchange.
    #[error("there is no such interchange")]
    NotFound,
    /// It is being dealt with.
    #[error("the interchange is being dealt with; try again in a moment")]
    Unfinished,
    /// The envelope is at fault: nothing that can be mended here.
    #[error("the interchange was refused as a whole; its sender has to send it again")]
    RefusedWhole,
    /// None of the messages was refused for a reason that can be mended.
    #[error(
        "none of these messages was refused for what it says; what is wrong in form has to be sent again"
    )]
    NothingRefused,
    /// A reason is wanted.
    #[error("say why, in 1 to 500 characters")]
    ReasonMissing,
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for RedoError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// What may be dealt with again.
#[derive(Debug)]
pub enum Redoable {
    /// These messages, by their places in the interchange.
    These(Box<FiledInterchange>, BTreeSet<i32>),
    /// The key was used for the same request before: it is done.
    Done,
}

/// The messages that may be dealt with again.
///
/// # Errors
/// See [`RedoError`].
pub async fn redoable(scope: &BuyerScope, redo: &Redo, key: &IdempotencyKey) -> Result<Redoable, RedoError> {
    if !scope.may(Permission::DeliveriesManage) {
        return Err(RedoError::Forbidden);
    }
    let reason = redo.reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(RedoError::ReasonMissing);
    }
    let tx = scope.write().await?;
    if claim(&tx, scope, redo, key).await? {
        return Ok(Redoable::Done);
    }
    drop(tx);
    let tx = scope.read().await?;
    let row = scope.find::<interchange::Entity>().filter(interchange::Column::Id.eq(redo.interchange));
    let row = row.one(&*tx).await?.ok_or(RedoError::NotFound)?;
    if row.finished_at.is_none() {
        return Err(RedoError::Unfinished);
    }
    if row.refusal.is_some() {
        return Err(RedoError::RefusedWhole);
    }
    let rows = in_tenant::<interchange_message::Entity>(scope)
        .filter(interchange_message::Column::InterchangeId.eq(redo.interchange))
        .filter(interchange_message::Column::Stage.ne(MessageStage::Received))
        .all(&*tx)
        .await?;
    let chosen = |row: &&interchange_message::Model| {
        is_refused(row.outcome) && (redo.messages.is_empty() || redo.messages.contains(&row.id))
    };
    let places: BTreeSet<i32> = rows.iter().filter(chosen).map(|row| row.place).collect();
    if places.is_empty() {
        return Err(RedoError::NothingRefused);
    }
    let file = content::file(&tx, scope, &row).await?;
    let bytes = content::part(&tx, scope, &file, (row.byte_offset, row.byte_length)).await?;
    Ok(Redoable::These(Box::new(FiledInterchange { row, file, bytes }), places))
}

/// Whether the key was used for the same request before.
async fn claim(tx: &Tx, scope: &BuyerScope, redo: &Redo, key: &IdempotencyKey) -> Result<bool, ClaimError> {
    let request = (&redo.interchange, &redo.messages, &redo.reason);
    let claim = idempotency::claim(tx, scope, OPERATION, key, &request, &redo.interchange).await?;
    Ok(claim != Claim::First)
}

/// Writes what became of messages that were dealt with again, under the key.
///
/// # Errors
/// See [`RedoError`].
pub async fn redo(
    scope: &BuyerScope,
    redo: &Redo,
    key: &IdempotencyKey,
    messages: Vec<MessageRecord>,
) -> Result<(), RedoError> {
    let tx = scope.write().await?;
    if claim(&tx, scope, redo, key).await? {
        return Ok(());
    }
    let row = in_tenant::<interchange::Entity>(scope).filter(interchange::Column::Id.eq(redo.interchange));
    let row = row.lock_exclusive().one(&*tx).await?.ok_or(RedoError::NotFound)?;
    let mut cured = Vec::new();
    let (mut taken, mut refused) = (0, 0);
    for message in messages {
        let id = rewrite(&tx, scope, &row, &message).await?;
        if is_refused(message.result.outcome) {
            refused += 1;
        } else {
            taken += 1;
            cured.extend(id.map(|id| id.to_string()));
        }
    }
    let status = recount(&tx, scope, row.id).await?;
    let words = format!("the message was taken when it was dealt with again: {}", redo.reason.trim());
    exceptions::resolve_many(&tx, scope, ExceptionKind::DocumentRefused, &cured, &words).await?;
    // Those of a file full of errors share the interchange's.
    if status == InterchangeStatus::Applied {
        let words =
            format!("all its messages were taken when they were dealt with again: {}", redo.reason.trim());
        let subject = row.id.to_string();
        exceptions::resolve(&tx, scope, ExceptionKind::DocumentRefused, &subject, &words).await?;
    }
    let about = About { subject: row.id.to_string(), supplier: row.supplier_id, order: None };
    let event = InterchangeRetried {
        interchange: row.id,
        partner: row.partner_id,
        reason: redo.reason.trim().to_owned(),
        taken,
        refused,
    };
    outbox::append(&tx, scope, vec![Fact::new(about, &event)?]).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes what became of one message; its id, where it is on record.
async fn rewrite(
    tx: &Tx,
    scope: &BuyerScope,
    interchange: &interchange::Model,
    message: &MessageRecord,
) -> Result<Option<MessageId>, Failure> {
    use interchange_message::Column;
    let row = in_tenant::<interchange_message::Entity>(scope)
        .filter(Column::InterchangeId.eq(interchange.id))
        .filter(Column::Place.eq(message.place));
    let Some(row) = row.one(&**tx).await? else { return Ok(None) };
    let result = &message.result;
    let done = Done {
        stage: result.stage,
        outcome: result.outcome,
        subject: result.subject.clone(),
        order: message.order,
        waiting: message.waiting,
        findings: Findings { problems: result.problems.clone(), warnings: result.warnings.clone() },
    };
    write(tx, scope, row.id, &done).await?;
    update_in_tenant::<interchange_message::Entity>(scope)
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .col_expr(Column::BusinessKey, Expr::value(result.business_key.clone()))
        .filter(Column::Id.eq(row.id))
        .exec(&**tx)
        .await?;
    if message.needs_person {
        let supplier = interchange.supplier_id;
        let case = case_of(row.id, interchange.id, supplier, message.order, message.place, result);
        exceptions::open(tx, scope, case).await?;
    }
    Ok(Some(row.id))
}
