//! Comparing the ledger with what the events say.
use std::collections::{BTreeMap, HashMap};

use quayside_canonical::{EventId, Micro, PurchaseOrderId, TenantId, ledger::Quantities};
use quayside_entity::{event, event_log, line_state, outbox, tenant};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{load::Key, quantities, replay::Replay};
use crate::{Failure, SystemScope, store::Tx};

/// Events of one page.
const PAGE: u64 = 1_000;

/// What a verification saw.
#[derive(Debug, Default)]
pub struct Report {
    /// Lines that were compared.
    pub lines: u64,
    /// Events that were read.
    pub events: u64,
    /// Where the ledger and the events disagree, or its numbers do not balance.
    pub mismatches: Vec<Mismatch>,
}

/// A line whose ledger is not what its events say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// In whose ledger.
    pub tenant: TenantId,
    /// The order.
    pub order: PurchaseOrderId,
    /// The line.
    pub line: String,
    /// What the ledger says.
    pub recorded: Quantities,
    /// What the events say; none when they know no such line.
    pub recomputed: Option<Quantities>,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} line {}: ", self.tenant, self.order, self.line)?;
        let Some(recomputed) = &self.recomputed else { return f.write_str("no event knows this line") };
        if self.recorded == *recomputed {
            return f.write_str("the numbers do not balance");
        }
        let differing = fields(&self.recorded).into_iter().zip(fields(recomputed));
        let differing = differing.filter(|((_, recorded), (_, recomputed))| recorded != recomputed);
        let words: Vec<String> = differing
            .map(|((name, recorded), (_, recomputed))| {
                format!("{name} is {recorded}, the events say {recomputed}")
            })
            .collect();
        f.write_str(&words.join("; "))
    }
}

fn fields(of: &Quantities) -> [(&'static str, Micro); 13] {
    [
        ("ordered", of.ordered),
        ("cancelled", of.cancelled),
        ("acknowledged", of.acknowledged),
        ("backordered", of.backordered),
        ("shipped", of.shipped),
        ("in transit", of.in_transit),
        ("received", of.received),
        ("accepted", of.accepted),
        ("held", of.held),
        ("rejected", of.rejected),
        ("returned", of.returned),
        ("short-closed", of.short_closed),
        ("invoiced", of.invoiced),
    ]
}

/// Recomputes every tenant's ledger from its events and compares. On a server that takes changes meanwhile, a line
/// that is being changed can show as a mismatch: verify again.
///
/// # Errors
/// The database failed, or an event cannot be read.
pub async fn verify(system: &SystemScope) -> Result<Report, Failure> {
    let mut report = Report::default();
    let tx = system.read().await?;
    let tenants: Vec<TenantId> = system
        .find::<tenant::Entity>()
        .select_only()
        .column(tenant::Column::Id)
        .order_by_asc(tenant::Column::Id)
        .into_tuple()
        .all(&*tx)
        .await?;
    for tenant in tenants {
        let recorded = recorded(&tx, system, tenant).await?;
        let replay = replay(&tx, system, tenant, &mut report.events).await?;
        compare(tenant, &recorded, &replay.quantities(), &mut report);
    }
    Ok(report)
}

fn compare(
    tenant: TenantId,
    recorded: &BTreeMap<Key, Quantities>,
    recomputed: &BTreeMap<Key, Quantities>,
    report: &mut Report,
) {
    for ((order, line), recorded) in recorded {
        report.lines += 1;
        let recomputed = recomputed.get(&(*order, line.clone())).copied();
        if recomputed != Some(*recorded) || !recorded.balances() {
            let line = line.clone();
            report.mismatches.push(Mismatch { tenant, order: *order, line, recorded: *recorded, recomputed });
        }
    }
}

async fn recorded(
    tx: &Tx,
    system: &SystemScope,
    tenant: TenantId,
) -> Result<BTreeMap<Key, Quantities>, Failure> {
    let rows = system.find::<line_state::Entity>().filter(line_state::Column::TenantId.eq(tenant));
    let rows = rows.all(&**tx).await?;
    Ok(rows.into_iter().map(|row| ((row.order_id, row.line.clone()), quantities(&row))).collect())
}

/// Reads a tenant's events in the order of its log, then those that dispatch has not placed yet.
async fn replay(tx: &Tx, system: &SystemScope, tenant: TenantId, read: &mut u64) -> Result<Replay, Failure> {
    let mut replay = Replay::default();
    let mut after = 0;
    loop {
        let places: Vec<(i64, EventId)> = system
            .find::<event_log::Entity>()
            .filter(event_log::Column::TenantId.eq(tenant))
            .filter(event_log::Column::Position.gt(after))
            .order_by_asc(event_log::Column::Position)
            .limit(PAGE)
            .select_only()
            .columns([event_log::Column::Position, event_log::Column::EventId])
            .into_tuple()
            .all(&**tx)
            .await?;
        let Some((last, _)) = places.last() else { break };
        after = *last;
        *read += take(tx, system, &mut replay, places.into_iter().map(|(_, event)| event).collect()).await?;
    }
    let waiting: Vec<EventId> = system
        .find::<outbox::Entity>()
        .filter(outbox::Column::TenantId.eq(tenant))
        .order_by_asc(outbox::Column::Id)
        .select_only()
        .column(outbox::Column::EventId)
        .into_tuple()
        .all(&**tx)
        .await?;
    for page in waiting.chunks(1_000) {
        *read += take(tx, system, &mut replay, page.to_vec()).await?;
    }
    Ok(replay)
}

/// Takes the events of these ids, in their order.
async fn take(tx: &Tx, system: &SystemScope, replay: &mut Replay, ids: Vec<EventId>) -> Result<u64, Failure> {
    let rows = system.find::<event::Entity>().filter(event::Column::Id.is_in(ids.iter().copied()));
    let mut events: HashMap<EventId, event::Model> =
        rows.all(&**tx).await?.into_iter().map(|event| (event.id, event)).collect();
    let mut read = 0;
    for event in ids.iter().filter_map(|id| events.remove(id)) {
        replay.take(&event)?;
        read += 1;
    }
    Ok(read)
}
