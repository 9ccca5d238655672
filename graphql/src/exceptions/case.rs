//! An exception, with all that is on its record.
use async_graphql::{Context, ID, Object, Result};
use quayside_canonical::{
    Side,
    exception::{Concern, ExceptionAction, OwnerKind},
    states::{ExceptionKind, ExceptionStatus, Severity},
};
use quayside_domain::{Scope, exceptions::shown_actor};
use quayside_entity::{exception_attachment, exception_case, exception_comment, exception_transition};

use super::loaders::{AttachmentsOf, CommentsOf, TransitionsOf};
use crate::{
    context::scope,
    loaders::{OrderById, load},
    orders::PurchaseOrder,
    types::{Code, DateTime, Json, Row, Rows, plain::plain},
};

/// Something that went wrong, as a piece of work.
pub struct ExceptionCase(pub exception_case::Model);

plain! {
    /// Who has to see to an exception.
    ExceptionOwner {
        /// What kind of owner.
        kind as "kind": Code<OwnerKind>,
        /// The person, on the buyer's side; `exceptionAssignees` has the names.
        person_id as "personId": Option<ID>,
    }

    /// One step of an exception.
    ExceptionTransition {
        /// Its place among the steps, from 1. The buyer's own steps are left out for suppliers.
        number as "number": i32,
        /// What was done.
        action as "action": Code<ExceptionAction>,
        /// Where the exception stood before; nothing for the first step.
        from_status as "fromStatus": Option<Code<ExceptionStatus>>,
        /// Where it stood after.
        to_status as "toStatus": Code<ExceptionStatus>,
        /// Who had to see to it after.
        owner as "owner": ExceptionOwner,
        /// How bad it was after.
        severity as "severity": Code<Severity>,
        /// By when it was due after.
        due_at as "dueAt": Option<DateTime>,
        /// Which side did it.
        side as "side": Code<Side>,
        /// Who did it; a supplier is told of the other side only that it was the buyer.
        by as "by": String,
        /// Why, or how.
        why as "why": Option<String>,
        /// The event it left in the log.
        event_id as "eventId": ID,
        /// The event that cured it.
        proof_event_id as "proofEventId": Option<ID>,
        /// When.
        at as "at": DateTime,
    }

    /// Words about an exception.
    ExceptionComment {
        /// Globally unique id.
        id as "id": ID,
        /// Which side said it.
        side as "side": Code<Side>,
        /// Who said it; a supplier is told of the other side only that it was the buyer.
        by as "by": String,
        /// Whether only the buyer's people see it.
        internal as "internal": bool,
        /// The words.
        text as "text": String,
        /// When.
        at as "at": DateTime,
    }

    /// A file on the record of an exception.
    ExceptionAttachment {
        /// Globally unique id.
        id as "id": ID,
        /// The file's name.
        name as "name": String,
        /// What it is, by what it holds.
        media_type as "mediaType": String,
        /// How many bytes.
        size_bytes as "sizeBytes": i32,
        /// The SHA-256 of its bytes, in hexadecimal digits.
        sha256 as "sha256": String,
        /// Which side added it.
        side as "side": Code<Side>,
        /// Whether only the buyer's people see it.
        internal as "internal": bool,
        /// Where to fetch it, with the same session or token.
        path as "path": String,
        /// When it was added.
        at as "at": DateTime,
    }

    /// The event that cured an exception.
    ExceptionProof {
        /// The event's id.
        id as "id": ID,
        /// Its type.
        event_type as "type": String,
        /// What it is about.
        subject as "subject": ID,
        /// When it happened.
        occurred_at as "occurredAt": DateTime,
    }
}

fn owner(scope: &Scope, kind: OwnerKind, person: Option<quayside_canonical::UserId>) -> ExceptionOwner {
    // To a supplier the buyer's people are procurement.
    let shown =
        if scope.supplier.is_some() && kind == OwnerKind::Person { OwnerKind::Procurement } else { kind };
    let person = person.filter(|_| scope.supplier.is_none());
    ExceptionOwner { kind: Code(shown), person_id: person.map(|id| ID(id.to_string())) }
}

fn transition(scope: &Scope, row: exception_transition::Model) -> ExceptionTransition {
    ExceptionTransition {
        number: row.number,
        action: Code(row.action),
        from_status: row.from_status.map(Code),
        to_status: Code(row.to_status),
        owner: owner(scope, row.owner_kind, row.owner_user_id),
        severity: Code(row.severity),
        due_at: row.due_at.map(DateTime),
        side: Code(row.side),
        by: shown_actor(scope, row.side, &row.actor).to_owned(),
        why: row.why,
        event_id: ID(row.event_id.to_string()),
        proof_event_id: row.proof_event_id.map(|id| ID(id.to_string())),
        at: DateTime(row.at),
    }
}

impl ExceptionComment {
    pub(super) fn of(scope: &Scope, row: exception_comment::Model) -> Self {
        Self {
            id: ID(row.id.to_string()),
            side: Code(row.side),
            by: shown_actor(scope, row.side, &row.actor).to_owned(),
            internal: row.internal,
            text: row.body,
            at: DateTime(row.at),
        }
    }
}

