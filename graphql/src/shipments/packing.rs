//! What is in a shipment, and how it is packed.
use async_graphql::ID;
use quayside_canonical::{
    ShipmentId,
    order::Party,
    shipment::{Batch, Carrier, Content, HandlingUnit, Measure, ShipNotice},
    states::ShipmentAction,
};
use quayside_domain::shipments::query::ShipmentView;
use quayside_entity::shipment_version;

use crate::{
    context::internal,
    orders::Quantity,
    types::{Code, Date, DateTime, Decimal, Json, plain::plain},
};

plain! {
    /// Who carries the goods.
    ShipmentCarrier {
        /// Standard Carrier Alpha Code of the NMFTA.
        scac as "scac": Option<String>,
        /// Name.
        name as "name": Option<String>,
    }

    /// A place goods leave from or go to.
    ShipmentParty {
        /// The buyer's code of the location.
        code as "code": Option<String>,
        /// Name.
        name as "name": Option<String>,
        /// Address lines.
        address as "address": Vec<String>,
    }

    /// How much of an order line a shipment holds.
    ShipmentLine {
        /// The order.
        purchase_order_id as "purchaseOrderId": ID,
        /// The buyer's order number.
        purchase_order_number as "purchaseOrderNumber": String,
        /// The line number.
        line as "line": String,
        /// How much, in the order line's unit; in a draft as it was written.
        quantity as "quantity": Quantity,
        /// What of it arrived.
        received as "received": Decimal,
        /// What of it has not arrived and is still expected.
        in_transit as "inTransit": Decimal,
        /// The goods that are in no handling unit, by batch, as they were announced.
        batches as "batches": Vec<ShipmentBatch>,
    }

    /// Goods that were made together.
    ShipmentBatch {
        /// How much, in the unit that was announced.
        quantity as "quantity": Decimal,
        /// Lot or batch number.
        lot as "lot": Option<String>,
        /// Last day of use.
        expires_on as "expiresOn": Option<Date>,
        /// The day they were made.
        produced_on as "producedOn": Option<Date>,
        /// Serial numbers.
        serials as "serials": Vec<String>,
        /// Country of origin, ISO 3166-1 alpha-2.
        origin as "origin": Option<String>,
    }

    /// A pallet, carton or other package.
    ShipmentUnit {
        /// The supplier's name of it within the shipment.
        key as "key": String,
        /// The unit it stands in or on, by its key.
        parent as "parent": Option<String>,
        /// Kind of package, UN/ECE Rec 21: `PX` pallet, `CT` carton.
        package_type as "packageType": Option<String>,
        /// Serial Shipping Container Code, 18 digits.
        sscc as "sscc": Option<String>,
        /// Weight with packaging.
        gross_weight as "grossWeight": Option<Quantity>,
        /// What is in it, other units aside.
        contents as "contents": Vec<PackedContent>,
        /// Its GS1 label; nothing without an SSCC.
        labels as "labels": Option<ShipmentLabels>,
    }

    /// Goods in a handling unit.
    PackedContent {
        /// The buyer's order number.
        purchase_order_number as "purchaseOrderNumber": String,
        /// The line number.
        line as "line": String,
        /// How much, in the unit that was announced.
        quantity as "quantity": Decimal,
        /// Lot or batch number.
        lot as "lot": Option<String>,
        /// Last day of use.
        expires_on as "expiresOn": Option<Date>,
        /// The day they were made.
        produced_on as "producedOn": Option<Date>,
        /// Serial numbers.
        serials as "serials": Vec<String>,
        /// Country of origin, ISO 3166-1 alpha-2.
        origin as "origin": Option<String>,
    }

    /// Where GS1 labels are, below the address of this server. They are fetched with the credentials of the API and
    /// take `?size=4x6` or `A6`; ZPL also `&dpi=203` or `300`.
    ShipmentLabels {
        /// As PDF, a page each.
        pdf_url as "pdfUrl": String,
        /// In the language of label printers.
        zpl_url as "zplUrl": String,
    }

    /// A version of a shipment. It never changes.
    ShipmentVersion {
        /// Our number of it, from 1.
        version as "version": i32,
        /// What it came to be by.
        action as "action": Code<ShipmentAction>,
        /// The supplier's reason, where one was given.
        reason as "reason": Option<String>,
        /// Who wrote it.
        actor as "actor": String,
        /// When.
        created_at as "createdAt": DateTime,
        /// All that it said.
        notice as "notice": Json,
    }
}

