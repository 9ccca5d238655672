//! Opening exceptions, in the transaction that found out.
use std::collections::HashSet;

use quayside_canonical::{
    ExceptionId, PurchaseOrderId, SupplierId,
    events::ExceptionOpened,
    exception::ExceptionAction,
    states::{ExceptionKind, ExceptionStatus, Severity},
};
use quayside_entity::exception_case;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, QuerySelect, sea_query::OnConflict,
};

use super::{
    routing::Routes,
    step::{Made, about, news, owner_of, record},
};
use crate::{
    Failure, Scope, notifications,
    outbox::{self, Fact},
    scope::in_tenant,
    store::{Tx, upsert},
};

/// Something that went wrong.
#[derive(Clone, Debug)]
pub struct NewException {
    /// What kind of thing.
    pub kind: ExceptionKind,
    /// What it is about, by its shown id or its natural name.
    pub subject: String,
    /// The supplier it concerns.
    pub supplier: Option<SupplierId>,
    /// The order it concerns.
    pub order: Option<PurchaseOrderId>,
    /// How bad it is, where no route of the tenant says otherwise.
    pub severity: Severity,
    /// What is wrong, in one sentence for people.
    pub summary: String,
    /// What programs and the curious want to know.
    pub detail: serde_json::Value,
}

/// Opens an exception. None when its cause has an open one already.
///
/// # Errors
/// The database failed.
pub async fn open(tx: &Tx, scope: &Scope, new: NewException) -> Result<Option<ExceptionId>, Failure> {
    Ok(open_many(tx, scope, vec![new]).await?.pop())
}

/// Opens each exception whose cause has no open one, and says which those are.
///
/// # Errors
/// The database failed.
pub async fn open_many(
    tx: &Tx,
    scope: &Scope,
    mut new: Vec<NewException>,
) -> Result<Vec<ExceptionId>, Failure> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    // In one order for all: two that open the same causes wait for each other once, not in a circle.
    new.sort_by(|a, b| (a.kind, &a.subject).cmp(&(b.kind, &b.subject)));
    let routes = Routes::load(tx, scope).await?;
    let rows: Vec<_> = new.into_iter().map(|new| row(scope, &routes, new)).collect();
    let wanted = rows.iter().map(|row| row.clone().into_active_model().reset_all()).collect();
    upsert(tx, wanted, OnConflict::new().do_nothing()).await?;
    let opened = those_on_file(tx, scope, rows.iter().map(|row| row.id)).await?;
    let (mut facts, mut made, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows.iter().filter(|row| opened.contains(&row.id)) {
        let event = ExceptionOpened {
            exception: row.id,
            kind: row.kind,
            subject: row.subject.clone(),
            summary: row.summary.clone(),
            severity: Some(row.severity),
            owner: Some(row.owner_kind),
            due_at: row.due_at,
        };
        let fact = Fact::new(about(row), &event)?.first_of_its_subject();
        told.push(news(row, fact.id, owner_of(row), "A new exception is yours to see to."));
        made.push(Made::new(row, ExceptionAction::Opened, fact.id));
        facts.push(fact);
    }
    outbox::append(tx, scope, facts).await?;
    record(tx, scope, made).await?;
    notifications::tell(tx, scope, told).await?;
    Ok(opened.into_iter().collect())
}

fn row(scope: &Scope, routes: &Routes, new: NewException) -> exception_case::Model {
    let route = routes.of(new.kind, new.supplier, new.severity, scope.now);
    exception_case::Model {
        id: ExceptionId::generate(),
        tenant_id: scope.tenant,
        supplier_id: new.supplier,
        order_id: new.order,
        kind: new.kind,
        subject: new.subject,
        status: ExceptionStatus::Open,
        severity: route.severity,
        summary: new.summary,
        detail: new.detail.to_string(),
        opened_at: scope.now,
        resolved_at: None,
        resolved_by: None,
        resolution: None,
        owner_kind: route.owner,
        owner_user_id: route.person,
        due_at: Some(route.due_at),
        escalated_at: None,
        proof_event_id: None,
        transitions: 1,
    }
}

async fn those_on_file(
    tx: &Tx,
    scope: &Scope,
    ids: impl Iterator<Item = ExceptionId>,
) -> Result<HashSet<ExceptionId>, Failure> {
    let found = in_tenant::<exception_case::Entity>(scope)
        .filter(exception_case::Column::Id.is_in(ids))
        .select_only()
        .column(exception_case::Column::Id)
        .into_tuple::<ExceptionId>()
        .all(&**tx)
        .await?;
    Ok(found.into_iter().collect())
}
