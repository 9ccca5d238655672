//! An interchange to commands, message by message. Reading is work for a processor, not for an async worker: it runs
//! on a thread of its own and hands over what it read in batches, so that memory stays within one interchange.
use quayside_canonical::{
    Problem,
    partner::{Agreement, Identifier},
    states::{EdiSyntax, MessageStage},
};
use quayside_connectors::edi::{self, Command, Mapped, Terms};
use quayside_domain::interchanges::{Envelope, fingerprint};
use quayside_edi::{Options, Weight, edifact, x12};
use tokio::sync::mpsc::Sender;

use super::split::{Piece, after};

/// How many messages are handed over at once: as many as share a transaction.
const BATCH: usize = 100;
/// How many problems of envelopes are kept.
const KEPT: usize = 1_000;

/// What an interchange is read with.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) terms: Terms,
    /// Why nothing of it is taken, whatever it says.
    pub(super) refusal: Option<Problem>,
}

/// A message as read.
pub(super) struct Item {
    /// Its place in the interchange, from 1.
    pub(super) place: i32,
    pub(super) message_type: String,
    pub(super) group: Option<String>,
    pub(super) control_number: String,
    pub(super) key: Option<String>,
    /// Its first byte in the file, and how many it has.
    pub(super) bytes: (u64, u64),
    /// The numbers of the orders it is about, as far as they can be read.
    pub(super) orders: Vec<String>,
    /// How far it came.
    pub(super) stage: MessageStage,
    pub(super) work: Work,
    pub(super) warnings: Vec<Problem>,
}

/// What is to be done about a message.
pub(super) enum Work {
    Do(Command),
    /// Nothing: these are the reasons.
    Refuse(Vec<Problem>),
    /// Nothing, and nobody has to be told: the envelope is refused and told of as a whole, or it is no message for us.
    Skip(Vec<Problem>),
}

/// An interchange, read whole and judged; its messages are not understood yet.
pub(super) struct Parsed {
    piece: Piece,
    interchange: Judged,
}

enum Judged {
    X12(x12::Interchange),
    Edifact(edifact::Interchange),
}

/// What was found about an envelope.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
}

impl Faults {
    /// Keeps what was found in a part of a file that begins at `base`.
    pub(super) fn note(&mut self, found: &[quayside_edi::Problem], base: usize) {
        for problem in found {
            let list = if problem.rejects() { &mut self.problems } else { &mut self.warnings };
            if list.len() < KEPT {
                list.push(shifted(problem, base));
            }
        }
    }
}

/// A problem in the words of the API, at its place in the whole file.
fn shifted(problem: &quayside_edi::Problem, base: usize) -> Problem {
    if base == 0 {
        return edi::problem(problem);
    }
    let mut problem = problem.clone();
    problem.position.byte += base as u64;
    edi::problem(&problem)
}

/// Reads the interchange of a piece. None when it is none after all.
pub(super) fn parse(file: &[u8], piece: Piece, options: &Options) -> std::io::Result<Option<Parsed>> {
    let bytes = file.get(piece.from..piece.end).unwrap_or_default();
    let interchange = match piece.syntax {
        quayside_edi::Syntax::X12 => {
            x12::Interchanges::new(bytes, *options).next().transpose()?.map(Judged::X12)
        }
        quayside_edi::Syntax::Edifact => {
            edifact::Interchanges::new(bytes, *options).next().transpose()?.map(Judged::Edifact)
        }
    };
    Ok(interchange.map(|interchange| Parsed { piece, interchange }))
}

impl Parsed {
    /// What its envelope says, and where it stands.
    pub(super) fn envelope(&self, file: &[u8]) -> Envelope {
        let Piece { start, end, terminator, release, .. } = self.piece;
        let bytes = file.get(start..end).unwrap_or_default();
        let place = Envelope {
            offset: start as u64,
            length: bytes.len() as u64,
            content_hash: fingerprint(bytes),
            terminator,
            release,
            ..Envelope::default()
        };
        let party = |qualifier: &str, id: &str| {
            Some(Identifier { qualifier: shown(qualifier), id: shown(id) })
                .filter(|party| !party.id.is_empty())
        };
        let number = |number: &str| Some(shown(number)).filter(|number| !number.is_empty());
        match &self.interchange {
            Judged::X12(interchange) => {
                let isa = interchange.header.as_deref();
                Envelope {
                    syntax: Some(EdiSyntax::X12),
                    sender: isa.and_then(|isa| party(&isa.sender_qualifier, &isa.sender)),
                    receiver: isa.and_then(|isa| party(&isa.receiver_qualifier, &isa.receiver)),
                    control_number: isa.and_then(|isa| number(&isa.control_number)),
                    usage: isa.map(|isa| shown(&isa.usage)),
                    ..place
                }
            }
            Judged::Edifact(interchange) => {
                let unb = interchange.header.as_deref();
                let usage = |is_test| if is_test { "T" } else { "P" };
                Envelope {
                    syntax: Some(EdiSyntax::Edifact),
                    sender: unb.and_then(|unb| party(&unb.sender_qualifier, &unb.sender)),
                    receiver: unb.and_then(|unb| party(&unb.recipient_qualifier, &unb.recipient)),
                    control_number: unb.and_then(|unb| number(&unb.reference)),
                    usage: unb.map(|unb| usage(unb.is_test).to_owned()),
                    ..place
                }
            }
        }
    }

