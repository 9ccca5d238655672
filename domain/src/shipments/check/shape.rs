//! Whether a ship notice is well formed: what can be said without looking anything up.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use quayside_canonical::{
    Field, Micro, Problems,
    order::Party,
    shipment::{Batch, HandlingUnit, Measure, ShipNotice},
};

/// The most lines of one shipment.
pub(super) const MAX_LINES: usize = 5_000;
/// The most handling units of one shipment.
const MAX_UNITS: usize = 20_000;
/// The most serial numbers of one batch.
const MAX_SERIALS: usize = 10_000;
/// How deep handling units may stand in one another.
const MAX_DEPTH: usize = 32;
/// The longest code: a number, a lot, a name of a unit.
const CODE: usize = 80;
/// The longest text.
const TEXT: usize = 2_000;

pub(super) fn check(notice: &ShipNotice, problems: &mut Problems) {
    let root = Field::root();
    code(&notice.number, &root.at("number"), problems);
    header(notice, problems);
    if notice.lines.is_empty() {
        problems.add("REQUIRED", &root.at("lines"), "a shipment has at least one line");
    }
    if notice.lines.len() > MAX_LINES {
        problems.add("TOO_MANY", &root.at("lines"), format!("at most {MAX_LINES} lines"));
        return;
    }
    lines(notice, problems);
    if notice.units.len() > MAX_UNITS {
        problems.add("TOO_MANY", &root.at("units"), format!("at most {MAX_UNITS} handling units"));
        return;
    }
    units(&notice.units, problems);
}

fn header(notice: &ShipNotice, problems: &mut Problems) {
    let root = Field::root();
    if notice.ships_at.zip(notice.arrives_at).is_some_and(|(ships, arrives)| arrives < ships) {
        problems.add("INVALID_VALUE", &root.at("arrivesAt"), "is before shipsAt");
    }
    if let Some(carrier) = &notice.carrier {
        let field = root.at("carrier");
        let is_scac =
            |scac: &String| (2..=4).contains(&scac.len()) && scac.bytes().all(|b| b.is_ascii_uppercase());
        if carrier.scac.as_ref().is_some_and(|scac| !is_scac(scac)) {
            problems.add(
                "INVALID_VALUE",
                &field.at("scac"),
                "expected two to four capital letters, such as UPSN",
            );
        }
        optional(carrier.name.as_ref(), TEXT, &field.at("name"), problems);
    }
    let is_mode = |mode: &String| mode.len() == 1 && mode.bytes().all(|b| b.is_ascii_digit());
    if notice.transport_mode.as_ref().is_some_and(|mode| !is_mode(mode)) {
        let words = "expected a code of UN/ECE Rec 19: one digit, such as 3 for road";
        problems.add("INVALID_VALUE", &root.at("transportMode"), words);
    }
    for (name, value) in [
        ("billOfLading", &notice.bill_of_lading),
        ("proNumber", &notice.pro_number),
        ("trailer", &notice.trailer),
    ] {
        optional(value.as_ref(), CODE, &root.at(name), problems);
    }
    texts(&notice.seals, CODE, &root.at("seals"), problems);
    texts(&notice.notes, TEXT, &root.at("notes"), problems);
    measure(notice.gross_weight.as_ref(), &root.at("grossWeight"), problems);
    measure(notice.volume.as_ref(), &root.at("volume"), problems);
    party(notice.ship_from.as_ref(), &root.at("shipFrom"), problems);
    party(notice.ship_to.as_ref(), &root.at("shipTo"), problems);
}

fn lines(notice: &ShipNotice, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for (place, line) in notice.lines.iter().enumerate() {
        let field = Field::root().at("lines").at(place);
        if !seen.insert((&line.order, &line.line)) {
            let words =
                format!("line {} of order {} comes twice: add the quantities up", line.line, line.order);
            problems.add("DUPLICATE_LINE", &field, words);
        }
        positive(line.quantity, &field.at("quantity"), problems);
        optional(line.unit.as_ref(), CODE, &field.at("unit"), problems);
        for (place, found) in line.batches.iter().enumerate() {
            batch(found, &field.at("batches").at(place), problems);
        }
    }
}

