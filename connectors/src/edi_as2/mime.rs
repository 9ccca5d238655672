//! As much of MIME as AS2 needs. What is signed is signed byte by byte, so that parts are slices of what came.
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Deeper headers and longer lines are nobody's.
const MOST_HEADERS: usize = 100;

/// Headers, by their names in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Takes headers as they stand; names in any case.
    pub fn new<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let header = |(name, value): (&str, &str)| (name.to_ascii_lowercase(), value.trim().to_owned());
        Self(headers.into_iter().map(header).collect())
    }

    /// The first of a name; the empty text where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Each with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn content_type(&self) -> MediaType {
        MediaType::read(self.get("content-type"))
    }
}

/// A media type with its parameters, names in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct MediaType {
    pub(super) name: String,
    parameters: Vec<(String, String)>,
}

impl MediaType {
    pub(super) fn read(text: &str) -> Self {
        let mut pieces = split_outside_quotes(text, ';').into_iter();
        let name = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
        let parameter = |piece: String| {
            let (name, value) = piece.split_once('=')?;
            Some((name.trim().to_ascii_lowercase(), unquoted(value)))
        };
        Self { name, parameters: pieces.filter_map(parameter).collect() }
    }

    pub(super) fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// A value without the quotes around it.
pub(super) fn unquoted(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => text.to_owned(),
    }
}

fn split_outside_quotes(text: &str, at: char) -> Vec<String> {
    let (mut pieces, mut is_quoted) = (vec![String::new()], false);
    for c in text.chars() {
        is_quoted ^= c == '"';
        match pieces.last_mut() {
            Some(piece) if c != at || is_quoted => piece.push(c),
            _ => pieces.push(String::new()),
        }
    }
    pieces
}

/// The headers and the body of an entity. None where no empty line ends the headers, or there are too many.
pub(super) fn split(entity: &[u8]) -> Option<(Headers, &[u8])> {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut rest = entity;
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let line = rest.get(..end)?.strip_suffix(b"\r").unwrap_or(rest.get(..end)?);
        rest = rest.get(end + 1..)?;
        if line.is_empty() {
            return Some((Headers(headers), rest));
        }
        let text = String::from_utf8_lossy(line);
        if text.starts_with([' ', '\t']) {
            let (_, value) = headers.last_mut()?;
            value.push(' ');
            value.push_str(text.trim());
            continue;
        }
        let (name, value) = text.split_once(':')?;
        headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        if headers.len() > MOST_HEADERS {
            return None;
        }
    }
}

/// The parts of a multipart body, each exactly as it stands between its boundaries.
pub(super) fn parts<'a>(body: &'a [u8], boundary: &str) -> Option<Vec<&'a [u8]>> {
    if boundary.is_empty() || boundary.len() > 200 {
        return None;
    }
    let delimiter = format!("--{boundary}").into_bytes();
    let (mut parts, mut start, mut at) = (Vec::new(), None::<usize>, 0);
    while at <= body.len() {
        let line_end = body.get(at..)?.iter().position(|byte| *byte == b'\n').map(|end| at + end + 1);
        let line = body.get(at..line_end.unwrap_or(body.len()))?;
        if let Some(after) = line.strip_prefix(&delimiter[..]) {
            let tail = after.trim_ascii_end();
            if tail.is_empty() || tail == b"--" {
                if let Some(start) = start {
                    parts.push(without_line_end(body.get(start..at)?));
                }
                if tail == b"--" {
                    return Some(parts);
                }
                start = line_end;
            }
        }
        at = line_end?;
    }
    None
}

/// The line end before a boundary belongs to the boundary.
fn without_line_end(part: &[u8]) -> &[u8] {
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    part.strip_suffix(b"\r").unwrap_or(part)
}

/// A body as it was before it was made fit for transport.
pub(super) fn decoded(headers: &Headers, body: &[u8]) -> Option<Vec<u8>> {
    match headers.get("content-transfer-encoding").to_ascii_lowercase().as_str() {
        "" | "7bit" | "8bit" | "binary" => Some(body.to_vec()),
        "base64" => {
            let letters: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            STANDARD.decode(letters).ok()
        }
        "quoted-printable" => quoted_printable(body),
        _ => None,
    }
}

fn quoted_printable(body: &[u8]) -> Option<Vec<u8>> {
    let (mut out, mut rest) = (Vec::with_capacity(body.len()), body);
    while let Some((&first, after)) = rest.split_first() {
        if first != b'=' {
            out.push(first);
            rest = after;
        } else if let Some(after) = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n")) {
            rest = after;
        } else {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            out.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after.get(2..)?;
        }
    }
    Some(out)
}

/// Base64 in lines, as mail programs want it.
pub(super) fn base64_lines(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let mut out = String::with_capacity(text.len() + text.len() / 38);
    for (index, c) in text.chars().enumerate() {
        if index > 0 && index % 76 == 0 {
            out.push_str("\r\n");
        }
        out.push(c);
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_bytes_between_their_boundaries() {
        let body = b"preamble\r\n--b\r\nA: 1\r\n\r\none\r\n\r\n--b  \r\n\r\ntwo\r\n--b--\r\nepilogue";
        assert_eq!(parts(body, "b").unwrap(), [&b"A: 1\r\n\r\none\r\n"[..], b"\r\ntwo"]);
        assert_eq!(parts(b"--b\nX: 1\n\none\n--b--", "b").unwrap(), [b"X: 1\n\none"]);
        assert_eq!(parts(b"--b\r\nnever ends", "b"), None);
        assert_eq!(parts(b"--bb\r\nx\r\n--bb--", "b"), None);
        assert_eq!(parts(body, ""), None);
    }

    #[test]
    fn headers_are_unfolded_and_found_in_any_case() {
        let (headers, body) = split(
            b"Content-Type: multipart/signed; micalg=\"sha-256\";\r\n\tboundary=\"a;b\"\r\nX: \r\n\r\nbody",
        )
        .unwrap();
        let media = headers.content_type();
        assert_eq!(
            (media.name.as_str(), media.parameter("micalg"), media.parameter("boundary")),
            ("multipart/signed", "sha-256", "a;b")
        );
        assert_eq!((headers.get("x"), body), ("", &b"body"[..]));
        assert!(split(b"no end").is_none() && split(b": \r\n folded").is_none());
        assert!(split(&[b"A: 1\r\n".repeat(200), b"\r\n".to_vec()].concat()).is_none());
    }

    #[test]
    fn what_was_made_fit_for_transport_is_as_it_was() {
        let headers = |encoding: &str| Headers::new([("Content-Transfer-Encoding", encoding)]);
        assert_eq!(decoded(&headers("base64"), b"SVNB\r\nKg==\r\n").unwrap(), b"ISA*");
        assert_eq!(decoded(&headers("Quoted-Printable"), b"a=3D=\r\nb").unwrap(), b"a=b");
        assert_eq!(decoded(&headers("binary"), b"\0").unwrap(), b"\0");
        assert_eq!(decoded(&headers("uuencode"), b""), None);
        assert_eq!(decoded(&headers("quoted-printable"), b"=4"), None);
        let long = vec![7; 200];
        assert_eq!(decoded(&headers("base64"), base64_lines(&long).as_bytes()).unwrap(), long);
    }
}
