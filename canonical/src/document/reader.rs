//! One JSON object, read member by member.
use std::{collections::BTreeSet, fmt::Display, str::FromStr};

use serde_json::{Map, Value};

use crate::{Field, Problems};

/// Longest list a document may hold.
const MAX_ITEMS: usize = 10_000;

/// Reads the members of one JSON object and notes every problem met on the way.
pub struct Reader<'a> {
    object: Option<&'a Map<String, Value>>,
    field: Field,
    asked: BTreeSet<&'static str>,
}

impl<'a> Reader<'a> {
    /// Begins to read `value`, which should be an object.
    pub fn new(value: &'a Value, field: Field, problems: &mut Problems) -> Self {
        let object = value.as_object();
        if object.is_none() {
            problems.add("INVALID_TYPE", &field, "expected a JSON object");
        }
        Self { object, field, asked: BTreeSet::new() }
    }

    /// Where this object is.
    #[must_use]
    pub const fn field(&self) -> &Field {
        &self.field
    }

    fn member(&mut self, name: &'static str) -> Option<&'a Value> {
        self.asked.insert(name);
        self.object?.get(name).filter(|value| !value.is_null())
    }

    /// A text of 1 to `max` characters without control characters, if present.
    pub fn text(&mut self, name: &'static str, max: usize, problems: &mut Problems) -> Option<String> {
        let value = self.member(name)?;
        let field = self.field.at(name);
        let Some(text) = value.as_str() else {
            problems.add("INVALID_TYPE", &field, "expected a text");
            return None;
        };
        read_text(text, max, &field, problems)
    }

    /// A code or name on one line, which has to be there.
    pub fn required_code(
        &mut self,
        name: &'static str,
        max: usize,
        problems: &mut Problems,
    ) -> Option<String> {
        let text = self.text(name, max, problems);
        let text = self.require(name, text, problems)?;
        if text.chars().any(char::is_control) {
            problems.add("INVALID_VALUE", &self.field.at(name), "must be on one line");
            return None;
        }
        Some(text)
    }

    /// Texts of 1 to `max` characters.
    pub fn texts(&mut self, name: &'static str, max: usize, problems: &mut Problems) -> Vec<String> {
        let mut texts = Vec::new();
        for (value, field) in self.list(name, problems) {
            match value.as_str() {
                Some(text) => texts.extend(read_text(text, max, &field, problems)),
                None => problems.add("INVALID_TYPE", &field, "expected a text"),
            }
        }
        texts
    }

    /// A value written as text, such as a date or a decimal, if present. An integer is taken as its text.
    pub fn parsed<T>(&mut self, name: &'static str, problems: &mut Problems) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let value = self.member(name)?;
        let field = self.field.at(name);
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
            Value::Number(_) => {
                problems.add(
                    "INVALID_TYPE",
                    &field,
                    "write a decimal number as text, so that no digit is lost",
                );
                return None;
            }
            _ => {
                problems.add("INVALID_TYPE", &field, "expected a text");
                return None;
            }
        };
        match text.parse() {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                problems.add("INVALID_VALUE", &field, error.to_string());
                None
            }
        }
    }

    /// Yes or no; no when absent.
    pub fn flag(&mut self, name: &'static str, problems: &mut Problems) -> bool {
        match self.member(name) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                problems.add("INVALID_TYPE", &self.field.at(name), "expected true or false");
                false
            }
        }
    }

    /// The object under `name`, if present.
    pub fn object(&mut self, name: &'static str, problems: &mut Problems) -> Option<Self> {
        let value = self.member(name)?;
        Some(Reader::new(value, self.field.at(name), problems))
    }

    /// The items of the list under `name`, each with its field.
    pub fn list(&mut self, name: &'static str, problems: &mut Problems) -> Vec<(&'a Value, Field)> {
        let Some(value) = self.member(name) else { return Vec::new() };
        let field = self.field.at(name);
        let Some(items) = value.as_array() else {
            problems.add("INVALID_TYPE", &field, "expected a list");
            return Vec::new();
        };
        if items.len() > MAX_ITEMS {
            problems.add("TOO_MANY", &field, format!("at most {MAX_ITEMS} are taken"));
            return Vec::new();
        }
        items.iter().enumerate().map(|(index, item)| (item, field.at(index))).collect()
    }

    /// Notes that `name` has to be there, unless it was read or its problem is already noted.
    pub fn require<T>(&self, name: &'static str, value: Option<T>, problems: &mut Problems) -> Option<T> {
        let Some(object) = self.object else { return value };
        if value.is_none() && object.get(name).is_none_or(Value::is_null) {
            problems.add("REQUIRED", &self.field.at(name), format!("`{name}` is missing"));
        }
        value
    }

    /// Notes every member nobody asked for: a misspelt name must not be dropped in silence.
    pub fn finish(self, problems: &mut Problems) {
        let Some(object) = self.object else { return };
        for name in object.keys().filter(|name| !self.asked.contains(name.as_str())) {
            problems.add(
                "UNKNOWN_FIELD",
                &self.field.at(name),
                format!("`{name}` is not a field of this object"),
            );
        }
    }
}

fn read_text(text: &str, max: usize, field: &Field, problems: &mut Problems) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        problems.add("INVALID_VALUE", field, "must not be empty");
        return None;
    }
    if text.chars().count() > max {
        problems.add("TOO_LONG", field, format!("at most {max} characters"));
        return None;
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        problems.add("INVALID_VALUE", field, "must not contain control characters");
        return None;
    }
    Some(text.to_owned())
}
