use std::time::Duration;

use quayside_canonical::PurchaseOrderId;

use crate::{
    deliveries::{AttemptResult, LEASE, LEASE_MARGIN, record, renew},
    fixtures::World,
};

async fn two_due() -> World {
    let world = World::new().await;
    world.connect("erp", "{}").await;
    world.answers(&[PurchaseOrderId::generate(), PurchaseOrderId::generate()]).await;
    world.dispatch().await;
    world
}

#[tokio::test]
async fn what_is_renewed_stays_its_workers_and_what_is_not_is_anothers_within_fifteen_seconds() {
    assert!(LEASE < Duration::from_secs(15));
    let world = two_due().await;
    let claimed = world.claim().await;
    let (kept, lost) = (&claimed[0], &claimed[1]);
    let now = || world.store.clock().now();
    assert_eq!(kept.lease.left(now()), LEASE - LEASE_MARGIN);
    for _ in 0..3 {
        world.advance(LEASE / 3);
        let held = [(kept.id, kept.fence(), kept.lease.clone())];
        assert!(renew(&world.system, &held).await.unwrap().is_empty());
    }
    assert_eq!(kept.lease.left(now()), LEASE - LEASE_MARGIN);
    assert!(lost.lease.left(now()).is_zero(), "its worker breaks off");

    let taken = world.claim_one().await;
    assert_eq!((taken.id, taken.must_confirm), (lost.id, true));
    let held: Vec<_> = claimed.iter().map(|one| (one.id, one.fence(), one.lease.clone())).collect();
    assert_eq!(renew(&world.system, &held).await.unwrap(), [lost.id], "what another has is not renewed");
    assert!(!taken.lease.left(now()).is_zero());

    let arrived = world.attempt(AttemptResult::Delivered { reference: None });
    assert!(record(&world.system, kept, &arrived).await.unwrap());
    assert!(!record(&world.system, lost, &arrived).await.unwrap());
    let held = [(kept.id, kept.fence(), kept.lease.clone())];
    assert_eq!(renew(&world.system, &held).await.unwrap(), [kept.id], "what is recorded is let go");
}
