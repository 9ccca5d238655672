//! What suppliers say of a shipment, and its way into the trade's words.
use async_graphql::{ID, InputObject};
use quayside_canonical::{Field, Problems, gs1::Sscc, order::Party, shipment as words, shipment::ShipNotice};

use crate::types::{Date, DateTime, Decimal};

/// All that a supplier says of a shipment, its number aside.
#[derive(Default, InputObject)]
pub struct ShipNoticeInput {
    /// When the goods leave, or left. What is announced without a time has left.
    ships_at: Option<DateTime>,
    /// When they are expected to arrive.
    arrives_at: Option<DateTime>,
    /// Who carries them.
    carrier: Option<CarrierInput>,
    /// Mode of transport, UN/ECE Rec 19: `3` road, `1` sea, `4` air, `2` rail.
    transport_mode: Option<String>,
    /// Number of the bill of lading.
    bill_of_lading: Option<String>,
    /// The carrier's number of the shipment: PRO or tracking number.
    pro_number: Option<String>,
    /// Trailer or container.
    trailer: Option<String>,
    /// Numbers of the seals on it.
    #[graphql(default)]
    seals: Vec<String>,
    /// Weight with packaging.
    gross_weight: Option<MeasureInput>,
    /// Volume with packaging.
    volume: Option<MeasureInput>,
    /// Where the goods leave from.
    ship_from: Option<PartyInput>,
    /// Where they go.
    ship_to: Option<PartyInput>,
    /// Words to the buyer.
    #[graphql(default)]
    notes: Vec<String>,
    /// What is shipped: each order line at most once.
    #[graphql(default)]
    lines: Vec<ShippedLineInput>,
    /// How it is packed. None when the goods are announced without packaging.
    #[graphql(default)]
    units: Vec<HandlingUnitInput>,
}

/// Who carries the goods.
#[derive(InputObject)]
pub struct CarrierInput {
    /// Standard Carrier Alpha Code of the NMFTA: two to four letters.
    scac: Option<String>,
    /// Name.
    name: Option<String>,
}

/// A number with its unit.
#[derive(InputObject)]
pub struct MeasureInput {
    /// How much.
    value: Decimal,
    /// Unit, UN/ECE Rec 20: `KGM`, `LBR`, `MTQ`.
    unit: String,
}

/// A place goods leave from or go to.
#[derive(InputObject)]
pub struct PartyInput {
    /// The buyer's code of the location.
    code: Option<String>,
    /// Name.
    name: Option<String>,
    /// Address lines.
    #[graphql(default)]
    address: Vec<String>,
}

/// How much of an order line is shipped. Name the order by its id or by its number.
#[derive(InputObject)]
pub struct ShippedLineInput {
    /// The order, by its id.
    purchase_order_id: Option<ID>,
    /// The order, by the buyer's number.
    order_number: Option<String>,
    /// The line number as the order has it.
    line: String,
    /// How much.
    quantity: Decimal,
    /// Unit of the quantity; the order line's when not said. It has to convert exactly.
    unit: Option<String>,
    /// The goods that are in no handling unit, by batch, where that is known.
    #[graphql(default)]
    batches: Vec<BatchInput>,
}

/// Goods that were made together.
#[derive(InputObject)]
pub struct BatchInput {
    /// How much, in the unit of the shipped line.
    quantity: Decimal,
    /// Lot or batch number.
    lot: Option<String>,
    /// Last day of use.
    expires_on: Option<Date>,
    /// The day they were made.
    produced_on: Option<Date>,
    /// Serial numbers, one for each piece.
    #[graphql(default)]
    serials: Vec<String>,
    /// Country of origin, ISO 3166-1 alpha-2.
    origin: Option<String>,
}

/// A pallet, carton or other package.
#[derive(InputObject)]
pub struct HandlingUnitInput {
    /// Your name of it within the shipment.
    key: String,
    /// The unit it stands in or on, by its key.
    parent: Option<String>,
    /// Kind of package, UN/ECE Rec 21: `PX` pallet, `CT` carton.
    package_type: Option<String>,
    /// Serial Shipping Container Code, with or without its application identifier.
    sscc: Option<String>,
    /// Weight with packaging.
    gross_weight: Option<MeasureInput>,
    /// What is in it, other units aside.
    #[graphql(default)]
    contents: Vec<PackedContentInput>,
}

