//! Between our events and SAP's documents. Pure: what is to be read, and, from what was read, what is to be written.
//!
//! Every event becomes a [`Task`]. A task looks before it writes, and writes only what is missing, so it may be
//! begun again after any interruption: what is there already is not made twice, and what was made in part is
//! completed.
use chrono::{DateTime, Datelike as _, FixedOffset, NaiveTime, Timelike as _};
use quayside_canonical::{Date, Micro, Timestamp, master_data::CrossReferenceKind, states::LineStatus};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::config::{Answers, Config, Proposals};
use super::services::{Question, Write};
use super::wire::{Decimal, Item, List, PurchaseOrder, Results, V2};
use crate::{Codes, Delivery, DeliveryError};

mod changed;
mod confirmation;
mod delivery;
mod material;
mod order;
mod order_update;

pub(super) use changed::changed;
pub(super) use order::{HEADER, items, stated};

/// What one event asks of SAP.
pub(super) trait Task: Send + Sync {
    /// What has to be read before anything can be decided.
    fn questions(&self) -> Vec<Question>;

    /// What is left to do, by the answers to the questions, in their order.
    ///
    /// # Errors
    /// The event cannot be said in SAP's words, or SAP does not know what it is about.
    fn plan(&self, answers: &[Vec<u8>]) -> Result<Plan, DeliveryError>;

    /// The document as it would be made, without what only SAP knows.
    ///
    /// # Errors
    /// The event cannot be said in SAP's words.
    fn draft(&self) -> Result<Vec<Write>, DeliveryError>;
}

/// What is left to do.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Plan {
    /// Nothing: SAP has it, as this document where there is one.
    Done(Option<String>),
    /// These, one after the other.
    Do(Vec<Write>),
}

/// What a delivery asks of SAP.
pub(super) fn task(config: &Config, delivery: &Delivery) -> Result<Box<dyn Task>, DeliveryError> {
    if delivery.event.get("type").and_then(Value::as_str) != Some(&delivery.event_type) {
        return Err(unmappable("the envelope names another event type"));
    }
    let codes = &delivery.codes;
    match delivery.event_type.as_str() {
        "acknowledgment.submitted" => {
            let held = |status| status == LineStatus::Proposed && config.proposals == Proposals::Held;
            answer(config, confirmation::Answer::submitted(data(delivery)?, held)?)
        }
        "change_proposal.accepted" => answer(config, confirmation::Answer::agreed(&data(delivery)?)?),
        "change_proposal.declined" => answer(config, confirmation::Answer::declined(data(delivery)?)?),
        "shipment.submitted" if config.inbound_deliveries => {
            Ok(Box::new(delivery::Announce::submitted(config, codes, &data(delivery)?)?))
        }
        "shipment.amended" if config.inbound_deliveries => {
            Ok(Box::new(delivery::Announce::amended(config, codes, &data(delivery)?)?))
        }
        "shipment.cancelled" if config.inbound_deliveries => {
            Ok(Box::new(delivery::Withdraw::cancelled(codes, &data(delivery)?)?))
        }
        "receipt.recorded" if config.goods_receipts => {
            Ok(Box::new(material::Post::recorded(config, codes, data(delivery)?)?))
        }
        other => Err(unmappable(format!("this connection does not send `{other}` on"))),
    }
}

fn answer(config: &Config, answer: confirmation::Answer) -> Result<Box<dyn Task>, DeliveryError> {
    Ok(match config.answers {
        Answers::Confirmation => Box::new(confirmation::Confirm::new(config, answer)?),
        Answers::Order => Box::new(order_update::Update::new(config, answer)?),
    })
}

fn data<T: DeserializeOwned>(delivery: &Delivery) -> Result<T, DeliveryError> {
    let data = delivery.event.get("data").unwrap_or(&Value::Null);
    T::deserialize(data).map_err(|error| unmappable(format!("the event is not as it is catalogued: {error}")))
}

pub(super) fn unmappable(words: impl Into<String>) -> DeliveryError {
    DeliveryError::Unmappable(words.into())
}

