//! Who we are to SAP, and the sessions in which we write.
//!
//! A write needs a token that belongs to the cookies it came with. Two calls at once in one session break each
//! other's token, so a session is taken out of the pool for a write and put back after it: parallel writes have a
//! session each. Losing all of them costs one more call each.
use std::sync::Mutex;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use reqwest::header::{HeaderMap, SET_COOKIE};
use serde::Deserialize;

use super::config::{Auth, Config};
use super::services::{Question, Service, Write, address};
use super::trouble;
use crate::http::{Answer, Call, Reply};
use crate::secret::Secret;
use crate::{DeliveryError, Errand, Exchange, Http};

/// More than a communication user should use at once.
const MOST_IDLE: usize = 5;
/// A token is renewed this long before it expires.
const MARGIN: TimeDelta = TimeDelta::seconds(60);
const CSRF: &str = "x-csrf-token";

/// What a connection remembers of SAP while it lives.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    bearer: tokio::sync::Mutex<Option<Bearer>>,
    idle: Mutex<Vec<Session>>,
}

#[derive(Debug, Clone)]
struct Bearer {
    token: Secret,
    until: DateTime<Utc>,
}

#[derive(Debug)]
struct Session {
    service: Service,
    token: Secret,
    cookies: Secret,
}

impl Sessions {
    fn take(&self, service: Service) -> Option<Session> {
        let mut idle = self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let index = idle.iter().position(|session| session.service == service)?;
        Some(idle.swap_remove(index))
    }

    fn put(&self, session: Session) {
        let mut idle = self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(session);
        }
    }
}

/// A conversation with SAP about one errand. Remembers what was said last, for the attempt log.
pub(super) struct Talk<'a> {
    http: &'a Http,
    config: &'a Config,
    sessions: &'a Sessions,
    errand: &'a Errand,
    pub(super) last: Option<Exchange>,
}

/// How a write ended, if it did not fail.
pub(super) enum Written {
    /// Done, and what was said about it.
    Done { reply: Reply, etag: Option<String> },
    /// What it was based on is not so any more.
    Stale,
}

impl<'a> Talk<'a> {
    pub(super) fn new(
        http: &'a Http,
        config: &'a Config,
        sessions: &'a Sessions,
        errand: &'a Errand,
    ) -> Self {
        Self { http, config, sessions, errand, last: None }
    }

    /// Reads. Whatever goes wrong, nothing was changed.
    pub(super) async fn read(&mut self, question: &Question) -> Result<Reply, DeliveryError> {
        let call = self.call(Method::GET, question.service, &question.path)?;
        let answer = self.signed_in(call).await.map_err(nothing_done)?;
        let answer = complete(answer, question.service).map_err(nothing_done)?;
        answer.judged().map_err(nothing_done)
    }

    /// Reads, and says that the answer was too long instead of failing.
    pub(super) async fn read_page(&mut self, question: &Question) -> Result<Option<Reply>, DeliveryError> {
        let call = self.call(Method::GET, question.service, &question.path)?;
        let answer = self.signed_in(call).await.map_err(nothing_done)?;
        if answer.status.is_success() && answer.is_too_long() {
            return Ok(None);
        }
        let answer = complete(answer, question.service).map_err(nothing_done)?;
        answer.judged().map(Some).map_err(nothing_done)
    }

    /// Writes once. A token that went stale is fetched again, once: SAP refuses such a call before it reads it.
    pub(super) async fn write(&mut self, write: &Write) -> Result<Written, DeliveryError> {
        let mut session = match self.sessions.take(write.service) {
            Some(session) => session,
            None => self.open(write.service).await?,
        };
        let mut answer = self.write_in(&session, write).await?;
        if wants_token(&answer) {
            session = self.open(write.service).await?;
            answer = self.write_in(&session, write).await?;
        }
        if wants_token(&answer) {
            let reason = "SAP does not accept the token it gave".to_owned();
            return Err(DeliveryError::Retry { reason, after: None });
        }
        self.sessions.put(session);
        if matches!(answer.status.as_u16(), 412 | 428) {
            return Ok(Written::Stale);
        }
        if let Some(warning) = trouble::warnings(&answer) {
            tracing::info!(sap.message = warning, "SAP wrote it with a remark");
        }
        let etag = answer.headers.get("etag").and_then(|etag| etag.to_str().ok()).map(str::to_owned);
        let reply = complete(answer, write.service)?.judged()?;
        Ok(Written::Done { reply, etag })
    }

    async fn write_in(&mut self, session: &Session, write: &Write) -> Result<Answer, DeliveryError> {
        let mut call = self
            .call(write.method.clone(), write.service, &write.path)?
            .secret_header(CSRF, &session.token)?
            .secret_header("cookie", &session.cookies)?;
        if let Some(etag) = &write.etag {
            call = call.header("if-match", etag)?;
        }
        if let Some(body) = &write.body {
            call = call.body("application/json", body.to_string().into_bytes());
        }
        self.signed_in(call).await
    }

    /// A new session at a service.
    pub(super) async fn open_only(&mut self, service: Service) -> Result<(), DeliveryError> {
        let session = self.open(service).await?;
        self.sessions.put(session);
        Ok(())
    }

