//! A file as a tree in plain words, for people who do not read EDI: what each segment and element is called, what codes
//! mean, and under each segment what is wrong with it.

mod names;

use std::collections::HashMap;
use std::io::{self, Read, Write};

use crate::edifact::{self, messages};
use crate::options::Options;
use crate::problem::Problem;
use crate::raw::{Element, RawSegment};
use crate::tree::{Growing, Node};
use crate::x12::{self, printable};
use crate::{Ending, Syntax, value};

/// Writes a file as a tree, and tells whether nothing in it is refused.
///
/// ```
/// use quayside_edi::{Options, show};
///
/// let file = "UNB+UNOC:3+A+B+260115:0830+R1'UNH+1+ORDERS:D:96A:UN'BGM+220+PO-1+9'DTM+137:20260115:102'\
///             LIN+1'QTY+21:60'UNS+S'UNT+7+1'UNZ+1+R1'";
/// let mut out = Vec::new();
/// assert!(show::write(file.as_bytes(), &Options::default(), &mut out)?);
/// let text = String::from_utf8(out)?;
/// assert!(text.contains("LIN line: line 1\n"), "{text}");
/// assert!(text.contains("  QTY quantity: kind 21 (ordered), quantity 60\n"), "{text}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of the source and of the output.
pub fn write(source: impl Read, options: &Options, out: &mut impl Write) -> io::Result<bool> {
    let mut show = Show { out, accepted: true };
    match Syntax::of_source(source)? {
        (Some(Syntax::Edifact), source) => show.edifact(source, options)?,
        (Some(Syntax::X12) | None, source) => show.x12(source, options)?,
    }
    Ok(show.accepted)
}

struct Show<'a, W> {
    out: &'a mut W,
    accepted: bool,
}

/// A segment and how deep it hangs.
type Hung = (usize, RawSegment);

/// What is told of a message before its segments.
struct Title<'a> {
    id: &'a str,
    number: Option<&'a str>,
    orders: Vec<String>,
    lines: Option<usize>,
}

