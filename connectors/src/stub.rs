//! A receiver for tests that says exactly the bytes it was given: contract breaches included.
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::DateTime;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::{Delivery, Errand, Http, HttpSettings, Network};

/// What the receiver does after it has read a whole request.
#[derive(Debug, Clone)]
pub(crate) enum Say {
    /// Writes the bytes and closes.
    Bytes(Vec<u8>),
    /// Writes the bytes and then nothing, with the connection open.
    Hold(Vec<u8>),
}

impl Say {
    /// A complete answer.
    pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status} Said\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}");
        Self::Bytes(format!("{head}\r\n{body}").into_bytes())
    }
}

/// A listener on this machine and the requests it has read.
pub(crate) struct Stub {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Stub {
    pub(crate) async fn start(say: Say) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                let request = read_request(&mut socket).await;
                log.lock().unwrap().push(request);
                held.extend(play(socket, &say).await);
            }
        });
        Self { url, requests, task }
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Says it, and gives back the socket where it stays open.
pub(crate) async fn play(mut socket: TcpStream, say: &Say) -> Option<TcpStream> {
    let (Say::Bytes(bytes) | Say::Hold(bytes)) = say;
    let _ = socket.write_all(bytes).await; // a caller may stop reading
    matches!(say, Say::Hold(_)).then_some(socket)
}

/// A whole request: its head, an empty line, its body.
pub(crate) async fn read_request(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    while !is_complete(&bytes) {
        match socket.read(&mut buffer).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
            _ => break,
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn is_complete(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// A client that may call this machine.
pub(crate) fn local_http(deadline: Duration) -> Http {
    Http::new(HttpSettings { deadline, network: Network { allow_loopback: true }, ..HttpSettings::default() })
        .unwrap()
}

/// Long enough to be reached only by a bug.
pub(crate) const PATIENT: Duration = Duration::from_secs(60);

/// A delivery with fixed ids at a fixed time.
pub(crate) fn delivery() -> Delivery {
    Delivery {
        id: "dlv_01987c1e-5a00-7000-8000-000000000001".into(),
        event_type: "acknowledgment.submitted".into(),
        event: json!({ "specversion": "1.0", "id": "evt_1", "type": "acknowledgment.submitted", "data": {} }),
        order_key: "po_1".into(),
        attempt: 1,
        errand: errand(),
        codes: Arc::default(),
        reshape: None,
        content: None,
        reply: None,
    }
}

/// A call at a fixed time, for a fixed reason.
pub(crate) fn errand() -> Errand {
    Errand {
        correlation_id: "cor_42".into(),
        request_id: Some("req_7".into()),
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
        at: DateTime::from_timestamp(1_772_445_600, 0).unwrap(),
    }
}
