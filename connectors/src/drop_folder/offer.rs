//! In: what lies there is claimed, read and offered, until it was taken.
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use quayside_canonical::{Field, Problems};
use quayside_edi::Syntax;
use uuid::Uuid;

use super::{Layout, Listed, Place, PlaceError};
use crate::text::one_line;
use crate::{Content, Inbound, Page};

/// Files of one page.
const MOST_FILES: usize = 16;
/// Bytes of one page, the first file apart.
const MOST_BYTES: u64 = 32 << 20;
/// The longest file that is read.
pub(crate) const LONGEST_FILE: u64 = 64 << 20;
/// The longest name that is read: with our key before it, file systems still take it.
const LONGEST_NAME: usize = 200;
/// Ends of names that other programs give to what they still write.
const UNFINISHED: [&str; 5] = [".tmp", ".part", ".partial", ".filepart", ".writing"];

/// What is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// A file that was written to less than this ago is still being written.
    pub(crate) rest: Duration,
    /// Now.
    pub(crate) at: DateTime<Utc>,
}

/// A file in the work folder.
struct Claimed {
    key: String,
    name: String,
    file: Listed,
}

impl Claimed {
    fn of(file: Listed) -> Option<Self> {
        let (key, name) = file.name.split_once('~')?;
        let is_key = key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (key, name) = (key.to_owned(), name.to_owned());
        is_key.then_some(Self { key, name, file })
    }
}

/// Which files a page held, by their keys. The next question says by it that they were taken.
#[derive(Default)]
struct Cursor {
    taken: Vec<String>,
    refused: Vec<String>,
}

impl Cursor {
    fn read(text: Option<&str>) -> Self {
        let mut cursor = Self::default();
        for word in text.unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
            match word.strip_prefix('!') {
                Some(key) => cursor.refused.push(key.to_owned()),
                None => cursor.taken.push(word.to_owned()),
            }
        }
        cursor
    }

    fn write(&self) -> Option<String> {
        let refused = self.refused.iter().map(|key| format!("!{key}"));
        let words: Vec<String> = self.taken.iter().cloned().chain(refused).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}

/// Puts away what the last page held, and offers what lies there.
pub(crate) async fn offer(
    place: &dyn Place,
    layout: &Layout,
    rules: Rules,
    cursor: Option<&str>,
) -> Result<Page, PlaceError> {
    let earlier = Cursor::read(cursor);
    let mut waiting: Vec<Claimed> = Vec::new();
    for claimed in place.list(&layout.work).await?.into_iter().filter_map(Claimed::of) {
        let shelf = if earlier.taken.contains(&claimed.key) {
            &layout.archive
        } else if earlier.refused.contains(&claimed.key) {
            &layout.error
        } else {
            waiting.push(claimed);
            continue;
        };
        put_away(place, layout, &claimed, shelf).await?;
    }
    claim(place, layout, rules, &mut waiting).await?;
    waiting.sort_by(|a, b| (a.file.modified, &a.key).cmp(&(b.file.modified, &b.key)));

    let (mut documents, mut next, mut bytes) = (Vec::new(), Cursor::default(), 0);
    for claimed in waiting.iter().take(MOST_FILES) {
        if bytes > 0 && bytes + claimed.file.size > MOST_BYTES {
            break;
        }
        let Some(read) = read(place, layout, rules, claimed).await? else { continue };
        bytes += claimed.file.size;
        let keys =
            if matches!(read, Inbound::Unreadable { .. }) { &mut next.refused } else { &mut next.taken };
        keys.push(claimed.key.clone());
        documents.push(read);
    }
    match next.write() {
        Some(next) => Ok(Page { documents, cursor: Some(next), more: true }),
        None => Ok(Page { documents, cursor: cursor.map(str::to_owned), more: false }),
    }
}

/// Another worker, or a person, may have put it away already.
async fn put_away(
    place: &dyn Place,
    layout: &Layout,
    claimed: &Claimed,
    shelf: &str,
) -> Result<(), PlaceError> {
    let name = claimed.file.name.as_str();
    match place.rename((&layout.work, name), (shelf, name)).await {
        Err(PlaceError::Missing(_)) | Ok(()) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Moves what is at rest to the work folder, the oldest first.
async fn claim(
    place: &dyn Place,
    layout: &Layout,
    rules: Rules,
    waiting: &mut Vec<Claimed>,
) -> Result<(), PlaceError> {
    if waiting.len() >= MOST_FILES {
        return Ok(());
    }
    let mut found = place.list(&layout.inbox).await?;
    found.retain(|file| is_finished(&file.name) && is_at_rest(file, rules));
    found.sort_by(|a, b| (a.modified, &a.name).cmp(&(b.modified, &b.name)));
    for file in found.into_iter().take(MOST_FILES - waiting.len()) {
        let key = Uuid::now_v7().simple().to_string();
        let claimed = format!("{key}~{}", file.name);
        match place.rename((&layout.inbox, &file.name), (&layout.work, &claimed)).await {
            Ok(()) => {
                let name = file.name.clone();
                waiting.push(Claimed { key, name, file: Listed { name: claimed, ..file } });
            }
            // Somebody else was faster.
            Err(PlaceError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn is_finished(name: &str) -> bool {
    let small = name.to_ascii_lowercase();
    !name.starts_with('.') && name.len() <= LONGEST_NAME && !UNFINISHED.iter().any(|end| small.ends_with(end))
}

fn is_at_rest(file: &Listed, rules: Rules) -> bool {
    (rules.at - file.modified).to_std().is_ok_and(|age| age >= rules.rest)
}

/// The file, or what is wrong with it. Nothing when it is being written to after all: whoever wrote it goes on where
/// we moved it.
async fn read(
    place: &dyn Place,
    layout: &Layout,
    rules: Rules,
    claimed: &Claimed,
) -> Result<Option<Inbound>, PlaceError> {
    let name = claimed.file.name.as_str();
    let Some(before) = place.find(&layout.work, name).await? else { return Ok(None) };
    if !is_at_rest(&before, rules) {
        return Ok(None);
    }
    let bytes = place.read(&layout.work, name, LONGEST_FILE + 1).await?;
    if place.find(&layout.work, name).await?.as_ref() != Some(&before) {
        return Ok(None);
    }
    Ok(Some(judge(&claimed.name, bytes)))
}

fn judge(name: &str, bytes: Vec<u8>) -> Inbound {
    let wrong = |code: &str, words: String| Inbound::Unreadable {
        key: one_line(name, LONGEST_NAME),
        problems: Problems::one(code, &Field::root(), words),
    };
    if bytes.is_empty() {
        return wrong("EMPTY", "the file is empty".to_owned());
    }
    if bytes.len() as u64 > LONGEST_FILE {
        return wrong("FILE_TOO_LARGE", format!("the file is longer than {} MiB", LONGEST_FILE >> 20));
    }
    let media_type = match Syntax::of(&bytes) {
        Some(Syntax::X12) => "application/edi-x12",
        Some(Syntax::Edifact) => "application/edifact",
        None => {
            let words = "the file begins neither as X12 (ISA) nor as EDIFACT (UNA, UNB)".to_owned();
            return wrong("NOT_EDI", words);
        }
    };
    let content = Content { media_type: media_type.to_owned(), bytes: Bytes::from(bytes) };
    Inbound::Interchange { name: one_line(name, LONGEST_NAME), content }
}
