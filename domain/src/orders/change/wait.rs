//! Changes that came before what they build on.
//!
//! A waiting change is a row with all it takes to carry it out later as its sender's. It is carried out under the key
//! of its message, so that a process that dies between carrying it out and saying so does nothing twice; what became
//! of it is laid down on its row, and on its message, in one transaction.
use std::{collections::BTreeSet, time::Duration};

use quayside_canonical::{
    Actor, Channel, Problem, Problems, TenantId, Timestamp, WaitingChangeId, order_change::OrderChange,
    states::DocumentOutcome,
};
use quayside_entity::{purchase_order, waiting_change};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Expr, Func, OnConflict, Query},
};
use serde::{Deserialize, Serialize};

use super::receive::{Done, Gap, Request, carry_out, request_hash, told};
use crate::{
    BuyerScope, Failure, Scope, SystemScope,
    idempotency::IdempotencyKey,
    interchanges,
    orders::receive::Received,
    scope::{Origin, in_tenant, update_in_tenant},
    store::Tx,
};

/// How many waiting changes the clock looks after at a time.
const AT_ONCE: u64 = 200;

/// Has a change wait, and says so; or says what became of it, if what it waits for came in the meantime.
pub(super) async fn hold(
    scope: &BuyerScope,
    request: &Request<'_>,
    why: &Problem,
) -> Result<Received, Failure> {
    let Request { change, key, only_supplier, .. } = *request;
    let hash = request_hash(change)?;
    let row = waiting_change::ActiveModel {
        id: Set(WaitingChangeId::generate()),
        tenant_id: Set(scope.tenant),
        supplier_id: Set(only_supplier),
        actor: Set(scope.actor.to_string()),
        idempotency_key: Set(key.to_string()),
        request_hash: Set(hash.clone()),
        order_number: Set(change.number.clone()),
        sequence: Set(change.revision.sequence),
        change: Set(serde_json::to_string(&Kept { change: (*change).clone(), places: change.places() })?),
        reason: Set(why.code.clone()),
        waits_since: Set(scope.now),
        expired_at: Set(None),
        result: Set(None),
        settled_at: Set(None),
    };
    let tx = scope.write().await?;
    let insert = waiting_change::Entity::insert(row).on_conflict(OnConflict::new().do_nothing().to_owned());
    insert.exec_without_returning(&*tx).await?;
    let row = under(&tx, scope, &scope.actor.to_string(), key).await?;
    let row = row.ok_or_else(|| Failure::Corrupt("a change that waits cannot be found".to_owned()))?;
    if row.request_hash != hash {
        return Ok(contradicts(change));
    }
    // It was dealt with once, and has to wait again.
    if row.result.is_some() {
        begin_anew(&tx, scope, row.id).await?;
    }
    tx.commit().await?;
    release(scope, std::slice::from_ref(&change.number)).await?;
    let tx = scope.read().await?;
    let row = under(&tx, scope, &scope.actor.to_string(), key).await?;
    let result = row.as_ref().and_then(|row| row.result.as_deref());
    match result {
        Some(result) => Ok(serde_json::from_str(result)?),
        None => Ok(waiting(change, why, row.map(|row| row.id))),
    }
}

/// A change as it is kept: with the places of its message, which are no part of it.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    change: OrderChange,
    #[serde(default)]
    places: Vec<Vec<String>>,
}

/// The change of a row.
fn kept(row: &waiting_change::Model) -> Result<OrderChange, Failure> {
    let Kept { mut change, places } = serde_json::from_str(&row.change)?;
    change.put_back(places);
    Ok(change)
}

/// What is said of a change that waits.
pub(super) fn waiting(change: &OrderChange, why: &Problem, id: Option<WaitingChangeId>) -> Received {
    let mut received = Received::refused(Some(change.number.clone()), Problems::new());
    received.outcome = DocumentOutcome::Waiting;
    received.warnings = vec![why.clone()];
    received.waiting = id;
    received
}

fn contradicts(change: &OrderChange) -> Received {
    let words = format!(
        "change {} of order {} came again with other content; the first waits",
        change.revision.id, change.number
    );
    let mut problems = Problems::new();
    problems.push(told(change, "REVISION_CONFLICT", words));
    let refused = Received::refused(Some(change.number.clone()), problems);
    Received { outcome: DocumentOutcome::Conflict, ..refused }
}

