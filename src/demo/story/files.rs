//! An order with a supplier that knows nothing but EDI files: we are the EDI end point, and a folder lies between us.
use quayside_canonical::{
    PurchaseOrderId,
    states::{FulfillmentStatus, OrderStatus, SentStatus},
};
use quayside_domain::exchange::{self, SentFilter};
use serde_json::json;

use super::{Story, wait};

/// The order whose life it is.
const NUMBER: &str = "4500017062";

/// Plays it.
pub(super) async fn play(story: &Story<'_>) -> anyhow::Result<()> {
    let order = story.order_bearings().await?;
    story.tell(NUMBER, "released: an 850 lies in the supplier's folder");
    story.until("the supplier's 855", order, |row| row.status == OrderStatus::Acknowledged).await?;
    story.confirmed(order, 1).await?;
    story.tell(NUMBER, "the supplier's system took it, confirmed it by 997 and answered by 855: all of it");
    let on_its_way = |status| !matches!(status, FulfillmentStatus::NotShipped);
    story.until("the supplier's 856", order, |row| on_its_way(row.fulfillment)).await?;
    story.tell(NUMBER, "shipped by 856; each of its files got our 997");
    let received = |status| matches!(status, FulfillmentStatus::Received | FulfillmentStatus::Closed);
    story.until("the WMS's receipt", order, |row| received(row.fulfillment)).await?;
    story.tell(NUMBER, "received whole by the WMS, and an 861 tells the supplier\n");
    Ok(())
}

impl Story<'_> {
    async fn order_bearings(&self) -> anyhow::Result<PurchaseOrderId> {
        let document = json!({
            "number": NUMBER, "supplier": "V-400", "currency": "USD", "orderedOn": "2026-11-24",
            "revision": { "id": "1", "issuedAt": "2026-11-24T07:30:00Z" },
            "shipTo": { "code": "DC1", "name": "Harbour Supply, Distribution Centre 1" },
            "lines": [
                { "number": "00010", "buyerPart": "HS-80410", "supplierPart": "6204-2RS1", "quantity": "200", "unit": "EA",
                  "description": "Deep groove ball bearing 6204-2RS1, 20 x 47 x 14 mm", "unitPrice": "4.15", "deliverTo": "2027-01-15" },
                { "number": "00020", "buyerPart": "HS-80977", "supplierPart": "UCP205", "quantity": "24", "unit": "EA",
                  "description": "Pillow block unit UCP205, 25 mm bore", "unitPrice": "17.80", "deliverTo": "2027-01-15" }
            ]
        });
        self.hand_in(&document).await
    }

    /// Waits until the supplier's system has confirmed so many interchanges about an order.
    async fn confirmed(&self, order: PurchaseOrderId, many: usize) -> anyhow::Result<()> {
        let filter =
            SentFilter { order: Some(order), statuses: vec![SentStatus::Confirmed], ..SentFilter::default() };
        let filter = &filter;
        wait("the supplier's 997", || async move {
            let buyer = self.buyer().await?;
            let sent = exchange::list(&buyer, filter, None, 10).await?;
            Ok((sent.len() >= many).then_some(()))
        })
        .await
    }
}
