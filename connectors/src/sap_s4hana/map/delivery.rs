//! A shipment → inbound delivery.
//!
//! SAP knows it by the supplier's number of the shipment, which is never used again. Items can be changed and taken
//! out, not added, and much of the head never changes: what SAP cannot change is deleted and made anew.
use std::collections::BTreeMap;
use std::sync::Arc;

use quayside_canonical::{
    Date, Micro,
    events::{ShipmentAmended, ShipmentCancelled, ShipmentSubmitted, ShippedQuantity},
    shipment::{Batch, ShipNotice, ShippedLine},
};
use serde_json::{Map, Value, json};

use super::{
    Orders, Plan, Task, amount, decimal, fits, local, orders_question, same_item, short, supplier, unit,
    unmappable, v2_date, v2_day, v2_list, v2_time,
};
use crate::sap_s4hana::config::Config;
use crate::sap_s4hana::services::{Makes, Question, Service, Write, quoted};
use crate::sap_s4hana::wire::{InboundDelivery, InboundDeliveryItem};
use crate::{Codes, DeliveryError};

const NUMBER: &str = "DeliveryDocument";
/// One question asks for the orders of a shipment: longer and its address would be.
const MOST_ORDERS: usize = 40;

/// A shipment as it was announced or amended.
pub(super) struct Announce {
    codes: Arc<Codes>,
    number: String,
    supplier: String,
    bill_of_lading: Option<String>,
    arrives: Option<(Date, String)>,
    items: Vec<Content>,
}

/// Part of a shipment that becomes one item: goods of one order line and one batch.
struct Content {
    order: String,
    line: String,
    quantity: Micro,
    unit: String,
    lot: Option<String>,
    produced_on: Option<Date>,
    expires_on: Option<Date>,
}

impl Announce {
    pub(super) fn submitted(
        config: &Config,
        codes: &Arc<Codes>,
        event: &ShipmentSubmitted,
    ) -> Result<Self, DeliveryError> {
        let number = shipment_number(&event.number, &event.shipment.to_string());
        Self::new(config, codes, number, &event.supplier_number, &event.lines, &event.notice)
    }

    pub(super) fn amended(
        config: &Config,
        codes: &Arc<Codes>,
        event: &ShipmentAmended,
    ) -> Result<Self, DeliveryError> {
        let number = shipment_number(&event.number, &event.shipment.to_string());
        Self::new(config, codes, number, &event.supplier_number, &event.lines, &event.notice)
    }

    fn new(
        config: &Config,
        codes: &Arc<Codes>,
        number: String,
        supplier_number: &str,
        lines: &[ShippedQuantity],
        notice: &ShipNotice,
    ) -> Result<Self, DeliveryError> {
        let mut items = Vec::new();
        for line in lines {
            items.extend(contents(line, notice)?);
        }
        let mut orders: Vec<&str> = items.iter().map(|item| item.order.as_str()).collect();
        orders.sort_unstable();
        orders.dedup();
        if orders.len() > MOST_ORDERS {
            return Err(unmappable(format!("the shipment is for more than {MOST_ORDERS} orders")));
        }
        let bill_of_lading = notice.bill_of_lading.as_deref();
        Ok(Self {
            codes: Arc::clone(codes),
            number,
            supplier: supplier(codes, supplier_number)?,
            bill_of_lading: bill_of_lading
                .map(|number| fits("the number of the bill of lading", number, 35))
                .transpose()?,
            arrives: notice
                .arrives_at
                .and_then(|at| local(at, config.utc_offset))
                .map(|(day, time)| (day, v2_time(time))),
            items,
        })
    }

    fn create(&self, units: &[Option<&str>]) -> Result<Write, DeliveryError> {
        let mut body = Map::new();
        body.insert("DeliveryDocumentBySupplier".to_owned(), json!(self.number));
        body.insert("Supplier".to_owned(), json!(self.supplier));
        if let Some(number) = &self.bill_of_lading {
            body.insert("BillOfLading".to_owned(), json!(number));
        }
        body.extend(self.arrival());
        let items: Result<Vec<Value>, _> =
            self.items.iter().zip(units).map(|(item, unit)| item.create(*unit)).collect();
        body.insert("to_DeliveryDocumentItem".to_owned(), json!({ "results": items? }));
        Ok(Write::create(Service::Deliveries, "A_InbDeliveryHeader", Value::Object(body), NUMBER))
    }

