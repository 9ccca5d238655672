use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{Server, Settings};
use crate::web::graphql::SocketLimits;

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn open(server: &Server, headers: &[(&'static str, &str)]) -> Result<Self, Error> {
        let mut request = format!("ws://{}/graphql", server.address).into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        connect_async(request).await.map(|(socket, _)| Self(socket))
    }

    /// A socket whose caller is known.
    async fn greeted(server: &Server) -> Self {
        let mut client = Self::open(server, &[]).await.unwrap();
        client.say(json!({ "type": "connection_init", "payload": { "authorization": "Bearer good" } })).await;
        assert_eq!(client.hear().await, json!({ "type": "connection_ack" }));
        client
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({ "id": id, "type": "subscribe", "payload": { "query": query } })).await;
    }

    async fn hear(&mut self) -> Value {
        loop {
            match self.0.next().await.unwrap().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// The code and the reason of the close, whatever is said before.
    async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.0.next().await.expect("a close").expect("a close") {
                Message::Close(Some(frame)) => {
                    return (CloseCode::into(frame.code), frame.reason.to_string());
                }
                Message::Close(None) => panic!("closed without a reason"),
                _ => {}
            }
        }
    }
}

async fn no_stream_is_open(server: &Server) {
    let closed = async {
        while server.toy.open.load(Ordering::Relaxed) > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), closed).await.expect("the stream is still open");
}

fn socket(change: impl FnOnce(&mut SocketLimits)) -> Settings {
    let mut settings = Settings::default();
    change(&mut settings.socket);
    settings
}

#[tokio::test]
async fn queries_and_subscriptions_run_over_one_socket() {
    let server = Server::start().await;
    let mut client = Client::greeted(&server).await;
    client.subscribe("q", "{ viewer }").await;
    let answer = client.hear().await;
    assert_eq!((&answer["type"], &answer["id"]), (&json!("next"), &json!("q")));
    assert_eq!(answer["payload"]["data"], json!({ "viewer": "good" }));
    assert!(answer["payload"]["extensions"]["requestId"].is_string());
    assert!(answer["payload"]["extensions"]["cost"].is_object());
    assert_eq!(client.hear().await, json!({ "type": "complete", "id": "q" }));

    client.subscribe("s", "subscription { ticks(n: 2) }").await;
    for tick in 0..2 {
        assert_eq!(client.hear().await["payload"]["data"], json!({ "ticks": tick }));
    }
    assert_eq!(client.hear().await, json!({ "type": "complete", "id": "s" }));
    client.subscribe("s", "mutation { bump }").await;
    assert_eq!(client.hear().await["payload"]["data"], json!({ "bump": 1 }), "an id is free after its end");
}

#[tokio::test]
async fn what_cannot_run_is_an_error_and_the_socket_lives() {
    let server = Server::start().await;
    let mut client = Client::greeted(&server).await;
    let cases = [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { ticks(n: 1) more: ticks(n: 1) }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ items(first: 5000) { nodes { id } } }", "MAX_COST_EXCEEDED"),
    ];
    for (query, code) in cases {
        client.subscribe("1", query).await;
        let answer = client.hear().await;
        assert_eq!(answer["type"], "error", "{query}");
        assert_eq!(answer["payload"][0]["extensions"]["code"], code, "{query}");
    }
    client.say(json!({ "type": "ping", "payload": { "n": 1 } })).await;
    assert_eq!(
        client.hear().await,
        json!({ "type": "pong", "payload": { "n": 1 } }),
        "nothing more came of them"
    );
}

