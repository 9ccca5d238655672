//! Requests and answers as the attempt log may keep them.
//!
//! Three sieves: headers that carry credentials, JSON members whose name says so, and the credentials
//! themselves wherever they turn up again, because a receiver may echo what it was sent.
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::text::printable;

/// Bytes kept of each side.
const KEPT: usize = 4 * 1024;
const HIDDEN: &str = "***";
/// A shorter echo is more likely a coincidence than a credential.
const SHORTEST_ECHO: usize = 8;

const SECRET_HEADERS: &[&str] =
    &["authorization", "proxy-authorization", "webhook-signature", "x-api-key", "cookie", "set-cookie"];
const SECRET_WORDS: &[&str] =
    &["password", "passwd", "secret", "token", "authorization", "apikey", "privatekey"];

/// The URL without what may hold a secret.
pub(super) fn url(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    // These fail only for URLs without a host, which are refused before they are called.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    printable(shown.as_str(), 2048)
}

/// Headers, an empty line, the body.
pub(super) fn message(headers: &HeaderMap, body: &[u8], credentials: &[String]) -> String {
    let mut text = String::new();
    for (name, value) in headers {
        let value =
            if is_secret(name, value) { HIDDEN.into() } else { String::from_utf8_lossy(value.as_bytes()) };
        text.push_str(&format!("{name}: {value}\n"));
    }
    text.push('\n');
    text.push_str(&readable_body(body));
    for credential in credentials {
        text = text.replace(credential, HIDDEN);
    }
    printable(&text, KEPT)
}

/// The credentials in these headers, to be hidden from what comes back.
pub(super) fn credentials(headers: &HeaderMap) -> Vec<String> {
    let secret = headers.iter().filter(|(name, value)| is_secret(name, value));
    let mut found: Vec<String> = Vec::new();
    for value in secret.filter_map(|(_, value)| value.to_str().ok()) {
        found.extend(std::iter::once(value).chain(value.split([' ', ','])).map(str::to_owned));
        found.extend(value.strip_prefix("Basic ").and_then(password));
    }
    found.retain(|part| part.len() >= SHORTEST_ECHO);
    found
}

/// The password of Basic: a receiver reads it, so it may show it too.
fn password(encoded: &str) -> Option<String> {
    let pair = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

/// The bytes without the credentials in them, the longest of which come first.
pub(super) fn hide(bytes: Vec<u8>, credentials: &[String]) -> Vec<u8> {
    let text = String::from_utf8_lossy(&bytes);
    if !credentials.iter().any(|credential| text.contains(credential)) {
        return bytes;
    }
    let hidden =
        credentials.iter().fold(text.into_owned(), |text, credential| text.replace(credential, HIDDEN));
    hidden.into_bytes()
}

fn is_secret(name: &HeaderName, value: &HeaderValue) -> bool {
    value.is_sensitive() || SECRET_HEADERS.contains(&name.as_str())
}

/// Untouched unless it is JSON with something to hide.
fn readable_body(body: &[u8]) -> String {
    if let Ok(mut json) = serde_json::from_slice::<Value>(body)
        && hide_members(&mut json)
    {
        return json.to_string();
    }
    String::from_utf8_lossy(body).into_owned()
}

/// Returns whether anything was hidden. Recursion is bounded by serde_json's own depth limit.
fn hide_members(json: &mut Value) -> bool {
    match json {
        Value::Object(members) => {
            let mut hidden = false;
            for (name, value) in members.iter_mut() {
                if names_a_secret(name) {
                    *value = Value::from(HIDDEN);
                    hidden = true;
                } else {
                    hidden |= hide_members(value);
                }
            }
            hidden
        }
        Value::Array(items) => items.iter_mut().fold(false, |hidden, item| hide_members(item) | hidden),
        _ => false,
    }
}

fn names_a_secret(name: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| plain.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_hidden_where_they_are_sent_and_where_they_are_echoed() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Bearer canary-7f3a9"));
        headers.insert("webhook-signature", HeaderValue::from_static("v1,Y2FuYXJ5LXNpZ25hdHVyZQ=="));
        headers.insert("idempotency-key", HeaderValue::from_static("dlv_1"));
        let found = credentials(&headers);

        let request = message(&headers, br#"{"order":"po_1","clientSecret":"canary"}"#, &found);
        let answer = message(&HeaderMap::new(), b"<p>bad: Bearer canary-7f3a9, canary-7f3a9</p>", &found);

        assert_eq!(
            request,
            "authorization: ***\nwebhook-signature: ***\nidempotency-key: dlv_1\n\n\
             {\"clientSecret\":\"***\",\"order\":\"po_1\"}"
        );
        assert_eq!(answer, "\n<p>bad: ***, ***</p>");
    }

    #[test]
    fn the_password_of_basic_is_hidden_as_it_is_sent_and_as_it_is_read() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Basic cXVheXNpZGU6Y2FuYXJ5LTdmM2E5"));
        let found = credentials(&headers);
        let body = b"no user quayside:canary-7f3a9 (Basic cXVheXNpZGU6Y2FuYXJ5LTdmM2E5)".to_vec();
        assert_eq!(hide(body, &found), b"no user quayside:*** (***)");
        assert_eq!(hide(b"nothing".to_vec(), &found), b"nothing");
    }

    #[test]
    fn a_long_body_is_cut_and_its_secrets_are_hidden_first() {
        let body = format!(r#"{{"api_key":"canary","filler":"{}"}}"#, "x".repeat(KEPT));
        let shown = message(&HeaderMap::new(), body.as_bytes(), &[]);
        assert!(shown.len() <= KEPT && shown.ends_with('…'));
        assert!(!shown.contains("canary"));
    }

    #[test]
    fn a_url_is_kept_without_user_query_and_fragment() {
        let shown = url(&Url::parse("https://user:pass@erp.example.com/in?key=canary#x").unwrap());
        assert_eq!(shown, "https://erp.example.com/in");
    }
}
