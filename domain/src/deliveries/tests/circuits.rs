use std::time::{Duration, Instant};

use quayside_canonical::{
    ConnectionId, PurchaseOrderId,
    states::{CircuitState, ConnectionStatus, DeliveryStatus, ExceptionKind},
};
use quayside_entity::{circuit, connection};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, QueryFilter, Set, Statement};

use super::open_exceptions;
use crate::{
    deliveries::{
        Attempt, AttemptResult, Claimed, FAILURES, FIRST_WAIT, Hands, LEASE, LONGEST_WAIT, UNREACHABLE_AFTER,
        circuit::wait, claim, health, pause_connection, record, record_many, resume_connection,
    },
    fixtures::World,
};

fn away() -> AttemptResult {
    AttemptResult::Retry { reason: "could not connect".to_owned(), after: None }
}

fn arrived() -> AttemptResult {
    AttemptResult::Delivered { reference: None }
}

async fn with_answers(number: usize) -> (World, ConnectionId) {
    let world = World::new().await;
    let erp = world.connect("erp", "{}").await;
    let orders: Vec<_> = (0..number).map(|_| PurchaseOrderId::generate()).collect();
    world.answers(&orders).await;
    world.dispatch().await;
    (world, erp)
}

async fn tell(world: &World, claimed: &Claimed, result: AttemptResult) -> bool {
    record(&world.system, claimed, &world.attempt(result)).await.unwrap()
}

async fn circuit_of(world: &World, connection: ConnectionId) -> Option<circuit::Model> {
    let tx = world.system.read().await.unwrap();
    let row = world.system.find::<circuit::Entity>();
    row.filter(circuit::Column::ConnectionId.eq(connection)).one(&*tx).await.unwrap()
}

/// As many failures as open the circuit; says which deliveries they were.
async fn open(world: &World) -> Vec<Claimed> {
    let hands = Hands::empty(usize::try_from(FAILURES).unwrap());
    let claimed = claim(&world.system, "w", &hands).await.unwrap();
    let failed = world.attempt(away());
    let attempts: Vec<_> = claimed.iter().map(|one| (one, &failed)).collect();
    let kept = record_many(&world.system, &attempts).await.unwrap();
    assert_eq!(kept.resting, [claimed[0].receiver.id], "what else is held of it is to be given back");
    claimed
}

#[tokio::test]
async fn a_system_that_is_away_is_left_alone_and_then_asked_with_one_delivery_at_a_time() {
    let (world, erp) = with_answers(20).await;
    open(&world).await;
    let row = circuit_of(&world, erp).await.unwrap();
    assert_eq!((row.state, row.rounds), (CircuitState::Open, 1));
    assert!(world.claim().await.is_empty(), "the other fifteen wait");

    let first = wait(erp, row.opened_at.unwrap(), 1);
    assert!(first >= FIRST_WAIT.mul_f64(0.8) && first <= FIRST_WAIT.mul_f64(1.2));
    world.advance(first);
    let probe = world.claim_one().await;
    assert!(claim(&world.system, "w2", &Hands::empty(9)).await.unwrap().is_empty(), "one at a time");
    world.advance(Duration::from_secs(LEASE.as_secs() - 1));
    assert!(claim(&world.system, "w2", &Hands::empty(9)).await.unwrap().is_empty(), "however long it takes");

    assert!(tell(&world, &probe, away()).await);
    let row = circuit_of(&world, erp).await.unwrap();
    assert_eq!((row.state, row.rounds), (CircuitState::Open, 2));
    let second = wait(erp, row.opened_at.unwrap(), 2);
    world.advance(second.checked_sub(Duration::from_millis(1)).unwrap());
    assert!(world.claim().await.is_empty(), "twice as long");
    world.advance(Duration::from_millis(1));
    let probe = world.claim_one().await;
    assert!(tell(&world, &probe, arrived()).await);
    let row = circuit_of(&world, erp).await.unwrap();
    assert_eq!((row.state, row.failures, row.opened_at), (CircuitState::Closed, 0, None));
    assert_eq!(world.claim().await.len(), 19, "all go again, each that failed at its next time");
}

#[tokio::test]
async fn a_probe_whose_worker_is_lost_is_followed_by_another() {
    let (world, erp) = with_answers(8).await;
    open(&world).await;
    world.advance(LONGEST_WAIT);
    let lost = world.claim_one().await;
    assert!(world.claim().await.is_empty());
    world.advance(LEASE);
    let next = world.claim_one().await;
    assert!(!tell(&world, &lost, away()).await || lost.id != next.id);
    assert!(tell(&world, &next, arrived()).await);
    assert_eq!(circuit_of(&world, erp).await.unwrap().state, CircuitState::Closed);
}

