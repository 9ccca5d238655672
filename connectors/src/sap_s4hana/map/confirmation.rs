//! An answer → supplier confirmation: one item for each answered line, one confirmation line for each day.
//!
//! A later answer to a line replaces what we confirmed before: confirmed quantities add up in SAP. The item's own
//! reference is written last, so that it is there only when everything else is.
use quayside_canonical::{
    Date, Micro,
    acknowledgment::AnswerPart,
    events::{AcknowledgmentSubmitted, ChangeProposalAccepted, ChangeProposalDeclined},
    states::{AnswerKind, LineStatus},
};
use serde_json::{Map, Value, json};

use super::{Orders, Plan, Task, amount, fits, list, number, orders_question, same_item, short, unmappable};
use crate::DeliveryError;
use crate::sap_s4hana::config::{Config, WriteBack};
use crate::sap_s4hana::services::{Makes, Question, Service, Write, quoted};
use crate::sap_s4hana::wire::{Confirmation, ConfirmationItem, Item};

/// Everything we write begins with it, so that people know whose it is.
const OURS: &str = "QS-";
const NUMBER: &str = "SupplierConfirmation";

/// What a supplier said about lines of one order, and what became of it.
pub(in crate::sap_s4hana) struct Answer {
    pub(super) order: String,
    /// Our name of the answer.
    reference: String,
    /// The supplier's own number for the order.
    pub(super) supplier_reference: Option<String>,
    pub(super) lines: Vec<AnsweredLine>,
}

/// One line.
pub(super) struct AnsweredLine {
    pub(super) line: String,
    pub(super) says: Says,
}

/// What is to be confirmed of a line.
pub(super) enum Says {
    /// The supplier delivers this.
    Delivers(Vec<Part>),
    /// The supplier delivers nothing.
    Rejects,
    /// What the answer said does not hold.
    Nothing,
}

/// A quantity and its day.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) quantity: Micro,
    /// As asked when not said.
    pub(super) on: Option<Date>,
    pub(super) price: Option<Micro>,
}

impl Answer {
    /// An answer as it was given, without the lines that are held back.
    pub(super) fn submitted(
        event: AcknowledgmentSubmitted,
        held: impl Fn(LineStatus) -> bool,
    ) -> Result<Self, DeliveryError> {
        let answered = event.lines.iter().filter(|line| !held(line.status));
        Ok(Self {
            order: order_number(&event.order_number)?,
            reference: reference(&event.acknowledgment.to_string()),
            supplier_reference: event.supplier_reference,
            lines: answered.map(|line| said(&line.line, &line.parts)).collect::<Result<_, _>>()?,
        })
    }

    /// A line that procurement agreed to.
    pub(super) fn agreed(event: &ChangeProposalAccepted) -> Result<Self, DeliveryError> {
        Ok(Self {
            order: order_number(&event.order_number)?,
            reference: reference(&event.acknowledgment.to_string()),
            supplier_reference: None,
            lines: vec![said(&event.line, &event.parts)?],
        })
    }

    /// A line that procurement did not agree to.
    pub(super) fn declined(event: ChangeProposalDeclined) -> Result<Self, DeliveryError> {
        Ok(Self {
            order: order_number(&event.order_number)?,
            reference: reference(&event.acknowledgment.to_string()),
            supplier_reference: None,
            lines: vec![AnsweredLine { line: event.line, says: Says::Nothing }],
        })
    }
}

fn order_number(number: &str) -> Result<String, DeliveryError> {
    fits("the order number", number, 10)
}

fn reference(acknowledgment: &str) -> String {
    format!("{OURS}{}", short(&["acknowledgment", acknowledgment]))
}

fn said(line: &str, parts: &[AnswerPart]) -> Result<AnsweredLine, DeliveryError> {
    let mut delivers = Vec::new();
    for part in parts {
        if let Some(unit) = &part.unit {
            return Err(unmappable(format!(
                "line {line} is answered in {unit} and not in the unit of the order"
            )));
        }
        match part.kind {
            AnswerKind::Accepted | AnswerKind::Backordered => {
                delivers.push(Part { quantity: part.quantity, on: part.promised_on, price: part.price });
            }
            AnswerKind::Rejected => {}
            AnswerKind::Substituted => {
                return Err(unmappable(format!(
                    "line {line} is answered with another item, which SAP takes from nobody but the buyer: change \
                     the order in SAP"
                )));
            }
        }
    }
    let says = if delivers.is_empty() { Says::Rejects } else { Says::Delivers(delivers) };
    Ok(AnsweredLine { line: line.to_owned(), says })
}

