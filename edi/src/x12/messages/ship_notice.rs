//! 856, ship notice: a tree of levels, from the shipment down to what is in its packs.

use std::collections::HashSet;

use chrono::{NaiveDate, NaiveTime};

use crate::options::Options;
use crate::position::{Control, Located};
use crate::problem::Problems;
use crate::x12::segment::RawSegment;
use crate::x12::set::TransactionSet;

use super::check::Checker;
use super::codes::Family;
use super::detail::Detail;
use super::hierarchy::{self, Level};
use super::loops::{self, Shape, Walked, check_totals, sum};

const SHAPE: Shape = Shape { begin: "BSN", opener: "HL" };

/// A supplier's notice of what was shipped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShipNotice {
    /// Where it came from; turns a place into a position.
    pub control: Control,
    /// BSN01, data element 353: `00` original, `01` cancellation, `04` change, `05` replacement.
    pub purpose: Located<String>,
    /// BSN02.
    pub number: Located<String>,
    /// BSN03, the date of the notice.
    pub date: Located<NaiveDate>,
    /// BSN04.
    pub time: Located<NaiveTime>,
    /// BSN05, data element 1005. The levels say for themselves how they hang together, and are believed.
    pub structure: Option<Located<String>>,
    /// BSN06.
    pub transaction_type: Option<Located<String>>,
    /// BSN07.
    pub status_reason: Option<Located<String>>,
    /// What stands between BSN and the first level.
    pub heading: Detail,
    /// The levels in their order: whatever a level hangs under stands before it.
    pub levels: Vec<Level>,
    /// CTT and what follows it.
    pub summary: Vec<RawSegment>,
}

impl ShipNotice {
    /// A level and all it hangs under, innermost first.
    pub fn upwards(&self, level: usize) -> impl Iterator<Item = &Level> {
        std::iter::successors(self.levels.get(level), |level| self.levels.get(level.parent?))
    }

    /// The order of what a level holds: named by itself, by the nearest level above that does, or by the heading.
    #[must_use]
    pub fn order_number(&self, level: usize) -> Option<&Located<String>> {
        let named = self.upwards(level).find_map(|level| level.detail.order_number());
        named.or_else(|| self.heading.order_number())
    }

    /// The orders it is about, each once.
    #[must_use]
    pub fn order_numbers(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let details = std::iter::once(&self.heading).chain(self.levels.iter().map(|level| &level.detail));
        let named = details.filter_map(Detail::order_number);
        named.map(|number| number.as_str()).filter(|number| seen.insert(*number)).collect()
    }

    /// The levels that name an item, with their positions in `levels`.
    pub fn items(&self) -> impl Iterator<Item = (usize, &Level)> {
        self.levels.iter().enumerate().filter(|(_, level)| level.is_item())
    }
}

pub(super) fn read(set: &TransactionSet, options: &Options, problems: &mut Problems) -> Option<ShipNotice> {
    let mut checker = Checker::new(set, Family::ShipNotice, options, problems);
    let walked: Walked<'_, Level> = loops::walk(set, SHAPE, &mut checker)?;
    let Walked { begin, heading, loops, totals, summary } = walked;
    if loops.is_empty() {
        checker.missing(SHAPE.opener, set);
    }
    let levels = hierarchy::build(loops, &heading, &mut checker);
    let mut seen = HashSet::new();
    for level in &levels {
        level.detail.refuse_negative(&mut checker);
        level.detail.check_marks(&mut seen, &mut checker);
    }
    if let Some(ctt) = &totals {
        let items = levels.iter().filter(|level| level.is_item()).count();
        let quantities = |wanted: fn(&Level) -> bool| {
            let of = levels.iter().filter(move |level| wanted(level));
            sum(of.filter_map(|level| level.detail.shipped.as_ref()).map(|shipped| *shipped.quantity.value))
        };
        // Where packs stand under items, both state quantities, and senders differ on which they add up.
        let sums = [quantities(|_| true), quantities(Level::is_item), quantities(|level| !level.is_item())];
        let counted = format!("HL, {items} of them items");
        check_totals(
            ctt,
            (levels.len(), &counted),
            &sums.into_iter().flatten().collect::<Vec<_>>(),
            &mut checker,
        );
    }
    Some(ShipNotice {
        control: set.control.clone(),
        purpose: begin.text(1)?,
        number: begin.text(2)?,
        date: begin.date(3)?,
        time: begin.time(4)?,
        structure: begin.text(5),
        transaction_type: begin.text(6),
        status_reason: begin.text(7),
        heading,
        levels,
        summary,
    })
}