/// A number with its unit.
pub(super) fn measure(measure: &Measure) -> Quantity {
    Quantity { value: Decimal(measure.value), unit: measure.unit.clone() }
}

impl ShipmentCarrier {
    pub(super) fn of(carrier: &Carrier) -> Self {
        Self { scac: carrier.scac.clone(), name: carrier.name.clone() }
    }
}

impl ShipmentParty {
    pub(super) fn of(party: &Party) -> Self {
        Self { code: party.code.clone(), name: party.name.clone(), address: party.address.clone() }
    }
}

impl ShipmentLine {
    /// The lines of a shipment, in the order they were announced.
    pub(super) fn all(view: &ShipmentView) -> Vec<Self> {
        let line = |row: &quayside_entity::shipment_line::Model| {
            let said = usize::try_from(row.place).ok().and_then(|place| view.notice.lines.get(place));
            Self {
                purchase_order_id: ID(row.order_id.to_string()),
                purchase_order_number: said.map(|said| said.order.clone()).unwrap_or_default(),
                line: row.line.clone(),
                quantity: Quantity { value: Decimal(row.quantity), unit: row.unit.clone() },
                received: Decimal(row.received),
                in_transit: Decimal(row.in_transit),
                batches: said
                    .map(|said| said.batches.iter().map(ShipmentBatch::of).collect())
                    .unwrap_or_default(),
            }
        };
        view.lines.iter().map(line).collect()
    }
}

impl ShipmentBatch {
    fn of(batch: &Batch) -> Self {
        Self {
            quantity: Decimal(batch.quantity),
            lot: batch.lot.clone(),
            expires_on: batch.expires_on.map(Date),
            produced_on: batch.produced_on.map(Date),
            serials: batch.serials.clone(),
            origin: batch.origin.clone(),
        }
    }
}

impl ShipmentUnit {
    pub(super) fn of(shipment: ShipmentId, unit: &HandlingUnit) -> Self {
        let sscc = unit.sscc.map(|sscc| sscc.to_string());
        Self {
            key: unit.key.clone(),
            parent: unit.parent.clone(),
            package_type: unit.package_type.clone(),
            labels: sscc.as_ref().map(|sscc| ShipmentLabels::at(&format!("{shipment}/{sscc}"))),
            sscc,
            gross_weight: unit.gross_weight.as_ref().map(measure),
            contents: unit.contents.iter().map(PackedContent::of).collect(),
        }
    }
}

impl PackedContent {
    fn of(content: &Content) -> Self {
        let batch = ShipmentBatch::of(&content.batch);
        Self {
            purchase_order_number: content.order.clone(),
            line: content.line.clone(),
            quantity: batch.quantity,
            lot: batch.lot,
            expires_on: batch.expires_on,
            produced_on: batch.produced_on,
            serials: batch.serials,
            origin: batch.origin,
        }
    }
}

impl ShipmentLabels {
    /// The labels of a shipment; nothing when none of its units has an SSCC.
    pub(super) fn of(shipment: ShipmentId, notice: &ShipNotice) -> Option<Self> {
        notice.units.iter().any(|unit| unit.sscc.is_some()).then(|| Self::at(&shipment.to_string()))
    }

    fn at(name: &str) -> Self {
        Self { pdf_url: format!("/files/labels/{name}.pdf"), zpl_url: format!("/files/labels/{name}.zpl") }
    }
}

impl ShipmentVersion {
    pub(super) fn of(row: &shipment_version::Model) -> async_graphql::Result<Self> {
        let corrupt = |_| quayside_domain::Failure::Corrupt(format!("{} is no action", row.action));
        let action = row
            .action
            .parse()
            .map_err(|error: quayside_canonical::problem::UnknownWord| internal(&corrupt(error)))?;
        Ok(Self {
            version: row.version,
            action: Code(action),
            reason: row.reason.clone(),
            actor: row.actor.clone(),
            created_at: DateTime(row.created_at),
            notice: Json::from_text(&row.document),
        })
    }
}
