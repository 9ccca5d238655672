//! Work that one process at a time does, so that the others do not queue up behind its locks: dispatching, publishing. A
//! courtesy: two that do it at once would still be correct.
use std::{sync::LazyLock, time::Duration};

use quayside_entity::lease;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, Statement};

use crate::{Failure, SystemScope, store::Tx};

/// This process.
static HOLDER: LazyLock<String> = LazyLock::new(|| uuid::Uuid::now_v7().to_string());

/// Takes or renews the lease `name` for `term`. False while another process holds it.
///
/// A lease that ends later than any could was written under a clock that has since been put right; it
/// counts as over.
pub(crate) async fn hold(
    tx: &Tx,
    system: &SystemScope,
    name: &'static str,
    term: Duration,
) -> Result<bool, Failure> {
    let sql = "insert into lease (name, holder, until) values ($1, $2, $3) \
        on conflict (name) do update set holder = excluded.holder, until = excluded.until \
        where lease.holder = excluded.holder or lease.until <= $4 or lease.until > $5";
    let now = system.now();
    let values =
        [name.into(), HOLDER.as_str().into(), now.plus(term).into(), now.into(), now.plus(term * 2).into()];
    let statement = Statement::from_sql_and_values(system.store().backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected() > 0)
}

/// The same in a transaction of its own.
pub(crate) async fn take(system: &SystemScope, name: &'static str, term: Duration) -> Result<bool, Failure> {
    let tx = system.write().await?;
    let held = hold(&tx, system, name, term).await?;
    tx.commit().await?;
    Ok(held)
}

/// Gives the lease `name` back, if this process holds it, so that another can go on at once.
pub(crate) async fn give_back(system: &SystemScope, name: &'static str) -> Result<(), Failure> {
    let tx = system.write().await?;
    system
        .delete::<lease::Entity>()
        .filter(lease::Column::Name.eq(name))
        .filter(lease::Column::Holder.eq(HOLDER.as_str()))
        .exec(&*tx)
        .await?;
    tx.commit().await
}
