//! A shipment as a message states it (X12 856): resolved against the orders, then handled like any other.
use quayside_canonical::{
    Field, Problems,
    goods_statement::{ShipmentPurpose, ShipmentStatement},
    shipment::{CancelShipment, ChangeShipment, CreateShipment, ShipNotice},
    states::ShipmentStatus,
};
use quayside_entity::shipment;
use sea_orm::{ColumnTrait, QueryFilter};

use super::{Handled, ShipmentError, amend, announce, cancel, write};
use crate::{Failure, SupplierScope, idempotency::IdempotencyKey, orders::named::Names, store::Tx};

/// What became of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stated {
    /// It was carried out.
    News(Handled),
    /// It says what is on file.
    Known(Handled),
}

/// Carries out what the statement says, or nothing.
///
/// # Errors
/// See [`ShipmentError`]. Problems name the places of the message.
#[tracing::instrument(skip_all, fields(shipment.number = %statement.notice.number))]
pub async fn state(
    scope: &SupplierScope,
    statement: &ShipmentStatement,
    key: &IdempotencyKey,
) -> Result<Stated, ShipmentError> {
    carry_out(scope, statement, Some(key)).await
}

/// What the statement would come to. Nothing is written.
///
/// # Errors
/// See [`ShipmentError`]. Problems name the places of the message.
pub async fn preview_statement(
    scope: &SupplierScope,
    statement: &ShipmentStatement,
) -> Result<Stated, ShipmentError> {
    carry_out(scope, statement, None).await
}

/// Without a key, the same rules are asked and nothing is written.
async fn carry_out(
    scope: &SupplierScope,
    statement: &ShipmentStatement,
    key: Option<&IdempotencyKey>,
) -> Result<Stated, ShipmentError> {
    write::may(scope)?;
    let tx = scope.read().await?;
    let known = known(&tx, scope, &statement.notice.number).await?;
    let (notice, places) = match statement.purpose {
        ShipmentPurpose::Cancel => (statement.notice.clone(), Vec::new()),
        ShipmentPurpose::Announce | ShipmentPurpose::Replace => resolve(&tx, scope, statement).await?,
    };
    drop(tx);
    let done = match (statement.purpose, known) {
        (ShipmentPurpose::Cancel, None) => {
            let words = format!("there is no shipment {}", statement.notice.number);
            return Err(ShipmentError::refused("UNKNOWN_SHIPMENT", &statement.place, words));
        }
        (ShipmentPurpose::Cancel, Some(row)) if row.status == ShipmentStatus::Cancelled => {
            return Ok(same(&row));
        }
        (ShipmentPurpose::Cancel, Some(row)) => {
            cancel(scope, &CancelShipment { shipment: row.id, reason: None }, key).await
        }
        (_, Some(row)) if write::notice(&row)? == notice => return Ok(same(&row)),
        (ShipmentPurpose::Announce, Some(_)) => {
            let words = format!(
                "shipment {} was announced before with other content; the first stays: replace it by name",
                notice.number
            );
            return Err(ShipmentError::refused("NUMBER_TAKEN", &statement.place, words));
        }
        (ShipmentPurpose::Replace, Some(row)) => {
            let change =
                ChangeShipment { shipment: row.id, version: row.version, notice, allocate_sscc: false };
            amend(scope, &change, key).await
        }
        (ShipmentPurpose::Announce | ShipmentPurpose::Replace, None) => {
            let request = CreateShipment { notice, ..CreateShipment::default() };
            announce(scope, &request, key).await
        }
    };
    match done {
        Ok(handled) if handled.replayed => Ok(Stated::Known(handled)),
        Ok(handled) => Ok(Stated::News(handled)),
        Err(ShipmentError::Refused(problems)) => {
            Err(ShipmentError::Refused(at_places(problems, &places, &statement.place)))
        }
        Err(error) => Err(error),
    }
}

fn same(row: &shipment::Model) -> Stated {
    Stated::Known(Handled { shipment: Some(row.id), replayed: true })
}

async fn known(tx: &Tx, scope: &SupplierScope, number: &str) -> Result<Option<shipment::Model>, Failure> {
    let rows = scope.find::<shipment::Entity>().filter(shipment::Column::Number.eq(number));
    Ok(rows.one(&**tx).await?)
}

/// The notice in terms of order lines, and where the message names each of its lines.
async fn resolve(
    tx: &Tx,
    scope: &SupplierScope,
    statement: &ShipmentStatement,
) -> Result<(ShipNotice, Vec<Field>), ShipmentError> {
    let names = Names::load(tx, scope, statement.goods.iter().map(|goods| &goods.named)).await?;
    let notice = statement.resolve(|named| names.find(named)).map_err(ShipmentError::Refused)?;
    let place = |line: &quayside_canonical::shipment::ShippedLine| {
        let goods = statement.goods.iter().find(|goods| {
            names.find(&goods.named).is_ok_and(|found| found.order == line.order && found.line == line.line)
        });
        goods.map_or_else(|| statement.place.clone(), |goods| goods.named.place.clone())
    };
    let places = notice.lines.iter().map(place).collect();
    Ok((notice, places))
}

/// Problems of the notice, at the places of the message.
fn at_places(problems: Problems, lines: &[Field], whole: &Field) -> Problems {
    let mut moved = Problems::new();
    for problem in problems.into_vec() {
        let line = match problem.field.as_slice() {
            [first, place, ..] if first == "lines" => {
                place.parse::<usize>().ok().and_then(|at| lines.get(at))
            }
            _ => None,
        };
        moved.add(&problem.code, line.unwrap_or(whole), problem.message);
    }
    moved
}
