//! Passwords, tokens and other systems' secrets: where they must not be found.
use serde_json::json;

use super::{VIEWER, token_of};
use crate::support::{ERP_SECRET, PASSWORD, Scratch, TestApp, mutation, texts_of};

#[tokio::test]
async fn secrets_are_nowhere_in_the_database() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let session = app.sign_in(&supplier.email).await;
    let (_, token) = token_of(&app, &supplier.email).await;
    let order = app.placed(&tenant, &supplier).await;
    app.answer(&supplier, &order).await;
    app.settle().await;
    assert_eq!(app.erp.documents().len(), 1, "signed with the ERP's secret");

    let whole = everything(app.scratch()).await;
    assert!(holds(&whole, supplier.email.as_bytes()), "the scan finds what is there");
    let secrets = [
        PASSWORD,
        session.secret(),
        &token,
        &supplier.token,
        &supplier.edi_token,
        &tenant.ingest_token,
        ERP_SECRET,
        ERP_SECRET.trim_start_matches("whsec_"),
        "the secret of the tests' own ERP",
    ];
    for secret in secrets {
        assert!(!holds(&whole, secret.as_bytes()), "{secret} is in the database");
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!holds(&whole, hex.as_bytes()), "{secret} is in the database, in hexadecimal");
    }
}

#[tokio::test]
async fn the_secrets_of_a_connection_are_sealed_and_never_come_back() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let buyer = app.buyer(&tenant).await;
    let canary = "canary-7f3a9c1e";
    let input = json!({ "kind": "generic-rest", "name": "WMS", "environment": "TEST",
        "config": { "endpoint": app.erp_endpoint() }, "receives": { "eventTypes": ["acknowledgment.submitted"] },
        "secrets": [{ "name": "signing_secret", "value": ERP_SECRET }, { "name": "bearer_token", "value": canary }],
        "idempotencyKey": "k" });
    let query = mutation("createConnection", "CreateConnectionInput", "connection { id config secretsSet }");
    let reply = app.graphql(&buyer.token, &query, json!({ "input": input })).await;
    let id = reply.data()["createConnection"]["connection"]["id"].clone();
    assert!(id.is_string(), "{}", reply.body);
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    app.answer(&supplier, &order).await;
    app.settle().await;
    let mut seen = reply.text();
    let query =
        "{ connections { id name config secretsSet filter } events(first: 100) { nodes { type data } } }";
    seen += &app.graphql(&buyer.token, query, json!({})).await.text();
    let query = mutation("testConnection", "TestConnectionInput", "test { outcome message }");
    seen += &app.graphql(&buyer.token, &query, json!({ "input": { "id": id } })).await.text();
    assert!(seen.contains("bearer_token") && !seen.contains(canary), "{seen}");
    let whole = everything(app.scratch()).await;
    assert!(
        holds(&whole, b"bearer_token") || holds(&whole, b"connection.created"),
        "the scan finds what is there"
    );
    let hex: String = canary.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!holds(&whole, canary.as_bytes()) && !holds(&whole, hex.as_bytes()));
}

/// Every byte of the database: SQLite's files, or every row of every table of PostgreSQL.
async fn everything(scratch: &Scratch) -> Vec<u8> {
    if !scratch.is_postgres() {
        let files = ["quayside.sqlite", "quayside.sqlite-wal"].map(|name| scratch.folder.join(name));
        return files.iter().flat_map(|file| std::fs::read(file).unwrap_or_default()).collect();
    }
    let owner = scratch.owner().await;
    let mut whole = Vec::new();
    let tables = "select table_name::text from information_schema.tables where table_schema = 'public'";
    for table in texts_of(&owner, tables).await {
        for row in texts_of(&owner, &format!("select t::text from {table} t")).await {
            whole.extend(row.into_bytes());
        }
    }
    owner.close().await.unwrap();
    whole
}

fn holds(whole: &[u8], part: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn secrets_are_not_repeated_in_refusals() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let buyer = app.buyer(&tenant).await;
    let documents = [
        format!(
            r#"mutation {{ signIn(input: {{ email: "a", password: "{PASSWORD}", more: 1 }}) {{ userErrors {{ code }} }} }}"#
        ),
        format!(
            r#"mutation {{ signIn(input: {{ email: 1, password: "{PASSWORD}" }}) {{ userErrors {{ code }} }} }}"#
        ),
        format!(
            r#"mutation {{ signIn(input: {{ email: "a", password: ["{PASSWORD}"] }}) {{ userErrors {{ code }} }} }}"#
        ),
        format!(r#"mutation {{ signIn(input: "{PASSWORD}") {{ userErrors {{ code }} }} }}"#),
        format!(r#"mutation {{ signIn(input: {{ email: "a", password: "{PASSWORD}" }}) {{ nothing }} }}"#),
        format!(r#"mutation {{ signIn(input: {{ email: "a", password: "{PASSWORD} }}) {{ nothing }} }}"#),
        format!(
            r#"mutation {{ signIn(input: {{ email: "a", password: "{PASSWORD}" }}) {{ userErrors {{ code }} }} }}"#
        ),
    ];
    for document in documents {
        let reply = app.graphql("", &document, json!({})).await;
        assert!(!reply.body.to_string().contains(PASSWORD), "{document}\n{}", reply.body);
    }
    let query = mutation("signIn", "SignInInput", "memberships { id }");
    for input in
        [json!(PASSWORD), json!({ "password": PASSWORD }), json!({ "email": 1, "password": [PASSWORD] })]
    {
        let reply = app.graphql("", &query, json!({ "input": input })).await;
        assert!(!reply.body.to_string().contains(PASSWORD), "{}", reply.body);
    }
    let spoilt = format!("{}x", buyer.token);
    let reply = app.graphql(&spoilt, VIEWER, json!({})).await;
    assert_eq!(reply.error_code(), "UNAUTHENTICATED");
    assert!(!reply.body.to_string().contains(&buyer.token));
}
