//! Notes that a session or token is in use, at most once a minute and never in a request's way.
use std::time::Duration;

use quayside_canonical::Timestamp;
use sea_orm::{ConnectionTrait, Statement};

use super::{Principal, Via};
use crate::{Failure, SystemScope};

/// How exactly use is noted. A session may end this much before it was idle for long enough.
const NOTED_EVERY: Duration = Duration::from_secs(60);

impl Principal {
    /// Whether it is time to [`touch`]. The caller does that in a task of its own, after the request.
    #[must_use]
    pub fn wants_touch(&self, now: Timestamp) -> bool {
        self.noted_at.is_none_or(|noted| now.since(noted) >= NOTED_EVERY)
    }
}

/// Notes that the session or token of `principal` is in use, unless that was noted a moment ago.
///
/// # Errors
/// The database failed. Nothing is lost but the note.
pub async fn touch(system: &SystemScope, principal: &Principal) -> Result<(), Failure> {
    let now = system.now();
    if !principal.wants_touch(now) {
        return Ok(());
    }
    let (sql, id) = match principal.via {
        Via::Session(id) => {
            let sql = "update session set seen_at = $1 where id = $2 and seen_at <= $3 and ended_at is null";
            (sql, id.0)
        }
        Via::Token(id, _) => {
            let sql = "update access_token set last_used_at = $1
                where id = $2 and (last_used_at is null or last_used_at <= $3)";
            (sql, id.0)
        }
    };
    let values = [now.into(), id.into(), now.minus(NOTED_EVERY).into()];
    let tx = system.write().await?;
    tx.execute_raw(Statement::from_sql_and_values(system.store().backend(), sql, values)).await?;
    tx.commit().await
}
