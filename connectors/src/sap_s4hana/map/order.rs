//! SAP's purchase order → ours.
//!
//! The canonical document is written as JSON and read by its own reader, so that all that is wrong with an order is
//! told at once, in the words of the other ways in.
use quayside_canonical::{
    Field, Micro, Problems, document::read_purchase_order, master_data::CrossReferenceKind,
};
use serde_json::{Value, json};

use super::amount;
use crate::sap_s4hana::config::Config;
use crate::sap_s4hana::wire::{Address, Decimal, Item, PurchaseOrder, ScheduleLine};
use crate::{Codes, Stated};

/// What is asked of an order.
pub(in crate::sap_s4hana) const HEADER: &str = "PurchaseOrder,PurchaseOrderDate,LastChangeDateTime,\
     PurchaseOrderDeletionCode,ReleaseIsNotCompleted,Supplier,PaymentTerms,IncotermsClassification,\
     IncotermsLocation1,DocumentCurrency";

/// What is asked of its items, with their schedule lines and addresses.
pub(in crate::sap_s4hana) fn items() -> String {
    format!(
        "_PurchaseOrderItem($select={};$expand={SCHEDULES},_DeliveryAddress($select={}))",
        "PurchaseOrder,PurchaseOrderItem,PurchasingDocumentDeletionCode,PurchaseOrderItemText,Material,\
         SupplierMaterialNumber,InternationalArticleNumber,Plant,OrderQuantity,PurchaseOrderQuantityUnit,\
         OrderPriceUnit,NetPriceAmount,NetPriceQuantity,DocumentCurrency,IsReturnsItem",
        "PurchaseOrder,PurchaseOrderItem,DeliveryAddressID,AddresseeFullName,OrganizationName1,StreetName,\
         HouseNumber,PostalCode,CityName,Region,Country"
    )
}

/// What is asked of a schedule line.
pub(super) const SCHEDULES: &str = "_PurchaseOrderScheduleLineTP($select=PurchaseOrder,PurchaseOrderItem,ScheduleLine,\
     ScheduleLineDeliveryDate,ScheduleLineOrderQuantity,DelivDateCategory)";

/// The order as SAP states it, or all that keeps it from being one of ours.
pub(in crate::sap_s4hana) fn stated(
    config: &Config,
    codes: &Codes,
    order: &PurchaseOrder,
) -> Stated<quayside_canonical::order::PurchaseOrder> {
    let mut problems = Problems::new();
    let document = document(config, codes, order, &mut problems);
    let read = read_purchase_order(&document);
    let document = match read {
        Ok(read) if problems.is_empty() => Ok(read),
        Ok(_) => Err(problems),
        Err(others) => {
            problems.extend(others);
            Err(problems)
        }
    };
    Stated { key: order.purchase_order.clone(), document }
}

fn document(config: &Config, codes: &Codes, order: &PurchaseOrder, problems: &mut Problems) -> Value {
    let supplier = translated(codes, CrossReferenceKind::Supplier, &order.supplier);
    let notes: Vec<&str> = order
        .notes
        .iter()
        .filter(|note| config.note_types.iter().any(|wanted| wanted.0 == note.text_object_type))
        .map(|note| note.plain_long_text.trim())
        .filter(|text| !text.is_empty())
        .collect();
    let fields = (0..).map(|index: usize| Field::root().at("lines").at(index));
    let lines: Vec<Value> =
        order.items.iter().zip(fields).map(|(item, field)| line(codes, item, &field, problems)).collect();
    json!({
        "number": order.purchase_order,
        "supplier": text(supplier),
        // The moment of the change names the revision: it is the same whenever the order is read again.
        "revision": {
            "id": order.last_change_date_time,
            "issuedAt": order.last_change_date_time,
        },
        "currency": text(&order.document_currency),
        "orderedOn": order.purchase_order_date,
        "cancelled": !order.purchase_order_deletion_code.is_empty(),
        "incoterms": text(&order.incoterms_classification)
            .map(|code| json!({ "code": code, "place": text(&order.incoterms_location_1) })),
        "paymentTerms": text(&order.payment_terms),
        "notes": notes,
        "lines": lines,
    })
}

