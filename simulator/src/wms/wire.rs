//! The events as this WMS reads them, and the documents it writes. A field it does not know may be there; one
//! it needs must be.
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::quantity::Quantity;
use crate::receiver::Refusal;

/// An event that a WMS takes.
pub(super) enum Told {
    Announced(Announced),
    Withdrawn(Withdrawn),
    SlotWanted(SlotWanted),
    SlotUnwanted(SlotUnwanted),
}

/// The data of `shipment.submitted` and `shipment.amended`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Announced {
    pub(super) shipment: String,
    pub(super) supplier_number: String,
    pub(super) number: String,
    pub(super) version: i64,
    pub(super) lines: Vec<AnnouncedLine>,
    pub(super) notice: Notice,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AnnouncedLine {
    pub(super) order_number: String,
    pub(super) line: String,
    pub(super) quantity: Quantity,
    pub(super) unit: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Notice {
    #[serde(default)]
    pub(super) ship_to: Option<Place>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Place {
    #[serde(default)]
    pub(super) code: Option<String>,
}

/// The data of `shipment.cancelled`.
#[derive(Debug, Deserialize)]
pub(super) struct Withdrawn {
    pub(super) shipment: String,
}

/// The data of `appointment.requested`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SlotWanted {
    pub(super) shipment: String,
    pub(super) shipment_number: String,
    pub(super) supplier_number: String,
    #[serde(default)]
    pub(super) location: Option<String>,
    pub(super) from: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
}

/// The data of `appointment.cancelled`.
#[derive(Debug, Deserialize)]
pub(super) struct SlotUnwanted {
    pub(super) shipment: String,
}

/// Reads an event, or says why it is none for a WMS.
pub(super) fn read(event_type: &str, data: &Value) -> Result<Told, Refusal> {
    match event_type {
        "shipment.submitted" | "shipment.amended" => announced(parse(data)?).map(Told::Announced),
        "shipment.cancelled" => parse(data).map(Told::Withdrawn),
        "appointment.requested" => slot(parse(data)?).map(Told::SlotWanted),
        "appointment.cancelled" => parse(data).map(Told::SlotUnwanted),
        other => {
            let message = format!("a warehouse has no use for `{other}`");
            Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "UNKNOWN_EVENT_TYPE", message))
        }
    }
}

fn parse<T: DeserializeOwned>(data: &Value) -> Result<T, Refusal> {
    T::deserialize(data).map_err(|error| invalid(&format!("data: {error}")))
}

fn announced(announced: Announced) -> Result<Announced, Refusal> {
    if announced.lines.is_empty() || announced.lines.iter().any(|line| !line.quantity.is_positive()) {
        return Err(invalid("data.lines must hold lines, each with a quantity above 0"));
    }
    Ok(announced)
}

fn slot(wanted: SlotWanted) -> Result<SlotWanted, Refusal> {
    if wanted.until < wanted.from {
        return Err(invalid("data.until must not be before data.from"));
    }
    Ok(wanted)
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "INVALID_EVENT", message)
}

/// A document for `POST /ingest/v1/appointments`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Appointment<'a> {
    pub(super) number: String,
    pub(super) revision: Revision,
    pub(super) supplier: &'a str,
    pub(super) shipment: &'a str,
    pub(super) status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dock: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) slot_from: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) slot_until: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<&'a str>,
}

/// Which statement about the appointment it is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Revision {
    pub(super) id: String,
    pub(super) sequence: u32,
    pub(super) issued_at: DateTime<Utc>,
}

/// A document for `POST /ingest/v1/receipts`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipt<'a> {
    pub(super) number: String,
    pub(super) kind: &'static str,
    /// Quantities add to those before. Left out of a reversal, which has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) basis: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replaces: Option<String>,
    pub(super) supplier: &'a str,
    pub(super) shipment: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<&'a str>,
    pub(super) received_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) lines: Vec<ReceiptLine<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReceiptLine<'a> {
    pub(super) order: &'a str,
    pub(super) line: &'a str,
    pub(super) quantity: Quantity,
    pub(super) unit: &'a str,
    pub(super) condition: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) condition_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) evidence: Vec<String>,
}
