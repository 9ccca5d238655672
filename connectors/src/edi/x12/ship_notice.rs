//! 856: what the supplier shipped.
//!
//! The shipment is what stands in BSN and under its one level S; the goods and their packs are for
//! [`packing`](super::packing). A notice states its shipment whole, so one that changes (BSN01 04) replaces it as
//! one that says so (05).
use quayside_canonical::{
    goods_statement::{ShipmentPurpose, ShipmentStatement},
    shipment::{Carrier, Measure, ShipNotice},
};
use quayside_edi::{
    Located,
    x12::messages::{Detail, Equipment, Lading, Party as N1, Quantity, Routing, ShipNotice as Stated},
};

use super::{
    Command, Mapped, Sent, Terms, goods, heading, packing, pieces,
    report::{Report, field},
    values,
};

pub(super) fn map(stated: &Stated, sent: &Sent, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    let purpose = purpose(&stated.purpose, &mut report);
    let number = values::code(&stated.number, &mut report);
    let key = key(number.as_deref().unwrap_or_default(), purpose, sent);
    let statement = number.zip(purpose).map(|(number, purpose)| {
        let mut notice = shipment(stated, number, &mut report);
        let mut shipped = Vec::new();
        // What is taken back needs no goods, and some senders repeat them.
        if purpose != ShipmentPurpose::Cancel {
            let packed = packing::of(stated, &mut report);
            notice.units = packed.units;
            shipped = packed.goods;
            if shipped.is_empty() {
                report.refuse(stated.number.at, "REQUIRED", "no level says what was shipped in SN1");
            }
        }
        ShipmentStatement {
            purpose,
            stated_at: sent.at,
            notice,
            goods: shipped,
            place: field(stated.number.at),
        }
    });
    report.finish(key, statement.map(|statement| Command::Shipment(Box::new(statement))))
}

fn purpose(found: &Located<String>, report: &mut Report<'_>) -> Option<ShipmentPurpose> {
    match found.value.as_str() {
        // 14 announces what will leave; 06 and 07 state the same shipment again.
        "00" | "06" | "07" | "14" => Some(ShipmentPurpose::Announce),
        "04" | "05" | "15" | "18" => Some(ShipmentPurpose::Replace),
        "01" | "03" => Some(ShipmentPurpose::Cancel),
        other => {
            let words = format!("purpose {other} is none of 00, 01, 03, 04, 05, 06, 07, 14, 15 and 18");
            report.refuse(found.at, "PURPOSE_NOT_TAKEN", words);
            None
        }
    }
}

fn key(number: &str, purpose: Option<ShipmentPurpose>, sent: &Sent) -> String {
    match purpose {
        Some(ShipmentPurpose::Announce) | None => format!("856 {number} 00"),
        Some(ShipmentPurpose::Replace) => format!("856 {number} 05 {}", sent.stamp),
        Some(ShipmentPurpose::Cancel) => format!("856 {number} 01 {}", sent.stamp),
    }
}

fn shipment(stated: &Stated, number: String, report: &mut Report<'_>) -> ShipNotice {
    let mut shipments = stated.levels.iter().filter(|level| level.code.value == "S");
    let first = shipments.next();
    if let Some(second) = shipments.next() {
        report.refuse(second.at, "SEVERAL_SHIPMENTS", "a ship notice is of one shipment; this is another");
    }
    let details: Vec<&Detail> =
        std::iter::once(&stated.heading).chain(first.map(|level| &level.detail)).collect();
    let (ladings, equipment) = (all(&details, |d| &d.ladings), all(&details, |d| &d.equipment));
    let routing = details.iter().find_map(|detail| detail.section.routings.first());
    ShipNotice {
        number,
        ships_at: goods::when(&details, &["011", "068"], report),
        arrives_at: goods::when(&details, &["017", "371", "067", "069"], report),
        carrier: routing.and_then(|routing| carrier(routing, report)),
        transport_mode: routing.and_then(|routing| transport_mode(routing, report)),
        bill_of_lading: reference(&details, &["BM"], report),
        pro_number: reference(&details, &["CN", "2I"], report),
        trailer: equipment.first().and_then(|equipment| trailer(equipment, report)),
        seals: seals(&details, &equipment, report),
        gross_weight: gross_weight(&ladings, report),
        volume: only(ladings.iter().filter_map(|lading| lading.volume.as_ref()), report),
        ship_from: party(stated, &details, "SF", report),
        ship_to: party(stated, &details, "ST", report),
        notes: Vec::new(),
        lines: Vec::new(),
        units: Vec::new(),
    }
}

fn all<'a, T>(details: &[&'a Detail], of: fn(&'a Detail) -> &'a Vec<T>) -> Vec<&'a T> {
    details.iter().copied().flat_map(of).collect()
}

