//! Exact quantities, written as text. They are this crate's own, like all of its wire types.
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A decimal number of a unit that stands beside it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quantity(Decimal);

/// The text is no decimal number such as `12.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a decimal number as text, with at most six decimals")]
pub struct QuantityError;

impl Quantity {
    /// Whether it is above nothing.
    pub fn is_positive(self) -> bool {
        self.0 > Decimal::ZERO
    }

    /// Half of it, without a fraction.
    pub(crate) fn half(self) -> Self {
        Self((self.0 / Decimal::TWO).floor())
    }

    /// About a tenth of it, without a fraction: at least one, and never more than there is.
    pub(crate) fn some(self) -> Self {
        Self((self.0 / Decimal::TEN).floor().max(Decimal::ONE).min(self.0))
    }

    pub(crate) const fn decimal(self) -> Decimal {
        self.0
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    /// What is left of it: nothing when `other` is more.
    pub(crate) fn less(self, other: Self) -> Self {
        Self((self.0 - other.0).max(Decimal::ZERO))
    }
}

/// What a reader found.
impl From<Decimal> for Quantity {
    fn from(number: Decimal) -> Self {
        Self(number)
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;
    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
        let number = Decimal::from_str(text).ok().filter(|number| plain && number.scale() <= 6);
        number.map(Self).ok_or(QuantityError)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.normalize().fmt(f)
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    #[test]
    fn parts_of_a_quantity_are_whole_and_add_up() {
        for (whole, half, some) in
            [("100", "50", "10"), ("5", "2", "1"), ("25.5", "12", "2"), ("0.5", "0", "0.5")]
        {
            let all = quantity(whole);
            assert_eq!(
                (all.half().to_string().as_str(), all.some().to_string().as_str()),
                (half, some),
                "{whole}"
            );
            assert_eq!(all.less(all.some()).plus(all.some()), all);
        }
        assert_eq!(quantity("1").less(quantity("2")), Quantity::default());
    }

    #[test]
    fn a_quantity_is_plain_text_of_at_most_six_decimals() {
        assert_eq!(quantity("12.500").to_string(), "12.5");
        for text in ["", "1e3", "1,5", "0.1234567", " 1", "1_000", "+1"] {
            assert_eq!(text.parse::<Quantity>(), Err(QuantityError), "{text:?}");
        }
    }
}