    fn arrival(&self) -> Map<String, Value> {
        let mut arrival = Map::new();
        if let Some((day, time)) = &self.arrives {
            arrival.insert("DeliveryDate".to_owned(), json!(v2_date(*day)));
            arrival.insert("DeliveryTime".to_owned(), json!(time));
        }
        arrival
    }

    /// Each of our items beside one of SAP's of the same goods, and SAP's that are left over; `None` when one of ours
    /// has no counterpart there.
    fn paired<'a>(&'a self, there: &'a InboundDelivery) -> Option<Paired<'a>> {
        let mut left: Vec<&InboundDeliveryItem> = there.items.results.iter().collect();
        let mut pairs = Vec::new();
        for item in &self.items {
            let index = left.iter().position(|known| item.is_in(known))?;
            pairs.push((item, left.remove(index)));
        }
        Some(Paired { pairs, left })
    }

    /// What turns the delivery that is there into this one.
    fn change(&self, there: &InboundDelivery, units: &[Option<&str>]) -> Result<Vec<Write>, DeliveryError> {
        let service = Service::Deliveries;
        let number = &there.delivery_document;
        let same_papers = self.bill_of_lading.as_deref().unwrap_or_default() == there.bill_of_lading;
        let Some(Paired { pairs, left }) = self.paired(there).filter(|_| same_papers) else {
            let path = header(number);
            let delete = Write::delete(service, path, there.metadata.etag.clone(), Makes::Nothing);
            return Ok(vec![delete, self.create(units)?]);
        };
        let mut writes = Vec::new();
        for item in left {
            let path = item_path(number, &item.delivery_document_item);
            let made = Makes::Known(number.clone());
            writes.push(Write::delete(service, path, item.metadata.etag.clone(), made));
        }
        for (item, known) in pairs {
            let change = item.change(known)?;
            if !change.is_empty() {
                let path = item_path(number, &known.delivery_document_item);
                let (body, etag) = (Value::Object(change), known.metadata.etag.clone());
                writes.push(Write::change(service, path, body, etag, number));
            }
        }
        if let Some((day, time)) = &self.arrives
            && (v2_day(there.delivery_date.as_deref()) != Some(*day)
                || there.delivery_time.as_deref() != Some(time.as_str()))
        {
            let body = Value::Object(self.arrival());
            writes.push(Write::change(service, header(number), body, there.metadata.etag.clone(), number));
        }
        Ok(writes)
    }
}

impl Task for Announce {
    fn questions(&self) -> Vec<Question> {
        let mut orders: Vec<&str> = self.items.iter().map(|item| item.order.as_str()).collect();
        orders.sort_unstable();
        orders.dedup();
        vec![orders_question(orders), deliveries_question(&self.number, &self.supplier)]
    }

    fn plan(&self, answers: &[Vec<u8>]) -> Result<Plan, DeliveryError> {
        let [orders, deliveries] = answers else { return Ok(Plan::Done(None)) };
        let orders = Orders::read(orders)?;
        let units: Result<Vec<Option<&str>>, _> = self
            .items
            .iter()
            .map(|item| unit(&self.codes, orders.item(&item.order, &item.line)?, &item.unit).map(Some))
            .collect();
        let units = units?;
        let there: Vec<InboundDelivery> = v2_list(deliveries)?;
        let Some(there) = one(&there, &self.number)? else {
            return Ok(Plan::Do(vec![self.create(&units)?]));
        };
        let writes = self.change(there, &units)?;
        let number = there.delivery_document.clone();
        Ok(if writes.is_empty() { Plan::Done(Some(number)) } else { Plan::Do(writes) })
    }

    fn draft(&self) -> Result<Vec<Write>, DeliveryError> {
        Ok(vec![self.create(&vec![None; self.items.len()])?])
    }
}

