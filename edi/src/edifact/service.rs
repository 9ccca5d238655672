//! The service characters of an interchange, from its UNA or from custom.

use memchr::memchr;

use crate::passing::is_line_end;

/// More than a UNA and a UNB can need.
pub(super) const WINDOW: usize = 512;

/// The characters that cut an interchange into segments, elements and components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceCharacters {
    /// Between the components of an element.
    pub component: u8,
    /// After each element.
    pub element: u8,
    /// The decimal mark; numbers are read with `.` and with `,` whatever it is.
    pub decimal: u8,
    /// Takes its meaning from the character that follows; none if it is a blank.
    pub release: Option<u8>,
    /// Between repetitions, where the UNA names one.
    pub repetition: Option<u8>,
    /// After each segment.
    pub segment: u8,
}

impl Default for ServiceCharacters {
    fn default() -> Self {
        Self::CUSTOMARY
    }
}

/// How the service characters were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Found {
    /// Bytes of the UNA and the line ends after it; 0 without one.
    pub(super) length: usize,
    /// The UNA has five characters instead of six.
    pub(super) short: bool,
    /// There is no UNA, and the characters are not the customary ones.
    pub(super) assumed: bool,
}

impl ServiceCharacters {
    /// `:+.? '`
    pub const CUSTOMARY: Self = Self {
        component: b':',
        element: b'+',
        decimal: b'.',
        release: Some(b'?'),
        repetition: None,
        segment: b'\'',
    };
    /// What level B uses without a UNA: the information separators of ASCII.
    const LEVEL_B: Self = Self {
        component: 0x1F,
        element: 0x1D,
        decimal: b',',
        release: None,
        repetition: None,
        segment: 0x1C,
    };

    /// Whether a line end is nothing but layout in this interchange.
    pub(super) fn ignores_lines(self) -> bool {
        !is_line_end(self.segment)
    }

    /// Whether a character has a use in the syntax.
    pub(super) fn contains(self, byte: u8) -> bool {
        [self.component, self.element, self.segment].contains(&byte)
            || self.release == Some(byte)
            || self.repetition == Some(byte)
    }

    /// The first character that cannot do its work.
    pub(super) fn fault(self) -> Option<String> {
        let named = [
            ("component separator", Some(self.component)),
            ("element separator", Some(self.element)),
            ("release character", self.release),
            ("repetition separator", self.repetition),
            ("segment terminator", Some(self.segment)),
        ];
        for (at, (name, byte)) in named.iter().enumerate() {
            let Some(byte) = byte else { continue };
            let twice = named.iter().take(at).any(|(_, other)| other == &Some(*byte));
            let line = is_line_end(*byte) && *name != "segment terminator";
            if byte.is_ascii_alphanumeric() || *byte == b' ' || !byte.is_ascii() || line || twice {
                return Some(format!(
                    "The {name} '{}' stands in data or has another use",
                    byte.escape_ascii()
                ));
            }
        }
        None
    }

    /// Reads a UNA, or tells from the first segments what was used without one.
    pub(super) fn find(window: &[u8]) -> (Self, Found) {
        match window.strip_prefix(b"UNA") {
            Some(advice) => Self::advised(advice).unwrap_or((Self::CUSTOMARY, Found::default())),
            None => Self::assumed(window),
        }
    }

    fn advised(advice: &[u8]) -> Option<(Self, Found)> {
        let [component, element, decimal, release, reserved] = *advice.first_chunk::<5>()?;
        let follows = |at: usize| {
            let rest = advice.get(at..).unwrap_or_default();
            let lines = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            rest.get(lines..).is_some_and(|rest| rest.starts_with(b"UNB")).then_some(3 + at + lines)
        };
        let sixth = advice.get(5).copied();
        // Five characters: what should be reserved ends segments, and a line end or the UNB comes next.
        let short = !matches!(reserved, b' ' | b'*') && matches!(sixth, Some(b'U' | b'\r' | b'\n'));
        let (segment, length) = match follows(5).filter(|_| short) {
            Some(length) => (reserved, length),
            None => (sixth?, follows(6).unwrap_or(9)),
        };
        let short = short && segment == reserved;
        let some = |byte: u8| Some(byte).filter(|byte| *byte != b' ');
        let repetition = some(reserved).filter(|byte| !short && *byte != segment);
        let service = Self { component, element, decimal, release: some(release), repetition, segment };
        Some((service, Found { length, short, assumed: false }))
    }

