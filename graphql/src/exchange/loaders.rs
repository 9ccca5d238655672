//! Loaders of what was sent: few statements for a page of orders.
use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use quayside_canonical::PurchaseOrderId;
use quayside_domain::exchange::{self, SentView};

use crate::loaders::{Loaders, Shared};

/// What was sent about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SentOf(pub PurchaseOrderId);

impl Loader<SentOf> for Loaders {
    type Value = Vec<SentView>;
    type Error = Shared;
    async fn load(&self, keys: &[SentOf]) -> Result<HashMap<SentOf, Self::Value>, Shared> {
        let orders: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = exchange::of_orders(self.scope(), &orders).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(order, sent)| (SentOf(order), sent)).collect())
    }
}
