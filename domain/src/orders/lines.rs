//! The lines of orders and where each stands: three statements, however many orders are shown.
//!
//! Lines and where they stand are read apart: joining them costs the database more than both together.
use std::collections::HashMap;

use quayside_canonical::{Date, Micro, PurchaseOrderId};
use quayside_entity::purchase_order_line;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::{
    Failure, Scope,
    acknowledgments::query::{Standing, standing_answers},
    store::{InOrder, Tx},
    writes::among,
};

/// A line of an order's revision, with where it stands.
#[derive(Clone, Debug)]
pub struct OrderLine {
    /// The line number as the buyer has it.
    pub number: String,
    /// The buyer's part number.
    pub buyer_part: Option<String>,
    /// The supplier's part number.
    pub supplier_part: Option<String>,
    /// GTIN.
    pub gtin: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// How much is ordered.
    pub quantity: Micro,
    /// In which unit.
    pub unit: String,
    /// Price of `price_per` units.
    pub unit_price: Option<Micro>,
    /// For how many units the price is.
    pub price_per: Option<Micro>,
    /// First day the goods are wanted.
    pub deliver_from: Option<Date>,
    /// Last day the goods are wanted.
    pub deliver_to: Option<Date>,
    /// Whether the buyer cancelled the line.
    pub cancelled: bool,
    /// Where it stands, as long as its number is on the current revision.
    pub standing: Option<Standing>,
}

/// A row of the statement.
struct Row {
    order: PurchaseOrderId,
    revision: i32,
    place: i32,
    line: OrderLine,
}

/// The lines of the given revisions, in the order's order.
///
/// # Errors
/// The database failed.
pub async fn lines_of(
    tx: &Tx,
    scope: &Scope,
    revisions: &[(PurchaseOrderId, i32)],
) -> Result<HashMap<(PurchaseOrderId, i32), Vec<OrderLine>>, Failure> {
    let orders: Vec<_> = revisions.iter().map(|(order, _)| *order).collect();
    let mut rows = read(tx, scope, revisions, &orders).await?;
    // A few lines an order: sorted here for less than the database would take.
    rows.sort_unstable_by_key(|row| (row.order, row.place));
    let standing = standing_answers(tx, scope, &orders).await?;
    let mut lines: HashMap<_, Vec<_>> = revisions.iter().map(|key| (*key, Vec::new())).collect();
    for Row { order, revision, mut line, .. } in rows {
        let Some(of) = lines.get_mut(&(order, revision)) else { continue };
        line.standing = standing.get(&order).and_then(|lines| lines.get(&line.number)).cloned();
        of.push(line);
    }
    Ok(lines)
}

async fn read(
    tx: &Tx,
    scope: &Scope,
    revisions: &[(PurchaseOrderId, i32)],
    orders: &[PurchaseOrderId],
) -> Result<Vec<Row>, Failure> {
    use purchase_order_line::Column;
    let backend = tx.get_database_backend();
    // One list of ids lets both databases use the primary key; the few lines of other revisions are left out.
    let mut query = scope
        .find::<purchase_order_line::Entity>()
        .filter(among(backend, Column::OrderId, orders.iter().copied())?)
        .select_only()
        .columns([Column::OrderId, Column::Revision, Column::Place, Column::Line])
        .columns([Column::BuyerPart, Column::SupplierPart, Column::Gtin, Column::Description])
        .columns([Column::Quantity, Column::Unit, Column::UnitPrice, Column::PricePer])
        .columns([Column::DeliverFrom, Column::DeliverTo, Column::Cancelled]);
    if let [(_, only)] = revisions {
        query = query.filter(Column::Revision.eq(*only));
    }
    let rows = tx.query_all_raw(query.build(backend)).await?;
    rows.iter().map(|row| Ok(row_of(InOrder::of(row))?)).collect()
}

fn row_of(mut row: InOrder<'_>) -> Result<Row, sea_orm::DbErr> {
    Ok(Row {
        order: row.next()?,
        revision: row.next()?,
        place: row.next()?,
        line: OrderLine {
            number: row.next()?,
            buyer_part: row.maybe()?,
            supplier_part: row.maybe()?,
            gtin: row.maybe()?,
            description: row.maybe()?,
            quantity: row.next()?,
            unit: row.next()?,
            unit_price: row.maybe()?,
            price_per: row.maybe()?,
            deliver_from: row.maybe()?,
            deliver_to: row.maybe()?,
            cancelled: row.next()?,
            standing: None,
        },
    })
}