fn units(units: &[HandlingUnit], problems: &mut Problems) {
    let mut keys: HashMap<&str, Option<&str>> = HashMap::with_capacity(units.len());
    let mut sscc = BTreeMap::new();
    for (place, unit) in units.iter().enumerate() {
        let field = Field::root().at("units").at(place);
        code(&unit.key, &field.at("key"), problems);
        if keys.insert(&unit.key, unit.parent.as_deref()).is_some() {
            problems.add(
                "DUPLICATE_UNIT",
                &field.at("key"),
                format!("`{}` names another unit already", unit.key),
            );
        }
        if let Some(found) = &unit.sscc
            && let Some(first) = sscc.insert(found.to_string(), place)
        {
            let words = format!("{found} is the code of unit {} already", units[first].key);
            problems.add("DUPLICATE_SSCC", &field.at("sscc"), words);
        }
        let is_type = |code: &String| {
            (1..=3).contains(&code.len())
                && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        };
        if unit.package_type.as_ref().is_some_and(|code| !is_type(code)) {
            let words = "expected a code of UN/ECE Rec 21, such as PX for a pallet or CT for a carton";
            problems.add("INVALID_VALUE", &field.at("packageType"), words);
        }
        measure(unit.gross_weight.as_ref(), &field.at("grossWeight"), problems);
        for (place, content) in unit.contents.iter().enumerate() {
            batch(&content.batch, &field.at("contents").at(place), problems);
        }
    }
    for (place, unit) in units.iter().enumerate() {
        let field = Field::root().at("units").at(place).at("parent");
        parent(unit, &keys, &field, problems);
    }
}

/// Whether the units a unit stands in are there, and end somewhere.
fn parent(unit: &HandlingUnit, keys: &HashMap<&str, Option<&str>>, field: &Field, problems: &mut Problems) {
    let mut above = unit.parent.as_deref();
    let mut depth = 1;
    while let Some(key) = above {
        let Some(next) = keys.get(key) else {
            if depth == 1 {
                problems.add("UNKNOWN_UNIT", field, format!("no unit of this shipment is called `{key}`"));
            }
            return;
        };
        depth += 1;
        if key == unit.key || depth > MAX_DEPTH {
            let words =
                format!("units stand in one another at most {MAX_DEPTH} deep, and never in themselves");
            problems.add("UNITS_TOO_DEEP", field, words);
            return;
        }
        above = *next;
    }
}

fn batch(batch: &Batch, field: &Field, problems: &mut Problems) {
    positive(batch.quantity, &field.at("quantity"), problems);
    optional(batch.lot.as_ref(), CODE, &field.at("lot"), problems);
    if batch.produced_on.zip(batch.expires_on).is_some_and(|(produced, expires)| expires < produced) {
        problems.add("INVALID_VALUE", &field.at("expiresOn"), "is before producedOn");
    }
    let is_country = |code: &String| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    if batch.origin.as_ref().is_some_and(|code| !is_country(code)) {
        problems.add(
            "INVALID_VALUE",
            &field.at("origin"),
            "expected two capital letters of ISO 3166, such as DE",
        );
    }
    let serials = field.at("serials");
    if batch.serials.len() > MAX_SERIALS {
        problems.add("TOO_MANY", &serials, format!("at most {MAX_SERIALS} serial numbers"));
        return;
    }
    texts(&batch.serials, CODE, &serials, problems);
    let different: BTreeSet<&String> = batch.serials.iter().collect();
    if different.len() < batch.serials.len() {
        problems.add("DUPLICATE_SERIAL", &serials, "a serial number comes twice");
    }
    let count = i64::try_from(batch.serials.len()).unwrap_or(i64::MAX).saturating_mul(1_000_000);
    if count > batch.quantity.millionths().max(0) {
        problems.add(
            "INVALID_VALUE",
            &serials,
            format!("more serial numbers than the quantity {}", batch.quantity),
        );
    }
}

fn positive(quantity: Micro, field: &Field, problems: &mut Problems) {
    if !quantity.is_positive() {
        problems.add("INVALID_VALUE", field, "must be more than 0");
    }
}

fn measure(measure: Option<&Measure>, field: &Field, problems: &mut Problems) {
    let Some(measure) = measure else { return };
    positive(measure.value, &field.at("value"), problems);
    code(&measure.unit, &field.at("unit"), problems);
}

fn party(party: Option<&Party>, field: &Field, problems: &mut Problems) {
    let Some(party) = party else { return };
    optional(party.code.as_ref(), CODE, &field.at("code"), problems);
    optional(party.name.as_ref(), TEXT, &field.at("name"), problems);
    texts(&party.address, TEXT, &field.at("address"), problems);
}

fn texts(texts: &[String], most: usize, field: &Field, problems: &mut Problems) {
    for (place, found) in texts.iter().enumerate() {
        text(found, most, &field.at(place), problems);
    }
}

fn optional(found: Option<&String>, most: usize, field: &Field, problems: &mut Problems) {
    if let Some(found) = found {
        text(found, most, field, problems);
    }
}

fn code(found: &str, field: &Field, problems: &mut Problems) {
    text(found, CODE, field, problems);
}

fn text(found: &str, most: usize, field: &Field, problems: &mut Problems) {
    if found.trim().is_empty() {
        problems.add("REQUIRED", field, "must not be empty");
    } else if found.chars().count() > most {
        problems.add("TOO_LONG", field, format!("at most {most} characters"));
    } else if found.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        problems.add("INVALID_VALUE", field, "must not contain control characters");
    }
}
