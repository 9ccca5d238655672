//! The pieces of shipments and receipts that orders do not have.

use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::position::{Located, Place};
use crate::x12::segment::RawSegment;

use super::build::FromSegment;
use super::fields::Fields;
use super::parts::{ProductId, Quantity};

/// PRF: the order that goods belong to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderReference {
    /// PRF01.
    pub number: Located<String>,
    /// PRF02.
    pub release: Option<Located<String>>,
    /// PRF03, the number of the change that was followed.
    pub change: Option<Located<String>>,
    /// PRF04, the date of the order.
    pub date: Option<Located<NaiveDate>>,
    /// PRF05, a line of the order.
    pub line_id: Option<Located<String>>,
    /// PRF06.
    pub contract: Option<Located<String>>,
    /// PRF07, data element 92.
    pub order_type: Option<Located<String>>,
}

/// SN1: how much was shipped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shipped {
    /// Where it stands.
    pub at: Place,
    /// SN101.
    pub line_id: Option<Located<String>>,
    /// SN102 and SN103; the unit need not be the order's.
    pub quantity: Quantity,
    /// SN104, all that was shipped of the line so far.
    pub shipped_to_date: Option<Located<Decimal>>,
    /// SN105 and SN106.
    pub ordered: Option<Quantity>,
    /// SN108, data element 668.
    pub status: Option<Located<String>>,
}

/// SLN: a component of an item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Component {
    /// Where it stands.
    pub at: Place,
    /// SLN01.
    pub line_id: Option<Located<String>>,
    /// SLN02, the line it is part of.
    pub parent_line_id: Option<Located<String>>,
    /// SLN03, data element 662: `I` included, `A` added and so on.
    pub relationship: Located<String>,
    /// SLN04 and SLN05.
    pub quantity: Option<Quantity>,
    /// SLN09 to SLN28.
    pub product_ids: Vec<ProductId>,
    /// What describes the component. Receiving advices only: the standard has nothing of it in a ship notice.
    pub other: Vec<RawSegment>,
}

/// MAN, one of the two numbers it may hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks {
    /// MAN01 or MAN04, data element 88: `GM` an SSCC, `CP` the carrier's number of a package and so on.
    pub qualifier: Located<String>,
    /// MAN02 or MAN05.
    pub number: Located<String>,
    /// MAN03 or MAN06, where a range of numbers ends.
    pub through: Option<Located<String>>,
}

/// Why what should be an SSCC is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SsccFault {
    /// Not 18 digits, nor 20 with the application identifier 00.
    Length,
    /// The last digit does not follow from the others.
    CheckDigit,
}

impl fmt::Display for SsccFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "not 18 digits, nor 00 and 18 digits",
            Self::CheckDigit => "its check digit is wrong",
        })
    }
}

impl Marks {
    pub(super) fn all(f: &Fields<'_>) -> Vec<Self> {
        let one = |first: usize| {
            let (qualifier, number) = (f.text(first)?, f.text(first + 1)?);
            Some(Self { qualifier, number, through: f.text(first + 2) })
        };
        one(1).into_iter().chain(one(4)).collect()
    }

    /// The 18 digits of an SSCC, with or without its application identifier; `None` where the qualifier promises
    /// no SSCC.
    ///
    /// # Errors
    /// The qualifier promises one, and it is none.
    #[must_use]
    pub fn sscc(&self) -> Option<Result<String, SsccFault>> {
        let text: String = self.number.chars().filter(|c| !c.is_whitespace()).collect();
        let text = text.trim_start_matches("]C1");
        let bare =
            text.strip_prefix("(00)").or_else(|| text.strip_prefix("00").filter(|rest| rest.len() == 18));
        match self.qualifier.as_str() {
            "GM" | "AA" => Some(checked(bare.unwrap_or(text))),
            "AI" => bare.map(checked),
            _ => None,
        }
    }
}

/// The check digit of all GS1 keys: from the right, digits weigh 3 and 1 in turn.
fn checked(text: &str) -> Result<String, SsccFault> {
    if text.len() != 18 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SsccFault::Length);
    }
    let digits = text.bytes().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits.rev().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    if sum.is_multiple_of(10) { Ok(text.to_owned()) } else { Err(SsccFault::CheckDigit) }
}

/// TD1: what is loaded, by packages, weight and volume.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lading {
    /// Where it stands.
    pub at: Place,
    /// TD101, data element 103: `CTN` and such, with a code of the material.
    pub packaging: Option<Located<String>>,
    /// TD102, how many packages.
    pub packages: Option<Located<Decimal>>,
    /// TD105.
    pub description: Option<Located<String>>,
    /// TD106: `G` gross, `N` net and so on.
    pub weight_qualifier: Option<Located<String>>,
    /// TD107 and TD108.
    pub weight: Option<Quantity>,
    /// TD109 and TD110.
    pub volume: Option<Quantity>,
}

/// TD3: the trailer or container.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Equipment {
    /// Where it stands.
    pub at: Place,
    /// TD301: `TL` trailer and so on.
    pub kind: Option<Located<String>>,
    /// TD302, the letters before the number.
    pub initial: Option<Located<String>>,
    /// TD303.
    pub number: Option<Located<String>>,
    /// TD305 and TD306.
    pub weight: Option<Quantity>,
    /// TD309.
    pub seal: Option<Located<String>>,
    /// TD310, in place of TD301.
    pub equipment_type: Option<Located<String>>,
}

/// PKG: how it is packed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Packaging {
    /// Where it stands.
    pub at: Place,
    /// PKG02, which characteristic it describes.
    pub characteristic: Option<Located<String>>,
    /// PKG04.
    pub code: Option<Located<String>>,
    /// PKG05.
    pub text: Option<Located<String>>,
}

impl FromSegment for OrderReference {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self {
            number: f.text(1)?,
            release: f.text(2),
            change: f.text(3),
            date: f.date(4),
            line_id: f.text(5),
            contract: f.text(6),
            order_type: f.text(7),
        })
    }
}

impl FromSegment for Shipped {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self {
            at: f.at(0),
            line_id: f.text(1),
            quantity: f.quantity(2)?,
            shipped_to_date: f.decimal(4),
            ordered: f.quantity(5),
            status: f.text(8),
        })
    }
}

impl FromSegment for Component {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self {
            at: f.at(0),
            line_id: f.text(1),
            parent_line_id: f.text(2),
            relationship: f.text(3)?,
            quantity: f.composed(4),
            product_ids: f.ids(9, 28),
            other: Vec::new(),
        })
    }
}

impl FromSegment for Lading {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self {
            at: f.at(0),
            packaging: f.text(1),
            packages: f.decimal(2),
            description: f.text(5),
            weight_qualifier: f.text(6),
            weight: f.quantity(7),
            volume: f.quantity(9),
        })
    }
}

impl FromSegment for Equipment {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self {
            at: f.at(0),
            kind: f.text(1),
            initial: f.text(2),
            number: f.text(3),
            weight: f.quantity(5),
            seal: f.text(9),
            equipment_type: f.text(10),
        })
    }
}

impl FromSegment for Packaging {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self { at: f.at(0), characteristic: f.text(2), code: f.text(4), text: f.text(5) })
    }
}

/// The 18 digits of an SSCC, with or without its application identifier.
pub(crate) fn sscc_of(text: &str) -> Result<String, SsccFault> {
    let plain = text.strip_prefix("00").filter(|rest| rest.len() == 18).unwrap_or(text);
    checked(plain)
}
