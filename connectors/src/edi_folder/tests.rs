//! A real folder: what leads out of it, what is not permitted, and the whole way both ways.
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::json;

use super::*;
use crate::composed::tests::{X12, delivery};
use crate::stub::{PATIENT, errand, local_http};
use crate::{Folders, build};

/// A folder that is gone with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("quayside-drop-{}", uuid::Uuid::now_v7().simple()));
        fs::create_dir_all(folder.join("partner")).unwrap();
        Self(folder)
    }

    fn partner(&self) -> PathBuf {
        self.0.join("partner")
    }

    fn http(&self) -> Http {
        local_http(PATIENT).within(Folders::parse([self.0.to_str().unwrap()]).unwrap())
    }

    fn connector(&self) -> Box<dyn Connector> {
        connector(&self.partner())
    }

    /// A file as old as files are when a test begins.
    fn drop_in(&self, name: &str, bytes: &[u8]) {
        let folder = self.partner().join("in");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), bytes).unwrap();
        let at = SystemTime::from(errand().at - chrono::TimeDelta::minutes(1));
        fs::File::options().write(true).open(folder.join(name)).unwrap().set_modified(at).unwrap();
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.partner().join(folder)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn connector(folder: &Path) -> Box<dyn Connector> {
    build(KIND, json!({ "folder": folder })).unwrap()
}

async fn poll(connector: &dyn Connector, http: &Http, cursor: Option<&str>) -> Attempted<Page> {
    connector.source().unwrap().poll(http, &errand(), &Codes::default(), "interchanges", cursor).await
}

#[tokio::test]
async fn an_interchange_becomes_a_file_and_a_file_an_interchange() {
    let scratch = Scratch::new();
    let (connector, http) = (scratch.connector(), scratch.http());
    assert_eq!(connector.test(&http, &errand()).await.outcome, Ok(()));
    assert_eq!(
        scratch.names(""),
        ["archive", "error", "in", "out", "sent", "work"],
        "what is missing is made"
    );

    assert_eq!(connector.find(&http, &delivery(X12)).await.outcome, Ok(None));
    let sent = connector.deliver(&http, &delivery(X12)).await;
    assert_eq!(sent.outcome.unwrap().reference.as_deref(), Some("850-000000042.edi"));
    assert!(sent.exchange.unwrap().request.contains("SHA-256"));
    assert_eq!(fs::read(scratch.partner().join("out/850-000000042.edi")).unwrap(), X12);
    fs::remove_file(scratch.partner().join("out/850-000000042.edi")).unwrap();
    assert!(connector.find(&http, &delivery(X12)).await.outcome.unwrap().is_some());
    assert!(connector.deliver(&http, &delivery(X12)).await.outcome.is_ok());
    assert!(scratch.names("out").is_empty(), "what the partner fetched does not come again");

    scratch.drop_in("855.edi", X12);
    let page = poll(&*connector, &http, None).await.outcome.unwrap();
    let [Inbound::Interchange { name, content }] = page.documents.as_slice() else { panic!("{page:?}") };
    assert_eq!((name.as_str(), content.bytes.as_ref()), ("855.edi", X12));
    assert!(scratch.names("archive").is_empty());
    let next = poll(&*connector, &http, page.cursor.as_deref()).await.outcome.unwrap();
    assert!(next.documents.is_empty());
    assert!(scratch.names("archive")[0].ends_with("~855.edi"));
    assert!(scratch.names("in").is_empty() && scratch.names("work").is_empty());
}

#[tokio::test]
async fn a_folder_that_the_operator_does_not_allow_is_not_touched() {
    let scratch = Scratch::new();
    let outside = Scratch::new();
    let elsewhere = scratch.partner().join("../partner");
    for (folder, http) in [
        (outside.partner(), scratch.http()),
        (elsewhere, scratch.http()),
        (scratch.partner(), local_http(PATIENT)),
    ] {
        let connector = connector(&folder);
        for error in [
            connector.deliver(&http, &delivery(X12)).await.outcome.unwrap_err(),
            connector.find(&http, &delivery(X12)).await.outcome.unwrap_err(),
            connector.test(&http, &errand()).await.outcome.unwrap_err(),
            poll(&*connector, &http, None).await.outcome.unwrap_err(),
        ] {
            assert!(
                matches!(&error, DeliveryError::Refused { code, .. } if code == "FOLDER_FORBIDDEN"),
                "{error}"
            );
        }
    }
    assert!(scratch.names("").is_empty() && outside.names("").is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn no_link_leads_out_of_the_folder() {
    use std::os::unix::fs::symlink;
    let scratch = Scratch::new();
    let outside = Scratch::new();
    fs::write(outside.partner().join("secret.edi"), X12).unwrap();
    let http = scratch.http();

    // The folder itself, one of its folders, and a file.
    symlink(outside.partner(), scratch.0.join("linked")).unwrap();
    let through = connector(&scratch.0.join("linked"));
    assert!(through.deliver(&http, &delivery(X12)).await.outcome.is_err());
    let connector = scratch.connector();
    connector.test(&http, &errand()).await.outcome.unwrap();
    symlink(outside.partner().join("secret.edi"), scratch.partner().join("in/link.edi")).unwrap();
    assert!(poll(&*connector, &http, None).await.outcome.unwrap().documents.is_empty(), "a link is no file");
    fs::remove_dir(scratch.partner().join("out")).unwrap();
    symlink(outside.partner(), scratch.partner().join("out")).unwrap();
    let error = connector.deliver(&http, &delivery(X12)).await.outcome.unwrap_err();
    assert_eq!(error.word(), "retry", "{error}");
    assert!(!error.to_string().contains("quayside-drop"), "no path of this machine is told: {error}");
    fs::remove_dir(scratch.partner().join("in").join("..").join("error")).unwrap();
    symlink(outside.partner(), scratch.partner().join("error")).unwrap();
    assert!(connector.test(&http, &errand()).await.outcome.is_err());
    assert_eq!(outside.names(""), ["secret.edi"]);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_waited_for() {
    let scratch = Scratch::new();
    let connector = connector(&scratch.0.join("nobody"));
    let error = connector.deliver(&scratch.http(), &delivery(X12)).await.outcome.unwrap_err();
    assert_eq!(error.word(), "retry", "{error}");
    assert_eq!(poll(&*connector, &scratch.http(), None).await.outcome.unwrap_err().word(), "retry");
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    for (config, about) in [
        (json!({}), "folder"),
        (json!({ "folder": 7 }), "string"),
        (json!({ "folder": "/srv", "colour": 1 }), "colour"),
        (json!({ "folder": "/srv", "settle_seconds": 100_000 }), "settle_seconds"),
    ] {
        let problem = build(KIND, config).unwrap_err().to_string();
        assert!(problem.contains(about), "{problem}");
    }
}

#[test]
fn the_golden_event_becomes_its_file() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/edi_folder/golden");
    let text = fs::read_to_string(golden.join("interchange_composed.event.json")).unwrap();
    let delivery = Delivery { event: serde_json::from_str(&text).unwrap(), content: None, ..delivery(X12) };
    let shown = connector(Path::new("/srv/edi/nordhaven")).preview(&delivery).unwrap().remove(0);
    let expected = fs::read_to_string(golden.join("interchange_composed.request.txt")).unwrap();
    let media_type = shown.media_type.unwrap_or_default();
    assert_eq!(format!("{} {}\n{media_type}\n\n{}\n", shown.method, shown.url, shown.body), expected);
}
