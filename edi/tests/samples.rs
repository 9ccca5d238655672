//! Files that partners and other software really produced, and ones broken on purpose: each is read to
//! the verdict its row in the `MANIFEST.tsv` of its folder names, and no change to any of them makes the reader panic.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use quayside_edi::lint::{self, Report};
use quayside_edi::{Options, ProblemCode, Syntax, Unknown, edifact, x12};

struct Sample {
    file: String,
    sets: String,
    problems: String,
    bytes: Vec<u8>,
}

/// The application reads the first of the two as well.
const FOLDERS: &[&str] = &["samples", "corpus"];

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn samples() -> Vec<Sample> {
    FOLDERS.iter().flat_map(|name| samples_of(&folder(name))).collect()
}

fn samples_of(folder: &Path) -> Vec<Sample> {
    let manifest = fs::read_to_string(folder.join("MANIFEST.tsv")).expect("the manifest");
    let rows = manifest.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    rows.map(|row| {
        let [file, _, _, sets, problems] = row[..] else { panic!("five columns: {row:?}") };
        let bytes = fs::read(folder.join(file)).expect(file);
        Sample { file: file.into(), sets: sets.into(), problems: problems.into(), bytes }
    })
    .collect()
}

fn lint(bytes: &[u8]) -> Report {
    lint::file(bytes, &Options::default()).expect("memory does not fail")
}

/// `2x 850 ACCEPTED, 1x 850 REJECTED`, as the manifest has it.
fn sets(report: &Report) -> String {
    let mut runs: Vec<(String, usize)> = Vec::new();
    for set in report.sets() {
        let verdict = serde_json::to_value(set.verdict).expect("a name");
        let text = format!("{} {}", set.id, verdict.as_str().expect("a name"));
        match runs.last_mut() {
            Some((last, count)) if *last == text => *count += 1,
            _ => runs.push((text, 1)),
        }
    }
    let runs: Vec<String> = runs.into_iter().map(|(text, count)| format!("{count}x {text}")).collect();
    if runs.is_empty() { "-".into() } else { runs.join(", ") }
}

/// The codes in order of appearance, each once.
fn problems(report: &Report) -> String {
    let mut codes: Vec<&str> = Vec::new();
    for problem in report.problems() {
        if !codes.contains(&problem.code.as_str()) {
            codes.push(problem.code.as_str());
        }
    }
    if codes.is_empty() { "-".into() } else { codes.join(" ") }
}

#[test]
fn every_sample_is_read_to_the_verdict_in_the_manifest() {
    for sample in samples() {
        let report = lint(&sample.bytes);
        assert_eq!(
            (sets(&report), problems(&report)),
            (sample.sets, sample.problems),
            "{}\n{report}",
            sample.file
        );
    }
}

#[test]
fn every_sample_has_its_row() {
    for name in FOLDERS {
        let folder = folder(name);
        let listed: BTreeSet<String> = samples_of(&folder).into_iter().map(|sample| sample.file).collect();
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(&folder).expect("the folder") {
            let entry = entry.expect("an entry");
            if entry.file_type().expect("a type").is_dir() {
                for file in fs::read_dir(entry.path()).expect("a folder") {
                    let (folder, file) = (entry.file_name(), file.expect("a file").file_name());
                    found.insert(format!("{}/{}", folder.to_string_lossy(), file.to_string_lossy()));
                }
            }
        }
        assert_eq!(found, listed);
    }
}

#[test]
fn a_refused_set_has_a_reason_in_words() {
    for sample in samples() {
        let report = lint(&sample.bytes);
        for set in report.sets().filter(|set| !set.verdict.accepted() && set.refused_by.is_none()) {
            let reason = set.problems.iter().find(|problem| problem.rejects());
            assert!(reason.is_some_and(|problem| !problem.message.is_empty()), "{}: {set:?}", sample.file);
        }
    }
}

#[test]
fn what_is_unknown_is_refused_when_the_partner_is_held_to_the_lists() {
    let strict = Options { unknown: Unknown::Reject, ..Options::default() };
    for name in ["ack-bad-code.x12", "elem-bad-code.x12", "seg-unknown.x12"] {
        let bytes = fs::read(folder("samples").join("malformed").join(name)).expect(name);
        let report = lint::file(&*bytes, &strict).expect("memory does not fail");
        assert!(!report.accepted() && lint(&bytes).accepted(), "{name}");
    }
}

