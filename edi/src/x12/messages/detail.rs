//! What may hang under a level of a shipment or under a received line: what orders have there too, and what only
//! moving goods have.

use std::collections::HashSet;

use rust_decimal::Decimal;

use crate::position::Located;
use crate::problem::ProblemCode;
use crate::x12::header::printable;

use super::build::FromSegment;
use super::check::Checker;
use super::codes::Family;
use super::fields::Fields;
use super::section::{self, Section, SectionBuilder, Under, push};
use super::shipping::{Component, Equipment, Lading, Marks, OrderReference, Packaging, Shipped};

/// The segments under a heading, a level or a received line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Detail {
    /// LIN01. The ids after it are in `section.product_ids`.
    pub line_id: Option<Located<String>>,
    /// PRF; at most one under a level of a ship notice.
    pub orders: Vec<OrderReference>,
    /// SN1.
    pub shipped: Option<Shipped>,
    /// SLN.
    pub components: Vec<Component>,
    /// MAN.
    pub marks: Vec<Marks>,
    /// TD1.
    pub ladings: Vec<Lading>,
    /// TD3.
    pub equipment: Vec<Equipment>,
    /// PKG.
    pub packaging: Vec<Packaging>,
    /// What orders have too: ids, references, dates, parties, packs, and everything that was kept as it is.
    pub section: Section,
}

impl Detail {
    /// The order it names, wherever it does: PRF, REF with `PO`, LIN with `PO`.
    #[must_use]
    pub fn order_number(&self) -> Option<&Located<String>> {
        let referred = || self.references("PO").next();
        let listed = || self.product_ids("PO").next();
        self.orders.first().map(|order| &order.number).or_else(referred).or_else(listed)
    }

    /// The lot numbers: of LIN (`LT`, `B8`) and of REF (`LT`, `BT`).
    pub fn lots(&self) -> impl Iterator<Item = &Located<String>> {
        let listed = ["LT", "B8"].into_iter().flat_map(|qualifier| self.product_ids(qualifier));
        listed.chain(["LT", "BT"].into_iter().flat_map(|qualifier| self.references(qualifier)))
    }

    /// The serial numbers: of LIN (`SN`) and of REF (`SE`).
    pub fn serials(&self) -> impl Iterator<Item = &Located<String>> {
        self.product_ids("SN").chain(self.references("SE"))
    }

    /// The values of REF with a qualifier.
    pub fn references(&self, qualifier: &'static str) -> impl Iterator<Item = &Located<String>> {
        let with = self.section.references.iter().filter(move |reference| *reference.qualifier == qualifier);
        with.filter_map(|reference| reference.value.as_ref())
    }

    /// The ids of LIN with a qualifier.
    pub fn product_ids(&self, qualifier: &'static str) -> impl Iterator<Item = &Located<String>> {
        self.section.product_ids.iter().filter(move |id| id.qualifier == qualifier).map(|id| &id.id)
    }

    fn keep(&mut self, f: &Fields<'_>) {
        self.section.other.push(f.keep());
    }

    /// Numbers the standard lets be negative, and no one ships or receives.
    pub(super) fn refuse_negative(&self, checker: &mut Checker<'_>) {
        let shipped = self.shipped.iter();
        let numbers = shipped.flat_map(|shipped| {
            let ordered = shipped.ordered.as_ref().map(|ordered| ordered.value);
            [Some(shipped.quantity.value), shipped.shipped_to_date, ordered].into_iter().flatten()
        });
        let components = self.components.iter().filter_map(|part| part.quantity.as_ref().map(|q| q.value));
        for number in numbers.chain(components) {
            refuse_negative(number, checker);
        }
    }

    /// Complains of marks that should be an SSCC and are none, or were there before.
    pub(super) fn check_marks(&self, seen: &mut HashSet<String>, checker: &mut Checker<'_>) {
        for mark in &self.marks {
            let (shown, at) = (|| printable(&mark.number), mark.number.at);
            match mark.sscc() {
                Some(Err(fault)) => {
                    checker.report(
                        ProblemCode::SsccInvalid,
                        at,
                        format!("'{}' is no SSCC: {fault}", shown()),
                    );
                }
                Some(Ok(sscc)) if seen.contains(&sscc) => {
                    checker.report(
                        ProblemCode::SsccRepeated,
                        at,
                        format!("SSCC {} was there before", shown()),
                    );
                }
                Some(Ok(sscc)) => drop(seen.insert(sscc)),
                None => {}
            }
        }
    }
}

pub(super) fn refuse_negative(number: Located<Decimal>, checker: &mut Checker<'_>) {
    if number.is_sign_negative() && !number.is_zero() {
        let message = format!("The quantity is {}", number.value);
        checker.report(ProblemCode::QuantityNegative, number.at, message);
    }
}

