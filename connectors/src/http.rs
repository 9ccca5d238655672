//! The only way out. Time limits, size limits, the private-address check, correlation headers, redaction
//! and the reading of common statuses live here once, so that no connector can forget one.
//!
//! One [`Http`] serves all connections of a process and keeps their sockets open between calls.
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use reqwest::{Method, Url};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::attempt::{Attempted, Exchange};
use crate::delivery::{DeliveryError, Errand};
use crate::folders::Folders;
use crate::secret::Secret;
use crate::text::one_line;
use guard::{AllowList, GuardedResolver, Network, ResolveError};

pub(crate) mod guard;
mod outcome;
mod redact;
#[cfg(test)]
mod tests;

pub use outcome::{Answer, Reply};

const PRODUCT: &str = concat!("Quayside/", env!("CARGO_PKG_VERSION"));
/// Bytes read of an answer; the rest stays unread and the connection is closed.
const LONGEST_ANSWER: usize = 1024 * 1024;
/// Shorter than the keep-alive of common servers, so that we rarely write to a socket they just closed.
const IDLE: Duration = Duration::from_secs(20);

/// Limits of every call.
#[derive(Debug, Clone, Copy)]
pub struct HttpSettings {
    /// For the whole attempt, from connecting to the last byte of the answer.
    pub deadline: Duration,
    /// For resolving the name and opening the connection.
    pub connect_timeout: Duration,
    /// Where calls may go.
    pub network: Network,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(15),
            connect_timeout: Duration::from_secs(5),
            network: Network::default(),
        }
    }
}

/// The client could not be made: this machine has no usable root certificates.
#[derive(Debug, thiserror::Error)]
#[error("cannot prepare outgoing HTTPS")]
pub struct HttpSetupError(#[from] reqwest::Error);

/// The HTTP client of all connectors. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    settings: HttpSettings,
    allowed: AllowList,
    folders: Folders,
}

impl Http {
    /// Prepares the client; installs ring as the process's TLS provider unless one is there already.
    pub fn new(settings: HttpSettings) -> Result<Self, HttpSetupError> {
        Self::build(settings, AllowList::default(), Folders::default())
    }

    /// A client with sockets of its own that may also call the private addresses in `allowed`: for the one tenant
    /// whose they are.
    pub fn allowing(&self, allowed: AllowList) -> Result<Self, HttpSetupError> {
        Self::build(self.settings, allowed, self.folders.clone())
    }

    /// The same client for whoever may also use the folders in `folders`: for the one tenant whose they are.
    #[must_use]
    pub fn within(self, folders: Folders) -> Self {
        Self { folders, ..self }
    }

    /// The folders of this machine that may be used.
    pub fn folders(&self) -> &Folders {
        &self.folders
    }

