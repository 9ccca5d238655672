//! A line of an ORDRSP: what becomes of it, and of which parts of it.
//!
//! Quantities split a line: what is to be delivered (113), what comes later (83). Each has the days that stand behind
//! it; days that stand behind all quantities hold for all of them.
use quayside_canonical::{
    Date, Micro,
    acknowledgment::Substitute,
    statement::{StatedLine, StatedPart, StatedPrice},
    states::{AnswerKind, EdiCodeList},
};
use quayside_edi::{
    Place,
    edifact::messages::{DateTime, Line, Quantity},
};

use super::{
    answers::{Meaning, Verdict},
    dates, heading, line,
    names::{self, SUPPLIER_PART, unit_of},
    order_response::Heading,
    report::{Report, field},
    values::{self, Spoken},
};

/// What the LINs about one line of the order say.
pub(super) struct Answered {
    parts: Vec<(StatedPart, Place)>,
    rest_rejected_for: Option<String>,
    amends: bool,
    /// Something of it is not decided.
    undecided: bool,
    at: Place,
}

impl Answered {
    fn undecided(at: Place) -> Self {
        Self { parts: Vec::new(), rest_rejected_for: None, amends: false, undecided: true, at }
    }

    /// Adds what another LIN says about the same line.
    pub(super) fn join(&mut self, other: Self) {
        self.parts.extend(other.parts);
        self.rest_rejected_for = self.rest_rejected_for.take().or(other.rest_rejected_for);
        self.amends |= other.amends;
        self.undecided |= other.undecided;
    }

    /// The line, if it is decided.
    pub(super) fn finish(self, line: String, report: &mut Report<'_>) -> Option<StatedLine> {
        let says_how_much = self.parts.iter().all(|(part, _)| part.quantity.is_some());
        if self.undecided && (self.parts.is_empty() || self.rest_rejected_for.is_some() || !says_how_much) {
            return None; // then all of the line stays open
        }
        // Several parts split a line by quantity. One that has none could mean all of it or a facet of another.
        if self.parts.len() > 1 {
            let unclear = |part: &StatedPart| part.quantity.is_none() && part.kind != AnswerKind::Rejected;
            for (_, at) in self.parts.iter().filter(|(part, _)| unclear(part)) {
                let words = "the line is split, so each part has to state its quantity";
                report.refuse(*at, "QUANTITY_MISSING", words);
            }
        }
        Some(StatedLine {
            line,
            parts: self.parts.into_iter().map(|(part, _)| part).collect(),
            rest_rejected_for: self.rest_rejected_for,
            amends: self.amends,
            open: self.undecided,
            place: field(self.at),
        })
    }
}

/// What a line says; nothing when it says nothing.
pub(super) fn of(
    stated: &Line,
    heading: &Heading,
    heading_dates: &[DateTime],
    report: &mut Report<'_>,
) -> Option<Answered> {
    let reading = Reading { stated, heading, heading_dates };
    let Some(action) = names::action(stated) else { return reading.without_action(report) };
    let code = values::spoken(EdiCodeList::LineAnswer, action, report);
    match Meaning::of(code.ours) {
        None => {
            report.refuse(action.at, "UNKNOWN_CODE", format!("{code} is not an action we know"));
            None
        }
        Some(Meaning::Undecided) => {
            let words =
                format!("{code} decides nothing yet; line {} was left unanswered", line::shown(stated));
            report.warn(action.at, "NO_STATEMENT", words);
            Some(Answered::undecided(stated.at))
        }
        Some(Meaning::Added) => {
            let words =
                format!("{code}: the supplier adds line {}; only the buyer adds lines", line::shown(stated));
            report.refuse(action.at, "LINE_ADDED", words);
            None
        }
        Some(Meaning::Rejected) => Some(reading.rejected(code.ours, action.at, report)),
        Some(meaning) => reading.accepted(Some((code, meaning)), report),
    }
}

#[derive(Clone, Copy)]
struct Reading<'a> {
    stated: &'a Line,
    heading: &'a Heading,
    heading_dates: &'a [DateTime],
}

/// A quantity that says what becomes of a part.
struct Share<'a> {
    quantity: &'a Quantity,
    amount: Micro,
    kind: AnswerKind,
    dates: Vec<&'a DateTime>,
}

