//! An answer → the order itself, for systems without supplier confirmations.
//!
//! This edits the buyer's document, so by default it only leaves the supplier's number there.
use quayside_canonical::Micro;
use serde_json::{Map, Value, json};

use super::confirmation::{Answer, AnsweredLine, Part, Says};
use super::{Orders, Plan, Task, amount, fits, number, orders_question, unmappable};
use crate::DeliveryError;
use crate::sap_s4hana::config::{Config, WriteBack};
use crate::sap_s4hana::services::{Question, Service, Write};
use crate::sap_s4hana::wire::{Item, ScheduleLine};

/// An answer on its way into the order.
pub(super) struct Update {
    answer: Answer,
    write_back: WriteBack,
}

impl Update {
    pub(super) fn new(config: &Config, answer: Answer) -> Result<Self, DeliveryError> {
        if let Some(number) = &answer.supplier_reference {
            fits("the supplier's number of the order", number, 20)?;
        }
        Ok(Self { answer, write_back: config.write_back })
    }

    fn may_date(&self) -> bool {
        self.write_back != WriteBack::ProposalFieldsOnly
    }

    fn may_count(&self) -> bool {
        matches!(self.write_back, WriteBack::DatesAndQuantities | WriteBack::All)
    }

    /// What makes one item say what was answered.
    fn line(&self, line: &AnsweredLine, item: &Item) -> Result<Vec<Write>, DeliveryError> {
        let order = &self.answer.order;
        let mut writes = Vec::new();
        match &line.says {
            Says::Nothing => return Ok(writes),
            Says::Rejects if self.may_count() => {
                return Err(unmappable(format!(
                    "line {} is rejected: take it out of the order in SAP, where only the buyer may",
                    line.line
                )));
            }
            Says::Delivers(parts) if self.may_date() => {
                for (part, schedule) in self.matched(&line.line, parts, item)? {
                    writes.extend(self.schedule(part, schedule, item)?);
                }
            }
            Says::Rejects | Says::Delivers(_) => {}
        }
        let mut head = Map::new();
        if let Some(number) = self.answer.supplier_reference.as_ref()
            && *number != item.acknowledgment_number
        {
            head.insert("PurgDocOrderAcknNumber".to_owned(), json!(number));
        }
        if let (WriteBack::All, Some(price)) = (self.write_back, new_price(line, item)?) {
            head.insert("NetPriceAmount".to_owned(), number(price, 5)?);
        }
        if !head.is_empty() {
            let path = format!("PurchaseOrderItem/{order}/{}", item.purchase_order_item);
            writes.push(Write::change(Service::Orders, path, Value::Object(head), item.etag.clone(), order));
        }
        Ok(writes)
    }

    /// Each part with the schedule line it answers; none where all is as asked. More parts than schedule lines would
    /// need new ones, which only the buyer may add.
    fn matched<'a>(
        &self,
        line: &str,
        parts: &'a [Part],
        item: &'a Item,
    ) -> Result<Vec<(&'a Part, &'a ScheduleLine)>, DeliveryError> {
        let whole: Micro = parts.iter().map(|part| part.quantity).sum();
        if parts.iter().all(|part| part.on.is_none()) && amount(&item.order_quantity) == Some(whole) {
            return Ok(Vec::new());
        }
        if parts.len() != item.schedules.len() {
            return Err(unmappable(format!(
                "line {line} is answered in {} parts and the order has {} schedule lines",
                parts.len(),
                item.schedules.len()
            )));
        }
        let mut parts: Vec<&Part> = parts.iter().collect();
        let mut schedules: Vec<&ScheduleLine> = item.schedules.iter().collect();
        parts.sort_by_key(|part| part.on);
        schedules.sort_by_key(|schedule| schedule.schedule_line_delivery_date.clone());
        Ok(parts.into_iter().zip(schedules).collect())
    }

    fn schedule(
        &self,
        part: &Part,
        schedule: &ScheduleLine,
        item: &Item,
    ) -> Result<Option<Write>, DeliveryError> {
        let mut change = Map::new();
        if let Some(on) = part.on.map(|on| on.to_string())
            && schedule.schedule_line_delivery_date.as_deref() != Some(on.as_str())
        {
            change.insert("ScheduleLineDeliveryDate".to_owned(), json!(on));
        }
        if self.may_count() && amount(&schedule.schedule_line_order_quantity) != Some(part.quantity) {
            change.insert("ScheduleLineOrderQuantity".to_owned(), number(part.quantity, 3)?);
        }
        if change.is_empty() {
            return Ok(None);
        }
        let order = &self.answer.order;
        let path = format!(
            "PurchaseOrderScheduleLine/{order}/{}/{}",
            item.purchase_order_item, schedule.schedule_line
        );
        let change = Value::Object(change);
        Ok(Some(Write::change(Service::Orders, path, change, schedule.etag.clone(), order)))
    }
}

/// The price the item is to have, where another one was answered.
fn new_price(line: &AnsweredLine, item: &Item) -> Result<Option<Micro>, DeliveryError> {
    let Says::Delivers(parts) = &line.says else { return Ok(None) };
    let price = super::confirmation::one_price(&line.line, parts)?;
    Ok(price.filter(|price| amount(&item.net_price_amount) != Some(*price)))
}

impl Task for Update {
    fn questions(&self) -> Vec<Question> {
        let says_something = self.answer.lines.iter().any(|line| !matches!(line.says, Says::Nothing));
        // What was never written into the order need not be taken out of it.
        if says_something { vec![orders_question([self.answer.order.as_str()])] } else { Vec::new() }
    }

    fn plan(&self, answers: &[Vec<u8>]) -> Result<Plan, DeliveryError> {
        let [orders] = answers else { return Ok(Plan::Done(None)) };
        let orders = Orders::read(orders)?;
        let mut writes = Vec::new();
        for line in &self.answer.lines {
            writes.extend(self.line(line, orders.item(&self.answer.order, &line.line)?)?);
        }
        Ok(if writes.is_empty() { Plan::Done(Some(self.answer.order.clone())) } else { Plan::Do(writes) })
    }

    /// What changes depends on what the order says now.
    fn draft(&self) -> Result<Vec<Write>, DeliveryError> {
        Ok(Vec::new())
    }
}
