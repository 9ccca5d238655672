//! What changed between two revisions, field by field.
use std::collections::BTreeMap;

use quayside_canonical::order::{Incoterms, Line, Party, PurchaseOrder, Schedule};
use serde::Serialize;

/// What changed from one revision to another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Every field that differs.
    pub fields: Vec<FieldChange>,
    /// Every line that was added, removed or changed.
    pub lines: Vec<LineChange>,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// The line, or nothing for the order itself.
    pub line: Option<String>,
    /// The field's name in the canonical order.
    pub field: &'static str,
    /// Its value before; nothing when it was not there.
    pub old: Option<String>,
    /// Its value after; nothing when it is gone.
    pub new: Option<String>,
    /// Whether it touches what the supplier answers.
    pub material: bool,
}

/// One line that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineChange {
    /// The line number.
    pub line: String,
    /// How it differs.
    pub kind: LineChangeKind,
    /// Whether a field that the supplier answers differs.
    pub material: bool,
}

/// How a line differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LineChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Some of its fields changed.
    Changed,
}

/// A field as the diff sees it: name, value, whether it is material.
type Fields = Vec<(&'static str, Option<String>, bool)>;

/// What changed from `old` to `new`.
#[must_use]
pub fn diff(old: &PurchaseOrder, new: &PurchaseOrder) -> Diff {
    let mut diff = Diff::default();
    compare(None, header(old), header(new), &mut diff.fields);
    let before: BTreeMap<_, _> = old.lines.iter().map(|line| (&line.number, line)).collect();
    let after: BTreeMap<_, _> = new.lines.iter().map(|line| (&line.number, line)).collect();
    for line in &old.lines {
        if !after.contains_key(&line.number) {
            diff.lines.push(changed(line, LineChangeKind::Removed, true));
        }
    }
    for line in &new.lines {
        let Some(earlier) = before.get(&line.number) else {
            diff.lines.push(changed(line, LineChangeKind::Added, true));
            continue;
        };
        let start = diff.fields.len();
        compare(Some(&line.number), fields(earlier), fields(line), &mut diff.fields);
        let found = &diff.fields[start..];
        if !found.is_empty() {
            let material = found.iter().any(|change| change.material);
            diff.lines.push(changed(line, LineChangeKind::Changed, material));
        }
    }
    diff
}

/// Whether a line's earlier answer was given to something else: a material field differs.
#[must_use]
pub fn is_material(old: &Line, new: &Line) -> bool {
    let mut changes = Vec::new();
    compare(None, fields(old), fields(new), &mut changes);
    changes.iter().any(|change| change.material)
}

fn changed(line: &Line, kind: LineChangeKind, material: bool) -> LineChange {
    LineChange { line: line.number.clone(), kind, material }
}

fn compare(line: Option<&String>, old: Fields, new: Fields, changes: &mut Vec<FieldChange>) {
    for ((field, old, material), (_, new, still_material)) in old.into_iter().zip(new) {
        if old != new {
            let material = material && still_material;
            changes.push(FieldChange { line: line.cloned(), field, old, new, material });
        }
    }
}

fn header(order: &PurchaseOrder) -> Fields {
    vec![
        ("cancelled", order.cancelled.then(|| "true".to_owned()), true),
        ("currency", order.currency.clone(), true),
        ("incoterms", order.incoterms.as_ref().map(incoterms), true),
        ("paymentTerms", order.payment_terms.clone(), true),
        ("shipTo", order.ship_to.as_ref().map(party), true),
        ("orderedOn", order.ordered_on.map(|day| day.to_string()), false),
        ("notes", (!order.notes.is_empty()).then(|| order.notes.join("\n")), false),
    ]
}

fn fields(line: &Line) -> Fields {
    vec![
        ("quantity", Some(line.quantity.to_string()), true),
        ("unit", Some(line.unit.clone()), true),
        ("unitPrice", line.unit_price.map(|price| price.to_string()), true),
        ("pricePer", line.price_per.map(|per| per.to_string()), true),
        ("deliverFrom", line.deliver_from.map(|day| day.to_string()), true),
        ("deliverTo", line.deliver_to.map(|day| day.to_string()), true),
        ("shipTo", line.ship_to.as_ref().map(party), true),
        ("schedules", (!line.schedules.is_empty()).then(|| schedules(&line.schedules)), true),
        ("buyerPart", line.buyer_part.clone(), true),
        // A part number that came from our own list is no news from the buyer.
        ("supplierPart", line.supplier_part.clone(), !line.part_filled_in()),
        ("gtin", line.gtin.clone(), true),
        ("cancelled", line.cancelled.then(|| "true".to_owned()), true),
        ("description", line.description.clone(), false),
        ("notes", (!line.notes.is_empty()).then(|| line.notes.join("\n")), false),
    ]
}

fn incoterms(terms: &Incoterms) -> String {
    match &terms.place {
        Some(place) => format!("{} {place}", terms.code),
        None => terms.code.clone(),
    }
}

fn party(party: &Party) -> String {
    let parts = party.code.iter().chain(&party.name).chain(&party.address);
    parts.map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn schedules(schedules: &[Schedule]) -> String {
    let show = |schedule: &Schedule| {
        let from = schedule.deliver_from.map(|day| format!(" from {day}")).unwrap_or_default();
        let to = schedule.deliver_to.map(|day| format!(" by {day}")).unwrap_or_default();
        format!("{}{from}{to}", schedule.quantity)
    };
    schedules.iter().map(show).collect::<Vec<_>>().join("; ")
}
