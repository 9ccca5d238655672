//! GS1 keys: the numbers of trade items, places and logistic units, each with its check digit.
//!
//! A key that exists has the right length and the right check digit. What is read is what people and scanners
//! write: spaces, and the application identifier of an SSCC, are taken off; nothing else is guessed.
use std::{fmt, str::FromStr};

/// The text is not a GS1 key of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Something that is no digit.
    #[error("expected digits only")]
    NotDigits,
    /// Too few or too many digits.
    #[error("expected {expected} digits, found {found}")]
    Length {
        /// How many digits the key has.
        expected: &'static str,
        /// How many there were.
        found: usize,
    },
    /// A digit is wrong or two changed places.
    #[error("the check digit is {found} where the other digits make it {expected}")]
    CheckDigit {
        /// What the other digits make it.
        expected: u8,
        /// What stands there.
        found: u8,
    },
}

/// An SSCC cannot be built of these parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidParts {
    /// The extension digit has more than one digit.
    #[error("the extension digit is 0 to 9, not {0}")]
    ExtensionDigit(u8),
    /// The company prefix is not one that GS1 gives out.
    #[error("a GS1 company prefix has 4 to 12 digits and nothing else")]
    CompanyPrefix,
    /// The serial reference does not fit beside the prefix.
    #[error("a serial reference beside this prefix has at most {digits} digits")]
    SerialTooLarge {
        /// How many digits the prefix leaves.
        digits: u8,
    },
}

/// The check digit of all GS1 keys, for the digits before it. Nothing when one of them is no digit.
#[must_use]
pub fn check_digit(digits: &str) -> Option<u8> {
    let mut sum = 0;
    for (place, byte) in digits.bytes().rev().enumerate() {
        let digit = byte.is_ascii_digit().then(|| byte - b'0')?;
        let weight = if place % 2 == 0 { 3 } else { 1 };
        sum = (sum + digit * weight) % 10;
    }
    Some((10 - sum) % 10)
}

/// Reads a key: `lengths` are those it may have, `expected` says them in words.
fn read(text: &str, lengths: &[usize], expected: &'static str) -> Result<u64, InvalidKey> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidKey::NotDigits);
    }
    if !lengths.contains(&text.len()) {
        return Err(InvalidKey::Length { expected, found: text.len() });
    }
    let (body, last) = text.split_at(text.len() - 1);
    let expected = check_digit(body).ok_or(InvalidKey::NotDigits)?;
    let found = last.as_bytes()[0] - b'0';
    if found != expected {
        return Err(InvalidKey::CheckDigit { expected, found });
    }
    text.parse().map_err(|_| InvalidKey::NotDigits)
}

/// Declares a key kept as a number and shown with all its digits.
macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident: $shown:literal digits, $lengths:expr, $expected:literal, $pattern:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "sea-orm", derive(sea_orm::DeriveValueType))]
        #[cfg_attr(feature = "sea-orm", sea_orm(value_type = "String"))]
        pub struct $name(u64);

        impl $name {
            fn read(digits: &str) -> Result<Self, InvalidKey> {
                read(digits, $lengths, $expected).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:0width$}", self.0, width = $shown)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": concat!("GS1 key of ", $expected, " digits, the last of them its check digit."),
                    "pattern": $pattern
                })
            }
        }
    )*};
}

keys! {
    /// Serial shipping container code: names one logistic unit, such as a pallet or a carton.
    Sscc: 18 digits, &[18], "18", r"^(\(00\)|00)?[0-9]{18}$";
    /// Global trade item number. GTIN-8, -12 and -13 are the GTIN-14 that begins with zeros, and shown as that.
    Gtin: 14 digits, &[8, 12, 13, 14], "8, 12, 13 or 14", r"^([0-9]{8}|[0-9]{12,14})$";
    /// Global location number: names a party or a place.
    Gln: 13 digits, &[13], "13", r"^[0-9]{13}$";
}

impl Sscc {
    /// The unit number `serial` of the holder of `company_prefix`. The extension digit is the holder's to use
    /// as it likes; it multiplies the numbers there are by ten.
    pub fn build(extension: u8, company_prefix: &str, serial: u64) -> Result<Self, InvalidParts> {
        if extension > 9 {
            return Err(InvalidParts::ExtensionDigit(extension));
        }
        let capacity = Self::serials(company_prefix).ok_or(InvalidParts::CompanyPrefix)?;
        if serial >= capacity {
            let digits = u8::try_from(capacity.ilog10()).unwrap_or(u8::MAX);
            return Err(InvalidParts::SerialTooLarge { digits });
        }
        let width = 16 - company_prefix.len();
        let body = format!("{extension}{company_prefix}{serial:0width$}");
        let check = check_digit(&body).ok_or(InvalidParts::CompanyPrefix)?;
        let body: u64 = body.parse().map_err(|_| InvalidParts::CompanyPrefix)?;
        Ok(Self(body * 10 + u64::from(check)))
    }

    /// How many serial references there are beside `company_prefix`, for each extension digit. Nothing when it
    /// is no company prefix.
    #[must_use]
    pub fn serials(company_prefix: &str) -> Option<u64> {
        let digits = company_prefix.bytes().all(|byte| byte.is_ascii_digit());
        let free = 16_usize.checked_sub(company_prefix.len()).filter(|free| (4..=12).contains(free))?;
        digits.then(|| 10_u64.pow(u32::try_from(free).unwrap_or(0)))
    }

