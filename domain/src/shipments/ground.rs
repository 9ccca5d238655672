//! What a ship notice is judged on: the orders it names, where their lines stand, and the rules.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use quayside_canonical::{
    Micro, PurchaseOrderId, ShipmentId, SupplierId, policy::Rules, shipment::ShipNotice, states::OrderStatus,
};
use quayside_entity::{line_state, purchase_order, purchase_order_line, shipment_line, unit_factor};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};

use crate::{Failure, SupplierScope, store::Tx};

/// What a ship notice is judged on.
pub struct Ground {
    /// The orders it names, by the buyer's number.
    pub orders: HashMap<String, OrderGround>,
    /// What holds for the supplier.
    pub rules: Rules,
}

/// An order as a ship notice sees it.
pub struct OrderGround {
    /// The order.
    pub id: PurchaseOrderId,
    /// The buyer's number of it.
    pub number: String,
    /// Whether the buyer cancelled it.
    pub cancelled: bool,
    /// Its lines, by number.
    pub lines: BTreeMap<String, LineGround>,
}

/// A line as a ship notice sees it.
pub struct LineGround {
    /// Where it stands.
    pub state: line_state::Model,
    /// What of it this shipment holds already, as far as that has not arrived.
    pub own_in_transit: Micro,
    /// The buyer's part number, where the order has one.
    pub item: Option<String>,
    /// The item's units: how many base units one of each holds, as a fraction. The base unit is 1/1.
    pub factors: HashMap<String, (i64, i64)>,
}

impl LineGround {
    /// `quantity` of `unit` in the line's unit, when that is exact.
    #[must_use]
    pub fn convert(&self, quantity: Micro, unit: Option<&str>) -> Option<Micro> {
        let unit = unit.unwrap_or(&self.state.unit);
        if unit == self.state.unit {
            return Some(quantity);
        }
        let (numerator, denominator) = *self.factors.get(unit)?;
        let (own_numerator, own_denominator) = *self.factors.get(&self.state.unit)?;
        let above = numerator.checked_mul(own_denominator)?;
        let below = denominator.checked_mul(own_numerator)?;
        quantity.scaled(above, below)
    }
}

/// Locks the orders that `notice` names, in the order of their ids, and loads what it is judged on. `own` is the
/// shipment when it is announced already.
pub(super) async fn load(
    tx: &Tx,
    scope: &SupplierScope,
    notice: &ShipNotice,
    own: Option<ShipmentId>,
) -> Result<Ground, Failure> {
    load_with(tx, scope, notice, own, &BTreeSet::new()).await
}

/// The same, and locks orders that the shipment held goods of before as well.
pub(super) async fn load_with(
    tx: &Tx,
    scope: &SupplierScope,
    notice: &ShipNotice,
    own: Option<ShipmentId>,
    before: &BTreeSet<PurchaseOrderId>,
) -> Result<Ground, Failure> {
    let named: BTreeSet<&str> = notice.lines.iter().map(|line| line.order.as_str()).collect();
    let ids: Vec<PurchaseOrderId> = named.iter().filter_map(|name| name.parse().ok()).collect();
    let rows = scope
        .find::<purchase_order::Entity>()
        .filter(
            Condition::any()
                .add(purchase_order::Column::Number.is_in(named.iter().copied()))
                .add(purchase_order::Column::Id.is_in(ids))
                .add(purchase_order::Column::Id.is_in(before.iter().copied())),
        )
        .order_by_asc(purchase_order::Column::Id)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    let lines = lines(tx, scope, &rows, own).await?;
    let rules = rules(tx, scope).await?;
    let mut orders = HashMap::new();
    let mut lines = lines;
    for row in rows {
        let ground = OrderGround {
            id: row.id,
            number: row.number.clone(),
            cancelled: row.status == OrderStatus::Cancelled,
            lines: lines.remove(&row.id).unwrap_or_default(),
        };
        orders.insert(row.number, ground);
    }
    Ok(Ground { orders, rules })
}

