//! What may hang under a heading or under a line. The standard uses the same segments at both, in loops
//! whose members are told apart only by what came before: a REF after an N1 is that party's.

use rust_decimal::Decimal;

use crate::position::{Located, Place};
use crate::problem::ProblemCode;
use crate::x12::segment::RawSegment;

use super::build::FromSegment;
use super::check::Checker;
use super::fields::Fields;
use super::parts::{
    Contact, Currency, DateTime, Description, Fob, LineStatus, Note, Pack, Party, Price, ProductId, Quantity,
    Reference, Routing, Schedule, Split, Terms,
};

/// The segments under a heading or a line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// CUR.
    pub currency: Option<Currency>,
    /// PO106 and following pairs, then those of LIN. Lines only.
    pub product_ids: Vec<ProductId>,
    /// PID.
    pub descriptions: Vec<Description>,
    /// PO4.
    pub packs: Vec<Pack>,
    /// CTP.
    pub prices: Vec<Price>,
    /// REF.
    pub references: Vec<Reference>,
    /// PER.
    pub contacts: Vec<Contact>,
    /// FOB.
    pub fob: Option<Fob>,
    /// ITD.
    pub terms: Vec<Terms>,
    /// DTM.
    pub dates: Vec<DateTime>,
    /// TD5.
    pub routings: Vec<Routing>,
    /// N9 loops and free text.
    pub notes: Vec<Note>,
    /// N1 loops.
    pub parties: Vec<Party>,
    /// SCH. Lines only.
    pub schedules: Vec<Schedule>,
    /// SDQ. Lines only.
    pub splits: Vec<Split>,
    /// QTY outside an N1 loop.
    pub quantities: Vec<(String, Quantity)>,
    /// ACK. Lines of an acknowledgment only.
    pub statuses: Vec<LineStatus>,
    /// Everything else, in its order: charges, components, taxes, measurements, unknown segments.
    pub other: Vec<RawSegment>,
}

/// How a line is called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineId {
    /// Opaque text: `1`, `001` and `A-7` are three different ids.
    pub text: String,
    /// Whether the sender gave none and the text is the line's position.
    pub assumed: bool,
    /// Where it is, or should be.
    pub at: Place,
}

impl LineId {
    /// The name of a line to write.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }
}

/// A line: what PO1 and POC have in common.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// PO101 or POC01.
    pub id: LineId,
    /// Where the line starts.
    pub at: Place,
    /// PO102 or POC03.
    pub quantity: Option<Located<Decimal>>,
    /// PO103 or POC05.
    pub unit: Option<Located<String>>,
    /// PO104 or POC06.
    pub price: Option<Located<Decimal>>,
    /// PO105 or POC07, data element 639.
    pub price_basis: Option<Located<String>>,
    /// What stands under it.
    pub section: Section,
}

/// The loop a segment may belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    Nothing,
    Party,
    Note,
    Schedule,
    Status,
    /// SAC: only a CUR belongs to it.
    Charge,
    /// AMT and what it opens: references, dates and percentages up to the next loop we know.
    Amount,
    /// SLN: everything up to the end of the line describes a component.
    Component,
}

/// What a section stands under: it says which segments may be part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Under {
    Heading,
    /// PO1 or POC.
    Line,
    /// HL or RCD.
    Level,
}

/// A section while its segments arrive, and what is open in it.
#[derive(Debug)]
pub(super) struct SectionBuilder<'s> {
    pub(super) section: &'s mut Section,
    pub(super) open: &'s mut Open,
    pub(super) under: Under,
}

