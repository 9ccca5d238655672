//! `acceptPurchaseOrder`.
use async_graphql::{Context, ID, InputObject, Object, Result};
use quayside_domain::acknowledgments::{AcceptPurchaseOrder, SubmitError, accept};

use super::submit::{AcknowledgmentPayload, payload};
use crate::context::{idempotency_key, supplier_scope};

/// Accept an order as it stands.
#[derive(InputObject)]
pub struct AcceptPurchaseOrderInput {
    /// The order.
    purchase_order_id: ID,
    /// Our number of the revision you accept. A stale one is refused with what changed.
    revision: i32,
    /// Your own number for the order.
    supplier_reference: Option<String>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// The one-click form of an answer.
#[derive(Default)]
pub struct AcceptMutation;

#[Object]
impl AcceptMutation {
    /// Accept every line of a revision that waits for an answer, as ordered.
    #[graphql(visible = "crate::visible::to_suppliers")]
    async fn accept_purchase_order(
        &self,
        ctx: &Context<'_>,
        input: AcceptPurchaseOrderInput,
    ) -> Result<AcknowledgmentPayload> {
        let scope = supplier_scope(ctx)?;
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Ok(order) = input.purchase_order_id.parse() else {
            return payload(ctx, Err(SubmitError::OrderNotFound)).await;
        };
        let request = AcceptPurchaseOrder {
            order,
            revision: input.revision,
            supplier_reference: input.supplier_reference,
        };
        payload(ctx, accept(&scope, &request, key.as_ref()).await).await
    }
}
