//! Signatures, envelopes and compression of CMS. OpenSSL does the cryptography; what it does not let us choose or see
//! from Rust, the hash of a signature, the algorithms in what came, and compression, is written and read here.
use std::io::{Read as _, Write as _};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::error::ErrorStack;
use openssl::hash::hash;
use openssl::pkey::{Id, PKey, Private};
use openssl::sign::Signer;
use openssl::stack::Stack;
use openssl::x509::{X509, X509Ref};

use super::algorithms::{Cipher, Digest};
use super::ber::{CONTEXT_0, Element, INTEGER, Malformed, NULL, OCTETS, OID, SEQUENCE, SET, tlv, within};

const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const ENVELOPED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03];
const COMPRESSED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x09];
const ZLIB: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x03, 0x08];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// What kind of structure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Signed,
    Enveloped,
    Compressed,
}

/// Why something could not be done. Never says what OpenSSL said: an attacker learns from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// It is not the structure that it should be.
    Malformed,
    /// OpenSSL could not do it: another key, another content, another signer.
    Failed,
    /// More comes out than may.
    TooLarge,
}

impl From<Malformed> for Broken {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl From<ErrorStack> for Broken {
    fn from(_: ErrorStack) -> Self {
        Self::Failed
    }
}

/// What kind of structure the bytes are.
pub(super) fn kind(bytes: &[u8]) -> Option<Kind> {
    match content(bytes).ok()?.0.body {
        SIGNED_DATA => Some(Kind::Signed),
        ENVELOPED_DATA => Some(Kind::Enveloped),
        COMPRESSED_DATA => Some(Kind::Compressed),
        _ => None,
    }
}

/// The type and the content of a ContentInfo.
fn content(bytes: &[u8]) -> Result<(Element<'_>, Element<'_>), Malformed> {
    let (info, _) = Element::read(bytes)?;
    let [kind, content, ..] = info.tagged(SEQUENCE)?.children()?[..] else { return Err(Malformed) };
    let [inner, ..] = content.tagged(CONTEXT_0)?.children()?[..] else { return Err(Malformed) };
    Ok((kind.tagged(OID)?, inner))
}

/// The identifier in an AlgorithmIdentifier.
fn algorithm<'a>(element: &Element<'a>) -> Result<&'a [u8], Malformed> {
    let children = element.tagged(SEQUENCE)?.children()?;
    Ok(children.first().ok_or(Malformed)?.tagged(OID)?.body)
}

/// A detached signature of `data`. The same data gives the same signature where the key is RSA: nothing in it is a
/// time or drawn.
pub(super) fn sign(
    data: &[u8],
    certificate: &X509Ref,
    key: &PKey<Private>,
    digest: Digest,
) -> Result<Vec<u8>, Broken> {
    let der = certificate.to_der()?;
    let (issuer, serial) = issuer_and_serial(&der)?;
    let digest_algorithm = within(SEQUENCE, &[&tlv(OID, digest.oid()), &tlv(NULL, &[])]);
    let imprint = hash(digest.message_digest(), data)?;
    let attribute = |oid: &[u8], value: Vec<u8>| within(SEQUENCE, &[&tlv(OID, oid), &tlv(SET, &value)]);
    let mut attributes =
        [attribute(CONTENT_TYPE, tlv(OID, DATA)), attribute(MESSAGE_DIGEST, tlv(OCTETS, &imprint))];
    attributes.sort();
    let attributes = attributes.concat();
    let mut signer = Signer::new(digest.message_digest(), key)?;
    signer.update(&tlv(SET, &attributes))?;
    let signature = signer.sign_to_vec()?;
    let signature_algorithm = match key.id() {
        Id::EC => tlv(SEQUENCE, &tlv(OID, digest.ecdsa_oid())),
        _ => within(SEQUENCE, &[&tlv(OID, RSA), &tlv(NULL, &[])]),
    };
    let info = within(
        SEQUENCE,
        &[
            &tlv(INTEGER, &[1]),
            &within(SEQUENCE, &[issuer, serial]),
            &digest_algorithm,
            &tlv(CONTEXT_0, &attributes),
            &signature_algorithm,
            &tlv(OCTETS, &signature),
        ],
    );
    let signed = within(
        SEQUENCE,
        &[
            &tlv(INTEGER, &[1]),
            &tlv(SET, &digest_algorithm),
            &tlv(SEQUENCE, &tlv(OID, DATA)),
            &tlv(CONTEXT_0, &der),
            &tlv(SET, &info),
        ],
    );
    Ok(within(SEQUENCE, &[&tlv(OID, SIGNED_DATA), &tlv(CONTEXT_0, &signed)]))
}

/// Of a certificate, whole.
fn issuer_and_serial(der: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let (certificate, _) = Element::read(der)?;
    let signed = *certificate.tagged(SEQUENCE)?.children()?.first().ok_or(Malformed)?;
    let fields = signed.tagged(SEQUENCE)?.children()?;
    let fields = match fields.first() {
        Some(first) if first.tag == CONTEXT_0 => &fields[1..],
        _ => &fields[..],
    };
    let [serial, _, issuer, ..] = fields else { return Err(Malformed) };
    Ok((issuer.tagged(SEQUENCE)?.whole, serial.tagged(INTEGER)?.whole))
}