#[test]
fn a_report_reads_the_same_for_machines() {
    let report = lint(&fs::read(folder("samples").join("malformed/elem-bad-number.x12")).expect("a sample"));

    let json = serde_json::to_value(&report).expect("a report");
    let problem = &json["interchanges"][0]["groups"][0]["sets"][0]["problems"][0];

    assert_eq!(
        *problem,
        serde_json::json!({
            "code": "NUMBER_INVALID",
            "severity": "REJECT",
            "scope": "SET",
            "standard": { "list": "AK403", "code": "6" },
            "position": {
                "interchange": "000000001", "group": "1", "set": "0001",
                "segment_index": 8, "segment": "PO1", "element": 2, "byte": 303,
            },
            "message": "PO102 is '1X0', not a number",
        })
    );
    let line = "error NUMBER_INVALID: PO102 is '1X0', not a number (PO102, segment 8, byte 303, AK403 6)";
    assert!(report.to_string().contains(line), "{report}");
}

/// The same for files that are not part of this project: `EDI_SAMPLES=FOLDER EDI_VERDICTS=FILE cargo test -p
/// quayside-edi`. The file has a line for each sample, as the manifests have, and is written with `UPDATE=1`.
#[test]
fn samples_outside_the_project_are_read_to_their_verdicts() {
    let (Some(folder), Some(pinned)) = (std::env::var_os("EDI_SAMPLES"), std::env::var_os("EDI_VERDICTS"))
    else {
        return;
    };
    let mut found = String::from("file\tsets\tproblems\n");
    for path in files_below(Path::new(&folder)) {
        let report = lint(&fs::read(&path).expect("a file"));
        let name = path.strip_prefix(&folder).expect("below the folder").display().to_string();
        found.push_str(&format!("{name}\t{}\t{}\n", sets(&report), problems(&report)));
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&pinned, &found).expect("the file of verdicts");
    }
    let pinned = fs::read_to_string(&pinned).expect("the file of verdicts");
    let differ: Vec<(&str, &str)> =
        pinned.lines().zip(found.lines()).filter(|(pinned, found)| pinned != found).collect();
    assert_eq!(differ, []);
    assert_eq!(pinned.lines().count(), found.lines().count());
}

fn files_below(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { BTreeSet::from([path]) }).collect()
}

/// A small generator, so that every run tries the same files.
struct Xorshift(u64);

impl Xorshift {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).expect("below a usize")
    }
}

