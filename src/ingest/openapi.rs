//! The OpenAPI 3.1 description of the ingest endpoints, made of the same types that are read and written.
use quayside_canonical::{
    appointment::AppointmentDocument,
    invoice::InvoiceStatusDocument,
    master_data::{CrossReference, Item, Location, SupplierRecord},
    order::PurchaseOrder,
    receipt::ReceiptDocument,
    states::{DocumentOutcome, InboundKind, InboundStatus},
};
use serde_json::{Value, json};

/// The description.
#[must_use]
pub fn document() -> Value {
    let mut schemas = serde_json::Map::new();
    add::<PurchaseOrder>("PurchaseOrder", &mut schemas);
    add::<Item>("Item", &mut schemas);
    add::<Location>("Location", &mut schemas);
    add::<SupplierRecord>("SupplierRecord", &mut schemas);
    add::<CrossReference>("CrossReference", &mut schemas);
    add::<ReceiptDocument>("Receipt", &mut schemas);
    add::<AppointmentDocument>("Appointment", &mut schemas);
    add::<InvoiceStatusDocument>("InvoiceStatus", &mut schemas);
    add::<InboundStatus>("InboundStatus", &mut schemas);
    add::<InboundKind>("InboundKind", &mut schemas);
    add::<DocumentOutcome>("DocumentOutcome", &mut schemas);
    add::<quayside_canonical::Problem>("Problem", &mut schemas);
    schemas.insert("Result".to_owned(), result_schema());
    schemas.insert("Recorded".to_owned(), recorded_schema());
    schemas.insert("Stated".to_owned(), stated_schema());
    schemas.insert("Message".to_owned(), message_schema());
    schemas.insert("Refusal".to_owned(), refusal_schema());
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Quayside ingest",
            "version": "1",
            "description": "Where the buyer's ERP and WMS hand in documents. A document is taken, recognised or refused by itself; one bad document does not spoil its neighbours."
        },
        "security": [{ "connectionToken": [] }],
        "paths": {
            "/ingest/v1/purchase-orders": { "post": purchase_orders() },
            "/ingest/v1/items": { "post": master_data("recordItems", "items", "Item") },
            "/ingest/v1/locations": { "post": master_data("recordLocations", "locations", "Location") },
            "/ingest/v1/suppliers": { "post": master_data("recordSuppliers", "suppliers", "SupplierRecord") },
            "/ingest/v1/cross-references": { "post": master_data("recordCrossReferences", "cross-references", "CrossReference") },
            "/ingest/v1/receipts": { "post": statements("recordReceipts", "receipts", "Receipt") },
            "/ingest/v1/appointments": { "post": statements("recordAppointments", "what became of appointments", "Appointment") },
            "/ingest/v1/invoice-statuses": { "post": statements("recordInvoiceStatuses", "where invoices stand", "InvoiceStatus") },
            "/ingest/v1/connections/{connection}/{feed}": { "post": messages() },
            "/edi/v1/interchanges": { "post": interchanges() }
        },
        "components": {
            "securitySchemes": {
                "connectionToken": { "type": "http", "scheme": "bearer", "description": "The token of a connection." },
                "connectionPassword": { "type": "http", "scheme": "basic", "description": "The token of the connection as the password; the user's name is not looked at." },
                "partnerToken": { "type": "http", "scheme": "bearer", "description": "The token of a trading partner." }
            },
            "schemas": schemas
        }
    })
}

/// Adds a type's schema, and those it refers to, as components.
fn add<T: schemars::JsonSchema>(name: &str, schemas: &mut serde_json::Map<String, Value>) {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let schema = generator.root_schema_for::<T>();
    let Value::Object(mut schema) = schema.to_value() else { return };
    schema.remove("$defs");
    for (part, definition) in generator.take_definitions(true) {
        schemas.insert(part, definition);
    }
    if let Some(Value::Object(components)) = schema.remove("components")
        && let Some(Value::Object(parts)) = components.get("schemas").cloned()
    {
        schemas.extend(parts);
    }
    schemas.insert(name.to_owned(), Value::Object(schema));
}