impl Content {
    fn create(&self, unit: Option<&str>) -> Result<Value, DeliveryError> {
        let mut item = Map::new();
        item.insert("ReferenceSDDocument".to_owned(), json!(self.order));
        item.insert("ReferenceSDDocumentItem".to_owned(), json!(format!("{:0>6}", self.line)));
        item.insert("ActualDeliveryQuantity".to_owned(), json!(decimal(self.quantity, 3)?));
        if let Some(unit) = unit {
            item.insert("DeliveryQuantityUnit".to_owned(), json!(unit));
        }
        if let Some(lot) = &self.lot {
            item.insert("BatchBySupplier".to_owned(), json!(fits("the lot", lot, 15)?));
        }
        item.extend(self.dates());
        Ok(Value::Object(item))
    }

    fn dates(&self) -> Map<String, Value> {
        let dates = [("ManufactureDate", self.produced_on), ("ShelfLifeExpirationDate", self.expires_on)];
        let stated =
            dates.into_iter().filter_map(|(name, day)| Some((name.to_owned(), json!(v2_date(day?)))));
        stated.collect()
    }

    /// Whether SAP's item is about these goods.
    fn is_in(&self, known: &InboundDeliveryItem) -> bool {
        known.order == self.order
            && same_item(&known.order_item, &self.line)
            && known.batch_by_supplier == self.lot.as_deref().unwrap_or_default()
    }

    /// What SAP's item has to say instead.
    fn change(&self, known: &InboundDeliveryItem) -> Result<Map<String, Value>, DeliveryError> {
        let mut change = Map::new();
        if amount(&known.actual_delivery_quantity) != Some(self.quantity) {
            change.insert("ActualDeliveryQuantity".to_owned(), json!(decimal(self.quantity, 3)?));
        }
        let produced = v2_day(known.manufacture_date.as_deref());
        let expires = v2_day(known.shelf_life_expiration_date.as_deref());
        let stale = self.produced_on.is_some_and(|day| produced != Some(day))
            || self.expires_on.is_some_and(|day| expires != Some(day));
        if stale {
            change.extend(self.dates());
        }
        Ok(change)
    }
}

/// The goods of one order line by batch: those in handling units and those in none; what is in no batch is the rest.
fn contents(line: &ShippedQuantity, notice: &ShipNotice) -> Result<Vec<Content>, DeliveryError> {
    let order = fits("the order number", &line.order_number, 10)?;
    let is_its = |of: &str, number: &str| {
        number == line.line && (of == line.order_number || of == line.order.to_string())
    };
    let shipped = notice.lines.iter().find(|shipped| is_its(&shipped.order, &shipped.line));
    let loose = shipped.into_iter().flat_map(|shipped| &shipped.batches);
    let packed = notice.units.iter().flat_map(|unit| &unit.contents);
    let packed = packed.filter(|content| is_its(&content.order, &content.line)).map(|content| &content.batch);

    let mut batches = BTreeMap::new();
    for batch in loose.chain(packed).filter(|batch| has_something_to_say(batch)) {
        let key = (batch.lot.clone(), batch.produced_on, batch.expires_on);
        let sum: &mut Micro = batches.entry(key).or_default();
        *sum =
            sum.checked_add(in_order_unit(batch.quantity, line, shipped)?).ok_or_else(|| too_much(line))?;
    }
    let named: Micro = batches.values().copied().sum();
    if named > line.quantity {
        return Err(too_much(line));
    }
    let rest = Micro::from_millionths(line.quantity.millionths() - named.millionths());
    if rest.is_positive() {
        let sum: &mut Micro = batches.entry((None, None, None)).or_default();
        *sum = rest;
    }
    let content = |((lot, produced_on, expires_on), quantity)| Content {
        order: order.clone(),
        line: line.line.clone(),
        quantity,
        unit: line.unit.clone(),
        lot,
        produced_on,
        expires_on,
    };
    Ok(batches.into_iter().map(content).collect())
}

fn has_something_to_say(batch: &Batch) -> bool {
    batch.lot.is_some() || batch.produced_on.is_some() || batch.expires_on.is_some()
}