/// An answer on its way into a supplier confirmation.
pub(super) struct Confirm {
    answer: Answer,
    write_back: WriteBack,
    date_category: String,
}

impl Confirm {
    pub(super) fn new(config: &Config, answer: Answer) -> Result<Self, DeliveryError> {
        if let Some(number) = &answer.supplier_reference {
            fits("the supplier's number of the order", number, 35)?;
        }
        let date_category = config.date_category.0.clone();
        Ok(Self { answer, write_back: config.write_back, date_category })
    }

    /// Whether only quantities and days may be said.
    fn may_reject(&self) -> bool {
        self.write_back != WriteBack::DatesOnly
    }

    /// A confirmed price is a proposal in SAP and leaves the order as it is.
    fn may_price(&self) -> bool {
        matches!(self.write_back, WriteBack::ProposalFieldsOnly | WriteBack::All)
    }

    fn item_reference(&self, line: &str) -> String {
        format!("{}-{}", self.answer.reference, line.trim_start_matches('0'))
    }

    /// What the line is to say in SAP; `None` where the policy leaves nothing to say.
    fn wanted(&self, line: &AnsweredLine, ordered: Option<&Item>) -> Result<Option<Wanted>, DeliveryError> {
        let (rejected, lines, price) = match &line.says {
            Says::Rejects if !self.may_reject() => return Ok(None),
            Says::Rejects => (true, Vec::new(), None),
            Says::Nothing => (false, Vec::new(), None),
            Says::Delivers(parts) => {
                let price = if self.may_price() { one_price(&line.line, parts)? } else { None };
                (false, days(&line.line, parts, ordered)?, price)
            }
        };
        if let (Some(_), Some(ordered)) = (price, ordered)
            && !super::order::in_order_unit(ordered)
        {
            return Err(unmappable(format!(
                "line {} has a price per {} in SAP, and not per unit of the order",
                line.line, ordered.order_price_unit
            )));
        }
        Ok(Some(Wanted {
            line: line.line.clone(),
            reference: self.item_reference(&line.line),
            rejected,
            lines,
            price,
        }))
    }

    /// The head of a confirmation item.
    fn head(&self, wanted: &Wanted, ordered: Option<&Item>) -> Result<Map<String, Value>, DeliveryError> {
        let mut head = Map::new();
        head.insert("SuplrConfItemExternalReference".to_owned(), json!(wanted.reference));
        head.insert("ItemIsRejectedBySupplier".to_owned(), json!(wanted.rejected));
        if let Some(number) = self.answer.supplier_reference.as_ref().filter(|number| number.len() <= 20) {
            head.insert("SupplierOrderAcknNumber".to_owned(), json!(number));
        }
        if let Some(price) = wanted.price {
            head.insert("SupplierConfirmedNetPrice".to_owned(), number(price, 5)?);
            if let Some(ordered) = ordered {
                head.insert("DocumentCurrency".to_owned(), json!(ordered.document_currency));
                if let Some(per) = amount(&ordered.net_price_quantity) {
                    head.insert("SuplrConfNetPriceQuantity".to_owned(), number(per, 0)?);
                }
                head.insert("SuplrConfOrderPriceUnit".to_owned(), json!(ordered.order_price_unit));
            }
        }
        Ok(head)
    }

    /// One line of a confirmation item.
    fn line(&self, day: &Day, ordered: Option<&Item>) -> Result<Value, DeliveryError> {
        let mut line = Map::new();
        if let Some(on) = day.on {
            line.insert("DeliveryDate".to_owned(), json!(on));
            line.insert("DelivDateCategory".to_owned(), json!(self.date_category));
        }
        line.insert("ConfirmedQuantity".to_owned(), number(day.quantity, 3)?);
        if let Some(ordered) = ordered {
            line.insert("PurchaseOrderQuantityUnit".to_owned(), json!(ordered.purchase_order_quantity_unit));
        }
        if let Some(number) = &self.answer.supplier_reference {
            line.insert("SupplierConfirmationExtNumber".to_owned(), json!(number));
        }
        Ok(Value::Object(line))
    }

