//! Loaders of one request: however many objects ask for the same kind of thing, few statements answer.
//!
//! They are made from the caller's scope for each request and die with it, so that nothing one caller loaded
//! can reach another.
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use async_graphql::{
    Context, Error,
    dataloader::{DataLoader, Loader},
};
use quayside_canonical::{
    AcknowledgmentId, AppointmentId, DiscrepancyId, PurchaseOrderId, ReceiptId, ShipmentId, SupplierId,
    order::PurchaseOrder,
};
use quayside_domain::{
    Failure, Scope,
    acknowledgments::query::{Answer, Standing, by_ids, of_orders, standing_answers},
    appointments,
    deliveries::{self, SubjectDelivery},
    discrepancies::{self, query::Discrepancy},
    invoices,
    orders::{OrderLine, lines_of, query},
    receipts::{self, query::Receipt},
};
use quayside_entity::{appointment, invoice_status, purchase_order, purchase_order_revision, supplier};

use crate::context::internal;

/// Loads on behalf of one caller.
pub struct Loaders {
    pub(crate) scope: Scope,
}

/// A failure several fields may have to report.
pub type Shared = Arc<Failure>;

/// An order, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderById(pub PurchaseOrderId);
/// A current revision's lines, with where they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinesOf(pub PurchaseOrderId, pub i32);
/// Where an order's lines stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StandingOf(pub PurchaseOrderId);
/// An order's revisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RevisionsOf(pub PurchaseOrderId);
/// An order's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AnswersTo(pub PurchaseOrderId);
/// The deliveries of what a subject's events said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeliveriesOf(pub String);

/// Receipts with lines of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReceiptsOf(pub PurchaseOrderId);
/// Receipts that name a shipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReceiptsOfShipment(pub ShipmentId);
/// An order's discrepancies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DiscrepanciesOf(pub PurchaseOrderId);
/// A shipment's discrepancies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DiscrepanciesOfShipment(pub ShipmentId);
/// An order's invoice statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InvoicesOf(pub PurchaseOrderId);

impl Loaders {
    /// Loaders for `scope`.
    #[must_use]
    pub fn new(scope: Scope) -> DataLoader<Self> {
        DataLoader::new(Self { scope }, tokio::spawn).delay(std::time::Duration::from_micros(200))
    }

