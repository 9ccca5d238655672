//! What can be said without a server that speaks SSH. With one that others wrote: `scripts/sftp-peers`.
use std::path::Path;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::*;
use crate::composed::tests::{X12, delivery};
use crate::stub::{errand, local_http};
use crate::{HttpSettings, build};

const PIN: &str = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn config(more: &Value) -> Value {
    let mut config = json!({
        "host": "sftp.nordhaven.example", "user": "northdist", "host_keys": [PIN], "folder": "/edi",
        "password": "canary",
    });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config
}

fn connector(more: &Value) -> Box<dyn Connector> {
    build(KIND, config(more)).unwrap()
}

/// A connector whose server listens here.
fn here(listener: &TcpListener) -> Box<dyn Connector> {
    let address = listener.local_addr().unwrap();
    connector(&json!({ "host": "127.0.0.1", "port": address.port() }))
}

async fn poll(connector: &dyn Connector, http: &Http) -> Attempted<Page> {
    connector.source().unwrap().poll(http, &errand(), &Codes::default(), "interchanges", None).await
}

/// What each kind of call says.
async fn every_call(connector: &dyn Connector, http: &Http) -> [DeliveryError; 4] {
    [
        connector.deliver(http, &delivery(X12)).await.outcome.unwrap_err(),
        connector.find(http, &delivery(X12)).await.outcome.unwrap_err(),
        connector.test(http, &errand()).await.outcome.unwrap_err(),
        poll(connector, http).await.outcome.unwrap_err(),
    ]
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    for (more, about) in [
        (json!({ "colour": 1 }), "colour"),
        (json!({ "host": "" }), "host"),
        (json!({ "host": "sftp://sftp.example" }), "host"),
        (json!({ "host": "fe80::1%eth0" }), "host"),
        (json!({ "port": 0 }), "port"),
        (json!({ "port": 65_536 }), "u16"),
        (json!({ "user": "" }), "user"),
        (json!({ "user": "a\0b" }), "user"),
        (json!({ "host_keys": [] }), "host_keys"),
        (json!({ "host_keys": vec![PIN; 17] }), "host_keys"),
        (json!({ "host_keys": [PIN, "canary"] }), "host_keys[1]"),
        (json!({ "host_keys": "canary" }), "sequence"),
        (json!({ "folder": "/edi/../../etc" }), "folder"),
        (json!({ "folder": "./edi" }), "folder"),
        (json!({ "folder": "edi//x" }), "folder"),
        (json!({ "folders": { "in": "/etc" } }), "folders"),
        (json!({ "folders": { "in": "../x" } }), "folders"),
        (json!({ "folders": { "in": "" } }), "folders"),
        (json!({ "folders": { "in": "OUT" } }), "no two"),
        (json!({ "folders": { "inbox": "x" } }), "inbox"),
        (json!({ "settle_seconds": 100_000 }), "settle_seconds"),
        (json!({ "password": null }), "either private_key"),
        (json!({ "password": "" }), "either private_key"),
        (json!({ "password": "canary\0" }), "NUL"),
        (json!({ "passphrase": "canary" }), "either private_key"),
        (json!({ "private_key": "canary" }), "either private_key"),
        (json!({ "private_key": "canary", "password": null }), "private_key"),
        (json!({ "password": ["canary"] }), "string"),
    ] {
        let problem = build(KIND, config(&more)).expect_err(&more.to_string()).to_string();
        assert!(problem.contains(about), "{problem} does not say {about}");
        assert!(!problem.contains("canary"), "{problem}");
    }
    for missing in ["host", "user", "host_keys"] {
        let mut config = config(&json!({}));
        config.as_object_mut().unwrap().remove(missing);
        assert!(build(KIND, config).unwrap_err().to_string().contains(missing));
    }
}

#[test]
fn a_connector_shows_no_secret() {
    let with_key = json!({ "private_key": include_str!("keys/locked"), "passphrase": "canary phrase", "password": null });
    for connector in [connector(&json!({})), connector(&with_key)] {
        let shown = format!("{connector:?}");
        assert!(!shown.contains("canary") && !shown.contains("BEGIN"), "{shown}");
    }
}

