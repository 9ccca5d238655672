//! `acknowledgeException` and the other steps that people take.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{ExceptionId, UserId, exception::OwnerKind};
use quayside_domain::exceptions::{Act, ActError, Owner, Step, act};

use super::ExceptionCase;
use crate::{
    context::{claim_error, coded, idempotency_key, internal, mark_replayed, scope},
    types::{
        Code,
        user_error::{ExceptionError, ExceptionErrorCode},
    },
};

/// A step about an exception.
#[derive(InputObject)]
pub struct ExceptionStepInput {
    /// The exception.
    id: ID,
    /// Words about it, for the record.
    note: Option<String>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// Give an exception to somebody.
#[derive(InputObject)]
pub struct AssignExceptionInput {
    /// The exception.
    id: ID,
    /// Who is to see to it.
    owner: Code<OwnerKind>,
    /// The person, when it is a person's.
    person_id: Option<ID>,
    /// Words about it, for the record.
    note: Option<String>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// What became of it.
#[derive(Default, SimpleObject)]
pub struct ExceptionPayload {
    /// The exception as it stands now.
    exception: Option<ExceptionCase>,
    /// Every problem at once.
    user_errors: Vec<ExceptionError>,
}

impl ExceptionPayload {
    pub(super) fn refused(user_errors: Vec<ExceptionError>) -> Self {
        Self { exception: None, user_errors }
    }
}

/// Steps about exceptions.
#[derive(Default)]
pub struct ExceptionMutation;

#[Object]
impl ExceptionMutation {
    /// Say that you have seen it.
    async fn acknowledge_exception(
        &self,
        ctx: &Context<'_>,
        input: ExceptionStepInput,
    ) -> Result<ExceptionPayload> {
        input.take(ctx, Step::Acknowledge).await
    }

    /// Say that you work on it.
    async fn start_exception(
        &self,
        ctx: &Context<'_>,
        input: ExceptionStepInput,
    ) -> Result<ExceptionPayload> {
        input.take(ctx, Step::Start).await
    }

    /// Give it to procurement, to a person of yours, or to the supplier it concerns.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn assign_exception(
        &self,
        ctx: &Context<'_>,
        input: AssignExceptionInput,
    ) -> Result<ExceptionPayload> {
        let owner = match owner(input.owner.0, input.person_id.as_ref()) {
            Ok(owner) => owner,
            Err(errors) => return Ok(ExceptionPayload::refused(errors)),
        };
        let AssignExceptionInput { id, note, idempotency_key, validate_only, .. } = input;
        let input = ExceptionStepInput { id, note, idempotency_key, validate_only };
        input.take(ctx, Step::Assign(owner)).await
    }

    /// Say that your part is done and how: the buyer decides whether it is resolved.
    #[graphql(visible = "crate::visible::to_suppliers")]
    async fn request_exception_resolution(
        &self,
        ctx: &Context<'_>,
        input: ExceptionStepInput,
    ) -> Result<ExceptionPayload> {
        input.take(ctx, Step::RequestResolution).await
    }

    /// Say that it is dealt with, and how.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn resolve_exception(
        &self,
        ctx: &Context<'_>,
        input: ExceptionStepInput,
    ) -> Result<ExceptionPayload> {
        input.take(ctx, Step::Resolve).await
    }

    /// Say that it is not dealt with after all, and why. It is the same exception again, with a new due time.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn reopen_exception(
        &self,
        ctx: &Context<'_>,
        input: ExceptionStepInput,
    ) -> Result<ExceptionPayload> {
        input.take(ctx, Step::Reopen).await
    }
}

/// The owner that is meant.
pub(super) fn owner(kind: OwnerKind, person: Option<&ID>) -> Result<Owner, Vec<ExceptionError>> {
    let refused = |code, message: &str| Err(ExceptionError::one(code, "personId", message));
    match (kind, person) {
        (OwnerKind::Procurement, None) => Ok(Owner::Procurement),
        (OwnerKind::Supplier, None) => Ok(Owner::Supplier),
        (OwnerKind::Person, Some(id)) => match id.parse::<UserId>() {
            Ok(person) => Ok(Owner::Person(person)),
            Err(_) => refused(ExceptionErrorCode::UnknownPerson, "nobody of the buyer's has this id"),
        },
        (OwnerKind::Person, None) => refused(ExceptionErrorCode::Required, "which person?"),
        (OwnerKind::Procurement | OwnerKind::Supplier, Some(_)) => {
            refused(ExceptionErrorCode::InvalidValue, "only for the owner PERSON")
        }
    }
}

impl ExceptionStepInput {
    async fn take(self, ctx: &Context<'_>, step: Step) -> Result<ExceptionPayload> {
        let scope = scope(ctx)?;
        let key = match self.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, self.idempotency_key.as_ref())?),
        };
        let Ok(exception) = self.id.parse::<ExceptionId>() else { return Ok(not_found()) };
        let request = Act { exception, step, note: self.note };
        match act(scope, &request, key.as_ref()).await {
            Ok(acted) => {
                mark_replayed(ctx, acted.replayed);
                Ok(ExceptionPayload { exception: Some(ExceptionCase(acted.case)), user_errors: Vec::new() })
            }
            Err(ActError::NotFound) => Ok(not_found()),
            Err(error @ ActError::Forbidden(_)) => Err(coded("FORBIDDEN", error.to_string())),
            Err(ActError::Refused(problems)) => Ok(ExceptionPayload::refused(ExceptionError::all(problems))),
            Err(ActError::Key(error)) => Err(claim_error(error)),
            Err(ActError::Internal(failure)) => Err(internal(&failure)),
        }
    }
}

fn not_found() -> ExceptionPayload {
    ExceptionPayload::refused(ExceptionError::one(ExceptionErrorCode::NotFound, "id", "no such exception"))
}
