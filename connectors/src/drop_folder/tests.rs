//! The protocol, broken off at every step.
use std::collections::BTreeMap;
use std::sync::Mutex;

use chrono::TimeDelta;

use super::*;
use crate::stub::errand;
use crate::{Inbound, Page};
use std::time::Duration;

const X12: &[u8] = crate::composed::tests::X12;

/// What is in which folder under which name, and since when.
type Files = BTreeMap<(String, String), (Vec<u8>, DateTime<Utc>)>;

/// Folders in memory, and the step at which whoever uses them dies.
#[derive(Default)]
struct Memory {
    files: Mutex<Files>,
    steps: Mutex<usize>,
    dies_at: Option<usize>,
    /// Whether the step was done before the answer was lost.
    done: bool,
}

impl Memory {
    fn dying(dies_at: usize, done: bool) -> Self {
        Self { dies_at: Some(dies_at), done, ..Self::default() }
    }

    /// One step: done, or not, and told of, or not.
    fn step<T>(
        &self,
        work: impl FnOnce(&mut BTreeMap<(String, String), (Vec<u8>, DateTime<Utc>)>) -> T,
    ) -> Result<T, PlaceError> {
        let mut steps = self.steps.lock().unwrap();
        *steps += 1;
        let dies = self.dies_at == Some(*steps);
        if dies && !self.done {
            return Err(PlaceError::Away("broken off".to_owned()));
        }
        let done = work(&mut self.files.lock().unwrap());
        if dies { Err(PlaceError::Away("the answer was lost".to_owned())) } else { Ok(done) }
    }

    fn has_died(&self) -> bool {
        self.dies_at.is_some_and(|at| *self.steps.lock().unwrap() >= at)
    }

    fn drop_in(&self, name: &str, bytes: &[u8], age: i64) {
        let modified = errand().at - TimeDelta::seconds(age);
        self.files.lock().unwrap().insert(("in".into(), name.into()), (bytes.to_vec(), modified));
    }

    /// The partner's program takes everything that is whole.
    fn fetch(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = self.files.lock().unwrap();
        let whole = |key: &(String, String)| key.0 == "out" && !key.1.ends_with(".tmp");
        let keys: Vec<_> = files.keys().filter(|key| whole(key)).cloned().collect();
        keys.into_iter().map(|key| (key.1.clone(), files.remove(&key).unwrap().0)).collect()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let files = self.files.lock().unwrap();
        let name = |name: &String| name.split_once('~').map_or(name.clone(), |(_, name)| name.to_owned());
        files.keys().filter(|key| key.0 == folder).map(|key| name(&key.1)).collect()
    }
}

#[async_trait]
impl Place for Memory {
    async fn list(&self, folder: &str) -> Result<Vec<Listed>, PlaceError> {
        self.step(|files| {
            let in_folder = files.iter().filter(|(key, _)| key.0 == folder);
            let listed = in_folder.map(|(key, (bytes, modified))| Listed {
                name: key.1.clone(),
                size: bytes.len() as u64,
                modified: *modified,
            });
            listed.collect()
        })
    }

    async fn find(&self, folder: &str, name: &str) -> Result<Option<Listed>, PlaceError> {
        self.step(|files| {
            let file = files.get(&(folder.to_owned(), name.to_owned()));
            file.map(|(bytes, modified)| Listed {
                name: name.to_owned(),
                size: bytes.len() as u64,
                modified: *modified,
            })
        })
    }

    async fn read(&self, folder: &str, name: &str, most: u64) -> Result<Vec<u8>, PlaceError> {
        let most = usize::try_from(most).unwrap();
        let found = self.step(|files| {
            files
                .get(&(folder.to_owned(), name.to_owned()))
                .map(|(bytes, _)| bytes[..bytes.len().min(most)].to_vec())
        })?;
        found.ok_or_else(|| PlaceError::Missing(name.to_owned()))
    }

    async fn write(&self, folder: &str, name: &str, bytes: &[u8]) -> Result<(), PlaceError> {
        let file = (bytes.to_vec(), errand().at);
        self.step(|files| drop(files.insert((folder.to_owned(), name.to_owned()), file)))
    }

