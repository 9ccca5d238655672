//! The messages of `graphql-transport-ws` and the reasons to close.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::web::graphql::params::Params;
use crate::web::graphql::reply::Told;

type Payload = Option<Map<String, Value>>;

/// What a client may say.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ClientMessage {
    ConnectionInit {
        #[serde(default)]
        payload: Payload,
    },
    Ping {
        #[serde(default)]
        payload: Payload,
    },
    Pong {
        #[serde(default, rename = "payload")]
        _payload: Payload,
    },
    Subscribe {
        id: String,
        payload: Params,
    },
    Complete {
        id: String,
    },
}

impl ClientMessage {
    pub(super) fn read(text: &str) -> Result<Self, End> {
        let message = serde_json::from_str(text).map_err(|_| End::INVALID)?;
        match &message {
            Self::Subscribe { id, .. } if id.is_empty() || id.len() > 128 => Err(End::INVALID),
            _ => Ok(message),
        }
    }
}

/// The token in a `connection_init`, as a client would write it in a header.
pub(super) fn authorization(payload: &Map<String, Value>) -> Option<&str> {
    let found = payload.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    // Something that is no text must not be taken for nothing.
    found.map(|(_, value)| value.as_str().unwrap_or_default())
}

pub(super) const CONNECTION_ACK: &str = r#"{"type":"connection_ack"}"#;

pub(super) fn pong(payload: &Payload) -> String {
    match payload {
        Some(payload) => serde_json::json!({ "type": "pong", "payload": payload }).to_string(),
        None => r#"{"type":"pong"}"#.to_owned(),
    }
}

pub(super) fn complete(id: &str) -> String {
    serde_json::json!({ "type": "complete", "id": id }).to_string()
}

/// A result as `next`, or as `error` when the operation did not run: then that is the last said about it.
pub(super) fn result(id: &str, told: &Told) -> String {
    #[derive(Deserialize)]
    struct Errors<'m> {
        #[serde(borrow)]
        errors: &'m RawValue,
    }
    let (kind, payload) = match told.ran {
        true => ("next", std::str::from_utf8(&told.json)),
        false => (
            "error",
            Ok(serde_json::from_slice::<Errors<'_>>(&told.json).map_or("[]", |told| told.errors.get())),
        ),
    };
    let payload = payload.expect("what was written as JSON is text");
    format!(r#"{{"id":{},"type":"{kind}","payload":{payload}}}"#, serde_json::Value::from(id))
}

/// Why a socket is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// We say so, and why.
    Close(u16, Cow<'static, str>),
    /// The client went, or does not listen.
    Gone,
}

impl End {
    pub(super) const INVALID: Self = Self::because(4400, "Invalid message");
    pub(super) const UNAUTHORIZED: Self = Self::because(4401, "Unauthorized");
    pub(super) const FORBIDDEN: Self = Self::because(4403, "Forbidden");
    pub(super) const SESSION_ENDED: Self = Self::because(4403, "session ended");
    pub(super) const INIT_TIMEOUT: Self = Self::because(4408, "Connection initialisation timeout");
    pub(super) const TOO_MANY_INITS: Self = Self::because(4429, "Too many initialisation requests");
    pub(super) const TOO_MANY_SOCKETS: Self = Self::because(4429, "Too many sockets");
    pub(super) const TOO_LONG: Self = Self::because(1009, "Message too long");
    pub(super) const GOING_AWAY: Self = Self::because(1001, "The server stops");

    const fn because(code: u16, reason: &'static str) -> Self {
        Self::Close(code, Cow::Borrowed(reason))
    }

    pub(super) fn duplicate(id: &str) -> Self {
        // A close frame has room for 123 bytes of reason.
        let short: String = id.chars().take(20).collect();
        Self::Close(4409, format!("Subscriber for {short} already exists").into())
    }
}

#[cfg(test)]
mod tests {
    use super::{ClientMessage, End, Told, result};

    #[test]
    fn only_messages_of_the_protocol_are_read() {
        let good = [
            r#"{"type":"connection_init"}"#,
            r#"{"type":"connection_init","payload":null,"extra":1}"#,
            r#"{"type":"ping","payload":{}}"#,
            r#"{"type":"pong"}"#,
            r#"{"id":"1","type":"subscribe","payload":{"query":"{ a }","variables":null}}"#,
            r#"{"id":"1","type":"complete"}"#,
        ];
        for text in good {
            assert!(ClientMessage::read(text).is_ok(), "{text}");
        }
        let bad = [
            "",
            "1",
            "{}",
            r#"{"type":"next"}"#,
            r#"{"type":"connection_init","payload":1}"#,
            r#"{"type":"subscribe","payload":{"query":"{ a }"}}"#,
            r#"{"id":"","type":"subscribe","payload":{"query":"{ a }"}}"#,
            r#"{"id":"1","type":"subscribe","payload":{}}"#,
            r#"{"id":"1","type":"subscribe","payload":"{ a }"}"#,
        ];
        for text in bad {
            assert_eq!(ClientMessage::read(text).err(), Some(End::INVALID), "{text}");
        }
    }

    #[test]
    fn what_did_not_run_is_an_error_message() {
        let told = |ran| Told {
            json: br#"{"errors":[{"message":"m"}],"extensions":{}}"#.to_vec(),
            ran,
            outcome: String::new(),
        };
        assert_eq!(result("1", &told(false)), r#"{"id":"1","type":"error","payload":[{"message":"m"}]}"#);
        assert!(result("1", &told(true)).starts_with(r#"{"id":"1","type":"next","payload":{"errors""#));
    }
}
