//! X12: transaction sets to commands, one file for each.
//!
//! # How revisions of an order are ranked
//!
//! X12 has no revision number. An original 850 is revision `850-00`, issued on the day of BEG05. An 860 is
//! `860-<BCH05>` with BCH05 as its sequence where the sender counts changes; otherwise, like an 850 that replaces or
//! cancels (BEG01 04, 05, 01), it is named and ranked by the time in GS04 and GS05, read as UTC, and by its
//! control numbers. A change that is not counted keeps the sequence of the revision it changes.
mod ack;
mod acknowledgment;
mod application_advice;
mod change_acknowledgment;
mod goods;
mod heading;
mod line;
mod order;
mod order_change;
mod packing;
mod pieces;
mod receiving_advice;
mod ship_notice;
mod syntax_report;

use quayside_edi::x12::{TransactionSet, messages::Message};

use super::{
    Command, Mapped, Sent, Terms, answers, documents, faults, not_taken, purpose, received, report, sent,
    values,
};

pub use syntax_report::map_interchange_acknowledgment;

/// Maps a message of `set`.
#[must_use]
pub fn map(message: &Message, set: &TransactionSet, terms: &Terms) -> Mapped {
    let sent = Sent::of(set);
    match message {
        Message::Order(order) => order::map(order, &sent, terms),
        Message::OrderChange(change) => order_change::map(change, &sent, terms),
        Message::OrderAcknowledgment(answer) => acknowledgment::map(answer, &sent, terms),
        Message::OrderChangeAcknowledgment(answer) => change_acknowledgment::map(answer, &sent, terms),
        Message::ShipNotice(notice) => ship_notice::map(notice, &sent, terms),
        Message::ReceivingAdvice(advice) => receiving_advice::map(advice, &sent, terms),
        Message::ApplicationAdvice(advice) => application_advice::map(advice, &sent, terms),
        Message::FunctionalAcknowledgment(report) => syntax_report::functional(report, set, terms),
        Message::ImplementationAcknowledgment(report) => syntax_report::implementation(report, set, terms),
        Message::Invoice(_) => not_taken(message.set_id(), "ST"),
    }
}
