//! What is written is read as the same: every message of every sample, written and read again.

use std::fs;
use std::path::{Path, PathBuf};

use quayside_edi::{Options, Problem, ProblemCode, Syntax, edifact, x12};

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, into) } else { into.push(path) }
    }
}

/// Where something stands and came from is no part of what it says.
fn bare(message: &impl std::fmt::Debug) -> String {
    let text = format!("{message:?}");
    let mut rest = String::new();
    let mut left = text.as_str();
    while let Some(at) = ["Place {", "Control {"].iter().filter_map(|name| left.find(name)).min() {
        rest.push_str(&left[..at]);
        left = left[at..].split_once('}').map_or("", |(_, after)| after);
    }
    rest + left
}

fn x12_again(message: &x12::messages::Message, version: &str) -> Option<x12::messages::Message> {
    let isa = x12::InterchangeHeader {
        sender_qualifier: "ZZ".into(),
        sender: "A".into(),
        receiver_qualifier: "ZZ".into(),
        receiver: "B".into(),
        date: "260101".into(),
        time: "1200".into(),
        version: "00401".into(),
        control_number: "7".into(),
        usage: "P".into(),
        ..x12::InterchangeHeader::default()
    };
    let kind = match message.set_id() {
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
    let delimiters =
        x12::Delimiters { element: 0x1D, component: Some(0x1F), segment: 0x1C, repetition: Some(0x1E) };
    let mut writer =
        x12::Writer::begin(Vec::new(), &isa, x12::Layout { delimiters, lines: false }).expect("an ISA");
    writer
        .begin_group(&x12::GroupHeader::new(kind, "A", "B", "20260101", "1200", "1", version))
        .expect("a GS");
    writer.typed("0001", message).expect("a set");
    writer.end_group().expect("a GE");
    let bytes = writer.finish().expect("memory does not fail");
    let options = Options::default();
    let interchange = x12::Interchanges::new(bytes.as_slice(), options).next().expect("one").expect("memory");
    assert!(!interchange.rejected(), "{:?}", interchange.problems);
    let reading = x12::messages::read(&interchange.groups[0].sets[0], &options);
    assert!(reading.message.is_some(), "{:#?}\n{}", reading.problems, bytes.escape_ascii());
    reading.message
}

fn edifact_again(message: &edifact::messages::Message) -> Option<edifact::messages::Message> {
    let unb = edifact::InterchangeHeader {
        syntax: "UNOY".into(),
        syntax_version: "4".into(),
        sender: "A".into(),
        recipient: "B".into(),
        date: "260101".into(),
        time: "1200".into(),
        reference: "R".into(),
        ..edifact::InterchangeHeader::default()
    };
    let service =
        edifact::ServiceCharacters { repetition: Some(b'*'), ..edifact::ServiceCharacters::CUSTOMARY };
    let layout = edifact::Layout { service, ..edifact::Layout::default() };
    let mut writer = edifact::Writer::begin(Vec::new(), unb, layout).expect("a UNB");
    if let Err(error) = writer.typed(message) {
        // A tab in a text is read with a warning and not written.
        assert!(error.to_string().contains("'\\t'"), "{error}");
        return None;
    }
    let bytes = writer.finish().expect("memory does not fail");
    let options = Options::default();
    let interchange =
        edifact::Interchanges::new(bytes.as_slice(), options).next().expect("one").expect("memory");
    assert!(!interchange.rejected(), "{:?}", interchange.problems);
    let reading = edifact::messages::read(interchange.messages().next().expect("a message"), &options);
    assert!(reading.message.is_some(), "{:#?}\n{}", reading.problems, bytes.escape_ascii());
    reading.message
}

/// Reads, writes and reads again all that is accepted in a folder; how many messages that were.
fn check(folder: &Path) -> usize {
    let mut paths = Vec::new();
    files(folder, &mut paths);
    let options = Options::default();
    let mut checked = 0;
    for path in paths {
        let bytes = fs::read(&path).expect("a file");
        if Syntax::of(&bytes) == Some(Syntax::Edifact) {
            for interchange in edifact::Interchanges::new(bytes.as_slice(), options) {
                for raw in interchange.expect("memory").messages() {
                    let reading = edifact::messages::read(raw, &options);
                    let Some(first) = reading.message else { continue };
                    let Some(second) = edifact_again(&first) else { continue };
                    let mut before: Vec<String> = first.segments().into_iter().map(|s| s.id).collect();
                    let mut read: Vec<String> = raw
                        .segments()
                        .skip(1)
                        .map(|s| String::from_utf8_lossy(s.id()).into_owned())
                        .collect();
                    read.retain(|id| id != "UNT" && id != "UNS" && !id.is_empty());
                    before.retain(|id| id != "UNS");
                    before.sort();
                    read.sort();
                    assert_eq!(before, read, "{}: a segment was lost", path.display());
                    let third = edifact_again(&second).expect("what was written once is again");
                    assert_same(&bare(&second), &bare(&third), &path);
                    if is_in_order(&reading.problems) {
                        assert_same(&bare(&first), &bare(&second), &path);
                    }
                    checked += 1;
                }
            }
            continue;
        }
        for interchange in x12::Interchanges::new(bytes.as_slice(), options) {
            for set in interchange.expect("memory").groups.iter().flat_map(|group| &group.sets) {
                let reading = x12::messages::read(set, &options);
                let Some(first) = reading.message else { continue };
                let version = set.version().map_or("004010".into(), |version| format!("{:06}", version.0));
                let second = x12_again(&first, &version).expect("a message");
                let third = x12_again(&second, &version).expect("a message");
                assert_same(&bare(&second), &bare(&third), &path);
                if is_in_order(&reading.problems) {
                    assert_same(&bare(&first), &bare(&second), &path);
                }
                checked += 1;
            }
        }
    }
    checked
}

/// What stands in a wrong place is written in the right one.
fn is_in_order(problems: &[Problem]) -> bool {
    let wrong = [ProblemCode::SegmentOutOfOrder, ProblemCode::SegmentUnexpected, ProblemCode::SegmentUnknown];
    !problems.iter().any(|problem| wrong.contains(&problem.code))
}

/// Compares, and shows where two messages part.
fn assert_same(one: &str, other: &str, path: &Path) {
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        let from = (0..=same.saturating_sub(200)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text[from..].chars().take(500).collect::<String>()
    };
    assert!(one == other, "{}:\n{}\n\n{}", path.display(), around(one), around(other));
}

#[test]
fn every_message_of_the_samples_is_written_and_read_as_the_same() {
    for name in ["samples", "corpus"] {
        assert!(check(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)) > 30);
    }
}

/// The same for files that are not part of this project: `EDI_SAMPLES=FOLDER cargo test -p quayside-edi`.
#[test]
fn every_message_of_a_folder_is_written_and_read_as_the_same() {
    if let Some(folder) = std::env::var_os("EDI_SAMPLES") {
        assert!(check(Path::new(&folder)) > 0);
    }
}
