//! A checker that finds nothing proves nothing: each planted defect has to be found, by the invariant it
//! breaks. Built with the feature `planted-bugs` only.
use crate::campaign::{self, Plan};

/// Runs a short campaign against a server with the defect `plant`.
async fn find(plant: &'static str, invariant: &str) {
    let plan = Plan { plant: Some(plant), ..Plan::from_environment(16) };
    let report = campaign::run(&plan).await;
    println!("planted: {plant}\n{report}");
    let found = report.violations.iter().any(|violation| violation.invariant == invariant);
    assert!(found, "{plant} was not found as a violation of {invariant}; SEED={}", plan.seed);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make crash-test-proof"]
async fn an_answer_before_the_commit_is_found() {
    find("answer_before_commit", "I1").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make crash-test-proof"]
async fn a_delivery_marked_before_it_is_sent_is_found() {
    find("mark_before_send", "I2").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make crash-test-proof"]
async fn a_fresh_key_for_each_attempt_is_found() {
    find("fresh_key_per_attempt", "I3").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make crash-test-proof"]
async fn deliveries_that_overtake_each_other_are_found() {
    find("no_order", "I5").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make crash-test-proof"]
async fn events_taken_before_they_are_placed_are_found() {
    find("forget_before_placing", "I7").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make crash-test-proof"]
async fn a_key_that_is_not_kept_is_found() {
    find("forget_key", "I6").await;
}
