//! The facts of order lines, out of the events alone.
use std::collections::{BTreeMap, BTreeSet, HashSet};

use quayside_canonical::{
    Micro, PurchaseOrderId, ShipmentId, SupplierId, Timestamp,
    events::{
        AcknowledgmentSubmitted, ChangeProposalAccepted, ChangeProposalDeclined, DiscrepancyChanged,
        DiscrepancyResolved, Event, InvoiceStatusChanged, OrderedQuantity, PurchaseOrderReleased,
        PurchaseOrderRevised, ReceiptRecorded, ShipmentAmended, ShipmentCancelled, ShipmentSubmitted,
        ShippedQuantity,
    },
    ledger::Quantities,
    states::{DiscrepancyKind, InvoiceMatchStatus, LineStatus, ReceiptKind},
};
use quayside_entity::event;
use serde::de::DeserializeOwned;

use super::{
    facts::{Agreed, Decision, Facts, ReceiptFact, ShipmentFact},
    load::Key,
    position::position,
};
use crate::Failure;

/// What a tenant's events say, as far as they were read.
#[derive(Default)]
pub(super) struct Replay {
    lines: BTreeMap<Key, Line>,
    shipments: BTreeMap<ShipmentId, Shipment>,
    receipts: Vec<ReceiptRecorded>,
    decisions: BTreeMap<(Key, DiscrepancyKind, Option<ShipmentId>), Decision>,
    invoices: BTreeMap<Key, Invoices>,
}

/// What the ERP said about invoices of a line, by source and invoice.
type Invoices = BTreeMap<(String, String), (InvoiceMatchStatus, Micro)>;

#[derive(Default)]
struct Line {
    ordered: Micro,
    cancelled: bool,
    agreed: Agreed,
}

struct Shipment {
    supplier: SupplierId,
    number: String,
    submitted_at: Timestamp,
    lines: Vec<ShippedQuantity>,
}

impl Replay {
    /// Takes the next event.
    pub(super) fn take(&mut self, row: &event::Model) -> Result<(), Failure> {
        match row.event_type.as_str() {
            PurchaseOrderReleased::TYPE => {
                let event: PurchaseOrderReleased = read(row)?;
                self.order(event.order, event.lines);
            }
            PurchaseOrderRevised::TYPE => {
                let event: PurchaseOrderRevised = read(row)?;
                self.order(event.order, event.lines);
            }
            AcknowledgmentSubmitted::TYPE => {
                let event: AcknowledgmentSubmitted = read(row)?;
                for line in event.lines {
                    self.agree(event.order, line.line, Agreed::of(line.status, &line.parts));
                }
            }
            ChangeProposalAccepted::TYPE => {
                let event: ChangeProposalAccepted = read(row)?;
                self.agree(event.order, event.line, Agreed::of(LineStatus::Accepted, &event.parts));
            }
            ChangeProposalDeclined::TYPE => {
                let event: ChangeProposalDeclined = read(row)?;
                self.agree(event.order, event.line, Agreed::default());
            }
            ShipmentSubmitted::TYPE => {
                let event: ShipmentSubmitted = read(row)?;
                self.ship(event.shipment, event.supplier, event.number, event.lines, row.recorded_at);
            }
            ShipmentAmended::TYPE => {
                let event: ShipmentAmended = read(row)?;
                self.ship(event.shipment, event.supplier, event.number, event.lines, row.recorded_at);
            }
            ShipmentCancelled::TYPE => {
                let event: ShipmentCancelled = read(row)?;
                self.shipments.remove(&event.shipment);
            }
            ReceiptRecorded::TYPE => self.receipts.push(read(row)?),
            DiscrepancyResolved::TYPE => {
                let DiscrepancyResolved { kind, order, line, shipment, quantity, resolution, .. } =
                    read(row)?;
                let decision = Decision { kind, shipment, quantity, resolution };
                self.decisions.insert(((order, line), kind, shipment), decision);
            }
            DiscrepancyChanged::TYPE => {
                let DiscrepancyChanged { kind, order, line, shipment, .. } = read(row)?;
                self.decisions.remove(&((order, line), kind, shipment));
            }
            InvoiceStatusChanged::TYPE => {
                let InvoiceStatusChanged { order, source, quantity, document, .. } = read(row)?;
                let invoices = self.invoices.entry((order, document.line)).or_default();
                invoices.insert((source, document.invoice), (document.status, quantity));
            }
            _ => {}
        }
        Ok(())
    }

