//! The accept loop. Ours and not `axum::serve`, because a receiver that drops the connection without an
//! answer is one of the things to be simulated, and a handler there cannot.
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::erp::Erp;
use crate::hooks::Hooks;
use crate::oracle_wms::OracleWms;
use crate::receiver::DropConnection;
use crate::sap::Sap;
use crate::wms::Wms;

const MOST_CONNECTIONS: usize = 512;
const SLOWEST_HEADERS: Duration = Duration::from_secs(10);

/// Serves the ERP and lets it state what it has to, until the future is dropped; its connections end with it.
pub async fn serve(listener: TcpListener, erp: Erp) -> io::Result<()> {
    tokio::select! {
        ended = accept(listener, erp.router()) => ended,
        () = erp.run() => Ok(()),
    }
}

/// Serves the WMS and lets it state what it has to, until the future is dropped; its connections end with it.
pub async fn serve_wms(listener: TcpListener, wms: Wms) -> io::Result<()> {
    tokio::select! {
        ended = accept(listener, wms.router()) => ended,
        () = wms.run() => Ok(()),
    }
}

/// Serves the Oracle WMS and lets it tell what it has to, until the future is dropped; its connections end with it.
pub async fn serve_oracle_wms(listener: TcpListener, wms: OracleWms) -> io::Result<()> {
    tokio::select! {
        ended = accept(listener, wms.router()) => ended,
        () = wms.run() => Ok(()),
    }
}

/// Serves the programs behind webhook endpoints until the future is dropped; its connections end with it.
pub async fn serve_hooks(listener: TcpListener, hooks: Hooks) -> io::Result<()> {
    accept(listener, hooks.router()).await
}

/// Serves the SAP until the future is dropped; its connections end with it.
pub async fn serve_sap(listener: TcpListener, sap: Sap) -> io::Result<()> {
    accept(listener, sap.router()).await
}

async fn accept(listener: TcpListener, router: Router) -> io::Result<()> {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let permit = Arc::clone(&room).acquire_owned().await.map_err(io::Error::other)?;
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((socket, _)) => {
                connections.spawn(connection(socket, router.clone(), permit));
            }
            // One that gave up before we took it, or no file descriptors for a moment.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn connection(socket: TcpStream, router: Router, _permit: OwnedSemaphorePermit) {
    let service = service_fn(move |request| answer(router.clone(), request));
    // Ends with an error when the caller goes away or when we were told to drop it: both are expected.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(SLOWEST_HEADERS)
        .serve_connection(TokioIo::new(socket), service)
        .await;
}

/// An error makes hyper close the connection without an answer.
async fn answer(router: Router, request: hyper::Request<Incoming>) -> Result<Response, Dropped> {
    let answered: Result<Response, Infallible> = router.oneshot(request.map(Body::new)).await;
    let Ok(response) = answered;
    match response.extensions().get::<DropConnection>() {
        Some(DropConnection) => Err(Dropped),
        None => Ok(response),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("told to drop the connection")]
struct Dropped;
