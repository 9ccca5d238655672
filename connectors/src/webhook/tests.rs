//! Golden files hold what is sent; a stub receiver shows what each answer is taken for.
use std::{fs, path::Path, time::Duration};

use serde_json::json;

use super::*;
use crate::stub::{PATIENT, Say, Stub, delivery, errand, local_http};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD_SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn config(endpoint: &str) -> Config {
    serde_json::from_value(json!({ "endpoint": endpoint, "signing_secret": SECRET })).unwrap()
}

fn webhook(endpoint: &str) -> Webhook {
    Webhook { config: config(endpoint) }
}

/// The call as it goes over the wire, except `host` and `content-length`, which the client adds. The golden
/// signatures were made outside of this crate.
fn rendered(call: &Call) -> String {
    let mut lines: Vec<String> =
        call.headers.iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap())).collect();
    lines.sort();
    let headers = lines.concat().replace(env!("CARGO_PKG_VERSION"), "<version>");
    let body = String::from_utf8(call.body.clone()).unwrap();
    format!("{} {}\n{headers}\n{body}\n", call.method, call.url)
}

fn golden(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/webhook/golden").join(name);
    fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()))
}

#[test]
fn an_event_becomes_exactly_its_request_with_a_signature_for_each_secret() {
    let endpoint = "https://hooks.example.com/quayside?site=7";
    let old = serde_json::from_value(json!(OLD_SECRET)).unwrap();
    for (event_type, previous) in [("purchase_order.revised", None), ("discrepancy.resolved", Some(old))] {
        let name = event_type.replace('.', "_");
        let event = serde_json::from_str(&golden(&format!("{name}.event.json"))).unwrap();
        let delivery = Delivery { event, event_type: event_type.to_owned(), ..delivery() };
        let previous_until = Some(delivery.errand.at + Duration::from_secs(1));
        let config = Config { previous_signing_secret: previous, previous_until, ..config(endpoint) };
        let call = submission(&config, &delivery).unwrap();
        assert_eq!(rendered(&call), golden(&format!("{name}.request.http")), "{event_type}");
    }
}

#[test]
fn an_old_secret_signs_to_the_end_of_its_time_and_not_a_moment_longer() {
    let until = errand().at;
    let config: Config = serde_json::from_value(json!({
        "endpoint": "https://hooks.example.com/",
        "signing_secret": SECRET,
        "previous_signing_secret": OLD_SECRET,
        "previous_until": until,
    }))
    .unwrap();
    let signatures = |at| {
        let delivery = Delivery { errand: Errand { at, ..errand() }, ..delivery() };
        let call = submission(&config, &delivery).unwrap();
        call.headers["webhook-signature"].to_str().unwrap().split(' ').count()
    };
    assert_eq!(signatures(until - Duration::from_micros(1)), 2);
    assert_eq!(signatures(until), 1);
}

#[test]
fn it_sends_every_type_of_the_catalogue() {
    assert!(ACCEPTS.contains(&"purchase_order.released") && ACCEPTS.len() == CATALOGUE.len());
}

#[tokio::test]
async fn every_status_leads_to_one_move() {
    for (statuses, expected) in [
        (vec![200, 201, 202, 204, 299], "taken"),
        (vec![301, 302, 303, 304, 307, 308], "retry"),
        (vec![400, 401, 403, 404, 405, 408, 409, 413, 422, 425, 429, 451], "retry"),
        (vec![502, 503, 504], "retry"),
        (vec![500, 501, 505, 599, 600, 999], "unconfirmed"),
        (vec![410], "refused"),
    ] {
        for status in statuses {
            let stub = Stub::start(Say::answer(status, "location: http://127.0.0.1:1/\r\n", "")).await;
            let attempted = webhook(&stub.url).deliver(&local_http(PATIENT), &delivery()).await;
            let word = attempted.outcome.map_or_else(|error| error.word(), |_| "taken");
            assert_eq!(word, expected, "{status}");
            assert_eq!(stub.requests().len(), 1, "{status} is answered by no second call");
        }
    }
}

