//! A vendor on a socket: it does what its contract says, and spoils what it is told to spoil.
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::net::TcpListener;

use super::trouble::{Timing, Trouble};
use crate::stub::{Say, play, read_request};

/// A request as the vendor reads it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// `POST`, `GET` …
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: String,
}

impl Request {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let mut first = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        let (method, target) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
        Self { method, target, headers, body: body.to_owned() }
    }

    /// A header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// All of it, as a vendor with a careless error page would show it.
    pub(super) fn echo(&self) -> String {
        let headers: Vec<String> =
            self.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        format!("{} {} {} {}", self.method, self.target, headers.join("; "), self.body)
    }
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A token, a session, a question asked before the call itself. Never spoilt.
    Aside,
    /// What makes the document.
    Write,
    /// A question: the read-back, a test, a poll.
    Read,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    /// The status.
    pub(crate) status: u16,
    /// More headers, each with its line end.
    pub(crate) headers: String,
    /// The body.
    pub(crate) body: String,
}

impl Said {
    /// Without headers of its own.
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: String::new(), body: body.into() }
    }
}

/// A vendor by its contract, in as few lines as will do.
pub(crate) trait Vendor: Send {
    /// What a request is for.
    fn role(&self, request: &Request) -> Role;

    /// Does what was asked and says so.
    fn answer(&mut self, request: &Request) -> Said;

    /// How many changes it made. A delivery may need several: how many is seen where nothing goes wrong.
    fn effects(&self) -> usize;

    /// What it has now, without numbers that it counts up and versions.
    fn books(&self) -> Value;
}

/// A vendor that is spoken to.
pub(super) struct Played {
    pub(super) base: String,
    state: Arc<Mutex<State>>,
    task: tokio::task::JoinHandle<()>,
}

struct State {
    vendor: Box<dyn Vendor>,
    trouble: Option<(Role, Trouble)>,
    requests: Vec<(Role, Request)>,
}

impl Played {
    pub(super) async fn start(vendor: Box<dyn Vendor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { vendor, trouble: None, requests: Vec::new() }));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                let text = read_request(&mut socket).await;
                let say = hear(&shared, &Request::read(&text));
                held.extend(play(socket, &say).await);
            }
        });
        Self { base, state, task }
    }

    /// Spoils every request of the role from now on.
    pub(super) fn spoil(&self, role: Role, trouble: Trouble) {
        self.lock().trouble = Some((role, trouble));
    }

    pub(super) fn heal(&self) {
        self.lock().trouble = None;
    }

    pub(super) fn effects(&self) -> usize {
        self.lock().vendor.effects()
    }

    pub(super) fn books(&self) -> Value {
        self.lock().vendor.books()
    }

    /// How many requests of the role it heard.
    pub(super) fn heard(&self, role: Role) -> usize {
        self.lock().requests.iter().filter(|(heard, _)| *heard == role).count()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Played {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn hear(state: &Mutex<State>, request: &Request) -> Say {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let role = state.vendor.role(request);
    state.requests.push((role, request.clone()));
    let trouble =
        state.trouble.as_ref().filter(|(spoilt, _)| *spoilt == role).map(|(_, trouble)| trouble.clone());
    let Some(trouble) = trouble else { return say(&state.vendor.answer(request)) };
    if trouble.timing == Timing::AfterTheEffect {
        state.vendor.answer(request);
    }
    (trouble.say)(request)
}

fn say(said: &Said) -> Say {
    Say::answer(said.status, &said.headers, &said.body)
}
