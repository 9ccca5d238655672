//! Reads files, writes every message that is accepted again, each as an interchange of its own, and the answers they
//! are owed, into a folder: `cargo run --example rewrite -- FOLDER FILE…`. Other software judges what comes out.
#![expect(clippy::print_stdout, reason = "an example talks to its terminal")]

use std::error::Error;
use std::path::Path;

use quayside_edi::raw::RawSegment;
use quayside_edi::{Options, Syntax, edifact, x12};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("which folder?")?;
    let mut written = 0;
    for path in arguments {
        let bytes = std::fs::read(&path)?;
        let outputs = match Syntax::of(&bytes) {
            Some(Syntax::Edifact) => edifact_messages(&bytes)?,
            _ => x12_sets(&bytes)?,
        };
        for (kind, bytes) in outputs {
            written += 1;
            std::fs::write(Path::new(&folder).join(format!("{written:04}.{kind}")), bytes)?;
        }
    }
    println!("{written} files written");
    Ok(())
}

type Outputs = Vec<(String, Vec<u8>)>;

fn x12_sets(bytes: &[u8]) -> Result<Outputs, Box<dyn Error>> {
    let options = Options::default();
    let mut outputs = Vec::new();
    for interchange in x12::Interchanges::new(bytes, options) {
        let interchange = interchange?;
        if let Some(ta1) = x12::acknowledge::interchange(&interchange) {
            let mut writer = x12_writer("00401", b'>')?;
            writer.acknowledgment(&ta1.segment())?;
            outputs.push(("TA1".to_owned(), writer.finish()?));
        }
        for group in &interchange.groups {
            let version = group
                .header
                .as_ref()
                .map_or("004010", |gs| if gs.version_text.starts_with("005") { "005010" } else { "004010" });
            for set in &group.sets {
                let reading = x12::messages::read(set, &options);
                // What was read with reservations would be written with the same faults.
                let Some(message) = reading.message.filter(|_| reading.problems.is_empty()) else { continue };
                outputs.push((
                    message.set_id().to_owned(),
                    x12_interchange(message.set_id(), version, &message.segments())?,
                ));
            }
            if let Some(answer) = x12::acknowledge::group(group, &options) {
                // A GS can hold what would cut the answer; then there is none.
                let written = x12_interchange("997", version, &answer.segments());
                outputs.extend(written.ok().map(|bytes| ("997".to_owned(), bytes)));
            }
        }
    }
    Ok(outputs)
}

fn x12_interchange(set: &str, version: &str, segments: &[RawSegment]) -> Result<Vec<u8>, x12::WriteError> {
    x12_cut_by(b'>', set, version, segments).or_else(|_| x12_cut_by(0x1F, set, version, segments))
}

fn x12_writer(version: &str, component: u8) -> Result<x12::Writer<Vec<u8>>, x12::WriteError> {
    let isa = x12::InterchangeHeader {
        sender_qualifier: "ZZ".into(),
        sender: "SENDER".into(),
        receiver_qualifier: "ZZ".into(),
        receiver: "RECEIVER".into(),
        date: "260101".into(),
        time: "1200".into(),
        version: version.into(),
        control_number: "1".into(),
        usage: "T".into(),
        ..x12::InterchangeHeader::default()
    };
    x12::Writer::begin(Vec::new(), &isa, layout(version, component))
}

fn layout(version: &str, component: u8) -> x12::Layout {
    let mut layout = x12::Layout::default();
    layout.delimiters.component = Some(component);
    layout.delimiters.repetition = (version == "00501").then_some(b'^');
    layout
}

fn x12_cut_by(
    component: u8,
    set: &str,
    version: &str,
    segments: &[RawSegment],
) -> Result<Vec<u8>, x12::WriteError> {
    let kind = match set {
        "810" => "IN",
        "824" => "AG",
        "850" => "PO",
        "855" => "PR",
        "856" => "SH",
        "860" => "PC",
        "861" => "RC",
        "865" => "CA",
        _ => "FA",
    };
    let mut writer = x12_writer(if version == "005010" { "00501" } else { "00401" }, component)?;
    writer
        .begin_group(&x12::GroupHeader::new(kind, "SENDER", "RECEIVER", "20260101", "1200", "1", version))?;
    writer.set(set, "0001", segments)?;
    writer.end_group()?;
    writer.finish()
}

fn edifact_messages(bytes: &[u8]) -> Result<Outputs, Box<dyn Error>> {
    let options = Options::default();
    let mut outputs = Vec::new();
    for interchange in edifact::Interchanges::new(bytes, options) {
        let interchange = interchange?;
        for raw in interchange.messages() {
            let reading = edifact::messages::read(raw, &options);
            let Some(message) = reading.message.filter(|_| reading.problems.is_empty()) else { continue };
            let header = message.header();
            let release = header.release.clone();
            if !matches!(release.as_str(), "96A" | "01B" | "3") {
                continue;
            }
            outputs.push((header.kind.clone(), edifact_interchange(header, &message.segments())?));
        }
        if let Some(report) = edifact::acknowledge::interchange(&interchange, &options) {
            outputs.push(("CONTRL".to_owned(), edifact_interchange(&report.header, &report.segments())?));
        }
    }
    Ok(outputs)
}

fn edifact_interchange(
    header: &edifact::MessageHeader,
    segments: &[RawSegment],
) -> Result<Vec<u8>, edifact::WriteError> {
    edifact_in("UNOC", "3", header, segments).or_else(|_| edifact_in("UNOY", "4", header, segments))
}

fn edifact_in(
    syntax: &str,
    version: &str,
    header: &edifact::MessageHeader,
    segments: &[RawSegment],
) -> Result<Vec<u8>, edifact::WriteError> {
    let unb = edifact::InterchangeHeader {
        syntax: syntax.into(),
        syntax_version: version.into(),
        sender: "SENDER".into(),
        sender_qualifier: "14".into(),
        recipient: "RECIPIENT".into(),
        recipient_qualifier: "14".into(),
        date: "260101".into(),
        time: "1200".into(),
        reference: "1".into(),
        ..edifact::InterchangeHeader::default()
    };
    let mut writer = edifact::Writer::begin(Vec::new(), unb, edifact::Layout::default())?;
    writer.message(header, segments)?;
    writer.finish()
}
