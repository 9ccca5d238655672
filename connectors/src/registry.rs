//! The list of connectors: the one place that names them all.
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    Connector, Feed, Http, edi_as2, edi_folder, edi_https, edi_sftp, generic_rest, oracle_wms, sap_s4hana,
    webhook,
};

/// One kind of connector.
#[derive(Debug)]
pub struct Kind {
    /// As connections name it; the folder in `src/` has the same name.
    pub name: &'static str,
    /// The event types it can send on.
    pub accepts: &'static [&'static str],
    /// Members of its configuration that are sealed: never stored in the open, never shown.
    pub secrets: &'static [&'static str],
    /// What it reads from its vendor.
    pub feeds: &'static [Feed],
    build: fn(Value) -> Result<Box<dyn Connector>, BuildError>,
}

/// Every kind there is. A new connector is one line here.
pub static KINDS: &[Kind] = &[
    Kind {
        name: edi_as2::KIND,
        accepts: edi_as2::ACCEPTS,
        secrets: edi_as2::SECRETS,
        feeds: edi_as2::FEEDS,
        build: edi_as2::build,
    },
    Kind {
        name: edi_folder::KIND,
        accepts: edi_folder::ACCEPTS,
        secrets: edi_folder::SECRETS,
        feeds: edi_folder::FEEDS,
        build: edi_folder::build,
    },
    Kind {
        name: edi_https::KIND,
        accepts: edi_https::ACCEPTS,
        secrets: edi_https::SECRETS,
        feeds: edi_https::FEEDS,
        build: edi_https::build,
    },
    Kind {
        name: edi_sftp::KIND,
        accepts: edi_sftp::ACCEPTS,
        secrets: edi_sftp::SECRETS,
        feeds: edi_sftp::FEEDS,
        build: edi_sftp::build,
    },
    Kind {
        name: generic_rest::KIND,
        accepts: generic_rest::ACCEPTS,
        secrets: generic_rest::SECRETS,
        feeds: generic_rest::FEEDS,
        build: generic_rest::build,
    },
    Kind {
        name: oracle_wms::KIND,
        accepts: oracle_wms::ACCEPTS,
        secrets: oracle_wms::SECRETS,
        feeds: oracle_wms::FEEDS,
        build: oracle_wms::build,
    },
    Kind {
        name: sap_s4hana::KIND,
        accepts: sap_s4hana::ACCEPTS,
        secrets: sap_s4hana::SECRETS,
        feeds: sap_s4hana::FEEDS,
        build: sap_s4hana::build,
    },
    Kind {
        name: webhook::KIND,
        accepts: webhook::ACCEPTS,
        secrets: webhook::SECRETS,
        feeds: &[],
        build: webhook::build,
    },
];

/// Why a connection's configuration makes no connector. Quotes no value, so it may be shown and logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// No connector has this name.
    #[error("there is no connector of this kind")]
    UnknownKind,
    /// A field is missing, unknown or wrong.
    #[error("the configuration of `{kind}` is wrong: {reason}")]
    Config {
        /// The connector asked for.
        kind: &'static str,
        /// Which field, and what is wrong with it.
        reason: String,
    },
}

impl BuildError {
    /// Reads a configuration; what is not an object is refused here.
    pub(crate) fn read<T: DeserializeOwned>(kind: &'static str, config: Value) -> Result<T, Self> {
        if !config.is_object() {
            return Err(Self::Config { kind, reason: "it must be an object".to_owned() });
        }
        serde_json::from_value(config)
            .map_err(|error| Self::Config { kind, reason: without_value(&error.to_string()) })
    }
}

/// What serde says of a wrong value, without the value: people paste secrets into the wrong member.
fn without_value(words: &str) -> String {
    for (opening, closing) in [("unknown variant `", "`, "), ("string \"", "\", ")] {
        if let Some((before, rest)) = words.split_once(opening)
            && let Some((_, after)) = rest.rsplit_once(closing)
        {
            let kind = opening.trim_end_matches(['`', '"', ' ']);
            return format!("{before}{kind}, {after}");
        }
    }
    words.to_owned()
}

/// The member of a configuration that names a place which may not be used, and why not, as far as can be said without
/// going there. Web addresses are checked where they stand.
pub fn forbidden_place(kind: &str, config: &Value, http: &Http) -> Option<(&'static str, String)> {
    let text = |name: &str| config.get(name).and_then(Value::as_str);
    match kind {
        edi_folder::KIND => {
            let forbidden = http.folders().check(text("folder")?).err()?;
            Some(("folder", forbidden.to_string()))
        }
        edi_sftp::KIND => {
            let forbidden = http.check_host(text("host")?).err()?;
            Some(("host", forbidden.to_string()))
        }
        _ => None,
    }
}