impl From<exception_attachment::Model> for ExceptionAttachment {
    fn from(row: exception_attachment::Model) -> Self {
        Self {
            path: format!("/files/attachments/{}", row.id),
            id: ID(row.id.to_string()),
            name: row.name,
            media_type: row.media_type,
            size_bytes: i32::try_from(row.size_bytes).unwrap_or(i32::MAX),
            sha256: row.sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
            side: Code(row.side),
            internal: row.internal,
            at: DateTime(row.at),
        }
    }
}

#[Object]
impl ExceptionCase {
    /// Globally unique id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What kind.
    async fn kind(&self) -> Code<ExceptionKind> {
        Code(self.0.kind)
    }

    /// How bad.
    async fn severity(&self) -> Code<Severity> {
        Code(self.0.severity)
    }

    /// Where it stands.
    async fn status(&self) -> Code<ExceptionStatus> {
        Code(self.0.status)
    }

    /// The id of what it is about.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The order it concerns.
    async fn purchase_order_id(&self) -> Option<ID> {
        self.0.order_id.map(|id| ID(id.to_string()))
    }

    /// The order it concerns.
    async fn purchase_order(&self, ctx: &Context<'_>) -> Result<Option<PurchaseOrder>> {
        match self.0.order_id {
            Some(order) => Ok(load(ctx, OrderById(order)).await?.map(PurchaseOrder::new)),
            None => Ok(None),
        }
    }

    /// The supplier it concerns.
    async fn supplier_id(&self) -> Option<ID> {
        self.0.supplier_id.map(|id| ID(id.to_string()))
    }

    /// What it is to the supplier.
    async fn supplier_concern(&self) -> Code<Concern> {
        Code(self.0.kind.concern())
    }

    /// What is wrong, in words.
    async fn summary(&self) -> &str {
        &self.0.summary
    }

    /// The particulars.
    async fn detail(&self) -> Json {
        Json::from_text(&self.0.detail)
    }

    /// Who has to see to it.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Row<ExceptionOwner>> {
        Ok(Row(owner(scope(ctx)?, self.0.owner_kind, self.0.owner_user_id)))
    }

    /// By when somebody has to have seen to it.
    async fn due_at(&self) -> Option<DateTime> {
        self.0.due_at.map(DateTime)
    }

    /// Whether that time is over and it is not resolved.
    async fn overdue(&self, ctx: &Context<'_>) -> Result<bool> {
        let over = self.0.due_at.is_some_and(|due| due <= scope(ctx).map_or(due, |scope| scope.now));
        Ok(over && self.0.status != ExceptionStatus::Resolved)
    }

    /// When it was made worse because its time ran out.
    async fn escalated_at(&self) -> Option<DateTime> {
        self.0.escalated_at.map(DateTime)
    }

    /// When it was opened.
    async fn opened_at(&self) -> DateTime {
        DateTime(self.0.opened_at)
    }

    /// When it was resolved.
    async fn resolved_at(&self) -> Option<DateTime> {
        self.0.resolved_at.map(DateTime)
    }

    /// How it was resolved.
    async fn resolution(&self) -> Option<&str> {
        self.0.resolution.as_deref()
    }

    /// The event that cured it, where no person resolved it.
    async fn proof(&self, ctx: &Context<'_>) -> Result<Option<Row<ExceptionProof>>> {
        let Some(event) = self.0.proof_event_id else { return Ok(None) };
        let proof = load(ctx, event).await?;
        Ok(proof.map(|proof| {
            Row(ExceptionProof {
                id: ID(proof.id.to_string()),
                event_type: proof.event_type,
                subject: ID(proof.subject),
                occurred_at: DateTime(proof.occurred_at),
            })
        }))
    }

    /// Every step, the oldest first.
    async fn transitions(&self, ctx: &Context<'_>) -> Result<Rows<ExceptionTransition>> {
        let (rows, scope) = (load(ctx, TransitionsOf(self.0.id)).await?, scope(ctx)?);
        Ok(Rows(rows.unwrap_or_default().into_iter().map(|row| transition(scope, row)).collect()))
    }

    /// What was said about it, the oldest first.
    async fn comments(&self, ctx: &Context<'_>) -> Result<Rows<ExceptionComment>> {
        let (rows, scope) = (load(ctx, CommentsOf(self.0.id)).await?, scope(ctx)?);
        Ok(Rows(rows.unwrap_or_default().into_iter().map(|row| ExceptionComment::of(scope, row)).collect()))
    }

    /// The files on its record, the oldest first.
    async fn attachments(&self, ctx: &Context<'_>) -> Result<Rows<ExceptionAttachment>> {
        let rows = load(ctx, AttachmentsOf(self.0.id)).await?;
        Ok(Rows(rows.unwrap_or_default().into_iter().map(ExceptionAttachment::from).collect()))
    }
}
