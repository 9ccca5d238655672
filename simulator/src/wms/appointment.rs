//! From a request for an appointment to the slot, and to what is said about it. Pure.
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::scenario::AppointmentScenario;
use super::wire::{Appointment, Revision, SlotWanted};
use crate::statement::{Statement, StatementKind};

const DOCKS: u64 = 12;
const SLOT: TimeDelta = TimeDelta::hours(1);
const LATER: TimeDelta = TimeDelta::days(1);

/// Where an appointment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SlotStatus {
    /// Not answered.
    Requested,
    /// There is a slot.
    Confirmed,
    /// There is none.
    Refused,
    /// The supplier does not want it any more.
    Cancelled,
    /// The goods are at the dock.
    Arrived,
    /// The goods are unloaded.
    Completed,
}

impl SlotStatus {
    const fn word(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Confirmed => "CONFIRMED",
            Self::Refused => "REFUSED",
            Self::Cancelled => "CANCELLED",
            Self::Arrived => "ARRIVED",
            Self::Completed => "COMPLETED",
        }
    }
}

/// The appointment of a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Slot {
    /// The shipment's id.
    pub shipment: String,
    /// The supplier's number of the shipment.
    pub shipment_number: String,
    /// The tenant's number for the supplier.
    pub supplier: String,
    /// The code of the warehouse.
    pub location: Option<String>,
    /// Where it stands.
    pub status: SlotStatus,
    /// How many statements there are about it.
    pub revision: u32,
    /// The dock.
    pub dock: Option<String>,
    /// The beginning: what was asked for, until it is confirmed.
    pub from: DateTime<Utc>,
    /// The end.
    pub until: DateTime<Utc>,
}

impl Slot {
    /// A request; one that came before gives way, and what was said about it counts on.
    pub(super) fn wanted(wanted: SlotWanted, earlier: Option<&Self>, location: Option<String>) -> Self {
        Self {
            shipment: wanted.shipment,
            shipment_number: wanted.shipment_number,
            supplier: wanted.supplier_number,
            location: wanted.location.or(location),
            status: SlotStatus::Requested,
            revision: earlier.map_or(0, |slot| slot.revision),
            dock: None,
            from: wanted.from,
            until: wanted.until,
        }
    }

    /// Whether the goods are expected at a dock.
    pub(super) fn holds(&self) -> bool {
        self.status == SlotStatus::Confirmed
    }

    /// Answers the request with the dock whose turn it is: the slot as it is then, and what is said about it.
    pub(super) fn answered(
        &self,
        scenario: AppointmentScenario,
        turn: u64,
        at: DateTime<Utc>,
        pause: TimeDelta,
    ) -> (Self, Vec<Statement>) {
        let mut slot = self.clone();
        let mut statements = Vec::new();
        match scenario {
            AppointmentScenario::Silent => {}
            AppointmentScenario::Refuse => {
                slot.status = SlotStatus::Refused;
                statements.push(slot.say(at, Some("no dock is free at that time")));
            }
            AppointmentScenario::Confirm | AppointmentScenario::Move => {
                slot.status = SlotStatus::Confirmed;
                slot.dock = Some(format!("D{:02}", turn % DOCKS + 1));
                slot.until = slot.until.min(slot.from + SLOT).max(slot.from);
                statements.push(slot.say(at, None));
            }
        }
        if scenario == AppointmentScenario::Move {
            slot.from += LATER;
            slot.until += LATER;
            statements.push(slot.say(at + pause, Some("the dock is occupied until then")));
        }
        (slot, statements)
    }

    /// Goes on to `status` and says so.
    pub(super) fn progress(&mut self, status: SlotStatus, at: DateTime<Utc>) -> Statement {
        self.status = status;
        self.say(at, None)
    }

    fn say(&mut self, at: DateTime<Utc>, note: Option<&str>) -> Statement {
        self.revision += 1;
        let number = format!("DA-{}-{}", self.supplier, self.shipment_number);
        let has_slot = self.dock.is_some();
        let document = Appointment {
            number: number.clone(),
            revision: Revision { id: self.revision.to_string(), sequence: self.revision, issued_at: at },
            supplier: &self.supplier,
            shipment: &self.shipment_number,
            status: self.status.word(),
            location: self.location.as_deref(),
            dock: self.dock.as_deref(),
            slot_from: has_slot.then_some(self.from),
            slot_until: has_slot.then_some(self.until),
            note,
        };
        Statement {
            id: format!("{number}.{}", self.revision),
            kind: StatementKind::Appointment,
            about: self.shipment_number.clone(),
            due_at: at,
            document: json!(document),
            answer: None,
        }
    }
}
