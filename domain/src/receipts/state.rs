//! A receipt as a message states it (X12 861): resolved against the orders, or against the shipment where it names no
//! order, then taken like any other.
use quayside_canonical::{
    Field, Problem, Problems, SupplierId,
    goods_statement::{NamedLine, ReceiptStatement},
    receipt::ReceiptLine,
};

use crate::{
    BuyerScope, Failure,
    orders::named::{InShipment, Names},
    statements::{self, Recorded},
};

/// Takes the receipt of a supplier's own channel. Problems name the places of the message.
///
/// # Errors
/// The database failed.
pub async fn state(
    scope: &BuyerScope,
    statement: &ReceiptStatement,
    supplier: SupplierId,
) -> Result<Recorded, Failure> {
    carry_out(scope, statement, supplier, true).await
}

/// What the receipt would become. Nothing is kept.
///
/// # Errors
/// The database failed.
pub async fn preview_statement(
    scope: &BuyerScope,
    statement: &ReceiptStatement,
    supplier: SupplierId,
) -> Result<Recorded, Failure> {
    carry_out(scope, statement, supplier, false).await
}

async fn carry_out(
    scope: &BuyerScope,
    statement: &ReceiptStatement,
    supplier: SupplierId,
    keep: bool,
) -> Result<Recorded, Failure> {
    let of_supplier = scope.acting_for(supplier);
    let tx = of_supplier.read().await?;
    let names = Names::load(&tx, &of_supplier, statement.lines.iter().map(|(named, _)| named)).await?;
    let of_shipment = match statement.document.shipment.as_deref() {
        Some(number) if statement.lines.iter().any(|(named, _)| named.order.is_empty()) => {
            Some(InShipment::load(&tx, &of_supplier, number).await?)
        }
        _ => None,
    };
    drop(tx);
    let number = statement.document.number.as_str();
    let find = |named: &NamedLine| match &of_shipment {
        Some(shipment) if named.order.is_empty() => shipment.find(named),
        _ => names.find(named),
    };
    let document = match statement.resolve(find) {
        Ok(document) => document,
        Err(problems) => return Ok(Recorded::refused(Some(number), problems)),
    };
    let recorded = match keep {
        true => super::record_of_supplier(scope, document, supplier).await?,
        false => statements::preview_of_supplier(scope, document, supplier).await?,
    };
    let places: Vec<&Field> =
        statement.lines.iter().map(|(named, _): &(_, ReceiptLine)| &named.place).collect();
    let moved = |problems: Vec<Problem>| at_places(problems, &places, &statement.place);
    Ok(Recorded { problems: moved(recorded.problems), warnings: moved(recorded.warnings), ..recorded })
}

/// Problems of the receipt, at the places of the message: a receipt has a line for each of the message's.
fn at_places(problems: Vec<Problem>, lines: &[&Field], whole: &Field) -> Vec<Problem> {
    let mut moved = Problems::new();
    for problem in problems {
        let line = match problem.field.as_slice() {
            [first, place, ..] if first == "lines" => {
                place.parse::<usize>().ok().and_then(|at| lines.get(at))
            }
            _ => None,
        };
        moved.add(&problem.code, line.copied().unwrap_or(whole), problem.message);
    }
    moved.into_vec()
}