/// The reference with the first of the qualifiers that stands there. Others of its kind are reported.
fn reference(details: &[&Detail], qualifiers: &[&'static str], report: &mut Report<'_>) -> Option<String> {
    let all = |qualifier| details.iter().flat_map(move |detail| detail.references(qualifier));
    let qualifier = qualifiers.iter().find(|qualifier| all(qualifier).next().is_some())?;
    let first = all(qualifier).next()?;
    if let Some(other) = all(qualifier).find(|other| other.value != first.value) {
        let words = format!("{qualifier} is {} already; {} was left out", first.value, other.value);
        report.warn(other.at, "REFERENCE_LEFT_OUT", words);
    }
    values::code(first, report)
}

fn carrier(routing: &Routing, report: &mut Report<'_>) -> Option<Carrier> {
    let is_scac = |code: &&Located<String>| {
        (2..=4).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    let by_scac = routing.carrier_qualifier.as_ref().is_some_and(|qualifier| qualifier.value == "2");
    let scac = routing.carrier.as_ref().filter(|_| by_scac).filter(is_scac).map(|code| code.value.clone());
    let name = routing.text.as_ref().or(routing.carrier.as_ref().filter(|_| scac.is_none()));
    let name = name.and_then(|name| values::text(name, report));
    (scac.is_some() || name.is_some()).then_some(Carrier { scac, name })
}

/// Data element 91 to UN/ECE Recommendation 19, where one means the other.
fn transport_mode(routing: &Routing, report: &mut Report<'_>) -> Option<String> {
    let mode = routing.mode.as_ref()?;
    let code = match mode.value.as_str() {
        "S" | "O" => "1",
        "R" => "2",
        "M" | "J" | "LT" | "SR" | "E" | "TT" => "3",
        "A" | "AE" => "4",
        "X" => "6",
        other => {
            report.warn(
                mode.at,
                "TRANSPORT_MODE_LEFT_OUT",
                format!("{other} is no certain mode; it was left out"),
            );
            return None;
        }
    };
    Some(code.to_owned())
}

fn trailer(equipment: &Equipment, report: &mut Report<'_>) -> Option<String> {
    let number = values::code(equipment.number.as_ref()?, report)?;
    let initial = equipment.initial.as_ref().map_or("", |initial| initial.value.as_str());
    Some(format!("{initial}{number}"))
}

fn seals(details: &[&Detail], equipment: &[&Equipment], report: &mut Report<'_>) -> Vec<String> {
    let stated = equipment.iter().filter_map(|equipment| equipment.seal.as_ref());
    let referred = details.iter().flat_map(|detail| detail.references("SN"));
    let mut seals: Vec<String> = Vec::new();
    for seal in stated.chain(referred).filter_map(|seal| values::code(seal, report)) {
        if !seals.contains(&seal) {
            seals.push(seal);
        }
    }
    seals
}

/// The gross weight, where one TD1 states it. Of several it is not known whether they add up.
pub(super) fn gross_weight(ladings: &[&Lading], report: &mut Report<'_>) -> Option<Measure> {
    let gross = |lading: &&&Lading| lading.weight_qualifier.as_ref().is_some_and(|of| of.value == "G");
    only(ladings.iter().filter(gross).filter_map(|lading| lading.weight.as_ref()), report)
}

fn only<'a>(mut found: impl Iterator<Item = &'a Quantity>, report: &mut Report<'_>) -> Option<Measure> {
    let first = found.next()?;
    if let Some(second) = found.next() {
        let words =
            "several TD1 state weight or volume; whether they add up is not known, and they were left out";
        report.warn(second.value.at, "MEASURE_LEFT_OUT", words);
        return None;
    }
    measure(first, report)
}

/// A number with its unit. Without a unit it says nothing.
pub(super) fn measure(found: &Quantity, report: &mut Report<'_>) -> Option<Measure> {
    let Some(unit) = &found.unit else {
        report.warn(found.value.at, "MEASURE_LEFT_OUT", "a weight or volume without unit was left out");
        return None;
    };
    Some(Measure { value: values::number(&found.value, report)?, unit: pieces::unit_of(unit, report)? })
}

/// A party of the shipment, or else of its orders, if they agree on one.
fn party(
    stated: &Stated,
    details: &[&Detail],
    role: &str,
    report: &mut Report<'_>,
) -> Option<quayside_canonical::order::Party> {
    let with_role = |detail: &&'_ Detail| detail.section.parties.iter().any(|party| party.role.value == role);
    let of = |details: &[&Detail]| -> Vec<N1> {
        let parties = details.iter().flat_map(|detail| &detail.section.parties);
        parties.filter(|party| party.role.value == role).cloned().collect()
    };
    let mut found = of(details);
    if found.is_empty() {
        let orders = stated.levels.iter().filter(|level| level.code.value == "O").map(|level| &level.detail);
        found = of(&orders.filter(with_role).collect::<Vec<_>>());
    }
    let first = found.first()?;
    let same = |other: &&N1| {
        let id = |party: &N1| party.id.as_ref().map(|id| id.value.clone());
        let name = |party: &N1| party.names.first().map(|name| name.value.clone());
        id(other) == id(first) && name(other) == name(first)
    };
    if let Some(other) = found.iter().find(|other| !same(other)) {
        report.warn(other.role.at, "PARTY_LEFT_OUT", format!("there are several {role}; none was chosen"));
        return None;
    }
    Some(heading::party_of(first, report))
}
