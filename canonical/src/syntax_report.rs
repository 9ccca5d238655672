//! What a partner's system says about messages we sent: about their syntax (X12 TA1, 997, 999; EDIFACT CONTRL), and
//! about their content (X12 824, EDIFACT APERAK).
//!
//! Neither is an answer to an order. A report of syntax names what it is about by control numbers alone; an advice
//! names a document, and most often the message too. Both come in the words of this page, whatever the standard.
use serde::Serialize;

use crate::{
    Field,
    partner::Identifier,
    states::{AdviceOutcome, EdiDocument, SyntaxVerdict},
};

/// A report of syntax.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SyntaxReport {
    /// The message it came in: `TA1`, `997`, `999` or `CONTRL`.
    pub document: String,
    /// The interchange it is about. 997 and 999 name none: there the group is found by its own number.
    pub interchange: Option<ReportedInterchange>,
    /// The groups it is about.
    pub groups: Vec<ReportedGroup>,
    /// Messages that stand in no group.
    pub messages: Vec<ReportedMessage>,
    /// Where the report names what it is about.
    #[serde(skip)]
    pub place: Field,
}

/// An interchange we sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportedInterchange {
    /// Its control number: ISA13, or UNB 0020.
    pub number: String,
    /// Who sent it, as the report repeats it: we.
    pub sender: Option<Identifier>,
    /// Who was to get it: the partner.
    pub recipient: Option<Identifier>,
    /// What is said about it.
    pub verdict: SyntaxVerdict,
    /// What is wrong with its envelope.
    pub faults: Vec<SyntaxFault>,
}

/// A group we sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportedGroup {
    /// GS01, such as `PO`. A CONTRL names none.
    pub kind: Option<String>,
    /// Its control number: GS06, or UNG 0048.
    pub number: String,
    /// What is said about it.
    pub verdict: SyntaxVerdict,
    /// What is wrong with its envelope.
    pub faults: Vec<SyntaxFault>,
    /// The messages in it that are named. Some senders name only those with faults.
    pub messages: Vec<ReportedMessage>,
}

/// A message we sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportedMessage {
    /// What it is, such as `850` or `ORDERS`, where that is said.
    pub kind: Option<String>,
    /// Its control number: ST02, or UNH 0062.
    pub number: String,
    /// What is said about it.
    pub verdict: SyntaxVerdict,
    /// What is wrong with it.
    pub faults: Vec<SyntaxFault>,
}

/// Something that is wrong in form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SyntaxFault {
    /// The code with its list, such as `AK403 7`, `TA105 025` or `0085 12`.
    pub code: String,
    /// The segment.
    pub segment: Option<String>,
    /// Its position in the message; `ST` or `UNH` is 1.
    pub position: Option<u32>,
    /// The element in the segment, from 1.
    pub element: Option<u32>,
    /// The component in the element, from 1.
    pub component: Option<u32>,
    /// What stood there.
    pub value: Option<String>,
    /// All of that in a sentence.
    pub words: String,
}

/// A message as we know it that sent it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SentMessage<'a> {
    /// The control number of its interchange.
    pub interchange: &'a str,
    /// GS01 of its group, if it stands in one.
    pub group_kind: Option<&'a str>,
    /// The control number of its group, if it stands in one.
    pub group: Option<&'a str>,
    /// Its own control number.
    pub message: &'a str,
}

impl SyntaxReport {
    /// What the report says about a message. Nothing, when it is about another, or does not go as far as to
    /// messages.
    #[must_use]
    pub fn verdict_on(&self, sent: SentMessage<'_>) -> Option<SyntaxVerdict> {
        if let Some(interchange) = &self.interchange
            && !same_number(&interchange.number, sent.interchange)
        {
            return None;
        }
        let group = self.groups.iter().find(|group| group.is(sent));
        let own = group.map_or(self.messages.as_slice(), |group| &group.messages);
        let named = own.iter().find(|message| same_number(&message.number, sent.message));
        // What is refused as a whole is refused, whatever is said about its parts.
        let around = [self.interchange.as_ref().map(|found| found.verdict), group.map(|found| found.verdict)];
        if around.contains(&Some(SyntaxVerdict::Rejected)) {
            return Some(SyntaxVerdict::Rejected);
        }
        named.map(|message| message.verdict).or_else(|| {
            let around =
                group.map(|group| group.verdict).or(self.interchange.as_ref().map(|found| found.verdict));
            around.filter(|verdict| verdict.holds_for_all())
        })
    }

    /// Everything it finds wrong, from the outside to the inside.
    pub fn faults(&self) -> impl Iterator<Item = &SyntaxFault> {
        let of_groups = self.groups.iter().flat_map(|group| {
            group.faults.iter().chain(group.messages.iter().flat_map(|message| &message.faults))
        });
        let of_messages = self.messages.iter().flat_map(|message| &message.faults);
        self.interchange.iter().flat_map(|found| &found.faults).chain(of_groups).chain(of_messages)
    }
}

impl ReportedGroup {
    fn is(&self, sent: SentMessage<'_>) -> bool {
        let same_kind = self.kind.as_deref().zip(sent.group_kind).is_none_or(|(one, other)| one == other);
        same_kind && sent.group.is_some_and(|number| same_number(&self.number, number))
    }
}