impl<W: Write> Show<'_, W> {
    fn x12(&mut self, source: impl Read, options: &Options) -> io::Result<()> {
        use x12::Event;
        let mut reader = x12::Reader::new(source, *options);
        while let Some(event) = reader.next_event()? {
            match event {
                Event::InterchangeBegin(header) => match header {
                    Some(isa) => {
                        let test = if isa.usage == "T" { ", test" } else { "" };
                        let when = when(&isa.date, &isa.time);
                        self.line(
                            0,
                            &format!(
                                "Interchange {} from {} ({}) to {} ({}){when}{test}",
                                printable(&isa.control_number),
                                printable(&isa.sender),
                                printable(&isa.sender_qualifier),
                                printable(&isa.receiver),
                                printable(&isa.receiver_qualifier),
                            ),
                        )?;
                    }
                    None => self.line(0, "No interchange header")?,
                },
                Event::GroupBegin(Some(gs)) => {
                    let (kind, number) = (printable(&gs.kind), printable(&gs.control_number));
                    let version = printable(&gs.version_text);
                    self.line(1, &format!("Group {number} of {kind}, version {version}"))?;
                }
                Event::GroupBegin(None) => self.line(1, "No group header")?,
                Event::Set(set) => self.x12_set(&set, options)?,
                Event::GroupEnd(ending) => self.end(1, "group", &ending)?,
                Event::InterchangeEnd(ending) => self.end(0, "interchange", &ending)?,
                Event::Acknowledgment(ta1) => self.segment(1, &ta1, false)?,
                Event::Outside(problem) => self.problems(0, [&problem])?,
            }
        }
        Ok(())
    }

    fn x12_set(&mut self, set: &x12::TransactionSet, options: &Options) -> io::Result<()> {
        let reading = x12::messages::read(set, options);
        let message = reading.message.as_ref();
        let title = Title {
            id: &set.id,
            number: set.control.set.as_deref(),
            orders: message.map(|message| owned(message.order_numbers())).unwrap_or_default(),
            lines: message.map(x12::messages::Message::line_count),
        };
        let body = set.segments().skip(1).filter(|segment| segment.id() != b"SE");
        let mut depth = Depth::default();
        let segments: Vec<Hung> =
            body.map(|segment| segment.to_raw()).map(|segment| (depth.of(&segment), segment)).collect();
        self.message(&title, &segments, &reading.problems, false)
    }

    fn edifact(&mut self, source: impl Read, options: &Options) -> io::Result<()> {
        use edifact::Event;
        let mut reader = edifact::Reader::new(source, *options);
        while let Some(event) = reader.next_event()? {
            match event {
                Event::InterchangeBegin(Some(unb)) => {
                    let test = if unb.is_test { ", test" } else { "" };
                    let when = when(&unb.date, &unb.time);
                    self.line(
                        0,
                        &format!(
                            "Interchange {} from {} ({}) to {} ({}){when}{test}",
                            printable(&unb.reference),
                            printable(&unb.sender),
                            printable(&unb.sender_qualifier),
                            printable(&unb.recipient),
                            printable(&unb.recipient_qualifier),
                        ),
                    )?;
                }
                Event::InterchangeBegin(None) => self.line(0, "No interchange header")?,
                Event::GroupBegin(ung) => {
                    let (kind, number) = (printable(&ung.kind), printable(&ung.reference));
                    self.line(1, &format!("Group {number} of {kind}"))?;
                }
                Event::Message(raw) => self.edifact_message(&raw, options)?,
                Event::GroupEnd(ending) => self.end(1, "group", &ending)?,
                Event::InterchangeEnd(ending) => self.end(0, "interchange", &ending)?,
                Event::Outside(problem) => self.problems(0, [&problem])?,
            }
        }
        Ok(())
    }

    fn edifact_message(&mut self, raw: &edifact::RawMessage, options: &Options) -> io::Result<()> {
        let reading = messages::read(raw, options);
        let message = reading.message.as_ref();
        let title = Title {
            id: &raw.header.kind,
            number: raw.control.set.as_deref(),
            orders: message.map(|message| owned(message.order_numbers())).unwrap_or_default(),
            lines: message.map(messages::Message::line_count),
        };
        let body = raw.segments().skip(1).filter(|segment| segment.id() != b"UNT");
        let body = body.map(|segment| segment.to_raw());
        let segments: Vec<Hung> = match messages::grammar(&raw.header.kind) {
            Some(rules) => {
                let mut growing = Growing::new(rules, messages::SEPARATOR);
                for segment in body {
                    growing.place(segment);
                }
                let mut hung = Vec::new();
                growing.finish().0.into_iter().for_each(|node| hang(node, 0, &mut hung));
                hung
            }
            None => body.map(|segment| (0, segment)).collect(),
        };
        self.message(&title, &segments, &reading.problems, true)
    }

    fn message(
        &mut self,
        title: &Title<'_>,
        segments: &[Hung],
        problems: &[Problem],
        edifact: bool,
    ) -> io::Result<()> {
        let mut text = format!("{} {}", printable(title.id), printable(title.number.unwrap_or_default()));
        if let Some(words) = called(title.id) {
            text.push_str(&format!(", {words}"));
        }
        if !title.orders.is_empty() {
            text.push_str(&format!(", order {}", title.orders.join(", ")));
        }
        if let Some(lines) = title.lines {
            text.push_str(&format!(", {lines} lines"));
        }
        let refused = problems.iter().any(Problem::rejects);
        self.line(2, &format!("{text}{}", if refused { ": REFUSED" } else { "" }))?;
        let shown = |problem: &&Problem| {
            let index = problem.position.segment_index;
            segments.iter().any(|(_, segment)| Some(segment.at.segment_index) == index)
        };
        self.problems(3, problems.iter().filter(|problem| !shown(problem)))?;
        for (depth, segment) in segments {
            self.segment(3 + depth, segment, edifact)?;
            let here = problems
                .iter()
                .filter(|problem| problem.position.segment_index == Some(segment.at.segment_index));
            self.problems(4 + depth, here)?;
        }
        Ok(())
    }

    fn segment(&mut self, depth: usize, segment: &RawSegment, edifact: bool) -> io::Result<()> {
        let id = printable(&segment.id);
        let mut said = Vec::new();
        for (number, element) in (1..).zip(&segment.elements) {
            if edifact {
                components(&segment.id, number, element, &mut said);
            } else if let Some(text) = whole(element) {
                said.push(named(&segment.id, number, &text));
            }
        }
        let words = names::segment(&segment.id, edifact).map(|words| format!(" {words}")).unwrap_or_default();
        let said = said.join(", ");
        self.line(
            depth,
            &if said.is_empty() { format!("{id}{words}") } else { format!("{id}{words}: {said}") },
        )
    }

    fn end(&mut self, depth: usize, what: &str, ending: &Ending) -> io::Result<()> {
        self.problems(depth + 1, &ending.problems)?;
        if ending.rejected() {
            self.line(depth, &format!("The {what} is REFUSED, with all in it"))?;
        }
        Ok(())
    }

    fn problems<'p>(&mut self, depth: usize, list: impl IntoIterator<Item = &'p Problem>) -> io::Result<()> {
        for problem in list {
            self.accepted &= !problem.rejects();
            self.line(depth, &format!("! {problem}"))?;
        }
        Ok(())
    }

    fn line(&mut self, depth: usize, text: &str) -> io::Result<()> {
        writeln!(self.out, "{:width$}{text}", "", width = depth * 2)
    }
}

