//! The separators of an interchange, taken from its own header.
//!
//! The ISA is meant to be 106 bytes wide, but files lose their padding on the way, are broken into
//! lines of 80, or leave ISA16 empty. So the header is walked by its sixteen separators, not by width.

use crate::passing::is_line_end;
use crate::problem::ProblemCode;

/// More than a header can need; without sixteen separators in it there is none.
pub(super) const HEADER_WINDOW: usize = 512;

/// The characters that cut an interchange into segments, elements and components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiters {
    /// After each element.
    pub element: u8,
    /// Between the components of an element; none if ISA16 is empty.
    pub component: Option<u8>,
    /// After each segment.
    pub segment: u8,
    /// Between repetitions, from version 00402 on.
    pub repetition: Option<u8>,
}

/// An ISA as it stands in the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) delimiters: Delimiters,
    /// ISA01 to ISA15, line ends taken out, padding left.
    pub(super) elements: Vec<Vec<u8>>,
    /// Bytes up to and with the terminator.
    pub(super) length: usize,
    pub(super) wrapped: bool,
}

impl Delimiters {
    /// Whether a line end is nothing but layout in this interchange.
    pub(super) fn ignores_lines(self) -> bool {
        !is_line_end(self.segment)
    }

    /// The first separator that cannot separate.
    pub(super) fn fault(self) -> Option<(ProblemCode, String)> {
        let component = self.component;
        let unusable = |byte: u8| byte.is_ascii_alphanumeric() || byte == b' ' || !byte.is_ascii();
        if unusable(self.element) || is_line_end(self.element) {
            return Some((ProblemCode::ElementSeparatorInvalid, cannot_separate("elements", self.element)));
        }
        if unusable(self.segment) || self.segment == self.element || Some(self.segment) == component {
            return Some((ProblemCode::SegmentTerminatorInvalid, cannot_separate("segments", self.segment)));
        }
        let byte = component.filter(|byte| unusable(*byte) || *byte == self.element)?;
        Some((ProblemCode::ComponentSeparatorInvalid, cannot_separate("components", byte)))
    }
}

fn cannot_separate(what: &str, byte: u8) -> String {
    format!(
        "The character '{}' cannot separate {what}: it stands in data or has another use",
        byte.escape_ascii()
    )
}

/// Whether a header may start here: `ISA`, a separator, two characters, the same separator.
pub(super) fn looks_like_isa(window: &[u8]) -> bool {
    let Some((b"ISA", rest)) = window.split_first_chunk::<3>() else { return false };
    let Some(separator) = rest.first().filter(|byte| is_separator(**byte)) else { return false };
    rest.iter().skip(1).filter(|byte| !is_line_end(**byte)).nth(2) == Some(separator)
}

fn is_separator(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && byte != b' ' && !is_line_end(byte)
}

/// Reads the header at the start of `window`; `None` if it is cut short.
pub(super) fn layout(window: &[u8]) -> Option<Layout> {
    let element = *window.get(3)?;
    let mut elements = Vec::with_capacity(15);
    let mut current = Vec::with_capacity(15);
    let mut wrapped = false;
    let mut bytes = window.iter().copied().enumerate().take(HEADER_WINDOW).skip(4);
    while elements.len() < 15 {
        match bytes.next()?.1 {
            byte if byte == element => elements.push(std::mem::take(&mut current)),
            byte if is_line_end(byte) => wrapped = true,
            byte => current.push(byte),
        }
    }
    let (at, first) = bytes.next()?;
    let (component, segment, length) = ending(window, at, first, bytes.next())?;
    let repetition =
        elements.get(10).and_then(|value| value.first()).copied().filter(|byte| is_separator(*byte));
    let delimiters = Delimiters { element, component, segment, repetition };
    Some(Layout { delimiters, elements, length, wrapped })
}