#[test]
fn a_server_that_shows_a_login_only_its_own_root_is_named_like_any_other() {
    for (more, expected) in [
        (json!({}), "sftp://sftp.nordhaven.example:22/edi/out/850-000000042.edi"),
        (json!({ "folder": "/" }), "sftp://sftp.nordhaven.example:22/out/850-000000042.edi"),
        (json!({ "folder": "" }), "sftp://sftp.nordhaven.example:22/~/out/850-000000042.edi"),
        (json!({ "folder": "edi/x" }), "sftp://sftp.nordhaven.example:22/~/edi/x/out/850-000000042.edi"),
        (
            json!({ "folder": "/", "folders": { "in": "outbound", "out": "inbound/orders" }, "port": 2222 }),
            "sftp://sftp.nordhaven.example:2222/inbound/orders/850-000000042.edi",
        ),
        (json!({ "host": "2001:db8::7" }), "sftp://[2001:db8::7]:22/edi/out/850-000000042.edi"),
    ] {
        assert_eq!(connector(&more).preview(&delivery(X12)).unwrap()[0].url, expected);
    }
}

#[tokio::test]
async fn a_private_address_is_not_called() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let http = Http::new(HttpSettings::default()).unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost", "127.1"] {
        let connector = connector(&json!({ "host": host, "port": port }));
        for error in every_call(&*connector, &http).await {
            let forbidden =
                matches!(&error, DeliveryError::Refused { code, .. } if code == "ENDPOINT_FORBIDDEN");
            assert!(forbidden, "{host}: {error}");
        }
    }
    let called = tokio::time::timeout(Duration::from_millis(1), listener.accept()).await;
    assert!(called.is_err(), "nobody called");
}

#[tokio::test]
async fn before_the_login_nothing_can_have_happened() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let unreachable = here(&closed);
    drop(closed);
    let http = local_http(Duration::from_millis(100));
    for error in every_call(&*unreachable, &http).await {
        assert_eq!(error.word(), "retry", "{error}");
        assert!(error.to_string().contains("could not connect"), "{error}");
    }

    for greeting in
        ["", "HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-strange\r\n", "SSH-2.0-x\r\n\0\0\0\x0c\x0arubbish"]
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connector = here(&listener);
        let serving = tokio::spawn(async move {
            while let Ok((mut line, _)) = listener.accept().await {
                let _ = line.write_all(greeting.as_bytes()).await;
            }
        });
        for error in every_call(&*connector, &http).await {
            assert_eq!(error.word(), "retry", "{greeting:?}: {error}");
            assert!(!error.to_string().contains("canary"), "{error}");
        }
        serving.abort();
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_or_never_ends_is_left_in_time() {
    let http = local_http(Duration::from_millis(100));
    for endless in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connector = here(&listener);
        let serving = tokio::spawn(async move {
            let (mut line, _) = listener.accept().await.unwrap();
            // A server may say something before its version, as many lines as it likes.
            while !endless || line.write_all(b"please wait\r\n").await.is_ok() {
                if !endless {
                    std::future::pending::<()>().await;
                }
            }
        });
        let error = connector.deliver(&http, &delivery(X12)).await.outcome.unwrap_err();
        assert_eq!(error.word(), "retry", "{error}");
        serving.abort();
    }
}

#[test]
fn the_golden_event_becomes_its_file() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/edi_sftp/golden");
    let text = std::fs::read_to_string(golden.join("interchange_composed.event.json")).unwrap();
    let delivery = Delivery { event: serde_json::from_str(&text).unwrap(), content: None, ..delivery(X12) };
    let shown = connector(&json!({})).preview(&delivery).unwrap().remove(0);
    let expected = std::fs::read_to_string(golden.join("interchange_composed.request.txt")).unwrap();
    let media_type = shown.media_type.unwrap_or_default();
    assert_eq!(format!("{} {}\n{media_type}\n\n{}\n", shown.method, shown.url, shown.body), expected);
}
