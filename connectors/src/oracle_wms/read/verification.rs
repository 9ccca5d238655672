//! Verified shipments: the warehouse's last word about each, in totals.
use quayside_canonical::document::read_receipt;
use quayside_canonical::gs1::Sscc;
use quayside_canonical::receipt::ReceiptDocument;
use quayside_canonical::{Field, Problems};
use serde_json::{Map, Value, json};

use super::super::map::Mark;
use super::{Reader, VERIFIED, dates, items, text, written};
use crate::text::one_line;
use crate::{Inbound, Stated};

/// One statement for each shipment of the message.
pub(super) fn read(
    reader: &Reader<'_>,
    header: &Value,
    shipments: &[Value],
) -> Result<Vec<Inbound>, Problems> {
    let field = Field::root().at("Header");
    let message = text(header, "MessageId");
    let message =
        message.ok_or_else(|| Problems::one("REQUIRED", &field.at("MessageId"), "`MessageId` is missing"))?;
    let stamp = text(header, "TimeStamp").and_then(|stamp| dates::moment(stamp, reader.config.time_zone));
    let stamp = stamp.ok_or_else(|| {
        let said = one_line(&header["TimeStamp"].to_string(), 80);
        Problems::one("INVALID_VALUE", &field.at("TimeStamp"), format!("{said} is no time"))
    })?;
    if shipments.is_empty() {
        let field = Field::root().at("ListOfVerifiedIbShipments").at("ib_shipment");
        return Err(Problems::one("REQUIRED", &field, "the message verifies no shipment"));
    }
    let stated = shipments.iter().map(|shipment| {
        let number = written(&shipment["ib_shipment_hdr"], "shipment_nbr").unwrap_or_default();
        Inbound::Receipt(Stated {
            key: format!("{message} {}", one_line(&number, 80)),
            document: statement(reader, message, &stamp, shipment),
        })
    });
    Ok(stated.collect())
}

fn statement(
    reader: &Reader<'_>,
    message: &str,
    stamp: &str,
    shipment: &Value,
) -> Result<ReceiptDocument, Problems> {
    let (mut problems, header) = (Problems::new(), &shipment["ib_shipment_hdr"]);
    let field = Field::root().at("ib_shipment_hdr");
    reader.check_company(header, &field, &mut problems);
    let number = written(header, "shipment_nbr");
    if number.is_none() {
        problems.add("REQUIRED", &field.at("shipment_nbr"), "`shipment_nbr` is missing");
    }
    let mark = format!("shipment_hdr_{}", reader.config.mark_field.name());
    let ours = text(header, &mark).and_then(Mark::read).is_some();
    let supplier = text(header, "vendor_info").filter(|_| ours).map(|number| reader.supplier(number));
    let mut lines = Vec::new();
    for (index, detail) in items(&shipment["ib_shipment_dtl"]).iter().enumerate() {
        let field = Field::root().at("ib_shipment_dtl").at(index);
        lines.push(line(reader, detail, ours, &field, &mut problems));
    }
    let mut document = json!({
        "number": format!("SVS {message} {}", number.as_deref().unwrap_or_default()),
        "kind": "FINAL",
        "basis": "TOTAL",
        "shipment": number,
        "receivedAt": stamp,
        "sequence": VERIFIED,
        "lines": lines,
    });
    document["supplier"] = json!(supplier);
    document["location"] = json!(reader.location(text(header, "facility_code")));
    finish(&document, problems)
}

/// The document, when neither the site's words nor the document itself are wrong.
pub(super) fn finish(document: &Value, mut problems: Problems) -> Result<ReceiptDocument, Problems> {
    match read_receipt(document) {
        Ok(read) if problems.is_empty() => Ok(read),
        Ok(_) => Err(problems),
        Err(more) => {
            problems.extend(more);
            Err(problems)
        }
    }
}

fn line(reader: &Reader<'_>, detail: &Value, ours: bool, field: &Field, problems: &mut Problems) -> Value {
    let config = reader.config;
    let order = text(detail, "po_nbr");
    if order.is_none() {
        problems.add("REQUIRED", &field.at("po_nbr"), "goods of no order cannot be booked");
    }
    // The number as the order has it, where we wrote it; else the WMS's count.
    let written_by_us =
        config.line_field.filter(|_| ours).map(|field| format!("shipment_dtl_{}", field.name()));
    let exact = written_by_us.and_then(|name| text(detail, &name)).map(str::to_owned);
    let line = exact.or_else(|| written(detail, "po_seq_nbr").map(|number| reader.line(&number)));
    if line.is_none() {
        problems.add("REQUIRED", &field.at("po_seq_nbr"), "goods of no order line cannot be booked");
    }
    let condition = reader.condition([text(detail, "lock_code"), text(detail, "inventory_lock_code")]);
    let mut stated = Map::new();
    stated.insert("order".to_owned(), json!(order));
    stated.insert("line".to_owned(), json!(line));
    // An empty quantity is none.
    stated.insert(
        "quantity".to_owned(),
        json!(written(detail, "received_qty").unwrap_or_else(|| "0".to_owned())),
    );
    stated.insert("unit".to_owned(), json!(config.told_unit));
    stated.insert("condition".to_owned(), json!(condition.condition));
    stated.insert("conditionCode".to_owned(), json!(condition.code));
    pieces(detail, &mut stated, field, problems);
    Value::Object(stated)
}

/// What tells goods of the same line apart.
pub(super) fn pieces(
    detail: &Value,
    stated: &mut Map<String, Value>,
    field: &Field,
    problems: &mut Problems,
) {
    let mut evidence: Vec<String> = Vec::new();
    if let Some(lpn) = text(detail, "lpn_nbr") {
        match lpn.parse::<Sscc>() {
            Ok(sscc) => {
                stated.insert("sscc".to_owned(), json!(sscc.to_string()));
            }
            // A label of the warehouse's own.
            Err(_) => evidence.push(format!("LPN {lpn}")),
        }
    }
    stated.insert("lot".to_owned(), json!(text(detail, "batch_nbr")));
    if let Some(written) = text(detail, "expiry_date") {
        match dates::day(written) {
            Some(day) => {
                stated.insert("expiresOn".to_owned(), json!(day.to_string()));
            }
            None => {
                let message = format!("`{}` is no day", one_line(written, 80));
                problems.add("INVALID_VALUE", &field.at("expiry_date"), message);
            }
        }
    }
    evidence.extend(text(detail, "serial_nbr").map(|serial| format!("serial number {serial}")));
    stated.insert("evidence".to_owned(), json!(evidence));
}
