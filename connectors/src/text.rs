//! Other people's text made fit to store and to show: printable and bounded.

/// Keeps at most `limit` bytes, and marks a cut. Control characters, NUL among them (PostgreSQL cannot
/// store it), become `U+FFFD`; line ends and tabs stay.
pub(crate) fn printable(text: &str, limit: usize) -> String {
    const CUT: &str = "…";
    let mut out = String::new();
    for character in text.chars() {
        let shown = match character {
            '\n' | '\t' => character,
            other if other.is_control() => char::REPLACEMENT_CHARACTER,
            other => other,
        };
        if out.len() + shown.len_utf8() > limit {
            while out.len() + CUT.len() > limit && out.pop().is_some() {}
            out.push_str(CUT);
            break;
        }
        out.push(shown);
    }
    out
}

/// [`printable`] on one line: for codes and messages.
pub(crate) fn one_line(text: &str, limit: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    printable(&words.join(" "), limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_never_exceeds_the_limit_nor_splits_a_character() {
        for limit in 3..20 {
            let cut = printable("äöü 漢字 and more words", limit);
            assert!(cut.len() <= limit, "{cut:?} is longer than {limit}");
            assert!(cut.ends_with('…'));
        }
        assert_eq!(printable("short", 5), "short");
    }

    #[test]
    fn control_characters_do_not_survive() {
        assert_eq!(printable("a\0b\x1b[31m\r\nc", 99), "a\u{fffd}b\u{fffd}[31m\u{fffd}\nc");
        assert_eq!(one_line(" a\r\n  b\tc ", 99), "a b c");
    }
}
