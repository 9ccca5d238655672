//! Why the transport answered a request itself.

use async_graphql::{ErrorExtensionValues, ServerError};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use quayside_graphql::guard::GuardError;

use super::credentials::FORGET_SESSION;
use super::negotiate::Media;

#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("{0}")]
    Malformed(&'static str),
    #[error("The API speaks application/graphql-response+json, application/json and text/event-stream")]
    NotAcceptable,
    #[error("The API takes POST, and GET for queries")]
    Method,
    #[error("A mutation must be sent by POST")]
    MutationByGet,
    #[error("The body must be application/json")]
    ContentType,
    #[error("The body is longer than {0} bytes")]
    TooLarge(usize),
    #[error("The body did not arrive in time")]
    TooSlow,
    #[error("A page of another site may not send this request")]
    ForeignSite,
    #[error("The credentials are not valid")]
    Unauthenticated {
        /// It was a session: the browser is told to forget it.
        session: bool,
    },
    #[error("The service is busy; try again in a moment")]
    Unavailable,
    #[error("Throttled")]
    Throttled {
        /// Seconds until the same request would pass.
        wait: u64,
    },
    #[error("Too many streams are open")]
    TooManyStreams,
    #[error("Too many operations run on this socket")]
    TooManyOperations,
    #[error(transparent)]
    Document(#[from] GuardError),
    #[error("Introspection is not available")]
    Introspection,
    #[error("A subscription must be sent with `Accept: text/event-stream` or over a WebSocket")]
    SubscriptionWithoutStream,
    #[error("An Idempotency-Key has 1 to 255 visible ASCII characters")]
    IdempotencyKeyInvalid,
    #[error("An Idempotency-Key header names one mutation; give each of several its own key in its input")]
    IdempotencyKeyAmbiguous,
    #[error("The operation did not finish in time; whether it took effect is not known")]
    Timeout,
    #[error("The reply would be longer than {0} bytes")]
    ReplyTooLarge(usize),
}

impl Refusal {
    /// `extensions.code`.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "BAD_REQUEST",
            Self::NotAcceptable => "NOT_ACCEPTABLE",
            Self::Method | Self::MutationByGet => "METHOD_NOT_ALLOWED",
            Self::ContentType => "UNSUPPORTED_MEDIA_TYPE",
            Self::TooLarge(_) => "BODY_TOO_LARGE",
            Self::TooSlow => "BODY_TIMEOUT",
            Self::ForeignSite => "FORBIDDEN_ORIGIN",
            Self::Unauthenticated { .. } => "UNAUTHENTICATED",
            Self::Unavailable => "TEMPORARILY_UNAVAILABLE",
            Self::Throttled { .. } => "THROTTLED",
            Self::TooManyStreams => "TOO_MANY_STREAMS",
            Self::TooManyOperations => "TOO_MANY_OPERATIONS",
            Self::Document(error) => error.code(),
            Self::Introspection => "INTROSPECTION_DISABLED",
            Self::SubscriptionWithoutStream => "SUBSCRIPTION_WITHOUT_STREAM",
            Self::IdempotencyKeyInvalid => "IDEMPOTENCY_KEY_INVALID",
            Self::IdempotencyKeyAmbiguous => "IDEMPOTENCY_KEY_AMBIGUOUS",
            Self::Timeout => "TIMEOUT",
            Self::ReplyTooLarge(_) => "REPLY_TOO_LARGE",
        }
    }

    /// The status of the reply. A request that was well-formed HTTP but not runnable GraphQL is 200 where the client
    /// accepts only plain JSON, as it was before GraphQL had a media type.
    pub(super) fn status(&self, media: Media) -> StatusCode {
        match self {
            Self::Malformed(_) | Self::IdempotencyKeyInvalid | Self::IdempotencyKeyAmbiguous => {
                StatusCode::BAD_REQUEST
            }
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::Method | Self::MutationByGet => StatusCode::METHOD_NOT_ALLOWED,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::ForeignSite => StatusCode::FORBIDDEN,
            Self::Unauthenticated { .. } => StatusCode::UNAUTHORIZED,
            Self::Throttled { .. } | Self::TooManyStreams | Self::TooManyOperations => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::ReplyTooLarge(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Document(_) | Self::Introspection | Self::SubscriptionWithoutStream => {
                understood(media, false)
            }
        }
    }

    /// Whether an event stream can carry the refusal: then it does, since its clients read nothing else.
    pub(super) fn is_about_the_document(&self) -> bool {
        matches!(self, Self::Document(_) | Self::Introspection)
    }

    /// What the status alone does not tell.
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        match self {
            Self::Method => headers.insert(header::ALLOW, HeaderValue::from_static("GET, POST")),
            Self::MutationByGet => headers.insert(header::ALLOW, HeaderValue::from_static("POST")),
            Self::ContentType => headers.insert(header::ACCEPT, HeaderValue::from_static("application/json")),
            Self::Unavailable => headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2")),
            Self::Throttled { wait } => headers.insert(header::RETRY_AFTER, HeaderValue::from(*wait)),
            Self::Unauthenticated { session } => {
                if *session {
                    headers.insert(header::SET_COOKIE, HeaderValue::from_static(FORGET_SESSION));
                }
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
            }
            _ => None,
        };
    }
}

/// The status of a GraphQL reply by whether the request could be run at all.
pub(super) fn understood(media: Media, ran: bool) -> StatusCode {
    match media {
        Media::GraphqlResponse if !ran => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

impl From<Refusal> for ServerError {
    fn from(refusal: Refusal) -> Self {
        let code = refusal.code();
        let mut error = match refusal {
            Refusal::Document(error) => Self::from(error),
            other => Self::new(other.to_string(), None),
        };
        error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code);
        error
    }
}
