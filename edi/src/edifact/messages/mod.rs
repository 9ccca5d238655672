//! Typed messages: ORDERS, ORDCHG, ORDRSP, DESADV, RECADV, INVOIC, CONTRL and APERAK.
//!
//! Reading a message has three steps. Each segment is held against its table, and complained about; its place in
//! the tree of the message is found; and the tree is taken apart into typed pieces. What no field holds stays where
//! it was found: components in `rest`, segments and groups in `other`. Writing goes the same way back, so nothing is
//! lost on a round trip. Codes stay text: what they mean between two partners is for the application to say.

mod check;
mod directory;
mod grammar;
mod pieces;
#[cfg(test)]
mod tests;
mod walk;

use crate::options::Options;
use crate::position::{Control, Located};
use crate::problem::{Problem, ProblemCode, Problems};
use crate::x12::printable;

use super::header::MessageHeader;
use super::message::RawMessage;
use crate::raw::RawSegment;

pub use crate::pieces::Rest;
use crate::pieces::{Piece, give, take};
pub use crate::tree::Node;
pub(crate) use directory::layout;
pub use pieces::{
    Adjustment, Allowance, Amount, ApplicationError, Communication, Contact, Count, Currency, DateTime,
    DeliveryTerms, Description, Document, ElementResponse, Equipment, GroupResponse, Identities,
    InterchangeResponse, ItemId, ItemIds, Level, Line, Location, Marks, Measurement, MessageResponse,
    OtherDocument, Package, Party, PaymentTerms, Percentage, Price, Quantity, Reference, Schedule,
    SegmentResponse, Tax, Text, Transport, Variance,
};

