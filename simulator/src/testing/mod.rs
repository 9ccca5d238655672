//! A served system, a caller that writes HTTP by hand, so that it sees how a connection ends, and a Quayside
//! that only listens.
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::DateTime;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::Clock;

mod golden;
mod listening;

pub(crate) use golden::golden;
pub(crate) use listening::Listening;

pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const NOW: i64 = 1_772_445_600;

/// A clock that a test moves.
#[derive(Clone)]
pub(crate) struct Hand(Arc<AtomicI64>);

impl Hand {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(NOW)))
    }

    pub(crate) fn clock(&self) -> Clock {
        let hand = Arc::clone(&self.0);
        Arc::new(move || DateTime::from_timestamp(hand.load(Ordering::SeqCst), 0).unwrap())
    }

    /// So many seconds after the start.
    pub(crate) fn at(&self, seconds: i64) {
        self.0.store(NOW + seconds, Ordering::SeqCst);
    }
}

/// A system on a socket, until it is dropped.
pub(crate) struct Server {
    prefix: &'static str,
    address: String,
    task: JoinHandle<()>,
}

/// What came over the wire; `status` is `None` when the connection closed without an answer.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: Option<u16>,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Said {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn number(&self) -> String {
        self.json()["documentNumber"].as_str().unwrap().to_owned()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

impl Server {
    /// `prefix` is where its events go in, without `/events`.
    pub(crate) async fn start<S>(prefix: &'static str, serve: impl FnOnce(TcpListener) -> S) -> Self
    where
        S: Future<Output = std::io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let serving = serve(listener);
        let task = tokio::spawn(async move { serving.await.unwrap() });
        Self { prefix, address, task }
    }

    /// Posts a well-formed, signed event.
    pub(crate) async fn post(&self, key: &str, event: &Value) -> Said {
        let (path, body) = (format!("{}/events", self.prefix), event.to_string());
        self.send(&request("POST", &path, &signed(key, &body), &body)).await
    }

    pub(crate) async fn read_back(&self, key: &str) -> Said {
        let path = format!("{}/events/{key}", self.prefix);
        self.send(&request("GET", &path, &signed(key, ""), "")).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.send(&request("GET", path, &[], "")).await.json()
    }

    /// Posts JSON as those do who run the simulation.
    pub(crate) async fn tell(&self, path: &str, body: &Value) -> Said {
        let json = [("content-type".to_owned(), "application/json".to_owned())];
        self.send(&request("POST", path, &json, &body.to_string())).await
    }

    /// Sends raw bytes and reads to the end of the connection.
    pub(crate) async fn send(&self, request: &str) -> Said {
        let mut socket = self.open(request).await;
        let mut bytes = Vec::new();
        let _ = socket.read_to_end(&mut bytes).await; // a reset is an end too
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Said { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// Sends raw bytes and leaves the answer to the caller.
    pub(crate) async fn open(&self, request: &str) -> TcpStream {
        let mut socket = TcpStream::connect(&self.address).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        socket
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn request(method: &str, path: &str, headers: &[(String, String)], body: &str) -> String {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: simulator\r\nconnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    text
}

/// The headers of a call that keeps the contract.
pub(crate) fn signed(key: &str, body: &str) -> Vec<(String, String)> {
    let secret = STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
    mac.update(format!("{key}.{NOW}.{body}").as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    [
        ("content-type", "application/json".to_owned()),
        ("idempotency-key", key.to_owned()),
        ("webhook-id", key.to_owned()),
        ("webhook-timestamp", NOW.to_string()),
        ("webhook-signature", format!("v1,{signature}")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// Event `evt_<position>` of an order.
pub(crate) fn event(order: &str, position: i64) -> Value {
    json!({
        "specversion": "1.0",
        "id": format!("evt_{position}"),
        "source": "/tenants/northwind",
        "type": "acknowledgment.submitted",
        "subject": "ack_1",
        "time": "2026-03-02T09:59:58.25Z",
        "datacontenttype": "application/json",
        "dataschema": "/schemas/events/acknowledgment.submitted/1.json",
        "tenantid": "ten_1",
        "sequence": 1,
        "position": position,
        "orderid": order,
        "correlationid": "cor_42",
        "causationid": null,
        "data": {},
    })
}

/// Event `evt_<position>` of another type, about `subject` and no single order.
pub(crate) fn event_about(event_type: &str, subject: &str, position: i64, data: &Value) -> Value {
    let mut event = event("none", position);
    event.as_object_mut().unwrap().remove("orderid");
    event["type"] = json!(event_type);
    event["subject"] = json!(subject);
    event["data"] = data.clone();
    event
}

/// A file of its own in the system's folder for such things, gone with the test.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let name = format!("quayside-simulator-{}-{number}.jsonl", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
