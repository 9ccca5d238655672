//! `createShipment`.
use async_graphql::{Context, ID, InputObject, Object, Result};
use quayside_canonical::shipment::CreateShipment;
use quayside_domain::shipments::{announce, create};

use super::{
    input::ShipNoticeInput,
    payload::{ShipmentPayload, payload, refuse},
};
use crate::context::{idempotency_key, supplier_scope};

/// A shipment to begin, as a draft or announced at once.
#[derive(InputObject)]
pub struct CreateShipmentInput {
    /// Your number of the shipment. It is never used again, not even after it was cancelled.
    number: String,
    #[graphql(flatten)]
    notice: ShipNoticeInput,
    /// Orders, by id or number, whose open lines are shipped when you name no lines.
    #[graphql(default)]
    from_orders: Vec<ID>,
    /// Give each handling unit without an SSCC one from your own range.
    #[graphql(default)]
    allocate_sscc: bool,
    /// Announce it in the same step.
    #[graphql(default)]
    submit: bool,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// Shipments begin.
#[derive(Default)]
pub struct CreateShipmentMutation;

#[Object]
impl CreateShipmentMutation {
    /// Begin a shipment: a draft that only you see, or with `submit` announced at once.
    #[graphql(visible = "crate::visible::to_suppliers")]
    async fn create_shipment(
        &self,
        ctx: &Context<'_>,
        input: CreateShipmentInput,
    ) -> Result<ShipmentPayload> {
        let scope = supplier_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let (notice, unsayable) = input.notice.notice(input.number);
        let from_orders = input.from_orders.into_iter().map(|id| id.0).collect();
        let request = CreateShipment { notice, from_orders, allocate_sscc: input.allocate_sscc };
        let key = key.as_ref().filter(|_| unsayable.is_empty());
        let handled = match input.submit {
            true => announce(&scope, &request, key).await,
            false => create(&scope, &request, key).await,
        };
        let handled = if unsayable.is_empty() { handled } else { refuse(unsayable, handled) };
        payload(ctx, handled, key.is_some(), "id").await
    }
}
