//! The pieces orders are made of, each from one segment or a small group of them.

use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;

use crate::position::{Located, Place};
use crate::x12::segment::RawSegment;

/// An exact number with its unit code, as the sender wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quantity {
    /// The number.
    pub value: Located<Decimal>,
    /// The unit (data element 355).
    pub unit: Option<Located<String>>,
}

/// A product identifier with what it is (data element 235): `VN` and the vendor's number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductId {
    /// The qualifier.
    pub qualifier: String,
    /// The identifier.
    pub id: Located<String>,
}

/// REF.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reference {
    /// REF01, data element 128.
    pub qualifier: Located<String>,
    /// REF02.
    pub value: Option<Located<String>>,
    /// REF03.
    pub description: Option<Located<String>>,
}

/// DTM.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DateTime {
    /// DTM01, data element 374.
    pub qualifier: Located<String>,
    /// DTM02.
    pub date: Option<Located<NaiveDate>>,
    /// DTM03.
    pub time: Option<Located<NaiveTime>>,
    /// DTM04.
    pub zone: Option<Located<String>>,
    /// DTM06, a date or period in the format that DTM05 names.
    pub period: Option<Located<String>>,
}

/// CUR.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Currency {
    /// CUR01, whose currency it is.
    pub entity: Located<String>,
    /// CUR02.
    pub code: Located<String>,
}

/// PER.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// PER01.
    pub function: Located<String>,
    /// PER02.
    pub name: Option<Located<String>>,
    /// PER03 to PER08: qualifier and number, such as `TE` and a telephone number.
    pub numbers: Vec<(String, Located<String>)>,
}

/// N1 and what follows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Party {
    /// N101, data element 98: `ST` ship to, `BY` buyer and so on.
    pub role: Located<String>,
    /// N102, then N2.
    pub names: Vec<Located<String>>,
    /// N103, data element 66.
    pub id_qualifier: Option<Located<String>>,
    /// N104.
    pub id: Option<Located<String>>,
    /// N3.
    pub street: Vec<Located<String>>,
    /// N401.
    pub city: Option<Located<String>>,
    /// N402.
    pub state: Option<Located<String>>,
    /// N403.
    pub postal_code: Option<Located<String>>,
    /// N404.
    pub country: Option<Located<String>>,
    /// REF after this N1.
    pub references: Vec<Reference>,
    /// PER after this N1.
    pub contacts: Vec<Contact>,
    /// DTM after the N1 of a line.
    pub dates: Vec<DateTime>,
    /// QTY after the N1 of a line.
    pub quantities: Vec<(String, Quantity)>,
    /// SCH after the N1 of a line.
    pub schedules: Vec<Schedule>,
    /// What else follows this N1.
    pub other: Vec<RawSegment>,
}

/// FOB.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fob {
    /// FOB01, who pays the freight.
    pub payment: Located<String>,
    /// FOB02.
    pub location_qualifier: Option<Located<String>>,
    /// FOB03.
    pub location: Option<Located<String>>,
    /// FOB04: `01` for Incoterms.
    pub terms_qualifier: Option<Located<String>>,
    /// FOB05.
    pub terms: Option<Located<String>>,
    /// FOB07.
    pub terms_location: Option<Located<String>>,
}

/// ITD.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Where it stands.
    pub at: Place,
    /// ITD01.
    pub kind: Option<Located<String>>,
    /// ITD02.
    pub basis: Option<Located<String>>,
    /// ITD03.
    pub discount_percent: Option<Located<Decimal>>,
    /// ITD04.
    pub discount_due: Option<Located<NaiveDate>>,
    /// ITD05.
    pub discount_days: Option<Located<Decimal>>,
    /// ITD06.
    pub net_due: Option<Located<NaiveDate>>,
    /// ITD07.
    pub net_days: Option<Located<Decimal>>,
    /// ITD12.
    pub description: Option<Located<String>>,
}

