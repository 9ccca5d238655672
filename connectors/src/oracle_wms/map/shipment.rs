//! Announced goods as `ib_shipment`: one detail for each batch in each handling unit.
//!
//! Details are numbered in the order of the notice, from 1, so that the same notice always makes the same document.
use std::collections::BTreeMap;

use quayside_canonical::Micro;
use quayside_canonical::events::{ShipmentAmended, ShipmentCancelled, ShipmentSubmitted, ShippedQuantity};
use quayside_canonical::shipment::{Batch, HandlingUnit, ShipNotice, ShippedLine};

use super::{Body, Fields, Mark, Plan, Row, Target, Want, Words, put};
use crate::DeliveryError;

const LIST: &str = "ListOfIbShipments";

/// An amended shipment says all that a submitted one says.
pub(super) fn as_submitted(amended: ShipmentAmended) -> ShipmentSubmitted {
    let ShipmentAmended { shipment, supplier, supplier_number, number, version, lines, notice } = amended;
    ShipmentSubmitted { shipment, supplier, supplier_number, number, version, lines, notice }
}

pub(super) fn announced(
    words: &Words<'_>,
    event: &ShipmentSubmitted,
    look_first: bool,
) -> Result<Plan, DeliveryError> {
    let notice = &event.notice;
    let place = notice.ship_to.as_ref().and_then(|party| party.code.as_deref());
    let mut header = Fields::new();
    put(&mut header, "shipment_nbr", Some(event.number.as_str()));
    // The load is what ties an appointment to its goods.
    put(&mut header, "load_nbr", Some(event.number.as_str()));
    put(&mut header, "shipment_type", words.config.shipment_type.as_deref());
    put(&mut header, "trailer_nbr", notice.trailer.as_deref());
    put(&mut header, "ref_nbr", notice.bill_of_lading.as_deref());
    put(&mut header, "manifest_nbr", notice.pro_number.as_deref());
    put(&mut header, "vendor_info", Some(words.supplier(&event.supplier_number)));
    put(&mut header, "origin_info", notice.ship_from.as_ref().and_then(|party| party.name.as_deref()));
    put(&mut header, "shipped_date", notice.ships_at.map(|at| words.day_of(at)));
    let rows = rows(words, notice, &event.lines)?;
    let mark = Mark { subject: event.shipment.to_string(), version: i64::from(event.version) };
    Ok(Plan {
        target: target(words, &event.number, place, mark)?,
        want: Want::There,
        look_first,
        body: Body::Staged { list: LIST, header, rows },
    })
}

pub(super) fn cancelled(words: &Words<'_>, event: &ShipmentCancelled) -> Result<Plan, DeliveryError> {
    let mut header = Fields::new();
    put(&mut header, "shipment_nbr", Some(event.number.as_str()));
    let mark = Mark { subject: event.shipment.to_string(), version: i64::from(event.version) };
    Ok(Plan {
        target: target(words, &event.number, event.location.as_deref(), mark)?,
        want: Want::Gone,
        look_first: true,
        body: Body::Staged { list: LIST, header, rows: Vec::new() },
    })
}

fn target(words: &Words<'_>, number: &str, place: Option<&str>, mark: Mark) -> Result<Target, DeliveryError> {
    let facility = words.facility(place)?;
    Ok(Target { entity: "ib_shipment", key: "shipment_nbr", number: number.to_owned(), facility, mark })
}

/// The handling unit that goods are booked under, and the one it stands on.
#[derive(Default)]
struct Packed {
    lpn: Option<String>,
    pallet: Option<String>,
}

fn rows(
    words: &Words<'_>,
    notice: &ShipNotice,
    lines: &[ShippedQuantity],
) -> Result<Vec<Row>, DeliveryError> {
    let mut rows = Rows { words, rows: Vec::new() };
    let mut packed: BTreeMap<(&str, &str), Micro> = BTreeMap::new();
    for unit in &notice.units {
        let place = place_of(notice, unit);
        for content in &unit.contents {
            let line = line_of(notice, &content.order, &content.line)?;
            let known = packed.entry((&line.order, &line.line)).or_default();
            *known = *known + content.batch.quantity;
            rows.batch(line, shipped(lines, line)?, &content.batch, &place)?;
        }
    }
    for line in &notice.lines {
        let (shipped, place) = (shipped(lines, line)?, Packed::default());
        let packed = packed.get(&(line.order.as_str(), line.line.as_str())).copied().unwrap_or_default();
        let mut loose = line.quantity - packed;
        for batch in &line.batches {
            loose = loose - batch.quantity;
            rows.batch(line, shipped, batch, &place)?;
        }
        if loose < Micro::ZERO {
            let words = format!("line {} of {}: more is packed than shipped", line.line, line.order);
            return Err(DeliveryError::Unmappable(words));
        }
        if loose.is_positive() {
            rows.batch(line, shipped, &Batch { quantity: loose, ..Batch::default() }, &place)?;
        }
    }
    Ok(rows.rows)
}

