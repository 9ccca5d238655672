//! Documents to the operations of their kinds, in the order they came.
use quayside_canonical::{Actor, ConnectionId, Field, Problems, states::InboundKind};
use quayside_connectors::{Inbound, Stated};
use quayside_domain::{
    BuyerScope, Failure, Store,
    inbound::{self, Outcome},
    orders::{self, Incoming},
    statements::{self, Statement},
};

use crate::ingest::edi;

/// Takes documents in their order and says what became of each. Those of one kind that follow each other share a
/// transaction.
///
/// # Errors
/// The database is away or busy. Documents before that are on file; taking them all again is safe.
pub(super) async fn apply(
    store: &Store,
    scope: &BuyerScope,
    documents: &[Inbound],
) -> Result<Vec<Outcome>, Failure> {
    let mut outcomes = Vec::with_capacity(documents.len());
    let mut rest = documents;
    while let Some(first) = rest.first() {
        let kind = kind_of(first);
        let alike = rest.iter().take_while(|document| kind_of(document) == kind).count();
        let (run, after) = rest.split_at(alike);
        outcomes.extend(apply_run(store, scope, run).await?);
        rest = after;
    }
    for outcome in &outcomes {
        metrics::counter!("quayside_documents_total", "kind" => metric(outcome.kind), "outcome" => outcome.outcome.code())
            .increment(1);
    }
    Ok(outcomes)
}

/// One document that breaks an operation does not take its neighbours along: each is taken by itself then.
async fn apply_run(store: &Store, scope: &BuyerScope, run: &[Inbound]) -> Result<Vec<Outcome>, Failure> {
    match take(store, scope, run).await {
        Err(failure) if !failure.is_transient() && run.len() > 1 => {
            tracing::warn!(error = %failure, documents = run.len(), "documents are taken one by one");
        }
        Err(failure) if !failure.is_transient() => return Ok(vec![broken(&run[0], &failure)]),
        taken => return taken,
    }
    let mut outcomes = Vec::with_capacity(run.len());
    for document in run.chunks(1) {
        match take(store, scope, document).await {
            Err(failure) if !failure.is_transient() => outcomes.push(broken(&document[0], &failure)),
            taken => outcomes.extend(taken?),
        }
    }
    Ok(outcomes)
}

fn broken(document: &Inbound, failure: &Failure) -> Outcome {
    tracing::error!(error = %failure, key = key_of(document), "a document broke its operation");
    let words = "something failed on our side when this document was taken; try it again, or tell us";
    Outcome::unreadable(kind_of(document), key_of(document), Problems::one("INTERNAL", &Field::root(), words))
}

/// Documents of one kind.
async fn take(store: &Store, scope: &BuyerScope, run: &[Inbound]) -> Result<Vec<Outcome>, Failure> {
    match run.first() {
        None => Ok(Vec::new()),
        Some(Inbound::PurchaseOrder(_)) => orders_of(scope, run).await,
        Some(Inbound::Receipt(_)) => {
            statements_of(
                scope,
                run,
                |one| if let Inbound::Receipt(stated) = one { Some(stated) } else { None },
            )
            .await
        }
        Some(Inbound::Appointment(_)) => {
            statements_of(scope, run, |one| {
                if let Inbound::Appointment(stated) = one { Some(stated) } else { None }
            })
            .await
        }
        Some(Inbound::InvoiceStatus(_)) => {
            statements_of(scope, run, |one| {
                if let Inbound::InvoiceStatus(stated) = one { Some(stated) } else { None }
            })
            .await
        }
        // What carries out whole interchanges is large.
        Some(Inbound::Interchange { .. }) => Box::pin(interchanges_of(store, scope, run)).await,
        Some(Inbound::Unreadable { .. }) => Ok(run.iter().filter_map(unreadable).collect()),
        Some(Inbound::Changed { .. }) => hints(scope, run).await,
    }
}

fn unreadable(document: &Inbound) -> Option<Outcome> {
    let Inbound::Unreadable { key, problems } = document else { return None };
    Some(Outcome::unreadable(InboundKind::Unknown, key, problems.clone()))
}

