//! Exact numbers: quantities, prices and amounts in whole millionths.
use std::{
    fmt,
    iter::Sum,
    ops::{Add, Sub},
    str::FromStr,
};

use rust_decimal::{Decimal, prelude::ToPrimitive};

/// A number with at most six decimals, kept as an integer of millionths: sums and comparisons are exact in
/// Rust, in SQLite and in PostgreSQL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "sea-orm", derive(sea_orm::DeriveValueType))]
pub struct Micro(i64);

/// The number cannot be kept exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotExact {
    /// Not a plain decimal number.
    #[error("expected a decimal number such as 12.5")]
    NotANumber,
    /// More decimals than we keep.
    #[error("at most six decimals can be kept")]
    TooPrecise,
    /// Beyond ± 9.2 × 10¹².
    #[error("the number is too large")]
    TooLarge,
}

impl Micro {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One.
    pub const ONE: Self = Self(1_000_000);

    /// The number that is `millionths` / 10⁶.
    #[must_use]
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    /// The number in millionths.
    #[must_use]
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// The number as a decimal without trailing zeros.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(self.0), 6).normalize()
    }

    /// Whether the number is above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The sum, if it can be kept.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// This number times `numerator` / `denominator`, if the result is exact.
    #[must_use]
    pub fn scaled(self, numerator: i64, denominator: i64) -> Option<Self> {
        let product = i128::from(self.0) * i128::from(numerator);
        let denominator = i128::from(denominator);
        if denominator == 0 || product % denominator != 0 {
            return None;
        }
        i64::try_from(product / denominator).ok().map(Self)
    }
}

impl TryFrom<Decimal> for Micro {
    type Error = NotExact;
    fn try_from(number: Decimal) -> Result<Self, NotExact> {
        let number = number.normalize();
        if number.scale() > 6 {
            return Err(NotExact::TooPrecise);
        }
        let factor = 10_i128.pow(6 - number.scale());
        let millionths = number.mantissa().checked_mul(factor).ok_or(NotExact::TooLarge)?;
        millionths.to_i64().map(Self).ok_or(NotExact::TooLarge)
    }
}

impl From<i32> for Micro {
    fn from(number: i32) -> Self {
        Self(i64::from(number) * 1_000_000)
    }
}

impl FromStr for Micro {
    type Err = NotExact;
    fn from_str(text: &str) -> Result<Self, NotExact> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let digits = unsigned.bytes().filter(u8::is_ascii_digit).count();
        let plain = unsigned.bytes().all(|b| b.is_ascii_digit() || b == b'.') && digits > 0;
        if !plain {
            return Err(NotExact::NotANumber);
        }
        if digits > 27 {
            return Err(NotExact::TooLarge);
        }
        Decimal::from_str(text).map_err(|_| NotExact::NotANumber)?.try_into()
    }
}

impl fmt::Display for Micro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A page shows hundreds: not by way of a decimal, which divides until there are no zeros left.
        let (whole, rest) = (self.0.unsigned_abs() / 1_000_000, self.0.unsigned_abs() % 1_000_000);
        let mut digits = whole.to_string();
        if rest > 0 {
            digits.push_str(format!(".{rest:06}").trim_end_matches('0'));
        }
        f.pad_integral(self.0 >= 0, "", &digits)
    }
}

impl Add for Micro {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Micro {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Micro {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Self::ZERO, Self::add)
    }
}

impl serde::Serialize for Micro {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Micro {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Micro {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A decimal number as text, with at most six decimals.",
            "pattern": r"^-?[0-9]+(\.[0-9]{1,6})?$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_exactly_or_refused() {
        for text in ["0.1", "9007199254.740993", "-7.5", "999999999999.999999", "0"] {
            assert_eq!(text.parse::<Micro>().unwrap().to_string(), text);
        }
        assert_eq!("1.10".parse::<Micro>().unwrap().to_string(), "1.1");
        assert_eq!("0.0000001".parse::<Micro>(), Err(NotExact::TooPrecise));
        assert_eq!("10000000000000".parse::<Micro>(), Err(NotExact::TooLarge));
        for text in ["", "-", ".", "1e5", "1,000", "NaN", " 1", "+1", "1.2.3"] {
            assert_eq!(text.parse::<Micro>(), Err(NotExact::NotANumber), "{text:?}");
        }
    }

    #[test]
    fn a_number_reads_as_its_decimal_does() {
        let near_tens = (0..19).flat_map(|power| {
            let ten = 10_i64.pow(power);
            [ten - 1, ten, ten + 1, 12_345_i64.saturating_mul(ten)]
        });
        for millionths in near_tens.chain([0, i64::MAX]) {
            for number in [Micro(millionths), Micro(-millionths)] {
                assert_eq!(number.to_string(), number.decimal().to_string());
                assert_eq!(format!("{number:>20}"), format!("{:>20}", number.decimal()));
            }
        }
        assert_eq!(Micro(i64::MIN).to_string(), "-9223372036854.775808");
    }

    #[test]
    fn scaling_is_exact_or_nothing() {
        let twelve = Micro::from(12);
        assert_eq!(twelve.scaled(1, 12), Some(Micro::ONE));
        assert_eq!(Micro::ONE.scaled(1, 3), None);
        assert_eq!(Micro::ONE.scaled(1, 0), None);
    }
}
