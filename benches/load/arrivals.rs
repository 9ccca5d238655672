//! An ERP played in this process that also notes when each order's event arrived, and the bare calls that its
//! deliveries are compared with.
use std::{
    collections::HashMap,
    net::Ipv4Addr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use quayside_connectors::{SigningSecret, sign};
use quayside_simulator::Erp;
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    load::{self, Measured},
    process,
    seed::ERP_SECRET,
};

/// Calls in flight at once, as many as a server makes.
const IN_FLIGHT: usize = 32;
const LONGEST_BODY: usize = 1 << 20;

type Noted = Arc<Mutex<HashMap<String, Instant>>>;

/// The ERP and what it noted.
pub(crate) struct Arrivals {
    /// Its books.
    pub(crate) erp: Erp,
    /// Where it takes events.
    pub(crate) endpoint: String,
    noted: Noted,
    playing: JoinHandle<std::io::Result<()>>,
}

impl Arrivals {
    /// Starts the ERP.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let erp = Erp::open(quayside_simulator::Settings::new(ERP_SECRET))?;
        let noted = Noted::default();
        let router = erp.router().layer(middleware::from_fn_with_state(noted.clone(), note));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = format!("http://{}/erp/v1/events", listener.local_addr()?);
        let playing = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { erp, endpoint, noted, playing })
    }

    /// When the last event about an order arrived.
    pub(crate) fn of(&self, order: &str) -> Option<Instant> {
        self.noted.lock().expect("nobody panics with it").get(order).copied()
    }

    /// Signed calls like those of the server, made as fast as they go, of which nothing is kept.
    pub(crate) async fn bare(&self, time: Duration) -> anyhow::Result<Measured> {
        let client = reqwest::Client::new();
        let secret = Arc::new(SigningSecret::parse(ERP_SECRET).map_err(anyhow::Error::msg)?);
        let (made, until) = (Arc::new(AtomicUsize::new(0)), Instant::now() + time);
        let driver = process::cpu(std::process::id(), false)?;
        let began = Instant::now();
        let calls = (0..IN_FLIGHT).map(|_| {
            let (client, secret, made) = (client.clone(), secret.clone(), made.clone());
            let endpoint = self.endpoint.clone();
            tokio::spawn(async move {
                let mut waits = Vec::new();
                while Instant::now() < until {
                    let sent = Instant::now();
                    post(&client, &endpoint, &secret).await?;
                    waits.push(sent.elapsed());
                    made.fetch_add(1, Ordering::Relaxed);
                }
                anyhow::Ok(waits)
            })
        });
        let mut waits = Vec::new();
        for call in calls.collect::<Vec<_>>() {
            waits.extend(call.await??);
        }
        let made = made.load(Ordering::Relaxed) as f64;
        let (p50_ms, p99_ms) = load::percentiles(&mut waits);
        let used = process::cpu(std::process::id(), false)?.saturating_sub(driver);
        Ok(Measured {
            per_second: made / began.elapsed().as_secs_f64(),
            p50_ms,
            p99_ms,
            driver_cpu: used.as_secs_f64() * 1_000.0 / made.max(1.0),
            ..Measured::default()
        })
    }
}

impl Drop for Arrivals {
    fn drop(&mut self) {
        self.playing.abort();
    }
}

/// One answer of an order nobody else has.
async fn post(client: &reqwest::Client, endpoint: &str, secret: &SigningSecret) -> anyhow::Result<()> {
    let id = uuid::Uuid::now_v7().simple().to_string();
    let delivery = format!("dlv_{id}");
    let lines: Vec<_> = (1..=8)
        .map(|line| {
            let part = json!({ "answer": "ACCEPTED", "promised": "2026-03-20", "quantity": { "value": "10", "unit": "EA" } });
            json!({ "line": (line * 10).to_string(), "parts": [part] })
        })
        .collect();
    let body = json!({
        "specversion": "1.0", "id": format!("evt_{id}"), "source": "/tenants/bare", "type": "acknowledgment.submitted",
        "subject": format!("ack_{id}"), "time": "2026-03-02T09:59:58Z", "datacontenttype": "application/json", "dataschema": "/events/acknowledgment.submitted.v1.json",
        "orderid": format!("po_{id}"), "position": 1, "sequence": 1, "tenantid": format!("ten_{id}"),
        "correlationid": id, "data": { "orderNumber": id, "revision": 1, "lines": lines },
    })
    .to_string();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    let signature = sign([secret], &delivery, i64::try_from(now)?, body.as_bytes());
    let answer = client
        .post(endpoint)
        .header("content-type", "application/json")
        .header("idempotency-key", &delivery)
        .header("webhook-id", &delivery)
        .header("webhook-timestamp", now)
        .header("webhook-signature", signature)
        .body(body)
        .send()
        .await?;
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status.is_success(), "{status}: {text}");
    Ok(())
}

async fn note(State(noted): State<Noted>, request: Request, next: Next) -> Response {
    let now = Instant::now();
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return axum::http::StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    if let Some(order) = order_of(&body) {
        noted.lock().expect("nobody panics with it").insert(order, now);
    }
    next.run(Request::from_parts(head, Body::from(body))).await
}

/// The order an envelope is about, without reading the rest of it.
fn order_of(body: &[u8]) -> Option<String> {
    const MEMBER: &[u8] = b"\"orderid\":\"";
    let at = body.windows(MEMBER.len()).position(|window| window == MEMBER)? + MEMBER.len();
    let end = at + body[at..].iter().position(|byte| *byte == b'"')?;
    String::from_utf8(body[at..end].to_vec()).ok()
}

/// The time it took events to arrive after they were answered for.
pub(crate) fn lags(
    arrivals: &Arrivals,
    replied: &[(String, Instant)],
) -> anyhow::Result<(Vec<Duration>, Instant)> {
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut lags = Vec::with_capacity(replied.len());
    let mut last = Instant::now();
    for (place, (order, at)) in replied.iter().enumerate() {
        let arrived = loop {
            match arrivals.of(order).filter(|arrived| arrived >= at || at.duration_since(*arrived) < NEAR) {
                Some(arrived) => break arrived,
                None if Instant::now() < deadline => std::thread::sleep(Duration::from_micros(500)),
                None => return Err(anyhow::anyhow!("event {place} of {} did not arrive", replied.len())),
            }
        };
        lags.push(arrived.saturating_duration_since(*at));
        last = if place == 0 { arrived } else { last.max(arrived) };
    }
    replied.first().context("nothing was answered")?;
    Ok((lags, last))
}

/// The reply is on its way for a moment too: an event may arrive before the reply does, but not long before.
const NEAR: Duration = Duration::from_secs(1);
