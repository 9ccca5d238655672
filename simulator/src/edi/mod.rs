//! A supplier that has neither a screen nor an API: it takes X12 files from one folder and puts its answers into another.
//!
//! The folders are those of `docs/connectors/edi-folder.md`, seen from the other side: what is for it lies in `out/`, what
//! it has to say it puts into `in/`. Each file is confirmed by 997. An 850 is answered by 855 and an 860 by 865: it takes
//! everything, for the day that was asked for. A while later the goods leave, and an 856 says so; what is changed after
//! that it rejects.
//!
//! What it is to say is in its books before it lies in the folder, so that it may be stopped on any line: it says nothing
//! twice and leaves nothing out.
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::Utc;
use quayside_edi::Options;
use quayside_edi::x12::messages::{Message, read};
use quayside_edi::x12::{Interchange, Interchanges, WriteError, acknowledge};

mod answer;
mod books;
mod envelope;
#[cfg(test)]
mod tests;

pub use books::{EdiLine, EdiOrder};

use crate::receiver::Clock;
use books::{Books, Buyer};

/// How often to look into the folder.
const TICK: Duration = Duration::from_millis(500);

/// How such a supplier is set up.
#[derive(Clone)]
pub struct EdiSupplierSettings {
    /// The folder that has `out/`, where files for it lie, and `in/`, where it puts its own.
    pub folder: PathBuf,
    /// What it calls itself in envelopes. Files for somebody else are left alone.
    pub id: String,
    /// How long after its order the goods leave.
    pub ship_after: Duration,
    /// Keeps its books over a restart; `None` keeps them in memory.
    pub books: Option<PathBuf>,
    /// Its own clock.
    pub clock: Clock,
}

impl EdiSupplierSettings {
    /// In memory, with the system's clock; goods leave at once.
    pub fn new(folder: impl Into<PathBuf>, id: impl Into<String>) -> Self {
        let (folder, id) = (folder.into(), id.into());
        Self { folder, id, ship_after: Duration::ZERO, books: None, clock: Arc::new(Utc::now) }
    }
}

/// What such a supplier cannot do.
#[derive(Debug, thiserror::Error)]
pub enum EdiSupplierError {
    /// A folder or its books cannot be used.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The books hold something that this version did not write.
    #[error("the books cannot be read: {0}")]
    Books(#[from] serde_json::Error),
    /// An answer cannot be written.
    #[error("an answer cannot be written: {0}")]
    Write(#[from] WriteError),
}

/// What it took and heard so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdiSupplierReport {
    /// Its orders, as they stand.
    pub orders: Vec<EdiOrder>,
    /// How many messages of each type it was sent.
    pub heard: BTreeMap<String, usize>,
    /// What the buyer did not take of what it said, in words.
    pub rejected: Vec<String>,
}

/// A supplier. Clones share its books.
#[derive(Clone)]
pub struct EdiSupplier {
    settings: Arc<EdiSupplierSettings>,
    books: Arc<Mutex<Books>>,
}

impl EdiSupplier {
    /// Opens its books.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn open(settings: EdiSupplierSettings) -> Result<Self, EdiSupplierError> {
        let books = match &settings.books {
            Some(path) => Books::open(path)?,
            None => Books::default(),
        };
        Ok(Self { settings: Arc::new(settings), books: Arc::new(Mutex::new(books)) })
    }

    /// Its orders, and what it heard.
    pub fn report(&self) -> EdiSupplierReport {
        self.lock().report()
    }

    /// Takes the files that lie there, and says what is due. How many files it took and put.
    ///
    /// # Errors
    /// It has to be tried again: nothing is lost.
    pub fn work(&self) -> Result<usize, EdiSupplierError> {
        let mut books = self.lock();
        let mut moved = self.put(&mut books)?;
        for path in waiting(&self.settings.folder.join("out"))? {
            let Some(interchanges) = self.for_us(&path)? else { continue };
            let mut next = books.clone();
            for interchange in &interchanges {
                self.take(&mut next, interchange)?;
            }
            self.keep(&mut books, next)?;
            moved += self.put(&mut books)? + 1;
            fs::remove_file(&path)?;
        }
        let mut next = books.clone();
        if self.ship(&mut next)? {
            self.keep(&mut books, next)?;
            moved += self.put(&mut books)?;
        }
        Ok(moved)
    }

