//! `cancelShipment`.
use async_graphql::{Context, ID, InputObject, Object, Result};
use quayside_canonical::{ShipmentId, shipment::CancelShipment};
use quayside_domain::shipments::cancel;

use super::payload::{ShipmentPayload, not_found, payload};
use crate::context::{idempotency_key, supplier_scope};

/// A shipment to take back.
#[derive(InputObject)]
pub struct CancelShipmentInput {
    /// The shipment.
    id: ID,
    /// Why.
    reason: Option<String>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// Shipments are taken back.
#[derive(Default)]
pub struct CancelShipmentMutation;

#[Object]
impl CancelShipmentMutation {
    /// Take a shipment back, until the warehouse begins to receive it. Its number stays used.
    #[graphql(visible = "crate::visible::to_suppliers")]
    async fn cancel_shipment(
        &self,
        ctx: &Context<'_>,
        input: CancelShipmentInput,
    ) -> Result<ShipmentPayload> {
        let scope = supplier_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Ok(shipment) = input.id.parse::<ShipmentId>() else { return Ok(not_found("id")) };
        let request = CancelShipment { shipment, reason: input.reason };
        payload(ctx, cancel(&scope, &request, key.as_ref()).await, key.is_some(), "id").await
    }
}
