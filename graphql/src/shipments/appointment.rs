//! `requestAppointment` and `cancelAppointment`.
use async_graphql::{Context, ID, InputObject, Object, Result};
use quayside_canonical::{ShipmentId, shipment::RequestAppointment};
use quayside_domain::shipments::appointment;

use super::payload::{ShipmentPayload, not_found, payload};
use crate::{
    context::{idempotency_key, supplier_scope},
    types::DateTime,
};

/// A slot at a dock to ask for, or another one instead of the one there is.
#[derive(InputObject)]
pub struct RequestAppointmentInput {
    /// The announced shipment.
    shipment_id: ID,
    /// Earliest time that suits you.
    from: DateTime,
    /// Latest time that suits you.
    until: DateTime,
    /// Words to the warehouse.
    note: Option<String>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// A slot at a dock to give up.
#[derive(InputObject)]
pub struct CancelAppointmentInput {
    /// The shipment.
    shipment_id: ID,
    /// Why.
    reason: Option<String>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// Slots at docks.
#[derive(Default)]
pub struct AppointmentMutation;

#[Object]
impl AppointmentMutation {
    /// Ask the warehouse for a slot at its dock, or for another one.
    #[graphql(visible = "crate::visible::to_suppliers")]
    async fn request_appointment(
        &self,
        ctx: &Context<'_>,
        input: RequestAppointmentInput,
    ) -> Result<ShipmentPayload> {
        let scope = supplier_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Ok(shipment) = input.shipment_id.parse::<ShipmentId>() else {
            return Ok(not_found("shipmentId"));
        };
        let request =
            RequestAppointment { shipment, from: input.from.0, until: input.until.0, note: input.note };
        let handled = appointment::request(&scope, &request, key.as_ref()).await;
        payload(ctx, handled, key.is_some(), "shipmentId").await
    }

    /// Give the slot of a shipment up.
    #[graphql(visible = "crate::visible::to_suppliers")]
    async fn cancel_appointment(
        &self,
        ctx: &Context<'_>,
        input: CancelAppointmentInput,
    ) -> Result<ShipmentPayload> {
        let scope = supplier_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Ok(shipment) = input.shipment_id.parse::<ShipmentId>() else {
            return Ok(not_found("shipmentId"));
        };
        let handled = appointment::cancel(&scope, shipment, input.reason.as_ref(), key.as_ref()).await;
        payload(ctx, handled, key.is_some(), "shipmentId").await
    }
}
