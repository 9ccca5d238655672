//! stub until merge
use crate::{Failure, Scope, store::Tx};
use quayside_canonical::{
    SupplierId,
    policy::{Policy, Rules},
};
use quayside_entity::supplier;
use std::collections::HashMap;
pub async fn rules_of(
    _: &Tx,
    _: &Scope,
    rows: &[supplier::Model],
) -> Result<HashMap<SupplierId, Rules>, Failure> {
    Ok(rows.iter().map(|r| (r.id, Rules::from_layers(&[&Policy::default()]))).collect())
}
