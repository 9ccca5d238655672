//! What survives a restart of the process.
use std::fs::{self, OpenOptions};
use std::io::Write as _;

use super::support::{SECRET, Site, event};
use crate::testing::Scratch;
use crate::{Behaviour, Erp, OpenError, Settings};

impl Scratch {
    fn settings(&self) -> Settings {
        Settings { journal: Some(self.0.clone()), ..Settings::new(SECRET) }
    }

    fn append(&self, text: &str) {
        OpenOptions::new().append(true).open(&self.0).unwrap().write_all(text.as_bytes()).unwrap();
    }
}

#[tokio::test]
async fn documents_numbers_and_keys_survive_a_restart() {
    let scratch = Scratch::new();
    let before = Site::start_with(scratch.settings()).await;
    before.post("dlv_1", &event("po_1", 5)).await;
    before.post("dlv_1", &event("po_1", 5)).await;
    before.spoil(Behaviour::IgnoreKeys);
    before.post("dlv_1", &event("po_1", 5)).await;
    let (documents, report) = (before.erp.documents(), before.erp.report());
    drop(before);

    let after = Site::start_with(scratch.settings()).await;

    assert_eq!((after.erp.documents(), after.erp.report()), (documents, report));
    assert_eq!(after.post("dlv_1", &event("po_1", 5)).await.number(), "4500000001");
    assert_eq!(after.post("dlv_2", &event("po_1", 4)).await.number(), "4500000003");
    assert_eq!(after.erp.report().out_of_order, 1, "the order is remembered too");
}

#[tokio::test]
async fn a_line_cut_off_by_a_kill_is_dropped_and_the_next_one_is_whole() {
    let scratch = Scratch::new();
    let before = Site::start_with(scratch.settings()).await;
    before.post("dlv_1", &event("po_1", 1)).await;
    drop(before);
    scratch.append(r#"{"effect":{"documentNumber":"45"#);

    let after = Site::start_with(scratch.settings()).await;
    assert_eq!(after.erp.documents().len(), 1);
    after.post("dlv_2", &event("po_1", 2)).await;
    drop(after);

    assert_eq!(Erp::open(scratch.settings()).unwrap().documents().len(), 2);
}

#[tokio::test]
async fn a_journal_of_someone_else_is_refused_and_left_alone() {
    let scratch = Scratch::new();
    let before = Site::start_with(scratch.settings()).await;
    before.post("dlv_1", &event("po_1", 1)).await;
    drop(before);
    scratch.append("not ours\n");
    let length = fs::metadata(&scratch.0).unwrap().len();

    assert!(matches!(Erp::open(scratch.settings()), Err(OpenError::Line { line: 2 })));
    assert_eq!(fs::metadata(&scratch.0).unwrap().len(), length);
}
