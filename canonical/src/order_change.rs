//! A change to a purchase order as a source states it: what differs, not the whole (X12 860, EDIFACT ORDCHG).
//!
//! A change means something only together with the order it changes, so it becomes a revision where the order
//! is: in the rules. It is ranked like a revision ([`SourceRevision`]): a source that counts its changes says so
//! in `sequence`; one that does not is ranked by the time it issued them.
use serde::{Deserialize, Serialize};

use crate::{
    Date, Field, Micro,
    order::{Incoterms, Line, Party, PurchaseOrder, Schedule, SourceRevision},
};

/// A change to one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderChange {
    /// The order's number.
    pub number: String,
    /// The change in the words of the source.
    pub revision: SourceRevision,
    /// What it does.
    pub effect: Effect,
    /// The order it makes when there is none yet: a message that states the whole order can be the first one
    /// to arrive.
    #[serde(skip)]
    pub if_unknown: Option<Box<PurchaseOrder>>,
    /// Where the message names the order.
    #[serde(skip)]
    pub place: Field,
}

impl OrderChange {
    /// The places of its message, for whoever keeps a change and tells about it later.
    #[must_use]
    pub fn places(&self) -> Vec<Vec<String>> {
        let mut of_all = self.clone();
        of_all.places_mut().into_iter().map(|place| place.steps().to_vec()).collect()
    }

    /// Puts back what [`OrderChange::places`] told.
    pub fn put_back(&mut self, places: Vec<Vec<String>>) {
        for (place, steps) in self.places_mut().into_iter().zip(places) {
            *place = Field::of(steps);
        }
    }

    fn places_mut(&mut self) -> Vec<&mut Field> {
        let mut places = vec![&mut self.place];
        if let Effect::Change(changes) = &mut self.effect {
            places.extend([&mut changes.heading.currency_place, &mut changes.heading.window_place]);
            places.extend(changes.lines.iter_mut().map(|line| &mut line.place));
        }
        places
    }
}

/// What a change does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// The whole order is cancelled.
    Cancel,
    /// The order is from now on this.
    Replace(Box<PurchaseOrder>),
    /// The heading and some lines change.
    Change(Box<Changes>),
}

/// What changes in heading and lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// What the heading says anew.
    pub heading: Heading,
    /// Lines that change, in the order of the message.
    pub lines: Vec<LineChange>,
    /// Whether lines that are not named are cancelled: the message lists all that is wanted.
    pub only_these: bool,
}

/// What a change says for the whole order; nothing means: as before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// The currency of its prices. An order does not change its currency.
    pub currency: Option<String>,
    /// Incoterms.
    pub incoterms: Option<Incoterms>,
    /// Terms of payment.
    pub payment_terms: Option<String>,
    /// Where to ship.
    pub ship_to: Option<Party>,
    /// When the goods are wanted.
    pub window: Option<Window>,
    /// Text for the supplier.
    pub notes: Vec<String>,
    /// Where each was read, for what the rules have to say about it.
    #[serde(skip)]
    pub currency_place: Field,
    /// Where the window was read.
    #[serde(skip)]
    pub window_place: Field,
}

/// The days between which goods are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
}

impl Window {
    /// Whether neither end is known.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }
}

/// What changes in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineChange {
    /// The line number.
    pub number: String,
    /// How it changes.
    pub change: Change,
    /// Where the message says so.
    #[serde(skip)]
    pub place: Field,
}

/// How a line changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// It is new.
    Add(Box<Line>),
    /// It is this, whether it was there before or not.
    Put(Box<Line>),
    /// It is cancelled.
    Cancel,
    /// Some of its fields have new values.
    Set(Box<LineFields>),
    /// It stays as it is.
    Keep,
}

/// New values of a line's fields; nothing means: as before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineFields {
    /// The new total quantity, or by how much the total changes.
    pub quantity: Option<Micro>,
    /// Which way the source says the quantity goes. A total that goes the other way was meant as something else.
    pub direction: Option<Direction>,
    /// Whether the quantity is the difference that `direction` adds to the total or takes from it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_difference: bool,
    /// The unit the quantity is stated in.
    pub unit: Option<String>,
    /// Whether the unit itself may change.
    pub may_change_unit: bool,
    /// Price of `price_per` units.
    pub unit_price: Option<Micro>,
    /// For how many units the price is.
    pub price_per: Option<Micro>,
    /// When the goods are wanted.
    pub window: Option<Window>,
    /// Instalments.
    pub schedules: Option<Vec<Schedule>>,
    /// The buyer's part number.
    pub buyer_part: Option<String>,
    /// The supplier's part number.
    pub supplier_part: Option<String>,
    /// GTIN.
    pub gtin: Option<String>,
    /// What it is, in words.
    pub description: Option<String>,
}

/// Which way a quantity goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// More than before.
    Up,
    /// Less than before.
    Down,
}
