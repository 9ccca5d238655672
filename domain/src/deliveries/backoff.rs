//! When to try again.
use std::time::Duration;

use quayside_canonical::DeliveryId;
use sha2::{Digest, Sha256};

/// How long to wait after the first, second, … attempt that did not succeed, before jitter.
pub const SCHEDULE: [Duration; 10] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(5 * 60 * 60),
    Duration::from_secs(10 * 60 * 60),
];

/// The attempt after which nothing is tried again.
pub const LAST_ATTEMPT: i32 = 11;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How long to wait after `attempt`, counted from 1, by `schedule`; none when it was the last.
///
/// A receiver that asked for time gets at least as much, up to a day. The jitter of up to a fifth either way
/// spreads what failed together; it comes from the delivery's id, so that a test can foretell it.
pub(super) fn wait(
    schedule: &[Duration],
    delivery: DeliveryId,
    attempt: i32,
    asked: Option<Duration>,
) -> Option<Duration> {
    let step = usize::try_from(attempt).ok()?.checked_sub(1)?;
    let own = schedule.get(step)?.mul_f64(jitter(delivery, attempt));
    Some(asked.map_or(own, |asked| own.max(asked.clamp(SHORTEST, LONGEST))))
}

/// A factor from 0.8 to 1.2.
fn jitter(delivery: DeliveryId, attempt: i32) -> f64 {
    let digest = Sha256::new().chain_update(delivery.0.as_bytes()).chain_update(attempt.to_be_bytes());
    let digest = digest.finalize();
    let drawn = u16::from_be_bytes([digest[0], digest[1]]);
    0.8 + 0.4 * f64::from(drawn) / f64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(n: u128) -> DeliveryId {
        DeliveryId(uuid::Uuid::from_u128(n))
    }

    fn wait(delivery: DeliveryId, attempt: i32, asked: Option<Duration>) -> Option<Duration> {
        super::wait(&SCHEDULE, delivery, attempt, asked)
    }

    #[test]
    fn the_schedule_is_kept_within_a_fifth_and_then_ends() {
        for n in 0..200 {
            for (attempt, step) in (1..).zip(SCHEDULE) {
                let wait = wait(delivery(n), attempt, None).unwrap();
                assert!(wait >= step.mul_f64(0.8) && wait <= step.mul_f64(1.2), "{attempt}: {wait:?}");
            }
        }
        assert_eq!(wait(delivery(1), LAST_ATTEMPT, None), None);
        assert_eq!(wait(delivery(1), LAST_ATTEMPT, Some(SHORTEST)), None);
    }

    #[test]
    fn jitter_spreads_deliveries_and_repeats_itself() {
        let waits: std::collections::HashSet<_> = (0..100).map(|n| wait(delivery(n), 5, None)).collect();
        assert!(waits.len() > 90);
        assert_eq!(wait(delivery(7), 5, None), wait(delivery(7), 5, None));
    }

    #[test]
    fn a_receiver_that_asks_for_time_gets_it_up_to_a_day() {
        let asked = |secs| wait(delivery(1), 2, Some(Duration::from_secs(secs))).unwrap();
        assert_eq!(asked(120), Duration::from_secs(120));
        assert_eq!(asked(1_000_000), LONGEST);
        assert_eq!(asked(0), wait(delivery(1), 2, None).unwrap(), "never sooner than we would");
    }
}
