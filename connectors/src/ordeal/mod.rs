//! The ordeal: every kind of connector meets the same vendor, who answers, stalls, breaks off and lies, and has
//! to say the one right thing about it.
//!
//! A kind describes itself with a [`Candidate`] in `<kind>/ordeal.rs` and one line in [`CANDIDATES`]. What is sent
//! are its golden events, so a type of event without one fails here too. The rules are those of the worker that acts
//! on the outcomes: a success is only said of what was booked; *not done* ([`DeliveryError::Retry`]) only where
//! nothing was sent or the vendor said so; and no secret is in anything that a person may read.
use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    Codes, Connector, Delivery, KINDS, Kind, build, edi_as2, edi_folder, edi_https, edi_sftp, generic_rest,
    oracle_wms, sap_s4hana, stub, webhook,
};

mod deliver;
mod read;
mod repeats;
mod sources;
mod trouble;
mod vendor;

use trouble::Means;
pub(crate) use vendor::{Request, Role, Said, Vendor};

/// What the ordeal has to know of a kind.
pub(crate) struct Candidate {
    /// Its name in [`KINDS`].
    pub(crate) kind: &'static str,
    /// Its configuration, with the vendor at `base`: `http://127.0.0.1:4711`, without a slash at the end. Every
    /// secret in it holds a text of [`Candidate::canaries`].
    pub(crate) config: fn(base: &str) -> Value,
    /// What must never be read: the secrets, and what is made of them on the way, such as the header of Basic.
    pub(crate) canaries: &'static [&'static str],
    /// The vendor as its contract has it, in the state in which an event of the type makes sense.
    pub(crate) vendor: fn(event_type: &str) -> Box<dyn Vendor>,
    /// What the vendor calls the codes of the golden events.
    pub(crate) codes: fn() -> Codes,
    /// What a 403 is: `unauthorized`, or `refused` where the vendor says so to a user it knows.
    pub(crate) forbidden: &'static str,
    /// What a 409 is that does not say more.
    pub(crate) conflict: &'static str,
}

/// One line for each kind.
const CANDIDATES: &[&Candidate] =
    &[&generic_rest::ordeal::CANDIDATE, &oracle_wms::ordeal::CANDIDATE, &sap_s4hana::ordeal::CANDIDATE];

impl Candidate {
    fn of(kind: &Kind) -> &'static Self {
        let found = CANDIDATES.iter().find(|candidate| candidate.kind == kind.name);
        found.unwrap_or_else(|| panic!("{} does not describe itself in ordeal::CANDIDATES", kind.name))
    }

    fn connector(&self, base: &str) -> Box<dyn Connector> {
        build(self.kind, (self.config)(base)).unwrap()
    }

    /// The golden event of a type, on its way.
    fn delivery(&self, event_type: &str) -> Delivery {
        Delivery {
            event: golden(self.kind, event_type),
            event_type: event_type.to_owned(),
            codes: (self.codes)().into(),
            ..stub::delivery()
        }
    }

    /// Nothing that is shown or stored holds a secret.
    fn assert_quiet(&self, what: &str, shown: &impl std::fmt::Debug) {
        let shown = format!("{shown:?}");
        for canary in self.canaries {
            assert!(!shown.contains(canary), "{}: {what} shows {canary}: {shown}", self.kind);
        }
    }
}

/// Kinds that meet an ordeal of their own: those whose receivers recognise repeats and are asked nothing, in
/// [`repeats`], and those that speak no plain HTTP, in their own tests.
const APART: &[&str] = &[webhook::KIND, edi_as2::KIND, edi_folder::KIND, edi_https::KIND, edi_sftp::KIND];

/// The kinds whose receivers can be asked by HTTP what they have.
fn asked() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(|kind| !APART.contains(&kind.name))
}

/// The golden event of a type.
fn golden(kind: &str, event_type: &str) -> Value {
    let name = format!("{}/golden/{}.event.json", kind.replace('-', "_"), event_type.replace('.', "_"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_kind_describes_itself_and_keeps_its_secrets() {
    for kind in asked() {
        let candidate = Candidate::of(kind);
        let config = (candidate.config)("https://vendor.example.com");
        candidate.assert_quiet("the connector", &candidate.connector("https://vendor.example.com"));
        for secret in kind.secrets {
            if let Some(value) = config.get(secret) {
                let text = value.as_str().unwrap_or_else(|| panic!("{}: {secret} is no text", kind.name));
                assert!(candidate.canaries.contains(&text), "{}: {secret} holds no canary", kind.name);
            }
        }
        let held = config.to_string();
        assert!(candidate.canaries.iter().any(|canary| held.contains(canary)), "{}", kind.name);
    }
    for candidate in CANDIDATES {
        assert!(KINDS.iter().any(|kind| kind.name == candidate.kind), "{} is no kind", candidate.kind);
    }
}

#[test]
fn every_kind_previews_what_it_accepts_and_has_a_page_and_golden_files() {
    for kind in asked() {
        let candidate = Candidate::of(kind);
        let connector = candidate.connector("https://vendor.example.com");
        assert_eq!(connector.kind(), kind.name);
        assert_eq!(connector.accepts(), kind.accepts);
        let page = format!("{}/../docs/connectors/{}.md", env!("CARGO_MANIFEST_DIR"), kind.name);
        let page = fs::read_to_string(&page).unwrap_or_else(|_| panic!("{page} is missing"));
        for event_type in kind.accepts {
            let delivery = candidate.delivery(event_type);
            let calls = connector.preview(&delivery).unwrap_or_else(|error| panic!("{event_type}: {error}"));
            assert!(!calls.is_empty(), "{}: {event_type} has no preview", kind.name);
            candidate.assert_quiet(event_type, &calls);
            assert!(page.contains(&format!("`{event_type}`")), "the page does not name {event_type}");
        }
        for feed in kind.feeds {
            assert!(page.contains(&format!("`{}`", feed.name)), "the page does not name {}", feed.name);
        }
    }
}

#[test]
fn what_a_kind_does_not_accept_is_not_sent_on() {
    for kind in asked() {
        let candidate = Candidate::of(kind);
        let connector = candidate.connector("https://vendor.example.com");
        let delivery = Delivery { event_type: "weather.changed".to_owned(), ..stub::delivery() };
        let refused = connector.preview(&delivery).unwrap_err();
        assert_eq!(refused.word(), "unmappable", "{}: {refused}", kind.name);
    }
}
