//! Guessing passwords is slow: counters for each account and each address, shared by all nodes.
//!
//! An attempt is counted before it is evaluated, in one statement, so that a hundred at once are not one.
//! Success forgets the count. Accounts are counted by the hash of what was typed, whether or not there is
//! such an account, so neither the answer nor the table tells.
use std::{fmt::Write, net::IpAddr, time::Duration};

use quayside_canonical::Timestamp;
use quayside_entity::sign_in_throttle;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, Statement, Value};

use super::{normalised_email, secret::digest};
use crate::{Failure, SystemScope, store::Tx};

/// From this failure on an account waits: 1, 2, 4 … 60 seconds.
const FIRST_WAIT: i32 = 5;
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// After so many failures in a row an account waits until the password is set anew.
const LAST_FAILURE: i32 = 100;

const PER_ADDRESS: i32 = 30;
const ADDRESS_WINDOW: Duration = Duration::from_secs(60);

/// After so long without an attempt, a count that blocks nothing is forgotten.
const FORGET_AFTER: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// `blocked_until` of an account that waits for a person.
const FOR_GOOD: Timestamp = Timestamp::from_micros(i64::MAX);

/// Why an attempt is not even evaluated.
#[derive(Debug)]
pub(super) enum Closed {
    /// Until this moment.
    Until(Timestamp),
    /// Until the password is set anew.
    ForGood,
    /// Ours.
    Internal(Failure),
}

impl<E: Into<Failure>> From<E> for Closed {
    fn from(error: E) -> Self {
        Self::Internal(error.into())
    }
}

/// Counts an attempt from `address`, unless it made too many within a minute.
pub(super) async fn count_address(system: &SystemScope, address: IpAddr) -> Result<(), Closed> {
    let now = system.now();
    let window_began = now.minus(ADDRESS_WINDOW);
    let tx = system.write().await?;
    let sql = "insert into sign_in_throttle as t (subject, attempts, counted_from, blocked_until)
        values ($1, 1, $2, 0)
        on conflict (subject) do update set
            attempts = case when t.counted_from <= $3 then 1 else t.attempts + 1 end,
            counted_from = case when t.counted_from <= $3 then $2 else t.counted_from end
        returning attempts, counted_from";
    let values = [address_subject(address).into(), now.into(), window_began.into()];
    let row = tx.query_one_raw(statement(system, sql, values)).await?;
    let row = row.ok_or_else(|| Failure::Corrupt("an upsert returned nothing".to_owned()))?;
    let attempts: i32 = row.try_get("", "attempts")?;
    let counted_from: Timestamp = row.try_get("", "counted_from")?;
    tx.commit().await?;
    if attempts > PER_ADDRESS { Err(Closed::Until(counted_from.plus(ADDRESS_WINDOW))) } else { Ok(()) }
}

/// Counts an attempt on the account of `email` as a failure, unless the account has to wait.
pub(super) async fn count_account(system: &SystemScope, email: &str) -> Result<(), Closed> {
    let now = system.now();
    let tx = system.write().await?;
    // The wait after the n-th failure: nothing, then a second doubled each time, then for good.
    let sql = format!(
        "insert into sign_in_throttle as t (subject, attempts, counted_from, blocked_until)
        values ($1, 1, $2, 0)
        on conflict (subject) do update set
            attempts = t.attempts + 1,
            counted_from = $2,
            blocked_until = case
                when t.attempts + 1 >= {LAST_FAILURE} then $3
                when t.attempts + 1 >= {FIRST_WAIT} + 6 then $2 + $4
                when t.attempts + 1 >= {FIRST_WAIT} then $2 + ($5 << (t.attempts + 1 - {FIRST_WAIT}))
                else 0 end
        where t.blocked_until <= $2
        returning attempts"
    );
    let subject = account_subject(email);
    let values = [
        subject.clone().into(),
        now.into(),
        FOR_GOOD.into(),
        micros(LONGEST_WAIT),
        micros(Duration::from_secs(1)),
    ];
    let counted = tx.query_one_raw(statement(system, &sql, values)).await?.is_some();
    if counted {
        tx.commit().await?;
        return Ok(());
    }
    let row = system
        .find::<sign_in_throttle::Entity>()
        .filter(sign_in_throttle::Column::Subject.eq(subject))
        .one(&*tx)
        .await?;
    match row.map(|row| row.blocked_until) {
        Some(FOR_GOOD) => Err(Closed::ForGood),
        Some(until) => Err(Closed::Until(until)),
        // Somebody signed in between the two statements.
        None => Err(Closed::Until(now.plus(Duration::from_secs(1)))),
    }
}

