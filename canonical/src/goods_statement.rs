//! Shipments and receipts as a message states them, before their goods are held against the orders (X12 856 and
//! 861).
//!
//! A message names an order line by a number, by an item, or by both, and one line may come several times: in
//! several packages, of several batches. With the orders at hand it becomes a [`ShipNotice`] or a
//! [`ReceiptDocument`], which meets the same rules as one by any other channel.
use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    Field, Micro, Problems, Timestamp,
    receipt::{ReceiptDocument, ReceiptLine},
    shipment::{Batch, Content, HandlingUnit, ShipNotice, ShippedLine},
};

/// An order line by the names a message has for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NamedLine {
    /// The buyer's order number; empty where a receipt names only the shipment that the goods came with.
    pub order: String,
    /// The release, when the order is one of a blanket order. An order with the number
    /// [`release_number`](crate::order::release_number) is looked for first.
    pub release: Option<String>,
    /// What the message gives as the number of the line. Some senders count their own lines here, so it is held
    /// against the item.
    pub line: Option<String>,
    /// The buyer's part number.
    pub buyer_part: Option<String>,
    /// The supplier's part number.
    pub supplier_part: Option<String>,
    /// Global trade item number.
    pub gtin: Option<String>,
    /// Where the message names it.
    #[serde(skip)]
    pub place: Field,
}

/// The order line that was meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoundLine {
    /// The order's number.
    pub order: String,
    /// The line's number.
    pub line: String,
}

/// Why no order line, or more than one, is meant: a code and a sentence.
pub type NotFound = (&'static str, String);

/// What a message makes of a shipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ShipmentPurpose {
    /// Announces it.
    Announce,
    /// States it anew, whole.
    Replace,
    /// Takes it back.
    Cancel,
}

/// A shipment as stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShipmentStatement {
    /// What becomes of it.
    pub purpose: ShipmentPurpose,
    /// When the supplier said so: which of two statements is the newer.
    pub stated_at: Timestamp,
    /// All but the goods: `lines` is empty, and so are the contents of `units`.
    pub notice: ShipNotice,
    /// The goods.
    pub goods: Vec<StatedGoods>,
    /// Where the message names the shipment.
    #[serde(skip)]
    pub place: Field,
}

/// Some goods of one order line: in one handling unit, or in none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatedGoods {
    /// The order line.
    pub named: NamedLine,
    /// Unit of the quantity.
    pub unit: Option<String>,
    /// The handling unit they are in, by its key.
    pub packed_in: Option<String>,
    /// How much, and what was made together.
    pub batch: Batch,
}

impl ShipmentStatement {
    /// The shipment in terms of order lines. `find` tells the line that a name means.
    ///
    /// # Errors
    /// Every name that means no line, and every line whose goods are stated in several units.
    pub fn resolve(
        &self,
        mut find: impl FnMut(&NamedLine) -> Result<FoundLine, NotFound>,
    ) -> Result<ShipNotice, Problems> {
        let mut problems = Problems::new();
        let mut notice = self.notice.clone();
        let mut lines: BTreeMap<FoundLine, usize> = BTreeMap::new();
        for goods in &self.goods {
            let found = match find(&goods.named) {
                Ok(found) => found,
                Err((code, words)) => {
                    problems.add(code, &goods.named.place, words);
                    continue;
                }
            };
            let at = *lines.entry(found.clone()).or_insert_with(|| {
                notice.lines.push(first_of(&found, goods));
                notice.lines.len() - 1
            });
            if let Some(line) = notice.lines.get_mut(at) {
                if line.unit != goods.unit {
                    let words = format!("line {} is shipped in two units", found.line);
                    problems.add("SEVERAL_UNITS", &goods.named.place, words);
                }
                line.quantity = line.quantity + goods.batch.quantity;
                place(goods, found, line, &mut notice.units);
            }
        }
        if problems.is_empty() { Ok(notice) } else { Err(problems) }
    }
}

fn first_of(found: &FoundLine, goods: &StatedGoods) -> ShippedLine {
    ShippedLine {
        order: found.order.clone(),
        line: found.line.clone(),
        quantity: Micro::ZERO,
        unit: goods.unit.clone(),
        batches: Vec::new(),
    }
}