#[tokio::test]
async fn the_body_of_an_answer_means_nothing_and_little_of_it_is_kept() {
    let long = "x".repeat(3_000_000);
    for body in ["", "{}", "<html>Sign in</html>", "{\"ok\":false}", long.as_str()] {
        let stub = Stub::start(Say::answer(200, "", body)).await;
        let attempted = webhook(&stub.url).deliver(&local_http(PATIENT), &delivery()).await;
        assert_eq!(attempted.outcome, Ok(Receipt { reference: None }), "{} bytes", body.len());
        let answer = attempted.exchange.unwrap().answer;
        assert!(answer.len() <= ENOUGH + 100, "{}", answer.len());
    }
}

#[tokio::test]
async fn an_answer_that_is_not_whole_is_no_answer() {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\nconnection: close\r\n\r\n{".to_vec();
    for say in [Say::Bytes(cut), Say::Bytes(Vec::new()), Say::Hold(b"HTTP/1.1 200 OK\r\n".to_vec())] {
        let stub = Stub::start(say.clone()).await;
        let http = local_http(Duration::from_millis(300));
        let attempted = webhook(&stub.url).deliver(&http, &delivery()).await;
        assert_eq!(attempted.outcome.unwrap_err().word(), "unconfirmed", "{say:?}");
    }
}

#[tokio::test]
async fn an_endpoint_that_asks_for_time_is_heard() {
    for status in [429, 502, 503, 504] {
        let stub = Stub::start(Say::answer(status, "retry-after: 120\r\n", "")).await;
        let attempted = webhook(&stub.url).deliver(&local_http(PATIENT), &delivery()).await;
        let Err(DeliveryError::Retry { after, .. }) = attempted.outcome else { panic!("{status}") };
        assert_eq!(after, Some(Duration::from_secs(120)), "{status}");
    }
}

#[tokio::test]
async fn a_forbidden_address_is_not_called_and_may_be_put_right() {
    let stub = Stub::start(Say::answer(200, "", "")).await;
    let guarded = Http::new(crate::HttpSettings::default()).unwrap();
    let attempted = webhook(&stub.url).deliver(&guarded, &delivery()).await;
    assert_eq!(attempted.outcome.unwrap_err().word(), "retry");
    assert!(attempted.exchange.is_none() && stub.requests().is_empty());
}

#[tokio::test]
async fn what_came_of_it_cannot_be_asked_and_need_not_be() {
    let webhook = webhook("https://hooks.example.com/");
    assert!(webhook.recognises_repeats());
    let found = webhook.find(&local_http(PATIENT), &delivery()).await;
    assert_eq!(found.outcome.unwrap_err().word(), "unconfirmed");
    let tested = webhook.test(&local_http(PATIENT), &errand()).await;
    assert_eq!((tested.outcome.unwrap_err().word(), tested.exchange), ("unmappable", None));
}

#[test]
fn an_endpoint_is_checked_before_it_is_saved() {
    let guarded = Network::default();
    for endpoint in ["https://hooks.example.com/quayside?key=7", "https://8.8.8.8:8443/"] {
        assert!(check_endpoint(guarded, endpoint).is_ok(), "{endpoint}");
    }
    for (endpoint, about) in [
        ("http://hooks.example.com/", "https"),
        ("https://127.0.0.1/", "public"),
        ("https://169.254.169.254/", "public"),
        ("https://u:canary@hooks.example.com/", "password"),
        ("https://hooks.example.com/#canary", "fragment"),
        ("ftp://canary", "web address"),
        ("canary", "URL"),
        (&format!("https://hooks.example.com/{}", "x".repeat(2048)), "at most"),
    ] {
        let problem = check_endpoint(guarded, endpoint).unwrap_err();
        assert!(problem.contains(about) && !problem.contains("canary"), "{endpoint}: {problem}");
    }
    let here = check_endpoint(Network { allow_loopback: true }, "http://127.0.0.1:1/");
    assert_eq!(here.as_deref(), Ok("127.0.0.1"));
}

#[test]
fn a_preview_shows_no_signature() {
    let calls = webhook("https://hooks.example.com/?key=canary").preview(&delivery()).unwrap();
    assert_eq!((calls[0].method.as_str(), calls[0].url.as_str()), ("POST", "https://hooks.example.com/"));
    assert!(!format!("{calls:?}").contains("v1,"), "{calls:?}");
}
