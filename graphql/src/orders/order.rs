//! A purchase order: what is current, and what came before.
use std::borrow::Cow;

use async_graphql::{Context, ID, Object, Result, Value, parser::types::Field};
use quayside_canonical::states::{FulfillmentStatus, LineStatus, OrderStatus};
use quayside_domain::orders::diff;
use quayside_entity::purchase_order;

use super::{
    PurchaseOrderLine, PurchaseOrderRevision, RevisionDiff,
    ledger::{LedgerOf, LineLedger},
};
use crate::{
    acknowledgments::Acknowledgment,
    discrepancies::Discrepancy,
    exchange::{SentInterchange, loaders::SentOf},
    invoices,
    loaders::{AnswersTo, DiscrepanciesOf, InvoicesOf, LinesOf, ReceiptsOf, RevisionsOf, StandingOf, load},
    receipts::Receipt,
    shipments::{Shipment, loaders::ShipmentsOf},
    suppliers::Supplier,
    types::{Code, Date, DateTime, Plain, PlainValue, Row, Rows, plain::Walk},
};

/// A purchase order.
pub struct PurchaseOrder {
    pub(crate) row: purchase_order::Model,
    /// Loaded together with the page, when the query selects it.
    pub(super) supplier: Option<Row<Supplier>>,
    /// Loaded together with the page, when the query selects them.
    pub(super) lines: Option<Rows<PurchaseOrderLine>>,
}

impl PurchaseOrder {
    pub(crate) const fn new(row: purchase_order::Model) -> Self {
        Self { row, supplier: None, lines: None }
    }
}

/// What an order holds, for pages that select nothing else.
impl Plain for PurchaseOrder {
    fn field(&self, name: &str, walk: &Walk<'_>, field: &Field) -> Option<Value> {
        let row = &self.row;
        Some(match name {
            "id" => ID(row.id.to_string()).plain(walk, field),
            "number" => row.number.plain(walk, field),
            "status" => Code(row.status).plain(walk, field),
            "fulfillment" => Code(row.fulfillment).plain(walk, field),
            "revision" => row.revision.plain(walk, field),
            "sourceRevision" => row.source_revision.plain(walk, field),
            "currency" => row.currency.plain(walk, field),
            "orderedOn" => row.ordered_on.map(Date).plain(walk, field),
            "answerDueAt" => row.answer_due_at.map(DateTime).plain(walk, field),
            "overdueAt" => row.overdue_at.map(DateTime).plain(walk, field),
            "createdAt" => DateTime(row.created_at).plain(walk, field),
            "updatedAt" => DateTime(row.updated_at).plain(walk, field),
            "supplier" => self.supplier.as_ref()?.0.plain(walk, field),
            "lines" => self.lines.as_ref()?.0.plain(walk, field),
            _ => return None,
        })
    }
}

#[Object]
impl PurchaseOrder {
    /// Globally unique id.
    pub async fn id(&self) -> ID {
        ID(self.row.id.to_string())
    }

    /// The buyer's order number.
    async fn number(&self) -> &str {
        &self.row.number
    }

    /// Where it stands.
    async fn status(&self) -> Code<OrderStatus> {
        Code(self.row.status)
    }

    /// Our number of the current revision: name it when you answer.
    async fn revision(&self) -> i32 {
        self.row.revision
    }

    /// The source's name of the current revision.
    async fn source_revision(&self) -> &str {
        &self.row.source_revision
    }

    /// ISO 4217 currency of the prices.
    async fn currency(&self) -> Option<&str> {
        self.row.currency.as_deref()
    }

    /// The day the order was placed.
    async fn ordered_on(&self) -> Option<Date> {
        self.row.ordered_on.map(Date)
    }

    /// Until when you are asked to answer; nothing when nothing is open.
    async fn answer_due_at(&self) -> Option<DateTime> {
        self.row.answer_due_at.map(DateTime)
    }

    /// When it was found that the answer is overdue.
    async fn overdue_at(&self) -> Option<DateTime> {
        self.row.overdue_at.map(DateTime)
    }

