//! What the tests of both syntaxes share: a source of choices, and two ways to compare.

/// A source of choices that proptest shrinks.
pub(crate) struct Choices {
    bytes: Vec<u8>,
    at: usize,
}

impl Choices {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % limit.max(1)
    }

    pub(crate) fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    /// Text of one to `most` signs, no blanks around it.
    pub(crate) fn text(&mut self, most: usize, signs: &[&str]) -> String {
        let length = 1 + self.below(most.min(12));
        let text: String = (0..length).map(|_| self.one_of(signs)).collect();
        let text = text.trim().to_owned();
        if text.is_empty() { "Z".into() } else { text }
    }

    /// A number of one to `most` digits, sometimes with two decimals.
    pub(crate) fn number(&mut self, most: usize, whole: bool) -> String {
        let digits = 1 + self.below(most.min(9));
        let number: String =
            (0..digits).map(|_| char::from(b'1' + u8::try_from(self.below(9)).expect("small"))).collect();
        if !whole && digits > 2 && self.below(2) == 0 {
            format!("{}.{}", &number[..digits - 2], &number[digits - 2..])
        } else {
            number
        }
    }
}

/// Where something stands is no part of what it says.
pub(crate) fn without_places(message: &impl std::fmt::Debug) -> String {
    let text = format!("{message:?}");
    let mut pieces = text.split("Place {");
    let mut rest = String::from(pieces.next().unwrap_or_default());
    for piece in pieces {
        rest.push_str(piece.split_once('}').map_or("", |(_, rest)| rest));
    }
    rest
}

/// The first segment that differs, with what is around it.
pub(crate) fn difference(one: &[u8], other: &[u8]) -> Option<(usize, String, String)> {
    let segments = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes)
            .split_inclusive(['\'', '~'])
            .map(str::to_owned)
            .collect::<Vec<String>>()
    };
    let (one, other) = (segments(one), segments(other));
    let at = (0..one.len().max(other.len())).find(|at| one.get(*at) != other.get(*at))?;
    let around =
        |all: &[String]| all[at.saturating_sub(3).min(all.len())..].iter().take(6).cloned().collect();
    Some((at, around(&one), around(&other)))
}
