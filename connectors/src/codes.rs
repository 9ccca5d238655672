//! The tenant's codes and what one system calls them: the cross-references of a connection.
use std::collections::HashMap;

use quayside_canonical::master_data::{CrossReference, CrossReferenceKind};

/// Both ways between the tenant's codes and a system's. A code without an entry has no translation here; whether
/// it may then go as it is, is for the connector to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codes {
    theirs: HashMap<(CrossReferenceKind, String), String>,
    ours: HashMap<(CrossReferenceKind, String), String>,
}

impl Codes {
    /// The codes in `references`. Where several of a system's codes mean the same, the first in order of the
    /// alphabet is the one that is sent, so that the same event always becomes the same call.
    pub fn of(references: impl IntoIterator<Item = CrossReference>) -> Self {
        let mut references: Vec<_> = references.into_iter().collect();
        references.sort_by(|a, b| a.external_code.cmp(&b.external_code));
        let mut codes = Self::default();
        for CrossReference { kind, external_code, code, .. } in references {
            codes.theirs.entry((kind, code.clone())).or_insert_with(|| external_code.clone());
            codes.ours.insert((kind, external_code), code);
        }
        codes
    }

    /// What the system calls the tenant's `code`.
    pub fn theirs(&self, kind: CrossReferenceKind, code: &str) -> Option<&str> {
        self.theirs.get(&(kind, code.to_owned())).map(String::as_str)
    }

    /// The tenant's code for the system's `code`.
    pub fn ours(&self, kind: CrossReferenceKind, code: &str) -> Option<&str> {
        self.ours.get(&(kind, code.to_owned())).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_both_ways_and_the_same_one_is_always_sent() {
        let reference = |external: &str| CrossReference {
            system: "SAP".to_owned(),
            kind: CrossReferenceKind::Unit,
            external_code: external.to_owned(),
            code: "EA".to_owned(),
        };
        let codes = Codes::of([reference("ST"), reference("PC")]);
        assert_eq!(codes.theirs(CrossReferenceKind::Unit, "EA"), Some("PC"));
        assert_eq!(codes.ours(CrossReferenceKind::Unit, "ST"), Some("EA"));
        assert_eq!(codes.ours(CrossReferenceKind::Item, "ST"), None);
    }
}
