//! The headers that every reply carries, and what requests say about themselves in theirs.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use uuid::Uuid;

/// Names one request; ours unless the client sent a usable one.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Names what several requests are about; the request's own id unless the client sent a usable one.
pub const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// Forbids a reply of the API to be sniffed, framed, cached, or to run anything.
pub fn protect(headers: &mut HeaderMap) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// The names a request goes by in replies, logs and everything it causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ids {
    /// This request.
    pub request: String,
    /// What it is part of.
    pub correlation: String,
}

impl Ids {
    /// The ids sent, where they are fit to be logged and echoed; new ones otherwise.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let sent = |name| headers.get(name).and_then(|value| value.to_str().ok()).filter(|id| is_plain(id));
        let request = sent(REQUEST_ID).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
        let correlation = sent(CORRELATION_ID).map_or_else(|| request.clone(), str::to_owned);
        Self { request, correlation }
    }

    /// Puts the ids on the reply.
    pub fn write(&self, headers: &mut HeaderMap) {
        for (name, id) in [(REQUEST_ID, &self.request), (CORRELATION_ID, &self.correlation)] {
            if let Ok(value) = HeaderValue::from_str(id) {
                headers.insert(name, value);
            }
        }
    }
}

fn is_plain(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    (1..=128).contains(&id.len()) && id.bytes().all(plain)
}

/// Who sent the request: the peer, or whom a trusted proxy names. Proxies append, so only the last entry is theirs.
#[must_use]
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    if !trusted.contains(&peer) {
        return peer;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
    let last = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    last.and_then(|address| address.trim().parse().ok()).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::{CORRELATION_ID, HeaderMap, Ids, REQUEST_ID, client_address};

    #[test]
    fn ids_are_taken_only_when_they_are_fit_to_be_logged() {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, "order-7".parse().unwrap());
        assert_eq!(Ids::of(&headers), Ids { request: "order-7".into(), correlation: "order-7".into() });
        headers.insert(CORRELATION_ID, "a b".parse().unwrap());
        headers.insert(REQUEST_ID, "x".repeat(129).parse().unwrap());
        let ids = Ids::of(&headers);
        assert!(ids.request.len() == 36 && ids.correlation == ids.request, "{ids:?}");
    }

    #[test]
    fn only_a_trusted_proxy_names_the_client() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "1.1.1.1, 2.2.2.2".parse().unwrap());
        headers.append("x-forwarded-for", "3.3.3.3, 4.4.4.4".parse().unwrap());
        let (peer, proxy) = ("9.9.9.9".parse().unwrap(), "10.0.0.1".parse().unwrap());
        assert_eq!(client_address(peer, &headers, &[proxy]), peer);
        assert_eq!(client_address(proxy, &headers, &[proxy]).to_string(), "4.4.4.4");
        assert_eq!(client_address(proxy, &HeaderMap::new(), &[proxy]), proxy);
    }
}
