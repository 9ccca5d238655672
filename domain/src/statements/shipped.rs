//! Shipments by the numbers their suppliers gave them. A draft is nobody's business but the supplier's.
use std::collections::{BTreeSet, HashMap};

use quayside_canonical::{PurchaseOrderId, ShipmentId, SupplierId, states::ShipmentStatus};
use quayside_entity::{shipment, shipment_line};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    BuyerScope, Failure,
    store::{ROWS, Tx},
};

/// The shipments a batch of documents names.
#[derive(Default)]
pub(crate) struct Shipped {
    by_number: HashMap<String, Vec<shipment::Model>>,
}

/// Why a number does not lead to a shipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoShipment {
    /// No shipment has it.
    Unknown,
    /// Shipments of several suppliers have it.
    Ambiguous,
}

impl Shipped {
    pub(crate) async fn load(tx: &Tx, scope: &BuyerScope, numbers: BTreeSet<&str>) -> Result<Self, Failure> {
        Self::find(tx, scope, numbers, false).await
    }

    /// The same, locked, in the order every writer does.
    pub(crate) async fn lock(tx: &Tx, scope: &BuyerScope, numbers: BTreeSet<&str>) -> Result<Self, Failure> {
        Self::find(tx, scope, numbers, true).await
    }

    async fn find(tx: &Tx, scope: &BuyerScope, numbers: BTreeSet<&str>, lock: bool) -> Result<Self, Failure> {
        use shipment::Column;
        let mut found = Self::default();
        for numbers in numbers.into_iter().collect::<Vec<_>>().chunks(ROWS) {
            let rows = scope
                .find::<shipment::Entity>()
                .filter(Column::Number.is_in(numbers.iter().copied()))
                .filter(Column::Status.ne(ShipmentStatus::Draft))
                .order_by_asc(Column::Id);
            let rows = if lock { rows.lock_exclusive() } else { rows };
            for row in rows.all(&**tx).await? {
                found.by_number.entry(row.number.clone()).or_default().push(row);
            }
        }
        Ok(found)
    }

    /// The shipment of that number, of that supplier where one is named.
    pub(crate) fn get(
        &self,
        number: &str,
        supplier: Option<SupplierId>,
    ) -> Result<&shipment::Model, NoShipment> {
        let rows = self.by_number.get(number).map(Vec::as_slice).unwrap_or_default();
        let mut rows = rows.iter().filter(|row| supplier.is_none_or(|only| only == row.supplier_id));
        match (rows.next(), rows.next()) {
            (None, _) => Err(NoShipment::Unknown),
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(NoShipment::Ambiguous),
        }
    }

    /// All that were found.
    pub(crate) fn ids(&self) -> Vec<ShipmentId> {
        self.by_number.values().flatten().map(|row| row.id).collect()
    }

    /// Changes a shipment as the batch goes on.
    pub(crate) fn replace(&mut self, row: shipment::Model) {
        let rows = self.by_number.entry(row.number.clone()).or_default();
        rows.retain(|other| other.id != row.id);
        rows.push(row);
    }

    /// The orders of the shipments' current lines.
    pub(crate) async fn orders(
        &self,
        tx: &Tx,
        scope: &BuyerScope,
    ) -> Result<HashMap<ShipmentId, BTreeSet<PurchaseOrderId>>, Failure> {
        use shipment_line::Column;
        let ids = self.ids();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(ShipmentId, PurchaseOrderId)> = scope
            .find::<shipment_line::Entity>()
            .filter(Column::ShipmentId.is_in(ids))
            .select_only()
            .columns([Column::ShipmentId, Column::OrderId])
            .distinct()
            .into_tuple()
            .all(&**tx)
            .await?;
        let mut orders: HashMap<_, BTreeSet<_>> = HashMap::new();
        for (shipment, order) in rows {
            orders.entry(shipment).or_default().insert(order);
        }
        Ok(orders)
    }
}