#[tokio::test]
async fn only_failures_in_a_row_count_and_a_refusal_is_an_answer() {
    let (world, erp) = with_answers(12).await;
    let refused = AttemptResult::Refused { code: "422".to_owned(), message: "no".to_owned() };
    let claimed = claim(&world.system, "w", &Hands::empty(9)).await.unwrap();
    let outcomes: Vec<Attempt> =
        (0..9).map(|number| world.attempt(if number == 4 { refused.clone() } else { away() })).collect();
    let attempts: Vec<_> = claimed.iter().zip(&outcomes).collect();
    record_many(&world.system, &attempts).await.unwrap();
    let row = circuit_of(&world, erp).await.unwrap();
    assert_eq!((row.state, row.failures), (CircuitState::Closed, 4));
    assert_eq!(world.claim().await.len(), 3);
}

#[tokio::test]
async fn two_connections_have_two_circuits_and_two_tenants_see_their_own() {
    let (world, _) = with_answers(6).await;
    let other = World::on(world.store.clone()).await;
    let theirs = other.connect("erp", "{}").await;
    open(&world).await;
    other.answers(&[PurchaseOrderId::generate()]).await;
    other.dispatch().await;
    let claimed = world.claim_one().await;
    assert_eq!(claimed.receiver.id, theirs, "another connection goes on");

    let mine = health(&world.buyer()).await.unwrap();
    assert_eq!(mine.len(), 1);
    assert_eq!((mine[0].waiting, mine[0].circuit.as_ref().unwrap().state), (6, CircuitState::Open));
    let seen = health(&other.buyer()).await.unwrap();
    assert_eq!((seen.len(), seen[0].connection.id, seen[0].waiting), (1, theirs, 1));
    assert!(seen[0].circuit.is_none());
}

#[tokio::test]
async fn after_a_quarter_of_an_hour_a_person_is_told_until_it_answers() {
    let (world, erp) = with_answers(30).await;
    open(&world).await;
    let opened = world.store.clock().now();
    while world.store.clock().now().since(opened) < UNREACHABLE_AFTER {
        assert!(open_exceptions(&world).await.is_empty());
        world.advance(LONGEST_WAIT.mul_f64(1.2));
        let probe = world.claim_one().await;
        tell(&world, &probe, away()).await;
    }
    let told = [(ExceptionKind::ConnectionUnreachable, erp.to_string())];
    assert_eq!(open_exceptions(&world).await, told);
    world.advance(LONGEST_WAIT.mul_f64(1.2));
    let probe = world.claim_one().await;
    tell(&world, &probe, away()).await;
    assert_eq!(open_exceptions(&world).await, told, "once");
    world.advance(LONGEST_WAIT.mul_f64(1.2));
    let probe = world.claim_one().await;
    tell(&world, &probe, arrived()).await;
    assert!(open_exceptions(&world).await.is_empty());
}

#[tokio::test]
async fn a_receiver_that_is_flooded_is_left_alone_for_as_long_as_it_asks() {
    let (world, erp) = with_answers(5).await;
    let claimed = claim(&world.system, "w", &Hands::empty(1)).await.unwrap();
    let asks = AttemptResult::Retry { reason: "429".to_owned(), after: Some(Duration::from_secs(60)) };
    let asked = Attempt { http_status: Some(429), ..world.attempt(asks) };
    assert!(record(&world.system, &claimed[0], &asked).await.unwrap());
    assert_eq!(circuit_of(&world, erp).await.unwrap().state, CircuitState::Closed);
    world.advance(Duration::from_secs(59));
    assert!(world.claim().await.is_empty());
    world.advance(Duration::from_secs(1));
    assert_eq!(world.claim().await.len(), 5);
}

