//! Invoices: a while after a receipt was booked the supplier's invoice for it has arrived and is matched.
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::wire::{InvoiceStatus, ReceiptRecorded, Revision};
use crate::quantity::Quantity;
use crate::quayside::Quayside;
use crate::receiver::{Business, Effect, Refusal};
use crate::statement::{Statement, StatementKind};

const RECEIPT: &str = "receipt.recorded";

/// Whether and how an ERP answers receipts with the state of their invoices.
#[derive(Debug, Clone)]
pub struct Invoices {
    /// Where to state it.
    pub quayside: Quayside,
    /// How long after the receipt.
    pub after: Duration,
    /// How they end, unless an [`InvoiceInstruction`] says otherwise.
    pub scenario: InvoiceScenario,
}

/// How the invoice for a receipt ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InvoiceScenario {
    /// Invoice, order and receipt agree.
    #[default]
    Matched,
    /// The price differs.
    PriceVariance,
    /// More is invoiced than was received.
    QuantityVariance,
    /// Payment is blocked.
    Blocked,
    /// It is matched, and paid after as long again.
    Paid,
    /// There is no invoice.
    Nothing,
}

/// How the invoice for the next receipt, or for the next one of an order, is to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InvoiceInstruction {
    /// Only for a receipt that holds a line of the order with this number.
    #[serde(default)]
    pub order: Option<String>,
    /// How.
    pub scenario: InvoiceScenario,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Note {
    Instructed(InvoiceInstruction),
    /// A receipt was dealt with: as the first of the instructions that was for it says, or without one.
    Billed {
        receipt: String,
        instruction: Option<usize>,
        statements: Vec<Statement>,
    },
}

pub(super) struct Billing {
    /// `None` matches nothing.
    after: Option<TimeDelta>,
    scenario: InvoiceScenario,
    instructions: VecDeque<InvoiceInstruction>,
    receipts: HashMap<String, ReceiptRecorded>,
    due: BTreeSet<(DateTime<Utc>, String)>,
    /// Of each receipt what was last said about its lines.
    said: HashMap<String, Vec<Statement>>,
}

struct Words {
    status: &'static str,
    reason: Option<&'static str>,
}

/// What one order line comes to on an invoice.
struct Item<'a> {
    invoice: String,
    order: &'a str,
    line: &'a str,
    unit: &'a str,
    quantity: Quantity,
}

impl Billing {
    pub(super) fn new(invoices: Option<&Invoices>) -> Self {
        Self {
            after: invoices.map(|invoices| TimeDelta::from_std(invoices.after).unwrap_or_default()),
            scenario: invoices.map(|invoices| invoices.scenario).unwrap_or_default(),
            instructions: VecDeque::new(),
            receipts: HashMap::new(),
            due: BTreeSet::new(),
            said: HashMap::new(),
        }
    }

    fn instruction(&self, receipt: &ReceiptRecorded) -> Option<usize> {
        self.instructions.iter().position(|instruction| {
            instruction
                .order
                .as_ref()
                .is_none_or(|order| receipt.lines.iter().any(|line| line.order_number == *order))
        })
    }

    fn bill(&self, receipt: &ReceiptRecorded, at: DateTime<Utc>) -> Note {
        let number = receipt.number.clone();
        if receipt.kind == "REVERSAL" {
            let said = receipt.replaces.as_ref().and_then(|reversed| self.said.get(reversed));
            let statements = said.map(|said| cancelled(said, at)).unwrap_or_default();
            return Note::Billed { receipt: number, instruction: None, statements };
        }
        let items = items(receipt);
        let instruction = self.instruction(receipt).filter(|_| !items.is_empty());
        let instructed = instruction.and_then(|index| self.instructions.get(index));
        let scenario = instructed.map_or(self.scenario, |instruction| instruction.scenario);
        let mut statements = Vec::new();
        for (index, words) in (0..).zip(words(scenario)) {
            let at = at + self.after.unwrap_or_default() * index;
            statements.extend(items.iter().map(|item| item.statement(words, index + 1, at)));
        }
        Note::Billed { receipt: number, instruction, statements }
    }
}

impl Item<'_> {
    fn statement(&self, words: &Words, revision: i32, at: DateTime<Utc>) -> Statement {
        let more =
            if words.status == "QUANTITY_VARIANCE" { self.quantity.some() } else { Quantity::default() };
        let document = InvoiceStatus {
            invoice: &self.invoice,
            revision: Revision { id: revision.to_string(), sequence: revision, issued_at: at },
            order: self.order,
            line: self.line,
            status: words.status,
            quantity: self.quantity.plus(more),
            unit: self.unit,
            reason: words.reason,
        };
        Statement {
            id: format!("{}.{}.{}.{revision}", self.invoice, self.order, self.line),
            kind: StatementKind::InvoiceStatus,
            about: self.order.to_owned(),
            due_at: at,
            document: json!(document),
            answer: None,
        }
    }
}

