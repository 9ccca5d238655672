//! Interchanges on their way: what every kind of EDI transport reads of the event and the bytes that go out, and the
//! form in which what came in is filed.
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use quayside_canonical::{Field, Problems, events::InterchangeComposed};
use quayside_edi::Syntax;
use serde::Deserialize as _;
use sha2::{Digest as _, Sha256};

use crate::http::Call;
use crate::secret::Secret;
use crate::text::one_line;
use crate::{Attempted, Content, Delivery, DeliveryError, Feed, Http, Inbound, Message, Preview, Way};

/// The one type of event that a transport carries.
pub(crate) const ACCEPTS: &[&str] = &["interchange.composed"];
/// The name of the feed by which interchanges come in.
pub(crate) const FEED: &str = "interchanges";
/// The feed of a transport that is asked.
pub(crate) const POLLED: &[Feed] = &[Feed { name: FEED, way: Way::Poll }];
/// The feed of a transport by which partners send.
pub(crate) const PUSHED: &[Feed] = &[Feed { name: FEED, way: Way::Push }];
/// The longest name of a file. File systems take 255 bytes, and we write more than the name.
const LONGEST_NAME: usize = 200;

/// An interchange with its bytes.
#[derive(Debug)]
pub(crate) struct Outgoing<'a> {
    /// What the event says of it.
    pub(crate) event: InterchangeComposed,
    /// Its bytes.
    pub(crate) content: &'a Content,
}

/// What the event says.
///
/// # Errors
/// It is of another type, or its file cannot be called that.
pub(crate) fn announced(delivery: &Delivery) -> Result<InterchangeComposed, DeliveryError> {
    let unmappable = |words: &str| DeliveryError::Unmappable(words.to_owned());
    if !ACCEPTS.contains(&delivery.event_type.as_str()) {
        let words =
            format!("a transport carries interchanges, and no {}", one_line(&delivery.event_type, 100));
        return Err(DeliveryError::Unmappable(words));
    }
    if delivery.event.get("type").and_then(serde_json::Value::as_str) != Some(&delivery.event_type) {
        return Err(unmappable("the envelope names another event type"));
    }
    let data = delivery.event.get("data").ok_or_else(|| unmappable("the event has no data"))?;
    let event = InterchangeComposed::deserialize(data)
        .map_err(|error| DeliveryError::Unmappable(format!("the event cannot be read: {error}")))?;
    if !is_file_name(&event.file_name) {
        return Err(unmappable("the interchange's name cannot be that of a file"));
    }
    Ok(event)
}

/// The interchange with its bytes.
///
/// # Errors
/// As [`announced`]; the bytes are not there, or are not those that the event names.
pub(crate) fn outgoing(delivery: &Delivery) -> Result<Outgoing<'_>, DeliveryError> {
    let event = announced(delivery)?;
    let unmappable = |words: &str| DeliveryError::Unmappable(words.to_owned());
    let content = delivery
        .content
        .as_ref()
        .ok_or_else(|| unmappable("the bytes of the interchange are not on file"))?;
    let digest = Sha256::digest(&content.bytes);
    if !hex(&digest).eq_ignore_ascii_case(&event.sha256) {
        return Err(unmappable("the bytes on file are not those of the interchange"));
    }
    Ok(Outgoing { event, content })
}

/// What is shown of an interchange that would be sent, by `method` to `place`.
pub(crate) fn preview(
    delivery: &Delivery,
    method: &str,
    place: impl FnOnce(&str) -> String,
) -> Result<Preview, DeliveryError> {
    let event = announced(delivery)?;
    let body = match &delivery.content {
        Some(content) => String::from_utf8_lossy(&content.bytes).into_owned(),
        None => format!("{} bytes with the SHA-256 {}", event.size, event.sha256),
    };
    Ok(Preview {
        method: method.to_owned(),
        url: place(&event.file_name),
        media_type: Some(event.media_type),
        body,
    })
}

/// Whether a file may be called that, on every system: visible, no path, nothing that a shell or Windows reads.
pub(crate) fn is_file_name(name: &str) -> bool {
    let fits =
        |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ' | '+' | '=' | '@' | '(' | ')');
    (1..=LONGEST_NAME).contains(&name.len())
        && !name.starts_with(['.', ' ', '-'])
        && !name.ends_with(['.', ' '])
        && name.chars().all(fits)
}

/// The media type that an interchange is filed as: with its name, which tells people what file it was.
#[must_use]
pub fn filed_as(name: &str, content: &Content) -> String {
    let is_edifact = Syntax::of(&content.bytes) == Some(Syntax::Edifact);
    let kind = if is_edifact { "application/edifact" } else { "application/edi-x12" };
    let name: String = name.chars().filter(|c| !c.is_control() && *c != '"').take(120).collect();
    format!("{kind}; name=\"{name}\"")
}

