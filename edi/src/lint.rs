//! Everything that is wrong with a file, for people and machines.
//!
//! Linting is reading: the verdicts come from the same reader and the same messages an application uses.

use std::fmt;
use std::io::{self, Read};

use serde::Serialize;

use crate::options::Options;
use crate::problem::Problem;
use crate::x12::messages;
use crate::x12::{Event, GroupHeader, InterchangeHeader, Reader, TransactionSet};

/// What becomes of an interchange, group or set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// Nothing is wrong with it.
    Accepted,
    /// It is read; someone should know of its problems.
    AcceptedWithWarnings,
    /// It must not be used.
    Rejected,
    /// Its envelope is sound, but we do not read this kind of set.
    NotSupported,
}

impl Verdict {
    fn of(problems: &[Problem]) -> Self {
        if problems.iter().any(Problem::rejects) {
            Self::Rejected
        } else if problems.is_empty() {
            Self::Accepted
        } else {
            Self::AcceptedWithWarnings
        }
    }

    /// Whether it may be used.
    #[must_use]
    pub fn accepted(self) -> bool {
        matches!(self, Self::Accepted | Self::AcceptedWithWarnings)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "accepted",
            Self::AcceptedWithWarnings => "accepted with warnings",
            Self::Rejected => "rejected",
            Self::NotSupported => "not supported",
        })
    }
}

/// The report on a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Its interchanges, in order.
    pub interchanges: Vec<InterchangeReport>,
    /// What stands outside them.
    pub problems: Vec<Problem>,
}

/// The report on an interchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InterchangeReport {
    /// What becomes of it.
    pub verdict: Verdict,
    /// Its header; none if the file begins with a group or set.
    pub header: Option<InterchangeHeader>,
    /// Its groups.
    pub groups: Vec<GroupReport>,
    /// What is wrong with its envelope.
    pub problems: Vec<Problem>,
}

/// The report on a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupReport {
    /// What becomes of it.
    pub verdict: Verdict,
    /// Its header; none if it is missing.
    pub header: Option<GroupHeader>,
    /// Its sets.
    pub sets: Vec<SetReport>,
    /// What is wrong with its envelope.
    pub problems: Vec<Problem>,
}

/// The report on a transaction set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetReport {
    /// What becomes of it, its group and interchange considered.
    pub verdict: Verdict,
    /// Which level refused it when the set itself is fine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_by: Option<&'static str>,
    /// ST01.
    pub id: String,
    /// ST02.
    pub control_number: Option<String>,
    /// The number of the shipment or receipt it tells of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The purchase order it is about, or several with commas between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_number: Option<String>,
    /// How many lines it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<usize>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// Reads a file and reports on it.
///
/// # Errors
/// Only those of the source. A file that is no EDI at all gets a report that says so.
pub fn file(source: impl Read, options: &Options) -> io::Result<Report> {
    let mut report = Report::default();
    let mut interchange = InterchangeReport::open(None);
    let mut group = GroupReport::open(None);
    let mut reader = Reader::new(source, *options);
    while let Some(event) = reader.next_event()? {
        match event {
            Event::InterchangeBegin(header) => interchange = InterchangeReport::open(header.as_deref()),
            Event::GroupBegin(header) => group = GroupReport::open(header.as_deref()),
            Event::Set(set) => group.sets.push(SetReport::new(&set, options)),
            Event::GroupEnd(ending) => {
                group.close(ending.problems);
                interchange.groups.push(std::mem::replace(&mut group, GroupReport::open(None)));
            }
            Event::InterchangeEnd(ending) => {
                interchange.close(ending.problems);
                report.interchanges.push(std::mem::replace(&mut interchange, InterchangeReport::open(None)));
            }
            Event::Acknowledgment(_) => {}
            Event::Outside(problem) => report.problems.push(problem),
        }
    }
    Ok(report)
}

impl Report {
    /// Every set of the file.
    pub fn sets(&self) -> impl Iterator<Item = &SetReport> {
        self.interchanges.iter().flat_map(|interchange| &interchange.groups).flat_map(|group| &group.sets)
    }

    /// Whether nothing in the file is refused. Sets we do not read do not count against it.
    #[must_use]
    pub fn accepted(&self) -> bool {
        let envelopes = self.interchanges.iter().all(|interchange| {
            interchange.verdict.accepted() && interchange.groups.iter().all(|group| group.verdict.accepted())
        });
        let outside = self.problems.iter().any(Problem::rejects);
        envelopes && !outside && self.sets().all(|set| set.verdict != Verdict::Rejected)
    }