async fn under(
    tx: &Tx,
    scope: &Scope,
    actor: &str,
    key: &IdempotencyKey,
) -> Result<Option<waiting_change::Model>, Failure> {
    let row = in_tenant::<waiting_change::Entity>(scope)
        .filter(waiting_change::Column::Actor.eq(actor))
        .filter(waiting_change::Column::IdempotencyKey.eq(key.to_string()));
    Ok(row.lock_exclusive().one(&**tx).await?)
}

async fn begin_anew(tx: &Tx, scope: &Scope, id: WaitingChangeId) -> Result<(), Failure> {
    use waiting_change::Column;
    update_in_tenant::<waiting_change::Entity>(scope)
        .col_expr(Column::Result, Expr::value(None::<String>))
        .col_expr(Column::SettledAt, Expr::value(None::<i64>))
        .col_expr(Column::ExpiredAt, Expr::value(None::<i64>))
        .col_expr(Column::WaitsSince, Expr::value(scope.now))
        .filter(Column::Id.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Carries out what waited for these orders, as far as it need not wait any longer, in the order of its count; says
/// how much that was.
pub(in crate::orders) async fn release(scope: &BuyerScope, numbers: &[String]) -> Result<usize, Failure> {
    use waiting_change::Column;
    if numbers.is_empty() {
        return Ok(0);
    }
    let mut released = 0;
    loop {
        let tx = scope.read().await?;
        let rows = in_tenant::<waiting_change::Entity>(scope)
            .filter(Column::OrderNumber.is_in(numbers))
            .filter(Column::Result.is_null())
            .order_by_asc(Column::OrderNumber)
            .order_by_asc(Column::Sequence)
            .order_by_asc(Column::WaitsSince)
            .all(&*tx)
            .await?;
        drop(tx);
        let before = released;
        for row in rows {
            released += usize::from(try_now(scope, &row).await?);
        }
        if released == before {
            return Ok(released);
        }
    }
}

/// Carries a waiting change out if it can be. Whether it could.
async fn try_now(scope: &BuyerScope, row: &waiting_change::Model) -> Result<bool, Failure> {
    let change = kept(row)?;
    let key = IdempotencyKey::named(&row.idempotency_key);
    let request = Request { change: &change, key: &key, only_supplier: row.supplier_id, gap: Gap::Waits };
    let sender = as_sender(scope, row)?;
    match carry_out(&sender, &request).await? {
        Done::Waits(_) => Ok(false),
        Done::Now(received) => {
            settle(&sender, row.id, &received).await?;
            Ok(true)
        }
    }
}

/// The scope of whoever sent the change, at this moment.
fn as_sender(scope: &BuyerScope, row: &waiting_change::Model) -> Result<BuyerScope, Failure> {
    let actor: Actor =
        row.actor.parse().map_err(|_| Failure::Corrupt(format!("{} has no sender", row.id)))?;
    Ok(scope.as_actor(actor, Channel::Edi, scope.permissions.clone()))
}

/// Lays down what became of a waiting change, once.
async fn settle(scope: &BuyerScope, id: WaitingChangeId, received: &Received) -> Result<(), Failure> {
    use waiting_change::Column;
    let tx = scope.write().await?;
    let stored = update_in_tenant::<waiting_change::Entity>(scope)
        .col_expr(Column::Result, Expr::value(serde_json::to_string(received)?))
        .col_expr(Column::SettledAt, Expr::value(scope.now))
        .filter(Column::Id.eq(id))
        .filter(Column::Result.is_null())
        .exec(&*tx)
        .await?;
    if stored.rows_affected > 0 {
        interchanges::settled(&tx, scope, id, received).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The same for the change of a request that somebody has carried out by itself.
pub(super) async fn settle_request(
    scope: &BuyerScope,
    request: &Request<'_>,
    received: &Received,
) -> Result<(), Failure> {
    let tx = scope.read().await?;
    let row = under(&tx, scope, &scope.actor.to_string(), request.key).await?;
    drop(tx);
    match row {
        Some(row) if row.result.is_none() => settle(scope, row.id, received).await,
        _ => Ok(()),
    }
}

/// What became of a change that waited. None while it waits. Its row is held until the transaction ends.
pub(crate) async fn no_longer_waiting(
    tx: &Tx,
    scope: &Scope,
    id: WaitingChangeId,
) -> Result<Option<Received>, Failure> {
    let row = in_tenant::<waiting_change::Entity>(scope).filter(waiting_change::Column::Id.eq(id));
    let row = row.lock_exclusive().one(&**tx).await?;
    let result = row.and_then(|row| row.result);
    Ok(result.as_deref().map(serde_json::from_str).transpose()?)
}

/// Carries out what no longer has to wait and was missed, and gives up what has waited for longer than `at_most`: a
/// person is told, and it is still carried out when what it waits for comes after all.
///
/// # Errors
/// The database failed. What is done stays done.
pub async fn tend_waiting(system: &SystemScope, at_most: Duration) -> Result<usize, Failure> {
    let mut done = 0;
    for (tenant, number) in missed(system).await? {
        done += release(&tenant_scope(system, tenant)?, &[number]).await?;
    }
    let since = Timestamp::from_micros(
        system.now().micros().saturating_sub(i64::try_from(at_most.as_micros()).unwrap_or(i64::MAX)),
    );
    let tx = system.read().await?;
    let overdue = system
        .find::<waiting_change::Entity>()
        .filter(waiting_change::Column::Result.is_null())
        .filter(waiting_change::Column::ExpiredAt.is_null())
        .filter(waiting_change::Column::WaitsSince.lte(since))
        .order_by_asc(waiting_change::Column::WaitsSince)
        .limit(AT_ONCE)
        .all(&*tx)
        .await?;
    drop(tx);
    for row in overdue {
        done += 1;
        expire(&tenant_scope(system, row.tenant_id)?, &row).await?;
    }
    Ok(done)
}

fn tenant_scope(system: &SystemScope, tenant: TenantId) -> Result<BuyerScope, Failure> {
    let scope = system.in_tenant(tenant, Actor::System, &Origin::new(Channel::System));
    scope.as_buyer().ok_or_else(|| Failure::System("the system's own hand is the buyer's".to_owned()))
}

/// Orders that are there, with changes that wait for no more than they have.
async fn missed(system: &SystemScope) -> Result<BTreeSet<(TenantId, String)>, Failure> {
    use purchase_order::Column as Order;
    use waiting_change::{Column, Entity};
    let next = Expr::col((purchase_order::Entity, Order::SourceSequence)).add(1);
    let first = Func::coalesce([Expr::col((Entity, Column::Sequence)), Expr::val(0)]);
    let order = Query::select()
        .expr(Expr::val(1))
        .from(purchase_order::Entity)
        .and_where(Expr::col((purchase_order::Entity, Order::TenantId)).equals((Entity, Column::TenantId)))
        .and_where(
            Expr::col((purchase_order::Entity, Order::SupplierId)).equals((Entity, Column::SupplierId)),
        )
        .and_where(Expr::col((purchase_order::Entity, Order::Number)).equals((Entity, Column::OrderNumber)))
        .and_where(Expr::expr(first).lte(next))
        .to_owned();
    let tx = system.read().await?;
    let rows: Vec<(TenantId, String)> = system
        .find::<Entity>()
        .filter(Column::Result.is_null())
        .filter(Expr::exists(order))
        .select_only()
        .columns([Column::TenantId, Column::OrderNumber])
        .limit(AT_ONCE)
        .into_tuple()
        .all(&*tx)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Says that a change has waited too long.
async fn expire(scope: &BuyerScope, row: &waiting_change::Model) -> Result<(), Failure> {
    use waiting_change::Column;
    let change = kept(row)?;
    let tx = scope.write().await?;
    let marked = update_in_tenant::<waiting_change::Entity>(scope)
        .col_expr(Column::ExpiredAt, Expr::value(scope.now))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Result.is_null())
        .filter(Column::ExpiredAt.is_null())
        .exec(&*tx)
        .await?;
    if marked.rows_affected == 0 {
        return Ok(());
    }
    let words = match row.reason.as_str() {
        "SEQUENCE_GAP" => format!(
            "change {} of order {} has waited for the change before it, which has not come",
            change.revision.id, change.number
        ),
        _ => format!(
            "change {} has waited for order {}, which has not come",
            change.revision.id, change.number
        ),
    };
    interchanges::expired(&tx, scope, row, told(&change, &row.reason, words)).await?;
    tx.commit().await
}
