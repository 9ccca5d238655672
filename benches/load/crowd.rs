//! One event to many: so many WebSockets that follow the same supplier, and how long until all have heard.
use std::{
    collections::HashMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinSet,
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::{
    documents,
    load::{self, Measured},
    process,
};

/// How many listen, and how many events they hear.
pub(crate) const SIZES: [(usize, usize); 4] = [(1, 20), (100, 20), (1_000, 20), (5_000, 10)];
/// The crowd that a peer has as well.
pub(crate) const COMPARED: (usize, usize) = (1_000, 20);
/// Sockets that are opened at the same time.
const AT_ONCE: usize = 64;
/// How long a crowd has to hear an event.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a subscription may take to be in place; then the first event is told again.
const SETTLE: Duration = Duration::from_secs(10);

/// What was heard when: the order it is about.
type Heard = (String, Instant);

/// Many listeners.
pub(crate) struct Crowd {
    size: usize,
    heard: UnboundedReceiver<Heard>,
    // Ends with the crowd.
    _members: JoinSet<anyhow::Result<()>>,
}

/// A server that a crowd listens to.
pub(crate) struct Source<'a> {
    /// Where its WebSocket is.
    pub(crate) address: SocketAddr,
    /// What the listeners say they are.
    pub(crate) token: &'a str,
    /// Its process.
    pub(crate) pid: u32,
}

impl Crowd {
    /// Opens `size` sockets and subscribes on each.
    pub(crate) async fn gather(source: &Source<'_>, size: usize) -> anyhow::Result<Self> {
        let (told, heard) = mpsc::unbounded_channel();
        let mut members = JoinSet::new();
        let mut opening = JoinSet::new();
        for _ in 0..size {
            if opening.len() >= AT_ONCE {
                members.spawn(listen(opening.join_next().await.context("one is opening")???, told.clone()));
            }
            let (address, token) = (source.address, source.token.to_owned());
            opening.spawn(async move { open(address, &token).await });
        }
        while let Some(opened) = opening.join_next().await {
            members.spawn(listen(opened??, told.clone()));
        }
        Ok(Self { size, heard, _members: members })
    }

    /// Tells the crowd something until everybody hears it: from then on all subscriptions are in place.
    pub(crate) async fn warm_up(
        &mut self,
        mut tell: impl FnMut(usize) -> anyhow::Result<String>,
    ) -> anyhow::Result<usize> {
        for told in 0..5 {
            let order = tell(told)?;
            let mut count = 0;
            let deadline = tokio::time::Instant::now() + SETTLE;
            while count < self.size {
                match tokio::time::timeout_at(deadline, self.heard.recv()).await {
                    Ok(Some((about, _))) => count += usize::from(about == order),
                    _ => break,
                }
            }
            if count == self.size {
                return Ok(told + 1);
            }
        }
        anyhow::bail!("not everybody hears")
    }

    /// Tells `events` things, one after the other, and measures until everybody heard everything.
    pub(crate) async fn hear(
        &mut self,
        source: &Source<'_>,
        events: usize,
        mut tell: impl FnMut(usize) -> anyhow::Result<String>,
    ) -> anyhow::Result<Measured> {
        let (server, driver) = (process::cpu(source.pid, true)?, process::cpu(std::process::id(), false)?);
        let began = Instant::now();
        let mut told = HashMap::with_capacity(events);
        for event in 0..events {
            told.insert(tell(event)?, Instant::now());
        }
        let wanted = events * self.size;
        let mut waits = Vec::with_capacity(wanted);
        let mut last = began;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while waits.len() < wanted {
            let heard = tokio::time::timeout_at(deadline, self.heard.recv()).await;
            let heard = heard.with_context(|| format!("{} of {wanted} were heard", waits.len()))?;
            let (about, at) = heard.context("everybody left")?;
            if let Some(since) = told.get(&about) {
                waits.push(at.saturating_duration_since(*since));
                last = last.max(at);
            }
        }
        let per_thousand = |cpu: Duration| cpu.as_secs_f64() * 1_000.0 / wanted as f64;
        let used = process::cpu(source.pid, true)?.saturating_sub(server);
        let own = process::cpu(std::process::id(), false)?.saturating_sub(driver);
        let (p50_ms, p99_ms) = load::percentiles(&mut waits);
        Ok(Measured {
            per_second: wanted as f64 / last.duration_since(began).as_secs_f64(),
            p50_ms,
            p99_ms,
            server_cpu: per_thousand(used),
            driver_cpu: per_thousand(own),
            rss_mib: process::rss_mib(source.pid)?,
            ..Measured::default()
        })
    }
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn open(address: SocketAddr, token: &str) -> anyhow::Result<Socket> {
    let mut request = format!("ws://{address}/graphql").into_client_request()?;
    let protocol = HeaderValue::from_static("graphql-transport-ws");
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = connect_async(request).await?;
    let authorization = json!({ "authorization": format!("Bearer {token}") });
    say(&mut socket, json!({ "type": "connection_init", "payload": authorization })).await?;
    let answer = socket.next().await.context("the server closed the socket")??;
    ensure!(answer.to_text()?.contains("connection_ack"), "{answer}");
    say(&mut socket, json!({ "id": "1", "type": "subscribe", "payload": documents::follow() })).await?;
    Ok(socket)
}

async fn say(socket: &mut Socket, message: Value) -> anyhow::Result<()> {
    Ok(socket.send(Message::text(message.to_string())).await?)
}

/// Hears until the socket or the crowd ends.
async fn listen(mut socket: Socket, told: UnboundedSender<Heard>) -> anyhow::Result<()> {
    while let Some(message) = socket.next().await {
        let message = message?;
        let now = Instant::now();
        if let Message::Text(text) = &message
            && let Some(order) = order_of(text)
        {
            told.send((order.to_owned(), now))?;
        }
    }
    Ok(())
}

fn order_of(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("\"purchaseOrderId\":\"")?;
    rest.split('"').next()
}
