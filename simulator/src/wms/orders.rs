//! What was told about shipments and appointments: of a number, or the next one.
use std::collections::{HashMap, VecDeque};

/// Instructions that nothing has fitted yet, and those that wait for their shipment.
pub(super) struct Orders<T> {
    next: VecDeque<T>,
    /// By the supplier's number of the shipment.
    named: HashMap<String, T>,
    /// By the shipment's id.
    assigned: HashMap<String, T>,
}

impl<T> Default for Orders<T> {
    fn default() -> Self {
        Self { next: VecDeque::new(), named: HashMap::new(), assigned: HashMap::new() }
    }
}

impl<T: Clone> Orders<T> {
    /// For the shipment of a number, where the last word counts, or for the next one.
    pub(super) fn add(&mut self, number: Option<&str>, order: T) {
        match number {
            Some(number) => {
                self.named.insert(number.to_owned(), order);
            }
            None => self.next.push_back(order),
        }
    }

    /// A shipment nobody named takes the next instruction, if there is one.
    pub(super) fn assign(&mut self, id: &str, number: &str) {
        if self.named.contains_key(number) {
            return;
        }
        if let Some(order) = self.next.pop_front() {
            self.assigned.insert(id.to_owned(), order);
        }
    }

    pub(super) fn of(&self, id: &str, number: &str) -> Option<T> {
        self.named.get(number).or_else(|| self.assigned.get(id)).cloned()
    }
}
