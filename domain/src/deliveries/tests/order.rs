use std::{
    collections::{HashMap, HashSet},
    sync::Mutex,
};

use quayside_canonical::{DeliveryId, PurchaseOrderId, states::DeliveryStatus};
use quayside_entity::delivery_attempt;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    deliveries::{Attempt, AttemptResult, Claimed, Hands, LEASE, claim, record, record_many, skip},
    fixtures::World,
};

#[tokio::test]
async fn a_dead_delivery_holds_back_its_own_order_and_connection_only() {
    let world = World::new().await;
    world.connect("erp", "{}").await;
    world.connect("wms", "{}").await;
    let (stuck, free) = (PurchaseOrderId::generate(), PurchaseOrderId::generate());
    world.answers(&[stuck, stuck, free, free]).await;
    world.dispatch().await;

    let first = world.claim().await;
    let mut keys: Vec<_> = first.iter().map(|one| (one.receiver.name.as_str(), one.order_key)).collect();
    keys.sort_unstable();
    let mut expected = [("erp", stuck.0), ("erp", free.0), ("wms", stuck.0), ("wms", free.0)];
    expected.sort_unstable();
    assert_eq!(keys, expected, "one of each key");
    for one in &first {
        let dead = one.receiver.name == "erp" && one.order_key == stuck.0;
        let result = if dead {
            AttemptResult::Refused { code: "400".to_owned(), message: "no".to_owned() }
        } else {
            AttemptResult::Delivered { reference: None }
        };
        record(&world.system, one, &world.attempt(result)).await.unwrap();
    }
    let second = world.claim().await;
    let mut keys: Vec<_> = second.iter().map(|one| (one.receiver.name.as_str(), one.order_key)).collect();
    keys.sort_unstable();
    assert_eq!(keys.len(), 3);
    assert!(!keys.contains(&("erp", stuck.0)));
}

const KEYS: usize = 25;
const EVENTS: usize = 600;
const WORKERS: usize = 4;

/// A receiver that keeps what it got, in the order it got it.
#[derive(Default)]
struct Receiver {
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    ids: HashSet<DeliveryId>,
    order: Vec<(Uuid, i64)>,
}

impl Receiver {
    fn has(&self, id: DeliveryId) -> bool {
        self.taken.lock().unwrap().ids.contains(&id)
    }

    /// Takes it, and never knows of idempotency keys: a second time is a duplicate.
    fn take(&self, one: &Claimed) {
        let mut taken = self.taken.lock().unwrap();
        assert!(taken.ids.insert(one.id), "sent twice");
        taken.order.push((one.order_key, position(one)));
    }
}

fn position(one: &Claimed) -> i64 {
    let envelope: serde_json::Value = serde_json::from_str(&one.envelope).unwrap();
    envelope["position"].as_i64().unwrap()
}

/// What goes wrong, chosen by position and attempt so that a failure of this test can be repeated. None: the
/// worker is lost, after the call or before it.
fn deliver(one: &Claimed, receiver: &Receiver, poison: i64) -> Option<AttemptResult> {
    let text = || "injected".to_owned();
    let position = position(one);
    if one.must_confirm && receiver.has(one.id) {
        return Some(AttemptResult::Delivered { reference: None });
    }
    if position == poison {
        return Some(AttemptResult::Refused { code: "422".to_owned(), message: text() });
    }
    let injected = if one.attempt > 3 { 0 } else { (position * 31 + i64::from(one.attempt) * 7) % 13 };
    if matches!(injected, 1 | 2) {
        return Some(AttemptResult::Retry { reason: text(), after: None });
    }
    if matches!(injected, 3 | 4) {
        return (injected == 3).then(|| AttemptResult::Unconfirmed { reason: text() });
    }
    receiver.take(one);
    match injected {
        5 => Some(AttemptResult::Unconfirmed { reason: text() }),
        6 => None,
        _ => Some(AttemptResult::Delivered { reference: None }),
    }
}

/// Works until nothing is due.
async fn work(world: &World, name: &str, receiver: &Receiver, poison: i64) {
    loop {
        let claimed = claim(&world.system, name, &Hands::empty(10)).await.unwrap();
        if claimed.is_empty() {
            return;
        }
        let outcomes: Vec<(&Claimed, Attempt)> = claimed
            .iter()
            .filter_map(|one| Some((one, world.attempt(deliver(one, receiver, poison)?))))
            .collect();
        let attempts: Vec<_> = outcomes.iter().map(|(one, attempt)| (*one, attempt)).collect();
        assert_eq!(record_many(&world.system, &attempts).await.unwrap().recorded, attempts.len());
    }
}

async fn work_off(world: &World, receiver: &Receiver, poison: i64) {
    for _ in 0..40 {
        let names = ["a", "b", "c", "d"];
        assert_eq!(names.len(), WORKERS);
        let [a, b, c, d] = names.map(|name| work(world, name, receiver, poison));
        tokio::join!(a, b, c, d);
        world.advance(LEASE);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_failures_and_lost_workers_each_order_is_sent_once_and_in_order_and_poison_stays_alone() {
    let world = World::new().await;
    world.connect("erp", "{}").await;
    let orders: Vec<_> = (0..KEYS).map(|_| PurchaseOrderId::generate()).collect();
    let events: Vec<_> = orders.iter().copied().cycle().take(EVENTS).collect();
    world.answers(&events).await;
    assert_eq!(world.dispatch().await, EVENTS);
    // The sixth event of the fourth order.
    let poison = i64::try_from(5 * KEYS + 3 + 1).unwrap();
    let receiver = Receiver::default();
    work_off(&world, &receiver, poison).await;

    let behind = EVENTS / KEYS - 6;
    let mut count: HashMap<DeliveryStatus, usize> = HashMap::new();
    for row in world.deliveries().await {
        *count.entry(row.status).or_default() += 1;
    }
    let expected = [
        (DeliveryStatus::Delivered, EVENTS - 1 - behind),
        (DeliveryStatus::Dead, 1),
        (DeliveryStatus::Waiting, behind),
    ];
    assert_eq!(count, expected.into());

    let dead = world.deliveries().await.into_iter().find(|row| row.status == DeliveryStatus::Dead).unwrap();
    assert_eq!((dead.position, dead.order_key), (poison, orders[3].0));
    skip(&world.buyer(), dead.id, "poison", &"skip".parse().unwrap()).await.unwrap();
    work_off(&world, &receiver, poison).await;

    let taken = receiver.taken.lock().unwrap().order.clone();
    assert_eq!(taken.len(), EVENTS - 1);
    let mut last: HashMap<Uuid, i64> = HashMap::new();
    for (key, position) in taken {
        let before = last.insert(key, position);
        assert!(before.is_none_or(|before| before < position), "{position} after {before:?}");
    }
    let tx = world.system.read().await.unwrap();
    let marked = world
        .system
        .find::<delivery_attempt::Entity>()
        .filter(delivery_attempt::Column::Outcome.eq("delivered"))
        .count(&*tx)
        .await
        .unwrap();
    assert_eq!(marked, EVENTS as u64 - 1, "each is marked once");
}