/// The numbers of the orders a task is about, as one question: with their items and schedule lines.
fn orders_question<'a>(numbers: impl IntoIterator<Item = &'a str>) -> Question {
    let named: Vec<String> = numbers
        .into_iter()
        .map(|number| format!("PurchaseOrder eq {}", super::services::quoted(number)))
        .collect();
    let path = format!(
        "PurchaseOrder?$filter={}&$select={}&$expand=_PurchaseOrderItem($select={};$expand={})",
        named.join(" or "),
        "PurchaseOrder,DocumentCurrency",
        "PurchaseOrder,PurchaseOrderItem,Material,Plant,StorageLocation,OrderQuantity,\
         PurchaseOrderQuantityUnit,OrderPriceUnit,NetPriceAmount,NetPriceQuantity,DocumentCurrency,\
         PurgDocOrderAcknNumber",
        order::SCHEDULES,
    );
    Question { service: super::services::Service::Orders, path }
}

/// The orders in an answer to [`orders_question`].
struct Orders(Vec<PurchaseOrder>);

impl Orders {
    fn read(body: &[u8]) -> Result<Self, DeliveryError> {
        list(body).map(Self)
    }

    fn item(&self, order: &str, line: &str) -> Result<&Item, DeliveryError> {
        let Some(order) = self.0.iter().find(|known| known.purchase_order == order) else {
            let message = format!("SAP shows this user no purchase order {order}");
            return Err(DeliveryError::Refused { code: "NOT_FOUND".to_owned(), message });
        };
        let item = order.items.iter().find(|item| same_item(&item.purchase_order_item, line));
        item.ok_or_else(|| DeliveryError::Refused {
            code: "NOT_FOUND".to_owned(),
            message: format!("SAP's purchase order {} has no item {line}", order.purchase_order),
        })
    }
}

/// SAP counts items with or without leading zeros, by service.
fn same_item(one: &str, other: &str) -> bool {
    one.trim_start_matches('0') == other.trim_start_matches('0')
}

/// SAP's unit of an item, once it is certain that it is the one the event counts in.
fn unit<'a>(codes: &Codes, item: &'a Item, counted_in: &str) -> Result<&'a str, DeliveryError> {
    let theirs = item.purchase_order_quantity_unit.as_str();
    if theirs.is_empty() {
        return Err(unmappable(format!("SAP's item {} has no unit", item.purchase_order_item)));
    }
    let ours = codes.ours(CrossReferenceKind::Unit, theirs).unwrap_or(theirs);
    if ours != counted_in {
        let item = &item.purchase_order_item;
        return Err(unmappable(format!(
            "item {item} is counted in {counted_in} here and in {theirs} in SAP: the connection's codes do not say \
             that these are the same"
        )));
    }
    Ok(theirs)
}

/// What SAP calls the supplier: by its code, or by the tenant's number, which is SAP's where none is set up.
fn supplier(codes: &Codes, number: &str) -> Result<String, DeliveryError> {
    let theirs = codes.theirs(CrossReferenceKind::Supplier, number).unwrap_or(number);
    fits("the supplier's number", theirs, 10)
}

/// The text, if SAP's field holds it whole. Never cut: half a number is another number.
fn fits(what: &str, text: &str, limit: usize) -> Result<String, DeliveryError> {
    if text.chars().count() > limit {
        return Err(unmappable(format!(
            "{what} {text} is longer than the {limit} characters SAP has for it"
        )));
    }
    Ok(text.to_owned())
}

