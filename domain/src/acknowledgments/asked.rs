//! An order as an answer sees it: locked, with what it asks and what is tolerated.
use std::collections::BTreeMap;

use quayside_canonical::{
    AcknowledgmentId, PurchaseOrderId,
    order::PurchaseOrder,
    policy::{Policy, Rules},
    states::LineStatus,
};
use quayside_entity::purchase_order;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryResult, QuerySelect, Statement};

use super::{check::Standing, submit::SubmitError};
use crate::{Failure, SupplierScope, idempotency::Keyed, store::Tx};

/// An order as an answer sees it.
pub(super) struct Asked {
    pub(super) row: purchase_order::Model,
    pub(super) document: PurchaseOrder,
    pub(super) standing: BTreeMap<String, Standing>,
    pub(super) rules: Rules,
    /// The hash and the result of an earlier request with the same key.
    pub(super) earlier: Option<(Vec<u8>, String)>,
}

/// Loads and locks the order: a new revision waits until this answer is on file.
///
/// The lock is a statement of its own. A join would still show the revision that was current before the lock
/// was granted. `key` is looked for after it too: a retry that waited here finds what the first attempt made.
pub(super) async fn load(
    tx: &Tx,
    scope: &SupplierScope,
    order: PurchaseOrderId,
    key: Option<&Keyed<'_>>,
) -> Result<Asked, SubmitError> {
    let row = scope
        .find::<purchase_order::Entity>()
        .filter(purchase_order::Column::Id.eq(order))
        .lock_exclusive()
        .one(&**tx)
        .await?
        .ok_or(SubmitError::OrderNotFound)?;
    let mut terms = None;
    let mut standing = BTreeMap::new();
    for found in question(tx, scope, &row, key).await? {
        match line(&found)? {
            Some((line, stands)) => drop(standing.insert(line, stands)),
            None => terms = Some((self::terms(&found)?, earlier(&found)?)),
        }
    }
    let missing = || Failure::Corrupt(format!("{} lacks its current revision", row.id));
    let ((document, rules), earlier) = terms.ok_or_else(missing)?;
    Ok(Asked { row, document, standing, rules, earlier })
}

/// One row of what the order says now, the three layers of rules and the key; and one for each line that stands.
async fn question(
    tx: &Tx,
    scope: &SupplierScope,
    order: &purchase_order::Model,
    key: Option<&Keyed<'_>>,
) -> Result<Vec<QueryResult>, DbErr> {
    let sql = "select r.document, t.policy as tenant_policy, g.policy as group_policy,
            s.policy as supplier_policy, k.request_hash, k.result,
            null as line, null as status, null as acknowledgment_id
        from purchase_order_revision r
        join tenant t on t.id = r.tenant_id
        join supplier s on s.id = r.supplier_id and s.tenant_id = r.tenant_id
        left join supplier_group g on g.id = s.group_id and g.tenant_id = r.tenant_id
        left join idempotency_key k
            on k.tenant_id = r.tenant_id and k.principal = $5 and k.operation = $6 and k.key = $7
        where r.tenant_id = $1 and r.supplier_id = $2 and r.order_id = $3 and r.number = $4
        union all
        select null, null, null, null, null, null, l.line, l.status, l.acknowledgment_id
        from line_state l
        where l.tenant_id = $1 and l.supplier_id = $2 and l.order_id = $3";
    let (operation, key) = key.map_or(("", String::new()), |key| (key.operation, key.key.to_string()));
    let values = [
        scope.tenant.into(),
        scope.supplier.into(),
        order.id.into(),
        order.revision.into(),
        scope.actor.to_string().into(),
        operation.into(),
        key.into(),
    ];
    tx.query_all_raw(Statement::from_sql_and_values(scope.store().backend(), sql, values)).await
}

fn terms(row: &QueryResult) -> Result<(PurchaseOrder, Rules), Failure> {
    let document: String = row.try_get("", "document")?;
    let layer = |column: &str| -> Result<Policy, Failure> {
        let json: Option<String> = row.try_get("", column)?;
        Ok(json.map(|json| serde_json::from_str(&json)).transpose()?.unwrap_or_default())
    };
    let layers = [layer("tenant_policy")?, layer("group_policy")?, layer("supplier_policy")?];
    Ok((serde_json::from_str(&document)?, Rules::from_layers(&layers.each_ref())))
}

fn earlier(row: &QueryResult) -> Result<Option<(Vec<u8>, String)>, Failure> {
    let hash: Option<Vec<u8>> = row.try_get("", "request_hash")?;
    Ok(hash.zip(row.try_get("", "result")?))
}

fn line(row: &QueryResult) -> Result<Option<(String, Standing)>, Failure> {
    let Some(line) = row.try_get::<Option<String>>("", "line")? else { return Ok(None) };
    let status: LineStatus = row.try_get("", "status")?;
    let acknowledgment: Option<AcknowledgmentId> = row.try_get("", "acknowledgment_id")?;
    Ok(Some((line, Standing { status, acknowledgment })))
}
