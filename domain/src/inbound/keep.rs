//! How long what came in is kept as it came.
use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};

use crate::{Failure, SystemScope};

/// Rows of one call: short enough that nobody waits for it.
const BATCH: i64 = 500;

/// Forgets the bytes of messages that were finished longer ago than `kept`, a bounded number, and says how many.
/// Hash and outcome stay: the same bytes again are recognised still.
///
/// # Errors
/// The database failed.
pub async fn forget_raw(system: &SystemScope, kept: Duration) -> Result<u64, Failure> {
    let sql = "update inbound_message set raw = null where id in \
        (select id from inbound_message where raw is not null and finished_at < $1 order by finished_at limit $2)";
    let values = [system.now().minus(kept).into(), BATCH.into()];
    let tx = system.write().await?;
    let statement = Statement::from_sql_and_values(system.store().backend(), sql, values);
    let forgotten = tx.execute_raw(statement).await?.rows_affected();
    tx.commit().await?;
    Ok(forgotten)
}
