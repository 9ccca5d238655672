//! Random numbers that a seed repeats (SplitMix64). The choices repeat; what the operating system does between
//! them does not.
use std::{ops::Range, time::Duration};

/// A source of random choices.
pub(crate) struct Dice(u64);

impl Dice {
    /// The dice of one player, who throws independently of the others.
    pub(crate) fn new(seed: u64, player: u64) -> Self {
        let mut dice = Self(seed ^ player.wrapping_mul(0xd134_2543_de82_ef95));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number of `range`, which is not empty.
    pub(crate) fn pick(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    /// True once in `times`.
    pub(crate) fn one_in(&mut self, times: u64) -> bool {
        self.pick(0..times) == 0
    }

    /// A time of `range`, in milliseconds.
    pub(crate) fn millis(&mut self, range: Range<u64>) -> Duration {
        Duration::from_millis(self.pick(range))
    }
}

#[test]
fn the_same_seed_throws_the_same_and_another_player_throws_otherwise() {
    let throws = |seed, player| {
        let mut dice = Dice::new(seed, player);
        (0..100).map(|_| dice.pick(0..1_000)).collect::<Vec<_>>()
    };
    assert_eq!(throws(7, 1), throws(7, 1));
    assert_ne!(throws(7, 1), throws(7, 2));
    assert_ne!(throws(7, 1), throws(8, 1));
}
