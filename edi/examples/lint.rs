//! Reports on the files named on the command line: `cargo run --example lint -- FILE…`.
//! With `--json` as JSON, with `--brief` one line per set.
#![expect(clippy::print_stdout, reason = "an example talks to its terminal")]

use std::fs::File;
use std::process::ExitCode;

use quayside_edi::{Options, lint};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let (flags, paths): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|arg| arg.starts_with("--"));
    let mut accepted = true;
    for path in &paths {
        let report = lint::file(File::open(path)?, &Options::default())?;
        accepted &= report.accepted();
        if flags.iter().any(|flag| flag == "--json") {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else if flags.iter().any(|flag| flag == "--brief") {
            let problem = report.problems().find(|problem| problem.rejects()).map(ToString::to_string);
            let sets: Vec<String> = report.sets().map(|set| format!("{} {}", set.id, set.verdict)).collect();
            println!("{path}: [{}] {}", sets.join(", "), problem.unwrap_or_default());
        } else {
            println!("{path}\n{report}");
        }
    }
    Ok(if accepted { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