/// Forgets the failures of an account, in the transaction that signs it in or sets its password.
pub(super) async fn forget(system: &SystemScope, tx: &Tx, email: &str) -> Result<(), Failure> {
    let sql = "delete from sign_in_throttle where subject = $1";
    tx.execute_raw(statement(system, sql, [account_subject(email).into()])).await?;
    Ok(())
}

/// Lets an account try again at once: for the operator, when its owner was locked out.
///
/// # Errors
/// The database failed.
pub async fn allow_sign_in(system: &SystemScope, email: &str) -> Result<(), Failure> {
    let tx = system.write().await?;
    forget(system, &tx, &normalised_email(email)).await?;
    tx.commit().await
}

/// Forgets counts that have been of no use for a month. For the housekeeping, once a day.
///
/// # Errors
/// The database failed.
pub async fn forget_old_attempts(system: &SystemScope) -> Result<u64, Failure> {
    let tx = system.write().await?;
    let sql = "delete from sign_in_throttle where counted_from < $1 and blocked_until < $2";
    let now = system.now();
    let values = [now.minus(FORGET_AFTER).into(), now.into()];
    let forgotten = tx.execute_raw(statement(system, sql, values)).await?.rows_affected();
    tx.commit().await?;
    Ok(forgotten)
}

fn statement(system: &SystemScope, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(system.store().backend(), sql, values)
}

fn micros(duration: Duration) -> Value {
    Timestamp::from_micros(0).plus(duration).into()
}

fn account_subject(email: &str) -> String {
    digest(email).iter().fold("account:".to_owned(), |mut subject, byte| {
        // Writing to a string cannot fail.
        let _ = write!(subject, "{byte:02x}");
        subject
    })
}

/// One customer's IPv6 addresses share their first 64 bits.
fn address_subject(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => format!("address:{v4}"),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("address:{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    async fn fail(system: &SystemScope) -> Result<(), Closed> {
        count_account(system, "erin@example.test").await
    }

    fn wait(system: &SystemScope, result: Result<(), Closed>) -> u64 {
        match result {
            Err(Closed::Until(until)) => until.since(system.now()).as_secs(),
            other => panic!("expected to wait: {other:?}"),
        }
    }

    #[tokio::test]
    async fn from_the_fifth_failure_the_wait_doubles_up_to_a_minute() {
        let system = SystemScope::new(testing::store().await);
        for _ in 0..5 {
            fail(&system).await.unwrap();
        }
        for expected in [1, 2, 4, 8, 16, 32, 60, 60] {
            let waits = wait(&system, fail(&system).await);
            assert_eq!(waits, expected);
            let almost = Duration::from_secs(expected) - Duration::from_micros(1);
            system.store().clock().advance(almost);
            assert!(fail(&system).await.is_err(), "a microsecond early");
            system.store().clock().advance(Duration::from_micros(1));
            fail(&system).await.unwrap();
        }
        count_account(&system, "other@example.test").await.unwrap();
    }

    #[tokio::test]
    async fn the_hundredth_failure_blocks_until_a_person_helps() {
        let system = SystemScope::new(testing::store().await);
        for _ in 0..100 {
            system.store().clock().advance(LONGEST_WAIT);
            fail(&system).await.unwrap();
        }
        system.store().clock().advance(FORGET_AFTER * 2);
        assert_eq!(forget_old_attempts(&system).await.unwrap(), 0, "a block is not forgotten");
        assert!(matches!(fail(&system).await, Err(Closed::ForGood)));
        allow_sign_in(&system, " Erin@example.test").await.unwrap();
        fail(&system).await.unwrap();
    }

    #[tokio::test]
    async fn attempts_at_the_same_time_are_all_counted() {
        let system = SystemScope::new(testing::store().await);
        let attempts = (0..20).map(|_| fail(&system));
        let results = futures_util::future::join_all(attempts).await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 5);
    }

    #[tokio::test]
    async fn an_address_has_thirty_attempts_a_minute() {
        let system = SystemScope::new(testing::store().await);
        let address = "2001:db8::1".parse().unwrap();
        for _ in 0..30 {
            count_address(&system, address).await.unwrap();
        }
        system.store().clock().advance(Duration::from_secs(59));
        let neighbour = "2001:db8::2".parse().unwrap();
        let refused = count_address(&system, neighbour).await;
        assert_eq!(wait(&system, refused), 1, "the same network is the same address");
        count_address(&system, "192.0.2.1".parse().unwrap()).await.unwrap();
        system.store().clock().advance(Duration::from_secs(1));
        count_address(&system, address).await.unwrap();
        system.store().clock().advance(FORGET_AFTER * 2);
        assert_eq!(forget_old_attempts(&system).await.unwrap(), 2);
    }
}
