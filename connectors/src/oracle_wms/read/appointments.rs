//! Where appointments stand, of those that carry our mark.
use quayside_canonical::appointment::AppointmentDocument;
use quayside_canonical::document::read_appointment;
use quayside_canonical::{Field, Problems};
use serde_json::{Value, json};

use super::super::map::Mark;
use super::{Reader, dates, text, written};
use crate::text::one_line;
use crate::{Inbound, Stated};

pub(super) fn read(reader: &Reader<'_>, records: &[Value]) -> Vec<Inbound> {
    let ours = records.iter().filter(|record| {
        let mark = text(record, reader.config.mark_field.name()).and_then(Mark::read);
        mark.is_some_and(|mark| mark.subject.starts_with("apt_"))
    });
    let stated = ours.map(|record| {
        let key = format!("appointment {}", one_line(text(record, "appt_nbr").unwrap_or_default(), 80));
        Inbound::Appointment(Stated { key, document: statement(reader, record) })
    });
    stated.collect()
}

fn statement(reader: &Reader<'_>, record: &Value) -> Result<AppointmentDocument, Problems> {
    let (mut problems, zone) = (Problems::new(), reader.config.time_zone);
    let code = written(record, "status_id").unwrap_or_default();
    let statuses = reader.config.appointments.as_ref().map(|kept| &kept.statuses);
    let status = statuses.and_then(|statuses| statuses.get(&code));
    if status.is_none() {
        let message = format!("status `{}` is not in `appointments.statuses`", one_line(&code, 80));
        problems.add("UNKNOWN_STATUS", &Field::root().at("status_id"), message);
    }
    let changed = text(record, "mod_ts").and_then(|at| dates::moment(at, zone));
    let from = text(record, "planned_start_ts").and_then(|at| dates::moment(at, zone));
    let minutes = record["duration"].as_i64().or_else(|| text(record, "duration")?.parse().ok());
    let until = from.as_deref().zip(minutes).and_then(|(from, minutes)| {
        let from = chrono::DateTime::parse_from_rfc3339(from).ok()?;
        Some((from.to_utc() + chrono::TimeDelta::try_minutes(minutes)?).to_rfc3339())
    });
    let referred = |name: &str| text(&record[name], "key");
    let mut document = json!({
        "number": text(record, "appt_nbr"),
        "revision": { "id": text(record, "mod_ts"), "issuedAt": changed },
        "shipment": text(record, "load_nbr").or_else(|| referred("load_id")),
    });
    document["status"] = json!(status);
    document["location"] = json!(reader.location(referred("facility_id")));
    document["dock"] = json!(referred("actual_dock_id").or_else(|| referred("preferred_dock_id")));
    document["slotFrom"] = json!(from);
    document["slotUntil"] = json!(until);
    match read_appointment(&document) {
        Ok(read) if problems.is_empty() => Ok(read),
        Ok(_) => Err(problems),
        Err(more) => {
            // Its own words about the status would only repeat ours.
            let more = more.into_vec().into_iter().filter(|problem| problem.field != ["status"]);
            more.for_each(|problem| problems.push(problem));
            Err(problems)
        }
    }
}