    /// Works again and again.
    ///
    /// # Errors
    /// It cannot go on.
    pub async fn run(&self) -> Result<(), EdiSupplierError> {
        loop {
            let supplier = self.clone();
            let worked = tokio::task::spawn_blocking(move || supplier.work()).await;
            worked.map_err(io::Error::other)??;
            tokio::time::sleep(TICK).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The interchanges of a file, if they are for us.
    fn for_us(&self, path: &Path) -> Result<Option<Vec<Interchange>>, EdiSupplierError> {
        let bytes = fs::read(path)?;
        let all = Interchanges::new(bytes.as_slice(), Options::default()).collect::<io::Result<Vec<_>>>()?;
        let receiver = |one: &Interchange| one.header.as_ref().map(|isa| isa.receiver.clone());
        let ours = all.iter().any(|one| receiver(one).as_deref() == Some(self.settings.id.as_str()));
        Ok(ours.then_some(all))
    }

    /// Confirms an interchange, and answers what is in it.
    fn take(&self, books: &mut Books, interchange: &Interchange) -> Result<(), EdiSupplierError> {
        let Some(isa) = &interchange.header else { return Ok(()) };
        if !books.is_new(&isa.sender, &isa.control_number) {
            return Ok(());
        }
        let (now, options) = ((self.settings.clock)(), Options::default());
        let word = acknowledge::interchange(interchange);
        let mut confirmations = Vec::new();
        let mut heard = Vec::new();
        for group in interchange.groups.iter().filter(|_| !interchange.rejected()) {
            let confirmation = acknowledge::group(group, &options);
            confirmations.extend(confirmation.map(|it| Message::FunctionalAcknowledgment(Box::new(it))));
            let version = group.header.as_ref().map(|gs| gs.version_text.clone());
            let sets = group.sets.iter().filter(|_| !group.rejected());
            heard.extend(sets.filter_map(|set| Some((version.clone(), read(set, &options).message?))));
        }
        let buyer = Buyer::of(isa, heard.first().and_then(|(version, _)| version.clone()));
        if word.is_some() || !confirmations.is_empty() {
            books.say(&buyer, word.as_ref(), &confirmations, now)?;
        }
        for (version, message) in heard {
            let buyer = Buyer::of(isa, version);
            if let Some(answer) = books.hear(&buyer, &message, now + self.settings.ship_after) {
                books.say(&buyer, None, &[answer], now)?;
            }
        }
        Ok(())
    }

    /// Says what has left.
    fn ship(&self, books: &mut Books) -> Result<bool, EdiSupplierError> {
        let now = (self.settings.clock)();
        let mut any = false;
        while let Some((buyer, notice)) = books.ship_next(now) {
            books.say(&buyer, None, &[notice], now)?;
            any = true;
        }
        Ok(any)
    }

    fn keep(&self, books: &mut Books, next: Books) -> Result<(), EdiSupplierError> {
        if let Some(path) = &self.settings.books {
            next.keep(path)?;
        }
        *books = next;
        Ok(())
    }

    /// Puts what is to be said into the folder. Each file appears whole, and is the same when it is put again.
    fn put(&self, books: &mut Books) -> Result<usize, EdiSupplierError> {
        let unsaid = books.unsaid();
        if unsaid.is_empty() {
            return Ok(0);
        }
        let folder = self.settings.folder.join("in");
        fs::create_dir_all(&folder)?;
        for file in unsaid {
            let unfinished = folder.join(format!("{}.tmp", file.name));
            fs::write(&unfinished, &file.text)?;
            fs::rename(&unfinished, folder.join(&file.name))?;
        }
        let count = unsaid.len();
        let next = books.clone().said();
        self.keep(books, next)?;
        Ok(count)
    }
}

impl std::fmt::Debug for EdiSupplier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EdiSupplier").field("id", &self.settings.id).finish_non_exhaustive()
    }
}

/// Files that lie there whole, in the order of their control numbers.
fn waiting(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "x12") {
            files.push(path);
        }
    }
    let number = |path: &Path| {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        stem.rsplit('-').next().unwrap_or_default().to_owned()
    };
    files.sort_by_cached_key(|path| (number(path), path.clone()));
    Ok(files)
}
