//! An order with a paper mill whose EDI the distributor's translator exchanges: it copies every file to us, both ways, and
//! we send nothing. The files are of one real conversation; their origin is in the folder's MANIFEST.tsv.
use anyhow::{Context, ensure};
use quayside_canonical::{PurchaseOrderId, states::FulfillmentStatus};
use quayside_domain::orders::query::{self, OrderFilter, Page};
use quayside_simulator::{Quayside, Translator};
use serde_json::Value;

use super::Story;

/// The order that the files are about.
const NUMBER: &str = "4500017061";

/// What the translator sent and got, in its order, and what it is.
const CONVERSATION: [(&[u8], &str); 10] = [
    (
        include_bytes!("../brackwater/01-850.x12"),
        "ordered by 850: 120 cartons of copy paper, 40 of envelopes",
    ),
    (include_bytes!("../brackwater/02-997.x12"), "the mill's system confirmed it by 997"),
    (include_bytes!("../brackwater/03-855.x12"), "answered by 855: all of it"),
    (include_bytes!("../brackwater/04-997.x12"), "confirmed to the mill by 997"),
    (include_bytes!("../brackwater/05-860.x12"), "changed by 860: 100 cartons of copy paper"),
    (include_bytes!("../brackwater/06-997.x12"), "the mill's system confirmed it by 997"),
    (include_bytes!("../brackwater/07-865.x12"), "answered by 865: the change is taken"),
    (include_bytes!("../brackwater/08-997.x12"), "confirmed to the mill by 997"),
    (include_bytes!("../brackwater/09-856.x12"), "shipped by 856: all of it is on its way"),
    (include_bytes!("../brackwater/10-997.x12"), "confirmed to the mill by 997"),
];

/// Plays it.
pub(super) async fn play(story: &Story<'_>) -> anyhow::Result<()> {
    let token = story.token("supplier_edi_edi")?.to_owned();
    let translator = Translator::new(&Quayside { url: story.url.to_owned(), token })?;
    for (file, words) in CONVERSATION {
        let reply = translator.copy(file).await?;
        let outcome = outcome(&reply)?;
        story.tell(NUMBER, &format!("{words} ({outcome})"));
    }
    let received = |status| matches!(status, FulfillmentStatus::Received | FulfillmentStatus::Closed);
    let order = story.order().await?;
    story.until("the WMS's receipt", order, |row| received(row.fulfillment)).await?;
    story.tell(NUMBER, "received whole by the WMS: an order that nobody typed\n");
    Ok(())
}

/// What became of the one message of a file.
fn outcome(reply: &Value) -> anyhow::Result<&str> {
    let outcome = reply.pointer("/interchanges/0/messages/0/outcome").and_then(Value::as_str);
    let outcome = outcome.with_context(|| reply.to_string())?;
    ensure!(outcome != "REFUSED", "{reply}");
    Ok(outcome)
}

impl Story<'_> {
    async fn order(&self) -> anyhow::Result<PurchaseOrderId> {
        let buyer = self.buyer().await?;
        let tx = buyer.read().await?;
        let filter = OrderFilter { number: Some(NUMBER.to_owned()), ..OrderFilter::default() };
        let page = Page { after: None, before: None, limit: 1, from_end: false };
        let found = query::list(&tx, &buyer, &filter, page).await?;
        found.first().map(|row| row.id).context("the 850's order is on file")
    }
}
