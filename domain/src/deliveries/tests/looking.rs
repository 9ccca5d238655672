use std::time::Duration;

use quayside_canonical::{PurchaseOrderId, states::DeliveryStatus};

use super::events;
use crate::{
    deliveries::{
        AttemptResult, DeliveryFilter, InterventionError, MOST_REDRIVEN, RedriveMany, attempts_of_many,
        by_ids, list, place, record, redrive_many,
    },
    fixtures::World,
    idempotency::IdempotencyKey,
};

/// A tenant with two connections and four orders: to the first, two were refused and one arrived.
async fn world() -> (World, Vec<PurchaseOrderId>) {
    let world = World::new().await;
    world.connect("erp", "{}").await;
    world.connect("wms", r#"{ "eventTypes": ["acknowledgment.submitted"] }"#).await;
    let orders: Vec<_> = (0..4).map(|_| PurchaseOrderId::generate()).collect();
    for order in &orders {
        world.answers(&[*order]).await;
        world.dispatch().await;
        world.advance(Duration::from_secs(60));
    }
    let mut to_erp = world.claim().await;
    to_erp.retain(|one| one.receiver.name == "erp");
    for (claimed, refused) in to_erp.iter().zip([true, true, false]) {
        let result = if refused {
            AttemptResult::Refused { code: "422".to_owned(), message: "closed".to_owned() }
        } else {
            AttemptResult::Delivered { reference: None }
        };
        assert!(record(&world.system, claimed, &world.attempt(result)).await.unwrap());
    }
    (world, orders)
}

fn key(text: &str) -> IdempotencyKey {
    text.parse().unwrap()
}

#[tokio::test]
async fn pages_hold_everything_once_with_the_newest_first() {
    let (world, _) = world().await;
    let buyer = world.buyer();
    let all = list(&buyer, &DeliveryFilter::default(), None, 100).await.unwrap();
    assert_eq!(all.len(), 8);
    assert!(all.windows(2).all(|pair| place(&pair[0].row) > place(&pair[1].row)));
    for size in [1, 3] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = list(&buyer, &DeliveryFilter::default(), after, size).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(place(&last.row));
            seen.extend(page.iter().map(|one| one.row.id));
        }
        assert_eq!(seen, all.iter().map(|one| one.row.id).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn each_filter_narrows_and_together_they_narrow_further() {
    let (world, orders) = world().await;
    let buyer = world.buyer();
    let all = list(&buyer, &DeliveryFilter::default(), None, 100).await.unwrap();
    let erp = all.iter().find(|one| one.connection == "erp").unwrap().row.connection_id;
    let count = async |filter: DeliveryFilter| list(&buyer, &filter, None, 100).await.unwrap().len();
    let none = DeliveryFilter::default;
    assert_eq!(count(DeliveryFilter { connection: Some(erp), ..none() }).await, 4);
    assert_eq!(count(DeliveryFilter { statuses: vec![DeliveryStatus::Dead], ..none() }).await, 2);
    let ended = vec![DeliveryStatus::Dead, DeliveryStatus::Delivered];
    assert_eq!(count(DeliveryFilter { statuses: ended, ..none() }).await, 3);
    assert_eq!(count(DeliveryFilter { order: Some(orders[1]), ..none() }).await, 2);
    assert_eq!(count(DeliveryFilter { order: Some(orders[1]), connection: Some(erp), ..none() }).await, 1);
    let subject = all[0].row.subject.clone();
    assert_eq!(count(DeliveryFilter { subject: Some(subject), ..none() }).await, 2);
    assert_eq!(count(DeliveryFilter { event_type: Some("receipt.recorded".to_owned()), ..none() }).await, 0);
    let third = all[2].row.created_at;
    assert_eq!(count(DeliveryFilter { from: Some(third), ..none() }).await, 4);
    assert_eq!(count(DeliveryFilter { until: Some(third), ..none() }).await, 4);
}

#[tokio::test]
async fn another_tenant_finds_nothing_and_a_role_without_sight_is_refused() {
    let (world, _) = world().await;
    let all = list(&world.buyer(), &DeliveryFilter::default(), None, 100).await.unwrap();
    let ids: Vec<_> = all.iter().map(|one| one.row.id).collect();
    let erp = all[0].row.connection_id;
    let other = World::on(world.store.clone()).await.buyer();
    assert!(list(&other, &DeliveryFilter::default(), None, 100).await.unwrap().is_empty());
    let named = DeliveryFilter { connection: Some(erp), ..DeliveryFilter::default() };
    assert!(list(&other, &named, None, 100).await.unwrap().is_empty());
    assert!(by_ids(&other, &ids).await.unwrap().is_empty());
    assert!(attempts_of_many(&other, &ids).await.unwrap().is_empty());
    assert_eq!(attempts_of_many(&world.buyer(), &ids).await.unwrap().len(), 3);
    let none = many(&named, 10, true);
    assert!(redrive_many(&other, &none, None).await.unwrap().deliveries.is_empty());

    let mut blind = world.scope();
    blind.permissions = std::sync::Arc::from([]);
    let blind = blind.as_buyer().unwrap();
    assert!(matches!(list(&blind, &named, None, 9).await, Err(InterventionError::Forbidden)));
    assert!(matches!(by_ids(&blind, &ids).await, Err(InterventionError::Forbidden)));
    assert!(matches!(redrive_many(&blind, &none, None).await, Err(InterventionError::Forbidden)));
}

fn many(filter: &DeliveryFilter, limit: usize, validate_only: bool) -> RedriveMany {
    RedriveMany {
        filter: filter.clone(),
        limit,
        reason: "the period is open again".to_owned(),
        validate_only,
    }
}

#[tokio::test]
async fn many_are_redriven_at_once_as_far_as_wanted_and_each_leaves_a_record() {
    let (world, _) = world().await;
    let buyer = world.buyer();
    let everything = DeliveryFilter::default();
    let would = redrive_many(&buyer, &many(&everything, 1, true), None).await.unwrap();
    assert_eq!((would.deliveries.len(), would.more), (1, true));
    assert!(events(&world, "delivery.redriven").await.is_empty(), "a question changes nothing");

    let first = redrive_many(&buyer, &many(&everything, 1, false), Some(&key("1"))).await.unwrap();
    assert_eq!(first.deliveries, would.deliveries, "the oldest");
    let again = redrive_many(&buyer, &many(&everything, 1, false), Some(&key("1"))).await.unwrap();
    assert_eq!((again.deliveries, again.more, again.replayed), (first.deliveries.clone(), true, true));
    let other = redrive_many(&buyer, &many(&everything, 2, false), Some(&key("1"))).await;
    assert!(matches!(other, Err(InterventionError::KeyReused)));
    let told = events(&world, "delivery.redriven").await;
    assert_eq!(told.len(), 1);
    assert!(told[0].payload.contains(r#""reason":"the period is open again""#));
    assert_eq!(told[0].actor, buyer.actor.to_string());

    let rest = redrive_many(&buyer, &many(&everything, 100, false), Some(&key("2"))).await.unwrap();
    assert_eq!((rest.deliveries.len(), rest.more), (1, false));
    assert!(super::open_exceptions(&world).await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_redriven_is_refused_before_anything_is_looked_for() {
    let (world, _) = world().await;
    let buyer = world.buyer();
    let everything = DeliveryFilter::default();
    for limit in [0, MOST_REDRIVEN + 1] {
        let refused = redrive_many(&buyer, &many(&everything, limit, false), Some(&key("1"))).await;
        assert!(matches!(refused, Err(InterventionError::InvalidLimit)));
    }
    let waiting = DeliveryFilter { statuses: vec![DeliveryStatus::Waiting], ..everything.clone() };
    let refused = redrive_many(&buyer, &many(&waiting, 1, false), Some(&key("1"))).await;
    assert!(matches!(refused, Err(InterventionError::InvalidStatuses)));
    let blank = RedriveMany { reason: " ".to_owned(), ..many(&everything, 1, false) };
    assert!(matches!(redrive_many(&buyer, &blank, None).await, Err(InterventionError::InvalidReason)));
}
