//! `quayside edi convert`: EDI to JSON and back. The shape is described in docs/reference/edi-json.md.
use std::{
    fs::File,
    io::{self, BufReader, Write},
    path::PathBuf,
};

use quayside_edi::{
    Options,
    document::{self, Interchange},
};
use serde::{Deserialize, Serialize};

use super::edi_lint::{REFUSED, UNREADABLE};

/// Turns EDI into JSON, or JSON of the same shape into EDI. Counts and trailers are made anew.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file.
    file: PathBuf,
    /// What to make of an EDI file.
    #[arg(long, value_name = "FORMAT", required_unless_present = "from", conflicts_with = "from")]
    to: Option<Format>,
    /// What to make EDI of.
    #[arg(long, value_name = "FORMAT")]
    from: Option<Format>,
    /// Write each segment of EDI on a line of its own.
    #[arg(long, requires = "from")]
    lines: bool,
}

/// What is not EDI.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Json,
}

/// The file as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    interchanges: Vec<Interchange>,
}

/// Converts to the standard output. The exit code is 0 when all was converted, 1 when something was refused, 2 when
/// the file cannot be read.
///
/// # Errors
/// The output is gone.
pub(super) fn run(args: &Args) -> io::Result<i32> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let code = convert(args, &mut out, &mut io::stderr().lock())?;
    out.flush()?;
    Ok(i32::from(code))
}

fn convert(args: &Args, out: &mut impl Write, errors: &mut impl Write) -> io::Result<u8> {
    let converted = File::open(&args.file).and_then(|source| match args.from {
        Some(Format::Json) => from_json(source, args.lines, out, errors),
        None => to_json(source, out, errors),
    });
    match converted {
        Ok(code) => Ok(code),
        Err(error) => {
            writeln!(errors, "{}: {error}", args.file.display())?;
            Ok(UNREADABLE)
        }
    }
}

fn to_json(source: File, out: &mut impl Write, errors: &mut impl Write) -> io::Result<u8> {
    let found = document::read(source, &Options::default())?;
    for problem in &found.problems {
        writeln!(errors, "{problem}")?;
    }
    serde_json::to_writer_pretty(&mut *out, &Document { interchanges: found.interchanges })?;
    out.write_all(b"\n")?;
    let refused = found.problems.iter().any(quayside_edi::Problem::rejects);
    Ok(if refused { REFUSED } else { 0 })
}

fn from_json(source: File, lines: bool, out: &mut impl Write, errors: &mut impl Write) -> io::Result<u8> {
    let document: Document = match serde_json::from_reader(BufReader::new(source)) {
        Ok(document) => document,
        Err(error) if error.is_io() => return Err(error.into()),
        Err(error) => {
            writeln!(errors, "the JSON is not of this shape: {error}")?;
            return Ok(REFUSED);
        }
    };
    // Nothing is written of a file of which a part cannot be.
    let mut written = Vec::new();
    for (number, interchange) in (1..).zip(&document.interchanges) {
        match interchange.write(lines) {
            Ok(bytes) => written.extend(bytes),
            Err(error) => {
                writeln!(errors, "interchange {number} cannot be written: {error}")?;
                return Ok(REFUSED);
            }
        }
    }
    out.write_all(&written)?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(file: PathBuf, back: bool) -> (u8, Vec<u8>, String) {
        let (to, from) = if back { (None, Some(Format::Json)) } else { (Some(Format::Json), None) };
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        let code = convert(&Args { file, to, from, lines: false }, &mut out, &mut errors).unwrap();
        (code, out, String::from_utf8(errors).unwrap())
    }

    fn sample(path: &str) -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/edi/tests")).join(path)
    }

    fn written(name: &str, bytes: &[u8]) -> PathBuf {
        let path = std::env::temp_dir().join(format!("quayside-{}-{name}", uuid::Uuid::now_v7()));
        std::fs::write(&path, bytes).unwrap();
        path
    }

    #[test]
    fn a_file_comes_back_from_json_byte_for_byte() {
        for file in ["samples/malformed/ok-850.x12", "corpus/edifact-orders/gen-orders-escapes.edi"] {
            let (code, json, errors) = converted(sample(file), false);
            assert_eq!((code, errors.as_str()), (0, ""), "{file}");
            let json = written("file.json", &json);
            let (code, edi, errors) = converted(json.clone(), true);
            std::fs::remove_file(json).unwrap();
            assert_eq!((code, errors.as_str()), (0, ""), "{file}");
            let original = std::fs::read(sample(file)).unwrap();
            assert_eq!(edi.escape_ascii().to_string(), original.escape_ascii().to_string(), "{file}");
        }
    }

    #[test]
    fn an_envelope_that_is_refused_is_left_out_and_told() {
        let (code, json, errors) = converted(sample("samples/malformed/ge01-count.x12"), false);
        assert_eq!(code, REFUSED);
        assert!(errors.contains("SET_COUNT_MISMATCH"), "{errors}");
        assert_eq!(String::from_utf8(json).unwrap(), "{\n  \"interchanges\": []\n}\n");
    }

    #[test]
    fn json_of_another_shape_is_refused_in_words() {
        for (json, words) in [
            ("{}", "missing field `interchanges`"),
            (r#"{"interchanges":[{"syntax":"X12","header":{"receivr":"A"}}]}"#, "receivr"),
            (r#"{"interchanges":[{"syntax":"X12","header":{}}]}"#, "interchange 1 cannot be written: ISA05"),
        ] {
            let path = written("odd.json", json.as_bytes());
            let (code, edi, errors) = converted(path.clone(), true);
            std::fs::remove_file(path).unwrap();
            assert_eq!((code, edi.len()), (REFUSED, 0));
            assert!(errors.contains(words), "{errors}");
        }
        assert_eq!(converted(sample("nowhere.json"), true).0, UNREADABLE);
    }
}
