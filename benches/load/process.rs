//! What processes cost, as the kernel counts it.
use std::{fs, time::Duration};

use anyhow::Context;

/// The kernel shows processor time in hundredths of a second on every platform we know of.
const TICKS_PER_SECOND: u64 = 100;

/// Processor time of a process, its ended children included when `with_children` says so.
pub(crate) fn cpu(pid: u32, with_children: bool) -> anyhow::Result<Duration> {
    let stat = stat(pid)?;
    // utime, stime, cutime, cstime
    let last = if with_children { 15 } else { 13 };
    let ticks: u64 = stat[11..last].iter().filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
}

/// The process that started this one.
pub(crate) fn parent(pid: u32) -> anyhow::Result<u32> {
    Ok(stat(pid)?[1].parse()?)
}

/// Processor time of a process and of everything it ever started.
pub(crate) fn cpu_of_family(pid: u32) -> anyhow::Result<Duration> {
    let mut total = cpu(pid, true)?;
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(child) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // One that ended meanwhile counts with its parent from now on.
        if parent(child).is_ok_and(|parent| parent == pid) {
            total += cpu(child, true).unwrap_or_default();
        }
    }
    Ok(total)
}

/// Resident memory in MiB.
pub(crate) fn rss_mib(pid: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: f64 = line.split_whitespace().next().context("no VmRSS")?.parse()?;
    Ok(kib / 1024.0)
}

/// The fields after the name, which may hold spaces.
fn stat(pid: u32) -> anyhow::Result<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("an unexpected /proc/<pid>/stat")?;
    Ok(fields.split_whitespace().map(str::to_owned).collect())
}
