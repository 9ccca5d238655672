//! A shipment: what its supplier says of it, and what became of it.
use std::{collections::BTreeSet, sync::Arc};

use async_graphql::{Context, ID, Object, Result};
use quayside_canonical::states::ShipmentStatus;
use quayside_domain::shipments::query::ShipmentView;

use super::{
    loaders::VersionsOf,
    packing::{
        ShipmentCarrier, ShipmentLabels, ShipmentLine, ShipmentParty, ShipmentUnit, ShipmentVersion, measure,
    },
};
use crate::{
    appointments::Appointment,
    deliveries::Delivery,
    discrepancies::Discrepancy,
    loaders::{DeliveriesOf, DiscrepanciesOfShipment, OrderById, ReceiptsOfShipment, load},
    orders::{PurchaseOrder, Quantity},
    receipts::Receipt,
    suppliers::Supplier,
    types::{Code, DateTime, Row, Rows},
};

/// Goods that a supplier announces (X12 856, EDIFACT DESADV). A draft is its supplier's alone.
pub struct Shipment(pub Arc<ShipmentView>);

#[Object]
impl Shipment {
    /// Globally unique id.
    pub async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
    }

    /// The supplier's number of it. It is never used again, not even after it was cancelled.
    async fn number(&self) -> &str {
        &self.0.row.number
    }

    /// Where it stands.
    async fn status(&self) -> Code<ShipmentStatus> {
        Code(self.0.row.status)
    }

    /// Our number of the current version: name it when you change the shipment.
    async fn version(&self) -> i32 {
        self.0.row.version
    }

    /// When the goods leave, or left.
    async fn ships_at(&self) -> Option<DateTime> {
        self.0.row.ships_at.map(DateTime)
    }

    /// When they are expected to arrive.
    async fn arrives_at(&self) -> Option<DateTime> {
        self.0.row.arrives_at.map(DateTime)
    }

    /// When it was announced.
    async fn submitted_at(&self) -> Option<DateTime> {
        self.0.row.submitted_at.map(DateTime)
    }

    /// When the goods were at the dock.
    async fn arrived_at(&self) -> Option<DateTime> {
        self.0.row.arrived_at.map(DateTime)
    }

    /// When all of it was counted, or it was cancelled.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.row.finished_at.map(DateTime)
    }

    /// When it was found that the goods are late.
    async fn late_at(&self) -> Option<DateTime> {
        self.0.row.late_at.map(DateTime)
    }

    /// When it was begun.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.row.created_at)
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.row.updated_at)
    }

    /// Who carries the goods.
    async fn carrier(&self) -> Option<Row<ShipmentCarrier>> {
        self.0.notice.carrier.as_ref().map(|carrier| Row(ShipmentCarrier::of(carrier)))
    }

    /// Mode of transport, UN/ECE Rec 19: `3` road, `1` sea, `4` air, `2` rail.
    async fn transport_mode(&self) -> Option<&str> {
        self.0.notice.transport_mode.as_deref()
    }

    /// Number of the bill of lading.
    async fn bill_of_lading(&self) -> Option<&str> {
        self.0.notice.bill_of_lading.as_deref()
    }

    /// The carrier's number of the shipment: PRO or tracking number.
    async fn pro_number(&self) -> Option<&str> {
        self.0.notice.pro_number.as_deref()
    }

    /// Trailer or container.
    async fn trailer(&self) -> Option<&str> {
        self.0.notice.trailer.as_deref()
    }

    /// Numbers of the seals on it.
    async fn seals(&self) -> &[String] {
        &self.0.notice.seals
    }

    /// Weight with packaging.
    async fn gross_weight(&self) -> Option<Row<Quantity>> {
        self.0.notice.gross_weight.as_ref().map(|weight| Row(measure(weight)))
    }

    /// Volume with packaging.
    async fn volume(&self) -> Option<Row<Quantity>> {
        self.0.notice.volume.as_ref().map(|volume| Row(measure(volume)))
    }

    /// Where the goods leave from.
    async fn ship_from(&self) -> Option<Row<ShipmentParty>> {
        self.0.notice.ship_from.as_ref().map(|party| Row(ShipmentParty::of(party)))
    }

    /// Where they go.
    async fn ship_to(&self) -> Option<Row<ShipmentParty>> {
        self.0.notice.ship_to.as_ref().map(|party| Row(ShipmentParty::of(party)))
    }

    /// Words to the buyer.
    async fn notes(&self) -> &[String] {
        &self.0.notice.notes
    }

    /// What it holds.
    async fn lines(&self) -> Rows<ShipmentLine> {
        Rows(ShipmentLine::all(&self.0))
    }

    /// How it is packed. None when the goods are announced without packaging.
    async fn handling_units(&self) -> Rows<ShipmentUnit> {
        let id = self.0.row.id;
        Rows(self.0.notice.units.iter().map(|unit| ShipmentUnit::of(id, unit)).collect())
    }

    /// The GS1 labels of all its handling units; nothing when none has an SSCC.
    async fn labels(&self) -> Option<Row<ShipmentLabels>> {
        ShipmentLabels::of(self.0.row.id, &self.0.notice).map(Row)
    }

    /// Its slot at a dock.
    async fn appointment(&self) -> Option<Row<Appointment>> {
        self.0.appointment.clone().map(|row| Row(row.into()))
    }

    /// Every version of it, the first in front. A buyer sees those that were announced.
    async fn versions(&self, ctx: &Context<'_>) -> Result<Rows<ShipmentVersion>> {
        let versions = load(ctx, VersionsOf(self.0.row.id)).await?.unwrap_or_default();
        Ok(Rows(versions.iter().map(ShipmentVersion::of).collect::<Result<_>>()?))
    }

    /// Who ships.
    async fn supplier(&self, ctx: &Context<'_>) -> Result<Option<Row<Supplier>>> {
        Ok(load(ctx, self.0.row.supplier_id).await?.map(|row| Row(row.into())))
    }

    /// The orders it holds goods of.
    async fn purchase_orders(&self, ctx: &Context<'_>) -> Result<Vec<PurchaseOrder>> {
        let ids: BTreeSet<_> = self.0.lines.iter().map(|line| line.order_id).collect();
        let orders = ids.into_iter().map(|id| load(ctx, OrderById(id)));
        let orders = futures_util::future::try_join_all(orders).await?;
        Ok(orders.into_iter().flatten().map(PurchaseOrder::new).collect())
    }

    /// What warehouses said they received of it, in the order it came in.
    async fn receipts(&self, ctx: &Context<'_>) -> Result<Rows<Receipt>> {
        let receipts = load(ctx, ReceiptsOfShipment(self.0.row.id)).await?.unwrap_or_default();
        Ok(Rows(receipts.into_iter().map(Receipt::from).collect()))
    }

    /// In what that differs from what was announced, the oldest first.
    async fn discrepancies(&self, ctx: &Context<'_>) -> Result<Rows<Discrepancy>> {
        let found = load(ctx, DiscrepanciesOfShipment(self.0.row.id)).await?.unwrap_or_default();
        Ok(Rows(found.into_iter().map(Discrepancy::from).collect()))
    }

    /// Whether the buyer's systems have it: delivered as which document and when, waiting, or refused because.
    async fn deliveries(&self, ctx: &Context<'_>) -> Result<Rows<Delivery>> {
        let deliveries = load(ctx, DeliveriesOf(self.0.row.id.to_string())).await?.unwrap_or_default();
        Ok(Rows(deliveries.into_iter().map(Delivery::from).collect()))
    }
}
