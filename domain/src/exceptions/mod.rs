//! stub until merge
use crate::{Failure, Scope, store::Tx};
use quayside_canonical::{
    PurchaseOrderId, SupplierId,
    states::{ExceptionKind, Severity},
};
pub struct NewException {
    pub kind: ExceptionKind,
    pub subject: String,
    pub supplier: Option<SupplierId>,
    pub order: Option<PurchaseOrderId>,
    pub severity: Severity,
    pub summary: String,
    pub detail: serde_json::Value,
}
pub async fn open_many(_: &Tx, _: &Scope, _: Vec<NewException>) -> Result<(), Failure> {
    Ok(())
}
pub async fn open(_: &Tx, _: &Scope, _: NewException) -> Result<(), Failure> {
    Ok(())
}
pub async fn resolve(_: &Tx, _: &Scope, _: ExceptionKind, _: &str, _: &str) -> Result<(), Failure> {
    Ok(())
}
