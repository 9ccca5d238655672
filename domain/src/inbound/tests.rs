//! Who has a feed, and who may say how far it is read.
use std::time::Duration;

use quayside_canonical::{ConnectionId, states::FeedWay};

use super::{
    Ask, Claimed, LEASE, Offered, PollResult, Read, ask, claim, feeds_of, hint, offer, record, renew,
};
use crate::fixtures::World;

const EVERY: Duration = Duration::from_secs(60);

/// A tenant with a connection that has one feed to poll and one that is pushed to.
async fn world() -> (World, ConnectionId) {
    let world = World::new().await;
    let connection = world.connect("erp", "{}").await;
    assert_eq!(offer(&world.system, &offered()).await.unwrap(), 2);
    assert_eq!(offer(&world.system, &offered()).await.unwrap(), 0, "once");
    (world, connection)
}

fn offered() -> Vec<Offered> {
    vec![Offered { kind: "generic_rest", feeds: vec![("orders", FeedWay::Poll), ("news", FeedWay::Push)] }]
}

async fn claim_one(world: &World) -> Claimed {
    let mut claimed = claim(&world.system, 10).await.unwrap();
    assert_eq!(claimed.len(), 1, "one is polled, and it is due");
    claimed.remove(0)
}

async fn nothing_is_due(world: &World) -> bool {
    claim(&world.system, 10).await.unwrap().is_empty()
}

fn read(cursor: &str, more: bool) -> PollResult {
    PollResult::Read(Read { cursor: Some(cursor.to_owned()), more, ..Read::default() })
}

#[tokio::test]
async fn a_feed_is_one_workers_until_it_is_lost_and_then_its_word_counts_no_more() {
    let (world, _) = world().await;
    let lost = claim_one(&world).await;
    assert!(nothing_is_due(&world).await);
    world.advance(LEASE - Duration::from_secs(1));
    assert!(renew(&world.system, &lost).await.unwrap());
    world.advance(LEASE - Duration::from_secs(1));
    assert!(nothing_is_due(&world).await, "it said that it is still at it");
    world.advance(Duration::from_secs(1));
    let next = claim_one(&world).await;
    assert!(!renew(&world.system, &lost).await.unwrap());
    assert!(!record(&world.system, &lost, &read("stale", true), EVERY).await.unwrap());
    assert!(record(&world.system, &next, &read("7", true), EVERY).await.unwrap());
    assert!(!record(&world.system, &lost, &read("stale", true), EVERY).await.unwrap());
    assert_eq!(claim_one(&world).await.cursor.as_deref(), Some("7"), "there is more at once");
}

#[tokio::test]
async fn a_feed_that_is_asked_for_while_it_is_polled_is_polled_again_right_after() {
    let (world, connection) = world().await;
    let claimed = claim_one(&world).await;
    assert!(hint(&world.buyer(), connection, "orders").await.unwrap());
    assert!(!hint(&world.buyer(), connection, "news").await.unwrap(), "nobody polls it");
    assert!(nothing_is_due(&world).await, "one at a time");
    record(&world.system, &claimed, &read("7", false), EVERY).await.unwrap();
    let again = claim_one(&world).await;
    record(&world.system, &again, &read("8", false), EVERY).await.unwrap();
    assert!(nothing_is_due(&world).await);
    world.advance(EVERY.mul_f64(1.1));
    claim_one(&world).await;
}

#[tokio::test]
async fn sent_back_to_the_start_a_feed_is_taken_out_of_the_hands_that_have_it() {
    let (world, connection) = world().await;
    let first = claim_one(&world).await;
    record(&world.system, &first, &read("7", true), EVERY).await.unwrap();
    let held = claim_one(&world).await;
    let back = Ask { connection, feed: None, from_start: true, every_seconds: None };
    ask(&world.buyer(), &back, &"k".parse().unwrap()).await.unwrap();
    assert!(!record(&world.system, &held, &read("8", false), EVERY).await.unwrap());
    assert_eq!(claim_one(&world).await.cursor, None);
}

#[tokio::test]
async fn who_says_more_and_stays_where_it_is_is_not_asked_for_ever() {
    let (world, connection) = world().await;
    let first = claim_one(&world).await;
    record(&world.system, &first, &read("7", true), EVERY).await.unwrap();
    let second = claim_one(&world).await;
    record(&world.system, &second, &read("7", true), EVERY).await.unwrap();
    assert!(nothing_is_due(&world).await);
    let feeds = feeds_of(&world.buyer(), connection).await.unwrap();
    let names: Vec<_> = feeds.iter().map(|feed| (feed.name.as_str(), feed.cursor.as_deref())).collect();
    assert_eq!(names, [("news", None), ("orders", Some("7"))]);
}

#[tokio::test]
async fn what_a_connection_does_not_read_is_looked_at_again_later_and_not_shown() {
    let (world, connection) = world().await;
    let claimed = claim_one(&world).await;
    record(&world.system, &claimed, &PollResult::NotRead, EVERY).await.unwrap();
    assert!(nothing_is_due(&world).await);
    assert_eq!(feeds_of(&world.buyer(), connection).await.unwrap().len(), 1);
    world.advance(Duration::from_secs(10 * 60));
    let claimed = claim_one(&world).await;
    record(&world.system, &claimed, &read("1", false), EVERY).await.unwrap();
    assert_eq!(feeds_of(&world.buyer(), connection).await.unwrap().len(), 2);
}
