//! A leaky bucket of cost points for each caller.
//!
//! A bucket is one instant: when it will be full again. Taking points moves it into the future, time catches up with it,
//! and a bucket that is full need not be remembered.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The time since any fixed instant; it must not go back.
pub type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// What one caller may spend.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Points in a full bucket.
    pub maximum: u32,
    /// Points that come back in a second.
    pub restore: u32,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { maximum: 2_000, restore: 100 }
    }
}

impl Allowance {
    /// How long so many points take to come back.
    fn time(self, points: u64) -> Duration {
        let nanos = u128::from(points) * 1_000_000_000 / u128::from(self.restore.max(1));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// How many points come back in so long.
    fn points(self, time: Duration) -> u64 {
        let points = time.as_nanos() * u128::from(self.restore) / 1_000_000_000;
        u64::try_from(points).unwrap_or(u64::MAX)
    }
}

/// A bucket at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    pub(super) maximum: u64,
    pub(super) available: u64,
    pub(super) restore: u64,
}

impl Level {
    /// Seconds until the bucket is full.
    pub(super) fn reset(&self) -> u64 {
        (self.maximum - self.available).div_ceil(self.restore.max(1))
    }

    /// Seconds until so many points are there, at least one.
    pub(super) fn wait_for(&self, points: u64) -> u64 {
        points.saturating_sub(self.available).div_ceil(self.restore.max(1)).max(1)
    }
}

/// Buckets that are looked after at once. A caller beyond that waits: forgetting somebody's debt instead would make more
/// callers a way around the limit.
const BUCKETS: usize = 100_000;

pub(super) struct Throttle {
    allowance: Allowance,
    clock: Clock,
    full_at: Mutex<HashMap<String, Duration>>,
}

impl fmt::Debug for Throttle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Throttle").field("allowance", &self.allowance).finish_non_exhaustive()
    }
}

impl Throttle {
    pub(super) fn new(allowance: Allowance, clock: Clock) -> Self {
        Self { allowance, clock, full_at: Mutex::default() }
    }

    /// Takes the points, or nothing when there are too few. Either way tells what is left.
    pub(super) fn take(&self, key: &str, points: u64) -> Result<Level, Level> {
        let now = (self.clock)();
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS && !buckets.contains_key(key) {
            buckets.retain(|_, full_at| *full_at > now);
            if buckets.len() >= BUCKETS {
                return Err(Level { available: 0, ..self.level(now, now) });
            }
        }
        let full_at = buckets.get(key).copied().unwrap_or(now).max(now);
        let after = full_at.saturating_add(self.allowance.time(points));
        if after.saturating_sub(now) > self.allowance.time(u64::from(self.allowance.maximum)) {
            return Err(self.level(full_at, now));
        }
        buckets.insert(key.to_owned(), after);
        Ok(self.level(after, now))
    }

    /// Gives back points that were taken and not needed.
    pub(super) fn give_back(&self, key: &str, points: u64) -> Level {
        let now = (self.clock)();
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(full_at) = buckets.get_mut(key) else { return self.level(now, now) };
        *full_at = full_at.saturating_sub(self.allowance.time(points));
        self.level(*full_at, now)
    }

    fn level(&self, full_at: Duration, now: Duration) -> Level {
        let maximum = u64::from(self.allowance.maximum);
        let full_in = self.allowance.time(maximum).saturating_sub(full_at.saturating_sub(now));
        let available = self.allowance.points(full_in).min(maximum);
        Level { maximum, available, restore: u64::from(self.allowance.restore) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use super::{Allowance, Level, Throttle};

    fn throttle() -> (Throttle, Arc<AtomicU64>) {
        let seconds = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&seconds);
        let now = move || Duration::from_secs(clock.load(Ordering::Relaxed));
        (Throttle::new(Allowance { maximum: 100, restore: 10 }, Arc::new(now)), seconds)
    }

    fn available(level: Result<Level, Level>) -> Result<u64, u64> {
        level.map(|level| level.available).map_err(|level| level.available)
    }

    #[test]
    fn points_are_spent_and_come_back_with_time() {
        let (throttle, seconds) = throttle();
        assert_eq!(available(throttle.take("a", 70)), Ok(30));
        assert_eq!(available(throttle.take("a", 31)), Err(30), "refused, nothing is taken");
        assert_eq!(available(throttle.take("a", 30)), Ok(0));
        assert_eq!(available(throttle.take("b", 1)), Ok(99), "another's bucket is another's");
        seconds.store(4, Ordering::Relaxed);
        assert_eq!(available(throttle.take("a", 10)), Ok(30));
        seconds.store(1_000, Ordering::Relaxed);
        assert_eq!(available(throttle.take("a", 0)), Ok(100), "and never more than a bucketful");
    }

    #[test]
    fn what_was_not_needed_is_given_back() {
        let (throttle, _) = throttle();
        throttle.take("a", 50).unwrap();
        assert_eq!(throttle.give_back("a", 20).available, 70);
        assert_eq!(throttle.give_back("a", 90).available, 100);
    }

    #[test]
    fn it_says_when_to_come_again() {
        let level = Level { maximum: 100, available: 5, restore: 10 };
        assert_eq!((level.wait_for(26), level.wait_for(1), level.reset()), (3, 1, 10));
    }
}
