//! Every sample as JSON and back: what comes back is read as the same.

use std::fs;
use std::path::{Path, PathBuf};

use quayside_edi::document::{self, Interchange};
use quayside_edi::{Options, show};

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let is_sample = !path.to_string_lossy().ends_with(".tsv") && !path.ends_with(".gitattributes");
        if path.is_dir() {
            files(&path, into);
        } else if is_sample {
            into.push(path);
        }
    }
}

fn samples() -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for name in ["samples", "corpus"] {
        files(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name), &mut paths);
    }
    paths.sort();
    paths
}

fn read(bytes: &[u8]) -> document::Found {
    document::read(bytes, &Options::default()).expect("memory does not fail")
}

/// What EDI cannot hold, and so is read with a warning and not written.
const UNWRITABLE: &[&str] = &[
    // A tab in a text, a NUL, letters outside UNOA.
    "which cannot be written in",
    "which cuts segments in this interchange",
    // A GS without a date.
    "GS04 is missing",
    // Segment identifiers with the paths of a mapper before them.
    "is no identifier of a segment",
    "is no tag of a segment",
];

#[test]
fn every_sample_comes_back_from_json() {
    let (mut same, mut left) = (0, Vec::new());
    for path in samples() {
        let found = read(&fs::read(&path).expect("a file"));
        for interchange in found.interchanges {
            let json = serde_json::to_string(&interchange).expect("JSON");
            let again: Interchange = serde_json::from_str(&json).expect("the same shape");
            assert_eq!(again, interchange, "{}", path.display());
            let bytes = match again.write(true) {
                Ok(bytes) => bytes,
                Err(error) => {
                    let text = error.to_string();
                    assert!(
                        UNWRITABLE.iter().any(|known| text.contains(known)),
                        "{}: {text}",
                        path.display()
                    );
                    left.push(path.clone());
                    continue;
                }
            };
            let back = read(&bytes);
            assert!(!back.problems.iter().any(quayside_edi::Problem::rejects), "{}", path.display());
            assert_eq!(back.interchanges.len(), 1, "{}", path.display());
            assert_eq!(
                with_separators_of(&back.interchanges[0], &interchange),
                interchange,
                "{}",
                path.display()
            );
            same += 1;
        }
    }
    assert!(same > 110, "only {same} interchanges came back");
    assert!(left.len() < 20, "{left:#?}");
}

/// Where there was no component separator one was chosen, and control numbers are padded.
fn with_separators_of(found: &Interchange, original: &Interchange) -> Interchange {
    let mut found = found.clone();
    if let (Interchange::X12(found), Interchange::X12(original)) = (&mut found, original) {
        if original.delimiters.component.is_none()
            || original.groups.iter().all(|group| group.sets.is_empty())
        {
            found.delimiters = original.delimiters;
        }
        if found.header.control_number.trim_start_matches('0')
            == original.header.control_number.trim_start_matches('0')
        {
            found.header.control_number.clone_from(&original.header.control_number);
        }
    }
    found
}

#[test]
fn every_sample_is_shown() {
    for path in samples() {
        let bytes = fs::read(&path).expect("a file");
        let mut out = Vec::new();
        let accepted = show::write(bytes.as_slice(), &Options::default(), &mut out).expect("memory");
        let text = String::from_utf8(out).expect("text");
        let report = quayside_edi::lint::file(bytes.as_slice(), &Options::default()).expect("memory");
        // What we do not read is refused here: the tree says so under its title.
        let unread = report.sets().any(|set| set.verdict == quayside_edi::lint::Verdict::NotSupported);
        assert_eq!(accepted || unread, report.accepted() || unread, "{}\n{text}", path.display());
        let control = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(control, None, "{}: nothing reaches a terminal as it is", path.display());
    }
}
