//! What the server takes before it does anything: time to start, memory, bytes on disk.
use std::{fs, path::Path, process::Command, time::Duration};

use anyhow::Context;

use crate::{process, server::Server};

/// What the server takes.
pub(crate) struct Footprint {
    /// From its start to its first answer, in milliseconds: median of the starts.
    pub(crate) start_ms: f64,
    /// Resident memory a second later, in MiB.
    pub(crate) idle_mib: f64,
    /// The binary without symbols, in MB.
    pub(crate) binary_mb: f64,
}

/// Starts and stops the server a few times.
pub(crate) fn measure(
    folder: &Path,
    start: impl Fn() -> anyhow::Result<Server>,
) -> anyhow::Result<Footprint> {
    let (mut starts, mut idle) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let server = start()?;
        starts.push(server.started_in.as_secs_f64() * 1_000.0);
        std::thread::sleep(Duration::from_secs(1));
        idle.push(process::rss_mib(server.pid())?);
        server.stop()?;
    }
    Ok(Footprint { start_ms: median(&mut starts), idle_mib: median(&mut idle), binary_mb: binary(folder)? })
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

fn binary(folder: &Path) -> anyhow::Result<f64> {
    let built = Path::new(env!("CARGO_BIN_EXE_quayside"));
    let stripped = folder.join("stripped");
    // Without `strip` the file is measured as it is.
    let ran = Command::new("strip").arg("-o").arg(&stripped).arg(built).status();
    let measured = if ran.is_ok_and(|status| status.success()) { stripped.as_path() } else { built };
    let length = fs::metadata(measured).context("looking at the binary")?.len();
    Ok(length as f64 / 1e6)
}
