//! Everything that is wrong with a file, for people and machines.
//!
//! Linting is reading: the verdicts come from the same reader and the same messages an application uses.

use std::fmt;
use std::io::{self, Read};

use serde::Serialize;

use crate::edifact;
use crate::options::Options;
use crate::problem::Problem;
use crate::x12::{self, printable};
use crate::{Ending, Syntax};

/// What becomes of an interchange, group or set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// Nothing is wrong with it.
    #[default]
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

/// The header of an interchange, in either syntax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum InterchangeHeader {
    /// ISA.
    X12(x12::InterchangeHeader),
    /// UNB.
    Edifact(edifact::InterchangeHeader),
}

/// The header of a group, in either syntax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum GroupHeader {
    /// GS.
    X12(x12::GroupHeader),
    /// UNG.
    Edifact(edifact::GroupHeader),
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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

/// The report on a transaction set or message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetReport {
    /// What becomes of it, its group and interchange considered.
    pub verdict: Verdict,
    /// Which level refused it when the set itself is fine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_by: Option<&'static str>,
    /// ST01, UNH 0065.
    pub id: String,
    /// ST02, UNH 0062.
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

/// Reads a file and reports on it. Its first bytes tell its syntax; what begins like neither is read as X12, which
/// says that it is none.
///
/// ```
/// let file = "UNB+UNOC:3+A+B+260115:0830+R1'UNH+1+ORDERS:D:96A:UN'BGM+220+PO-1+9'UNT+9+1'UNZ+1+R1'";
/// let report = quayside_edi::lint::file(file.as_bytes(), &quayside_edi::Options::default())?;
///
/// assert!(!report.accepted());
/// let text = report.to_string();
/// assert!(text.contains("error SEGMENT_COUNT_MISMATCH: UNT says '9' segments, there are 3"), "{text}");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Only those of the source. A file that is no EDI at all gets a report that says so.
pub fn file(source: impl Read, options: &Options) -> io::Result<Report> {
    match Syntax::of_source(source)? {
        (Some(Syntax::Edifact), source) => read_edifact(source, options),
        (Some(Syntax::X12) | None, source) => read_x12(source, options),
    }
}

fn read_x12(source: impl Read, options: &Options) -> io::Result<Report> {
    use x12::Event;
    let mut draft = Draft::default();
    let mut reader = x12::Reader::new(source, *options);
    while let Some(event) = reader.next_event()? {
        match event {
            Event::InterchangeBegin(header) => {
                draft.interchange =
                    InterchangeReport::open(header.as_deref().cloned().map(InterchangeHeader::X12));
            }
            Event::GroupBegin(header) => draft.begin_group(header.as_deref().cloned().map(GroupHeader::X12)),
            Event::Set(set) => draft.set(SetReport::of_set(&set, options)),
            Event::GroupEnd(ending) => draft.end_group(ending),
            Event::InterchangeEnd(ending) => draft.end(ending),
            Event::Acknowledgment(_) => {}
            Event::Outside(problem) => draft.report.problems.push(problem),
        }
    }
    Ok(draft.report)
}

fn read_edifact(source: impl Read, options: &Options) -> io::Result<Report> {
    use edifact::Event;
    let mut draft = Draft::default();
    let mut reader = edifact::Reader::new(source, *options);
    while let Some(event) = reader.next_event()? {
        match event {
            Event::InterchangeBegin(header) => {
                draft.interchange =
                    InterchangeReport::open(header.as_deref().cloned().map(InterchangeHeader::Edifact));
            }
            Event::GroupBegin(header) => draft.begin_group(Some(GroupHeader::Edifact((*header).clone()))),
            Event::Message(message) => draft.set(SetReport::of_message(&message, options)),
            Event::GroupEnd(ending) => draft.end_group(ending),
            Event::InterchangeEnd(ending) => draft.end(ending),
            Event::Outside(problem) => draft.report.problems.push(problem),
        }
    }
    Ok(draft.report)
}