/// The hashes that the signers of a SignedData used; none where one is used that we do not know.
pub(super) fn digests(bytes: &[u8]) -> Result<Option<Vec<Digest>>, Malformed> {
    let (_, signed) = content(bytes)?;
    let fields = signed.tagged(SEQUENCE)?.children()?;
    let infos = fields.last().ok_or(Malformed)?.tagged(SET)?.children()?;
    let mut found = Vec::new();
    for info in infos {
        let parts = info.tagged(SEQUENCE)?.children()?;
        let Some(digest) = Digest::of_oid(algorithm(parts.get(2).ok_or(Malformed)?)?) else {
            return Ok(None);
        };
        found.push(digest);
    }
    if found.is_empty() { Err(Malformed) } else { Ok(Some(found)) }
}

/// Checks a signature against the certificates of the one who should have signed, and gives what was signed: `detached`,
/// or what the structure holds. Certificates inside it are not believed, and no chain is followed: a partner's
/// certificate is trusted because it was given to us.
pub(super) fn verify(
    bytes: &[u8],
    detached: Option<&[u8]>,
    certificates: &[X509],
) -> Result<Vec<u8>, Broken> {
    let mut structure = CmsContentInfo::from_der(bytes)?;
    let mut known = Stack::new()?;
    for certificate in certificates {
        known.push(certificate.clone())?;
    }
    let options = CMSOptions::NOINTERN | CMSOptions::NO_SIGNER_CERT_VERIFY | CMSOptions::BINARY;
    let mut signed = Vec::new();
    structure.verify(Some(&known), None, detached, Some(&mut signed), options)?;
    Ok(detached.map_or(signed, <[u8]>::to_vec))
}

/// An envelope that only the holder of the certificate's key opens.
pub(super) fn encrypt(data: &[u8], certificate: &X509, cipher: Cipher) -> Result<Vec<u8>, Broken> {
    let mut recipients = Stack::new()?;
    recipients.push(certificate.clone())?;
    let structure = CmsContentInfo::encrypt(&recipients, data, cipher.symmetric(), CMSOptions::BINARY)?;
    Ok(structure.to_der()?)
}

/// The cipher of an EnvelopedData; none where it is one that we do not know.
pub(super) fn cipher(bytes: &[u8]) -> Result<Option<Cipher>, Malformed> {
    let (_, enveloped) = content(bytes)?;
    let fields = enveloped.tagged(SEQUENCE)?.children()?;
    let recipients = fields.iter().position(|field| field.tag == SET).ok_or(Malformed)?;
    let encrypted = fields.get(recipients + 1).ok_or(Malformed)?.tagged(SEQUENCE)?.children()?;
    Ok(Cipher::of_oid(algorithm(encrypted.get(1).ok_or(Malformed)?)?))
}

/// Opens an envelope.
pub(super) fn decrypt(bytes: &[u8], certificate: &X509, key: &PKey<Private>) -> Result<Vec<u8>, Broken> {
    Ok(CmsContentInfo::from_der(bytes)?.decrypt(key, certificate)?)
}

/// The data, smaller (RFC 3274).
pub(super) fn compress(data: &[u8]) -> Result<Vec<u8>, Broken> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let packed = encoder.write_all(data).and_then(|()| encoder.finish()).map_err(|_| Broken::Failed)?;
    let inner = within(SEQUENCE, &[&tlv(OID, DATA), &tlv(CONTEXT_0, &tlv(OCTETS, &packed))]);
    let compressed = within(SEQUENCE, &[&tlv(INTEGER, &[0]), &tlv(SEQUENCE, &tlv(OID, ZLIB)), &inner]);
    Ok(within(SEQUENCE, &[&tlv(OID, COMPRESSED_DATA), &tlv(CONTEXT_0, &compressed)]))
}

/// The data as it was, at most `most` bytes of it: a few bytes may hold gigabytes.
pub(super) fn decompress(bytes: &[u8], most: usize) -> Result<Vec<u8>, Broken> {
    let (kind, compressed) = content(bytes)?;
    let fields = compressed.tagged(SEQUENCE)?.children()?;
    let [_, method, inner] = fields[..] else { return Err(Broken::Malformed) };
    if kind.body != COMPRESSED_DATA || algorithm(&method)? != ZLIB {
        return Err(Broken::Malformed);
    }
    let [_, held] = inner.tagged(SEQUENCE)?.children()?[..] else { return Err(Broken::Malformed) };
    let packed = held.tagged(CONTEXT_0)?.children()?.first().ok_or(Malformed)?.octets()?;
    let (mut data, limit) = (Vec::new(), u64::try_from(most).unwrap_or(u64::MAX));
    let mut decoder = ZlibDecoder::new(&packed[..]).take(limit.saturating_add(1));
    decoder.read_to_end(&mut data).map_err(|_| Broken::Malformed)?;
    if data.len() > most { Err(Broken::TooLarge) } else { Ok(data) }
}

/// Whether the signature is by one of the certificates, whatever was signed: tells a strange signer from a changed
/// content.
pub(super) fn is_signed_by(bytes: &[u8], detached: Option<&[u8]>, certificates: &[X509]) -> bool {
    let check = || -> Result<(), ErrorStack> {
        let mut structure = CmsContentInfo::from_der(bytes)?;
        let mut known = Stack::new()?;
        for certificate in certificates {
            known.push(certificate.clone())?;
        }
        let options = CMSOptions::NOINTERN
            | CMSOptions::NO_SIGNER_CERT_VERIFY
            | CMSOptions::NO_CONTENT_VERIFY
            | CMSOptions::BINARY;
        structure.verify(Some(&known), None, detached, Some(&mut Vec::new()), options)
    };
    check().is_ok()
}
