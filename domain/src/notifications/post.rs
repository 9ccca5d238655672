//! The outbox of mail: taken for a limited time, and recorded when it was handed over.
use std::{collections::HashMap, time::Duration};

use quayside_canonical::{
    Actor, Channel, MailId, MembershipId, TenantId, Timestamp, UserId, notification::MailStatus,
};
use quayside_entity::{app_user, mail, membership};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, FromQueryResult, QueryFilter, Statement, sea_query::Expr,
};

use crate::{
    Failure, SystemScope,
    scope::{Origin, update_in_tenant},
    store::Tx,
};

/// How long a claim holds.
pub const LEASE: Duration = Duration::from_secs(120);

/// The most mails of one claim.
const BATCH: i64 = 50;

/// How often a mail is tried: about three days.
const ATTEMPTS: i32 = 40;

/// The longest wait between two attempts.
const LONGEST: Duration = Duration::from_secs(2 * 60 * 60);

/// How long mails and notices are kept.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A mail in a worker's hands.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The mail. Stays the same for every attempt.
    pub id: MailId,
    /// Whom it goes to: address and name.
    pub to: (String, String),
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// The path behind the server's address.
    pub link: String,
    /// When it was written.
    pub written_at: Timestamp,
    /// Until when it is this worker's.
    pub lease_until: Timestamp,
    tenant: TenantId,
    fence: i64,
    attempts: i32,
}

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The mail server has it, or it is a file.
    Sent,
    /// Not this time.
    Retry(String),
    /// Never.
    Refused(String),
}

/// Takes mails that are due. Those whose reader is gone are cancelled here.
///
/// # Errors
/// The database failed; nothing was taken.
pub async fn claim(system: &SystemScope) -> Result<Vec<Letter>, Failure> {
    let tx = system.write().await?;
    let rows = take(&tx, system).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let addresses = addresses(system, &tx, rows.iter().map(|row| row.membership_id)).await?;
    let mut letters = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(to) = addresses.get(&row.membership_id) else {
            let held = Held { id: row.id, tenant: row.tenant_id, fence: row.fence };
            finish(system, &tx, held, MailStatus::Cancelled, Some("The person is not there any more."))
                .await?;
            continue;
        };
        letters.push(Letter {
            id: row.id,
            to: to.clone(),
            subject: row.subject,
            body: row.body,
            link: row.link,
            written_at: row.created_at,
            lease_until: row.next_at,
            tenant: row.tenant_id,
            fence: row.fence,
            attempts: row.attempts,
        });
    }
    tx.commit().await?;
    Ok(letters)
}

/// One statement for both databases. The time of the next attempt moves with the lease, so that one index finds
/// what is due and what a lost worker held.
async fn take(tx: &Tx, system: &SystemScope) -> Result<Vec<mail::Model>, Failure> {
    let backend = system.store().backend();
    let skip_locked = if backend == DbBackend::Postgres { "for update skip locked" } else { "" };
    let sql = format!(
        "update mail set attempts = attempts + 1, fence = fence + 1, next_at = $2 where id in \
            (select id from mail where status = 'WAITING' and next_at <= $1 order by next_at limit $3 {skip_locked}) \
        returning *"
    );
    let now = system.now();
    let values = [now.into(), now.plus(LEASE).into(), BATCH.into()];
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let rows = tx.query_all_raw(statement).await?;
    let mut rows: Vec<mail::Model> =
        rows.iter().map(|row| mail::Model::from_query_result(row, "")).collect::<Result<_, _>>()?;
    rows.sort_by_key(|row| (row.created_at, row.id));
    Ok(rows)
}

