//! What an ERP says about the invoice of an order line. The newest statement stands, by the source's own rank; an
//! older one that comes late changes nothing.
use std::collections::{BTreeSet, HashMap};

use quayside_canonical::{
    EventId, Field, Problems, PurchaseOrderId, SupplierId,
    events::InvoiceStatusChanged,
    invoice::InvoiceStatusDocument,
    states::{DocumentOutcome, ExceptionKind, InvoiceMatchStatus, Severity},
};
use quayside_entity::invoice_status;
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict};
use sha2::{Digest, Sha256};

use crate::{
    BuyerScope, Failure,
    exceptions::{self, Cure, NewException},
    ledger,
    outbox::{self, About, Fact},
    statements::{Codes, Found, Named, Ordered, Recorded, Statement, case_of},
    store::{Tx, upsert},
};

/// An order, a line and an invoice: what a statement is about.
type Key = (PurchaseOrderId, String, String);

/// What a batch of documents touches, and what they have done to it so far.
struct Loaded {
    codes: Codes,
    ordered: Ordered,
    on_file: HashMap<Key, invoice_status::Model>,
    changed: BTreeSet<Key>,
    facts: Vec<Fact>,
    opened: Vec<NewException>,
    cured: Vec<String>,
}

impl Statement for InvoiceStatusDocument {
    const KIND: &'static str = "invoice_status";

    async fn take(
        tx: &Tx,
        scope: &BuyerScope,
        documents: &[&Self],
        only: Option<SupplierId>,
    ) -> Result<Vec<Recorded>, Failure> {
        let mut loaded = load(tx, scope, documents).await?;
        let mut recorded = Vec::with_capacity(documents.len());
        for document in documents {
            recorded.push(loaded.judge(scope, document, only)?);
        }
        let cases = recorded.iter().zip(documents).filter_map(|(one, document)| {
            let InvoiceStatusDocument { invoice, revision, order, line, .. } = document;
            let subject = format!("invoice {invoice}, order {order}, line {line}, revision {}", revision.id);
            case_of(one, "Status of invoice", &subject, only)
        });
        exceptions::open_many(tx, scope, cases.collect()).await?;
        loaded.write(tx, scope).await?;
        Ok(recorded)
    }
}

async fn load(tx: &Tx, scope: &BuyerScope, documents: &[&InvoiceStatusDocument]) -> Result<Loaded, Failure> {
    let units = documents.iter().filter_map(|document| document.unit.as_deref()).collect();
    let codes = Codes::load(tx, scope, units, BTreeSet::new()).await?;
    let orders = documents.iter().map(|document| document.order.as_str()).collect();
    let mut ordered = Ordered::lock(tx, scope, orders, &BTreeSet::new()).await?;
    let named: Vec<Named<'_>> = documents.iter().map(|document| named(document)).collect();
    ordered.load(tx, scope, &named, &codes).await?;
    let rows = scope
        .find::<invoice_status::Entity>()
        .filter(invoice_status::Column::Source.eq(scope.actor.to_string()))
        .filter(invoice_status::Column::OrderId.is_in(ordered.ids()))
        .all(&**tx)
        .await?;
    let on_file = rows.into_iter().map(|row| ((row.order_id, row.line.clone(), row.invoice.clone()), row));
    Ok(Loaded {
        codes,
        ordered,
        on_file: on_file.collect(),
        changed: BTreeSet::new(),
        facts: Vec::new(),
        opened: Vec::new(),
        cured: Vec::new(),
    })
}

fn named(document: &InvoiceStatusDocument) -> Named<'_> {
    Named {
        order: &document.order,
        line: &document.line,
        quantity: document.quantity,
        unit: document.unit.as_deref(),
    }
}

impl Loaded {
    fn judge(
        &mut self,
        scope: &BuyerScope,
        document: &InvoiceStatusDocument,
        only: Option<SupplierId>,
    ) -> Result<Recorded, Failure> {
        let (invoice, mut problems) = (&document.invoice, Problems::new());
        let found = self.ordered.find(&named(document), only, &self.codes, &Field::root(), &mut problems);
        let Some(found) = found else { return Ok(Recorded::refused(Some(invoice), problems)) };
        let content_hash = Sha256::digest(serde_json::to_vec(document)?).to_vec();
        let key = (found.order, found.line.clone(), invoice.clone());
        if let Some(earlier) = self.on_file.get(&key) {
            let on_file =
                (earlier.source_sequence, earlier.source_issued_at, earlier.source_revision.as_str());
            let rank = document.revision.rank();
            if rank < on_file {
                return Ok(Recorded::of(DocumentOutcome::Late, invoice, &found.order));
            }
            if rank == on_file {
                let message = "this revision of the status is on file and says something else";
                return Ok(if earlier.content_hash == content_hash {
                    Recorded::of(DocumentOutcome::Unchanged, invoice, &found.order)
                } else {
                    Recorded::conflict(invoice, &found.order, message)
                });
            }
        }
        let row = row(scope, document, &found, content_hash);
        self.facts.push(fact(scope, document, &found)?);
        self.note(document, &found);
        self.on_file.insert(key.clone(), row);
        self.changed.insert(key);
        Ok(Recorded::of(DocumentOutcome::Recorded, invoice, &found.order))
    }