fn owned(numbers: Vec<&str>) -> Vec<String> {
    numbers.into_iter().map(printable).collect()
}

fn hang(node: Node, depth: usize, into: &mut Vec<Hung>) {
    match node {
        Node::Segment(segment) => into.push((depth, segment)),
        Node::Group(nodes) => {
            for (at, node) in nodes.into_iter().enumerate() {
                hang(node, depth + usize::from(at > 0), into);
            }
        }
    }
}

/// How deep the segments of an X12 set hang.
#[derive(Default)]
struct Depth {
    /// Whether a line or level is open, and how deep.
    line: Option<usize>,
    levels: HashMap<String, usize>,
    inside: &'static [&'static str],
}

/// Segments that open a small loop, and its members.
const LOOPS: &[(&str, &[&str])] = &[
    ("ACK", &["DTM"]),
    ("AK3", &["AK4"]),
    ("IK3", &["CTX", "IK4"]),
    ("LM", &["LQ"]),
    ("N1", &["N2", "N3", "N4", "PER", "REF"]),
    ("N9", &["DTM", "MSG", "MTX"]),
    ("SAC", &["CUR", "TXI"]),
    ("TED", &["CTX", "NTE", "RED"]),
];

impl Depth {
    /// The deepest that is shown: no file makes lines as long as it likes.
    const DEEPEST: usize = 32;

    fn of(&mut self, segment: &RawSegment) -> usize {
        let id = segment.id.as_str();
        match id {
            "PO1" | "POC" | "IT1" | "RCD" | "OTI" | "AK2" => return self.open(0),
            "HL" => {
                let above = segment.text(2, 1).and_then(|above| self.levels.get(above)).copied();
                let depth = above.map_or(0, |above| (above + 1).min(Self::DEEPEST));
                if let Some(number) = segment.text(1, 1) {
                    self.levels.insert(number.to_owned(), depth);
                }
                return self.open(depth);
            }
            "CTT" | "TDS" | "AK9" => (self.line, self.inside) = (None, &[]),
            _ => {}
        }
        let base = self.line.map_or(0, |line| line + 1);
        if self.inside.contains(&id) {
            return base + 1;
        }
        self.inside = LOOPS.iter().find(|(opener, _)| *opener == id).map_or(&[], |(_, members)| members);
        base
    }

    fn open(&mut self, depth: usize) -> usize {
        (self.line, self.inside) = (Some(depth), &[]);
        depth
    }
}

/// An element of X12 as one text; `None` if it is empty.
fn whole(element: &Element) -> Option<String> {
    let all = std::iter::once(&element.components).chain(&element.repetitions);
    let text = all.map(|components| components.join(":")).collect::<Vec<_>>().join(" / ");
    Some(text).filter(|text| !text.is_empty())
}

fn named(id: &str, number: usize, text: &str) -> String {
    let name = names::element(id, number);
    let place = if name == Some("id kind") { format!("{id}id") } else { format!("{id}{number:02}") };
    let meaning = names::code(&place, text).map(|words| format!(" ({words})")).unwrap_or_default();
    let name = name.map_or_else(|| format!("{}{number:02}", printable(id)), str::to_owned);
    format!("{name} {}{meaning}", readable(&name, text))
}

