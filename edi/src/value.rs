//! Element values: text, numbers, dates and times, exactly as the standard writes them.

use chrono::{NaiveDate, NaiveTime, Timelike};
use rust_decimal::Decimal;

/// Why a number was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberFault {
    Invalid,
    TooLong,
}

/// Text without padding, and whether it was UTF-8. Otherwise each byte is a Latin-1 character, so
/// nothing is lost.
pub(crate) fn text(raw: &[u8]) -> (String, bool) {
    match std::str::from_utf8(raw) {
        Ok(text) => (trimmed(text).to_owned(), true),
        Err(_) => (raw.iter().map(|byte| char::from(*byte)).collect::<String>().trim().to_owned(), false),
    }
}

/// Text without padding. Most has none, which two bytes tell.
pub(crate) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [only] if only.is_ascii_graphic() => text,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// A type R or N0 number: sign, digits, one point. No exponent, no thousands mark.
pub(crate) fn decimal(raw: &[u8], max_digits: usize) -> Result<Decimal, NumberFault> {
    let raw = raw.trim_ascii();
    let unsigned = raw.strip_prefix(b"-").unwrap_or(raw);
    let digits = unsigned.iter().filter(|byte| byte.is_ascii_digit()).count();
    let points = unsigned.iter().filter(|byte| **byte == b'.').count();
    if digits == 0 || points > 1 || digits + points != unsigned.len() {
        return Err(NumberFault::Invalid);
    }
    if digits > max_digits {
        return Err(NumberFault::TooLong);
    }
    let text = std::str::from_utf8(raw).map_err(|_| NumberFault::Invalid)?;
    Decimal::from_str_exact(text).map_err(|_| NumberFault::TooLong)
}

/// A count or control number made of digits only.
pub(crate) fn integer(raw: &[u8]) -> Option<u64> {
    let raw = raw.trim_ascii();
    if raw.is_empty() || !raw.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(raw).ok()?.parse().ok()
}

/// A date of eight digits, or of six with the century assumed (`true`).
pub(crate) fn date(raw: &[u8]) -> Option<(NaiveDate, bool)> {
    let raw = raw.trim_ascii();
    let number = integer(raw).and_then(|number| u32::try_from(number).ok())?;
    let (month, day) = (number / 100 % 100, number % 100);
    let year = i32::try_from(number / 10_000).ok()?;
    let (year, short) = match (raw.len(), year) {
        (8, year) => (year, false),
        (6, year) if year >= 70 => (1900 + year, true),
        (6, year) => (2000 + year, true),
        _ => return None,
    };
    Some((NaiveDate::from_ymd_opt(year, month, day)?, short))
}

/// A time of the form `HHMM`, `HHMMSS`, `HHMMSSD` or `HHMMSSDD`.
pub(crate) fn time(raw: &[u8]) -> Option<NaiveTime> {
    let raw = raw.trim_ascii();
    let number = integer(raw).and_then(|number| u32::try_from(number).ok())?;
    let (hms, hundredths) = match raw.len() {
        4 => (number * 100, 0),
        6 => (number, 0),
        7 => (number / 10, number % 10 * 10),
        8 => (number / 100, number % 100),
        _ => return None,
    };
    NaiveTime::from_hms_milli_opt(hms / 10_000, hms / 100 % 100, hms % 100, hundredths * 10)
}

/// A time as it is written: no longer than it must be.
pub(crate) fn written_time(time: NaiveTime) -> String {
    let hundredths = time.nanosecond() / 10_000_000;
    match (time.second(), hundredths) {
        (0, 0) => time.format("%H%M").to_string(),
        (_, 0) => time.format("%H%M%S").to_string(),
        _ => format!("{}{hundredths:02}", time.format("%H%M%S")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_and_strict() {
        assert_eq!(decimal(b"-012.50", 18).map(|n| n.to_string()), Ok("-12.50".into()));
        assert_eq!(decimal(b".5", 18).map(|n| n.to_string()), Ok("0.5".into()));
        for wrong in
            [&b"1E9"[..], b"1.2.3", b"NaN", b"1,000", b"+1", b"-", b".", b"", b"1-", b"\xd9\xa3", b"1_0"]
        {
            assert_eq!(decimal(wrong, 18), Err(NumberFault::Invalid), "{}", wrong.escape_ascii());
        }
        assert_eq!(decimal(b"1234567890123456789", 18), Err(NumberFault::TooLong));
        assert_eq!(decimal(&[b'9'; 60], 100), Err(NumberFault::TooLong), "a limit set too high is no panic");
    }

    #[test]
    fn dates_are_in_the_calendar() {
        assert_eq!(date(b"20260228"), NaiveDate::from_ymd_opt(2026, 2, 28).map(|date| (date, false)));
        assert_eq!(date(b"971107"), NaiveDate::from_ymd_opt(1997, 11, 7).map(|date| (date, true)));
        assert_eq!(date(b"260901"), NaiveDate::from_ymd_opt(2026, 9, 1).map(|date| (date, true)));
        for wrong in [&b"20260229"[..], b"20261301", b"2026-9-1", b"01", b"", b"99999999999"] {
            assert_eq!(date(wrong), None, "{}", wrong.escape_ascii());
        }
    }

    #[test]
    fn times_have_four_to_eight_digits() {
        assert_eq!(time(b"1230"), NaiveTime::from_hms_opt(12, 30, 0));
        assert_eq!(time(b"12304599"), NaiveTime::from_hms_milli_opt(12, 30, 45, 990));
        for wrong in [&b"2460"[..], b"12345", b"noon", b"9999999999"] {
            assert_eq!(time(wrong), None, "{}", wrong.escape_ascii());
        }
    }

    #[test]
    fn latin_1_is_read_and_reported() {
        assert_eq!(text(b" M\xfcnchen "), ("München".into(), false));
        assert_eq!(text("München".as_bytes()), ("München".into(), true));
    }
}
