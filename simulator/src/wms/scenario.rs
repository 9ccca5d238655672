//! What can happen to a shipment and to a request for an appointment.
use serde::{Deserialize, Serialize};

use crate::quantity::Quantity;

/// What is received of a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Scenario {
    /// All of it, good, in one final receipt.
    #[default]
    Full,
    /// Less of one line.
    Short,
    /// All of it, some of one line damaged.
    Damaged,
    /// More of one line.
    Over,
    /// All of it, in two increments and a final receipt.
    Increments,
    /// All of it, one line held for quality.
    Hold,
    /// Less of one line; then that is taken back, and all of it is received.
    LateReversal,
}

/// A scenario and, where that matters, the line and quantity it is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Course {
    /// What happens.
    pub scenario: Scenario,
    /// To a line of the order with this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// To this line. Of several that fit, and where none does, it is the first of the shipment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// To how much of it: what is missing, over or damaged. About a tenth when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
}

impl From<Scenario> for Course {
    fn from(scenario: Scenario) -> Self {
        Self { scenario, ..Self::default() }
    }
}

/// How a request for an appointment is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AppointmentScenario {
    /// A slot at the beginning of the time asked for.
    #[default]
    Confirm,
    /// The same, and after a pause another one a day later.
    Move,
    /// No slot.
    Refuse,
    /// No answer.
    Silent,
}

/// What is to happen to a shipment and its appointment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Instruction {
    /// The number of the shipment; else the next one announced, or the next appointment asked for.
    #[serde(default)]
    pub shipment: Option<String>,
    /// What is received of it.
    #[serde(default)]
    pub receipt: Option<Course>,
    /// How its appointment is answered.
    #[serde(default)]
    pub appointment: Option<AppointmentScenario>,
}
