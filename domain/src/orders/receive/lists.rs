//! The tenant's lists of codes, as far as a batch of documents names them.
use std::collections::BTreeSet;

use quayside_canonical::order::PurchaseOrder;
use quayside_entity::{item, location};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use crate::{
    BuyerScope, Failure,
    store::{ROWS, Tx},
};

/// The codes of the documents that are in the tenant's lists; nothing where it keeps no list.
#[derive(Default)]
pub(super) struct Lists {
    /// Item numbers.
    pub(super) items: Option<BTreeSet<String>>,
    /// Location codes.
    pub(super) locations: Option<BTreeSet<String>>,
}

pub(super) async fn load(
    tx: &Tx,
    scope: &BuyerScope,
    documents: &[&PurchaseOrder],
) -> Result<Lists, Failure> {
    Ok(Lists { items: items(tx, scope, documents).await?, locations: locations(tx, scope, documents).await? })
}

async fn items(
    tx: &Tx,
    scope: &BuyerScope,
    documents: &[&PurchaseOrder],
) -> Result<Option<BTreeSet<String>>, Failure> {
    if scope.find_shared::<item::Entity>().limit(1).one(&**tx).await?.is_none() {
        return Ok(None);
    }
    let lines = documents.iter().flat_map(|order| &order.lines);
    let named: BTreeSet<&str> = lines.filter_map(|line| line.buyer_part.as_deref()).collect();
    let mut known = BTreeSet::new();
    for numbers in named.into_iter().collect::<Vec<_>>().chunks(ROWS) {
        let rows = scope.find_shared::<item::Entity>();
        let rows = rows.filter(item::Column::Number.is_in(numbers.iter().copied())).all(&**tx).await?;
        known.extend(rows.into_iter().map(|row| row.number));
    }
    Ok(Some(known))
}

async fn locations(
    tx: &Tx,
    scope: &BuyerScope,
    documents: &[&PurchaseOrder],
) -> Result<Option<BTreeSet<String>>, Failure> {
    if scope.find_shared::<location::Entity>().limit(1).one(&**tx).await?.is_none() {
        return Ok(None);
    }
    let places = documents
        .iter()
        .flat_map(|order| order.ship_to.iter().chain(order.lines.iter().filter_map(|l| l.ship_to.as_ref())));
    let named: BTreeSet<&str> = places.filter_map(|place| place.code.as_deref()).collect();
    let mut known = BTreeSet::new();
    for codes in named.into_iter().collect::<Vec<_>>().chunks(ROWS) {
        let rows = scope.find_shared::<location::Entity>();
        let rows = rows.filter(location::Column::Code.is_in(codes.iter().copied())).all(&**tx).await?;
        known.extend(rows.into_iter().map(|row| row.code));
    }
    Ok(Some(known))
}
