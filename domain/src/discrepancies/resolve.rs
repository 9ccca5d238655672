//! Procurement decides what becomes of a difference.
use std::collections::BTreeSet;

use quayside_canonical::{
    DiscrepancyId, Field, Problems,
    events::DiscrepancyResolved,
    identity::Permission,
    states::{DiscrepancyKind, DiscrepancyResolution, DiscrepancyStatus, ExceptionKind},
};
use quayside_entity::{discrepancy, purchase_order};
use sea_orm::{ActiveModelTrait, Set};
use serde::Serialize;

use super::{DiscrepancyError, Said, check_open, check_text, load};
use crate::{
    BuyerScope,
    exceptions::{self, Cure},
    idempotency::{self, Claim, IdempotencyKey},
    ledger, notifications,
    outbox::{self, About, Fact},
    store::Tx,
};

/// The operation's name in idempotency records.
const OPERATION: &str = "discrepancies.resolve";

/// Decides about a discrepancy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResolveDiscrepancy {
    /// The discrepancy.
    pub discrepancy: DiscrepancyId,
    /// What becomes of it.
    pub resolution: DiscrepancyResolution,
    /// Words to the supplier.
    pub note: Option<String>,
}

/// Records the decision, its event and what follows for the ledger, or nothing. Without a key it only validates.
///
/// # Errors
/// See [`DiscrepancyError`].
pub async fn resolve(
    scope: &BuyerScope,
    request: &ResolveDiscrepancy,
    key: Option<&IdempotencyKey>,
) -> Result<Said, DiscrepancyError> {
    if !scope.may(Permission::DiscrepanciesDecide) {
        return Err(DiscrepancyError::Forbidden(Permission::DiscrepanciesDecide.code()));
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

fn check(request: &ResolveDiscrepancy, row: &discrepancy::Model) -> Result<(), DiscrepancyError> {
    let mut problems = Problems::new();
    check_open(row, &mut problems);
    if let Some(message) = misfit(row.kind, request.resolution) {
        problems.add("RESOLUTION_DOES_NOT_FIT", &Field::root().at("resolution"), message);
    }
    if let Some(note) = &request.note {
        check_text(note, &Field::root().at("note"), &mut problems);
    }
    problems.into_result().map_err(DiscrepancyError::Refused)
}

/// Why a resolution makes no sense for a kind of difference, if it does not.
const fn misfit(kind: DiscrepancyKind, resolution: DiscrepancyResolution) -> Option<&'static str> {
    match (kind, resolution) {
        (DiscrepancyKind::Short, DiscrepancyResolution::Return) => {
            Some("what never came cannot go back; ACCEPT, CREDIT or REPLACE it")
        }
        (DiscrepancyKind::Over | DiscrepancyKind::NoAsn, DiscrepancyResolution::Replace) => {
            Some("what came unasked is not sent again; ACCEPT, RETURN or CREDIT it")
        }
        (
            DiscrepancyKind::Short
            | DiscrepancyKind::Over
            | DiscrepancyKind::NoAsn
            | DiscrepancyKind::Damaged
            | DiscrepancyKind::WrongItem
            | DiscrepancyKind::Expired
            | DiscrepancyKind::QualityHold
            | DiscrepancyKind::Late,
            DiscrepancyResolution::Accept
            | DiscrepancyResolution::Return
            | DiscrepancyResolution::Credit
            | DiscrepancyResolution::Replace,
        ) => None,
    }
}

async fn record(
    tx: &Tx,
    scope: &BuyerScope,
    request: &ResolveDiscrepancy,
    row: &discrepancy::Model,
    order: &purchase_order::Model,
) -> Result<(), DiscrepancyError> {
    discrepancy::ActiveModel {
        id: Set(row.id),
        status: Set(DiscrepancyStatus::Resolved),
        resolution: Set(Some(request.resolution)),
        resolved_quantity: Set(Some(row.quantity)),
        note: Set(request.note.clone()),
        resolved_by: Set(Some(scope.actor.to_string())),
        resolved_at: Set(Some(scope.now)),
        updated_at: Set(scope.now),
        ..Default::default()
    }
    .update(&**tx)
    .await?;
    let event = DiscrepancyResolved {
        discrepancy: row.id,
        kind: row.kind,
        order: order.id,
        order_number: order.number.clone(),
        line: row.line.clone(),
        shipment: row.shipment_id,
        quantity: row.quantity,
        resolution: request.resolution,
        note: request.note.clone(),
    };
    let fact = Fact::new(About::part_of(&row.id, row.order_id, row.supplier_id), &event)?;
    let cause = fact.id;
    outbox::append(tx, scope, vec![fact]).await?;
    let decision = notifications::Decision {
        event: cause,
        order: order.id,
        supplier: row.supplier_id,
        number: &order.number,
        line: &row.line,
        decided: notifications::Decided::Discrepancy(request.resolution),
        note: request.note.as_deref(),
    };
    notifications::tell_of_decision(tx, scope, &decision).await?;
    let decided = Cure { words: "procurement decided", event: Some(cause) };
    for kind in [ExceptionKind::Discrepancy, ExceptionKind::ReceiptWithoutAsn] {
        exceptions::cure(tx, scope, kind, &[row.id.to_string()], &decided).await?;
    }
    ledger::settle(tx, scope, &BTreeSet::from([order.id]), Some(cause)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolution_fits_what_it_is_about() {
        use DiscrepancyResolution::{Replace, Return};
        let misfits: Vec<_> = DiscrepancyKind::ALL
            .iter()
            .flat_map(|kind| DiscrepancyResolution::ALL.iter().map(move |resolution| (*kind, *resolution)))
            .filter(|(kind, resolution)| misfit(*kind, *resolution).is_some())
            .collect();
        let expected = [
            (DiscrepancyKind::Short, Return),
            (DiscrepancyKind::Over, Replace),
            (DiscrepancyKind::NoAsn, Replace),
        ];
        assert_eq!(misfits, expected);
    }
}
