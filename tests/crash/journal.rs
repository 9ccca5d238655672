//! What the clients know for certain, written down before and after each request.
use std::sync::{Arc, Mutex, MutexGuard};

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

/// All intents of all clients; those of one order are in the order in which they were sent.
#[derive(Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Vec<Intent>>>);

impl Journal {
    fn intents(&self) -> MutexGuard<'_, Vec<Intent>> {
        self.0.lock().unwrap()
    }

    /// Notes what is about to be asked for, and gives its place.
    pub(crate) fn intend(&self, order: &str, key: &str) -> usize {
        let mut intents = self.intents();
        let (order, key) = (order.to_owned(), key.to_owned());
        intents.push(Intent { order, key, attempts: 0, told: Vec::new() });
        intents.len() - 1
    }

    /// Notes that a request is about to be sent.
    pub(crate) fn attempt(&self, intent: usize) {
        self.intents()[intent].attempts += 1;
    }

    /// Notes a definite answer.
    pub(crate) fn told(&self, intent: usize, told: Told) {
        self.intents()[intent].told.push(told);
    }

    /// Everything so far.
    pub(crate) fn read(&self) -> Vec<Intent> {
        self.intents().clone()
    }
}
