//! Verifying every tenant's log.
use std::{collections::HashMap, fmt};

use quayside_canonical::{EventId, TenantId};
use quayside_entity::{event, event_head, event_log, tenant};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, Statement};

use super::{
    anchor::{Anchor, hex},
    chain::{Place, Walk},
};
use crate::{Failure, SystemScope};

/// Places of one page.
const PAGE: u64 = 1_000;

/// After so many findings there is nothing left to learn.
pub const MAX_FINDINGS: usize = 1_000;

/// What the verification saw.
#[derive(Debug, Default)]
pub struct Report {
    /// Logs that were read.
    pub tenants: usize,
    /// Events whose hash was recomputed.
    pub events: u64,
    /// Anchors that were compared.
    pub anchors: usize,
    /// What is wrong: nothing, if all is well. At most [`MAX_FINDINGS`].
    pub findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// In whose log.
    pub tenant: TenantId,
    /// Where.
    pub position: i64,
    /// What.
    pub wrong: Wrong,
}

/// What is wrong with a place of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The event there is not the one that was logged: it was edited, or put in.
    Changed,
    /// The event there was logged at another place.
    Reordered,
    /// The places from here on are not there.
    Removed {
        /// The last of them.
        until: i64,
    },
    /// The place is there, its event is not.
    EventGone,
    /// The log ends here, before its head.
    CutOff {
        /// Where the head says that it ends.
        head: i64,
    },
    /// The head does not say what the log says here.
    HeadDiffers,
    /// An event that is not in the log, and does not wait to be.
    NotLogged(EventId),
    /// The hash here is not the one that was written down at the time.
    AnchorDiffers,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at position {}: ", self.tenant, self.position)?;
        match &self.wrong {
            Wrong::Changed => f.write_str("the event is not the one that was logged"),
            Wrong::Reordered => f.write_str("the event was logged at another position"),
            Wrong::Removed { until } => write!(f, "removed up to position {until}"),
            Wrong::EventGone => f.write_str("the event is gone"),
            Wrong::CutOff { head } => write!(f, "the log ends here, but its head is at {head}"),
            Wrong::HeadDiffers => f.write_str("the head does not match the log"),
            Wrong::NotLogged(event) => write!(f, "{event} was recorded but is not in the log"),
            Wrong::AnchorDiffers => f.write_str("the hash is not the one of the anchor"),
        }
    }
}

/// Recomputes the chain of every tenant, and compares it with its head and with `anchors`.
///
/// Reads page by page beside running work: what is logged meanwhile is left for the next time.
///
/// # Errors
/// The database failed. That something is wrong with the log is no error but a finding.
pub async fn verify(system: &SystemScope, anchors: &[Anchor]) -> Result<Report, Failure> {
    let mut report = Report::default();
    let tenants: Vec<TenantId> = system
        .find::<tenant::Entity>()
        .select_only()
        .column(tenant::Column::Id)
        .order_by_asc(tenant::Column::Id)
        .into_tuple()
        .all(system.store().worker())
        .await?;
    for gone in anchors.iter().filter(|anchor| !tenants.contains(&anchor.tenant)) {
        let wrong = Wrong::AnchorDiffers;
        report.findings.push(Finding { tenant: gone.tenant, position: gone.position, wrong });
    }
    for tenant in tenants {
        let anchors = anchors.iter().filter(|anchor| anchor.tenant == tenant);
        let log = Log { system, tenant, anchors: anchors.collect() };
        log.verify(&mut report).await?;
        report.tenants += 1;
    }
    report.findings.truncate(MAX_FINDINGS);
    Ok(report)
}

/// One tenant's log.
struct Log<'a> {
    system: &'a SystemScope,
    tenant: TenantId,
    anchors: Vec<&'a Anchor>,
}

