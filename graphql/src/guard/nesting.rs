//! How deep brackets nest, read from raw bytes: the parser recurses once per bracket, so this must be known before it
//! runs.

/// Whether more than `limit` brackets are ever open at once.
///
/// Brackets inside strings and comments do not count. Where the text is not GraphQL this may count too many, never too
/// few: a string ends at the line's end here, as it must in the grammar.
pub(super) fn exceeds(text: &str, limit: usize) -> bool {
    let bytes = text.as_bytes();
    let mut open = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' | b'(' => {
                open += 1;
                if open > limit {
                    return true;
                }
            }
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            b'#' => at = end_of_line(bytes, at),
            b'"' if bytes[at..].starts_with(b"\"\"\"") => at = end_of_block(bytes, at + 3),
            b'"' => at = end_of_string(bytes, at + 1),
            _ => {}
        }
        at += 1;
    }
    false
}

fn end_of_line(bytes: &[u8], from: usize) -> usize {
    let length = bytes[from..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    length.map_or(bytes.len(), |length| from + length)
}

fn end_of_string(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' | b'\n' | b'\r' => return at,
            b'\\' if matches!(bytes.get(at + 1), Some(b'"' | b'\\')) => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn end_of_block(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if bytes[at..].starts_with(b"\"\"\"") {
            return at + 2;
        } else {
            at += 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::exceeds;

    #[test]
    fn brackets_count_while_they_are_open() {
        assert!(!exceeds("{ a(b: [1]) { c } }", 3));
        assert!(exceeds("{ a(b: [1]) { c } }", 2));
        assert!(!exceeds(&"{}".repeat(1000), 1));
    }

    #[test]
    fn strings_and_comments_do_not_count() {
        assert!(!exceeds(r#"{ a(b: "[[[[ \" {{{{") }"#, 2));
        assert!(!exceeds("{ a # {{{{{{\n }", 1));
        assert!(!exceeds(r#"{ a(b: """[[[ " \""" {{{""") }"#, 2));
    }

    #[test]
    fn an_open_string_hides_nothing_on_the_next_line() {
        assert!(exceeds("\"\n{{{{", 3));
        assert!(exceeds("# \" comment\r{{{{", 3));
        assert!(exceeds("\"\\\n{{{{", 2), "an escaped line end is no string either");
    }
}
