//! Walking one tenant's chain. Pure: pages of the log go in, what is wrong comes out.
use quayside_entity::{event, event_log};

use super::verify::Wrong;
use crate::dispatch::chain::{START, link};

/// A walk along the log, up to the last place seen.
pub(super) struct Walk {
    /// The last place seen.
    pub(super) position: i64,
    /// The hash stored there.
    pub(super) hash: Vec<u8>,
}

/// A row of the log and its event, unless that is gone.
pub(super) type Place = (event_log::Model, Option<event::Model>);

/// More broken places than this in one page are not compared with each other.
const MAX_COMPARED: usize = 16;

impl Walk {
    /// Before the first event.
    pub(super) fn new() -> Self {
        Self { position: 0, hash: START.to_vec() }
    }

    /// Walks on over `places`, which follow in order, and says what is wrong at which position.
    ///
    /// The walk goes on from the hash that is stored, so that one change is one finding.
    pub(super) fn on(&mut self, places: &[Place]) -> Vec<(i64, Wrong)> {
        let mut wrong = Vec::new();
        let mut broken = Vec::new();
        for place in places {
            let (row, event) = place;
            if row.position != self.position + 1 {
                wrong.push((self.position + 1, Wrong::Removed { until: row.position - 1 }));
            }
            match event {
                None => wrong.push((row.position, Wrong::EventGone)),
                Some(event) if link(&self.hash, row.position, event)[..] != row.hash[..] => {
                    broken.push(Broken { before: self.hash.clone(), row, event });
                }
                Some(event) if !same_columns(row, event) => wrong.push((row.position, Wrong::Changed)),
                Some(_) => {}
            }
            self.position = row.position;
            self.hash.clone_from(&row.hash);
        }
        wrong.extend(judge(&broken));
        wrong.sort_by_key(|(position, _)| *position);
        wrong
    }
}

/// A place whose hash does not come out.
struct Broken<'a> {
    before: Vec<u8>,
    row: &'a event_log::Model,
    event: &'a event::Model,
}

/// An event whose hash comes out at another broken place was moved from there; the rest was changed.
fn judge(broken: &[Broken<'_>]) -> Vec<(i64, Wrong)> {
    let mut moved = vec![false; broken.len()];
    if broken.len() <= MAX_COMPARED {
        for (i, place) in broken.iter().enumerate() {
            for (j, other) in broken.iter().enumerate().filter(|(j, _)| *j != i) {
                let hash = link(&place.before, place.row.position, other.event);
                if hash[..] == place.row.hash[..] || hash[..] == other.row.hash[..] {
                    (moved[i], moved[j]) = (true, true);
                }
            }
        }
    }
    let what = |moved| if moved { Wrong::Reordered } else { Wrong::Changed };
    broken.iter().zip(moved).map(|(place, moved)| (place.row.position, what(moved))).collect()
}

/// The log repeats some of the event's columns, to be filtered by.
fn same_columns(row: &event_log::Model, event: &event::Model) -> bool {
    row.supplier_id == event.supplier_id
        && row.order_id == event.order_id
        && row.event_type == event.event_type
}
