//! What must hold for any bytes: nothing panics, every complaint is about a place in the file, nothing is accepted
//! without an interchange, what is read can be answered, shown and turned into JSON, and what is written is read as the
//! same.

use quayside_edi::{Options, ProblemCode, document, edifact, lint, show, x12};

/// X12, from bytes to answers and back.
pub fn x12(data: &[u8]) {
    let options = Options::default();
    common(data, &options);
    for interchange in x12::Interchanges::new(data, options) {
        let interchange = interchange.expect("memory does not fail");
        drop(x12::acknowledge::interchange(&interchange).map(|answer| answer.segment()));
        for group in &interchange.groups {
            drop(x12::acknowledge::group(group, &options).map(|answer| answer.segments()));
            for set in &group.sets {
                if let Some(message) = x12::messages::read(set, &options).message {
                    x12_again(set, &message);
                }
            }
        }
    }
}

/// What is written of a message is read as the message it was.
fn x12_again(set: &x12::TransactionSet, message: &x12::messages::Message) {
    let isa = x12::InterchangeHeader {
        sender_qualifier: "ZZ".into(),
        sender: "A".into(),
        receiver_qualifier: "ZZ".into(),
        receiver: "B".into(),
        date: "260101".into(),
        time: "1200".into(),
        version: "00401".into(),
        control_number: "1".into(),
        usage: "T".into(),
        ..x12::InterchangeHeader::default()
    };
    let kind = set.group.as_ref().map_or("PO", |gs| gs.kind.as_str());
    let layout = x12::Layout { delimiters: set.delimiters(), lines: false };
    let Ok(mut writer) = x12::Writer::begin(Vec::new(), &isa, layout) else { return };
    let header = x12::GroupHeader::new(kind, "A", "B", "20260101", "1200", "1", "004010");
    if writer.begin_group(&header).is_err() || writer.typed("0001", message).is_err() {
        return; // a character that cannot be written, a group kind with a separator in it
    }
    writer.end_group().expect("a group is open");
    let bytes = writer.finish().expect("memory does not fail");
    let first = x12::Interchanges::new(bytes.as_slice(), Options::default()).next();
    let interchange = first.expect("one was written").expect("memory does not fail");
    assert!(!interchange.rejected(), "{:?}\n{}", interchange.problems, bytes.escape_ascii());
}

/// EDIFACT, from bytes to answers and back.
pub fn edifact(data: &[u8]) {
    let options = Options::default();
    common(data, &options);
    for interchange in edifact::Interchanges::new(data, options) {
        let interchange = interchange.expect("memory does not fail");
        if let Some(answer) = edifact::acknowledge::interchange(&interchange, &options) {
            assert!(!answer.segments().is_empty());
        }
        for raw in interchange.messages() {
            if let Some(message) = edifact::messages::read(raw, &options).message {
                assert!(!message.segments().is_empty());
            }
        }
    }
}

fn common(data: &[u8], options: &Options) {
    let report = lint::file(data, options).expect("memory does not fail");
    for problem in report.problems().filter(|problem| problem.code != ProblemCode::ProblemsOmitted) {
        let inside = usize::try_from(problem.position.byte).is_ok_and(|byte| byte <= data.len());
        assert!(inside, "{problem} is not in the file");
    }
    assert!(!(report.interchanges.is_empty() && report.accepted()), "accepted without an interchange");
    drop(report.to_string());

    let mut shown = Vec::new();
    show::write(data, options, &mut shown).expect("memory does not fail");
    assert!(String::from_utf8(shown).is_ok_and(|text| !text.chars().any(|c| c.is_control() && c != '\n')));

    for interchange in document::read(data, options).expect("memory does not fail").interchanges {
        let json = serde_json::to_string(&interchange).expect("any text is JSON");
        let again: document::Interchange = serde_json::from_str(&json).expect("the same shape");
        assert_eq!(again, interchange);
        let Ok(bytes) = again.write(false) else { continue };
        let back = document::read(bytes.as_slice(), options).expect("memory does not fail");
        assert_eq!(segments(&back.interchanges), segments(&[interchange]), "{}", bytes.escape_ascii());
    }
}

/// What an interchange says, without how it is cut.
fn segments(interchanges: &[document::Interchange]) -> Vec<document::Segment> {
    let mut all = Vec::new();
    for interchange in interchanges {
        match interchange {
            document::Interchange::X12(found) => {
                for group in &found.groups {
                    all.extend(group.sets.iter().flat_map(|set| set.segments.clone()));
                }
            }
            document::Interchange::Edifact(found) => {
                for group in &found.groups {
                    all.extend(group.messages.iter().flat_map(|message| message.segments.clone()));
                }
            }
        }
    }
    all
}
