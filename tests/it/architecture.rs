//! Who may use whom, and where queries may begin: what manifests and lints cannot say alone.
use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::Value;

/// What each crate must not depend on, directly.
const NEVER: &[(&str, &[&str])] = &[
    ("quayside-canonical", &["quayside-*", "axum", "reqwest", "async-graphql", "tokio"]),
    ("quayside-edi", &["quayside-*", "sea-orm", "axum", "reqwest", "tokio"]),
    ("quayside-entity", &["quayside-domain", "quayside-graphql", "quayside-connectors", "axum", "reqwest"]),
    (
        "quayside-labels",
        &[
            "quayside-connectors",
            "quayside-domain",
            "quayside-edi",
            "quayside-entity",
            "quayside-graphql",
            "quayside-migration",
            "quayside-simulator",
            "sea-orm",
            "axum",
            "reqwest",
            "async-graphql",
            "tokio",
        ],
    ),
    ("quayside-migration", &["quayside-*", "axum", "reqwest"]),
    (
        "quayside-domain",
        &["quayside-connectors", "quayside-edi", "quayside-graphql", "axum", "async-graphql", "reqwest"],
    ),
    ("quayside-connectors", &["quayside-domain", "quayside-entity", "sea-orm", "async-graphql"]),
    ("quayside-graphql", &["quayside-connectors", "quayside-edi", "sea-orm", "axum", "reqwest"]),
    ("quayside-simulator", &["quayside-connectors", "quayside-domain", "quayside-canonical", "sea-orm"]),
];

#[test]
fn crates_use_only_whom_they_may() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let names: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    for (name, never) in NEVER {
        assert!(names.contains(name), "{name} is not in the workspace any more");
        let package = packages.iter().find(|package| package["name"] == *name).unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            if dependency["kind"].as_str() == Some("dev") {
                continue;
            }
            let used = dependency["name"].as_str().unwrap();
            let forbidden = never.iter().any(|never| match never.strip_suffix('*') {
                Some(prefix) => used.starts_with(prefix),
                None => used == *never,
            });
            assert!(!forbidden, "{name} must not use {used}");
        }
    }
}

/// Ways to begin a query past a scope that the lint does not see.
const STARTERS: &[&str] = &[
    "::load()",
    "Entity::find",
    "find_by_id",
    "find_also_related",
    "Select::<",
    "Entity::update_many",
    "Entity::delete_many",
];

#[test]
fn queries_begin_at_a_scope() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["domain/src", "graphql/src", "src"] {
        visit(&root.join(folder), &mut |path, text| {
            if path.ends_with("domain/src/scope.rs") {
                return;
            }
            for (number, line) in text.lines().enumerate() {
                if STARTERS.iter().any(|starter| line.contains(starter))
                    && !line.trim_start().starts_with("//")
                {
                    found.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
                }
            }
        });
    }
    assert!(found.is_empty(), "these begin a query without a scope:\n{}", found.join("\n"));
}

#[test]
fn resolvers_and_transports_hold_no_sql() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["graphql/src", "src/web", "src/ingest", "src/app"] {
        visit(&root.join(folder), &mut |path, text| {
            for word in ["Statement::", "sea_orm::", "execute_unprepared"] {
                assert!(!text.contains(word), "{} holds {word}", path.display());
            }
        });
    }
}

fn visit(folder: &Path, each: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            visit(&path, each);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            each(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}