/// Reads an interchange that is on file. Only what was filed as one is: other entrances take no such media type.
pub(crate) fn filed(feed: &str, message: &Message<'_>) -> Result<Vec<Inbound>, Problems> {
    let wrong = |code: &str, words: &str| Err(Problems::one(code, &Field::root(), words));
    if feed != FEED {
        return wrong("UNKNOWN_FEED", "there is no such feed");
    }
    let (kind, parameters) = message.media_type.split_once(';').unwrap_or((message.media_type, ""));
    if !matches!(kind, "application/edi-x12" | "application/edifact") {
        return wrong("NOT_EDI", "interchanges come by the transport itself");
    }
    let name = parameters.trim().strip_prefix("name=").unwrap_or_default().trim_matches('"').to_owned();
    let content = Content { media_type: kind.to_owned(), bytes: Bytes::copy_from_slice(message.body) };
    Ok(vec![Inbound::Interchange { name, content }])
}

/// The name and password of Basic (RFC 7617).
pub(crate) fn basic(user: &str, password: &Secret) -> Secret {
    Secret::new(format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose()))))
}

/// Whether somebody is there who takes interchanges. Most answer "method not allowed" to a question.
pub(crate) async fn knock(http: &Http, call: Call) -> Attempted<()> {
    http.exchange(call).await.and_then(|answer| match answer.status.as_u16() {
        404 | 410 => Err(DeliveryError::Refused {
            code: answer.status.as_u16().to_string(),
            message: "there is nothing at the endpoint".to_owned(),
        }),
        200..=299 | 400 | 405 | 411..=422 | 501 => Ok(()),
        _ => answer.judged().map(drop),
    })
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::*;
    use crate::stub;

    pub(crate) const X12: &[u8] = b"ISA*00*          *00*          *ZZ*NORTHDIST      *ZZ*NORDHAVEN      *261123*0800*U*00401*000000042*0*T*>~IEA*0*000000042~";

    /// An interchange on its way, as the delivery worker hands it over.
    pub(crate) fn delivery(bytes: &[u8]) -> Delivery {
        let data = json!({
            "interchange": "sic_01987c1e5a0070008000000000000003",
            "partner": "tpr_01987c1e5a0070008000000000000004",
            "connection": "con_01987c1e5a0070008000000000000005",
            "controlNumber": "000000042",
            "messages": ["850"],
            "fileName": "850-000000042.edi",
            "mediaType": "application/edi-x12",
            "sha256": hex(&Sha256::digest(bytes)),
            "size": bytes.len(),
        });
        let event =
            json!({ "specversion": "1.0", "id": "evt_1", "type": "interchange.composed", "data": data });
        let content =
            Content { media_type: "application/edi-x12".into(), bytes: Bytes::copy_from_slice(bytes) };
        Delivery {
            event_type: "interchange.composed".into(),
            event,
            content: Some(content),
            ..stub::delivery()
        }
    }

    #[test]
    fn an_interchange_is_sent_with_its_own_bytes_or_not_at_all() {
        let whole = delivery(X12);
        assert_eq!(outgoing(&whole).unwrap().content.bytes, X12);
        let without = Delivery { content: None, ..whole.clone() };
        assert!(outgoing(&without).unwrap_err().to_string().contains("not on file"));
        let others = Delivery { content: delivery(b"ISA").content, ..whole.clone() };
        assert!(outgoing(&others).unwrap_err().to_string().contains("not those"));
        let shown = preview(&without, "PUT", |name| format!("out/{name}")).unwrap();
        assert_eq!(shown.url, "out/850-000000042.edi");
        let other = Delivery { event_type: "shipment.submitted".into(), ..whole.clone() };
        assert_eq!(outgoing(&other).unwrap_err().word(), "unmappable");
        assert!(!format!("{whole:?}").contains("NORTHDIST"), "bytes are not for logs");
    }

    #[test]
    fn what_is_filed_reads_back_and_nothing_else_does() {
        let content = delivery(X12).content.unwrap();
        let media_type = filed_as("850 \"7\".edi", &content);
        let message = Message { media_type: &media_type, body: X12 };
        let read = filed(FEED, &message).unwrap();
        assert_eq!(read, [Inbound::Interchange { name: "850 7.edi".to_owned(), content }]);
        assert!(filed("documents", &message).is_err());
        assert!(filed(FEED, &Message { media_type: "text/plain", body: X12 }).is_err());
    }

    #[test]
    fn a_name_is_no_path() {
        for good in ["850-000000042.edi", "ORDERS 7.txt", "größe.edi"] {
            assert!(is_file_name(good), "{good}");
        }
        for bad in [
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "a\\b",
            ".hidden",
            "a\nb",
            "a\0",
            "-rf",
            "a:b",
            "x.",
            &"a".repeat(201),
        ] {
            assert!(!is_file_name(bad), "{bad:?}");
        }
    }
}
