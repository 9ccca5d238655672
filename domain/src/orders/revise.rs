//! What a revision does to an order. Pure: everything it needs was loaded before.
use std::collections::BTreeMap;

use quayside_canonical::{
    AcknowledgmentId, Micro, PurchaseOrderId, SupplierId, Timestamp,
    acknowledgment::AnswerPart,
    order::{Line, PurchaseOrder},
    policy::Rules,
    states::{DocumentOutcome, LineStatus, OrderStatus},
};
use sha2::{Digest, Sha256};

use super::{booked::Booked, diff, status};
use crate::{Failure, acknowledgments::evaluate};

/// An order as far as revisions touch it.
#[derive(Clone, Debug)]
pub struct OrderState {
    /// The order.
    pub id: PurchaseOrderId,
    /// Its supplier.
    pub supplier: SupplierId,
    /// Where it stands.
    pub status: OrderStatus,
    /// Until when the supplier is asked to answer.
    pub answer_due_at: Option<Timestamp>,
    /// When it was found that the supplier did not.
    pub overdue_at: Option<Timestamp>,
    /// The current revision.
    pub current: Option<Current>,
    /// Every revision on file.
    pub known: Vec<Known>,
    /// Where each line stands.
    pub lines: BTreeMap<String, LineState>,
    /// What the quantity ledger has of each line.
    pub booked: BTreeMap<String, Booked>,
    /// Revisions to be filed.
    pub filed: Vec<Filed>,
}

/// The current revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Current {
    /// Our number of it.
    pub number: i32,
    /// What it says.
    pub document: PurchaseOrder,
}

/// A revision on file, as far as it takes to recognise it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Our number of it.
    pub number: i32,
    /// The source's name of it.
    pub source_revision: String,
    /// SHA-256 of its canonical JSON, as it was received.
    pub content_hash: Vec<u8>,
}

/// A revision to be filed.
#[derive(Clone, Debug)]
pub struct Filed {
    /// Our number of it.
    pub number: i32,
    /// What it says.
    pub document: PurchaseOrder,
    /// Its canonical JSON.
    pub json: String,
    /// SHA-256 of the JSON as it was received: with the codes of the source.
    pub content_hash: Vec<u8>,
    /// Whether a newer one was current when it came.
    pub late: bool,
}

/// Where a line stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineState {
    /// Its status.
    pub status: LineStatus,
    /// The answer that stands, or stood until it was declined or outdated.
    pub acknowledgment: Option<AcknowledgmentId>,
    /// The revision that answer was given to.
    pub answered_revision: Option<i32>,
    /// The parts of that answer.
    pub parts: Vec<AnswerPart>,
}

impl LineState {
    const fn unanswered() -> Self {
        Self {
            status: LineStatus::AwaitingAnswer,
            acknowledgment: None,
            answered_revision: None,
            parts: Vec::new(),
        }
    }
}

/// What became of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revised {
    /// What became of it.
    pub outcome: DocumentOutcome,
    /// Our number of the revision it is, or is the same as.
    pub revision: i32,
    /// Lines the supplier has to answer because of it.
    pub lines_to_answer: Vec<String>,
}

impl OrderState {
    /// An order nobody has heard of.
    #[must_use]
    pub const fn new(id: PurchaseOrderId, supplier: SupplierId) -> Self {
        Self {
            id,
            supplier,
            status: OrderStatus::AwaitingAnswer,
            answer_due_at: None,
            overdue_at: None,
            current: None,
            known: Vec::new(),
            lines: BTreeMap::new(),
            booked: BTreeMap::new(),
            filed: Vec::new(),
        }
    }

    /// Takes a revision.
    ///
    /// # Errors
    /// The document cannot be written as JSON, which is a bug.
    pub fn take(
        &mut self,
        document: PurchaseOrder,
        rules: &Rules,
        now: Timestamp,
    ) -> Result<Revised, Failure> {
        // What came tells revisions apart: our translations of it may change from one day to the next.
        let json = serde_json::to_string(&document)?;
        let received = serde_json::to_vec(&*document.as_received())?;
        let content_hash = Sha256::digest(received).to_vec();
        if let Some(known) = self.known.iter().find(|known| known.source_revision == document.revision.id) {
            let same = known.content_hash == content_hash;
            let outcome = if same { DocumentOutcome::Unchanged } else { DocumentOutcome::Conflict };
            return Ok(Revised { outcome, revision: known.number, lines_to_answer: Vec::new() });
        }
        let number = self.known.iter().map(|known| known.number).max().unwrap_or(0) + 1;
        let source_revision = document.revision.id.clone();
        self.known.push(Known { number, source_revision, content_hash: content_hash.clone() });
        let newest = self.current.as_ref().map(|current| current.document.revision.rank());
        let late = newest.is_some_and(|newest| document.revision.rank() < newest);
        self.filed.push(Filed { number, document: document.clone(), json, content_hash, late });
        if late {
            return Ok(Revised {
                outcome: DocumentOutcome::Late,
                revision: number,
                lines_to_answer: Vec::new(),
            });
        }
        let first = self.current.is_none();
        let lines_to_answer = self.make_current(number, document, rules, now);
        let outcome = if first { DocumentOutcome::Created } else { DocumentOutcome::Revised };
        Ok(Revised { outcome, revision: number, lines_to_answer })
    }

