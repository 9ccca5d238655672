//! Every sample goes through: an order, a revision, an answer, or a refusal that names segment and element. With
//! `UPDATE=1` the table is written.
use std::{fmt::Write, path::PathBuf};

use quayside_canonical::{
    document::read_purchase_order,
    states::{DocumentOutcome, InterchangeStatus},
};
use quayside_domain::{
    Store,
    interchanges::{FileResult, InterchangeResult, MessageResult},
    orders::{Incoming, receive},
};
use serde_json::json;

use super::super::process;
use super::support::{self, Partner};

/// What becomes of each sample, sent in this order to one partner.
const EXPECTED: &str = include_str!("samples.txt");
/// Orders before what is said about them. Files that are broken on purpose have a table of their own.
const FOLDERS: &[&str] = &[
    "x12-850",
    "x12-860",
    "x12-855",
    "x12-856",
    "x12-861",
    "x12-865",
    "x12-810",
    "x12-824",
    "x12-997",
    "x12-999",
    "x12-ta1",
    "edifact-orders",
    "edifact-ordchg",
    "edifact-ordrsp",
    "edifact-desadv",
    "edifact-recadv",
    "edifact-invoic",
    "edifact-aperak",
    "edifact-contrl",
];

#[tokio::test]
async fn every_sample_becomes_something_or_is_refused_with_its_place() {
    let (store, partner) = support::one_partner().await;
    order_the_goods(&store, &partner).await;
    let mut table = String::new();
    for file in samples() {
        let name = file.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy());
        let name = name.collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("/");
        let bytes = std::fs::read(&file).unwrap();
        // Many samples call themselves the first interchange between the same two.
        let partner = support::sibling(&store, &partner, &name).await;
        let reply = process(&store, &partner.entrance, bytes.clone().into()).await.unwrap();
        let result: FileResult = serde_json::from_str(&reply.body).unwrap();
        for message in result.messages() {
            writeln!(table, "{name}: {}", told(message)).unwrap();
            let explained = !message.problems.is_empty();
            assert_eq!(explained, !is_taken(message.outcome), "{name}: reasons are for what is not taken");
        }
        for empty in result.interchanges.iter().filter(|one| one.messages.is_empty()) {
            writeln!(table, "{name}: {}", empty.problems[0].message).unwrap();
        }
        let again = process(&store, &partner.entrance, bytes.into()).await.unwrap();
        let is_refused = |one: &InterchangeResult| one.status == InterchangeStatus::Refused;
        let may_be_tried_again = result.interchanges.iter().all(is_refused);
        assert_eq!(again == reply, !may_be_tried_again, "{name}: the first result stands");
    }
    // Another folder of samples, such as one that may not be copied here: look at the table yourself.
    if std::env::var("EDI_SAMPLES").is_ok() {
        println!("{table}");
    } else if std::env::var("UPDATE").is_ok() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ingest/edi/tests/samples.txt");
        std::fs::write(path, table).unwrap();
    } else {
        assert_eq!(table, EXPECTED);
    }
}

/// The orders that the ship notices and receipts of the samples are about; their own 850s are not among them.
async fn order_the_goods(store: &Store, partner: &Partner) {
    let orders: &[(&str, &[(&str, &str)])] = &[
        ("PO00000011", &[("B000007", "SKU-00007"), ("B000008", "SKU-00008")]),
        ("PO00000012", &[("B000007", "SKU-00007"), ("B000008", "SKU-00008")]),
        ("PO00000021", &[("B000007", "SKU-00007"), ("B000008", "SKU-00008")]),
        ("PO-ACCEPT", &[("B-1", "WIDGET-001"), ("B-2", "BRKT-050"), ("B-3", "PANEL-A3")]),
        ("PO1003", &[("B000001", "SKU-1")]),
    ];
    let document = |(number, lines): &(&str, &[(&str, &str)])| {
        let lines: Vec<_> = lines
            .iter()
            .zip(1..)
            .map(|((buyer, supplier), place)| {
                json!({ "number": place.to_string(), "buyerPart": buyer, "supplierPart": supplier, "quantity": "2000", "unit": "EA" })
            })
            .collect();
        let revision = json!({ "id": "first", "issuedAt": "2020-01-01T00:00:00Z" });
        let order = json!({ "number": number, "supplier": "V-100", "revision": revision, "lines": lines });
        Incoming { order: read_purchase_order(&order), key: None, only_supplier: None }
    };
    let scope = support::buyer(store, partner);
    let received = receive(&scope, &orders.iter().map(document).collect::<Vec<_>>()).await.unwrap();
    assert!(received.iter().all(|one| one.outcome == DocumentOutcome::Created), "{received:?}");
}

fn samples() -> Vec<PathBuf> {
    let ours = ["samples", "corpus"].map(|root| format!("{}/edi/tests/{root}", env!("CARGO_MANIFEST_DIR")));
    let roots = std::env::var("EDI_SAMPLES").map_or_else(|_| ours.to_vec(), |other| vec![other]);
    let mut samples = Vec::new();
    for (folder, root) in FOLDERS.iter().flat_map(|folder| roots.iter().map(move |root| (folder, root))) {
        let Ok(entries) = std::fs::read_dir(PathBuf::from(root).join(folder)) else { continue };
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_none_or(|kind| kind != "tsv"));
        files.sort();
        samples.extend(files);
    }
    assert!(samples.len() > 90, "the samples are there");
    samples
}

fn is_taken(outcome: DocumentOutcome) -> bool {
    !matches!(outcome, DocumentOutcome::Refused | DocumentOutcome::Late | DocumentOutcome::Conflict)
}

fn told(message: &MessageResult) -> String {
    let MessageResult { message_type, outcome, .. } = message;
    match message.problems.first() {
        Some(problem) => format!("{message_type} {outcome}: {} {}", problem.code, problem.message),
        None => format!("{message_type} {outcome}"),
    }
}
