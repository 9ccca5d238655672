use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Server, Settings, refusal, refused};

fn stream(server: &Server, query: &str) -> reqwest::RequestBuilder {
    stream_as(server, "good", query)
}

fn stream_as(server: &Server, token: &str, query: &str) -> reqwest::RequestBuilder {
    let body = serde_json::json!({ "query": query });
    server.client.post(server.url()).header("accept", "text/event-stream").bearer_auth(token).json(&body)
}

/// Reads until the text is there.
async fn until(reply: &mut reqwest::Response, expected: &str) -> String {
    let mut read = String::new();
    while !read.contains(expected) {
        let chunk = reply.chunk().await.unwrap().expect("the stream ended early");
        read += std::str::from_utf8(&chunk).unwrap();
    }
    read
}

#[tokio::test]
async fn a_subscription_is_events_and_an_end() {
    let server = Server::start().await;
    let reply = stream(&server, "subscription { ticks(n: 2) }").send().await.unwrap();
    assert_eq!(reply.headers()["content-type"], "text/event-stream");
    let text = reply.text().await.unwrap();
    let events: Vec<_> = text.lines().filter(|line| line.starts_with("event:")).collect();
    assert_eq!(events, ["event: next", "event: next", "event: complete"]);
    assert!(text.contains(r#""data":{"ticks":1}"#), "{text}");
}

#[tokio::test]
async fn what_is_no_subscription_is_one_event() {
    let server = Server::start().await;
    for (query, part) in [
        ("{ hello }", r#""data":{"hello":"hello world"}"#),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let reply = stream(&server, query).send().await.unwrap();
        assert_eq!(reply.status(), 200);
        let text = reply.text().await.unwrap();
        assert!(text.starts_with("event: next\ndata: {") && text.contains(part), "{text}");
        assert!(text.ends_with("event: complete\ndata:\n\n"), "{text:?}");
    }
    assert_eq!(stream_as(&server, "bad", "{ hello }").send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_silent_stream_is_kept_alive() {
    let server =
        Server::with(Settings { keep_alive: Duration::from_millis(20), ..Settings::default() }).await;
    let mut reply = stream(&server, "subscription { events { nodes { id } } }").send().await.unwrap();
    until(&mut reply, "\n\n:\n\n").await;
}

#[tokio::test]
async fn a_stream_ends_with_the_session() {
    let server = Server::start().await;
    let mut reply = stream(&server, "subscription { events { nodes { id } } }").send().await.unwrap();
    until(&mut reply, "\n\n").await;
    assert_eq!(server.toy.open.load(Ordering::Relaxed), 1);
    server.toy.logout.cancel();
    let rest = reply.text().await.unwrap();
    assert!(rest.contains("UNAUTHENTICATED") && rest.contains("event: complete"), "{rest}");
    assert_eq!(server.toy.open.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_stop_of_the_server_cuts_the_stream_so_that_the_client_comes_again() {
    let server = Server::start().await;
    let mut reply = stream(&server, "subscription { events { nodes { id } } }").send().await.unwrap();
    until(&mut reply, "\n\n").await;
    server.stop.cancel();
    assert_eq!(
        reply.text().await.unwrap(),
        ": the server stops, come again with the last cursor\n\n",
        "a comment, and no end of the subscription"
    );
    assert!(server.serving.await.unwrap(), "everything finished by itself");
}

#[tokio::test]
async fn one_caller_holds_only_so_many_streams() {
    let server = Server::with(Settings { streams_per_bucket: 1, ..Settings::default() }).await;
    let query = "subscription { events { nodes { id } } }";
    let mut first = stream(&server, query).send().await.unwrap();
    until(&mut first, "\n\n").await;
    assert_eq!(refusal(stream(&server, query)).await, refused(429, "TOO_MANY_STREAMS"));
    assert_eq!(stream_as(&server, "good too", query).send().await.unwrap().status(), 200);
}
