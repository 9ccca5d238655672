//! What an EDI supplier knows: its orders, what it took, and what it has to say.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use quayside_edi::x12::messages::{
    ChangedLine, FunctionalAcknowledgment, InterchangeAcknowledgment, Line, Message, Order, OrderChange,
};
use quayside_edi::x12::{InterchangeHeader, WriteError};
use serde::{Deserialize, Serialize};

use super::{EdiSupplierError, EdiSupplierReport, answer, envelope};
use crate::Quantity;

/// Whom an answer goes to, and in which version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Buyer {
    pub(super) qualifier: String,
    pub(super) id: String,
    /// What the buyer calls us.
    pub(super) our_qualifier: String,
    pub(super) our_id: String,
    /// ISA12, GS08 and ISA15 of what it sent.
    pub(super) release: String,
    pub(super) version: String,
    pub(super) usage: String,
}

impl Buyer {
    pub(super) fn of(isa: &InterchangeHeader, version: Option<String>) -> Self {
        Self {
            qualifier: isa.sender_qualifier.clone(),
            id: isa.sender.clone(),
            our_qualifier: isa.receiver_qualifier.clone(),
            our_id: isa.receiver.clone(),
            release: isa.version.clone(),
            version: version.unwrap_or_else(|| "004010".to_owned()),
            usage: isa.usage.clone(),
        }
    }
}

/// An order, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdiOrder {
    /// The buyer's number.
    pub number: String,
    /// The day of the order.
    pub date: NaiveDate,
    /// Whether the buyer cancelled it.
    pub cancelled: bool,
    /// The shipment it left with.
    pub shipment: Option<String>,
    /// What is to be delivered.
    pub lines: Vec<EdiLine>,
    pub(super) buyer: Buyer,
    pub(super) ship_at: DateTime<Utc>,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdiLine {
    /// PO101.
    pub id: String,
    /// How much is wanted.
    pub quantity: Quantity,
    /// Of what unit, where one is named.
    pub unit: Option<String>,
    /// The day it is wanted.
    pub wanted_on: Option<NaiveDate>,
    /// The item, by pairs of qualifier and number.
    pub item: Vec<(String, String)>,
}

/// A file that is to lie in the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unsaid {
    pub(super) name: String,
    pub(super) text: String,
}

/// The books.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Books {
    /// The last control number: interchange, group and first set have the same.
    number: u32,
    shipments: u32,
    orders: BTreeMap<String, EdiOrder>,
    /// Senders and control numbers of what was dealt with.
    taken: BTreeSet<(String, String)>,
    heard: BTreeMap<String, usize>,
    rejected: Vec<String>,
    unsaid: Vec<Unsaid>,
}

impl Books {
    pub(super) fn open(path: &Path) -> Result<Self, EdiSupplierError> {
        match fs::read(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            read => Ok(serde_json::from_slice(&read?)?),
        }
    }

    /// Writes them down: whole, or as they were before.
    pub(super) fn keep(&self, path: &Path) -> Result<(), EdiSupplierError> {
        let unfinished = path.with_extension("tmp");
        let mut file = fs::File::create(&unfinished)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        Ok(fs::rename(&unfinished, path)?)
    }

    pub(super) fn report(&self) -> EdiSupplierReport {
        EdiSupplierReport {
            orders: self.orders.values().cloned().collect(),
            heard: self.heard.clone(),
            rejected: self.rejected.clone(),
        }
    }

    /// Whether an interchange was not dealt with before. From now on it was.
    pub(super) fn is_new(&mut self, sender: &str, number: &str) -> bool {
        self.taken.insert((sender.to_owned(), number.to_owned()))
    }

    pub(super) fn unsaid(&self) -> &[Unsaid] {
        &self.unsaid
    }

    /// Everything lies in the folder.
    pub(super) fn said(mut self) -> Self {
        self.unsaid.clear();
        self
    }

    /// Puts messages of one kind into an interchange that is to be said.
    pub(super) fn say(
        &mut self,
        buyer: &Buyer,
        word: Option<&InterchangeAcknowledgment>,
        messages: &[Message],
        now: DateTime<Utc>,
    ) -> Result<(), WriteError> {
        self.number += 1;
        let text = envelope::write(buyer, self.number, word, messages, now)?;
        let kind = messages.first().map_or("TA1", Message::set_id);
        self.unsaid.push(Unsaid { name: format!("{kind}-{:09}.x12", self.number), text });
        Ok(())
    }

