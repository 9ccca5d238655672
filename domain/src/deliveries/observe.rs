//! How much is waiting, for the metrics page.
use sea_orm::{ConnectionTrait, Statement};

use crate::{Failure, SystemScope};

/// Sets the gauges of what has no place in the log yet and of how long the oldest unfinished delivery has
/// been waiting. Cheap: both look only at what is unfinished.
///
/// # Errors
/// The database failed; the gauges stay as they were.
pub async fn observe(system: &SystemScope) -> Result<(), Failure> {
    let sql = "select (select count(*) from outbox) as pending, \
        (select min(created_at) from delivery where status in ('WAITING', 'UNCONFIRMED', 'SENDING')) as oldest";
    let statement = Statement::from_string(system.store().backend(), sql);
    let Some(row) = system.store().worker().query_one_raw(statement).await? else { return Ok(()) };
    let pending: i64 = row.try_get("", "pending")?;
    let oldest: Option<i64> = row.try_get("", "oldest")?;
    let oldest = oldest.map(quayside_canonical::Timestamp::from_micros);
    let age = oldest.map(|oldest| system.now().since(oldest)).unwrap_or_default();
    metrics::gauge!("quayside_outbox_pending").set(f64::from(u32::try_from(pending).unwrap_or(u32::MAX)));
    metrics::gauge!("quayside_delivery_age_seconds").set(age.as_secs_f64());
    Ok(())
}
