use std::time::Duration;

use quayside_canonical::{
    ConnectionId, PurchaseOrderId,
    events::Envelope,
    states::{ConnectionStatus, DeliveryStatus, ExceptionKind},
};

use super::{events, open_exceptions};
use crate::{
    deliveries::{
        Attempt, AttemptResult, Claimed, Hands, LAST_ATTEMPT, LEASE, MOST_OF_ONE, SCHEDULE, UNCONFIRMED,
        attempts_of, backoff::wait, claim, of_subject, record, record_many, resume_connection,
    },
    fixtures::World,
    testing,
};

fn retry() -> AttemptResult {
    AttemptResult::Retry { reason: "503".to_owned(), after: None }
}

fn unconfirmed() -> AttemptResult {
    AttemptResult::Unconfirmed { reason: "no answer in 30 s".to_owned() }
}

fn delivered(reference: &str) -> AttemptResult {
    AttemptResult::Delivered { reference: Some(reference.to_owned()) }
}

fn refused() -> AttemptResult {
    AttemptResult::Refused { code: "422".to_owned(), message: "order is closed".to_owned() }
}

/// A tenant with one delivery that is due.
async fn one_due() -> World {
    let world = World::new().await;
    world.connect("erp", "{}").await;
    world.answers(&[PurchaseOrderId::generate()]).await;
    world.dispatch().await;
    world
}

async fn tell(world: &World, claimed: &Claimed, result: AttemptResult) -> bool {
    record(&world.system, claimed, &world.attempt(result)).await.unwrap()
}

