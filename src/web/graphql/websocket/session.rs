//! One socket from its first message to its close.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{self, AbortHandle, Abortable, BoxStream, SelectAll, StreamExt};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use uuid::Uuid;

use super::protocol::{self, ClientMessage, End};
use crate::web::graphql::admit::{Admitted, Arrival};
use crate::web::graphql::credentials::{Credentials, Presented, Site};
use crate::web::graphql::params::Params;
use crate::web::graphql::refusal::Refusal;
use crate::web::graphql::reply::{Told, tell, tell_refusal};
use crate::web::graphql::seats::Seat;
use crate::web::graphql::{Api, Endpoint};
use crate::web::headers::Ids;

/// For the client to answer our close, so that it reads it before the connection goes.
const FAREWELL: Duration = Duration::from_secs(2);

pub(super) struct Session<A: Api> {
    endpoint: Arc<Endpoint<A>>,
    socket: WebSocket,
    credentials: Credentials,
    site: Site,
    ids: Ids,
    /// What runs, to be stopped by its id, and what it says.
    operations: HashMap<String, AbortHandle>,
    results: SelectAll<BoxStream<'static, Outgoing>>,
}

/// A message about an operation.
struct Outgoing {
    id: String,
    text: String,
    last: bool,
}

impl<A: Api> Session<A> {
    pub(super) fn new(
        endpoint: Arc<Endpoint<A>>,
        socket: WebSocket,
        credentials: Credentials,
        site: Site,
        ids: Ids,
    ) -> Self {
        let (operations, results) = (HashMap::new(), SelectAll::new());
        Self { endpoint, socket, credentials, site, ids, operations, results }
    }

    pub(super) async fn run(mut self) {
        let end = match self.greet().await {
            Ok((caller, seat)) => {
                let end = self.serve(&caller).await;
                drop(seat);
                end
            }
            Err(end) => end,
        };
        tracing::debug!(request.id = %self.ids.request, ?end, "a socket ends");
        self.operations.clear();
        self.results.clear();
        if let End::Close(code, reason) = end {
            self.close(code, &reason).await;
        }
    }

    /// Waits for the client to say who it is, not for long.
    async fn greet(&mut self) -> Result<(A::Caller, Seat), End> {
        let (endpoint, patience) = (Arc::clone(&self.endpoint), self.endpoint.settings.socket.init);
        let greeting = async {
            let payload = loop {
                match read(self.socket.recv().await)? {
                    Some(ClientMessage::ConnectionInit { payload }) => break payload,
                    Some(ClientMessage::Subscribe { .. }) => return Err(End::UNAUTHORIZED),
                    Some(ClientMessage::Ping { payload }) => self.send(protocol::pong(&payload)).await?,
                    Some(ClientMessage::Pong { .. } | ClientMessage::Complete { .. }) | None => {}
                }
            };
            if let Some(token) = payload.as_ref().and_then(protocol::authorization) {
                self.credentials.presented = Presented::authorization(token);
            }
            let caller = endpoint.identify(&self.credentials, self.site).await.map_err(|_| End::FORBIDDEN)?;
            let seat = endpoint.seats.take(endpoint.api.bucket(&caller)).ok_or(End::TOO_MANY_SOCKETS)?;
            self.send(protocol::CONNECTION_ACK.to_owned()).await?;
            Ok((caller, seat))
        };
        tokio::select! {
            greeted = timeout(patience, greeting) => greeted.unwrap_or(Err(End::INIT_TIMEOUT)),
            () = endpoint.lifetime.stopping() => Err(End::GOING_AWAY),
        }
    }

