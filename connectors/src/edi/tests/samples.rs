//! Every sample of the messages we take, and what becomes of it.
use std::{fmt::Write as _, fs, path::PathBuf};

use quayside_edi::{
    Syntax,
    edifact::{Interchanges as Files, messages as edifact_messages},
};

use super::*;

/// Folders of samples with what the table tells of them.
const FOLDERS: &[&str] = &["samples", "corpus"];
const EXPECTED: &str = include_str!("samples.txt");

/// The samples, or those of another folder, such as one that may not be copied here.
fn files() -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let ours = FOLDERS.iter().map(|folder| format!("{}/../edi/tests/{folder}", env!("CARGO_MANIFEST_DIR")));
    let other = std::env::var("EDI_SAMPLES").ok();
    let roots: Vec<String> = other.map_or_else(|| ours.collect(), |other| vec![other]);
    for root in roots.into_iter().map(PathBuf::from) {
        for kind in
            fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
        {
            for file in fs::read_dir(&kind).unwrap().map(|entry| entry.unwrap().path()) {
                let name = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, file));
            }
        }
    }
    found.sort();
    found
}

/// One line for each message of a file: what it is, and what becomes of it.
fn verdicts(bytes: &[u8]) -> Vec<String> {
    let options = Options::default();
    let terms = Terms { currency: Some("USD".to_owned()), ..terms(json!({})) };
    let mut found = Vec::new();
    match Syntax::of(bytes) {
        Some(Syntax::Edifact) => {
            for interchange in Files::new(bytes, options) {
                for raw in interchange.unwrap().messages() {
                    let reading = edifact_messages::read(raw, &options);
                    let mapped = reading.message.map(|message| edifact::map(&message, raw, &terms));
                    found.push(format!("{} {}", raw.header.kind.trim(), verdict(mapped)));
                }
            }
        }
        _ => {
            for interchange in Interchanges::new(bytes, options) {
                let interchange = interchange.unwrap();
                for segment in &interchange.acknowledgments {
                    let header = interchange.header.as_deref();
                    let mapped = x12::map_interchange_acknowledgment(segment, header, &terms);
                    found.push(format!("TA1 {}", verdict(Some(mapped))));
                }
                for set in interchange.groups.iter().flat_map(|group| &group.sets) {
                    let reading = messages::read(set, &options);
                    let mapped = reading.message.map(|message| map(&message, set, &terms));
                    found.push(format!("{} {}", set.id, verdict(mapped)));
                }
            }
        }
    }
    found
}

fn verdict(mapped: Option<Mapped>) -> String {
    let Some(Mapped { command, warnings, .. }) = mapped else { return "not read".to_owned() };
    let said = match command {
        Ok(Command::Order(order)) => format!("an order of {} lines", order.lines.len()),
        Ok(Command::Change(change)) => match change.effect {
            Effect::Cancel => "a cancellation".to_owned(),
            Effect::Replace(order) => format!("an order of {} lines anew", order.lines.len()),
            Effect::Change(changes) => format!("a change of {} lines", changes.lines.len()),
        },
        Ok(Command::Answer(statement)) => match statement.says {
            Says::Lines(lines) => format!("an answer to {} lines", lines.len()),
            other => format!("{other:?}"),
        },
        Ok(Command::Shipment(shipment)) => {
            format!("a shipment of {} goods in {} packs", shipment.goods.len(), shipment.notice.units.len())
        }
        Ok(Command::Receipt(receipt)) => format!("a receipt of {} parts", receipt.lines.len()),
        Ok(Command::Report(report)) => {
            let messages = report.groups.iter().map(|group| group.messages.len()).sum::<usize>();
            format!(
                "a report on {} messages, {} faults",
                messages + report.messages.len(),
                report.faults().count()
            )
        }
        Ok(Command::Advice(advice)) => {
            let outcomes: Vec<_> = advice.findings.iter().map(|finding| finding.outcome.code()).collect();
            format!("an advice: {}", outcomes.join(" "))
        }
        Err(problems) => {
            let codes: Vec<String> = problems
                .into_vec()
                .into_iter()
                .map(|problem| format!("{} {}", problem.code, problem.field.join(".")))
                .collect();
            format!("refused: {}", codes.join(", "))
        }
    };
    let mut codes: Vec<String> = warnings.into_iter().map(|warning| warning.code).collect();
    codes.sort();
    codes.dedup();
    if codes.is_empty() { said } else { format!("{said}; {}", codes.join(" ")) }
}

#[test]
fn every_sample_becomes_what_the_table_says() {
    let mut found = String::new();
    for (name, path) in files() {
        for verdict in verdicts(&fs::read(path).unwrap()) {
            writeln!(found, "{name}: {verdict}").unwrap();
        }
    }
    // Nothing in another folder may stop the maps; what becomes of it is for you to look at.
    if std::env::var("EDI_SAMPLES").is_ok() {
        eprintln!("{found}");
        return;
    }
    assert!(found == EXPECTED, "samples became something else:\n{found}");
}
