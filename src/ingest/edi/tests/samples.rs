//! Every sample goes through: an order, a revision, an answer, or a refusal that names segment and element.
use std::{fmt::Write, path::PathBuf};

use quayside_canonical::states::DocumentOutcome;
use quayside_domain::interchanges::{InterchangeResult, MessageResult};

use super::super::process;
use super::support;

/// What becomes of each sample, sent in this order to one partner.
const EXPECTED: &str = include_str!("samples.txt");

#[tokio::test]
async fn every_sample_becomes_something_or_is_refused_with_its_place() {
    let (store, partner) = support::one_partner().await;
    let mut table = String::new();
    for file in samples() {
        let name = file.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy());
        let name = name.collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("/");
        let bytes = std::fs::read(&file).unwrap();
        let reply = process(&store, &partner, bytes.clone().into()).await.unwrap();
        let result: InterchangeResult = serde_json::from_str(&reply.body).unwrap();
        for message in &result.messages {
            writeln!(table, "{name}: {}", told(message)).unwrap();
            let explained = !message.problems.is_empty();
            assert_eq!(explained, !is_taken(message.outcome), "{name}: reasons are for what is not taken");
        }
        if result.messages.is_empty() {
            assert!(!reply.readable, "{name}");
            writeln!(table, "{name}: {}", result.problems[0].message).unwrap();
        }
        let again = process(&store, &partner, bytes.into()).await.unwrap();
        assert_eq!(again, reply, "{name}: the first result stands");
    }
    // Another folder of samples, such as one that may not be copied here: look at the table yourself.
    if std::env::var("EDI_SAMPLES").is_ok() {
        println!("{table}");
    } else {
        assert_eq!(table, EXPECTED);
    }
}

fn samples() -> Vec<PathBuf> {
    let root = std::env::var("EDI_SAMPLES")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/edi/tests/samples").to_owned());
    let mut samples = Vec::new();
    for folder in ["x12-850", "x12-860", "x12-855", "malformed"] {
        let entries = std::fs::read_dir(PathBuf::from(&root).join(folder)).unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_none_or(|kind| kind != "tsv"));
        files.sort();
        samples.extend(files);
    }
    samples
}

fn is_taken(outcome: DocumentOutcome) -> bool {
    !matches!(outcome, DocumentOutcome::Refused | DocumentOutcome::Late | DocumentOutcome::Conflict)
}

fn told(message: &MessageResult) -> String {
    let MessageResult { message_type, outcome, .. } = message;
    match message.problems.first() {
        Some(problem) => format!("{message_type} {outcome}: {} {}", problem.code, problem.message),
        None => format!("{message_type} {outcome}"),
    }
}