/// Batches are counted in the unit of the shipped line, which need not be that of the order.
fn in_order_unit(
    quantity: Micro,
    line: &ShippedQuantity,
    shipped: Option<&ShippedLine>,
) -> Result<Micro, DeliveryError> {
    let Some(shipped) = shipped.filter(|shipped| shipped.quantity != line.quantity) else {
        return Ok(quantity);
    };
    quantity.scaled(line.quantity.millionths(), shipped.quantity.millionths()).ok_or_else(|| {
        unmappable(format!("a batch of line {} is no exact quantity in the unit of the order", line.line))
    })
}

fn too_much(line: &ShippedQuantity) -> DeliveryError {
    unmappable(format!("the batches of line {} are more than is shipped of it", line.line))
}

/// Our items beside SAP's.
struct Paired<'a> {
    pairs: Vec<(&'a Content, &'a InboundDeliveryItem)>,
    left: Vec<&'a InboundDeliveryItem>,
}

/// A shipment that was taken back.
pub(super) struct Withdraw {
    number: String,
    supplier: String,
}

impl Withdraw {
    pub(super) fn cancelled(codes: &Codes, event: &ShipmentCancelled) -> Result<Self, DeliveryError> {
        let Some(number) = &event.supplier_number else {
            return Err(unmappable(
                "the event does not name the supplier, and another one may use the same shipment number: delete the \
                 inbound delivery in SAP",
            ));
        };
        Ok(Self {
            number: shipment_number(&event.number, &event.shipment.to_string()),
            supplier: supplier(codes, number)?,
        })
    }
}

impl Task for Withdraw {
    fn questions(&self) -> Vec<Question> {
        vec![deliveries_question(&self.number, &self.supplier)]
    }

    fn plan(&self, answers: &[Vec<u8>]) -> Result<Plan, DeliveryError> {
        let [deliveries] = answers else { return Ok(Plan::Done(None)) };
        let there: Vec<InboundDelivery> = v2_list(deliveries)?;
        let Some(there) = one(&there, &self.number)? else { return Ok(Plan::Done(None)) };
        let number = &there.delivery_document;
        let made = Makes::Known(number.clone());
        let etag = there.metadata.etag.clone();
        Ok(Plan::Do(vec![Write::delete(Service::Deliveries, header(number), etag, made)]))
    }

    /// Which delivery it is, only SAP knows.
    fn draft(&self) -> Result<Vec<Write>, DeliveryError> {
        Ok(Vec::new())
    }
}

/// What SAP knows the shipment by: the supplier's number of it, which is on the papers. One that SAP cannot hold is
/// replaced by ours, whole.
fn shipment_number(number: &str, shipment: &str) -> String {
    if number.chars().count() <= 35 {
        number.to_owned()
    } else {
        format!("QS-{}", short(&["shipment", shipment]))
    }
}

fn deliveries_question(number: &str, supplier: &str) -> Question {
    let path = format!(
        "A_InbDeliveryHeader?$filter=DeliveryDocumentBySupplier eq {} and Supplier eq {}\
         &$expand=to_DeliveryDocumentItem&$format=json",
        quoted(number),
        quoted(supplier)
    );
    Question { service: Service::Deliveries, path }
}

/// The delivery of a shipment. Of two, nobody can tell which one is meant.
fn one<'a>(there: &'a [InboundDelivery], number: &str) -> Result<Option<&'a InboundDelivery>, DeliveryError> {
    match there {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => {
            let numbers: Vec<&str> = several.iter().map(|known| known.delivery_document.as_str()).collect();
            Err(DeliveryError::Refused {
                code: "AMBIGUOUS".to_owned(),
                message: format!("SAP has several inbound deliveries of {number}: {}", numbers.join(", ")),
            })
        }
    }
}

fn header(number: &str) -> String {
    format!("A_InbDeliveryHeader({})", quoted(number))
}

fn item_path(number: &str, item: &str) -> String {
    format!("A_InbDeliveryItem(DeliveryDocument={},DeliveryDocumentItem={})", quoted(number), quoted(item))
}
