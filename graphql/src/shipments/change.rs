//! `updateShipment` and `amendShipment`: a shipment is said anew, whole.
use async_graphql::{Context, ID, InputObject, Object, Result};
use quayside_canonical::{Problems, ShipmentId, shipment::ChangeShipment};
use quayside_domain::{
    SupplierScope,
    idempotency::IdempotencyKey,
    shipments::{Handled, ShipmentError, amend, update},
};

use super::{
    input::ShipNoticeInput,
    payload::{ShipmentPayload, not_found, payload, refuse},
};
use crate::context::{idempotency_key, supplier_scope};

/// A draft as it is to be now, whole. What you leave out is gone; the number stays.
#[derive(InputObject)]
pub struct UpdateShipmentInput {
    /// The shipment.
    id: ID,
    /// Our number of the version you change. A stale one is refused.
    version: i32,
    #[graphql(flatten)]
    notice: ShipNoticeInput,
    /// Give each handling unit without an SSCC one from your own range.
    #[graphql(default)]
    allocate_sscc: bool,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// An announced shipment as it is to be now, whole. What you leave out is gone; the number stays.
#[derive(InputObject)]
pub struct AmendShipmentInput {
    /// The shipment.
    id: ID,
    /// Our number of the version you change. A stale one is refused.
    version: i32,
    #[graphql(flatten)]
    notice: ShipNoticeInput,
    /// Give each handling unit without an SSCC one from your own range.
    #[graphql(default)]
    allocate_sscc: bool,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// Shipments change.
#[derive(Default)]
pub struct ChangeShipmentMutation;

#[Object]
impl ChangeShipmentMutation {
    /// Change a draft.
    #[graphql(visible = "crate::visible::to_suppliers")]
    async fn update_shipment(
        &self,
        ctx: &Context<'_>,
        input: UpdateShipmentInput,
    ) -> Result<ShipmentPayload> {
        let UpdateShipmentInput { id, version, notice, allocate_sscc, idempotency_key, validate_only } =
            input;
        let said = Said { id, version, notice, allocate_sscc, idempotency_key, validate_only };
        said.change(ctx, What::Draft).await
    }

    /// Change what you announced, until the warehouse begins to receive it.
    #[graphql(visible = "crate::visible::to_suppliers")]
    async fn amend_shipment(&self, ctx: &Context<'_>, input: AmendShipmentInput) -> Result<ShipmentPayload> {
        let AmendShipmentInput { id, version, notice, allocate_sscc, idempotency_key, validate_only } = input;
        let said = Said { id, version, notice, allocate_sscc, idempotency_key, validate_only };
        said.change(ctx, What::Announced).await
    }
}

/// What both inputs have in common.
struct Said {
    id: ID,
    version: i32,
    notice: ShipNoticeInput,
    allocate_sscc: bool,
    idempotency_key: Option<String>,
    validate_only: bool,
}

#[derive(Clone, Copy)]
enum What {
    Draft,
    Announced,
}

impl Said {
    async fn change(self, ctx: &Context<'_>, what: What) -> Result<ShipmentPayload> {
        let scope = supplier_scope(ctx)?;
        let key = match self.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, self.idempotency_key.as_ref())?),
        };
        let Ok(shipment) = self.id.parse::<ShipmentId>() else { return Ok(not_found("id")) };
        let (notice, unsayable) = self.notice.notice(String::new());
        let request =
            ChangeShipment { shipment, version: self.version, notice, allocate_sscc: self.allocate_sscc };
        let key = key.as_ref().filter(|_| unsayable.is_empty());
        payload(ctx, said(&scope, &request, key, what, unsayable).await, key.is_some(), "id").await
    }
}

async fn said(
    scope: &SupplierScope,
    request: &ChangeShipment,
    key: Option<&IdempotencyKey>,
    what: What,
    unsayable: Problems,
) -> Result<Handled, ShipmentError> {
    let handled = match what {
        What::Draft => update(scope, request, key).await,
        What::Announced => amend(scope, request, key).await,
    };
    if unsayable.is_empty() { handled } else { refuse(unsayable, handled) }
}
