//! What the broken files are answered: TA1, 997 and CONTRL, as `answers.txt` has them. With `UPDATE=1` it is written.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use quayside_edi::raw::RawSegment;
use quayside_edi::{Options, Syntax, edifact, x12};

fn shown(segment: &RawSegment, element: char, component: char) -> String {
    let mut text = segment.id.clone();
    for found in &segment.elements {
        text.push(element);
        text.push_str(&found.components.join(&component.to_string()));
    }
    text
}

fn answers(bytes: &[u8]) -> Vec<String> {
    let options = Options::default();
    let mut answers = Vec::new();
    if Syntax::of(bytes) == Some(Syntax::Edifact) {
        for interchange in edifact::Interchanges::new(bytes, options) {
            if let Some(report) = edifact::acknowledge::interchange(&interchange.expect("memory"), &options) {
                answers.extend(report.segments().iter().map(|segment| shown(segment, '+', ':')));
            }
        }
        return answers;
    }
    for interchange in x12::Interchanges::new(bytes, options) {
        let interchange = interchange.expect("memory");
        if let Some(ta1) = x12::acknowledge::interchange(&interchange) {
            answers.push(shown(&ta1.segment(), '*', '>'));
        }
        for group in interchange.groups.iter().filter(|_| !interchange.rejected()) {
            if let Some(answer) = x12::acknowledge::group(group, &options) {
                answers.extend(answer.segments().iter().map(|segment| shown(segment, '*', '>')));
            }
        }
    }
    answers
}

#[test]
fn broken_files_get_the_answers_of_the_standard() {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut found = String::new();
    for folder in ["samples/malformed", "corpus/malformed"] {
        let mut names: Vec<PathBuf> = fs::read_dir(tests.join(folder))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        names.sort();
        for path in names {
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
            let answers = answers(&fs::read(&path).expect("a file"));
            let answers = if answers.is_empty() { "none".to_owned() } else { answers.join(" ") };
            writeln!(found, "{name}: {answers}").expect("a string");
        }
    }
    compare(&tests.join("answers.txt"), &found);
}

fn compare(path: &Path, found: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, found).expect("a file");
    }
    let pinned = fs::read_to_string(path).expect("a file");
    for (pinned, found) in pinned.lines().zip(found.lines()) {
        assert_eq!(pinned, found);
    }
    assert_eq!(pinned.lines().count(), found.lines().count());
}