    /// On whose behalf they load.
    pub(crate) const fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// What the request's loader has for `key`.
///
/// # Errors
/// The database failed.
pub async fn load<K>(ctx: &Context<'_>, key: K) -> Result<Option<<Loaders as Loader<K>>::Value>, Error>
where
    K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    Loaders: Loader<K, Error = Shared>,
{
    let loaders = ctx.data::<DataLoader<Loaders>>()?;
    loaders.load_one(key).await.map_err(|failure| internal(&failure))
}

impl Loader<OrderById> for Loaders {
    type Value = purchase_order::Model;
    type Error = Shared;
    async fn load(&self, keys: &[OrderById]) -> Result<HashMap<OrderById, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let tx = self.scope.read().await?;
        let rows = query::by_ids(&tx, &self.scope, &ids).await?;
        Ok(rows.into_iter().map(|row| (OrderById(row.id), row)).collect())
    }
}

impl Loader<LinesOf> for Loaders {
    type Value = Vec<OrderLine>;
    type Error = Shared;
    async fn load(&self, keys: &[LinesOf]) -> Result<HashMap<LinesOf, Self::Value>, Shared> {
        let revisions: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let tx = self.scope.read().await?;
        let lines = lines_of(&tx, &self.scope, &revisions).await?;
        Ok(lines.into_iter().map(|((order, revision), lines)| (LinesOf(order, revision), lines)).collect())
    }
}

impl Loader<StandingOf> for Loaders {
    type Value = std::collections::BTreeMap<String, Standing>;
    type Error = Shared;
    async fn load(&self, keys: &[StandingOf]) -> Result<HashMap<StandingOf, Self::Value>, Shared> {
        let orders: Vec<_> = keys.iter().map(|key| key.0).collect();
        let tx = self.scope.read().await?;
        let standing = standing_answers(&tx, &self.scope, &orders).await?;
        Ok(standing.into_iter().map(|(order, lines)| (StandingOf(order), lines)).collect())
    }
}

impl Loader<RevisionsOf> for Loaders {
    type Value = Vec<Arc<(purchase_order_revision::Model, PurchaseOrder)>>;
    type Error = Shared;
    async fn load(&self, keys: &[RevisionsOf]) -> Result<HashMap<RevisionsOf, Self::Value>, Shared> {
        let orders: Vec<_> = keys.iter().map(|key| key.0).collect();
        let tx = self.scope.read().await?;
        let mut revisions: HashMap<_, Vec<_>> = HashMap::new();
        for row in query::revisions_of(&tx, &self.scope, &orders).await? {
            let document = serde_json::from_str(&row.document).map_err(Failure::from)?;
            revisions.entry(RevisionsOf(row.order_id)).or_default().push(Arc::new((row, document)));
        }
        Ok(revisions)
    }
}

impl Loader<AnswersTo> for Loaders {
    type Value = Vec<Arc<Answer>>;
    type Error = Shared;
    async fn load(&self, keys: &[AnswersTo]) -> Result<HashMap<AnswersTo, Self::Value>, Shared> {
        let orders: Vec<_> = keys.iter().map(|key| key.0).collect();
        let tx = self.scope.read().await?;
        let mut answers: HashMap<_, Vec<_>> = HashMap::new();
        for answer in of_orders(&tx, &self.scope, &orders).await? {
            answers.entry(AnswersTo(answer.row.order_id)).or_default().push(Arc::new(answer));
        }
        Ok(answers)
    }
}

impl Loader<AcknowledgmentId> for Loaders {
    type Value = Arc<Answer>;
    type Error = Shared;
    async fn load(
        &self,
        keys: &[AcknowledgmentId],
    ) -> Result<HashMap<AcknowledgmentId, Arc<Answer>>, Shared> {
        let tx = self.scope.read().await?;
        let answers = by_ids(&tx, &self.scope, keys).await?;
        Ok(answers.into_iter().map(|answer| (answer.row.id, Arc::new(answer))).collect())
    }
}

impl Loader<SupplierId> for Loaders {
    type Value = supplier::Model;
    type Error = Shared;
    async fn load(&self, keys: &[SupplierId]) -> Result<HashMap<SupplierId, Self::Value>, Shared> {
        let tx = self.scope.read().await?;
        let rows = query::suppliers(&tx, &self.scope, keys).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

impl Loader<DeliveriesOf> for Loaders {
    type Value = Vec<SubjectDelivery>;
    type Error = Shared;
    async fn load(&self, keys: &[DeliveriesOf]) -> Result<HashMap<DeliveriesOf, Self::Value>, Shared> {
        let subjects: Vec<String> = keys.iter().map(|key| key.0.clone()).collect();
        let mut deliveries: HashMap<_, Vec<_>> = HashMap::new();
        for delivery in deliveries::of_subject(&self.scope, &subjects).await? {
            deliveries.entry(DeliveriesOf(delivery.subject.clone())).or_default().push(delivery);
        }
        Ok(deliveries)
    }
}

impl Loader<ReceiptId> for Loaders {
    type Value = Receipt;
    type Error = Shared;
    async fn load(&self, keys: &[ReceiptId]) -> Result<HashMap<ReceiptId, Receipt>, Shared> {
        let tx = self.scope.read().await?;
        let found = receipts::query::by_ids(&tx, &self.scope, keys).await?;
        Ok(found.into_iter().map(|receipt| (receipt.row.id, receipt)).collect())
    }
}

impl Loader<ReceiptsOf> for Loaders {
    type Value = Vec<Receipt>;
    type Error = Shared;
    async fn load(&self, keys: &[ReceiptsOf]) -> Result<HashMap<ReceiptsOf, Self::Value>, Shared> {
        let orders: Vec<_> = keys.iter().map(|key| key.0).collect();
        let tx = self.scope.read().await?;
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for receipt in receipts::query::of_orders(&tx, &self.scope, &orders).await? {
            let named: BTreeSet<_> = receipt.lines.iter().map(|line| line.row.order_id).collect();
            for order in named {
                found.entry(ReceiptsOf(order)).or_default().push(receipt.clone());
            }
        }
        Ok(found)
    }
}

impl Loader<ReceiptsOfShipment> for Loaders {
    type Value = Vec<Receipt>;
    type Error = Shared;
    async fn load(
        &self,
        keys: &[ReceiptsOfShipment],
    ) -> Result<HashMap<ReceiptsOfShipment, Self::Value>, Shared> {
        let shipments: Vec<_> = keys.iter().map(|key| key.0).collect();
        let tx = self.scope.read().await?;
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for receipt in receipts::query::of_shipments(&tx, &self.scope, &shipments).await? {
            if let Some(shipment) = receipt.shipment {
                found.entry(ReceiptsOfShipment(shipment)).or_default().push(receipt);
            }
        }
        Ok(found)
    }
}

impl Loader<DiscrepancyId> for Loaders {
    type Value = Discrepancy;
    type Error = Shared;
    async fn load(&self, keys: &[DiscrepancyId]) -> Result<HashMap<DiscrepancyId, Discrepancy>, Shared> {
        let tx = self.scope.read().await?;
        let found = discrepancies::query::by_ids(&tx, &self.scope, keys).await?;
        Ok(found.into_iter().map(|found| (found.row.id, found)).collect())
    }
}

impl Loader<DiscrepanciesOf> for Loaders {
    type Value = Vec<Discrepancy>;
    type Error = Shared;
    async fn load(&self, keys: &[DiscrepanciesOf]) -> Result<HashMap<DiscrepanciesOf, Self::Value>, Shared> {
        let orders: Vec<_> = keys.iter().map(|key| key.0).collect();
        let tx = self.scope.read().await?;
        let mut by_order: HashMap<_, Vec<_>> = HashMap::new();
        for found in discrepancies::query::of_orders(&tx, &self.scope, &orders).await? {
            by_order.entry(DiscrepanciesOf(found.row.order_id)).or_default().push(found);
        }
        Ok(by_order)
    }
}

impl Loader<DiscrepanciesOfShipment> for Loaders {
    type Value = Vec<Discrepancy>;
    type Error = Shared;
    async fn load(
        &self,
        keys: &[DiscrepanciesOfShipment],
    ) -> Result<HashMap<DiscrepanciesOfShipment, Self::Value>, Shared> {
        let shipments: Vec<_> = keys.iter().map(|key| key.0).collect();
        let tx = self.scope.read().await?;
        let mut by_shipment: HashMap<_, Vec<_>> = HashMap::new();
        for found in discrepancies::query::of_shipments(&tx, &self.scope, &shipments).await? {
            if let Some(shipment) = found.row.shipment_id {
                by_shipment.entry(DiscrepanciesOfShipment(shipment)).or_default().push(found);
            }
        }
        Ok(by_shipment)
    }
}

impl Loader<AppointmentId> for Loaders {
    type Value = appointment::Model;
    type Error = Shared;
    async fn load(&self, keys: &[AppointmentId]) -> Result<HashMap<AppointmentId, Self::Value>, Shared> {
        let tx = self.scope.read().await?;
        let rows = appointments::query::by_ids(&tx, &self.scope, keys).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

impl Loader<InvoicesOf> for Loaders {
    type Value = Vec<invoice_status::Model>;
    type Error = Shared;
    async fn load(&self, keys: &[InvoicesOf]) -> Result<HashMap<InvoicesOf, Self::Value>, Shared> {
        let orders: Vec<_> = keys.iter().map(|key| key.0).collect();
        let tx = self.scope.read().await?;
        let statuses = invoices::query::of_orders(&tx, &self.scope, &orders).await?;
        Ok(statuses.into_iter().map(|(order, rows)| (InvoicesOf(order), rows)).collect())
    }
}