#[tokio::test]
async fn a_breach_of_the_protocol_closes_the_socket_with_its_code() {
    let server = Server::start().await;
    let init = json!({ "type": "connection_init" });
    let forever = json!({ "id": "1", "type": "subscribe", "payload": { "query": "subscription { events { nodes { id } } }" } });
    let cases: [(&[Value], u16, &str); 7] = [
        (&[json!({ "type": "nonsense" })], 4400, "Invalid message"),
        (&[json!("nonsense")], 4400, "Invalid message"),
        (std::slice::from_ref(&forever), 4401, "Unauthorized"),
        (
            &[json!({ "type": "connection_init", "payload": { "authorization": "Bearer bad" } })],
            4403,
            "Forbidden",
        ),
        (&[json!({ "type": "connection_init", "payload": { "Authorization": 1 } })], 4403, "Forbidden"),
        (&[init.clone(), init.clone()], 4429, "Too many initialisation requests"),
        (&[init.clone(), forever.clone(), forever.clone()], 4409, "Subscriber for 1 already exists"),
    ];
    for (messages, code, reason) in cases {
        let mut client = Client::open(&server, &[]).await.unwrap();
        for message in messages {
            client.say(message.clone()).await;
        }
        assert_eq!(client.closed().await, (code, reason.to_owned()), "{messages:?}");
    }
    let mut client = Client::open(&server, &[]).await.unwrap();
    client.0.send(Message::binary(init.to_string().into_bytes())).await.unwrap();
    assert_eq!(client.closed().await.0, 4400);
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for() {
    let server = Server::with(socket(|limits| limits.init = Duration::from_millis(50))).await;
    let mut client = Client::open(&server, &[]).await.unwrap();
    assert_eq!(client.closed().await, (4408, "Connection initialisation timeout".into()));
}

#[tokio::test]
async fn a_client_that_does_not_answer_pings_is_gone() {
    let server = Server::with(socket(|limits| limits.ping = Duration::from_millis(50))).await;
    let mut client = Client::greeted(&server).await;
    client.subscribe("1", "subscription { events { nodes { id } } }").await;
    client.hear().await;
    // The socket is not read for now, so nothing answers the pings.
    no_stream_is_open(&server).await;
    let mut client = Client::greeted(&server).await;
    let mut pings = 0;
    while pings < 4 {
        pings += usize::from(client.0.next().await.unwrap().unwrap().is_ping());
    }
}

#[tokio::test]
async fn complete_stops_the_operation() {
    let server = Server::start().await;
    let mut client = Client::greeted(&server).await;
    client.subscribe("1", "subscription { events { nodes { id } } }").await;
    client.hear().await;
    assert_eq!(server.toy.open.load(Ordering::Relaxed), 1);
    client.say(json!({ "id": "1", "type": "complete" })).await;
    client.say(json!({ "id": "unknown", "type": "complete" })).await;
    client.subscribe("2", "{ hello }").await;
    assert_eq!(client.hear().await["id"], "2");
    no_stream_is_open(&server).await;
}

#[tokio::test]
async fn a_client_that_closes_is_answered() {
    let server = Server::start().await;
    let mut client = Client::greeted(&server).await;
    let frame = CloseFrame { code: CloseCode::Normal, reason: "bye".into() };
    client.0.send(Message::Close(Some(frame))).await.unwrap();
    assert_eq!(client.closed().await, (1000, "bye".into()));
}

#[tokio::test]
async fn a_socket_ends_with_the_session() {
    let server = Server::start().await;
    let mut client = Client::greeted(&server).await;
    server.toy.logout.cancel();
    assert_eq!(client.closed().await, (4403, "session ended".into()));
}

#[tokio::test]
async fn a_stop_of_the_server_closes_sockets_and_waits_for_them() {
    let server = Server::start().await;
    let mut client = Client::greeted(&server).await;
    let mut silent = Client::open(&server, &[]).await.unwrap();
    server.stop.cancel();
    assert_eq!(client.closed().await.0, 1001);
    assert_eq!(silent.closed().await.0, 1001);
    assert!(server.serving.await.unwrap(), "everything finished by itself");
}

#[tokio::test]
async fn operations_and_sockets_are_counted() {
    let mut settings = socket(|limits| limits.operations = 2);
    settings.streams_per_bucket = 1;
    let server = Server::with(settings).await;
    let mut client = Client::greeted(&server).await;
    for id in ["1", "2"] {
        client.subscribe(id, "subscription { events { nodes { id } } }").await;
        assert_eq!(client.hear().await["type"], "next");
    }
    client.subscribe("3", "{ hello }").await;
    let answer = client.hear().await;
    assert_eq!(
        (&answer["type"], &answer["payload"][0]["extensions"]["code"]),
        (&json!("error"), &json!("TOO_MANY_OPERATIONS"))
    );

    let mut second = Client::open(&server, &[]).await.unwrap();
    second.say(json!({ "type": "connection_init", "payload": { "authorization": "Bearer good" } })).await;
    assert_eq!(second.closed().await, (4429, "Too many sockets".into()));
}

#[tokio::test]
async fn a_message_over_the_limit_closes_the_socket() {
    let server = Server::start().await;
    let mut client = Client::greeted(&server).await;
    client.say(json!({ "type": "ping", "payload": { "x": "x".repeat(70_000) } })).await;
    assert_eq!(client.closed().await.0, 1009);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped() {
    let server = Server::with(socket(|limits| limits.send = Duration::from_millis(100))).await;
    let mut client = Client::greeted(&server).await;
    client.subscribe("1", "subscription { flood }").await;
    server.stop.cancel();
    // Without the limit, the server would wait for this client as long as it may wait at all.
    assert!(server.serving.await.unwrap());
    drop(client);
}

#[tokio::test]
async fn a_socket_is_not_opened_for_a_page_of_another_site() {
    let server = Server::start().await;
    let refused = |opened: Result<Client, Error>| match opened {
        Err(Error::Http(response)) => response.status().as_u16(),
        _ => 0,
    };
    assert_eq!(refused(Client::open(&server, &[("origin", "https://evil.example")]).await), 403);
    assert_eq!(refused(Client::open(&server, &[("sec-websocket-protocol", "graphql-ws")]).await), 400);

    let cookie = ("cookie", "__Host-quayside_session=alive");
    let own = format!("http://{}", server.address);
    let mut client = Client::open(&server, &[cookie, ("origin", &own)]).await.unwrap();
    client.say(json!({ "type": "connection_init" })).await;
    client.hear().await;
    client.subscribe("1", "{ viewer }").await;
    assert_eq!(client.hear().await["payload"]["data"]["viewer"], "session");

    let mut client = Client::open(&server, &[cookie]).await.unwrap();
    client.say(json!({ "type": "connection_init" })).await;
    assert_eq!(client.closed().await.0, 4403, "a cookie from who knows where");
}
