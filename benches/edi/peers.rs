//! What others do with the same files: libraries of Node, Python and Rust, each run as a program of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::generate::Kind;

/// A peer: its name, what it does, and whether it is too slow for the large file.
type Peer = (&'static str, &'static str, bool);

const NODE: &[(Kind, Peer)] = &[
    (Kind::ShipNotices, ("node-x12", "tree", true)),
    (Kind::ShipNotices, ("x12-parser", "segments", true)),
    (Kind::DespatchAdvices, ("edifact", "events", false)),
];
const PYTHON: &[(Kind, Peer)] = &[
    (Kind::ShipNotices, ("pyx12", "envelopes and counts", true)),
    (Kind::DespatchAdvices, ("pydifact", "tree", true)),
];
const RUST: &[(Kind, Peer)] = &[
    (Kind::DespatchAdvices, ("edifact-parser", "events", false)),
    (Kind::DespatchAdvices, ("edifact-rs", "segments", false)),
];

/// Runs the peers that read this kind of file.
pub(crate) fn run(folder: &Path, kind: Kind, small: &Path, large: &Path) -> Result<()> {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/peers").canonicalize()?;
    let of =
        |list: &'static [(Kind, Peer)]| list.iter().filter(move |(of, _)| *of == kind).map(|(_, peer)| *peer);
    let node = node(&peers)?;
    for peer in of(NODE) {
        tell(peer, small, large, || program("node", &node))?;
    }
    let python = python(folder)?;
    for peer in of(PYTHON) {
        tell(peer, small, large, || program(&python, &peers.join("edi.py")))?;
    }
    if of(RUST).next().is_some() {
        let built = rust(&peers)?;
        for peer in of(RUST) {
            tell(peer, small, large, || Command::new(&built))?;
        }
    }
    Ok(())
}

fn program(runtime: impl AsRef<std::ffi::OsStr>, script: &Path) -> Command {
    let mut command = Command::new(runtime);
    command.arg(script);
    command
}

/// Each program prints the seconds it took and the peak of its memory in KiB.
fn tell((name, does, slow): Peer, small: &Path, large: &Path, command: impl Fn() -> Command) -> Result<()> {
    let path = if slow { small } else { large };
    let ran = command().arg(name).arg(path).output()?;
    let said = String::from_utf8_lossy(&ran.stdout);
    let mut numbers = said.lines().last().unwrap_or_default().split(' ');
    let seconds: f64 = numbers.next().unwrap_or_default().parse().unwrap_or(f64::NAN);
    let memory: f64 = numbers.next().unwrap_or_default().parse().unwrap_or(f64::NAN);
    if !ran.status.success() || seconds.is_nan() {
        println!(
            "  {name}: failed: {}",
            String::from_utf8_lossy(&ran.stderr).lines().last().unwrap_or_default()
        );
        return Ok(());
    }
    let megabytes = std::fs::metadata(path)?.len() as f64 / 1e6;
    println!(
        "  {:<32} {:>9.1} {:>8} {:>12}",
        format!("{name} ({does})"),
        megabytes / seconds,
        "",
        format!("peak {:.0}", memory / 1024.0)
    );
    Ok(())
}

fn node(peers: &Path) -> Result<PathBuf> {
    if !peers.join("node_modules/node-x12").is_dir() {
        let npm = Command::new("npm").args(["ci", "--silent"]).current_dir(peers).status()?;
        if !npm.success() {
            return Err("npm could not install the peers".into());
        }
    }
    Ok(peers.join("edi.mjs"))
}

fn python(folder: &Path) -> Result<PathBuf> {
    let venv = folder.join("venv");
    let python = venv.join("bin/python");
    if !python.exists() {
        let made = Command::new("python3").args(["-m", "venv"]).arg(&venv).status()?.success()
            && Command::new(venv.join("bin/pip"))
                .args([
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "pyx12==4.0.0",
                    "pydifact==0.2.3",
                ])
                .status()?
                .success();
        if !made {
            return Err("pip could not install the peers".into());
        }
    }
    Ok(python)
}

/// A package of its own, outside the workspace: nothing of ours depends on it.
fn rust(peers: &Path) -> Result<PathBuf> {
    let folder = peers.join("edi-rust");
    let built =
        Command::new("cargo").args(["build", "--release", "--quiet"]).current_dir(&folder).status()?;
    if !built.success() {
        return Err("cargo could not build the peers".into());
    }
    Ok(folder.join("target/release/edi-peers"))
}
