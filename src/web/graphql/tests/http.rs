use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Server, Settings, refusal, refused, reply};
use crate::web::graphql::Allowance;

fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

#[tokio::test]
async fn a_reply_carries_its_names_its_cost_and_its_protection() {
    let server = Server::start().await;
    let request = server.post("{ items(first: 10) { nodes { id } } }");
    let request = request.header("x-request-id", "r-1").header("x-correlation-id", "c-1");
    let (status, headers, body) = reply(request).await;
    assert_eq!(status, 200);
    assert_eq!(body["data"]["items"]["nodes"].as_array().unwrap().len(), 3);
    assert_eq!(
        body["extensions"],
        json!({ "requestId": "r-1", "cost": { "requestedQueryCost": 11, "actualQueryCost": 4,
            "throttleStatus": { "maximumAvailable": 2000, "currentlyAvailable": 1996, "restoreRate": 100 } } })
    );
    let expected = [
        ("content-type", "application/graphql-response+json; charset=utf-8"),
        ("x-request-id", "r-1"),
        ("x-correlation-id", "c-1"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("ratelimit-policy", "\"cost\";q=2000;w=20"),
        ("ratelimit", "\"cost\";r=1996;t=1"),
    ];
    for (name, value) in expected {
        assert_eq!(text(&headers, name), value, "{name}");
    }
    assert!(server.toy.seen.lock().unwrap().contains("c-1"));
}

#[tokio::test]
async fn get_reads_and_never_writes() {
    let server = Server::start().await;
    let get = |query: &str| {
        let url = reqwest::Url::parse_with_params(&server.url(), [("query", query)]).unwrap();
        server.client.get(url).bearer_auth("good")
    };
    let (status, _, body) = reply(get("{ hello }")).await;
    assert_eq!((status, &body["data"]), (200, &json!({ "hello": "hello world" })));
    let (status, headers, body) = reply(get("mutation { bump }")).await;
    assert_eq!((status, text(&headers, "allow")), (405, "POST"));
    assert_eq!(body["errors"][0]["extensions"]["code"], "METHOD_NOT_ALLOWED");
    assert_eq!(server.toy.bumps.load(Ordering::Relaxed), 0);
    let (status, headers, _) = reply(server.client.put(server.url())).await;
    assert_eq!((status, text(&headers, "allow")), (405, "GET, POST"));
}

#[tokio::test]
async fn only_json_is_taken_and_only_what_is_spoken_is_promised() {
    let server = Server::start().await;
    let body = r#"{"query":"mutation { bump }"}"#;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let request = server.client.post(server.url()).header("content-type", kind).body(body);
        assert_eq!(refusal(request).await, refused(415, "UNSUPPORTED_MEDIA_TYPE"), "{kind}");
    }
    let request = server.client.post(server.url()).body(body);
    assert_eq!(refusal(request).await, refused(415, "UNSUPPORTED_MEDIA_TYPE"));
    let request = server.client.get(server.url()).header("accept", "text/html");
    assert_eq!(refusal(request).await, refused(406, "NOT_ACCEPTABLE"));
    let request = server.post("").json(&json!([{ "query": "{ hello }" }]));
    assert_eq!(refusal(request).await, refused(400, "BAD_REQUEST"));
    assert_eq!(server.toy.bumps.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_body_has_an_end() {
    let server = Server::start().await;
    let long = "x".repeat(300 * 1024);
    assert_eq!(refusal(server.post(&long)).await, refused(413, "BODY_TOO_LARGE"));
    // Chunked, without saying how long it will be.
    let pieces = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>("x".repeat(1024)));
    let body = reqwest::Body::wrap_stream(futures_util::StreamExt::take(pieces, 300));
    let request = server.client.post(server.url()).header("content-type", "application/json").body(body);
    assert_eq!(refusal(request).await, refused(413, "BODY_TOO_LARGE"));
}

#[tokio::test]
async fn a_body_that_trickles_is_not_waited_for() {
    let server =
        Server::with(Settings { body_time: Duration::from_millis(200), ..Settings::default() }).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head =
        "POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test]
async fn a_request_error_is_told_by_the_status_where_the_client_knows_it() {
    let server = Server::start().await;
    let cases = [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { hello } query B { hello }", "OPERATION_RESOLUTION_FAILURE"),
        ("query($n: Int!) { items(first: $n) { nodes { id } } }", "BAD_USER_INPUT"),
        ("{ items(first: 5000) { nodes { id } } }", "MAX_COST_EXCEEDED"),
        ("subscription { ticks(n: 1) }", "SUBSCRIPTION_WITHOUT_STREAM"),
    ];
    for (query, code) in cases {
        assert_eq!(refusal(server.post(query)).await, refused(400, code), "{query}");
        let (status, _, body) = reply(server.post(query).header("accept", "application/json")).await;
        // Both are in the header now; the first is the stricter one.
        assert_eq!((status, body.get("data")), (400, None), "{query}");
        let old = server.client.post(server.url()).bearer_auth("good").json(&json!({ "query": query }));
        assert_eq!(refusal(old).await, refused(200, code), "{query}");
    }
}

#[tokio::test]
async fn the_document_that_doubles_is_refused_at_once() {
    let server = Server::start().await;
    let mut query = "{ ...f0 }".to_owned();
    for level in 0..24 {
        query += &format!("fragment f{level} on Query{{...f{next} ...f{next}}}", next = level + 1);
    }
    query += "fragment f24 on Query{hello}";
    let started = Instant::now();
    assert_eq!(refusal(server.post(&query)).await, refused(400, "DOCUMENT_TOO_COMPLEX"));
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn introspection_is_for_whom_the_application_lets() {
    let server = Server::start().await;
    let query = "{ __schema { queryType { name } } }";
    assert_eq!(reply(server.post(query)).await.2["data"]["__schema"]["queryType"]["name"], "Query");
    assert_eq!(refusal(server.anonymous(query)).await, refused(400, "INTROSPECTION_DISABLED"));
    assert_eq!(reply(server.anonymous("{ __typename }")).await.2["data"]["__typename"], "Query");
}

#[tokio::test]
async fn credentials_that_do_not_hold_are_refused() {
    let server = Server::start().await;
    let (status, headers, body) = reply(server.anonymous("{ hello }").bearer_auth("bad")).await;
    assert_eq!((status, text(&headers, "www-authenticate")), (401, "Bearer"));
    assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert!(!headers.contains_key("set-cookie"));
    let basic = server.anonymous("{ hello }").basic_auth("a", Some("b"));
    assert_eq!(refusal(basic).await, refused(401, "UNAUTHENTICATED"));

    let stale = server.anonymous("{ hello }").header("cookie", "__Host-quayside_session=over");
    let (status, headers, _) = reply(stale.header("sec-fetch-site", "same-origin")).await;
    assert_eq!(status, 401);
    assert!(text(&headers, "set-cookie").contains("Max-Age=0"), "else the browser could never sign in again");
}

#[tokio::test]
async fn a_session_counts_only_from_our_own_pages() {
    let settings = Settings { origins: vec!["https://portal.example".into()], ..Settings::default() };
    let server = Server::with(settings).await;
    let visit = |name: &str, value: &str| {
        let request = server.anonymous("{ viewer }").header("cookie", "__Host-quayside_session=alive");
        request.header(name, value)
    };
    let own = format!("http://{}", server.address);
    for (name, value) in
        [("origin", own.as_str()), ("origin", "https://portal.example"), ("sec-fetch-site", "same-origin")]
    {
        assert_eq!(reply(visit(name, value)).await.2["data"]["viewer"], "session", "{name}: {value}");
    }
    for (name, value) in
        [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("x-nothing", "")]
    {
        assert_eq!(refusal(visit(name, value)).await, refused(403, "FORBIDDEN_ORIGIN"), "{name}: {value}");
    }
    let foreign = server.post("{ viewer }").header("origin", "https://evil.example");
    assert_eq!(refusal(foreign).await, refused(403, "FORBIDDEN_ORIGIN"));
}

#[tokio::test]
async fn a_resolver_may_set_a_cookie_and_add_to_the_extensions() {
    let server = Server::start().await;
    let (_, headers, _) = reply(server.anonymous("mutation { signIn }")).await;
    assert!(text(&headers, "set-cookie").starts_with("__Host-quayside_session=alive"));
    let (_, _, body) = reply(server.post("mutation { replay }")).await;
    assert_eq!(body["extensions"]["idempotentReplay"], true);
}

#[tokio::test]
async fn an_idempotency_key_is_for_one_mutation() {
    let server = Server::start().await;
    let send = |query: &str, key: &str| server.post(query).header("idempotency-key", key);
    assert_eq!(reply(send("mutation { key }", "k-1")).await.2["data"]["key"], "k-1");
    assert_eq!(
        refusal(send("mutation { key bump }", "k-1")).await,
        refused(400, "IDEMPOTENCY_KEY_AMBIGUOUS")
    );
    for key in ["", "a b", &"k".repeat(256)] {
        assert_eq!(
            refusal(send("mutation { bump }", key)).await,
            refused(400, "IDEMPOTENCY_KEY_INVALID"),
            "{key}"
        );
    }
    assert_eq!(reply(send("{ hello }", "a b")).await.0, 200, "a query has no use for it");
    assert_eq!(server.toy.bumps.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn who_spends_too_much_waits() {
    let allowance = Allowance { maximum: 100, restore: 10 };
    let server = Server::with(Settings { allowance, ..Settings::default() }).await;
    // The toy gives 3 of 60, so most is given back.
    let query = "{ items(first: 60) { nodes { id } } }";
    for left in [96, 92, 88, 84, 80, 76, 72, 68, 64, 60] {
        let (status, _, body) = reply(server.post(query)).await;
        let status_left = &body["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"];
        assert_eq!((status, status_left), (200, &json!(left)));
    }
    let (status, headers, body) = reply(server.post(query)).await;
    assert_eq!((status, text(&headers, "retry-after")), (429, "1"));
    assert_eq!(body["errors"][0]["extensions"]["code"], "THROTTLED");
    assert_eq!(body["extensions"]["cost"]["requestedQueryCost"], 61);
    assert!(body["extensions"]["cost"]["actualQueryCost"].is_null() && body.get("data").is_none());
    assert_eq!(
        reply(server.anonymous(query).bearer_auth("good two")).await.0,
        200,
        "another caller has another bucket"
    );
    server.seconds.fetch_add(1, Ordering::Relaxed);
    assert_eq!(reply(server.post(query)).await.0, 200);
}

#[tokio::test]
async fn nonsense_is_not_free() {
    let allowance = Allowance { maximum: 2, restore: 1 };
    let server = Server::with(Settings { allowance, ..Settings::default() }).await;
    for _ in 0..2 {
        assert_eq!(refusal(server.post("{")).await, refused(400, "GRAPHQL_PARSE_FAILED"));
    }
    assert_eq!(refusal(server.post("{")).await, refused(429, "THROTTLED"));
}

#[tokio::test]
async fn an_operation_ends_in_time() {
    let settings = Settings { execution_time: Duration::from_millis(50), ..Settings::default() };
    let server = Server::with(settings).await;
    assert_eq!(refusal(server.post("{ never }")).await, refused(504, "TIMEOUT"));
}

#[tokio::test]
async fn errors_of_resolvers_are_told_apart() {
    let server = Server::start().await;
    for (query, code) in [("{ refused }", "FORBIDDEN"), ("{ broken }", "INTERNAL_SERVER_ERROR")] {
        let (status, _, body) = reply(server.post(query).header("x-request-id", "r-2")).await;
        assert_eq!((status, &body["data"]), (200, &json!(null)), "it ran");
        assert_eq!(body["errors"][0]["extensions"], json!({ "code": code, "requestId": "r-2" }));
        assert!(body["errors"][0]["path"].is_array() && !body.to_string().contains("/var/lib"));
    }
}

#[tokio::test]
async fn a_reply_is_not_longer_than_allowed() {
    let server = Server::with(Settings { reply_bytes: 10_000, ..Settings::default() }).await;
    assert_eq!(reply(server.post("{ long(bytes: 1000) }")).await.0, 200);
    assert_eq!(refusal(server.post("{ long(bytes: 20000) }")).await.1, "REPLY_TOO_LARGE");
}
