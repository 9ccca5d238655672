//! EDIFACT: messages to commands, one file for each.
//!
//! # How revisions of an order are ranked
//!
//! An original ORDERS is revision `ORDERS-9`, issued at the time of DTM 137. An ORDCHG is `ORDCHG-<n>` with the
//! number as its sequence where BGM counts revisions (1060 or 1056); otherwise it is named by its own number (BGM
//! 1004), or by the time and the references of its envelope where that is the order's number. It is ranked by the
//! time in UNB, read as UTC, or by DTM 137 if that is later.
mod answer;
mod application_advice;
mod consignment;
mod dates;
mod despatch_advice;
mod goods;
mod heading;
mod line;
mod names;
mod order;
mod order_change;
mod order_response;
mod receiving_advice;
mod syntax_report;

use quayside_edi::edifact::{RawMessage, messages::Message};

use super::{
    Command, Mapped, Sent, Terms, answers, documents, faults, not_taken, purpose, received, report, sent,
    values,
};

/// Maps a message out of `raw`.
#[must_use]
pub fn map(message: &Message, raw: &RawMessage, terms: &Terms) -> Mapped {
    let sent = Sent::of_message(raw);
    match message {
        Message::Order(order) => order::map(order, &sent, terms),
        Message::OrderChange(change) => order_change::map(change, &sent, terms),
        Message::OrderResponse(answer) => order_response::map(answer, &sent, terms),
        Message::DespatchAdvice(advice) => despatch_advice::map(advice, &sent, terms),
        Message::ReceivingAdvice(advice) => receiving_advice::map(advice, &sent, terms),
        Message::ApplicationAdvice(advice) => application_advice::map(advice, &sent, terms),
        Message::SyntaxReport(found) => syntax_report::map(found, &sent, terms),
        Message::Invoice(_) => not_taken("INVOIC", "UNH"),
    }
}
