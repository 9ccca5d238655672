//! An order as an answer sees it: locked, with what it asks and what is tolerated.
use std::collections::BTreeMap;

use quayside_canonical::{
    PurchaseOrderId,
    order::PurchaseOrder,
    policy::{Policy, Rules},
};
use quayside_entity::purchase_order;
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QuerySelect, Statement};

use super::{
    query::{Standing, standing_answers},
    submit::SubmitError,
};
use crate::{Failure, SupplierScope, store::Tx};

/// An order as an answer sees it.
pub(super) struct Asked {
    pub(super) row: purchase_order::Model,
    pub(super) document: PurchaseOrder,
    pub(super) standing: BTreeMap<String, Standing>,
    pub(super) rules: Rules,
}

/// Loads and locks the order: a new revision waits until this answer is on file.
///
/// The lock is a statement of its own. A join would still show the revision that was current before the lock
/// was granted.
pub(super) async fn load(
    tx: &Tx,
    scope: &SupplierScope,
    order: PurchaseOrderId,
) -> Result<Asked, SubmitError> {
    let row = scope
        .find::<purchase_order::Entity>()
        .filter(purchase_order::Column::Id.eq(order))
        .lock_exclusive()
        .one(&**tx)
        .await?
        .ok_or(SubmitError::OrderNotFound)?;
    let terms = terms(tx, scope, &row).await?;
    let standing = standing_answers(tx, scope, &[order]).await?.remove(&order).unwrap_or_default();
    let layer = |json: &str| serde_json::from_str::<Policy>(json).map_err(Failure::from);
    let group = terms.group_policy.as_deref().map(layer).transpose()?.unwrap_or_default();
    let rules = Rules::from_layers(&[&layer(&terms.tenant_policy)?, &group, &layer(&terms.supplier_policy)?]);
    let document = serde_json::from_str(&terms.document).map_err(Failure::from)?;
    Ok(Asked { row, document, standing, rules })
}

/// What the order says now, and the three layers of rules.
#[derive(FromQueryResult)]
struct Terms {
    document: String,
    tenant_policy: String,
    group_policy: Option<String>,
    supplier_policy: String,
}

async fn terms(tx: &Tx, scope: &SupplierScope, order: &purchase_order::Model) -> Result<Terms, SubmitError> {
    let sql =
        "select r.document, t.policy as tenant_policy, g.policy as group_policy, s.policy as supplier_policy
        from purchase_order_revision r
        join tenant t on t.id = r.tenant_id
        join supplier s on s.id = r.supplier_id and s.tenant_id = r.tenant_id
        left join supplier_group g on g.id = s.group_id and g.tenant_id = r.tenant_id
        where r.tenant_id = $1 and r.supplier_id = $2 and r.order_id = $3 and r.number = $4";
    let values = [scope.tenant.into(), scope.supplier.into(), order.id.into(), order.revision.into()];
    let statement = Statement::from_sql_and_values(scope.store().backend(), sql, values);
    let terms = Terms::find_by_statement(statement).one(&**tx).await?;
    terms.ok_or_else(|| Failure::Corrupt(format!("{} lacks its current revision", order.id)).into())
}
