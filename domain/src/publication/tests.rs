use quayside_canonical::PurchaseOrderId;

use super::*;
use crate::fixtures::World;

fn stream(world: &World, name: &str) -> Stream {
    Stream { name: name.to_owned(), made: world.system.now(), keeps: Duration::from_secs(7 * 86_400) }
}

async fn log(world: &World, count: usize) -> Vec<EventId> {
    let orders: Vec<_> = (0..count).map(|_| PurchaseOrderId::generate()).collect();
    let ids = world.answers(&orders).await;
    world.dispatch().await;
    ids
}

async fn only(world: &World, stream: &Stream) -> Option<Behind> {
    let behind = behind(&world.system, stream).await.unwrap();
    assert!(behind.len() <= 1, "one tenant: {behind:?}");
    behind.first().copied()
}

#[tokio::test]
async fn what_is_not_noted_as_published_is_published_once_more_and_what_is_noted_is_not() {
    let world = World::new().await;
    let stream = stream(&world, "QUAYSIDE");
    let ids = log(&world, 3).await;

    let first = only(&world, &stream).await.unwrap();
    assert_eq!((first.published, first.last), (0, 3));
    let events = next(&world.system, world.tenant, 0).await.unwrap();
    assert_eq!(events.iter().map(|event| event.id).collect::<Vec<_>>(), ids);
    let told: serde_json::Value = serde_json::from_str(&events[1].envelope).unwrap();
    assert_eq!((&told["position"], &told["id"]), (&2.into(), &ids[1].to_string().into()));

    published(&world.system, &stream, world.tenant, 2).await.unwrap();
    assert_eq!(only(&world, &stream).await.unwrap().published, 2);
    published(&world.system, &stream, world.tenant, 1).await.unwrap();
    assert_eq!(only(&world, &stream).await.unwrap().published, 2, "a late note does not go back");
    published(&world.system, &stream, world.tenant, 3).await.unwrap();
    assert_eq!(only(&world, &stream).await, None);
}

#[tokio::test]
async fn a_stream_made_anew_begins_with_what_it_would_have_kept() {
    let world = World::new().await;
    let first = stream(&world, "QUAYSIDE");
    log(&world, 2).await;
    world.advance(Duration::from_secs(8 * 86_400));
    log(&world, 1).await;
    published(&world.system, &first, world.tenant, 3).await.unwrap();
    assert_eq!(only(&world, &first).await, None);

    let again = stream(&world, "QUAYSIDE");
    assert_eq!(only(&world, &again).await.unwrap().published, 2, "two are too old for it");
    let other = stream(&world, "OTHER");
    assert_eq!(only(&world, &other).await.unwrap().published, 2, "another stream has its own place");
}

#[tokio::test]
async fn a_tenant_whose_events_are_all_too_old_is_not_behind() {
    let world = World::new().await;
    log(&world, 2).await;
    world.advance(Duration::from_secs(8 * 86_400));
    let stream = stream(&world, "QUAYSIDE");
    assert_eq!(only(&world, &stream).await, None);
    log(&world, 1).await;
    assert_eq!(only(&world, &stream).await.unwrap().published, 2);
}

#[tokio::test]
async fn the_publishers_place_is_free_at_once_when_it_is_given_back() {
    let world = World::new().await;
    assert!(hold(&world.system).await.unwrap());
    let until = async || {
        let lease = world.system.find::<quayside_entity::lease::Entity>();
        lease.one(world.store.worker()).await.unwrap()
    };
    assert_eq!(until().await.unwrap().until, world.system.now().plus(TERM));
    hand_over(&world.system).await.unwrap();
    assert_eq!(until().await, None);
}
