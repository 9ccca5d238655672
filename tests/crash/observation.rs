//! What a fault asks for beside the invariants: measured while it goes on, judged when all is over.
use std::{fmt, time::Duration};

/// How long a process may take until it accepts again, once what it needs is back.
pub(crate) const RECOVERY: Duration = Duration::from_secs(15);
/// How much memory may grow while the database is away, in KiB.
const GROWTH: u64 = 50 * 1024;

/// One thing that was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Observation {
    /// How often the fault was felt: a fault that nobody feels shows nothing.
    Felt { what: &'static str, times: u64 },
    /// Answers that were accepted while nothing could be made durable.
    AcceptedInVain(usize),
    /// The longest time from the end of a fault until the same process accepted an answer.
    AcceptsAgain(Duration),
    /// Resident memory before the fault and the most while it lasted, in KiB.
    Memory { before: u64, most: u64 },
    /// Connections to the database at once, and how many there may be.
    Connections { most: usize, allowed: usize },
    /// What was accepted after the backup that was gone back to: of that nothing is on file any more, and it is known what.
    Gap { accepted_since: usize, on_file: usize, at_the_erp: usize },
    /// Moments that can be struck and were not.
    NotStruck { struck: usize, missed: Vec<String> },
}

impl Observation {
    /// Why it must not be so; nothing when all is well.
    pub(crate) fn wrong(&self) -> Option<String> {
        let wrong = match self {
            Self::Felt { times, .. } => *times == 0,
            Self::AcceptedInVain(answers) => *answers > 0,
            Self::AcceptsAgain(after) => *after > RECOVERY,
            Self::Memory { before, most } => most.saturating_sub(*before) > GROWTH,
            Self::Connections { most, allowed } => most > allowed,
            Self::Gap { on_file, accepted_since, .. } => *on_file > 0 || *accepted_since == 0,
            Self::NotStruck { struck, missed } => !missed.is_empty() || *struck == 0,
        };
        wrong.then(|| self.to_string())
    }
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Felt { what, times } => write!(f, "{times} {what}"),
            Self::AcceptedInVain(answers) => write!(f, "{answers} accepted while nothing could be kept"),
            Self::AcceptsAgain(after) => write!(f, "accepts again within {after:.1?}"),
            Self::Memory { before, most } => {
                write!(f, "memory {} MiB before, at most {} MiB while it lasted", before / 1024, most / 1024)
            }
            Self::Connections { most, allowed } => {
                write!(f, "at most {most} connections to the database at once, {allowed} allowed")
            }
            Self::Gap { accepted_since, on_file, at_the_erp } => write!(
                f,
                "{accepted_since} accepted since the backup, {on_file} of them on file, {at_the_erp} at the ERP"
            ),
            Self::NotStruck { struck, missed } => {
                write!(f, "{struck} moments struck, {} not: {}", missed.len(), missed.join(", "))
            }
        }
    }
}

#[test]
fn each_measure_knows_what_is_too_much() {
    use Observation::{AcceptedInVain, AcceptsAgain, Connections, Felt, Gap, Memory, NotStruck};
    let missed = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let pairs = [
        (Felt { what: "x", times: 1 }, Felt { what: "x", times: 0 }),
        (AcceptedInVain(0), AcceptedInVain(1)),
        (AcceptsAgain(RECOVERY), AcceptsAgain(RECOVERY + Duration::from_millis(1))),
        (Memory { before: 100, most: 100 + GROWTH }, Memory { before: 100, most: 101 + GROWTH }),
        (Connections { most: 18, allowed: 18 }, Connections { most: 19, allowed: 18 }),
        (
            Gap { accepted_since: 1, on_file: 0, at_the_erp: 1 },
            Gap { accepted_since: 2, on_file: 1, at_the_erp: 1 },
        ),
        (NotStruck { struck: 1, missed: missed(&[]) }, NotStruck { struck: 1, missed: missed(&["a"]) }),
        (NotStruck { struck: 1, missed: missed(&[]) }, NotStruck { struck: 0, missed: missed(&[]) }),
    ];
    for (well, wrong) in pairs {
        assert_eq!(well.wrong(), None);
        assert!(wrong.wrong().is_some(), "{wrong}");
    }
}