async fn limit(world: &World, connection: ConnectionId, rate: Option<i32>, concurrency: Option<i32>) {
    let tx = world.system.write().await.unwrap();
    let row = connection::ActiveModel {
        id: Set(connection),
        rate_per_minute: Set(rate),
        concurrency: Set(concurrency),
        ..Default::default()
    };
    row.update(&*tx).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_connection_gets_so_many_a_minute_from_all_workers_together() {
    let (world, erp) = with_answers(200).await;
    limit(&world, erp, Some(60), None).await;
    let mut each_second = Vec::new();
    for second in 0..120 {
        let mut taken = 0;
        for worker in ["a", "b", "c"] {
            let claimed = claim(&world.system, worker, &Hands::empty(100)).await.unwrap();
            for one in &claimed {
                assert!(tell(&world, one, arrived()).await);
            }
            taken += claimed.len();
        }
        each_second.push(taken);
        assert!(taken <= 2, "{taken} in second {second}");
        world.advance(Duration::from_secs(1));
    }
    let most = each_second.windows(60).map(|minute| minute.iter().sum::<usize>()).max().unwrap();
    let all: usize = each_second.iter().sum();
    assert!(most <= 62 && all >= 119, "{most} in a minute, {all} in two");
}

#[tokio::test]
async fn a_connection_that_must_keep_a_pace_is_claimed_no_further_than_can_go_at_once() {
    let (world, erp) = with_answers(50).await;
    limit(&world, erp, Some(60_000), Some(3)).await;
    let hands = Hands { share: 8, ..Hands::empty(100) };
    assert_eq!(claim(&world.system, "w", &hands).await.unwrap().len(), 3);
    let full = Hands { held: [(erp, 3)].into(), ..hands };
    assert!(claim(&world.system, "w", &full).await.unwrap().is_empty());
}

/// Many waiting deliveries to `connection`, made by the database itself from the one there is.
async fn backlog(world: &World, connection: ConnectionId, number: u32) {
    let postgres = world.store.backend() == sea_orm::DbBackend::Postgres;
    let id = if postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let numbers = "with recursive n(n) as (select 1 union all select n + 1 from n where n < $1)";
    let cast = if postgres { "cast($1 as integer)" } else { "$1" };
    let numbers = numbers.replace("$1", cast);
    let events = format!(
        "insert into event (id, tenant_id, event_type, version, subject, sequence, occurred_at, recorded_at,
            correlation_id, actor, channel, payload)
        {numbers} select {id}, e.tenant_id, e.event_type, e.version, 'backlog', n.n, e.occurred_at, e.recorded_at,
            e.correlation_id, e.actor, e.channel, e.payload
        from n cross join (select * from event limit 1) as e"
    );
    let deliveries = format!(
        "insert into delivery (id, tenant_id, connection_id, event_id, event_type, subject, order_key,
            position, status, attempts, next_at, lease_until, fence, created_at)
        select {id}, e.tenant_id, $1, e.id, e.event_type, e.subject, {id}, 100000 + e.sequence, 'WAITING', 0,
            e.recorded_at - 1, 0, 0, e.recorded_at
        from event e where e.subject = 'backlog'"
    );
    let backend = world.store.backend();
    let tx = world.system.write().await.unwrap();
    let number = [i64::from(number).into()];
    tx.execute_raw(Statement::from_sql_and_values(backend, events, number)).await.unwrap();
    tx.execute_raw(Statement::from_sql_and_values(backend, deliveries, [connection.into()])).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_waits_for_a_paused_connection_costs_a_claim_nothing() {
    let (world, erp) = with_answers(1).await;
    let buyer = world.buyer();
    pause_connection(&buyer, erp, "month end", &"p".parse().unwrap()).await.unwrap();
    world.connect("wms", r#"{ "eventTypes": ["acknowledgment.submitted"] }"#).await;

    let mut times = Vec::new();
    for waiting in [0, 50_000] {
        if waiting > 0 {
            backlog(&world, erp, waiting).await;
        }
        let mut fastest = Duration::MAX;
        for _ in 0..10 {
            world.answers(&[PurchaseOrderId::generate()]).await;
            world.dispatch().await;
            let started = Instant::now();
            let claimed = world.claim_one().await;
            fastest = fastest.min(started.elapsed());
            assert_eq!(claimed.receiver.name, "wms");
            assert!(tell(&world, &claimed, arrived()).await);
        }
        times.push(fastest);
    }
    println!(
        "a claim: {:?} without and {:?} with 50,000 waiting for a paused connection",
        times[0], times[1]
    );
    // Walking fifty thousand rows costs a hundred times as much.
    assert!(times[1] < times[0] * 8 + Duration::from_millis(5), "{times:?}");

    let resumed = resume_connection(&buyer, erp, &"r".parse().unwrap()).await.unwrap();
    assert_eq!(resumed.status, ConnectionStatus::Active);
    let claimed = claim(&world.system, "w", &Hands::empty(50)).await.unwrap();
    assert_eq!(claimed.len(), 50, "and none of it is lost");
    assert_eq!(world.delivery(claimed[0].id).await.status, DeliveryStatus::Sending);
}
