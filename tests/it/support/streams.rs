//! Subscriptions as clients hold them: an event stream, or a WebSocket.
use std::pin::Pin;

use futures_util::{SinkExt, Stream, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use super::{PATIENCE, TestApp};

type Chunks = Pin<Box<dyn Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>;

/// Server-sent events.
pub(crate) struct EventStream {
    chunks: Chunks,
    text: String,
    complete: bool,
}

impl EventStream {
    /// What the next result says; nothing at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                let Some(next) = event.strip_prefix("event: next\ndata: ") else {
                    if event.starts_with("event: complete") {
                        self.complete = true;
                        return None;
                    }
                    continue;
                };
                return Some(serde_json::from_str(next).unwrap());
            }
            let chunk = tokio::time::timeout(PATIENCE, self.chunks.next()).await.expect("nothing comes");
            self.text.push_str(std::str::from_utf8(&chunk?.ok()?).unwrap());
        }
    }

    /// Whether the server said that nothing more comes.
    pub(crate) const fn is_complete(&self) -> bool {
        self.complete
    }
}

/// A WebSocket of `graphql-transport-ws`, with one subscription.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message, or the code and reason of the close.
    async fn hear(&mut self) -> Result<Value, (u16, String)> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("nothing comes");
            match message.expect("a close before the end").unwrap() {
                Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
                Message::Close(frame) => {
                    let frame = frame.expect("a close has a code");
                    return Err((frame.code.into(), frame.reason.to_string()));
                }
                _ => {}
            }
        }
    }

    /// What the next result says.
    pub(crate) async fn next(&mut self) -> Value {
        let message = self.hear().await.unwrap();
        assert_eq!(message["type"], "next", "{message}");
        message["payload"].clone()
    }

    /// What the next result says, or the code and the reason of the close.
    pub(crate) async fn next_or_close(&mut self) -> Result<Value, (u16, String)> {
        let message = self.hear().await?;
        assert_eq!(message["type"], "next", "{message}");
        Ok(message["payload"].clone())
    }

    /// The code and the reason of the close, whatever is said before.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Err(close) = self.hear().await {
                return close;
            }
        }
    }
}

impl TestApp {
    /// A subscription as an event stream.
    pub(crate) async fn listen(&self, token: &str, query: &str, variables: Value) -> EventStream {
        let body = json!({ "query": query, "variables": variables });
        let request = self.http.post(self.url("/graphql")).bearer_auth(token).json(&body);
        let response = request.header("accept", "text/event-stream").send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream", "{}", response.status());
        EventStream { chunks: Box::pin(response.bytes_stream()), text: String::new(), complete: false }
    }

    /// A subscription over a WebSocket: with a token, or with the headers of a browser.
    pub(crate) async fn subscribe(
        &self,
        token: Option<&str>,
        headers: &[(&'static str, &str)],
        query: &str,
        variables: Value,
    ) -> Result<Socket, Error> {
        let mut request = format!("ws://{}/graphql", self.address).into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let mut socket = Socket(connect_async(request).await?.0);
        let payload = token.map(|token| json!({ "authorization": format!("Bearer {token}") }));
        socket.say(json!({ "type": "connection_init", "payload": payload.unwrap_or(json!({})) })).await;
        assert_eq!(socket.hear().await.unwrap(), json!({ "type": "connection_ack" }));
        let payload = json!({ "query": query, "variables": variables });
        socket.say(json!({ "type": "subscribe", "id": "1", "payload": payload })).await;
        Ok(socket)
    }
}
