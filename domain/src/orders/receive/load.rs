//! Everything a batch of documents touches, in a fixed number of statements.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use quayside_canonical::{
    Field, Problem, Problems, PurchaseOrderId, SupplierId, order::PurchaseOrder, policy::Rules,
    states::ExceptionKind,
};
use quayside_entity::{idempotency_key, purchase_order, purchase_order_revision, supplier};
use sea_orm::{ColumnTrait, Condition, ExprTrait, QueryFilter, QuerySelect};

use super::{
    Basis, Incoming, OPERATION, Received,
    lists::{self, Lists},
    request_hash, warnings,
};
use crate::{
    BuyerScope, Failure,
    acknowledgments::query::standing_answers,
    exceptions,
    orders::{
        booked,
        revise::{Current, Known, LineState, OrderState},
    },
    store::Tx,
};

/// What was loaded, and what the documents have done to it so far.
pub(super) struct Loaded {
    suppliers: HashMap<String, (SupplierId, Rules)>,
    /// By order number.
    pub(super) orders: BTreeMap<String, OrderState>,
    /// Orders that were there before, by id, as they were.
    pub(super) before: HashMap<PurchaseOrderId, purchase_order::Model>,
    repeats: HashMap<String, (Vec<u8>, Received)>,
    lists: Lists,
}

pub(super) async fn load(tx: &Tx, scope: &BuyerScope, batch: &[Incoming]) -> Result<Loaded, Failure> {
    let documents: Vec<&PurchaseOrder> =
        batch.iter().filter_map(|document| document.order.as_ref().ok()).collect();
    let keys = batch.iter().filter_map(|document| document.key.as_ref()).map(ToString::to_string).collect();
    let repeats = repeats(tx, scope, keys).await?;
    let suppliers = suppliers(tx, scope, documents.iter().map(|order| order.supplier.as_str())).await?;
    let rows = scope
        .find::<purchase_order::Entity>()
        .filter(purchase_order::Column::Number.is_in(documents.iter().map(|order| order.number.as_str())))
        .lock_exclusive()
        .all(&**tx)
        .await?;
    let orders = states(tx, scope, &rows).await?;
    let lists = lists::load(tx, scope, &documents).await?;
    let before = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(Loaded { suppliers, orders, before, repeats, lists })
}

impl Loaded {
    /// The first answer to this document's key, when there was one.
    pub(super) fn repeat_of(
        &self,
        document: &Incoming,
        basis: Option<&Basis>,
    ) -> Result<Option<Received>, Failure> {
        let (Some(key), Ok(order)) = (&document.key, &document.order) else { return Ok(None) };
        let Some((first_hash, received)) = self.repeats.get(&key.to_string()) else { return Ok(None) };
        if *first_hash == request_hash(order, basis)? {
            return Ok(Some(Received { replayed: true, ..received.clone() }));
        }
        let message = "the idempotency key was used before for a different document";
        let problems = Problems::one("IDEMPOTENCY_KEY_REUSED", &Field::root(), message);
        Ok(Some(Received::refused(Some(order.number.clone()), problems)))
    }

    /// The document's supplier and the rules that hold for it.
    pub(super) fn supplier_for(
        &self,
        order: &PurchaseOrder,
        only: Option<SupplierId>,
    ) -> Result<(SupplierId, Rules), Problems> {
        let found = self.suppliers.get(&order.supplier).copied();
        match (found, only) {
            (Some((id, rules)), None) => Ok((id, rules)),
            (Some((id, rules)), Some(only)) if id == only => Ok((id, rules)),
            _ => {
                let message = format!("supplier `{}` is not known", order.supplier);
                Err(Problems::one("UNKNOWN_SUPPLIER", &Field::root().at("supplier"), message))
            }
        }
    }

    pub(super) fn order_mut(&mut self, number: &str, supplier: SupplierId) -> &mut OrderState {
        self.orders
            .entry(number.to_owned())
            .or_insert_with(|| OrderState::new(PurchaseOrderId::generate(), supplier))
    }

    /// Our number of the current revision of the document's order.
    pub(super) fn current_of(&self, document: &Incoming) -> Option<i32> {
        let number = &document.order.as_ref().ok()?.number;
        self.orders.get(number)?.current.as_ref().map(|current| current.number)
    }

    pub(super) fn warnings(&self, order: &PurchaseOrder) -> Vec<Problem> {
        warnings::of(order, &self.lists)
    }

    /// An order that no longer waits for an answer is no longer overdue.
    pub(super) async fn resolve_overdue(&self, tx: &Tx, scope: &BuyerScope) -> Result<(), Failure> {
        for order in self.orders.values() {
            let was = self.before.get(&order.id).is_some_and(|row| row.overdue_at.is_some());
            if was && order.overdue_at.is_none() {
                let kind = ExceptionKind::AcknowledgmentOverdue;
                exceptions::resolve(tx, scope, kind, &order.id.to_string(), "a newer revision came").await?;
            }
        }
        Ok(())
    }
}

