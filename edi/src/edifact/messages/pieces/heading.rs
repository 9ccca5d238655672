//! What documents say about themselves: numbers, dates, references, texts, parties and places.

use rust_decimal::Decimal;

use crate::pieces::{Piece, Rest, field, give, list, node, number, pieces, put, put_rest, rest, text};
use crate::position::{Located, Place};
use crate::raw::RawSegment;
use crate::tree::Node;

use super::line::Quantity;

pieces! {
    /// BGM: what document it is.
    Document "BGM" {
        /// 1001: `220` order, `230` change request, `231` response, `351` despatch advice, `632` goods receipt.
        kind: text(1, 1),
        /// 1000, the same in words.
        name: text(1, 4),
        /// 1004.
        number: text(2, 1),
        /// 1056, from D.01B on.
        version: text(2, 2),
        /// 1060, from D.01B on.
        revision: text(2, 3),
        /// 1225: `9` original, `1` cancellation, `4` change, `5` replacement, `27` not accepted, `29` accepted.
        function: text(3, 1),
        /// 4343: `AC` acknowledged with change, `AP` accepted, `RE` rejected.
        response: text(4, 1),
    } holds {}

    /// DTM: a date, a time or a period.
    DateTime "DTM" {
        /// 2005: `137` document, `2` requested, `67` scheduled, `69` promised.
        qualifier: code(1, 1),
        /// 2380, in the format below.
        text: text(1, 2),
        /// 2379: `102` for CCYYMMDD, `203` with a time.
        format: text(1, 3),
    } holds {}

    /// RFF: a reference.
    Reference "RFF" {
        /// 1153: `ON` order, `VN` the seller's order, `DQ` delivery note.
        qualifier: code(1, 1),
        /// 1154.
        number: text(1, 2),
        /// 1156, a line of it.
        line: text(1, 3),
        /// 4000, the version of what is referred to.
        version: text(1, 4),
    } holds {
        /// DTM.
        dates: DateTime,
    }

    /// FTX: text for people.
    Text "FTX" {
        /// 4451, what it is about.
        subject: code(1, 1),
        /// 4453.
        function: text(2, 1),
        /// 4441, text in a code.
        reference: text(3, 1),
        /// 4440, up to five pieces.
        lines: list(4, 5),
        /// 3453.
        language: text(5, 1),
    } holds {}

    /// COM: a telephone number, an address of mail.
    Communication "COM" {
        /// 3148.
        number: code(1, 1),
        /// 3155: `TE`, `EM`, `FX`.
        kind: code(1, 2),
    } holds {}

    /// CTA: whom to ask.
    Contact "CTA" {
        /// 3139.
        function: text(1, 1),
        /// 3413.
        id: text(2, 1),
        /// 3412.
        name: text(2, 2),
    } holds {
        /// COM.
        communications: Communication,
    }

    /// LOC: a place.
    Location "LOC" {
        /// 3227.
        function: code(1, 1),
        /// 3225.
        id: text(2, 1),
        /// 1131.
        list: text(2, 2),
        /// 3055.
        agency: text(2, 3),
        /// 3224.
        name: text(2, 4),
    } holds {
        /// QTY: how much of the line goes there.
        quantities: Quantity,
        /// DTM.
        dates: DateTime,
    }

    /// NAD: a party.
    Party "NAD" {
        /// 3035: `BY` buyer, `SU` supplier, `DP` delivery, `ST` ship to, `IV` invoicee.
        role: code(1, 1),
        /// 3039.
        id: text(2, 1),
        /// 1131.
        list: text(2, 2),
        /// 3055: `9` GS1, `91` the seller's, `92` the buyer's.
        agency: text(2, 3),
        /// C058, name and address unstructured.
        lines: list(3, 5),
        /// C080.
        names: list(4, 5),
        /// C059.
        street: list(5, 4),
        /// 3164.
        city: text(6, 1),
        /// 3229.
        region: text(7, 1),
        /// 3251.
        postal_code: text(8, 1),
        /// 3207.
        country: text(9, 1),
    } holds {
        /// LOC.
        locations: Location,
        /// RFF.
        references: Reference,
        /// CTA.
        contacts: Contact,
    }

    /// DOC: another document.
    OtherDocument "DOC" {
        /// 1001.
        kind: text(1, 1),
        /// 1004.
        number: text(2, 1),
    } holds {
        /// DTM.
        dates: DateTime,
    }

    /// CNT: a total for control.
    Count "CNT" {
        /// 6069: `1` of quantities, `2` of lines.
        qualifier: code(1, 1),
        /// 6066.
        value: number(1, 2),
        /// 6411.
        unit: text(1, 3),
    } holds {}
}
