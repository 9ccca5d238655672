use quayside_canonical::{PurchaseOrderId, states::DeliveryStatus};

use super::{events, open_exceptions};
use crate::{
    deliveries::{
        AttemptResult, InterventionError, Which, attempts_of, pause_connection, record, redrive, redrive_all,
        skip,
    },
    fixtures::World,
    idempotency::IdempotencyKey,
};

fn key(text: &str) -> IdempotencyKey {
    text.parse().unwrap()
}

/// A tenant with one order: a dead delivery, and one behind it.
async fn one_dead() -> (World, quayside_canonical::DeliveryId) {
    let world = World::new().await;
    world.connect("erp", "{}").await;
    let order = PurchaseOrderId::generate();
    world.answers(&[order, order]).await;
    world.dispatch().await;
    let claimed = world.claim_one().await;
    let result = AttemptResult::Refused { code: "422".to_owned(), message: "closed".to_owned() };
    record(&world.system, &claimed, &world.attempt(result)).await.unwrap();
    assert!(world.claim().await.is_empty(), "the dead one holds back what is behind it");
    (world, claimed.id)
}

#[tokio::test]
async fn a_redriven_delivery_starts_over_and_its_exception_is_resolved() {
    let (world, dead) = one_dead().await;
    let first = redrive(&world.buyer(), &world.again(dead), Some(&key("1"))).await.unwrap();
    let row = first.delivery;
    assert_eq!((row.status, row.attempts, row.finished_at), (DeliveryStatus::Waiting, 0, None));
    assert!(open_exceptions(&world).await.is_empty());
    assert_eq!(events(&world, "delivery.redriven").await.len(), 1);

    let again = redrive(&world.buyer(), &world.again(dead), Some(&key("1"))).await.unwrap();
    assert_eq!((first.replayed, again.replayed), (false, true), "the same key is the same request");
    assert_eq!(again.delivery.id, dead);
    assert_eq!(events(&world, "delivery.redriven").await.len(), 1);

    let claimed = world.claim_one().await;
    assert_eq!((claimed.id, claimed.attempt, claimed.must_confirm), (dead, 1, false));
    let delivered = world.attempt(AttemptResult::Delivered { reference: None });
    record(&world.system, &claimed, &delivered).await.unwrap();
    assert_eq!(attempts_of(&world.buyer(), dead).await.unwrap().len(), 2, "both attempts are on file");
    assert_ne!(world.claim_one().await.id, dead, "the next of the order goes");
    let other_key = redrive(&world.buyer(), &world.again(dead), Some(&key("2"))).await;
    assert!(matches!(other_key, Err(InterventionError::WrongStatus(DeliveryStatus::Delivered))));
}

#[tokio::test]
async fn a_skipped_delivery_lets_the_next_of_its_order_go() {
    let (world, dead) = one_dead().await;
    let blank = skip(&world.buyer(), dead, "  ", &key("1")).await;
    assert!(matches!(blank, Err(InterventionError::InvalidReason)));
    let row = skip(&world.buyer(), dead, " entered by hand ", &key("1")).await.unwrap().delivery;
    assert_eq!(row.status, DeliveryStatus::Skipped);
    assert!(open_exceptions(&world).await.is_empty());
    assert!(events(&world, "delivery.skipped").await[0].payload.contains(r#""reason":"entered by hand""#));

    let next = world.claim_one().await;
    assert_ne!(next.id, dead);
    let sending = skip(&world.buyer(), next.id, "too late", &key("2")).await;
    assert!(matches!(sending, Err(InterventionError::WrongStatus(DeliveryStatus::Sending))));
    let skipped = redrive(&world.buyer(), &world.again(dead), Some(&key("3"))).await;
    assert!(matches!(skipped, Err(InterventionError::WrongStatus(DeliveryStatus::Skipped))));
}

#[tokio::test]
async fn another_tenants_delivery_is_not_there_and_a_role_without_the_permission_is_refused() {
    let (world, dead) = one_dead().await;
    let other = World::on(world.store.clone()).await.buyer();
    assert!(matches!(
        redrive(&other, &world.again(dead), Some(&key("1"))).await,
        Err(InterventionError::NotFound)
    ));
    assert!(matches!(skip(&other, dead, "x", &key("1")).await, Err(InterventionError::NotFound)));
    assert!(matches!(attempts_of(&other, dead).await, Err(InterventionError::NotFound)));
    let connection = world.delivery(dead).await.connection_id;
    let paused = pause_connection(&other, connection, "x", &key("1")).await;
    assert!(matches!(paused, Err(InterventionError::NotFound)));

    let mut auditor = world.scope();
    auditor.permissions = std::sync::Arc::from(quayside_canonical::identity::Role::Auditor.permissions());
    let auditor = auditor.as_buyer().unwrap();
    assert!(matches!(
        redrive(&auditor, &world.again(dead), Some(&key("1"))).await,
        Err(InterventionError::Forbidden)
    ));
    assert!(matches!(skip(&auditor, dead, "x", &key("1")).await, Err(InterventionError::Forbidden)));
    assert_eq!(world.delivery(dead).await.status, DeliveryStatus::Dead);
}

#[tokio::test]
async fn the_command_line_redrives_all_that_is_dead_in_one_tenant() {
    let (world, dead) = one_dead().await;
    let other = World::on(world.store.clone()).await;
    assert_eq!(redrive_all(&world.system, other.tenant, &Which::default(), None).await.unwrap(), 0);
    assert_eq!(redrive_all(&world.system, world.tenant, &Which::default(), None).await.unwrap(), 1);
    assert_eq!(redrive_all(&world.system, world.tenant, &Which::default(), None).await.unwrap(), 0);
    assert_eq!(world.delivery(dead).await.status, DeliveryStatus::Waiting);
    assert!(open_exceptions(&world).await.is_empty());
}
