//! What was written under a clock that was ahead, and has since been put right.
//!
//! Such a delivery would wait as long as the clock was ahead: an hour, or a day. It is known by a time that cannot be yet:
//! it was made, or taken by a worker, in what is now the future. So is a circuit that is open for longer than any is.
use quayside_canonical::Timestamp;
use sea_orm::{ConnectionTrait, Statement};

use super::{circuit::LONGEST_WAIT, claim::LEASE};
use crate::{Failure, SystemScope};

/// Deliveries that wait because of a wrong clock. What waits for its next attempt as it should is not among them.
const DELIVERIES: &str = "status in ('WAITING', 'UNCONFIRMED', 'SENDING') and next_at > $1 \
    and (created_at > $2 or lease_until > $2)";
const CIRCUITS: &str = "not_before > $3";

/// Makes due what waits because of a wrong clock, and says how many deliveries that were.
///
/// # Errors
/// The database failed. The next call does it.
#[tracing::instrument(skip_all)]
pub async fn put_right(system: &SystemScope) -> Result<u64, Failure> {
    let (now, backend) = (system.now(), system.store().backend());
    // The clocks of two machines may differ a little, and a lease ends in the future.
    let times = [now, now.plus(LEASE * 2), now.plus(LONGEST_WAIT * 2)];
    let sql = format!(
        "select case when exists (select 1 from delivery where {DELIVERIES}) \
            or exists (select 1 from circuit where {CIRCUITS}) then 1 else 0 end"
    );
    let wrong = Statement::from_sql_and_values(backend, sql, times.map(Into::into));
    let wrong = system.store().worker().query_one_raw(wrong).await?;
    if wrong.map(|row| row.try_get_by_index::<i32>(0)).transpose()? != Some(1) {
        return Ok(0); // as always: no write, no lock
    }
    let deliveries = write(system, times).await?;
    tracing::warn!(deliveries, "the clock was ahead when these were written; they are due now");
    system.store().wake().deliveries_due();
    Ok(deliveries)
}

async fn write(system: &SystemScope, [now, too_late, too_long]: [Timestamp; 3]) -> Result<u64, Failure> {
    let backend = system.store().backend();
    let due = format!("update delivery set next_at = $1, lease_until = $1 where {DELIVERIES}");
    let due = Statement::from_sql_and_values(backend, due, [now.into(), too_late.into()]);
    let open = "update circuit set not_before = $1 where not_before > $2";
    let open = Statement::from_sql_and_values(backend, open, [now.into(), too_long.into()]);
    let tx = system.write().await?;
    let deliveries = tx.execute_raw(due).await?.rows_affected();
    tx.execute_raw(open).await?;
    tx.commit().await?;
    Ok(deliveries)
}
