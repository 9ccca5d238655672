//! Canonical master data out of JSON.
use std::{collections::BTreeSet, str::FromStr};

use serde_json::Value;

use super::Reader;
use crate::{
    Field, Problems,
    master_data::{CrossReference, Item, ItemSupplier, Location, SupplierRecord, UnitFactor},
};

const CODE: usize = 80;
const TEXT: usize = 2_000;
/// As where a supplier is set up by hand.
const SUPPLIER_NUMBER: usize = 40;
const SUPPLIER_NAME: usize = 120;
/// The most units, and address lines, of one document.
const MAX_UNITS: usize = 100;
/// The most suppliers of one item.
const MAX_SUPPLIERS: usize = 1_000;
/// The largest numerator or denominator: two factors multiplied still fit.
const MAX_FACTOR: i64 = 1_000_000_000;

/// Reads one item.
///
/// # Errors
/// Every problem of the document, each with its field.
pub fn read_item(document: &Value) -> Result<Item, Problems> {
    read(document, |r, problems| {
        let number = r.required_code("number", CODE, problems);
        let description = r.text("description", TEXT, problems);
        let unit = r.required_code("unit", CODE, problems);
        let units = at_most(MAX_UNITS, "units", r, problems);
        let units = units.into_iter().filter_map(|(item, field)| read_unit(item, field, problems)).collect();
        let suppliers = at_most(MAX_SUPPLIERS, "suppliers", r, problems);
        let suppliers =
            suppliers.into_iter().filter_map(|(item, field)| read_supplier(item, field, problems)).collect();
        let item = Item { number: number?, description, unit: unit?, units, suppliers };
        check(&item, problems);
        Some(item)
    })
}

/// Reads one location.
///
/// # Errors
/// Every problem of the document, each with its field.
pub fn read_location(document: &Value) -> Result<Location, Problems> {
    read(document, |r, problems| {
        let code = r.required_code("code", CODE, problems);
        let name = r.text("name", TEXT, problems);
        let name = r.require("name", name, problems);
        let address = r.texts("address", TEXT, problems);
        if address.len() > MAX_UNITS {
            problems.add("TOO_MANY", &r.field().at("address"), format!("at most {MAX_UNITS} are taken"));
        }
        Some(Location { code: code?, name: name?, address })
    })
}

/// Reads the number and name of one supplier.
///
/// # Errors
/// Every problem of the document, each with its field.
pub fn read_supplier_record(document: &Value) -> Result<SupplierRecord, Problems> {
    read(document, |r, problems| {
        let number = r.required_code("number", SUPPLIER_NUMBER, problems);
        let name = r.required_code("name", SUPPLIER_NAME, problems);
        Some(SupplierRecord { number: number?, name: name? })
    })
}

/// Reads one cross-reference.
///
/// # Errors
/// Every problem of the document, each with its field.
pub fn read_cross_reference(document: &Value) -> Result<CrossReference, Problems> {
    read(document, |r, problems| {
        let system = r.required_code("system", CODE, problems);
        let kind = r.parsed("kind", problems);
        let kind = r.require("kind", kind, problems);
        let external_code = r.required_code("externalCode", CODE, problems);
        let code = r.required_code("code", CODE, problems);
        Some(CrossReference { system: system?, kind: kind?, external_code: external_code?, code: code? })
    })
}

fn read<T>(
    document: &Value,
    members: impl FnOnce(&mut Reader<'_>, &mut Problems) -> Option<T>,
) -> Result<T, Problems> {
    let mut problems = Problems::new();
    let mut r = Reader::new(document, Field::root(), &mut problems);
    let read = members(&mut r, &mut problems);
    r.finish(&mut problems);
    match read {
        Some(read) if problems.is_empty() => Ok(read),
        _ => Err(problems),
    }
}

fn at_most<'a>(
    max: usize,
    name: &'static str,
    r: &mut Reader<'a>,
    problems: &mut Problems,
) -> Vec<(&'a Value, Field)> {
    let items = r.list(name, problems);
    if items.len() <= max {
        return items;
    }
    problems.add("TOO_MANY", &r.field().at(name), format!("at most {max} are taken"));
    Vec::new()
}

fn read_unit(item: &Value, field: Field, problems: &mut Problems) -> Option<UnitFactor> {
    let mut r = Reader::new(item, field, problems);
    let unit = r.required_code("unit", CODE, problems);
    let numerator = r.parsed::<Factor>("numerator", problems);
    let numerator = r.require("numerator", numerator, problems);
    let denominator = r.parsed::<Factor>("denominator", problems);
    let denominator = r.require("denominator", denominator, problems);
    r.finish(problems);
    Some(UnitFactor { unit: unit?, numerator: numerator?.0, denominator: denominator?.0 })
}

/// One side of a fraction.
struct Factor(i64);

