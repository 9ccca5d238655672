//! Defects on purpose, to prove that the crash test finds them: see `docs/operations/crash-test.md`.
//!
//! They exist only with the feature `planted-bugs`, which a release build refuses, and each only when
//! `QUAYSIDE_TEST_PLANT` names it. Otherwise every question here is a constant "no".
//!
//! With the same feature there are [`moment`]s: every commit, send and mark, at which a process can be ended, failed
//! or delayed.

#[cfg(all(feature = "planted-bugs", not(debug_assertions)))]
compile_error!("`planted-bugs` puts defects into the server: never in a release build");

use std::{fmt::Display, time::Duration};

use crate::{Failure, store::Tx};

#[cfg(feature = "planted-bugs")]
fn is_planted(name: &str) -> bool {
    static PLANT: std::sync::LazyLock<Option<String>> =
        std::sync::LazyLock::new(|| std::env::var("QUAYSIDE_TEST_PLANT").ok());
    PLANT.as_deref() == Some(name)
}

#[cfg(not(feature = "planted-bugs"))]
const fn is_planted(_name: &str) -> bool {
    false
}

/// An answer is called accepted before it is durable.
#[must_use]
pub fn answer_before_commit() -> bool {
    is_planted("answer_before_commit")
}

/// Every attempt has an idempotency key of its own, and nobody asks whether an earlier one arrived.
#[must_use]
pub fn fresh_key_per_attempt() -> bool {
    is_planted("fresh_key_per_attempt")
}

/// Dispatch takes events off the outbox in one transaction and gives them their place in another.
#[must_use]
pub(crate) fn forget_before_placing() -> bool {
    is_planted("forget_before_placing")
}

/// The idempotency key of an answer is not kept.
#[must_use]
pub(crate) fn forget_key() -> bool {
    is_planted("forget_key")
}

/// A delivery is recorded as delivered before it is sent.
#[must_use]
pub fn mark_before_send() -> bool {
    is_planted("mark_before_send")
}

/// Deliveries of one order do not wait for each other.
#[must_use]
pub fn no_order() -> bool {
    is_planted("no_order")
}

/// Commits in a moment, when the answer is long on its way.
pub(crate) fn commit_later(tx: Tx) {
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(30)).await;
        tx.commit().await
    });
}

/// Passes a moment at which the sweep of fail points may strike: `place` is where, `side` what comes next or has just
/// happened there. Without the feature nothing happens here.
///
/// # Errors
/// The sweep wants this moment to fail.
#[cfg(feature = "planted-bugs")]
pub async fn moment(place: impl Display + Send, side: &str) -> Result<(), Failure> {
    match moments::strike(&format!("{place} {side}")) {
        None => Ok(()),
        Some(moments::Blow::Abort) => std::process::abort(),
        Some(moments::Blow::Error) => Err(Failure::System(format!("the sweep fails {place} {side}"))),
        Some(moments::Blow::Delay) => {
            tokio::time::sleep(moments::DELAY).await;
            Ok(())
        }
    }
}

/// Passes a moment at which nothing can strike in this build.
#[cfg(not(feature = "planted-bugs"))]
pub fn moment(_place: impl Display, _side: &str) -> std::future::Ready<Result<(), Failure>> {
    std::future::ready(Ok(()))
}

/// What the sweep and the process tell each other, by files in the folder that `QUAYSIDE_TEST_MOMENTS` names: the process
/// adds each moment it passes to `passed`, and does once what `armed` says of one.
#[cfg(feature = "planted-bugs")]
mod moments {
    use std::{
        collections::HashSet,
        fs,
        io::Write,
        path::PathBuf,
        sync::{LazyLock, Mutex, PoisonError},
        time::Duration,
    };

    /// As long as a dispatcher's lease.
    pub(super) const DELAY: Duration = Duration::from_secs(2);

    pub(super) enum Blow {
        Abort,
        Error,
        Delay,
    }

    static FOLDER: LazyLock<Option<PathBuf>> =
        LazyLock::new(|| std::env::var_os("QUAYSIDE_TEST_MOMENTS").map(PathBuf::from));
    static PASSED: Mutex<Option<HashSet<String>>> = Mutex::new(None);

    /// What is to happen at this moment, if it is the one that is armed.
    pub(super) fn strike(name: &str) -> Option<Blow> {
        let folder = FOLDER.as_ref()?;
        note(folder, name);
        let armed = fs::read_to_string(folder.join("armed")).ok()?;
        let (blow, wanted) = armed.split_once(' ')?;
        // Whoever takes the file away is the one that strikes, and the file is gone for the next process.
        if wanted != name || fs::remove_file(folder.join("armed")).is_err() {
            return None;
        }
        match blow {
            "abort" => Some(Blow::Abort),
            "error" => Some(Blow::Error),
            "delay" => Some(Blow::Delay),
            _ => None,
        }
    }

    fn note(folder: &std::path::Path, name: &str) {
        let mut passed = PASSED.lock().unwrap_or_else(PoisonError::into_inner);
        if passed.get_or_insert_default().insert(name.to_owned())
            && let Ok(mut file) = fs::File::options().create(true).append(true).open(folder.join("passed"))
        {
            let _ = file.write_all(format!("{name}\n").as_bytes());
        }
    }
}
