//! The raw text of a message, segment by segment, each with what is wrong with it.
//!
//! This knows no more of the two standards than that a segment ends with a byte, unless another one stands before it.
use quayside_canonical::Problem;

/// The most characters of a segment that are shown.
const SHOWN: usize = 4_000;

/// A segment as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its position in the message, from 1.
    pub index: u32,
    /// Its text without what ends it. What is not UTF-8 is read as Latin-1; a very long one is cut.
    pub text: String,
    /// What is wrong with it, or should be known.
    pub problems: Vec<Problem>,
}

/// Cuts a message into segments and lays what was found beside them.
#[expect(clippy::needless_pass_by_value, reason = "an iterator that is looked through more than once")]
pub(super) fn cut<'a>(
    bytes: &[u8],
    terminator: u8,
    release: Option<u8>,
    found: impl Iterator<Item = &'a Problem> + Clone,
    after: u32,
    limit: u32,
) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut rest = bytes;
    let mut index = 0;
    while segments.len() < limit as usize {
        let (raw, following) = first(rest, terminator, release);
        let raw = unlined(raw, terminator);
        if raw.is_empty() && following.is_none() {
            break;
        }
        rest = following.unwrap_or_default();
        if !raw.is_empty() {
            index += 1;
            if index > after {
                let problems = found.clone().filter(|problem| is_at(problem, index)).cloned().collect();
                segments.push(Segment { index, text: shown(&raw), problems });
            }
        }
        if following.is_none() {
            break;
        }
    }
    segments
}

/// The first segment, and what comes after its terminator.
fn first(bytes: &[u8], terminator: u8, release: Option<u8>) -> (&[u8], Option<&[u8]>) {
    let mut released = false;
    for (at, byte) in bytes.iter().enumerate() {
        if released {
            released = false;
        } else if Some(*byte) == release {
            released = true;
        } else if *byte == terminator {
            return (bytes.get(..at).unwrap_or_default(), bytes.get(at + 1..));
        }
    }
    (bytes, None)
}

/// Line ends are layout, unless they end segments; blanks before a segment are layout always.
fn unlined(raw: &[u8], terminator: u8) -> Vec<u8> {
    let is_line_end = |byte: u8| matches!(byte, b'\r' | b'\n');
    let kept =
        raw.iter().copied().filter(|byte| !is_line_end(*byte) || is_line_end(terminator) && *byte != b'\r');
    let kept: Vec<u8> = kept.collect();
    kept.trim_ascii_start().to_vec()
}

/// A problem names the position of its segment first.
fn is_at(problem: &Problem, index: u32) -> bool {
    problem.field.first().and_then(|step| step.parse::<u32>().ok()) == Some(index)
}

fn shown(raw: &[u8]) -> String {
    let text = match std::str::from_utf8(raw) {
        Ok(text) => text.to_owned(),
        Err(_) => raw.iter().map(|byte| char::from(*byte)).collect(),
    };
    let visible = |c: char| if c.is_control() && c != '\t' { '\u{FFFD}' } else { c };
    text.chars().take(SHOWN).map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bytes: &[u8], terminator: u8, release: Option<u8>) -> Vec<(u32, String)> {
        let cut = cut(bytes, terminator, release, [].iter(), 0, 100);
        cut.into_iter().map(|segment| (segment.index, segment.text)).collect()
    }

    #[test]
    fn a_released_terminator_ends_nothing_and_line_ends_are_layout() {
        let found = texts(b"UNH+1'\r\nNAD+SU+O?'NEIL??'UNT+3+1'\r\n", b'\'', Some(b'?'));
        let expected = [(1, "UNH+1"), (2, "NAD+SU+O?'NEIL??"), (3, "UNT+3+1")];
        assert_eq!(found, expected.map(|(index, text)| (index, text.to_owned())));
        assert_eq!(texts(b"ST*850*1\nSE*2*1\n", b'\n', None).len(), 2);
        assert_eq!(texts(b"ST*850*1~BEG*0\r\n0*SA~", b'~', None)[1].1, "BEG*00*SA");
    }

    #[test]
    fn a_problem_is_laid_beside_its_segment() {
        let problem = Problem {
            code: "X".to_owned(),
            field: vec!["2".to_owned(), "BEG".to_owned()],
            message: "why".to_owned(),
        };
        let found = cut(b"ST~BEG~SE~", b'~', None, [problem.clone()].iter(), 1, 2);
        let told: Vec<_> = found.iter().map(|one| (one.index, one.problems.len())).collect();
        assert_eq!(told, [(2, 1), (3, 0)]);
        assert_eq!(found[0].problems, [problem]);
    }
}
