//! One figure: a file read in one way, how long it took and how much memory.

use std::fmt;
use std::fs::{self, File};
use std::path::Path;
use std::str::FromStr;
use std::time::Instant;

use quayside_edi::{Limits, Options, edifact, x12};

use crate::Result;
use crate::generate::Kind;

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Bytes to segments and elements.
    X12Tokens,
    /// The same, with envelopes judged and sets collected.
    X12Judged,
    /// The same, with every element checked and sets read to typed messages.
    X12Typed,
    /// As with X12.
    EdifactTokens,
    /// As with X12.
    EdifactJudged,
    /// As with X12.
    EdifactTyped,
}

const NAMES: &[(Work, &str, &str)] = &[
    (Work::X12Tokens, "x12-tokens", "856: segments and elements"),
    (Work::X12Judged, "x12-judged", "856: envelopes judged"),
    (Work::X12Typed, "x12-typed", "856: checked, typed messages"),
    (Work::EdifactTokens, "edifact-tokens", "DESADV: segments and elements"),
    (Work::EdifactJudged, "edifact-judged", "DESADV: envelopes judged"),
    (Work::EdifactTyped, "edifact-typed", "DESADV: checked, typed messages"),
];

impl Work {
    pub(crate) fn of(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::ShipNotices => &[Self::X12Tokens, Self::X12Judged, Self::X12Typed],
            Kind::DespatchAdvices => &[Self::EdifactTokens, Self::EdifactJudged, Self::EdifactTyped],
        }
    }

    pub(crate) fn typed(kind: Kind) -> Self {
        match kind {
            Kind::ShipNotices => Self::X12Typed,
            Kind::DespatchAdvices => Self::EdifactTyped,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(work, ..)| *work == self).map_or("", |(_, name, _)| name)
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES.iter().find(|(work, ..)| work == self).map_or("", |(.., words)| words))
    }
}

impl FromStr for Work {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let found = NAMES.iter().find(|(_, name, _)| *name == text);
        found.map(|(work, ..)| *work).ok_or_else(|| format!("there is no work `{text}`"))
    }
}

/// What was measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figure {
    bytes: u64,
    seconds: f64,
    idle_kib: u64,
    peak_kib: u64,
}

impl Figure {
    /// Megabytes a second.
    pub(crate) fn rate(&self) -> f64 {
        self.bytes as f64 / 1e6 / self.seconds
    }

    /// MiB at the peak beyond those before it began.
    pub(crate) fn over_idle(&self) -> f64 {
        self.peak_kib.saturating_sub(self.idle_kib) as f64 / 1024.0
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.bytes, self.seconds, self.idle_kib, self.peak_kib)
    }
}

impl FromStr for Figure {
    type Err = Box<dyn std::error::Error>;

    fn from_str(text: &str) -> Result<Self> {
        let mut words = text.split(' ');
        let mut word = || words.next().ok_or("a figure has four numbers");
        Ok(Self {
            bytes: word()?.parse()?,
            seconds: word()?.parse()?,
            idle_kib: word()?.parse()?,
            peak_kib: word()?.parse()?,
        })
    }
}

/// Reads a file from the disk's cache, and tells how that went.
pub(crate) fn take(work: Work, path: &Path) -> Result<Figure> {
    let bytes = fs::metadata(path)?.len();
    let file = File::open(path)?;
    let idle_kib = status("VmRSS:")?;
    let started = Instant::now();
    let read = match work {
        Work::X12Tokens => x12_tokens(file)?,
        Work::X12Judged | Work::X12Typed => x12_sets(file, work == Work::X12Typed)?,
        Work::EdifactTokens => edifact_tokens(file)?,
        Work::EdifactJudged | Work::EdifactTyped => edifact_messages(file, work == Work::EdifactTyped)?,
    };
    let seconds = started.elapsed().as_secs_f64();
    if read == 0 {
        return Err("nothing was read".into());
    }
    Ok(Figure { bytes, seconds, idle_kib, peak_kib: status("VmHWM:")? })
}

/// The files are larger than what is taken from a partner.
fn options() -> Options {
    let limits = Limits { interchange_bytes: u64::MAX, segments: u64::MAX, ..Limits::default() };
    Options { limits, ..Options::default() }
}

fn x12_tokens(file: File) -> Result<u64> {
    let mut elements = 0;
    let mut tokens = x12::Tokenizer::new(file, options().limits);
    while let Some(token) = tokens.next_token()? {
        if let x12::Token::Segment(segment) = token {
            elements += segment.elements().count() as u64;
        }
    }
    Ok(elements)
}

fn x12_sets(file: File, typed: bool) -> Result<u64> {
    let options = options();
    let mut read = 0;
    for event in x12::Reader::new(file, options) {
        match event? {
            x12::Event::Set(set) if typed => {
                let reading = x12::messages::read(&set, &options);
                if reading.message.is_none() {
                    return Err(format!("a set is refused: {:?}", reading.problems).into());
                }
                read += 1;
            }
            x12::Event::Set(_) => read += 1,
            x12::Event::InterchangeEnd(ending) if ending.rejected() => {
                return Err(format!("the interchange is refused: {:?}", ending.problems).into());
            }
            _ => {}
        }
    }
    Ok(read)
}

fn edifact_tokens(file: File) -> Result<u64> {
    let mut elements = 0;
    let mut tokens = edifact::Tokenizer::new(file, options().limits);
    while let Some(token) = tokens.next_token()? {
        if let edifact::Token::Segment(segment) = token {
            elements += segment.elements().count() as u64;
        }
    }
    Ok(elements)
}

fn edifact_messages(file: File, typed: bool) -> Result<u64> {
    let options = options();
    let mut read = 0;
    for event in edifact::Reader::new(file, options) {
        match event? {
            edifact::Event::Message(message) if typed => {
                let reading = edifact::messages::read(&message, &options);
                if reading.message.is_none() {
                    return Err(format!("a message is refused: {:?}", reading.problems).into());
                }
                read += 1;
            }
            edifact::Event::Message(_) => read += 1,
            edifact::Event::InterchangeEnd(ending) if ending.rejected() => {
                return Err(format!("the interchange is refused: {:?}", ending.problems).into());
            }
            _ => {}
        }
    }
    Ok(read)
}

/// Memory of this process in KiB, as the kernel counts it.
fn status(name: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("the kernel does not say")?;
    Ok(line.split_whitespace().next().unwrap_or_default().parse()?)
}
