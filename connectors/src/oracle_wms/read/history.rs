//! The history of the inventory: of its many activities, those that receive goods and those that correct receipts.
use std::collections::BTreeMap;

use quayside_canonical::receipt::ReceiptDocument;
use quayside_canonical::{Field, Micro, Problems};
use serde_json::{Map, Value, json};

use super::verification::{finish, pieces};
use super::{AFTER, BEFORE, Reader, dates, text, written};
use crate::text::one_line;
use crate::{Inbound, Stated};

/// What an activity means for a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Goods were received, or a receipt was corrected before the verification or at it.
    Before,
    /// A receipt was corrected after the verification.
    After,
    /// Something else happened.
    Other,
}

/// Received (1); adjusted before verification (4); differences found at it, of quantity (6) and container (7); lost
/// (40); adjusted after it (17). Status, quality, outbound and load events change no quantity received: what quality
/// holds, the verification tells by its lock code.
/// <https://docs.oracle.com/en/cloud/saas/track-and-trace-cloud/user-guide/about-inventory-history-transaction-codes.html>
fn meaning(activity: &str) -> Option<Meaning> {
    match activity {
        "1" | "4" | "6" | "7" | "40" => Some(Meaning::Before),
        "17" => Some(Meaning::After),
        "3" | "10" | "11" | "12" | "13" | "48" | "51" | "67" | "70" | "72" | "73" | "74" | "80" | "83"
        | "84" | "85" => Some(Meaning::Other),
        _ => None,
    }
}

/// The activities that are asked for.
pub(super) const RECEIVING: &str = "1,4,6,7,17,40";

/// One statement for each record that receives or corrects; one problem for each activity nobody knows.
pub(super) fn read(reader: &Reader<'_>, stamp: Option<&str>, records: &[Value]) -> Vec<Inbound> {
    let mut stated = Vec::new();
    let (mut others, mut unknown): (BTreeMap<String, usize>, BTreeMap<String, usize>) = Default::default();
    for (index, record) in records.iter().enumerate() {
        let activity = activity(record).unwrap_or_default();
        let ignored = reader.config.ignored_activities.contains(&activity);
        let field = Field::root().at("inventory_history").at(index);
        match meaning(&activity) {
            _ if ignored => *others.entry(activity).or_default() += 1,
            None => *unknown.entry(activity).or_default() += 1,
            Some(Meaning::Other) => *others.entry(activity).or_default() += 1,
            Some(meaning) => match statement(reader, (&activity, meaning), stamp, record, &field) {
                Some(document) => {
                    let key = number(record, &activity);
                    stated.push(Inbound::Receipt(Stated { key, document }));
                }
                None => *others.entry(activity).or_default() += 1,
            },
        }
    }
    if !others.is_empty() {
        tracing::info!(activities = ?others, "records of the inventory history that change no receipt");
    }
    stated.extend(unknown.into_iter().map(|(activity, count)| unknown_activity(&activity, count)));
    stated
}

/// A site may have activities of its own: told, never guessed.
fn unknown_activity(activity: &str, count: usize) -> Inbound {
    let activity = one_line(activity, 80);
    let message = format!(
        "activity code `{activity}`, {count} times: nobody knows whether it receives goods; if it does not, name it in \
         `ignored_activities`"
    );
    let problems = Problems::one("UNKNOWN_ACTIVITY", &Field::root().at("activity_code"), message);
    Inbound::Receipt(Stated { key: format!("activity {activity}"), document: Err(problems) })
}

/// The code, or the number that a record of `lgfapi` has instead.
fn activity(record: &Value) -> Option<String> {
    written(record, "activity_code").or_else(|| written(record, "history_activity_id"))
}

/// What a record is known by: group, sequence and activity, or the record's own number where it is asked for.
fn number(record: &Value, activity: &str) -> String {
    match (written(record, "group_nbr"), written(record, "seq_nbr")) {
        (Some(group), Some(sequence)) => format!("IHT {group}-{sequence}-{activity}"),
        _ => format!("IHT id {}", written(record, "id").unwrap_or_default()),
    }
}