/// Puts goods into their unit, or leaves them loose: then their batch is told where one is known.
fn place(goods: &StatedGoods, found: FoundLine, line: &mut ShippedLine, units: &mut [HandlingUnit]) {
    let batch = goods.batch.clone();
    let unit = goods.packed_in.as_ref().and_then(|key| units.iter_mut().find(|unit| unit.key == *key));
    match unit {
        Some(unit) => unit.contents.push(Content { order: found.order, line: found.line, batch }),
        None if batch != (Batch { quantity: batch.quantity, ..Batch::default() }) => line.batches.push(batch),
        None => {}
    }
}

/// A receipt as stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptStatement {
    /// All but the lines.
    pub document: ReceiptDocument,
    /// The lines, each with the names of its order line. `order` and `line` of the line itself are empty.
    pub lines: Vec<(NamedLine, ReceiptLine)>,
    /// Where the message names the receipt.
    #[serde(skip)]
    pub place: Field,
}

impl ReceiptStatement {
    /// The receipt in terms of order lines. `find` tells the line that a name means.
    ///
    /// # Errors
    /// Every name that means no line.
    pub fn resolve(
        &self,
        mut find: impl FnMut(&NamedLine) -> Result<FoundLine, NotFound>,
    ) -> Result<ReceiptDocument, Problems> {
        let mut problems = Problems::new();
        let mut document = self.document.clone();
        for (named, line) in &self.lines {
            match find(named) {
                Ok(FoundLine { order, line: number }) => {
                    document.lines.push(ReceiptLine { order, line: number, ..line.clone() });
                }
                Err((code, words)) => problems.add(code, &named.place, words),
            }
        }
        if problems.is_empty() { Ok(document) } else { Err(problems) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goods(line: &str, quantity: i32, packed_in: Option<&str>, lot: Option<&str>) -> StatedGoods {
        StatedGoods {
            named: NamedLine { order: "PO-1".into(), line: Some(line.into()), ..NamedLine::default() },
            unit: Some("EA".into()),
            packed_in: packed_in.map(str::to_owned),
            batch: Batch { quantity: quantity.into(), lot: lot.map(str::to_owned), ..Batch::default() },
        }
    }

    fn shipment(goods: Vec<StatedGoods>) -> ShipmentStatement {
        let units = vec![HandlingUnit { key: "3".into(), ..HandlingUnit::default() }];
        ShipmentStatement {
            purpose: ShipmentPurpose::Announce,
            stated_at: Timestamp::from_micros(0),
            notice: ShipNotice { number: "S-1".into(), units, ..ShipNotice::default() },
            goods,
            place: Field::root(),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "a finder may fail")]
    fn as_named(named: &NamedLine) -> Result<FoundLine, NotFound> {
        Ok(FoundLine { order: named.order.clone(), line: named.line.clone().unwrap_or_default() })
    }

    #[test]
    fn goods_of_one_line_add_up_wherever_they_are() {
        let stated = vec![
            goods("1", 5, Some("3"), Some("L")),
            goods("1", 2, None, Some("M")),
            goods("1", 1, None, None),
        ];
        let notice = shipment(stated).resolve(as_named).unwrap();

        assert_eq!((notice.lines.len(), notice.lines[0].quantity), (1, Micro::from(8)));
        assert_eq!(notice.lines[0].batches.len(), 1, "loose goods of no batch say nothing");
        assert_eq!(notice.units[0].contents[0].batch.quantity, Micro::from(5));
    }

    #[test]
    fn every_name_that_means_no_line_is_told() {
        let stated =
            shipment(vec![goods("1", 5, None, None), goods("2", 5, None, None), goods("1", 5, None, None)]);
        let found = stated.resolve(|named| match named.line.as_deref() {
            Some("1") => Err(("UNKNOWN_LINE", "no such line".into())),
            _ => as_named(named),
        });
        assert_eq!(found.unwrap_err().as_slice().len(), 2);
        let mut mixed = shipment(vec![goods("1", 5, None, None), goods("1", 5, None, None)]);
        mixed.goods[1].unit = Some("XCS".into());
        assert_eq!(mixed.resolve(as_named).unwrap_err().as_slice()[0].code, "SEVERAL_UNITS");
    }
}
