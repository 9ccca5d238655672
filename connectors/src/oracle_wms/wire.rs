//! How a connection to Oracle WMS Cloud is configured, and the shapes of what the WMS answers.
//!
//! Oracle publishes names but few rules: what is required, how long a text may be and which codes exist differ by
//! site, so they are configuration here and never constants. Where this module says *inferred*, the name stands in
//! a neighbouring document of the same product and has to be confirmed at the site.
use std::collections::BTreeMap;

use chrono_tz::Tz;
use quayside_canonical::states::{AppointmentStatus, GoodsCondition};
use reqwest::Url;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::endpoint::endpoint;
use crate::secret::Secret;

/// The configuration of a connection. Holds secrets, which print as `***`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The environment, before `/wms/api` and `/wms/lgfapi`: `https://te1.wms.ocs.oraclecloud.com/acme_test`.
    #[serde(deserialize_with = "endpoint")]
    pub base_url: Url,
    /// How we say who we are.
    #[serde(default)]
    pub auth: Auth,
    /// The WMS user, for Basic and for the password grant.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<Secret>,
    /// The token endpoint of the identity domain, for both grants of OAuth 2.0.
    #[serde(default, deserialize_with = "some_endpoint")]
    pub token_url: Option<Url>,
    /// The confidential application there.
    pub client_id: Option<String>,
    /// Its secret.
    pub client_secret: Option<Secret>,
    /// What the token is asked for.
    pub scope: Option<String>,
    /// The company whose goods these are.
    pub company: String,
    /// `ParentCompanyCode` of the header.
    pub parent_company: String,
    /// `ClientEnvCode` of the header.
    pub client_env: String,
    /// `DocumentVersion` of the header: the release the site runs, such as `25D`.
    pub document_version: String,
    /// `OriginSystem` of the header.
    #[serde(default = "host")]
    pub origin_system: String,
    /// The facility by our code of the place. What is not here is looked for in the cross-references.
    #[serde(default)]
    pub facilities: BTreeMap<String, String>,
    /// The facility of what names no place.
    pub facility: Option<String>,
    /// Whether a place that has no entry is called the same there.
    #[serde(default)]
    pub same_facility_codes: bool,
    /// Where the item's code goes.
    #[serde(default)]
    pub item_key: ItemKey,
    /// The unit by ours. What is not here is looked for in the cross-references.
    #[serde(default)]
    pub units: BTreeMap<String, String>,
    /// Our unit of the quantities the WMS tells, where it is not that of the order line.
    pub told_unit: Option<String>,
    /// `shipment_type`, out of the site's own list.
    pub shipment_type: Option<String>,
    /// `po_type`, out of the site's own list.
    pub po_type: Option<String>,
    /// The field of a header that carries our mark, and comes back.
    #[serde(default)]
    pub mark_field: CustomField,
    /// The field of a shipment's detail that carries the order line's number, and comes back; none with `null`.
    #[serde(default = "first_field")]
    pub line_field: Option<CustomField>,
    /// How many digits an order line's number has: the WMS counts lines, so `00010` comes back as `10`.
    pub line_digits: Option<usize>,
    /// The time zone of the facility, as in `Europe/Berlin`: the WMS writes times without one.
    #[serde(deserialize_with = "time_zone")]
    pub time_zone: Tz,
    /// How days are written.
    #[serde(default)]
    pub date_format: DateFormat,
    /// What takes a document back.
    #[serde(default)]
    pub cancel_action: CancelAction,
    /// `status_id` of a cancelled document, where the site keeps those.
    pub cancelled_status: Option<i64>,
    /// Documents of more lines are handed over to be worked on later.
    #[serde(default = "many_lines")]
    pub asynchronous_above: usize,
    /// For how long what was handed over may be missing before it is handed over again.
    #[serde(default = "ten_minutes")]
    pub settle_minutes: u32,
    /// Our condition by the site's lock code.
    #[serde(default)]
    pub conditions: BTreeMap<String, GoodsCondition>,
    /// Whether every shipment is verified in the end, and told of: then adjustments before it need not be counted.
    #[serde(default = "yes")]
    pub verification_follows: bool,
    /// Activities of the inventory history that are none of our business, beside those we know.
    #[serde(default)]
    pub ignored_activities: Vec<String>,
    /// How far a poll looks back at first.
    #[serde(default = "seven_days")]
    pub poll_days: u32,
    /// Slots at docks, where the site keeps them in the WMS.
    pub appointments: Option<Appointments>,
}

