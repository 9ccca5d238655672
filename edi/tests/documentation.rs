//! The table of problem codes in the documentation is the one in the code.

use std::fmt::Write;

use quayside_edi::{ProblemCode, Severity};

#[test]
fn the_page_lists_every_problem_code() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference/edi.md"))
        .expect("the page");

    let mut table = String::from("| Code | Level | Effect | Standard | Meaning |\n|---|---|---|---|---|\n");
    for code in ProblemCode::ALL {
        let effect = if code.severity() == Severity::Reject { "refuses" } else { "warns" };
        let standard = code.standard().map(|standard| standard.to_string()).unwrap_or_default();
        let level = format!("{:?}", code.scope()).to_lowercase();
        writeln!(table, "| `{code}` | {level} | {effect} | {standard} | {} |", code.meaning())
            .expect("a string");
    }

    assert!(page.contains(&table), "docs/reference/edi.md should hold this table:\n{table}");
}
