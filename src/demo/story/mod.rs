//! Whole lives of three orders, played once when the demo is new: one over the portal, one whose EDI a translator copies to
//! us, and one with a supplier that knows nothing but EDI files. Everybody acts by the same operations as over the API;
//! the ERP, the WMS, the translator and the supplier with the files act for themselves.
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use quayside_canonical::{Channel, PurchaseOrderId};
use quayside_domain::{
    BuyerScope, Scope, SupplierScope,
    orders::{Incoming, query, receive},
};
use quayside_entity::purchase_order;
use serde_json::Value;

use super::{seed::scope_of, state::State};
use crate::app::App;

mod files;
mod mirror;
mod portal;

pub(in crate::demo) use portal::course;

/// How long a step of somebody else may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Plays the stories one after the other, and tells them on the way when somebody reads along. One that breaks off
/// does not keep the others.
pub(super) async fn play(app: &App, state: &State, (url, aloud): (&str, bool)) {
    let story = Story { app, state, url, aloud };
    let broke_off =
        |error| tracing::error!(error = %format!("{error:#}"), "one of the demo's stories broke off");
    portal::play(&story).await.unwrap_or_else(broke_off);
    mirror::play(&story).await.unwrap_or_else(broke_off);
    files::play(&story).await.unwrap_or_else(broke_off);
}

struct Story<'a> {
    app: &'a App,
    state: &'a State,
    /// Where Quayside is.
    url: &'a str,
    aloud: bool,
}

impl Story<'_> {
    #[expect(clippy::print_stdout, reason = "the demo shows what happens")]
    fn tell(&self, order: &str, words: &str) {
        if self.aloud {
            println!("  {order}: {words}");
        }
    }

    fn token(&self, token: &str) -> anyhow::Result<&str> {
        let found = self.state.tokens.get(token);
        found.map(String::as_str).with_context(|| format!("there is a token {token}"))
    }

    async fn scope(&self, token: &str, channel: Channel) -> anyhow::Result<Scope> {
        scope_of(self.app, self.token(token)?, channel).await
    }

    async fn supplier(&self) -> anyhow::Result<SupplierScope> {
        self.scope("supplier_portal", Channel::Portal).await?.as_supplier().context("Ada acts for a supplier")
    }

    async fn buyer(&self) -> anyhow::Result<BuyerScope> {
        self.scope("buyer", Channel::Portal).await?.as_buyer().context("Paul acts for the buyer")
    }

    /// The ERP hands in a revision of an order.
    async fn hand_in(&self, document: &Value) -> anyhow::Result<PurchaseOrderId> {
        let erp = self.scope("erp_ingest", Channel::Ingest).await?;
        let erp = erp.as_buyer().context("the ERP is the buyer's")?;
        let order = quayside_canonical::document::read_purchase_order(document);
        let received = receive(&erp, &[Incoming { order, key: None, only_supplier: None }]).await?;
        ensure!(received.iter().all(|result| result.problems.is_empty()), "{received:?}");
        received.first().and_then(|result| result.order).context("the order is on file")
    }

    /// Waits until an order stands as it should.
    async fn until(
        &self,
        what: &str,
        order: PurchaseOrderId,
        so: impl Fn(&purchase_order::Model) -> bool + Send + Sync,
    ) -> anyhow::Result<()> {
        let so = &so;
        wait(what, || async move {
            let buyer = self.buyer().await?;
            let tx = buyer.read().await?;
            let row = query::by_ids(&tx, &buyer, &[order]).await?.into_iter().next();
            Ok(row.filter(so).map(drop))
        })
        .await
    }
}

/// Waits until somebody else has done their part.
async fn wait<T, F>(what: &str, mut look: impl FnMut() -> F) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<Option<T>>>,
{
    let began = tokio::time::Instant::now();
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if began.elapsed() > PATIENCE {
            bail!("{what} did not come within {} s", PATIENCE.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}
