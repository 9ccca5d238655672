//! The `graphql-transport-ws` protocol, to the letter: the library's own loop answers validation failures, bad messages and
//! repeated ids otherwise than the protocol says, and has no timer for a silent client.
//!
//! One task serves one socket and does one thing at a time, so a client that reads slowly stops its own operations and,
//! after a while, its socket; nothing is queued for it.

mod protocol;
mod session;

use std::sync::Arc;

use axum::extract::WebSocketUpgrade;
use axum::response::Response;

use super::credentials::{Credentials, Site};
use super::negotiate::Media;
use super::refusal::Refusal;
use super::{Api, Endpoint};
use crate::web::headers::Ids;
use session::Session;

const PROTOCOL: &str = "graphql-transport-ws";

/// Buffers are per socket, and the library's default of 128 KiB each would make idle sockets dear.
const READ_BUFFER: usize = 4 * 1024;
const WRITE_BUFFER: usize = 4 * 1024;

/// Answers the upgrade and serves the socket until it closes.
pub(super) fn upgrade<A: Api>(
    endpoint: Arc<Endpoint<A>>,
    upgrade: WebSocketUpgrade,
    credentials: Credentials,
    site: Site,
    ids: Ids,
) -> Response {
    let message = endpoint.settings.socket.message_bytes;
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(endpoint.settings.reply_bytes + 64 * 1024)
        .max_message_size(message)
        .max_frame_size(message);
    if upgrade.selected_protocol().is_none() {
        let refusal = Refusal::Malformed("The socket must ask for the protocol graphql-transport-ws");
        return endpoint.refuse(Media::Json, refusal, &ids, None);
    }
    let running = endpoint.lifetime.stream();
    upgrade.on_upgrade(async move |socket| {
        Session::new(endpoint, socket, credentials, site, ids).run().await;
        drop(running);
    })
}