/// Builds the connector that a connection names.
pub fn build(kind: &str, config: Value) -> Result<Box<dyn Connector>, BuildError> {
    let kind = KINDS.iter().find(|known| known.name == kind).ok_or(BuildError::UnknownKind)?;
    (kind.build)(config)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use quayside_canonical::events::CATALOGUE;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_has_a_page_golden_files_and_a_place_in_the_list() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        for kind in KINDS {
            let page = here.join(format!("../docs/connectors/{}.md", kind.name));
            let text = fs::read_to_string(&page).unwrap_or_else(|_| panic!("{} is missing", page.display()));
            if kind.accepts.len() == CATALOGUE.len() {
                assert!(text.contains("reference/events.md"), "{} does not lead to the list", page.display());
            }
            for event_type in kind.accepts.iter().filter(|_| kind.accepts.len() < CATALOGUE.len()) {
                assert!(
                    text.contains(&format!("`{event_type}`")),
                    "{} does not name {event_type}",
                    page.display()
                );
            }
            assert_golden(&here.join("src").join(kind.name.replace('-', "_")).join("golden"));
        }
    }

    /// Each event has the request it becomes beside it, and there is at least one.
    fn assert_golden(folder: &Path) {
        let names: Vec<String> = fs::read_dir(folder)
            .unwrap_or_else(|_| panic!("{} is missing", folder.display()))
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let events: Vec<&str> = names.iter().filter_map(|name| name.strip_suffix(".event.json")).collect();
        assert!(!events.is_empty(), "{} holds no *.event.json", folder.display());
        for event in events {
            let request = format!("{event}.request.");
            assert!(names.iter().any(|name| name.starts_with(&request)), "{event} has no {request}*");
        }
    }

    #[test]
    fn every_folder_with_golden_files_is_in_the_list() {
        let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
        for folder in folders.map(|entry| entry.unwrap()).filter(|entry| entry.path().join("golden").is_dir())
        {
            let name = folder.file_name().into_string().unwrap().replace('_', "-");
            assert!(KINDS.iter().any(|kind| kind.name == name), "{name} is not in KINDS");
        }
    }

    #[test]
    fn a_kind_builds_from_its_configuration_and_knows_its_name() {
        let config = json!({
            "endpoint": "https://erp.example.com/in",
            "signing_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        });
        let connector = build("generic-rest", config).unwrap();
        assert_eq!(connector.kind(), "generic-rest");
        assert_eq!(connector.accepts(), generic_rest::ACCEPTS);
        let feeds = connector.source().unwrap().feeds();
        assert!(feeds.iter().all(|feed| generic_rest::FEEDS.contains(feed)), "{feeds:?}");
        assert!(!format!("{connector:?}").contains("MfKQ"), "{connector:?}");
        assert_eq!(build("carrier_pigeon", json!({})).unwrap_err(), BuildError::UnknownKind);
    }

    #[test]
    fn a_wrong_configuration_is_named_without_quoting_it() {
        let endpoint = "https://erp.example.com/in";
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        for (config, about) in [
            (json!("whsec_canary"), "object"),
            (json!({ "endpoint": endpoint }), "signing_secret"),
            (json!({ "endpoint": endpoint, "signing_secret": secret, "colour": "canary" }), "colour"),
            (json!({ "endpoint": endpoint, "signing_secret": "whsec_canary" }), "base64"),
            (json!({ "endpoint": endpoint, "signing_secret": ["canary"] }), "string"),
            (json!({ "endpoint": endpoint, "signing_secret": 73_519 }), "string"),
            (json!({ "endpoint": "https://u:canary@e.example", "signing_secret": secret }), "password"),
            (json!({ "endpoint": "https://e.example/?key=canary", "signing_secret": secret }), "query"),
            (json!({ "endpoint": "ftp://canary", "signing_secret": secret }), "web address"),
            (json!({ "endpoint": "canary", "signing_secret": secret }), "URL"),
            (
                json!({ "endpoint": endpoint, "signing_secret": secret, "bearer_token": { "x": "canary" } }),
                "string",
            ),
        ] {
            let problem = build("generic-rest", config).unwrap_err().to_string();
            assert!(problem.contains(about), "{problem} does not say {about}");
            assert!(!problem.contains("canary") && !problem.contains("73519"), "{problem}");
        }
    }
}