    async fn rename(&self, from: (&str, &str), to: (&str, &str)) -> Result<(), PlaceError> {
        let moved = self.step(|files| {
            let file = files.remove(&(from.0.to_owned(), from.1.to_owned()))?;
            files.insert((to.0.to_owned(), to.1.to_owned()), file);
            Some(())
        })?;
        moved.ok_or_else(|| PlaceError::Missing(from.1.to_owned()))
    }

    async fn remove(&self, folder: &str, name: &str) -> Result<(), PlaceError> {
        self.step(|files| drop(files.remove(&(folder.to_owned(), name.to_owned()))))
    }
}

fn rules() -> Rules {
    Rules { rest: Duration::from_secs(5), at: errand().at }
}

async fn offered(place: &Memory, cursor: Option<&str>) -> Result<Page, PlaceError> {
    offer(place, &Layout::default(), rules(), cursor).await
}

fn keys(page: &Page) -> Vec<String> {
    let name = |document: &Inbound| match document {
        Inbound::Interchange { name, .. } => name.clone(),
        Inbound::Unreadable { key, problems } => format!("{key}: {}", problems.as_slice()[0].code),
        other => panic!("{other:?}"),
    };
    page.documents.iter().map(name).collect()
}

#[tokio::test]
async fn a_file_is_sent_once_wherever_the_sender_dies_and_whenever_the_partner_fetches() {
    let layout = Layout::default();
    for done in [false, true] {
        for fetches_between in [false, true] {
            let mut steps = 0;
            for step in 1.. {
                let place = Memory::dying(step, done);
                let mut fetched = Vec::new();
                let first = put(&place, &layout, "dlv_1", "850.edi", X12).await;
                if fetches_between {
                    fetched.extend(place.fetch());
                }
                if !place.has_died() {
                    assert_eq!(first, Ok(()));
                    break;
                }
                steps = step;
                // The worker asks what it does not know, and sends again what did not happen.
                let was = was_put(&place, &layout, "dlv_1", "850.edi").await.unwrap();
                if matches!(first, Err(DeliveryError::Retry { .. })) {
                    assert!(!was, "step {step}: said not to have happened");
                }
                if first.is_ok() {
                    assert!(was, "step {step}");
                }
                put(&place, &layout, "dlv_1", "850.edi", X12).await.unwrap();
                fetched.extend(place.fetch());
                put(&place, &layout, "dlv_1", "850.edi", X12).await.unwrap();
                fetched.extend(place.fetch());
                assert_eq!(fetched, [("850.edi".to_owned(), X12.to_vec())], "step {step}, done: {done}");
                assert!(was_put(&place, &layout, "dlv_1", "850.edi").await.unwrap());
            }
            assert!(steps >= 6, "only {steps} steps were tried");
        }
    }
}

#[tokio::test]
async fn a_name_that_another_file_has_is_not_overwritten() {
    let (place, layout) = (Memory::default(), Layout::default());
    put(&place, &layout, "dlv_1", "850.edi", b"one").await.unwrap();
    let error = put(&place, &layout, "dlv_2", "850.edi", b"two").await.unwrap_err();
    assert!(matches!(&error, DeliveryError::Refused { code, .. } if code == "NAME_TAKEN"), "{error}");
    assert_eq!(place.fetch(), [("850.edi".to_owned(), b"one".to_vec())]);
    put(&place, &layout, "dlv_2", "850.edi", b"two").await.unwrap();
    assert_eq!(place.fetch(), [("850.edi".to_owned(), b"two".to_vec())]);
}