    fn build(settings: HttpSettings, allowed: AllowList, folders: Folders) -> Result<Self, HttpSetupError> {
        // Fails only if a provider is installed, which is what we want.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .dns_resolver(GuardedResolver(settings.network, allowed.clone()))
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.deadline)
            .pool_idle_timeout(IDLE)
            .build()?;
        Ok(Self { client, settings, allowed, folders })
    }

    /// Whether `url` may be called, as far as can be said without resolving its name.
    pub fn check(&self, url: &Url) -> Result<(), guard::Forbidden> {
        self.settings.network.check_within(url, &self.allowed)
    }

    /// What forbids calling the address in `text`; nothing when it is none.
    pub fn forbids(&self, text: &str) -> Option<guard::Forbidden> {
        Url::parse(text).ok().and_then(|url| self.check(&url).err())
    }

    /// Whether a host may be called by a protocol of its own, as far as can be said without resolving its name.
    pub(crate) fn check_host(&self, host: &str) -> Result<(), guard::Forbidden> {
        self.settings.network.check_host(host, &self.allowed)
    }

    /// Opens a connection for a protocol of its own, to an address that was checked.
    ///
    /// # Errors
    /// Nothing was sent.
    pub(crate) async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, DeliveryError> {
        let opening = async {
            let addresses = self.settings.network.resolve(host, port, &self.allowed).await?;
            Ok(TcpStream::connect(addresses.as_slice()).await?)
        };
        let reason = match tokio::time::timeout(self.settings.connect_timeout, opening).await {
            Ok(Ok(line)) => return Ok(line),
            Ok(Err(ResolveError::Forbidden(forbidden))) => return Err(forbidden.into()),
            Ok(Err(ResolveError::Unknown(error))) => one_line(&error.to_string(), 200),
            Err(_) => "time-out".to_owned(),
        };
        Err(DeliveryError::Retry { reason: format!("could not connect: {reason}"), after: None })
    }

    /// How long a call may take.
    pub(crate) const fn deadline(&self) -> Duration {
        self.settings.deadline
    }

    /// Makes one call. A success is a complete 2xx or a 4xx for the connector to read; see [`Reply`].
    pub async fn send(&self, call: Call) -> Attempted<Reply> {
        self.exchange(call).await.and_then(Answer::judged)
    }

    /// Makes one call and gives the answer whatever its status is, for vendors whose statuses mean something of
    /// their own. What that does not explain, [`Answer::judged`] does.
    pub async fn exchange(&self, call: Call) -> Attempted<Answer> {
        if let Err(forbidden) = self.check(&call.url) {
            return Attempted::unsent(forbidden.into());
        }
        let started = Instant::now();
        let mut answer = self.talk(&call).await;
        let duration = started.elapsed();
        let credentials = call.credentials();
        if let Ok(answer) = &mut answer {
            // A receiver may show what it was sent, and a connector may quote the receiver.
            answer.body = redact::hide(std::mem::take(&mut answer.body), &credentials);
        }
        let exchange = record(&call, answer.as_ref().ok(), &credentials, duration);
        tracing::debug!(
            http.method = exchange.method,
            http.url = exchange.url,
            http.status = exchange.status,
            duration_ms = exchange.duration_ms,
            "called a receiver"
        );
        Attempted { outcome: answer, exchange: Some(exchange) }
    }

    async fn talk(&self, call: &Call) -> Result<Answer, DeliveryError> {
        let request =
            self.client.request(call.method.clone(), call.url.clone()).headers(call.headers.clone());
        let request = if call.body.is_empty() { request } else { request.body(call.body.clone()) };
        let mut response = request.send().await.map_err(|error| outcome::unanswered(&error))?;
        let (body, cut) = read(&mut response, call.enough).await;
        let headers = std::mem::take(response.headers_mut());
        Ok(Answer { status: response.status(), headers, body, cut, at: call.at })
    }
}

/// The body up to the limit, and why it ended early if it did. Having read enough is no early end.
async fn read(response: &mut reqwest::Response, enough: Option<usize>) -> (Vec<u8>, Option<String>) {
    let mut body = Vec::new();
    loop {
        if let Some(enough) = enough
            && body.len() >= enough
        {
            body.truncate(enough);
            return (body, None);
        }
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > LONGEST_ANSWER => {
                body.extend_from_slice(&chunk[..LONGEST_ANSWER - body.len()]);
                return (body, Some("its body is longer than 1 MiB".to_owned()));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return (body, None),
            Err(error) => return (body, Some(outcome::broken(&error))),
        }
    }
}

fn record(call: &Call, heard: Option<&Answer>, credentials: &[String], duration: Duration) -> Exchange {
    Exchange {
        method: call.method.to_string(),
        url: redact::url(&call.url),
        status: heard.map(|heard| heard.status.as_u16()),
        request: redact::message(&call.headers, &call.body, credentials),
        answer: heard.map(|heard| shown(heard, credentials)).unwrap_or_default(),
        duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
    }
}

/// Of the answer's headers only those that explain something.
fn shown(heard: &Answer, credentials: &[String]) -> String {
    let telling = [CONTENT_TYPE, RETRY_AFTER];
    let headers = telling
        .into_iter()
        .filter_map(|name| heard.headers.get(&name).cloned().map(|value| (name, value)))
        .collect();
    redact::message(&headers, &heard.body, credentials)
}

