//! `$filter`, as far as callers use it: comparisons of one field with a literal, `and`, `or`, brackets.
use chrono::DateTime;
use serde_json::Value;

use super::answer::Refusal;

/// A condition on an entity.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Compare { field: String, how: String, with: String },
}

impl Filter {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut words = words(text).into_iter().peekable();
        let filter = any(&mut words)?;
        match words.next() {
            None => Ok(filter),
            Some(word) => Err(wrong(&word)),
        }
    }

    pub(super) fn holds(&self, entity: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(entity)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(entity)),
            Self::Compare { field, how, with } => {
                let there = entity.get(field).and_then(Value::as_str).unwrap_or_default();
                let order = match (DateTime::parse_from_rfc3339(there), DateTime::parse_from_rfc3339(with)) {
                    (Ok(there), Ok(with)) => there.cmp(&with),
                    _ => there.cmp(with.as_str()),
                };
                match how.as_str() {
                    "eq" => order.is_eq(),
                    "ne" => order.is_ne(),
                    "gt" => order.is_gt(),
                    "ge" => order.is_ge(),
                    "lt" => order.is_lt(),
                    _ => order.is_le(),
                }
            }
        }
    }
}

type Words = std::iter::Peekable<std::vec::IntoIter<String>>;

fn any(words: &mut Words) -> Result<Filter, Refusal> {
    let mut parts = vec![all(words)?];
    while words.next_if(|word| word == "or").is_some() {
        parts.push(all(words)?);
    }
    Ok(Filter::Any(parts))
}

fn all(words: &mut Words) -> Result<Filter, Refusal> {
    let mut parts = vec![one(words)?];
    while words.next_if(|word| word == "and").is_some() {
        parts.push(one(words)?);
    }
    Ok(Filter::All(parts))
}

fn one(words: &mut Words) -> Result<Filter, Refusal> {
    let field = words.next().ok_or_else(|| wrong("the end"))?;
    if field == "(" {
        let inner = any(words)?;
        return match words.next() {
            Some(word) if word == ")" => Ok(inner),
            other => Err(wrong(&other.unwrap_or_default())),
        };
    }
    let how = words.next().ok_or_else(|| wrong("the end"))?;
    if !["eq", "ne", "gt", "ge", "lt", "le"].contains(&how.as_str()) {
        return Err(wrong(&how));
    }
    let with = words.next().ok_or_else(|| wrong("the end"))?;
    let with = match with.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        Some(text) => text.replace("''", "'"),
        None => with,
    };
    Ok(Filter::Compare { field, how, with })
}

fn wrong(at: &str) -> Refusal {
    Refusal::contract(format!("Invalid $filter expression at '{at}'"))
}

/// Names, literals and brackets.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '\'' => {
                quoted = !quoted;
                word.push(character);
            }
            ' ' | '(' | ')' if !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                if character != ' ' {
                    words.push(character.to_string());
                }
            }
            other => word.push(other),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn brackets_bind_and_times_compare_as_times() {
        let filter = "(Changed gt 2026-01-01T00:00:00Z or (Changed eq 2026-01-01T00:00:00.0Z and No gt '7')) and \
                      Name eq 'O''Neil (x)'";
        let filter = Filter::parse(filter).unwrap();
        let entity = |changed: &str, number: &str, name: &str| json!({ "Changed": changed, "No": number, "Name": name });
        assert!(filter.holds(&entity("2026-01-01T00:00:01Z", "1", "O'Neil (x)")));
        assert!(filter.holds(&entity("2026-01-01T00:00:00Z", "8", "O'Neil (x)")));
        assert!(!filter.holds(&entity("2026-01-01T00:00:00Z", "7", "O'Neil (x)")));
        assert!(!filter.holds(&entity("2026-01-01T00:00:01Z", "1", "O")));
        for wrong in ["", "A", "A is 'b'", "(A eq 'b'", "A eq 'b' )"] {
            assert!(Filter::parse(wrong).is_err(), "{wrong}");
        }
    }
}
