use std::time::Duration;

use quayside_canonical::{
    ConnectionId, DeliveryId, PurchaseOrderId,
    states::{CheckState, DeliveryStatus, ExceptionKind},
};
use quayside_entity::{connection, delivery_check, exception_case};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, Set};

use super::{events, open_exceptions};
use crate::{
    deliveries::{
        AttemptResult, Check, Finding, checks_due, conclude, pause_connection, record, redrive, skip,
    },
    fixtures::World,
    scope::in_tenant,
};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// A tenant whose ERP is asked again after an hour, with one delivery that arrived.
async fn delivered() -> (World, ConnectionId, DeliveryId) {
    let world = World::new().await;
    let erp = world.connect("erp", "{}").await;
    let tx = world.system.write().await.unwrap();
    let wish =
        connection::ActiveModel { id: Set(erp), confirm_after_minutes: Set(Some(60)), ..Default::default() };
    wish.update(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    world.answers(&[PurchaseOrderId::generate()]).await;
    world.dispatch().await;
    let claimed = world.claim_one().await;
    arrive(&world, &claimed).await;
    (world, erp, claimed.id)
}

async fn arrive(world: &World, claimed: &crate::deliveries::Claimed) {
    let result = AttemptResult::Delivered { reference: Some("5105600001".to_owned()) };
    assert!(record(&world.system, claimed, &world.attempt(result)).await.unwrap());
}

async fn due(world: &World) -> Check {
    let mut due = checks_due(&world.system).await.unwrap();
    assert_eq!(due.len(), 1);
    due.remove(0)
}

async fn say(world: &World, finding: Finding) {
    let check = due(world).await;
    assert!(conclude(&world.system, &check, &finding).await.unwrap());
}

async fn state(world: &World, id: DeliveryId) -> CheckState {
    let tx = world.system.read().await.unwrap();
    let row = world.system.find::<delivery_check::Entity>();
    row.filter(delivery_check::Column::DeliveryId.eq(id)).one(&*tx).await.unwrap().unwrap().state
}

fn there() -> Finding {
    Finding::There { reference: Some("5105600001".to_owned()) }
}

#[tokio::test]
async fn what_arrived_is_looked_for_once_its_time_has_come_and_then_left_alone() {
    let (world, _, id) = delivered().await;
    world.advance(HOUR - Duration::from_secs(1));
    assert!(checks_due(&world.system).await.unwrap().is_empty());
    world.advance(Duration::from_secs(1));
    say(&world, there()).await;
    assert_eq!(state(&world, id).await, CheckState::Found);
    world.advance(HOUR * 1_000);
    assert!(checks_due(&world.system).await.unwrap().is_empty());
    assert_eq!(events(&world, "delivery.").await.len(), 1, "no more than that it was delivered");
}

#[tokio::test]
async fn what_the_receiver_lost_is_an_exception_and_is_not_sent_again_by_itself() {
    let (world, _, id) = delivered().await;
    world.advance(HOUR);
    say(&world, Finding::NotThere).await;
    let row = world.delivery(id).await;
    assert_eq!((row.status, row.error_code.as_deref()), (DeliveryStatus::Missing, Some("MISSING")));
    assert_eq!(open_exceptions(&world).await, [(ExceptionKind::DeliveryMissing, id.to_string())]);
    assert_eq!(events(&world, "delivery.missed").await.len(), 1);
    world.advance(HOUR * 100);
    assert!(world.claim().await.is_empty());
}

#[tokio::test]
async fn what_turns_up_later_cures_its_exception_and_is_the_proof() {
    let (world, _, id) = delivered().await;
    world.advance(HOUR);
    say(&world, Finding::NotThere).await;
    world.advance(HOUR);
    say(&world, Finding::NotThere).await;
    assert_eq!(events(&world, "delivery.missed").await.len(), 1, "told once");
    world.advance(HOUR * 6);
    say(&world, there()).await;
    let row = world.delivery(id).await;
    assert_eq!((row.status, row.error_code), (DeliveryStatus::Delivered, None));
    assert!(open_exceptions(&world).await.is_empty());
    let found = events(&world, "delivery.found").await;
    let scope = world.scope();
    let tx = scope.read().await.unwrap();
    let case = in_tenant::<exception_case::Entity>(&scope).one(&*tx).await.unwrap().unwrap();
    assert_eq!(case.proof_event_id, Some(found[0].id));
}

#[tokio::test]
async fn a_person_sends_it_again_from_there_and_the_receiver_is_asked_first() {
    let (world, _, id) = delivered().await;
    world.advance(HOUR);
    say(&world, Finding::NotThere).await;
    redrive(&world.buyer(), &world.again(id), Some(&"r".parse().unwrap())).await.unwrap();
    assert!(open_exceptions(&world).await.is_empty());
    let claimed = world.claim_one().await;
    assert!(claimed.must_confirm);
    arrive(&world, &claimed).await;
    assert_eq!(world.delivery(id).await.status, DeliveryStatus::Delivered);
    assert_eq!(state(&world, id).await, CheckState::Due, "and it is looked for again");
    world.advance(HOUR);
    say(&world, there()).await;
}

#[tokio::test]
async fn what_a_person_decided_meanwhile_stands() {
    let (world, _, id) = delivered().await;
    world.advance(HOUR);
    say(&world, Finding::NotThere).await;
    world.advance(HOUR);
    let late = due(&world).await;
    skip(&world.buyer(), id, "entered by hand", &"s".parse().unwrap()).await.unwrap();
    assert!(open_exceptions(&world).await.is_empty());
    assert!(!conclude(&world.system, &late, &there()).await.unwrap());
    assert_eq!(world.delivery(id).await.status, DeliveryStatus::Skipped);
}

#[tokio::test]
async fn a_question_is_asked_by_one_worker_and_again_when_that_one_is_lost() {
    let (world, _, id) = delivered().await;
    world.advance(HOUR);
    let lost = due(&world).await;
    assert!(checks_due(&world.system).await.unwrap().is_empty());
    world.advance(Duration::from_secs(120));
    let taken = due(&world).await;
    assert!(!conclude(&world.system, &lost, &Finding::NotThere).await.unwrap(), "too late");
    assert!(conclude(&world.system, &taken, &there()).await.unwrap());
    assert_eq!(world.delivery(id).await.status, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn no_answer_is_no_loss_and_who_cannot_be_asked_is_asked_once() {
    let (world, _, id) = delivered().await;
    world.advance(HOUR);
    for _ in 0..6 {
        say(&world, Finding::Unclear { reason: "no answer".to_owned() }).await;
        world.advance(HOUR);
    }
    assert_eq!(state(&world, id).await, CheckState::Unknown);
    assert!(checks_due(&world.system).await.unwrap().is_empty());
    assert!(open_exceptions(&world).await.is_empty());

    let (world, _, id) = delivered().await;
    world.advance(HOUR);
    say(&world, Finding::CannotBeAsked).await;
    assert_eq!(state(&world, id).await, CheckState::Unknown);
    world.advance(HOUR * 100);
    assert!(checks_due(&world.system).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_paused_connection_is_not_asked_and_rejected_credentials_pause_it() {
    let (world, erp, _) = delivered().await;
    world.advance(HOUR);
    say(&world, Finding::Unauthorized).await;
    assert_eq!(open_exceptions(&world).await, [(ExceptionKind::ConnectionPaused, erp.to_string())]);
    world.advance(HOUR);
    assert!(checks_due(&world.system).await.unwrap().is_empty());

    let (world, erp, _) = delivered().await;
    pause_connection(&world.buyer(), erp, "month end", &"p".parse().unwrap()).await.unwrap();
    world.advance(HOUR);
    assert!(checks_due(&world.system).await.unwrap().is_empty());
}
