//! How many streams one bucket holds open.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

type Taken = Arc<Mutex<HashMap<String, usize>>>;

#[derive(Debug)]
pub(super) struct Seats {
    each: usize,
    taken: Taken,
}

/// One open stream; dropping it frees the place.
#[derive(Debug)]
pub(super) struct Seat {
    key: String,
    taken: Taken,
}

impl Seats {
    pub(super) fn new(each: usize) -> Self {
        Self { each, taken: Taken::default() }
    }

    /// A place, unless the key has as many as it may.
    pub(super) fn take(&self, key: String) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.get(&key).copied().unwrap_or(0);
        if count >= self.each {
            return None;
        }
        taken.insert(key.clone(), count + 1);
        Some(Seat { key, taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = taken.entry(std::mem::take(&mut self.key)) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seats;

    #[test]
    fn a_place_is_free_again_when_its_stream_ends() {
        let seats = Seats::new(1);
        let first = seats.take("a".into());
        assert!(first.is_some() && seats.take("a".into()).is_none() && seats.take("b".into()).is_some());
        drop(first);
        assert!(seats.take("a".into()).is_some());
        assert!(seats.taken.lock().unwrap().is_empty(), "nothing is remembered of those who left");
    }
}