impl SectionBuilder<'_> {
    /// Takes a segment; what has no place is kept as it is.
    pub(super) fn take(&mut self, f: &Fields<'_>, checker: &mut Checker<'_>) {
        if !self.place(f, checker) {
            self.section.other.push(f.keep());
        }
    }

    /// Finds the place of a segment; `false` if there is none.
    fn place(&mut self, f: &Fields<'_>, checker: &mut Checker<'_>) -> bool {
        let id = f.id();
        if *self.open == Open::Component {
            return false;
        }
        match id {
            b"SLN" => *self.open = Open::Component,
            b"AMT" => *self.open = Open::Amount,
            b"SAC" => *self.open = Open::Charge,
            b"N1" => return self.begin(Open::Party, f, |section| &mut section.parties),
            b"SCH" if *self.open == Open::Party => return self.of_party(f, |party| &mut party.schedules),
            b"SCH" if self.under == Under::Line => {
                return self.begin(Open::Schedule, f, |section| &mut section.schedules);
            }
            b"ACK" if self.under == Under::Line => {
                return self.begin(Open::Status, f, |section| &mut section.statuses);
            }
            b"N9" | b"MSG" | b"MTX" | b"NTE" => return self.note(f),
            b"N2" | b"N3" | b"N4" => return self.address(f, checker),
            b"REF" => return self.reference(f),
            b"DTM" => return self.date(f, checker),
            b"PER" if *self.open == Open::Party => return self.of_party(f, |party| &mut party.contacts),
            b"QTY" => return self.quantity(f),
            _ => return self.plain(f, checker),
        }
        false
    }

    /// Segments that belong to the section itself.
    fn plain(&mut self, f: &Fields<'_>, checker: &mut Checker<'_>) -> bool {
        let open = *self.open;
        let section = &mut *self.section;
        match f.id() {
            b"CUR" if open != Open::Charge && section.currency.is_none() => {
                section.currency = Currency::from_segment(f);
            }
            b"FOB" if open == Open::Nothing && section.fob.is_none() => section.fob = Fob::from_segment(f),
            b"TD5" if matches!(open, Open::Nothing | Open::Note | Open::Charge) => {
                _ = push(&mut section.routings, f);
            }
            b"TD1" | b"TD3" | b"TD4" | b"TD5" | b"FOB" | b"SI" | b"NX2" | b"PKG" if open == Open::Party => {
                return self.keep_in_party(f);
            }
            b"TD1" | b"TD3" | b"TD4" | b"TD5" if open == Open::Schedule => return self.keep_in_schedule(f),
            b"PER" => _ = push(&mut section.contacts, f),
            b"ITD" => _ = push(&mut section.terms, f),
            b"PID" => _ = push(&mut section.descriptions, f),
            b"PO4" => _ = push(&mut section.packs, f),
            b"CTP" => _ = push(&mut section.prices, f),
            b"LIN" if self.under == Under::Line => section.product_ids.extend(f.ids(2, 31)),
            b"SDQ" if self.under != Under::Heading => _ = push(&mut section.splits, f),
            b"SCH" | b"ACK" | b"SDQ" | b"LIN" => {
                let message = format!("{} stands before the first line", f.at(0).segment);
                checker.report(ProblemCode::SegmentUnexpected, f.at(0), message);
                return false;
            }
            _ => return false,
        }
        true
    }

    fn begin<T: FromSegment>(
        &mut self,
        open: Open,
        f: &Fields<'_>,
        list: fn(&mut Section) -> &mut Vec<T>,
    ) -> bool {
        *self.open = open;
        push(list(self.section), f)
    }

    fn of_party<T: FromSegment>(&mut self, f: &Fields<'_>, list: fn(&mut Party) -> &mut Vec<T>) -> bool {
        self.section.parties.last_mut().is_some_and(|party| push(list(party), f))
    }

    fn keep_in_party(&mut self, f: &Fields<'_>) -> bool {
        self.section.parties.last_mut().map(|party| party.other.push(f.keep())).is_some()
    }

    fn keep_in_schedule(&mut self, f: &Fields<'_>) -> bool {
        self.section.schedules.last_mut().map(|schedule| schedule.other.push(f.keep())).is_some()
    }

    fn reference(&mut self, f: &Fields<'_>) -> bool {
        match *self.open {
            Open::Party => self.of_party(f, |party| &mut party.references),
            Open::Schedule => {
                self.section.schedules.last_mut().is_some_and(|schedule| push(&mut schedule.references, f))
            }
            Open::Amount => false,
            _ => push(&mut self.section.references, f),
        }
    }

    fn date(&mut self, f: &Fields<'_>, checker: &mut Checker<'_>) -> bool {
        match *self.open {
            Open::Party if self.under == Under::Line => return self.of_party(f, |party| &mut party.dates),
            Open::Note => {
                if let Some(note) = self.section.notes.last_mut() {
                    return push(&mut note.dates, f);
                }
            }
            Open::Status => {
                if let Some(status) = self.section.statuses.last_mut() {
                    return push(&mut status.dates, f);
                }
            }
            Open::Amount => return false,
            Open::Party | Open::Schedule => {
                let message =
                    "DTM stands after a loop that has none; it was read as belonging to what is around it";
                let problem = checker.problem(ProblemCode::SegmentOutOfOrder, f.at(0), message.into());
                checker.problems.push(problem.tolerated());
            }
            Open::Nothing | Open::Charge | Open::Component => {}
        }
        push(&mut self.section.dates, f)
    }

    fn quantity(&mut self, f: &Fields<'_>) -> bool {
        let (Some(qualifier), Some(value)) = (f.text(1), f.decimal(2)) else { return false };
        let quantity = (qualifier.value, Quantity { value, unit: f.component(3) });
        let party = self.section.parties.last_mut().filter(|_| *self.open == Open::Party);
        party.map_or(&mut self.section.quantities, |party| &mut party.quantities).push(quantity);
        true
    }

    fn note(&mut self, f: &Fields<'_>) -> bool {
        let text = match f.id() {
            b"N9" => f.text(3),
            b"MSG" => f.text(1),
            _ => f.text(2),
        };
        if f.id() != b"N9"
            && let (Open::Note, Some(note)) = (*self.open, self.section.notes.last_mut())
        {
            note.text.extend(text);
            return true;
        }
        let (qualifier, reference) = if f.id() == b"N9" { (f.text(1), f.text(2)) } else { (None, None) };
        let note =
            Note { at: f.at(0), qualifier, reference, text: text.into_iter().collect(), dates: Vec::new() };
        self.section.notes.push(note);
        if f.id() == b"N9" {
            *self.open = Open::Note;
        }
        true
    }

    fn address(&mut self, f: &Fields<'_>, checker: &mut Checker<'_>) -> bool {
        let Some(party) = self.section.parties.last_mut().filter(|_| *self.open == Open::Party) else {
            let message = format!("{} stands without an N1 before it", f.at(0).segment);
            checker.report(ProblemCode::SegmentUnexpected, f.at(0), message);
            return false;
        };
        match f.id() {
            b"N2" => party.names.extend(f.text(1).into_iter().chain(f.text(2))),
            b"N3" => party.street.extend(f.text(1).into_iter().chain(f.text(2))),
            _ if party.city.is_some() || party.postal_code.is_some() => return self.keep_in_party(f),
            _ => {
                (party.city, party.state) = (f.text(1), f.text(2));
                (party.postal_code, party.country) = (f.text(3), f.text(4));
            }
        }
        true
    }
}

/// Adds a piece, if the segment makes one. Most lists hold one, so room is made for no more.
pub(super) fn push<T: FromSegment>(list: &mut Vec<T>, f: &Fields<'_>) -> bool {
    let Some(piece) = T::from_segment(f) else { return false };
    if list.is_empty() {
        list.reserve_exact(1);
    }
    list.push(piece);
    true
}
