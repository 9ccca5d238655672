//! Reading receipts. Both sides see the same object; a supplier its own.
use std::collections::{BTreeSet, HashMap};

use quayside_canonical::{
    Actor, ConnectionId, PurchaseOrderId, ReceiptId, ShipmentId, SupplierId, Timestamp,
    receipt::{ReceiptDocument, ReceiptLine},
    states::ShipmentStatus,
};
use quayside_entity::{connection, receipt, receipt_line, shipment, trading_partner};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::{
    Failure, Scope,
    discrepancies::query::order_numbers,
    scope::in_tenant,
    store::{Tx, older},
};

/// The most receipts shown with their orders.
const MOST: u64 = 1_000;

/// A receipt with everything that is known about it.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The row.
    pub row: receipt::Model,
    /// Who stated it, as the tenant calls it.
    pub source: String,
    /// The number of the statement that took it back or corrected it.
    pub replaced_by: Option<String>,
    /// The shipment it names, when that is on file.
    pub shipment: Option<ShipmentId>,
    /// What was received.
    pub lines: Vec<Line>,
}

/// A line of a receipt.
#[derive(Clone, Debug)]
pub struct Line {
    /// The row: the quantity in the order line's unit.
    pub row: receipt_line::Model,
    /// The buyer's order number.
    pub order_number: String,
    /// The line as the source had it.
    pub stated: ReceiptLine,
}

/// Which receipts are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReceiptFilter {
    /// Only those with lines of this order.
    pub order: Option<PurchaseOrderId>,
    /// Only those of this shipment.
    pub shipment: Option<ShipmentId>,
}

/// Receipts, those recorded last first; those after `after`: its time and id. The same number of statements however
/// many there are.
///
/// # Errors
/// The database failed.
pub async fn list(
    tx: &Tx,
    scope: &Scope,
    filter: ReceiptFilter,
    after: Option<(Timestamp, ReceiptId)>,
    limit: u64,
) -> Result<Vec<Receipt>, Failure> {
    use receipt::Column;
    let mut condition =
        Condition::all().add_option(after.map(|after| older(Column::RecordedAt, Column::Id, after)));
    if let Some(order) = filter.order {
        condition = condition.add(Column::Id.in_subquery(lines_of(scope, &[order]).into_query()));
    }
    if let Some(id) = filter.shipment {
        let Some(shipment) = shipments_by_id(tx, scope, &[id]).await?.pop() else { return Ok(Vec::new()) };
        condition = condition.add(of_shipment(&shipment));
    }
    let rows = scope.find::<receipt::Entity>().filter(condition).limit(limit);
    let rows = rows.order_by_desc(Column::RecordedAt).order_by_desc(Column::Id).all(&**tx).await?;
    complete(tx, scope, rows).await
}

/// Receipts by id.
///
/// # Errors
/// The database failed.
pub async fn by_ids(tx: &Tx, scope: &Scope, ids: &[ReceiptId]) -> Result<Vec<Receipt>, Failure> {
    let rows = scope.find::<receipt::Entity>();
    let rows = rows.filter(receipt::Column::Id.is_in(ids.iter().copied())).all(&**tx).await?;
    complete(tx, scope, rows).await
}

/// The receipts with lines of any of `orders`, in the order they were recorded.
///
/// # Errors
/// The database failed.
pub async fn of_orders(tx: &Tx, scope: &Scope, orders: &[PurchaseOrderId]) -> Result<Vec<Receipt>, Failure> {
    let about = receipt::Column::Id.in_subquery(lines_of(scope, orders).into_query());
    in_order(tx, scope, Condition::all().add(about)).await
}

/// The receipts of shipments, in the order they were recorded.
///
/// # Errors
/// The database failed.
pub async fn of_shipments(tx: &Tx, scope: &Scope, shipments: &[ShipmentId]) -> Result<Vec<Receipt>, Failure> {
    let shipments = shipments_by_id(tx, scope, shipments).await?;
    if shipments.is_empty() {
        return Ok(Vec::new());
    }
    let any = shipments.iter().fold(Condition::any(), |any, shipment| any.add(of_shipment(shipment)));
    in_order(tx, scope, any).await
}

async fn in_order(tx: &Tx, scope: &Scope, which: Condition) -> Result<Vec<Receipt>, Failure> {
    use receipt::Column;
    let rows = scope.find::<receipt::Entity>().filter(which).limit(MOST);
    let rows = rows.order_by_asc(Column::RecordedAt).order_by_asc(Column::Id).all(&**tx).await?;
    complete(tx, scope, rows).await
}

fn lines_of(scope: &Scope, orders: &[PurchaseOrderId]) -> sea_orm::Select<receipt_line::Entity> {
    scope
        .find::<receipt_line::Entity>()
        .filter(receipt_line::Column::OrderId.is_in(orders.iter().copied()))
        .select_only()
        .column(receipt_line::Column::ReceiptId)
}

/// Shipments about which a warehouse can have stated something: a draft is not announced.
async fn shipments_by_id(
    tx: &Tx,
    scope: &Scope,
    ids: &[ShipmentId],
) -> Result<Vec<shipment::Model>, Failure> {
    let rows = scope
        .find::<shipment::Entity>()
        .filter(shipment::Column::Id.is_in(ids.iter().copied()))
        .filter(shipment::Column::Status.ne(ShipmentStatus::Draft));
    Ok(rows.all(&**tx).await?)
}

fn of_shipment(shipment: &shipment::Model) -> Condition {
    Condition::all()
        .add(receipt::Column::SupplierId.eq(shipment.supplier_id))
        .add(receipt::Column::ShipmentNumber.eq(shipment.number.as_str()))
}

