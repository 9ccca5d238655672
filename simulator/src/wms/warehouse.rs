//! What the warehouse knows: announced shipments, slots at its docks, and what it was told to play.
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::WmsSettings;
use super::appointment::{Slot, SlotStatus};
use super::orders::Orders;
use super::receipt;
use super::scenario::{AppointmentScenario, Course, Instruction};
use super::shipment::{ReceiveError, Shipment, ShipmentLine, ShipmentStage};
use super::wire::{self, Announced, SlotWanted, Told};
use crate::receiver::{Business, Effect, Refusal};
use crate::statement::Statement;

/// What the warehouse was told and has decided.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Note {
    Instructed(Instruction),
    SlotAnswered { slot: Slot, statements: Vec<Statement> },
    Received(Received),
}

/// A shipment was received.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Received {
    shipment: String,
    course: Course,
    /// Its slot, if it had one, as it is afterwards.
    slot: Option<Slot>,
    pub(super) statements: Vec<Statement>,
}

pub(super) struct Warehouse {
    receive_after: TimeDelta,
    pause: TimeDelta,
    course: Course,
    appointment: AppointmentScenario,
    location: Option<String>,
    shipments: BTreeMap<String, Shipment>,
    withdrawn: HashSet<String>,
    /// When which shipment arrives.
    due: BTreeSet<(DateTime<Utc>, String)>,
    /// By the shipment's id.
    slots: HashMap<String, Slot>,
    /// Shipments whose request waits for an answer.
    unanswered: VecDeque<String>,
    slots_given: u64,
    receipt_orders: Orders<Course>,
    slot_orders: Orders<AppointmentScenario>,
}

impl Warehouse {
    pub(super) fn new(settings: &WmsSettings) -> Self {
        Self {
            receive_after: TimeDelta::from_std(settings.receive_after).unwrap_or_default(),
            pause: TimeDelta::from_std(settings.pause).unwrap_or_default(),
            course: settings.course.clone(),
            appointment: settings.appointment,
            location: settings.location.clone(),
            shipments: BTreeMap::new(),
            withdrawn: HashSet::new(),
            due: BTreeSet::new(),
            slots: HashMap::new(),
            unanswered: VecDeque::new(),
            slots_given: 0,
            receipt_orders: Orders::default(),
            slot_orders: Orders::default(),
        }
    }

    pub(super) fn shipments(&self) -> impl Iterator<Item = &Shipment> {
        self.shipments.values()
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.shipments.keys().filter_map(|id| self.slots.get(id))
    }

    /// What follows when the shipment of that number is received at `now`.
    pub(super) fn receive_now(
        &self,
        number: &str,
        course: Option<Course>,
        now: DateTime<Utc>,
    ) -> Result<Received, ReceiveError> {
        let mut named = self.shipments.values().filter(|shipment| shipment.number == number);
        let shipment = named.next().ok_or(ReceiveError::NotAnnounced)?;
        if named.next().is_some() {
            return Err(ReceiveError::Ambiguous);
        }
        match shipment.stage {
            ShipmentStage::Expected => {
                Ok(self.received(shipment, course.unwrap_or_else(|| self.course_of(shipment)), now))
            }
            ShipmentStage::Received => Err(ReceiveError::Received),
            ShipmentStage::Cancelled => Err(ReceiveError::Cancelled),
        }
    }

    fn course_of(&self, shipment: &Shipment) -> Course {
        self.receipt_orders.of(&shipment.id, &shipment.number).unwrap_or_else(|| self.course.clone())
    }

    /// Arrival, where there is a slot, the receipts, and the end of the slot.
    fn received(&self, shipment: &Shipment, course: Course, at: DateTime<Utc>) -> Received {
        let mut slot = self.slots.get(&shipment.id).filter(|slot| slot.holds()).cloned();
        let mut statements: Vec<Statement> =
            slot.iter_mut().map(|slot| slot.progress(SlotStatus::Arrived, at)).collect();
        statements.extend(receipt::statements(shipment, &course, at, self.pause));
        let end = statements.last().map_or(at, |last| last.due_at);
        statements.extend(slot.iter_mut().map(|slot| slot.progress(SlotStatus::Completed, end)));
        Received { shipment: shipment.id.clone(), course, slot, statements }
    }

