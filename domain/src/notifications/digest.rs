//! The day's digest: one mail with everything a person did not want to be told at once.
use std::collections::BTreeMap;

use quayside_canonical::{Actor, Channel, MailId, MembershipId, Timestamp, notification::MailStatus};
use quayside_entity::{mail, notice};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockBehavior, LockType},
};

use crate::{
    Failure, SystemScope,
    scope::{Origin, update_in_tenant},
    store::{ROWS, Tx},
};

/// The most notices that one mail lists; the rest are counted.
const LISTED: usize = 200;

/// Writes the digests of everybody who has notices from before `hour` (UTC) of the latest day whose hour has come.
/// Returns how many digests that were. Looked at again on the same day it finds nothing.
///
/// # Errors
/// The database failed; nothing was written.
pub async fn digest(system: &SystemScope, hour: u8) -> Result<usize, Failure> {
    let tx = system.write().await?;
    let waiting = system
        .find::<notice::Entity>()
        .filter(notice::Column::MailId.is_null())
        .filter(notice::Column::CreatedAt.lt(latest(system.now(), hour)))
        .order_by_asc(notice::Column::CreatedAt)
        .order_by_asc(notice::Column::Id)
        .limit(ROWS as u64)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(&*tx)
        .await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let mut of_places: BTreeMap<MembershipId, Vec<notice::Model>> = BTreeMap::new();
    for notice in waiting {
        of_places.entry(notice.membership_id).or_default().push(notice);
    }
    let digests = of_places.len();
    for (place, notices) in of_places {
        write(system, &tx, place, &notices).await?;
    }
    tx.commit().await?;
    Ok(digests)
}

async fn write(
    system: &SystemScope,
    tx: &Tx,
    place: MembershipId,
    notices: &[notice::Model],
) -> Result<(), Failure> {
    let Some(first) = notices.first() else { return Ok(()) };
    let lines: Vec<String> = notices.iter().take(LISTED).map(|notice| format!("- {}", notice.line)).collect();
    let rest = notices.len().saturating_sub(LISTED);
    let rest = if rest > 0 { format!("\n\nand {rest} more.") } else { String::new() };
    let row = mail::Model {
        id: MailId::generate(),
        tenant_id: first.tenant_id,
        membership_id: place,
        subject: format!("Your digest: {} since yesterday", count(notices.len())),
        body: format!("This is what happened since the last digest.\n\n{}{rest}", lines.join("\n")),
        link: "/exceptions".to_owned(),
        status: MailStatus::Waiting,
        attempts: 0,
        fence: 0,
        next_at: system.now(),
        error: None,
        created_at: system.now(),
        finished_at: None,
    };
    let id = row.id;
    row.into_active_model().reset_all().insert(&**tx).await?;
    let scope = system.in_tenant(first.tenant_id, Actor::System, &Origin::new(Channel::System));
    update_in_tenant::<notice::Entity>(&scope)
        .col_expr(notice::Column::MailId, Expr::value(Some(id)))
        .filter(notice::Column::Id.is_in(notices.iter().map(|notice| notice.id)))
        .exec(&**tx)
        .await?;
    Ok(())
}

fn count(notices: usize) -> String {
    if notices == 1 { "one thing".to_owned() } else { format!("{notices} things") }
}

/// The latest moment at or before `now` when it was `hour` o'clock.
fn latest(now: Timestamp, hour: u8) -> Timestamp {
    const DAY: i64 = 24 * 3_600;
    let offset = i64::from(hour) * 3_600;
    let day = (now.seconds() - offset).div_euclid(DAY);
    Timestamp::from_micros((day * DAY + offset) * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_of_today_or_else_of_yesterday() {
        let at = |now: &str, hour| latest(now.parse().unwrap(), hour).to_string();
        assert_eq!(at("2026-11-23T08:00:00Z", 6), "2026-11-23T06:00:00Z");
        assert_eq!(at("2026-11-23T06:00:00Z", 6), "2026-11-23T06:00:00Z");
        assert_eq!(at("2026-11-23T05:59:59.9Z", 6), "2026-11-22T06:00:00Z");
        assert_eq!(at("2026-11-23T00:00:00Z", 0), "2026-11-23T00:00:00Z");
    }
}