/// How appointments are kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appointments {
    /// `dock_type`, out of the site's own list.
    pub dock_type: String,
    /// Minutes of a slot.
    #[serde(default = "one_hour")]
    pub duration: u32,
    /// Our status by the site's `status_id`.
    #[serde(default)]
    pub statuses: BTreeMap<String, AppointmentStatus>,
}

/// How we say who we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// `user` and `password` with every call.
    #[default]
    Basic,
    /// A token for `user` and `password`, asked for as `client_id`.
    Oauth2Password,
    /// A token for `client_id` alone.
    Oauth2ClientCredentials,
}

/// Where an item's code goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKey {
    /// One code.
    #[default]
    ItemAlternateCode,
    /// The first part of a code in parts.
    ItemPartA,
}

impl ItemKey {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ItemAlternateCode => "item_alternate_code",
            Self::ItemPartA => "item_part_a",
        }
    }
}

/// A field that means what the site wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum CustomField {
    #[default]
    #[serde(rename = "cust_field_1")]
    One,
    #[serde(rename = "cust_field_2")]
    Two,
    #[serde(rename = "cust_field_3")]
    Three,
    #[serde(rename = "cust_field_4")]
    Four,
    #[serde(rename = "cust_field_5")]
    Five,
}

impl CustomField {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::One => "cust_field_1",
            Self::Two => "cust_field_2",
            Self::Three => "cust_field_3",
            Self::Four => "cust_field_4",
            Self::Five => "cust_field_5",
        }
    }
}

/// How days are written. All three are seen at sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateFormat {
    /// `2026-10-05`
    #[default]
    Iso,
    /// `20261005`
    Compact,
    /// `05/10/2026`
    DayFirst,
}

impl DateFormat {
    pub(super) const fn pattern(self) -> &'static str {
        match self {
            Self::Iso => "%Y-%m-%d",
            Self::Compact => "%Y%m%d",
            Self::DayFirst => "%d/%m/%Y",
        }
    }
}

/// What takes a document back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CancelAction {
    #[default]
    Delete,
    Cancel,
}

impl CancelAction {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Cancel => "CANCEL",
        }
    }
}

impl Config {
    /// What serde cannot say: that the credentials fit the way they are used.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let (user, client) = (self.user.is_some() && self.password.is_some(), self.client_id.is_some());
        let client = client && self.client_secret.is_some() && self.token_url.is_some();
        match self.auth {
            Auth::Basic if !user => Err("auth: basic needs `user` and `password`"),
            Auth::Oauth2Password if !(user && client) => Err(
                "auth: oauth2_password needs `user`, `password`, `token_url`, `client_id` and `client_secret`",
            ),
            Auth::Oauth2ClientCredentials if !client => {
                Err("auth: oauth2_client_credentials needs `token_url`, `client_id` and `client_secret`")
            }
            _ => Ok(()),
        }
    }

    /// An address below the environment.
    pub(super) fn url(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        url
    }
}

fn host() -> String {
    "Host".to_owned()
}

fn first_field() -> Option<CustomField> {
    Some(CustomField::One)
}

fn many_lines() -> usize {
    500
}

fn ten_minutes() -> u32 {
    10
}

fn seven_days() -> u32 {
    7
}

fn one_hour() -> u32 {
    60
}

fn yes() -> bool {
    true
}

fn some_endpoint<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    endpoint(deserializer).map(Some)
}

fn time_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
    let name =
        String::deserialize(deserializer).map_err(|_| D::Error::custom("time_zone: must be a string"))?;
    name.parse()
        .map_err(|_| D::Error::custom("time_zone: is no name of the IANA list, such as `Europe/Berlin`"))
}

/// Elements in the order in which Oracle's documents have them; others come after these.
pub(super) const ORDER: &[&str] = &[
    "Header",
    "DocumentVersion",
    "OriginSystem",
    "ClientEnvCode",
    "ParentCompanyCode",
    "Entity",
    "TimeStamp",
    "MessageId",
    "ib_shipment_hdr",
    "ib_shipment_dtl",
    "purchase_order_hdr",
    "purchase_order_dtl",
    "seq_nbr",
    "shipment_nbr",
    "po_nbr",
    "po_seq_nbr",
    "facility_code",
    "company_code",
    "vendor_code",
    "trailer_nbr",
    "action_code",
    "ref_nbr",
    "shipment_type",
    "load_nbr",
    "manifest_nbr",
    "vendor_info",
    "origin_info",
    "shipped_date",
    "ord_date",
    "po_type",
    "delivery_date",
    "lpn_nbr",
    "pallet_nbr",
    "item_alternate_code",
    "item_part_a",
    "shipped_qty",
    "ord_qty",
    "uom_code",
    "batch_nbr",
    "expiry_date",
    "serial_nbr",
];
