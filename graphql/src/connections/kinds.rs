//! What can be connected.
use quayside_domain::connections::Kind;

use crate::types::plain::plain;

plain! {
    /// A kind of system that can be connected.
    ConnectionKind {
        /// As connections name it.
        name as "name": String,
        /// The types of events it can be sent.
        accepts as "accepts": Vec<String>,
        /// The members of its configuration that are secrets.
        secrets as "secrets": Vec<String>,
        /// What is read from it.
        feeds as "feeds": Vec<String>,
    }
}

impl From<Kind> for ConnectionKind {
    fn from(kind: Kind) -> Self {
        let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            name: kind.name.to_owned(),
            accepts: texts(kind.accepts),
            secrets: texts(kind.secrets),
            feeds: texts(&kind.feeds),
        }
    }
}
