//! From an event to the document that says it, as far as that can be said without asking the WMS first. Pure.
use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use quayside_canonical::events::Event;
use quayside_canonical::master_data::CrossReferenceKind as Kind;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::wire::{Config, ORDER};
use crate::http::Call;
use crate::{Codes, Delivery, DeliveryError, Preview, xml};

mod appointment;
mod order;
mod shipment;

pub(super) type Fields = Map<String, Value>;

/// What is to be done for one event.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) target: Target,
    pub(super) want: Want,
    /// Whether the WMS has to be asked what it has before we know what to say.
    pub(super) look_first: bool,
    pub(super) body: Body,
}

/// The one record of the WMS that an event is about, by the keys the WMS has for it.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) entity: &'static str,
    pub(super) key: &'static str,
    pub(super) number: String,
    pub(super) facility: String,
    pub(super) mark: Mark,
}

/// Which version of what of ours a record is: written into a custom field, read in the read-back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) subject: String,
    pub(super) version: i64,
}

impl Mark {
    pub(super) fn text(&self) -> String {
        format!("{}/{}", self.subject, self.version)
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let (subject, version) = text.trim().rsplit_once('/')?;
        let ours = ["shp_", "po_", "apt_"].iter().any(|prefix| subject.starts_with(prefix));
        ours.then_some(())?;
        Some(Self { subject: subject.to_owned(), version: version.parse().ok()? })
    }
}

/// What there is to be afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    There,
    Gone,
}

#[derive(Debug)]
pub(super) enum Body {
    /// XML through the stage interface.
    Staged { list: &'static str, header: Fields, rows: Vec<Row> },
    /// JSON to the stage of appointments.
    Json(Fields),
}

/// A detail of a staged document.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) number: i64,
    pub(super) fields: Fields,
    /// Whether it is not wanted any more.
    pub(super) cancelled: bool,
}

/// What the WMS has of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Here {
    Absent,
    Present(Known),
}

/// What we have to know of a record that is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// The numbers of its details.
    pub(super) details: BTreeSet<i64>,
    /// When the slot begins, of an appointment.
    pub(super) planned_start: Option<String>,
}

/// What is to be done for an event.
pub(super) fn plan(config: &Config, delivery: &Delivery) -> Result<Plan, DeliveryError> {
    if delivery.event.get("type").and_then(Value::as_str) != Some(&delivery.event_type) {
        return Err(DeliveryError::Unmappable("the envelope names another event type".to_owned()));
    }
    let words = Words { config, codes: &delivery.codes };
    match delivery.event_type.as_str() {
        "shipment.submitted" => shipment::announced(&words, &data(delivery)?, false),
        "shipment.amended" => {
            let amended: quayside_canonical::events::ShipmentAmended = data(delivery)?;
            shipment::announced(&words, &shipment::as_submitted(amended), true)
        }
        "shipment.cancelled" => shipment::cancelled(&words, &data(delivery)?),
        "purchase_order.released" => order::released(&words, data(delivery)?),
        "purchase_order.revised" => order::revised(&words, data(delivery)?),
        "appointment.requested" => appointment::requested(&words, &data(delivery)?, position(delivery)?),
        "appointment.cancelled" => appointment::cancelled(&words, &data(delivery)?, position(delivery)?),
        other => Err(DeliveryError::Unmappable(format!("event type `{other}` is not sent on"))),
    }
}

fn data<E: Event + DeserializeOwned>(delivery: &Delivery) -> Result<E, DeliveryError> {
    let data = delivery.event.get("data").unwrap_or(&Value::Null);
    E::deserialize(data).map_err(|error| DeliveryError::Unmappable(format!("data of {}: {error}", E::TYPE)))
}

/// Place of the event in the tenant's log: a later word about the same thing has a higher one.
fn position(delivery: &Delivery) -> Result<i64, DeliveryError> {
    let position = delivery.event.get("position").and_then(Value::as_i64);
    position.ok_or_else(|| DeliveryError::Unmappable("the envelope has no position".to_owned()))
}

