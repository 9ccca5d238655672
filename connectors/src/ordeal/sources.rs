//! What is read from a vendor.
use super::trouble::{Clients, troubles};
use super::vendor::{Played, Role};
use super::{Candidate, Means, asked};
use crate::stub::errand;
use crate::{Message, Way};

#[test]
fn a_kind_reads_what_the_list_says() {
    for kind in asked() {
        let connector = Candidate::of(kind).connector("https://vendor.example.com");
        let feeds = connector.source().map_or(&[] as &[_], |source| source.feeds());
        assert_eq!(feeds, kind.feeds, "{}", kind.name);
    }
}

#[tokio::test]
async fn a_poll_that_meets_trouble_brings_nothing_and_moves_no_cursor() {
    let clients = Clients::new();
    for kind in asked() {
        let candidate = Candidate::of(kind);
        for feed in kind.feeds.iter().filter(|feed| feed.way == Way::Poll) {
            let played = Played::start((candidate.vendor)("")).await;
            let connector = candidate.connector(&played.base);
            let source = connector.source().unwrap();
            let codes = (candidate.codes)();
            for trouble in troubles() {
                let (case, means) = (format!("{} meets {}", feed.name, trouble.name), trouble.means);
                let http = clients.to_meet(&trouble);
                played.spoil(Role::Read, trouble);
                let page = source.poll(http, &errand(), &codes, feed.name, None).await;
                let error = page.outcome.as_ref().expect_err(&case);
                // Nothing was changed, so what is unknown of a question is only that it was not answered.
                if matches!(means, Means::Unauthorized | Means::Forbidden | Means::Wait(_)) {
                    means.assert(candidate, &case, error);
                }
                candidate.assert_quiet(&case, &page);
            }
            played.heal();
            let http = &clients.patient;
            let first = source.poll(http, &errand(), &codes, feed.name, None).await;
            let first = first.outcome.unwrap_or_else(|error| panic!("{}: {error}", feed.name));
            let again = source.poll(http, &errand(), &codes, feed.name, None).await.outcome.unwrap();
            assert_eq!(first, again, "{}: the same question, the same page", feed.name);
            assert_eq!(played.heard(Role::Write), 0, "{}: a poll wrote", feed.name);
        }
    }
}

/// Nothing, no text, no document, and what bombs parsers.
fn rubbish() -> Vec<(&'static str, Vec<u8>)> {
    let bomb =
        r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>"#;
    let mut bodies =
        vec![b"".to_vec(), b"\xff\xfe\x00".to_vec(), b"{}".to_vec(), b"[]".to_vec(), b"<a/>".to_vec()];
    bodies.extend([
        bomb.as_bytes().to_vec(),
        "<a>".repeat(100_000).into_bytes(),
        "[".repeat(100_000).into_bytes(),
    ]);
    let types = ["application/json", "application/xml", "text/plain", ""];
    types.into_iter().flat_map(|media| bodies.iter().map(move |body| (media, body.clone()))).collect()
}

#[test]
fn a_message_that_cannot_be_read_is_a_problem() {
    for kind in asked() {
        let candidate = Candidate::of(kind);
        let connector = candidate.connector("https://vendor.example.com");
        let Some(source) = connector.source() else { continue };
        let names = kind.feeds.iter().filter(|feed| feed.way == Way::Push).map(|feed| feed.name);
        for feed in names.chain(["no-such-feed"]) {
            for (media_type, body) in rubbish() {
                let message = Message { media_type, body: &body };
                let read = source.receive(&(candidate.codes)(), feed, &message);
                let problems = read.expect_err(&format!("{}: {feed} takes {media_type} {body:?}", kind.name));
                assert!(!problems.is_empty(), "{}: {feed}", kind.name);
            }
        }
    }
}
