//! The levels of a DESADV: which goods of which order are in which pack.
//!
//! A CPS is a pack where it states one package: by its SSCC, or as one that hangs under another. Goods under it are in
//! it, or in the nearest pack above. A CPS that marks several packages does not say which goods are in which, unless
//! the line does (PCI and GIN under LIN): such goods are loose, and reported.
use std::collections::BTreeMap;

use quayside_canonical::{
    Micro,
    goods_statement::{NamedLine, StatedGoods},
    gs1::Sscc,
    shipment::{Batch, HandlingUnit},
};
use quayside_edi::{
    Located,
    edifact::messages::{Despatch, Level, Line, Package},
};
use rust_decimal::Decimal;

use super::{
    goods::{self, Made},
    line,
    names::unit_of,
    report::Report,
    values,
};

/// What was shipped, and in what.
#[derive(Debug, Default)]
pub(super) struct Packed {
    pub(super) units: Vec<HandlingUnit>,
    pub(super) goods: Vec<StatedGoods>,
}

pub(super) fn of(stated: &Despatch, report: &mut Report<'_>) -> Packed {
    let mut packing =
        Packing { stated, packed: Packed::default(), keys: BTreeMap::new(), marked: BTreeMap::new() };
    for (at, level) in stated.levels.iter().enumerate() {
        packing.units(at, level, report);
    }
    for (at, level) in stated.levels.iter().enumerate() {
        for line in &level.lines {
            if !line::is_component(line, report) {
                packing.line(at, line, report);
            }
        }
    }
    packing.packed
}

struct Packing<'a> {
    stated: &'a Despatch,
    packed: Packed,
    /// The packs of each level, by its position: one, or several of which none is meant.
    keys: BTreeMap<usize, Vec<String>>,
    /// The packs by their SSCC.
    marked: BTreeMap<Sscc, String>,
}

/// A line, read.
struct Item<'a> {
    line: &'a Line,
    named: NamedLine,
    unit: Option<String>,
    made: Made,
}

impl<'a> Packing<'a> {
    fn above(&self, at: usize) -> Option<usize> {
        let parent = self.stated.levels.get(at)?.parent.as_ref()?;
        let found = self.stated.levels.iter().take(at).rposition(|level| level.number.value == parent.value);
        found.filter(|found| *found < at)
    }

    /// The pack that goods of a level are in: its own, or the nearest above.
    fn pack_of(&self, at: usize) -> Option<&String> {
        let levels = std::iter::successors(Some(at), |at| self.above(*at));
        let packs = levels.filter_map(|at| self.keys.get(&at)).find(|keys| !keys.is_empty())?;
        packs.first().filter(|_| packs.len() == 1)
    }

    /// The packs a level states.
    fn units(&mut self, at: usize, level: &Level, report: &mut Report<'_>) {
        let mut keys = Vec::new();
        let parent = self.above(at).and_then(|above| self.pack_of(above).cloned());
        let marked: Vec<(&Package, Located<Sscc>)> = level
            .packages
            .iter()
            .flat_map(|package| {
                let identities = package.marks.iter().flat_map(|marks| &marks.identities);
                goods::ssccs(identities).into_iter().map(move |sscc| (package, sscc))
            })
            .collect();
        let Some(number) = self.number(at, level, report) else { return };
        if marked.is_empty() && is_one(level, parent.is_some() || level.parent.is_some()) {
            let unit = level.packages.first().map(|package| unit(package, report)).unwrap_or_default();
            self.packed.units.push(HandlingUnit { key: number.clone(), parent: parent.clone(), ..unit });
            keys.push(number.clone());
        }
        let several = marked.len() > 1;
        for (count, (package, sscc)) in (1..).zip(marked) {
            let key = if several { format!("{number}.{count}") } else { number.clone() };
            if let Some(other) = self.marked.insert(sscc.value, key.clone()) {
                let words = format!("SSCC {} is that of CPS {other} already", sscc.value);
                report.refuse(sscc.at, "DUPLICATE_SSCC", words);
            }
            let unit = unit(package, report);
            let sscc = Some(sscc.value);
            self.packed.units.push(HandlingUnit { key: key.clone(), parent: parent.clone(), sscc, ..unit });
            keys.push(key);
        }
        self.keys.insert(at, keys);
    }

    fn number(&self, at: usize, level: &Level, report: &mut Report<'_>) -> Option<String> {
        if level.number.is_empty() {
            return Some(format!("{}", at + 1));
        }
        values::code(&level.number, report)
    }