/// The site's words for ours.
pub(super) struct Words<'a> {
    pub(super) config: &'a Config,
    pub(super) codes: &'a Codes,
}

impl Words<'_> {
    /// The facility of a place. A place nobody has translated is no guess.
    pub(super) fn facility(&self, place: Option<&str>) -> Result<String, DeliveryError> {
        let Some(place) = place else {
            let missing = || "the event names no place and the connection has no `facility`".to_owned();
            return self.config.facility.clone().ok_or_else(|| DeliveryError::Unmappable(missing()));
        };
        let known = self.config.facilities.get(place).map(String::as_str);
        let known = known.or_else(|| self.codes.theirs(Kind::Location, place));
        let same = self.config.same_facility_codes.then_some(place);
        known.or(same).map(str::to_owned).ok_or_else(|| {
            DeliveryError::Unmappable(format!("place `{place}` has no facility code in `facilities`"))
        })
    }

    pub(super) fn unit(&self, unit: &str) -> Result<String, DeliveryError> {
        let known = self.config.units.get(unit).map(String::as_str);
        let known = known.or_else(|| self.codes.theirs(Kind::Unit, unit));
        known
            .map(str::to_owned)
            .ok_or_else(|| DeliveryError::Unmappable(format!("unit `{unit}` has no code in `units`")))
    }

    pub(super) fn item(&self, part: Option<&str>, line: &str) -> Result<String, DeliveryError> {
        let part = part.ok_or_else(|| {
            DeliveryError::Unmappable(format!("line {line}: the order has no part number of the buyer"))
        })?;
        Ok(self.codes.theirs(Kind::Item, part).unwrap_or(part).to_owned())
    }

    pub(super) fn supplier<'s>(&'s self, number: &'s str) -> &'s str {
        self.codes.theirs(Kind::Supplier, number).unwrap_or(number)
    }

    pub(super) fn day(&self, day: NaiveDate) -> String {
        day.format(self.config.date_format.pattern()).to_string()
    }

    /// The day of a moment where the facility is.
    pub(super) fn day_of(&self, at: quayside_canonical::Timestamp) -> String {
        self.day(local(at, self.config.time_zone).date_naive())
    }
}

/// A moment by the clock of the facility.
pub(super) fn local(at: quayside_canonical::Timestamp, zone: Tz) -> DateTime<Tz> {
    DateTime::<Utc>::from_timestamp_micros(at.micros()).unwrap_or_default().with_timezone(&zone)
}

/// Sets a field, unless there is nothing to say.
pub(super) fn put(fields: &mut Fields, name: &str, value: Option<impl Into<String>>) {
    if let Some(value) = value {
        fields.insert(name.to_owned(), Value::String(value.into()));
    }
}

/// The call for what the WMS has now, the document the tenant may reshape, and how many details it has.
pub(super) fn call(
    config: &Config,
    delivery: &Delivery,
    plan: &Plan,
    here: &Here,
) -> Result<Made, DeliveryError> {
    match &plan.body {
        Body::Staged { list, header, rows } => {
            let rows = details(plan.want, rows, here);
            let asynchronous = rows.len() > config.asynchronous_above;
            let document = document(config, delivery, plan, (list, header, rows), here);
            let document =
                xml::write(&delivery.shaped(document)?, ORDER).map_err(DeliveryError::Unmappable)?;
            let call = Call::new(
                reqwest::Method::POST,
                config.url("wms/api/init_stage_interface/"),
                &delivery.errand,
            );
            let call = call.form([
                ("async", if asynchronous { "true" } else { "false" }),
                ("validate_xml", "true"),
                ("xml_data", document.as_str()),
            ]);
            Ok(Made { call, document: Some(document), asynchronous })
        }
        Body::Json(fields) => {
            let mut fields = fields.clone();
            let action = if plan.want == Want::Gone { "DELETE" } else { action(config, plan.want, here) };
            put(&mut fields, "action_code", Some(action));
            if let (Want::Gone, Here::Present(known)) = (plan.want, here) {
                put(&mut fields, "planned_start_ts", known.planned_start.as_deref());
            }
            let document = delivery.shaped(Value::Object(fields))?;
            let body = serde_json::to_vec(&document)
                .map_err(|error| DeliveryError::Unmappable(error.to_string()))?;
            let url = config.url("wms/lgfapi/v10/stage/appointment/");
            Ok(Made {
                call: Call::post_json(url, &delivery.errand, body),
                document: None,
                asynchronous: false,
            })
        }
    }
}