impl FromStr for Factor {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let factor = text.parse().ok().filter(|factor| (1..=MAX_FACTOR).contains(factor));
        factor.map(Self).ok_or("expected a whole number from 1 to 1000000000")
    }
}

fn read_supplier(item: &Value, field: Field, problems: &mut Problems) -> Option<ItemSupplier> {
    let mut r = Reader::new(item, field, problems);
    let supplier = r.required_code("supplier", CODE, problems);
    let supplier_part = r.required_code("supplierPart", CODE, problems);
    r.finish(problems);
    Some(ItemSupplier { supplier: supplier?, supplier_part: supplier_part? })
}

/// What must hold between the fields of an item.
fn check(item: &Item, problems: &mut Problems) {
    let mut units = BTreeSet::new();
    for (index, factor) in item.units.iter().enumerate() {
        let field = Field::root().at("units").at(index);
        if !units.insert(&factor.unit) {
            problems.add("DUPLICATE_UNIT", &field.at("unit"), format!("unit {} comes twice", factor.unit));
        }
        if factor.unit == item.unit && factor.numerator != factor.denominator {
            problems.add("INVALID_VALUE", &field, "the base unit holds exactly one of itself");
        }
    }
    let mut suppliers = BTreeSet::new();
    for (index, supplier) in item.suppliers.iter().enumerate() {
        if !suppliers.insert(&supplier.supplier) {
            let field = Field::root().at("suppliers").at(index).at("supplier");
            problems.add("DUPLICATE_SUPPLIER", &field, format!("supplier {} comes twice", supplier.supplier));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::master_data::CrossReferenceKind;

    fn found(problems: &Problems) -> Vec<(&str, String)> {
        problems.as_slice().iter().map(|p| (p.code.as_str(), p.field.join("."))).collect()
    }

    #[test]
    fn a_sound_document_of_each_kind_is_read() {
        let item = json!({ "number": "B-1", "unit": "EA", "units": [{ "unit": "XCS", "numerator": 12, "denominator": "1" }],
            "suppliers": [{ "supplier": "V-100", "supplierPart": "S-1" }] });
        assert_eq!(read_item(&item).unwrap().units[0].numerator, 12);
        let location = json!({ "code": "DC-1", "name": "North", "address": ["Quay 1", "Nordhaven"] });
        assert_eq!(read_location(&location).unwrap().address.len(), 2);
        let supplier = json!({ "number": "V-100", "name": "Nordhaven Fasteners" });
        assert_eq!(read_supplier_record(&supplier).unwrap().number, "V-100");
        let reference = json!({ "system": "ERP", "kind": "UNIT", "externalCode": "ST", "code": "H87" });
        assert_eq!(read_cross_reference(&reference).unwrap().kind, CrossReferenceKind::Unit);
    }

    #[test]
    fn every_problem_of_an_item_is_told_at_once() {
        let item = json!({ "unit": "EA\n1", "colour": "blue", "units": [
            { "unit": "XCS", "numerator": 0, "denominator": 1 }, { "unit": "XPX", "numerator": 1.5 }],
            "suppliers": [{ "supplier": "V-1" }] });
        let expected = [
            ("REQUIRED", "number"),
            ("INVALID_VALUE", "unit"),
            ("INVALID_VALUE", "units.0.numerator"),
            ("INVALID_TYPE", "units.1.numerator"),
            ("REQUIRED", "units.1.denominator"),
            ("REQUIRED", "suppliers.0.supplierPart"),
            ("UNKNOWN_FIELD", "colour"),
        ];
        let problems = read_item(&item).unwrap_err();
        assert_eq!(found(&problems), expected.map(|(code, field)| (code, field.to_owned())));
    }

    #[test]
    fn units_and_suppliers_of_an_item_come_once_and_the_base_unit_is_one_of_itself() {
        let case = json!({ "unit": "XCS", "numerator": 12, "denominator": 1 });
        let base = json!({ "unit": "EA", "numerator": 2, "denominator": 1 });
        let supplier = json!({ "supplier": "V-1", "supplierPart": "S" });
        let item = json!({ "number": "B-1", "unit": "EA", "units": [case, case, base], "suppliers": [supplier, supplier] });
        let problems = read_item(&item).unwrap_err();
        let codes: Vec<_> = problems.as_slice().iter().map(|problem| problem.code.as_str()).collect();
        assert_eq!(codes, ["DUPLICATE_UNIT", "INVALID_VALUE", "DUPLICATE_SUPPLIER"]);
    }

    #[test]
    fn a_cross_reference_of_an_unknown_kind_is_refused() {
        let reference = json!({ "system": "ERP", "kind": "COLOUR", "externalCode": "1", "code": "2" });
        assert_eq!(
            found(&read_cross_reference(&reference).unwrap_err()),
            [("INVALID_VALUE", "kind".to_owned())]
        );
    }
}