    /// Makes a revision current, and says which lines have to be answered because of it.
    fn make_current(
        &mut self,
        number: i32,
        document: PurchaseOrder,
        rules: &Rules,
        now: Timestamp,
    ) -> Vec<String> {
        let earlier: BTreeMap<&str, &Line> = match &self.current {
            Some(current) => current.document.lines.iter().map(|line| (line.number.as_str(), line)).collect(),
            None => BTreeMap::new(),
        };
        let mut to_answer = Vec::new();
        let mut lines = BTreeMap::new();
        for line in &document.lines {
            let before = self.lines.remove(&line.number).unwrap_or_else(LineState::unanswered);
            let changed = earlier.get(line.number.as_str()).is_none_or(|old| diff::is_material(old, line));
            let after = next(before.clone(), line, document.cancelled, changed, rules);
            let asked_anew = changed && status::needs_answer(after.status);
            if asked_anew {
                to_answer.push(line.number.clone());
            }
            lines.insert(line.number.clone(), after);
        }
        // What the new revision does not have any more was cancelled by leaving it out.
        for (gone, state) in std::mem::take(&mut self.lines) {
            lines.insert(gone, LineState { status: LineStatus::Cancelled, ..state });
        }
        self.lines = lines;
        self.book(&document, rules);
        self.status = status::of_lines(self.lines.values().map(|line| line.status));
        self.set_due(!to_answer.is_empty(), rules, now);
        self.current = Some(Current { number, document });
        to_answer
    }

    /// A new question restarts the clock; without an open question there is none.
    fn set_due(&mut self, asked: bool, rules: &Rules, now: Timestamp) {
        let open = self.lines.values().any(|line| status::needs_answer(line.status));
        if !open {
            self.answer_due_at = None;
            self.overdue_at = None;
        } else if asked {
            let minutes = u64::from(rules.answer_within_minutes);
            self.answer_due_at = Some(now.plus(std::time::Duration::from_secs(minutes * 60)));
            self.overdue_at = None;
        }
    }
}

/// Where a line stands under a new revision.
fn next(before: LineState, line: &Line, order_cancelled: bool, changed: bool, rules: &Rules) -> LineState {
    if order_cancelled || line.cancelled {
        return LineState { status: LineStatus::Cancelled, ..before };
    }
    let status = match before.status {
        // A line that was cancelled and is wanted again starts afresh.
        LineStatus::Cancelled => return LineState::unanswered(),
        // What was said of some of it was said of the line as it was.
        LineStatus::AwaitingAnswer if changed => return LineState::unanswered(),
        LineStatus::Accepted | LineStatus::Proposed if changed => {
            if still_fits(line, &before.parts, rules) {
                LineStatus::Accepted
            } else {
                LineStatus::Outdated
            }
        }
        unchanged => unchanged,
    };
    LineState { status, ..before }
}

