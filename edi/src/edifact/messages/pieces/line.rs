//! Lines and what is stated of them.

use rust_decimal::Decimal;

use crate::pieces::{Piece, Rest, field, give, node, number, pieces, put, put_rest, rest, text};
use crate::position::{Located, Place};
use crate::raw::RawSegment;
use crate::tree::Node;

use super::heading::{DateTime, Location, Party, Reference, Text};
use super::identities::{Identities, ItemIds};
use super::money::{Allowance, Amount, Percentage, Price, Tax};
use super::transport::{DeliveryTerms, Marks, Measurement, Package, Transport};

pieces! {
    /// IMD: what an item is like.
    Description "IMD" {
        /// 7077: `F` free text, `C` coded.
        kind: text(1, 1),
        /// 7081.
        characteristic: text(2, 1),
        /// 7009.
        code: text(3, 1),
        /// 7008.
        text: text(3, 4),
        /// 7008, going on.
        more: text(3, 5),
    } holds {}

    /// QTY: a quantity.
    Quantity "QTY" {
        /// 6063: `21` ordered, `12` despatched, `113` to be delivered, `83` backorder, `194` received and accepted.
        qualifier: code(1, 1),
        /// 6060.
        value: number(1, 2),
        /// 6411; without one, pieces.
        unit: text(1, 3),
    } holds {
        /// DTM.
        dates: DateTime,
    }

    /// QVR: a difference between quantities, and why.
    Variance "QVR" {
        /// 6064; may be negative.
        value: number(1, 1),
        /// 6063, from which quantity it differs.
        qualifier: text(1, 2),
        /// 4221: `AC` over-shipped, `BP` the rest follows, `CP` the rest does not.
        nature: text(2, 1),
        /// 4295, the reason.
        reason: text(3, 1),
        /// 4294, the reason in words.
        text: text(3, 4),
    } holds {
        /// DTM.
        dates: DateTime,
    }

    /// SCC: when what is to be delivered.
    Schedule "SCC" {
        /// 4017.
        status: code(1, 1),
        /// 4493.
        commitment: text(2, 1),
        /// 2013.
        frequency: text(3, 1),
    } holds {
        /// FTX.
        texts: Text,
        /// RFF.
        references: Reference,
        /// QTY.
        quantities: Quantity,
    }

    /// AJT: why something was adjusted.
    Adjustment "AJT" {
        /// 4465.
        reason: code(1, 1),
        /// 1082.
        line: text(2, 1),
    } holds {
        /// FTX.
        texts: Text,
    }

    /// LIN: a line.
    Line "LIN" {
        /// 1082: opaque text.
        number: text(1, 1),
        /// 1229: `1` added, `2` deleted, `3` changed, `5` accepted, `6` accepted with change, `7` not accepted. Some
        /// senders put the GTIN here.
        action: text(2, 1),
        /// 7140.
        item: text(3, 1),
        /// 7143: `EN` or `SRV` for a GTIN, `BP`, `SA`.
        item_kind: text(3, 2),
        /// 5495: `1`, with the line that this is a part of.
        sub_line: text(4, 1),
        /// 1082 of the line that this is a part of.
        parent: text(4, 2),
    } holds {
        /// PIA.
        ids: ItemIds,
        /// IMD.
        descriptions: Description,
        /// MEA.
        measurements: Measurement,
        /// QTY.
        quantities: Quantity,
        /// PCD.
        percentages: Percentage,
        /// DTM.
        dates: DateTime,
        /// MOA.
        amounts: Amount,
        /// GIN.
        identities: Identities,
        /// QVR.
        variances: Variance,
        /// FTX.
        texts: Text,
        /// AJT.
        adjustments: Adjustment,
        /// PRI.
        prices: Price,
        /// RFF.
        references: Reference,
        /// PAC.
        packages: Package,
        /// PCI.
        marks: Marks,
        /// LOC.
        locations: Location,
        /// TAX.
        taxes: Tax,
        /// NAD.
        parties: Party,
        /// ALC.
        allowances: Allowance,
        /// TDT.
        transports: Transport,
        /// TOD.
        delivery_terms: DeliveryTerms,
        /// SCC.
        schedules: Schedule,
    }

    /// CPS: a level of a consignment, with its packages and lines.
    Level "CPS" {
        /// 7164. Empty where the sender left the CPS out.
        number: code(1, 1),
        /// 7166, the level above.
        parent: text(2, 1),
        /// 7075.
        kind: text(3, 1),
    } holds {
        /// FTX.
        texts: Text,
        /// PAC.
        packages: Package,
        /// LIN.
        lines: Line,
    }
}
