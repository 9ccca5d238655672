//! The pieces EDIFACT messages are made of.

use rust_decimal::Decimal;

use crate::pieces::{Piece, Rest, field, give, list, node, number, pieces, put_rest, rest, take, text};
use crate::position::{Located, Place};
use crate::raw::RawSegment;
use crate::tree::Node;

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

    /// CUX: a currency.
    Currency "CUX" {
        /// 6347.
        usage: code(1, 1),
        /// 6345.
        code: text(1, 2),
        /// 6343: `9` order, `4` invoice.
        qualifier: text(1, 3),
        /// 5402.
        rate: number(3, 1),
    } holds {
        /// DTM.
        dates: DateTime,
    }

    /// PCD: a percentage.
    Percentage "PCD" {
        /// 5245.
        qualifier: code(1, 1),
        /// 5482.
        value: number(1, 2),
        /// 5249.
        basis: text(1, 3),
    } holds {}

    /// MOA: an amount of money.
    Amount "MOA" {
        /// 5025.
        qualifier: code(1, 1),
        /// 5004.
        value: number(1, 2),
        /// 6345.
        currency: text(1, 3),
    } holds {
        /// RFF.
        references: Reference,
    }

    /// PAT: terms of payment.
    PaymentTerms "PAT" {
        /// 4279.
        kind: code(1, 1),
        /// 4277.
        code: text(2, 1),
        /// 4276.
        text: text(2, 4),
        /// 2475, from when time runs.
        reference: text(3, 1),
        /// 2009.
        relation: text(3, 2),
        /// 2151: `D` days, `M` months.
        period: text(3, 3),
        /// 2152, how many of them.
        periods: number(3, 4),
    } holds {
        /// DTM.
        dates: DateTime,
        /// PCD.
        percentages: Percentage,
        /// MOA.
        amounts: Amount,
    }

    /// TAX: a duty, tax or fee.
    Tax "TAX" {
        /// 5283.
        function: code(1, 1),
        /// 5153.
        kind: text(2, 1),
        /// 5278.
        rate: text(5, 4),
        /// 5305.
        category: text(6, 1),
    } holds {
        /// MOA.
        amounts: Amount,
    }

    /// ALC: an allowance or a charge.
    Allowance "ALC" {
        /// 5463: `A` allowance, `C` charge.
        kind: code(1, 1),
        /// 4471, how it is settled.
        settlement: text(3, 1),
        /// 1227, in which order it is calculated.
        sequence: text(4, 1),
        /// 7161.
        service: text(5, 1),
        /// 7160.
        text: text(5, 4),
    } holds {
        /// QTY.
        quantities: Quantity,
        /// PCD.
        percentages: Percentage,
        /// MOA.
        amounts: Amount,
        /// TAX.
        taxes: Tax,
    }

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

    /// PRI: a price.
    Price "PRI" {
        /// 5125: `AAA` net, `AAB` gross.
        qualifier: code(1, 1),
        /// 5118.
        value: number(1, 2),
        /// 5375.
        kind: text(1, 3),
        /// 5387.
        specification: text(1, 4),
        /// 5284, for how many units.
        basis: number(1, 5),
        /// 6411, units of what.
        unit: text(1, 6),
    } holds {}

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

    /// CNT: a total for control.
    Count "CNT" {
        /// 6069: `1` of quantities, `2` of lines.
        qualifier: code(1, 1),
        /// 6066.
        value: number(1, 2),
        /// 6411.
        unit: text(1, 3),
    } holds {}

    /// ERC: what an application found wrong.
    ApplicationError "ERC" {
        /// 9321.
        code: code(1, 1),
        /// 1131.
        list: text(1, 2),
        /// 3055.
        agency: text(1, 3),
    } holds {
        /// FTX.
        texts: Text,
        /// RFF.
        references: Reference,
    }

    /// UCI: what is said about an interchange.
    InterchangeResponse "UCI" {
        /// 0020 of its UNB.
        reference: code(1, 1),
        /// 0004.
        sender: text(2, 1),
        /// 0007 of the sender.
        sender_qualifier: text(2, 2),
        /// 0008.
        sender_internal: text(2, 3),
        /// 0010.
        recipient: text(3, 1),
        /// 0007 of the recipient.
        recipient_qualifier: text(3, 2),
        /// 0014.
        recipient_internal: text(3, 3),
        /// 0083: `4` rejected, `7` acknowledged, `8` received.
        action: code(4, 1),
        /// 0085.
        error: text(5, 1),
        /// 0013, the service segment at fault.
        segment: text(6, 1),
        /// 0098, the element in it; the tag is 1.
        element: number(7, 1),
        /// 0104.
        component: number(7, 2),
    } holds {
        /// UCM.
        messages: MessageResponse,
        /// UCF.
        groups: GroupResponse,
    }

    /// UCF: what is said about a group.
    GroupResponse "UCF" {
        /// 0048 of its UNG.
        reference: code(1, 1),
        /// 0040.
        sender: text(2, 1),
        /// 0044.
        recipient: text(3, 1),
        /// 0083.
        action: code(4, 1),
        /// 0085.
        error: text(5, 1),
        /// 0013.
        segment: text(6, 1),
    } holds {
        /// UCM.
        messages: MessageResponse,
    }

    /// UCM: what is said about a message.
    MessageResponse "UCM" {
        /// 0062 of its UNH.
        reference: code(1, 1),
        /// 0065.
        kind: text(2, 1),
        /// 0052.
        version: text(2, 2),
        /// 0054.
        release: text(2, 3),
        /// 0051.
        agency: text(2, 4),
        /// 0057.
        association: text(2, 5),
        /// 0083.
        action: code(3, 1),
        /// 0085.
        error: text(4, 1),
        /// 0013.
        segment: text(5, 1),
    } holds {
        /// UCS.
        segments: SegmentResponse,
    }

    /// UCS: what is said about a segment.
    SegmentResponse "UCS" {
        /// 0096, its position in the message; UNH is 1.
        position: code(1, 1),
        /// 0085.
        error: text(2, 1),
    } holds {
        /// UCD.
        elements: ElementResponse,
    }

    /// UCD: what is said about an element.
    ElementResponse "UCD" {
        /// 0085.
        error: code(1, 1),
        /// 0098, its position in the segment; the tag is 1.
        element: code(2, 1),
        /// 0104, the component.
        component: text(2, 2),
    } holds {}
}