/// Whether an answer given to an earlier revision is a good answer to `line` too: this is how an order change
/// that grants what a supplier proposed needs no second answer.
fn still_fits(line: &Line, parts: &[AnswerPart], rules: &Rules) -> bool {
    let covered: Micro = parts.iter().map(|part| part.quantity).sum();
    covered >= line.quantity
        && parts.iter().all(|part| part.unit.as_ref().is_none_or(|unit| *unit == line.unit))
        && evaluate::deviations(line, parts, rules).is_empty()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quayside_canonical::{order::SourceRevision, policy::Policy};

    use super::*;

    fn rules() -> Rules {
        Rules::from_layers(&[&Policy::default()])
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    fn revision(sequence: i64, quantity: i32) -> PurchaseOrder {
        PurchaseOrder {
            number: "4500000001".to_owned(),
            supplier: "V-100".to_owned(),
            revision: SourceRevision { id: sequence.to_string(), sequence: None, issued_at: at(sequence) },
            currency: None,
            ordered_on: None,
            cancelled: false,
            incoterms: None,
            payment_terms: None,
            ship_to: None,
            notes: Vec::new(),
            translations: Vec::new(),
            lines: vec![line("10", quantity), line("20", 7)],
        }
    }

    fn line(number: &str, quantity: i32) -> Line {
        Line {
            number: number.to_owned(),
            buyer_part: None,
            supplier_part: None,
            gtin: None,
            description: None,
            quantity: Micro::from(quantity),
            unit: "EA".to_owned(),
            unit_price: None,
            price_per: None,
            deliver_from: None,
            deliver_to: None,
            ship_to: None,
            cancelled: false,
            schedules: Vec::new(),
            notes: Vec::new(),
            translations: Vec::new(),
        }
    }

    fn order() -> OrderState {
        OrderState::new(PurchaseOrderId::generate(), SupplierId::generate())
    }

    /// The current document, the revisions on file, and where the lines stand.
    type Outcome = (PurchaseOrder, Vec<(String, Vec<u8>)>, Vec<(String, LineStatus)>);

    /// What must not depend on the order of arrival.
    fn outcome(state: &OrderState) -> Outcome {
        let mut history: Vec<_> =
            state.known.iter().map(|k| (k.source_revision.clone(), k.content_hash.clone())).collect();
        history.sort();
        let lines = state.lines.iter().map(|(number, line)| (number.clone(), line.status)).collect();
        (state.current.clone().unwrap().document, history, lines)
    }

    proptest! {
        #[test]
        fn any_order_of_arrival_with_repeats_ends_in_one_state(arrivals in Just((1..=5).chain(1..=5).collect::<Vec<i64>>()).prop_shuffle()) {
            let mut expected = order();
            for sequence in 1..=5 {
                expected.take(revision(sequence, 10 + i32::try_from(sequence).unwrap()), &rules(), at(0)).unwrap();
            }
            let mut state = order();
            let mut seen = Vec::new();
            for sequence in arrivals {
                let document = revision(sequence, 10 + i32::try_from(sequence).unwrap());
                let taken = state.take(document, &rules(), at(0)).unwrap();
                let expected = match seen.iter().max() {
                    _ if seen.contains(&sequence) => DocumentOutcome::Unchanged,
                    None => DocumentOutcome::Created,
                    Some(newest) if *newest > sequence => DocumentOutcome::Late,
                    Some(_) => DocumentOutcome::Revised,
                };
                prop_assert_eq!(taken.outcome, expected);
                seen.push(sequence);
            }
            prop_assert_eq!(outcome(&state), outcome(&expected));
            prop_assert_eq!(state.known.len(), 5, "our numbers are dense");
        }
    }

    #[test]
    fn the_same_revision_with_other_content_is_a_conflict_and_changes_nothing() {
        let mut state = order();
        state.take(revision(1, 10), &rules(), at(0)).unwrap();
        let before = outcome(&state);
        let taken = state.take(revision(1, 11), &rules(), at(0)).unwrap();
        assert_eq!(taken.outcome, DocumentOutcome::Conflict);
        assert_eq!(outcome(&state), before);
    }

    #[test]
    fn an_answer_holds_until_what_it_answered_changes_beyond_it() {
        let mut state = order();
        state.take(revision(1, 10), &rules(), at(0)).unwrap();
        for line in state.lines.values_mut() {
            line.status = LineStatus::Accepted;
        }
        let answered = |quantity| {
            vec![AnswerPart {
                kind: quayside_canonical::states::AnswerKind::Accepted,
                quantity: Micro::from(quantity),
                unit: None,
                promised_on: None,
                price: None,
                reason: None,
                substitute: None,
            }]
        };
        state.lines.get_mut("10").unwrap().parts = answered(10);
        state.lines.get_mut("20").unwrap().parts = answered(7);

        let taken = state.take(revision(2, 12), &rules(), at(0)).unwrap();
        assert_eq!(taken.lines_to_answer, ["10"], "line 20 did not change");
        assert_eq!(state.lines["10"].status, LineStatus::Outdated);
        assert_eq!(state.status, OrderStatus::PartiallyAcknowledged);

        state.lines.get_mut("10").unwrap().status = LineStatus::Proposed;
        state.take(revision(3, 10), &rules(), at(0)).unwrap();
        assert_eq!(state.lines["10"].status, LineStatus::Accepted, "the change grants what was proposed");
    }

    #[test]
    fn a_line_left_out_and_a_cancelled_order_leave_nothing_to_answer() {
        let mut state = order();
        state.take(revision(1, 10), &rules(), at(0)).unwrap();
        assert!(state.answer_due_at.is_some());
        let mut second = revision(2, 10);
        second.lines.pop();
        state.take(second, &rules(), at(0)).unwrap();
        assert_eq!(state.lines["20"].status, LineStatus::Cancelled);
        let mut third = revision(3, 10);
        third.cancelled = true;
        state.take(third, &rules(), at(0)).unwrap();
        assert_eq!((state.status, state.answer_due_at), (OrderStatus::Cancelled, None));
    }
}
