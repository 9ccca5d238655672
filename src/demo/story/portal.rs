//! An order of a supplier who uses the portal: released, revised, answered, shipped, booked, received short, an exception
//! opened, resolved, closed.
use std::time::Duration;

use anyhow::Context;
use quayside_canonical::{
    PurchaseOrderId, ShipmentId, Timestamp,
    acknowledgment::{AnswerPart, LineAnswer, SubmitAcknowledgment},
    shipment::{Batch, Carrier, Content, CreateShipment, HandlingUnit, RequestAppointment, ShipNotice},
    states::{AnswerKind, AppointmentStatus, DiscrepancyResolution, DiscrepancyStatus, FulfillmentStatus},
};
use quayside_domain::{
    acknowledgments::submit::submit, discrepancies, idempotency::IdempotencyKey, shipments,
};
use quayside_entity::{discrepancy, purchase_order};
use quayside_simulator::{Instruction, Scenario};
use serde_json::json;

use super::{Story, wait};

/// The order whose life it is.
const NUMBER: &str = "4500017050";
/// The shipment it goes with.
const SHIPMENT: &str = "NF-2026-118";

/// What the WMS is to make of the shipment.
pub(in crate::demo) fn course() -> Instruction {
    Instruction {
        shipment: Some(SHIPMENT.to_owned()),
        receipt: Some(Scenario::Short.into()),
        appointment: None,
    }
}

/// Plays it.
pub(super) async fn play(story: &Story<'_>) -> anyhow::Result<()> {
    let order = story.release().await?;
    story.answer(order).await?;
    let shipment = story.ship(order).await?;
    story.book(shipment).await?;
    story.receive(order).await?;
    story.resolve(order).await
}

impl Story<'_> {
    /// The ERP releases the order, and wants less of it a little later.
    async fn release(&self) -> anyhow::Result<PurchaseOrderId> {
        let mut order = None;
        for (sequence, quantity) in [(1, "130"), (2, "120")] {
            let document = json!({
                "number": NUMBER, "supplier": "V-100", "currency": "EUR", "orderedOn": "2026-11-23",
                "revision": { "id": sequence.to_string(), "issuedAt": format!("2026-11-23T0{sequence}:30:00Z") },
                "shipTo": { "code": "DC1", "name": "Harbour Supply, Distribution Centre 1" },
                "lines": [{ "number": "00010", "buyerPart": "HS-77001", "supplierPart": "NF-M8-40", "quantity": quantity,
                    "unit": "EA", "description": "Hex bolt M8 x 40, zinc plated", "unitPrice": "0.42", "deliverTo": "2027-01-15" }]
            });
            order = Some(self.hand_in(&document).await?);
        }
        self.tell(NUMBER, "released for 130 EA, and revised to 120 EA");
        order.context("the order is on file")
    }

    async fn answer(&self, order: PurchaseOrderId) -> anyhow::Result<()> {
        let supplier = self.supplier().await?;
        let part = AnswerPart {
            kind: AnswerKind::Accepted,
            quantity: 120.into(),
            unit: None,
            promised_on: None,
            price: None,
            reason: None,
            substitute: None,
        };
        let lines = vec![LineAnswer { line: "00010".to_owned(), replaces: None, parts: vec![part] }];
        let answer = SubmitAcknowledgment { order, revision: 2, supplier_reference: None, note: None, lines };
        submit(&supplier, &answer, &key("story-answer")).await?;
        self.tell(NUMBER, "answered: all 120 EA, in time");
        Ok(())
    }

    /// One pallet with two cartons.
    async fn ship(&self, order: PurchaseOrderId) -> anyhow::Result<ShipmentId> {
        let supplier = self.supplier().await?;
        let carton = |key: &str| HandlingUnit {
            key: key.to_owned(),
            parent: Some("P1".to_owned()),
            package_type: Some("CT".to_owned()),
            contents: vec![Content {
                order: NUMBER.to_owned(),
                line: "00010".to_owned(),
                batch: Batch { quantity: 60.into(), lot: Some("L-7741".to_owned()), ..Batch::default() },
            }],
            ..HandlingUnit::default()
        };
        let pallet = HandlingUnit {
            key: "P1".to_owned(),
            package_type: Some("PX".to_owned()),
            ..HandlingUnit::default()
        };
        let notice = ShipNotice {
            number: SHIPMENT.to_owned(),
            carrier: Some(Carrier { scac: Some("DHLX".to_owned()), name: None }),
            bill_of_lading: Some("BOL-90117".to_owned()),
            units: vec![pallet, carton("C1"), carton("C2")],
            ..ShipNotice::default()
        };
        let request = CreateShipment { notice, from_orders: vec![order.to_string()], allocate_sscc: true };
        let handled = shipments::announce(&supplier, &request, Some(&key("story-ship"))).await?;
        self.tell(NUMBER, "shipped: a pallet with two cartons is on its way");
        handled.shipment.context("the shipment is on file")
    }

    async fn book(&self, shipment: ShipmentId) -> anyhow::Result<()> {
        let supplier = self.supplier().await?;
        let from = Timestamp::now().plus(Duration::from_secs(3_600));
        let until = from.plus(Duration::from_secs(4 * 3_600));
        let request = RequestAppointment { shipment, from, until, note: Some("tail lift needed".to_owned()) };
        shipments::appointment::request(&supplier, &request, Some(&key("story-book"))).await?;
        let dock = wait("the WMS's slot", || async {
            let supplier = self.supplier().await?;
            let tx = supplier.read().await?;
            let found = shipments::query::by_ids(&tx, &supplier, &[shipment]).await?.remove(&shipment);
            let slot = found.and_then(|view| view.appointment);
            Ok(slot.filter(|slot| slot.status != AppointmentStatus::Requested).map(|slot| slot.dock))
        });
        let dock = dock.await?.unwrap_or_default();
        self.tell(NUMBER, &format!("booked: the WMS gave a slot at dock {dock}"));
        Ok(())
    }

    async fn receive(&self, order: PurchaseOrderId) -> anyhow::Result<()> {
        let short = wait("the WMS's receipt", || async { self.open_difference(order).await }).await?;
        self.tell(NUMBER, &format!("received {} {} short: an exception is open", short.quantity, short.unit));
        Ok(())
    }

    async fn open_difference(&self, order: PurchaseOrderId) -> anyhow::Result<Option<discrepancy::Model>> {
        let buyer = self.buyer().await?;
        let tx = buyer.read().await?;
        let found = discrepancies::query::of_orders(&tx, &buyer, &[order]).await?;
        Ok(found.into_iter().map(|one| one.row).find(|row| row.status == DiscrepancyStatus::Open))
    }

    /// Procurement takes it as it is: what is missing is not expected any more.
    async fn resolve(&self, order: PurchaseOrderId) -> anyhow::Result<()> {
        let buyer = self.buyer().await?;
        let short = self.open_difference(order).await?.context("a difference is open")?;
        let request = discrepancies::ResolveDiscrepancy {
            discrepancy: short.id,
            resolution: DiscrepancyResolution::Accept,
            note: Some("agreed by phone: no second delivery for so few".to_owned()),
        };
        discrepancies::resolve(&buyer, &request, Some(&key("story-resolve"))).await?;
        let closed = |row: &purchase_order::Model| row.fulfillment == FulfillmentStatus::Closed;
        self.until("the order's end", order, closed).await?;
        self.tell(NUMBER, "resolved and closed: the ledger balances, the exception is cured\n");
        Ok(())
    }
}

fn key(name: &str) -> IdempotencyKey {
    IdempotencyKey::named(name)
}
