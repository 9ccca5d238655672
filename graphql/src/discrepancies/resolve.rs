//! `resolveDiscrepancy`.
use async_graphql::{Context, ID, InputObject, Object, Result};
use quayside_canonical::states::DiscrepancyResolution;
use quayside_domain::discrepancies::{DiscrepancyError, ResolveDiscrepancy, resolve};

use super::discrepancy::{DiscrepancyPayload, payload};
use crate::{
    context::{buyer_scope, idempotency_key},
    types::Code,
};

/// Decide what becomes of a difference.
#[derive(InputObject)]
pub struct ResolveDiscrepancyInput {
    /// The discrepancy.
    id: ID,
    /// What becomes of it.
    resolution: Code<DiscrepancyResolution>,
    /// Words to the supplier.
    note: Option<String>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// Procurement's word on a discrepancy.
#[derive(Default)]
pub struct ResolveDiscrepancyMutation;

#[Object]
impl ResolveDiscrepancyMutation {
    /// Decide what becomes of a difference. The decision holds as long as the difference stays what it is.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn resolve_discrepancy(
        &self,
        ctx: &Context<'_>,
        input: ResolveDiscrepancyInput,
    ) -> Result<DiscrepancyPayload> {
        let scope = buyer_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Ok(discrepancy) = input.id.parse() else {
            return payload(ctx, Err(DiscrepancyError::NotFound)).await;
        };
        let request = ResolveDiscrepancy { discrepancy, resolution: input.resolution.0, note: input.note };
        payload(ctx, resolve(&scope, &request, key.as_ref()).await).await
    }
}
