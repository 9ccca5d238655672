//! Order lines by the names that messages have for them.
use std::collections::{BTreeSet, HashMap};

use quayside_canonical::{
    PurchaseOrderId,
    goods_statement::{FoundLine, NamedLine, NotFound},
    order::release_number,
    states::ShipmentStatus,
};
use quayside_entity::{purchase_order, purchase_order_line, shipment, shipment_line};
use sea_orm::{ColumnTrait, Condition, ExprTrait, QueryFilter, QueryOrder};

use crate::{Failure, Scope, store::Tx};

/// Orders by number, each with the lines of its current revision.
pub(crate) struct Names {
    orders: HashMap<String, Vec<purchase_order_line::Model>>,
}

impl Names {
    /// Loads every order that `lines` may mean. Two statements, however many there are.
    pub(crate) async fn load(
        tx: &Tx,
        scope: &Scope,
        lines: impl Iterator<Item = &NamedLine>,
    ) -> Result<Self, Failure> {
        let numbers: BTreeSet<String> =
            lines.flat_map(|named| released(named).into_iter().chain([named.order.clone()])).collect();
        let rows = scope
            .find::<purchase_order::Entity>()
            .filter(purchase_order::Column::Number.is_in(numbers))
            .all(&**tx)
            .await?;
        if rows.is_empty() {
            return Ok(Self { orders: HashMap::new() });
        }
        let mut lines: HashMap<PurchaseOrderId, Vec<_>> = HashMap::new();
        for line in lines_of(tx, scope, rows.iter()).await? {
            lines.entry(line.order_id).or_default().push(line);
        }
        let orders =
            rows.into_iter().map(|order| (order.number, lines.remove(&order.id).unwrap_or_default()));
        Ok(Self { orders: orders.collect() })
    }

    /// The line that is meant: by its number where the item does not speak against it, else by the item alone.
    pub(crate) fn find(&self, named: &NamedLine) -> Result<FoundLine, NotFound> {
        let release = released(named).filter(|number| self.orders.contains_key(number));
        let order = release.unwrap_or_else(|| named.order.clone());
        let Some(lines) = self.orders.get(&order) else {
            return Err(("UNKNOWN_ORDER", format!("order {order} is not known")));
        };
        let by_item: Vec<&purchase_order_line::Model> =
            lines.iter().filter(|line| item(named, line) == Some(true)).collect();
        let by_number = named.line.as_deref().and_then(|number| {
            let exact = lines.iter().find(|line| line.line == number);
            exact.or_else(|| only(lines.iter().filter(|line| bare(&line.line) == bare(number))))
        });
        let found = match (by_number, by_item.as_slice()) {
            (Some(line), _) if item(named, line) != Some(false) => line,
            (_, [line]) => line,
            (_, []) => {
                let called = called(named);
                return Err(("UNKNOWN_LINE", format!("order {order} has no line {called}")));
            }
            (_, [..]) => {
                let words =
                    format!("several lines of order {order} are for {}: name the line", called(named));
                return Err(("AMBIGUOUS_LINE", words));
            }
        };
        Ok(FoundLine { order, line: found.line.clone() })
    }
}

/// The lines of a shipment, for goods whose order is not named.
pub(crate) struct InShipment {
    number: String,
    /// Nothing, where there is no such shipment. Each line with the number of its order.
    lines: Option<Vec<(String, purchase_order_line::Model)>>,
}

impl InShipment {
    /// Loads what the shipment of this number holds. A draft is nobody's business but the supplier's.
    pub(crate) async fn load(tx: &Tx, scope: &Scope, number: &str) -> Result<Self, Failure> {
        let unknown = Self { number: number.to_owned(), lines: None };
        let found = scope
            .find::<shipment::Entity>()
            .filter(shipment::Column::Number.eq(number))
            .filter(shipment::Column::Status.ne(ShipmentStatus::Draft))
            .one(&**tx)
            .await?;
        let Some(found) = found else { return Ok(unknown) };
        let held = scope
            .find::<shipment_line::Entity>()
            .filter(shipment_line::Column::ShipmentId.eq(found.id))
            .order_by_asc(shipment_line::Column::Place)
            .all(&**tx)
            .await?;
        let ids: BTreeSet<PurchaseOrderId> = held.iter().map(|line| line.order_id).collect();
        let orders = scope.find::<purchase_order::Entity>().filter(purchase_order::Column::Id.is_in(ids));
        let orders: HashMap<PurchaseOrderId, purchase_order::Model> =
            orders.all(&**tx).await?.into_iter().map(|order| (order.id, order)).collect();
        let mut lines = Vec::with_capacity(held.len());
        for ordered in lines_of(tx, scope, orders.values()).await? {
            let is_held =
                |line: &&shipment_line::Model| line.order_id == ordered.order_id && line.line == ordered.line;
            if let (Some(_), Some(order)) = (held.iter().find(is_held), orders.get(&ordered.order_id)) {
                lines.push((order.number.clone(), ordered));
            }
        }
        Ok(Self { lines: Some(lines), ..unknown })
    }