    /// When the order came in.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When it last changed, by a revision or an answer.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.row.updated_at)
    }

    /// Who is to deliver.
    async fn supplier(&self, ctx: &Context<'_>) -> Result<Option<Cow<'_, Row<Supplier>>>> {
        if let Some(supplier) = &self.supplier {
            return Ok(Some(Cow::Borrowed(supplier)));
        }
        Ok(load(ctx, self.row.supplier_id).await?.map(|row| Cow::Owned(Row(row.into()))))
    }

    /// The current revision's lines, each with where it stands and the answer given last.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Cow<'_, Rows<PurchaseOrderLine>>> {
        if let Some(lines) = &self.lines {
            return Ok(Cow::Borrowed(lines));
        }
        let lines = load(ctx, LinesOf(self.row.id, self.row.revision)).await?.unwrap_or_default();
        let currency = self.row.currency.as_ref();
        let mut lines: Vec<_> = lines.into_iter().map(|line| PurchaseOrderLine::of(line, currency)).collect();
        if ctx.look_ahead().field("invoiceStatuses").exists() {
            invoices::attach(&mut lines, load(ctx, InvoicesOf(self.row.id)).await?.unwrap_or_default());
        }
        Ok(Cow::Owned(Rows(lines)))
    }

    /// The current revision, whole.
    async fn current_revision(&self, ctx: &Context<'_>) -> Result<Option<PurchaseOrderRevision>> {
        let revisions = load(ctx, RevisionsOf(self.row.id)).await?.unwrap_or_default();
        let current = revisions.into_iter().find(|revision| revision.0.number == self.row.revision);
        Ok(current.map(PurchaseOrderRevision))
    }

    /// Every revision, in the order of arrival.
    async fn revisions(&self, ctx: &Context<'_>) -> Result<Vec<PurchaseOrderRevision>> {
        let revisions = load(ctx, RevisionsOf(self.row.id)).await?.unwrap_or_default();
        Ok(revisions.into_iter().map(PurchaseOrderRevision).collect())
    }

    /// What changed since a revision, and for each changed line whether the earlier answer still holds.
    async fn changes_since(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Our number of the earlier revision")] revision: i32,
    ) -> Result<Option<Row<RevisionDiff>>> {
        let revisions = load(ctx, RevisionsOf(self.row.id)).await?.unwrap_or_default();
        let by_number = |number: i32| revisions.iter().find(|revision| revision.0.number == number);
        let (Some(earlier), Some(current)) = (by_number(revision), by_number(self.row.revision)) else {
            return Ok(None);
        };
        let standing = load(ctx, StandingOf(self.row.id)).await?.unwrap_or_default();
        let holds = |line: &str| {
            let standing = standing.get(line).filter(|standing| standing.acknowledgment.is_some())?;
            Some(matches!(standing.status, LineStatus::Accepted | LineStatus::Proposed))
        };
        let diff = diff::diff(&earlier.1, &current.1);
        Ok(Some(Row(RevisionDiff::new(revision, self.row.revision, diff, holds))))
    }

    /// Every answer, oldest first.
    async fn acknowledgments(&self, ctx: &Context<'_>) -> Result<Vec<Acknowledgment>> {
        let answers = load(ctx, AnswersTo(self.row.id)).await?.unwrap_or_default();
        Ok(answers.into_iter().map(Acknowledgment).collect())
    }

    /// What warehouses said they received of it, in the order it came in.
    async fn receipts(&self, ctx: &Context<'_>) -> Result<Rows<Receipt>> {
        let receipts = load(ctx, ReceiptsOf(self.row.id)).await?.unwrap_or_default();
        Ok(Rows(receipts.into_iter().map(Receipt::from).collect()))
    }

    /// In what that differs from what was announced or agreed, the oldest first.
    async fn discrepancies(&self, ctx: &Context<'_>) -> Result<Rows<Discrepancy>> {
        let found = load(ctx, DiscrepanciesOf(self.row.id)).await?.unwrap_or_default();
        Ok(Rows(found.into_iter().map(Discrepancy::from).collect()))
    }

    /// How far the goods are. It follows from the quantity ledger alone.
    async fn fulfillment(&self) -> Code<FulfillmentStatus> {
        Code(self.row.fulfillment)
    }

    /// The quantity ledger of every line, by line number.
    async fn ledger(&self, ctx: &Context<'_>) -> Result<Rows<LineLedger>> {
        let lines = load(ctx, LedgerOf(self.row.id)).await?.unwrap_or_default();
        Ok(Rows(lines.into_iter().map(LineLedger::from).collect()))
    }

    /// Announced shipments that hold goods of it, the newest first.
    async fn shipments(&self, ctx: &Context<'_>) -> Result<Vec<Shipment>> {
        let shipments = load(ctx, ShipmentsOf(self.row.id)).await?.unwrap_or_default();
        Ok(shipments.into_iter().map(Shipment).collect())
    }

    /// What the supplier's EDI channel was sent about it, the oldest first: the order, and what changed.
    async fn sent_interchanges(&self, ctx: &Context<'_>) -> Result<Vec<SentInterchange>> {
        let sent = load(ctx, SentOf(self.row.id)).await?.unwrap_or_default();
        Ok(sent.into_iter().map(SentInterchange).collect())
    }
}