    /// Every problem of the file, outermost first.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().chain(self.interchanges.iter().flat_map(|interchange| {
            interchange.problems.iter().chain(interchange.groups.iter().flat_map(|group| {
                group.problems.iter().chain(group.sets.iter().flat_map(|set| &set.problems))
            }))
        }))
    }
}

impl InterchangeReport {
    fn open(header: Option<&InterchangeHeader>) -> Self {
        Self { verdict: Verdict::Accepted, header: header.cloned(), groups: Vec::new(), problems: Vec::new() }
    }

    fn close(&mut self, problems: Vec<Problem>) {
        self.verdict = Verdict::of(&problems);
        self.problems = problems;
        if self.verdict == Verdict::Rejected {
            for group in &mut self.groups {
                group.verdict = Verdict::Rejected;
                group.refuse_sets("the interchange");
            }
        }
    }
}

impl GroupReport {
    fn open(header: Option<&GroupHeader>) -> Self {
        Self { verdict: Verdict::Accepted, header: header.cloned(), sets: Vec::new(), problems: Vec::new() }
    }

    fn close(&mut self, problems: Vec<Problem>) {
        self.verdict = Verdict::of(&problems);
        self.problems = problems;
        if self.verdict == Verdict::Rejected {
            self.refuse_sets("the group");
        }
    }

    fn refuse_sets(&mut self, by: &'static str) {
        for set in self.sets.iter_mut().filter(|set| set.verdict != Verdict::Rejected) {
            set.verdict = Verdict::Rejected;
            set.refused_by = Some(by);
        }
    }
}

impl SetReport {
    fn new(set: &TransactionSet, options: &Options) -> Self {
        let reading = messages::read(set, options);
        let orders = reading.message.as_ref().map(messages::Message::order_numbers);
        let verdict = match Verdict::of(&reading.problems) {
            Verdict::Rejected if reading.unsupported() && !set.rejected() => Verdict::NotSupported,
            verdict => verdict,
        };
        Self {
            verdict,
            refused_by: None,
            id: set.id.clone(),
            control_number: set.control.set.clone(),
            number: reading.message.as_ref().and_then(|message| message.number().map(str::to_owned)),
            order_number: orders.filter(|orders| !orders.is_empty()).map(|orders| orders.join(", ")),
            lines: reading.message.as_ref().map(messages::Message::line_count),
            problems: reading.problems,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        for interchange in &self.interchanges {
            write!(f, "{interchange}")?;
        }
        Ok(())
    }
}

impl fmt::Display for InterchangeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.header {
            Some(isa) => writeln!(
                f,
                "interchange {} from {} to {}: {}",
                shown(&isa.control_number),
                shown(&isa.sender),
                shown(&isa.receiver),
                self.verdict
            )?,
            None => writeln!(f, "no interchange header: {}", self.verdict)?,
        }
        list(f, 1, &self.problems)?;
        for group in &self.groups {
            write!(f, "{group}")?;
        }
        Ok(())
    }
}

impl fmt::Display for GroupReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(gs) = &self.header {
            let (kind, number, version) =
                (shown(&gs.kind), shown(&gs.control_number), shown(&gs.version_text));
            writeln!(f, "  group {kind} {number}, version {version}: {}", self.verdict)?;
        }
        list(f, 2, &self.problems)?;
        for set in &self.sets {
            write!(f, "{set}")?;
        }
        Ok(())
    }
}

impl fmt::Display for SetReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "    set {} {}",
            shown(&self.id),
            shown(self.control_number.as_deref().unwrap_or_default())
        )?;
        if let Some(number) = &self.number {
            write!(f, ", number {}", shown(number))?;
        }
        if let Some(order) = &self.order_number {
            write!(f, ", order {}", shown(order))?;
        }
        if let Some(lines) = self.lines {
            write!(f, ", {lines} lines")?;
        }
        write!(f, ": {}", self.verdict)?;
        if let Some(by) = self.refused_by {
            write!(f, " with {by}")?;
        }
        writeln!(f)?;
        list(f, 3, &self.problems)
    }
}

fn list(f: &mut fmt::Formatter<'_>, depth: usize, problems: &[Problem]) -> fmt::Result {
    problems.iter().try_for_each(|problem| writeln!(f, "{:indent$}{problem}", "", indent = depth * 2))
}

/// A value from the file, safe on a terminal.
fn shown(text: &str) -> String {
    if text.is_empty() { "(none)".into() } else { crate::x12::printable(text) }
}
