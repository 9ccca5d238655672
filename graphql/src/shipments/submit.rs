//! `submitShipment`.
use async_graphql::{Context, ID, InputObject, Object, Result};
use quayside_canonical::{ShipmentId, shipment::SubmitShipment};
use quayside_domain::shipments::submit;

use super::payload::{ShipmentPayload, not_found, payload};
use crate::context::{idempotency_key, supplier_scope};

/// A draft to announce as it stands.
#[derive(InputObject)]
pub struct SubmitShipmentInput {
    /// The shipment.
    id: ID,
    /// Our number of the version you announce. A stale one is refused.
    version: i32,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// Drafts are announced.
#[derive(Default)]
pub struct SubmitShipmentMutation;

#[Object]
impl SubmitShipmentMutation {
    /// Announce a draft: the buyer sees it from now on, and its goods count as shipped.
    #[graphql(visible = "crate::visible::to_suppliers")]
    async fn submit_shipment(
        &self,
        ctx: &Context<'_>,
        input: SubmitShipmentInput,
    ) -> Result<ShipmentPayload> {
        let scope = supplier_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Ok(shipment) = input.id.parse::<ShipmentId>() else { return Ok(not_found("id")) };
        let request = SubmitShipment { shipment, version: input.version };
        payload(ctx, submit(&scope, &request, key.as_ref()).await, key.is_some(), "id").await
    }
}
