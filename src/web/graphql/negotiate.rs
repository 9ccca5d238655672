//! Which media type a reply is sent in.

use axum::http::{HeaderMap, header};

/// The media types we speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// The GraphQL specification's own: the status tells whether the request was understood.
    GraphqlResponse,
    /// What clients sent before there was one: 200 for every well-formed request.
    Json,
    /// Events, one by one.
    EventStream,
}

impl Media {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::EventStream => "text/event-stream",
        }
    }

    /// The type the client likes best; of equals the one it names first. Anything goes means JSON, as older clients
    /// that say so expect it.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Self> {
        if !headers.contains_key(header::ACCEPT) {
            return Some(Self::Json);
        }
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let mut best = None;
        for range in values.flat_map(|value| value.split(',')) {
            let (name, quality) = parse(range);
            let Some(media) = Self::named(&name) else { continue };
            if quality > best.map_or(0, |(_, quality)| quality) {
                best = Some((media, quality));
            }
        }
        best.map(|(media, _)| media)
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "application/graphql-response+json" => Some(Self::GraphqlResponse),
            "application/json" | "application/*" | "*/*" => Some(Self::Json),
            "text/event-stream" | "text/*" => Some(Self::EventStream),
            _ => None,
        }
    }
}

/// A media range and its quality in thousandths.
fn parse(range: &str) -> (String, u32) {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (name, quality.map_or(1000, thousandths))
}

/// `0`, `0.7`, `1.000`; what is none of these counts as nothing.
fn thousandths(quality: &str) -> u32 {
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    let fraction = format!("{fraction:0<3}").parse().unwrap_or(0);
    match whole {
        "0" => fraction,
        "1" => 1000,
        _ => 0,
    }
}

/// Whether the body is JSON by its content type.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    sent.and_then(|value| value.split(';').next())
        .is_some_and(|name| name.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use super::{HeaderMap, Media, header};

    fn accepted(accept: &str) -> Option<Media> {
        Media::accepted(&HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]))
    }

    #[test]
    fn the_client_chooses_the_media_type() {
        assert_eq!(Media::accepted(&HeaderMap::new()), Some(Media::Json));
        assert_eq!(accepted("*/*"), Some(Media::Json));
        assert_eq!(accepted("Application/JSON; charset=utf-8"), Some(Media::Json));
        assert_eq!(
            accepted("application/graphql-response+json, application/json"),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(accepted("text/event-stream"), Some(Media::EventStream));
        assert_eq!(accepted("text/html, image/png"), None);
    }

    #[test]
    fn quality_goes_before_order() {
        assert_eq!(
            accepted("application/json;q=0.5, application/graphql-response+json"),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(
            accepted("application/json;q=0.9, application/graphql-response+json;q=0.85"),
            Some(Media::Json)
        );
        assert_eq!(accepted("application/json;q=0, text/html"), None);
        assert_eq!(accepted("application/json;q=nonsense"), None);
    }
}
