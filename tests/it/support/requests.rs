//! Requests as clients send them.
use serde_json::{Value, json};

use super::{Supplier, Tenant, TestApp};

/// A reply, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    /// The data of a GraphQL reply without errors.
    #[track_caller]
    pub(crate) fn data(&self) -> &Value {
        assert!(self.body.get("errors").is_none(), "{}", self.body);
        &self.body["data"]
    }

    /// The code of the first error of a GraphQL reply.
    #[track_caller]
    pub(crate) fn error_code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{}", self.body))
    }

    /// The reply as two callers must get it alike: without what is left in each one's bucket of points.
    pub(crate) fn text(&self) -> String {
        let mut body = self.body.clone();
        if let Some(cost) = body.pointer_mut("/extensions/cost").and_then(Value::as_object_mut) {
            cost.remove("throttleStatus");
        }
        format!("{} {body}", self.status)
    }

    /// Whether it is said to be an earlier result given again.
    pub(crate) fn is_replay(&self) -> bool {
        self.body["extensions"]["idempotentReplay"] == true
    }

    /// The codes of the `userErrors` of a mutation.
    #[track_caller]
    pub(crate) fn refusals(&self) -> Vec<&str> {
        let payloads = self.data().as_object().unwrap().values();
        let errors = payloads.flat_map(|payload| payload["userErrors"].as_array().unwrap());
        errors.map(|error| error["code"].as_str().unwrap()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Self { status, headers, body }
    }
}

impl TestApp {
    /// A GraphQL request with a token.
    pub(crate) async fn graphql(&self, token: &str, query: &str, variables: Value) -> Reply {
        self.graphql_with(token, query, variables, &[]).await
    }

    /// The same with other headers; without a token when that is empty.
    pub(crate) async fn graphql_with(
        &self,
        token: &str,
        query: &str,
        variables: Value,
        headers: &[(&str, &str)],
    ) -> Reply {
        let request = self.http.post(self.url("/graphql"));
        let request = request.json(&json!({ "query": query, "variables": variables }));
        let mut request = if token.is_empty() { request } else { request.bearer_auth(token) };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Reply::read(request.send().await.unwrap()).await
    }

    /// A document from the ERP.
    pub(crate) async fn ingest(&self, tenant: &Tenant, document: &Value) -> Reply {
        self.ingest_with(tenant, document, &[]).await
    }

    pub(crate) async fn ingest_with(
        &self,
        tenant: &Tenant,
        document: &Value,
        headers: &[(&str, &str)],
    ) -> Reply {
        self.ingest_at(tenant, "/ingest/v1/purchase-orders", document, headers).await
    }

    /// A document from the ERP at another entrance.
    pub(crate) async fn ingest_at(
        &self,
        tenant: &Tenant,
        path: &str,
        document: &Value,
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut request = self.http.post(self.url(path)).bearer_auth(&tenant.ingest_token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Reply::read(request.json(document).send().await.unwrap()).await
    }

    /// Documents from the ERP, one a line.
    pub(crate) async fn ingest_lines(&self, tenant: &Tenant, lines: &str) -> Reply {
        self.ingest_lines_at(tenant, "/ingest/v1/purchase-orders", lines).await
    }

    pub(crate) async fn ingest_lines_at(&self, tenant: &Tenant, path: &str, lines: &str) -> Reply {
        let request = self.http.post(self.url(path)).bearer_auth(&tenant.ingest_token);
        let request = request.header("content-type", "application/x-ndjson").body(lines.to_owned());
        Reply::read(request.send().await.unwrap()).await
    }

    /// An interchange from a trading partner.
    pub(crate) async fn edi(&self, supplier: &Supplier, bytes: Vec<u8>) -> Reply {
        let request = self.http.post(self.url("/edi/v1/interchanges")).bearer_auth(&supplier.edi_token);
        let request = request.header("content-type", "application/edi-x12").body(bytes);
        Reply::read(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        Reply::read(self.http.get(self.url(path)).send().await.unwrap()).await
    }

    /// An order on file, by its id.
    pub(crate) async fn placed(&self, tenant: &Tenant, supplier: &Supplier) -> String {
        let number = format!("45{:08}", self.number());
        let reply = self.ingest(tenant, &order(supplier, &number)).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.body["order"].as_str().unwrap().to_owned()
    }
}

/// An order of two lines, first revision.
pub(crate) fn order(supplier: &Supplier, number: &str) -> Value {
    revision(supplier, number, 1, "100")
}

/// A revision of such an order, with another quantity on the first line.
pub(crate) fn revision(supplier: &Supplier, number: &str, sequence: i64, quantity: &str) -> Value {
    json!({
        "number": number,
        "supplier": supplier.number,
        "currency": "EUR",
        "revision": { "id": sequence.to_string(), "issuedAt": format!("2026-11-{:02}T08:00:00Z", sequence) },
        "lines": [
            { "number": "00010", "buyerPart": "B-1", "supplierPart": "S-1", "quantity": quantity, "unit": "EA",
              "unitPrice": "3.10", "deliverFrom": "2026-12-01", "deliverTo": "2026-12-05" },
            { "number": "00020", "buyerPart": "B-2", "quantity": "12.5", "unit": "KGM", "unitPrice": "0.99",
              "deliverTo": "2026-12-05" }
        ]
    })
}

/// A mutation with one `$input`.
pub(crate) fn mutation(name: &str, input_type: &str, selection: &str) -> String {
    format!(
        "mutation M($input: {input_type}!) {{ {name}(input: $input) {{ {selection} userErrors {{ code field message }} }} }}"
    )
}
