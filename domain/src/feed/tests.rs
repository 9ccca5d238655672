use std::{pin::Pin, sync::Arc, time::Duration};

use futures_util::{Stream, StreamExt};
use quayside_canonical::{
    Actor, PurchaseOrderId, UserId,
    states::{ExceptionKind, Severity},
};
use tokio::time::timeout;

use super::*;
use crate::{exceptions::NewException, fixtures::World};

type Events = Pin<Box<dyn Stream<Item = Arc<LoggedEvent>> + Send>>;

async fn subscribe(feed: &Feed, scope: crate::Scope, after: Option<i64>, filter: Filter) -> Events {
    Box::pin(feed.subscribe(scope, after, filter).await.unwrap())
}

/// The next `count` positions. Waits, but not for ever.
async fn next(events: &mut Events, count: usize) -> Vec<i64> {
    let mut positions = Vec::with_capacity(count);
    for _ in 0..count {
        let event = timeout(Duration::from_secs(20), events.next()).await.expect("an event in time").unwrap();
        positions.push(event.position);
    }
    positions
}

/// An exception that concerns the supplier, which is the buyer's business all the same.
fn unknown_code(world: &World, subject: &str) -> NewException {
    NewException {
        kind: ExceptionKind::UnknownCode,
        subject: subject.to_owned(),
        supplier: Some(world.supplier),
        order: None,
        severity: Severity::Warning,
        summary: "The unit is in no list.".to_owned(),
        detail: serde_json::Value::Null,
    }
}

fn range(from: i64, to: i64) -> Vec<i64> {
    (from..=to).collect()
}

#[tokio::test]
async fn subscribers_miss_nothing_and_see_nothing_twice_while_events_are_being_written() {
    let world = World::new().await;
    let feed = Feed::new(world.system.clone());
    world.answers(&[PurchaseOrderId::generate(); 150]).await;
    world.dispatch().await;
    let write = async {
        for _ in 0..60 {
            world.answers(&[PurchaseOrderId::generate(), PurchaseOrderId::generate()]).await;
            world.dispatch().await;
        }
    };
    let read = async |after: Option<i64>| {
        let mut events = subscribe(&feed, world.scope(), after, Filter::default()).await;
        let first = after.unwrap_or_default() + 1;
        assert_eq!(next(&mut events, usize::try_from(271 - first).unwrap()).await, range(first, 270));
    };
    tokio::join!(write, read(Some(0)), read(Some(149)), read(Some(160)), read(Some(0)));
}

#[tokio::test]
async fn a_subscriber_that_falls_behind_catches_up_from_the_database() {
    let world = World::new().await;
    let feed = Feed::with_capacity(world.system.clone(), 4);
    let mut slow = subscribe(&feed, world.scope(), None, Filter::default()).await;
    let mut fast = subscribe(&feed, world.scope(), None, Filter::default()).await;
    world.answers(&[PurchaseOrderId::generate()]).await;
    world.dispatch().await;
    assert_eq!(next(&mut slow, 1).await, [1]);
    assert_eq!(next(&mut fast, 1).await, [1]);
    for _ in 0..30 {
        world.answers(&[PurchaseOrderId::generate(); 10]).await;
        world.dispatch().await;
        next(&mut fast, 10).await; // the reader has read this far
    }
    assert_eq!(next(&mut slow, 300).await, range(2, 301));
}

#[tokio::test]
async fn a_subscription_without_a_position_begins_with_what_comes_next() {
    let world = World::new().await;
    let feed = Feed::new(world.system.clone());
    world.answers(&[PurchaseOrderId::generate(); 3]).await;
    world.dispatch().await;
    let mut events = subscribe(&feed, world.scope(), None, Filter::default()).await;
    world.answers(&[PurchaseOrderId::generate()]).await;
    world.dispatch().await;
    assert_eq!(next(&mut events, 1).await, [4]);
}

#[tokio::test]
async fn one_reader_serves_a_tenant_and_stops_with_its_last_subscriber() {
    let world = World::new().await;
    let other = World::on(world.store.clone()).await;
    let feed = Feed::new(world.system.clone());
    let first = subscribe(&feed, world.scope(), Some(0), Filter::default()).await;
    let second = subscribe(&feed, world.as_supplier(), Some(0), Filter::default()).await;
    assert_eq!(feed.readers(), 1);
    let mut theirs = subscribe(&feed, other.scope(), Some(0), Filter::default()).await;
    assert_eq!(feed.readers(), 2);
    world.answers(&[PurchaseOrderId::generate(); 2]).await;
    other.answers(&[PurchaseOrderId::generate()]).await;
    world.dispatch().await;
    let event = timeout(Duration::from_secs(20), theirs.next()).await.unwrap().unwrap();
    assert_eq!((event.tenant, event.position), (other.tenant, 1), "only their own tenant's");
    drop((first, theirs));
    assert_eq!(feed.readers(), 1);
    drop(second);
    assert_eq!(feed.readers(), 0);
}

