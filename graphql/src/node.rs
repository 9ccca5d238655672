//! `node` and `nodes`: anything by its id, when the caller may see it.
use async_graphql::{Context, ID, Interface, Object, Result};
use quayside_canonical::{
    AcknowledgmentId, AppointmentId, ConnectionId, DeliveryId, DiscrepancyId, ExceptionId, InterchangeId,
    PurchaseOrderId, ReceiptId, ShipmentId, TradingPartnerId,
};
use quayside_domain::interchanges::by_ids;

use crate::{
    acknowledgments::Acknowledgment,
    appointments::Appointment,
    connections::{self, SystemConnection},
    context::{internal, scope},
    deliveries::DeliveryDetail,
    discrepancies::Discrepancy,
    exceptions::{ExceptionCase, loaders::ExceptionById},
    interchanges::Interchange,
    loaders::{OrderById, load},
    orders::PurchaseOrder,
    partners::{self, TradingPartner},
    receipts::Receipt,
    shipments::Shipment,
    types::connection::bad_input,
};

/// Anything with a globally unique id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Globally unique id"))]
pub enum Node {
    /// A purchase order.
    PurchaseOrder(PurchaseOrder),
    /// A supplier's answer.
    Acknowledgment(Acknowledgment),
    /// A receipt.
    Receipt(Receipt),
    /// A discrepancy.
    Discrepancy(Discrepancy),
    /// A slot at a dock.
    Appointment(Appointment),
    /// Something that went wrong.
    ExceptionCase(ExceptionCase),
    /// A shipment.
    Shipment(Shipment),
    /// A delivery to one of the buyer's systems.
    DeliveryDetail(DeliveryDetail),
    /// One of the buyer's systems.
    SystemConnection(SystemConnection),
    /// A supplier as EDI knows it.
    TradingPartner(TradingPartner),
    /// An EDI interchange.
    Interchange(Interchange),
}

/// Queries by id.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its id; nothing when it is not there for you.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Node>> {
        scope(ctx)?;
        by_id(ctx, &id).await
    }

    /// Many things by their ids, at most 100, in the order asked.
    async fn nodes(&self, ctx: &Context<'_>, ids: Vec<ID>) -> Result<Vec<Option<Node>>> {
        scope(ctx)?;
        if ids.len() > 100 {
            return Err(bad_input("at most 100 ids"));
        }
        let found = ids.iter().map(|id| by_id(ctx, id));
        futures_util::future::try_join_all(found).await
    }
}

async fn by_id(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    if let Ok(id) = id.parse::<PurchaseOrderId>() {
        return Ok(load(ctx, OrderById(id)).await?.map(|row| Node::PurchaseOrder(PurchaseOrder::new(row))));
    }
    if let Ok(id) = id.parse::<AcknowledgmentId>() {
        return Ok(load(ctx, id).await?.map(|answer| Node::Acknowledgment(Acknowledgment(answer))));
    }
    if let Ok(id) = id.parse::<ReceiptId>() {
        return Ok(load(ctx, id).await?.map(|receipt| Node::Receipt(receipt.into())));
    }
    if let Ok(id) = id.parse::<DiscrepancyId>() {
        return Ok(load(ctx, id).await?.map(|found| Node::Discrepancy(found.into())));
    }
    if let Ok(id) = id.parse::<AppointmentId>() {
        return Ok(load(ctx, id).await?.map(|row| Node::Appointment(row.into())));
    }
    if let Ok(id) = id.parse::<ExceptionId>() {
        return Ok(load(ctx, ExceptionById(id)).await?.map(|row| Node::ExceptionCase(ExceptionCase(row))));
    }
    if let Ok(id) = id.parse::<ShipmentId>() {
        return Ok(load(ctx, id).await?.map(|view| Node::Shipment(Shipment(view))));
    }
    if let Ok(id) = id.parse::<DeliveryId>() {
        return Ok(load(ctx, id).await?.map(|found| Node::DeliveryDetail(DeliveryDetail(found))));
    }
    if let Ok(id) = id.parse::<ConnectionId>() {
        return Ok(connections::by_id(ctx, id).await?.map(Node::SystemConnection));
    }
    if let Ok(id) = id.parse::<TradingPartnerId>() {
        return Ok(partners::by_id(ctx, id).await?.map(Node::TradingPartner));
    }
    if let Ok(id) = id.parse::<InterchangeId>() {
        let found = by_ids(scope(ctx)?, &[id]).await.map_err(|failure| internal(&failure))?;
        return Ok(found.into_iter().next().map(|view| Node::Interchange(Interchange(view))));
    }
    Ok(None)
}
