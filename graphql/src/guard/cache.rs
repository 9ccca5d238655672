//! Documents that were seen lately, so that a client's fixed set of them is parsed once.
//!
//! Two generations instead of a list in order of use: a hit in the old one moves to the young one, and when the young one
//! is full the old one is forgotten. Keyed by the whole text, so that no collision can run another's document.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug)]
pub(super) struct Cache<T> {
    generations: Mutex<Generations<T>>,
    /// Of one generation: entries, and bytes of text.
    entries: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Generations<T> {
    young: HashMap<Arc<str>, Arc<T>>,
    young_bytes: usize,
    old: HashMap<Arc<str>, Arc<T>>,
}

impl<T> Cache<T> {
    pub(super) fn new(entries: usize, bytes: usize) -> Self {
        let empty = Generations { young: HashMap::new(), young_bytes: 0, old: HashMap::new() };
        Self { generations: Mutex::new(empty), entries: entries / 2, bytes: bytes / 2 }
    }

    pub(super) fn get(&self, text: &str) -> Option<Arc<T>> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = generations.young.get(text) {
            return Some(Arc::clone(known));
        }
        let (text, known) = generations.old.remove_entry(text)?;
        self.insert(&mut generations, text, Arc::clone(&known));
        Some(known)
    }

    pub(super) fn put(&self, text: &str, value: T) -> Arc<T> {
        let value = Arc::new(value);
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        self.insert(&mut generations, text.into(), Arc::clone(&value));
        value
    }

    fn insert(&self, generations: &mut Generations<T>, text: Arc<str>, value: Arc<T>) {
        if generations.young.len() >= self.entries || generations.young_bytes + text.len() > self.bytes {
            generations.old = std::mem::take(&mut generations.young);
            generations.young_bytes = 0;
        }
        let length = text.len();
        if generations.young.insert(text, value).is_none() {
            generations.young_bytes += length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;

    #[test]
    fn what_is_used_stays_and_what_is_not_goes() {
        let cache = Cache::new(4, 1000);
        cache.put("used", 1);
        for text in ["a", "b", "c", "d", "e", "f"] {
            cache.put(text, 2);
            assert!(cache.get("used").is_some(), "forgotten at {text}");
        }
        assert!(cache.get("a").is_none());
    }

    #[test]
    fn long_documents_push_others_out() {
        let cache = Cache::new(100, 20);
        cache.put("0123456789", 1);
        cache.put("abcdefghij", 2);
        cache.put("ABCDEFGHIJ", 3);
        assert!(cache.get("0123456789").is_none());
        assert!(cache.get("abcdefghij").is_some());
    }
}
