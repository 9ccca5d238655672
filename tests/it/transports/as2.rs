//! AS2 through the running application. The partner is another end of our own; those of others are in `as2_peers`.
use std::{sync::LazyLock, time::Duration};

use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    hash::MessageDigest,
    nid::Nid,
    pkey::PKey,
    rsa::Rsa,
    x509::{X509, X509NameBuilder},
};
use quayside_canonical::ConnectionId;
use quayside_connectors::edi_as2::{Arrived, Fault, Headers, Heard, Station};
use serde_json::{Value, json};

use super::{order, reached_by, transport};
use crate::support::{Supplier, Tenant, TestApp, eventually};

/// A certificate and its key, as PEM.
pub(super) struct Party {
    pub(super) certificate: String,
    pub(super) key: String,
}

/// Making keys takes time: each party is made once.
pub(super) static PARTIES: LazyLock<[Party; 3]> =
    LazyLock::new(|| ["NORTHDIST", "NORDHAVEN", "STRANGER"].map(party));

fn party(name: &str) -> Party {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_nid(Nid::COMMONNAME, name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(4_242).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(&subject).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(1_700_000_000).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(2_200_000_000).unwrap()).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    Party {
        certificate: String::from_utf8(builder.build().to_pem().unwrap()).unwrap(),
        key: String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap(),
    }
}

/// The configuration of one side, secrets included.
pub(super) fn config(endpoint: &str, us: usize, them: usize, more: &Value) -> Value {
    let names = ["NORTHDIST", "NORDHAVEN", "STRANGER"];
    let mut config = json!({
        "endpoint": endpoint,
        "our_id": names[us],
        "partner_id": names[them],
        "our_certificate": PARTIES[us].certificate,
        "private_key": PARTIES[us].key,
        "partner_certificate": PARTIES[them].certificate,
    });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config
}

pub(super) struct World {
    pub(super) app: TestApp,
    pub(super) tenant: Tenant,
    pub(super) supplier: Supplier,
    pub(super) buyer: String,
    pub(super) connection: ConnectionId,
    pub(super) partner: String,
}

impl World {
    pub(super) async fn start(more: Value) -> Self {
        let app = TestApp::start().await;
        let tenant = app.tenant().await;
        let supplier = app.supplier(&tenant).await;
        let buyer = app.buyer(&tenant).await.token;
        let connection = line(&app, &tenant, &more).await;
        let partner = reached_by(&app, &supplier, connection).await;
        Self { app, tenant, supplier, buyer, connection, partner }
    }

    async fn orders(&self) -> usize {
        let query = "{ purchaseOrders(first: 50) { nodes { number } } }";
        let reply = self.app.graphql(&self.buyer, query, json!({})).await;
        reply.data()["purchaseOrders"]["nodes"].as_array().unwrap().len()
    }

    async fn received(&self) -> Vec<Value> {
        let all = self.app.inbound(&self.buyer).await;
        all.iter().map(|message| json!([message["documents"][0]["key"], message["status"]])).collect()
    }
}

/// Our end of a line to NORDHAVEN.
async fn line(app: &TestApp, tenant: &Tenant, more: &Value) -> ConnectionId {
    let mut config = config("https://as2.example.com/as2", 0, 1, more);
    let key = config.as_object_mut().unwrap().remove("private_key").unwrap();
    transport(app, tenant, "edi-as2", config, &[("private_key", key.as_str().unwrap())]).await
}

