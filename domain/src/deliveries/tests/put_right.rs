use std::time::Duration;

use quayside_canonical::PurchaseOrderId;
use sea_orm::{ConnectionTrait, Statement};

use crate::{
    deliveries::{AttemptResult, LEASE, put_right, record},
    fixtures::World,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// As if what is there had been written when the clock was a day ahead.
async fn written_ahead(world: &World) {
    let tx = world.system.write().await.unwrap();
    let micros = i64::try_from(DAY.as_micros()).unwrap();
    let sql = "update delivery set created_at = created_at + $1, next_at = next_at + $1, \
        lease_until = case when lease_until = 0 then 0 else lease_until + $1 end";
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, [micros.into()]))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// A tenant with one delivery that is due.
async fn one_due() -> World {
    let world = World::new().await;
    world.connect("erp", "{}").await;
    world.answers(&[PurchaseOrderId::generate()]).await;
    world.dispatch().await;
    world
}

#[tokio::test]
async fn what_was_made_under_a_clock_that_was_ahead_is_due_once_it_is_right() {
    let world = one_due().await;
    assert_eq!(put_right(&world.system).await.unwrap(), 0, "all is well");
    written_ahead(&world).await;
    assert!(world.claim().await.is_empty(), "not due for a day");
    assert_eq!(put_right(&world.system).await.unwrap(), 1);
    assert_eq!(world.claim_one().await.attempt, 1);
}

#[tokio::test]
async fn what_was_taken_and_put_off_under_a_clock_that_was_ahead_is_due_too() {
    for put_off in [false, true] {
        let world = one_due().await;
        let claimed = world.claim_one().await;
        if put_off {
            let retry = AttemptResult::Retry { reason: "503".to_owned(), after: None };
            assert!(record(&world.system, &claimed, &world.attempt(retry)).await.unwrap());
        }
        written_ahead(&world).await;
        assert_eq!(put_right(&world.system).await.unwrap(), 1);
        assert_eq!(world.claim_one().await.must_confirm, !put_off, "a lost worker's may have arrived");
    }
}

#[tokio::test]
async fn what_waits_for_its_next_attempt_goes_on_waiting() {
    let world = one_due().await;
    let claimed = world.claim_one().await;
    assert_eq!(put_right(&world.system).await.unwrap(), 0, "it is being sent");
    let retry = AttemptResult::Retry { reason: "503".to_owned(), after: Some(DAY) };
    assert!(record(&world.system, &claimed, &world.attempt(retry)).await.unwrap());
    world.store.clock().advance(LEASE);
    assert_eq!(put_right(&world.system).await.unwrap(), 0, "the receiver asked for a day");
    assert!(world.claim().await.is_empty());
}
