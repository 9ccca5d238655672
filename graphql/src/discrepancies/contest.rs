//! `contestDiscrepancy`.
use async_graphql::{Context, ID, InputObject, Object, Result};
use quayside_domain::discrepancies::{ContestDiscrepancy, DiscrepancyError, contest};

use super::discrepancy::{DiscrepancyPayload, payload};
use crate::context::{idempotency_key, supplier_scope};

/// Say that you see a difference otherwise.
#[derive(InputObject)]
pub struct ContestDiscrepancyInput {
    /// The discrepancy.
    id: ID,
    /// How you see it. It replaces what you said before.
    statement: String,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// The supplier's word on a discrepancy.
#[derive(Default)]
pub struct ContestMutation;

#[Object]
impl ContestMutation {
    /// Say that you see a difference otherwise, before procurement decides about it.
    #[graphql(visible = "crate::visible::to_suppliers")]
    async fn contest_discrepancy(
        &self,
        ctx: &Context<'_>,
        input: ContestDiscrepancyInput,
    ) -> Result<DiscrepancyPayload> {
        let scope = supplier_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Ok(discrepancy) = input.id.parse() else {
            return payload(ctx, Err(DiscrepancyError::NotFound)).await;
        };
        let request = ContestDiscrepancy { discrepancy, statement: input.statement };
        payload(ctx, contest(&scope, &request, key.as_ref()).await).await
    }
}
