//! What a label says. All but the SSCC and the parties may be missing; what is missing takes no room.
use std::fmt;

use quayside_canonical::{
    Date, Micro,
    gs1::{Gtin, Sscc},
};

/// The label of one handling unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where it comes from.
    pub ship_from: Party,
    /// Where it goes.
    pub ship_to: Party,
    /// Who sold what is in it.
    pub supplier: Option<String>,
    /// Who carries it.
    pub carrier: Option<String>,
    /// Number of the bill of lading.
    pub bill_of_lading: Option<String>,
    /// The carrier's own number: PRO or tracking.
    pub tracking: Option<String>,
    /// The purchase orders it is for.
    pub orders: Vec<String>,
    /// Number of the shipment.
    pub shipment: Option<String>,
    /// Which of the shipment's units it is.
    pub unit: Option<UnitOf>,
    /// What kind of package it is, in words.
    pub package: Option<String>,
    /// What it weighs with its packaging.
    pub gross_weight: Option<Weight>,
    /// What is in it, when that is one item of one lot.
    pub contents: Option<Contents>,
    /// Its number.
    pub sscc: Sscc,
}

/// Name and address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// The name.
    pub name: String,
    /// Street and town, in the order to print them. Those beyond the fourth share its line.
    pub address: Vec<String>,
    /// The postal code.
    pub postal_code: Option<String>,
    /// The country.
    pub country: Option<String>,
}

/// "3 of 20".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitOf {
    /// Which one, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
}

/// A weight as it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// How much.
    pub amount: Micro,
    /// Of what.
    pub unit: WeightUnit,
}

/// Units of weight that labels use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightUnit {
    /// Kilogram.
    Kilogram,
    /// Avoirdupois pound.
    Pound,
}

/// What is in a unit that holds one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The item, at the highest level that is in the unit.
    pub gtin: Gtin,
    /// How many of it. Beyond eight digits there is no room in a GS1 symbol: printed as text only.
    pub count: u32,
    /// The lot. What GS1 symbols cannot carry (more than 20 characters, other scripts) is printed as text only.
    pub lot: Option<String>,
    /// Best before.
    pub best_before: Option<Date>,
    /// Must not be used after.
    pub expiry: Option<Date>,
}

impl fmt::Display for UnitOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.number, self.of)
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            WeightUnit::Kilogram => "kg",
            WeightUnit::Pound => "lb",
        };
        write!(f, "{} {unit}", self.amount)
    }
}
