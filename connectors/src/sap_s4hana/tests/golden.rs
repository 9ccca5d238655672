//! Our event → what SAP is asked and told.
use quayside_canonical::events::{self, CATALOGUE, Event};
use serde::de::DeserializeOwned;

use super::*;

/// The questions, and the writes that follow from the golden answers.
fn rendered(event_type: &str) -> String {
    let config: Config = serde_json::from_value(config("https://my300000-api.example.com")).unwrap();
    let delivery = delivery(event_type);
    let task = map::task(&config, &delivery).unwrap();
    let mut text = String::new();
    for question in task.questions() {
        text.push_str(&format!("GET {}\n\n", address(&config.endpoint, question.service, &question.path)));
    }
    let writes =
        match plan(super::config("https://my300000-api.example.com"), &delivery, &answers(event_type)) {
            Ok(Plan::Do(writes)) => writes,
            Ok(Plan::Done(reference)) => return format!("{text}# done: {reference:?}\n"),
            Err(error) => panic!("{event_type}: {error}"),
        };
    for write in writes {
        text.push_str(&format!(
            "{} {}\n",
            write.method,
            address(&config.endpoint, write.service, &write.path)
        ));
        if let Some(etag) = &write.etag {
            text.push_str(&format!("if-match: {etag}\n"));
        }
        text.push('\n');
        if let Some(body) = &write.body {
            text.push_str(&format!("{}\n\n", serde_json::to_string_pretty(body).unwrap()));
        }
    }
    text.trim_end().to_owned() + "\n"
}

#[test]
fn each_event_becomes_exactly_these_requests() {
    for event_type in ACCEPTS {
        let name = format!("{}.request.http", event_type.replace('.', "_"));
        assert_eq!(rendered(event_type), golden(&name), "{event_type}");
    }
}

#[test]
fn what_is_accepted_is_in_the_catalogue_of_events() {
    for event_type in ACCEPTS {
        assert!(CATALOGUE.iter().any(|entry| entry.event_type == *event_type), "nobody records {event_type}");
    }
}

fn assert_shape<E: Event + DeserializeOwned>() {
    let event = golden_json(&format!("{}.event.json", E::TYPE.replace('.', "_")));
    let read = E::deserialize(&event["data"]).unwrap_or_else(|error| panic!("{}: {error}", E::TYPE));
    assert_eq!(serde_json::to_value(&read).unwrap(), event["data"], "{}", E::TYPE);
}

#[test]
fn golden_events_have_the_shape_that_is_recorded() {
    assert_shape::<events::AcknowledgmentSubmitted>();
    assert_shape::<events::ChangeProposalAccepted>();
    assert_shape::<events::ChangeProposalDeclined>();
    assert_shape::<events::ShipmentSubmitted>();
    assert_shape::<events::ShipmentAmended>();
    assert_shape::<events::ShipmentCancelled>();
    assert_shape::<events::ReceiptRecorded>();
}
