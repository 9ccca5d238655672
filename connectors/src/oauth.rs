//! OAuth 2.0 tokens for connectors: asked for with a client's or a user's credentials, and remembered until they
//! run out.
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, Url};
use serde::Deserialize;

use crate::secret::Secret;
use crate::{Answer, Attempted, Call, DeliveryError, Errand, Http};

/// A token is renewed so long before it runs out.
const MARGIN_S: i64 = 60;
/// For how long a token is used whose life the server does not state.
const SHORT_LIFE_S: i64 = 300;

/// What a token is asked for with.
#[derive(Debug, Clone)]
pub(crate) struct Grant<'a> {
    /// The token endpoint.
    pub(crate) endpoint: &'a Url,
    /// The client and its secret, sent as Basic.
    pub(crate) client: (&'a str, &'a Secret),
    /// The user and its password: then it is the password grant.
    pub(crate) user: Option<(&'a str, &'a Secret)>,
    /// What is asked for.
    pub(crate) scope: Option<&'a str>,
}

/// The token of a connection, while there is one.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<Option<Token>>);

#[derive(Debug, Clone)]
struct Token {
    text: Secret,
    until: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Issued {
    access_token: Secret,
    expires_in: Option<i64>,
    token_type: Option<String>,
}

impl Tokens {
    /// The token that is remembered, or a new one. A failure is one of a call that was never made: `Retry`, or
    /// `Unauthorized` where the server refuses the credentials.
    pub(crate) async fn get(&self, http: &Http, errand: &Errand, grant: &Grant<'_>) -> Attempted<Secret> {
        let kept = self.lock().clone().filter(|token| token.until > errand.at);
        if let Some(token) = kept {
            return Attempted { outcome: Ok(token.text), exchange: None };
        }
        let call = match request(errand, grant) {
            Ok(call) => call,
            Err(error) => return Attempted::unsent(error),
        };
        let Attempted { outcome, exchange } = http.exchange(call).await;
        let outcome = outcome.and_then(|answer| issued(answer, errand)).map_err(before_the_call);
        let outcome = outcome.map(|token| {
            let text = token.text.clone();
            *self.lock() = Some(token);
            text
        });
        Attempted { outcome, exchange }
    }

    /// Forgets the token, which did not work.
    pub(crate) fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Token>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn request(errand: &Errand, grant: &Grant<'_>) -> Result<Call, DeliveryError> {
    let kind = if grant.user.is_some() { "password" } else { "client_credentials" };
    let mut fields = vec![("grant_type", kind)];
    if let Some((user, password)) = grant.user {
        fields.extend([("username", user), ("password", password.expose())]);
    }
    fields.extend(grant.scope.map(|scope| ("scope", scope)));
    let call = Call::new(Method::POST, grant.endpoint.clone(), errand).form(fields);
    let call = match grant.user {
        Some((_, password)) => call.hide(password),
        None => call,
    };
    call.header("accept", "application/json")?.secret_header("authorization", &basic(grant.client))
}

/// The value of `Authorization` for Basic.
pub(crate) fn basic((user, password): (&str, &Secret)) -> Secret {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    Secret::new(format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose()))))
}

fn issued(answer: Answer, errand: &Errand) -> Result<Token, DeliveryError> {
    // RFC 6749 5.2: 400 for a wrong grant, 401 for a wrong client.
    if matches!(answer.status.as_u16(), 400 | 401 | 403) {
        return Err(DeliveryError::Unauthorized);
    }
    let reply = answer.judged()?;
    if !reply.is_success() {
        return Err(reply.refusal());
    }
    let issued: Issued = serde_json::from_slice(&reply.body)
        .map_err(|_| DeliveryError::unconfirmed("the answer of the token endpoint holds no token"))?;
    if issued.token_type.as_deref().is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(DeliveryError::unconfirmed("the token endpoint issued a token that is not Bearer"));
    }
    let life = issued.expires_in.unwrap_or(SHORT_LIFE_S).clamp(0, 86_400);
    let until = errand.at + TimeDelta::seconds((life - MARGIN_S).max(0));
    Ok(Token { text: issued.access_token, until })
}