/// A report while the file is read.
#[derive(Default)]
struct Draft {
    report: Report,
    interchange: InterchangeReport,
    group: Option<GroupReport>,
}

impl Draft {
    fn begin_group(&mut self, header: Option<GroupHeader>) {
        // Messages that stand in no group are listed in one without a header.
        self.interchange.groups.extend(self.group.take());
        self.group = Some(GroupReport::open(header));
    }

    fn set(&mut self, set: SetReport) {
        self.group.get_or_insert_with(|| GroupReport::open(None)).sets.push(set);
    }

    fn end_group(&mut self, ending: Ending) {
        if let Some(mut group) = self.group.take() {
            group.close(ending.problems);
            self.interchange.groups.push(group);
        }
    }

    fn end(&mut self, ending: Ending) {
        self.interchange.groups.extend(self.group.take());
        self.interchange.close(ending.problems);
        self.report.interchanges.push(std::mem::take(&mut self.interchange));
    }
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
    fn open(header: Option<InterchangeHeader>) -> Self {
        Self { header, ..Self::default() }
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
    fn open(header: Option<GroupHeader>) -> Self {
        Self { verdict: Verdict::Accepted, header, sets: Vec::new(), problems: Vec::new() }
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
    fn of_set(set: &x12::TransactionSet, options: &Options) -> Self {
        let reading = x12::messages::read(set, options);
        let message = reading.message.as_ref();
        let unsupported = reading.unsupported() && !set.rejected();
        Self {
            number: message.and_then(|message| message.number().map(str::to_owned)),
            lines: message.map(x12::messages::Message::line_count),
            ..Self::new(
                (&set.id, set.control.set.as_deref()),
                message.map(x12::messages::Message::order_numbers),
                unsupported,
                reading.problems.clone(),
            )
        }
    }

    fn of_message(raw: &edifact::RawMessage, options: &Options) -> Self {
        let reading = edifact::messages::read(raw, options);
        let message = reading.message.as_ref();
        let unsupported = reading.unsupported() && !raw.rejected();
        Self {
            number: message.and_then(|message| message.number().map(str::to_owned)),
            lines: message.map(edifact::messages::Message::line_count),
            ..Self::new(
                (&raw.header.kind, raw.control.set.as_deref()),
                message.map(edifact::messages::Message::order_numbers),
                unsupported,
                reading.problems.clone(),
            )
        }
    }

    fn new(
        (id, control_number): (&str, Option<&str>),
        orders: Option<Vec<&str>>,
        unsupported: bool,
        problems: Vec<Problem>,
    ) -> Self {
        let verdict = match Verdict::of(&problems) {
            Verdict::Rejected if unsupported => Verdict::NotSupported,
            verdict => verdict,
        };
        Self {
            verdict,
            refused_by: None,
            id: id.to_owned(),
            control_number: control_number.map(str::to_owned),
            number: None,
            order_number: orders.filter(|orders| !orders.is_empty()).map(|orders| orders.join(", ")),
            lines: None,
            problems,
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
            Some(header) => {
                let (number, sender, receiver) = match header {
                    InterchangeHeader::X12(isa) => (&isa.control_number, &isa.sender, &isa.receiver),
                    InterchangeHeader::Edifact(unb) => (&unb.reference, &unb.sender, &unb.recipient),
                };
                let (number, sender, receiver) = (shown(number), shown(sender), shown(receiver));
                writeln!(f, "interchange {number} from {sender} to {receiver}: {}", self.verdict)?;
            }
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
        if let Some(header) = &self.header {
            let (kind, number, version) = match header {
                GroupHeader::X12(gs) => (&gs.kind, &gs.control_number, &gs.version_text),
                GroupHeader::Edifact(ung) => (&ung.kind, &ung.reference, &ung.version),
            };
            let (kind, number, version) = (shown(kind), shown(number), shown(version));
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
            "    {} {} {}",
            if self.id.len() == 3 { "set" } else { "message" },
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
    if text.is_empty() { "(none)".into() } else { printable(text) }
}
