//! Messages to operations, in the order of the file.
use quayside_canonical::{
    Field, Problem, Problems, SupplierId, TradingPartnerId,
    goods_statement::{ReceiptStatement, ShipmentStatement},
    order::PurchaseOrder,
    order_change::OrderChange,
    statement::AcknowledgmentStatement,
    states::DocumentOutcome,
};
use quayside_connectors::edi::{self, Command};
use quayside_domain::{
    BuyerScope, Failure,
    acknowledgments::{self, Stated, SubmitError, state::unknown_order},
    exchange::{self, Heard},
    idempotency::{ClaimError, IdempotencyKey},
    interchanges::{MessageRecord, MessageResult, stage_of},
    orders::{self, Incoming, Received},
    receipts,
    shipments::{self, ShipmentError},
};

use super::read::{Item, Work};

/// On whose behalf messages act.
pub(super) struct Acting<'a> {
    pub(super) scope: &'a BuyerScope,
    /// The partner, where it is known.
    pub(super) partner: Option<TradingPartnerId>,
    /// The partner's supplier. Without one nothing acts.
    pub(super) supplier: Option<SupplierId>,
    /// Whether the interchange was begun before: what is found done was done for it.
    pub(super) resumed: bool,
    /// Whether a person decided that changes do not wait for those before them.
    pub(super) forced: bool,
}

