//! How a result is told: every error with a code and the request's id, nothing about our insides, no more than the limits
//! allow, and what it cost.

use std::collections::BTreeMap;
use std::io;

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value, value};
use axum::http::HeaderMap;
use serde::Serialize;

use super::Settings;
use super::refusal::Refusal;
use super::throttle::Level;
use crate::web::headers::Ids;

/// What an operation cost, and what is left in the bucket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bill {
    pub(super) requested: Option<u64>,
    /// Nothing for an operation that did not run.
    pub(super) actual: Option<u64>,
    pub(super) level: Level,
}

impl Bill {
    fn value(&self) -> Value {
        let Level { maximum, available, restore } = self.level;
        let number = |points: Option<u64>| points.map_or(Value::Null, Value::from);
        value!({
            "requestedQueryCost": (number(self.requested)),
            "actualQueryCost": (number(self.actual)),
            "throttleStatus": {
                "maximumAvailable": maximum,
                "currentlyAvailable": available,
                "restoreRate": restore,
            },
        })
    }

    /// The draft IETF headers: the policy, and where the bucket stands under it.
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        let Level { maximum, available, restore } = self.level;
        let window = maximum.div_ceil(restore.max(1));
        let lines = [
            ("ratelimit-policy", format!("\"cost\";q={maximum};w={window}")),
            ("ratelimit", format!("\"cost\";r={available};t={}", self.level.reset())),
        ];
        for (name, line) in lines {
            if let Ok(line) = line.parse() {
                headers.insert(name, line);
            }
        }
    }
}

/// A result as it is sent.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) json: Vec<u8>,
    /// Whether the request was run at all: without `data` and without a path, its errors are about the request.
    pub(super) ran: bool,
    /// The code of the first error.
    pub(super) outcome: String,
}

#[derive(Serialize)]
struct Body<'r> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'r [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'r Value>,
    extensions: &'r BTreeMap<String, Value>,
}

/// Puts a result into words. What resolvers added to its extensions stays.
pub(super) fn tell(mut response: Response, ids: &Ids, bill: Option<&Bill>, settings: &Settings) -> Told {
    let ran = ran(&response);
    polish(&mut response, ids, settings.errors);
    response.extensions.insert("requestId".into(), ids.request.as_str().into());
    if let Some(bill) = bill {
        response.extensions.insert("cost".into(), bill.value());
    }
    let body = Body {
        errors: &response.errors,
        data: ran.then_some(&response.data),
        extensions: &response.extensions,
    };
    match bounded(&body, settings.reply_bytes) {
        Some(json) => Told { json, ran, outcome: outcome(&response.errors) },
        None => tell_refusal(Refusal::ReplyTooLarge(settings.reply_bytes), ids, bill, settings),
    }
}

/// Puts a refusal into words.
pub(super) fn tell_refusal(refusal: Refusal, ids: &Ids, bill: Option<&Bill>, settings: &Settings) -> Told {
    let settings = Settings { reply_bytes: usize::MAX, ..settings.clone() };
    tell(Response::from_errors(vec![refusal.into()]), ids, bill, &settings)
}

/// Whether the operation began to run: if not, there is neither data nor a place in it where an error could be.
pub(super) fn ran(response: &Response) -> bool {
    response.is_ok()
        || response.data != Value::Null
        || response.errors.iter().any(|error| !error.path.is_empty())
}

fn polish(response: &mut Response, ids: &Ids, most: usize) {
    let omitted = response.errors.len().saturating_sub(most);
    if omitted > 0 {
        response.errors.truncate(most);
        response.extensions.insert("errorsOmitted".into(), omitted.into());
    }
    for error in &mut response.errors {
        if code(error).is_none() {
            classify(error, ids);
        }
        extensions(error).set("requestId", ids.request.as_str());
    }
}

/// Gives an error without a code one. The library's own are about the document or its input; one that carries another
/// error inside got out of a resolver by mistake, and its text is for our log only.
fn classify(error: &mut ServerError, ids: &Ids) {
    if error.source.is_some() {
        tracing::error!(request.id = %ids.request, path = ?error.path, error = %error.message, "a resolver failed");
        error.message = "Something went wrong on our side".to_owned();
        extensions(error).set("code", "INTERNAL_SERVER_ERROR");
    } else if error.path.is_empty() {
        extensions(error).set("code", "GRAPHQL_VALIDATION_FAILED");
    } else {
        without_value(&mut error.message);
        extensions(error).set("code", "BAD_USER_INPUT");
    }
}