    /// The line that is meant: the only one of its item, or of its item and number; without an item that could be
    /// compared, the only one of its number.
    pub(crate) fn find(&self, named: &NamedLine) -> Result<FoundLine, NotFound> {
        let shipment = &self.number;
        let Some(lines) = &self.lines else {
            let words = format!("the goods name no order, and shipment {shipment} is not known");
            return Err(("UNKNOWN_SHIPMENT", words));
        };
        let is_numbered = |line: &purchase_order_line::Model| {
            named.line.as_deref().is_some_and(|number| bare(&line.line) == bare(number))
        };
        let by_item: Vec<_> = lines.iter().filter(|(_, line)| item(named, line) == Some(true)).collect();
        let candidates = match by_item.as_slice() {
            [] => lines.iter().filter(|(_, line)| item(named, line).is_none() && is_numbered(line)).collect(),
            [_] => by_item,
            [..] => {
                let numbered = by_item.iter().copied().filter(|(_, line)| is_numbered(line));
                only(numbered).map_or(by_item, |line| vec![line])
            }
        };
        match candidates.as_slice() {
            [(order, line)] => Ok(FoundLine { order: order.clone(), line: line.line.clone() }),
            [] => {
                let words = format!(
                    "the goods name no order, and shipment {shipment} holds nothing called {}",
                    called(named)
                );
                Err(("UNKNOWN_LINE", words))
            }
            [..] => {
                let found: Vec<String> =
                    candidates.iter().map(|(order, line)| format!("{order} line {}", line.line)).collect();
                let words = format!(
                    "the goods name no order, and {} could be {} of shipment {shipment}: name the order",
                    called(named),
                    found.join(" or ")
                );
                Err(("AMBIGUOUS_LINE", words))
            }
        }
    }
}

/// The lines of the orders' current revisions.
async fn lines_of(
    tx: &Tx,
    scope: &Scope,
    orders: impl ExactSizeIterator<Item = &purchase_order::Model>,
) -> Result<Vec<purchase_order_line::Model>, Failure> {
    use purchase_order_line::Column;
    if orders.len() == 0 {
        return Ok(Vec::new());
    }
    let current = orders.fold(Condition::any(), |any, order| {
        any.add(Column::OrderId.eq(order.id).and(Column::Revision.eq(order.revision)))
    });
    let found = scope.find::<purchase_order_line::Entity>().filter(current);
    let found = found.order_by_asc(Column::OrderId).order_by_asc(Column::Place);
    Ok(found.all(&**tx).await?)
}

fn released(named: &NamedLine) -> Option<String> {
    named.release.as_ref().map(|release| release_number(&named.order, release))
}

/// Whether the item of a message is the line's; nothing when they have no kind of number in common.
fn item(named: &NamedLine, line: &purchase_order_line::Model) -> Option<bool> {
    let pairs = [
        (named.buyer_part.as_deref(), line.buyer_part.as_deref()),
        (named.supplier_part.as_deref(), line.supplier_part.as_deref()),
        (named.gtin.as_deref().map(bare), line.gtin.as_deref().map(bare)),
    ];
    let common: Vec<bool> = pairs.iter().filter_map(|(said, ours)| Some((*said)? == (*ours)?)).collect();
    if common.is_empty() { None } else { Some(common.contains(&true)) }
}

/// Suppliers strip the zeros of `00010`, and pad a GTIN of twelve digits.
fn bare(number: &str) -> &str {
    let bare = number.trim_start_matches('0');
    if bare.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) { number } else { bare }
}

fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn called(named: &NamedLine) -> String {
    let names = [&named.line, &named.buyer_part, &named.supplier_part, &named.gtin];
    let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
    if names.is_empty() { "without a number".to_owned() } else { names.join(", ") }
}