fn line_of<'a>(notice: &'a ShipNotice, order: &str, line: &str) -> Result<&'a ShippedLine, DeliveryError> {
    let found = notice.lines.iter().find(|known| known.order == order && known.line == line);
    let missing = || format!("a handling unit holds line {line} of {order}, which is not shipped");
    found.ok_or_else(|| DeliveryError::Unmappable(missing()))
}

fn shipped<'a>(
    lines: &'a [ShippedQuantity],
    line: &ShippedLine,
) -> Result<&'a ShippedQuantity, DeliveryError> {
    let names =
        |known: &&ShippedQuantity| known.order_number == line.order || known.order.to_string() == line.order;
    let found = lines.iter().filter(names).find(|known| known.line == line.line);
    let missing = || format!("the event does not say what line {} of {} is", line.line, line.order);
    found.ok_or_else(|| DeliveryError::Unmappable(missing()))
}

/// The nearest unit with a code is the LPN; the next one it stands on is the pallet.
fn place_of(notice: &ShipNotice, unit: &HandlingUnit) -> Packed {
    let mut codes = Vec::new();
    let mut at = Some(unit);
    // As many steps as there are units: units that stand on each other would never end.
    for _ in 0..=notice.units.len() {
        let Some(here) = at else { break };
        codes.extend(here.sscc.map(|sscc| sscc.to_string()));
        at = here.parent.as_ref().and_then(|key| notice.units.iter().find(|known| known.key == *key));
    }
    let mut codes = codes.into_iter();
    Packed { lpn: codes.next(), pallet: codes.next() }
}

struct Rows<'a> {
    words: &'a Words<'a>,
    rows: Vec<Row>,
}

impl Rows<'_> {
    /// A detail for the batch; where its pieces have serial numbers, one for each of those and one for the rest.
    fn batch(
        &mut self,
        line: &ShippedLine,
        shipped: &ShippedQuantity,
        batch: &Batch,
        place: &Packed,
    ) -> Result<(), DeliveryError> {
        let numbered = i32::try_from(batch.serials.len()).map_err(|_| too_many(line))?;
        let rest = batch.quantity - Micro::from(numbered);
        if rest < Micro::ZERO {
            return Err(too_many(line));
        }
        for serial in &batch.serials {
            self.row(line, shipped, (batch, Micro::ONE, Some(serial)), place)?;
        }
        if rest.is_positive() || batch.serials.is_empty() {
            self.row(line, shipped, (batch, rest, None), place)?;
        }
        Ok(())
    }

    fn row(
        &mut self,
        line: &ShippedLine,
        shipped: &ShippedQuantity,
        (batch, quantity, serial): (&Batch, Micro, Option<&String>),
        place: &Packed,
    ) -> Result<(), DeliveryError> {
        let (words, mut fields) = (self.words, Fields::new());
        let unit = words.unit(line.unit.as_deref().unwrap_or(&shipped.unit))?;
        let item = words.item(shipped.buyer_part.as_deref(), &shipped.line)?;
        put(&mut fields, "lpn_nbr", place.lpn.as_deref());
        put(&mut fields, "pallet_nbr", place.pallet.as_deref());
        put(&mut fields, words.config.item_key.name(), Some(item));
        put(&mut fields, "shipped_qty", Some(quantity.to_string()));
        put(&mut fields, "uom_code", Some(unit));
        put(&mut fields, "po_nbr", Some(shipped.order_number.as_str()));
        put(
            &mut fields,
            "po_seq_nbr",
            super::order::number(&shipped.line).ok().map(|number| number.to_string()),
        );
        put(&mut fields, "batch_nbr", batch.lot.as_deref());
        put(&mut fields, "expiry_date", batch.expires_on.map(|day| words.day(day)));
        put(&mut fields, "serial_nbr", serial.map(String::as_str));
        if let Some(field) = words.config.line_field {
            put(&mut fields, field.name(), Some(shipped.line.as_str()));
        }
        let number = i64::try_from(self.rows.len() + 1).map_err(|_| too_many(line))?;
        self.rows.push(Row { number, fields, cancelled: false });
        Ok(())
    }
}

fn too_many(line: &ShippedLine) -> DeliveryError {
    DeliveryError::Unmappable(format!(
        "line {} of {}: more serial numbers than pieces",
        line.line, line.order
    ))
}
