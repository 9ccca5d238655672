//! As much of ASN.1 as the structures around CMS need: reading BER, indefinite lengths included, because Bouncy Castle
//! writes them; writing DER.
use std::fmt;

/// Deeper than CMS ever nests.
const DEEPEST: usize = 24;

pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OID: u8 = 0x06;
/// `[0]`, around something else.
pub(super) const CONTEXT_0: u8 = 0xa0;

/// The bytes are no BER, or not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the ASN.1 that it should be")
    }
}

/// One element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    /// What is inside.
    pub(super) body: &'a [u8],
    /// All of it, with tag and length.
    pub(super) whole: &'a [u8],
}

impl<'a> Element<'a> {
    /// The first element of `input`, and what follows it.
    pub(super) fn read(input: &'a [u8]) -> Result<(Self, &'a [u8]), Malformed> {
        read(input, 0)
    }

    /// The elements inside.
    pub(super) fn children(&self) -> Result<Vec<Element<'a>>, Malformed> {
        let (mut rest, mut found) = (self.body, Vec::new());
        while !rest.is_empty() {
            let (child, after) = Element::read(rest)?;
            found.push(child);
            rest = after;
        }
        Ok(found)
    }

    /// The same, if it has this tag.
    pub(super) fn tagged(self, tag: u8) -> Result<Self, Malformed> {
        if self.tag == tag { Ok(self) } else { Err(Malformed) }
    }

    /// The bytes of an octet string, which may come in pieces.
    pub(super) fn octets(&self) -> Result<Vec<u8>, Malformed> {
        if self.tag & 0x20 == 0 {
            return Ok(self.body.to_vec());
        }
        let mut bytes = Vec::new();
        for piece in self.children()? {
            bytes.extend(piece.octets()?);
        }
        Ok(bytes)
    }
}

fn read(input: &[u8], depth: usize) -> Result<(Element<'_>, &[u8]), Malformed> {
    let (&tag, after_tag) = input.split_first().ok_or(Malformed)?;
    let (&length, mut rest) = after_tag.split_first().ok_or(Malformed)?;
    // Tags of several bytes do not occur here.
    if tag & 0x1f == 0x1f || depth > DEEPEST {
        return Err(Malformed);
    }
    if length == 0x80 {
        return indefinite(input, tag, rest, depth);
    }
    let mut size = usize::from(length);
    if length > 0x80 {
        let count = usize::from(length & 0x7f);
        if count > 8 || rest.len() < count {
            return Err(Malformed);
        }
        let (digits, after) = rest.split_at(count);
        size = digits
            .iter()
            .try_fold(0_usize, |size, digit| size.checked_mul(256)?.checked_add(usize::from(*digit)))
            .ok_or(Malformed)?;
        rest = after;
    }
    if rest.len() < size {
        return Err(Malformed);
    }
    let (body, after) = rest.split_at(size);
    Ok((Element { tag, body, whole: &input[..input.len() - after.len()] }, after))
}

/// An element that ends with two zero bytes. Only those that hold elements may.
fn indefinite<'a>(
    input: &'a [u8],
    tag: u8,
    start: &'a [u8],
    depth: usize,
) -> Result<(Element<'a>, &'a [u8]), Malformed> {
    if tag & 0x20 == 0 {
        return Err(Malformed);
    }
    let mut rest = start;
    loop {
        if let Some(after) = rest.strip_prefix(&[0, 0]) {
            let body = &start[..start.len() - rest.len()];
            return Ok((Element { tag, body, whole: &input[..input.len() - after.len()] }, after));
        }
        rest = read(rest, depth + 1)?.1;
    }
}

/// One element, written.
pub(super) fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(body.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let digits: Vec<u8> =
                body.len().to_be_bytes().into_iter().skip_while(|digit| *digit == 0).collect();
            let count = u8::try_from(digits.len()).unwrap_or(8);
            out.push(0x80 | count);
            out.extend(digits);
        }
    }
    out.extend_from_slice(body);
    out
}

/// An element of several.
pub(super) fn within(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    tlv(tag, &parts.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for size in [0, 1, 127, 128, 255, 256, 70_000] {
            let body = vec![7; size];
            let written = within(SEQUENCE, &[&tlv(OCTETS, &body), &tlv(NULL, &[])]);
            let (element, rest) = Element::read(&written).unwrap();
            let children = element.tagged(SEQUENCE).unwrap().children().unwrap();
            assert_eq!((children.len(), rest.len()), (2, 0));
            assert_eq!(children[0].octets().unwrap(), body);
            assert_eq!(element.whole, written);
        }
    }

    #[test]
    fn pieces_of_indefinite_length_are_put_together() {
        let bytes = [0x24, 0x80, 0x04, 0x02, b'a', b'b', 0x24, 0x80, 0x04, 0x01, b'c', 0, 0, 0, 0, 9];
        let (element, rest) = Element::read(&bytes).unwrap();
        assert_eq!((element.octets().unwrap(), rest), (b"abc".to_vec(), &[9][..]));
    }

    #[test]
    fn nonsense_is_malformed_and_never_more() {
        let mut deep = [0x30, 0x80].repeat(100_000);
        assert!(Element::read(&deep).is_err());
        deep.extend([0; 200_000]);
        assert!(Element::read(&deep).is_err());
        for bytes in
            [&b""[..], &[0x30], &[0x04, 0x80], &[0x30, 0x84, 0xff], &[0x30, 0x05, 1], &[0x1f, 0x01, 0]]
        {
            assert!(Element::read(bytes).is_err(), "{bytes:?}");
        }
        let long = [0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert!(Element::read(&long).is_err());
    }
}