    /// A revision became current: lines it does not have any more were cancelled by leaving them out.
    fn order(&mut self, order: PurchaseOrderId, lines: Vec<OrderedQuantity>) {
        for ((of, _), line) in &mut self.lines {
            if *of == order {
                (line.cancelled, line.agreed) = (true, Agreed::default());
            }
        }
        for line in lines {
            let agreed = Agreed { acknowledged: line.acknowledged, backordered: line.backordered };
            let here = Line { ordered: line.quantity, cancelled: line.cancelled, agreed };
            self.lines.insert((order, line.line), here);
        }
    }

    fn agree(&mut self, order: PurchaseOrderId, line: String, agreed: Agreed) {
        self.lines.entry((order, line)).or_default().agreed = agreed;
    }

    fn ship(
        &mut self,
        id: ShipmentId,
        supplier: SupplierId,
        number: String,
        lines: Vec<ShippedQuantity>,
        now: Timestamp,
    ) {
        let submitted_at = self.shipments.get(&id).map_or(now, |earlier| earlier.submitted_at);
        self.shipments.insert(id, Shipment { supplier, number, submitted_at, lines });
    }

    /// Every line's ledger, recomputed.
    pub(super) fn quantities(&self) -> BTreeMap<Key, Quantities> {
        let mut facts: BTreeMap<Key, Facts> =
            self.lines.iter().map(|(key, line)| (key.clone(), line.facts())).collect();
        self.add_shipments(&mut facts);
        self.add_receipts(&mut facts);
        for ((key, ..), decision) in &self.decisions {
            if let Some(facts) = facts.get_mut(key) {
                facts.decisions.push(decision.clone());
            }
        }
        for (key, invoices) in &self.invoices {
            if let Some(facts) = facts.get_mut(key) {
                facts.invoices.clone_from(invoices);
            }
        }
        facts.into_iter().map(|(key, facts)| (key, position(&facts).quantities)).collect()
    }

    fn add_shipments(&self, facts: &mut BTreeMap<Key, Facts>) {
        let mut shipments: Vec<_> = self.shipments.iter().collect();
        shipments.sort_by_key(|(id, shipment)| (shipment.submitted_at, **id));
        for (id, shipment) in shipments {
            for line in &shipment.lines {
                if let Some(facts) = facts.get_mut(&(line.order, line.line.clone())) {
                    let (number, quantity) = (shipment.number.clone(), line.quantity);
                    facts.shipments.push(ShipmentFact { id: *id, number, quantity });
                }
            }
        }
    }

    fn add_receipts(&self, facts: &mut BTreeMap<Key, Facts>) {
        let void: HashSet<(&str, &str)> = self
            .receipts
            .iter()
            .filter_map(|receipt| Some((receipt.source.as_str(), receipt.replaces.as_deref()?)))
            .collect();
        let valid = |receipt: &&ReceiptRecorded| !void.contains(&(receipt.source.as_str(), &receipt.number));
        for receipt in self.receipts.iter().filter(valid) {
            for key in self.concerned(receipt) {
                if let Some(facts) = facts.get_mut(&key) {
                    facts.receipts.push(fact(receipt, &key));
                }
            }
        }
    }

    /// The lines a receipt names, and for a last word about a shipment all lines of it.
    fn concerned(&self, receipt: &ReceiptRecorded) -> BTreeSet<Key> {
        let mut keys: BTreeSet<Key> =
            receipt.lines.iter().map(|line| (line.order, line.line.clone())).collect();
        if receipt.kind == ReceiptKind::Final {
            let same = |shipment: &&Shipment| {
                shipment.supplier == receipt.supplier
                    && Some(&shipment.number) == receipt.shipment_number.as_ref()
            };
            let lines = self.shipments.values().filter(same).flat_map(|shipment| &shipment.lines);
            keys.extend(lines.map(|line| (line.order, line.line.clone())));
        }
        keys
    }
}

impl Line {
    fn facts(&self) -> Facts {
        let Self { ordered, cancelled, agreed } = *self;
        Facts { ordered, cancelled, agreed, ..Facts::default() }
    }
}

fn fact(receipt: &ReceiptRecorded, key: &Key) -> ReceiptFact {
    let said = receipt.lines.iter().filter(|line| line.order == key.0 && line.line == key.1);
    ReceiptFact {
        source: receipt.source.clone(),
        number: receipt.number.clone(),
        kind: receipt.kind,
        basis: receipt.basis,
        shipment: receipt.shipment_number.clone(),
        sequence: receipt.sequence.unwrap_or(0),
        received_at: receipt.received_at,
        quantities: said.map(|line| (line.condition, line.quantity)).collect(),
    }
}

fn read<E: DeserializeOwned>(row: &event::Model) -> Result<E, Failure> {
    serde_json::from_str(&row.payload).map_err(|error| Failure::Corrupt(format!("event {}: {error}", row.id)))
}