    /// A new confirmation of these lines.
    fn create(&self, wanted: &[(Wanted, Option<&Item>)]) -> Result<Write, DeliveryError> {
        let mut items = Vec::new();
        for (wanted, ordered) in wanted {
            let mut item = self.head(wanted, *ordered)?;
            item.insert("SuplrConfRefPurchaseOrderItem".to_owned(), json!(wanted.line));
            let lines: Result<Vec<Value>, _> =
                wanted.lines.iter().map(|day| self.line(day, *ordered)).collect();
            if !wanted.lines.is_empty() {
                item.insert("_SupplierConfirmationLineTP".to_owned(), Value::Array(lines?));
            }
            items.push(Value::Object(item));
        }
        let body = json!({
            "SuplrConfRefPurchaseOrder": self.answer.order,
            "SuplrConfExternalReference": self.answer.reference,
            "_SupplierConfirmationItemTP": items,
        });
        Ok(Write::create(Service::Confirmations, "Confirmation", body, NUMBER))
    }

    /// What turns an item that we wrote earlier into this answer.
    fn change(
        &self,
        there: &There<'_>,
        wanted: &Wanted,
        ordered: Option<&Item>,
    ) -> Result<Vec<Write>, DeliveryError> {
        let service = Service::Confirmations;
        let (number, item) =
            (&there.confirmation.supplier_confirmation, &there.item.supplier_confirmation_item);
        let mut missing = wanted.lines.clone();
        let mut writes = Vec::new();
        for line in &there.item.lines {
            let same = |day: &Day| {
                line.delivery_date == day.on.map(|on| on.to_string())
                    && amount(&line.confirmed_quantity) == Some(day.quantity)
            };
            if let Some(index) = missing.iter().position(same) {
                missing.remove(index);
                continue;
            }
            let line_number = &line.supplier_confirmation_line;
            let path = format!("ConfirmationLine/{number}/{item}/{line_number}");
            writes.push(Write::delete(service, path, line.etag.clone(), Makes::Known(number.clone())));
        }
        for day in &missing {
            let path = format!("ConfirmationItem/{number}/{item}/_SupplierConfirmationLineTP");
            let line = Write::create(service, &path, self.line(day, ordered)?, NUMBER);
            writes.push(Write { makes: Makes::Known(number.clone()), ..line });
        }
        if !writes.is_empty() || !there.states(wanted) {
            let path = format!("ConfirmationItem/{number}/{item}");
            let head = Value::Object(self.head(wanted, ordered)?);
            writes.push(Write::change(service, path, head, there.item.etag.clone(), number));
        }
        Ok(writes)
    }
}

impl Task for Confirm {
    fn questions(&self) -> Vec<Question> {
        if self.answer.lines.is_empty() {
            return Vec::new(); // every line waits for procurement
        }
        let path = format!(
            "Confirmation?$filter=SuplrConfRefPurchaseOrder eq {}&$expand=_SupplierConfirmationItemTP(\
             $expand=_SupplierConfirmationLineTP)",
            quoted(&self.answer.order)
        );
        let confirmations = Question { service: Service::Confirmations, path };
        vec![orders_question([self.answer.order.as_str()]), confirmations]
    }

    fn plan(&self, answers: &[Vec<u8>]) -> Result<Plan, DeliveryError> {
        let [orders, confirmations] = answers else { return Ok(Plan::Done(None)) };
        let orders = Orders::read(orders)?;
        let confirmations: Vec<Confirmation> = list(confirmations)?;
        let (mut writes, mut new, mut number) = (Vec::new(), Vec::new(), None);
        for line in &self.answer.lines {
            let there = There::find(&confirmations, &line.line);
            if matches!(line.says, Says::Nothing) {
                // Only what this very answer wrote is taken back.
                let reference = self.item_reference(&line.line);
                let Some(there) = there.filter(|there| there.item.reference == reference) else { continue };
                number = Some(there.confirmation.supplier_confirmation.clone());
                if let Some(wanted) = self.wanted(line, None)? {
                    writes.extend(self.change(&there, &wanted, None)?);
                }
                continue;
            }
            let ordered = orders.item(&self.answer.order, &line.line)?;
            let Some(wanted) = self.wanted(line, Some(ordered))? else { continue };
            match there {
                None => new.push((wanted, Some(ordered))),
                Some(there) => {
                    number = Some(there.confirmation.supplier_confirmation.clone());
                    writes.extend(self.change(&there, &wanted, Some(ordered))?);
                }
            }
        }
        if !new.is_empty() {
            writes.push(self.create(&new)?);
        }
        Ok(if writes.is_empty() { Plan::Done(number) } else { Plan::Do(writes) })
    }

