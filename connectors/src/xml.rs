//! XML of vendors whose documents are trees of names and texts: read into the same JSON as their JSON twin, and
//! written from it, so that one mapping and one filter serve both.
//!
//! An element with elements in it is an object, one that repeats is a list, any other is a text. Attributes and
//! namespaces' prefixes carry nothing in such documents and are dropped. A `DOCTYPE` is refused whatever it says.
use std::cmp::Ordering;

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::{BytesRef, BytesStart, Event};
use serde_json::{Map, Value};

/// No document of a vendor is deeper.
const DEEPEST: usize = 32;
const MOST_ELEMENTS: usize = 1_000_000;
const MOST_ATTRIBUTES: usize = 64;

/// Why a text is no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum XmlError {
    #[error("the document is not UTF-8")]
    Encoding,
    #[error("a document type declaration is not taken")]
    DocType,
    #[error("elements are nested deeper than {DEEPEST}")]
    TooDeep,
    #[error("more than {MOST_ELEMENTS} elements, or {MOST_ATTRIBUTES} attributes of one")]
    TooMany,
    #[error("the document holds an entity that is not predefined")]
    Entity,
    #[error("the document has no root element, or more than one")]
    Root,
    #[error("not well-formed XML at byte {0}")]
    Malformed(u64),
}

/// An element that is not closed yet.
struct Open {
    name: String,
    members: Map<String, Value>,
    text: String,
}

/// Reads a document: an object with one member, the root.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, XmlError> {
    let text = std::str::from_utf8(bytes).map_err(|_| XmlError::Encoding)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Open> = Vec::new();
    let (mut root, mut elements) = (Map::new(), 0);
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event().map_err(|_| XmlError::Malformed(reader.error_position()))?;
        match event {
            Event::Start(start) => {
                elements += 1;
                open.push(begin(&start, open.len(), elements)?);
            }
            Event::End(_) => {
                let done = open.pop().ok_or(XmlError::Malformed(at))?;
                let (name, value) = done.close();
                match open.last_mut() {
                    Some(parent) => add(&mut parent.members, name, value),
                    None if root.is_empty() => add(&mut root, name, value),
                    None => return Err(XmlError::Root),
                }
            }
            Event::Text(part) => {
                write_text(&mut open, &part.xml10_content().map_err(|_| XmlError::Encoding)?)?;
            }
            Event::CData(part) => {
                write_text(&mut open, &part.xml10_content().map_err(|_| XmlError::Encoding)?)?;
            }
            Event::GeneralRef(name) => write_text(&mut open, &resolve(&name)?)?,
            Event::DocType(_) => return Err(XmlError::DocType),
            Event::Eof if open.is_empty() && root.len() == 1 => return Ok(Value::Object(root)),
            Event::Eof => return Err(XmlError::Root),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn begin(start: &BytesStart<'_>, depth: usize, elements: usize) -> Result<Open, XmlError> {
    if depth >= DEEPEST {
        return Err(XmlError::TooDeep);
    }
    if elements > MOST_ELEMENTS || start.attributes().take(MOST_ATTRIBUTES + 1).count() > MOST_ATTRIBUTES {
        return Err(XmlError::TooMany);
    }
    let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
    Ok(Open { name, members: Map::new(), text: String::new() })
}

/// Text outside of the root is only white space.
fn write_text(open: &mut [Open], text: &str) -> Result<(), XmlError> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(XmlError::Root),
    }
    Ok(())
}

/// The five predefined entities and characters by number. No other can be declared without a `DOCTYPE`.
fn resolve(name: &BytesRef<'_>) -> Result<String, XmlError> {
    if let Some(character) = name.resolve_char_ref().map_err(|_| XmlError::Entity)? {
        return Ok(character.to_string());
    }
    let name = name.decode().map_err(|_| XmlError::Encoding)?;
    let known = quick_xml::escape::resolve_predefined_entity(&name).ok_or(XmlError::Entity)?;
    Ok(known.to_owned())
}

impl Open {
    fn close(self) -> (String, Value) {
        let value =
            if self.members.is_empty() { Value::from(self.text.trim()) } else { Value::Object(self.members) };
        (self.name, value)
    }
}

