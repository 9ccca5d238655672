//! In what a receipt differs, as both sides see it.
use async_graphql::{Context, ID, Result, SimpleObject};
use quayside_canonical::states::{DiscrepancyKind, DiscrepancyResolution, DiscrepancyStatus};
use quayside_domain::discrepancies::{DiscrepancyError as Refusal, Said, query};

use crate::{
    context::{claim_error, coded, internal, mark_replayed},
    loaders::load,
    orders::line::Quantity,
    types::{
        Code, DateTime, Decimal, Row,
        plain::plain,
        user_error::{DiscrepancyError, DiscrepancyErrorCode},
    },
};

plain! {
    /// A difference between what was announced or agreed and what was received.
    Discrepancy {
        /// Globally unique id.
        id as "id": ID,
        /// What differs.
        kind as "kind": Code<DiscrepancyKind>,
        /// Where it stands.
        status as "status": Code<DiscrepancyStatus>,
        /// The order.
        purchase_order_id as "purchaseOrderId": ID,
        /// The buyer's order number.
        order_number as "orderNumber": String,
        /// The line.
        line as "line": String,
        /// The shipment the goods came with; nothing when none announced them.
        shipment_id as "shipmentId": Option<ID>,
        /// By how much, in the order line's unit.
        quantity as "quantity": Quantity,
        /// The warehouse's own codes of the condition.
        condition_codes as "conditionCodes": Vec<String>,
        /// What shows it.
        evidence as "evidence": Vec<String>,
        /// How the supplier sees it.
        statement as "statement": Option<String>,
        /// When the supplier said so.
        contested_at as "contestedAt": Option<DateTime>,
        /// What becomes of it.
        resolution as "resolution": Option<Code<DiscrepancyResolution>>,
        /// How much was decided about.
        resolved_quantity as "resolvedQuantity": Option<Quantity>,
        /// Procurement's words.
        note as "note": Option<String>,
        /// When procurement decided.
        resolved_at as "resolvedAt": Option<DateTime>,
        /// When it was found.
        opened_at as "openedAt": DateTime,
        /// When it last changed.
        updated_at as "updatedAt": DateTime,
    }
}

impl From<query::Discrepancy> for Discrepancy {
    fn from(discrepancy: query::Discrepancy) -> Self {
        let query::Discrepancy { row, order_number } = discrepancy;
        let quantity = |value| Quantity { value: Decimal(value), unit: row.unit.clone() };
        Self {
            id: ID(row.id.to_string()),
            kind: Code(row.kind),
            status: Code(row.status),
            purchase_order_id: ID(row.order_id.to_string()),
            order_number,
            shipment_id: row.shipment_id.map(|id| ID(id.to_string())),
            quantity: quantity(row.quantity),
            resolved_quantity: row.resolved_quantity.map(quantity),
            condition_codes: texts(&row.condition_codes),
            evidence: texts(&row.evidence),
            line: row.line,
            statement: row.statement,
            contested_at: row.contested_at.map(DateTime),
            resolution: row.resolution.map(Code),
            note: row.note,
            resolved_at: row.resolved_at.map(DateTime),
            opened_at: DateTime(row.opened_at),
            updated_at: DateTime(row.updated_at),
        }
    }
}

/// A stored list of texts.
fn texts(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

/// What became of a word on a discrepancy.
#[derive(Default, SimpleObject)]
pub struct DiscrepancyPayload {
    /// The discrepancy as it stands now.
    discrepancy: Option<Row<Discrepancy>>,
    /// Every problem at once.
    user_errors: Vec<DiscrepancyError>,
}

/// The payload of a mutation.
pub(super) async fn payload(ctx: &Context<'_>, said: Result<Said, Refusal>) -> Result<DiscrepancyPayload> {
    let refused = |user_errors| Ok(DiscrepancyPayload { user_errors, ..DiscrepancyPayload::default() });
    match said {
        Ok(said) => {
            mark_replayed(ctx, said.replayed);
            let found = load(ctx, said.discrepancy).await?;
            Ok(DiscrepancyPayload {
                discrepancy: found.map(|found| Row(found.into())),
                user_errors: Vec::new(),
            })
        }
        Err(error @ Refusal::NotFound) => {
            refused(DiscrepancyError::one(DiscrepancyErrorCode::NotFound, "id", error.to_string()))
        }
        Err(Refusal::Refused(problems)) => refused(DiscrepancyError::all(problems)),
        Err(error @ Refusal::Forbidden(_)) => Err(coded("FORBIDDEN", error.to_string())),
        Err(Refusal::Key(error)) => Err(claim_error(error)),
        Err(Refusal::Internal(failure)) => Err(internal(&failure)),
    }
}
