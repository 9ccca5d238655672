//! Everything a batch of receipts touches, in a fixed number of statements.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use quayside_canonical::{
    PurchaseOrderId, ReceiptId, ShipmentId, SupplierId, master_data::CrossReferenceKind,
    receipt::ReceiptDocument,
};
use quayside_entity::{receipt, receipt_line};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, QueryFilter, QuerySelect, Statement, Value,
};

use super::judge::Taken;
use crate::{
    BuyerScope, Failure,
    statements::{Codes, Named, Ordered, Shipped},
    store::Tx,
    suppliers::ids_by_number,
};

/// What was loaded, and what the documents have added to it so far.
pub(super) struct Loaded {
    pub(super) ordered: Ordered,
    pub(super) codes: Codes,
    pub(super) shipped: Shipped,
    shipped_orders: HashMap<ShipmentId, BTreeSet<PurchaseOrderId>>,
    suppliers: HashMap<String, SupplierId>,
    /// Statements of the source by number: those that came again, and those that replace or are replaced.
    pub(super) statements: BTreeMap<String, receipt::Model>,
    /// Statements about which everybody concerned was told before this batch.
    pub(super) told: BTreeSet<String>,
    /// Orders of the statements found.
    orders: BTreeSet<PurchaseOrderId>,
}

pub(super) async fn load(
    tx: &Tx,
    scope: &BuyerScope,
    documents: &[&ReceiptDocument],
) -> Result<Loaded, Failure> {
    take_turns(tx, scope, documents).await?;
    let statements = statements(tx, scope, documents).await?;
    let orders = orders_of(tx, scope, &statements).await?;
    let named: Vec<Named<'_>> = documents.iter().flat_map(|document| named(document)).collect();
    let mut ordered =
        Ordered::lock(tx, scope, named.iter().map(|line| line.order).collect(), &orders).await?;
    let shipments = documents.iter().filter_map(|document| document.shipment.as_deref());
    let shipments = shipments.chain(statements.values().filter_map(|row| row.shipment_number.as_deref()));
    // Behind the lock: a shipment of these orders that is announced at the same time is seen here, or sees us.
    let shipped = Shipped::load(tx, scope, shipments.collect()).await?;
    let shipped_orders = shipped.orders(tx, scope).await?;
    ordered.lock_more(tx, scope, &shipped_orders.values().flatten().copied().collect()).await?;
    let codes = codes(tx, scope, documents).await?;
    ordered.load(tx, scope, &named, &codes).await?;
    let suppliers = documents.iter().filter_map(|document| document.supplier.as_deref());
    let suppliers = suppliers.map(|number| codes.own(CrossReferenceKind::Supplier, number)).collect();
    let suppliers = ids_by_number(tx, scope, suppliers).await?;
    let told = BTreeSet::new();
    let mut loaded = Loaded { ordered, codes, shipped, shipped_orders, suppliers, statements, told, orders };
    let known = loaded.statements.keys().filter(|number| loaded.supplier_of(number).is_some());
    loaded.told = known.cloned().collect();
    Ok(loaded)
}

/// The order lines a document names.
pub(super) fn named(document: &ReceiptDocument) -> impl Iterator<Item = Named<'_>> {
    document.lines.iter().map(|line| Named {
        order: &line.order,
        line: &line.line,
        quantity: line.quantity,
        unit: line.unit.as_deref(),
    })
}

/// The numbers of statements that the documents are or name.
fn numbers<'a>(documents: &[&'a ReceiptDocument]) -> BTreeSet<&'a str> {
    let numbers = documents.iter().flat_map(|it| std::iter::once(&it.number).chain(&it.replaces));
    numbers.map(String::as_str).collect()
}

