//! A wanted slot, as an appointment of the load that has the shipment's number.
use quayside_canonical::events::{AppointmentCancelled, AppointmentRequested};
use serde_json::json;

use super::{Body, Fields, Mark, Plan, Target, Want, Words, local, put};
use crate::DeliveryError;

pub(super) fn requested(
    words: &Words<'_>,
    event: &AppointmentRequested,
    position: i64,
) -> Result<Plan, DeliveryError> {
    let mark = Mark { subject: event.appointment.to_string(), version: position };
    let target = target(words, &event.shipment_number, event.location.as_deref(), mark)?;
    let mut fields = fields(words, &target)?;
    let from = local(event.from, words.config.time_zone);
    put(&mut fields, "planned_start_ts", Some(from.format("%Y-%m-%dT%H:%M:%S").to_string()));
    Ok(Plan { target, want: Want::There, look_first: true, body: Body::Json(fields) })
}

pub(super) fn cancelled(
    words: &Words<'_>,
    event: &AppointmentCancelled,
    position: i64,
) -> Result<Plan, DeliveryError> {
    let mark = Mark { subject: event.appointment.to_string(), version: position };
    let target = target(words, &event.shipment_number, event.location.as_deref(), mark)?;
    let fields = fields(words, &target)?;
    Ok(Plan { target, want: Want::Gone, look_first: true, body: Body::Json(fields) })
}

fn target(
    words: &Words<'_>,
    shipment: &str,
    place: Option<&str>,
    mark: Mark,
) -> Result<Target, DeliveryError> {
    let facility = words.facility(place)?;
    Ok(Target { entity: "appointment", key: "appt_nbr", number: shipment.to_owned(), facility, mark })
}

/// What every word about an appointment says. The two context keys are inferred from other calls of the API.
fn fields(words: &Words<'_>, target: &Target) -> Result<Fields, DeliveryError> {
    let kept = words.config.appointments.as_ref();
    let kept =
        kept.ok_or_else(|| DeliveryError::Unmappable("the connection has no `appointments`".to_owned()))?;
    let mut fields = Fields::new();
    put(&mut fields, "facility_id__code", Some(target.facility.as_str()));
    put(&mut fields, "company_id__code", Some(words.config.company.as_str()));
    put(&mut fields, "appt_nbr", Some(target.number.as_str()));
    put(&mut fields, "load_nbr", Some(target.number.as_str()));
    put(&mut fields, words.config.mark_field.name(), Some(target.mark.text()));
    put(&mut fields, "dock_type", Some(kept.dock_type.as_str()));
    // Outbound is what it is when nothing is said.
    put(&mut fields, "load_type", Some("I"));
    fields.insert("duration".to_owned(), json!(kept.duration));
    fields.insert("estimated_units".to_owned(), json!(0));
    fields.insert("async_flg".to_owned(), json!(false));
    Ok(fields)
}
