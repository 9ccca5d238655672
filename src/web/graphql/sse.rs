//! Results as server-sent events, in the distinct connections mode of graphql-sse: one operation, one stream of `next`
//! and a `complete` at its end. A stream cut by a stop of the server says so in a comment and has no `complete`, so that the
//! client comes again.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use tokio::time::sleep;

use super::admit::Admitted;
use super::negotiate::Media;
use super::refusal::Refusal;
use super::reply::{Told, tell, tell_refusal};
use super::seats::Seat;
use super::{Api, Endpoint};

/// The empty `data` is needed: a browser drops an event without any.
const COMPLETE: &str = "event: complete\ndata:\n\n";

/// A comment, so that no proxy takes a silent stream for a dead one, and we learn of a client that went.
const KEEP_ALIVE: Bytes = Bytes::from_static(b":\n\n");

/// The last thing said before the connection goes. Only people read it; a client comes again because nothing is complete.
const FAREWELL: Bytes = Bytes::from_static(b": the server stops, come again with the last cursor\n\n");

/// A stream of one result.
pub(super) fn single(told: &Told) -> Response {
    let mut events = next(told).to_vec();
    events.extend_from_slice(COMPLETE.as_bytes());
    reply(Body::from(events))
}

/// A stream of a subscription's results, while the caller's credentials hold and the server runs.
pub(super) fn subscribe<A: Api>(
    endpoint: &Arc<Endpoint<A>>,
    caller: A::Caller,
    admitted: Admitted,
) -> Result<Response, Refusal> {
    let seat = endpoint.seats.take(endpoint.api.bucket(&caller)).ok_or(Refusal::TooManyStreams)?;
    let (ids, bill, pause) = (admitted.call.ids.clone(), admitted.bill, endpoint.settings.keep_alive);
    let results = endpoint.api.stream(&caller, admitted.call);
    let results = results.map({
        let (endpoint, ids) = (Arc::clone(endpoint), ids.clone());
        move |result| tell(result, &ids, None, &endpoint.settings)
    });
    let guardian = Arc::clone(endpoint);
    let ended = async move {
        guardian.api.ended(&caller).await;
        tell_refusal(Refusal::Unauthenticated { session: false }, &ids, None, &guardian.settings)
    };
    let events = Events { results: results.boxed(), ended: ended.boxed(), pause, _seat: seat };
    let events = events.until_over().chain(stream::once(async { Bytes::from_static(COMPLETE.as_bytes()) }));
    let (stopped, farewell) = (Arc::clone(endpoint), Arc::clone(endpoint));
    let farewell = stream::once(async move { farewell.lifetime.is_stopping().then_some(FAREWELL) });
    let events = events.take_until(async move { stopped.lifetime.stopping().await });
    let events = events.chain(farewell.filter_map(std::future::ready));
    let mut reply = reply(Body::from_stream(events.map(Ok::<_, Infallible>)));
    bill.write(reply.headers_mut());
    Ok(reply)
}

/// What an open stream waits for. Its place is free again when it is dropped, whoever ended it.
struct Events {
    results: BoxStream<'static, Told>,
    /// Resolves to the last that is told when the credentials no longer hold.
    ended: BoxFuture<'static, Told>,
    pause: Duration,
    _seat: Seat,
}

impl Events {
    fn until_over(self) -> impl Stream<Item = Bytes> + Send {
        stream::unfold(Some(self), async |open| {
            let mut open = open?;
            tokio::select! {
                last = &mut open.ended => Some((next(&last), None)),
                result = open.results.next() => result.map(|told| (next(&told), Some(open))),
                () = sleep(open.pause) => Some((KEEP_ALIVE, Some(open))),
            }
        })
    }
}

fn next(told: &Told) -> Bytes {
    // JSON as it is written has no line breaks, so it is one line of data.
    [b"event: next\ndata: ", told.json.as_slice(), b"\n\n"].concat().into()
}

fn reply(body: Body) -> Response {
    let mut reply = Response::new(body);
    let content_type = HeaderValue::from_static(Media::EventStream.content_type());
    reply.headers_mut().insert(header::CONTENT_TYPE, content_type);
    reply
}
