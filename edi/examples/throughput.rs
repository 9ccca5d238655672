//! How fast files are cut and read on this machine: `cargo run --release --example throughput -- FILE [MB]`.
#![expect(clippy::print_stdout, reason = "an example talks to its terminal")]

use std::io::{Cursor, Read};
use std::time::Instant;

use quayside_edi::x12::{Event, Reader, Token, Tokenizer, messages};
use quayside_edi::{Limits, Options};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("which file?")?;
    let megabytes: usize = arguments.next().map_or(Ok(200), |text| text.parse())?;
    let one = std::fs::read(path)?;
    let copies = (megabytes << 20).div_ceil(one.len());
    let limits = Limits { interchange_bytes: u64::MAX, segments: u64::MAX, ..Limits::default() };
    let options = Options { limits, ..Options::default() };

    let (mut segments, mut elements) = (0u64, 0u64);
    let started = Instant::now();
    let mut tokens = Tokenizer::new(Repeat::new(&one, copies), limits);
    while let Some(token) = tokens.next_token()? {
        if let Token::Segment(segment) = token {
            segments += 1;
            elements += segment.elements().count() as u64;
        }
    }
    report("tokenise", one.len() * copies, started, &format!("{segments} segments, {elements} elements"));

    let (mut read, mut refused) = (0u64, 0u64);
    let started = Instant::now();
    for event in Reader::new(Repeat::new(&one, copies), options) {
        if let Event::Set(set) = event? {
            let message = messages::read(&set, &options).message;
            *(if message.is_some() { &mut read } else { &mut refused }) += 1;
        }
    }
    report("typed", one.len() * copies, started, &format!("{read} sets read, {refused} refused"));
    Ok(())
}

/// The same bytes again and again.
struct Repeat {
    one: Cursor<Vec<u8>>,
    left: usize,
}

impl Repeat {
    fn new(one: &[u8], copies: usize) -> Self {
        Self { one: Cursor::new(one.to_vec()), left: copies }
    }
}

impl Read for Repeat {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let read = self.one.read(buffer)?;
            if read > 0 || self.left <= 1 {
                return Ok(read);
            }
            self.left -= 1;
            self.one.set_position(0);
        }
    }
}

fn report(what: &str, bytes: usize, started: Instant, counted: &str) {
    let seconds = started.elapsed().as_secs_f64();
    let rate = u32::try_from(bytes >> 10).map_or(f64::NAN, f64::from) / 1024.0 / seconds;
    println!("{what}: {rate:.0} MiB/s ({counted} in {seconds:.2} s)");
}