impl Acting<'_> {
    /// Carries out messages. Orders that follow each other share a transaction.
    pub(super) async fn act(&self, items: Vec<Item>) -> Result<Vec<MessageRecord>, Failure> {
        let mut records = Vec::with_capacity(items.len());
        let mut orders: Vec<(MessageRecord, PurchaseOrder)> = Vec::new();
        for mut item in items {
            let work = std::mem::replace(&mut item.work, Work::Skip(Vec::new()));
            let mut record = record_of(item);
            match (work, self.supplier) {
                (Work::Do(Command::Order(order)), Some(_)) => {
                    orders.push((record, *order));
                    continue;
                }
                (Work::Do(command), Some(supplier)) => {
                    records.extend(self.take_orders(&mut orders).await?);
                    self.carry_out(supplier, command, &mut record).await?;
                }
                (Work::Do(_), None) => {
                    return Err(Failure::System("a message of nobody's was to be carried out".to_owned()));
                }
                (Work::Skip(problems), _) => record.result.problems = problems,
                (Work::Refuse(problems), _) => {
                    record.result.problems = problems;
                    record.needs_person = true;
                }
            }
            records.push(record);
        }
        records.extend(self.take_orders(&mut orders).await?);
        records.sort_by_key(|record| record.place);
        Ok(records)
    }

    /// The partner whose word a report or an advice is.
    fn partner(&self) -> Result<TradingPartnerId, Failure> {
        self.partner.ok_or_else(|| Failure::System("a message of nobody's was to be carried out".to_owned()))
    }

    async fn carry_out(
        &self,
        supplier: SupplierId,
        command: Command,
        record: &mut MessageRecord,
    ) -> Result<(), Failure> {
        match command {
            Command::Order(order) => {
                let mut orders = vec![(record.clone(), *order)];
                if let Some(done) = self.take_orders(&mut orders).await?.pop() {
                    *record = done;
                }
            }
            Command::Change(change) => self.change(supplier, &change, record).await?,
            Command::Answer(statement) => self.answer(supplier, &statement, record).await?,
            Command::Shipment(statement) => self.ship(supplier, &statement, record).await?,
            Command::Receipt(statement) => self.receive(supplier, &statement, record).await?,
            Command::Report(report) => {
                let heard = exchange::hear_report(self.scope, self.partner()?, &report).await?;
                take_over_heard(record, heard);
            }
            Command::Advice(advice) => {
                let heard = exchange::hear_advice(self.scope, self.partner()?, &advice).await?;
                take_over_heard(record, heard);
            }
        }
        Ok(())
    }

    /// An order's own identity keeps it from being taken twice, so it needs no key.
    async fn take_orders(
        &self,
        waiting: &mut Vec<(MessageRecord, PurchaseOrder)>,
    ) -> Result<Vec<MessageRecord>, Failure> {
        let (mut records, orders): (Vec<_>, Vec<_>) = std::mem::take(waiting).into_iter().unzip();
        if orders.is_empty() {
            return Ok(records);
        }
        let only_supplier = self.supplier;
        let documents: Vec<Incoming> =
            orders.into_iter().map(|order| Incoming { order: Ok(order), key: None, only_supplier }).collect();
        let results = orders::receive(self.scope, &documents).await?;
        for (record, received) in records.iter_mut().zip(results) {
            // What it refuses, the operation has told already.
            let received = at_number(received, &record.result.message_type);
            take_over(record, received);
        }
        Ok(records)
    }

    async fn change(
        &self,
        supplier: SupplierId,
        change: &OrderChange,
        record: &mut MessageRecord,
    ) -> Result<(), Failure> {
        let key = key_of(record);
        let mut received = match self.forced {
            true => orders::force_change(self.scope, change, &key, Some(supplier)).await?,
            false => orders::receive_change(self.scope, change, &key, Some(supplier)).await?,
        };
        if received.replayed && !self.resumed {
            received.outcome = DocumentOutcome::Unchanged;
        }
        // A conflict with what is on file, the operation has told already; with what waits, nobody has.
        let is_untold = received.outcome == DocumentOutcome::Conflict && received.order.is_none();
        let is_refused = matches!(received.outcome, DocumentOutcome::Refused | DocumentOutcome::Late);
        record.needs_person = is_refused || is_untold;
        record.waiting = received.waiting;
        take_over(record, received);
        Ok(())
    }

    async fn answer(
        &self,
        supplier: SupplierId,
        statement: &AcknowledgmentStatement,
        record: &mut MessageRecord,
    ) -> Result<(), Failure> {
        let scope = self.scope.acting_for(supplier);
        let problems = match acknowledgments::state(&scope, statement, &key_of(record)).await {
            Ok(stated) => {
                self.take_over_answer(record, stated);
                return Ok(());
            }
            Err(SubmitError::OrderNotFound) => unknown_order(statement),
            Err(SubmitError::Refused(problems)) => problems,
            Err(error @ SubmitError::Forbidden) => {
                Problems::one("FORBIDDEN", &statement.place, error.to_string())
            }
            Err(error @ SubmitError::StaleRevision { .. }) => {
                Problems::one("STALE_REVISION", &statement.place, error.to_string())
            }
            Err(SubmitError::Key(error @ ClaimError::KeyReused)) => {
                Problems::one("CONFLICT", &statement.place, error.to_string())
            }
            Err(SubmitError::Key(error @ ClaimError::InProgress)) => {
                return Err(Failure::System(error.to_string()));
            }
            Err(SubmitError::Key(ClaimError::Internal(failure)) | SubmitError::Internal(failure)) => {
                return Err(failure);
            }
        };
        record.result.problems = located(problems.into_vec());
        record.needs_person = true;
        Ok(())
    }

    async fn ship(
        &self,
        supplier: SupplierId,
        statement: &ShipmentStatement,
        record: &mut MessageRecord,
    ) -> Result<(), Failure> {
        let scope = self.scope.acting_for(supplier);
        let problems = match shipments::state(&scope, statement, &key_of(record)).await {
            Ok(stated) => {
                let (handled, is_news) = match stated {
                    shipments::Stated::News(handled) => (handled, true),
                    shipments::Stated::Known(handled) => (handled, self.resumed),
                };
                let outcome = if is_news { DocumentOutcome::Recorded } else { DocumentOutcome::Unchanged };
                became(record, outcome);
                record.result.subject = handled.shipment.map(|shipment| shipment.to_string());
                return Ok(());
            }
            Err(ShipmentError::Refused(problems)) => problems,
            Err(error @ ShipmentError::Forbidden) => {
                Problems::one("FORBIDDEN", &statement.place, error.to_string())
            }
            Err(error @ ShipmentError::NotFound) => {
                Problems::one("UNKNOWN_SHIPMENT", &statement.place, error.to_string())
            }
            Err(error @ ShipmentError::StaleVersion { .. }) => {
                Problems::one("STALE_VERSION", &statement.place, error.to_string())
            }
            Err(ShipmentError::Key(error @ ClaimError::KeyReused)) => {
                Problems::one("CONFLICT", &statement.place, error.to_string())
            }
            Err(ShipmentError::Key(error @ ClaimError::InProgress)) => {
                return Err(Failure::System(error.to_string()));
            }
            Err(ShipmentError::Key(ClaimError::Internal(failure)) | ShipmentError::Internal(failure)) => {
                return Err(failure);
            }
        };
        record.result.problems = located(problems.into_vec());
        record.needs_person = true;
        Ok(())
    }

    async fn receive(
        &self,
        supplier: SupplierId,
        statement: &ReceiptStatement,
        record: &mut MessageRecord,
    ) -> Result<(), Failure> {
        let recorded = receipts::state(self.scope, statement, supplier).await?;
        record.needs_person = recorded.outcome == DocumentOutcome::Refused;
        became(record, recorded.outcome);
        record.result.subject = recorded.id;
        record.result.problems = located(recorded.problems);
        record.result.warnings.extend(located(recorded.warnings));
        Ok(())
    }

    fn take_over_answer(&self, record: &mut MessageRecord, stated: Stated) {
        let is_news = stated.acknowledgment.is_some() && (!stated.replayed || self.resumed);
        became(record, if is_news { DocumentOutcome::Answered } else { DocumentOutcome::Unchanged });
        let answer = stated.acknowledgment.map(|answer| answer.to_string());
        record.result.subject = answer.or_else(|| stated.order.map(|order| order.to_string()));
        record.result.warnings.extend(located(stated.warnings));
        record.order = stated.order;
    }
}

