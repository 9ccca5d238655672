//! The books: records by entity and number, what was handed over, the history, and what there is to tell.
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, SecondsFormat, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::OracleFault;
use super::message::Output;
use super::tree::Node;

/// `status_id` of a shipment: nothing received yet.
pub(super) const IN_TRANSIT: i64 = 10;
/// Receiving began.
pub(super) const RECEIVING: i64 = 20;
/// Verified.
pub(super) const VERIFIED: i64 = 40;

/// A record: its fields as they were sent, and what became of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    pub(super) id: u64,
    pub(super) fields: BTreeMap<String, String>,
    pub(super) status: i64,
    pub(super) details: BTreeMap<i64, Detail>,
    pub(super) at: DateTime<Utc>,
    /// When it last changed.
    pub(super) changed: DateTime<Utc>,
}

impl Record {
    pub(super) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// A detail, and what was received of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Detail {
    pub(super) fields: BTreeMap<String, String>,
    pub(super) received: Decimal,
    pub(super) lock: String,
}

impl Detail {
    pub(super) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// One change of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    /// `ib_shipment`, `purchase_order` or `appointment`.
    pub entity: String,
    /// Its number.
    pub number: String,
    /// `CREATE`, `UPDATE` or `DELETE`.
    pub action: String,
    /// What the change carried in `cust_field_1`.
    pub mark: String,
}

/// The verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Changes.
    pub effects: usize,
    /// Changes that were made twice: the same mark and action for the same record. Must be 0.
    pub doubles: usize,
    /// Documents that wait to be worked on.
    pub staged: usize,
    /// Messages that wait to be told.
    pub untold: usize,
}

/// Goods that arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Goods {
    /// The detail, by its number.
    pub detail: i64,
    /// How much, as a decimal.
    pub quantity: String,
    /// What locks it; nothing when it is good.
    #[serde(default)]
    pub lock: String,
}

/// Why goods were not received.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotReceived(pub(super) String);

/// A record of the history.
#[derive(Debug, Clone)]
pub(super) struct Activity {
    pub(super) id: u64,
    pub(super) group: u64,
    pub(super) sequence: u64,
    pub(super) code: u32,
    pub(super) facility: String,
    pub(super) shipment: String,
    pub(super) detail: Detail,
    pub(super) before: Decimal,
    pub(super) change: Decimal,
    pub(super) at: DateTime<Utc>,
    pub(super) told: bool,
}

#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) records: BTreeMap<(&'static str, String), Record>,
    pub(super) effects: Vec<Effect>,
    pub(super) staged: Vec<Node>,
    pub(super) history: Vec<Activity>,
    pub(super) outputs: Vec<Output>,
    pub(super) faults: VecDeque<OracleFault>,
    pub(super) tokens: BTreeSet<String>,
    counter: u64,
}

impl Books {
    pub(super) fn next_id(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    pub(super) fn next_message(&mut self) -> u64 {
        self.next_id()
    }

    pub(super) fn report(&self) -> Report {
        let mut seen = BTreeSet::new();
        let key = |effect: &Effect| {
            (effect.entity.clone(), effect.number.clone(), effect.mark.clone(), effect.action.clone())
        };
        let doubles = self.effects.iter().filter(|effect| !seen.insert(key(effect))).count();
        let untold = self.outputs.iter().filter(|output| !output.told).count();
        Report { effects: self.effects.len(), doubles, staged: self.staged.len(), untold }
    }

    /// The next fault, used up by one.
    pub(super) fn take_fault(&mut self) -> Option<OracleFault> {
        let mut fault = self.faults.pop_front()?;
        let taken = fault.clone();
        fault.count = fault.count.saturating_sub(1);
        if fault.count > 0 {
            self.faults.push_front(fault);
        }
        Some(taken)
    }

    fn shipment(&mut self, number: &str) -> Result<&mut Record, NotReceived> {
        let found = self.records.get_mut(&("ib_shipment", number.to_owned()));
        found.ok_or_else(|| NotReceived(format!("there is no shipment {number}")))
    }

    pub(super) fn receive(
        &mut self,
        number: &str,
        goods: &[Goods],
        now: DateTime<Utc>,
    ) -> Result<(), NotReceived> {
        let record = self.shipment(number)?;
        let whole = |(seq, detail): (&i64, &Detail)| Goods {
            detail: *seq,
            quantity: detail.field("shipped_qty").to_owned(),
            lock: String::new(),
        };
        let all: Vec<Goods> = record.details.iter().map(whole).collect();
        let goods = if goods.is_empty() { all.as_slice() } else { goods };
        for one in goods {
            self.book(number, one.detail, (&one.quantity, &one.lock, 1), now)?;
        }
        Ok(())
    }

    pub(super) fn adjust(
        &mut self,
        number: &str,
        detail: i64,
        (by, code): (i64, u32),
        now: DateTime<Utc>,
    ) -> Result<(), NotReceived> {
        self.book(number, detail, (&by.to_string(), "", code), now)
    }

    fn book(
        &mut self,
        number: &str,
        seq: i64,
        (quantity, lock, code): (&str, &str, u32),
        now: DateTime<Utc>,
    ) -> Result<(), NotReceived> {
        let (id, group) = (self.next_id(), 556_000 + self.history.len() as u64);
        let change: Decimal =
            quantity.parse().map_err(|_| NotReceived(format!("{quantity} is no number")))?;
        let record = self.shipment(number)?;
        let facility = record.field("facility_code").to_owned();
        record.status = record.status.max(RECEIVING);
        let detail =
            record.details.get_mut(&seq).ok_or_else(|| NotReceived(format!("there is no detail {seq}")))?;
        let before = detail.received;
        detail.received += change;
        if !lock.is_empty() {
            detail.lock = lock.to_owned();
        }
        let detail = Detail { lock: lock.to_owned(), ..detail.clone() };
        let activity = Activity {
            id,
            group,
            sequence: 1,
            code,
            facility,
            shipment: number.to_owned(),
            detail,
            before,
            change,
            at: now,
            told: false,
        };
        self.history.push(activity);
        Ok(())
    }

    pub(super) fn verify(&mut self, number: &str) -> Result<Record, NotReceived> {
        let record = self.shipment(number)?;
        if record.status == VERIFIED {
            return Err(NotReceived(format!("shipment {number} is verified")));
        }
        record.status = VERIFIED;
        Ok(record.clone())
    }

    /// What of the history was not told yet; it is from now on.
    pub(super) fn untold(&mut self) -> Vec<Activity> {
        let untold = self.history.iter_mut().filter(|activity| !activity.told);
        untold
            .map(|activity| {
                activity.told = true;
                activity.clone()
            })
            .collect()
    }

    pub(super) fn decide(
        &mut self,
        number: &str,
        status: i64,
        start: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), NotReceived> {
        let found = self.records.get_mut(&("appointment", number.to_owned()));
        let record = found.ok_or_else(|| NotReceived(format!("there is no appointment {number}")))?;
        (record.status, record.changed) = (status, now);
        if let Some(start) = start {
            record.fields.insert("planned_start_ts".to_owned(), start.to_owned());
        }
        Ok(())
    }
}

/// A moment as `lgfapi` writes it.
pub(super) fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
