//! `submitAcknowledgment`.
use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{
    AcknowledgmentId,
    acknowledgment::{AnswerPart, LineAnswer, SubmitAcknowledgment, Substitute},
    states::{AnswerKind, LineStatus},
};
use quayside_domain::acknowledgments::{
    SubmitError, Submitted,
    check::Judged,
    submit::{submit, validate},
};

use super::Acknowledgment;
use crate::{
    context::{claim_error, coded, idempotency_key, internal, mark_replayed, supplier_scope},
    loaders::load,
    orders::{AnswerPart as ShownPart, RevisionDiff},
    types::{
        Code, Date, Decimal, Row, Rows,
        plain::plain,
        user_error::{AcknowledgmentError, AcknowledgmentErrorCode},
    },
};

/// A supplier's answer to one revision of an order.
#[derive(InputObject)]
pub struct SubmitAcknowledgmentInput {
    /// The order.
    purchase_order_id: ID,
    /// Our number of the revision you answer. A stale one is refused with what changed.
    revision: i32,
    /// Your own number for the order.
    supplier_reference: Option<String>,
    /// Words to the buyer.
    note: Option<String>,
    /// What you say about each line. Lines may be left for a later answer.
    lines: Vec<LineAnswerInput>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// What you say about one line.
#[derive(InputObject)]
pub struct LineAnswerInput {
    /// The line number as the order has it.
    line: String,
    /// The acknowledgment this answer replaces, when the line is already answered.
    replaces: Option<ID>,
    /// The quantity, split as needed. The parts cover the whole ordered quantity.
    parts: Vec<AnswerPartInput>,
}

/// One part of a line's quantity and what becomes of it.
#[derive(InputObject)]
pub struct AnswerPartInput {
    /// What becomes of it.
    kind: Code<AnswerKind>,
    /// How much.
    quantity: Decimal,
    /// Unit of the quantity; the line's when not said.
    unit: Option<String>,
    /// The day the goods will be delivered; as asked when not said.
    promised_on: Option<Date>,
    /// Price, on the basis the order states; as ordered when not said.
    price: Option<Decimal>,
    /// Why. A rejected part needs a reason.
    reason: Option<String>,
    /// What you ship instead, for a substituted part.
    substitute: Option<SubstituteInput>,
}

/// An item shipped in place of the one ordered.
#[derive(InputObject)]
pub struct SubstituteInput {
    /// Your part number.
    supplier_part: String,
    /// What it is.
    description: Option<String>,
}

/// What became of an answer.
#[derive(Default, SimpleObject)]
pub struct AcknowledgmentPayload {
    /// The answer; nothing when it was refused or only validated.
    acknowledgment: Option<Acknowledgment>,
    /// What the rules make of each line.
    lines: Option<Rows<JudgedLine>>,
    /// What changed since the revision you answered, when it is stale.
    changes: Option<Row<RevisionDiff>>,
    /// Every problem at once.
    user_errors: Vec<AcknowledgmentError>,
}

plain! {
    /// A line of your answer under the rules.
    JudgedLine {
        /// The line number.
        line as "line": String,
        /// `ACCEPTED`, or `PROPOSED` when procurement has to agree.
        status as "status": Code<LineStatus>,
        /// The parts in the line's unit, with day and price spelt out.
        parts as "parts": Vec<ShownPart>,
        /// What is beyond tolerance.
        deviations as "deviations": Vec<super::proposals::Deviation>,
    }
}

impl From<Judged> for JudgedLine {
    fn from(judged: Judged) -> Self {
        Self {
            line: judged.line,
            status: Code(judged.status),
            parts: judged.parts.into_iter().map(ShownPart::from).collect(),
            deviations: judged.deviations.into_iter().map(Into::into).collect(),
        }
    }
}

/// Mutations of suppliers about answers.
#[derive(Default)]
pub struct SubmitMutation;

#[Object]
impl SubmitMutation {
    /// Answer a purchase order revision, line by line.
    #[graphql(visible = "crate::visible::to_suppliers")]
    async fn submit_acknowledgment(
        &self,
        ctx: &Context<'_>,
        input: SubmitAcknowledgmentInput,
    ) -> Result<AcknowledgmentPayload> {
        let scope = supplier_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Some(command) = command(input) else {
            return Ok(not_found("purchaseOrderId"));
        };
        let submitted = match &key {
            Some(key) => submit(&scope, &command, key).await,
            None => validate(&scope, &command).await,
        };
        payload(ctx, submitted).await
    }
}

/// The input in the trade's words; nothing when an id is not even one.
fn command(input: SubmitAcknowledgmentInput) -> Option<SubmitAcknowledgment> {
    let mut lines = Vec::with_capacity(input.lines.len());
    for line in input.lines {
        // An id that is none can never be the answer that stands: it is refused as stale.
        let replaces = line.replaces.map(|id| id.parse().unwrap_or(AcknowledgmentId(uuid::Uuid::nil())));
        let parts = line.parts.into_iter().map(part).collect();
        lines.push(LineAnswer { line: line.line, replaces, parts });
    }
    Some(SubmitAcknowledgment {
        order: input.purchase_order_id.parse().ok()?,
        revision: input.revision,
        supplier_reference: input.supplier_reference,
        note: input.note,
        lines,
    })
}

fn part(part: AnswerPartInput) -> AnswerPart {
    AnswerPart {
        kind: part.kind.0,
        quantity: part.quantity.0,
        unit: part.unit,
        promised_on: part.promised_on.map(|day| day.0),
        price: part.price.map(|price| price.0),
        reason: part.reason,
        substitute: part
            .substitute
            .map(|item| Substitute { supplier_part: item.supplier_part, description: item.description }),
    }
}

fn not_found(field: &str) -> AcknowledgmentPayload {
    let user_errors =
        AcknowledgmentError::one(AcknowledgmentErrorCode::NotFound, field, "no such purchase order");
    AcknowledgmentPayload { user_errors, ..AcknowledgmentPayload::default() }
}

/// The payload of an answer, however it was given.
pub(super) async fn payload(
    ctx: &Context<'_>,
    submitted: Result<Submitted, SubmitError>,
) -> Result<AcknowledgmentPayload> {
    match submitted {
        Ok(submitted) => {
            mark_replayed(ctx, submitted.replayed);
            let acknowledgment = match (submitted.answer, submitted.acknowledgment) {
                (Some(answer), _) => Some(Arc::new(answer)),
                (None, Some(earlier)) => load(ctx, earlier).await?,
                (None, None) => None,
            };
            let lines = submitted.lines.into_iter().map(JudgedLine::from).collect();
            Ok(AcknowledgmentPayload {
                acknowledgment: acknowledgment.map(Acknowledgment),
                lines: Some(Rows(lines)),
                ..AcknowledgmentPayload::default()
            })
        }
        Err(SubmitError::OrderNotFound) => Ok(not_found("purchaseOrderId")),
        Err(SubmitError::Forbidden) => Err(coded("FORBIDDEN", SubmitError::Forbidden.to_string())),
        Err(SubmitError::StaleRevision { submitted, current, changes }) => {
            let message = SubmitError::StaleRevision { submitted, current, changes: None }.to_string();
            let changes = changes.map(|diff| Row(RevisionDiff::new(submitted, current, *diff, |_| None)));
            let user_errors =
                AcknowledgmentError::one(AcknowledgmentErrorCode::StaleRevision, "revision", message);
            Ok(AcknowledgmentPayload { changes, user_errors, ..AcknowledgmentPayload::default() })
        }
        Err(SubmitError::Refused(problems)) => {
            let user_errors = AcknowledgmentError::all(problems);
            Ok(AcknowledgmentPayload { user_errors, ..AcknowledgmentPayload::default() })
        }
        Err(SubmitError::Key(error)) => Err(claim_error(error)),
        Err(SubmitError::Internal(failure)) => Err(internal(&failure)),
    }
}
