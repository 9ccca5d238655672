//! A purchase order as a source system states it: one document is one whole revision.
use serde::{Deserialize, Serialize};

use crate::{Date, Micro, Timestamp, translation::Translation};

/// One revision of a purchase order, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PurchaseOrder {
    /// The buyer's order number, unique in the tenant.
    pub number: String,
    /// The supplier, by the number the tenant knows it by.
    pub supplier: String,
    /// Which revision this is, in the words of the source.
    pub revision: SourceRevision,
    /// ISO 4217 currency of every price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The day the order was placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered_on: Option<Date>,
    /// Whether the whole order is cancelled.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cancelled: bool,
    /// Incoterms code and named place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incoterms: Option<Incoterms>,
    /// Terms of payment as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_terms: Option<String>,
    /// Where to ship, unless a line says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<Party>,
    /// Text for the supplier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Codes of ours that stand where the source wrote others. Made here, never sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub translations: Vec<Translation>,
    /// What is ordered.
    pub lines: Vec<Line>,
}

/// How the source names a revision and when it was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SourceRevision {
    /// The source's name of the revision: a number, a date, a change order number.
    pub id: String,
    /// Its place among the revisions, where the source counts them. Higher is newer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<i64>,
    /// When the source issued it.
    pub issued_at: Timestamp,
}

impl SourceRevision {
    /// What decides which of two revisions is newer: the source's count, then its time, then its name. The
    /// order of arrival never does. A name made of digits only counts as a sequence.
    #[must_use]
    pub fn rank(&self) -> (i64, Timestamp, &str) {
        let sequence = self.sequence.or_else(|| self.id.parse().ok()).unwrap_or(0);
        (sequence, self.issued_at, &self.id)
    }
}

/// The number of a release of a blanket order: each release is an order of its own.
#[must_use]
pub fn release_number(number: &str, release: &str) -> String {
    format!("{number}/{release}")
}

/// Who bears cost and risk up to where (ICC Incoterms).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Incoterms {
    /// Three-letter code, such as `DAP`.
    pub code: String,
    /// The named place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// A place or company on the order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Party {
    /// The tenant's code of the location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address lines: street, city, region, postal code, country, as the source has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub address: Vec<String>,
}

/// One line of the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The source's line number, kept as text: `00010` stays `00010`.
    pub number: String,
    /// The buyer's part number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_part: Option<String>,
    /// The supplier's part number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier_part: Option<String>,
    /// GTIN (8, 12, 13 or 14 digits).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtin: Option<String>,
    /// What it is, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How much is ordered.
    pub quantity: Micro,
    /// Unit of the quantity; UN/ECE Rec 20 where there is one, else as the source has it.
    pub unit: String,
    /// Price of `price_per` units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Micro>,
    /// For how many units the price is; 1 when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_per: Option<Micro>,
    /// First day the goods are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_from: Option<Date>,
    /// Last day the goods are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_to: Option<Date>,
    /// Where to ship, when not where the order says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<Party>,
    /// Whether the line is cancelled.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cancelled: bool,
    /// Instalments, when the quantity is wanted on several days. They add up to the quantity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<Schedule>,
    /// Text for the supplier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Codes of ours that stand where the source wrote others. Made here, never sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub translations: Vec<Translation>,
}

/// One instalment of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// How much.
    pub quantity: Micro,
    /// First day it is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_from: Option<Date>,
    /// Last day it is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_to: Option<Date>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}