    fn assumed(window: &[u8]) -> (Self, Found) {
        let assumed = Found { assumed: true, ..Found::default() };
        match window.get(3) {
            Some(0x1D) => return (Self::LEVEL_B, assumed),
            Some(b'+') => {}
            _ => return (Self::CUSTOMARY, Found::default()),
        }
        let mut lines = window.split(|byte| *byte == b'\n');
        let first = lines.next().unwrap_or_default();
        let second = lines.next().unwrap_or_default();
        if !first.contains(&b'\'') && second.starts_with(b"UN") {
            return (Self { segment: b'\n', ..Self::CUSTOMARY }, assumed);
        }
        (Self::CUSTOMARY, Found::default())
    }
}

/// Whether an interchange may start here.
pub(super) fn looks_like_start(window: &[u8]) -> bool {
    let separates = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric() && *byte != b' ')
    };
    match window.split_first_chunk::<3>() {
        Some((b"UNB", rest)) => separates(rest.first()) && !rest.first().is_some_and(|b| is_line_end(*b)),
        Some((b"UNA", rest)) => separates(rest.first()) && separates(rest.get(1)),
        _ => false,
    }
}

/// The pieces of `bytes` between separators that no release character takes the meaning from.
#[derive(Debug, Clone)]
pub(super) struct Pieces<'a> {
    rest: Option<&'a [u8]>,
    separator: u8,
    release: Option<u8>,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(bytes: &'a [u8], separator: u8, release: Option<u8>) -> Self {
        let release = release.filter(|release| memchr(*release, bytes).is_some());
        Self { rest: Some(bytes), separator, release }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let mut released = false;
        let end = rest.iter().position(|byte| match self.release {
            None => *byte == self.separator,
            Some(_) if released => {
                released = false;
                false
            }
            Some(release) => {
                released = *byte == release;
                !released && *byte == self.separator
            }
        });
        let Some(end) = end else { return self.rest.take() };
        self.rest = rest.get(end + 1..);
        rest.get(..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_una_is_read_with_six_characters_and_with_five() {
        let (service, found) = ServiceCharacters::find(b"UNA:+.? 'UNB+UNOA:1");
        assert_eq!((service, found.length, found.short), (ServiceCharacters::CUSTOMARY, 9, false));

        let (service, found) = ServiceCharacters::find(b"UNA:+.?'\r\nUNB+UNOA:1");
        assert_eq!((service.segment, found.length, found.short), (b'\'', 10, true));

        let (service, found) = ServiceCharacters::find(b"UNA:+.?'UNB+UNOA:1");
        assert_eq!((service.segment, found.length, found.short), (b'\'', 8, true));

        let (service, found) = ServiceCharacters::find(b"UNA:+.? \nUNB+UNOA:1");
        assert_eq!((service.segment, found.length, found.short), (b'\n', 9, false));

        let (service, found) = ServiceCharacters::find(b"UNA:+.?*'UNB+UNOA:4");
        assert_eq!((service.repetition, service.segment, found.short), (Some(b'*'), b'\'', false));
    }

    #[test]
    fn without_a_una_the_first_line_tells() {
        let found = |bytes: &[u8]| {
            let (service, found) = ServiceCharacters::find(bytes);
            (service.segment, found.assumed)
        };
        assert_eq!(found(b"UNB+UNOA:1+A+B'\nUNH+1'"), (b'\'', false));
        assert_eq!(found(b"UNB+UNOA:1+A+B\nUNH+1\n"), (b'\n', true));
        assert_eq!(found(b"UNB\x1dUNOB\x1f1\x1c"), (0x1C, true));
    }

    #[test]
    fn characters_with_two_uses_are_refused() {
        assert_eq!(ServiceCharacters::CUSTOMARY.fault(), None);
        assert!(ServiceCharacters { segment: b'+', ..ServiceCharacters::CUSTOMARY }.fault().is_some());
        assert!(ServiceCharacters { release: Some(b'A'), ..ServiceCharacters::CUSTOMARY }.fault().is_some());
    }

    #[test]
    fn a_released_separator_separates_nothing() {
        let pieces: Vec<&[u8]> = Pieces::new(b"a?+b+c??+d?", b'+', Some(b'?')).collect();
        assert_eq!(pieces, [&b"a?+b"[..], b"c??", b"d?"]);
    }
}