    /// As printed below its bars: `(00)106141411234567897`.
    #[must_use]
    pub fn human_readable(self) -> String {
        format!("(00){self}")
    }
}

/// Also reads `(00)` or `00` before the 18 digits, as labels show and scanners send it.
impl FromStr for Sscc {
    type Err = InvalidKey;
    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let digits = without_spaces(text);
        let bare = match digits.strip_prefix("(00)") {
            Some(bare) => bare,
            None if digits.len() == 20 => digits.strip_prefix("00").unwrap_or(&digits),
            None => &digits,
        };
        Self::read(bare)
    }
}

impl FromStr for Gtin {
    type Err = InvalidKey;
    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        Self::read(&without_spaces(text))
    }
}

impl FromStr for Gln {
    type Err = InvalidKey;
    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        Self::read(&without_spaces(text))
    }
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|char| *char != ' ').collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn published_keys_are_valid() {
        for sscc in ["106141411234567897", "306141410000000013"] {
            assert_eq!(sscc.parse::<Sscc>().unwrap().to_string(), sscc);
        }
        for gtin in ["4006381333931", "036000291452", "8712345678906", "10614141123459", "00614141123452"] {
            assert_eq!(gtin.parse::<Gtin>().unwrap().to_string(), format!("{gtin:0>14}"));
        }
        for gln in ["0614141000012", "0614141000739"] {
            assert_eq!(gln.parse::<Gln>().unwrap().to_string(), gln);
        }
    }

    #[test]
    fn an_sscc_is_read_as_labels_show_and_scanners_send_it() {
        let sscc: Sscc = "106141411234567897".parse().unwrap();
        for text in ["(00)106141411234567897", "00106141411234567897", "(00) 1 0614141 123456789 7"] {
            assert_eq!(text.parse(), Ok(sscc), "{text}");
        }
        assert_eq!(sscc.human_readable(), "(00)106141411234567897");
        assert_eq!(serde_json::to_string(&sscc).unwrap(), r#""106141411234567897""#);
    }

    #[test]
    fn a_wrong_key_is_refused_with_what_is_wrong() {
        let read = |text: &str| text.parse::<Sscc>().unwrap_err();
        assert_eq!(read("106141411234567890"), InvalidKey::CheckDigit { expected: 7, found: 0 });
        assert_eq!(read("10614141123456789"), InvalidKey::Length { expected: "18", found: 17 });
        assert_eq!(read("(00)00106141411234567897"), InvalidKey::Length { expected: "18", found: 20 });
        assert_eq!(read("01106141411234567897"), InvalidKey::Length { expected: "18", found: 20 });
        for text in
            ["", "(01)106141411234567897", "10614141123456789X", "１０６１４１４１１２３４５６７８９７"]
        {
            assert_eq!(read(text), InvalidKey::NotDigits, "{text:?}");
        }
        assert_eq!(
            read("106141411234567890").to_string(),
            "the check digit is 0 where the other digits make it 7"
        );
    }

    #[test]
    fn an_sscc_is_built_of_parts_that_fit() {
        let built = Sscc::build(1, "0614141", 123_456_789).unwrap();
        assert_eq!(built.to_string(), "106141411234567897");
        assert_eq!(Sscc::build(0, "0614", 0).unwrap().to_string().len(), 18);
        assert_eq!(Sscc::build(10, "0614141", 0), Err(InvalidParts::ExtensionDigit(10)));
        for prefix in ["", "061", "0614141000012", "06141A1", "061 141"] {
            assert_eq!(Sscc::build(0, prefix, 0), Err(InvalidParts::CompanyPrefix), "{prefix:?}");
        }
        let full = Err(InvalidParts::SerialTooLarge { digits: 9 });
        assert_eq!(Sscc::build(0, "0614141", 1_000_000_000), full);
        assert_eq!(Sscc::serials("061414100001"), Some(10_000));
    }

    proptest! {
        #[test]
        fn what_is_built_reads_back(extension in 0..=9_u8, prefix in "[0-9]{4,12}", serial in any::<u64>()) {
            let serial = serial % Sscc::serials(&prefix).unwrap();
            let sscc = Sscc::build(extension, &prefix, serial).unwrap();
            let shown = sscc.to_string();
            let start = format!("{extension}{prefix}");
            prop_assert!(shown.starts_with(&start));
            prop_assert_eq!(shown.parse(), Ok(sscc));
            prop_assert_eq!(sscc.human_readable().parse(), Ok(sscc));
        }

        #[test]
        fn one_wrong_digit_is_always_found(body in "[0-9]{17}", place in 0..18_usize, change in 1..10_u8) {
            let mut digits = format!("{body}{}", check_digit(&body).unwrap()).into_bytes();
            prop_assert!(std::str::from_utf8(&digits).unwrap().parse::<Sscc>().is_ok());
            digits[place] = b'0' + (digits[place] - b'0' + change) % 10;
            prop_assert!(std::str::from_utf8(&digits).unwrap().parse::<Sscc>().is_err());
        }

        #[test]
        fn no_text_makes_reading_panic(text in any::<String>()) {
            let _ = (text.parse::<Sscc>(), text.parse::<Gtin>(), text.parse::<Gln>());
        }
    }
}
