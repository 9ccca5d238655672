//! Changes that come before what they build on.
use std::time::Duration;

use quayside_canonical::{
    InterchangeId,
    states::{DocumentOutcome, InterchangeStatus, MessageStage},
};
use quayside_domain::{
    Store, SystemScope,
    exceptions::{self, Filter},
    idempotency::IdempotencyKey,
    interchanges::{self, Interchanges, MessageView, Redo},
    orders,
};
use sea_orm::ConnectionTrait;

use super::super::Desk;
use super::support::{ORDER, Partner, buyer, interchange, one_partner, outcome, send, send_file};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn change(count: u32, number: u32, quantity: u32) -> String {
    let (begin, line) = (format!("BCH*04*SA*PO-1**{count}*20260901"), format!("POC*1*QI*{quantity}**EA"));
    interchange("PC", &format!("{:04}", 900 + number), number, &[("860", &[begin.as_str(), line.as_str()])])
}

fn order() -> String {
    interchange("PO", "0800", 1, &[("850", ORDER)])
}

async fn message(store: &Store, partner: &Partner, interchange: InterchangeId) -> MessageView {
    let scope = buyer(store, partner);
    interchanges::messages_of(&scope, interchange, 0, 10).await.unwrap().remove(0)
}

async fn status(store: &Store, partner: &Partner, interchange: InterchangeId) -> InterchangeStatus {
    interchanges::by_ids(&buyer(store, partner), &[interchange]).await.unwrap().remove(0).row.status
}

async fn open_exceptions(store: &Store, partner: &Partner) -> Vec<String> {
    let filter = Filter { open: Some(true), ..Filter::default() };
    let found = exceptions::list(&buyer(store, partner), &filter, None, 50).await.unwrap();
    found.into_iter().map(|one| one.summary).collect()
}

#[tokio::test]
async fn changes_before_their_order_wait_and_are_carried_out_in_their_order() {
    let (store, partner) = one_partner().await;
    let second = send(&store, &partner, &change(2, 12, 150)).await;
    assert_eq!(second.messages[0].outcome, DocumentOutcome::Waiting);
    assert_eq!(
        (second.messages[0].stage, second.status),
        (MessageStage::Validated, InterchangeStatus::Applied)
    );
    let first = send(&store, &partner, &change(1, 11, 140)).await;
    assert_eq!(first.messages[0].outcome, DocumentOutcome::Waiting);

    assert_eq!(outcome(&store, &partner, &order()).await.0, DocumentOutcome::Created);
    for one in [&first, &second] {
        let message = message(&store, &partner, one.interchange).await;
        assert_eq!(
            (message.row.outcome, message.row.stage),
            (DocumentOutcome::Revised, MessageStage::Applied)
        );
    }
    let again = change(2, 13, 150);
    assert_eq!(
        outcome(&store, &partner, &again).await.0,
        DocumentOutcome::Unchanged,
        "it was carried out once"
    );
    assert!(open_exceptions(&store, &partner).await.is_empty());
}

#[tokio::test]
async fn a_file_may_bring_what_its_own_changes_wait_for() {
    let (store, partner) = one_partner().await;
    let file = format!("{}{}{}", change(2, 12, 150), change(1, 11, 140), order());
    let told: Vec<_> =
        send_file(&store, &partner, file.as_bytes()).await.messages().map(|one| one.outcome).collect();
    assert_eq!(told, [DocumentOutcome::Revised, DocumentOutcome::Revised, DocumentOutcome::Created]);
}

#[tokio::test]
async fn a_change_that_waits_too_long_is_a_persons_and_still_taken_when_it_can_be() {
    let (store, partner) = one_partner().await;
    send(&store, &partner, &order()).await;
    let third = send(&store, &partner, &change(3, 13, 160)).await;
    let system = SystemScope::new(store.clone());
    assert_eq!(orders::tend_waiting(&system, 3 * DAY).await.unwrap(), 0, "there is time");
    store.clock().advance(3 * DAY);
    assert_eq!(orders::tend_waiting(&system, 3 * DAY).await.unwrap(), 1);
    assert_eq!(orders::tend_waiting(&system, 3 * DAY).await.unwrap(), 0, "told once");
    let expired = message(&store, &partner, third.interchange).await;
    assert_eq!(expired.problems[0].code, "SEQUENCE_GAP");
    assert_eq!(status(&store, &partner, third.interchange).await, InterchangeStatus::Refused);
    assert_eq!(open_exceptions(&store, &partner).await.len(), 1);

    send(&store, &partner, &change(1, 11, 140)).await;
    send(&store, &partner, &change(2, 12, 150)).await;
    let taken = message(&store, &partner, third.interchange).await;
    assert_eq!(taken.row.outcome, DocumentOutcome::Revised);
    assert!(open_exceptions(&store, &partner).await.is_empty(), "what came cured it");
}

