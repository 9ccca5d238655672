//! "Delivered to the ERP as document X", or why not: for whoever may see the subject.
use std::collections::{BTreeSet, HashMap};

use quayside_canonical::{
    ConnectionId, DeliveryId, Timestamp, events::visible_to_supplier, states::DeliveryStatus,
};
use quayside_entity::{connection, delivery, webhook_endpoint};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::{Failure, Scope, scope::in_tenant, store::Tx};

/// The most deliveries of one answer.
const MOST: u64 = 2_000;

/// Where a delivery stands, in the words of both sides.
#[derive(Clone, Debug)]
pub struct SubjectDelivery {
    /// The delivery.
    pub id: DeliveryId,
    /// What it is about.
    pub subject: String,
    /// The type of the event it carries.
    pub event_type: String,
    /// Where it goes, as the tenant calls it.
    pub connection: String,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// The receiver's document number.
    pub reference: Option<String>,
    /// What the last attempt ran into: code and words.
    pub error: Option<(String, String)>,
    /// Attempts so far.
    pub attempts: i32,
    /// When it is tried next, while it waits.
    pub next_at: Timestamp,
    /// When it ended, well or not.
    pub finished_at: Option<Timestamp>,
}

/// The deliveries of events about any of `subjects`, in the order of the log: a supplier's own for a supplier.
/// Two statements, however many subjects.
///
/// # Errors
/// The database failed.
pub async fn of_subject(scope: &Scope, subjects: &[String]) -> Result<Vec<SubjectDelivery>, Failure> {
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    let tx = scope.read().await?;
    // An endpoint is told of what happened, and makes no document of it.
    let endpoints = in_tenant::<webhook_endpoint::Entity>(scope)
        .select_only()
        .column(webhook_endpoint::Column::ConnectionId);
    let rows = scope
        .find::<delivery::Entity>()
        .filter(delivery::Column::Subject.is_in(subjects))
        .filter(delivery::Column::ConnectionId.not_in_subquery(endpoints.into_query()))
        .order_by_asc(delivery::Column::Position)
        .order_by_asc(delivery::Column::Id)
        .limit(MOST)
        .all(&*tx)
        .await?;
    let names = names(&tx, scope, rows.iter().map(|row| row.connection_id).collect()).await?;
    let visible = rows
        .into_iter()
        .filter(|row| scope.supplier.is_none() || visible_to_supplier(&row.event_type))
        .map(|row| shown(row, &names));
    Ok(visible.collect())
}

pub(super) async fn names(
    tx: &Tx,
    scope: &Scope,
    connections: BTreeSet<ConnectionId>,
) -> Result<HashMap<ConnectionId, String>, Failure> {
    let rows = in_tenant::<connection::Entity>(scope)
        .filter(connection::Column::Id.is_in(connections))
        .select_only()
        .columns([connection::Column::Id, connection::Column::Name])
        .into_tuple::<(ConnectionId, String)>()
        .all(&**tx)
        .await?;
    Ok(rows.into_iter().collect())
}

fn shown(row: delivery::Model, names: &HashMap<ConnectionId, String>) -> SubjectDelivery {
    SubjectDelivery {
        id: row.id,
        subject: row.subject,
        event_type: row.event_type,
        connection: names.get(&row.connection_id).cloned().unwrap_or_default(),
        status: row.status,
        reference: row.reference,
        error: row.error_code.zip(row.error_message),
        attempts: row.attempts,
        next_at: row.next_at,
        finished_at: row.finished_at,
    }
}
