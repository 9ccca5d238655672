//! Events are rows, written in the transaction that made them true.
//!
//! An operation appends; dispatch later gives each event its place in the tenant's log. The outbox row is
//! what dispatch has not seen yet.
use std::collections::HashMap;

use quayside_canonical::{EventId, PurchaseOrderId, SupplierId, Timestamp, events::Event};
use quayside_entity::{event, outbox};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, Set};

use crate::{Failure, Scope, store::Tx, writes::Writes};

/// What an event is about.
#[derive(Clone, Debug)]
pub struct About {
    /// The thing, by its shown id.
    pub subject: String,
    /// The supplier it concerns.
    pub supplier: Option<SupplierId>,
    /// The order it concerns.
    pub order: Option<PurchaseOrderId>,
}

impl About {
    /// About `order` itself.
    #[must_use]
    pub fn order(order: PurchaseOrderId, supplier: SupplierId) -> Self {
        Self { subject: order.to_string(), supplier: Some(supplier), order: Some(order) }
    }

    /// About something that belongs to an order.
    #[must_use]
    pub fn part_of(subject: &impl ToString, order: PurchaseOrderId, supplier: SupplierId) -> Self {
        Self { subject: subject.to_string(), supplier: Some(supplier), order: Some(order) }
    }

    /// About something of the tenant that concerns no supplier.
    #[must_use]
    pub fn tenant(subject: &impl ToString) -> Self {
        Self { subject: subject.to_string(), supplier: None, order: None }
    }
}

/// An event that is about to be appended.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its id.
    pub id: EventId,
    about: About,
    event_type: &'static str,
    version: i32,
    payload: String,
    occurred_at: Option<Timestamp>,
    causation: Option<EventId>,
    course: Option<Course>,
    first: bool,
}

/// The request an event belongs to, when it is not the one that records it.
#[derive(Clone, Debug)]
struct Course {
    correlation: String,
    trace_parent: Option<String>,
}

impl Fact {
    /// `event` happened.
    ///
    /// # Errors
    /// The event cannot be written as JSON, which is a bug.
    pub fn new<E: Event>(about: About, event: &E) -> Result<Self, Failure> {
        let payload = serde_json::to_string(event)?;
        let id = EventId::generate();
        Ok(Self {
            id,
            about,
            event_type: E::TYPE,
            version: E::VERSION,
            payload,
            occurred_at: None,
            causation: None,
            first: false,
            course: None,
        })
    }

    /// It happened at the source at this time, not now.
    #[must_use]
    pub const fn occurred_at(mut self, at: Timestamp) -> Self {
        self.occurred_at = Some(at);
        self
    }

    /// Its subject came into being with it: nobody can have recorded anything about it before.
    #[must_use]
    pub const fn first_of_its_subject(mut self) -> Self {
        self.first = true;
        self
    }

    /// It happened because of that event.
    #[must_use]
    pub const fn caused_by(mut self, event: EventId) -> Self {
        self.causation = Some(event);
        self
    }

    /// It happened because of `event`, later and elsewhere, and belongs to the same request.
    #[must_use]
    pub fn following(mut self, event: &event::Model) -> Self {
        self.course = Some(Course {
            correlation: event.correlation_id.clone(),
            trace_parent: event.trace_parent.clone(),
        });
        self.caused_by(event.id)
    }
}

/// Appends `facts` in their order. They are published if, and only if, `tx` commits.
///
/// # Errors
/// The database failed.
pub async fn append(tx: &Tx, scope: &Scope, facts: Vec<Fact>) -> Result<(), Failure> {
    let mut writes = Writes::new(scope.store());
    add(&mut writes, tx, scope, facts).await?;
    writes.run(tx).await
}

/// The same, together with what else is written.
pub(crate) async fn add(
    writes: &mut Writes,
    tx: &Tx,
    scope: &Scope,
    facts: Vec<Fact>,
) -> Result<(), Failure> {
    if facts.is_empty() {
        return Ok(());
    }
    let mut sequences = last_sequences(tx, scope, &facts).await?;
    let mut events = Vec::with_capacity(facts.len());
    let mut queue = Vec::with_capacity(facts.len());
    for fact in facts {
        let course = fact.course.unwrap_or_else(|| Course {
            correlation: scope.correlation.to_string(),
            trace_parent: scope.trace_parent.as_deref().map(str::to_owned),
        });
        let sequence = sequences.entry(fact.about.subject.clone()).or_default();
        *sequence += 1;
        queue.push(outbox::ActiveModel {
            event_id: Set(fact.id),
            tenant_id: Set(scope.tenant),
            ..Default::default()
        });
        events.push(event::ActiveModel {
            id: Set(fact.id),
            tenant_id: Set(scope.tenant),
            supplier_id: Set(fact.about.supplier),
            order_id: Set(fact.about.order),
            event_type: Set(fact.event_type.to_owned()),
            version: Set(fact.version),
            subject: Set(fact.about.subject),
            sequence: Set(*sequence),
            occurred_at: Set(fact.occurred_at.unwrap_or(scope.now)),
            recorded_at: Set(scope.now),
            correlation_id: Set(course.correlation),
            causation_id: Set(fact.causation),
            actor: Set(scope.actor.to_string()),
            channel: Set(scope.channel),
            trace_parent: Set(course.trace_parent),
            payload: Set(fact.payload),
        });
    }
    tx.has_events();
    writes.insert(events)?;
    writes.insert(queue)
}

/// The last sequence of each subject that has one. The subject's row is locked by the operation, so nobody
/// else counts on.
async fn last_sequences(tx: &Tx, scope: &Scope, facts: &[Fact]) -> Result<HashMap<String, i64>, Failure> {
    let subjects: Vec<&str> =
        facts.iter().filter(|fact| !fact.first).map(|fact| fact.about.subject.as_str()).collect();
    if subjects.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = crate::scope::in_tenant::<event::Entity>(scope)
        .filter(event::Column::Subject.is_in(subjects))
        .select_only()
        .column(event::Column::Subject)
        .column_as(event::Column::Sequence.max(), "last")
        .group_by(event::Column::Subject)
        .into_tuple::<(String, i64)>()
        .all(&**tx)
        .await?;
    Ok(rows.into_iter().collect())
}
