//! One dispatcher at a time, so that the others do not queue up behind its locks. A courtesy: two that
//! dispatch at once would still be correct.
use std::{sync::LazyLock, time::Duration};

use sea_orm::{ConnectionTrait, Statement};

use crate::{Failure, SystemScope, store::Tx};

const NAME: &str = "dispatch";
/// As short as a dispatcher needs, because for so long nothing is dispatched after one was killed.
const TERM: Duration = Duration::from_secs(2);

/// This process.
static HOLDER: LazyLock<String> = LazyLock::new(|| uuid::Uuid::now_v7().to_string());

/// Takes or renews the lease. False while another process holds it.
///
/// A lease that ends later than any could was written under a clock that has since been put right; it
/// counts as over.
pub(super) async fn hold(tx: &Tx, system: &SystemScope) -> Result<bool, Failure> {
    let sql = "insert into lease (name, holder, until) values ($1, $2, $3) \
        on conflict (name) do update set holder = excluded.holder, until = excluded.until \
        where lease.holder = excluded.holder or lease.until <= $4 or lease.until > $5";
    let now = system.now();
    let values =
        [NAME.into(), HOLDER.as_str().into(), now.plus(TERM).into(), now.into(), now.plus(TERM * 2).into()];
    let statement = Statement::from_sql_and_values(system.store().backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected() > 0)
}