    /// A difference is somebody's work until the ERP says that there is none any more.
    fn note(&mut self, document: &InvoiceStatusDocument, found: &Found) {
        let subject = format!("{}/{}/{}", found.order, found.line, document.invoice);
        self.opened.retain(|other| other.subject != subject);
        self.cured.retain(|other| *other != subject);
        match document.status {
            InvoiceMatchStatus::PriceVariance
            | InvoiceMatchStatus::QuantityVariance
            | InvoiceMatchStatus::Blocked => self.opened.push(mismatch(document, found, subject)),
            InvoiceMatchStatus::Matched | InvoiceMatchStatus::Paid | InvoiceMatchStatus::Cancelled => {
                self.cured.push(subject);
            }
        }
    }

    async fn write(self, tx: &Tx, scope: &BuyerScope) -> Result<(), Failure> {
        use invoice_status::Column;
        if self.changed.is_empty() {
            return Ok(());
        }
        let again = OnConflict::columns([Column::OrderId, Column::Line, Column::Source, Column::Invoice])
            .update_columns([
                Column::Status,
                Column::Quantity,
                Column::Unit,
                Column::Amount,
                Column::Currency,
                Column::Reason,
                Column::SourceRevision,
                Column::SourceSequence,
                Column::SourceIssuedAt,
                Column::ContentHash,
                Column::RecordedAt,
            ])
            .to_owned();
        let changed = self.changed.iter().filter_map(|key| self.on_file.get(key));
        let rows = changed.map(|row| row.clone().into_active_model().reset_all()).collect();
        upsert(tx, rows, &again).await?;
        let cause: Option<EventId> = if let [only] = self.facts.as_slice() { Some(only.id) } else { None };
        outbox::append(tx, scope, self.facts).await?;
        exceptions::open_many(tx, scope, self.opened).await?;
        let words = "the ERP says that invoice, order and receipt agree, or that it does not count";
        let told = Cure { words, event: cause };
        exceptions::cure(tx, scope, ExceptionKind::InvoiceMismatch, &self.cured, &told).await?;
        let orders = self.changed.into_iter().map(|(order, ..)| order).collect();
        ledger::settle(tx, scope, &orders, cause).await
    }
}

fn row(
    scope: &BuyerScope,
    document: &InvoiceStatusDocument,
    found: &Found,
    content_hash: Vec<u8>,
) -> invoice_status::Model {
    let (sequence, issued_at, id) = document.revision.rank();
    invoice_status::Model {
        order_id: found.order,
        line: found.line.clone(),
        source: scope.actor.to_string(),
        invoice: document.invoice.clone(),
        tenant_id: scope.tenant,
        supplier_id: found.supplier,
        status: document.status,
        quantity: found.quantity,
        unit: found.unit.clone(),
        amount: document.amount,
        currency: document.currency.clone(),
        reason: document.reason.clone(),
        source_revision: id.to_owned(),
        source_sequence: sequence,
        source_issued_at: issued_at,
        content_hash,
        recorded_at: scope.now,
    }
}

fn fact(scope: &BuyerScope, document: &InvoiceStatusDocument, found: &Found) -> Result<Fact, Failure> {
    let event = InvoiceStatusChanged {
        order: found.order,
        supplier: found.supplier,
        source: scope.actor.to_string(),
        quantity: found.quantity,
        document: document.clone(),
    };
    let fact = Fact::new(About::order(found.order, found.supplier), &event)?;
    Ok(fact.occurred_at(document.revision.issued_at))
}

fn mismatch(document: &InvoiceStatusDocument, found: &Found, subject: String) -> NewException {
    let (invoice, order, line) = (&document.invoice, &found.order_number, &found.line);
    let what = match document.status {
        InvoiceMatchStatus::PriceVariance => "differs in price",
        InvoiceMatchStatus::QuantityVariance => "differs in quantity",
        _ => "is blocked",
    };
    let reason = document.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    NewException {
        kind: ExceptionKind::InvoiceMismatch,
        subject,
        supplier: Some(found.supplier),
        order: Some(found.order),
        severity: Severity::Error,
        summary: format!("Invoice {invoice} of order {order}, line {line}, {what}{reason}"),
        detail: serde_json::json!(document),
    }
}