impl<'a> Reading<'a> {
    /// Without 1229 the quantities decide, else the heading.
    fn without_action(self, report: &mut Report<'_>) -> Option<Answered> {
        let says_more = |quantity: &&Quantity| quantity.qualifier.as_str() != "21";
        let unheard = &mut Report::new(report.terms());
        let answers = self.shares(unheard).iter().any(|share| says_more(&share.quantity));
        match self.heading.verdict {
            Verdict::Rejects if !answers => Some(self.rejected(&self.heading.code, self.stated.at, report)),
            Verdict::Lines if !answers => {
                let words = format!(
                    "line {} says neither in 1229 nor by quantities what becomes of it; it was left unanswered",
                    line::shown(self.stated)
                );
                report.warn(self.stated.at, "NO_STATEMENT", words);
                None
            }
            _ => self.accepted(None, report),
        }
    }

    fn rejected(self, code: &str, at: Place, report: &mut Report<'_>) -> Answered {
        let words = heading::notes(&self.stated.texts, report);
        let all = std::iter::once(code).chain(words.iter().map(String::as_str));
        let part = StatedPart {
            kind: AnswerKind::Rejected,
            quantity: None,
            unit: None,
            promised_on: None,
            price: None,
            reason: Some(values::joined(all, " ")),
            substitute: None,
            place: field(at),
        };
        let parts = vec![(part, at)];
        Answered { parts, rest_rejected_for: None, amends: false, undecided: false, at: self.stated.at }
    }

