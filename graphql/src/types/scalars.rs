//! Scalars of the trade. Decimals are text on the wire, so that no client rounds them.
use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use quayside_canonical::{Date as Day, Micro, Timestamp};
use serde_json::value::RawValue;

/// A decimal number as text, with at most six decimals: `"12.5"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal(pub Micro);

#[Scalar]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match &value {
            Value::String(text) => text.clone(),
            Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
            _ => return Err(InputValueError::custom("write a decimal number as text, such as \"12.5\"")),
        };
        text.parse().map(Self).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A moment in UTC (RFC 3339): `"2026-11-23T10:15:00Z"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime(pub Timestamp);

#[Scalar]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        text.parse().map(Self).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A calendar day: `"2026-11-23"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub Day);

#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        let day = (text.len() == 10).then(|| text.parse().ok()).flatten();
        day.map(Self).ok_or_else(|| InputValueError::custom("expected a day such as \"2026-11-23\""))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// JSON of the catalogue of events, whose schema goes by the event's type and version.
#[derive(Clone, Debug)]
pub struct Json(pub Value);

#[Scalar(name = "JSON")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}

impl Json {
    /// Stored JSON text, which goes out as it stands: nothing is built of it. Text that is none shows as a string.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let raw = serde_json::from_str::<&RawValue>(text).ok();
        let value = raw.and_then(|raw| async_graphql::to_value(raw).ok());
        Self(value.unwrap_or_else(|| Value::String(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_json_goes_out_as_it_stands() {
        for (stored, shown) in [
            (r#"{"quantity":"1.50","big":12345678901234567890123, "a":[null,{}]}"#, None),
            (r#"{"$serde_json::private::RawValue":"}, no way out {"}"#, None),
            ("7", None),
            ("half of {", Some(r#""half of {""#)),
            ("", Some(r#""""#)),
        ] {
            let value = Json::from_text(stored).to_value();
            assert_eq!(serde_json::to_string(&value).unwrap(), shown.unwrap_or(stored));
        }
    }
}
