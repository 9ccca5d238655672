//! Records what became of messages.
use std::{collections::BTreeSet, ops::RangeInclusive};

use quayside_canonical::{
    InterchangeId, MessageId, Problem, PurchaseOrderId, SupplierId, WaitingChangeId,
    states::{DocumentOutcome, ExceptionKind, MessageStage, Severity},
};
use quayside_entity::interchange_message;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set, sea_query::OnConflict};
use serde::{Deserialize, Serialize};

use super::MessageResult;
use crate::{BuyerScope, Failure, exceptions, orders, store::Tx};

/// A message and what became of it.
#[derive(Clone, Debug)]
pub struct MessageRecord {
    /// Its place in the interchange, from 1.
    pub place: i32,
    /// What became of it.
    pub result: MessageResult,
    /// The order it concerns, when there is one.
    pub order: Option<PurchaseOrderId>,
    /// Whether a person has to be told: it was not taken, and no operation has said so yet.
    pub needs_person: bool,
    /// Its first byte in the file, and how many it has.
    pub bytes: (u64, u64),
    /// The change that waits, when it is one.
    pub waiting: Option<WaitingChangeId>,
}

/// Findings as they are stored.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Findings {
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
}

impl Findings {
    /// What the rules found about a message later, told with its places.
    pub(super) fn in_place(problems: Vec<Problem>, warnings: Vec<Problem>) -> Self {
        let in_place = |found: Vec<Problem>| found.into_iter().map(Problem::told_in_place).collect();
        Self { problems: in_place(problems), warnings: in_place(warnings) }
    }
}

/// The places of the messages that are recorded.
///
/// # Errors
/// The database failed.
pub async fn recorded(scope: &BuyerScope, interchange: InterchangeId) -> Result<BTreeSet<i32>, Failure> {
    let tx = scope.read().await?;
    places(&tx, scope, interchange, 0..=i32::MAX).await
}

async fn places(
    tx: &Tx,
    scope: &BuyerScope,
    interchange: InterchangeId,
    among: RangeInclusive<i32>,
) -> Result<BTreeSet<i32>, Failure> {
    use interchange_message::Column;
    let places: Vec<i32> = scope
        .find_own::<interchange_message::Entity>()
        .filter(Column::InterchangeId.eq(interchange))
        .filter(Column::Place.between(*among.start(), *among.end()))
        .select_only()
        .column(Column::Place)
        .into_tuple()
        .all(&**tx)
        .await?;
    Ok(places.into_iter().collect())
}

/// Records messages, in the order of their places, that are not recorded yet, and opens an exception for each that
/// needs a person. A change that waited when it was carried out may be through with waiting by now.
///
/// # Errors
/// The database failed. Nothing was recorded; repeating it is safe.
pub async fn record(
    scope: &BuyerScope,
    interchange: InterchangeId,
    supplier: Option<SupplierId>,
    mut messages: Vec<MessageRecord>,
) -> Result<(), Failure> {
    let (Some(first), Some(last)) = (messages.first(), messages.last()) else { return Ok(()) };
    let among = first.place..=last.place;
    let tx = scope.write().await?;
    let known = places(&tx, scope, interchange, among).await?;
    messages.retain(|message| !known.contains(&message.place));
    let mut cases = Vec::new();
    let mut rows = Vec::with_capacity(messages.len());
    for mut message in messages {
        if let Some(waiting) = message.waiting
            && let Some(received) = orders::no_longer_waiting(&tx, scope, waiting).await?
        {
            message.adopt(received);
        }
        let id = MessageId::generate();
        rows.push(row(scope, interchange, id, &message)?);
        if message.needs_person {
            cases.push(case_of(id, interchange, supplier, message.order, message.place, &message.result));
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    // Whoever works on the same interchange at the same time finds the same.
    interchange_message::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&*tx)
        .await?;
    exceptions::open_many(&tx, scope, cases).await?;
    tx.commit().await
}

impl MessageRecord {
    /// Takes over what became of a change that waited.
    pub(super) fn adopt(&mut self, received: orders::Received) {
        let outcome = received.outcome;
        self.waiting = None;
        self.needs_person = matches!(outcome, DocumentOutcome::Refused | DocumentOutcome::Late);
        self.result.stage = stage_of(outcome);
        self.result.outcome = outcome;
        self.result.subject = received.order.map(|order| order.to_string());
        let Findings { problems, warnings } = Findings::in_place(received.problems, received.warnings);
        self.result.problems = problems;
        self.result.warnings.extend(warnings);
        self.order = received.order;
    }
}

/// How far a message came that the rules have dealt with.
#[must_use]
pub const fn stage_of(outcome: DocumentOutcome) -> MessageStage {
    match outcome {
        DocumentOutcome::Refused
        | DocumentOutcome::Conflict
        | DocumentOutcome::Late
        | DocumentOutcome::Waiting => MessageStage::Validated,
        DocumentOutcome::Created
        | DocumentOutcome::Revised
        | DocumentOutcome::Unchanged
        | DocumentOutcome::Answered
        | DocumentOutcome::Recorded => MessageStage::Applied,
    }
}

fn row(
    scope: &BuyerScope,
    interchange: InterchangeId,
    id: MessageId,
    message: &MessageRecord,
) -> Result<interchange_message::ActiveModel, Failure> {
    let result = &message.result;
    let findings = Findings { problems: result.problems.clone(), warnings: result.warnings.clone() };
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    Ok(interchange_message::ActiveModel {
        id: Set(id),
        tenant_id: Set(scope.tenant),
        interchange_id: Set(interchange),
        place: Set(message.place),
        message_type: Set(result.message_type.clone()),
        group_number: Set(result.group.clone()),
        control_number: Set(result.control_number.clone()),
        business_key: Set(result.business_key.clone()),
        byte_offset: Set(number(message.bytes.0)),
        byte_length: Set(number(message.bytes.1)),
        stage: Set(result.stage),
        outcome: Set(result.outcome),
        subject: Set(result.subject.clone()),
        order_id: Set(message.order),
        problems: Set(serde_json::to_string(&findings)?),
        attempts: Set(1),
        waiting_id: Set(message.waiting),
    })
}

pub(super) fn case_of(
    id: MessageId,
    interchange: InterchangeId,
    supplier: Option<SupplierId>,
    order: Option<PurchaseOrderId>,
    place: i32,
    result: &MessageResult,
) -> exceptions::NewException {
    let done = match result.outcome {
        DocumentOutcome::Late => "came too late",
        _ => "was refused",
    };
    let first = result.problems.first().map_or("", |problem| problem.message.as_str());
    let more = result.problems.len().saturating_sub(1);
    let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
    exceptions::NewException {
        kind: ExceptionKind::DocumentRefused,
        subject: id.to_string(),
        supplier,
        order,
        severity: Severity::Error,
        summary: format!("EDI {} {} {done}: {first}{more}", result.message_type, result.control_number),
        detail: serde_json::json!({
            "interchange": interchange.to_string(),
            "place": place,
            "businessKey": result.business_key,
            "problems": result.problems,
        }),
    }
}
