//! Rules a tenant sets for its suppliers, in three layers: tenant, supplier group, supplier.
use serde::{Deserialize, Serialize};

use crate::Micro;

/// What one layer says. A missing value means: as the layer above.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Policy {
    /// How much more than ordered may be promised, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity_over_percent: Option<Micro>,
    /// How much less than ordered may be promised, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity_under_percent: Option<Micro>,
    /// How many days before the asked day a promise may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_days: Option<u16>,
    /// How many days after the asked day a promise may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_days: Option<u16>,
    /// How much dearer a price may be, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_over_percent: Option<Micro>,
    /// How much cheaper a price may be, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_under_percent: Option<Micro>,
    /// Within how many minutes a revision is to be answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_within_minutes: Option<u32>,
    /// How much more than ordered may be shipped, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_ship_percent: Option<Micro>,
    /// Whether a line has to be answered and agreed before goods of it may be announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_before_shipment: Option<bool>,
}

/// What holds for one supplier after all layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How much more than ordered may be promised, in percent.
    pub quantity_over_percent: Micro,
    /// How much less than ordered may be promised, in percent.
    pub quantity_under_percent: Micro,
    /// How many days before the asked day a promise may be.
    pub early_days: u16,
    /// How many days after the asked day a promise may be.
    pub late_days: u16,
    /// How much dearer a price may be, in percent.
    pub price_over_percent: Micro,
    /// How much cheaper a price may be, in percent.
    pub price_under_percent: Micro,
    /// Within how many minutes a revision is to be answered.
    pub answer_within_minutes: u32,
    /// How much more than ordered may be shipped, in percent.
    pub over_ship_percent: Micro,
    /// Whether a line has to be answered and agreed before goods of it may be announced.
    pub answer_before_shipment: bool,
}

impl Rules {
    /// What holds when the later of `layers` overrule the earlier. Without any word on it, no deviation is
    /// tolerated except a lower price, an answer is due after 48 hours, and goods may be announced unanswered.
    #[must_use]
    pub fn from_layers(layers: &[&Policy]) -> Self {
        fn last<T: Copy>(layers: &[&Policy], get: impl Fn(&Policy) -> Option<T>, default: T) -> T {
            layers.iter().rev().find_map(|layer| get(layer)).unwrap_or(default)
        }
        Self {
            quantity_over_percent: last(layers, |p| p.quantity_over_percent, Micro::ZERO),
            quantity_under_percent: last(layers, |p| p.quantity_under_percent, Micro::ZERO),
            early_days: last(layers, |p| p.early_days, 0),
            late_days: last(layers, |p| p.late_days, 0),
            price_over_percent: last(layers, |p| p.price_over_percent, Micro::ZERO),
            price_under_percent: last(layers, |p| p.price_under_percent, Micro::from(100)),
            answer_within_minutes: last(layers, |p| p.answer_within_minutes, 48 * 60),
            over_ship_percent: last(layers, |p| p.over_ship_percent, Micro::ZERO),
            answer_before_shipment: last(layers, |p| p.answer_before_shipment, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_supplier_overrules_the_group_and_the_group_the_tenant() {
        let tenant = Policy { late_days: Some(1), early_days: Some(7), ..Policy::default() };
        let group = Policy { late_days: Some(2), ..Policy::default() };
        let supplier = Policy { late_days: Some(0), ..Policy::default() };
        let rules = Rules::from_layers(&[&tenant, &group, &supplier]);
        assert_eq!((rules.late_days, rules.early_days), (0, 7));
    }
}
