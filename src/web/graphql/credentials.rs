//! What a request proves about its sender, and whether a page of somebody else's made a visitor's browser send it.

use std::fmt;
use std::net::IpAddr;

use axum::http::{HeaderMap, header};

/// The cookie that holds a session. Its prefix makes browsers insist on `Secure`, `Path=/` and no `Domain`.
pub const SESSION_COOKIE: &str = "__Host-quayside_session";

/// Takes a cookie that no longer holds away: a page could not, as it cannot see it, and could not sign in again.
pub(super) const FORGET_SESSION: &str =
    "__Host-quayside_session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";

/// Something that must not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for whoever checks it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// What was presented, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// What was presented.
    pub presented: Presented,
    /// Where the request came from.
    pub client: IpAddr,
}

impl Credentials {
    /// Those of a request that only reads a file: nothing when a page of another site than `trusted` fetches it. Following a link
    /// is no fetching.
    #[must_use]
    pub fn reading(headers: &HeaderMap, client: IpAddr, trusted: &[String]) -> Option<Self> {
        let presented = Presented::of(headers);
        let link = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
        let foreign = Site::of(headers, trusted) == Site::Foreign;
        (link || !foreign).then_some(Self { presented, client })
    }
}

/// What a request carries to say who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presented {
    /// Nothing: the sender is anonymous.
    Nothing,
    /// A token of the API.
    Bearer(Secret),
    /// The value of the session cookie, sent by a page of ours.
    Session(Secret),
    /// An `Authorization` that is not a bearer token: never valid, never anonymous either.
    Unusable,
}

impl Presented {
    /// A token if there is one, else the session.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            return value.to_str().map_or(Self::Unusable, Self::authorization);
        }
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        match pairs.find(|(name, _)| *name == SESSION_COOKIE) {
            Some((_, value)) => Self::Session(Secret(value.to_owned())),
            None => Self::Nothing,
        }
    }

    /// Reads what stands in an `Authorization` header, wherever it came from.
    pub(super) fn authorization(value: &str) -> Self {
        match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => {
                Self::Bearer(Secret(token.trim().to_owned()))
            }
            _ => Self::Unusable,
        }
    }
}

/// Whose page sent the request, as the browser tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Site {
    /// Ours, or one the operator trusts.
    Ours,
    /// Not told: no browser, or an old one.
    Untold,
    /// Somebody else's.
    Foreign,
}

impl Site {
    pub(super) fn of(headers: &HeaderMap, trusted: &[String]) -> Self {
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
        let fetched = text(header::HeaderName::from_static("sec-fetch-site"));
        if fetched == Some("same-origin") {
            return Self::Ours;
        }
        match (text(header::ORIGIN), fetched) {
            (Some(origin), _) if trusted.iter().any(|ours| ours == origin) => Self::Ours,
            (Some(origin), _) if is_host(origin, text(header::HOST)) => Self::Ours,
            (Some(_), _) | (None, Some("cross-site" | "same-site")) => Self::Foreign,
            (None, _) => Self::Untold,
        }
    }

    /// Whether a request from such a page may act with these credentials. A cookie comes along by itself, so it counts
    /// only from a page that is known to be ours; a token was put there by somebody who had it.
    pub(super) fn may_present(self, presented: &Presented) -> bool {
        match (self, presented) {
            (Self::Foreign, _) | (Self::Untold, Presented::Session(_)) => false,
            (Self::Ours | Self::Untold, _) => true,
        }
    }
}

/// Whether a request with these headers may act with what it presents, where `trusted` are the origins of our pages.
#[must_use]
pub fn is_allowed(headers: &HeaderMap, trusted: &[String], presented: &Presented) -> bool {
    Site::of(headers, trusted).may_present(presented)
}

/// Whether the origin is the host that was asked. Not its scheme: TLS may have ended at a proxy.
fn is_host(origin: &str, host: Option<&str>) -> bool {
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    authority.is_some() && authority == host
}

#[cfg(test)]
mod tests {
    use super::{HeaderMap, Presented, Secret, Site};

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_token_goes_before_a_session() {
        let cookie = ("cookie", "a=b; __Host-quayside_session=s=1; c=d");
        let session = Presented::Session(Secret("s=1".into()));
        assert_eq!(Presented::of(&headers(&[cookie])), session);
        let both = headers(&[cookie, ("authorization", "bearer t")]);
        assert_eq!(Presented::of(&both), Presented::Bearer(Secret("t".into())));
        assert_eq!(Presented::of(&headers(&[cookie, ("authorization", "Basic eA==")])), Presented::Unusable);
        assert_eq!(Presented::of(&headers(&[("cookie", "quayside_session=x")])), Presented::Nothing);
        assert!(!format!("{session:?}").contains("s=1"));
    }

    #[test]
    fn a_session_counts_only_from_our_own_pages() {
        let trusted = ["https://portal.example".to_owned()];
        let site = |pairs: &[(&'static str, &str)]| Site::of(&headers(pairs), &trusted);
        let host = ("host", "api.example");
        assert_eq!(site(&[host, ("origin", "https://api.example")]), Site::Ours);
        assert_eq!(site(&[host, ("origin", "https://portal.example")]), Site::Ours);
        assert_eq!(site(&[host, ("sec-fetch-site", "same-origin")]), Site::Ours);
        assert_eq!(site(&[host, ("origin", "https://api.example.evil")]), Site::Foreign);
        assert_eq!(site(&[host, ("origin", "null")]), Site::Foreign);
        assert_eq!(site(&[host, ("sec-fetch-site", "same-site")]), Site::Foreign);
        assert_eq!(site(&[host]), Site::Untold);

        let session = Presented::Session(Secret(String::new()));
        assert!(Site::Ours.may_present(&session) && !Site::Untold.may_present(&session));
        assert!(
            Site::Untold.may_present(&Presented::Nothing) && !Site::Foreign.may_present(&Presented::Nothing)
        );
    }
}
