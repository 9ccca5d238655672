//! What a request asks, from a JSON body, a query string or a message.

use async_graphql::{Request, Variables};
use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// The parameters of a GraphQL request. Unknown ones are ignored, as the specification asks.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Params {
    pub(super) query: String,
    #[serde(default)]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Option<Map<String, Value>>,
    #[serde(default)]
    extensions: Option<Map<String, Value>>,
}

impl Params {
    pub(super) fn from_body(body: &[u8]) -> Result<Self, Refusal> {
        if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
            return Err(Refusal::Malformed("Several requests in one body are not supported"));
        }
        serde_json::from_slice(body).map_err(|error| {
            Refusal::Malformed(if error.is_data() {
                "The body must be a JSON object with a string `query`, and where they are given a string `operationName`, \
                 an object `variables` and an object `extensions`"
            } else {
                "The body is not JSON"
            })
        })
    }

    pub(super) fn from_uri(uri: &Uri) -> Result<Self, Refusal> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Texts {
            query: Option<String>,
            operation_name: Option<String>,
            variables: Option<String>,
            extensions: Option<String>,
        }
        let Ok(Query(texts)) = Query::<Texts>::try_from_uri(uri) else {
            return Err(Refusal::Malformed("The query string cannot be read"));
        };
        Ok(Self {
            query: texts.query.ok_or(Refusal::Malformed("The parameter `query` is missing"))?,
            operation_name: texts.operation_name,
            variables: json(texts.variables)?,
            extensions: json(texts.extensions)?,
        })
    }

    pub(super) fn operation(&self) -> Option<&str> {
        self.operation_name.as_deref().filter(|name| !name.is_empty())
    }

    /// The request without its document, and the document's text.
    pub(super) fn into_request(self) -> Request {
        let operation = self.operation().map(str::to_owned);
        let mut request = Request::new(self.query);
        request.operation_name = operation;
        request.variables = Variables::from_json(Value::Object(self.variables.unwrap_or_default()));
        let extensions = self.extensions.unwrap_or_default().into_iter();
        let extensions =
            extensions.filter_map(|(name, value)| Some((name, async_graphql::Value::from_json(value).ok()?)));
        request.extensions.0.extend(extensions);
        request
    }
}

fn json<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>, Refusal> {
    let given = text.filter(|text| !text.is_empty());
    let parsed = given.map(|text| serde_json::from_str(&text)).transpose();
    parsed.map_err(|_| Refusal::Malformed("The parameters `variables` and `extensions` must be JSON objects"))
}

#[cfg(test)]
mod tests {
    use super::Params;

    #[test]
    fn a_body_is_one_request() {
        let body = br#"{ "query": "{ a }", "operationName": "", "variables": { "n": 1 }, "extra": true }"#;
        let request = Params::from_body(body).unwrap().into_request();
        assert_eq!((request.query.as_str(), request.operation_name), ("{ a }", None));
        assert_eq!(serde_json::to_string(&request.variables).unwrap(), r#"{"n":1}"#);
        for body in
            ["[]", " [{}]", "{", "{}", r#"{ "query": 1 }"#, r#"{ "query": "", "variables": [] }"#, "null"]
        {
            assert!(Params::from_body(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_query_string_is_one_too() {
        let uri = "/graphql?query=%7Ba%7D&variables=%7B%22n%22%3A1%7D&extensions=".parse().unwrap();
        let request = Params::from_uri(&uri).unwrap().into_request();
        assert_eq!((request.query.as_str(), request.variables.len()), ("{a}", 1));
        for uri in ["/graphql", "/graphql?query=a&variables=1", "/graphql?query=a&query=b"] {
            assert!(Params::from_uri(&uri.parse().unwrap()).is_err(), "{uri}");
        }
    }
}