    /// An older version than the one at hand, and one after the goods were received, changes nothing.
    fn announced(&mut self, announced: Announced, at: DateTime<Utc>) {
        let known = self.shipments.get(&announced.shipment);
        let known_version = known.map_or(0, |shipment| shipment.version);
        let closed = known.is_some_and(|shipment| shipment.stage != ShipmentStage::Expected);
        if closed || announced.version <= known_version || self.withdrawn.contains(&announced.shipment) {
            return;
        }
        let due_at = known.map_or(at + self.receive_after, |shipment| shipment.due_at);
        if known.is_none() {
            self.receipt_orders.assign(&announced.shipment, &announced.number);
        }
        let location = announced.notice.ship_to.and_then(|place| place.code);
        let lines = announced.lines.into_iter().map(|line| ShipmentLine {
            order: line.order_number,
            line: line.line,
            quantity: line.quantity,
            unit: line.unit,
        });
        let shipment = Shipment {
            id: announced.shipment.clone(),
            number: announced.number,
            supplier: announced.supplier_number,
            version: announced.version,
            stage: ShipmentStage::Expected,
            due_at,
            location: location.or_else(|| self.location.clone()),
            lines: lines.collect(),
            course: None,
        };
        self.due.insert((due_at, announced.shipment.clone()));
        self.shipments.insert(announced.shipment, shipment);
    }

    fn withdrawn(&mut self, id: String) {
        if let Some(shipment) = self.shipments.get_mut(&id)
            && shipment.stage == ShipmentStage::Expected
        {
            shipment.stage = ShipmentStage::Cancelled;
            self.due.remove(&(shipment.due_at, id.clone()));
        }
        self.slot_unwanted(&id);
        self.withdrawn.insert(id);
    }

    fn slot_wanted(&mut self, wanted: SlotWanted) {
        let id = wanted.shipment.clone();
        self.slot_orders.assign(&id, &wanted.shipment_number);
        let slot = Slot::wanted(wanted, self.slots.get(&id), self.location.clone());
        self.slots.insert(id.clone(), slot);
        self.unanswered.retain(|waiting| *waiting != id);
        self.unanswered.push_back(id);
    }

    fn slot_unwanted(&mut self, id: &str) {
        self.unanswered.retain(|waiting| waiting != id);
        if let Some(slot) = self.slots.get_mut(id) {
            slot.status = SlotStatus::Cancelled;
        }
    }

    fn slot_answer(&self, now: DateTime<Utc>) -> Option<Note> {
        let slot = self.slots.get(self.unanswered.front()?)?;
        let scenario = self.slot_orders.of(&slot.shipment, &slot.shipment_number).unwrap_or(self.appointment);
        let (slot, statements) = slot.answered(scenario, self.slots_given, now, self.pause);
        Some(Note::SlotAnswered { slot, statements })
    }

    fn arrival(&self, now: DateTime<Utc>) -> Option<Note> {
        let (at, id) = self.due.first().filter(|(at, _)| *at <= now)?;
        let shipment = self.shipments.get(id)?;
        Some(Note::Received(self.received(shipment, self.course_of(shipment), *at)))
    }

    fn instructed(&mut self, instruction: Instruction) {
        let Instruction { shipment, receipt, appointment } = instruction;
        if let Some(course) = receipt {
            self.receipt_orders.add(shipment.as_deref(), course);
        }
        if let Some(scenario) = appointment {
            self.slot_orders.add(shipment.as_deref(), scenario);
        }
    }
}

impl Business for Warehouse {
    type Note = Note;

    fn check(&self, event_type: &str, data: &Value) -> Result<(), Refusal> {
        wire::read(event_type, data).map(drop)
    }

    fn take(&mut self, effect: &Effect) {
        match wire::read(&effect.document.event_type, &effect.data) {
            Ok(Told::Announced(announced)) => self.announced(announced, effect.document.received_at),
            Ok(Told::Withdrawn(withdrawn)) => self.withdrawn(withdrawn.shipment),
            Ok(Told::SlotWanted(wanted)) => self.slot_wanted(wanted),
            Ok(Told::SlotUnwanted(unwanted)) => self.slot_unwanted(&unwanted.shipment),
            Err(_) => {} // refused before it was booked; a journal may hold what an earlier version took
        }
    }

    /// Slots first: goods that are due as well arrive at them.
    fn due(&self, now: DateTime<Utc>) -> Option<Note> {
        self.slot_answer(now).or_else(|| self.arrival(now))
    }

    fn note(&mut self, note: Note) -> Vec<Statement> {
        match note {
            Note::Instructed(instruction) => {
                self.instructed(instruction);
                Vec::new()
            }
            Note::SlotAnswered { slot, statements } => {
                self.unanswered.retain(|waiting| *waiting != slot.shipment);
                self.slots_given += u64::from(slot.dock.is_some());
                self.slots.insert(slot.shipment.clone(), slot);
                statements
            }
            Note::Received(received) => {
                if let Some(shipment) = self.shipments.get_mut(&received.shipment) {
                    shipment.stage = ShipmentStage::Received;
                    shipment.course = Some(received.course);
                    self.due.remove(&(shipment.due_at, shipment.id.clone()));
                }
                if let Some(slot) = received.slot {
                    self.slots.insert(slot.shipment.clone(), slot);
                }
                received.statements
            }
        }
    }
}