/// ISA16 and the terminator. When ISA16 is empty the terminator comes first, which shows in what follows.
fn ending(
    window: &[u8],
    at: usize,
    first: u8,
    second: Option<(usize, u8)>,
) -> Option<(Option<u8>, u8, usize)> {
    if is_line_end(first) || second.is_none() {
        return Some((None, first, at + 1));
    }
    let (after, second) = second?;
    let rest = window.get(after..)?;
    let empty = match second {
        b'G' => rest.starts_with(b"GS"),
        b'T' => rest.starts_with(b"TA1"),
        b'\r' | b'\n' => next_line_ends_with(rest, first),
        _ => false,
    };
    Some(if empty { (None, first, at + 1) } else { (Some(first), second, after + 1) })
}

/// `…*~⏎GS*…~⏎`: if the next line ends with the same character, that is the terminator.
fn next_line_ends_with(rest: &[u8], byte: u8) -> bool {
    rest.split(|byte| is_line_end(*byte)).find(|line| !line.is_empty()).and_then(<[u8]>::last) == Some(&byte)
}

/// The separators of a file that begins with a group or set, if they can be told.
pub(super) fn of_fragment(window: &[u8]) -> Option<Delimiters> {
    let rest = window.strip_prefix(b"GS").or_else(|| window.strip_prefix(b"ST"))?;
    let element = *rest.first().filter(|byte| is_separator(**byte))?;
    let ends = |byte: u8| byte != element && !byte.is_ascii_alphanumeric() && !b" -_./".contains(&byte);
    let segment = rest.iter().copied().take(HEADER_WINDOW).find(|byte| byte.is_ascii() && ends(*byte))?;
    Some(Delimiters { element, component: None, segment, repetition: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISA: &str = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260901*1200*U*00401*000000001*0*P*";

    fn read(ending: &str) -> Layout {
        layout(format!("{ISA}{ending}").as_bytes()).expect("sixteen separators")
    }

    #[test]
    fn separators_are_read_from_the_header() {
        let found = read(">~GS*PO").delimiters;

        assert_eq!((found.element, found.component, found.segment), (b'*', Some(b'>'), b'~'));
        assert_eq!(found.repetition, None, "U is no separator");
    }

    #[test]
    fn an_empty_isa16_is_seen_from_what_follows() {
        for ending in ["~GS*PO*1~", "~\nGS*PO*1~\n", "~\r\nGS*PO*1~\r\n"] {
            let found = read(ending).delimiters;
            assert_eq!((found.component, found.segment), (None, b'~'), "{ending:?}");
        }
        assert_eq!(
            (read("\nGS*PO*1\n").delimiters.segment, read("~\nGS*1\n").delimiters.segment),
            (b'\n', b'\n')
        );
    }

    #[test]
    fn line_ends_and_missing_padding_in_the_header_do_not_matter() {
        let found = layout(b"ISA*00* *00* *ZZ*A *ZZ*B *060814*213\n5*U*00401*702351422*0*P*>\nGS*")
            .expect("a header");

        assert!(found.wrapped);
        assert_eq!((found.delimiters.segment, found.elements[9].as_slice()), (b'\n', b"2135".as_slice()));
    }

    #[test]
    fn separators_that_occur_in_data_are_refused() {
        let fault = |ending: &str| read(ending).delimiters.fault().map(|(code, _)| code);

        assert_eq!(fault("> GS*PO"), Some(ProblemCode::SegmentTerminatorInvalid));
        assert_eq!(fault("X~GS*PO"), Some(ProblemCode::ComponentSeparatorInvalid));
        assert_eq!(fault("**GS*PO"), Some(ProblemCode::SegmentTerminatorInvalid));
        assert_eq!(fault("\u{1e}\u{1d}GS*PO"), None);
    }

    #[test]
    fn a_cut_header_is_none() {
        for length in 0..ISA.len() {
            assert_eq!(layout(&ISA.as_bytes()[..length]), None, "{length} bytes");
        }
    }
}