/// A text of ours as far as SAP's field holds it: only where nothing is looked up by it.
fn cut(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

/// A quantity or price of SAP's as text, for services of V2.
fn decimal(amount: Micro, places: u32) -> Result<String, DeliveryError> {
    const DIGITS: usize = 10;
    let text = amount.to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    if whole.len() > DIGITS || rest.len() > places as usize {
        return Err(unmappable(format!("{text} has more digits than SAP keeps ({places} after the point)")));
    }
    Ok(text)
}

/// The same as a number, for services of V4. What [`decimal`] lets through fits a double.
fn number(amount: Micro, places: u32) -> Result<Value, DeliveryError> {
    let text = decimal(amount, places)?;
    serde_json::from_str(&text).map_err(|error| unmappable(error.to_string()))
}

/// A number of SAP's.
fn amount(decimal: &Decimal) -> Option<Micro> {
    decimal.0.parse().ok()
}

/// A day in V2.
fn v2_date(day: Date) -> String {
    format!("/Date({})/", day.and_time(NaiveTime::MIN).and_utc().timestamp_millis())
}

/// A time of day in V2.
fn v2_time(time: NaiveTime) -> String {
    format!("PT{:02}H{:02}M{:02}S", time.hour(), time.minute(), time.second())
}

/// A day in V2, read.
fn v2_day(text: Option<&str>) -> Option<Date> {
    let digits = text?.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let digits = digits.split_once('+').map_or(digits, |(digits, _)| digits);
    Some(DateTime::from_timestamp_millis(digits.parse().ok()?)?.date_naive())
}

/// When it was where the plants are.
fn local(at: Timestamp, offset: FixedOffset) -> Option<(Date, NaiveTime)> {
    let local = DateTime::from_timestamp_micros(at.micros())?.with_timezone(&offset);
    (local.year() < 10_000).then(|| (local.date_naive(), local.time()))
}

/// Our name of something in 16 characters: SAP's shortest field of reference holds no more.
fn short(parts: &[&str]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let letters = digest.chunks(5).take(2).flat_map(|chunk| {
        let bits = chunk.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        (0..8).rev().map(move |place| ALPHABET[(bits >> (place * 5) & 31) as usize])
    });
    letters.map(char::from).collect()
}

/// An answer as one of our types. SAP writes `null` for nothing, also where a text is due.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, DeliveryError> {
    let unread = || DeliveryError::Retry {
        reason: "SAP's answer is not the OData that was agreed".to_owned(),
        after: None,
    };
    let value: Value = serde_json::from_slice(body).map_err(|_| unread())?;
    T::deserialize(without_nulls(value)).map_err(|_| unread())
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let said = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(said.map(|(name, value)| (name, without_nulls(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

/// A page of orders.
pub(super) fn page(body: &[u8]) -> Result<List<PurchaseOrder>, DeliveryError> {
    read(body)
}

/// All of a list of V4. Half of one decides nothing.
fn list<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, DeliveryError> {
    let list: List<T> = read(body)?;
    whole(list.value, list.next.is_some())
}

/// All of a list of V2.
fn v2_list<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, DeliveryError> {
    let list: V2<Results<T>> = read(body)?;
    whole(list.d.results, list.d.next.is_some())
}

fn whole<T>(items: Vec<T>, more: bool) -> Result<Vec<T>, DeliveryError> {
    if more {
        return Err(DeliveryError::Refused {
            code: "TOO_MANY".to_owned(),
            message: "SAP has more documents of this reference than it shows at once".to_owned(),
        });
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_sixteen_letters_and_its_parts_do_not_run_together() {
        let reference = short(&["con_1", "GR-7"]);
        assert_eq!(reference, short(&["con_1", "GR-7"]));
        assert_eq!(reference.len(), 16);
        assert!(reference.bytes().all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte)));
        assert_ne!(reference, short(&["con_1G", "R-7"]));
    }

    #[test]
    fn a_quantity_that_sap_would_round_is_not_sent() {
        assert_eq!(decimal("12.5".parse().unwrap(), 3), Ok("12.5".to_owned()));
        assert_eq!(number("4.4".parse().unwrap(), 2).unwrap().to_string(), "4.4");
        assert!(decimal("0.0001".parse().unwrap(), 3).is_err());
        assert!(decimal("99999999999".parse().unwrap(), 3).is_err());
    }

    #[test]
    fn days_of_v2_go_both_ways() {
        let day = "2026-12-01".parse().unwrap();
        assert_eq!(v2_date(day), "/Date(1796083200000)/");
        assert_eq!(v2_day(Some("/Date(1796083200000)/")), Some(day));
        assert_eq!(v2_day(Some("/Date(1796083200000+0000)/")), Some(day));
        assert_eq!(v2_day(Some("2026-12-01")), None);
    }

    #[test]
    fn the_day_is_the_plants() {
        let night = "2026-12-01T03:30:00Z".parse().unwrap();
        let chicago = "-06:00".parse().unwrap();
        let (day, time) = local(night, chicago).unwrap();
        assert_eq!((day.to_string(), v2_time(time)), ("2026-11-30".to_owned(), "PT21H30M00S".to_owned()));
    }
}
