//! A receipt → material document: movement 101, and its cancellation.
//!
//! SAP finds it by [`reference`], 16 characters that follow from who stated the receipt and under which number. A
//! statement that takes back or corrects an earlier one cancels the document of that one first.
use std::collections::BTreeMap;
use std::sync::Arc;

use quayside_canonical::{
    Date,
    events::{ReceiptRecorded, ReceivedQuantity},
    states::{GoodsCondition, QuantityBasis, ReceiptKind},
};
use serde_json::{Map, Value, json};

use super::{
    Orders, Plan, Task, cut, decimal, fits, local, orders_question, short, unit, unmappable, v2_date, v2_list,
};
use crate::sap_s4hana::config::{Code, Config};
use crate::sap_s4hana::services::{Makes, Question, Service, Write, quoted};
use crate::sap_s4hana::wire::{Item, MaterialDocument};
use crate::{Codes, DeliveryError};
use reqwest::Method;

const NUMBER: &str = "MaterialDocument";

/// A statement of what was received.
pub(super) struct Post {
    codes: Arc<Codes>,
    stock_types: BTreeMap<GoodsCondition, Code<2>>,
    reference: String,
    /// The reference of the statement it takes back or corrects.
    replaces: Option<String>,
    text: String,
    posted_on: Date,
    lines: Vec<ReceivedQuantity>,
}

impl Post {
    pub(super) fn recorded(
        config: &Config,
        codes: &Arc<Codes>,
        event: ReceiptRecorded,
    ) -> Result<Self, DeliveryError> {
        let reversal = event.kind == ReceiptKind::Reversal;
        if event.basis == QuantityBasis::Total && !reversal {
            return Err(unmappable(
                "the warehouse states totals, and SAP has to be told what came in addition: post the difference in SAP",
            ));
        }
        if reversal && event.replaces.is_none() {
            return Err(unmappable("the receipt does not say which one it takes back"));
        }
        let lines: Vec<_> = event.lines.into_iter().filter(|line| line.quantity.is_positive()).collect();
        for line in &lines {
            fits("the order number", &line.order_number, 10)?;
            stock_type(&config.stock_types, line)?;
        }
        let (posted_on, _) = local(event.received_at, config.utc_offset)
            .ok_or_else(|| unmappable("the receipt's time is beyond any calendar"))?;
        Ok(Self {
            codes: Arc::clone(codes),
            stock_types: config.stock_types.clone(),
            reference: reference(&event.source, &event.number),
            replaces: event.replaces.map(|number| reference(&event.source, &number)),
            text: cut(event.shipment_number.as_deref().unwrap_or(&event.number), 25),
            posted_on,
            lines: if reversal { Vec::new() } else { lines },
        })
    }

    fn create(&self, orders: Option<&Orders>) -> Result<Write, DeliveryError> {
        let items: Result<Vec<Value>, _> = self.lines.iter().map(|line| self.item(line, orders)).collect();
        let day = v2_date(self.posted_on);
        let body = json!({
            "GoodsMovementCode": "01",
            "PostingDate": day,
            "DocumentDate": day,
            "ReferenceDocument": self.reference,
            "MaterialDocumentHeaderText": self.text,
            "to_MaterialDocumentItem": { "results": items? },
        });
        Ok(Write::create(Service::Materials, "A_MaterialDocumentHeader", body, NUMBER))
    }

    fn item(&self, line: &ReceivedQuantity, orders: Option<&Orders>) -> Result<Value, DeliveryError> {
        let mut item = Map::new();
        item.insert("GoodsMovementType".to_owned(), json!("101"));
        item.insert("GoodsMovementRefDocType".to_owned(), json!("B")); // without it 101 takes no order
        item.insert("PurchaseOrder".to_owned(), json!(line.order_number));
        item.insert("PurchaseOrderItem".to_owned(), json!(line.line));
        if let Some(orders) = orders {
            let ordered = orders.item(&line.order_number, &line.line)?;
            item.extend(of_order(ordered)?);
            item.insert("EntryUnit".to_owned(), json!(unit(&self.codes, ordered, &line.unit)?));
        }
        item.insert("QuantityInEntryUnit".to_owned(), json!(decimal(line.quantity, 3)?));
        if let Some(stock_type) = stock_type(&self.stock_types, line)? {
            item.insert("InventoryStockType".to_owned(), json!(stock_type));
        }
        if line.condition != GoodsCondition::Good {
            item.insert("MaterialDocumentItemText".to_owned(), json!(line.condition.code()));
        }
        Ok(Value::Object(item))
    }
}