    /// What is wrong with its envelopes, groups included.
    pub(super) fn faults(&self) -> Faults {
        let base = self.piece.from;
        let mut faults = Faults::default();
        match &self.interchange {
            Judged::X12(interchange) => {
                faults.note(&interchange.problems, base);
                interchange.groups.iter().for_each(|group| faults.note(&group.problems, base));
            }
            Judged::Edifact(interchange) => {
                faults.note(&interchange.problems, base);
                interchange.groups.iter().for_each(|group| faults.note(&group.problems, base));
            }
        }
        faults
    }

    /// Holds its envelope to what was agreed about reading: to the letter, nothing is read over that the standard has a
    /// code for.
    pub(super) fn hold_to(&mut self, agreement: &Agreement) {
        let problems = match &mut self.interchange {
            Judged::X12(interchange) => &mut interchange.problems,
            Judged::Edifact(interchange) => &mut interchange.problems,
        };
        for problem in problems.iter_mut().filter(|problem| !problem.rejects()) {
            if edi::weight(problem, agreement) == Weight::Refuses {
                *problem = problem.clone().refused();
            }
        }
    }

    /// Whether the standard refuses all of it.
    pub(super) fn is_rejected(&self) -> bool {
        match &self.interchange {
            Judged::X12(interchange) => interchange.rejected(),
            Judged::Edifact(interchange) => interchange.rejected(),
        }
    }
}

/// Reads messages to the end, or until nobody listens.
pub(super) fn read(
    parsed: &Parsed,
    file: &[u8],
    settings: &Settings,
    options: &Options,
    to: &Sender<Vec<Item>>,
) {
    let mut reading = Reading { piece: parsed.piece, file, settings, options, places: 0 };
    let mut items = Vec::new();
    let mut hand_over = |item: Item| {
        items.push(item);
        items.len() < BATCH || to.blocking_send(std::mem::take(&mut items)).is_ok()
    };
    let went_on = match &parsed.interchange {
        Judged::X12(interchange) => reading.x12(interchange, &mut hand_over),
        Judged::Edifact(interchange) => reading.edifact(interchange, &mut hand_over),
    };
    if went_on && !items.is_empty() {
        // Whoever does not listen any more has no use for the rest.
        to.blocking_send(items).ok();
    }
}

struct Reading<'a> {
    piece: Piece,
    file: &'a [u8],
    settings: &'a Settings,
    options: &'a Options,
    places: i32,
}

impl Reading<'_> {
    fn x12(&mut self, interchange: &x12::Interchange, to: &mut impl FnMut(Item) -> bool) -> bool {
        let refused = self.refused(&interchange.problems);
        for segment in &interchange.acknowledgments {
            if !to(self.interchange_acknowledgment(interchange, segment, refused.as_ref())) {
                return false;
            }
        }
        for group in &interchange.groups {
            let refused = refused.clone().or_else(|| self.first_rejecting(&group.problems));
            for set in &group.sets {
                let ends = set.segments().fold(None, |ends: Option<(u64, u64)>, segment| {
                    Some((ends.map_or(segment.offset, |(first, _)| first), segment.offset))
                });
                let mut item = self.item(&set.id, &set.control, ends);
                match &refused {
                    Some(problem) => item.work = Work::Skip(vec![problem.clone()]),
                    None => interpret_x12(&mut item, set, self.settings, self.options),
                }
                if !to(item) {
                    return false;
                }
            }
        }
        true
    }

    fn edifact(&mut self, interchange: &edifact::Interchange, to: &mut impl FnMut(Item) -> bool) -> bool {
        let refused = self.refused(&interchange.problems);
        for group in &interchange.groups {
            let refused = refused.clone().or_else(|| self.first_rejecting(&group.problems));
            for raw in &group.messages {
                let ends = raw.segments().fold(None, |ends: Option<(u64, u64)>, segment| {
                    Some((ends.map_or(segment.offset, |(first, _)| first), segment.offset))
                });
                let mut item = self.item(&raw.header.kind, &raw.control, ends);
                match &refused {
                    Some(problem) => item.work = Work::Skip(vec![problem.clone()]),
                    None => interpret_edifact(&mut item, raw, self.settings, self.options),
                }
                if !to(item) {
                    return false;
                }
            }
        }
        true
    }

    /// A TA1 is a message of its own, though it is no set: it stands alone between the envelopes.
    fn interchange_acknowledgment(
        &mut self,
        interchange: &x12::Interchange,
        segment: &x12::RawSegment,
        refused: Option<&Problem>,
    ) -> Item {
        let ends = Some((segment.at.byte, segment.at.byte));
        let control =
            quayside_edi::Control { set: segment.text(1, 1).map(str::to_owned), ..Default::default() };
        let mut item = self.item("TA1", &control, ends);
        match refused {
            Some(problem) => item.work = Work::Skip(vec![problem.clone()]),
            None => {
                let header = interchange.header.as_deref();
                let terms = &self.settings.terms;
                understood(&mut item, edi::x12::map_interchange_acknowledgment(segment, header, terms));
            }
        }
        item
    }

    /// Why nothing of an interchange is taken, if so.
    fn refused(&self, problems: &[quayside_edi::Problem]) -> Option<Problem> {
        self.first_rejecting(problems).or_else(|| self.settings.refusal.clone())
    }

    fn first_rejecting(&self, problems: &[quayside_edi::Problem]) -> Option<Problem> {
        let first = problems.iter().find(|problem| problem.rejects());
        first.map(|problem| shifted(problem, self.piece.from))
    }

    /// A message, of which nothing is known but what it calls itself and where its first and last segment begin.
    fn item(&mut self, kind: &str, control: &quayside_edi::Control, ends: Option<(u64, u64)>) -> Item {
        self.places = self.places.saturating_add(1);
        let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).saturating_add(self.piece.from);
        let (first, last) =
            ends.map_or((self.piece.start, self.piece.start), |(first, last)| (at(first), at(last)));
        let end = match self.piece.terminator {
            Some(terminator) => after(self.file, last, terminator, self.piece.release).min(self.piece.end),
            None => last,
        };
        Item {
            place: self.places,
            message_type: shown(kind),
            group: control.group.as_deref().map(shown),
            control_number: shown(control.set.as_deref().unwrap_or_default()),
            key: None,
            bytes: (first as u64, end.saturating_sub(first) as u64),
            orders: Vec::new(),
            stage: MessageStage::Received,
            work: Work::Skip(Vec::new()),
            warnings: Vec::new(),
        }
    }
}

