//! The crash test: the real server process is killed again and again while suppliers answer, and nothing may
//! be lost, done twice or out of order. `docs/operations/crash-test.md` says what is checked and how to run it.
//!
//! A [`stage`] is a world in which [`client`]s answer. The [`campaign`] kills the server, the [`faults`] break one thing
//! each; then the stage waits until everything is delivered and gathers the [`evidence`], and the [`verdict`] compares it
//! with what the clients noted down themselves. That the verdict sees what it should is tested in two ways: on made-up
//! evidence with every `cargo test`, and by `proof` on a server with a planted defect.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and reports by printing"
)]

mod api;
mod campaign;
mod client;
mod dice;
mod evidence;
mod faults;
mod journal;
mod observation;
#[cfg(feature = "planted-bugs")]
mod proof;
#[path = "../harness/proxy.rs"]
mod proxy;
#[path = "../harness/script.rs"]
mod script;
mod server;
mod stage;
mod verdict;
mod world;

use campaign::Plan;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make crash-test"]
async fn killed_at_any_moment_the_server_loses_nothing_and_does_nothing_twice() {
    let plan = Plan::from_environment(50);
    let report = campaign::run(&plan).await;
    println!("{report}\n");
    assert!(report.violations.is_empty(), "run it again with SEED={}", plan.seed);
}