/// Goods in a handling unit. Name the order by its id or by its number, as in the shipped line.
#[derive(InputObject)]
pub struct PackedContentInput {
    /// The order, by its id.
    purchase_order_id: Option<ID>,
    /// The order, by the buyer's number.
    order_number: Option<String>,
    /// The line number, as in the shipped line.
    line: String,
    /// How much, in the unit of the shipped line.
    quantity: Decimal,
    /// Lot or batch number.
    lot: Option<String>,
    /// Last day of use.
    expires_on: Option<Date>,
    /// The day they were made.
    produced_on: Option<Date>,
    /// Serial numbers, one for each piece.
    #[graphql(default)]
    serials: Vec<String>,
    /// Country of origin, ISO 3166-1 alpha-2.
    origin: Option<String>,
}

impl ShipNoticeInput {
    /// The notice in the trade's words, with what cannot even be said in them.
    pub(super) fn notice(self, number: String) -> (ShipNotice, Problems) {
        let mut problems = Problems::new();
        let root = Field::root();
        let line = |(place, line): (usize, ShippedLineInput)| {
            line.shipped(&root.at("lines").at(place), &mut problems)
        };
        let lines = self.lines.into_iter().enumerate().map(line).collect();
        let unit = |(place, unit): (usize, HandlingUnitInput)| {
            unit.packed(&root.at("units").at(place), &mut problems)
        };
        let units = self.units.into_iter().enumerate().map(unit).collect();
        let notice = ShipNotice {
            number,
            ships_at: self.ships_at.map(|at| at.0),
            arrives_at: self.arrives_at.map(|at| at.0),
            carrier: self.carrier.map(|it| words::Carrier { scac: it.scac, name: it.name }),
            transport_mode: self.transport_mode,
            bill_of_lading: self.bill_of_lading,
            pro_number: self.pro_number,
            trailer: self.trailer,
            seals: self.seals,
            gross_weight: self.gross_weight.map(measure),
            volume: self.volume.map(measure),
            ship_from: self.ship_from.map(party),
            ship_to: self.ship_to.map(party),
            notes: self.notes,
            lines,
            units,
        };
        (notice, problems)
    }
}

fn measure(measure: MeasureInput) -> words::Measure {
    words::Measure { value: measure.value.0, unit: measure.unit }
}

fn party(party: PartyInput) -> Party {
    Party { code: party.code, name: party.name, address: party.address }
}

/// What the order is called: by its id or by its number, and not by both.
fn order(id: Option<ID>, number: Option<String>, field: &Field, problems: &mut Problems) -> String {
    match (id, number) {
        (Some(id), None) => return id.0,
        (None, Some(number)) => return number,
        (None, None) => {
            problems.add("REQUIRED", &field.at("order"), "name the order by purchaseOrderId or orderNumber");
        }
        (Some(_), Some(_)) => {
            let words = "name the order by either purchaseOrderId or orderNumber";
            problems.add("INVALID_VALUE", &field.at("order"), words);
        }
    }
    String::new()
}

impl ShippedLineInput {
    fn shipped(self, field: &Field, problems: &mut Problems) -> words::ShippedLine {
        words::ShippedLine {
            order: order(self.purchase_order_id, self.order_number, field, problems),
            line: self.line,
            quantity: self.quantity.0,
            unit: self.unit,
            batches: self.batches.into_iter().map(BatchInput::batch).collect(),
        }
    }
}

impl BatchInput {
    fn batch(self) -> words::Batch {
        words::Batch {
            quantity: self.quantity.0,
            lot: self.lot,
            expires_on: self.expires_on.map(|day| day.0),
            produced_on: self.produced_on.map(|day| day.0),
            serials: self.serials,
            origin: self.origin,
        }
    }
}

impl HandlingUnitInput {
    fn packed(self, field: &Field, problems: &mut Problems) -> words::HandlingUnit {
        let content = |(place, content): (usize, PackedContentInput)| {
            content.content(&field.at("contents").at(place), problems)
        };
        let contents = self.contents.into_iter().enumerate().map(content).collect();
        let sscc = self.sscc.map(|text| text.parse::<Sscc>());
        if let Some(Err(error)) = &sscc {
            problems.add("INVALID_SSCC", &field.at("sscc"), error.to_string());
        }
        words::HandlingUnit {
            key: self.key,
            parent: self.parent,
            package_type: self.package_type,
            sscc: sscc.and_then(Result::ok),
            gross_weight: self.gross_weight.map(measure),
            contents,
        }
    }
}

impl PackedContentInput {
    fn content(self, field: &Field, problems: &mut Problems) -> words::Content {
        let order = order(self.purchase_order_id, self.order_number, field, problems);
        let batch = BatchInput {
            quantity: self.quantity,
            lot: self.lot,
            expires_on: self.expires_on,
            produced_on: self.produced_on,
            serials: self.serials,
            origin: self.origin,
        };
        words::Content { order, line: self.line, batch: batch.batch() }
    }
}
