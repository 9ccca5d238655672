//! What is to be stated to Quayside. One queue, in the order of due times: a later statement may rest on an
//! earlier one, so none overtakes while Quayside is away.
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::statement::{Statement, StatementAnswer, StatementReport};

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(crate) struct Outbox {
    statements: Vec<Statement>,
    by_id: HashMap<String, usize>,
    waiting: BTreeSet<(DateTime<Utc>, usize)>,
    trouble: Option<Trouble>,
}

/// Why and until when nothing is sent.
struct Trouble {
    reason: String,
    attempts: u32,
    until: DateTime<Utc>,
}

impl Outbox {
    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Queues it, unless it is here already.
    pub(crate) fn add(&mut self, statement: Statement) {
        if self.by_id.contains_key(&statement.id) {
            return;
        }
        let index = self.statements.len();
        self.by_id.insert(statement.id.clone(), index);
        self.waiting.insert((statement.due_at, index));
        self.statements.push(statement);
    }

    /// The next to be sent by now, which stays queued until it is settled.
    pub(crate) fn next_due(&self, now: DateTime<Utc>) -> Option<&Statement> {
        if self.trouble.as_ref().is_some_and(|trouble| trouble.until > now) {
            return None;
        }
        let (due_at, index) = self.waiting.first()?;
        (*due_at <= now).then(|| self.statements.get(*index)).flatten()
    }

    /// Quayside has judged it.
    pub(crate) fn settle(&mut self, id: &str, answer: StatementAnswer) {
        self.trouble = None;
        let Some(index) = self.by_id.get(id).copied() else { return };
        if let Some(statement) = self.statements.get_mut(index) {
            self.waiting.remove(&(statement.due_at, index));
            statement.answer = Some(answer);
        }
    }

    /// Nothing gets through: waits longer each time, and as long as Quayside asks.
    pub(crate) fn postpone(&mut self, reason: String, retry_after: Option<Duration>, now: DateTime<Utc>) {
        let attempts = self.trouble.as_ref().map_or(0, |trouble| trouble.attempts);
        let own = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(attempts)).min(LONGEST_WAIT);
        let wait = own.max(retry_after.unwrap_or_default().min(LONGEST_WAIT));
        let until = now + TimeDelta::from_std(wait).unwrap_or_default();
        self.trouble = Some(Trouble { reason, attempts: attempts + 1, until });
    }

    /// Sends it once more, as it is. Says whether it is here.
    pub(crate) fn repeat(&mut self, id: &str) -> bool {
        let Some(index) = self.by_id.get(id).copied() else { return false };
        let Some(statement) = self.statements.get(index) else { return false };
        self.waiting.insert((statement.due_at, index));
        true
    }

    pub(crate) fn report(&self) -> StatementReport {
        let mut report = StatementReport {
            waiting: self.waiting.len() as u64,
            trouble: self.trouble.as_ref().map(|trouble| trouble.reason.clone()),
            ..StatementReport::default()
        };
        for answer in self.statements.iter().filter_map(|statement| statement.answer.as_ref()) {
            match answer.outcome.as_str() {
                "UNCHANGED" => report.unchanged += 1,
                "CONFLICT" => report.conflicts += 1,
                "REFUSED" => report.refused += 1,
                _ => report.taken += 1,
            }
        }
        report
    }
}