macro_rules! messages {
    ($(
        $(#[$doc:meta])* $name:ident, $begin:ident: $first:ident {
            $($(#[$list_doc:meta])* $list:ident: $of:ident,)*
        } summary { $($(#[$sum_doc:meta])* $sum:ident: $sum_of:ident,)* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name {
            /// Where it came from; turns a place into a position.
            pub control: Control,
            /// UNH.
            pub header: MessageHeader,
            /// The segment after UNH.
            pub $begin: $first,
            $($(#[$list_doc])* pub $list: Vec<$of>,)*
            /// What else stands in the message.
            pub other: Vec<Node>,
            $($(#[$sum_doc])* pub $sum: Vec<$sum_of>,)*
            /// What else stands in the summary, after UNS.
            pub other_totals: Vec<Node>,
        }

        impl $name {
            fn of(message: &RawMessage, mut nodes: Vec<Node>) -> Self {
                let split = nodes.iter().position(|node| node.id() == SEPARATOR).unwrap_or(nodes.len());
                let mut totals = nodes.split_off(split);
                if !totals.is_empty() {
                    totals.remove(0);
                } else {
                    // No UNS, or a message that has none: what only a summary has is its.
                    let only_there = |node: &Node| [$(<$sum_of as Piece>::ID),*].contains(&node.id())
                        && ![$(<$of as Piece>::ID),*].contains(&node.id());
                    (totals, nodes) = nodes.into_iter().partition(only_there);
                }
                Self {
                    control: message.control.clone(),
                    header: message.header.clone(),
                    $begin: take(&mut nodes).into_iter().next().unwrap_or_default(),
                    $($list: take(&mut nodes),)*
                    other: nodes,
                    $($sum: take(&mut totals),)*
                    other_totals: totals,
                }
            }

            /// The segments between UNH and UNT, in the order of the standard.
            #[must_use]
            pub fn segments(&self) -> Vec<RawSegment> {
                let rules = grammar::of(&self.header.kind).unwrap_or_default();
                let split = rules.iter().position(|rule| rule.id == SEPARATOR);
                let (before, after) = rules.split_at(split.unwrap_or(rules.len()));
                let mut nodes = self.other.clone();
                nodes.push(self.$begin.write());
                $(give(&self.$list, &mut nodes);)*
                let mut totals = self.other_totals.clone();
                $(give(&self.$sum, &mut totals);)*
                if split.is_none() {
                    nodes.append(&mut totals);
                }
                crate::tree::sort(&mut nodes, before);
                crate::tree::sort(&mut totals, after);
                let mut segments = Vec::new();
                nodes.into_iter().for_each(|node| node.flatten(&mut segments));
                if split.is_some() {
                    segments.push(RawSegment::new(SEPARATOR, ["S".into()]));
                }
                totals.into_iter().for_each(|node| node.flatten(&mut segments));
                // A level that the sender left out is left out again.
                segments.retain(|segment| !(segment.id == Level::ID && segment.elements.is_empty()));
                segments
            }
        }
    )*};
}

/// What stands between the lines and the totals.
pub(crate) const SEPARATOR: &str = "UNS";

messages! {
    /// An order, a change to one, the answer to one, or an invoice: the four have the same shape.
    Order, document: Document {
        /// DTM.
        dates: DateTime,
        /// FTX.
        texts: Text,
        /// RFF.
        references: Reference,
        /// AJT.
        adjustments: Adjustment,
        /// NAD.
        parties: Party,
        /// TAX.
        taxes: Tax,
        /// CUX.
        currencies: Currency,
        /// PAT.
        payment_terms: PaymentTerms,
        /// TDT.
        transports: Transport,
        /// TOD.
        delivery_terms: DeliveryTerms,
        /// PAC.
        packages: Package,
        /// EQD.
        equipment: Equipment,
        /// SCC.
        schedules: Schedule,
        /// ALC.
        allowances: Allowance,
        /// LIN.
        lines: Line,
    } summary {
        /// MOA after UNS.
        totals: Amount,
        /// CNT.
        counts: Count,
        /// TAX after UNS; invoices only.
        tax_totals: Tax,
        /// ALC after UNS.
        allowance_totals: Allowance,
    }

    /// A despatch advice or a receiving advice.
    Despatch, document: Document {
        /// DTM.
        dates: DateTime,
        /// MEA.
        measurements: Measurement,
        /// MOA.
        amounts: Amount,
        /// RFF.
        references: Reference,
        /// DOC.
        documents: OtherDocument,
        /// NAD.
        parties: Party,
        /// TOD.
        delivery_terms: DeliveryTerms,
        /// TDT.
        transports: Transport,
        /// EQD.
        equipment: Equipment,
        /// CPS.
        levels: Level,
    } summary {
        /// CNT.
        counts: Count,
    }

    /// APERAK: what an application says about a message.
    ApplicationAdvice, document: Document {
        /// DTM.
        dates: DateTime,
        /// FTX.
        texts: Text,
        /// CNT.
        counts: Count,
        /// DOC.
        documents: OtherDocument,
        /// RFF.
        references: Reference,
        /// NAD.
        parties: Party,
        /// ERC.
        errors: ApplicationError,
    } summary {}

    /// CONTRL: what a receiver says about the syntax of an interchange.
    SyntaxReport, interchange: InterchangeResponse {
        /// UCM.
        messages: MessageResponse,
        /// UCF.
        groups: GroupResponse,
    } summary {}
}

impl Order {
    /// The order it is about: its own number, or that of RFF `ON`.
    #[must_use]
    pub fn order_number(&self) -> Option<&Located<String>> {
        match self.header.kind.as_str() {
            "ORDERS" => self.document.number.as_ref(),
            _ => reference(&self.references, "ON"),
        }
    }
}

impl Despatch {
    /// Its lines, with the level each stands in.
    pub fn lines(&self) -> impl Iterator<Item = (&Level, &Line)> {
        self.levels.iter().flat_map(|level| level.lines.iter().map(move |line| (level, line)))
    }

    /// The order of a line: its own RFF `ON`, or that of the heading.
    #[must_use]
    pub fn order_number<'a>(&'a self, line: &'a Line) -> Option<&'a Located<String>> {
        reference(&line.references, "ON").or_else(|| reference(&self.references, "ON"))
    }
}

fn reference<'a>(references: &'a [Reference], qualifier: &str) -> Option<&'a Located<String>> {
    let found = references.iter().find(|reference| *reference.qualifier == qualifier);
    found.and_then(|reference| reference.number.as_ref())
}

/// A message in the terms of its trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// ORDERS.
    Order(Box<Order>),
    /// ORDCHG.
    OrderChange(Box<Order>),
    /// ORDRSP.
    OrderResponse(Box<Order>),
    /// INVOIC.
    Invoice(Box<Order>),
    /// DESADV.
    DespatchAdvice(Box<Despatch>),
    /// RECADV.
    ReceivingAdvice(Box<Despatch>),
    /// APERAK.
    ApplicationAdvice(Box<ApplicationAdvice>),
    /// CONTRL.
    SyntaxReport(Box<SyntaxReport>),
}

impl Message {
    /// The messages that are read and written, by UNH 0065.
    pub const KINDS: &'static [&'static str] =
        &["APERAK", "CONTRL", "DESADV", "INVOIC", "ORDCHG", "ORDERS", "ORDRSP", "RECADV"];

    /// Its UNH.
    #[must_use]
    pub fn header(&self) -> &MessageHeader {
        match self {
            Self::Order(order)
            | Self::OrderChange(order)
            | Self::OrderResponse(order)
            | Self::Invoice(order) => &order.header,
            Self::DespatchAdvice(despatch) | Self::ReceivingAdvice(despatch) => &despatch.header,
            Self::ApplicationAdvice(advice) => &advice.header,
            Self::SyntaxReport(report) => &report.header,
        }
    }

    /// The segments between UNH and UNT, in the order of the standard.
    #[must_use]
    pub fn segments(&self) -> Vec<RawSegment> {
        match self {
            Self::Order(order)
            | Self::OrderChange(order)
            | Self::OrderResponse(order)
            | Self::Invoice(order) => order.segments(),
            Self::DespatchAdvice(despatch) | Self::ReceivingAdvice(despatch) => despatch.segments(),
            Self::ApplicationAdvice(advice) => advice.segments(),
            Self::SyntaxReport(report) => report.segments(),
        }
    }

    /// The number its sender gave it (BGM 1004); none for a CONTRL.
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        let document = match self {
            Self::Order(order)
            | Self::OrderChange(order)
            | Self::OrderResponse(order)
            | Self::Invoice(order) => &order.document,
            Self::DespatchAdvice(despatch) | Self::ReceivingAdvice(despatch) => &despatch.document,
            Self::ApplicationAdvice(advice) => &advice.document,
            Self::SyntaxReport(_) => return None,
        };
        document.number.as_ref().map(|number| number.as_str())
    }

    /// The purchase orders it is about, each once.
    #[must_use]
    pub fn order_numbers(&self) -> Vec<&str> {
        let mut orders: Vec<&str> = Vec::new();
        match self {
            Self::Order(order)
            | Self::OrderChange(order)
            | Self::OrderResponse(order)
            | Self::Invoice(order) => {
                orders.extend(order.order_number().map(|number| number.as_str()));
            }
            Self::DespatchAdvice(despatch) | Self::ReceivingAdvice(despatch) => {
                for (_, line) in despatch.lines() {
                    let number = despatch.order_number(line).map(|number| number.as_str());
                    orders.extend(number.filter(|number| !orders.contains(number)));
                }
            }
            Self::ApplicationAdvice(advice) => {
                orders.extend(reference(&advice.references, "ON").map(|number| number.as_str()));
            }
            Self::SyntaxReport(_) => {}
        }
        orders
    }

    /// How many lines it has.
    #[must_use]
    pub fn line_count(&self) -> usize {
        match self {
            Self::Order(order)
            | Self::OrderChange(order)
            | Self::OrderResponse(order)
            | Self::Invoice(order) => order.lines.len(),
            Self::DespatchAdvice(despatch) | Self::ReceivingAdvice(despatch) => despatch.lines().count(),
            Self::ApplicationAdvice(advice) => advice.errors.len(),
            Self::SyntaxReport(report) => {
                report.messages.len() + report.groups.iter().map(|group| group.messages.len()).sum::<usize>()
            }
        }
    }
}

/// What came of reading one.
pub type Reading = crate::reading::Reading<Message>;

/// Which segments a kind of message is made of, between UNH and UNT.
pub(crate) fn grammar(kind: &str) -> Option<&'static [crate::tree::Rule]> {
    grammar::of(kind)
}

/// Reads a message. The verdicts on its group and interchange are the caller's to ask.
#[must_use]
pub fn read(message: &RawMessage, options: &Options) -> Reading {
    let mut problems = Problems::new(options.limits.problems);
    for problem in &message.problems {
        problems.push(problem.clone());
    }
    let header = &message.header;
    let unh = message.segments().next().map(|unh| unh.place(2)).unwrap_or_default();
    let Some(rules) = grammar::of(&header.kind) else {
        let text = format!("{} is not read here", printable(&header.kind));
        problems.push(Problem::edifact(ProblemCode::SetNotSupported, message.control.position(unh), text));
        return Reading { message: None, problems: problems.into_vec() };
    };
    check::version(message, unh, &mut problems);
    let nodes = walk::walk(message, rules, options, &mut problems);
    let read = match header.kind.as_str() {
        "ORDERS" => Message::Order(Box::new(Order::of(message, nodes))),
        "ORDCHG" => Message::OrderChange(Box::new(Order::of(message, nodes))),
        "ORDRSP" => Message::OrderResponse(Box::new(Order::of(message, nodes))),
        "INVOIC" => Message::Invoice(Box::new(Order::of(message, nodes))),
        "DESADV" => Message::DespatchAdvice(Box::new(Despatch::of(message, nodes))),
        "RECADV" => Message::ReceivingAdvice(Box::new(Despatch::of(message, nodes))),
        "APERAK" => Message::ApplicationAdvice(Box::new(ApplicationAdvice::of(message, nodes))),
        _ => Message::SyntaxReport(Box::new(SyntaxReport::of(message, nodes))),
    };
    check::message(&read, &message.control, &mut problems);
    Reading { message: Some(read).filter(|_| !problems.rejected()), problems: problems.into_vec() }
}
