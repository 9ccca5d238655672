//! What becomes of files that are broken in one way each: what is answered by the standard, and what is done. With
//! `UPDATE=1` the table is written.
use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use quayside_canonical::{document::read_purchase_order, states::Environment};
use quayside_domain::{
    Store,
    orders::{Incoming, receive},
};
use quayside_edi::raw::RawSegment;
use quayside_entity::{acknowledgment, purchase_order_revision, shipment};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use super::super::{Acknowledgment, Outcome, outcome};
use super::support::{self, Partner, Terms};

const EXPECTED: &str = include_str!("malformed.txt");

/// Files that are about another that came before.
const AFTER: &[(&str, &str)] = &[
    ("dup-interchange.x12", "ok-850.x12"),
    ("dup-control-other-content.x12", "ok-850.x12"),
    ("edi-dup-unb.edi", "ok-release.edi"),
];

const TOLERANT: &str =
    r#"{"ours":[{"qualifier":"ZZ","id":"NORTHDIST"},{"qualifier":"14","id":"0614141000012"}]}"#;
const STRICT: &str = r#"{"ours":[{"qualifier":"ZZ","id":"NORTHDIST"},{"qualifier":"14","id":"0614141000012"}],"reading":"STRICT"}"#;

#[tokio::test]
async fn broken_files_are_refused_by_the_standard_and_nothing_of_them_is_half_done() {
    let store = support::store().await;
    let mut table = String::new();
    for path in files() {
        let strict = told(&store, &path, "STRICT").await;
        let tolerant = told(&store, &path, "TOLERANT").await;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        writeln!(table, "{name}: {strict}").unwrap();
        if tolerant != strict {
            writeln!(table, "{name}, read tolerantly: {tolerant}").unwrap();
        }
    }
    if std::env::var("UPDATE").is_ok() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ingest/edi/tests/malformed.txt");
        std::fs::write(path, table).unwrap();
    } else {
        assert_eq!(table, EXPECTED);
    }
}

/// What becomes of a file, and what is answered to it, with a partner of its own.
async fn told(store: &Store, path: &Path, reading: &str) -> String {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let unit = if name.ends_with(".edi") { "H87" } else { "EA" };
    let partner = real_partner(store, reading, unit).await;
    if let Some((_, first)) = AFTER.iter().find(|(file, _)| *file == name) {
        let first = files().into_iter().find(|path| path.ends_with(first)).unwrap();
        support::send_file(store, &partner, &std::fs::read(first).unwrap()).await;
    }
    let before = written(store, &partner).await;
    let result = support::send_file(store, &partner, &std::fs::read(path).unwrap()).await;
    let mut told = Vec::new();
    for one in &result.interchanges {
        let scope = support::buyer(store, &partner);
        let found = outcome(&scope, one.interchange).await.unwrap().unwrap();
        told.extend(answered(&found));
        told.extend(found.messages.iter().map(|message| {
            let result = &message.result;
            let why = result.problems.first().map(|problem| format!(" {}", problem.code));
            format!("[{} {}{}]", result.message_type, result.outcome, why.unwrap_or_default())
        }));
        told.extend(one.problems.first().map(|problem| format!("({})", problem.code)));
    }
    let taken = result.messages().filter(|message| message.problems.is_empty()).count();
    let after = written(store, &partner).await;
    assert!(after - before <= taken as u64, "{name}: {taken} messages wrote {}", after - before);
    told.join(" ")
}

/// A partner of its own tenant whose data is real, with the order that most of the files are about, in their unit.
async fn real_partner(store: &Store, reading: &str, unit: &str) -> Partner {
    let tenant = support::tenant(store).await;
    let terms = Terms {
        environment: Environment::Live,
        currency: Some("USD"),
        identifiers: r#"[{"qualifier":"ZZ","id":"ACMESUPPLY"},{"qualifier":"14","id":"0614141000005"}]"#,
        agreement: match reading {
            "STRICT" => STRICT,
            _ => TOLERANT,
        },
    };
    let partner = support::partner_with(store, tenant, "V-100", terms).await;
    let line = |number: &str, part: &str, quantity: &str| json!({ "number": number, "supplierPart": part, "quantity": quantity, "unit": unit });
    let order = json!({
        "number": "PO1001",
        "supplier": "V-100",
        "revision": { "id": "first", "issuedAt": "2020-01-01T00:00:00Z" },
        "lines": [line("1", "SKU-1", "100"), line("2", "SKU-2", "40")],
    });
    let incoming = Incoming { order: read_purchase_order(&order), key: None, only_supplier: None };
    receive(&support::buyer(store, &partner), &[incoming]).await.unwrap();
    partner
}

/// How much is on file that a message can bring about.
async fn written(store: &Store, partner: &Partner) -> u64 {
    async fn count<E>(store: &Store, partner: &Partner) -> u64
    where
        E: EntityTrait + quayside_domain::scope::SupplierOwned,
        E::Model: Sync,
    {
        let scope = support::buyer(store, partner);
        let tx = scope.read().await.unwrap();
        scope.find::<E>().count(&*tx).await.unwrap()
    }
    count::<purchase_order_revision::Entity>(store, partner).await
        + count::<acknowledgment::Entity>(store, partner).await
        + count::<shipment::Entity>(store, partner).await
}

/// What the standard has answered.
fn answered(outcome: &Outcome) -> Vec<String> {
    match &outcome.acknowledgment {
        Acknowledgment::None => Vec::new(),
        Acknowledgment::X12 { interchange, is_owed, groups } => {
            let ta1 = interchange.iter().filter(|_| *is_owed).map(|ta1| shown(&ta1.segment(), '*', '>'));
            let groups =
                groups.iter().flat_map(quayside_edi::x12::messages::FunctionalAcknowledgment::segments);
            ta1.chain(groups.map(|segment| shown(&segment, '*', '>'))).collect()
        }
        Acknowledgment::Edifact(report) => {
            let segments = report.iter().flat_map(quayside_edi::edifact::messages::SyntaxReport::segments);
            segments.map(|segment| shown(&segment, '+', ':')).collect()
        }
    }
}

fn shown(segment: &RawSegment, element: char, component: char) -> String {
    let mut text = segment.id.clone();
    for found in &segment.elements {
        text.push(element);
        text.push_str(&found.components.join(&component.to_string()));
    }
    text
}

fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders =
        ["edi/tests/samples/malformed", "edi/tests/corpus/malformed", "src/ingest/edi/tests/malformed"];
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap());
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_none_or(|kind| kind != "tsv"));
    files.sort_by_key(|file| file.file_name().map(std::ffi::OsStr::to_owned));
    files
}
