//! What the WMS tells: verified shipments, the history of the inventory, appointments.
//!
//! **How deltas and totals fit.** The history tells each receipt as it happens, and corrections before the
//! verification; the verification tells the totals. Which of two statements counts must not depend on which message
//! was generated or delivered first, so each carries its phase as `sequence`: 0 before the verification, 1 the
//! verification, 2 after it. The ledger ranks by it before the time: totals replace what came before them, whenever
//! that arrives, and what is adjusted after the verification adds to them.
//!
//! The number of a statement is made of the WMS's own: of message and shipment, or of group, sequence and activity.
//! The same message twice is the same statements.
use quayside_canonical::{Field, Problems, master_data::CrossReferenceKind as Kind, states::GoodsCondition};
use serde_json::Value;

use super::wire::Config;
use crate::{Codes, Inbound, Message, text::one_line, xml};

mod appointments;
mod dates;
mod history;
mod poll;
mod verification;

pub(super) use poll::poll;

/// Verified shipments, as the WMS sends them.
pub(super) const VERIFICATION: &str = "shipment-verification";
/// The history of the inventory, as the WMS sends it.
pub(super) const HISTORY: &str = "inventory-history";
/// The same, asked for.
pub(super) const HISTORY_POLL: &str = "inventory-history-poll";
/// Appointments, asked for.
pub(super) const APPOINTMENTS: &str = "appointments";

/// Before the verification, and at it.
const BEFORE: i64 = 0;
/// The verification itself.
const VERIFIED: i64 = 1;
/// After it.
const AFTER: i64 = 2;

/// Reads a message: XML or JSON of the same tree.
pub(super) fn receive(
    config: &Config,
    codes: &Codes,
    feed: &str,
    message: &Message<'_>,
) -> Result<Vec<Inbound>, Problems> {
    let reader = Reader { config, codes };
    let (entity, list) = match feed {
        VERIFICATION => ("shipment_verification", "ListOfVerifiedIbShipments"),
        HISTORY => ("inventory_history", "ListOfInventoryHistories"),
        other => {
            let message = format!("`{}` is no feed that is sent to us", one_line(other, 80));
            return Err(Problems::one("UNKNOWN_FEED", &Field::root(), message));
        }
    };
    let document = tree(message)?;
    let root = document.get("LgfData").unwrap_or(&document);
    let header = &root["Header"];
    if text(header, "Entity") != Some(entity) {
        let said = one_line(text(header, "Entity").unwrap_or("nothing"), 80);
        let message = format!("the header's Entity is `{said}`, and this feed takes `{entity}`");
        return Err(Problems::one("UNEXPECTED_ENTITY", &Field::root().at("Header").at("Entity"), message));
    }
    if root[list].is_null() {
        let message = format!("`{list}` is missing");
        return Err(Problems::one("REQUIRED", &Field::root().at(list), message));
    }
    match feed {
        VERIFICATION => verification::read(&reader, header, items(&root[list]["ib_shipment"])),
        _ => Ok(history::read(&reader, text(header, "TimeStamp"), items(&root[list]["inventory_history"]))),
    }
}

fn tree(message: &Message<'_>) -> Result<Value, Problems> {
    let begins = message.body.iter().find(|byte| !byte.is_ascii_whitespace());
    let is_json = match message.media_type {
        "application/json" => true,
        "application/xml" | "text/xml" => false,
        // Some sites send whatever their output is set to; the first character tells.
        _ => begins == Some(&b'{'),
    };
    let read = if is_json {
        serde_json::from_slice::<Value>(message.body).map_err(|error| error.to_string())
    } else {
        xml::read(message.body).map_err(|error| error.to_string())
    };
    let code = if is_json { "NOT_JSON" } else { "NOT_XML" };
    read.map_err(|reason| Problems::one(code, &Field::root(), reason))
}

/// One is an object, several are a list, none is a text without characters.
fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Object(_) => std::slice::from_ref(value),
        _ => &[],
    }
}

/// A text that says something. Numbers of a JSON twin are read as their text.
fn text<'a>(row: &'a Value, name: &str) -> Option<&'a str> {
    row[name].as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The same, of what may be a number.
fn written(row: &Value, name: &str) -> Option<String> {
    match &row[name] {
        Value::Number(number) => Some(number.to_string()),
        _ => text(row, name).map(str::to_owned),
    }
}

/// The site's words for ours, the other way.
struct Reader<'a> {
    config: &'a Config,
    codes: &'a Codes,
}

/// In what condition goods are.
struct Condition {
    condition: GoodsCondition,
    code: Option<String>,
}

impl Reader<'_> {
    /// Our code of a facility; its own, for the list of places to judge, where nobody translated it.
    fn location(&self, facility: Option<&str>) -> Option<String> {
        let facility = facility?;
        let ours = self
            .config
            .facilities
            .iter()
            .find(|(_, theirs)| *theirs == facility)
            .map(|(ours, _)| ours.as_str());
        let ours = ours.or_else(|| self.codes.ours(Kind::Location, facility));
        Some(ours.unwrap_or(facility).to_owned())
    }

    fn supplier(&self, number: &str) -> String {
        self.codes.ours(Kind::Supplier, number).unwrap_or(number).to_owned()
    }

    /// The order line that the WMS's count means.
    fn line(&self, number: &str) -> String {
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        match self.config.line_digits {
            Some(width) if digits => format!("{number:0>width$}"),
            _ => number.to_owned(),
        }
    }

    /// By the container's lock, and that of the quantity. A lock nobody has translated holds the goods until
    /// somebody knows; two that mean different things do too.
    fn condition(&self, locks: [Option<&str>; 2]) -> Condition {
        let locks: Vec<&str> = locks.into_iter().flatten().collect();
        let known = |lock: &&str| self.config.conditions.get(*lock).copied();
        let mut found: Vec<Option<GoodsCondition>> = locks.iter().map(known).collect();
        found.dedup();
        let condition = match found.as_slice() {
            [] => GoodsCondition::Good,
            [one] => one.unwrap_or(GoodsCondition::Unknown),
            _ => GoodsCondition::Unknown,
        };
        Condition { condition, code: (!locks.is_empty()).then(|| locks.join("+")) }
    }

    /// Fails for goods of another company: that connection is another one.
    fn check_company(&self, row: &Value, field: &Field, problems: &mut Problems) {
        if let Some(company) = text(row, "company_code").filter(|company| *company != self.config.company) {
            let message = format!("company `{}` is not the connection's", one_line(company, 80));
            problems.add("ANOTHER_COMPANY", &field.at("company_code"), message);
        }
    }
}
