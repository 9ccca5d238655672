//! The client against a receiver that answers, stalls, breaks off and lies.
use std::time::Duration;

use reqwest::Url;
use tokio::net::TcpListener;

use super::*;
use crate::stub::{PATIENT, Say, Stub, errand, local_http};

/// Real time, because a socket cannot be paused; the outcome is the same however late it is reached.
const SOON: Duration = Duration::from_millis(300);

async fn call(http: &Http, url: &str) -> Attempted<Reply> {
    http.send(Call::post_json(Url::parse(url).unwrap(), &errand(), b"{}".to_vec())).await
}

async fn told(say: Say, deadline: Duration) -> Attempted<Reply> {
    let stub = Stub::start(say).await;
    call(&local_http(deadline), &stub.url).await
}

async fn answered(status: u16, headers: &str, body: &str) -> Attempted<Reply> {
    told(Say::answer(status, headers, body), PATIENT).await
}

fn word<T: std::fmt::Debug>(attempted: &Attempted<T>) -> &'static str {
    attempted.outcome.as_ref().expect_err("not a success").word()
}

#[tokio::test]
async fn an_answer_is_returned_with_the_record_of_the_call() {
    let attempted = answered(200, "content-type: application/json\r\n", r#"{"documentNumber":"45"}"#).await;

    let reply = attempted.outcome.unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (200, br#"{"documentNumber":"45"}"#.as_slice()));
    let exchange = attempted.exchange.unwrap();
    assert_eq!((exchange.method.as_str(), exchange.status), ("POST", Some(200)));
    assert!(exchange.request.contains("x-correlation-id: cor_42\n"), "{}", exchange.request);
    assert_eq!(exchange.answer, "content-type: application/json\n\n{\"documentNumber\":\"45\"}");
}

#[tokio::test]
async fn every_call_says_who_calls_and_what_it_belongs_to() {
    let stub = Stub::start(Say::answer(200, "", "{}")).await;
    assert!(call(&local_http(PATIENT), &stub.url).await.outcome.is_ok());

    let request = stub.requests().remove(0);
    for line in [
        concat!("user-agent: Quayside/", env!("CARGO_PKG_VERSION")),
        "x-correlation-id: cor_42",
        "x-request-id: req_7",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "content-type: application/json",
    ] {
        assert!(request.contains(&format!("\r\n{line}\r\n")), "{line} is missing in {request}");
    }
}

#[tokio::test]
async fn a_refused_connection_was_certainly_not_delivered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);

    let attempted = call(&local_http(PATIENT), &url).await;

    let Err(DeliveryError::Retry { reason, after: None }) = &attempted.outcome else {
        panic!("{attempted:?}")
    };
    assert!(reason.contains("could not connect: Connection refused"), "{reason}");
    let exchange = attempted.exchange.expect("a failed call is on record too");
    assert_eq!((exchange.status, exchange.answer.as_str()), (None, ""));
}

#[tokio::test]
async fn silence_after_sending_is_an_unknown_outcome() {
    let attempted = told(Say::Hold(vec![]), SOON).await;
    assert_eq!(attempted.outcome, Err(DeliveryError::unconfirmed("no answer: time-out")));
    assert_eq!(attempted.exchange.unwrap().status, None);
}

#[tokio::test]
async fn a_connection_closed_without_an_answer_is_an_unknown_outcome() {
    assert_eq!(word(&told(Say::Bytes(vec![]), PATIENT).await), "unconfirmed");
}

#[tokio::test]
async fn something_that_is_not_http_is_an_unknown_outcome() {
    assert_eq!(word(&told(Say::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), PATIENT).await), "unconfirmed");
}

#[tokio::test]
async fn a_slow_body_is_an_unknown_outcome() {
    let attempted =
        told(Say::Hold(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"doc".to_vec()), SOON).await;
    assert_eq!(word(&attempted), "unconfirmed");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_unknown_outcome_and_what_came_is_on_record() {
    let attempted =
        told(Say::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"doc".to_vec()), PATIENT).await;
    assert_eq!(word(&attempted), "unconfirmed");
    assert_eq!(attempted.exchange.unwrap().answer, "\n{\"doc");
}