/// Two transactions that speak about the same statement take turns, so that a reversal and what it takes back
/// cannot miss each other. SQLite has one writer at a time anyway.
async fn take_turns(tx: &Tx, scope: &BuyerScope, documents: &[&ReceiptDocument]) -> Result<(), Failure> {
    if scope.store().backend() != DbBackend::Postgres {
        return Ok(());
    }
    let numbers = numbers(documents).into_iter();
    let names: Vec<Value> =
        numbers.map(|number| format!("receipt/{}/{}/{number}", scope.tenant, scope.actor).into()).collect();
    let places: Vec<String> = (1..=names.len()).map(|place| format!("(${place}::text)")).collect();
    let sql = format!(
        "select count(*) from
            (select pg_advisory_xact_lock(key) from
                (select hashtextextended(name, 0) as key from (values {}) as names (name) order by 1) as keys
            offset 0) as turns",
        places.join(", ")
    );
    tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, names)).await?;
    Ok(())
}

/// The statements of the source that the documents are, name, or are named by, and so on along the names.
async fn statements(
    tx: &Tx,
    scope: &BuyerScope,
    documents: &[&ReceiptDocument],
) -> Result<BTreeMap<String, receipt::Model>, Failure> {
    use receipt::Column;
    let mut asking: BTreeSet<String> = numbers(documents).into_iter().map(str::to_owned).collect();
    let mut asked = BTreeSet::new();
    let mut found = BTreeMap::new();
    while !asking.is_empty() {
        let these = || asking.iter().map(String::as_str);
        let any = Condition::any().add(Column::Number.is_in(these())).add(Column::Replaces.is_in(these()));
        let rows = scope
            .find::<receipt::Entity>()
            .filter(Column::Source.eq(scope.actor.to_string()))
            .filter(any)
            .all(&**tx)
            .await?;
        asked.append(&mut asking);
        for row in rows {
            let names = std::iter::once(&row.number).chain(&row.replaces);
            asking.extend(names.filter(|name| !asked.contains(*name)).cloned());
            found.insert(row.number.clone(), row);
        }
    }
    Ok(found)
}

/// The orders that statements on file are about.
async fn orders_of(
    tx: &Tx,
    scope: &BuyerScope,
    statements: &BTreeMap<String, receipt::Model>,
) -> Result<BTreeSet<PurchaseOrderId>, Failure> {
    if statements.is_empty() {
        return Ok(BTreeSet::new());
    }
    let ids: Vec<ReceiptId> = statements.values().map(|row| row.id).collect();
    let orders: Vec<PurchaseOrderId> = scope
        .find::<receipt_line::Entity>()
        .filter(receipt_line::Column::ReceiptId.is_in(ids))
        .select_only()
        .column(receipt_line::Column::OrderId)
        .distinct()
        .into_tuple()
        .all(&**tx)
        .await?;
    Ok(orders.into_iter().collect())
}

async fn codes(tx: &Tx, scope: &BuyerScope, documents: &[&ReceiptDocument]) -> Result<Codes, Failure> {
    let units = documents.iter().flat_map(|it| &it.lines).filter_map(|line| line.unit.as_deref());
    let suppliers = documents.iter().filter_map(|it| it.supplier.as_deref());
    let places = documents.iter().filter_map(|it| it.location.as_deref()).collect();
    Codes::load(tx, scope, units.chain(suppliers).collect(), places).await
}

impl Loaded {
    /// The supplier with this number of the source's.
    pub(super) fn supplier(&self, number: &str) -> Option<SupplierId> {
        self.suppliers.get(self.codes.own(CrossReferenceKind::Supplier, number)).copied()
    }

    /// Whom a statement is about: its own supplier, else that of the statement it names.
    pub(super) fn supplier_of(&self, number: &str) -> Option<SupplierId> {
        let mut seen = BTreeSet::new();
        let mut next = Some(number);
        while let Some(number) = next.filter(|number| seen.insert(*number)) {
            let row = self.statements.get(number)?;
            if row.supplier_id.is_some() {
                return row.supplier_id;
            }
            next = row.replaces.as_deref();
        }
        None
    }

    /// Every order about which the documents may have said something new.
    pub(super) fn touched(&self, taken: &[Taken]) -> BTreeSet<PurchaseOrderId> {
        if taken.is_empty() {
            return BTreeSet::new();
        }
        let named = taken.iter().flat_map(|it| &it.lines).map(|line| line.found.order);
        let shipped = self.shipped_orders.values().flatten().copied();
        named.chain(shipped).chain(self.orders.iter().copied()).collect()
    }
}
