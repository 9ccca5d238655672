//! Confirmations, kept by the message that they are about.
use std::time::Duration;

use quayside_canonical::{
    Actor, Channel, ConnectionId, DeliveryId, TenantId,
    states::{EdiWay, ExceptionKind, Severity},
};
use quayside_entity::{connection, delivery, transport_answer};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set, sea_query::OnConflict};
use sha2::{Digest, Sha256};

use crate::{
    BuyerScope, Failure, Scope, SystemScope,
    exceptions::{self, NewException},
    scope::{Origin, in_tenant},
    store::Tx,
};

/// A confirmation as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// The confirmation that a message got when it came before.
///
/// # Errors
/// The database failed.
pub async fn given(
    scope: &BuyerScope,
    connection: ConnectionId,
    message: &str,
) -> Result<Option<Answer>, Failure> {
    let tx = scope.read().await?;
    answer_of(&tx, scope, (connection, EdiWay::In), message).await
}

/// Keeps the confirmation of a message that is on file. The one that is kept already stands, and is given back.
///
/// # Errors
/// The database failed; nothing was kept.
pub async fn give(
    scope: &BuyerScope,
    connection: ConnectionId,
    message: &str,
    answer: Answer,
) -> Result<Answer, Failure> {
    let tx = scope.write().await?;
    let row = row(scope, (connection, EdiWay::In), message, &answer)?;
    let first = OnConflict::new().do_nothing().to_owned();
    transport_answer::Entity::insert(row).on_conflict(first).exec_without_returning(&*tx).await?;
    let kept = answer_of(&tx, scope, (connection, EdiWay::In), message).await?;
    tx.commit().await?;
    Ok(kept.unwrap_or(answer))
}

/// Keeps what a receiver said of a delivery by a request of its own; the latest counts. Where it refused the delivery,
/// people are told why. False when the delivery is none of this connection.
///
/// # Errors
/// The database failed; nothing was kept.
pub async fn hear(
    scope: &BuyerScope,
    connection: &connection::Model,
    delivery: DeliveryId,
    answer: &Answer,
    refusal: Option<&str>,
) -> Result<bool, Failure> {
    use transport_answer::Column;
    let tx = scope.write().await?;
    let found = in_tenant::<delivery::Entity>(scope)
        .filter(delivery::Column::Id.eq(delivery))
        .filter(delivery::Column::ConnectionId.eq(connection.id));
    let Some(sent) = found.one(&*tx).await? else { return Ok(false) };
    let row = row(scope, (connection.id, EdiWay::Out), &delivery.to_string(), answer)?;
    let latest = OnConflict::columns([Column::ConnectionId, Column::Way, Column::MessageHash])
        .update_columns([Column::Headers, Column::Body, Column::AnsweredAt])
        .to_owned();
    transport_answer::Entity::insert(row).on_conflict(latest).exec_without_returning(&*tx).await?;
    if let Some(reason) = refusal {
        let case = NewException {
            kind: ExceptionKind::DeliveryFailed,
            subject: delivery.to_string(),
            supplier: sent.supplier_id,
            order: None,
            severity: Severity::Error,
            summary: format!(
                "{} took {} and refused it afterwards: {reason}",
                connection.name, sent.event_type
            ),
            detail: serde_json::json!({ "connection": connection.id, "delivery": delivery, "reason": reason }),
        };
        exceptions::open(&tx, scope, case).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// What a receiver said of a delivery later: headers and body.
///
/// # Errors
/// The database failed.
pub async fn heard(
    system: &SystemScope,
    tenant: TenantId,
    connection: ConnectionId,
    delivery: DeliveryId,
) -> Result<Option<Answer>, Failure> {
    let scope = own(system, tenant);
    let tx = system.read().await?;
    answer_of(&tx, &scope, (connection, EdiWay::Out), &delivery.to_string()).await
}

/// Forgets what was said of an earlier attempt, before a delivery is sent again.
///
/// # Errors
/// The database failed.
pub async fn forget_reply(
    system: &SystemScope,
    connection: ConnectionId,
    delivery: DeliveryId,
) -> Result<(), Failure> {
    use transport_answer::Column;
    let tx = system.write().await?;
    let rows = system
        .delete::<transport_answer::Entity>()
        .filter(Column::ConnectionId.eq(connection))
        .filter(Column::Way.eq(EdiWay::Out))
        .filter(Column::MessageHash.eq(hash(&delivery.to_string())));
    rows.exec(&*tx).await?;
    tx.commit().await
}

/// Tells people that a partner sends what cannot be taken. Once for each reason, however often it comes: whoever sends
/// need not be who it says.
///
/// # Errors
/// The database failed.
pub async fn refused(
    scope: &BuyerScope,
    connection: &connection::Model,
    reason: &str,
) -> Result<(), Failure> {
    let tx = scope.write().await?;
    let case = NewException {
        kind: ExceptionKind::DocumentRefused,
        subject: format!("{reason} at {}", connection.id),
        supplier: None,
        order: None,
        severity: Severity::Error,
        summary: format!("{} was sent a message that could not be taken: {reason}", connection.name),
        detail: serde_json::json!({ "connection": connection.id, "reason": reason }),
    };
    exceptions::open(&tx, scope, case).await?;
    tx.commit().await
}

/// Forgets confirmations that are older than this: what comes again after that is taken for new, and known by its
/// bytes.
///
/// # Errors
/// The database failed.
pub async fn forget_old(system: &SystemScope, kept: Duration) -> Result<(), Failure> {
    let tx = system.write().await?;
    let before = system.now().minus(kept);
    let rows =
        system.delete::<transport_answer::Entity>().filter(transport_answer::Column::AnsweredAt.lt(before));
    rows.exec(&*tx).await?;
    tx.commit().await
}

fn own(system: &SystemScope, tenant: TenantId) -> Scope {
    system.in_tenant(tenant, Actor::System, &Origin::new(Channel::System))
}

/// Ids of messages are other people's, and of any length.
fn hash(message: &str) -> Vec<u8> {
    Sha256::digest(message).to_vec()
}

fn row(
    scope: &Scope,
    (connection, way): (ConnectionId, EdiWay),
    message: &str,
    answer: &Answer,
) -> Result<transport_answer::ActiveModel, Failure> {
    Ok(transport_answer::ActiveModel {
        connection_id: Set(connection),
        way: Set(way),
        message_hash: Set(hash(message)),
        tenant_id: Set(scope.tenant),
        headers: Set(serde_json::to_string(&answer.headers)?),
        body: Set(answer.body.clone()),
        answered_at: Set(scope.now),
    })
}

async fn answer_of(
    tx: &Tx,
    scope: &Scope,
    (connection, way): (ConnectionId, EdiWay),
    message: &str,
) -> Result<Option<Answer>, Failure> {
    use transport_answer::Column;
    let row = in_tenant::<transport_answer::Entity>(scope)
        .filter(Column::ConnectionId.eq(connection))
        .filter(Column::Way.eq(way))
        .filter(Column::MessageHash.eq(hash(message)));
    let Some(row) = row.one(&**tx).await? else { return Ok(None) };
    Ok(Some(Answer { headers: serde_json::from_str(&row.headers)?, body: row.body }))
}
