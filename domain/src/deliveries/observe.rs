//! How much is waiting, for the metrics page.
use quayside_canonical::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use crate::{Failure, SystemScope};

/// What waits for connections of one kind of standing.
#[derive(FromQueryResult)]
struct Waiting {
    standing: String,
    waiting: i64,
    oldest: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct Totals {
    pending: i64,
    open: i64,
    missing: i64,
}

/// How connections may stand: used, paused by a person or by rejected credentials, or open because they do not
/// answer.
const STANDINGS: [&str; 3] = ["active", "paused", "open"];

/// Sets the gauges of what has no place in the log yet, of what waits for connections that are active, paused or
/// open and how long the oldest of it has been waiting, and of how many connections are open. Looks only at what is
/// unfinished. What waits for webhook endpoints is left out: it may wait for days, and their owners see to it.
///
/// # Errors
/// The database failed; the gauges stay as they were.
pub async fn observe(system: &SystemScope) -> Result<(), Failure> {
    let backend = system.store().backend();
    let sql = "select (select count(*) from outbox) as pending,
        (select count(*) from circuit where state = 'OPEN') as open,
        (select count(*) from delivery_check where state = 'MISSING') as missing";
    if let Some(row) = system.store().worker().query_one_raw(Statement::from_string(backend, sql)).await? {
        let totals = Totals::from_query_result(&row, "")?;
        metrics::gauge!("quayside_outbox_pending").set(number(totals.pending));
        metrics::gauge!("quayside_circuits_open").set(number(totals.open));
        metrics::gauge!("quayside_deliveries_missing").set(number(totals.missing));
    }
    let sql = "select case when c.status = 'PAUSED' then 'paused' when o.state = 'OPEN' then 'open' else 'active' end
            as standing, cast(sum(w.waiting) as bigint) as waiting, min(w.oldest) as oldest
        from (select connection_id, count(*) as waiting, min(created_at) as oldest from delivery
            where status in ('WAITING', 'UNCONFIRMED', 'SENDING') group by connection_id) as w
        join connection c on c.id = w.connection_id left join circuit o on o.connection_id = c.id
        where c.kind <> 'webhook'
        group by 1";
    let rows = system.store().worker().query_all_raw(Statement::from_string(backend, sql)).await?;
    let rows: Vec<Waiting> =
        rows.iter().map(|row| Waiting::from_query_result(row, "")).collect::<Result<_, _>>()?;
    let now = system.now();
    let age = |oldest: Option<Timestamp>| oldest.map(|oldest| now.since(oldest)).unwrap_or_default();
    for standing in STANDINGS {
        let row = rows.iter().find(|row| row.standing == standing);
        let waiting = row.map_or(0.0, |row| number(row.waiting));
        let oldest = age(row.and_then(|row| row.oldest)).as_secs_f64();
        metrics::gauge!("quayside_deliveries_waiting", "connection" => standing).set(waiting);
        metrics::gauge!("quayside_deliveries_oldest_seconds", "connection" => standing).set(oldest);
    }
    let oldest = rows.iter().filter_map(|row| row.oldest).min();
    metrics::gauge!("quayside_delivery_age_seconds").set(age(oldest).as_secs_f64());
    Ok(())
}

fn number(count: i64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
