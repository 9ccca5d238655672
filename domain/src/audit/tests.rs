use quayside_canonical::PurchaseOrderId;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use super::*;
use crate::{fixtures::World, store::connect_owner, testing};

/// A tenant with ten logged events, and the database's owner, who may do anything.
async fn ten_events() -> (World, DatabaseConnection) {
    let (store, url) = testing::store_and_url().await;
    let world = World::on(store).await;
    world.answers(&[PurchaseOrderId::generate(); 10]).await;
    world.dispatch().await;
    let owner = connect_owner(&url).await.unwrap();
    if owner.get_database_backend() == DbBackend::Postgres {
        for table in ["event", "event_log", "event_head", "outbox"] {
            let sql = format!("alter table {table} disable row level security");
            owner.execute_unprepared(&sql).await.unwrap();
        }
    }
    (world, owner)
}

async fn tamper(owner: &DatabaseConnection, sql: &[&str]) {
    for sql in sql {
        let done = owner.execute_raw(Statement::from_string(owner.get_database_backend(), *sql)).await;
        assert!(done.unwrap().rows_affected() > 0, "{sql}");
    }
}

async fn findings(world: &World, anchors: &[Anchor]) -> Vec<(i64, Wrong)> {
    let report = verify(&world.system, anchors).await.unwrap();
    assert!(report.findings.iter().all(|finding| finding.tenant == world.tenant));
    report.findings.into_iter().map(|finding| (finding.position, finding.wrong)).collect()
}

#[tokio::test]
async fn an_untouched_log_verifies_with_its_anchors_and_goes_on_doing_so() {
    let (world, _owner) = ten_events().await;
    let file: String = anchor(&world.system).await.unwrap().iter().map(|line| format!("{line}\n")).collect();
    let anchors = read_anchors(&file).unwrap();
    world.answers(&[PurchaseOrderId::generate(); 5]).await; // one of them waits in the outbox
    world.dispatch().await;
    world.answers(&[PurchaseOrderId::generate()]).await;
    let report = verify(&world.system, &anchors).await.unwrap();
    assert_eq!((report.tenants, report.events, report.anchors), (1, 15, 1));
    assert_eq!(report.findings, []);
    assert!(read_anchors("{}").is_err());
}

#[tokio::test]
async fn an_edited_event_is_found_where_it_is() {
    for column in ["payload = '{}'", "actor = 'system'", "recorded_at = 1", "subject = 'ack_x'"] {
        let (world, owner) = ten_events().await;
        let edit = format!(
            "update event set {column} where id = (select event_id from event_log where position = 4)"
        );
        tamper(&owner, &[&edit]).await;
        assert_eq!(findings(&world, &[]).await, [(4, Wrong::Changed)], "{column}");
    }
}

#[tokio::test]
async fn a_column_of_the_log_itself_is_part_of_it() {
    let (world, owner) = ten_events().await;
    tamper(&owner, &["update event_log set event_type = 'session.started' where position = 2"]).await;
    assert_eq!(findings(&world, &[]).await, [(2, Wrong::Changed)]);
}

#[tokio::test]
async fn a_removed_place_is_a_gap_and_its_event_is_missed() {
    let (world, owner) = ten_events().await;
    tamper(&owner, &["delete from event_log where position in (4, 5)"]).await;
    let found = findings(&world, &[]).await;
    assert_eq!(found[0], (4, Wrong::Removed { until: 5 }));
    assert!(found.iter().any(|(_, wrong)| matches!(wrong, Wrong::NotLogged(_))));
}

#[tokio::test]
async fn two_events_that_changed_places_are_found_at_both() {
    let (world, owner) = ten_events().await;
    // A unique index stands in the way of a direct swap.
    let (aside, over, back) = (
        "update event_log set position = -3 where position = 3",
        "update event_log set position = 3 where position = 7",
        "update event_log set position = 7 where position = -3",
    );
    tamper(&owner, &[aside, over, back]).await;
    let found = findings(&world, &[]).await;
    assert!(found.contains(&(3, Wrong::Reordered)), "{found:?}");
    assert!(found.contains(&(7, Wrong::Reordered)), "{found:?}");
}

#[tokio::test]
async fn an_event_that_was_put_in_is_found() {
    let (world, owner) = ten_events().await;
    let id = quayside_canonical::EventId::generate();
    let hex = id.0.simple().to_string();
    let id = match owner.get_database_backend() {
        DbBackend::Postgres => format!("'{hex}'::uuid"),
        _ => format!("x'{hex}'"),
    };
    let forged = format!(
        "insert into event select {id}, tenant_id, supplier_id, order_id, event_type, version, 'ack_forged', 1, \
            occurred_at, recorded_at, correlation_id, causation_id, actor, channel, trace_parent, payload \
        from event limit 1"
    );
    let logged = format!(
        "insert into event_log select tenant_id, 11, {id}, supplier_id, order_id, event_type, hash, logged_at \
        from event_log where position = 10"
    );
    tamper(&owner, &[&forged, &logged]).await;
    assert_eq!(findings(&world, &[]).await, [(10, Wrong::HeadDiffers)]);
    tamper(&owner, &["update event_head set position = 11"]).await;
    assert_eq!(findings(&world, &[]).await, [(11, Wrong::Changed)]);
}

#[tokio::test]
async fn a_cut_tail_is_found_and_so_is_one_whose_head_was_moved_with_it() {
    let (world, owner) = ten_events().await;
    let anchors = anchor(&world.system).await.unwrap();
    tamper(&owner, &["delete from event_log where position > 8"]).await;
    assert_eq!(findings(&world, &[]).await[0], (8, Wrong::CutOff { head: 10 }));

    let head = "update event_head set position = 8, \
        hash = (select hash from event_log where event_log.tenant_id = event_head.tenant_id and position = 8)";
    tamper(&owner, &[head]).await;
    assert!(
        matches!(findings(&world, &[]).await[..], [(8, Wrong::NotLogged(_))]),
        "the events are still there"
    );

    tamper(&owner, &["delete from event where id not in (select event_id from event_log)"]).await;
    assert_eq!(findings(&world, &[]).await, [], "nothing in the database tells any more");
    assert_eq!(findings(&world, &anchors).await, [(10, Wrong::AnchorDiffers)], "but the anchor does");
}

#[tokio::test]
async fn a_chain_recomputed_from_end_to_end_is_told_by_an_anchor() {
    let (world, owner) = ten_events().await;
    let anchors = anchor(&world.system).await.unwrap();
    tamper(&owner, &["update event set actor = 'system'"]).await;
    assert_eq!(findings(&world, &[]).await.len(), 10);
    // Log them all again, as the dispatcher would.
    let requeue = "insert into outbox (event_id, tenant_id) select event_id, tenant_id from event_log order by position";
    tamper(&owner, &[requeue, "delete from event_log", "delete from event_head"]).await;
    world.dispatch().await;
    assert_eq!(findings(&world, &[]).await, []);
    assert_eq!(findings(&world, &anchors).await, [(10, Wrong::AnchorDiffers)]);
}
