//! Loaders of shipments: few statements for a page of them.
use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use quayside_canonical::{PurchaseOrderId, ShipmentId};
use quayside_domain::shipments::query::{self, ShipmentView};
use quayside_entity::shipment_version;

use crate::loaders::{Loaders, Shared};

/// Shipments with goods of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShipmentsOf(pub PurchaseOrderId);
/// The versions of a shipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VersionsOf(pub ShipmentId);

impl Loader<ShipmentId> for Loaders {
    type Value = Arc<ShipmentView>;
    type Error = Shared;
    async fn load(&self, keys: &[ShipmentId]) -> Result<HashMap<ShipmentId, Self::Value>, Shared> {
        let tx = self.scope().read().await?;
        let found = query::by_ids(&tx, self.scope(), keys).await?;
        Ok(found.into_iter().map(|(id, view)| (id, Arc::new(view))).collect())
    }
}

impl Loader<ShipmentsOf> for Loaders {
    type Value = Vec<Arc<ShipmentView>>;
    type Error = Shared;
    async fn load(&self, keys: &[ShipmentsOf]) -> Result<HashMap<ShipmentsOf, Self::Value>, Shared> {
        let orders: Vec<_> = keys.iter().map(|key| key.0).collect();
        let tx = self.scope().read().await?;
        let by_order = query::of_orders(&tx, self.scope(), &orders).await?;
        let mut ids: Vec<ShipmentId> = by_order.values().flatten().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let found = query::by_ids(&tx, self.scope(), &ids).await?;
        let found: HashMap<_, _> = found.into_iter().map(|(id, view)| (id, Arc::new(view))).collect();
        let of_order = |(order, ids): (PurchaseOrderId, Vec<ShipmentId>)| {
            (ShipmentsOf(order), ids.iter().filter_map(|id| found.get(id).cloned()).collect())
        };
        Ok(by_order.into_iter().map(of_order).collect())
    }
}

impl Loader<VersionsOf> for Loaders {
    type Value = Vec<shipment_version::Model>;
    type Error = Shared;
    async fn load(&self, keys: &[VersionsOf]) -> Result<HashMap<VersionsOf, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let tx = self.scope().read().await?;
        let versions = query::versions(&tx, self.scope(), &ids).await?;
        Ok(versions.into_iter().map(|(id, versions)| (VersionsOf(id), versions)).collect())
    }
}
