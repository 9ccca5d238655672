use std::time::Duration;

use quayside_canonical::{PurchaseOrderId, states::DeliveryStatus};
use quayside_entity::{delivery_attempt, event};

use crate::{
    deliveries::{Attempt, AttemptResult, Keep, Pruned, prune, record},
    fixtures::World,
    scope::in_tenant,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const KEEP: Keep =
    Keep { texts: Duration::from_secs(30 * 86_400), deliveries: Duration::from_secs(400 * 86_400) };

async fn attempts(world: &World) -> Vec<delivery_attempt::Model> {
    let tx = world.system.read().await.unwrap();
    world.system.find::<delivery_attempt::Entity>().all(&*tx).await.unwrap()
}

#[tokio::test]
async fn words_go_after_a_while_and_deliveries_later_but_nothing_that_is_unfinished_and_no_event() {
    let world = World::new().await;
    world.connect("erp", "{}").await;
    let orders: Vec<_> = (0..3).map(|_| PurchaseOrderId::generate()).collect();
    world.answers(&orders).await;
    world.dispatch().await;
    let results = [
        AttemptResult::Delivered { reference: None },
        AttemptResult::Refused { code: "422".to_owned(), message: "no".to_owned() },
        AttemptResult::Retry { reason: "503".to_owned(), after: None },
    ];
    for (claimed, result) in world.claim().await.iter().zip(results) {
        let attempt = Attempt {
            request: Some("{}".to_owned()),
            answer: Some("OK".to_owned()),
            ..world.attempt(result)
        };
        assert!(record(&world.system, claimed, &attempt).await.unwrap());
    }
    let events = async || {
        let scope = world.scope();
        let tx = scope.read().await.unwrap();
        in_tenant::<event::Entity>(&scope).all(&*tx).await.unwrap().len()
    };
    let before = events().await;

    world.advance(DAY * 30);
    assert_eq!(prune(&world.system, KEEP).await.unwrap(), Pruned::default(), "to the moment");
    world.advance(Duration::from_micros(1));
    assert_eq!(prune(&world.system, KEEP).await.unwrap(), Pruned { texts: 1, deliveries: 0 });
    let kept = attempts(&world).await;
    assert_eq!(kept.len(), 3);
    for row in kept {
        let done = world.delivery(row.delivery_id).await.status == DeliveryStatus::Delivered;
        assert_eq!((row.request.is_none(), row.answer.is_none()), (done, done), "{}", row.outcome);
    }

    world.advance(DAY * 370);
    assert_eq!(prune(&world.system, KEEP).await.unwrap(), Pruned { texts: 0, deliveries: 1 });
    let left: Vec<_> = world.deliveries().await.into_iter().map(|row| row.status).collect();
    assert_eq!(left, [DeliveryStatus::Dead, DeliveryStatus::Waiting]);
    assert_eq!(attempts(&world).await.len(), 2);
    assert_eq!(events().await, before, "what happened stays");
    assert_eq!(prune(&world.system, KEEP).await.unwrap(), Pruned::default());
}
