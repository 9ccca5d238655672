use quayside_canonical::{PurchaseOrderId, ShipmentId, states::DeliveryStatus};
use quayside_entity::delivery_tie;
use serde::Serialize;

use crate::{
    deliveries::{AttemptResult, Claimed, record, skip},
    fixtures::World,
    outbox::{About, Fact},
};

/// As much of a shipment's event as ties it to others.
#[derive(Serialize)]
struct Notice {
    shipment: ShipmentId,
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    order: PurchaseOrderId,
}

impl quayside_canonical::events::Event for Notice {
    const TYPE: &'static str = "shipment.submitted";
    const VERSION: i32 = 1;
}

fn notice(world: &World, shipment: ShipmentId, orders: &[PurchaseOrderId]) -> Fact {
    let about = About {
        subject: shipment.to_string(),
        supplier: Some(world.supplier),
        order: (orders.len() == 1).then(|| orders[0]),
    };
    let lines = orders.iter().map(|&order| Line { order }).collect();
    Fact::new(about, &Notice { shipment, lines }).unwrap()
}

async fn world() -> World {
    let world = World::new().await;
    world.connect("wms", r#"{ "eventTypes": ["shipment.submitted", "acknowledgment.submitted"] }"#).await;
    world
}

/// Places each after the one before.
async fn place(world: &World, facts: Vec<Fact>) {
    for fact in facts {
        world.append(vec![fact]).await.commit().await.unwrap();
        world.dispatch().await;
    }
}

fn positions(claimed: &[Claimed]) -> Vec<i64> {
    claimed.iter().map(|one| one.row.position).collect()
}

async fn arrived(world: &World, claimed: &Claimed) {
    let attempt = world.attempt(AttemptResult::Delivered { reference: None });
    assert!(record(&world.system, claimed, &attempt).await.unwrap());
}

async fn ties(world: &World) -> usize {
    let tx = world.system.read().await.unwrap();
    world.system.find::<delivery_tie::Entity>().all(&*tx).await.unwrap().len()
}

#[tokio::test]
async fn a_shipment_amended_from_one_order_to_several_follows_what_was_said_of_it_before() {
    let world = world().await;
    let (shipment, a, b) = (ShipmentId::generate(), PurchaseOrderId::generate(), PurchaseOrderId::generate());
    place(&world, vec![notice(&world, shipment, &[a]), notice(&world, shipment, &[a, b])]).await;
    place(&world, vec![notice(&world, shipment, &[b])]).await;
    for position in 1..=3 {
        let claimed = world.claim().await;
        assert_eq!(positions(&claimed), [position], "one after the other");
        assert!(world.claim().await.is_empty());
        arrived(&world, &claimed[0]).await;
    }
    assert_eq!(ties(&world).await, 0, "what is done is tied to nothing");
}

#[tokio::test]
async fn a_shipment_of_two_orders_follows_both_and_both_follow_it_while_others_overtake() {
    let world = world().await;
    let (a, b, c) = (PurchaseOrderId::generate(), PurchaseOrderId::generate(), PurchaseOrderId::generate());
    let both = notice(&world, ShipmentId::generate(), &[a, b]);
    let also_b = notice(&world, ShipmentId::generate(), &[b, c]);
    // 1: a.  2: a and b.  3: b.  4: b and c.  5: c.  6: of its own.
    let own = world.answer(PurchaseOrderId::generate());
    place(&world, vec![world.answer(a), both, world.answer(b), also_b, world.answer(c), own]).await;
    let first = world.claim().await;
    assert_eq!(positions(&first), [1, 6]);
    for one in &first {
        arrived(&world, one).await;
    }
    for position in 2..=5 {
        let claimed = world.claim().await;
        assert_eq!(positions(&claimed), [position]);
        arrived(&world, &claimed[0]).await;
    }
}

#[tokio::test]
async fn what_was_given_up_holds_back_by_every_key_until_it_is_skipped() {
    let world = world().await;
    let (a, b) = (PurchaseOrderId::generate(), PurchaseOrderId::generate());
    let both = notice(&world, ShipmentId::generate(), &[a, b]);
    place(&world, vec![both, world.answer(a), world.answer(b)]).await;
    let claimed = world.claim_one().await;
    let refused = AttemptResult::Refused { code: "422".to_owned(), message: "no".to_owned() };
    record(&world.system, &claimed, &world.attempt(refused)).await.unwrap();
    assert!(world.claim().await.is_empty());
    let skipped = skip(&world.buyer(), claimed.id, "by hand", &"s".parse().unwrap()).await.unwrap();
    assert_eq!(skipped.delivery.status, DeliveryStatus::Skipped);
    assert_eq!(positions(&world.claim().await), [2, 3]);
}