    async fn open(&mut self, service: Service) -> Result<Session, DeliveryError> {
        let call = self.call(Method::GET, service, "")?.header(CSRF, "fetch")?;
        let answer = self.signed_in(call).await.map_err(nothing_done)?;
        let answer = complete(answer, service).map_err(nothing_done)?;
        let token = answer.headers.get(CSRF).and_then(|token| token.to_str().ok());
        let cookies = cookies(&answer.headers);
        let (Some(token), false) = (token, cookies.is_empty()) else {
            let message =
                format!("no token came from {}: is this the API host of an SAP system?", service.root());
            return Err(DeliveryError::Refused { code: "NO_TOKEN".to_owned(), message });
        };
        Ok(Session { service, token: Secret::new(token), cookies: Secret::new(cookies) })
    }

    /// Says it with credentials. Rejected ones are renewed once where they can be: SAP did not act on a 401.
    async fn signed_in(&mut self, call: Call) -> Result<Answer, DeliveryError> {
        let with_ours = self.authorized(call.clone(), false).await?;
        let answer = self.say(with_ours).await?;
        if answer.status != reqwest::StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        if matches!(self.config.auth, Auth::Basic { .. }) {
            return Err(DeliveryError::Unauthorized);
        }
        let with_new = self.authorized(call, true).await?;
        let answer = self.say(with_new).await?;
        if answer.status == reqwest::StatusCode::UNAUTHORIZED {
            return Err(DeliveryError::Unauthorized);
        }
        Ok(answer)
    }

    async fn authorized(&mut self, call: Call, renew: bool) -> Result<Call, DeliveryError> {
        let credentials = match &self.config.auth {
            Auth::Basic { user } => basic(user, self.config.password.as_ref()),
            Auth::Oauth2 { .. } => Secret::new(format!("Bearer {}", self.bearer(renew).await?.expose())),
        };
        call.secret_header("authorization", &credentials)
    }

    /// The token in use, or a new one. Who waits for it gets the one that was fetched meanwhile.
    async fn bearer(&mut self, renew: bool) -> Result<Secret, DeliveryError> {
        let sessions = self.sessions;
        let mut kept = sessions.bearer.lock().await;
        let fresh = kept.as_ref().filter(|bearer| bearer.until > self.errand.at && !renew);
        if let Some(bearer) = fresh {
            return Ok(bearer.token.clone());
        }
        *kept = None;
        let bearer = self.fetch_bearer().await?;
        let token = bearer.token.clone();
        *kept = Some(bearer);
        Ok(token)
    }

    async fn fetch_bearer(&mut self) -> Result<Bearer, DeliveryError> {
        let Auth::Oauth2 { token_url, client_id } = &self.config.auth else {
            return Err(DeliveryError::Unauthorized);
        };
        let call = Call::new(Method::POST, token_url.clone(), self.errand)
            .body("application/x-www-form-urlencoded", b"grant_type=client_credentials".to_vec())
            .header("accept", "application/json")?
            .secret_header("authorization", &basic(client_id, self.config.client_secret.as_ref()))?;
        let answer = self.say(call).await.map_err(nothing_done)?;
        // `invalid_client` comes as 400 or as 401, and 403 is no other news.
        if matches!(answer.status.as_u16(), 400 | 401 | 403) {
            return Err(DeliveryError::Unauthorized);
        }
        let reply = answer.judged().map_err(nothing_done)?;
        let granted: Option<Granted> =
            reply.is_success().then(|| serde_json::from_slice(&reply.body).ok()).flatten();
        let Some(granted) = granted else {
            let message = format!("no token came from the token address (answer {})", reply.status);
            return Err(DeliveryError::Refused { code: "NO_TOKEN".to_owned(), message });
        };
        let lasts = TimeDelta::seconds(i64::from(granted.expires_in.unwrap_or(300)));
        Ok(Bearer { token: granted.access_token, until: self.errand.at + (lasts - MARGIN) })
    }

    fn call(&self, method: Method, service: Service, path: &str) -> Result<Call, DeliveryError> {
        let call = Call::new(method, address(&self.config.endpoint, service, path), self.errand)
            .header("accept", service.accept())?
            .header("sap-language", "EN")?; // errors are read, and told in one language
        match &self.config.api_key {
            Some(key) => call.secret_header("apikey", key),
            None => Ok(call),
        }
    }

    async fn say(&mut self, call: Call) -> Result<Answer, DeliveryError> {
        let attempted = self.http.exchange(call).await;
        self.last = attempted.exchange.or(self.last.take());
        attempted.outcome
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: Secret,
    expires_in: Option<u32>,
}

fn basic(user: &str, password: Option<&Secret>) -> Secret {
    let password = password.map_or("", Secret::expose);
    Secret::new(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
}

fn cookies(headers: &HeaderMap) -> String {
    let set = headers.get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let pairs: Vec<&str> = set.filter_map(|cookie| cookie.split(';').next()).map(str::trim).collect();
    pairs.join("; ")
}

fn wants_token(answer: &Answer) -> bool {
    let says_so = answer.headers.get(CSRF).and_then(|value| value.to_str().ok());
    answer.status == reqwest::StatusCode::FORBIDDEN
        && says_so.is_some_and(|value| value.eq_ignore_ascii_case("required"))
}

fn complete(answer: Answer, service: Service) -> Result<Answer, DeliveryError> {
    if answer.status.is_success() { Ok(answer) } else { Err(trouble::error(answer, service)) }
}

/// A question that went wrong changed nothing, so it may simply be asked again.
fn nothing_done(error: DeliveryError) -> DeliveryError {
    match error {
        DeliveryError::Unconfirmed { reason } => DeliveryError::Retry { reason, after: None },
        other => other,
    }
}
