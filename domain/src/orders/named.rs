//! Order lines by the names that messages have for them.
use std::collections::{BTreeSet, HashMap};

use quayside_canonical::{
    PurchaseOrderId,
    goods_statement::{FoundLine, NamedLine, NotFound},
    order::release_number,
};
use quayside_entity::{purchase_order, purchase_order_line};
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
        use purchase_order_line::Column;
        let current = rows.iter().fold(Condition::any(), |any, order| {
            any.add(Column::OrderId.eq(order.id).and(Column::Revision.eq(order.revision)))
        });
        let found = scope.find::<purchase_order_line::Entity>().filter(current).order_by_asc(Column::Place);
        let mut lines: HashMap<PurchaseOrderId, Vec<_>> = HashMap::new();
        for line in found.all(&**tx).await? {
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