/// An order's own identity keeps it from being taken twice, so it needs no key.
async fn orders_of(scope: &BuyerScope, run: &[Inbound]) -> Result<Vec<Outcome>, Failure> {
    let stated: Vec<_> = run
        .iter()
        .filter_map(|one| if let Inbound::PurchaseOrder(stated) = one { Some(stated) } else { None })
        .collect();
    let incoming = stated.iter().map(|stated| Incoming {
        order: stated.document.clone(),
        key: None,
        only_supplier: None,
    });
    let received = orders::receive(scope, &incoming.collect::<Vec<_>>()).await?;
    let outcome = |(stated, received): (&&Stated<_>, _)| match &stated.document {
        Ok(_) => Outcome::of_order(&stated.key, received),
        Err(problems) => Outcome::unreadable(InboundKind::PurchaseOrder, &stated.key, problems.clone()),
    };
    Ok(stated.iter().zip(received).map(outcome).collect())
}

async fn statements_of<S: Statement + Clone>(
    scope: &BuyerScope,
    run: &[Inbound],
    of: fn(&Inbound) -> Option<&Stated<S>>,
) -> Result<Vec<Outcome>, Failure> {
    let stated: Vec<_> = run.iter().filter_map(of).collect();
    let documents: Vec<_> = stated.iter().map(|stated| stated.document.clone()).collect();
    let recorded = statements::record(scope, &documents).await?;
    let kind = run.first().map_or(InboundKind::Unknown, kind_of);
    let outcome = |(stated, recorded): (&&Stated<S>, _)| match &stated.document {
        Ok(_) => Outcome::of_statement(kind, &stated.key, recorded),
        Err(problems) => Outcome::unreadable(kind, &stated.key, problems.clone()),
    };
    Ok(stated.iter().zip(recorded).map(outcome).collect())
}

/// Whose an interchange is, its envelope says. What it holds acts for that partner.
async fn interchanges_of(
    store: &Store,
    scope: &BuyerScope,
    run: &[Inbound],
) -> Result<Vec<Outcome>, Failure> {
    let connection = connection_of(scope)?;
    let mut outcomes = Vec::with_capacity(run.len());
    for document in run {
        let Inbound::Interchange { name, content } = document else { continue };
        outcomes.push(edi::arrived(store, scope, connection, (name, content.bytes.clone())).await?);
    }
    Ok(outcomes)
}

fn connection_of(scope: &BuyerScope) -> Result<ConnectionId, Failure> {
    match scope.actor {
        Actor::Connection(connection) => Ok(connection),
        _ => Err(Failure::System("only a connection brings this".to_owned())),
    }
}

async fn hints(scope: &BuyerScope, run: &[Inbound]) -> Result<Vec<Outcome>, Failure> {
    let connection = connection_of(scope)?;
    let mut outcomes = Vec::with_capacity(run.len());
    for document in run {
        let Inbound::Changed { feed, key } = document else { continue };
        let heard = inbound::hint(scope, connection, feed).await?;
        outcomes.push(if heard {
            Outcome::hint(feed, key)
        } else {
            let words = format!("the feed `{feed}` is not polled here");
            Outcome::unreadable(
                InboundKind::Change,
                key,
                Problems::one("UNKNOWN_FEED", &Field::root(), words),
            )
        });
    }
    Ok(outcomes)
}

/// What a document is.
pub(super) const fn kind_of(document: &Inbound) -> InboundKind {
    match document {
        Inbound::PurchaseOrder(_) => InboundKind::PurchaseOrder,
        Inbound::Receipt(_) => InboundKind::Receipt,
        Inbound::Appointment(_) => InboundKind::Appointment,
        Inbound::InvoiceStatus(_) => InboundKind::InvoiceStatus,
        Inbound::Interchange { .. } => InboundKind::Interchange,
        Inbound::Unreadable { .. } => InboundKind::Unknown,
        Inbound::Changed { .. } => InboundKind::Change,
    }
}

/// What the system calls it.
pub(super) fn key_of(document: &Inbound) -> &str {
    match document {
        Inbound::PurchaseOrder(stated) => &stated.key,
        Inbound::Receipt(stated) => &stated.key,
        Inbound::Appointment(stated) => &stated.key,
        Inbound::InvoiceStatus(stated) => &stated.key,
        Inbound::Interchange { name, .. } => name,
        Inbound::Unreadable { key, .. } | Inbound::Changed { key, .. } => key,
    }
}

/// The kind in the words of the metrics, which are those of the ingest entrances.
const fn metric(kind: InboundKind) -> &'static str {
    match kind {
        InboundKind::PurchaseOrder => "purchase_order",
        InboundKind::Receipt => "receipt",
        InboundKind::Appointment => "appointment",
        InboundKind::InvoiceStatus => "invoice_status",
        InboundKind::Change => "change",
        InboundKind::Interchange => "interchange",
        InboundKind::Unknown => "unknown",
    }
}
