//! Opening exceptions, in the transaction that found out.
use std::collections::HashSet;

use quayside_canonical::{
    ExceptionId, PurchaseOrderId, SupplierId,
    events::ExceptionOpened,
    states::{ExceptionKind, ExceptionStatus, Severity},
};
use quayside_entity::exception_case;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set, sea_query::OnConflict};

use crate::{
    Failure, Scope,
    outbox::{self, About, Fact},
    scope::in_tenant,
    store::Tx,
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
    /// How bad it is.
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
    let new: Vec<(ExceptionId, NewException)> =
        new.into_iter().map(|new| (ExceptionId::generate(), new)).collect();
    let rows = new.iter().map(|(id, new)| row(scope, *id, new));
    exception_case::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&**tx)
        .await?;
    let opened = those_on_file(tx, scope, new.iter().map(|(id, _)| *id)).await?;
    let mut facts = Vec::with_capacity(opened.len());
    for (id, new) in new.into_iter().filter(|(id, _)| opened.contains(id)) {
        let about = About { subject: id.to_string(), supplier: new.supplier, order: new.order };
        let event =
            ExceptionOpened { exception: id, kind: new.kind, subject: new.subject, summary: new.summary };
        facts.push(Fact::new(about, &event)?);
    }
    outbox::append(tx, scope, facts).await?;
    Ok(opened.into_iter().collect())
}

fn row(scope: &Scope, id: ExceptionId, new: &NewException) -> exception_case::ActiveModel {
    exception_case::ActiveModel {
        id: Set(id),
        tenant_id: Set(scope.tenant),
        supplier_id: Set(new.supplier),
        order_id: Set(new.order),
        kind: Set(new.kind),
        subject: Set(new.subject.clone()),
        status: Set(ExceptionStatus::Open),
        severity: Set(new.severity),
        summary: Set(new.summary.clone()),
        detail: Set(new.detail.to_string()),
        opened_at: Set(scope.now),
        resolved_at: Set(None),
        resolved_by: Set(None),
        resolution: Set(None),
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
