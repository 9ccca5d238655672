//! Envelopes of what an EDI supplier says.
use chrono::{DateTime, Utc};
use quayside_edi::x12::messages::{InterchangeAcknowledgment, Message};
use quayside_edi::x12::{GroupHeader, InterchangeHeader, Layout, WriteError, Writer, acknowledge};

use super::books::Buyer;

/// The group a message belongs to, GS01.
const fn group_of(message: &Message) -> &'static str {
    match message {
        Message::OrderAcknowledgment(_) => "PR",
        Message::OrderChangeAcknowledgment(_) => "CA",
        Message::ShipNotice(_) => "SH",
        _ => "FA",
    }
}

/// An interchange of one group.
pub(super) fn write(
    buyer: &Buyer,
    number: u32,
    word: Option<&InterchangeAcknowledgment>,
    messages: &[Message],
    now: DateTime<Utc>,
) -> Result<String, WriteError> {
    let (short_day, day, time) = acknowledge::stamp(now.naive_utc());
    let isa = InterchangeHeader {
        sender_qualifier: buyer.our_qualifier.clone(),
        sender: buyer.our_id.clone(),
        receiver_qualifier: buyer.qualifier.clone(),
        receiver: buyer.id.clone(),
        date: short_day,
        time: time.clone(),
        version: buyer.release.clone(),
        control_number: number.to_string(),
        usage: buyer.usage.clone(),
        ..InterchangeHeader::default()
    };
    let layout = Layout { lines: true, ..Layout::default() };
    let mut writer = Writer::begin(Vec::new(), &isa, layout)?;
    if let Some(word) = word {
        writer.acknowledgment(&word.segment())?;
    }
    if let Some(first) = messages.first() {
        let kind = group_of(first);
        let number = number.to_string();
        let version = &buyer.version;
        let gs = GroupHeader::new(kind, &buyer.our_id, &buyer.id, &day, &time, &number, version);
        writer.begin_group(&gs)?;
        for (message, place) in messages.iter().zip(1..) {
            writer.typed(&format!("{place:04}"), message)?;
        }
        writer.end_group()?;
    }
    Ok(String::from_utf8_lossy(&writer.finish()?).into_owned())
}
