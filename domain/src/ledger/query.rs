//! Reading the ledger of orders, line by line and instalment by instalment.
use std::collections::HashMap;

use quayside_canonical::{
    Date, Micro, PurchaseOrderId,
    ledger::{Quantities, over_schedules},
    order::{PurchaseOrder, Schedule},
    states::FulfillmentStatus,
};
use quayside_entity::{line_state, purchase_order, purchase_order_revision};
use sea_orm::{ColumnTrait, Condition, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use super::quantities;
use crate::{Failure, Scope, store::Tx};

/// Where a line stands in the ledger.
#[derive(Clone, Debug)]
pub struct LineLedger {
    /// The line.
    pub line: String,
    /// The unit of all numbers.
    pub unit: String,
    /// The numbers.
    pub quantities: Quantities,
    /// How far the goods are.
    pub fulfillment: FulfillmentStatus,
    /// The last day on which goods are in time.
    pub due_on: Option<Date>,
    /// The instalments of the current revision, each with its share of the numbers.
    pub schedules: Vec<(Schedule, Quantities)>,
}

/// The ledger of orders, by line number. Three statements, however many orders there are.
///
/// # Errors
/// The database failed, or what is stored is not what we wrote.
pub async fn of_orders(
    tx: &Tx,
    scope: &Scope,
    orders: &[PurchaseOrderId],
) -> Result<HashMap<PurchaseOrderId, Vec<LineLedger>>, Failure> {
    let rows = scope
        .find::<line_state::Entity>()
        .filter(line_state::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(line_state::Column::OrderId)
        .order_by_asc(line_state::Column::Line)
        .all(&**tx)
        .await?;
    let mut instalments = instalments(tx, scope, orders).await?;
    let mut ledgers: HashMap<PurchaseOrderId, Vec<LineLedger>> = HashMap::new();
    for row in rows {
        let wanted = instalments.remove(&(row.order_id, row.line.clone()));
        ledgers.entry(row.order_id).or_default().push(ledger(row, wanted));
    }
    Ok(ledgers)
}

/// The unit and the instalments of a line.
type Instalments = (String, Vec<Schedule>);

fn ledger(row: line_state::Model, instalments: Option<Instalments>) -> LineLedger {
    let numbers = quantities(&row);
    // Where goods moved before the unit was changed, the ledger keeps the earlier unit.
    let schedules = instalments.filter(|(unit, _)| *unit == row.unit).map(|(_, schedules)| schedules);
    let schedules = schedules.unwrap_or_default();
    let wanted: Vec<Micro> = schedules.iter().map(|schedule| schedule.quantity).collect();
    let shares = over_schedules(&numbers, &wanted);
    LineLedger {
        line: row.line,
        unit: row.unit,
        quantities: numbers,
        fulfillment: row.fulfillment,
        due_on: row.due_on,
        schedules: schedules.into_iter().zip(shares).collect(),
    }
}

/// The instalments of lines that have some, as the current revisions say.
async fn instalments(
    tx: &Tx,
    scope: &Scope,
    orders: &[PurchaseOrderId],
) -> Result<HashMap<(PurchaseOrderId, String), Instalments>, Failure> {
    use purchase_order_revision::Column;
    let rows: Vec<(PurchaseOrderId, i32)> = scope
        .find::<purchase_order::Entity>()
        .filter(purchase_order::Column::Id.is_in(orders.iter().copied()))
        .select_only()
        .columns([purchase_order::Column::Id, purchase_order::Column::Revision])
        .into_tuple()
        .all(&**tx)
        .await?;
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let current = rows.iter().fold(Condition::any(), |any, (order, revision)| {
        any.add(Column::OrderId.eq(*order).and(Column::Number.eq(*revision)))
    });
    let documents: Vec<(PurchaseOrderId, String)> = scope
        .find::<purchase_order_revision::Entity>()
        .filter(current)
        .select_only()
        .columns([Column::OrderId, Column::Document])
        .into_tuple()
        .all(&**tx)
        .await?;
    let mut instalments = HashMap::new();
    for (order, document) in documents {
        let document: PurchaseOrder = serde_json::from_str(&document)?;
        for line in document.lines.into_iter().filter(|line| !line.schedules.is_empty()) {
            let mut schedules = line.schedules;
            schedules.sort_by_key(|schedule| schedule.deliver_to.or(schedule.deliver_from));
            instalments.insert((order, line.number), (line.unit, schedules));
        }
    }
    Ok(instalments)
}