/// What an end of the partner's sends.
struct Sent {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn sent(from: usize, id: &str, text: &str, more: &Value) -> (Station, Sent) {
    let station = Station::open(config("https://as2.example.com/as2", from, 0, more)).unwrap();
    let (headers, body) = station.message(id, "850.edi", text.as_bytes(), chrono::Utc::now()).unwrap();
    (station, Sent { headers, body })
}

async fn post(app: &TestApp, sent: &Sent) -> (u16, Headers, Vec<u8>) {
    let mut request = app.http.post(app.url("/as2")).body(sent.body.clone());
    for (name, value) in &sent.headers {
        request = request.header(name, value);
    }
    let reply = request.send().await.unwrap();
    let status = reply.status().as_u16();
    let headers: Vec<(String, String)> = reply
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    let headers = Headers::new(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    (status, headers, reply.bytes().await.unwrap().to_vec())
}

/// What a confirmation says, its signature checked.
fn heard(station: &Station, headers: &Headers, body: &[u8]) -> Heard {
    match station.unpack(headers, body, 1 << 20) {
        Ok(Ok(Arrived::Confirmation(heard))) => heard,
        other => panic!("{other:?}: {}", String::from_utf8_lossy(body)),
    }
}

#[tokio::test]
async fn a_message_is_on_file_before_it_is_confirmed_and_taken_once() {
    let world = World::start(json!({})).await;
    let (station, message) = sent(1, "first", &order(1, "PO-1", &world.partner), &json!({}));
    let (status, headers, body) = post(&world.app, &message).await;
    assert_eq!((status, headers.get("as2-from"), headers.get("as2-to")), (200, "NORTHDIST", "NORDHAVEN"));
    assert_eq!(heard(&station, &headers, &body).disposition, "processed");
    world.app.settle().await;
    eventually("the order is there", async || world.orders().await == 1).await;
    let query =
        "query($id: ID!) { inboundMessages(first: 5, connectionId: $id) { nodes { feed mediaType } } }";
    let reply = world.app.graphql(&world.buyer, query, json!({ "id": world.connection.to_string() })).await;
    let expected = json!([{ "feed": "interchanges", "mediaType": "application/edi-x12; name=\"850.edi\"" }]);
    assert_eq!(reply.data()["inboundMessages"]["nodes"], expected, "{}", reply.body);

    // The same message again: the same confirmation, byte for byte, and nothing else. Long after, too.
    world.app.advance(Duration::from_secs(24 * 60 * 60));
    let again = post(&world.app, &message).await;
    assert_eq!((again.0, &again.1.get("message-id"), &again.2), (200, &headers.get("message-id"), &body));
    // Another message with the same content is confirmed by itself, and taken once.
    let (station, copy) = sent(1, "second", &order(1, "PO-1", &world.partner), &json!({}));
    let (_, other, body) = post(&world.app, &copy).await;
    assert_eq!(heard(&station, &other, &body).original, "<second@NORDHAVEN>");
    world.app.settle().await;
    assert_eq!((world.orders().await, world.received().await.len()), (1, 1));
}

#[tokio::test]
async fn what_is_not_as_agreed_is_refused_and_told_of() {
    let world = World::start(json!({})).await;
    let text = order(1, "PO-1", &world.partner);
    let weak = json!({ "digest": "SHA1", "cipher": "3DES", "allow_sha1": true, "allow_3des": true });
    let stranger = json!({ "our_id": "NORDHAVEN" });
    for (from, more, fault) in [
        (1, json!({ "sign": false }), Fault::InsufficientMessageSecurity),
        (1, json!({ "encrypt": false }), Fault::InsufficientMessageSecurity),
        (1, weak.clone(), Fault::InsufficientMessageSecurity),
        (2, stranger, Fault::AuthenticationFailed),
        (1, json!({ "partner_certificate": PARTIES[2].certificate }), Fault::DecryptionFailed),
    ] {
        let (_, message) = sent(from, "bad", &text, &more);
        let (status, headers, body) = post(&world.app, &message).await;
        let (station, _) = sent(1, "x", &text, &json!({ "allow_sha1": true }));
        assert_eq!(status, 200);
        assert_eq!(heard(&station, &headers, &body).disposition, fault.disposition(), "{more}");
    }
    let (station, mut message) = sent(1, "bad", &text, &json!({}));
    // In the signature's value, which comes last: a certificate that is sent along is not what is believed.
    let at = message.body.len() - 200;
    message.body[at] ^= 1;
    let (_, headers, body) = post(&world.app, &message).await;
    let told = heard(&station, &headers, &body).disposition;
    // By which of the two depends on what of the message the change leaves unreadable.
    assert!(told.starts_with("processed/error: ") || told.starts_with("failed/failure: "), "{told}");
    assert_eq!((world.orders().await, world.received().await.len()), (0, 0));
    let query = "{ exceptions(first: 9, kind: DOCUMENT_REFUSED) { nodes { summary } } }";
    let reply = world.app.graphql(&world.buyer, query, json!({})).await;
    let told = reply.data()["exceptions"]["nodes"].as_array().unwrap().len();
    assert!((3..=5).contains(&told), "one for each fault: {}", reply.body);
    // What was refused is not remembered: the same message, put right, is taken.
    let (station, message) = sent(1, "bad", &text, &json!({}));
    let (_, headers, body) = post(&world.app, &message).await;
    assert_eq!(heard(&station, &headers, &body).disposition, "processed");

    let allowing = World::start(json!({ "allow_sha1": true, "allow_3des": true })).await;
    let (station, message) = sent(1, "old", &order(1, "PO-1", &allowing.partner), &weak);
    let (_, headers, body) = post(&allowing.app, &message).await;
    assert_eq!(heard(&station, &headers, &body).disposition, "processed");
}

#[tokio::test]
async fn a_confirmation_goes_where_the_partner_wants_it() {
    let world = World::start(json!({})).await;
    let (inbox, address) = Inbox::open().await;
    let later = json!({ "mdn": "ASYNC", "mdn_url": address });
    let (station, message) = sent(1, "later", &order(1, "PO-1", &world.partner), &later);
    let (status, _, body) = post(&world.app, &message).await;
    assert_eq!((status, body.len()), (202, 0));
    let (headers, body) = inbox.next().await;
    let first = heard(&station, &headers, &body);
    assert_eq!((first.disposition.as_str(), first.original.as_str()), ("processed", "<later@NORDHAVEN>"));
    post(&world.app, &message).await;
    assert_eq!(inbox.next().await.1, body, "the same again");
}

#[tokio::test]
async fn the_entrance_tells_strangers_nothing() {
    let world = World::start(json!({})).await;
    let (_, message) = sent(1, "x", "ISA", &json!({}));
    let without = |name: &str| Sent {
        headers: message.headers.iter().filter(|(known, _)| known != name).cloned().collect(),
        body: message.body.clone(),
    };
    assert_eq!(post(&world.app, &without("as2-from")).await.0, 400);
    assert_eq!(post(&world.app, &without("message-id")).await.0, 400);
    let (_, mut strange) = sent(2, "x", "ISA", &json!({}));
    let one = post(&world.app, &strange).await;
    for (name, value) in &mut strange.headers {
        if name == "as2-to" {
            *value = "NOBODY".to_owned();
        }
    }
    let two = post(&world.app, &strange).await;
    assert_eq!((one.0, &one.2), (404, &two.2));
    // A confirmation of what we never sent.
    let (station, _) = sent(1, "x", "ISA", &json!({}));
    let about = Headers::new([
        ("message-id", "<dlv_0198@NORTHDIST>"),
        ("disposition-notification-options", "signed-receipt-protocol"),
    ]);
    let mdn = station.confirm(&about, Err(Fault::DecryptionFailed), "mdn", chrono::Utc::now()).unwrap();
    assert_eq!(post(&world.app, &Sent { headers: mdn.headers, body: mdn.body }).await.0, 404);
    let get = world.app.http.get(world.app.url("/as2")).send().await.unwrap();
    assert_eq!(get.status(), 405);
    // Whoever has the connection's own token has no way around the signature.
    assert!(world.supplier.token != world.tenant.ingest_token);
}

/// Takes confirmations.
struct Inbox(tokio::sync::Mutex<tokio::sync::mpsc::UnboundedReceiver<(Headers, Vec<u8>)>>);

impl Inbox {
    async fn open() -> (Self, String) {
        let (to, from) = tokio::sync::mpsc::unbounded_channel();
        let take = move |headers: axum::http::HeaderMap, body: axum::body::Bytes| {
            let to = to.clone();
            async move {
                let media = headers["content-type"].to_str().unwrap().to_owned();
                to.send((Headers::new([("content-type", media.as_str())]), body.to_vec())).unwrap();
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/mdn", listener.local_addr().unwrap());
        let router = axum::Router::new().route("/mdn", axum::routing::post(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (Self(tokio::sync::Mutex::new(from)), address)
    }

    async fn next(&self) -> (Headers, Vec<u8>) {
        tokio::time::timeout(crate::support::PATIENCE, self.0.lock().await.recv()).await.unwrap().unwrap()
    }
}
