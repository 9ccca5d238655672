//! Bytes to commands, set by set. Reading is work for a processor, not for an async worker: it runs on a thread of
//! its own and hands over what it read in batches, so that memory stays within one interchange.
use axum::body::Bytes;
use quayside_canonical::Problem;
use quayside_connectors::edi::{self, Command, Mapped, Terms};
use quayside_edi::{
    Options,
    x12::{Interchange, Interchanges, TransactionSet, messages},
};
use tokio::sync::mpsc::Sender;

/// How many messages are handed over at once: as many as share a transaction.
const BATCH: usize = 100;
/// How many problems of envelopes are kept.
const KEPT: usize = 1_000;

/// What a file is read with.
pub(super) struct Settings {
    pub(super) terms: Terms,
    pub(super) takes_test_data: bool,
}

/// A message as read.
pub(super) struct Item {
    /// Its place in the file, from 1.
    pub(super) place: i32,
    pub(super) message_type: String,
    pub(super) control_number: String,
    pub(super) key: Option<String>,
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

/// What reading hands over.
pub(super) enum Batch {
    Items(Vec<Item>),
    /// The file is read: what is wrong with it and its envelopes, and what should be known.
    End(Vec<Problem>, Vec<Problem>),
}

/// Reads a file to its end, or until nobody listens.
pub(super) fn read(bytes: &Bytes, settings: &Settings, to: &Sender<Batch>) -> std::io::Result<()> {
    let options = Options::default();
    let mut reading = Reading { items: Vec::new(), places: 0, problems: Vec::new(), warnings: Vec::new() };
    let mut interchanges = Interchanges::new(bytes.as_ref(), options);
    for interchange in interchanges.by_ref() {
        let interchange = interchange?;
        let refused = reading.judge(&interchange, settings);
        for group in &interchange.groups {
            reading.note(&group.problems);
            let refused = refused.clone().or_else(|| first_rejecting(&group.problems));
            for set in &group.sets {
                reading.take(set, refused.as_ref(), settings, &options);
                if reading.items.len() >= BATCH && !send(to, Batch::Items(std::mem::take(&mut reading.items)))
                {
                    return Ok(());
                }
            }
        }
    }
    reading.note(interchanges.outside());
    let Reading { items, problems, warnings, .. } = reading;
    if send(to, Batch::Items(items)) {
        send(to, Batch::End(problems, warnings));
    }
    Ok(())
}

fn send(to: &Sender<Batch>, batch: Batch) -> bool {
    to.blocking_send(batch).is_ok()
}

fn first_rejecting(problems: &[quayside_edi::Problem]) -> Option<Problem> {
    problems.iter().find(|problem| problem.rejects()).map(edi::problem)
}

/// What was read so far.
struct Reading {
    items: Vec<Item>,
    places: i32,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Reading {
    /// Keeps what was found about an envelope.
    fn note(&mut self, found: &[quayside_edi::Problem]) {
        for problem in found {
            let list = if problem.rejects() { &mut self.problems } else { &mut self.warnings };
            if list.len() < KEPT {
                list.push(edi::problem(problem));
            }
        }
    }

    /// Why nothing of an interchange may be used, if so.
    fn judge(&mut self, interchange: &Interchange, settings: &Settings) -> Option<Problem> {
        self.note(&interchange.problems);
        let is_test = interchange.header.as_ref().is_some_and(|header| header.usage == "T");
        if is_test && !settings.takes_test_data && !interchange.rejected() {
            let problem = Problem {
                code: "TEST_DATA".to_owned(),
                field: vec!["ISA".to_owned(), "15".to_owned()],
                message: "ISA, element 15: T marks trial data, and this partner's data is real".to_owned(),
            };
            if self.problems.len() < KEPT {
                self.problems.push(problem.clone());
            }
            return Some(problem);
        }
        first_rejecting(&interchange.problems)
    }

    fn take(
        &mut self,
        set: &TransactionSet,
        refused: Option<&Problem>,
        settings: &Settings,
        options: &Options,
    ) {
        self.places = self.places.saturating_add(1);
        let mut item = Item {
            place: self.places,
            message_type: shown(&set.id),
            control_number: shown(set.control.set.as_deref().unwrap_or_default()),
            key: None,
            work: Work::Skip(Vec::new()),
            warnings: Vec::new(),
        };
        match refused {
            Some(problem) => item.work = Work::Skip(vec![problem.clone()]),
            None => interpret(&mut item, set, settings, options),
        }
        self.items.push(item);
    }
}

fn interpret(item: &mut Item, set: &TransactionSet, settings: &Settings, options: &Options) {
    let reading = messages::read(set, options);
    let is_taken = edi::TAKEN.contains(&set.id.as_str());
    if (reading.unsupported() || !is_taken) && !set.rejected() {
        let message = format!("ST segment 1, element 1: we do not take {}", item.message_type);
        let field = ["1", "ST", "01"].map(str::to_owned).to_vec();
        item.work = Work::Skip(vec![Problem { code: "NOT_SUPPORTED".to_owned(), field, message }]);
        return;
    }
    let (refusing, warning): (Vec<_>, Vec<_>) =
        reading.problems.iter().partition(|problem| problem.rejects());
    item.warnings = warning.into_iter().map(edi::problem).collect();
    let Some(message) = &reading.message else {
        item.work = Work::Refuse(refusing.into_iter().map(edi::problem).collect());
        return;
    };
    let Mapped { key, command, warnings } = edi::map(message, set, &settings.terms);
    item.key = Some(key);
    item.warnings.extend(warnings);
    item.work = match command {
        Ok(command) => Work::Do(command),
        Err(problems) => Work::Refuse(problems.into_vec()),
    };
}

/// A text of the file that may be stored and shown: short and without control characters.
fn shown(text: &str) -> String {
    text.chars().take(80).map(|c| if c.is_control() { '?' } else { c }).collect()
}
