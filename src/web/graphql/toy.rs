//! A schema and an application just large enough to try every path of the transports.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_graphql::{
    Context, Error, ErrorExtensions, Object, Response, Schema, SimpleObject, Subscription, value,
};
use async_trait::async_trait;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use tokio_util::sync::CancellationToken;

use super::{Api, Call, Credentials, NoCaller, Presented};

/// What tests see and move.
#[derive(Clone, Default)]
pub(crate) struct Toy {
    /// How often `bump` ran.
    pub(crate) bumps: Arc<AtomicUsize>,
    /// How many `forever` streams are open.
    pub(crate) open: Arc<AtomicUsize>,
    /// Ends every session and token.
    pub(crate) logout: CancellationToken,
    /// The correlation ids that were seen.
    pub(crate) seen: Arc<Mutex<HashSet<String>>>,
}

type ToySchema = Schema<Query, Mutation, Events>;

pub(crate) struct ToyApi {
    toy: Toy,
    schema: ToySchema,
}

impl ToyApi {
    pub(crate) fn new(toy: Toy) -> Self {
        let schema = Schema::build(Query, Mutation, Events).data(toy.clone()).finish();
        Self { toy, schema }
    }
}

/// `anonymous` or the token itself.
#[derive(Clone)]
pub(crate) struct Caller(String);

struct IdempotencyKey(Option<String>);

#[async_trait]
impl Api for ToyApi {
    type Caller = Caller;

    async fn caller(&self, credentials: &Credentials) -> Result<Caller, NoCaller> {
        match &credentials.presented {
            Presented::Nothing => Ok(Caller("anonymous".into())),
            Presented::Bearer(token) if token.expose().starts_with("good") => {
                Ok(Caller(token.expose().into()))
            }
            Presented::Session(session) if session.expose() == "alive" => Ok(Caller("session".into())),
            Presented::Bearer(_) | Presented::Session(_) | Presented::Unusable => {
                Err(NoCaller::Unauthenticated)
            }
        }
    }

    async fn execute(&self, caller: &Caller, call: Call) -> Response {
        self.toy.seen.lock().unwrap().insert(call.ids.correlation);
        let request = call.request.data(caller.clone()).data(IdempotencyKey(call.idempotency_key));
        let response = self.schema.execute(request).await;
        if call.root_fields == ["replay"] {
            response.extension("idempotentReplay", value!(true))
        } else {
            response
        }
    }

    fn stream(&self, caller: &Caller, call: Call) -> BoxStream<'static, Response> {
        self.schema.execute_stream(call.request.data(caller.clone()))
    }

    async fn ended(&self, caller: &Caller) {
        match caller.0.as_str() {
            "anonymous" => std::future::pending().await,
            _ => self.toy.logout.cancelled().await,
        }
    }

    fn bucket(&self, caller: &Caller) -> String {
        caller.0.clone()
    }

    fn may_introspect(&self, caller: &Caller) -> bool {
        caller.0 != "anonymous"
    }
}

#[derive(SimpleObject)]
pub(crate) struct Item {
    id: i32,
}

#[derive(SimpleObject)]
pub(crate) struct Items {
    nodes: Vec<Item>,
}

fn items(first: i32) -> Items {
    Items { nodes: (0..first).map(|id| Item { id }).collect() }
}

pub(crate) struct Query;

#[Object]
impl Query {
    async fn hello(&self, name: Option<String>) -> String {
        format!("hello {}", name.unwrap_or_else(|| "world".into()))
    }

    async fn viewer(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(ctx.data::<Caller>()?.0.clone())
    }

    /// At most three, whatever is asked for.
    async fn items(&self, first: i32) -> Items {
        items(first.min(3))
    }

    async fn refused(&self) -> async_graphql::Result<Option<String>> {
        Err(Error::new("No").extend_with(|_, extensions| extensions.set("code", "FORBIDDEN")))
    }

    async fn broken(&self) -> async_graphql::Result<Option<String>> {
        Err(std::io::Error::other("the disk at /var/lib says no").into())
    }

    async fn never(&self) -> bool {
        std::future::pending().await
    }

    async fn long(&self, bytes: usize) -> String {
        "x".repeat(bytes)
    }
}

pub(crate) struct Mutation;

#[Object]
impl Mutation {
    async fn bump(&self, ctx: &Context<'_>) -> async_graphql::Result<usize> {
        Ok(ctx.data::<Toy>()?.bumps.fetch_add(1, Ordering::Relaxed) + 1)
    }

    async fn key(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        Ok(ctx.data::<IdempotencyKey>()?.0.clone())
    }

    async fn replay(&self) -> bool {
        true
    }

    async fn sign_in(&self, ctx: &Context<'_>) -> bool {
        ctx.append_http_header("set-cookie", "__Host-quayside_session=alive; Path=/; Secure; HttpOnly");
        true
    }
}

pub(crate) struct Events;

/// Counts an open stream for as long as it lives.
struct Opened(Toy);

impl Opened {
    fn new(toy: &Toy) -> Self {
        toy.open.fetch_add(1, Ordering::Relaxed);
        Self(toy.clone())
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[Subscription]
impl Events {
    async fn ticks(&self, n: i32) -> impl Stream<Item = i32> {
        stream::iter(0..n)
    }

    /// One page, and then nothing more, for ever.
    async fn events(&self, ctx: &Context<'_>) -> async_graphql::Result<impl Stream<Item = Items> + use<>> {
        let opened = Opened::new(ctx.data::<Toy>()?);
        let silence = stream::pending().map(move |page| {
            let _held = &opened;
            page
        });
        Ok(stream::iter([items(2)]).chain(silence))
    }

    /// As much as the client can take.
    async fn flood(&self) -> impl Stream<Item = String> {
        stream::repeat_with(|| "x".repeat(64 * 1024))
    }

    async fn forbidden(&self) -> async_graphql::Result<impl Stream<Item = i32> + use<>> {
        let refused: Result<stream::Empty<i32>, Error> = Err(Error::new("No"));
        refused
    }
}
