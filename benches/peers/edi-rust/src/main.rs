//! Reads an EDIFACT file with a library of others: `edi-peers PEER FILE`. Prints seconds and peak memory in KiB.

use std::time::Instant;

use edifact_parser::{EdifactHandler, EdifactStreamParser};
use edifact_primitives::{Control, RawSegment};

struct Count(usize);

impl EdifactHandler for Count {
    fn on_segment(&mut self, _: &RawSegment) -> Control {
        self.0 += 1;
        Control::Continue
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (peer, path) = (arguments.next().ok_or("which peer?")?, arguments.next().ok_or("which file?")?);
    let started = Instant::now();
    let bytes = std::fs::read(path)?;
    let mut read = 0;
    match peer.as_str() {
        "edifact-rs" => {
            for segment in edifact_rs::from_bytes(&bytes) {
                read += segment?.elements.len();
            }
        }
        "edifact-parser" => {
            let mut count = Count(0);
            EdifactStreamParser::parse(&bytes, &mut count)?;
            read = count.0;
        }
        other => return Err(format!("there is no peer `{other}`").into()),
    }
    let seconds = started.elapsed().as_secs_f64();
    if read == 0 {
        return Err("nothing was read".into());
    }
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the kernel does not say")?;
    println!("{seconds} {}", peak.split_whitespace().next().unwrap_or_default());
    Ok(())
}
