use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Lifetime, Limits, serve};

const SHORT: Duration = Duration::from_millis(100);

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<bool>,
    /// Told when `/wait` was entered; lets it go on.
    entered: Arc<Notify>,
    go_on: Arc<Notify>,
}

async fn start(limits: Limits) -> Server {
    let (entered, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let wait = {
        let (entered, go_on) = (Arc::clone(&entered), Arc::clone(&go_on));
        move || async move {
            entered.notify_one();
            go_on.notified().await;
            "waited"
        }
    };
    let app = Router::new()
        .route("/", get(|| async { "hello" }).post(|body: String| async { body }))
        .route("/panic", get(|| async { panic!("a bug") as &'static str }))
        .route("/long", post(|| async { "x".repeat(32 * 1024 * 1024) }))
        .route("/wait", get(wait));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let serving = tokio::spawn(serve(listener, app, limits, Lifetime::until(stop.clone())));
    Server { address, stop, serving, entered, go_on }
}

fn limits() -> Limits {
    Limits { headers: SHORT, stall: SHORT, ..Limits::default() }
}

impl Server {
    async fn say(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }
}

/// Everything until the server closes; a reset closes too.
async fn rest(mut stream: TcpStream) -> String {
    let mut read = Vec::new();
    let _ = stream.read_to_end(&mut read).await;
    String::from_utf8(read).unwrap()
}

#[tokio::test]
async fn slow_headers_are_not_waited_for() {
    let server = start(limits()).await;
    let mut slow = Vec::new();
    for text in ["", "G", "GET / HTTP/1.1\r\nhost: a\r\n", "GET / HTTP/1.1\r\nhost: a\r\nx: "] {
        slow.push(server.say(text).await);
    }
    for stream in slow {
        rest(stream).await;
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_reply() {
    let server = start(limits()).await;
    let read = rest(server.say("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await).await;
    assert!(read.starts_with("HTTP/1.1 200") && read.ends_with("hello"), "{read}");
}

#[tokio::test]
async fn a_body_that_stops_is_not_waited_for() {
    let server = start(limits()).await;
    let read = rest(server.say("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nabc").await).await;
    assert!(read.starts_with("HTTP/1.1 400"), "{read}");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped() {
    let server = start(limits()).await;
    let unread = server.say("POST /long HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    server.stop.cancel();
    assert!(server.serving.await.unwrap(), "it was dropped before the drain ended");
    drop(unread);
}

#[tokio::test]
async fn connections_over_the_limit_wait_for_a_place() {
    let server = start(Limits { connections: 1, ..Limits::default() }).await;
    let first = server.say("GET /wait HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    server.entered.notified().await;
    let mut second = server.say("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    let mut byte = [0];
    assert!(tokio::time::timeout(SHORT, second.read(&mut byte)).await.is_err(), "it was answered");
    server.go_on.notify_one();
    assert!(rest(first).await.ends_with("waited"));
    assert!(rest(second).await.ends_with("hello"));
}

#[tokio::test]
async fn a_panic_is_one_request_s_failure() {
    let server = start(limits()).await;
    let two = "GET /panic HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n";
    let read = rest(server.say(two).await).await;
    assert!(read.starts_with("HTTP/1.1 500") && read.ends_with("hello"), "{read}");
}

#[tokio::test]
async fn a_stop_lets_requests_finish_and_takes_no_new_ones() {
    let server = start(Limits::default()).await;
    let stream = server.say("GET /wait HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let idle = server.say("").await;
    server.entered.notified().await;
    server.stop.cancel();
    rest(idle).await;
    assert!(TcpStream::connect(server.address).await.is_err());
    server.go_on.notify_one();
    assert!(rest(stream).await.ends_with("waited"));
    assert!(server.serving.await.unwrap());
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let server = start(Limits { drain: SHORT, ..Limits::default() }).await;
    let stream = server.say("GET /wait HTTP/1.1\r\nhost: a\r\n\r\n").await;
    server.entered.notified().await;
    server.stop.cancel();
    assert!(!server.serving.await.unwrap(), "it says that not everything finished");
    assert_eq!(rest(stream).await, "");
}
