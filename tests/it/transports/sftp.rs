//! What is refused of an SFTP connection before anybody is called. With a server: `sftp_peers`.
use serde_json::{Value, json};

use crate::support::{TestApp, mutation};

const PIN: &str = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[tokio::test]
async fn a_connection_that_cannot_work_is_refused_when_it_is_saved() {
    let app = TestApp::with(&[
        ("delivery.allow_loopback", "false"),
        ("delivery.private_networks", "tenant-1=10.1.0.0/16"),
    ])
    .await;
    let tenant = app.tenant().await;
    let other = app.tenant().await;
    let (admin, stranger) = (app.buyer(&tenant).await.token, app.buyer(&other).await.token);
    let create = mutation("createConnection", "CreateConnectionInput", "connection { id config secretsSet }");
    let password = json!({ "name": "password", "value": "canary" });
    let plain = json!({ "host": "sftp.nordhaven.example", "user": "northdist", "host_keys": [PIN] });
    let with = |member: &str, value: Value| {
        let mut config = plain.clone();
        config[member] = value;
        config
    };
    for (token, config, secrets, expected) in [
        (&admin, plain.clone(), json!([password]), None),
        (&admin, with("host_keys", json!([])), json!([password]), Some(("INVALID_CONFIG", "host_keys"))),
        (
            &admin,
            with("host_keys", json!(["canary"])),
            json!([password]),
            Some(("INVALID_CONFIG", "host_keys[0]")),
        ),
        (&admin, plain.clone(), json!([]), Some(("INVALID_CONFIG", "private_key"))),
        (
            &admin,
            plain.clone(),
            json!([password, { "name": "private_key", "value": "canary" }]),
            Some(("INVALID_CONFIG", "either")),
        ),
        (&admin, with("password", json!("canary")), json!([]), Some(("SECRET_IN_CONFIG", ""))),
        (&admin, with("host", json!("127.0.0.1")), json!([password]), Some(("ENDPOINT_FORBIDDEN", "public"))),
        (&admin, with("host", json!("10.2.0.7")), json!([password]), Some(("ENDPOINT_FORBIDDEN", "public"))),
        (&admin, with("host", json!("10.1.0.7")), json!([password]), None),
        (
            &stranger,
            with("host", json!("10.1.0.7")),
            json!([password]),
            Some(("ENDPOINT_FORBIDDEN", "public")),
        ),
    ] {
        let number = app.number().to_string();
        let input = json!({ "input": { "kind": "edi-sftp", "name": number, "environment": "LIVE", "config": config,
            "secrets": secrets, "receives": { "eventTypes": ["interchange.composed"] }, "idempotencyKey": number } });
        let reply = app.graphql(token, &create, input).await;
        let done = &reply.data()["createConnection"];
        assert!(!reply.text().contains("canary"), "{}", reply.body);
        match expected {
            None => assert_eq!(done["connection"]["secretsSet"], json!(["password"]), "{}", reply.body),
            Some((code, about)) => {
                let errors = done["userErrors"].as_array().unwrap();
                let told = |error: &Value| {
                    error["code"] == code && error["message"].as_str().unwrap().contains(about)
                };
                assert!(errors.iter().any(told), "{code} {about}: {}", reply.body);
            }
        }
    }
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_not_called() {
    let app = TestApp::with(&[("delivery.allow_loopback", "false")]).await;
    let tenant = app.tenant().await;
    let admin = app.buyer(&tenant).await.token;
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = json!({ "host": "localhost", "port": server.local_addr().unwrap().port(), "user": "northdist",
        "host_keys": [PIN] });
    let connection =
        super::transport(&app, &tenant, "edi-sftp", config, &[("password", "canary")]).await.to_string();
    let test = mutation("testConnection", "TestConnectionInput", "test { outcome message }");
    let reply = app.graphql(&admin, &test, json!({ "input": { "id": connection } })).await;
    let tested = &reply.data()["testConnection"]["test"];
    assert_eq!(tested["outcome"], "REFUSED", "{}", reply.body);
    assert!(tested["message"].as_str().unwrap().contains("ENDPOINT_FORBIDDEN"), "{}", reply.body);
    // Somebody else's connection is not there.
    let other = app.tenant().await;
    let stranger = app.buyer(&other).await.token;
    let reply = app.graphql(&stranger, &test, json!({ "input": { "id": connection } })).await;
    assert_eq!(reply.data()["testConnection"]["userErrors"][0]["code"], "NOT_FOUND", "{}", reply.body);
    assert!(
        tokio::time::timeout(std::time::Duration::from_millis(1), server.accept()).await.is_err(),
        "nobody called"
    );
}