impl Log<'_> {
    async fn verify(&self, report: &mut Report) -> Result<(), Failure> {
        let head = self.head().await?;
        let end = head.as_ref().map_or(0, |head| head.position);
        let mut walk = Walk::new();
        let mut met = 0;
        while walk.position < end && report.findings.len() < MAX_FINDINGS {
            let places = self.page(walk.position, end).await?;
            if places.is_empty() {
                break;
            }
            report.events += places.len() as u64;
            let wrong = walk.on(&places);
            report.findings.extend(wrong.into_iter().map(|(position, wrong)| self.finding(position, wrong)));
            met += self.compare(&places, report);
        }
        if report.findings.len() >= MAX_FINDINGS {
            return Ok(());
        }
        if walk.position < end {
            report.findings.push(self.finding(walk.position, Wrong::CutOff { head: end }));
        } else if head.is_some_and(|head| head.hash != walk.hash) {
            report.findings.push(self.finding(walk.position, Wrong::HeadDiffers));
        }
        self.look_behind(report).await?;
        if met < self.anchors.len() {
            // An anchor beyond the end of the log: it was longer once.
            let beyond = self.anchors.iter().filter(|anchor| anchor.position > walk.position);
            report.findings.extend(beyond.map(|it| self.finding(it.position, Wrong::AnchorDiffers)));
        }
        Ok(())
    }

    async fn head(&self) -> Result<Option<event_head::Model>, Failure> {
        let heads = self.system.find::<event_head::Entity>();
        let head = heads.filter(event_head::Column::TenantId.eq(self.tenant));
        Ok(head.one(self.system.store().worker()).await?)
    }

    async fn page(&self, after: i64, end: i64) -> Result<Vec<Place>, Failure> {
        let db = self.system.store().worker();
        let rows = self
            .system
            .find::<event_log::Entity>()
            .filter(event_log::Column::TenantId.eq(self.tenant))
            .filter(event_log::Column::Position.gt(after))
            .filter(event_log::Column::Position.lte(end))
            .order_by_asc(event_log::Column::Position)
            .limit(PAGE)
            .all(db)
            .await?;
        let events = self.system.find::<event::Entity>();
        let events = events.filter(event::Column::Id.is_in(rows.iter().map(|row| row.event_id)));
        let mut events: HashMap<EventId, event::Model> =
            events.all(db).await?.into_iter().map(|event| (event.id, event)).collect();
        let place = |row: event_log::Model| {
            let event = events.remove(&row.event_id);
            (row, event)
        };
        Ok(rows.into_iter().map(place).collect())
    }

    /// Compares the anchors that lie in `places`, and says how many do.
    fn compare(&self, places: &[Place], report: &mut Report) -> usize {
        let (Some((first, _)), Some((last, _))) = (places.first(), places.last()) else { return 0 };
        let range = first.position..=last.position;
        let mut met = 0;
        for anchor in self.anchors.iter().filter(|anchor| range.contains(&anchor.position)) {
            let row = places.iter().find(|(row, _)| row.position == anchor.position);
            if row.is_none_or(|(row, _)| hex(&row.hash) != anchor.hash) {
                report.findings.push(self.finding(anchor.position, Wrong::AnchorDiffers));
            }
            met += 1;
            report.anchors += 1;
        }
        met
    }

    /// Looks for what lies behind the head, and for an event that lies nowhere.
    async fn look_behind(&self, report: &mut Report) -> Result<(), Failure> {
        let last = self.last_position().await?;
        let end = self.head().await?.map_or(0, |head| head.position);
        if last > end {
            report.findings.push(self.finding(end, Wrong::HeadDiffers));
        }
        if let Some(event) = self.not_logged().await? {
            report.findings.push(self.finding(end, Wrong::NotLogged(event)));
        }
        Ok(())
    }

    async fn last_position(&self) -> Result<i64, Failure> {
        let last: Option<i64> = self
            .system
            .find::<event_log::Entity>()
            .filter(event_log::Column::TenantId.eq(self.tenant))
            .order_by_desc(event_log::Column::Position)
            .select_only()
            .column(event_log::Column::Position)
            .into_tuple()
            .one(self.system.store().worker())
            .await?;
        Ok(last.unwrap_or_default())
    }

    /// One event of the tenant that is neither in the log nor in the outbox. One statement, so that dispatch
    /// cannot move it meanwhile.
    async fn not_logged(&self) -> Result<Option<EventId>, Failure> {
        let sql = "select e.id from event e where e.tenant_id = $1 \
            and not exists (select 1 from event_log l where l.event_id = e.id) \
            and not exists (select 1 from outbox o where o.event_id = e.id) limit 1";
        let store = self.system.store();
        let statement = Statement::from_sql_and_values(store.backend(), sql, [self.tenant.into()]);
        let row = store.worker().query_one_raw(statement).await?;
        Ok(row.map(|row| row.try_get("", "id")).transpose()?)
    }

    const fn finding(&self, position: i64, wrong: Wrong) -> Finding {
        Finding { tenant: self.tenant, position, wrong }
    }
}
