//! Loaders of deliveries, for procurement: for anybody else there is nothing.
use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use quayside_canonical::DeliveryId;
use quayside_domain::deliveries::{self, DeliveryDetail, InterventionError};
use quayside_entity::delivery_attempt;

use crate::loaders::{Loaders, Shared};

/// The attempts of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttemptsOf(pub DeliveryId);

/// Not yours reads as not there.
fn or_nothing<T>(found: Result<Vec<T>, InterventionError>) -> Result<Vec<T>, Shared> {
    match found {
        Ok(rows) => Ok(rows),
        Err(InterventionError::Internal(failure)) => Err(failure.into()),
        Err(_) => Ok(Vec::new()),
    }
}

impl Loader<DeliveryId> for Loaders {
    type Value = DeliveryDetail;
    type Error = Shared;
    async fn load(&self, keys: &[DeliveryId]) -> Result<HashMap<DeliveryId, Self::Value>, Shared> {
        let Some(scope) = self.scope.as_buyer() else { return Ok(HashMap::new()) };
        let found = or_nothing(deliveries::by_ids(&scope, keys).await)?;
        Ok(found.into_iter().map(|one| (one.row.id, one)).collect())
    }
}

impl Loader<AttemptsOf> for Loaders {
    type Value = Vec<delivery_attempt::Model>;
    type Error = Shared;
    async fn load(&self, keys: &[AttemptsOf]) -> Result<HashMap<AttemptsOf, Self::Value>, Shared> {
        let Some(scope) = self.scope.as_buyer() else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut of: HashMap<AttemptsOf, Vec<_>> = HashMap::new();
        for row in or_nothing(deliveries::attempts_of_many(&scope, &ids).await)? {
            of.entry(AttemptsOf(row.delivery_id)).or_default().push(row);
        }
        Ok(of)
    }
}
