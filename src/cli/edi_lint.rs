//! `quayside edi lint`: what the EDI reader says about files, before a partner sends them; and, with --partner, what the
//! agreement with one says besides.
use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use quayside_edi::{
    Options,
    lint::{self, Report},
};
use serde::Serialize;

use super::edi_partner::{Held, Remark};

/// Reads EDI files and says what is wrong with them, each fault with its segment and element.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, and directories with files.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Report as JSON.
    #[arg(long)]
    json: bool,
    /// Hold the files against what is agreed with this trading partner as well: its name.
    #[arg(long, requires = "tenant")]
    partner: Option<String>,
    /// The short name of the partner's tenant.
    #[arg(long, requires = "partner")]
    tenant: Option<String>,
}

impl Args {
    /// The tenant and the partner, when the files are held against an agreement.
    pub(super) fn partner(&self) -> Option<(&str, &str)> {
        self.tenant.as_deref().zip(self.partner.as_deref())
    }
}

/// Something in a file is refused.
pub(super) const REFUSED: u8 = 1;
/// A path could not be read.
pub(super) const UNREADABLE: u8 = 2;

/// What is reported about a file.
#[derive(Serialize)]
struct Verdict<'a> {
    path: String,
    accepted: bool,
    #[serde(flatten)]
    report: &'a Report,
    /// What the agreement with the partner does not allow.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    agreement: Vec<Remark>,
}

/// Lints and prints. The exit code is 0 when nothing is refused, 1 when something is, 2 when a path cannot be read.
///
/// # Errors
/// The output is gone.
pub(super) fn run(args: &Args, held: Option<&Held>) -> io::Result<i32> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let code = lint(args, held, &mut out, &mut io::stderr().lock())?;
    out.flush()?;
    Ok(i32::from(code))
}

fn lint(args: &Args, held: Option<&Held>, out: &mut impl Write, errors: &mut impl Write) -> io::Result<u8> {
    let mut code = 0;
    let mut printed = 0;
    if args.json {
        out.write_all(b"[")?;
    }
    for path in &args.paths {
        let files = files_under(path).unwrap_or_else(|error| vec![(path.clone(), Some(error))]);
        for (file, error) in files {
            let report = match error {
                Some(error) => Err(error),
                None => File::open(&file).and_then(|source| lint::file(source, &Options::default())),
            };
            match report {
                Ok(mut report) => {
                    let agreement = held.map(|held| hold(held, &mut report)).unwrap_or_default();
                    let accepted = report.accepted() && agreement.is_empty();
                    code = code.max(if accepted { 0 } else { REFUSED });
                    let path = file.display().to_string();
                    let verdict = Verdict { path, accepted, report: &report, agreement };
                    print(&verdict, args.json, printed == 0, out)?;
                    printed += 1;
                }
                Err(error) => {
                    code = UNREADABLE;
                    writeln!(errors, "{}: cannot be read: {error}", file.display())?;
                }
            }
        }
    }
    if args.json {
        out.write_all(b"]\n")?;
    }
    Ok(code)
}

fn hold(held: &Held, report: &mut Report) -> Vec<Remark> {
    held.settle(report);
    held.remarks(report)
}

fn print(found: &Verdict<'_>, json: bool, first: bool, out: &mut impl Write) -> io::Result<()> {
    if json {
        out.write_all(if first { b"\n" } else { b",\n" })?;
        return Ok(serde_json::to_writer(out, found)?);
    }
    let verdict = match (found.accepted, found.report.problems().next()) {
        (false, _) => "refused, in whole or in part",
        (true, Some(_)) => "accepted with warnings",
        (true, None) => "accepted",
    };
    writeln!(out, "{}: {verdict}", found.path)?;
    for remark in &found.agreement {
        writeln!(out, "{remark}")?;
    }
    writeln!(out, "{}", found.report)
}

/// The files under a path, in the order of their names. Links to directories are not followed: they can form circles.
fn files_under(path: &Path) -> io::Result<Vec<(PathBuf, Option<io::Error>)>> {
    if !path.is_dir() {
        return Ok(vec![(path.to_owned(), None)]);
    }
    let mut entries = std::fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    let mut files = Vec::new();
    for entry in entries {
        let (kind, path) = (entry.file_type()?, entry.path());
        if kind.is_dir() {
            match files_under(&path) {
                Ok(found) => files.extend(found),
                Err(error) => files.push((path, Some(error))),
            }
        } else if path.is_file() {
            files.push((path, None));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lint_samples(path: &str, json: bool) -> (u8, String) {
        let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/edi/tests/samples")).join(path);
        let mut out = Vec::new();
        let args = Args { paths: vec![path], json, partner: None, tenant: None };
        let code = lint(&args, None, &mut out, &mut io::sink()).unwrap();
        (code, String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_sound_file_is_accepted_and_a_broken_one_is_refused_with_its_position() {
        let (code, words) = lint_samples("x12-850/mockedi-buyer.850.order.x12", false);
        assert_eq!(code, 0, "{words}");
        assert!(words.contains("mockedi-buyer.850.order.x12: accepted"), "{words}");

        let (code, words) = lint_samples("malformed/qty-exp.x12", false);
        assert_eq!(code, REFUSED);
        assert!(words.contains("PO102, segment"), "{words}");
    }

    #[test]
    fn a_directory_is_walked_and_reported_as_json() {
        let (code, json) = lint_samples("x12-860", true);
        let reports: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
        assert_eq!((code, reports.len()), (0, 2));
        assert!(reports.iter().all(|report| report["accepted"] == true && report["interchanges"].is_array()));
    }

    #[test]
    fn a_path_that_is_not_there_is_told() {
        assert_eq!(lint_samples("nowhere.x12", false).0, UNREADABLE);
    }
}
