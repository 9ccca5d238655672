//! Credentials, tokens and cookies.
use chrono::TimeDelta;

use super::life::World;
use super::*;
use crate::stub::{PATIENT, Say, Stub, errand, local_http};

fn count(world: &World, what: &str) -> usize {
    world.sap.calls().iter().filter(|call| call.contains(what)).count()
}

/// The same vendor, with OAuth.
async fn with_oauth() -> World {
    let mut world = World::start().await;
    let auth =
        json!({ "oauth2": { "token_url": format!("{}/oauth/token", world.url), "client_id": "quayside" } });
    let config = config_with(&world.url, json!({ "auth": auth, "client_secret": SECRET, "password": null }));
    world.connector = connector(config);
    world
}

#[tokio::test]
async fn a_session_is_opened_once_and_used_again() {
    let world = World::start().await;
    world.deliver(&delivery("shipment.submitted")).await.unwrap();
    world.deliver(&delivery("shipment.amended")).await.unwrap();
    let opened =
        world.sap.calls().iter().filter(|call| call.ends_with("API_INBOUND_DELIVERY_SRV;v=0002/")).count();
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn a_session_that_ended_is_opened_again_and_the_call_made_once_more() {
    let world = World::start().await;
    world.deliver(&delivery("shipment.submitted")).await.unwrap();
    world.sap.forget_sessions();
    world.deliver(&delivery("shipment.amended")).await.unwrap();
    assert_eq!(world.sap.books().deliveries[0]["DeliveryVersion"], "0003", "each change was made once");
}

#[tokio::test]
async fn parallel_writes_have_a_session_each() {
    let world = World::start().await;
    let receipts: Vec<Delivery> = (0..8)
        .map(|index| delivery_with("receipt.recorded", |data| data["number"] = json!(format!("GR-{index}"))))
        .collect();
    let outcomes =
        futures_util::future::join_all(receipts.iter().map(|delivery| world.deliver(delivery))).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(world.sap.books().materials.len(), 8);
}

#[tokio::test]
async fn a_token_is_kept_until_shortly_before_it_expires() {
    let world = with_oauth().await;
    let at = |seconds: i64| Errand { at: chrono::Utc::now() + TimeDelta::seconds(seconds), ..errand() };
    for (seconds, fetched) in [(0, 1), (500, 1), (545, 2)] {
        let tested = world.connector.test(&world.http, &at(seconds)).await;
        assert_eq!(tested.outcome, Ok(()));
        assert_eq!(count(&world, "/oauth/token"), fetched, "after {seconds} s");
        assert!(!format!("{tested:?}").contains(SECRET));
    }
    world.sap.revoke_tokens();
    assert_eq!(
        world.connector.test(&world.http, &at(546)).await.outcome,
        Ok(()),
        "a rejected token is renewed once"
    );
    assert_eq!(count(&world, "/oauth/token"), 3);
}

#[tokio::test]
async fn rejected_credentials_are_unauthorized() {
    let world = World::start().await;
    let wrong = connector(config_with(&world.url, json!({ "password": "other-password" })));
    let tested = wrong.test(&world.http, &errand()).await;
    assert_eq!(tested.outcome, Err(DeliveryError::Unauthorized));
    assert_eq!(count(&world, "GET"), 1, "Basic is not tried again");

    let auth =
        json!({ "oauth2": { "token_url": format!("{}/oauth/token", world.url), "client_id": "quayside" } });
    let wrong = connector(config_with(&world.url, json!({ "auth": auth, "client_secret": "other-secret" })));
    assert_eq!(wrong.test(&world.http, &errand()).await.outcome, Err(DeliveryError::Unauthorized));

    // A new token that is refused as well is not fetched for ever.
    let stub = Stub::start(Say::answer(401, "", "")).await;
    let refused = connector(config_with(stub.url.trim_end_matches("/events"), json!({})));
    assert_eq!(refused.test(&local_http(PATIENT), &errand()).await.outcome, Err(DeliveryError::Unauthorized));
}

#[tokio::test]
async fn a_test_tells_a_wrong_host_from_wrong_rights() {
    for (status, headers, body, word, says) in [
        (404, "", "<html>not here</html>", "refused", "is it the API host"),
        (
            403,
            "",
            r#"{"error":{"code":"/IWFND/MED/170","message":"No service found"}}"#,
            "refused",
            "SAP_COM_0053",
        ),
        (200, "", "<html>Sign in</html>", "refused", "not as SAP's order service"),
        (302, "location: https://elsewhere.example\r\n", "", "refused", "redirects"),
        (503, "", "", "retry", "503"),
        (200, "", r#"{"value":[]}"#, "refused", "no token came"),
    ] {
        let stub = Stub::start(Say::answer(status, headers, body)).await;
        let connector = connector(config(stub.url.trim_end_matches("/events")));
        let error = connector.test(&local_http(PATIENT), &errand()).await.outcome.unwrap_err();
        assert_eq!(error.word(), word, "{status}: {error}");
        assert!(error.to_string().contains(says), "{status}: {error}");
        assert!(
            stub.requests().iter().all(|request| request.starts_with("GET ")),
            "nothing is changed by a test"
        );
    }
    let nobody = connector(config("http://127.0.0.1:9"));
    let error = nobody.test(&local_http(PATIENT), &errand()).await.outcome.unwrap_err();
    assert!(error.to_string().contains("could not connect"), "{error}");
}

#[tokio::test]
async fn a_token_that_is_never_accepted_ends_in_a_retry() {
    let headers = "x-csrf-token: Required\r\n";
    let stub = Stub::start(Say::answer(403, headers, "CSRF token validation failed")).await;
    let config: Config = serde_json::from_value(config(stub.url.trim_end_matches("/events"))).unwrap();
    let (sessions, errand, http) = (Sessions::default(), errand(), local_http(PATIENT));
    let mut talk = Talk::new(&http, &config, &sessions, &errand);
    let write =
        Write::delete(Service::Deliveries, "A_InbDeliveryHeader('1')".to_owned(), None, Makes::Nothing);
    let outcome = talk.write(&write).await.map(|_| ());
    assert_eq!(outcome.unwrap_err().word(), "refused", "no session is opened by a 403");
}

#[tokio::test]
async fn a_call_carries_what_sap_needs_and_its_record_no_secret() {
    let stub = Stub::start(Say::answer(200, "", r#"{"value":[]}"#)).await;
    let config = config_with(stub.url.trim_end_matches("/events"), json!({ "api_key": "canary-key-1" }));
    let tested = connector(config).test(&local_http(PATIENT), &errand()).await;
    let request = &stub.requests()[0];
    for header in
        ["accept: application/json;IEEE754Compatible=true", "sap-language: EN", "apikey: canary-key-1"]
    {
        assert!(request.contains(&format!("{header}\r\n")), "{request}");
    }
    assert!(!format!("{tested:?}").contains("canary"), "{tested:?}");
}

#[test]
fn a_wrong_configuration_is_named() {
    let base = || config("https://sap.example.com");
    for (members, about) in [
        (json!({ "password": null }), "password"),
        (
            json!({ "auth": { "oauth2": { "token_url": "https://a.example/t", "client_id": "c" } } }),
            "client_secret",
        ),
        (json!({ "endpoint": "ftp://sap.example.com" }), "web address"),
        (json!({ "colour": "red" }), "colour"),
        (json!({ "utc_offset": "Europe/Berlin" }), "utc_offset"),
        (json!({ "stock_types": { "LOST": "03" } }), "stock_types"),
        (json!({ "company_codes": ["1710' or '1"] }), "1 to 4"),
        (json!({ "page_size": 0 }), "page_size"),
        (json!({ "auth": "canary" }), "expected `basic` or `oauth2`"),
        (json!({ "proposals": "canary" }), "expected `held` or `sent`"),
        (json!({ "look_back_days": "canary" }), "invalid type: string"),
    ] {
        let mut config = base();
        for (name, value) in members.as_object().unwrap() {
            config[name] = value.clone();
        }
        let problem = build(config).unwrap_err().to_string();
        assert!(problem.contains(about) && !problem.contains("canary"), "{problem} does not say {about}");
    }
    let connector = build(base()).unwrap();
    assert_eq!(connector.accepts(), ACCEPTS);
    assert!(!format!("{connector:?}").contains("canary"));
    let accepts = |members: Value| build(config_with("https://sap.example.com", members)).unwrap().accepts();
    assert_eq!(accepts(json!({ "goods_receipts": false })), &ACCEPTS[..6]);
    assert_eq!(accepts(json!({ "inbound_deliveries": false })), ANSWERS_AND_RECEIPTS);
    assert_eq!(accepts(json!({ "inbound_deliveries": false, "goods_receipts": false })), &ACCEPTS[..3]);
}
