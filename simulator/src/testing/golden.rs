//! The events as they really go out: the connector's golden files, read as bytes on a page and nothing more.
use std::path::Path;

use serde_json::Value;

/// The event of that type.
pub(crate) fn golden(event_type: &str) -> Value {
    let name = format!("{}.event.json", event_type.replace('.', "_"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../connectors/src/generic_rest/golden");
    let text = std::fs::read_to_string(folder.join(&name)).unwrap_or_else(|_| panic!("{name} is missing"));
    serde_json::from_str(&text).unwrap()
}