    fn accepted(self, said: Option<(Spoken<'_>, Meaning)>, report: &mut Report<'_>) -> Option<Answered> {
        let at = names::action(self.stated).map_or(self.stated.at, |action| action.at);
        let shares = self.shares(report);
        if let Some(first) = shares.first()
            && !shares.iter().any(|share| share.amount.is_positive())
        {
            let words = format!(
                "line {}: a quantity of 0 says nothing; reject what will not come",
                line::shown(self.stated)
            );
            report.refuse(first.quantity.at, "INVALID_VALUE", words);
            return None;
        }
        let meaning = said.map_or(Meaning::Accepted, |(_, meaning)| meaning);
        let price = self.price(said, report);
        let mut parts = Vec::with_capacity(shares.len());
        for share in shares.iter().filter(|share| share.amount.is_positive()) {
            let promised_on = self.promised(&share.dates, report);
            let unit = share.quantity.unit.as_ref().and_then(|unit| unit_of(unit, report));
            let kind = if share.kind == AnswerKind::Backordered { share.kind } else { self.kind(meaning) };
            let part = self.part(kind, Some(share.amount), promised_on, share.quantity.at, report);
            parts.push((StatedPart { unit, price, ..part }, share.quantity.at));
        }
        if shares.is_empty() {
            let all: Vec<&DateTime> = self.stated.dates.iter().collect();
            let promised_on = self.promised(&all, report);
            let part = self.part(self.kind(meaning), None, promised_on, at, report);
            parts.push((StatedPart { price, ..part }, at));
        }
        let amends = self.heading.proposes || meaning == Meaning::Proposed;
        let undated = |part: &StatedPart| part.kind == AnswerKind::Backordered && part.promised_on.is_none();
        if let Some((_, at)) = parts.iter().find(|(part, _)| undated(part)) {
            let words = format!(
                "it is not said when this part will come; this of line {} was left unanswered",
                line::shown(self.stated)
            );
            report.warn(*at, "NO_STATEMENT", words);
            // Of what is only asked for, nothing is taken without the rest.
            parts.retain(|(part, _)| !undated(part) && !amends);
            return Some(Answered { parts, ..Answered::undecided(self.stated.at) });
        }
        let states_quantity = !shares.is_empty();
        self.demand(said, states_quantity, &parts, at, report);
        let rest = said.filter(|(_, meaning)| states_quantity && meaning.rejects_rest());
        Some(Answered {
            parts,
            rest_rejected_for: rest.map(|(code, _)| code.ours.to_owned()),
            amends,
            undecided: false,
            at: self.stated.at,
        })
    }

    fn kind(self, meaning: Meaning) -> AnswerKind {
        match meaning {
            Meaning::Backordered => AnswerKind::Backordered,
            Meaning::Substituted => AnswerKind::Substituted,
            _ if !names::substitutes(self.stated).is_empty() => AnswerKind::Substituted,
            _ => AnswerKind::Accepted,
        }
    }

    fn part(
        self,
        kind: AnswerKind,
        quantity: Option<Micro>,
        promised_on: Option<Date>,
        at: Place,
        report: &mut Report<'_>,
    ) -> StatedPart {
        let substitute = if kind == AnswerKind::Substituted { self.substitute(at, report) } else { None };
        StatedPart {
            kind,
            quantity,
            unit: None,
            promised_on,
            price: None,
            reason: None,
            substitute,
            place: field(at),
        }
    }

    fn substitute(self, at: Place, report: &mut Report<'_>) -> Option<Substitute> {
        let ids = names::substitutes(self.stated);
        let own =
            names::pick(&ids, SUPPLIER_PART).or_else(|| names::pick(&ids, &["MF", "EN", "SRV", "UP", ""]));
        let Some(part) = own else {
            let words = "another item is shipped, and no PIA with 3 names it";
            report.refuse(at, "REQUIRED", words);
            return None;
        };
        Some(Substitute { supplier_part: values::code(part, report)?, description: None })
    }

    /// What a code that says what changes cannot do without.
    fn demand(
        self,
        said: Option<(Spoken<'_>, Meaning)>,
        states_quantity: bool,
        parts: &[(StatedPart, Place)],
        at: Place,
        report: &mut Report<'_>,
    ) {
        let Some((code, meaning)) = said else { return };
        let missing = match meaning {
            Meaning::QuantityChanged if !states_quantity => "quantity",
            Meaning::Rescheduled if parts.iter().all(|(part, _)| part.promised_on.is_none()) => "day",
            Meaning::PriceChanged if parts.iter().all(|(part, _)| part.price.is_none()) => "price",
            _ => return,
        };
        report.refuse(at, "REQUIRED", format!("{code} changes the {missing} and gives none"));
    }

    fn price(self, said: Option<(Spoken<'_>, Meaning)>, report: &mut Report<'_>) -> Option<StatedPrice> {
        let changed = said.is_some_and(|(_, meaning)| meaning == Meaning::PriceChanged);
        let (amount, per) = line::price(self.stated, report);
        let amount = amount.filter(|amount| changed || amount.is_positive())?;
        Some(StatedPrice { amount, per, changed })
    }

    /// The promised day: of the part, of the heading; the first that says one.
    fn promised(self, dates: &[&DateTime], report: &mut Report<'_>) -> Option<Date> {
        let heading: Vec<&DateTime> = self.heading_dates.iter().collect();
        dates::promised(dates, report).or_else(|| dates::promised(&heading, report))
    }

    /// The quantities that say what becomes of the line: what is to be delivered, else what is despatched, else what
    /// was ordered; and beside them what comes later.
    fn shares(self, report: &mut Report<'_>) -> Vec<Share<'a>> {
        let own = self.stated.quantities.iter();
        let scheduled = self.stated.schedules.iter().flat_map(|schedule| &schedule.quantities);
        let all: Vec<&Quantity> = own.chain(scheduled).collect();
        let has = |code: &&str| all.iter().any(|quantity| quantity.qualifier.value == **code);
        let later = has(&"83");
        let main = ["113", "66", "12", "21"].into_iter().find(has).filter(|main| !(later && *main == "21"));
        let mut shares: Vec<Share<'a>> = Vec::new();
        for quantity in all {
            let code = quantity.qualifier.as_str();
            let kind = match code {
                "83" => AnswerKind::Backordered,
                code if Some(code) == main => AnswerKind::Accepted,
                _ => continue,
            };
            let Some(amount) = quantity.value.as_ref().and_then(|value| values::number(value, report)) else {
                continue;
            };
            shares.push(Share { quantity, amount, kind, dates: quantity.dates.iter().collect() });
        }
        self.spread_dates(&mut shares);
        shares
    }

    /// Days behind a quantity are its own; days behind all of them are for all.
    fn spread_dates(self, shares: &mut [Share<'a>]) {
        let dates: Vec<&DateTime> = self.stated.dates.iter().filter(|date| dates::is_promise(date)).collect();
        let mut starts: Vec<u32> = shares.iter().map(|share| share.quantity.at.segment_index).collect();
        starts.sort_unstable();
        let last = starts.last().copied().unwrap_or_default();
        let first = starts.first().copied().unwrap_or_default();
        let between = |date: &DateTime| date.at.segment_index > first && date.at.segment_index < last;
        let each_its_own = dates.iter().any(|date| between(date));
        for share in shares.iter_mut().filter(|share| share.dates.is_empty()) {
            let start = share.quantity.at.segment_index;
            let end = starts.iter().copied().find(|next| *next > start).unwrap_or(u32::MAX);
            let is_own = |date: &&&DateTime| !each_its_own || (start..end).contains(&date.at.segment_index);
            share.dates = dates.iter().filter(is_own).copied().collect();
        }
    }
}