#[tokio::test]
async fn what_is_taken_is_archived_only_after_it_is_on_file_wherever_the_reader_dies() {
    for (done, files_before_dying) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut steps = 0;
        for step in 1.. {
            let place = Memory::dying(step, done);
            for name in ["a.edi", "b.edi"] {
                place.drop_in(name, &[X12, name.as_bytes()].concat(), 60);
            }
            place.drop_in("note.txt", b"hello", 60);
            let (mut on_file, mut cursor, mut unrecorded) = (Vec::new(), None::<String>, 0);
            for _ in 0..12 {
                for name in place.names("archive") {
                    assert!(on_file.contains(&name), "{name} was archived before it was on file");
                }
                let Ok(page) = offered(&place, cursor.as_deref()).await else { continue };
                // Whoever took a page may die before its cursor is kept: filed or not, it comes again.
                if unrecorded == 0 && !page.documents.is_empty() {
                    unrecorded += 1;
                    if files_before_dying {
                        on_file.extend(keys(&page));
                    }
                    continue;
                }
                on_file.extend(keys(&page));
                cursor = page.cursor;
            }
            on_file.sort();
            on_file.dedup();
            assert_eq!(on_file, ["a.edi", "b.edi", "note.txt: NOT_EDI"], "step {step}");
            assert_eq!(place.names("archive").len(), 2, "step {step}: {:?}", place.names("archive"));
            assert_eq!(
                (place.names("error").len(), place.names("in").len(), place.names("work").len()),
                (1, 0, 0)
            );
            if !place.has_died() {
                break;
            }
            steps = step;
        }
        assert!(steps >= 10, "only {steps} steps were tried");
    }
}

#[tokio::test]
async fn what_grows_is_young_or_hidden_is_left_alone() {
    let place = Memory::default();
    place.drop_in("old.edi", X12, 5);
    place.drop_in("young.edi", X12, 4);
    place.drop_in("tomorrow.edi", X12, -3_600);
    for name in ["x.tmp", "x.PART", "x.filepart", ".x"] {
        place.drop_in(name, X12, 60);
    }
    let page = offered(&place, None).await.unwrap();
    assert_eq!((keys(&page), page.more), (vec!["old.edi".to_owned()], true));
    let next = offered(&place, page.cursor.as_deref()).await.unwrap();
    assert_eq!((next.documents.len(), &next.cursor, next.more), (0, &page.cursor, false));
    assert_eq!(place.names("archive"), ["old.edi"]);
    assert_eq!(place.names("in").len(), 6);
}

#[tokio::test]
async fn a_name_that_comes_again_is_another_file() {
    let place = Memory::default();
    place.drop_in("same.edi", X12, 60);
    let first = offered(&place, None).await.unwrap();
    // Taken; the next page is claimed and lost, and the old cursor asks once more.
    place.drop_in("same.edi", b"ISA other", 60);
    let lost = offered(&place, first.cursor.as_deref()).await.unwrap();
    let again = offered(&place, first.cursor.as_deref()).await.unwrap();
    assert_eq!((keys(&lost), keys(&again)), (vec!["same.edi".to_owned()], vec!["same.edi".to_owned()]));
    assert_eq!(place.names("archive"), ["same.edi"], "only what was taken");
}

#[tokio::test]
async fn pages_are_bounded_and_rubbish_goes_to_the_error_folder() {
    let place = Memory::default();
    for number in 0..40 {
        place.drop_in(&format!("{number:02}.edi"), X12, 100 - number);
    }
    place.drop_in("empty.edi", b"", 200);
    let (mut cursor, mut seen) = (None, Vec::new());
    for _ in 0..5 {
        let page = offered(&place, cursor.as_deref()).await.unwrap();
        assert!(page.documents.len() <= 16);
        seen.extend(keys(&page));
        cursor = page.cursor;
    }
    assert_eq!(seen.len(), 41);
    assert_eq!(seen[0], "empty.edi: EMPTY", "the oldest first");
    assert!(seen[1..].is_sorted(), "{seen:?}");
    assert_eq!((place.names("archive").len(), place.names("error")), (40, vec!["empty.edi".to_owned()]));
}

#[tokio::test]
async fn a_strange_cursor_takes_nothing_away() {
    let place = Memory::default();
    place.drop_in("a.edi", X12, 60);
    for cursor in ["", "x", "{}", "! !", "a.edi"] {
        assert_eq!(offered(&place, Some(cursor)).await.unwrap().documents.len(), 1, "{cursor:?}");
    }
    assert!(place.names("archive").is_empty());
}