#[tokio::test]
async fn a_person_may_have_a_change_taken_without_the_one_before_it() {
    let (store, partner) = one_partner().await;
    send(&store, &partner, &order()).await;
    let second = send(&store, &partner, &change(2, 12, 150)).await;
    store.clock().advance(DAY);
    orders::tend_waiting(&SystemScope::new(store.clone()), DAY).await.unwrap();
    let scope = buyer(&store, &partner);
    let redo = Redo {
        interchange: second.interchange,
        messages: Vec::new(),
        reason: "the first never left the buyer".to_owned(),
    };
    let key = IdempotencyKey::named("once");
    assert!(!Desk.redo(&scope, &redo, &key).await.unwrap());
    assert!(Desk.redo(&scope, &redo, &key).await.unwrap(), "the same again is the first");
    let taken = message(&store, &partner, second.interchange).await;
    assert_eq!((taken.row.outcome, taken.row.attempts), (DocumentOutcome::Revised, 2));
    assert_eq!(taken.warnings[0].code, "SEQUENCE_GAP");
    assert!(open_exceptions(&store, &partner).await.is_empty());
    let first = outcome(&store, &partner, &change(1, 11, 140)).await;
    assert_eq!(first.0, DocumentOutcome::Late, "what comes after it is history");
}

#[tokio::test]
async fn who_died_before_looking_for_who_waits_is_made_up_for_by_the_clock() {
    let (store, partner) = one_partner().await;
    let first = send(&store, &partner, &change(1, 11, 140)).await;
    send(&store, &partner, &order()).await;
    // As if the process had died after the order was filed: first before it carried the change out, then after.
    for undo in ["outcome = 'WAITING'", "outcome = 'WAITING', stage = 'VALIDATED'"] {
        let tx = SystemScope::new(store.clone()).write().await.unwrap();
        let message = format!(
            "update interchange_message set {undo}, waiting_id = (select id from waiting_change) \
             where interchange_id in (select id from interchange where control_number = '000000011')"
        );
        tx.execute_unprepared(&message).await.unwrap();
        tx.execute_unprepared("update waiting_change set result = null, settled_at = null").await.unwrap();
        tx.commit().await.unwrap();
        let done = orders::tend_waiting(&SystemScope::new(store.clone()), DAY).await.unwrap();
        assert_eq!(done, 1);
        let message = message_of(&store, &partner, first.interchange).await;
        assert_eq!(message, DocumentOutcome::Revised);
    }
}

async fn message_of(store: &Store, partner: &Partner, interchange: InterchangeId) -> DocumentOutcome {
    message(store, partner, interchange).await.row.outcome
}

#[tokio::test]
async fn what_refuses_a_change_that_waited_is_told_with_its_place() {
    let (store, partner) = one_partner().await;
    let wrong = ["BCH*04*SA*PO-1**1*20260901", "POC*1*QI*120**EA", "POC*9*DI*0**EA"];
    let early = send(&store, &partner, &interchange("PC", "0900", 11, &[("860", &wrong)])).await;
    assert_eq!(early.messages[0].outcome, DocumentOutcome::Waiting);
    send(&store, &partner, &order()).await;
    let message = message(&store, &partner, early.interchange).await;
    assert_eq!(message.row.outcome, DocumentOutcome::Refused);
    let problem = &message.problems[0];
    assert_eq!((problem.code.as_str(), problem.field.join(".")), ("UNKNOWN_LINE", "4.POC.01".to_owned()));
    assert!(problem.message.starts_with("POC segment 4, element 1: "), "{problem:?}");
    assert!(open_exceptions(&store, &partner).await[0].contains("POC segment 4"));
}

#[tokio::test]
async fn what_is_taken_when_it_is_dealt_with_again_closes_all_that_was_opened_about_it() {
    let (store, partner) = one_partner().await;
    // More than have an exception each.
    let said: Vec<Vec<String>> =
        (0..60).map(|at| vec![format!("BAK*00*AT*PO-1*20260901****SO-{at}")]).collect();
    let said: Vec<Vec<&str>> = said.iter().map(|set| set.iter().map(String::as_str).collect()).collect();
    let sets: Vec<(&str, &[&str])> = said.iter().map(|set| ("855", set.as_slice())).collect();
    let refused = send(&store, &partner, &interchange("PR", "0700", 7, &sets)).await;
    assert_eq!(refused.status, InterchangeStatus::Refused);
    assert_eq!(open_exceptions(&store, &partner).await.len(), 50, "as many as are listed at once");
    send(&store, &partner, &order()).await;
    let redo = Redo {
        interchange: refused.interchange,
        messages: Vec::new(),
        reason: "the order was missing".to_owned(),
    };
    let scope = buyer(&store, &partner);
    Desk.redo(&scope, &redo, &IdempotencyKey::named("once")).await.unwrap();
    assert_eq!(status(&store, &partner, refused.interchange).await, InterchangeStatus::Applied);
    assert_eq!(open_exceptions(&store, &partner).await, Vec::<String>::new());
}
