//! AS2 with what others wrote: pyas2lib as the partner both ways, and the `openssl cms` command as a judge and a sender.
//! Ignored unless asked for: `scripts/as2-peers` installs pyas2lib and runs it.
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use quayside_connectors::{Content, Delivery, edi_as2::Station};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use super::{
    as2::{PARTIES, World, config},
    order,
};
use crate::support::scratch_folder;

/// The peer's keys and files, gone with the test.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Folder {
    async fn new(payload: &str) -> Self {
        let folder = scratch_folder();
        for (name, text) in [
            ("ours.pem", &PARTIES[1].certificate),
            ("ours.key", &PARTIES[1].key),
            ("theirs.pem", &PARTIES[0].certificate),
            ("theirs.key", &PARTIES[0].key),
            ("stranger.pem", &PARTIES[2].certificate),
        ] {
            fs::write(folder.join(name), text).unwrap();
        }
        fs::write(folder.join("payload.edi"), payload).unwrap();
        let folder = Self(folder);
        let export = "pkcs12 -export -in ours.pem -inkey ours.key -passout pass:test -out ours.p12";
        folder.openssl(export).await;
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Runs `openssl` there.
    async fn openssl(&self, arguments: &str) {
        let run =
            Command::new("openssl").args(arguments.split(' ')).current_dir(&self.0).output().await.unwrap();
        assert!(run.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&run.stderr));
    }

    fn peer(&self, what: &str, settings: &Value) -> Command {
        let python =
            std::env::var("QUAYSIDE_TEST_AS2_PYTHON").expect("scripts/as2-peers says where pyas2lib is");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/as2/peer.py");
        let mut command = Command::new(python);
        command.arg(script).arg(what).arg(&self.0).arg(settings.to_string()).kill_on_drop(true);
        command
    }

    /// Lets pyas2lib send.
    async fn send(&self, world: &World, settings: Value) -> Value {
        let mut all = json!({ "url": world.app.url("/as2"), "payload": "payload.edi", "sign": true, "encrypt": true, "compress": false });
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let run = self.peer("send", &all).output().await.unwrap();
        assert!(run.status.success(), "{all}: {}", String::from_utf8_lossy(&run.stderr));
        serde_json::from_slice(&run.stdout).unwrap()
    }
}

/// pyas2lib as a server.
struct Server {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: u64,
}

impl Server {
    async fn start(folder: &Folder, settings: &Value) -> Self {
        let mut child =
            folder.peer("serve", settings).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first: Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
        Self { _child: child, lines, port: first["port"].as_u64().unwrap() }
    }

    async fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next_line().await.unwrap().unwrap()).unwrap()
    }
}

const LENIENT: &str =
    r#"{ "require_signed": false, "require_encrypted": false, "allow_sha1": true, "allow_3des": true }"#;

/// Signed, encrypted, compressed, hash, cipher: by the names of both.
const COMBINATIONS: [(bool, bool, bool, &str, &str, &str, &str); 8] = [
    (true, true, false, "SHA256", "sha256", "AES256", "aes_256_cbc"),
    (true, true, true, "SHA256", "sha256", "AES128", "aes_128_cbc"),
    (true, true, false, "SHA1", "sha1", "3DES", "tripledes_192_cbc"),
    (true, true, true, "SHA512", "sha512", "AES192", "aes_192_cbc"),
    (true, false, false, "SHA256", "sha256", "AES256", "aes_256_cbc"),
    (true, false, true, "SHA256", "sha256", "AES256", "aes_256_cbc"),
    (false, true, false, "SHA256", "sha256", "AES256", "aes_256_cbc"),
    (false, false, false, "SHA256", "sha256", "AES256", "aes_256_cbc"),
];