/// A message that is refused as long as nothing better is known.
pub(super) fn record_of(item: Item) -> MessageRecord {
    let result = MessageResult {
        message_type: item.message_type,
        group: item.group,
        control_number: item.control_number,
        business_key: item.key,
        stage: item.stage,
        outcome: DocumentOutcome::Refused,
        subject: None,
        problems: Vec::new(),
        warnings: item.warnings,
    };
    MessageRecord {
        place: item.place,
        result,
        order: None,
        needs_person: false,
        bytes: item.bytes,
        waiting: None,
    }
}

/// What the rules made of a message.
fn became(record: &mut MessageRecord, outcome: DocumentOutcome) {
    record.result.outcome = outcome;
    record.result.stage = stage_of(outcome);
}

/// What is about nothing we know is for a person, and kept either way.
fn take_over_heard(record: &mut MessageRecord, heard: Heard) {
    record.needs_person = !heard.problems.is_empty();
    let outcome = if record.needs_person { DocumentOutcome::Refused } else { DocumentOutcome::Recorded };
    became(record, outcome);
    record.result.subject = heard.subject;
    record.result.problems = located(heard.problems);
}

fn take_over(record: &mut MessageRecord, received: Received) {
    became(record, received.outcome);
    record.result.subject = received.order.map(|order| order.to_string());
    record.result.problems = located(received.problems);
    record.result.warnings.extend(located(received.warnings));
    record.order = received.order;
}

/// What is wrong with an order as a whole is told at its number, BEG03 or BGM 1004: the second segment.
pub(super) fn at_number(mut received: Received, message_type: &str) -> Received {
    if received.outcome == DocumentOutcome::Conflict {
        let words = "the order came before with other content; the first stays";
        received.problems.extend(Problems::one("REVISION_CONFLICT", &Field::root(), words).into_vec());
    }
    let place = if message_type == "850" { ["2", "BEG", "03"] } else { ["2", "BGM", "02"] };
    for problem in &mut received.problems {
        problem.field = place.map(str::to_owned).to_vec();
    }
    received
}

fn located(problems: Vec<Problem>) -> Vec<Problem> {
    problems.into_iter().map(edi::located).collect()
}

fn key_of(record: &MessageRecord) -> IdempotencyKey {
    IdempotencyKey::named(record.result.business_key.as_deref().unwrap_or_default())
}
