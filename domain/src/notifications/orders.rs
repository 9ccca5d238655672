//! Telling suppliers of their orders: what is new, what changed, and what the buyer decided.
use std::collections::{HashMap, HashSet};

use quayside_canonical::{
    EventId, PurchaseOrderId, SupplierId, Timestamp,
    states::{DiscrepancyResolution, DocumentOutcome},
};
use quayside_entity::membership;
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use super::tell::{Audience, News, Topic, one_line, tell};
use crate::{Failure, Scope, scope::in_tenant, store::Tx};

/// How many orders of one batch a supplier is told of at once. More are for the digest: a first load of all orders
/// is not a mail for each.
const AT_ONCE: usize = 5;

/// An order that is new to its supplier, or changed.
#[derive(Clone, Debug)]
pub(crate) struct OrderNews {
    pub(crate) event: EventId,
    pub(crate) order: PurchaseOrderId,
    pub(crate) supplier: SupplierId,
    pub(crate) number: String,
    pub(crate) outcome: DocumentOutcome,
    pub(crate) cancelled: bool,
    pub(crate) answer_due_at: Option<Timestamp>,
}

/// Tells suppliers of orders that were released, revised or cancelled.
pub(crate) async fn tell_of_orders(tx: &Tx, scope: &Scope, orders: Vec<OrderNews>) -> Result<(), Failure> {
    let readers = with_people(tx, scope, orders.iter().map(|order| order.supplier).collect()).await?;
    let mut counts: HashMap<SupplierId, usize> = HashMap::new();
    for order in &orders {
        *counts.entry(order.supplier).or_default() += 1;
    }
    let news = orders.into_iter().filter(|order| readers.contains(&order.supplier)).map(|order| {
        let many = counts.get(&order.supplier).is_some_and(|count| *count > AT_ONCE);
        news_of(&order, if many { Topic::OneOfManyOrders } else { Topic::Order })
    });
    tell(tx, scope, news.collect()).await
}

fn news_of(order: &OrderNews, topic: Topic) -> News {
    let number = one_line(&order.number, 60);
    let what = match (order.outcome, order.cancelled) {
        (_, true) => "was cancelled",
        (DocumentOutcome::Created, false) => "is new",
        (_, false) => "was revised",
    };
    let due = order.answer_due_at.filter(|_| !order.cancelled);
    let asked = due.map_or_else(String::new, |due| format!("\n\nPlease answer until {due}."));
    News {
        event: order.event,
        audience: Audience::Supplier(order.supplier),
        topic,
        line: format!("Order {number} {what}"),
        body: format!("Purchase order {number} {what}.{asked}"),
        link: format!("/orders/{}", order.order),
    }
}

/// Which of these suppliers have anybody who reads: most that speak EDI alone have not.
async fn with_people(
    tx: &Tx,
    scope: &Scope,
    suppliers: HashSet<SupplierId>,
) -> Result<HashSet<SupplierId>, Failure> {
    use membership::Column;
    if suppliers.is_empty() {
        return Ok(HashSet::new());
    }
    let with: Vec<SupplierId> = in_tenant::<membership::Entity>(scope)
        .filter(Column::EndedAt.is_null())
        .filter(Column::SupplierId.is_in(suppliers))
        .select_only()
        .column(Column::SupplierId)
        .distinct()
        .into_tuple()
        .all(&**tx)
        .await?;
    Ok(with.into_iter().collect())
}

/// What the buyer decided of something the supplier said.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Decided {
    /// A change it proposed is agreed.
    ProposalAccepted,
    /// It is not: the line is to be answered again.
    ProposalDeclined,
    /// A difference between what it announced and what was received is settled like this.
    Discrepancy(DiscrepancyResolution),
}

/// A decision about a line of an order.
#[derive(Clone, Debug)]
pub(crate) struct Decision<'a> {
    pub(crate) event: EventId,
    pub(crate) order: PurchaseOrderId,
    pub(crate) supplier: SupplierId,
    pub(crate) number: &'a str,
    pub(crate) line: &'a str,
    pub(crate) decided: Decided,
    pub(crate) note: Option<&'a str>,
}

/// Tells a supplier of a decision.
pub(crate) async fn tell_of_decision(tx: &Tx, scope: &Scope, decision: &Decision<'_>) -> Result<(), Failure> {
    let place = format!("order {}, line {}", one_line(decision.number, 60), one_line(decision.line, 20));
    let what = match decision.decided {
        Decided::ProposalAccepted => format!("Your change was accepted: {place}"),
        Decided::ProposalDeclined => format!("Your change was declined, please answer again: {place}"),
        Decided::Discrepancy(resolution) => format!("A discrepancy was settled ({resolution}): {place}"),
    };
    let note = decision.note.map_or_else(String::new, |note| format!("\n\n{note}"));
    let news = News {
        event: decision.event,
        audience: Audience::Supplier(decision.supplier),
        topic: Topic::Order,
        body: format!("{what}.{note}"),
        line: what,
        link: format!("/orders/{}", decision.order),
    };
    tell(tx, scope, vec![news]).await
}
