//! Two stations that talk to each other: every combination, and everything that may be wrong with a message.
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509NameBuilder};
use serde_json::json;

use super::*;
use crate::composed::tests::{X12, delivery};
use crate::stub::{PATIENT, Say, Stub, errand, local_http};
use crate::{Content, HttpSettings, build};

const MOST: usize = 1 << 20;

/// A certificate and its key, as PEM.
struct Party {
    certificate: String,
    key: String,
}

/// Making keys takes time: each party is made once.
static PARTIES: LazyLock<[Party; 3]> = LazyLock::new(|| ["NORTHDIST", "NORDHAVEN", "STRANGER"].map(party));

fn party(name: &str) -> Party {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let certificate = certificate(name, &key);
    Party {
        certificate: String::from_utf8(certificate.to_pem().unwrap()).unwrap(),
        key: String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap(),
    }
}

/// Valid around the time of the tests' calls.
fn certificate(name: &str, key: &PKey<Private>) -> X509 {
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_nid(Nid::COMMONNAME, name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let serial = BigNum::from_u32(0x00ff_4242).unwrap().to_asn1_integer().unwrap();
    builder.set_serial_number(&serial).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(&subject).unwrap();
    builder.set_pubkey(key).unwrap();
    let at = errand().at.timestamp();
    builder.set_not_before(&Asn1Time::from_unix(at - 86_400).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(at + 365 * 86_400).unwrap()).unwrap();
    builder.sign(key, MessageDigest::sha256()).unwrap();
    builder.build()
}

/// The configuration of one side.
#[expect(clippy::needless_pass_by_value, reason = "what is made for the call is handed over")]
fn config(us: usize, them: usize, more: Value) -> Value {
    let names = ["NORTHDIST", "NORDHAVEN", "STRANGER"];
    let mut config = json!({
        "endpoint": "https://as2.example.com/as2",
        "our_id": names[us],
        "partner_id": names[them],
        "our_certificate": PARTIES[us].certificate,
        "private_key": PARTIES[us].key,
        "partner_certificate": PARTIES[them].certificate,
    });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config
}

fn station(us: usize, them: usize, more: Value) -> Station {
    Station::open(config(us, them, more)).unwrap()
}

fn content() -> Content {
    Content { media_type: "application/edi-x12".into(), bytes: X12.into() }
}

fn sent(station: &Station) -> (Packed, Headers) {
    let packed = station.pack(("dlv_1", errand().at), ("850.edi", &content())).unwrap();
    let mut headers: Vec<(&str, &str)> =
        packed.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    headers.push(("content-type", &packed.content_type));
    let headers = Headers::new(headers);
    (packed, headers)
}

fn opened(station: &Station, headers: &Headers, body: &[u8]) -> Result<Opened, Fault> {
    match station.unpack(headers, body, MOST).unwrap()? {
        Arrived::Message(opened) => Ok(*opened),
        Arrived::Confirmation(heard) => panic!("{heard:?}"),
    }
}

fn mdn_headers(mdn: &Mdn) -> Headers {
    Headers::new(mdn.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

#[test]
fn every_combination_arrives_and_is_confirmed() {
    let lenient = json!({ "require_signed": false, "require_encrypted": false, "allow_sha1": true, "allow_3des": true });
    let receiver = station(1, 0, lenient);
    for sign in [true, false] {
        for encrypt in [true, false] {
            for compress in [true, false] {
                for (digest, cipher) in
                    [("SHA256", "AES256"), ("SHA1", "3DES"), ("SHA512", "AES128"), ("SHA384", "AES192")]
                {
                    let case =
                        format!("sign {sign}, encrypt {encrypt}, compress {compress}, {digest}, {cipher}");
                    let settings = json!({ "sign": sign, "encrypt": encrypt, "compress": compress, "digest": digest,
                        "cipher": cipher, "allow_sha1": true, "allow_3des": true });
                    let sender = station(0, 1, settings);
                    let (packed, headers) = sent(&sender);
                    assert_eq!(
                        packed.body.windows(9).any(|w| w == b"NORTHDIST"),
                        !encrypt && !compress,
                        "{case}"
                    );
                    let opened = opened(&receiver, &headers, &packed.body)
                        .unwrap_or_else(|fault| panic!("{case}: {fault:?}"));
                    assert_eq!((opened.name.as_str(), &opened.content), ("850.edi", &content()), "{case}");
                    let mdn = receiver.confirm(&headers, Ok(&opened), "mdn-1", errand().at).unwrap();
                    assert_eq!(sender.confirmed(&packed, &mdn_headers(&mdn), &mdn.body), Ok(()), "{case}");
                }
            }
        }
    }
}

#[test]
fn the_same_delivery_is_the_same_message() {
    let (one, two) = (
        sent(&station(0, 1, json!({ "encrypt": false }))).0,
        sent(&station(0, 1, json!({ "encrypt": false }))).0,
    );
    assert_eq!((&one.message_id, &one.mic.0, &one.body), (&two.message_id, &two.mic.0, &two.body));
    assert_eq!(one.message_id, "<dlv_1@NORTHDIST>");
}

#[test]
fn what_is_not_as_agreed_is_refused_with_the_right_disposition() {
    let fault = |receiver: Value, sender: (usize, Value)| {
        let (packed, headers) = sent(&station(sender.0, 1, sender.1));
        opened(&station(1, 0, receiver), &headers, &packed.body).unwrap_err()
    };
    let plain = json!({});
    let weak = json!({ "digest": "SHA1", "cipher": "3DES", "allow_sha1": true, "allow_3des": true });
    assert_eq!(fault(plain.clone(), (0, json!({ "sign": false }))), Fault::InsufficientMessageSecurity);
    assert_eq!(fault(plain.clone(), (0, json!({ "encrypt": false }))), Fault::InsufficientMessageSecurity);
    assert_eq!(fault(plain.clone(), (2, plain.clone())), Fault::AuthenticationFailed);
    assert_eq!(fault(json!({ "allow_sha1": true }), (0, weak.clone())), Fault::InsufficientMessageSecurity);
    assert_eq!(fault(json!({ "allow_3des": true }), (0, weak.clone())), Fault::InsufficientMessageSecurity);
    let signed = json!({ "require_encrypted": false, "allow_3des": true });
    let only_signed = json!({ "encrypt": false, "digest": "SHA1", "allow_sha1": true });
    assert_eq!(fault(signed, (0, only_signed)), Fault::InsufficientMessageSecurity);

    // Encrypted for somebody else.
    let (packed, headers) = sent(&station(0, 2, plain.clone()));
    assert_eq!(
        opened(&station(1, 0, plain.clone()), &headers, &packed.body).unwrap_err(),
        Fault::DecryptionFailed
    );
    // The present key is another; the one before still opens.
    let changed = json!({ "our_certificate": PARTIES[2].certificate, "private_key": PARTIES[2].key,
        "previous_certificate": PARTIES[1].certificate, "previous_private_key": PARTIES[1].key });
    let (packed, headers) = sent(&station(0, 1, plain));
    assert!(opened(&station(1, 0, changed), &headers, &packed.body).is_ok());
    for fault in [
        Fault::DecryptionFailed,
        Fault::AuthenticationFailed,
        Fault::IntegrityCheckFailed,
        Fault::DecompressionFailed,
        Fault::InsufficientMessageSecurity,
        Fault::UnsupportedFormat,
        Fault::UnsupportedMic,
        Fault::UnexpectedProcessingError,
    ] {
        assert!(
            fault.disposition().contains("/error: ") || fault.disposition().starts_with("failed/failure: ")
        );
    }
}

#[test]
fn whatever_is_changed_on_the_way_is_noticed() {
    let signed = station(1, 0, json!({ "require_encrypted": false }));
    let (packed, headers) = sent(&station(0, 1, json!({ "encrypt": false })));
    let at = packed.body.windows(9).position(|w| w == b"NORTHDIST").unwrap();
    let mut changed = packed.body.clone();
    changed[at] ^= 1;
    assert_eq!(opened(&signed, &headers, &changed).unwrap_err(), Fault::IntegrityCheckFailed);

    let both = station(1, 0, json!({}));
    let (packed, headers) = sent(&station(0, 1, json!({})));
    for at in (0..packed.body.len()).step_by(97) {
        let mut changed = packed.body.clone();
        changed[at] ^= 0x10;
        // Where nobody looks, in the text of an unused attribute, the same message comes out.
        if let Ok(opened) = opened(&both, &headers, &changed) {
            assert_eq!(opened.content, content(), "byte {at}");
        }
    }
    for end in [0, 1, 100, packed.body.len() - 1] {
        assert!(opened(&both, &headers, &packed.body[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn nonsense_and_bombs_are_refused() {
    let lenient = station(1, 0, json!({ "require_signed": false, "require_encrypted": false }));
    for (media, body) in [
        ("application/pkcs7-mime; smime-type=enveloped-data", &b"not CMS"[..]),
        ("application/pkcs7-mime", b"\x30\x80\x06"),
        ("application/pkcs7-mime", b""),
        ("multipart/signed; boundary=x", b"--x\r\n\r\n--x--"),
        ("multipart/signed", b""),
    ] {
        let headers = Headers::new([("content-type", media)]);
        assert!(opened(&lenient, &headers, body).is_err(), "{media}");
    }
    let entity = [b"Content-Type: text/plain\r\n\r\n".to_vec(), vec![b' '; 8 << 20]].concat();
    let bomb = cms::compress(&entity).unwrap();
    let headers = Headers::new([("content-type", "application/pkcs7-mime; smime-type=compressed-data")]);
    assert!(bomb.len() < 100_000);
    assert_eq!(opened(&lenient, &headers, &bomb).unwrap_err(), Fault::DecompressionFailed);
    let mut nested = b"Content-Type: text/plain\r\n\r\nx".to_vec();
    for _ in 0..20 {
        let inner = cms::compress(&nested).unwrap();
        nested = [b"Content-Type: application/pkcs7-mime\r\n\r\n".to_vec(), inner].concat();
    }
    let body = nested.split_off(b"Content-Type: application/pkcs7-mime\r\n\r\n".len());
    assert_eq!(opened(&lenient, &headers, &body).unwrap_err(), Fault::UnsupportedFormat);
}

#[test]
fn the_hash_of_a_confirmation_is_one_that_both_take() {
    let receiver = station(1, 0, json!({}));
    let (packed, headers) = sent(&station(0, 1, json!({})));
    let wishing = |micalg: &str| {
        let options =
            format!("signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg={micalg}");
        let others = headers.iter().filter(|(name, _)| *name != "disposition-notification-options");
        let headers = Headers::new(others.chain([("disposition-notification-options", options.as_str())]));
        opened(&receiver, &headers, &packed.body)
            .map(|opened| opened.mic.split(", ").last().unwrap().to_owned())
    };
    assert_eq!(wishing("optional, sha1, SHA256").unwrap(), "SHA256");
    assert_eq!(wishing("required, sha-512").unwrap(), "sha-512");
    assert_eq!(wishing("required, md5, sha1").unwrap_err(), Fault::UnsupportedMic);
}

#[test]
fn a_confirmation_is_believed_only_when_it_says_the_right_thing() {
    let (sender, receiver) = (station(0, 1, json!({})), station(1, 0, json!({})));
    let (packed, headers) = sent(&sender);
    let opened = opened(&receiver, &headers, &packed.body).unwrap();
    let judged = |station: &Station, mdn: &Mdn| {
        let judged = sender_of(station, &packed, mdn);
        judged.map_or_else(|error| error.to_string(), |()| "taken".to_owned())
    };
    let confirm =
        |headers: &Headers, outcome| receiver.confirm(headers, outcome, "mdn-1", errand().at).unwrap();
    assert_eq!(judged(&sender, &confirm(&headers, Ok(&opened))), "taken");
    let refused = judged(&sender, &confirm(&headers, Err(Fault::AuthenticationFailed)));
    assert!(refused.contains("refused: authentication-failed"), "{refused}");

    let other =
        Opened { mic: mdn::mic_of(b"other", Digest::Sha256), ..reopened(&receiver, &headers, &packed) };
    assert!(judged(&sender, &confirm(&headers, Ok(&other))).contains("MIC_MISMATCH"));
    let others = headers.iter().filter(|(name, _)| *name != "message-id");
    let another = Headers::new(others.chain([("message-id", "<dlv_2@NORTHDIST>")]));
    assert!(judged(&sender, &confirm(&another, Ok(&opened))).contains("another message"));
    let unsigned = headers.iter().filter(|(name, _)| *name != "disposition-notification-options");
    let unsigned = confirm(&Headers::new(unsigned), Ok(&opened));
    assert!(judged(&sender, &unsigned).contains("not signed"));
    assert_eq!(judged(&station(0, 1, json!({ "mdn_signed": false })), &unsigned), "taken");
    let stranger = station(2, 0, json!({ "partner_certificate": PARTIES[0].certificate }));
    let forged = stranger.confirm(&headers, Ok(&opened), "mdn-1", errand().at).unwrap();
    assert!(judged(&sender, &forged).contains("not by the partner's certificate"));
    let mut changed = confirm(&headers, Err(Fault::DecryptionFailed));
    let text =
        String::from_utf8(changed.body).unwrap().replace("processed/error: decryption-failed", "processed");
    changed.body = text.into_bytes();
    assert!(judged(&sender, &changed).contains("not by the partner's certificate"), "a changed MDN");
    for (body, media) in [("", "text/html"), ("<html>", "text/html"), ("x", "multipart/report; boundary=x")] {
        let mdn = Mdn { headers: vec![("content-type".into(), media.into())], body: body.into() };
        let said = sender_of(&sender, &packed, &mdn).unwrap_err();
        assert_eq!(said.word(), "unconfirmed", "{media}: {said}");
    }
}

fn sender_of(station: &Station, packed: &Packed, mdn: &Mdn) -> Result<(), DeliveryError> {
    station.confirmed(packed, &mdn_headers(mdn), &mdn.body)
}

fn reopened(station: &Station, headers: &Headers, packed: &Packed) -> Opened {
    opened(station, headers, &packed.body).unwrap()
}

#[test]
fn a_message_that_came_before_is_a_success() {
    let heard = |disposition: &str| Heard {
        original: "<dlv_1@NORTHDIST>".into(),
        disposition: disposition.into(),
        mic: None,
        raw: bytes::Bytes::new(),
    };
    for disposition in [
        "processed/warning: duplicate-document",
        "processed/error: duplicate-document",
        "processed/Error: Duplicate",
    ] {
        let means = mdn::judge(&heard(disposition), "<dlv_1@NORTHDIST>", ("", Digest::Sha256), true);
        assert_eq!(means, mdn::Means::Taken, "{disposition}");
        assert!(Station::is_good(&heard(disposition)));
    }
    for disposition in
        ["failed/failure: unsupported format", "processed/Error: decryption-failed", "processed/failure: x"]
    {
        assert!(!Station::is_good(&heard(disposition)), "{disposition}");
        let means = mdn::judge(&heard(disposition), "<dlv_1@NORTHDIST>", ("", Digest::Sha256), true);
        assert!(matches!(means, mdn::Means::Refused { .. }), "{disposition}");
    }
}

/// What the partner's endpoint answers to a delivery.
async fn delivered(more: Value, say: Say) -> Attempted<Receipt> {
    let hasty = matches!(say, Say::Hold(_));
    let stub = Stub::start(say).await;
    let mut config = config(0, 1, more);
    config["endpoint"] = json!(stub.url);
    config["encrypt"] = json!(false);
    config["user"] = json!("northdist");
    config["password"] = json!("canary-of-the-password");
    let connector = build(KIND, config).unwrap();
    let http = local_http(if hasty { std::time::Duration::from_millis(500) } else { PATIENT });
    let sent = connector.deliver(&http, &delivery(X12)).await;
    let shown = format!("{sent:?} {connector:?}");
    assert!(!shown.contains("canary") && !shown.contains("PRIVATE KEY"), "{shown}");
    sent
}

#[tokio::test]
async fn a_delivery_is_what_its_confirmation_says() {
    let sender = station(0, 1, json!({ "encrypt": false }));
    let receiver = station(1, 0, json!({ "require_encrypted": false }));
    let outgoing = delivery(X12);
    let packed = sender
        .pack((&outgoing.id, outgoing.errand.at), ("850-000000042.edi", outgoing.content.as_ref().unwrap()))
        .unwrap();
    let mut headers: Vec<(&str, &str)> =
        packed.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    headers.push(("content-type", &packed.content_type));
    let headers = Headers::new(headers);
    let opened = opened(&receiver, &headers, &packed.body).unwrap();
    let say = |mdn: &Mdn| {
        let media = mdn.headers.iter().find(|(name, _)| name == "content-type").unwrap();
        Say::answer(
            200,
            &format!("content-type: {}\r\n", media.1),
            &String::from_utf8(mdn.body.clone()).unwrap(),
        )
    };
    let good = receiver.confirm(&headers, Ok(&opened), "mdn-1", errand().at).unwrap();
    let bad = receiver.confirm(&headers, Err(Fault::DecryptionFailed), "mdn-1", errand().at).unwrap();
    let nothing = json!({});
    let word = |sent: Attempted<Receipt>| {
        sent.outcome.map_or_else(|error| error.word().to_owned(), |receipt| receipt.reference.unwrap())
    };
    assert_eq!(word(delivered(nothing.clone(), say(&good)).await), packed.message_id);
    assert_eq!(word(delivered(nothing.clone(), say(&bad)).await), "refused");
    for (say, expected) in [
        (Say::answer(200, "", ""), "unconfirmed"),
        (Say::answer(200, "content-type: text/html\r\n", "<html>sign in"), "unconfirmed"),
        (Say::Hold(vec![]), "unconfirmed"),
        (Say::Bytes(vec![]), "unconfirmed"),
        (Say::answer(500, "", ""), "unconfirmed"),
        (Say::answer(503, "", ""), "retry"),
        (Say::answer(401, "", ""), "unauthorized"),
        (Say::answer(404, "", ""), "refused"),
        (Say::answer(200, "", &"x".repeat(2 << 20)), "unconfirmed"),
    ] {
        assert_eq!(word(delivered(nothing.clone(), say.clone()).await), expected, "{say:?}");
    }
    let later = json!({ "mdn": "ASYNC", "mdn_url": "https://quayside.example.com/as2" });
    assert_eq!(word(delivered(later.clone(), Say::answer(202, "", "")).await), packed.message_id);
    assert_eq!(word(delivered(json!({ "mdn": "NONE" }), Say::answer(200, "", "")).await), packed.message_id);

    // What comes later is held against what was sent.
    let mut config = config(0, 1, later);
    config["encrypt"] = json!(false);
    let connector = build(KIND, config).unwrap();
    let http = local_http(PATIENT);
    let found = async |mdn: Option<&Mdn>| {
        let reply = mdn.map(|mdn| Content {
            media_type: mdn.headers.iter().find(|(name, _)| name == "content-type").unwrap().1.clone(),
            bytes: mdn.body.clone().into(),
        });
        connector.find(&http, &Delivery { reply, ..delivery(X12) }).await.outcome
    };
    assert_eq!(found(None).await, Ok(None));
    assert_eq!(
        found(Some(&good)).await.unwrap().unwrap().reference.as_deref(),
        Some(packed.message_id.as_str())
    );
    assert_eq!(found(Some(&bad)).await.unwrap_err().word(), "refused");
}

#[tokio::test]
async fn a_private_address_is_never_called() {
    let guarded = Http::new(HttpSettings::default()).unwrap();
    let connector = build(KIND, config(0, 1, json!({ "endpoint": "https://10.0.0.1/as2" }))).unwrap();
    let sent = connector.deliver(&guarded, &delivery(X12)).await;
    assert!(
        matches!(&sent.outcome, Err(DeliveryError::Refused { code, .. }) if code == "ENDPOINT_FORBIDDEN")
    );
    let mdn = Mdn { headers: Vec::new(), body: Vec::new() };
    for address in ["https://169.254.169.254/x", "http://127.0.0.1/", "mailto:x@example.com", "nowhere"] {
        let sent = send_confirmation(&guarded, address, &mdn, &errand()).await;
        assert_eq!(sent.outcome.unwrap_err().word(), "refused", "{address}");
    }
}

#[tokio::test]
async fn a_test_looks_at_the_certificates_first() {
    let stub = Stub::start(Say::answer(405, "", "")).await;
    let http = local_http(PATIENT);
    let connector = build(KIND, config(0, 1, json!({ "endpoint": stub.url }))).unwrap();
    assert_eq!(connector.test(&http, &errand()).await.outcome, Ok(()));
    let late = Errand { at: errand().at + chrono::TimeDelta::days(400), ..errand() };
    let error = connector.test(&http, &late).await.outcome.unwrap_err().to_string();
    assert!(error.contains("NORTHDIST") && error.contains("run out"), "{error}");
    assert_eq!(stub.requests().len(), 1);
    let lines = certificates(&config(0, 1, json!({})));
    assert!(
        lines.len() == 2 && lines[1].contains("NORDHAVEN") && lines[1].contains("valid until"),
        "{lines:?}"
    );
}

#[test]
fn a_configuration_that_cannot_work_is_refused_without_quoting_it() {
    for (more, about) in [
        (json!({ "private_key": "canary" }), "private_key"),
        (json!({ "private_key": PARTIES[2].key }), "is not the key"),
        (json!({ "our_certificate": "canary" }), "our_certificate"),
        (json!({ "partner_certificate": "" }), "partner_certificate"),
        (json!({ "digest": "SHA1" }), "allow_sha1"),
        (json!({ "cipher": "3DES" }), "allow_3des"),
        (json!({ "digest": "MD5" }), "digest"),
        (json!({ "our_id": "a\"b" }), "our_id"),
        (json!({ "partner_id": "" }), "partner_id"),
        (json!({ "partner_id": "NORTHDIST" }), "the same"),
        (json!({ "mdn": "ASYNC" }), "mdn_url"),
        (json!({ "user": "u" }), "password"),
        (json!({ "previous_certificate": PARTIES[2].certificate }), "go together"),
        (json!({ "endpoint": "https://u:canary@as2.example" }), "password"),
        (json!({ "colour": "canary" }), "colour"),
    ] {
        let problem = Station::open(config(0, 1, more)).unwrap_err().to_string();
        assert!(
            problem.contains(about) || problem.contains("unknown variant"),
            "{problem} does not say {about}"
        );
        assert!(!problem.contains("canary") && !problem.contains("BEGIN"), "{problem}");
    }
}

#[test]
fn the_golden_event_becomes_its_message() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/edi_as2/golden");
    let text = fs::read_to_string(golden.join("interchange_composed.event.json")).unwrap();
    let delivery = Delivery { event: serde_json::from_str(&text).unwrap(), content: None, ..delivery(X12) };
    let shown = build(KIND, config(0, 1, json!({}))).unwrap().preview(&delivery).unwrap().remove(0);
    let expected = fs::read_to_string(golden.join("interchange_composed.request.txt")).unwrap();
    assert_eq!(
        format!("{} {}\n{}\n\n{}\n", shown.method, shown.url, shown.media_type.unwrap(), shown.body),
        expected
    );
}