fn line(codes: &Codes, item: &Item, field: &Field, problems: &mut Problems) -> Value {
    if item.is_returns_item {
        let words = format!("item {} returns goods to the supplier", item.purchase_order_item);
        problems.add("RETURNS_ITEM", field, words);
    }
    let blocked = item.purchasing_document_deletion_code == "S";
    let mut notes = Vec::new();
    let (price, per) = match Price::of(item) {
        Price::None => (None, None),
        Price::Stated { amount, per } => (amount, per),
        Price::Note(note) => {
            notes.push(note);
            (None, None)
        }
    };
    if blocked {
        notes.push("The buyer has blocked this item for now.".to_owned());
    }
    let mut schedules: Vec<&ScheduleLine> = item.schedules.iter().collect();
    schedules.sort_by_key(|line| &line.schedule_line_delivery_date);
    for schedule in &schedules {
        if !matches!(schedule.deliv_date_category.as_str(), "" | "1" | "D") {
            let words = format!(
                "schedule line {} is for a period ({}) and not for a day",
                schedule.schedule_line, schedule.deliv_date_category
            );
            problems.add("DELIVERY_PERIOD", &field.at("schedules"), words);
        }
    }
    let day = |schedule: &ScheduleLine| schedule.schedule_line_delivery_date.clone();
    json!({
        "number": item.purchase_order_item,
        "buyerPart": text(translated(codes, CrossReferenceKind::Item, &item.material)),
        "supplierPart": text(&item.supplier_material_number),
        "gtin": text(&item.international_article_number),
        "description": text(&item.purchase_order_item_text),
        "quantity": digits(&item.order_quantity),
        "unit": text(translated(codes, CrossReferenceKind::Unit, &item.purchase_order_quantity_unit)),
        "unitPrice": price,
        "pricePer": per,
        "deliverTo": schedules.last().map(|last| day(last)),
        "shipTo": ship_to(codes, item),
        "cancelled": !item.purchasing_document_deletion_code.is_empty() && !blocked,
        "schedules": match schedules.as_slice() {
            [] | [_] => Vec::new(),
            several => several
                .iter()
                .map(|line| json!({
                    "quantity": digits(&line.schedule_line_order_quantity),
                    "deliverTo": day(line),
                }))
                .collect(),
        },
        "notes": notes,
    })
}

/// A price per unit of the order. One per another unit is told in words: the factor between the two is not ours to
/// guess.
enum Price {
    None,
    Stated { amount: Option<String>, per: Option<String> },
    Note(String),
}

impl Price {
    fn of(item: &Item) -> Self {
        let Some(price) = amount(&item.net_price_amount) else { return Self::None };
        let per = amount(&item.net_price_quantity).filter(|per| per.is_positive());
        if !in_order_unit(item) {
            let per = per.unwrap_or(Micro::ONE);
            let (currency, unit) = (&item.document_currency, &item.order_price_unit);
            return Self::Note(format!("Price: {price} {currency} per {per} {unit}"));
        }
        Self::Stated { amount: Some(price.to_string()), per: per.map(|per| per.to_string()) }
    }
}

/// Whether the item's price is one of the unit it is ordered in.
pub(super) fn in_order_unit(item: &Item) -> bool {
    item.order_price_unit.is_empty() || item.order_price_unit == item.purchase_order_quantity_unit
}

fn ship_to(codes: &Codes, item: &Item) -> Option<Value> {
    let code = text(translated(codes, CrossReferenceKind::Location, &item.plant));
    let address = item.address.clone().unwrap_or_default();
    let name = text(&address.addressee_full_name).or(text(&address.organization_name_1));
    let lines = address_lines(&address);
    if code.is_none() && name.is_none() && lines.is_empty() {
        return None;
    }
    Some(json!({ "code": code, "name": name, "address": lines }))
}

fn address_lines(address: &Address) -> Vec<String> {
    let joined = |parts: &[&str]| {
        let said: Vec<&str> = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        said.join(" ")
    };
    let lines = [
        joined(&[&address.street_name, &address.house_number]),
        joined(&[&address.postal_code, &address.city_name]),
        joined(&[&address.region]),
        joined(&[&address.country]),
    ];
    lines.into_iter().filter(|line| !line.is_empty()).collect()
}

/// The tenant's code, or SAP's own: the tenant is told of a code that nobody knows when the order is taken in.
fn translated<'a>(codes: &'a Codes, kind: CrossReferenceKind, theirs: &'a str) -> &'a str {
    codes.ours(kind, theirs).unwrap_or(theirs)
}

fn text(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// A number of SAP's as ours are written; what is none is left for the reader to say so.
fn digits(decimal: &Decimal) -> Option<String> {
    let text = decimal.0.as_str();
    (!text.is_empty()).then(|| amount(decimal).map_or_else(|| text.to_owned(), |amount| amount.to_string()))
}