#[tokio::test]
async fn a_supplier_sees_its_own_events_of_the_kinds_it_may_and_the_buyer_as_the_buyer() {
    let world = World::new().await;
    let buyer = world.scope();
    let order = PurchaseOrderId::generate();
    let answered = world.answers(&[order, PurchaseOrderId::generate()]).await;
    let tx = buyer.write().await.unwrap();
    crate::exceptions::open(&tx, &buyer, unknown_code(&world, "x")).await.unwrap();
    tx.commit().await.unwrap();
    world.dispatch().await;

    let all = Filter::default();
    let (supplier, feed) = (world.as_supplier(), Feed::new(world.system.clone()));
    assert_eq!(page(&buyer, 0, &all, 10).await.unwrap().len(), 3);
    let seen = page(&supplier, 0, &all, 10).await.unwrap();
    assert_eq!(seen.iter().map(|event| event.id).collect::<Vec<_>>(), answered);
    assert_eq!((seen[0].actor(&supplier), seen[0].actor(&buyer)), ("buyer", "operator"));

    let one_order = Filter { order: Some(order), ..Filter::default() };
    assert_eq!(page(&supplier, 0, &one_order, 10).await.unwrap().len(), 1);
    let other_types = Filter { types: Some(vec!["exception.opened".to_owned()]), ..Filter::default() };
    assert!(page(&supplier, 0, &other_types, 10).await.unwrap().is_empty());
    assert_eq!(page(&buyer, 0, &other_types, 10).await.unwrap().len(), 1);

    let mut live = subscribe(&feed, supplier.clone(), Some(0), Filter::default()).await;
    assert_eq!(next(&mut live, 2).await, [1, 2]);
    let tx = buyer.write().await.unwrap();
    crate::exceptions::open(&tx, &buyer, unknown_code(&world, "y")).await.unwrap();
    crate::outbox::append(&tx, &buyer, vec![world.answer(order)]).await.unwrap();
    tx.commit().await.unwrap();
    world.dispatch().await;
    assert_eq!(next(&mut live, 1).await, [5], "live as from the database");
    let sibling = quayside_canonical::SupplierId::generate();
    let stranger = crate::testing::scope(&world.store, world.tenant, Some(sibling));
    assert!(page(&stranger, 0, &all, 10).await.unwrap().is_empty(), "another supplier's are not there");
    assert!(!seen[0].visible_to(&stranger));
    assert!(!seen[0].visible_to(&World::on(world.store.clone()).await.scope()));
}

#[tokio::test]
async fn who_may_not_read_events_gets_none() {
    let world = World::new().await;
    let mut scope = world.scope();
    scope.permissions = Arc::from([]);
    assert!(matches!(page(&scope, 0, &Filter::default(), 10).await, Err(FeedError::Forbidden)));
    let feed = Feed::new(world.system.clone());
    assert!(matches!(feed.subscribe(scope, None, Filter::default()).await, Err(FeedError::Forbidden)));
    assert_eq!(feed.readers(), 0);
}

#[tokio::test]
async fn a_supplier_is_told_which_of_its_own_people_and_systems_it_was() {
    let world = World::new().await;
    let own = [Actor::User(world.person(Some(world.supplier)).await), Actor::Partner(world.partner().await)];
    let theirs = [Actor::User(world.person(None).await), Actor::User(UserId::generate())];
    for actor in own.into_iter().chain(theirs) {
        let mut scope = world.scope();
        scope.actor = actor;
        let tx = scope.write().await.unwrap();
        let fact = world.answer(PurchaseOrderId::generate());
        crate::outbox::append(&tx, &scope, vec![fact]).await.unwrap();
        tx.commit().await.unwrap();
    }
    world.dispatch().await;

    let supplier = world.as_supplier();
    let feed = Feed::new(world.system.clone());
    let paged = page(&supplier, 0, &Filter::default(), 10).await.unwrap();
    let shown: Vec<_> = paged.iter().map(|event| event.actor(&supplier).to_owned()).collect();
    assert_eq!(shown, [own[0].to_string().as_str(), &own[1].to_string(), "buyer", "buyer"]);
    let buyer = world.scope();
    assert!(paged.iter().all(|event| event.actor(&buyer) != "buyer"));

    let mut live = subscribe(&feed, world.as_supplier(), None, Filter::default()).await;
    let mut scope = world.scope();
    scope.actor = own[0];
    let tx = scope.write().await.unwrap();
    let fact = world.answer(PurchaseOrderId::generate());
    crate::outbox::append(&tx, &scope, vec![fact]).await.unwrap();
    tx.commit().await.unwrap();
    world.dispatch().await;
    let event = timeout(Duration::from_secs(20), live.next()).await.unwrap().unwrap();
    assert_eq!(event.actor(&supplier), own[0].to_string(), "the reader knows too");
}
