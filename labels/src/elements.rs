//! GS1 element strings: what a GS1-128 symbol carries.
//!
//! A string is application identifiers, each with its data. Where the length of the data is not given by the
//! identifier, FNC1 tells the scanner where it ends; the last one needs none.
use quayside_canonical::{
    Date, Micro,
    gs1::{Gln, Gtin, Sscc},
};

/// FNC1 between two elements, as scanners send it: the ASCII group separator.
pub(crate) const FNC1: char = '\u{1d}';

/// One application identifier and its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// `00`: the logistic unit.
    Sscc(Sscc),
    /// `01`: the trade item itself.
    Gtin(Gtin),
    /// `02`: the trade items inside. Says nothing without `37`, somewhere on the same unit.
    Content(Gtin),
    /// `10`: batch or lot.
    Lot(String),
    /// `11`: produced on.
    Produced(Date),
    /// `15`: best before.
    BestBefore(Date),
    /// `17`: use by.
    Expiry(Date),
    /// `21`: serial number of a trade item.
    Serial(String),
    /// `37`: how many trade items are inside.
    Count(u32),
    /// `310n`: net weight in kilograms.
    NetKilograms(Micro),
    /// `330n`: gross weight in kilograms.
    GrossKilograms(Micro),
    /// `400`: the customer's order.
    Order(String),
    /// `410`: where it goes.
    ShipTo(Gln),
    /// `420`: postal code it goes to, within one country.
    ShipToPostal(String),
    /// `421`: country (ISO 3166 numeric) and postal code it goes to.
    ShipToCountryPostal {
        /// The country.
        country: u16,
        /// The postal code.
        postal_code: String,
    },
}

/// An element that no symbol can carry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidElement {
    /// Empty, or more characters than its identifier allows.
    #[error("({ai}) holds 1 to {most} characters, not {found}")]
    Length {
        /// The application identifier.
        ai: &'static str,
        /// How many it allows.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// A character outside the GS1 set, which is ASCII without space and a few signs.
    #[error("({ai}) cannot hold {found:?}")]
    Character {
        /// The application identifier.
        ai: &'static str,
        /// The character.
        found: char,
    },
    /// A number below zero or with too many digits.
    #[error("({ai}) cannot hold a number as large or as small as this")]
    Number {
        /// The application identifier.
        ai: &'static str,
    },
}

/// Elements in the order they are printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementString(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    ai: String,
    data: String,
    /// The identifier gives the length: no FNC1 after it.
    predefined: bool,
}

impl ElementString {
    /// The elements as a symbol carries them, or the first that none can carry.
    pub fn new(elements: &[Element]) -> Result<Self, InvalidElement> {
        elements.iter().map(part).collect::<Result<_, _>>().map(Self)
    }

    /// As a scanner sends it, without symbology identifier: FNC1 is the group separator.
    #[must_use]
    pub fn scanned(&self) -> String {
        let mut text = String::new();
        for (index, part) in self.0.iter().enumerate() {
            text.push_str(&part.ai);
            text.push_str(&part.data);
            if !part.predefined && index + 1 < self.0.len() {
                text.push(FNC1);
            }
        }
        text
    }

    /// As printed below the bars: identifiers in brackets.
    #[must_use]
    pub fn human_readable(&self) -> String {
        self.0.iter().map(|part| format!("({}){}", part.ai, part.data)).collect()
    }
}

fn part(element: &Element) -> Result<Part, InvalidElement> {
    match element {
        Element::Sscc(sscc) => Ok(fixed("00", sscc.to_string())),
        Element::Gtin(gtin) => Ok(fixed("01", gtin.to_string())),
        Element::Content(gtin) => Ok(fixed("02", gtin.to_string())),
        Element::Lot(lot) => text("10", lot, 20),
        Element::Produced(date) => Ok(day("11", *date)),
        Element::BestBefore(date) => Ok(day("15", *date)),
        Element::Expiry(date) => Ok(day("17", *date)),
        Element::Serial(serial) => text("21", serial, 20),
        Element::Count(count) if *count > 99_999_999 => Err(InvalidElement::Number { ai: "37" }),
        Element::Count(count) => text("37", &count.to_string(), 8),
        Element::NetKilograms(weight) => measure("310", *weight),
        Element::GrossKilograms(weight) => measure("330", *weight),
        Element::Order(order) => text("400", order, 30),
        Element::ShipTo(place) => Ok(fixed("410", place.to_string())),
        Element::ShipToPostal(code) => text("420", &code.replace(' ', ""), 20),
        Element::ShipToCountryPostal { country, postal_code } => {
            if *country > 999 {
                return Err(InvalidElement::Number { ai: "421" });
            }
            let mut part = text("421", &postal_code.replace(' ', ""), 9)?;
            part.data.insert_str(0, &format!("{country:03}"));
            Ok(part)
        }
    }
}

