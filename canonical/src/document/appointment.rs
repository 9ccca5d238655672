//! A slot at a dock, out of JSON.
use serde_json::Value;

use super::{
    Reader,
    pieces::{CODE, Code, TEXT, read_revision},
};
use crate::{Field, Problems, appointment::AppointmentDocument, states::AppointmentStatus};

/// Reads what a warehouse says about an appointment.
///
/// # Errors
/// Every problem of the document, each with its field.
pub fn read_appointment(document: &Value) -> Result<AppointmentDocument, Problems> {
    let mut problems = Problems::new();
    match read(document, &mut problems) {
        Some(appointment) if problems.is_empty() => check_appointment(&appointment).map(|()| appointment),
        _ => Err(problems),
    }
}

fn read(document: &Value, problems: &mut Problems) -> Option<AppointmentDocument> {
    let mut r = Reader::new(document, Field::root(), problems);
    let number = r.parsed::<Code>("number", problems).map(|code| code.0);
    let number = r.require("number", number, problems);
    let revision = r.object("revision", problems);
    let revision = r.require("revision", revision, problems).and_then(|r| read_revision(r, problems));
    let supplier = r.parsed::<Code>("supplier", problems).map(|code| code.0);
    let shipment = r.parsed::<Code>("shipment", problems).map(|code| code.0);
    let shipment = r.require("shipment", shipment, problems);
    let status = r.parsed("status", problems);
    let status = r.require("status", status, problems);
    let location = r.parsed::<Code>("location", problems).map(|code| code.0);
    let dock = r.parsed::<Code>("dock", problems).map(|code| code.0);
    let slot_from = r.parsed("slotFrom", problems);
    let slot_until = r.parsed("slotUntil", problems);
    let note = r.text("note", TEXT, problems);
    r.finish(problems);
    Some(AppointmentDocument {
        number: number?,
        revision: revision?,
        supplier,
        shipment: shipment?,
        status: status?,
        location,
        dock,
        slot_from,
        slot_until,
        note,
    })
}

/// Checks a statement that came another way than as JSON.
///
/// # Errors
/// Every problem, with the field of the canonical document.
pub fn check_appointment(appointment: &AppointmentDocument) -> Result<(), Problems> {
    let mut problems = Problems::new();
    let root = Field::root();
    if appointment.number.chars().count() > CODE {
        problems.add("TOO_LONG", &root.at("number"), format!("at most {CODE} characters"));
    }
    match appointment.status {
        AppointmentStatus::Requested => {
            let message = "a request is the supplier's; say CONFIRMED, REFUSED or what came of it";
            problems.add("INVALID_VALUE", &root.at("status"), message);
        }
        AppointmentStatus::Confirmed if appointment.slot_from.is_none() => {
            problems.add("REQUIRED", &root.at("slotFrom"), "a confirmed appointment has a slot");
        }
        AppointmentStatus::Confirmed
        | AppointmentStatus::Refused
        | AppointmentStatus::Cancelled
        | AppointmentStatus::Arrived
        | AppointmentStatus::Completed => {}
    }
    if appointment.slot_from.zip(appointment.slot_until).is_some_and(|(from, until)| from > until) {
        problems.add("INVALID_VALUE", &root.at("slotUntil"), "is before slotFrom");
    }
    problems.into_result()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn appointment() -> Value {
        json!({
            "number": 71_234, "revision": { "id": 2, "issuedAt": "2026-12-01T08:00:00Z" }, "shipment": "ASN-1",
            "status": "CONFIRMED", "dock": "D4", "slotFrom": "2026-12-04T08:00:00Z", "slotUntil": "2026-12-04T09:00:00Z"
        })
    }

    fn told(document: &Value) -> Vec<(String, String)> {
        let problems = read_appointment(document).unwrap_err().into_vec();
        problems.into_iter().map(|p| (p.code, p.field.join("."))).collect()
    }

    #[test]
    fn a_sound_appointment_is_read() {
        let appointment = read_appointment(&appointment()).unwrap();
        assert_eq!((appointment.number.as_str(), appointment.revision.rank().0), ("71234", 2));
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let mut document = appointment();
        document["shipment"] = Value::Null;
        document["status"] = json!("MAYBE");
        document["slotFrom"] = json!("soon");
        document["door"] = json!("4");
        let expected = [
            ("REQUIRED", "shipment"),
            ("INVALID_VALUE", "status"),
            ("INVALID_VALUE", "slotFrom"),
            ("UNKNOWN_FIELD", "door"),
        ];
        assert_eq!(told(&document), expected.map(|(code, field)| (code.to_owned(), field.to_owned())));
    }

    #[test]
    fn fields_are_checked_against_each_other() {
        let mut document = appointment();
        document["slotUntil"] = json!("2026-12-04T07:00:00Z");
        assert_eq!(told(&document), [("INVALID_VALUE".to_owned(), "slotUntil".to_owned())]);
        document["slotFrom"] = Value::Null;
        assert_eq!(told(&document), [("REQUIRED".to_owned(), "slotFrom".to_owned())]);
        document["status"] = json!("REQUESTED");
        assert_eq!(told(&document), [("INVALID_VALUE".to_owned(), "status".to_owned())]);
    }
}
