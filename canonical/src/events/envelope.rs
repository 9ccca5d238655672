//! An event on the wire: CloudEvents 1.0 in structured JSON.
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The CloudEvents version we speak (<https://github.com/cloudevents/spec>).
pub const SPEC_VERSION: &str = "1.0";

/// The attributes of CloudEvents 1.0 and our extensions, with the event's data as it was written.
#[derive(Debug, Serialize, Deserialize)]
pub struct Envelope<'a> {
    /// Always [`SPEC_VERSION`].
    pub specversion: &'a str,
    /// The event's id.
    pub id: String,
    /// Whose event it is: `/tenants/<slug>`.
    pub source: String,
    /// The event's type.
    #[serde(rename = "type")]
    pub event_type: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// When it happened.
    pub time: String,
    /// Always `application/json`.
    pub datacontenttype: &'a str,
    /// The version of the data's shape, such as `acknowledgment.submitted/1`.
    pub dataschema: String,
    /// The tenant.
    pub tenantid: String,
    /// Count of events about the same subject, from 1.
    pub sequence: i64,
    /// Place in the tenant's log, from 1, without gaps.
    pub position: i64,
    /// The order it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orderid: Option<String>,
    /// What ties together everything that came of one request.
    pub correlationid: &'a str,
    /// The event that caused this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub causationid: Option<String>,
    /// The data, byte for byte as it was recorded.
    #[serde(borrow)]
    pub data: &'a RawValue,
}
