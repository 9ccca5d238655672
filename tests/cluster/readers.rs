//! Subscribers that follow the log by WebSocket or server-sent events, and come again with their last cursor, at whichever
//! process the entrance passes them on to.
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{task::JoinHandle, time::timeout};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{dice::Dice, load::Api, world::World};

/// How many there are.
const READERS: u64 = 4;
const FOLLOW: &str = "subscription($after: String) { events(after: $after) { cursor } }";

/// What one reader saw.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) cursors: Vec<String>,
    pub(crate) connections: u64,
    /// How often a process said that it stops.
    pub(crate) sent_away: u64,
}

/// The readers at work.
pub(crate) struct Readers(Vec<(JoinHandle<()>, Arc<Mutex<Seen>>)>);

impl Readers {
    /// What they have seen once each has the last event of the log, or after that long.
    pub(crate) async fn end(self, last: &str, patience: Duration) -> Vec<Seen> {
        let up_to_date = async {
            for (_, seen) in &self.0 {
                while seen.lock().unwrap().cursors.last().is_none_or(|cursor| cursor != last) {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        };
        let _ = timeout(patience, up_to_date).await;
        // Whatever comes after the last is one too many.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let ended = self.0.into_iter().map(|(task, seen)| {
            task.abort();
            let seen = seen.lock().unwrap();
            seen.clone()
        });
        ended.collect()
    }
}

/// Sets them to read from the beginning of the log.
pub(crate) fn begin(world: &World, seed: u64) -> Readers {
    let reader = |number| {
        let seen = Arc::<Mutex<Seen>>::default();
        let reader = Reader {
            api: world.buyer(),
            url: format!("ws://{}/graphql", world.entrance.address),
            start: quayside_domain::feed::encode_cursor(world.tenant, 0),
            seen: seen.clone(),
            dice: Dice::new(seed, 200 + number),
        };
        (tokio::spawn(reader.run()), seen)
    };
    Readers((0..READERS).map(reader).collect())
}

struct Reader {
    api: Api,
    url: String,
    start: String,
    seen: Arc<Mutex<Seen>>,
    dice: Dice,
}

impl Reader {
    async fn run(mut self) {
        let mut by_socket = self.dice.one_in(2);
        loop {
            let last = self.seen.lock().unwrap().cursors.last().cloned();
            let variables = json!({ "after": last.unwrap_or_else(|| self.start.clone()) });
            // Also comes again when nothing forces it to.
            let stay = self.dice.millis(3_000..15_000);
            let reading = async {
                if by_socket { self.socket(&variables).await } else { self.stream(&variables).await }
            };
            let _ = timeout(stay, reading).await;
            by_socket = !by_socket;
            tokio::time::sleep(self.dice.millis(10..200)).await;
        }
    }

    /// Takes in a result; false when it is none.
    fn take(&self, payload: &Value) -> bool {
        let Some(cursor) = payload["data"]["events"]["cursor"].as_str() else { return false };
        self.seen.lock().unwrap().cursors.push(cursor.to_owned());
        true
    }

    async fn socket(&self, variables: &Value) -> Option<()> {
        let mut request = self.url.as_str().into_client_request().ok()?;
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().ok()?);
        let mut socket = connect_async(request).await.ok()?.0;
        self.seen.lock().unwrap().connections += 1;
        let hello = json!({ "type": "connection_init",
            "payload": { "authorization": format!("Bearer {}", self.api.token()) } });
        let subscribe = json!({ "type": "subscribe", "id": "1",
            "payload": { "query": FOLLOW, "variables": variables } });
        socket.send(Message::text(hello.to_string())).await.ok()?;
        while let Some(Ok(message)) = socket.next().await {
            match message {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).ok()?;
                    match message["type"].as_str()? {
                        "connection_ack" => socket.send(Message::text(subscribe.to_string())).await.ok()?,
                        "next" if self.take(&message["payload"]) => {}
                        _ => return None,
                    }
                }
                Message::Close(Some(frame)) if u16::from(frame.code) == 1001 => {
                    self.seen.lock().unwrap().sent_away += 1;
                }
                _ => {}
            }
        }
        None
    }

    async fn stream(&self, variables: &Value) -> Option<()> {
        let reply = self.api.listen(FOLLOW, variables).send().await.ok()?;
        self.seen.lock().unwrap().connections += 1;
        let (mut chunks, mut text) = (reply.bytes_stream(), String::new());
        while let Some(Ok(chunk)) = chunks.next().await {
            text.push_str(std::str::from_utf8(&chunk).ok()?);
            while let Some((event, rest)) = text.split_once("\n\n") {
                if event.starts_with(": the server stops") {
                    self.seen.lock().unwrap().sent_away += 1;
                }
                if let Some(next) = event.strip_prefix("event: next\ndata: ")
                    && !self.take(&serde_json::from_str(next).ok()?)
                {
                    return None;
                }
                text = rest.to_owned();
            }
        }
        None
    }
}
