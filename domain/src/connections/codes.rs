//! A system's own codes: the cross-references that its connections name.
use std::collections::BTreeSet;

use quayside_canonical::{TenantId, master_data::CrossReference};
use quayside_entity::{connection, cross_reference};
use sea_orm::{ColumnTrait, ExprTrait, QueryFilter, sea_query::Expr};

use crate::{Failure, Scope, SystemScope, scope::update_in_tenant, store::Tx};

/// The cross-references of `code_system`, in no particular order.
///
/// # Errors
/// The database failed.
pub async fn codes(
    system: &SystemScope,
    tenant: TenantId,
    code_system: &str,
) -> Result<Vec<CrossReference>, Failure> {
    let tx = system.read().await?;
    let rows = system
        .find::<cross_reference::Entity>()
        .filter(cross_reference::Column::TenantId.eq(tenant))
        .filter(cross_reference::Column::System.eq(code_system))
        .all(&*tx)
        .await?;
    let references = rows.into_iter().map(|row| CrossReference {
        system: row.system,
        kind: row.kind,
        external_code: row.external_code,
        code: row.code,
    });
    Ok(references.collect())
}

/// Notes that the codes of `systems` changed, so that whoever remembers them reads them again.
pub(crate) async fn codes_changed(tx: &Tx, scope: &Scope, systems: &BTreeSet<String>) -> Result<(), Failure> {
    if systems.is_empty() {
        return Ok(());
    }
    let count = connection::Column::CodesRevision;
    update_in_tenant::<connection::Entity>(scope)
        .col_expr(count, Expr::col(count).add(1))
        .filter(connection::Column::CodeSystem.is_in(systems.iter().map(String::as_str)))
        .exec(&**tx)
        .await?;
    Ok(())
}
