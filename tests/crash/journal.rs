//! What the clients know for certain, written down before and after each request.
use std::sync::{Arc, Mutex, MutexGuard};

use sha2::{Digest, Sha256};

/// One answer a client wants on file, and what it heard about it.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    /// The order.
    pub(crate) order: String,
    /// The idempotency key, which is also the supplier's reference.
    pub(crate) key: String,
    /// Requests sent.
    pub(crate) attempts: u32,
    /// Definite answers, one for each time it was asked until there was one.
    pub(crate) told: Vec<Told>,
}

/// A definite answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// On file as the acknowledgment with this id.
    Accepted(String),
    /// Refused, with these codes. No client asks for what may be refused.
    Refused(String),
}

impl Intent {
    /// The acknowledgment, when it was accepted.
    pub(crate) fn accepted(&self) -> Option<&str> {
        self.told.iter().find_map(Told::accepted)
    }
}

impl Told {
    /// The acknowledgment, when it was accepted.
    pub(crate) fn accepted(&self) -> Option<&str> {
        match self {
            Self::Accepted(id) => Some(id),
            Self::Refused(_) => None,
        }
    }
}

/// A file that was handed in, and what the client heard about it.
#[derive(Clone, Debug)]
pub(crate) struct HandedIn {
    pub(crate) sha256: Vec<u8>,
    /// Whether there was a definite answer.
    pub(crate) taken: bool,
}

/// Everything that is noted; the answers to one order are in the order in which they were sent.
#[derive(Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Pages>>);

#[derive(Default)]
struct Pages {
    intents: Vec<Intent>,
    messages: Vec<String>,
    files: Vec<HandedIn>,
}

/// A place in the journal.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    intents: usize,
    messages: usize,
    files: usize,
}

impl Journal {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap()
    }

    /// Notes what is about to be asked for, and gives its place.
    pub(crate) fn intend(&self, order: &str, key: &str) -> usize {
        let intents = &mut self.pages().intents;
        let (order, key) = (order.to_owned(), key.to_owned());
        intents.push(Intent { order, key, attempts: 0, told: Vec::new() });
        intents.len() - 1
    }

    /// Notes that a request is about to be sent.
    pub(crate) fn attempt(&self, intent: usize) {
        self.pages().intents[intent].attempts += 1;
    }

    /// Notes a definite answer.
    pub(crate) fn told(&self, intent: usize, told: Told) {
        self.pages().intents[intent].told.push(told);
    }

    /// Notes a message that is about to be posted. Nobody else writes the same.
    pub(crate) fn post(&self, text: &str) {
        self.pages().messages.push(text.to_owned());
    }

    /// Notes a file that is about to be handed in, and gives its place.
    pub(crate) fn hand_in(&self, bytes: &[u8]) -> usize {
        let files = &mut self.pages().files;
        files.push(HandedIn { sha256: Sha256::digest(bytes).to_vec(), taken: false });
        files.len() - 1
    }

    /// Notes that a file was taken.
    pub(crate) fn taken(&self, file: usize) {
        self.pages().files[file].taken = true;
    }

    /// How much is noted so far.
    pub(crate) fn mark(&self) -> Mark {
        let pages = self.pages();
        Mark { intents: pages.intents.len(), messages: pages.messages.len(), files: pages.files.len() }
    }

    /// Takes out what was noted since, and gives the answers. Nobody is noting anything now.
    pub(crate) fn take_since(&self, mark: Mark) -> Vec<Intent> {
        let pages = &mut *self.pages();
        pages.messages.truncate(mark.messages);
        pages.files.truncate(mark.files);
        pages.intents.split_off(mark.intents)
    }

    /// How many answers were accepted so far.
    pub(crate) fn accepted(&self) -> usize {
        self.pages().intents.iter().filter(|intent| intent.accepted().is_some()).count()
    }

    /// How many requests about answers were sent so far.
    pub(crate) fn attempts(&self) -> u32 {
        self.pages().intents.iter().map(|intent| intent.attempts).sum()
    }

    /// The answers so far.
    pub(crate) fn read(&self) -> Vec<Intent> {
        self.pages().intents.clone()
    }

    /// The messages so far.
    pub(crate) fn messages(&self) -> Vec<String> {
        self.pages().messages.clone()
    }

    /// The files so far.
    pub(crate) fn files(&self) -> Vec<HandedIn> {
        self.pages().files.clone()
    }
}
