//! How long things are held and put off.
use std::time::Duration;

use quayside_canonical::ConnectionId;
use sha2::{Digest, Sha256};

/// How long a feed or a message is one worker's, if it does not say that it is still at work.
pub const LEASE: Duration = Duration::from_secs(60);

/// How long to wait after the first, second, … failure in a row, before jitter; then the last for ever.
const SCHEDULE: [Duration; 6] = [
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(60),
    Duration::from_secs(2 * 60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
];

const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How long to wait after `failures` in a row. A system that asked for time gets at least as much, up to a day.
pub(super) fn after_failure(seed: &[u8], failures: i32, asked: Option<Duration>) -> Duration {
    let step = usize::try_from(failures).unwrap_or(1).saturating_sub(1).min(SCHEDULE.len() - 1);
    let own = SCHEDULE[step].mul_f64(0.8 + 0.4 * drawn(seed));
    asked.map_or(own, |asked| own.max(asked.min(LONGEST)))
}

/// How long until a feed is polled again that brought all it had: a tenth less to a tenth more, so that feeds
/// that were begun together do not stay together.
pub(super) fn until_next(seed: &[u8], every: Duration) -> Duration {
    every.mul_f64(0.9 + 0.2 * drawn(seed))
}

/// What jitter is drawn from: the same for the same turn, so that a test can foretell it.
pub(super) fn seed(connection: ConnectionId, name: &str, turn: i64) -> Vec<u8> {
    let digest = Sha256::new().chain_update(connection.0.as_bytes()).chain_update(turn.to_be_bytes());
    digest.chain_update(name.as_bytes()).finalize().to_vec()
}

/// A number from 0 to 1.
fn drawn(seed: &[u8]) -> f64 {
    let pair = [seed.first().copied().unwrap_or(0), seed.get(1).copied().unwrap_or(0)];
    f64::from(u16::from_be_bytes(pair)) / f64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_put_a_feed_off_further_and_further_and_never_for_good() {
        for turn in 0..100 {
            let seed = seed(ConnectionId(uuid::Uuid::nil()), "orders", turn);
            for (failures, step) in (1..).zip(SCHEDULE) {
                let wait = after_failure(&seed, failures, None);
                assert!(wait >= step.mul_f64(0.8) && wait <= step.mul_f64(1.2), "{failures}: {wait:?}");
            }
            assert!(after_failure(&seed, i32::MAX, None) <= SCHEDULE[5].mul_f64(1.2));
            let every = Duration::from_secs(60);
            let wait = until_next(&seed, every);
            assert!(wait >= every.mul_f64(0.9) && wait <= every.mul_f64(1.1), "{wait:?}");
        }
    }

    #[test]
    fn a_system_that_asks_for_time_gets_it_up_to_a_day() {
        let asked = |seconds| after_failure(&[0, 0], 1, Some(Duration::from_secs(seconds)));
        assert_eq!(asked(120), Duration::from_secs(120));
        assert_eq!(asked(1_000_000), LONGEST);
        assert_eq!(asked(0), Duration::from_secs(4), "never sooner than we would");
    }
}
