//! What the labels of a shipment say: one for each handling unit that has an SSCC.
use std::collections::HashMap;

use quayside_canonical::{
    Micro,
    order::Party as Place,
    shipment::{Content, HandlingUnit, Measure, ShipNotice},
};
use quayside_domain::shipments::labels::Labelled;
use quayside_labels::{Contents, Label, Party, UnitOf, Weight, WeightUnit};

/// Units that count pieces: only of these a label can say how many there are.
const PIECES: &[&str] = &["EA", "H87", "C62"];

/// The labels of the units that `wanted` takes.
pub(crate) fn labels(of: &Labelled, wanted: impl Fn(&HandlingUnit) -> bool) -> Vec<Label> {
    let units = &of.shipment.notice.units;
    let count = u32::try_from(units.iter().filter(|unit| unit.sscc.is_some()).count()).unwrap_or(u32::MAX);
    let numbered = units.iter().filter_map(|unit| Some((unit, unit.sscc?))).zip(1..);
    numbered
        .filter(|((unit, _), _)| wanted(unit))
        .map(|((unit, sscc), number)| Label {
            unit: Some(UnitOf { number, of: count }),
            sscc,
            ..label(of, unit, sscc)
        })
        .collect()
}

fn label(of: &Labelled, unit: &HandlingUnit, sscc: quayside_canonical::gs1::Sscc) -> Label {
    let notice = &of.shipment.notice;
    let inside = inside(notice, unit);
    let ship_from = match &notice.ship_from {
        Some(place) => party(place),
        None => Party { name: of.supplier.clone(), ..Party::default() },
    };
    let carrier =
        notice.carrier.as_ref().and_then(|carrier| carrier.name.clone().or_else(|| carrier.scac.clone()));
    Label {
        ship_from,
        ship_to: notice.ship_to.as_ref().map(party).unwrap_or_default(),
        supplier: Some(of.supplier.clone()),
        carrier,
        bill_of_lading: notice.bill_of_lading.clone(),
        tracking: notice.pro_number.clone(),
        orders: orders(notice, &inside),
        shipment: Some(notice.number.clone()),
        unit: None,
        package: unit.package_type.as_deref().map(package),
        gross_weight: unit.gross_weight.as_ref().and_then(weight),
        contents: contents(of, &inside),
        sscc,
    }
}

fn party(place: &Place) -> Party {
    let name = place.name.clone().or_else(|| place.code.clone()).unwrap_or_default();
    Party { name, address: place.address.clone(), postal_code: None, country: None }
}

/// What is in a unit and in the units that stand in it.
fn inside<'a>(notice: &'a ShipNotice, unit: &'a HandlingUnit) -> Vec<&'a Content> {
    let mut below: HashMap<&str, Vec<&HandlingUnit>> = HashMap::new();
    for unit in &notice.units {
        if let Some(parent) = &unit.parent {
            below.entry(parent).or_default().push(unit);
        }
    }
    let (mut found, mut open) = (Vec::new(), vec![unit]);
    while let Some(unit) = open.pop() {
        found.extend(&unit.contents);
        // Each is taken once, so that units which stand in themselves in a draft come to an end.
        open.extend(below.remove(unit.key.as_str()).unwrap_or_default());
    }
    found
}

/// The orders of what is in a unit; of the shipment where nobody says what is in it.
fn orders(notice: &ShipNotice, inside: &[&Content]) -> Vec<String> {
    let mut orders: Vec<String> = match inside {
        [] => notice.lines.iter().map(|line| line.order.clone()).collect(),
        inside => inside.iter().map(|content| content.order.clone()).collect(),
    };
    orders.sort();
    orders.dedup();
    orders
}

/// The contents, when they are one item of one lot, counted in pieces.
fn contents(of: &Labelled, inside: &[&Content]) -> Option<Contents> {
    let (first, rest) = inside.split_first()?;
    let gtin = |content: &Content| of.gtins.get(&(content.order.clone(), content.line.clone()));
    let same = |content: &&&Content| {
        gtin(content) == gtin(first)
            && content.batch.lot == first.batch.lot
            && content.batch.expires_on == first.batch.expires_on
    };
    let pieces = |content: &Content| {
        let place = of
            .shipment
            .notice
            .lines
            .iter()
            .position(|line| line.order == content.order && line.line == content.line)?;
        let said = of.shipment.notice.lines[place].unit.as_deref();
        let held = of.shipment.lines.iter().find(|line| usize::try_from(line.place) == Ok(place))?;
        PIECES.contains(&said.unwrap_or(&held.unit)).then_some(())
    };
    if !rest.iter().all(|content| same(&content)) || inside.iter().any(|content| pieces(content).is_none()) {
        return None;
    }
    let sum: Micro = inside.iter().map(|content| content.batch.quantity).sum();
    if sum.millionths() % 1_000_000 != 0 {
        return None;
    }
    Some(Contents {
        gtin: gtin(first)?.parse().ok()?,
        count: u32::try_from(sum.millionths() / 1_000_000).ok()?,
        lot: first.batch.lot.clone(),
        best_before: None,
        expiry: first.batch.expires_on,
    })
}

/// UN/ECE Rec 21 in words, for the common ones.
fn package(code: &str) -> String {
    let words = match code {
        "PX" => "Pallet",
        "CT" => "Carton",
        "BX" => "Box",
        "CS" => "Case",
        "CR" => "Crate",
        "DR" => "Drum",
        "BG" => "Bag",
        "PK" => "Package",
        code => code,
    };
    words.to_owned()
}

fn weight(weight: &Measure) -> Option<Weight> {
    let unit = match weight.unit.as_str() {
        "KGM" => WeightUnit::Kilogram,
        "LBR" => WeightUnit::Pound,
        _ => return None,
    };
    Some(Weight { amount: weight.value, unit })
}