/// The library repeats a value of the wrong type in its message. It may be a password in the wrong place.
fn without_value(message: &mut String) {
    const BEFORE: &str = "\", found ";
    if message.starts_with("Expected input type \"")
        && let Some(start) = message.find(BEFORE)
    {
        message.truncate(start);
        message.push_str("\" here.");
    }
}

fn extensions(error: &mut ServerError) -> &mut ErrorExtensionValues {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default)
}

fn code(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        Value::Enum(code) => Some(code),
        _ => None,
    }
}

fn outcome(errors: &[ServerError]) -> String {
    errors.first().and_then(code).unwrap_or("OK").to_owned()
}

/// What the result shows that the operation cost: a point for each object, as [`quayside_graphql::guard`] counts them.
pub(super) fn actual_cost(data: &Value) -> u64 {
    fn objects(value: &Value) -> u64 {
        match value {
            Value::List(items) => items.iter().map(objects).sum(),
            Value::Object(fields) => 1 + fields.iter().map(|(name, value)| below(name, value)).sum::<u64>(),
            _ => 0,
        }
    }
    fn below(name: &str, value: &Value) -> u64 {
        match value {
            Value::List(edges) if name == "edges" => {
                edges.iter().map(|edge| objects(edge).saturating_sub(1)).sum()
            }
            other => objects(other),
        }
    }
    objects(data).saturating_sub(1)
}

/// The JSON, unless it is longer than the limit.
fn bounded(body: &Body<'_>, limit: usize) -> Option<Vec<u8>> {
    struct Bounded {
        bytes: Vec<u8>,
        limit: usize,
    }
    impl io::Write for Bounded {
        fn write(&mut self, more: &[u8]) -> io::Result<usize> {
            if self.bytes.len() + more.len() > self.limit {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            self.bytes.extend_from_slice(more);
            Ok(more.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut writer = Bounded { bytes: Vec::with_capacity(1024), limit };
    serde_json::to_writer(&mut writer, body).ok()?;
    Some(writer.bytes)
}

#[cfg(test)]
mod tests {
    use async_graphql::{Error, Pos, Response, ServerError, value};

    use super::{Ids, Settings, actual_cost, tell};

    fn told(response: Response, settings: &Settings) -> serde_json::Value {
        let ids = Ids { request: "r".into(), correlation: "c".into() };
        serde_json::from_slice(&tell(response, &ids, None, settings).json).unwrap()
    }

    #[test]
    fn a_failure_of_ours_is_told_without_its_text() {
        let mut error = Error::new_with_source("table users is locked").into_server_error(Pos::default());
        error.path = vec![async_graphql::PathSegment::Field("a".into())];
        let told = told(Response::from_errors(vec![error]), &Settings::default());
        assert_eq!(told["errors"][0]["message"], "Something went wrong on our side");
        assert_eq!(told["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
        assert_eq!(told["errors"][0]["extensions"]["requestId"], "r");
        assert!(
            told["data"].is_null() && told.get("data").is_some(),
            "it ran, so there is data, and it is null"
        );
    }

    #[test]
    fn a_value_of_the_wrong_type_is_not_repeated() {
        let text = "Expected input type \"SignInInput\", found \"a password, found here\".";
        let mut error = Error::new(text).into_server_error(Pos::default());
        error.path = vec![async_graphql::PathSegment::Field("a".into())];
        let told = told(Response::from_errors(vec![error]), &Settings::default());
        assert_eq!(told["errors"][0]["message"], "Expected input type \"SignInInput\" here.");
        assert_eq!(told["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }

    #[test]
    fn errors_are_counted_beyond_what_is_told() {
        let errors = (0..70).map(|n| ServerError::new(n.to_string(), None)).collect();
        let told = told(Response::from_errors(errors), &Settings::default());
        assert_eq!(told["errors"].as_array().unwrap().len(), 50);
        assert_eq!(told["extensions"]["errorsOmitted"], 20);
        assert!(told.get("data").is_none(), "it did not run");
    }

    #[test]
    fn a_reply_is_never_longer_than_allowed() {
        let settings = Settings { reply_bytes: 100, ..Settings::default() };
        let told = told(Response::new("x".repeat(200)), &settings);
        assert_eq!(told["errors"][0]["extensions"]["code"], "REPLY_TOO_LARGE");
    }

    #[test]
    fn an_actual_cost_counts_objects_and_no_edges() {
        let data =
            value!({ "a": 1, "b": { "edges": [{ "node": { "id": 1 } }, { "node": null }], "pageInfo": {} } });
        assert_eq!(actual_cost(&data), 1 + 1 + 1);
    }
}