impl Business for Billing {
    type Note = Note;

    /// Every type is booked. A receipt must be readable where invoices are made of it.
    fn check(&self, event_type: &str, data: &Value) -> Result<(), Refusal> {
        if event_type != RECEIPT || self.after.is_none() {
            return Ok(());
        }
        ReceiptRecorded::deserialize(data).map(drop).map_err(|error| {
            Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "INVALID_EVENT", format!("data: {error}"))
        })
    }

    fn take(&mut self, effect: &Effect) {
        let (RECEIPT, Some(after)) = (effect.document.event_type.as_str(), self.after) else { return };
        if let Ok(receipt) = ReceiptRecorded::deserialize(&effect.data) {
            self.due.insert((effect.document.received_at + after, receipt.number.clone()));
            self.receipts.insert(receipt.number.clone(), receipt);
        }
    }

    fn due(&self, now: DateTime<Utc>) -> Option<Note> {
        let (at, number) = self.due.first().filter(|(at, _)| *at <= now)?;
        self.receipts.get(number).map(|receipt| self.bill(receipt, *at))
    }

    fn note(&mut self, note: Note) -> Vec<Statement> {
        match note {
            Note::Instructed(instruction) => {
                self.instructions.push_back(instruction);
                Vec::new()
            }
            Note::Billed { receipt, instruction, statements } => {
                self.due.retain(|(_, number)| *number != receipt);
                instruction.map(|index| self.instructions.remove(index));
                self.said.insert(receipt, statements.clone());
                statements
            }
        }
    }
}

/// What is to be paid for: the good goods of each order line. Of totals nobody can tell what is new.
fn items(receipt: &ReceiptRecorded) -> Vec<Item<'_>> {
    if receipt.basis != "DELTA" {
        return Vec::new();
    }
    let mut items: BTreeMap<(&str, &str), Item<'_>> = BTreeMap::new();
    for line in receipt.lines.iter().filter(|line| line.condition == "GOOD" && line.quantity.is_positive()) {
        let item = items.entry((&line.order_number, &line.line)).or_insert_with(|| Item {
            invoice: format!("INV-{}", receipt.number),
            order: &line.order_number,
            line: &line.line,
            unit: &line.unit,
            quantity: Quantity::default(),
        });
        item.quantity = item.quantity.plus(line.quantity);
    }
    items.into_values().collect()
}

/// What is said about an invoice, one after the other.
fn words(scenario: InvoiceScenario) -> &'static [Words] {
    const MATCHED: Words = Words { status: "MATCHED", reason: None };
    const PRICE: Words =
        Words { status: "PRICE_VARIANCE", reason: Some("the invoice has another unit price than the order") };
    const QUANTITY: Words =
        Words { status: "QUANTITY_VARIANCE", reason: Some("more is invoiced than was received") };
    const BLOCKED: Words = Words { status: "BLOCKED", reason: Some("blocked for payment by accounting") };
    const PAID: Words = Words { status: "PAID", reason: None };
    match scenario {
        InvoiceScenario::Matched => &[MATCHED],
        InvoiceScenario::PriceVariance => &[PRICE],
        InvoiceScenario::QuantityVariance => &[QUANTITY],
        InvoiceScenario::Blocked => &[BLOCKED],
        InvoiceScenario::Paid => &[MATCHED, PAID],
        InvoiceScenario::Nothing => &[],
    }
}

/// The invoice is taken back with the goods: what was said last about each line, once more, as cancelled.
fn cancelled(said: &[Statement], at: DateTime<Utc>) -> Vec<Statement> {
    let mut last: BTreeMap<(String, String), &Statement> = BTreeMap::new();
    for statement in said {
        let part = |name: &str| statement.document[name].as_str().unwrap_or_default().to_owned();
        last.insert((part("order"), part("line")), statement);
    }
    let cancel = |((_, line), statement): ((String, String), &Statement)| {
        let revision = statement.document["revision"]["sequence"].as_i64().unwrap_or(0) + 1;
        let invoice = statement.document["invoice"].as_str().unwrap_or_default();
        let id = format!("{invoice}.{}.{line}.{revision}", statement.about);
        let mut document = statement.document.clone();
        document["status"] = json!("CANCELLED");
        document["reason"] = json!("the receipt was taken back");
        document["revision"] = json!({ "id": revision.to_string(), "sequence": revision, "issuedAt": at });
        Statement { id, due_at: at, document, ..statement.clone() }
    };
    last.into_iter().map(cancel).collect()
}
