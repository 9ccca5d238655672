//! What the operator may tune; the defaults are what a deployment should run with.

use std::net::IpAddr;
use std::time::Duration;

use quayside_graphql::guard::Limits;

use super::throttle::Allowance;

/// Limits of the endpoint, and whom it trusts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Of one document.
    pub limits: Limits,
    /// Of one caller over time.
    pub allowance: Allowance,
    /// Origins whose pages may use a visitor's session besides our own, as `https://portal.example`.
    pub origins: Vec<String>,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Length of a request body.
    pub body_bytes: usize,
    /// For the whole body to arrive.
    pub body_time: Duration,
    /// Length of a reply.
    pub reply_bytes: usize,
    /// Errors in a reply.
    pub errors: usize,
    /// For a query or a mutation to finish.
    pub execution_time: Duration,
    /// Between comments on a silent event stream.
    pub keep_alive: Duration,
    /// Sockets and event streams open at once for one bucket.
    pub streams_per_bucket: usize,
    /// Of one WebSocket.
    pub socket: SocketLimits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            allowance: Allowance::default(),
            origins: Vec::new(),
            trusted_proxies: Vec::new(),
            body_bytes: 256 * 1024,
            body_time: Duration::from_secs(10),
            reply_bytes: 8 * 1024 * 1024,
            errors: 50,
            execution_time: Duration::from_secs(10),
            keep_alive: Duration::from_secs(12),
            streams_per_bucket: 20,
            socket: SocketLimits::default(),
        }
    }
}

/// Limits of one WebSocket.
#[derive(Clone, Copy, Debug)]
pub struct SocketLimits {
    /// Length of a message to us.
    pub message_bytes: usize,
    /// For `connection_init` to arrive and to be answered.
    pub init: Duration,
    /// Operations running at once.
    pub operations: usize,
    /// Between pings; a socket silent from one to the next is closed.
    pub ping: Duration,
    /// For the client to take one message.
    pub send: Duration,
}

impl Default for SocketLimits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            message_bytes: 64 * 1024,
            init: seconds(5),
            operations: 100,
            ping: seconds(20),
            send: seconds(5),
        }
    }
}