impl Task for Post {
    fn questions(&self) -> Vec<Question> {
        let mut questions = vec![documents_question(&self.reference)];
        questions.extend(self.replaces.as_deref().map(documents_question));
        if !self.lines.is_empty() {
            let mut orders: Vec<&str> = self.lines.iter().map(|line| line.order_number.as_str()).collect();
            orders.sort_unstable();
            orders.dedup();
            questions.push(orders_question(orders));
        }
        questions
    }

    fn plan(&self, answers: &[Vec<u8>]) -> Result<Plan, DeliveryError> {
        let mut answers = answers.iter();
        let mut next = || answers.next().map_or(&[] as &[u8], Vec::as_slice);
        let own = goods_receipt(v2_list(next())?);
        let mut writes = Vec::new();
        let mut cancelled = None;
        if self.replaces.is_some() {
            let Some(earlier) = goods_receipt(v2_list(next())?) else {
                return Err(DeliveryError::Refused {
                    code: "NOT_FOUND".to_owned(),
                    message: "SAP has no material document of the receipt that is taken back".to_owned(),
                });
            };
            cancelled = Some(earlier.material_document.clone());
            if !is_cancelled(&earlier) {
                writes.push(cancel(&earlier, self.posted_on));
            }
        }
        if own.is_none() && !self.lines.is_empty() {
            writes.push(self.create(Some(&Orders::read(next())?))?);
        }
        let number = own.map(|own| own.material_document).or(cancelled);
        Ok(if writes.is_empty() { Plan::Done(number) } else { Plan::Do(writes) })
    }

    fn draft(&self) -> Result<Vec<Write>, DeliveryError> {
        if self.lines.is_empty() { Ok(Vec::new()) } else { Ok(vec![self.create(None)?]) }
    }
}

/// What SAP calls our statement: the same whenever it is asked.
fn reference(source: &str, number: &str) -> String {
    short(&["receipt", source, number])
}

fn documents_question(reference: &str) -> Question {
    let path = format!(
        "A_MaterialDocumentHeader?$filter=ReferenceDocument eq {}&$expand=to_MaterialDocumentItem&$format=json",
        quoted(reference)
    );
    Question { service: Service::Materials, path }
}

/// The document that was posted, and not one that takes it back.
fn goods_receipt(documents: Vec<MaterialDocument>) -> Option<MaterialDocument> {
    let takes_back = |document: &MaterialDocument| {
        document.items.results.iter().any(|item| !item.reversed_material_document.is_empty())
    };
    documents.into_iter().find(|document| !takes_back(document))
}

fn is_cancelled(document: &MaterialDocument) -> bool {
    let items = &document.items.results;
    !items.is_empty() && items.iter().all(|item| item.goods_movement_is_cancelled)
}

fn cancel(document: &MaterialDocument, on: Date) -> Write {
    let path = format!(
        "Cancel?MaterialDocumentYear={}&MaterialDocument={}&PostingDate=datetime'{on}T00:00:00'",
        quoted(&document.material_document_year),
        quoted(&document.material_document)
    );
    Write {
        method: Method::POST,
        service: Service::Materials,
        path,
        body: None,
        etag: None,
        makes: Makes::Numbered(NUMBER),
    }
}

/// What a movement has to repeat of the order's item.
fn of_order(item: &Item) -> Result<Map<String, Value>, DeliveryError> {
    if item.plant.is_empty() {
        return Err(unmappable(format!("SAP's item {} names no plant", item.purchase_order_item)));
    }
    let said =
        [("Material", &item.material), ("Plant", &item.plant), ("StorageLocation", &item.storage_location)];
    let said = said.into_iter().filter(|(_, text)| !text.is_empty());
    Ok(said.map(|(name, text)| (name.to_owned(), json!(text))).collect())
}

/// Where goods of a condition go; good ones go where the order says.
fn stock_type<'a>(
    stock_types: &'a BTreeMap<GoodsCondition, Code<2>>,
    line: &ReceivedQuantity,
) -> Result<Option<&'a str>, DeliveryError> {
    match stock_types.get(&line.condition) {
        Some(code) => Ok(Some(&code.0)),
        None if line.condition == GoodsCondition::Good => Ok(None),
        None => Err(unmappable(format!(
            "line {} came {}, and the connection does not say to which stock type such goods go",
            line.line, line.condition
        ))),
    }
}