fn purchase_orders() -> Value {
    let result = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Result" } } });
    json!({
        "operationId": "receivePurchaseOrders",
        "summary": "Hand in purchase order revisions: one as JSON, or up to 10,000 as NDJSON.",
        "description": "Each document is one whole revision. Which revision is current is decided by `revision.sequence` and `revision.issuedAt`, never by the order of arrival. Repeating a document is safe; with an `Idempotency-Key`, a repeated request gets the first answer again.",
        "parameters": [
            { "name": "Idempotency-Key", "in": "header", "required": false, "schema": { "type": "string", "minLength": 1, "maxLength": 200 } },
            validate_only()
        ],
        "requestBody": body("PurchaseOrder"),
        "responses": {
            "200": { "description": "Recognised or revised; for NDJSON, the result of each line.", "content": one_or_many("Result") },
            "201": { "description": "A new order.", "content": result },
            "409": { "description": "The revision is on file with other content; nothing changed.", "content": result },
            "422": { "description": "Refused, with every problem.", "content": result },
            "4XX": refusal(), "5XX": refusal()
        }
    })
}

fn master_data(operation: &str, what: &str, schema: &str) -> Value {
    let result = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Recorded" } } });
    json!({
        "operationId": operation,
        "summary": format!("Hand in {what}: one as JSON, or up to 10,000 as NDJSON."),
        "description": "Each document is whole and replaces what is on file. Repeating one is safe and needs no key.",
        "parameters": [validate_only()],
        "requestBody": body(schema),
        "responses": {
            "200": { "description": "Changed or on file already; for NDJSON, the result of each line.", "content": one_or_many("Recorded") },
            "201": { "description": "New.", "content": result },
            "422": { "description": "Refused, with every problem.", "content": result },
            "4XX": refusal(), "5XX": refusal()
        }
    })
}

fn statements(operation: &str, what: &str, schema: &str) -> Value {
    let result = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Stated" } } });
    json!({
        "operationId": operation,
        "summary": format!("Hand in {what}: one as JSON, or up to 10,000 as NDJSON."),
        "description": "In any order, and again: a document that is on file is UNCHANGED, one that is older than what is on file is LATE and changes nothing.",
        "parameters": [
            { "name": "Idempotency-Key", "in": "header", "required": false, "description": "Taken and not needed: a document is recognised by its number.", "schema": { "type": "string" } },
            validate_only()
        ],
        "requestBody": body(schema),
        "responses": {
            "200": { "description": "Recorded, on file already, or late; for NDJSON, the result of each line.", "content": one_or_many("Stated") },
            "409": { "description": "It is on file with other content; nothing changed.", "content": result },
            "422": { "description": "Refused, with every problem.", "content": result },
            "4XX": refusal(), "5XX": refusal()
        }
    })
}

fn validate_only() -> Value {
    json!({ "name": "X-Validate-Only", "in": "header", "required": false, "description": "`true`: apply the same rules and write nothing.", "schema": { "enum": ["true"] } })
}

fn body(schema: &str) -> Value {
    json!({
        "required": true,
        "content": {
            "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } },
            "application/x-ndjson": { "schema": { "type": "string", "description": format!("One {schema} a line.") } }
        }
    })
}

fn one_or_many(schema: &str) -> Value {
    let one = json!({ "$ref": format!("#/components/schemas/{schema}") });
    json!({ "application/json": { "schema": { "oneOf": [
        one,
        { "type": "object", "required": ["results"], "properties": { "results": { "type": "array", "items": one } } }
    ] } } })
}

fn interchanges() -> Value {
    json!({
        "operationId": "receiveInterchange",
        "summary": "Hand in a file of X12 and EDIFACT interchanges.",
        "security": [{ "partnerToken": [] }],
        "requestBody": { "required": true, "content": {
            "application/edi-x12": { "schema": { "type": "string" } },
            "application/edifact": { "schema": { "type": "string" } },
            "application/octet-stream": { "schema": { "type": "string" } },
            "text/plain": { "schema": { "type": "string" } }
        } },
        "responses": {
            "200": { "description": "What became of each interchange and each of its messages." },
            "422": { "description": "Nothing could be read." },
            "4XX": refusal(), "5XX": refusal()
        }
    })
}

fn messages() -> Value {
    let any = json!({ "schema": { "type": "string" } });
    let reply = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Message" } } });
    let named = |name: &str, words: &str| json!({ "name": name, "in": "path", "required": true, "description": words, "schema": { "type": "string" } });
    json!({
        "operationId": "receiveMessage",
        "summary": "Send what a connected system has to say, in its own words.",
        "description": "The body is on file before the answer. The same bytes again get the first outcome. `OPTIONS` answers the handshake of CloudEvents webhooks.",
        "security": [{ "connectionToken": [] }, { "connectionPassword": [] }],
        "parameters": [
            named("connection", "The id of the connection that sends."),
            named("feed", "One of its connector's feeds that are sent, as the connector's page names them.")
        ],
        "requestBody": { "required": true, "content": {
            "application/json": any, "application/cloudevents+json": any, "application/xml": any, "text/xml": any
        } },
        "responses": {
            "200": { "description": "What became of each document, refusals included.", "content": reply },
            "202": { "description": "On file; what becomes of it is found out later.", "content": reply },
            "4XX": refusal(), "5XX": refusal()
        }
    })
}

