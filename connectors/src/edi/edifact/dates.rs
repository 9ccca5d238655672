//! DTM: days, times and periods in the formats of 2379.
use chrono::{FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use quayside_canonical::{Timestamp, order_change::Window};
use quayside_edi::{Place, edifact::messages::DateTime};

use super::{report::Report, sent::moment};

/// What a DTM says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct When {
    pub(super) day: NaiveDate,
    pub(super) time: Option<NaiveTime>,
    /// The last day of a period.
    pub(super) until: Option<NaiveDate>,
    /// A time zone that is no offset: the time is read as UTC.
    zone: Option<String>,
}

/// Reads a DTM. Weeks and months are no days.
pub(super) fn read(found: &DateTime) -> Option<When> {
    let text = found.text.as_ref()?.value.trim();
    let format = found.format.as_ref().map_or("", |format| format.value.as_str());
    let format = match (format, text.len()) {
        ("", 8) => "102",
        ("", 12) => "203",
        ("", 14) => "204",
        _ => format,
    };
    match format {
        "101" => day(text, "%y%m%d").map(whole_day),
        "102" => day(text, "%Y%m%d").map(whole_day),
        "201" => at(text, 10, "%y%m%d%H%M"),
        "203" => at(text, 12, "%Y%m%d%H%M"),
        "204" => at(text, 14, "%Y%m%d%H%M%S"),
        "303" => zoned(text, 12, "%Y%m%d%H%M"),
        "304" => zoned(text, 14, "%Y%m%d%H%M%S"),
        "718" => period(text, 8),
        "719" => period(text, 12),
        _ => None,
    }
}

fn day(text: &str, format: &str) -> Option<NaiveDate> {
    let digits = if format.starts_with("%y") { 6 } else { 8 };
    let all_digits = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    NaiveDate::parse_from_str(text, format).ok().filter(|_| all_digits)
}

const fn whole_day(day: NaiveDate) -> When {
    When { day, time: None, until: None, zone: None }
}

fn at(text: &str, digits: usize, format: &str) -> Option<When> {
    // Some write 24:00 for the end of a day.
    if let Some(start) = text.strip_suffix("2400").filter(|start| start.len() == 8) {
        let next = day(start, "%Y%m%d")?.succ_opt()?;
        return Some(When { time: Some(NaiveTime::MIN), ..whole_day(next) });
    }
    let all_digits = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    // Without seconds, chrono wants them.
    let (text, format) = match format.ends_with("%S") {
        true => (text.to_owned(), format.to_owned()),
        false => (format!("{text}00"), format!("{format}%S")),
    };
    let found = NaiveDateTime::parse_from_str(&text, &format).ok().filter(|_| all_digits)?;
    Some(When { time: Some(found.time()), ..whole_day(found.date()) })
}

/// A time with its zone behind it: an offset such as `+02`, or a name.
fn zoned(text: &str, digits: usize, format: &str) -> Option<When> {
    let (time, zone) = text.split_at_checked(digits)?;
    let found = at(time, digits, format)?;
    match offset(zone) {
        Some(offset) => {
            let local = NaiveDateTime::new(found.day, found.time?);
            let utc = local.checked_sub_signed(TimeDelta::seconds(i64::from(offset.local_minus_utc())))?;
            Some(When { time: Some(utc.time()), ..whole_day(utc.date()) })
        }
        None => Some(When { zone: Some(zone.to_owned()), ..found }),
    }
}

fn offset(zone: &str) -> Option<FixedOffset> {
    if matches!(zone, "" | "Z" | "UTC" | "GMT") {
        return FixedOffset::east_opt(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = &zone[1..];
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits, "0"),
        4 => digits.split_at(2),
        _ => return None,
    };
    let number = |text: &str| text.parse::<u16>().ok().map(i32::from);
    FixedOffset::east_opt(sign * (number(hours)? * 3_600 + number(minutes)? * 60))
}

/// A first and a last day, with or without a hyphen between.
fn period(text: &str, digits: usize) -> Option<When> {
    let (from, to) = match text.split_once('-') {
        Some(both) => both,
        None if text.len() == 2 * digits && text.is_ascii() => text.split_at(digits),
        None => return None,
    };
    let first =
        |text: &str| text.get(..8).filter(|_| text.len() == digits).and_then(|text| day(text, "%Y%m%d"));
    Some(When { until: Some(first(to)?), ..whole_day(first(from)?) })
}

/// Qualifiers of 2005 that tell when goods will be delivered, the best first.
const DELIVERY: &[&str] = &["67", "69", "17", "76", "2", "63", "64", "35", "132", "358", "359", "71", "74"];
/// Qualifiers that tell when they will be shipped.
const SHIPPING: &[&str] = &["79", "68", "10", "11", "37", "38"];

/// The promised day, by the first qualifier that has one. Of a period the last day is promised.
pub(super) fn promised(dates: &[&DateTime], report: &mut Report<'_>) -> Option<NaiveDate> {
    let with = |wanted: &[&str]| {
        wanted.iter().find_map(|qualifier| {
            let found = dates.iter().find(|date| date.qualifier.value == *qualifier)?;
            read(found).map(|when| (when.until.unwrap_or(when.day), place(found)))
        })
    };
    if let Some((day, _)) = with(DELIVERY) {
        return Some(day);
    }
    let (day, at) = with(SHIPPING)?;
    report.warn(at, "SHIP_DATES_TAKEN", "this is a day of shipping; it was taken as the promised day");
    Some(day)
}

/// Whether a DTM tells when goods come.
pub(super) fn is_promise(date: &DateTime) -> bool {
    DELIVERY.contains(&date.qualifier.as_str()) || SHIPPING.contains(&date.qualifier.as_str())
}