    fn draft(&self) -> Result<Vec<Write>, DeliveryError> {
        let mut wanted = Vec::new();
        for line in self.answer.lines.iter().filter(|line| !matches!(line.says, Says::Nothing)) {
            wanted.extend(self.wanted(line, None)?.map(|wanted| (wanted, None)));
        }
        if wanted.is_empty() { Ok(Vec::new()) } else { Ok(vec![self.create(&wanted)?]) }
    }
}

/// What a line is to say in SAP.
struct Wanted {
    line: String,
    reference: String,
    rejected: bool,
    lines: Vec<Day>,
    price: Option<Micro>,
}

/// A quantity on a day; the day is missing only where the order was not read.
#[derive(Clone)]
struct Day {
    quantity: Micro,
    on: Option<Date>,
}

/// An item of ours that answers the line already.
struct There<'a> {
    confirmation: &'a Confirmation,
    item: &'a ConfirmationItem,
}

impl<'a> There<'a> {
    fn find(confirmations: &'a [Confirmation], line: &str) -> Option<Self> {
        confirmations.iter().find_map(|confirmation| {
            let item = confirmation
                .items
                .iter()
                .find(|item| item.reference.starts_with(OURS) && same_item(&item.order_item, line))?;
            Some(Self { confirmation, item })
        })
    }

    /// Whether its head says what is wanted. Its lines are compared one by one.
    fn states(&self, wanted: &Wanted) -> bool {
        let price_stands =
            wanted.price.is_none() || amount(&self.item.supplier_confirmed_net_price) == wanted.price;
        self.item.reference == wanted.reference
            && self.item.item_is_rejected_by_supplier == wanted.rejected
            && price_stands
    }
}

/// SAP has one price for an item.
pub(super) fn one_price(line: &str, parts: &[Part]) -> Result<Option<Micro>, DeliveryError> {
    let mut prices: Vec<Option<Micro>> = parts.iter().map(|part| part.price).collect();
    prices.sort();
    prices.dedup();
    match prices.as_slice() {
        [price] => Ok(*price),
        _ => Err(unmappable(format!("line {line} is answered with several prices, and SAP keeps one"))),
    }
}

/// The days of the parts. A part without one is for the day that was asked for, where that is certain.
fn days(line: &str, parts: &[Part], ordered: Option<&Item>) -> Result<Vec<Day>, DeliveryError> {
    let stated = |part: &Part| Day { quantity: part.quantity, on: part.on };
    let Some(ordered) = ordered else { return Ok(parts.iter().map(stated).collect()) };
    if parts.iter().all(|part| part.on.is_some()) {
        return Ok(parts.iter().map(stated).collect());
    }
    match (ordered.schedules.as_slice(), parts) {
        ([schedule], _) => {
            let asked = schedule.schedule_line_delivery_date.as_deref().and_then(|day| day.parse().ok());
            let Some(asked) = asked else { return Err(no_day(line)) };
            Ok(parts.iter().map(|part| Day { on: part.on.or(Some(asked)), ..stated(part) }).collect())
        }
        (schedules, [whole]) if amount(&ordered.order_quantity) == Some(whole.quantity) => {
            let as_asked = schedules.iter().map(|schedule| {
                let on = schedule.schedule_line_delivery_date.as_deref().and_then(|day| day.parse().ok());
                let quantity = amount(&schedule.schedule_line_order_quantity);
                quantity.zip(on).map(|(quantity, on)| Day { quantity, on: Some(on) })
            });
            as_asked.collect::<Option<Vec<_>>>().filter(|days| !days.is_empty()).ok_or_else(|| no_day(line))
        }
        _ => Err(no_day(line)),
    }
}

fn no_day(line: &str) -> DeliveryError {
    unmappable(format!(
        "line {line} is answered in part without a day, and the order asks for several or none: SAP needs a day for \
         each quantity"
    ))
}
