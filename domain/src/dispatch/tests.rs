use std::time::Duration;

use quayside_canonical::{PurchaseOrderId, states::DeliveryStatus};
use quayside_entity::{event_log, lease, outbox as outbox_row};
use sea_orm::{ActiveModelTrait, DbBackend, QueryOrder, Set};

use super::*;
use crate::{
    feed::{Filter, page},
    fixtures::World,
};

async fn positions(world: &World) -> Vec<(TenantId, i64)> {
    let tx = world.system.read().await.unwrap();
    let rows = world
        .system
        .find::<event_log::Entity>()
        .order_by_asc(event_log::Column::TenantId)
        .order_by_asc(event_log::Column::Position)
        .all(&*tx)
        .await
        .unwrap();
    rows.into_iter().map(|row| (row.tenant_id, row.position)).collect()
}

#[tokio::test]
async fn an_event_that_commits_late_is_behind_every_readers_cursor_and_not_before_it() {
    let world = World::new().await;
    if world.store.backend() == DbBackend::Sqlite {
        return; // one writer at a time: nothing can commit out of order
    }
    let (early, late) =
        (world.answer(PurchaseOrderId::generate()), world.answer(PurchaseOrderId::generate()));
    let (early_id, late_id) = (early.id, late.id);
    let slow = world.append(vec![early]).await;
    let fast = world.append(vec![late]).await;
    fast.commit().await.unwrap();
    assert_eq!(world.dispatch().await, 1);
    let first = page(&world.scope(), 0, &Filter::default(), 10).await.unwrap();
    assert_eq!(first.iter().map(|event| event.id).collect::<Vec<_>>(), [late_id]);

    slow.commit().await.unwrap();
    assert_eq!(world.dispatch().await, 1);
    let next = page(&world.scope(), first[0].position, &Filter::default(), 10).await.unwrap();
    assert_eq!(next.iter().map(|event| event.id).collect::<Vec<_>>(), [early_id]);
}

#[tokio::test]
async fn two_dispatchers_at_once_give_each_event_one_place_and_leave_no_gap() {
    const EACH: usize = 60;
    let world = World::new().await;
    let other = World::on(world.store.clone()).await;
    world.connect("erp", "{}").await;
    let write = async |world: &World| {
        for _ in 0..EACH {
            world.answers(&[PurchaseOrderId::generate()]).await;
        }
    };
    // Past the lease, which would keep one of them out.
    let dispatch = async || {
        let mut placed = 0;
        while positions(&world).await.len() < 2 * EACH {
            let tx = world.system.write().await.unwrap();
            let events = take(&tx, &world.system).await.unwrap();
            placed += place(&tx, &world.system, events).await.unwrap();
            tx.commit().await.unwrap();
            tokio::task::yield_now().await;
        }
        placed
    };
    let ((), (), a, b) = tokio::join!(write(&world), write(&other), dispatch(), dispatch());

    assert_eq!(a + b, 2 * EACH);
    let mut expected: Vec<_> =
        [world.tenant, other.tenant].iter().flat_map(|&it| (1..=EACH as i64).map(move |n| (it, n))).collect();
    expected.sort_unstable();
    assert_eq!(positions(&world).await, expected);
    assert_eq!(world.deliveries().await.len(), EACH, "only one of the tenants has a connection");
}

#[tokio::test]
async fn a_dispatcher_waits_for_the_lease_of_another_until_it_is_over() {
    let world = World::new().await;
    world.answers(&[PurchaseOrderId::generate()]).await;
    let now = world.store.clock().now();
    let lease = |until| lease::ActiveModel {
        name: Set("dispatch".to_owned()),
        holder: Set("another".to_owned()),
        until: Set(until),
    };
    let tx = world.system.write().await.unwrap();
    lease(now.plus(Duration::from_secs(2))).insert(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(dispatch_once(&world.system).await.unwrap(), 0);

    world.advance(Duration::from_secs(2));
    assert_eq!(dispatch_once(&world.system).await.unwrap(), 1);

    world.answers(&[PurchaseOrderId::generate()]).await;
    let tx = world.system.write().await.unwrap();
    lease(now.plus(Duration::from_secs(86_400))).update(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(dispatch_once(&world.system).await.unwrap(), 1, "no lease lasts a day: a clock was wrong");
}

#[tokio::test]
async fn an_event_becomes_one_delivery_for_each_connection_that_wants_it_paused_or_not() {
    let world = World::new().await;
    let erp = world.connect("erp", "{}").await;
    let orders = world.connect("orders", r#"{"eventTypes":["purchase_order.released"]}"#).await;
    let all =
        r#"{"eventTypes":["acknowledgment.submitted","delivery.succeeded","exception.opened"],"url":"x"}"#;
    let wms = world.connect("wms", all).await;
    let buyer = world.buyer();
    crate::deliveries::pause_connection(&buyer, wms, "stock-taking", &"p".parse().unwrap()).await.unwrap();
    let order = PurchaseOrderId::generate();
    world.answers(&[order]).await;
    world.dispatch().await;

    let rows = world.deliveries().await;
    let mut to: Vec<_> = rows.iter().map(|row| row.connection_id).collect();
    to.sort_unstable();
    assert_eq!(to, [erp, wms], "not {orders}");
    assert!(rows.iter().all(|row| row.status == DeliveryStatus::Waiting && row.order_key == order.0));

    let claimed = world.claim_one().await;
    let delivered = crate::deliveries::AttemptResult::Delivered { reference: None };
    crate::deliveries::record(&world.system, &claimed, &world.attempt(delivered)).await.unwrap();
    assert!(world.dispatch().await > 0);
    assert_eq!(world.deliveries().await.len(), 2, "news about deliveries is not delivered, wanted or not");
}

#[tokio::test]
async fn nothing_is_left_in_the_outbox_and_an_idle_dispatcher_writes_nothing() {
    let world = World::new().await;
    let order = PurchaseOrderId::generate();
    world.answers(&[order; 3]).await;
    assert_eq!(dispatch_once(&world.system).await.unwrap(), 3);
    let tx = world.system.read().await.unwrap();
    assert_eq!(world.system.find::<outbox_row::Entity>().one(&*tx).await.unwrap(), None);
    drop(tx);
    assert_eq!(dispatch_once(&world.system).await.unwrap(), 0);
}