/// Address and name of the people in these places, as long as both they and their places are there.
async fn addresses(
    system: &SystemScope,
    tx: &Tx,
    places: impl Iterator<Item = MembershipId>,
) -> Result<HashMap<MembershipId, (String, String)>, Failure> {
    let places = system
        .find::<membership::Entity>()
        .filter(membership::Column::Id.is_in(places))
        .filter(membership::Column::EndedAt.is_null())
        .all(&**tx)
        .await?;
    let users = system
        .find::<app_user::Entity>()
        .filter(app_user::Column::Id.is_in(places.iter().map(|place| place.user_id)))
        .filter(app_user::Column::DisabledAt.is_null())
        .all(&**tx)
        .await?;
    let users: HashMap<UserId, (String, String)> =
        users.into_iter().map(|user| (user.id, (user.email, user.name))).collect();
    let of = |place: membership::Model| Some((place.id, users.get(&place.user_id)?.clone()));
    Ok(places.into_iter().filter_map(of).collect())
}

/// Records what became of a mail, if it is still this worker's.
///
/// # Errors
/// The database failed. The mail is tried again when its lease is over.
pub async fn record(system: &SystemScope, letter: &Letter, outcome: &Outcome) -> Result<(), Failure> {
    let tx = system.write().await?;
    let held = Held { id: letter.id, tenant: letter.tenant, fence: letter.fence };
    match outcome {
        Outcome::Sent => finish(system, &tx, held, MailStatus::Sent, None).await?,
        Outcome::Refused(why) => finish(system, &tx, held, MailStatus::Failed, Some(why)).await?,
        Outcome::Retry(why) if letter.attempts >= ATTEMPTS => {
            finish(system, &tx, held, MailStatus::Failed, Some(why)).await?;
        }
        Outcome::Retry(why) => {
            let wait = Duration::from_secs(30 << letter.attempts.clamp(0, 10)).min(LONGEST);
            let scope = system.in_tenant(letter.tenant, Actor::System, &Origin::new(Channel::System));
            update_in_tenant::<mail::Entity>(&scope)
                .col_expr(mail::Column::NextAt, Expr::value(system.now().plus(wait)))
                .col_expr(mail::Column::Error, Expr::value(Some(shortened(why))))
                .filter(mail::Column::Id.eq(letter.id))
                .filter(mail::Column::Fence.eq(letter.fence))
                .filter(mail::Column::Status.eq(MailStatus::Waiting))
                .exec(&*tx)
                .await?;
        }
    }
    tx.commit().await
}

/// What is needed of a mail to write it.
#[derive(Clone, Copy)]
struct Held {
    id: MailId,
    tenant: TenantId,
    fence: i64,
}

async fn finish(
    system: &SystemScope,
    tx: &Tx,
    held: Held,
    status: MailStatus,
    error: Option<&str>,
) -> Result<(), Failure> {
    let scope = system.in_tenant(held.tenant, Actor::System, &Origin::new(Channel::System));
    update_in_tenant::<mail::Entity>(&scope)
        .col_expr(mail::Column::Status, Expr::value(status))
        .col_expr(mail::Column::Error, Expr::value(error.map(shortened)))
        .col_expr(mail::Column::FinishedAt, Expr::value(Some(system.now())))
        .filter(mail::Column::Id.eq(held.id))
        .filter(mail::Column::Fence.eq(held.fence))
        .exec(&**tx)
        .await?;
    Ok(())
}

fn shortened(text: &str) -> String {
    text.chars().take(500).collect()
}

/// Deletes mails and notices whose time is over, a bounded number, and says how many mails.
///
/// # Errors
/// The database failed.
pub async fn forget_old(system: &SystemScope) -> Result<u64, Failure> {
    let before = system.now().minus(KEPT);
    let backend = system.store().backend();
    let old = "select id from mail where status <> 'WAITING' and created_at < $1 order by created_at, id limit 1000";
    let tx = system.write().await?;
    let mut deleted = 0;
    for table_and_column in ["notice where mail_id", "mail where id"] {
        let sql = format!("delete from {table_and_column} in ({old})");
        let statement = Statement::from_sql_and_values(backend, sql, [before.into()]);
        deleted = tx.execute_raw(statement).await?.rows_affected();
    }
    if deleted > 0 {
        tx.commit().await?;
    }
    Ok(deleted)
}
