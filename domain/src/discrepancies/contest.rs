//! The supplier sees a difference otherwise, and says so.
use quayside_canonical::{
    DiscrepancyId, Field, Problems, events::DiscrepancyContested, identity::Permission,
    states::DiscrepancyStatus,
};
use quayside_entity::{discrepancy, purchase_order};
use sea_orm::{ActiveModelTrait, Set};
use serde::Serialize;

use super::{DiscrepancyError, Said, check_open, check_text, load};
use crate::{
    SupplierScope,
    idempotency::{self, Claim, IdempotencyKey},
    outbox::{self, About, Fact},
    store::Tx,
};

/// The operation's name in idempotency records.
const OPERATION: &str = "discrepancies.contest";

/// Contests a discrepancy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ContestDiscrepancy {
    /// The discrepancy.
    pub discrepancy: DiscrepancyId,
    /// How the supplier sees it. A later statement replaces an earlier one.
    pub statement: String,
}

/// Records the statement and its event, or nothing. Without a key it only validates.
///
/// # Errors
/// See [`DiscrepancyError`].
pub async fn contest(
    scope: &SupplierScope,
    request: &ContestDiscrepancy,
    key: Option<&IdempotencyKey>,
) -> Result<Said, DiscrepancyError> {
    if !scope.may(Permission::ShipmentsManage) {
        return Err(DiscrepancyError::Forbidden(Permission::ShipmentsManage.code()));
    }
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    let claim = match key {
        Some(key) => idempotency::claim(&tx, scope, OPERATION, key, request, &request.discrepancy).await?,
        None => Claim::First,
    };
    let (row, order) = load(&tx, scope, request.discrepancy).await?;
    let said = Said { discrepancy: row.id, replayed: claim != Claim::First };
    if said.replayed {
        return Ok(said);
    }
    check(request, &row)?;
    if key.is_some() {
        record(&tx, scope, request, &row, &order).await?;
        tx.commit().await?;
    }
    Ok(said)
}

fn check(request: &ContestDiscrepancy, row: &discrepancy::Model) -> Result<(), DiscrepancyError> {
    let mut problems = Problems::new();
    check_open(row, &mut problems);
    let field = Field::root().at("statement");
    if request.statement.trim().is_empty() {
        problems.add("REQUIRED", &field, "say how you see it");
    }
    check_text(&request.statement, &field, &mut problems);
    problems.into_result().map_err(DiscrepancyError::Refused)
}

async fn record(
    tx: &Tx,
    scope: &SupplierScope,
    request: &ContestDiscrepancy,
    row: &discrepancy::Model,
    order: &purchase_order::Model,
) -> Result<(), DiscrepancyError> {
    discrepancy::ActiveModel {
        id: Set(row.id),
        status: Set(DiscrepancyStatus::Contested),
        statement: Set(Some(request.statement.clone())),
        contested_at: Set(Some(scope.now)),
        updated_at: Set(scope.now),
        ..Default::default()
    }
    .update(&**tx)
    .await?;
    let event = DiscrepancyContested {
        discrepancy: row.id,
        kind: row.kind,
        order: order.id,
        order_number: order.number.clone(),
        line: row.line.clone(),
        shipment: row.shipment_id,
        quantity: row.quantity,
        statement: request.statement.clone(),
    };
    let about = About::part_of(&row.id, row.order_id, row.supplier_id);
    outbox::append(tx, scope, vec![Fact::new(about, &event)?]).await?;
    Ok(())
}