#[tokio::test]
async fn a_huge_body_is_not_read_to_its_end() {
    let huge = "x".repeat(2 * LONGEST_ANSWER);
    let taken = answered(200, "", &huge).await;
    assert_eq!(taken.outcome, Err(DeliveryError::unconfirmed("answer 200, its body is longer than 1 MiB")));
    assert!(taken.exchange.unwrap().answer.len() <= 4096);
    assert_eq!(answered(422, "", &huge).await.outcome.unwrap().body.len(), LONGEST_ANSWER);
}

#[tokio::test]
async fn a_busy_receiver_says_when_to_come_back() {
    for (header, seconds) in [
        ("retry-after: 90\r\n", Some(90)),
        ("retry-after: Mon, 02 Mar 2026 10:05:00 GMT\r\n", Some(300)), // the delivery starts at 10:00
        ("retry-after: 999999\r\n", Some(86_400)),
        ("", None),
    ] {
        let Err(DeliveryError::Retry { after, .. }) = answered(429, header, "").await.outcome else {
            panic!("429 is a retry");
        };
        assert_eq!(after, seconds.map(Duration::from_secs), "{header}");
    }
    assert_eq!(word(&answered(503, "", "").await), "retry");
}

#[tokio::test]
async fn rejected_credentials_are_told_apart_from_a_refused_event() {
    assert_eq!(answered(401, "", "").await.outcome, Err(DeliveryError::Unauthorized));
    assert_eq!(answered(403, "", "").await.outcome, Err(DeliveryError::Unauthorized));
    let refused =
        answered(422, "", r#"{"code":"PLANT_UNKNOWN","message":"no plant 1010"}"#).await.outcome.unwrap();
    assert_eq!(
        refused.refusal(),
        DeliveryError::Refused { code: "PLANT_UNKNOWN".into(), message: "no plant 1010".into() }
    );
}

#[tokio::test]
async fn a_server_error_is_an_unknown_outcome() {
    assert_eq!(word(&answered(500, "", "").await), "unconfirmed");
    assert_eq!(word(&answered(502, "", "").await), "unconfirmed");
}

#[tokio::test]
async fn a_redirect_is_refused_and_not_followed() {
    let target = Stub::start(Say::answer(200, "", "{}")).await;
    let attempted = answered(302, &format!("location: {}\r\n", target.url), "").await;
    assert_eq!(word(&attempted), "refused");
    assert!(target.requests().is_empty());
}

#[tokio::test]
async fn this_machine_is_not_called_unless_the_development_switch_is_on() {
    let stub = Stub::start(Say::answer(200, "", "{}")).await;
    let http = Http::new(HttpSettings::default()).unwrap();
    let by_address = call(&http, &stub.url.replace("http:", "https:")).await;
    let by_name = call(&http, &stub.url.replace("http:", "https:").replace("127.0.0.1", "localhost")).await;

    let forbidden: DeliveryError = guard::Forbidden::Address.into();
    assert_eq!(by_address, Attempted::unsent(forbidden.clone()));
    assert_eq!(by_name.outcome, Err(forbidden));
    assert!(stub.requests().is_empty());
}

#[tokio::test]
async fn an_echoed_credential_does_not_reach_the_record() {
    let stub = Stub::start(Say::answer(422, "", "bad token canary-7f3a9")).await;
    let token = Secret::new("Bearer canary-7f3a9");
    let call =
        Call::get(Url::parse(&stub.url).unwrap(), &errand()).secret_header("authorization", &token).unwrap();

    let exchange = local_http(PATIENT).send(call).await.exchange.unwrap();

    assert!(stub.requests()[0].contains("canary-7f3a9"), "the receiver does get it");
    assert!(!format!("{exchange:?}").contains("canary"), "{exchange:?}");
}
