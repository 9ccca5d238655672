//! Accepts connections, and lets none of them wait for ever.
//!
//! `axum::serve` sets no timer, so hyper's header timeout never fires under it, and hyper-util's automatic builder waits
//! for a protocol preface without one. Hence an own loop over hyper's HTTP/1 builder: a connection that is slow with its
//! headers, its body or its reading is closed, an idle one too, and there are only so many at once. An upgraded
//! connection keeps its place until its socket closes.

use std::io;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tower::ServiceExt;

use super::stall::{Connection, TimedBody};

/// How many connections, and how long each may keep the server waiting.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections open at once; further ones wait to be accepted.
    pub connections: usize,
    /// For all headers of a request to arrive, and for the next request on an idle connection.
    pub headers: Duration,
    /// For the next piece of a body to arrive, and for the client to take the next piece of a reply.
    pub stall: Duration,
    /// For requests and streams to finish once the server is told to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connections: 1024, headers: seconds(10), stall: seconds(10), drain: seconds(20) }
    }
}

/// Tells streams when the server stops, and the server when the streams have.
#[derive(Clone, Debug, Default)]
pub struct Lifetime {
    stopping: CancellationToken,
    streams: TaskTracker,
}

impl Lifetime {
    /// A lifetime that ends when the token is cancelled.
    #[must_use]
    pub fn until(stopping: CancellationToken) -> Self {
        Self { stopping, streams: TaskTracker::new() }
    }

    /// Resolves when the server is told to stop.
    pub async fn stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// Whether the server was told to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// The server waits, within bounds, for this to be dropped before it returns.
    pub fn stream(&self) -> TaskTrackerToken {
        self.streams.token()
    }
}

/// Serves until the lifetime ends, then accepts nothing more and waits for what is under way, at most `limits.drain`.
/// Tells whether everything finished by itself.
pub async fn serve(listener: TcpListener, app: Router, limits: Limits, lifetime: Lifetime) -> bool {
    let slots = Arc::new(Semaphore::new(limits.connections));
    let connections = TaskTracker::new();
    let abandon = CancellationToken::new();
    while let Some((stream, peer, slot)) = next(&listener, &slots, &lifetime).await {
        let stream = Connection::new(stream, limits.stall, slot);
        let one = converse(stream, peer, app.clone(), limits, lifetime.clone());
        let abandon = abandon.clone();
        connections.spawn(async move { abandon.run_until_cancelled(one).await });
    }
    drop(listener);
    connections.close();
    lifetime.streams.close();
    let finished = async { tokio::join!(connections.wait(), lifetime.streams.wait()) };
    let finished = tokio::time::timeout(limits.drain, finished).await.is_ok();
    abandon.cancel();
    finished
}

/// The next connection and its place, or nothing when the server stops.
async fn next(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
    lifetime: &Lifetime,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let accept = async {
        let slot = Arc::clone(slots).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => return Some((stream, peer, slot)),
                Err(error) => pause_after(&error).await,
            }
        }
    };
    lifetime.stopping.run_until_cancelled(accept).await.flatten()
}

/// A client that went away again costs nothing; out of descriptors, trying again at once would only burn the processor.
async fn pause_after(error: &io::Error) {
    if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
        tracing::warn!(%error, "cannot accept a connection");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Serves one connection to its end.
async fn converse(stream: Connection, peer: SocketAddr, app: Router, limits: Limits, lifetime: Lifetime) {
    let service = service_fn(move |request| answer(app.clone(), request, peer, limits.stall));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut served = pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = lifetime.stopping() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Hands the request to the application. A panic there is this request's failure, not the connection's.
async fn answer(
    app: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
    stall: Duration,
) -> Result<Response, std::convert::Infallible> {
    let mut request = request.map(|body| Body::new(TimedBody::new(body, stall)));
    request.extensions_mut().insert(ConnectInfo(peer));
    let Ok(reply) = AssertUnwindSafe(app.oneshot(request)).catch_unwind().await else {
        tracing::error!("a handler panicked");
        return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    reply
}

#[cfg(test)]
mod tests;