/// A call, and what it carries in a form.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) call: Call,
    pub(super) document: Option<String>,
    pub(super) asynchronous: bool,
}

impl Made {
    /// The document itself rather than the form it travels in.
    pub(super) fn preview(&self) -> Preview {
        let preview = self.call.preview();
        match &self.document {
            Some(document) => {
                Preview { media_type: Some("application/xml".to_owned()), body: document.clone(), ..preview }
            }
            None => preview,
        }
    }
}

fn action(config: &Config, want: Want, here: &Here) -> &'static str {
    match (want, here) {
        (Want::Gone, _) => config.cancel_action.name(),
        (Want::There, Here::Absent) => "CREATE",
        (Want::There, Here::Present(_)) => "UPDATE",
    }
}

/// Each detail with what is to be done with it. Those the WMS has and the document does not are taken out.
fn details(want: Want, rows: &[Row], here: &Here) -> Vec<Fields> {
    if want == Want::Gone {
        return Vec::new();
    }
    let none = BTreeSet::new();
    let known = match here {
        Here::Absent => &none,
        Here::Present(known) => &known.details,
    };
    let stated = rows.iter().filter_map(|row| {
        let action = match (row.cancelled, known.contains(&row.number)) {
            (false, false) => "CREATE",
            (false, true) => "UPDATE",
            (true, true) => "DELETE",
            (true, false) => return None,
        };
        let mut fields = row.fields.clone();
        put(&mut fields, "seq_nbr", Some(row.number.to_string()));
        put(&mut fields, "action_code", Some(action));
        Some(fields)
    });
    let stated: Vec<Fields> = stated.collect();
    let gone = known.iter().filter(|number| !rows.iter().any(|row| row.number == **number));
    let gone = gone.map(|number| {
        let mut fields = Fields::new();
        put(&mut fields, "seq_nbr", Some(number.to_string()));
        put(&mut fields, "action_code", Some("DELETE"));
        fields
    });
    stated.into_iter().chain(gone).collect()
}

/// The tree that becomes XML.
fn document(
    config: &Config,
    delivery: &Delivery,
    plan: &Plan,
    (list, header, rows): (&str, &Fields, Vec<Fields>),
    here: &Here,
) -> Value {
    let entity = plan.target.entity;
    let mut header = header.clone();
    put(&mut header, "facility_code", Some(plan.target.facility.as_str()));
    put(&mut header, "company_code", Some(config.company.as_str()));
    put(&mut header, "action_code", Some(action(config, plan.want, here)));
    put(&mut header, config.mark_field.name(), Some(plan.target.mark.text()));
    let mut one = Fields::new();
    one.insert(format!("{entity}_hdr"), Value::Object(header));
    if !rows.is_empty() {
        one.insert(format!("{entity}_dtl"), Value::from(rows));
    }
    let mut many = Fields::new();
    many.insert(entity.to_owned(), Value::Object(one));
    let stamp = delivery.errand.at.with_timezone(&config.time_zone);
    let mut root = Fields::new();
    root.insert(
        "Header".to_owned(),
        json!({
            "DocumentVersion": config.document_version,
            "OriginSystem": config.origin_system,
            "ClientEnvCode": config.client_env,
            "ParentCompanyCode": config.parent_company,
            "Entity": entity,
            "TimeStamp": stamp.format("%Y-%m-%dT%H:%M:%S").to_string(),
            "MessageId": delivery.id,
        }),
    );
    root.insert(list.to_owned(), Value::Object(many));
    json!({ "LgfData": root })
}