fn components(id: &str, number: usize, element: &Element, said: &mut Vec<String>) {
    for components in std::iter::once(&element.components).chain(&element.repetitions) {
        for (at, text) in (1..).zip(components).filter(|(_, text)| !text.is_empty()) {
            let name = names::component(id, number, at);
            let meaning = names::code(&format!("{id}{number}{at}"), text);
            let meaning = meaning.map(|words| format!(" ({words})")).unwrap_or_default();
            let name = name.map_or_else(|| format!("{}{number:02}-{at}", printable(id)), str::to_owned);
            said.push(format!("{name} {}{meaning}", readable(&name, text)));
        }
    }
}

/// A value as people write it: dates with hyphens.
fn readable(name: &str, text: &str) -> String {
    match value::date(text.as_bytes()) {
        Some((date, _)) if name.contains("date") && text.len() == 8 => date.to_string(),
        _ => printable(text),
    }
}

fn when(date: &str, time: &str) -> String {
    match (value::date(date.as_bytes()), value::time(time.as_bytes())) {
        (Some((date, _)), Some(time)) => format!(", {date} {}", time.format("%H:%M")),
        _ => String::new(),
    }
}

/// What a message is called.
fn called(id: &str) -> Option<&'static str> {
    Some(match id {
        "850" | "ORDERS" => "purchase order",
        "860" | "ORDCHG" => "change of a purchase order",
        "855" | "ORDRSP" => "answer to a purchase order",
        "865" => "answer to a change, or a change asked for",
        "856" | "DESADV" => "ship notice",
        "861" | "RECADV" => "receiving advice",
        "810" | "INVOIC" => "invoice",
        "824" | "APERAK" => "word on what an application made of it",
        "997" | "999" | "CONTRL" => "word on the syntax of what was sent",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(file: &str) -> (bool, String) {
        let mut out = Vec::new();
        let accepted = write(file.as_bytes(), &Options::default(), &mut out).expect("memory");
        (accepted, String::from_utf8(out).expect("text"))
    }

    #[test]
    fn a_ship_notice_is_a_tree() {
        let file = format!(
            "ISA*00*{:10}*00*{:10}*ZZ*{:15}*ZZ*{:15}*260901*1200*U*00401*000000007*0*T*>~\
             GS*SH*A*B*20260901*1200*3*X*004010~ST*856*0001~BSN*00*S-1*20260901*1200*0001~HL*1**S~N1*SF*ACME~N3*1 ROAD~\
             HL*2*1*O~PRF*PO-1~HL*3*2*I~LIN*1*VN*SKU~SN1*1*1X0*EA~CTT*3~SE*12*0001~GE*1*3~IEA*1*000000007~",
            "", "", "A", "B"
        );
        let (accepted, text) = shown(&file);
        assert!(!accepted);
        for line in [
            "Interchange 000000007 from A (ZZ) to B (ZZ), 2026-09-01 12:00, test\n",
            "  Group 3 of SH, version 004010\n",
            "    856 0001, ship notice: REFUSED\n",
            "      BSN beginning of the ship notice: purpose 00 (original), shipment S-1, date 2026-09-01, time 1200",
            "      HL level: number 1, kind S (shipment)\n        N1 party: role SF (ship from), name ACME\n",
            "          N3 street: street 1 ROAD\n",
            "        HL level: number 2, under 1, kind O (order)\n          PRF order it belongs to: order PO-1\n",
            "            SN1 shipped: line 1, shipped 1X0, unit EA\n              ! error NUMBER_INVALID: SN102",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }

    #[test]
    fn an_envelope_that_is_refused_is_told_at_its_end() {
        let (accepted, text) =
            shown("UNB+UNOC:3+A+B+260115:0830+R1'UNH+1+ORDERS:D:96A:UN'BGM+220+P'UNT+3+1'UNZ+2+R1'");
        assert!(!accepted && text.ends_with("The interchange is REFUSED, with all in it\n"), "{text}");
        assert!(!shown("no EDI").0);
    }
}