fn message_schema() -> Value {
    let problems = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Problem" } });
    json!({
        "type": "object",
        "required": ["message", "status", "documents"],
        "properties": {
            "message": { "type": "string", "description": "Our id of the message." },
            "status": { "$ref": "#/components/schemas/InboundStatus" },
            "documents": { "type": "array", "items": {
                "type": "object",
                "required": ["kind", "key", "outcome"],
                "properties": {
                    "kind": { "$ref": "#/components/schemas/InboundKind" },
                    "key": { "type": "string", "description": "What you call it." },
                    "outcome": { "$ref": "#/components/schemas/DocumentOutcome" },
                    "subject": { "type": ["string", "null"], "description": "The id of the order, receipt or appointment." },
                    "problems": problems,
                    "warnings": problems
                }
            } },
            "problems": problems
        }
    })
}

fn refusal() -> Value {
    json!({ "description": "The request cannot be used.", "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Refusal" } } } })
}

fn result_schema() -> Value {
    json!({
        "type": "object",
        "required": ["outcome"],
        "properties": {
            "outcome": { "$ref": "#/components/schemas/DocumentOutcome" },
            "number": { "type": ["string", "null"], "description": "The order's number, when it could be read." },
            "order": { "type": ["string", "null"], "description": "The order's id." },
            "revision": { "type": ["integer", "null"], "description": "Our number of the revision." },
            "problems": { "type": "array", "items": { "$ref": "#/components/schemas/Problem" } },
            "warnings": { "type": "array", "items": { "$ref": "#/components/schemas/Problem" }, "description": "Codes that were kept as they came." },
            "translations": {
                "type": "array",
                "description": "Codes that were replaced by the tenant's own, or filled in.",
                "items": {
                    "type": "object",
                    "required": ["field", "to"],
                    "properties": {
                        "field": { "type": "array", "items": { "type": "string" }, "description": "The path into the document." },
                        "from": { "type": ["string", "null"], "description": "What the document said; null when it said nothing." },
                        "to": { "type": "string", "description": "What is on file." }
                    }
                }
            }
        }
    })
}

fn recorded_schema() -> Value {
    json!({
        "type": "object",
        "required": ["outcome"],
        "properties": {
            "outcome": { "$ref": "#/components/schemas/DocumentOutcome" },
            "code": { "type": ["string", "null"], "description": "The number or code of the document, when it could be read." },
            "problems": { "type": "array", "items": { "$ref": "#/components/schemas/Problem" } }
        }
    })
}

fn stated_schema() -> Value {
    let problems = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Problem" } });
    json!({
        "type": "object",
        "required": ["outcome"],
        "properties": {
            "outcome": { "$ref": "#/components/schemas/DocumentOutcome" },
            "number": { "type": ["string", "null"], "description": "The number of the document, when it could be read." },
            "id": { "type": ["string", "null"], "description": "The id of the receipt or appointment; of an invoice status, the order's." },
            "problems": problems,
            "warnings": problems
        }
    })
}

fn refusal_schema() -> Value {
    json!({
        "type": "object",
        "required": ["status", "code", "detail"],
        "properties": { "status": { "type": "integer" }, "code": { "type": "string" }, "detail": { "type": "string" } }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let text = document.to_string();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for reference in text.split("\"$ref\":\"").skip(1) {
            let target = reference.split('"').next().unwrap();
            let name = target.strip_prefix("#/components/schemas/").unwrap_or_else(|| panic!("{target}"));
            assert!(schemas.contains_key(name), "{target}");
        }
        assert!(schemas["PurchaseOrder"]["properties"]["lines"].is_object());
        assert!(schemas["PurchaseOrder"]["properties"]["translations"].is_null(), "made here, never sent");
        assert!(schemas["Item"]["properties"]["units"].is_object());
        assert!(schemas["Receipt"]["properties"]["lines"].is_object());
        assert!(schemas["InvoiceStatus"]["properties"]["status"].is_object());
    }
}
