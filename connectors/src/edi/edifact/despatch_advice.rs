//! DESADV: what the supplier shipped.
//!
//! The shipment is what stands in the heading; the goods and their packs are for [`consignment`](super::consignment).
//! An advice states its shipment whole, so one that changes (BGM 1225 4) replaces it as one that says so (5).
use quayside_canonical::{
    goods_statement::{ShipmentPurpose, ShipmentStatement},
    shipment::{Carrier, ShipNotice},
};
use quayside_edi::{
    Place,
    edifact::messages::{Despatch, Equipment, Node, Transport},
};

use super::{
    Command, Mapped, Sent, Terms, consignment, dates, goods, heading, names,
    report::{Report, field},
    values,
};

pub(super) fn map(stated: &Despatch, sent: &Sent, terms: &Terms) -> Mapped {
    let mut report = Report::new(terms);
    let purpose = purpose(stated, &mut report);
    let number = number(stated, &mut report);
    let key = key(number.as_deref().unwrap_or_default(), purpose, sent);
    let statement = number.zip(purpose).map(|(number, purpose)| {
        let mut notice = shipment(stated, number, &mut report);
        let mut shipped = Vec::new();
        // What is taken back needs no goods, and some senders repeat them.
        if purpose != ShipmentPurpose::Cancel {
            let packed = consignment::of(stated, &mut report);
            notice.units = packed.units;
            shipped = packed.goods;
            if shipped.is_empty() && !report.is_refused() {
                report.refuse(stated.document.at, "REQUIRED", "no line says what was despatched in QTY 12");
            }
        }
        let place = stated.document.number.as_ref().map_or_else(Place::default, |number| number.at);
        ShipmentStatement { purpose, stated_at: sent.at, notice, goods: shipped, place: field(place) }
    });
    report.finish(key, statement.map(|statement| Command::Shipment(Box::new(statement))))
}

fn purpose(stated: &Despatch, report: &mut Report<'_>) -> Option<ShipmentPurpose> {
    let Some(found) = &stated.document.function else { return Some(ShipmentPurpose::Announce) };
    match found.as_str() {
        "6" | "7" | "9" | "31" | "35" => Some(ShipmentPurpose::Announce),
        "4" | "5" | "18" => Some(ShipmentPurpose::Replace),
        "1" | "3" => Some(ShipmentPurpose::Cancel),
        other => {
            let words = format!("function {other} is none of 1, 3, 4, 5, 6, 7, 9, 18, 31 and 35");
            report.refuse(found.at, "PURPOSE_NOT_TAKEN", words);
            None
        }
    }
}

/// The number of a despatch or receiving advice.
pub(super) fn number(stated: &Despatch, report: &mut Report<'_>) -> Option<String> {
    let Some(found) = &stated.document.number else {
        report.refuse(stated.document.at, "REQUIRED", "BGM has no number of the advice");
        return None;
    };
    values::code(found, report)
}

fn key(number: &str, purpose: Option<ShipmentPurpose>, sent: &Sent) -> String {
    match purpose {
        Some(ShipmentPurpose::Announce) | None => format!("DESADV {number} 9"),
        Some(ShipmentPurpose::Replace) => format!("DESADV {number} 5 {}", sent.stamp),
        Some(ShipmentPurpose::Cancel) => format!("DESADV {number} 1 {}", sent.stamp),
    }
}

fn shipment(stated: &Despatch, number: String, report: &mut Report<'_>) -> ShipNotice {
    let dates = || stated.dates.iter();
    // 20 is the main leg; senders that state one leg do not always say which.
    let main = stated.transports.iter().find(|transport| transport.stage.as_str() == "20");
    let transport = main.or(stated.transports.first());
    ShipNotice {
        number,
        ships_at: dates::moment_of(dates(), &["11"], report),
        arrives_at: dates::moment_of(dates(), &["17", "132", "67", "69"], report),
        carrier: transport.and_then(|transport| carrier(transport, report)),
        transport_mode: transport.and_then(|transport| transport_mode(transport, report)),
        bill_of_lading: reference(stated, &["BM", "AAS"], report),
        pro_number: reference(stated, &["CN"], report),
        trailer: trailer(stated, transport, report),
        seals: seals(&stated.equipment, report),
        gross_weight: goods::gross_weight(&stated.measurements, report),
        volume: goods::measured(&stated.measurements, &["ABJ", "AAW"], report),
        ship_from: heading::with_role(&stated.parties, &["SF"], report),
        ship_to: heading::ship_to(&stated.parties, report),
        notes: Vec::new(),
        lines: Vec::new(),
        units: Vec::new(),
    }
}

fn reference(stated: &Despatch, qualifiers: &[&str], report: &mut Report<'_>) -> Option<String> {
    names::reference(&stated.references, qualifiers).and_then(|found| values::code(found, report))
}

fn carrier(transport: &Transport, report: &mut Report<'_>) -> Option<Carrier> {
    let is_scac =
        |code: &str| (2..=4).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_uppercase());
    // 182 is the agency that gives out the codes of carriers in the United States.
    let may_be = transport.carrier_agency.as_ref().is_none_or(|agency| agency.as_str() == "182");
    let id = transport.carrier.as_ref();
    let scac = id.filter(|_| may_be).filter(|code| is_scac(code)).map(|code| code.value.clone());
    let name = transport.carrier_name.as_ref().or(id.filter(|_| scac.is_none()));
    let name = name.and_then(|name| values::text(name, report));
    (scac.is_some() || name.is_some()).then_some(Carrier { scac, name })
}

/// 8067 to UN/ECE Recommendation 19: its tens are that list, and some write the list itself.
fn transport_mode(transport: &Transport, report: &mut Report<'_>) -> Option<String> {
    let mode = transport.mode.as_ref()?;
    let code = match mode.as_str() {
        "10" | "1" => "1",
        "20" | "2" => "2",
        "30" | "3" => "3",
        "40" | "4" => "4",
        "50" | "5" => "5",
        "60" | "6" => "6",
        other => {
            let words = format!("{other} is no certain mode; it was left out");
            report.warn(mode.at, "TRANSPORT_MODE_LEFT_OUT", words);
            return None;
        }
    };
    Some(code.to_owned())
}

/// The trailer or container (EQD), else the vehicle (TDT 8213).
fn trailer(stated: &Despatch, transport: Option<&Transport>, report: &mut Report<'_>) -> Option<String> {
    let equipment = stated.equipment.iter().find_map(|equipment| equipment.id.as_ref());
    let vehicle = transport.and_then(|transport| transport.vehicle.as_ref());
    equipment.or(vehicle).and_then(|found| values::code(found, report))
}

/// SEL under EQD.
fn seals(equipment: &[Equipment], report: &mut Report<'_>) -> Vec<String> {
    let mut seals: Vec<String> = Vec::new();
    for node in equipment.iter().flat_map(|equipment| &equipment.other) {
        let Node::Segment(segment) = node else { continue };
        let Some(seal) = segment.text(1, 1).filter(|_| segment.id == "SEL") else { continue };
        let found = quayside_edi::Located { value: seal.to_owned(), at: segment.at };
        if let Some(seal) = values::code(&found, report)
            && !seals.contains(&seal)
        {
            seals.push(seal);
        }
    }
    seals
}
