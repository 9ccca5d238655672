//! What a line of text becomes on paper: which characters can be shown, how wide they are, and how a line that is
//! too long is made to fit.
use unicode_normalization::UnicodeNormalization;

/// Widths in thousandths of the font size, for the codes 32 to 255 of WinAnsi: of Helvetica or Helvetica Bold,
/// whichever is wider, so that one table serves both. Font 0 of label printers is narrower still.
const WIDTHS: [u32; 224] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 1015, 722, 722, 722, 722, 667, 611, 778, 722, 278,
    556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584,
    556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556,
    333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584, 350, 556, 350, 278, 556, 500, 1000, 556, 556, 333,
    1000, 667, 333, 1000, 350, 611, 350, 350, 278, 278, 500, 500, 350, 556, 1000, 333, 1000, 556, 333, 944,
    350, 500, 667, 278, 333, 556, 556, 556, 556, 280, 556, 333, 737, 370, 556, 584, 333, 737, 333, 400, 584,
    333, 333, 333, 611, 556, 278, 333, 333, 365, 556, 834, 834, 834, 611, 722, 722, 722, 722, 722, 722, 1000,
    722, 667, 667, 667, 667, 278, 278, 278, 278, 722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722,
    722, 667, 667, 611, 556, 556, 556, 556, 556, 556, 889, 556, 556, 556, 556, 556, 278, 278, 278, 278, 611,
    611, 611, 611, 611, 611, 611, 584, 611, 611, 611, 611, 611, 556, 611, 556,
];

/// A character wider than any in the table, for what it does not know.
const WIDEST: u32 = 1_015;

/// The codes 128 to 159 of WinAnsi; the rest are those of Latin-1.
const WINDOWS: &[(u8, char)] = &[
    (0x80, '\u{20ac}'),
    (0x82, '\u{201a}'),
    (0x83, '\u{192}'),
    (0x84, '\u{201e}'),
    (0x85, '\u{2026}'),
    (0x86, '\u{2020}'),
    (0x87, '\u{2021}'),
    (0x88, '\u{2c6}'),
    (0x89, '\u{2030}'),
    (0x8a, '\u{160}'),
    (0x8b, '\u{2039}'),
    (0x8c, '\u{152}'),
    (0x8e, '\u{17d}'),
    (0x91, '\u{2018}'),
    (0x92, '\u{2019}'),
    (0x93, '\u{201c}'),
    (0x94, '\u{201d}'),
    (0x95, '\u{2022}'),
    (0x96, '\u{2013}'),
    (0x97, '\u{2014}'),
    (0x98, '\u{2dc}'),
    (0x99, '\u{2122}'),
    (0x9a, '\u{161}'),
    (0x9b, '\u{203a}'),
    (0x9c, '\u{153}'),
    (0x9e, '\u{17e}'),
    (0x9f, '\u{178}'),
];

/// Letters of European addresses that do not fall apart into a plain letter and a mark.
const PLAIN: &[(char, u8)] = &[
    ('\u{110}', b'D'),
    ('\u{111}', b'd'),
    ('\u{126}', b'H'),
    ('\u{127}', b'h'),
    ('\u{131}', b'i'),
    ('\u{141}', b'L'),
    ('\u{142}', b'l'),
];

/// The text in the encoding of the PDF fonts. A letter they lack loses its marks; what has no plain letter either
/// is shown as a question mark.
pub(crate) fn winansi(text: &str) -> Vec<u8> {
    text.nfc().flat_map(shown).collect()
}

fn shown(char: char) -> Vec<u8> {
    if let Some(code) = code(char) {
        return vec![code];
    }
    if let Some((_, plain)) = PLAIN.iter().find(|(letter, _)| *letter == char) {
        return vec![*plain];
    }
    let plain: Vec<u8> = std::iter::once(char).nfkd().filter_map(code).collect();
    if plain.is_empty() { vec![b'?'] } else { plain }
}

fn code(char: char) -> Option<u8> {
    match u8::try_from(char) {
        Ok(code @ (0x20..=0x7e | 0xa0..=0xff)) => Some(code),
        _ => WINDOWS.iter().find(|(_, shown)| *shown == char).map(|(code, _)| *code),
    }
}

/// One line: a line break or another control character becomes a space, runs of them one space.
pub(crate) fn line(text: &str) -> String {
    let text = text.replace(char::is_control, " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An upper bound of how wide the text is at that size.
pub(crate) fn width(text: &str, size: u32) -> u32 {
    let width = (thousandths(text) * u64::from(size)).div_ceil(1_000);
    u32::try_from(width).unwrap_or(u32::MAX)
}

fn thousandths(text: &str) -> u64 {
    text.chars().map(|char| u64::from(thousandths_of(char))).sum()
}

fn thousandths_of(char: char) -> u32 {
    let index = code(char).and_then(|code| usize::from(code).checked_sub(32));
    index.and_then(|index| WIDTHS.get(index)).copied().unwrap_or(WIDEST)
}

/// The text and the size at which it is no wider than `most`: smaller by up to three tenths, then cut.
pub(crate) fn fit(text: &str, size: u32, most: u32) -> (String, u32) {
    let text = line(text);
    let room = u64::from(most) * 1_000;
    let fitting = room.checked_div(thousandths(&text)).and_then(|size| u32::try_from(size).ok());
    let smaller = size.min(fitting.unwrap_or(u32::MAX));
    let least = (size * 7).div_ceil(10);
    if smaller >= least {
        return (text, smaller);
    }
    let mut room = (room / u64::from(least)).saturating_sub(thousandths("..."));
    let mut cut = String::new();
    for char in text.chars() {
        let Some(rest) = room.checked_sub(u64::from(thousandths_of(char))) else {
            break;
        };
        room = rest;
        cut.push(char);
    }
    (format!("{}...", cut.trim_end()), least)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_letter_the_font_lacks_loses_its_marks_before_it_becomes_a_question_mark() {
        assert_eq!(winansi("Łódź Straße 5 €"), b"L\xf3dz Stra\xdfe 5 \x80");
        assert_eq!(winansi("e\u{301}"), b"\xe9", "a mark of its own joins its letter");
        assert_eq!(winansi("上海 ﬁ"), b"?? fi");
    }

    #[test]
    fn a_long_line_is_shrunk_and_then_cut() {
        assert_eq!(fit("short", 100, 1_000), ("short".to_owned(), 100));
        assert_eq!(fit("two\nlines\t", 100, 1_000), ("two lines".to_owned(), 100));
        assert_eq!(fit("0000000000", 100, 500), ("0000000000".to_owned(), 89));
        assert_eq!(fit(&"0".repeat(99), 100, 500).0, "00000000000...");
    }

    proptest! {
        #[test]
        fn what_was_made_to_fit_fits(text in any::<String>(), size in 10..5_000_u32, most in 100..90_000_u32) {
            prop_assume!(width("...", (size * 7).div_ceil(10)) <= most);
            let (text, size) = fit(&text, size, most);
            prop_assert!(width(&text, size) <= most);
        }
    }
}
