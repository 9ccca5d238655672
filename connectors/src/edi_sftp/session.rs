//! One login, some work, and the end of the session, on a thread that may block.
//!
//! Time is bounded twice. Each answer of the server may take as long as a call by HTTP. The whole may take
//! [`CALLS`] times as long; then the socket is closed under it, so that whatever it does there fails at once and says
//! how far it came. The same happens when whoever waits for it gives up.
use std::net::{Shutdown, TcpStream};

use super::{Settings, remote::Remote};
use crate::drop_folder::PlaceError;
use crate::{DeliveryError, Http};
use std::sync::Arc;

/// How many times as long as one call the whole may take: less than a poll has.
const CALLS: u32 = 6;

/// Closes the socket when it is dropped.
struct Line(TcpStream);

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// Logs in and does the work.
///
/// # Errors
/// The work was not begun, or it is unknown how far it came.
pub(super) async fn with<T: Send + 'static>(
    http: &Http,
    settings: &Arc<Settings>,
    work: impl AsyncFnOnce(&Remote) -> T + Send + 'static,
) -> Result<T, DeliveryError> {
    let socket = http.connect(&settings.config.host, settings.config.port).await?;
    let prepared = socket.into_std().and_then(|socket| Ok((Line(socket.try_clone()?), socket)));
    let (line, socket) = prepared.map_err(|error| PlaceError::Away(error.to_string()).before())?;
    let (settings, patience, runtime) =
        (settings.clone(), http.deadline(), tokio::runtime::Handle::current());
    let span = tracing::Span::current();
    let mut running = tokio::task::spawn_blocking(move || {
        let _entered = span.enter();
        let remote = Remote::open(settings, socket, patience)?;
        Ok::<T, PlaceError>(runtime.block_on(work(&remote)))
    });
    let done = match tokio::time::timeout(patience * CALLS, &mut running).await {
        Ok(done) => done,
        Err(_) => {
            drop(line);
            running.await
        }
    };
    match done {
        Ok(done) => done.map_err(PlaceError::before),
        Err(panic) => Err(DeliveryError::unconfirmed(panic.to_string())),
    }
}
