//! A running ERP and a caller that writes HTTP by hand, so that it sees how a connection ends.
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::DateTime;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::{Behaviour, Erp, Fault, Settings, serve};

pub(super) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(super) const NOW: i64 = 1_772_445_600;

pub(super) struct Site {
    pub(super) erp: Erp,
    clock: Arc<AtomicI64>,
    address: String,
    task: tokio::task::JoinHandle<()>,
}

/// What came over the wire; `status` is `None` when the connection closed without an answer.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) status: Option<u16>,
    pub(super) head: String,
    pub(super) body: String,
}

impl Said {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(super) fn number(&self) -> String {
        self.json()["documentNumber"].as_str().unwrap().to_owned()
    }

    pub(super) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

impl Site {
    pub(super) async fn start() -> Self {
        Self::start_with(Settings::new(SECRET)).await
    }

    pub(super) async fn start_with(settings: Settings) -> Self {
        let clock = Arc::new(AtomicI64::new(NOW));
        let hand = Arc::clone(&clock);
        let time = move || DateTime::from_timestamp(hand.load(Ordering::SeqCst), 0).unwrap();
        let erp = Erp::open(Settings { clock: Arc::new(time), ..settings }).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let served = erp.clone();
        let task = tokio::spawn(async move { serve(listener, served).await.unwrap() });
        Self { erp, clock, address, task }
    }

    pub(super) fn at(&self, seconds: i64) {
        self.clock.store(NOW + seconds, Ordering::SeqCst);
    }

    /// The next call goes wrong.
    pub(super) fn spoil(&self, behaviour: Behaviour) {
        self.erp.queue(Fault::once(behaviour)).unwrap();
    }

    /// Posts a well-formed, signed event.
    pub(super) async fn post(&self, key: &str, event: &Value) -> Said {
        self.send(&request("POST", "/erp/v1/events", &signed(key, &event.to_string()), &event.to_string()))
            .await
    }

    pub(super) async fn read_back(&self, key: &str) -> Said {
        self.send(&request("GET", &format!("/erp/v1/events/{key}"), &signed(key, ""), "")).await
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        self.send(&request("GET", path, &[], "")).await.json()
    }

    /// Sends raw bytes and reads to the end of the connection.
    pub(super) async fn send(&self, request: &str) -> Said {
        let mut socket = self.open(request).await;
        let mut bytes = Vec::new();
        let _ = socket.read_to_end(&mut bytes).await; // a reset is an end too
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Said { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// Sends raw bytes and leaves the answer to the caller.
    pub(super) async fn open(&self, request: &str) -> TcpStream {
        let mut socket = TcpStream::connect(&self.address).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        socket
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn request(method: &str, path: &str, headers: &[(String, String)], body: &str) -> String {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: erp\r\nconnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    text
}

/// The headers of a call that keeps the contract.
pub(super) fn signed(key: &str, body: &str) -> Vec<(String, String)> {
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
pub(super) fn event(order: &str, position: i64) -> Value {
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
