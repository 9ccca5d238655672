//! How goods travel and are packed.

use rust_decimal::Decimal;

use crate::pieces::{Piece, Rest, field, give, list, node, number, pieces, put, put_rest, rest, text};
use crate::position::{Located, Place};
use crate::raw::RawSegment;
use crate::tree::Node;

use super::heading::{DateTime, Location, Reference};
use super::identities::Identities;
use super::line::{Quantity, Variance};

pieces! {
    /// TOD: terms of delivery.
    DeliveryTerms "TOD" {
        /// 4055.
        function: text(1, 1),
        /// 4215, who pays the transport.
        payment: text(2, 1),
        /// 4053, such as `DAP`.
        code: text(3, 1),
        /// 4052.
        text: text(3, 4),
    } holds {
        /// LOC.
        locations: Location,
    }

    /// TDT: a stage of transport.
    Transport "TDT" {
        /// 8051.
        stage: code(1, 1),
        /// 8028.
        reference: text(2, 1),
        /// 8067: `30` road, `10` sea, `40` air.
        mode: text(3, 1),
        /// 8179.
        means: text(4, 1),
        /// 3127.
        carrier: text(5, 1),
        /// 1131 of the carrier.
        carrier_list: text(5, 2),
        /// 3055 of the carrier.
        carrier_agency: text(5, 3),
        /// 3128.
        carrier_name: text(5, 4),
        /// 8213, such as a number plate.
        vehicle: text(8, 1),
    } holds {
        /// LOC.
        locations: Location,
        /// DTM.
        dates: DateTime,
    }

    /// EQD: a container or trailer.
    Equipment "EQD" {
        /// 8053.
        kind: code(1, 1),
        /// 8260.
        id: text(2, 1),
        /// 8155.
        size: text(3, 1),
    } holds {
        /// MEA.
        measurements: Measurement,
    }

    /// PCI: how packages are marked.
    Marks "PCI" {
        /// 4233: `33E` with an SSCC.
        instruction: text(1, 1),
        /// 7102.
        marks: list(2, 10),
    } holds {
        /// RFF.
        references: Reference,
        /// DTM.
        dates: DateTime,
        /// MEA.
        measurements: Measurement,
        /// QTY.
        quantities: Quantity,
        /// GIN.
        identities: Identities,
    }

    /// PAC: packages.
    Package "PAC" {
        /// 7224, how many.
        count: number(1, 1),
        /// 7075.
        level: text(2, 1),
        /// 7065, such as `CT` or `201`.
        kind: text(3, 1),
        /// 7064.
        name: text(3, 4),
    } holds {
        /// MEA.
        measurements: Measurement,
        /// QTY.
        quantities: Quantity,
        /// QVR.
        variances: Variance,
        /// PCI.
        marks: Marks,
    }

    /// MEA: a measurement.
    Measurement "MEA" {
        /// 6311.
        purpose: code(1, 1),
        /// 6313, what is measured.
        dimension: text(2, 1),
        /// 6411.
        unit: text(3, 1),
        /// 6314.
        value: number(3, 2),
    } holds {}
}