#[tokio::test]
#[ignore = "needs pyas2lib: scripts/as2-peers"]
async fn as2_peers_send_to_us() {
    let world = World::start(serde_json::from_str(LENIENT).unwrap()).await;
    for (number, (sign, encrypt, compress, _, digest, _, cipher)) in (1..).zip(COMBINATIONS) {
        let folder = Folder::new(&order(number, &format!("PO-{number}"), &world.partner)).await;
        let settings = json!({ "sign": sign, "encrypt": encrypt, "compress": compress, "digest": digest, "cipher": cipher, "repeat": true });
        let said = folder.send(&world, settings.clone()).await;
        assert_eq!(
            (&said["status"], &said["same"]),
            (&json!("processed"), &json!(true)),
            "{settings}: {said}"
        );
    }
    world.app.settle().await;
    let all = world.app.inbound(&world.buyer).await;
    let applied = all.iter().filter(|message| message["status"] == "APPLIED").count();
    assert_eq!((all.len(), applied), (COMBINATIONS.len(), COMBINATIONS.len()), "{all:?}");

    let strict = World::start(json!({})).await;
    let folder = Folder::new(&order(1, "PO-1", &strict.partner)).await;
    for (settings, word) in [
        (json!({ "digest": "sha1", "cipher": "tripledes_192_cbc" }), "insufficient-message-security"),
        (json!({ "sign": false }), "insufficient-message-security"),
        (json!({ "encrypt": false }), "insufficient-message-security"),
        (json!({ "encrypt_for": "stranger.pem" }), "decryption-failed"),
        (json!({ "tamper": true }), "Disposition: "), // by either of two words, see `as2.rs`
    ] {
        let said = folder.send(&strict, settings.clone()).await;
        assert!(said["text"].as_str().unwrap().contains(word), "{settings}: {said}");
        assert_ne!(said["status"], "processed", "{settings}: {said}");
    }
    assert!(strict.app.inbound(&strict.buyer).await.is_empty());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let said = folder.send(&strict, json!({ "mdn_url": format!("http://127.0.0.1:{port}/mdn") })).await;
    assert_eq!(
        (&said["status"], &said["http"]),
        (&json!("processed"), &json!(202)),
        "by a request of its own: {said}"
    );
}

pub(super) fn delivery(bytes: &[u8]) -> Delivery {
    let sha256: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let data = json!({ "interchange": "sic_01987c1e5a0070008000000000000003", "partner": "tpr_01987c1e5a0070008000000000000004",
        "connection": "con_01987c1e5a0070008000000000000005", "controlNumber": "1", "messages": ["850"],
        "fileName": "850-1.edi", "mediaType": "application/edi-x12", "sha256": sha256, "size": bytes.len() });
    Delivery {
        id: quayside_canonical::DeliveryId::generate().to_string(),
        event_type: "interchange.composed".to_owned(),
        event: json!({ "type": "interchange.composed", "data": data }),
        order_key: "1".to_owned(),
        attempt: 1,
        errand: quayside_connectors::Errand {
            correlation_id: "c".to_owned(),
            request_id: None,
            traceparent: None,
            at: chrono::Utc::now(),
        },
        codes: std::sync::Arc::default(),
        reshape: None,
        content: Some(Content { media_type: "application/edi-x12".to_owned(), bytes: bytes.to_vec().into() }),
        reply: None,
    }
}

pub(super) fn http() -> quayside_connectors::Http {
    let network = quayside_connectors::Network { allow_loopback: true };
    let deadline = crate::support::PATIENCE;
    quayside_connectors::Http::new(quayside_connectors::HttpSettings {
        network,
        deadline,
        ..Default::default()
    })
    .unwrap()
}