/// One to five changes: to bytes, or to whole elements and segments.
fn mutate(bytes: &mut Vec<u8>, random: &mut Xorshift) {
    const LIKELY: &[u8] = b"*~>^\n\r \0\x1a\xff0-.A|ISAGSTEUNBHZ+:?',";
    for _ in 0..=random.below(4) {
        let (at, other) = (random.below(bytes.len()), random.below(bytes.len()));
        let byte = LIKELY[random.below(LIKELY.len())];
        match random.below(10) {
            _ if bytes.is_empty() => bytes.push(byte),
            0 => bytes[at] = byte,
            1 => bytes[at] = u8::try_from(random.below(256)).expect("a byte"),
            2 => drop(bytes.remove(at)),
            3 => bytes.insert(at, byte),
            4 => bytes.truncate(at),
            5 => {
                let piece = bytes[at.min(other)..at.max(other)].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            6 => pieces(bytes, b"~'\n", random),
            _ => pieces(bytes, b"*+:>~'\n", random),
        }
    }
}

/// Takes a file apart at separators and moves, doubles, drops or swaps some of its pieces.
fn pieces(bytes: &mut Vec<u8>, separators: &[u8], random: &mut Xorshift) {
    let mut pieces: Vec<Vec<u8>> =
        bytes.split_inclusive(|byte| separators.contains(byte)).map(<[u8]>::to_vec).collect();
    let (at, other) = (random.below(pieces.len()), random.below(pieces.len()));
    match random.below(5) {
        0 => pieces.swap(at, other),
        1 => drop(pieces.remove(at)),
        2 => pieces.insert(other, pieces[at].clone()),
        3 => pieces[at] = pieces[other].clone(),
        _ => pieces.insert(at, pieces[other].repeat(1 + random.below(40))),
    }
    *bytes = pieces.concat();
}

/// How many files are made; `EDI_MUTATIONS` says otherwise.
fn rounds() -> usize {
    std::env::var("EDI_MUTATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000)
}

#[test]
fn no_change_to_a_file_makes_the_reader_panic_or_lose_its_way() {
    let originals: Vec<Vec<u8>> =
        samples().into_iter().map(|s| s.bytes).filter(|bytes| bytes.len() < 2500).collect();
    let mut random = Xorshift(0x5EED_F1E5);
    for round in 0..rounds() {
        let mut bytes = originals[round % originals.len()].clone();
        mutate(&mut bytes, &mut random);
        let report = lint(&bytes);
        for problem in report.problems().filter(|problem| problem.code != ProblemCode::ProblemsOmitted) {
            let byte = usize::try_from(problem.position.byte).expect("a small file");
            assert!(byte <= bytes.len(), "{problem} is not in {}", bytes.escape_ascii());
        }
        let nothing_found = report.interchanges.is_empty() && report.accepted();
        assert!(!nothing_found, "accepted without an interchange: {}", bytes.escape_ascii());
    }
}

/// What is read from a changed file can be written and answered, or is refused in words.
#[test]
fn no_change_to_a_file_makes_the_writer_or_an_answer_panic() {
    let originals: Vec<Vec<u8>> =
        samples().into_iter().map(|s| s.bytes).filter(|bytes| bytes.len() < 1500).collect();
    let options = Options::default();
    let mut random = Xorshift(0xA11_5EED);
    for round in 0..rounds() / 4 {
        let mut bytes = originals[round % originals.len()].clone();
        mutate(&mut bytes, &mut random);
        if Syntax::of(&bytes) == Some(Syntax::Edifact) {
            for interchange in edifact::Interchanges::new(bytes.as_slice(), options) {
                let interchange = interchange.expect("memory");
                let answer = edifact::acknowledge::interchange(&interchange, &options);
                answer.iter().for_each(|answer| assert!(!answer.segments().is_empty()));
                for message in interchange.messages() {
                    if let Some(message) = edifact::messages::read(message, &options).message {
                        assert!(!message.segments().is_empty());
                    }
                }
            }
            continue;
        }
        for interchange in x12::Interchanges::new(bytes.as_slice(), options) {
            let interchange = interchange.expect("memory");
            drop(x12::acknowledge::interchange(&interchange));
            for group in &interchange.groups {
                drop(x12::acknowledge::group(group, &options).map(|answer| answer.segments()));
                for set in &group.sets {
                    if let Some(message) = x12::messages::read(set, &options).message {
                        assert!(!message.segments().is_empty());
                    }
                }
            }
        }
    }
}

#[test]
fn a_hostile_file_is_refused_in_bounded_time_and_memory() {
    let code = |bytes: Vec<u8>| {
        let report = lint(&bytes);
        assert!(!report.accepted());
        report.problems().find(|problem| problem.rejects()).map(|problem| problem.code)
    };
    let unb = "UNB+UNOC:3+A+B+260101:1200+1'";
    assert_eq!(code([unb.as_bytes(), &vec![b'x'; 3 << 20]].concat()), Some(ProblemCode::SegmentTooLong));
    assert_eq!(code([unb.as_bytes(), &vec![b'?'; 3 << 20]].concat()), Some(ProblemCode::SegmentTooLong));
    assert_eq!(
        code(format!("{unb}{}", "'".repeat(1_100_000)).into_bytes()),
        Some(ProblemCode::TooManySegments)
    );
    let chain: String = (2..20_000).map(|level| format!("CPS+{level}+{}'", level - 1)).collect();
    let deep = format!(
        "{unb}UNH+1+DESADV:D:96A:UN'BGM+351+1+9'DTM+137:20260101:102'CPS+1'{chain}UNT+20003+1'UNZ+1+1'"
    );
    assert_eq!(code(deep.into_bytes()), Some(ProblemCode::HierarchyTooDeep));
    let long = format!("{unb}UNH+1+ORDERS:D:96A:UN'BGM+220+{}'UNS+S'UNT+4+1'UNZ+1+1'", "A".repeat(70_000));
    assert_eq!(code(long.into_bytes()), Some(ProblemCode::ElementTooLarge));
}