    fn line(&mut self, at: usize, line: &'a Line, report: &mut Report<'_>) {
        let Some((found, quantity)) = line::quantity_of(&line.quantities, "12", report) else {
            let words = format!("line {} does not say how much was despatched (QTY 12)", line::shown(line));
            report.refuse(line.at, "REQUIRED", words);
            return;
        };
        let Some(named) = goods::named(self.stated, line, report) else { return };
        if !quantity.is_positive() {
            let words = format!("{quantity} was shipped: leave the line out, or say how much");
            report.refuse(found.at, "INVALID_VALUE", words);
            return;
        }
        let unit = found.unit.as_ref().and_then(|unit| unit_of(unit, report));
        let item = Item { line, named, unit, made: Made::of(line, report) };
        let own = self.own_packs(at, line, report);
        match own.as_slice() {
            [] => {
                let pack = self.pack_of(at).cloned();
                self.tell_loose(at, &item, pack.is_none(), report);
                self.put(&item, pack, quantity);
            }
            [(pack, _)] => self.put(&item, Some(pack.clone()), quantity),
            several => self.spread(&item, several, quantity, report),
        }
    }

    /// Goods beside several packs are in one of them, and it is not said in which.
    fn tell_loose(&self, at: usize, item: &Item<'_>, is_loose: bool, report: &mut Report<'_>) {
        let beside = self.keys.get(&at).is_some_and(|keys| keys.len() > 1);
        if is_loose && beside {
            let words = format!(
                "line {} stands beside several packages, and it is not said which it is in; it was taken as loose",
                line::shown(item.line)
            );
            report.warn(item.line.at, "GOODS_LOOSE", words);
        }
    }

    /// The packs a line itself marks, with how much is in each.
    fn own_packs(&mut self, at: usize, line: &Line, report: &mut Report<'_>) -> Vec<(String, Option<Micro>)> {
        let mut packs = Vec::new();
        let parent = self.pack_of(at).cloned();
        let direct = goods::ssccs(line.identities.iter()).into_iter().map(|sscc| (sscc, None));
        let mut found: Vec<(Located<Sscc>, Option<Micro>)> = direct.collect();
        for marks in &line.marks {
            let stated = marks.quantities.iter().find_map(|quantity| quantity.value.as_ref());
            let share = stated.and_then(|value| values::number(value, report));
            let ssccs = goods::ssccs(marks.identities.iter());
            let only = ssccs.len() == 1;
            found.extend(ssccs.into_iter().map(|sscc| (sscc, share.filter(|_| only))));
        }
        for (sscc, share) in found {
            let key = self.marked.entry(sscc.value).or_insert_with(|| {
                let key = sscc.value.to_string();
                let unit = HandlingUnit { sscc: Some(sscc.value), ..HandlingUnit::default() };
                self.packed.units.push(HandlingUnit { key: key.clone(), parent: parent.clone(), ..unit });
                key
            });
            packs.push((key.clone(), share));
        }
        packs
    }

    /// Spreads a line over the packs it marks.
    fn spread(
        &mut self,
        item: &Item<'_>,
        packs: &[(String, Option<Micro>)],
        quantity: Micro,
        report: &mut Report<'_>,
    ) {
        let at = item.line.at;
        let mut left = quantity;
        for (pack, share) in packs {
            let Some(share) = share.filter(|share| share.is_positive()) else {
                let words = "a line in several packages: say in QTY under PCI how much is in each";
                report.refuse(at, "REQUIRED", words);
                return;
            };
            if share > left {
                let words = format!("the packages hold more than the {quantity} of the line");
                report.refuse(at, "CONTRADICTION", words);
                return;
            }
            left = left - share;
            self.put(item, Some(pack.clone()), share);
        }
        if left.is_positive() {
            let words = format!("{left} of the line are in none of its packages; they were taken as loose");
            report.warn(at, "GOODS_LOOSE", words);
            self.put(item, None, left);
        }
    }

    fn put(&mut self, item: &Item<'_>, packed_in: Option<String>, quantity: Micro) {
        let made = item.made.clone();
        self.packed.goods.push(StatedGoods {
            named: item.named.clone(),
            unit: item.unit.clone(),
            packed_in,
            batch: Batch {
                quantity,
                lot: made.lot,
                expires_on: made.expires_on,
                produced_on: made.produced_on,
                serials: made.serials,
                origin: None,
            },
        });
    }
}

/// Whether a level without SSCC is one pack: it hangs under another level and states one package.
fn is_one(level: &Level, hangs: bool) -> bool {
    let none = level.kind.as_ref().is_some_and(|kind| kind.as_str() == "4");
    let one = |package: &Package| package.count.as_ref().is_none_or(|count| count.value == Decimal::ONE);
    hangs && !none && level.packages.first().is_some_and(one)
}

/// What a package says of itself.
fn unit(package: &Package, report: &mut Report<'_>) -> HandlingUnit {
    let kind = package.kind.as_ref().and_then(|kind| package_type(kind));
    HandlingUnit {
        package_type: kind,
        gross_weight: goods::gross_weight(&package.measurements, report),
        ..HandlingUnit::default()
    }
}

/// UN/ECE Recommendation 21 of 7065: a code of two letters, or a pallet of EANCOM's list.
fn package_type(kind: &str) -> Option<String> {
    match kind {
        "200" | "201" | "202" | "203" | "204" => Some("PX".to_owned()),
        kind if kind.len() == 2 && kind.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            Some(kind.to_owned())
        }
        _ => None,
    }
}
