//! Files that are made of the code. They are committed, so that a change shows in review, and checked, so that
//! they cannot go stale.
use std::path::Path;

use anyhow::Context;
use quayside_canonical::events::CATALOGUE;

use crate::{config::table, ingest::openapi};

/// Writes the files, or says which are out of date. Gives the exit code.
#[expect(clippy::print_stdout, reason = "what the command is for")]
pub(super) fn run(root: &Path, check: bool) -> anyhow::Result<i32> {
    let mut stale = 0;
    for (name, content) in files()? {
        let path = root.join(&name);
        let current = std::fs::read_to_string(&path).unwrap_or_default();
        if current == content {
            continue;
        }
        stale += 1;
        if check {
            println!("{name} is out of date: run `make generate`");
        } else {
            let folder = path.parent().context("every file is in a folder")?;
            std::fs::create_dir_all(folder)?;
            std::fs::write(&path, content).with_context(|| format!("writing {}", path.display()))?;
            println!("{name}");
        }
    }
    Ok(i32::from(check && stale > 0))
}

fn files() -> anyhow::Result<Vec<(String, String)>> {
    let mut files = vec![
        ("graphql/schema.graphql".to_owned(), quayside_graphql::sdl()),
        ("docs/reference/configuration.md".to_owned(), table::reference()),
        ("docs/reference/ingest.openapi.json".to_owned(), json(&openapi::document())?),
        ("docs/reference/events.md".to_owned(), event_table()),
    ];
    for entry in CATALOGUE {
        let name = format!("docs/events/{}.v{}.json", entry.event_type, entry.version);
        files.push((name, json((entry.schema)().as_value())?));
    }
    Ok(files)
}

fn json(value: &serde_json::Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

fn event_table() -> String {
    let mut page = String::from(
        "# Events\n\nEvery fact that is recorded, with the JSON Schema of its data. Types are never renamed; a version rises \
         when a reader of the earlier shape would break.\n\n| type | version | what happened | suppliers see it |\n|---|---|---|---|\n",
    );
    for entry in CATALOGUE {
        let schema = (entry.schema)();
        let description = schema.get("description").and_then(serde_json::Value::as_str).unwrap_or_default();
        let first = description.lines().next().unwrap_or_default();
        let seen =
            if quayside_canonical::events::visible_to_supplier(entry.event_type) { "yes" } else { "no" };
        let (event, version) = (entry.event_type, entry.version);
        page +=
            &format!("| [`{event}`](../events/{event}.v{version}.json) | {version} | {first} | {seen} |\n");
    }
    page
}