fn place(date: &DateTime) -> Place {
    date.text.as_ref().map_or(date.qualifier.at, |text| text.at)
}

/// When goods are wanted. Days of delivery go before days of shipping; either way the last day is the later end of
/// the window, or the day that is asked for.
pub(super) fn window(dates: &[DateTime], report: &mut Report<'_>) -> Option<Window> {
    let delivery = of(dates, &["64", "358"], &["63", "359", "2"], report);
    let shipping = of(dates, &["37"], &["38", "10"], report);
    let found = if delivery.is_open() { shipping } else { delivery };
    if found.is_open() {
        return None;
    }
    let at = dates.iter().find(|date| is_promise(date)).map(place);
    if let Some(at) = at {
        if delivery.is_open() {
            let words = "only days of shipping are given; they were taken as the window";
            report.warn(at, "SHIP_DATES_TAKEN", words);
        }
        if found.from.zip(found.to).is_some_and(|(from, to)| from > to) {
            report.refuse(at, "INVALID_VALUE", "the window ends before it begins");
        }
    }
    Some(found)
}

fn of(dates: &[DateTime], first: &[&str], last: &[&str], report: &mut Report<'_>) -> Window {
    let mut period = None;
    let mut one = |qualifiers: &[&str]| {
        qualifiers.iter().find_map(|qualifier| {
            let when = only(dates, qualifier, report)?;
            if let Some(until) = when.until {
                period = period.or(Some((when.day, until)));
            }
            Some(when.until.unwrap_or(when.day))
        })
    };
    let window = Window { from: one(first), to: one(last) };
    match period {
        Some((from, until)) => Window { from: Some(from), to: Some(until) },
        None => window,
    }
}

/// The one day or period with this qualifier.
fn only(dates: &[DateTime], qualifier: &str, report: &mut Report<'_>) -> Option<When> {
    let mut found: Option<When> = None;
    for date in dates.iter().filter(|date| date.qualifier.value == qualifier) {
        match (read(date), &found) {
            (Some(when), Some(first)) if (when.day, when.until) != (first.day, first.until) => {
                let words = format!("date {qualifier} is {} and {}", first.day, when.day);
                report.refuse(place(date), "AMBIGUOUS_DATE", words);
            }
            (Some(when), _) => found = Some(when),
            (None, _) => {
                let words = format!("date {qualifier} is not a day; it was left out");
                report.warn(place(date), "DATE_LEFT_OUT", words);
            }
        }
    }
    found
}

/// The day with the first of the qualifiers that has one.
#[expect(clippy::needless_pass_by_value, reason = "an iterator that is looked through more than once")]
pub(super) fn day_of<'d>(
    dates: impl Iterator<Item = &'d DateTime> + Clone,
    qualifiers: &[&str],
) -> Option<NaiveDate> {
    qualifiers.iter().find_map(|wanted| {
        dates.clone().filter(|date| date.qualifier.value == *wanted).find_map(read).map(|when| when.day)
    })
}

/// The moment with the first of the qualifiers that has one. A time without offset is read as UTC.
#[expect(clippy::needless_pass_by_value, reason = "an iterator that is looked through more than once")]
pub(super) fn moment_of<'d>(
    dates: impl Iterator<Item = &'d DateTime> + Clone,
    qualifiers: &[&str],
    report: &mut Report<'_>,
) -> Option<Timestamp> {
    let (date, when) = qualifiers.iter().find_map(|wanted| {
        let mut with = dates.clone().filter(|date| date.qualifier.value == *wanted);
        with.find_map(|date| read(date).map(|when| (date, when)))
    })?;
    if let Some(zone) = &when.zone {
        let words = format!("the time is in {zone}; it was read as UTC");
        report.warn(place(date), "TIME_ZONE_LEFT_OUT", words);
    }
    Some(moment(when.day, when.time.unwrap_or(NaiveTime::MIN)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, format: &str) -> String {
        let date = DateTime {
            qualifier: "137".into(),
            text: Some(text.into()),
            format: (!format.is_empty()).then(|| format.into()),
            ..DateTime::default()
        };
        read(&date).map_or_else(String::new, |when| {
            let time = when.time.map(|time| format!(" {time}")).unwrap_or_default();
            let until = when.until.map(|until| format!(" to {until}")).unwrap_or_default();
            let zone = when.zone.map(|zone| format!(" {zone}")).unwrap_or_default();
            format!("{}{time}{until}{zone}", when.day)
        })
    }

    #[test]
    fn formats_are_read_as_2379_has_them() {
        for (text, format, expected) in [
            ("20260901", "102", "2026-09-01"),
            ("20260901", "", "2026-09-01"),
            ("260901", "101", "2026-09-01"),
            ("202609011530", "203", "2026-09-01 15:30:00"),
            ("20260901153059", "204", "2026-09-01 15:30:59"),
            ("202609010030+02", "303", "2026-08-31 22:30:00"),
            ("202609010030UTC", "303", "2026-09-01 00:30:00"),
            ("202609010030EST", "303", "2026-09-01 00:30:00 EST"),
            ("20260901003059-0530", "304", "2026-09-01 06:00:59"),
            ("2026090120260905", "718", "2026-09-01 to 2026-09-05"),
            ("20260901-20260905", "718", "2026-09-01 to 2026-09-05"),
            ("202609012400", "203", "2026-09-02 00:00:00"),
        ] {
            assert_eq!(shown(text, format), expected, "{text} as {format}");
        }
        for (text, format) in [
            ("202637", "616"),
            ("20260230", "102"),
            ("2026-9-1", "102"),
            ("20260901", "203"),
            ("é0260901", "718"),
        ] {
            assert_eq!(shown(text, format), "", "{text} as {format}");
        }
    }
}