/// PIA: further ids of an item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemIds {
    /// Where it stands.
    pub at: Place,
    /// 4347: `1` additional, `3` substituted by, `5` product identification.
    pub function: Located<String>,
    /// C212, up to five.
    pub ids: Vec<ItemId>,
    /// Components of the segment that no field holds.
    pub rest: Vec<Rest>,
}

/// C212: an id of an item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemId {
    /// 7140.
    pub id: Located<String>,
    /// 7143: `SA` the seller's, `BP` and `IN` the buyer's.
    pub kind: Option<Located<String>>,
}

impl Piece for ItemIds {
    const ID: &'static str = "PIA";

    fn read(segment: &RawSegment, _: Vec<Node>) -> Self {
        let known = (2..=6).take_while(|element| text(segment, *element, 1).is_some());
        let ids: Vec<ItemId> = known
            .map(|element| ItemId {
                id: text(segment, element, 1).unwrap_or_default(),
                kind: text(segment, element, 2),
            })
            .collect();
        let held: Vec<(usize, usize, usize)> =
            (2..2 + ids.len()).map(|element| (element, 1, 2)).chain([(1, 1, 1)]).collect();
        Self {
            at: segment.at,
            function: text(segment, 1, 1).unwrap_or_default(),
            ids,
            rest: rest(segment, &held),
        }
    }

    fn write(&self) -> Node {
        let mut segment = RawSegment::new(Self::ID, []);
        segment.set(1, 1, &self.function);
        for (element, found) in (2..=6).zip(&self.ids) {
            segment.set(element, 1, &found.id);
            if let Some(kind) = &found.kind {
                segment.set(element, 2, kind);
            }
        }
        put_rest(&mut segment, &self.rest);
        segment.trim();
        Node::Segment(segment)
    }
}

/// GIN: identities of goods, such as SSCCs and serial numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identities {
    /// Where it stands.
    pub at: Place,
    /// 7405: `BJ` SSCC, `BN` serial number, `BX` batch.
    pub qualifier: Located<String>,
    /// C208, up to five: a number, or the first and the last of a range.
    pub numbers: Vec<(Located<String>, Option<Located<String>>)>,
    /// Components of the segment that no field holds.
    pub rest: Vec<Rest>,
    /// What stands under it.
    pub other: Vec<Node>,
}

impl Piece for Identities {
    const ID: &'static str = "GIN";

    fn read(segment: &RawSegment, under: Vec<Node>) -> Self {
        let known = (2..=6).take_while(|element| text(segment, *element, 1).is_some());
        let numbers: Vec<(Located<String>, Option<Located<String>>)> = known
            .map(|element| (text(segment, element, 1).unwrap_or_default(), text(segment, element, 2)))
            .collect();
        let held: Vec<(usize, usize, usize)> =
            (2..2 + numbers.len()).map(|element| (element, 1, 2)).chain([(1, 1, 1)]).collect();
        Self {
            at: segment.at,
            qualifier: text(segment, 1, 1).unwrap_or_default(),
            numbers,
            rest: rest(segment, &held),
            other: under,
        }
    }

    fn write(&self) -> Node {
        let mut segment = RawSegment::new(Self::ID, []);
        segment.set(1, 1, &self.qualifier);
        for (element, (first, last)) in (2..=6).zip(&self.numbers) {
            segment.set(element, 1, first);
            if let Some(last) = last {
                segment.set(element, 2, last);
            }
        }
        put_rest(&mut segment, &self.rest);
        segment.trim();
        node(segment, self.other.clone())
    }
}
