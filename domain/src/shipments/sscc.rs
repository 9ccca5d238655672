//! Serial Shipping Container Codes: given out from the supplier's own range, and never used again too soon.
use std::{collections::HashSet, time::Duration};

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

/// Adds what is wrong with the codes of a notice: those that another shipment has, and that none can be given out.
pub(super) async fn check(
    tx: &Tx,
    scope: &SupplierScope,
    notice: &ShipNotice,
    own: Option<ShipmentId>,
    allocate: bool,
    problems: &mut Problems,
) -> Result<(), Failure> {
    let used = in_use(tx, scope, notice, own).await?;
    for (place, unit) in notice.units.iter().enumerate() {
        let Some(code) = unit.sscc.filter(|code| used.contains(&code.to_string())) else { continue };
        let field = Field::root().at("units").at(place).at("sscc");
        let words = format!("{code} was used for another shipment less than twelve months ago");
        problems.add("SSCC_IN_USE", &field, words);
    }
    if allocate && notice.units.iter().any(|unit| unit.sscc.is_none()) {
        let prefix: Option<Option<String>> = scope
            .find::<supplier::Entity>()
            .filter(supplier::Column::Id.eq(scope.supplier))
            .select_only()
            .column(supplier::Column::Gs1Prefix)
            .into_tuple()
            .one(&**tx)
            .await?;
        if prefix.flatten().is_none() {
            problems.extend(no_prefix());
        }
    }
    Ok(())
}

/// The codes of a notice that other shipments have.
async fn in_use(
    tx: &Tx,
    scope: &SupplierScope,
    notice: &ShipNotice,
    own: Option<ShipmentId>,
) -> Result<HashSet<String>, Failure> {
    let codes = codes(notice);
    let mut used = HashSet::new();
    for page in codes.chunks(PAGE) {
        let rows: Vec<(String, ShipmentId)> = scope
            .find::<sscc_use::Entity>()
            .filter(sscc_use::Column::Sscc.is_in(page))
            .filter(sscc_use::Column::UsedAt.gte(scope.now.minus(REST)))
            .select_only()
            .columns([sscc_use::Column::Sscc, sscc_use::Column::ShipmentId])
            .into_tuple()
            .all(&**tx)
            .await?;
        used.extend(rows.into_iter().filter(|(_, shipment)| Some(*shipment) != own).map(|(code, _)| code));
    }
    Ok(used)
}

fn codes(notice: &ShipNotice) -> Vec<String> {
    notice.units.iter().filter_map(|unit| unit.sscc).map(|code| code.to_string()).collect()
}

fn no_prefix() -> Problems {
    let words =
        "there is no GS1 company prefix on file for you: ask the buyer to add it, or send your own codes";
    Problems::one("NO_COMPANY_PREFIX", &Field::root().at("allocateSscc"), words)
}

/// Gives a code to every handling unit that has none. The range goes through the serials of each extension digit in
/// turn, and then begins anew: what is still in use is refused by its index.
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
    let Some(prefix) = &row.gs1_prefix else { return Err(ShipmentError::Refused(no_prefix())) };
    let mut serial = row.sscc_serial;
    for unit in without {
        serial += 1;
        unit.sscc = Some(code(prefix, serial)?);
    }
    let counted = supplier::ActiveModel { id: Set(row.id), sscc_serial: Set(serial), ..Default::default() };
    counted.update(&**tx).await?;
    Ok(())
}

fn code(prefix: &str, serial: i64) -> Result<Sscc, Failure> {
    let unusable = || Failure::Corrupt(format!("no code number {serial} beside the GS1 prefix {prefix}"));
    let serials = Sscc::serials(prefix).ok_or_else(unusable)?;
    let serial = u64::try_from(serial).map_err(|_| unusable())?;
    let extension = u8::try_from(serial / serials % 10).map_err(|_| unusable())?;
    Sscc::build(extension, prefix, serial % serials).map_err(|_| unusable())
}

/// Notes that the codes of a notice are in use by a shipment.
pub(super) async fn register(
    tx: &Tx,
    scope: &SupplierScope,
    shipment: ShipmentId,
    notice: &ShipNotice,
) -> Result<(), ShipmentError> {
    let codes = codes(notice);
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
            let mut problems = Problems::new();
            check(tx, scope, notice, Some(shipment), false, &mut problems).await?;
            return Err(ShipmentError::Refused(problems));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn the_range_goes_on_with_the_next_extension_digit_and_then_begins_anew() {
        let prefix = "061414100001"; // leaves four digits
        let shown = |serial| code(prefix, serial).unwrap().to_string()[..17].to_owned();
        assert_eq!(shown(1), "00614141000010001");
        assert_eq!(shown(9_999), "00614141000019999");
        assert_eq!(shown(10_000), "10614141000010000");
        assert_eq!(shown(100_001), shown(1));
    }
}