async fn rules(tx: &Tx, scope: &SupplierScope) -> Result<Rules, Failure> {
    let rules = crate::suppliers::rules_of(tx, scope, &[scope.supplier]).await?;
    let missing = |id: SupplierId| Failure::Corrupt(format!("{id} has no rules"));
    rules.get(&scope.supplier).copied().ok_or_else(|| missing(scope.supplier))
}

type Lines = HashMap<PurchaseOrderId, BTreeMap<String, LineGround>>;

async fn lines(
    tx: &Tx,
    scope: &SupplierScope,
    orders: &[purchase_order::Model],
    own: Option<ShipmentId>,
) -> Result<Lines, Failure> {
    let ids = || orders.iter().map(|order| order.id);
    let states = scope.find::<line_state::Entity>().filter(line_state::Column::OrderId.is_in(ids()));
    let states = states.all(&**tx).await?;
    let items = items(tx, scope, orders).await?;
    let factors = factors(tx, scope, items.values()).await?;
    let own = own_lines(tx, scope, own).await?;
    let mut lines = Lines::new();
    for state in states {
        let key = (state.order_id, state.line.clone());
        let item = items.get(&key);
        let line = LineGround {
            own_in_transit: own.get(&key).copied().unwrap_or_default(),
            item: item.cloned(),
            factors: item.and_then(|item| factors.get(item)).cloned().unwrap_or_default(),
            state,
        };
        lines.entry(key.0).or_default().insert(key.1, line);
    }
    Ok(lines)
}

type Key = (PurchaseOrderId, String);

/// The buyer's part numbers of the lines of the current revisions.
async fn items(
    tx: &Tx,
    scope: &SupplierScope,
    orders: &[purchase_order::Model],
) -> Result<HashMap<Key, String>, Failure> {
    use purchase_order_line::Column;
    use sea_orm::ExprTrait;
    if orders.is_empty() {
        return Ok(HashMap::new());
    }
    let current = orders.iter().fold(Condition::any(), |any, order| {
        any.add(Column::OrderId.eq(order.id).and(Column::Revision.eq(order.revision)))
    });
    let rows: Vec<(PurchaseOrderId, String, String)> = scope
        .find::<purchase_order_line::Entity>()
        .filter(current)
        .filter(Column::BuyerPart.is_not_null())
        .select_only()
        .columns([Column::OrderId, Column::Line, Column::BuyerPart])
        .into_tuple()
        .all(&**tx)
        .await?;
    Ok(rows.into_iter().map(|(order, line, item)| ((order, line), item)).collect())
}

/// The units of items, their base unit with them.
async fn factors(
    tx: &Tx,
    scope: &SupplierScope,
    items: impl Iterator<Item = &String>,
) -> Result<HashMap<String, HashMap<String, (i64, i64)>>, Failure> {
    let items: BTreeSet<&str> = items.map(String::as_str).collect();
    if items.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = scope
        .find_shared::<unit_factor::Entity>()
        .filter(unit_factor::Column::ItemNumber.is_in(items))
        .all(&**tx)
        .await?;
    let mut factors: HashMap<String, HashMap<String, (i64, i64)>> = HashMap::new();
    for row in rows {
        factors.entry(row.item_number).or_default().insert(row.unit, (row.numerator, row.denominator));
    }
    Ok(factors)
}

/// What the shipment itself holds on the way.
async fn own_lines(
    tx: &Tx,
    scope: &SupplierScope,
    own: Option<ShipmentId>,
) -> Result<HashMap<Key, Micro>, Failure> {
    let Some(own) = own else { return Ok(HashMap::new()) };
    let rows = scope.find::<shipment_line::Entity>().filter(shipment_line::Column::ShipmentId.eq(own));
    let rows = rows.all(&**tx).await?;
    Ok(rows.into_iter().map(|row| ((row.order_id, row.line), row.in_transit)).collect())
}
