//! Makes the pieces of an order from their segments.

use super::fields::Fields;
use super::parts::{
    Contact, Currency, DateTime, Description, Fob, LineStatus, Pack, Party, Price, Quantity, Reference,
    Routing, Schedule, Split, Terms,
};

/// A piece made from one segment; `None` if what it cannot do without is missing or malformed.
pub(super) trait FromSegment: Sized {
    fn from_segment(fields: &Fields<'_>) -> Option<Self>;
}

impl FromSegment for Reference {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self { qualifier: f.text(1)?, value: f.text(2), description: f.text(3) })
    }
}

impl FromSegment for DateTime {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self {
            qualifier: f.text(1)?,
            date: f.date(2),
            time: f.time(3),
            zone: f.text(4),
            period: f.text(6),
        })
    }
}

impl FromSegment for Currency {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self { entity: f.text(1)?, code: f.text(2)? })
    }
}

impl FromSegment for Contact {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        let numbers = f.ids(3, 8).into_iter().map(|pair| (pair.qualifier, pair.id)).collect();
        Some(Self { function: f.text(1)?, name: f.text(2), numbers })
    }
}

impl FromSegment for Party {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self {
            role: f.text(1)?,
            names: f.text(2).into_iter().collect(),
            id_qualifier: f.text(3),
            id: f.text(4),
            street: Vec::new(),
            city: None,
            state: None,
            postal_code: None,
            country: None,
            references: Vec::new(),
            contacts: Vec::new(),
            dates: Vec::new(),
            quantities: Vec::new(),
            schedules: Vec::new(),
            other: Vec::new(),
        })
    }
}

impl FromSegment for Fob {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self {
            payment: f.text(1)?,
            location_qualifier: f.text(2),
            location: f.text(3),
            terms_qualifier: f.text(4),
            terms: f.text(5),
            terms_location: f.text(7),
        })
    }
}

impl FromSegment for Terms {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self {
            at: f.at(0),
            kind: f.text(1),
            basis: f.text(2),
            discount_percent: f.decimal(3),
            discount_due: f.date(4),
            discount_days: f.decimal(5),
            net_due: f.date(6),
            net_days: f.decimal(7),
            description: f.text(12),
        })
    }
}

impl FromSegment for Routing {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self {
            at: f.at(0),
            carrier_qualifier: f.text(2),
            carrier: f.text(3),
            mode: f.text(4),
            text: f.text(5),
            service_level: f.text(12),
        })
    }
}

impl FromSegment for Description {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self { kind: f.text(1)?, characteristic: f.text(2), code: f.text(4), text: f.text(5) })
    }
}

impl FromSegment for Pack {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self {
            at: f.at(0),
            units: f.decimal(1),
            size: f.quantity(2),
            packaging: f.text(4),
            gross_weight: f.quantity(6),
            gross_volume: f.quantity(8),
            inner_units: f.decimal(14),
        })
    }
}

impl FromSegment for Price {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self {
            at: f.at(0),
            kind: f.text(2),
            price: f.decimal(3),
            quantity: f.decimal(4).map(|value| Quantity { value, unit: f.component(5) }),
            multiplier_qualifier: f.text(6),
            multiplier: f.decimal(7),
            basis: f.text(9),
        })
    }
}

impl FromSegment for Schedule {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        let date = |first: usize| {
            let (date, time) = (f.date(first + 1), f.time(first + 2));
            Some(DateTime { qualifier: f.text(first)?, date, time, zone: None, period: None })
        };
        Some(Self {
            quantity: f.quantity(1)?,
            entity: f.text(3),
            entity_name: f.text(4),
            dates: date(5).into_iter().chain(date(8)).collect(),
            request_reference: f.text(11),
            line_id: f.text(12),
            references: Vec::new(),
            other: Vec::new(),
        })
    }
}

impl FromSegment for Split {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self { unit: f.text(1)?, location_qualifier: f.text(2), quantities: f.quantities(3, 22) })
    }
}

impl FromSegment for LineStatus {
    fn from_segment(f: &Fields<'_>) -> Option<Self> {
        Some(Self {
            status: f.text(1)?,
            quantity: f.quantity(2),
            date_qualifier: f.text(4),
            date: f.date(5),
            request_reference: f.text(6),
            product_ids: f.ids(7, 26),
            reason_agency: f.text(27),
            reason: f.text(29),
            dates: Vec::new(),
        })
    }
}
