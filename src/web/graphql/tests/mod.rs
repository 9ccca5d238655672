//! The transports, tried over real connections with the toy schema.

mod http;
mod sse;
mod websocket;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::toy::{Toy, ToyApi};
use super::{Endpoint, Settings};
use crate::web::server::{Lifetime, Limits, serve};

struct Server {
    address: SocketAddr,
    toy: Toy,
    seconds: Arc<AtomicU64>,
    stop: CancellationToken,
    serving: JoinHandle<bool>,
    client: reqwest::Client,
}

impl Server {
    async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        // Whichever test is first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (toy, stop, seconds) = (Toy::default(), CancellationToken::new(), Arc::new(AtomicU64::new(0)));
        let lifetime = Lifetime::until(stop.clone());
        let clock = {
            let seconds = Arc::clone(&seconds);
            Arc::new(move || Duration::from_secs(seconds.load(Ordering::Relaxed)))
        };
        let endpoint = Endpoint::new(ToyApi::new(toy.clone()), settings, clock, lifetime.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(serve(listener, endpoint.router(), Limits::default(), lifetime));
        Self { address, toy, seconds, stop, serving, client: reqwest::Client::new() }
    }

    fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    /// A request with a token, by the media type with the stricter rules.
    fn post(&self, query: &str) -> reqwest::RequestBuilder {
        self.anonymous(query).bearer_auth("good")
    }

    fn anonymous(&self, query: &str) -> reqwest::RequestBuilder {
        let request = self.client.post(self.url()).header("accept", "application/graphql-response+json");
        request.json(&json!({ "query": query }))
    }
}

/// Status, headers and JSON of a reply.
async fn reply(request: reqwest::RequestBuilder) -> (u16, reqwest::header::HeaderMap, Value) {
    let reply = request.send().await.unwrap();
    let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
    (status, headers, reply.json().await.unwrap())
}

/// Status and the code of the first error.
async fn refusal(request: reqwest::RequestBuilder) -> (u16, String) {
    let (status, _, body) = reply(request).await;
    (status, body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned())
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}