/// What went wrong before the call itself was made leaves no doubt that it was not.
pub(crate) fn before_the_call(error: DeliveryError) -> DeliveryError {
    match error {
        DeliveryError::Unconfirmed { reason } => {
            DeliveryError::Retry { reason: format!("before the call: {reason}"), after: None }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stub::{PATIENT, Say, Stub, errand, local_http};

    async fn asked(say: Say) -> (Attempted<Secret>, Vec<String>, Tokens) {
        let stub = Stub::start(say).await;
        let (tokens, endpoint) = (Tokens::default(), Url::parse(&stub.url).unwrap());
        let (client, password) = (Secret::new("canary-client"), Secret::new("canary pass&word"));
        let grant = Grant {
            endpoint: &endpoint,
            client: ("quayside", &client),
            user: Some(("wms", &password)),
            scope: Some("urn:wms lgfapi/"),
        };
        let attempted = tokens.get(&local_http(PATIENT), &errand(), &grant).await;
        let requests = stub.requests();
        drop(stub);
        if attempted.outcome.is_ok() {
            let again = tokens.get(&local_http(PATIENT), &errand(), &grant).await;
            assert_eq!(again.outcome, attempted.outcome, "it is remembered");
        }
        (attempted, requests, tokens)
    }

    #[tokio::test]
    async fn a_token_is_asked_for_once_and_never_shown() {
        let body = r#"{"access_token":"canary-token","token_type":"Bearer","expires_in":3600}"#;
        let (attempted, requests, tokens) = asked(Say::answer(200, "", body)).await;

        assert_eq!(attempted.outcome.as_ref().unwrap().expose(), "canary-token");
        let form = "grant_type=password&username=wms&password=canary+pass%26word&scope=urn%3Awms+lgfapi%2F";
        assert!(requests[0].ends_with(form), "{}", requests[0]);
        assert!(!format!("{attempted:?} {tokens:?}").contains("canary"), "{attempted:?}");
    }

    #[tokio::test]
    async fn what_fails_here_was_never_sent_there() {
        for (status, body, expected) in [
            (400, r#"{"error":"invalid_grant"}"#, "unauthorized"),
            (401, "", "unauthorized"),
            (500, "", "retry"),
            (200, "<html>", "retry"),
            (200, r#"{"access_token":"t","token_type":"mac"}"#, "retry"),
            (429, "", "retry"),
            (404, "", "refused"),
        ] {
            let (attempted, ..) = asked(Say::answer(status, "", body)).await;
            assert_eq!(attempted.outcome.unwrap_err().word(), expected, "{status} {body}");
        }
    }

    #[tokio::test]
    async fn a_token_is_not_used_when_it_ran_out_or_was_forgotten() {
        let stub = Stub::start(Say::answer(200, "", r#"{"access_token":"t","expires_in":120}"#)).await;
        let (tokens, endpoint, secret) =
            (Tokens::default(), Url::parse(&stub.url).unwrap(), Secret::new("s"));
        let grant = Grant { endpoint: &endpoint, client: ("c", &secret), user: None, scope: None };
        let (http, now) = (local_http(PATIENT), errand());
        let later = |seconds| Errand { at: now.at + TimeDelta::seconds(seconds), ..errand() };
        for (seconds, asked) in [(0, 1), (59, 1), (60, 2)] {
            tokens.get(&http, &later(seconds), &grant).await.outcome.unwrap();
            assert_eq!(stub.requests().len(), asked, "after {seconds} s");
        }
        tokens.forget();
        tokens.get(&http, &later(60), &grant).await.outcome.unwrap();
        assert_eq!(stub.requests().len(), 3);
    }
}
