//! Each claim against made-up evidence: it holds in a healthy world and notices its own violation.
use std::time::Duration;

use quayside_simulator::{Report, StatementReport};

use super::*;
use crate::{
    load::{Accepted, Journal},
    readers::Seen,
    world::Drained,
};

const EVENTS: [(&str, &str); 4] = [
    ("purchase_order.released", "po"),
    ("acknowledgment.submitted", "ack1"),
    ("acknowledgment.submitted", "ack2"),
    ("acknowledgment.submitted", "lie"),
];

/// One order and three answers, of which the ERP dropped the last.
fn healthy() -> Evidence {
    let logged = |((event_type, subject), place): ((&str, &str), usize)| Logged {
        id: format!("evt_{place}"),
        cursor: format!("cursor {place}"),
        event_type: event_type.to_owned(),
        subject: subject.to_owned(),
        order: Some("po".to_owned()),
    };
    let log: Vec<Logged> = EVENTS.into_iter().zip(1..).map(logged).collect();
    let accepted = EVENTS.map(|(event, id)| Accepted { event, id: id.to_owned(), order: "po".to_owned() });
    let books = |documents: Vec<Document>, missing: &[&str]| Books {
        report: Report { documents: documents.len() as u64, ..Report::default() },
        documents,
        missing: missing.iter().map(|&event| event.to_owned()).collect(),
    };
    let cursors: Vec<String> = log.iter().map(|event| event.cursor.clone()).collect();
    Evidence {
        journal: Journal { accepted: accepted.to_vec(), ..Journal::default() },
        published: log.iter().map(|event| event.id.clone()).collect(),
        places: 4,
        log,
        erp: books(vec![document("2", 2), document("3", 3)], &["4"]),
        wms: books(Vec::new(), &[]),
        found_missing: BTreeSet::from(["4".to_owned()]),
        exceptions: 1,
        receipts: Vec::new(),
        statements: StatementReport::default(),
        seen: vec![Seen { cursors, connections: 2, sent_away: 0 }],
        drained: Drained { took: Duration::ZERO, left: Vec::new() },
        audit: Ok("verified".to_owned()),
        ledger: Ok("verified".to_owned()),
    }
}

fn document(event: &str, position: i64) -> Document {
    Document {
        document_number: format!("document {event}"),
        delivery_id: format!("delivery {event}"),
        event_id: format!("evt_{event}"),
        event_type: "acknowledgment.submitted".to_owned(),
        subject: format!("subject {event}"),
        tenant_id: "tenant".to_owned(),
        order_id: Some("po".to_owned()),
        sequence: 1,
        position,
        received_order: 1,
        received_at: chrono::DateTime::UNIX_EPOCH,
        correlation_id: String::new(),
        correlation_header: None,
        repeats: 0,
    }
}

/// The claims found broken once `spoil` has had its way with a healthy world.
fn broken(spoil: impl FnOnce(&mut Evidence)) -> Vec<&'static str> {
    let mut evidence = healthy();
    spoil(&mut evidence);
    let broken = judge(&evidence).0.into_iter().filter(|finding| !finding.wrong.is_empty());
    broken.map(|finding| finding.claim).collect()
}

#[test]
fn a_healthy_world_holds() {
    assert_eq!(broken(|_| {}), Vec::<&str>::new());
    assert!(judge(&healthy()).holds());
}

#[test]
fn what_is_lost_invented_or_told_otherwise_is_noticed() {
    let accepted = "what was accepted is in the log, once";
    assert_eq!(broken(|it| it.log[0].subject = "other".to_owned()), [accepted]);
    assert_eq!(broken(|it| drop(it.journal.accepted.pop())), [accepted]);
    assert_eq!(broken(|it| it.places = 5), [accepted]);
    let told = "the same key is told the same, nothing is refused";
    assert_eq!(broken(|it| it.journal.wrong.push("refused".to_owned())), [told]);
    let received = "what the WMS stated is in the log, once";
    assert_eq!(broken(|it| it.statements.refused = 1), [received]);
}

#[test]
fn effects_too_few_too_many_or_out_of_order_are_noticed() {
    let (once, order) = ("the ERP has each event once", "in order per order at both");
    assert_eq!(broken(|it| drop(it.erp.documents.pop())), [once]);
    assert_eq!(broken(|it| it.erp.documents.push(document("2", 4))), [once]);
    assert_eq!(broken(|it| it.erp.documents.push(document("9", 9))), [once]);
    assert_eq!(broken(|it| it.erp.report.duplicate_effects = 1), [once]);
    assert_eq!(broken(|it| it.erp.documents.reverse()), [order]);
    assert_eq!(broken(|it| it.wms.report.out_of_order = 1), [order]);
}

#[test]
fn a_lie_that_is_not_found_and_a_false_alarm_are_noticed() {
    let found = "what was answered 200 and dropped is found";
    assert_eq!(broken(|it| it.found_missing.clear()), [found]);
    assert_eq!(broken(|it| it.exceptions = 0), [found]);
    let false_alarm = |it: &mut Evidence| {
        it.found_missing.insert("2".to_owned());
        it.exceptions = 2;
    };
    assert_eq!(broken(false_alarm), [found]);
}

#[test]
fn leftovers_and_findings_of_the_checks_are_noticed() {
    assert_eq!(broken(|it| it.drained.left.push("1 delivery".to_owned())), ["nothing is left waiting"]);
    assert_eq!(broken(|it| it.audit = Err("changed".to_owned())), ["the audit chain verifies"]);
    assert_eq!(broken(|it| it.ledger = Err("differs".to_owned())), ["the ledger verifies"]);
}

#[test]
fn readers_and_streams_that_miss_repeat_or_mix_up_are_noticed() {
    let readers = "each reader saw each event once, in order";
    assert_eq!(broken(|it| drop(it.seen[0].cursors.pop())), [readers]);
    assert_eq!(broken(|it| it.seen[0].cursors.push("cursor 5".to_owned())), [readers]);
    assert_eq!(broken(|it| it.seen[0].cursors.swap(0, 1)), [readers]);
    let stream = "the stream has each event once, in order";
    assert_eq!(broken(|it| drop(it.published.pop())), [stream]);
    assert_eq!(broken(|it| it.published.push("evt_5".to_owned())), [stream]);
    assert_eq!(broken(|it| it.published.swap(0, 1)), [stream]);
}
