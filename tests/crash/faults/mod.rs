//! One campaign for each fault that killing does not cover: the database away, slow or cut, a full disk, a wrong clock, a
//! backup that is gone back to, writes that fail, a network that loses, an ERP that ignores keys.
//!
//! Each breaks one thing under load, heals it, and asks for the same invariants and for what it measured itself.

mod clock;
mod database;
mod disk;
mod keys;
mod mount;
mod namespace;
mod network;
#[cfg(feature = "planted-bugs")]
mod points;
mod restore;
mod shim;
mod sync;

use std::{process::Command, time::Duration};

use crate::stage::Report;

/// Orders of a campaign that goes on for half a minute.
const ORDERS: u64 = 240;

/// Prints what happened, and fails when something did that must not.
fn check(report: &Report) {
    println!("{report}\n");
    assert!(report.violations.is_empty(), "see above");
}

/// What this machine cannot do is said, and not tested.
fn skipped(what: &str, why: &str) {
    println!("SKIPPED {what}: {why}\n");
}

/// Runs a program of the system's; the error is what it says.
fn system(words: &[&str]) -> Result<String, String> {
    let output = Command::new(words[0]).args(&words[1..]).output();
    let output = output.map_err(|error| format!("{}: {error}", words[0]))?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let complained = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if output.status.success() { Ok(said) } else { Err(format!("{}: {complained}", words.join(" "))) }
}

async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
