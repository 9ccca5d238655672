//! Which passwords are good enough.
//!
//! Length is what counts (NIST SP 800-63B-4); there is no rule about digits or signs. A short list keeps out
//! the long passwords everybody tries first.
use quayside_canonical::{Field, Problems};
use unicode_normalization::UnicodeNormalization;

use super::Secret;

const MIN_CHARS: usize = 15;
const MAX_CHARS: usize = 128;
const MAX_BYTES: usize = 1_024;

/// Shorter mail names are parts of ordinary words.
const MIN_MAIL_NAME: usize = 4;

/// Passwords of 15 characters and more that are among the first to be tried, in small letters, one a line.
const COMMON: &str = include_str!("common_passwords.txt");

/// The text that is hashed: composed, because keyboards differ in how they type an accent, otherwise as typed.
/// Longer than any password may be, it is no password, and nothing is spent on it.
pub(super) fn normalised(password: &Secret) -> String {
    let typed = password.expose();
    if typed.len() > MAX_BYTES { String::new() } else { typed.nfc().collect() }
}

/// Everything that is wrong with `password` as the password of `email`.
#[must_use]
pub fn check(password: &Secret, email: &str) -> Problems {
    let field = Field::root().at("password");
    let mut problems = Problems::new();
    if password.expose().len() > MAX_BYTES {
        problems.add("PASSWORD_TOO_LONG", &field, format!("at most {MAX_CHARS} characters, please"));
        return problems;
    }
    let text = normalised(password);
    let chars = text.chars().count();
    if chars < MIN_CHARS {
        problems.add(
            "PASSWORD_TOO_SHORT",
            &field,
            format!("at least {MIN_CHARS} characters, please: a few words do"),
        );
    }
    if chars > MAX_CHARS {
        problems.add("PASSWORD_TOO_LONG", &field, format!("at most {MAX_CHARS} characters, please"));
    }
    let text = text.to_lowercase();
    if COMMON.lines().any(|common| common == text) || is_one_thing_again_and_again(&text) {
        problems.add("PASSWORD_COMMON", &field, "this is one of the first passwords anybody would try");
    }
    let mail_name = email.split('@').next().unwrap_or_default().trim().to_lowercase();
    if mail_name.chars().count() >= MIN_MAIL_NAME && text.contains(&mail_name) {
        problems.add("PASSWORD_CONTAINS_NAME", &field, "it must not contain the name in the mail address");
    }
    problems
}

/// `aaaaaaaaaaaaaaaa`, `abcabcabcabcabcabc`: as guessable as the part that comes back.
fn is_one_thing_again_and_again(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=4).any(|length| {
        chars.len() > length && chars.iter().skip(length).eq(chars.iter().take(chars.len() - length))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(password: &str) -> Vec<String> {
        let problems = check(&Secret::new(password), "Erin.Kowalski@example.test");
        problems.into_vec().into_iter().map(|problem| problem.code).collect()
    }

    #[test]
    fn a_few_words_are_a_good_password() {
        for good in ["plain words only", "ключ под ковриком", "15 characters !", &"long enough ".repeat(10)]
        {
            assert!(codes(good).is_empty(), "{good}: {:?}", codes(good));
        }
    }

    #[test]
    fn each_rule_is_told_and_all_at_once() {
        let table: &[(&str, &[&str])] = &[
            ("fourteen chars", &["PASSWORD_TOO_SHORT"]),
            (&"long words ".repeat(12), &["PASSWORD_TOO_LONG"]),
            (&"é".repeat(600), &["PASSWORD_TOO_LONG"]),
            ("PasswordPassword", &["PASSWORD_COMMON"]),
            ("123456789012345", &["PASSWORD_COMMON"]),
            ("aaaaaaaaaaaaaaaa", &["PASSWORD_COMMON"]),
            ("abcABCabcABCabcA", &["PASSWORD_COMMON"]),
            ("i am ERIN.kowalski today", &["PASSWORD_CONTAINS_NAME"]),
            ("erin.kowalski", &["PASSWORD_TOO_SHORT", "PASSWORD_CONTAINS_NAME"]),
            ("", &["PASSWORD_TOO_SHORT"]),
        ];
        for (password, expected) in table {
            assert_eq!(codes(password), *expected, "{password}");
        }
    }

    #[test]
    fn the_list_holds_only_what_the_length_lets_through() {
        for common in COMMON.lines() {
            assert!(common.chars().count() >= MIN_CHARS, "{common} is too short to be typed here");
            assert_eq!(common, common.to_lowercase());
        }
    }

    #[test]
    fn a_composed_accent_counts_once() {
        assert_eq!(
            codes(&format!("{}x", "e\u{301}".repeat(13))),
            ["PASSWORD_TOO_SHORT", "PASSWORD_COMMON"][..1]
        );
    }
}