/// Results of earlier requests with these keys.
pub(super) async fn repeats(
    tx: &Tx,
    scope: &BuyerScope,
    keys: Vec<String>,
) -> Result<HashMap<String, (Vec<u8>, Received)>, Failure> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = scope
        .find_own::<idempotency_key::Entity>()
        .filter(idempotency_key::Column::Principal.eq(scope.actor.to_string()))
        .filter(idempotency_key::Column::Operation.eq(OPERATION))
        .filter(idempotency_key::Column::Key.is_in(keys))
        .all(&**tx)
        .await?;
    rows.into_iter()
        .map(|row| Ok((row.key, (row.request_hash, serde_json::from_str(&row.result)?))))
        .collect()
}

/// Suppliers by number, each with its rules.
async fn suppliers(
    tx: &Tx,
    scope: &BuyerScope,
    numbers: impl Iterator<Item = &str>,
) -> Result<HashMap<String, (SupplierId, Rules)>, Failure> {
    let numbers: BTreeSet<&str> = numbers.collect();
    let rows =
        scope.find::<supplier::Entity>().filter(supplier::Column::Number.is_in(numbers)).all(&**tx).await?;
    let ids: Vec<SupplierId> = rows.iter().map(|row| row.id).collect();
    let rules = crate::suppliers::rules_of(tx, scope, &ids).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let rules = rules[&row.id];
            (row.number, (row.id, rules))
        })
        .collect())
}

/// Orders as revisions see them.
async fn states(
    tx: &Tx,
    scope: &BuyerScope,
    rows: &[purchase_order::Model],
) -> Result<BTreeMap<String, OrderState>, Failure> {
    if rows.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<PurchaseOrderId> = rows.iter().map(|row| row.id).collect();
    let mut known = known_revisions(tx, scope, &ids).await?;
    let mut documents = current_documents(tx, scope, rows).await?;
    let mut answers = standing_answers(tx, scope, &ids).await?;
    let mut booked = booked::load(tx, scope, &ids).await?;
    let mut states = BTreeMap::new();
    for row in rows {
        let document = documents.remove(&row.id);
        let lines = answers.remove(&row.id).unwrap_or_default();
        let lines = lines.into_iter().map(|(line, standing)| (line, LineState::from(standing))).collect();
        let state = OrderState {
            id: row.id,
            supplier: row.supplier_id,
            status: row.status,
            answer_due_at: row.answer_due_at,
            overdue_at: row.overdue_at,
            current: document.map(|document| Current { number: row.revision, document }),
            known: known.remove(&row.id).unwrap_or_default(),
            lines,
            booked: booked.remove(&row.id).unwrap_or_default(),
            filed: Vec::new(),
        };
        states.insert(row.number.clone(), state);
    }
    Ok(states)
}

async fn known_revisions(
    tx: &Tx,
    scope: &BuyerScope,
    orders: &[PurchaseOrderId],
) -> Result<HashMap<PurchaseOrderId, Vec<Known>>, Failure> {
    use purchase_order_revision::Column;
    let rows: Vec<(PurchaseOrderId, i32, String, Vec<u8>)> = scope
        .find::<purchase_order_revision::Entity>()
        .filter(Column::OrderId.is_in(orders.iter().copied()))
        .select_only()
        .columns([Column::OrderId, Column::Number, Column::SourceRevision, Column::ContentHash])
        .into_tuple()
        .all(&**tx)
        .await?;
    let mut known: HashMap<_, Vec<Known>> = HashMap::new();
    for (order, number, source_revision, content_hash) in rows {
        known.entry(order).or_default().push(Known { number, source_revision, content_hash });
    }
    Ok(known)
}

async fn current_documents(
    tx: &Tx,
    scope: &BuyerScope,
    rows: &[purchase_order::Model],
) -> Result<HashMap<PurchaseOrderId, PurchaseOrder>, Failure> {
    use purchase_order_revision::Column;
    let current = rows.iter().fold(Condition::any(), |any, row| {
        any.add(Column::OrderId.eq(row.id).and(Column::Number.eq(row.revision)))
    });
    let documents: Vec<(PurchaseOrderId, String)> = scope
        .find::<purchase_order_revision::Entity>()
        .filter(current)
        .select_only()
        .columns([Column::OrderId, Column::Document])
        .into_tuple()
        .all(&**tx)
        .await?;
    documents.into_iter().map(|(order, json)| Ok((order, serde_json::from_str(&json)?))).collect()
}