fn fixed(ai: &'static str, data: String) -> Part {
    Part { ai: ai.to_owned(), data, predefined: true }
}

fn day(ai: &'static str, date: Date) -> Part {
    fixed(ai, date.format("%y%m%d").to_string())
}

fn text(ai: &'static str, data: &str, most: usize) -> Result<Part, InvalidElement> {
    if let Some(found) = data.chars().find(|char| !is_gs1_character(*char)) {
        return Err(InvalidElement::Character { ai, found });
    }
    if data.is_empty() || data.len() > most {
        return Err(InvalidElement::Length { ai, most, found: data.len() });
    }
    Ok(Part { ai: ai.to_owned(), data: data.to_owned(), predefined: false })
}

/// GS1 AI encodable character set 82.
fn is_gs1_character(char: char) -> bool {
    char.is_ascii_alphanumeric() || "!\"%&'()*+,-./:;<=>?_".contains(char)
}

/// Six digits, and in the identifier how many of them are decimals: as few as say it exactly, or as many as fit.
fn measure(ai: &'static str, amount: Micro) -> Result<Part, InvalidElement> {
    let millionths = u64::try_from(amount.millionths()).map_err(|_| InvalidElement::Number { ai })?;
    let mut best = None;
    for decimals in 0..=5_u32 {
        let unit = 10_u64.pow(6 - decimals);
        let digits = (millionths + unit / 2) / unit;
        if digits > 999_999 {
            break;
        }
        best = Some(Part { ai: format!("{ai}{decimals}"), data: format!("{digits:06}"), predefined: true });
        if millionths.is_multiple_of(unit) {
            break;
        }
    }
    best.ok_or(InvalidElement::Number { ai })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn one(element: Element) -> Result<String, InvalidElement> {
        ElementString::new(&[element]).map(|string| string.human_readable())
    }

    #[test]
    fn fnc1_ends_what_has_no_length_of_its_own_unless_it_is_last() {
        let content = Element::Content("10614141123459".parse().unwrap());
        let lot = Element::Lot("LOT-2291".to_owned());
        let count = Element::Count(40);
        let best = Element::BestBefore(date("2027-01-31"));

        let string = ElementString::new(&[content, best, count, lot]).unwrap();

        assert_eq!(string.scanned(), "0210614141123459152701313740\u{1d}10LOT-2291");
        assert_eq!(string.human_readable(), "(02)10614141123459(15)270131(37)40(10)LOT-2291");
    }

    #[test]
    fn each_element_is_written_as_its_identifier_says() {
        let shown = [
            (Element::Sscc("106141411234567897".parse().unwrap()), "(00)106141411234567897"),
            (Element::Gtin("036000291452".parse().unwrap()), "(01)00036000291452"),
            (Element::Produced(date("2026-11-25")), "(11)261125"),
            (Element::Expiry(date("2026-12-01")), "(17)261201"),
            (Element::Serial("A1".to_owned()), "(21)A1"),
            (Element::NetKilograms("412.5".parse().unwrap()), "(3101)004125"),
            (Element::GrossKilograms(Micro::from(20)), "(3300)000020"),
            (Element::GrossKilograms("1234.56789".parse().unwrap()), "(3302)123457"),
            (Element::Order("PO-10045".to_owned()), "(400)PO-10045"),
            (Element::ShipTo("0614141000012".parse().unwrap()), "(410)0614141000012"),
            (Element::ShipToPostal("SW1A 1AA".to_owned()), "(420)SW1A1AA"),
            (Element::ShipToCountryPostal { country: 40, postal_code: "1010".to_owned() }, "(421)0401010"),
        ];
        for (element, expected) in shown {
            assert_eq!(one(element), Ok(expected.to_owned()));
        }
    }

    #[test]
    fn what_no_symbol_can_carry_is_refused() {
        let length = |ai, most, found| Err(InvalidElement::Length { ai, most, found });
        assert_eq!(one(Element::Lot(String::new())), length("10", 20, 0));
        assert_eq!(one(Element::Order("1".repeat(31))), length("400", 30, 31));
        for found in [' ', 'é', '^', FNC1] {
            assert_eq!(
                one(Element::Lot(found.to_string())),
                Err(InvalidElement::Character { ai: "10", found })
            );
        }
        assert_eq!(one(Element::Count(100_000_000)), Err(InvalidElement::Number { ai: "37" }));
        assert_eq!(
            one(Element::GrossKilograms(Micro::from(1_000_000))),
            Err(InvalidElement::Number { ai: "330" })
        );
        assert_eq!(one(Element::NetKilograms(Micro::from(-1))), Err(InvalidElement::Number { ai: "310" }));
    }
}
