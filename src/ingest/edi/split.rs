//! Where the interchanges of a file begin and end. A file may hold several, of both standards, one after the other.
//!
//! The readers judge; this only cuts. An interchange reaches to the end of its IEA or UNZ; one that has none, to where
//! the next one begins.
use quayside_edi::{Limits, Syntax, edifact, x12};

/// A part of a file that is an interchange, or tries to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// By which standard.
    pub(super) syntax: Syntax,
    /// Where it is read from: padding before it and a byte order mark are the reader's to judge.
    pub(super) from: usize,
    /// Its first byte.
    pub(super) start: usize,
    /// The byte after its last.
    pub(super) end: usize,
    /// The byte that ends its segments.
    pub(super) terminator: Option<u8>,
    /// The byte that takes that meaning from the one after it.
    pub(super) release: Option<u8>,
}

/// A file, cut.
#[derive(Debug, Default)]
pub(super) struct Split {
    /// What may be interchanges, in their order.
    pub(super) pieces: Vec<Piece>,
    /// The first byte of what is none, and how many bytes that is.
    pub(super) garbage: Vec<(usize, usize)>,
}

/// Cuts a file.
pub(super) fn split(bytes: &[u8], limits: Limits) -> Split {
    let mut split = Split::default();
    let mut at = 0;
    while at < bytes.len() {
        let start = at + padding(bytes.get(at..).unwrap_or_default());
        let rest = bytes.get(start..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
        let is_first = split.pieces.is_empty() && split.garbage.is_empty();
        let syntax = starting(rest).or_else(|| Syntax::of(rest).filter(|_| is_first));
        let Some(syntax) = syntax else {
            let next = next_start(bytes, start + 1);
            split.garbage.push((start, next - start));
            at = next;
            continue;
        };
        let mut piece = Piece { syntax, from: at, start, end: bytes.len(), terminator: None, release: None };
        match syntax {
            Syntax::X12 => end_of_x12(bytes, limits, &mut piece),
            Syntax::Edifact => end_of_edifact(bytes, limits, &mut piece),
        }
        at = piece.end.max(start + 1);
        split.pieces.push(piece);
    }
    split
}

/// How many bytes of padding stand here: blanks, Ctrl-Z, byte order marks.
fn padding(bytes: &[u8]) -> usize {
    const MARK: &[u8] = b"\xEF\xBB\xBF";
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        match rest.first() {
            Some(byte) if byte.is_ascii_whitespace() || *byte == 0x1A => at += 1,
            Some(_) if rest.starts_with(MARK) => at += MARK.len(),
            _ => return at,
        }
    }
}

/// The standard of an interchange that begins here.
fn starting(window: &[u8]) -> Option<Syntax> {
    let (tag, rest) = window.split_first_chunk::<3>()?;
    let is_separator = |byte: &u8| {
        byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(*byte, b' ' | b'\r' | b'\n')
    };
    let separator = rest.first().filter(|byte| is_separator(byte))?;
    match tag {
        // ISA01 has two characters, so that the separator comes again.
        b"ISA" => {
            let again = rest.iter().skip(1).filter(|byte| !matches!(**byte, b'\r' | b'\n')).nth(2);
            (again == Some(separator)).then_some(Syntax::X12)
        }
        b"UNB" => Some(Syntax::Edifact),
        b"UNA" => rest.get(1).filter(|byte| is_separator(byte)).map(|_| Syntax::Edifact),
        _ => None,
    }
}

fn next_start(bytes: &[u8], from: usize) -> usize {
    let begins = |at: &usize| {
        let window = bytes.get(*at..).unwrap_or_default();
        matches!(window.first(), Some(b'I' | b'U')) && starting(window).is_some()
    };
    (from..bytes.len()).find(begins).unwrap_or(bytes.len())
}

/// Whether an interchange of the other standard begins at a segment: then this one was cut off before.
fn is_other(bytes: &[u8], at: usize, syntax: Syntax) -> bool {
    starting(bytes.get(at..).unwrap_or_default()).is_some_and(|found| found != syntax)
}

fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

fn end_of_x12(bytes: &[u8], limits: Limits, piece: &mut Piece) {
    let start = piece.start;
    let mut tokens = x12::Tokenizer::new(bytes.get(start..).unwrap_or_default(), limits);
    let mut begun = false;
    while let Ok(Some(token)) = tokens.next_token() {
        match token {
            x12::Token::Header(header) if begun => {
                piece.end = start + position(header.offset);
                return;
            }
            x12::Token::Header(header) => {
                begun = true;
                if header.unreadable.is_some() {
                    piece.end = next_start(bytes, start + 3);
                    return;
                }
                piece.terminator = Some(header.delimiters.segment);
            }
            x12::Token::Fragment(_) => begun = true,
            x12::Token::Segment(segment) => {
                let at = start + position(segment.offset);
                if is_other(bytes, at, Syntax::X12) {
                    piece.end = at;
                    return;
                }
                piece.terminator = Some(segment.delimiters.segment);
                if segment.id() == b"IEA" {
                    piece.end = after(bytes, at, segment.delimiters.segment, None);
                    return;
                }
            }
            x12::Token::Garbage(garbage) if begun => {
                piece.end = start + position(garbage.offset);
                return;
            }
            x12::Token::Garbage(_) => {}
            x12::Token::Fault(_) => return,
        }
    }
}

