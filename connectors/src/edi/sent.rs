//! When a message was sent, by the sender's own envelope.
use chrono::{NaiveDate, NaiveTime};
use quayside_canonical::Timestamp;
use quayside_edi::{edifact::RawMessage, x12::TransactionSet};

/// The envelope around a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// GS04 and GS05, or ISA09 and ISA10; S004 of UNB. There is no time zone there: they are read as UTC.
    pub at: Timestamp,
    /// A name for the message that sorts by time: what has no count of its own is called by it.
    pub stamp: String,
}

impl Sent {
    /// The envelope of `set`.
    #[must_use]
    pub fn of(set: &TransactionSet) -> Self {
        let group = set.group.as_deref();
        let (day, time) = match group.and_then(|group| Some((group.date?, group.time))) {
            Some(found) => found,
            None => (interchange_day(set).unwrap_or_default(), None),
        };
        let time = time.unwrap_or(NaiveTime::MIN);
        let group = group.map_or("", |group| group.control_number.as_str());
        let set_number = set.control.set.as_deref().unwrap_or_default();
        let stamp =
            format!("{}T{}-{group:0>9}-{set_number:0>9}", day.format("%Y%m%d"), time.format("%H%M%S"));
        Self { at: moment(day, time), stamp }
    }

    /// The envelope of an EDIFACT message.
    #[must_use]
    pub fn of_message(message: &RawMessage) -> Self {
        let unb = message.interchange.as_deref();
        let day = unb.and_then(|unb| written_day(&unb.date)).unwrap_or_default();
        let time = unb.and_then(|unb| written_time(&unb.time)).unwrap_or(NaiveTime::MIN);
        let interchange = unb.map_or("", |unb| unb.reference.as_str());
        let own = message.control.set.as_deref().unwrap_or_default();
        let (date, clock) = (day.format("%Y%m%d"), time.format("%H%M%S"));
        let stamp = format!("{date}T{clock}-{interchange:0>14}-{own:0>14}");
        Self { at: moment(day, time), stamp }
    }
}

/// Six digits, or eight from syntax version 4 on.
fn written_day(text: &str) -> Option<NaiveDate> {
    let full = if text.len() == 6 { format!("20{text}") } else { text.to_owned() };
    NaiveDate::parse_from_str(&full, "%Y%m%d").ok()
}

fn written_time(text: &str) -> Option<NaiveTime> {
    let full = if text.len() == 4 { format!("{text}00") } else { text.to_owned() };
    NaiveTime::parse_from_str(&full, "%H%M%S").ok()
}

/// Midnight at the beginning of a day, in UTC.
pub(super) fn start_of(day: NaiveDate) -> Timestamp {
    moment(day, NaiveTime::MIN)
}

pub(super) fn moment(day: NaiveDate, time: NaiveTime) -> Timestamp {
    Timestamp::from_micros(day.and_time(time).and_utc().timestamp_micros())
}

/// ISA09 has two digits of the year; it is only asked when GS04 cannot be read.
fn interchange_day(set: &TransactionSet) -> Option<NaiveDate> {
    let text = &set.interchange.as_ref()?.date;
    NaiveDate::parse_from_str(&format!("20{text}"), "%Y%m%d").ok()
}