#[tokio::test]
async fn a_claim_brings_all_the_worker_needs_and_a_success_is_told_to_the_supplier() {
    let world = one_due().await;
    let claimed = world.claim_one().await;
    assert_eq!((claimed.attempt, claimed.must_confirm), (1, false));
    assert_eq!((claimed.receiver.kind.as_str(), claimed.receiver.name.as_str()), ("generic_rest", "erp"));
    assert!(!format!("{claimed:?}").contains("sealed_secret"));
    let envelope: Envelope<'_> = serde_json::from_str(&claimed.envelope).unwrap();
    assert_eq!(envelope.event_type, "acknowledgment.submitted");
    assert_eq!(envelope.source, format!("/tenants/{}", world.tenant));
    assert_eq!((envelope.sequence, envelope.position), (1, 1));
    assert!(envelope.data.get().contains(r#""orderNumber":"4500001""#));

    let attempt = Attempt {
        duration: Duration::from_millis(120),
        http_status: Some(201),
        request: Some("POST /answers".to_owned()),
        answer: Some("x".repeat(100_000)),
        ..world.attempt(delivered("5105600001"))
    };
    assert!(record(&world.system, &claimed, &attempt).await.unwrap());

    let subject = [events(&world, "acknowledgment.").await.remove(0).subject];
    let shown = of_subject(&world.as_supplier(), &subject).await.unwrap().remove(0);
    assert_eq!(shown.status, DeliveryStatus::Delivered);
    assert_eq!((shown.connection.as_str(), shown.reference.as_deref()), ("erp", Some("5105600001")));
    assert_eq!(shown.finished_at, Some(world.store.clock().now()));
    let stranger = World::on(world.store.clone()).await;
    assert!(of_subject(&stranger.as_supplier(), &subject).await.unwrap().is_empty());
    assert!(of_subject(&stranger.scope(), &subject).await.unwrap().is_empty());

    let told = events(&world, "delivery.").await.remove(0);
    let cause = events(&world, "acknowledgment.").await.remove(0);
    assert_eq!((told.supplier_id, told.order_id), (cause.supplier_id, cause.order_id));
    assert_eq!((told.causation_id, told.correlation_id), (Some(cause.id), cause.correlation_id));

    let log = attempts_of(&world.buyer(), claimed.id).await.unwrap();
    assert_eq!(
        (log[0].outcome.as_str(), log[0].http_status, log[0].duration_ms),
        ("delivered", Some(201), 120)
    );
    assert_eq!(log[0].answer.as_ref().unwrap().len(), 8 * 1024, "bounded");
    assert!(world.claim().await.is_empty(), "once");
}

#[tokio::test]
async fn every_wait_is_the_schedules_and_the_last_attempt_ends_in_an_exception() {
    let world = one_due().await;
    for attempt in 1..LAST_ATTEMPT {
        let claimed = world.claim_one().await;
        assert_eq!((claimed.attempt, claimed.must_confirm), (attempt, false));
        assert!(tell(&world, &claimed, retry()).await);
        let wait = wait(&SCHEDULE, claimed.id, attempt, None).unwrap();
        world.advance(wait - Duration::from_micros(1));
        assert!(world.claim().await.is_empty(), "not a moment too early");
        world.advance(Duration::from_micros(1));
    }
    let last = world.claim_one().await;
    assert!(tell(&world, &last, retry()).await);
    let row = world.delivery(last.id).await;
    assert_eq!((row.status, row.attempts), (DeliveryStatus::Dead, LAST_ATTEMPT));
    assert_eq!(row.error_code.as_deref(), Some("ATTEMPTS_EXHAUSTED"));
    let told = open_exceptions(&world).await;
    assert!(told.contains(&(ExceptionKind::DeliveryFailed, last.id.to_string())), "{told:?}");
    world.advance(Duration::from_secs(1_000_000));
    assert!(world.claim().await.is_empty(), "dead is dead");
}

#[tokio::test]
async fn a_receiver_that_asks_for_time_gets_it() {
    let world = one_due().await;
    let claimed = world.claim_one().await;
    let after = Some(Duration::from_secs(120));
    tell(&world, &claimed, AttemptResult::Retry { reason: "429".to_owned(), after }).await;
    let due = world.store.clock().now().plus(Duration::from_secs(120));
    assert_eq!(world.delivery(claimed.id).await.next_at, due);
}

#[tokio::test]
async fn a_refusal_and_a_missing_mapping_are_given_up_at_once() {
    let unmappable = AttemptResult::Unmappable { message: "no unit for EA".to_owned() };
    for (result, code) in [(refused(), "422"), (unmappable, "UNMAPPABLE")] {
        let world = one_due().await;
        let claimed = world.claim_one().await;
        tell(&world, &claimed, result).await;
        let row = world.delivery(claimed.id).await;
        assert_eq!((row.status, row.error_code.as_deref()), (DeliveryStatus::Dead, Some(code)));
        assert_eq!(events(&world, "delivery.failed").await.len(), 1);
        assert_eq!(events(&world, "exception.opened").await.len(), 1);
        let subject = [row.subject];
        let shown = of_subject(&world.as_supplier(), &subject).await.unwrap().remove(0);
        assert_eq!(shown.error.unwrap().0, code, "the supplier sees why");
    }
}

#[tokio::test]
async fn a_worker_that_thaws_after_its_lease_changes_nothing() {
    let world = one_due().await;
    let frozen = world.claim_one().await;
    assert!(world.claim().await.is_empty(), "it is held");
    world.advance(LEASE - Duration::from_micros(1));
    assert!(world.claim().await.is_empty(), "still held");
    assert!(frozen.lease.left(world.store.clock().now()).is_zero());
    world.advance(Duration::from_micros(1));

    let taken_over = world.claim_one().await;
    assert!(taken_over.must_confirm, "whether the lost attempt arrived is not known");
    assert!(!tell(&world, &frozen, delivered("late")).await);
    let row = world.delivery(frozen.id).await;
    assert_eq!((row.status, row.reference), (DeliveryStatus::Sending, None));
    assert!(tell(&world, &taken_over, delivered("5105600001")).await);
    assert!(!tell(&world, &taken_over, retry()).await, "told once");
    assert!(!tell(&world, &frozen, refused()).await);

    let row = world.delivery(frozen.id).await;
    assert_eq!((row.status, row.reference.as_deref()), (DeliveryStatus::Delivered, Some("5105600001")));
    assert_eq!(attempts_of(&world.buyer(), frozen.id).await.unwrap().len(), 1);
    assert_eq!(events(&world, "delivery.").await.len(), 1);
}

#[tokio::test]
async fn what_may_have_arrived_is_asked_for_until_the_receiver_says() {
    let world = one_due().await;
    let claimed = world.claim_one().await;
    tell(&world, &claimed, unconfirmed()).await;
    assert_eq!(world.delivery(claimed.id).await.status, DeliveryStatus::Unconfirmed);
    world.advance(Duration::from_secs(2));

    let claimed = world.claim_one().await;
    assert!(claimed.must_confirm);
    tell(&world, &claimed, AttemptResult::Released).await;
    let claimed = world.claim_one().await;
    assert!(claimed.must_confirm, "a worker that stops knows no more than before");
    assert_eq!(claimed.attempt, 2, "and does not count");

    tell(&world, &claimed, retry()).await; // the receiver said no, and then was busy
    world.advance(Duration::from_secs(10));
    assert!(!world.claim_one().await.must_confirm);
}

#[tokio::test]
async fn what_was_never_confirmed_is_asked_for_after_a_redrive_too() {
    let world = one_due().await;
    for _ in 1..=LAST_ATTEMPT {
        let claimed = world.claim_one().await;
        tell(&world, &claimed, unconfirmed()).await;
        world.advance(Duration::from_secs(24 * 60 * 60));
    }
    let row = world.deliveries().await.remove(0);
    assert_eq!((row.status, row.error_code.as_deref()), (DeliveryStatus::Dead, Some(UNCONFIRMED)));
    crate::deliveries::redrive(&world.buyer(), &world.again(row.id), Some(&"r".parse().unwrap()))
        .await
        .unwrap();
    assert!(world.claim_one().await.must_confirm);
}

#[tokio::test]
async fn a_delivery_given_back_unsent_is_due_at_once_and_has_no_attempt() {
    let world = one_due().await;
    let claimed = world.claim_one().await;
    tell(&world, &claimed, AttemptResult::Released).await;
    let again = world.claim_one().await;
    assert_eq!((again.attempt, again.must_confirm), (1, false));
    assert!(attempts_of(&world.buyer(), again.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn rejected_credentials_pause_the_connection_and_count_no_attempt() {
    let world = World::new().await;
    let erp = world.connect("erp", "{}").await;
    world.connect("wms", "{}").await;
    world.answers(&[PurchaseOrderId::generate(), PurchaseOrderId::generate()]).await;
    world.dispatch().await;
    let claimed = world.claim().await;
    let to_erp: Vec<_> = claimed.iter().filter(|one| one.receiver.id == erp).collect();
    let attempt = world.attempt(AttemptResult::Unauthorized);
    let attempts: Vec<_> = to_erp.iter().map(|one| (*one, &attempt)).collect();
    assert_eq!(record_many(&world.system, &attempts).await.unwrap().recorded, 2);

    assert_eq!(open_exceptions(&world).await, [(ExceptionKind::ConnectionPaused, erp.to_string())]);
    assert_eq!(events(&world, "connection.paused").await.len(), 1);
    let row = world.delivery(to_erp[0].id).await;
    assert_eq!((row.status, row.attempts), (DeliveryStatus::Waiting, 0));
    world.advance(LEASE);
    assert!(world.claim().await.iter().all(|one| one.receiver.id != erp), "the other one goes on");

    let buyer = world.buyer();
    let stranger = World::on(world.store.clone()).await.buyer();
    assert!(resume_connection(&stranger, erp, &"k".parse().unwrap()).await.is_err());
    let resumed = resume_connection(&buyer, erp, &"k".parse().unwrap()).await.unwrap();
    assert_eq!((resumed.status, resumed.paused_reason), (ConnectionStatus::Active, None));
    assert!(open_exceptions(&world).await.is_empty());
    let due = world.claim().await;
    assert_eq!(
        due.iter().map(|one| (one.receiver.id, one.attempt)).collect::<Vec<_>>(),
        [(erp, 1), (erp, 1)]
    );
}

#[tokio::test]
async fn a_batch_of_several_tenants_is_one_transaction_and_busy_connections_are_left_out() {
    let store = testing::store().await;
    let worlds = [World::on(store.clone()).await, World::on(store).await];
    let mut connections = Vec::new();
    for world in &worlds {
        connections.push(world.connect("erp", "{}").await);
        world.answers(&[PurchaseOrderId::generate()]).await;
    }
    worlds[0].dispatch().await;
    let system = &worlds[0].system;
    let full = |busy: &[ConnectionId]| Hands {
        held: busy.iter().map(|connection| (*connection, MOST_OF_ONE)).collect(),
        ..Hands::empty(10)
    };
    assert!(claim(system, "w", &full(&connections)).await.unwrap().is_empty());
    let first = claim(system, "w", &full(&connections[..1])).await.unwrap();
    assert_eq!(first.len(), 1);
    let second = claim(system, "w", &Hands::empty(10)).await.unwrap();
    let (ok, no) = (worlds[0].attempt(delivered("1")), worlds[0].attempt(refused()));
    let recorded = record_many(system, &[(&first[0], &ok), (&second[0], &no)]).await.unwrap();
    assert_eq!(recorded.recorded, 2);
    assert_eq!(events(&worlds[1], "delivery.succeeded").await.len(), 1);
    assert_eq!(events(&worlds[0], "delivery.failed").await.len(), 1);
    assert_eq!((open_exceptions(&worlds[0]).await.len(), open_exceptions(&worlds[1]).await.len()), (1, 0));
}