/// A second element of a name makes a list of them.
fn add(members: &mut Map<String, Value>, name: String, value: Value) {
    match members.get_mut(&name) {
        None => {
            members.insert(name, value);
        }
        Some(Value::Array(items)) => items.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

/// Writes a document, whose one member is its root. Elements stand in the order of `order`, others after them by
/// name; what is `null` is left out.
///
/// # Errors
/// In words: a name that cannot be one of an element, no root, or too deep.
pub(crate) fn write(document: &Value, order: &[&str]) -> Result<String, String> {
    let root = document.as_object().filter(|members| members.len() == 1);
    let root = root.ok_or("a document has one root element")?;
    let mut text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".to_owned();
    for (name, value) in root {
        element(name, value, order, 0, &mut text)?;
    }
    Ok(text)
}

fn element(name: &str, value: &Value, order: &[&str], depth: usize, text: &mut String) -> Result<(), String> {
    if !is_name(name) {
        return Err(format!("`{}` cannot be the name of an element", crate::text::one_line(name, 80)));
    }
    if depth >= DEEPEST {
        return Err(format!("elements are nested deeper than {DEEPEST}"));
    }
    let indent = "  ".repeat(depth);
    let simple = match value {
        Value::Null => return Ok(()),
        Value::Array(items) => {
            return items.iter().try_for_each(|item| element(name, item, order, depth, text));
        }
        Value::Object(members) => {
            text.push_str(&format!("{indent}<{name}>\n"));
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by(|(a, _), (b, _)| place(a, b, order));
            for (name, value) in members {
                element(name, value, order, depth + 1, text)?;
            }
            text.push_str(&format!("{indent}</{name}>\n"));
            return Ok(());
        }
        Value::String(simple) => simple.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
    };
    if simple.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(format!("the text of `{name}` holds a control character"));
    }
    text.push_str(&format!("{indent}<{name}>{}</{name}>\n", escape(simple.as_str())));
    Ok(())
}

fn is_name(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

fn place(a: &str, b: &str, order: &[&str]) -> Ordering {
    let at = |name: &str| order.iter().position(|known| *known == name).unwrap_or(order.len());
    at(a).cmp(&at(b)).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn xml_is_read_as_its_json_twin() {
        let xml =
            b"<?xml version=\"1.0\"?><!-- x --><a:Doc xmlns:a=\"u\"><hdr><n>1 &amp; &#50;</n><e/></hdr>\
            <row><q>1</q></row><row><q><![CDATA[<2>]]></q></row></a:Doc>";
        let expected =
            json!({ "Doc": { "hdr": { "n": "1 & 2", "e": "" }, "row": [{ "q": "1" }, { "q": "<2>" }] } });
        assert_eq!(read(xml).unwrap(), expected);
    }

    #[test]
    fn what_bombs_parsers_is_refused() {
        let entity = br#"<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>"#;
        assert_eq!(read(entity), Err(XmlError::DocType));
        assert_eq!(read(b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>"), Err(XmlError::DocType));
        assert_eq!(read(b"<x>&a;</x>"), Err(XmlError::Entity));
        assert_eq!(read("<x>".repeat(33).as_bytes()), Err(XmlError::TooDeep));
        let wide = format!("<x {}/>", (0..65).map(|n| format!("a{n}='1' ")).collect::<String>());
        assert_eq!(read(wide.as_bytes()), Err(XmlError::TooMany));
        assert_eq!(read(b"<x>\xff</x>"), Err(XmlError::Encoding));
        for broken in ["", "x", "<x>", "<x></y>", "<x/><y/>", "<x/>z", "</x>", "<x/><x/>"] {
            assert!(read(broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[test]
    fn what_is_written_reads_the_same_and_stands_in_order() {
        let document = json!({ "D": { "dtl": [{ "q": 1, "n": "<&>\"é" }, { "q": true }], "hdr": { "none": null, "b": "2", "a": "1" } } });
        let text = write(&document, &["hdr", "b"]).unwrap();
        assert!(text.find("<hdr>").unwrap() < text.find("<dtl>").unwrap(), "{text}");
        assert!(text.find("<b>").unwrap() < text.find("<a>").unwrap(), "{text}");
        assert_eq!(read(text.as_bytes()).unwrap()["D"]["dtl"][0], json!({ "q": "1", "n": "<&>\"é" }));
        assert!(!text.contains("none"));
    }

    #[test]
    fn what_cannot_be_written_is_said() {
        for document in
            [json!({}), json!({ "a": 1, "b": 2 }), json!({ "a b": 1 }), json!({ "a": "\u{1}" }), json!("a")]
        {
            assert!(write(&document, &[]).is_err(), "{document}");
        }
    }
}
