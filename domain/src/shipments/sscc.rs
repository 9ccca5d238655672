//! Serial Shipping Container Codes: given out from the supplier's own range, and never used again too soon.
use std::time::Duration;

use quayside_canonical::{
    Field, Problems, ShipmentId,
    gs1::Sscc,
    shipment::{HandlingUnit, ShipNotice},
};
use quayside_entity::{sscc_use, supplier};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::ShipmentError;
use crate::{Failure, SupplierScope, store::Tx};

/// How long a code must rest before it may come again: GS1 General Specifications, 4.3.3 asks for twelve months.
const REST: Duration = Duration::from_secs(366 * 24 * 3_600);
/// The most codes in one statement.
const PAGE: usize = 1_000;

/// Gives a code to every handling unit that has none.
pub(super) async fn allocate(
    tx: &Tx,
    scope: &SupplierScope,
    notice: &mut ShipNotice,
) -> Result<(), ShipmentError> {
    let without: Vec<&mut HandlingUnit> =
        notice.units.iter_mut().filter(|unit| unit.sscc.is_none()).collect();
    if without.is_empty() {
        return Ok(());
    }
    let row = scope.find::<supplier::Entity>().filter(supplier::Column::Id.eq(scope.supplier));
    let row = row.lock_exclusive().one(&**tx).await?;
    let row = row.ok_or_else(|| Failure::Corrupt(format!("{} is gone", scope.supplier)))?;
    let field = Field::root().at("allocateSscc");
    let Some(prefix) = &row.gs1_prefix else {
        let words =
            "there is no GS1 company prefix on file for you: ask the buyer to add it, or send your own codes";
        return Err(ShipmentError::refused("NO_GS1_PREFIX", &field, words));
    };
    let mut serial = row.sscc_serial;
    for unit in without {
        serial += 1;
        let number = u64::try_from(serial).map_err(|_| Failure::Corrupt(format!("{serial} is no serial")))?;
        let code = Sscc::build(0, prefix, number);
        unit.sscc =
            Some(code.map_err(|error| ShipmentError::refused("SSCC_EXHAUSTED", &field, error.to_string()))?);
    }
    let counted = supplier::ActiveModel { id: Set(row.id), sscc_serial: Set(serial), ..Default::default() };
    counted.update(&**tx).await?;
    Ok(())
}

/// Notes that the codes of a notice are in use by a shipment.
pub(super) async fn register(
    tx: &Tx,
    scope: &SupplierScope,
    shipment: ShipmentId,
    notice: &ShipNotice,
) -> Result<(), ShipmentError> {
    let codes: Vec<String> =
        notice.units.iter().filter_map(|unit| unit.sscc).map(|it| it.to_string()).collect();
    let free_since = scope.now.minus(REST);
    let again = OnConflict::columns([
        sscc_use::Column::TenantId,
        sscc_use::Column::SupplierId,
        sscc_use::Column::Sscc,
    ])
    .update_columns([sscc_use::Column::ShipmentId, sscc_use::Column::UsedAt])
    .action_and_where(
        Expr::col((sscc_use::Entity, sscc_use::Column::ShipmentId)).eq(shipment).or(Expr::col((
            sscc_use::Entity,
            sscc_use::Column::UsedAt,
        ))
        .lt(free_since)),
    )
    .to_owned();
    for page in codes.chunks(PAGE) {
        let rows = page.iter().map(|code| sscc_use::ActiveModel {
            tenant_id: Set(scope.tenant),
            supplier_id: Set(scope.supplier),
            sscc: Set(code.clone()),
            shipment_id: Set(shipment),
            used_at: Set(scope.now),
        });
        let insert = sscc_use::Entity::insert_many(rows).on_conflict(again.clone());
        let written = insert.exec_without_returning(&**tx).await?;
        if written < page.len() as u64 {
            return Err(in_use(tx, scope, shipment, notice).await?);
        }
    }
    Ok(())
}

/// Every code that another shipment has, named.
async fn in_use(
    tx: &Tx,
    scope: &SupplierScope,
    shipment: ShipmentId,
    notice: &ShipNotice,
) -> Result<ShipmentError, Failure> {
    let mut problems = Problems::new();
    for (place, unit) in notice.units.iter().enumerate() {
        let Some(code) = unit.sscc else { continue };
        let taken = scope
            .find::<sscc_use::Entity>()
            .filter(sscc_use::Column::Sscc.eq(code.to_string()))
            .filter(sscc_use::Column::ShipmentId.ne(shipment))
            .one(&**tx)
            .await?;
        if taken.is_some() {
            let field = Field::root().at("units").at(place).at("sscc");
            let words = format!("{code} was used for another shipment less than twelve months ago");
            problems.add("SSCC_IN_USE", &field, words);
        }
    }
    Ok(ShipmentError::Refused(problems))
}