/// The members of the loop that a segment opens, if we keep it as it is: a REF after CLD is of the load, not of the
/// level.
fn members(opener: &str) -> Option<&'static [&'static str]> {
    Some(match opener {
        "CLD" => &["REF"],
        "LH1" => &["LH2", "LH3", "LFH", "LEP", "LH4", "LHT", "LHR", "PER", "LHE"],
        "LM" => &["LQ"],
        "V1" => &["R4", "DTM"],
        _ => return None,
    })
}

#[derive(Debug, Clone, Copy)]
enum Open {
    Nothing,
    /// A loop that is kept as it is, with its members.
    Kept(&'static [&'static str]),
    /// SLN of a receiving advice: up to the next N1 everything describes the component.
    Component,
}

/// What is open under a heading, a level or a line while its segments arrive.
#[derive(Debug)]
pub(super) struct Filing {
    under: Under,
    /// Which of the segments that orders do not have may stand here.
    takes: &'static [&'static str],
    open: Open,
    section: section::Open,
}

impl Filing {
    /// What stands before the first level or line.
    pub(super) fn heading(family: Family) -> Self {
        let takes: &[&str] = if family == Family::ReceivingAdvice { &["PRF", "TD1", "TD3"] } else { &[] };
        Self::new(Under::Heading, takes)
    }

    /// What stands under a level or line.
    pub(super) fn level() -> Self {
        Self::new(Under::Level, &["LIN", "SN1", "SLN", "PRF", "MAN", "TD1", "TD3", "PKG"])
    }

    fn new(under: Under, takes: &'static [&'static str]) -> Self {
        Self { under, takes, open: Open::Nothing, section: section::Open::Nothing }
    }

    /// Takes a segment; what has no place is kept as it is.
    pub(super) fn take(&mut self, detail: &mut Detail, id: &str, f: &Fields<'_>, checker: &mut Checker<'_>) {
        match self.open {
            Open::Kept(members) if members.contains(&id) => return detail.keep(f),
            Open::Component if !matches!(id, "N1" | "SLN") => {
                if let Some(component) = detail.components.last_mut() {
                    component.other.push(f.keep());
                }
                return;
            }
            _ => self.open = Open::Nothing,
        }
        if let Some(members) = members(id) {
            self.open = Open::Kept(members);
            return detail.keep(f);
        }
        match id {
            "LIN" | "SN1" | "SLN" | "PRF" | "MAN" | "TD1" | "TD3" | "PKG" => {
                return self.take_own(detail, id, f, checker);
            }
            // Segments of the order family's tables that mean nothing here.
            "AMT" | "CTP" | "ITD" | "MSG" | "MTX" | "N9" | "NTE" | "QTY" | "SCH" => return detail.keep(f),
            "TD5" | "PO4" | "PID" | "MEA" | "SDQ" => self.section = section::Open::Nothing,
            _ => {}
        }
        let (section, open) = (&mut detail.section, &mut self.section);
        SectionBuilder { section, open, under: self.under }.take(f, checker);
    }

    /// What an N1 loop has none of: it belongs to the level, whatever was open.
    fn take_own(&mut self, detail: &mut Detail, id: &str, f: &Fields<'_>, checker: &mut Checker<'_>) {
        if !self.takes.contains(&id) {
            let message = format!("{id} has nothing to belong to here; it was kept as it is");
            checker.report(ProblemCode::SegmentUnexpected, f.at(0), message);
            return detail.keep(f);
        }
        self.section = section::Open::Nothing;
        match id {
            "LIN" => {
                // A second LIN of an item of a shipment would be a second item.
                let ids = &mut detail.section.product_ids;
                if !ids.is_empty() {
                    once(id, f, checker);
                }
                detail.line_id = detail.line_id.take().or_else(|| f.text(1));
                ids.extend(f.ids(2, 31));
            }
            "SN1" if detail.shipped.is_some() => once(id, f, checker),
            "SN1" => detail.shipped = Shipped::from_segment(f),
            "PRF" => {
                if !detail.orders.is_empty() {
                    once(id, f, checker);
                }
                push(&mut detail.orders, f);
            }
            "SLN" => {
                push(&mut detail.components, f);
                if checker.family == Family::ReceivingAdvice && !detail.components.is_empty() {
                    self.open = Open::Component;
                }
            }
            "MAN" => detail.marks.extend(Marks::all(f)),
            "TD1" => _ = push(&mut detail.ladings, f),
            "TD3" => _ = push(&mut detail.equipment, f),
            _ => _ = push(&mut detail.packaging, f),
        }
    }
}

/// A level of a ship notice has one LIN, SN1 and PRF at most; under a received line they may be several.
fn once(id: &str, f: &Fields<'_>, checker: &mut Checker<'_>) {
    if checker.family == Family::ShipNotice {
        checker.report(ProblemCode::SegmentRepeated, f.at(0), format!("{id} stands a second time"));
    }
}