impl SyntaxVerdict {
    /// Whether it is said about everything inside too, as far as nothing else is.
    const fn holds_for_all(self) -> bool {
        match self {
            Self::Accepted | Self::AcceptedWithErrors | Self::Rejected => true,
            Self::Received | Self::PartlyAccepted => false,
        }
    }
}

/// Whether two control numbers are the same: zeros in front of digits tell nothing.
#[must_use]
pub fn same_number(one: &str, other: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    one == other
        || digits(one) && digits(other) && one.trim_start_matches('0') == other.trim_start_matches('0')
}

/// What an application says about documents it got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ApplicationAdvice {
    /// The message it came in: `824` or `APERAK`.
    pub document: String,
    /// The number its sender gave the advice.
    pub number: String,
    /// What is said, document by document.
    pub findings: Vec<Finding>,
    /// Where the advice names itself.
    #[serde(skip)]
    pub place: Field,
}

/// What is said about one document, or an item of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What became of it.
    pub outcome: AdviceOutcome,
    /// Whether only an item of the document is meant.
    pub of_item: bool,
    /// What it is about.
    pub about: Advised,
    /// Why.
    pub reasons: Vec<AdviceReason>,
    /// Where the advice says so.
    #[serde(skip)]
    pub place: Field,
}

/// What an advice is about, as far as it says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Advised {
    /// The kind of document.
    pub document: Option<EdiDocument>,
    /// The document's own number: of the order, the shipment, the receipt, the invoice.
    pub number: Option<String>,
    /// The order's number, where the document is about one.
    pub order: Option<String>,
    /// The message as it was named, such as `850` or `ORDERS`.
    pub kind: Option<String>,
    /// The control number of the interchange.
    pub interchange: Option<String>,
    /// The control number of the group.
    pub group: Option<String>,
    /// The control number of the message.
    pub message: Option<String>,
    /// A number it refers to without saying of what kind: it may be any of these.
    pub reference: Option<String>,
}

/// Why an application did not take a document as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AdviceReason {
    /// The code as it stands, such as `848`.
    pub code: String,
    /// The segment it is about.
    pub segment: Option<String>,
    /// Its position in the message; `ST` or `UNH` is 1.
    pub position: Option<u32>,
    /// The element in the segment, from 1.
    pub element: Option<u32>,
    /// What stood there.
    pub value: Option<String>,
    /// All of that in a sentence, with the sender's own words.
    pub words: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: SentMessage<'static> =
        SentMessage { interchange: "101", group_kind: Some("PO"), group: Some("7"), message: "0003" };

    fn message(number: &str, verdict: SyntaxVerdict) -> ReportedMessage {
        ReportedMessage { kind: None, number: number.to_owned(), verdict, faults: Vec::new() }
    }

    fn group(verdict: SyntaxVerdict, messages: Vec<ReportedMessage>) -> SyntaxReport {
        let (kind, number) = (Some("PO".to_owned()), "000000007".to_owned());
        let group = ReportedGroup { kind, number, verdict, faults: Vec::new(), messages };
        SyntaxReport { groups: vec![group], ..SyntaxReport::default() }
    }

    fn interchange(verdict: SyntaxVerdict, messages: Vec<ReportedMessage>) -> SyntaxReport {
        let number = "000000101".to_owned();
        let found =
            ReportedInterchange { number, sender: None, recipient: None, verdict, faults: Vec::new() };
        SyntaxReport { interchange: Some(found), messages, ..SyntaxReport::default() }
    }

    #[test]
    fn a_group_speaks_for_the_sets_it_does_not_name() {
        use SyntaxVerdict::{Accepted, PartlyAccepted, Rejected};
        assert_eq!(group(Accepted, Vec::new()).verdict_on(SENT), Some(Accepted));
        assert_eq!(group(PartlyAccepted, Vec::new()).verdict_on(SENT), None);
        assert_eq!(group(PartlyAccepted, vec![message("3", Rejected)]).verdict_on(SENT), Some(Rejected));
        assert_eq!(group(Rejected, vec![message("3", Accepted)]).verdict_on(SENT), Some(Rejected));
        let other = SentMessage { group_kind: Some("PC"), ..SENT };
        assert_eq!(group(Accepted, Vec::new()).verdict_on(other), None, "numbers count per kind of group");
    }

    #[test]
    fn an_envelope_that_arrived_says_nothing_about_its_messages() {
        use SyntaxVerdict::{Accepted, Received, Rejected};
        let ungrouped = SentMessage { group: None, group_kind: None, ..SENT };
        assert_eq!(interchange(Received, Vec::new()).verdict_on(ungrouped), None);
        assert_eq!(interchange(Accepted, Vec::new()).verdict_on(ungrouped), Some(Accepted));
        assert_eq!(interchange(Rejected, Vec::new()).verdict_on(SENT), Some(Rejected));
        let one = interchange(Accepted, vec![message("3", Rejected)]);
        assert_eq!(one.verdict_on(ungrouped), Some(Rejected));
        assert_eq!(one.verdict_on(SentMessage { interchange: "102", ..ungrouped }), None);
    }

    #[test]
    fn zeros_in_front_tell_nothing() {
        assert!(same_number("0007", "7") && same_number("A-1", "A-1"));
        assert!(!same_number("0007", "70") && !same_number("A01", "A1") && !same_number("", "0"));
    }
}