fn interpret_x12(item: &mut Item, set: &x12::TransactionSet, settings: &Settings, options: &Options) {
    let reading = x12::messages::read(set, options);
    let is_taken = edi::TAKEN.contains(&set.id.as_str());
    if (reading.unsupported() || !is_taken) && !set.rejected() {
        let message = format!("ST segment 1, element 1: we do not take {}", item.message_type);
        return not_supported(item, ["1", "ST", "01"], message);
    }
    if !judge(item, &reading.problems, &settings.terms.agreement) {
        return;
    }
    let Some(message) = &reading.message else { return };
    item.orders = message.order_numbers().into_iter().map(str::to_owned).collect();
    understood(item, edi::x12::map(message, set, &settings.terms));
}

fn interpret_edifact(item: &mut Item, raw: &edifact::RawMessage, settings: &Settings, options: &Options) {
    let reading = edifact::messages::read(raw, options);
    let is_taken = edi::TAKEN.contains(&raw.header.kind.as_str());
    if (reading.unsupported() || !is_taken) && !raw.rejected() {
        let message = format!("UNH segment 1, element 2: we do not take {}", item.message_type);
        return not_supported(item, ["1", "UNH", "02"], message);
    }
    if !judge(item, &reading.problems, &settings.terms.agreement) {
        return;
    }
    let Some(message) = &reading.message else { return };
    understood(item, edi::edifact::map(message, raw, &settings.terms));
}

fn not_supported(item: &mut Item, field: [&str; 3], message: String) {
    let field = field.map(str::to_owned).to_vec();
    item.work = Work::Skip(vec![Problem { code: "NOT_SUPPORTED".to_owned(), field, message }]);
}

/// Lays down what is wrong with the form of a message. Whether it can be understood.
fn judge(item: &mut Item, problems: &[quayside_edi::Problem], agreement: &Agreement) -> bool {
    let refuses = |problem: &&quayside_edi::Problem| edi::weight(problem, agreement) == Weight::Refuses;
    let (refusing, warning): (Vec<_>, Vec<_>) = problems.iter().partition(refuses);
    let warning = warning.into_iter().filter(|problem| !edi::is_agreed(problem, agreement));
    item.warnings = warning.map(edi::problem).collect();
    if refusing.is_empty() {
        return true;
    }
    // What is right in form and wrong in trade is not the standard's to refuse.
    let is_form = refusing.iter().any(|problem| problem.standard.is_some());
    item.stage = if is_form { MessageStage::Received } else { MessageStage::Parsed };
    item.work = Work::Refuse(refusing.into_iter().map(edi::problem).collect());
    false
}

fn understood(item: &mut Item, mapped: Mapped) {
    let Mapped { key, command, warnings } = mapped;
    item.key = Some(key);
    item.warnings.extend(warnings);
    (item.stage, item.work) = match command {
        Ok(command) => (MessageStage::Validated, Work::Do(command)),
        Err(problems) => (MessageStage::Parsed, Work::Refuse(problems.into_vec())),
    };
}

/// A text of the file that may be stored and shown: short and without control characters.
fn shown(text: &str) -> String {
    text.chars().take(80).map(|c| if c.is_control() { '?' } else { c }).collect()
}
