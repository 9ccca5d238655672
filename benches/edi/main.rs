//! How fast files are cut, judged and read to typed messages, and how much memory that takes:
//! `cargo bench -p quayside-edi --bench edi`. `EDI_MB=10` makes smaller files, `PEERS=1` adds what others do with the
//! same files in the same run.
//!
//! Each figure is taken in a process of its own, so that its peak of memory is its own.
#![expect(clippy::print_stdout, reason = "a benchmark talks to its terminal")]

mod generate;
mod measure;
mod peers;

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use generate::{Generator, Kind};
use measure::{Figure, Work};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How often each figure is taken; the best counts, the others were disturbed.
const ROUNDS: usize = 3;

/// What is promised: megabytes a second at least, MiB over idle at most.
const TOKENS: f64 = 300.0;
const TYPED: f64 = 50.0;
const MEMORY: f64 = 64.0;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, work, path] = arguments.as_slice()
        && flag == "--measure"
    {
        println!("{}", measure::take(work.parse()?, Path::new(path))?);
        return Ok(());
    }
    let megabytes: u64 = std::env::var("EDI_MB").ok().map_or(Ok(100), |text| text.parse())?;
    let folder = std::env::temp_dir().join(format!("quayside-bench-edi-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let ran = run(&folder, megabytes);
    fs::remove_dir_all(&folder)?;
    ran
}

fn run(folder: &Path, megabytes: u64) -> Result<()> {
    println!("{:<34} {:>9} {:>8} {:>12} {:>12}", "work", "MB/s", "promise", "MiB at 10", "MiB at full");
    for kind in [Kind::ShipNotices, Kind::DespatchAdvices] {
        let small = file(folder, kind, 10.min(megabytes))?;
        let large = file(folder, kind, megabytes)?;
        for work in Work::of(kind) {
            let (few, many) = (best(*work, &small)?, best(*work, &large)?);
            line(*work, &few, &many);
        }
        // One set as large as the file cannot be read in less than its own size, and not by default.
        let single = large_set(folder, kind, 10.min(megabytes))?;
        let figure = best(Work::typed(kind), &single)?;
        println!(
            "{:<34} {:>9.0} {:>8} {:>12.1} {:>12}",
            format!("{}, one message of 10 MB", Work::typed(kind)),
            figure.rate(),
            "",
            figure.over_idle(),
            ""
        );
        if std::env::var("PEERS").is_ok_and(|wanted| wanted == "1") {
            peers::run(folder, kind, &small, &large)?;
        }
    }
    Ok(())
}

fn line(work: Work, few: &Figure, many: &Figure) {
    let promise = match work {
        Work::X12Tokens | Work::EdifactTokens => Some(TOKENS),
        Work::X12Typed | Work::EdifactTyped => Some(TYPED),
        Work::X12Judged | Work::EdifactJudged => None,
    };
    let missed = promise.is_some_and(|promise| many.rate() < promise) || many.over_idle() > MEMORY;
    println!(
        "{:<34} {:>9.0} {:>8} {:>12.1} {:>12.1}{}",
        work.to_string(),
        many.rate(),
        promise.map(|promise| format!("{promise:.0}")).unwrap_or_default(),
        few.over_idle(),
        many.over_idle(),
        if missed { "  MISSED" } else { "" }
    );
}

fn best(work: Work, path: &Path) -> Result<Figure> {
    let mut best: Option<Figure> = None;
    for _ in 0..ROUNDS {
        let ran =
            Command::new(std::env::current_exe()?).arg("--measure").arg(work.name()).arg(path).output()?;
        if !ran.status.success() {
            return Err(String::from_utf8_lossy(&ran.stderr).into_owned().into());
        }
        let figure: Figure = String::from_utf8(ran.stdout)?.trim().parse()?;
        if best.as_ref().is_none_or(|best| figure.rate() > best.rate()) {
            best = Some(figure);
        }
    }
    best.ok_or_else(|| "no round was run".into())
}

/// An interchange of so many megabytes.
fn file(folder: &Path, kind: Kind, megabytes: u64) -> Result<PathBuf> {
    let path = folder.join(format!("{megabytes}.{}", kind.extension()));
    if !path.exists() {
        write(&path, Generator::new(kind, megabytes * 1_000_000))?;
    }
    Ok(path)
}

/// An interchange of so many megabytes with one message in it.
fn large_set(folder: &Path, kind: Kind, megabytes: u64) -> Result<PathBuf> {
    let path = folder.join(format!("one-{megabytes}.{}", kind.extension()));
    write(&path, Generator::single(kind, megabytes * 1_000_000))?;
    Ok(path)
}

fn write(path: &Path, mut generator: Generator) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    io::copy(&mut generator, &mut out)?;
    out.flush()
}