/// One request, complete with the headers every call carries.
#[derive(Debug, Clone)]
pub struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Secrets in the body.
    hidden: Vec<String>,
    enough: Option<usize>,
    at: chrono::DateTime<chrono::Utc>,
}

impl Call {
    /// A question.
    pub fn get(url: Url, errand: &Errand) -> Self {
        Self::new(Method::GET, url, errand)
    }

    /// A JSON document.
    pub fn post_json(url: Url, errand: &Errand, body: Vec<u8>) -> Self {
        Self::new(Method::POST, url, errand).body("application/json", body)
    }

    /// A request without a body.
    pub fn new(method: Method, url: Url, errand: &Errand) -> Self {
        let (body, hidden) = (Vec::new(), Vec::new());
        Self { method, url, headers: common_headers(errand), body, hidden, enough: None, at: errand.at }
    }

    /// Reads no more than so many bytes of the answer and does not wait for its end: for receivers whose body says
    /// nothing that their status does not.
    #[must_use]
    pub fn reading_at_most(mut self, bytes: usize) -> Self {
        self.enough = Some(bytes);
        self
    }

    /// The same with a body.
    #[must_use]
    pub fn body(mut self, media_type: &'static str, body: Vec<u8>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        self.body = body;
        self
    }

    /// Fields as a web form sends them.
    #[must_use]
    pub fn form<'a>(self, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body("application/x-www-form-urlencoded", body.into_bytes())
    }

    /// Says that this stands in the body, and that nothing may show it.
    #[must_use]
    pub fn hide(mut self, secret: &Secret) -> Self {
        let encoded: String = form_urlencoded::byte_serialize(secret.expose().as_bytes()).collect();
        self.hidden.extend([secret.expose().to_owned(), encoded]);
        self
    }

    /// All that must not be shown, the longest first.
    fn credentials(&self) -> Vec<String> {
        let mut found = redact::credentials(&self.headers);
        found.extend(self.hidden.iter().filter(|hidden| !hidden.is_empty()).cloned());
        found.sort_by_key(|credential| std::cmp::Reverse(credential.len()));
        found
    }

    /// What it looks like, without its headers: those carry credentials.
    pub fn preview(&self) -> Preview {
        Preview {
            method: self.method.to_string(),
            url: redact::url(&self.url),
            media_type: self
                .headers
                .get(CONTENT_TYPE)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
            body: String::from_utf8_lossy(&self.body).into_owned(),
        }
    }

    /// Adds a header the receiver needs; a value that cannot be one makes the delivery unmappable.
    pub fn header(mut self, name: &'static str, value: &str) -> Result<Self, DeliveryError> {
        self.headers.insert(HeaderName::from_static(name), header_value(name, value)?);
        Ok(self)
    }

    /// Adds a header that no log may show.
    pub fn secret_header(mut self, name: &'static str, value: &Secret) -> Result<Self, DeliveryError> {
        let mut value = header_value(name, value.expose())?;
        value.set_sensitive(true);
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }
}

/// A call that would be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The HTTP method.
    pub method: String,
    /// Where to, without query.
    pub url: String,
    /// What the body is, if there is one.
    pub media_type: Option<String>,
    /// The body, whole.
    pub body: String,
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, DeliveryError> {
    HeaderValue::from_str(value).map_err(|_| {
        DeliveryError::Unmappable(format!("the value for header `{name}` holds a forbidden character"))
    })
}

/// Who calls, and what it belongs to. An id that cannot be a header is left out: it only helps to search logs.
fn common_headers(errand: &Errand) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(PRODUCT));
    for (name, value) in [
        ("x-correlation-id", Some(&errand.correlation_id)),
        ("x-request-id", errand.request_id.as_ref()),
        ("traceparent", errand.traceparent.as_ref()),
    ] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}