    /// Serves the socket until there is a reason to end.
    async fn serve(&mut self, caller: &A::Caller) -> End {
        let endpoint = Arc::clone(&self.endpoint);
        let pause = endpoint.settings.socket.ping;
        let mut ping = interval_at(Instant::now() + pause, pause);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = true;
        let mut ended = endpoint.api.ended(caller);
        loop {
            let step = tokio::select! {
                () = &mut ended => Err(End::SESSION_ENDED),
                () = endpoint.lifetime.stopping() => Err(End::GOING_AWAY),
                frame = self.socket.recv() => {
                    heard = true;
                    match read(frame) {
                        Ok(Some(message)) => self.obey(caller, message).await,
                        other => other.map(drop),
                    }
                }
                Some(outgoing) = self.results.next(), if !self.results.is_empty() => self.forward(outgoing).await,
                _ = ping.tick() => match std::mem::take(&mut heard) {
                    true => self.transmit(Message::Ping(Vec::new().into())).await,
                    false => Err(End::Gone),
                },
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn obey(&mut self, caller: &A::Caller, message: ClientMessage) -> Result<(), End> {
        match message {
            ClientMessage::ConnectionInit { .. } => Err(End::TOO_MANY_INITS),
            ClientMessage::Ping { payload } => self.send(protocol::pong(&payload)).await,
            ClientMessage::Pong { .. } => Ok(()),
            ClientMessage::Subscribe { id, payload } => self.subscribe(caller, id, payload).await,
            ClientMessage::Complete { id } => {
                if let Some(operation) = self.operations.remove(&id) {
                    operation.abort();
                }
                Ok(())
            }
        }
    }

    async fn subscribe(&mut self, caller: &A::Caller, id: String, params: Params) -> Result<(), End> {
        if self.operations.contains_key(&id) {
            return Err(End::duplicate(&id));
        }
        let ids = Ids { request: Uuid::now_v7().to_string(), correlation: self.ids.correlation.clone() };
        let admitted = if self.operations.len() >= self.endpoint.settings.socket.operations {
            Err((Refusal::TooManyOperations, None))
        } else {
            let arrival = Arrival {
                ids: ids.clone(),
                client: self.credentials.client,
                idempotency_key: None,
                reading_only: false,
            };
            let admitted = self.endpoint.admit(caller, params, &arrival);
            admitted.map_err(|refused| (refused.refusal, Some(refused.bill)))
        };
        match admitted {
            Ok(admitted) => {
                self.start(caller, id, admitted);
                Ok(())
            }
            Err((refusal, bill)) => {
                let told = tell_refusal(refusal, &ids, bill.as_ref(), &self.endpoint.settings);
                self.send(protocol::result(&id, &told)).await
            }
        }
    }

    fn start(&mut self, caller: &A::Caller, id: String, admitted: Admitted) {
        let results = match admitted.call.kind {
            OperationType::Subscription => self.events(caller, admitted),
            OperationType::Query | OperationType::Mutation => self.answer(caller.clone(), admitted),
        };
        let said = results.map({
            let id = id.clone();
            move |told| Outgoing { text: protocol::result(&id, &told), last: !told.ran, id: id.clone() }
        });
        let finished = Outgoing { text: protocol::complete(&id), last: true, id: id.clone() };
        let (handle, registration) = AbortHandle::new_pair();
        let said = said.chain(stream::iter([finished]));
        self.results.push(Abortable::new(said, registration).boxed());
        self.operations.insert(id, handle);
    }

    fn events(&self, caller: &A::Caller, admitted: Admitted) -> BoxStream<'static, Told> {
        let (endpoint, ids) = (Arc::clone(&self.endpoint), admitted.call.ids.clone());
        let events = self.endpoint.api.stream(caller, admitted.call);
        events.map(move |event| tell(event, &ids, None, &endpoint.settings)).boxed()
    }

    fn answer(&self, caller: A::Caller, admitted: Admitted) -> BoxStream<'static, Told> {
        let (endpoint, ids) = (Arc::clone(&self.endpoint), admitted.call.ids.clone());
        let answer = async move {
            let (result, bill) = endpoint.run(&caller, admitted).await;
            match result {
                Ok(response) => tell(response, &ids, Some(&bill), &endpoint.settings),
                Err(refusal) => tell_refusal(refusal, &ids, Some(&bill), &endpoint.settings),
            }
        };
        stream::once(answer).boxed()
    }

    /// Sends what an operation said. Nothing more comes from it after its last word.
    async fn forward(&mut self, outgoing: Outgoing) -> Result<(), End> {
        if outgoing.last
            && let Some(operation) = self.operations.remove(&outgoing.id)
        {
            operation.abort();
        }
        self.send(outgoing.text).await
    }

    async fn send(&mut self, text: String) -> Result<(), End> {
        self.transmit(Message::Text(text.into())).await
    }

    /// A client that does not take a message in time is not listening.
    async fn transmit(&mut self, message: Message) -> Result<(), End> {
        match timeout(self.endpoint.settings.socket.send, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }

    async fn close(&mut self, code: u16, reason: &str) {
        let frame = CloseFrame { code, reason: reason.into() };
        if self.transmit(Message::Close(Some(frame))).await.is_ok() {
            let answered = async { while let Some(Ok(_)) = self.socket.recv().await {} };
            // Waited long enough: the connection goes either way.
            let _ = timeout(FAREWELL, answered).await;
        }
    }
}

/// The message in a frame, or nothing when the frame carries none.
fn read(frame: Option<Result<Message, axum::Error>>) -> Result<Option<ClientMessage>, End> {
    match frame {
        Some(Ok(Message::Text(text))) => ClientMessage::read(&text).map(Some),
        Some(Ok(Message::Binary(_))) => Err(End::INVALID),
        // The library answers pings and closes by itself, the latter when it is asked for the next frame, of which there
        // is none.
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_))) => Ok(None),
        None => Err(End::Gone),
        // A message over the limit, or no WebSocket at all: telling the second from the first would need the library
        // under the library, and whoever cannot read the close is none the worse.
        Some(Err(_)) => Err(End::TOO_LONG),
    }
}
