//! What both syntaxes have for answers: what a code means, and a heading held against its lines.
use quayside_canonical::{
    statement::{AcknowledgmentStatement, StatedLine},
    states::AnswerKind,
};
use quayside_edi::Place;
use sha2::{Digest, Sha256};

use super::{report::Report, sent::Sent};

/// What a heading says as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All is accepted as it stands.
    Accepts,
    /// Nothing is.
    Rejects,
    /// It is left to the lines.
    Lines,
}

/// What the code of a line means: X12 668, or EDIFACT 1229. The two lists have no code in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// As it stands.
    Accepted,
    /// IQ: what is accepted is another quantity than ordered, and the rest will not come.
    QuantityChanged,
    /// IC, 3, 6: so is whatever else the line states.
    Changed,
    /// DR: on another day.
    Rescheduled,
    /// IP: at another price.
    PriceChanged,
    Backordered,
    Substituted,
    Rejected,
    /// 1: a line that the order does not have.
    Added,
    /// 23: what the line states is asked for.
    Proposed,
    /// On hold, pending, or not about this line: no answer.
    Undecided,
}

impl Meaning {
    pub(super) fn of(code: &str) -> Option<Self> {
        Some(match code {
            // BP: this part is shipped now. What becomes of the balance is for another ACK to say, with its day.
            "IA" | "AC" | "AR" | "AA" | "BP" | "5" | "11" => Self::Accepted,
            "IQ" => Self::QuantityChanged,
            "IC" | "3" | "6" | "8" | "24" => Self::Changed,
            "DR" => Self::Rescheduled,
            "IP" => Self::PriceChanged,
            "IB" => Self::Backordered,
            "IS" => Self::Substituted,
            "IR" | "ID" | "R1" | "R2" | "R3" | "R4" | "R5" | "R6" | "R7" | "R8" | "2" | "7" | "10" | "21" => {
                Self::Rejected
            }
            "1" => Self::Added,
            "23" => Self::Proposed,
            "IE" | "IF" | "IH" | "IW" | "SP" | "4" | "42" | "52" => Self::Undecided,
            _ => return None,
        })
    }

    /// Whether what the line does not account for will not come.
    pub(super) const fn rejects_rest(self) -> bool {
        matches!(self, Self::QuantityChanged | Self::Changed | Self::Proposed)
    }
}

/// Holds a heading against its lines.
pub(super) fn compare(
    verdict: Verdict,
    at: Place,
    code: &str,
    lines: &[StatedLine],
    report: &mut Report<'_>,
) {
    let parts = || lines.iter().flat_map(|line| &line.parts);
    let taken = parts().any(|part| part.kind != AnswerKind::Rejected);
    match verdict {
        Verdict::Rejects if taken => {
            let words =
                format!("{code} rejects the order, a line of the message accepts; which holds is not known");
            report.refuse(at, "CONTRADICTION", words);
        }
        Verdict::Accepts if parts().any(|part| part.kind != AnswerKind::Accepted) => {
            let words = format!(
                "{code} accepts without change, a line of the message does not; the lines were taken"
            );
            report.warn(at, "CONTRADICTION", words);
        }
        _ => {}
    }
}

/// The same order may be answered again and again; what tells two answers apart is when each was sent and what
/// it says.
pub(super) fn key(
    document: &str,
    number: &str,
    purpose: &str,
    statement: Option<&AcknowledgmentStatement>,
    sent: &Sent,
) -> String {
    let digest = digest(&statement);
    let number: String = number.chars().take(80).collect();
    format!("{document} {number} {purpose} {} {digest}", sent.at)
}

/// A short name for what a message says.
pub(super) fn digest(said: &impl serde::Serialize) -> String {
    let digest = Sha256::digest(serde_json::to_vec(said).unwrap_or_default());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