/// TD5.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routing {
    /// Where it stands.
    pub at: Place,
    /// TD502: `2` for a SCAC.
    pub carrier_qualifier: Option<Located<String>>,
    /// TD503.
    pub carrier: Option<Located<String>>,
    /// TD504.
    pub mode: Option<Located<String>>,
    /// TD505.
    pub text: Option<Located<String>>,
    /// TD512.
    pub service_level: Option<Located<String>>,
}

/// N9 with its text, or text that stands alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Note {
    /// Where it stands.
    pub at: Place,
    /// N901.
    pub qualifier: Option<Located<String>>,
    /// N902.
    pub reference: Option<Located<String>>,
    /// N903, then MSG, MTX and NTE.
    pub text: Vec<Located<String>>,
    /// DTM after this N9.
    pub dates: Vec<DateTime>,
}

/// PID.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description {
    /// PID01: `F` for free text.
    pub kind: Located<String>,
    /// PID02, which characteristic it describes.
    pub characteristic: Option<Located<String>>,
    /// PID04.
    pub code: Option<Located<String>>,
    /// PID05.
    pub text: Option<Located<String>>,
}

/// PO4.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pack {
    /// Where it stands.
    pub at: Place,
    /// PO401, how many inner units a pack has.
    pub units: Option<Located<Decimal>>,
    /// PO402 and PO403.
    pub size: Option<Quantity>,
    /// PO404.
    pub packaging: Option<Located<String>>,
    /// PO406 and PO407.
    pub gross_weight: Option<Quantity>,
    /// PO408 and PO409.
    pub gross_volume: Option<Quantity>,
    /// PO414.
    pub inner_units: Option<Located<Decimal>>,
}

/// CTP.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Price {
    /// Where it stands.
    pub at: Place,
    /// CTP02, data element 236.
    pub kind: Option<Located<String>>,
    /// CTP03.
    pub price: Option<Located<Decimal>>,
    /// CTP04 and CTP05.
    pub quantity: Option<Quantity>,
    /// CTP06, and CTP07 that it qualifies.
    pub multiplier_qualifier: Option<Located<String>>,
    /// CTP07.
    pub multiplier: Option<Located<Decimal>>,
    /// CTP09.
    pub basis: Option<Located<String>>,
}

/// SCH.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schedule {
    /// SCH01 and SCH02.
    pub quantity: Quantity,
    /// SCH03.
    pub entity: Option<Located<String>>,
    /// SCH04.
    pub entity_name: Option<Located<String>>,
    /// SCH05, and SCH08 if there is a second date.
    pub dates: Vec<DateTime>,
    /// SCH11.
    pub request_reference: Option<Located<String>>,
    /// SCH12.
    pub line_id: Option<Located<String>>,
    /// REF after this SCH.
    pub references: Vec<Reference>,
    /// What else follows this SCH.
    pub other: Vec<RawSegment>,
}

/// SDQ: how a quantity is spread over locations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Split {
    /// SDQ01.
    pub unit: Located<String>,
    /// SDQ02, data element 66.
    pub location_qualifier: Option<Located<String>>,
    /// SDQ03 to SDQ22: location and quantity.
    pub quantities: Vec<(Located<String>, Located<Decimal>)>,
}

/// ACK: one part of the answer to a line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineStatus {
    /// ACK01, data element 668.
    pub status: Located<String>,
    /// ACK02 and ACK03.
    pub quantity: Option<Quantity>,
    /// ACK04, data element 374.
    pub date_qualifier: Option<Located<String>>,
    /// ACK05.
    pub date: Option<Located<NaiveDate>>,
    /// ACK06.
    pub request_reference: Option<Located<String>>,
    /// ACK07 to ACK26; for a substitution, the item that will come.
    pub product_ids: Vec<ProductId>,
    /// ACK27.
    pub reason_agency: Option<Located<String>>,
    /// ACK29; some partners give the reason of a rejection here.
    pub reason: Option<Located<String>>,
    /// DTM after this ACK.
    pub dates: Vec<DateTime>,
}
