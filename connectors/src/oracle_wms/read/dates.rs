//! Days and times as sites write them: in three ways, mostly without a zone, sometimes with a midnight that nobody
//! meant.
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _};
use chrono_tz::Tz;

const DAYS: [&str; 3] = ["%Y-%m-%d", "%Y%m%d", "%d/%m/%Y"];
const TIMES: [&str; 5] =
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M:%S"];

/// A day, with or without a time behind it.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let written = DAYS.iter().find_map(|format| NaiveDate::parse_from_str(text, format).ok());
    written.or_else(|| {
        TIMES.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok()).map(|at| at.date())
    })
}

/// A moment, as RFC 3339 in UTC. Without an offset it is by the facility's clock; an hour that happens twice is the
/// first, one that does not happen is none.
pub(super) fn moment(text: &str, zone: Tz) -> Option<String> {
    let exact = DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    let local = || {
        let at = TIMES.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
        let at = at.or_else(|| day(text).map(|day| day.and_time(NaiveTime::MIN)))?;
        Some(zone.from_local_datetime(&at).earliest()?.to_utc())
    };
    exact.or_else(local).map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_every_form_that_is_seen() {
        for text in ["2026-10-05", "20261005", "05/10/2026", "20261005000000", "2026-10-05T00:00:00"] {
            assert_eq!(day(text), NaiveDate::from_ymd_opt(2026, 10, 5), "{text}");
        }
        for text in ["", "soon", "2026-13-05", "5.10.2026"] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_by_the_clock_of_the_facility() {
        let zone = chrono_tz::Europe::Berlin;
        for (text, expected) in [
            ("2026-10-05T08:59:41", "2026-10-05T06:59:41Z"),
            ("2026-12-05 08:59:41", "2026-12-05T07:59:41Z"),
            ("20261005085941", "2026-10-05T06:59:41Z"),
            ("2026-10-05T08:59:41+05:30", "2026-10-05T03:29:41Z"),
            ("20261005", "2026-10-04T22:00:00Z"),
            ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"), // it happens twice
        ] {
            assert_eq!(moment(text, zone).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(moment("2026-03-29T02:30:00", zone), None, "an hour that does not happen");
        assert_eq!(moment("yesterday", zone), None);
    }
}