#[tokio::test]
#[ignore = "needs pyas2lib: scripts/as2-peers"]
async fn as2_peers_take_what_we_send() {
    let text = order(1, "PO-1", "NORDHAVEN").replace('~', "~\r\n");
    let folder = Folder::new(&text).await;
    let mut server = Server::start(&folder, &json!({})).await;
    let http = http();
    for (sign, encrypt, compress, digest, _, cipher, _) in COMBINATIONS {
        let endpoint = format!("http://127.0.0.1:{}/as2", server.port);
        let settings = json!({ "sign": sign, "encrypt": encrypt, "compress": compress, "digest": digest, "cipher": cipher,
            "allow_sha1": true, "allow_3des": true });
        let connector = quayside_connectors::build("edi-as2", config(&endpoint, 0, 1, &settings)).unwrap();
        let delivery = delivery(text.as_bytes());
        let sent = connector.deliver(&http, &delivery).await;
        let taken = server.next().await;
        assert!(sent.outcome.is_ok(), "{settings}: {:?} {taken}", sent.outcome);
        assert_eq!(taken["sha256"], delivery.event["data"]["sha256"], "{settings}: {taken}");
        assert_eq!(
            (&taken["signed"], &taken["encrypted"], &taken["compressed"]),
            (&json!(sign), &json!(encrypt), &json!(compress))
        );
    }
    let endpoint = format!("http://127.0.0.1:{}/as2", server.port);
    let wrong =
        json!({ "partner_certificate": format!("{}{}", PARTIES[2].certificate, PARTIES[1].certificate) });
    let connector = quayside_connectors::build("edi-as2", config(&endpoint, 0, 1, &wrong)).unwrap();
    let error = connector.deliver(&http, &delivery(text.as_bytes())).await.outcome.unwrap_err();
    assert_eq!(error.word(), "refused", "encrypted for another key: {error}");
    assert_ne!(server.next().await["status"], "processed");
}

#[tokio::test]
#[ignore = "runs the openssl command: scripts/as2-peers"]
async fn as2_peers_openssl_reads_and_writes_the_same() {
    let world = World::start(json!({})).await;
    let text = order(1, "PO-1", &world.partner);
    let folder = Folder::new(&text).await;
    for (digest, cipher) in [("SHA256", "AES256"), ("SHA512", "AES128"), ("SHA1", "3DES")] {
        let settings = json!({ "digest": digest, "cipher": cipher, "allow_sha1": true, "allow_3des": true });
        let station = Station::open(config("https://as2.example.com/as2", 0, 1, &settings)).unwrap();
        let (_, body) = station.message("m", "850.edi", text.as_bytes(), chrono::Utc::now()).unwrap();
        fs::write(folder.path("body.der"), body).unwrap();
        folder
            .openssl("cms -decrypt -inform DER -in body.der -recip ours.pem -inkey ours.key -out entity")
            .await;
        // Without -crlfeol, -binary makes a line feed of each end of line before it looks at the signature.
        folder
            .openssl("cms -verify -in entity -CAfile theirs.pem -purpose any -binary -crlfeol -out plain")
            .await;
        let plain = fs::read(folder.path("plain")).unwrap();
        assert!(plain.ends_with(text.as_bytes()), "{digest} {cipher}");
    }
    let head =
        "Content-Type: application/edi-x12\r\nContent-Disposition: attachment; filename=\"850.edi\"\r\n\r\n";
    fs::write(folder.path("entity"), format!("{head}{text}")).unwrap();
    folder
        .openssl("cms -sign -in entity -signer ours.pem -inkey ours.key -md sha256 -binary -out signed")
        .await;
    folder.openssl("cms -encrypt -in signed -binary -aes256 -outform DER -out body.der theirs.pem").await;
    let reply = world.app.http.post(world.app.url("/as2")).body(fs::read(folder.path("body.der")).unwrap());
    let reply = reply
        .header("as2-from", "NORDHAVEN")
        .header("as2-to", "NORTHDIST")
        .header("message-id", "<openssl@nordhaven>")
        .header("disposition-notification-to", "x")
        .header("content-type", "application/pkcs7-mime; smime-type=enveloped-data");
    let said = reply.send().await.unwrap().text().await.unwrap();
    assert!(said.contains("MDN-sent-automatically; processed\r\n"), "{said}");
    world.app.settle().await;
    assert_eq!(world.app.inbound(&world.buyer).await[0]["status"], "APPLIED");
}
