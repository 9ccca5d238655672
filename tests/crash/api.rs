//! The API as a supplier's program sees it while the server comes and goes.
use std::time::Duration;

use serde_json::{Value, json};

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no answer to rely on: what was asked for may have happened or not.
#[derive(Debug)]
pub(crate) struct Unclear(pub(crate) String);

/// One server address and one token. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Api {
    pub(crate) fn new(base: &str, token: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { http, base: base.to_owned(), token: token.to_owned() }
    }

    /// The data of a reply. A reply with errors is unclear: this API says what is definite in the data.
    pub(crate) async fn graphql(&self, query: &str, variables: Value) -> Result<Value, Unclear> {
        let body = json!({ "query": query, "variables": variables });
        let request = self.http.post(format!("{}/graphql", self.base)).json(&body);
        let mut reply = Self::read(request.bearer_auth(&self.token)).await?;
        match reply.get("errors") {
            None => Ok(reply["data"].take()),
            Some(errors) => Err(Unclear(errors.to_string())),
        }
    }

    /// Hands in documents, one a line, and gives their results.
    pub(crate) async fn ingest(&self, lines: String) -> Result<Value, Unclear> {
        let request = self.http.post(format!("{}/ingest/v1/purchase-orders", self.base));
        let request = request.header("content-type", "application/x-ndjson").body(lines);
        Ok(Self::read(request.bearer_auth(&self.token)).await?["results"].take())
    }

    /// Hands in an interchange. What is said about it, readable or not, is definite; that we failed is not.
    pub(crate) async fn interchange(&self, bytes: Vec<u8>) -> Result<(), Unclear> {
        let request = self.http.post(format!("{}/edi/v1/interchanges", self.base)).body(bytes);
        let request = request.header("content-type", "application/edi-x12").bearer_auth(&self.token);
        let reply = request.send().await.map_err(|error| Unclear(error.to_string()))?;
        match reply.status().as_u16() {
            200 | 422 => Ok(()),
            status => Err(Unclear(format!("{status}: {}", reply.text().await.unwrap_or_default()))),
        }
    }

    async fn read(request: reqwest::RequestBuilder) -> Result<Value, Unclear> {
        let unclear = |error: reqwest::Error| Unclear(error.to_string());
        request.send().await.map_err(unclear)?.json().await.map_err(unclear)
    }
}