/// `None` where the record changes nothing that the verification would not tell.
fn statement(
    reader: &Reader<'_>,
    (activity, meaning): (&str, Meaning),
    stamp: Option<&str>,
    record: &Value,
    field: &Field,
) -> Option<Result<ReceiptDocument, Problems>> {
    let mut problems = Problems::new();
    let raw = written(record, "adj_qty").unwrap_or_else(|| "0".to_owned());
    match raw.parse::<Micro>() {
        Ok(Micro::ZERO) => return None,
        Ok(quantity) if quantity < Micro::ZERO => {
            if meaning == Meaning::Before && reader.config.verification_follows {
                return None;
            }
            // A statement adds to what was received, or takes back another one: this does neither.
            let message = format!(
                "activity {activity} takes {raw} away from what was received, which no statement can say: correct the \
                 receipt that was too high"
            );
            problems.add("NEGATIVE_ADJUSTMENT", &field.at("adj_qty"), message);
            return Some(Err(problems));
        }
        Ok(_) | Err(_) => {}
    }
    reader.check_company(record, field, &mut problems);
    check_group(record, field, &mut problems);
    let shipment = text(record, "shipment_nbr");
    let mut document = json!({
        "number": number(record, activity),
        "kind": "INCREMENT",
        "basis": "DELTA",
        "sequence": if meaning == Meaning::After { AFTER } else { BEFORE },
        "lines": [line(reader, record, &raw, field, &mut problems)],
    });
    document["shipment"] = json!(shipment);
    document["location"] = json!(reader.location(facility(record)));
    document["receivedAt"] = json!(received_at(reader, record, stamp, field, &mut problems));
    Some(finish(&document, problems))
}

fn check_group(record: &Value, field: &Field, problems: &mut Problems) {
    let named = written(record, "group_nbr").zip(written(record, "seq_nbr")).is_some();
    if !named && written(record, "id").is_none() {
        problems.add(
            "REQUIRED",
            &field.at("group_nbr"),
            "a record without `group_nbr` and `seq_nbr` has no name",
        );
    }
}

/// A code by itself, or as `lgfapi` refers to another record.
fn facility(record: &Value) -> Option<&str> {
    text(record, "facility_code").or_else(|| text(&record["facility_id"], "key"))
}

fn received_at(
    reader: &Reader<'_>,
    record: &Value,
    stamp: Option<&str>,
    field: &Field,
    problems: &mut Problems,
) -> Option<String> {
    let said = text(record, "create_ts").or_else(|| text(record, "create_date")).or(stamp);
    let Some(said) = said else {
        problems.add(
            "REQUIRED",
            &field.at("create_ts"),
            "neither the record nor its message says when it was",
        );
        return None;
    };
    let moment = dates::moment(said, reader.config.time_zone);
    if moment.is_none() {
        let message = format!("`{}` is no time", one_line(said, 80));
        problems.add("INVALID_VALUE", &field.at("create_ts"), message);
    }
    moment
}

fn line(
    reader: &Reader<'_>,
    record: &Value,
    quantity: &str,
    field: &Field,
    problems: &mut Problems,
) -> Value {
    let order = text(record, "po_nbr");
    match order {
        None => problems.add("REQUIRED", &field.at("po_nbr"), "goods of no order cannot be booked"),
        Some(several) if several.contains(',') => {
            let message =
                format!("`{}` are several orders, and nothing says how much of which", one_line(several, 80));
            problems.add("AMBIGUOUS_ORDER", &field.at("po_nbr"), message);
        }
        Some(_) => {}
    }
    let number = written(record, "po_line_nbr").or_else(|| written(record, "po_seq_nbr"));
    if number.is_none() {
        problems.add("REQUIRED", &field.at("po_line_nbr"), "goods of no order line cannot be booked");
    }
    let condition = reader.condition([text(record, "lock_code"), None]);
    let mut stated = Map::new();
    stated.insert("order".to_owned(), json!(order));
    stated.insert("line".to_owned(), json!(number.map(|number| reader.line(&number))));
    stated.insert("quantity".to_owned(), json!(quantity));
    stated.insert("unit".to_owned(), json!(reader.config.told_unit));
    stated.insert("condition".to_owned(), json!(condition.condition));
    stated.insert("conditionCode".to_owned(), json!(condition.code));
    pieces(record, &mut stated, field, problems);
    Value::Object(stated)
}