fn end_of_edifact(bytes: &[u8], limits: Limits, piece: &mut Piece) {
    let start = piece.start;
    let mut tokens = edifact::Tokenizer::new(bytes.get(start..).unwrap_or_default(), limits);
    let mut begun = false;
    while let Ok(Some(token)) = tokens.next_token() {
        match token {
            edifact::Token::Header(found) if begun => {
                piece.end = start + position(found.offset);
                return;
            }
            edifact::Token::Header(found) => {
                begun = true;
                if found.unreadable.is_some() {
                    piece.end = next_start(bytes, start + 3);
                    return;
                }
                (piece.terminator, piece.release) = (Some(found.service.segment), found.service.release);
            }
            edifact::Token::Fragment(_) => begun = true,
            edifact::Token::Segment(segment) => {
                let at = start + position(segment.offset);
                if is_other(bytes, at, Syntax::Edifact) {
                    piece.end = at;
                    return;
                }
                let service = segment.service;
                (piece.terminator, piece.release) = (Some(service.segment), service.release);
                if segment.id() == b"UNZ" {
                    piece.end = after(bytes, at, service.segment, service.release);
                    return;
                }
            }
            edifact::Token::Garbage(garbage) if begun => {
                piece.end = start + position(garbage.offset);
                return;
            }
            edifact::Token::Garbage(_) => {}
            edifact::Token::Fault(_) => return,
        }
    }
}

/// The byte after the segment that begins at `at`.
pub(super) fn after(bytes: &[u8], at: usize, terminator: u8, release: Option<u8>) -> usize {
    let mut released = false;
    for (passed, byte) in bytes.get(at..).unwrap_or_default().iter().enumerate() {
        if released {
            released = false;
        } else if Some(*byte) == release {
            released = true;
        } else if *byte == terminator {
            return at + passed + 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const X12: &str = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260901*0800*U*00401*000000001*0*P*>~\
         GS*PO*A*B*20260901*0800*1*X*004010~GE*0*1~IEA*1*000000001~";
    const EDIFACT: &str = "UNA:+.? 'UNB+UNOA:1+A+B+260901:0800+1'UNZ+0+1'";

    fn cut(file: &str) -> (Vec<(Syntax, &str)>, Vec<&str>) {
        let Split { pieces, garbage } = split(file.as_bytes(), Limits::default());
        let pieces = pieces.iter().map(|piece| (piece.syntax, &file[piece.start..piece.end]));
        (pieces.collect(), garbage.iter().map(|(at, length)| &file[*at..at + length]).collect())
    }

    #[test]
    fn a_file_may_hold_both_standards() {
        let file = format!("{X12}\r\n{EDIFACT}{X12}\n");
        let expected = [(Syntax::X12, X12), (Syntax::Edifact, EDIFACT), (Syntax::X12, X12)];
        assert_eq!(cut(&file), (expected.to_vec(), vec![]));
    }

    #[test]
    fn what_is_cut_off_reaches_to_the_next_beginning_and_what_is_none_is_told() {
        let open = X12.strip_suffix("IEA*1*000000001~").unwrap();
        let file = format!("rubbish {open}{EDIFACT}more{X12}");
        let (pieces, garbage) = cut(&file);
        assert_eq!(pieces, [(Syntax::X12, open), (Syntax::Edifact, EDIFACT), (Syntax::X12, X12)]);
        assert_eq!(garbage, ["rubbish ", "more"]);
    }

    #[test]
    fn a_word_that_looks_like_a_beginning_is_none_inside_the_other_standard() {
        let named = X12.replace("GE*0*1~", "N1*ST*FORTUNA*~GE*0*1~");
        assert_eq!(cut(&named).0, [(Syntax::X12, named.as_str())]);
        let released = EDIFACT.replace("+1'UNZ", "+?'ISA*00*1'UNZ");
        assert_eq!(cut(&released).0, [(Syntax::Edifact, released.as_str())]);
    }

    #[test]
    fn nothing_is_cut_out_of_nothing() {
        assert_eq!(cut("").0.len(), 0);
        assert_eq!(cut("hello").1, ["hello"]);
        assert_eq!(cut("\u{feff}\r\n\u{1a}").1.len(), 0);
    }
}
