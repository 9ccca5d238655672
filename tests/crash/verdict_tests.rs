//! Each invariant against made-up evidence: it holds in a healthy world and notices its own violation.
use quayside_simulator::Report;

use super::*;
use crate::{
    evidence::{House, Kept},
    journal::HandedIn,
};

/// Two answers to one order, all well.
fn healthy() -> Evidence {
    let answers = [("a1", "k1"), ("a2", "k2")];
    let intent = |(id, key): (&str, &str)| Intent {
        order: "po".to_owned(),
        key: key.to_owned(),
        attempts: 2,
        told: vec![Told::Accepted(id.to_owned()); 2],
    };
    let stored = |(id, key): (&str, &str)| Stored {
        id: id.to_owned(),
        key: key.to_owned(),
        deliveries: vec![("DELIVERED".to_owned(), Some(format!("document of {id}")))],
    };
    Evidence {
        journal: answers.map(intent).to_vec(),
        stored: answers.map(stored).to_vec(),
        logged: answers.iter().map(|(id, _)| ((*id).to_owned(), 1)).collect(),
        effects: vec![effect("a1", 1), effect("a2", 2)],
        erp: Report { documents: 2, ..Report::default() },
        audit: Ok("verified".to_owned()),
        houses: vec![house("tenant", "po", &["a1", "a2"]), house("neighbour", "po2", &["b1"])],
        strays: Vec::new(),
        handed_in: vec![
            HandedIn { sha256: vec![1], taken: true },
            HandedIn { sha256: vec![2], taken: false },
        ],
        files: vec![Kept { named: vec![1], has: vec![1] }],
        messages: vec!["about k1.".to_owned()],
        mails: vec!["They say: about k1.".to_owned(), "They say: about k12.".to_owned()],
        observed: vec![Observation::AcceptedInVain(0)],
    }
}

fn house(tenant: &str, order: &str, answers: &[&str]) -> House {
    House {
        tenant: tenant.to_owned(),
        orders: [order.to_owned()].into(),
        effects: answers.iter().map(|_| (tenant.to_owned(), order.to_owned())).collect(),
        logged: answers.iter().map(|&answer| answer.to_owned()).collect(),
    }
}

fn effect(subject: &str, position: i64) -> Document {
    Document {
        document_number: format!("document of {subject}"),
        delivery_id: format!("delivery of {subject}"),
        event_id: format!("event of {subject}"),
        event_type: "acknowledgment.submitted".to_owned(),
        subject: subject.to_owned(),
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

/// The invariants found violated once `spoil` has had its way with a healthy world.
fn found(spoil: impl FnOnce(&mut Evidence)) -> Vec<&'static str> {
    let mut evidence = healthy();
    spoil(&mut evidence);
    judge(&evidence).iter().map(|violation| violation.invariant).collect()
}

#[test]
fn a_healthy_world_holds() {
    assert_eq!(judge(&healthy()), []);
}

#[test]
fn an_accepted_answer_that_is_gone_is_lost() {
    let spoil = |it: &mut Evidence| {
        it.stored.pop();
        it.effects.pop();
        it.logged.remove("a2");
    };
    assert_eq!(found(spoil), ["I1"]);
}

#[test]
fn an_answer_without_effect_is_noticed() {
    assert_eq!(found(|it| drop(it.effects.pop())), ["I2"]);
}

#[test]
fn a_second_effect_is_noticed_whoever_counts_it() {
    assert_eq!(found(|it| it.effects.push(effect("a2", 2))), ["I3"]);
    assert_eq!(found(|it| it.erp.duplicate_effects = 1), ["I3"]);
}

#[test]
fn effects_and_answers_that_nobody_was_told_of_are_unfounded() {
    assert_eq!(found(|it| it.effects.push(effect("stranger", 3))), ["I4", "I5"]);
    assert_eq!(found(|it| it.journal[1].told.clear()), ["I4", "I5"]);
}

#[test]
fn effects_in_another_order_than_the_answers_or_the_log_are_noticed() {
    assert_eq!(found(|it| it.effects.reverse()), ["I5"]);
    assert_eq!(found(|it| it.effects[1].position = 1), ["I5"]);
    assert_eq!(found(|it| it.journal.reverse()), ["I5"]);
    assert_eq!(found(|it| it.erp.out_of_order = 1), ["I5"]);
}

#[test]
fn another_result_for_the_same_key_and_a_refusal_are_noticed() {
    assert_eq!(found(|it| it.journal[0].told[1] = Told::Accepted("a3".to_owned())), ["I6"]);
    assert_eq!(found(|it| it.journal[0].told[1] = Told::Refused("STALE_ANSWER".to_owned())), ["I6"]);
}

#[test]
fn an_event_too_few_too_many_or_about_nothing_is_noticed() {
    assert_eq!(found(|it| it.logged.clear()), ["I7"]);
    assert_eq!(found(|it| it.logged.extend([("a1".to_owned(), 2)])), ["I7"]);
    assert_eq!(found(|it| it.logged.extend([("a3".to_owned(), 1)])), ["I7"]);
}

#[test]
fn a_finding_of_the_audit_counts() {
    assert_eq!(found(|it| it.audit = Err("position 2 was changed".to_owned())), ["I8"]);
}

#[test]
fn deliveries_that_wait_are_dead_were_never_made_or_name_another_document_are_left_over() {
    assert_eq!(found(|it| it.stored[0].deliveries[0].1 = None), ["I9"]);
    assert_eq!(found(|it| it.stored[0].deliveries[0].0 = "WAITING".to_owned()), ["I9"]);
    assert_eq!(found(|it| it.stored[0].deliveries[0].0 = "DEAD".to_owned()), ["I9"]);
    assert_eq!(found(|it| it.stored[0].deliveries.clear()), ["I9"]);
}

#[test]
fn a_file_that_is_gone_or_has_other_bytes_is_noticed() {
    assert_eq!(found(|it| it.files.clear()), ["I12"]);
    assert_eq!(found(|it| it.files[0].has = vec![3]), ["I12"]);
}

#[test]
fn a_second_mail_about_the_same_is_noticed() {
    assert_eq!(found(|it| it.mails.push("Again: about k1.".to_owned())), ["I13"]);
}

#[test]
fn what_is_at_another_tenant_is_noticed() {
    assert_eq!(found(|it| it.houses[1].effects[0].0 = "tenant".to_owned()), ["I14"]);
    assert_eq!(found(|it| it.houses[1].effects[0].1 = "po".to_owned()), ["I14"]);
    assert_eq!(found(|it| it.houses[1].logged.extend(["a1".to_owned()])), ["I14"]);
    assert_eq!(found(|it| it.strays.push(("events", 1))), ["I14"]);
}

#[test]
fn what_a_fault_asks_for_counts() {
    assert_eq!(found(|it| it.observed.push(Observation::AcceptedInVain(1))), ["F"]);
}