    /// Notes what a message says, and gives the answer to it.
    pub(super) fn hear(
        &mut self,
        buyer: &Buyer,
        message: &Message,
        ship_at: DateTime<Utc>,
    ) -> Option<Message> {
        *self.heard.entry(message.set_id().to_owned()).or_default() += 1;
        match message {
            Message::Order(order) => self.order(buyer, order, ship_at),
            Message::OrderChange(change) => self.change(change),
            Message::FunctionalAcknowledgment(report) => {
                self.rejected.extend(objections(report));
                None
            }
            Message::ApplicationAdvice(advice) => {
                let about = advice.responses.iter().map(|it| it.reference.as_str());
                self.rejected.extend(about.map(|number| format!("824 about {number}")));
                None
            }
            _ => None,
        }
    }

    /// The first statement of an order. One that comes again under its number is confirmed and no more.
    fn order(&mut self, buyer: &Buyer, order: &Order, ship_at: DateTime<Utc>) -> Option<Message> {
        if self.orders.contains_key(order.number.as_str()) || *order.purpose.as_str() != *"00" {
            return None;
        }
        let taken = EdiOrder {
            number: order.number.to_string(),
            date: *order.date,
            cancelled: false,
            shipment: None,
            lines: order.lines.iter().filter_map(line).collect(),
            buyer: buyer.clone(),
            ship_at,
        };
        let answer = answer::to_order(&taken);
        self.orders.insert(taken.number.clone(), taken);
        Some(answer)
    }

    /// What has left cannot be changed.
    fn change(&mut self, change: &OrderChange) -> Option<Message> {
        let order = self.orders.get_mut(change.order_number.as_str())?;
        let possible = order.shipment.is_none() && !order.cancelled;
        if possible && change.purpose.as_str() == "01" {
            order.cancelled = true;
            return None;
        }
        let named: Vec<&ChangedLine> = change.lines.iter().filter(|it| it.change.as_str() != "NC").collect();
        if possible {
            named.iter().for_each(|changed| order.apply(changed));
        }
        answer::to_change(order, change, &named, possible)
    }

    /// What has to leave by now, with what is said of it.
    pub(super) fn ship_next(&mut self, now: DateTime<Utc>) -> Option<(Buyer, Message)> {
        let due = |order: &&mut EdiOrder| {
            order.shipment.is_none() && !order.cancelled && !order.lines.is_empty() && order.ship_at <= now
        };
        let order = self.orders.values_mut().find(due)?;
        self.shipments += 1;
        let shipment = format!("SN{:06}", self.shipments);
        order.shipment = Some(shipment.clone());
        Some((order.buyer.clone(), answer::of_shipment(order, &shipment, now)))
    }
}

impl EdiOrder {
    fn apply(&mut self, changed: &ChangedLine) {
        let Some(stated) = line(&changed.line) else {
            if changed.change.as_str() == "DI" {
                self.lines.retain(|line| line.id != changed.line.id.text);
            }
            return;
        };
        let known = self.lines.iter_mut().find(|line| line.id == stated.id);
        match (changed.change.as_str(), known) {
            ("DI", _) => self.lines.retain(|line| line.id != stated.id),
            (_, Some(line)) => {
                line.quantity = stated.quantity;
                line.wanted_on = stated.wanted_on.or(line.wanted_on);
            }
            (_, None) => self.lines.push(stated),
        }
    }
}

/// A line that states a quantity.
fn line(line: &Line) -> Option<EdiLine> {
    let section = &line.section;
    let day = |qualifier: &str| {
        let date = section.dates.iter().find(|date| date.qualifier.as_str() == qualifier)?;
        date.date.as_ref().map(|date| **date)
    };
    let item = section.product_ids.iter().map(|it| (it.qualifier.clone(), it.id.to_string()));
    Some(EdiLine {
        id: line.id.text.clone(),
        quantity: Quantity::from(**line.quantity.as_ref()?),
        unit: line.unit.as_ref().map(|unit| unit.value.clone()),
        wanted_on: day("063").or_else(|| day("002")).or_else(|| day("064")),
        item: item.collect(),
    })
}

/// What a 997 does not take of what we said.
fn objections(report: &FunctionalAcknowledgment) -> Vec<String> {
    let rejected = report.sets.iter().filter(|set| set.verdicts.iter().any(|it| it.code.as_str() == "R"));
    rejected.map(|set| format!("997 on {} {}", set.id.as_str(), set.number.as_str())).collect()
}