/// Adds what other tables know about receipts, in one statement each.
async fn complete(tx: &Tx, scope: &Scope, rows: Vec<receipt::Model>) -> Result<Vec<Receipt>, Failure> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines = lines(tx, scope, &rows).await?;
    let replaced = replaced(tx, scope, &rows).await?;
    let shipments = shipments(tx, scope, &rows).await?;
    let sources = sources(tx, scope, &rows).await?;
    let complete = |row: receipt::Model| {
        let (source, number) = (row.source.clone(), row.number.clone());
        let shipment = row.supplier_id.zip(row.shipment_number.clone());
        Receipt {
            source: sources.get(&source).cloned().unwrap_or_else(|| source.clone()),
            replaced_by: replaced.get(&(source, number)).cloned(),
            shipment: shipment.and_then(|key| shipments.get(&key).copied()),
            lines: lines.remove(&row.id).unwrap_or_default(),
            row,
        }
    };
    Ok(rows.into_iter().map(complete).collect())
}

async fn lines(
    tx: &Tx,
    scope: &Scope,
    receipts: &[receipt::Model],
) -> Result<HashMap<ReceiptId, Vec<Line>>, Failure> {
    use receipt_line::Column;
    let rows = scope
        .find::<receipt_line::Entity>()
        .filter(Column::ReceiptId.is_in(receipts.iter().map(|row| row.id)))
        .order_by_asc(Column::Place)
        .all(&**tx)
        .await?;
    let orders: BTreeSet<PurchaseOrderId> = rows.iter().map(|row| row.order_id).collect();
    let numbers = order_numbers(tx, scope, orders).await?;
    let mut stated: HashMap<ReceiptId, Vec<Option<ReceiptLine>>> = HashMap::new();
    for receipt in receipts {
        let document: ReceiptDocument = serde_json::from_str(&receipt.document)?;
        stated.insert(receipt.id, document.lines.into_iter().map(Some).collect());
    }
    let mut lines: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        let place = usize::try_from(row.place).unwrap_or(usize::MAX);
        let stated = stated.get_mut(&row.receipt_id).and_then(|lines| lines.get_mut(place)?.take());
        let missing = || Failure::Corrupt(format!("{} lacks its line {}", row.receipt_id, row.place));
        let stated = stated.ok_or_else(missing)?;
        let order_number = numbers.get(&row.order_id).cloned().unwrap_or_default();
        lines.entry(row.receipt_id).or_default().push(Line { row, order_number, stated });
    }
    Ok(lines)
}

/// The statements that take back or correct these: they may be on file without a supplier.
async fn replaced(
    tx: &Tx,
    scope: &Scope,
    receipts: &[receipt::Model],
) -> Result<HashMap<(String, String), String>, Failure> {
    use receipt::Column;
    let numbers: BTreeSet<&str> = receipts.iter().map(|row| row.number.as_str()).collect();
    let rows: Vec<(String, Option<String>, String)> = in_tenant::<receipt::Entity>(scope)
        .filter(Column::Replaces.is_in(numbers))
        .select_only()
        .columns([Column::Source, Column::Replaces, Column::Number])
        .order_by_asc(Column::RecordedAt)
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(&**tx)
        .await?;
    let pair = |(source, replaces, number): (String, Option<String>, String)| {
        replaces.map(|replaces| ((source, replaces), number))
    };
    Ok(rows.into_iter().filter_map(pair).collect())
}

async fn shipments(
    tx: &Tx,
    scope: &Scope,
    receipts: &[receipt::Model],
) -> Result<HashMap<(SupplierId, String), ShipmentId>, Failure> {
    use shipment::Column;
    let numbers: BTreeSet<&str> = receipts.iter().filter_map(|row| row.shipment_number.as_deref()).collect();
    if numbers.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(SupplierId, String, ShipmentId)> = scope
        .find::<shipment::Entity>()
        .filter(Column::Number.is_in(numbers))
        .filter(Column::Status.ne(ShipmentStatus::Draft))
        .select_only()
        .columns([Column::SupplierId, Column::Number, Column::Id])
        .into_tuple()
        .all(&**tx)
        .await?;
    Ok(rows.into_iter().map(|(supplier, number, id)| ((supplier, number), id)).collect())
}

/// The names of those who stated receipts.
async fn sources(
    tx: &Tx,
    scope: &Scope,
    receipts: &[receipt::Model],
) -> Result<HashMap<String, String>, Failure> {
    let actors: BTreeSet<&str> = receipts.iter().map(|row| row.source.as_str()).collect();
    let (mut connections, mut partners) = (Vec::new(), Vec::new());
    for actor in actors {
        match actor.parse() {
            Ok(Actor::Connection(id)) => connections.push(id),
            Ok(Actor::Partner(id)) => partners.push(id),
            Ok(Actor::User(_) | Actor::Token(_) | Actor::Operator | Actor::System) | Err(_) => {}
        }
    }
    let mut names = HashMap::new();
    if !connections.is_empty() {
        let rows: Vec<(ConnectionId, String)> = in_tenant::<connection::Entity>(scope)
            .filter(connection::Column::Id.is_in(connections))
            .select_only()
            .columns([connection::Column::Id, connection::Column::Name])
            .into_tuple()
            .all(&**tx)
            .await?;
        names.extend(rows.into_iter().map(|(id, name)| (id.to_string(), name)));
    }
    if !partners.is_empty() {
        let rows = scope.find::<trading_partner::Entity>();
        let rows = rows.filter(trading_partner::Column::Id.is_in(partners)).all(&**tx).await?;
        names.extend(rows.into_iter().map(|row| (row.id.to_string(), row.name)));
    }
    Ok(names)
}
