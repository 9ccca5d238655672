//! `quayside edi show`: a file as a tree in plain words.
use std::{
    fs::File,
    io::{self, Write},
    path::PathBuf,
};

use quayside_edi::{Options, show};

use super::edi_lint::{REFUSED, UNREADABLE};

/// Shows a file as a tree: what segments, elements and codes are called, and under each segment what is wrong with it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file.
    file: PathBuf,
}

/// Prints the tree. The exit code is that of `edi lint`.
///
/// # Errors
/// The output is gone.
pub(super) fn run(args: &Args) -> io::Result<i32> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let code = show(args, &mut out, &mut io::stderr().lock())?;
    out.flush()?;
    Ok(i32::from(code))
}

fn show(args: &Args, out: &mut impl Write, errors: &mut impl Write) -> io::Result<u8> {
    let source = match File::open(&args.file) {
        Ok(source) if !args.file.is_dir() => source,
        Ok(_) => {
            writeln!(errors, "{}: cannot be read: it is a directory", args.file.display())?;
            return Ok(UNREADABLE);
        }
        Err(error) => {
            writeln!(errors, "{}: cannot be read: {error}", args.file.display())?;
            return Ok(UNREADABLE);
        }
    };
    let accepted = show::write(source, &Options::default(), out)?;
    Ok(if accepted { 0 } else { REFUSED })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(path: &str) -> (u8, String) {
        let file = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/edi/tests")).join(path);
        let mut out = Vec::new();
        let code = show(&Args { file }, &mut out, &mut io::sink()).unwrap();
        (code, String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_file_is_told_in_words_and_a_fault_where_it_is() {
        let (code, text) = shown("samples/x12-855/mockedi-accept.855.response.x12");
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("ACK answer to the line: status IA (accepted)"), "{text}");

        let (code, text) = shown("samples/malformed/qty-exp.x12");
        assert_eq!(code, REFUSED);
        let (line, fault) =
            text.lines().zip(text.lines().skip(1)).find(|(_, next)| next.contains("! ")).unwrap();
        assert!(line.contains("PO1 line:") && fault.contains("NUMBER_INVALID"), "{text}");
    }

    #[test]
    fn edifact_is_told_in_the_same_words() {
        let (code, text) = shown("corpus/edifact-ordrsp/mockedi-accept.ORDRSP.response.edifact");
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("answer to a purchase order"), "{text}");
        assert!(text.contains("QTY quantity: kind 113 (to be delivered), quantity 35, unit PCE"), "{text}");
    }

    #[test]
    fn what_is_not_there_is_told() {
        assert_eq!(shown("nowhere.x12").0, UNREADABLE);
        assert_eq!(shown("samples").0, UNREADABLE);
    }
}
