//! The event as a receiver reads it: CloudEvents 1.0, structured JSON.
use chrono::DateTime;
use serde_json::Value;

/// What is kept of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) id: String,
    pub(super) event_type: String,
    pub(super) subject: String,
    pub(super) tenant: String,
    /// Counts the events of one subject.
    pub(super) sequence: i64,
    /// Place in the tenant's log: rises strictly within an order.
    pub(super) position: i64,
    pub(super) order: Option<String>,
    pub(super) correlation: String,
    pub(super) data: Value,
}

/// Reads an envelope, or names everything that is wrong with it.
pub(super) fn read(json: &Value) -> Result<Envelope, Vec<String>> {
    let mut fields = Fields { json, problems: Vec::new() };
    fields.exactly("specversion", "1.0");
    fields.exactly("datacontenttype", "application/json");
    fields.text("source");
    fields.text("dataschema");
    let time = fields.text("time");
    if !time.is_empty() && DateTime::parse_from_rfc3339(&time).is_err() {
        fields.problem("time", "must be an RFC 3339 time");
    }
    if !json.get("data").is_some_and(Value::is_object) {
        fields.problem("data", "must be an object");
    }
    fields.optional_text("causationid");
    let envelope = Envelope {
        id: fields.text("id"),
        event_type: fields.text("type"),
        subject: fields.text("subject"),
        tenant: fields.text("tenantid"),
        sequence: fields.counting("sequence"),
        position: fields.counting("position"),
        order: fields.optional_text("orderid"),
        correlation: fields.text("correlationid"),
        data: json.get("data").cloned().unwrap_or_default(),
    };
    if fields.problems.is_empty() { Ok(envelope) } else { Err(fields.problems) }
}

/// Collects problems instead of stopping at the first.
struct Fields<'a> {
    json: &'a Value,
    problems: Vec<String>,
}

impl Fields<'_> {
    fn problem(&mut self, name: &str, what: &str) {
        self.problems.push(format!("{name} {what}"));
    }

    fn text(&mut self, name: &str) -> String {
        match self.json.get(name).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => text.to_owned(),
            _ => {
                self.problem(name, "must be a text");
                String::new()
            }
        }
    }

    fn exactly(&mut self, name: &str, expected: &str) {
        if self.json.get(name).and_then(Value::as_str) != Some(expected) {
            self.problem(name, &format!("must be {expected}"));
        }
    }

    fn optional_text(&mut self, name: &str) -> Option<String> {
        match self.json.get(name) {
            None | Some(Value::Null) => None,
            Some(_) => Some(self.text(name)),
        }
    }

    fn counting(&mut self, name: &str) -> i64 {
        match self.json.get(name).and_then(Value::as_i64) {
            Some(number) if number >= 1 => number,
            _ => {
                self.problem(name, "must be a whole number from 1");
                0
            }
        }
    }
}
