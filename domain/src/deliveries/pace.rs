//! How many deliveries a connection may get now, if it may get only so many a minute.
//!
//! The state is one moment: when the next one may go. Each that goes moves it on by an equal share of a minute. What
//! was not used is forgotten after a second, so that a connection which was idle is not flooded. The moment lies in
//! the connection's circuit, which a claim locks: the limit holds for all workers of all processes together.
use std::time::Duration;

use quayside_canonical::Timestamp;

/// How much of what was not used is made up for.
const SLACK: Duration = Duration::from_secs(1);

/// A pace of so many a minute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    interval: Duration,
}

impl Pace {
    /// `per_minute` a minute, at least one.
    pub(super) fn new(per_minute: u32) -> Self {
        Self { interval: Duration::from_secs(60) / per_minute.max(1) }
    }

    /// How many may go now, when the next one may go at `until`.
    pub(super) fn room(self, until: Timestamp, now: Timestamp) -> usize {
        let from = self.from(until, now);
        if from > now {
            return 0;
        }
        let fit = now.since(from).as_micros() / self.interval.as_micros().max(1);
        usize::try_from(fit).unwrap_or(usize::MAX).saturating_add(1)
    }

    /// When the next one may go, once `used` have gone now.
    pub(super) fn after(self, until: Timestamp, now: Timestamp, used: usize) -> Timestamp {
        let used = u32::try_from(used).unwrap_or(u32::MAX);
        self.from(until, now).plus(self.interval.saturating_mul(used))
    }

    fn from(self, until: Timestamp, now: Timestamp) -> Timestamp {
        until.max(now.minus(SLACK))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_any_minute_no_more_go_than_may_and_nearly_as_many_do() {
        for (per_minute, look_every_ms) in
            [(1, 500), (60, 500), (60, 17), (600, 500), (6_000, 250), (7, 3_000)]
        {
            let pace = Pace::new(per_minute);
            let start = Timestamp::from_micros(1_000_000_000_000);
            let (mut until, mut now) = (Timestamp::from_micros(0), start);
            let mut gone: Vec<Timestamp> = Vec::new();
            while now.since(start) < Duration::from_secs(300) {
                let room = pace.room(until, now);
                if room > 0 {
                    until = pace.after(until, now, room);
                    gone.extend(std::iter::repeat_n(now, room));
                }
                now = now.plus(Duration::from_millis(look_every_ms));
            }
            let most = (0..240).map(|second| {
                let from = start.plus(Duration::from_secs(second));
                let to = from.plus(Duration::from_secs(60));
                gone.iter().filter(|at| **at >= from && **at < to).count()
            });
            let (most, per_minute) = (most.max().unwrap(), per_minute as usize);
            let slack = per_minute / 60 + 1;
            assert!(most <= per_minute + slack, "{most} in a minute of at most {per_minute}");
            let reached = gone.len();
            assert!(reached >= per_minute * 5 * 9 / 10 || look_every_ms > 1_000, "{reached} in five minutes");
        }
    }

    #[test]
    fn what_was_not_used_for_an_hour_is_not_made_up_for() {
        let pace = Pace::new(60);
        let now = Timestamp::from_micros(3_600_000_000);
        assert_eq!(pace.room(Timestamp::from_micros(0), now), 2);
    }
}
