//! Segments to judged interchanges, groups and messages, one event at a time.

use std::io::{self, Read};
use std::sync::Arc;

use crate::events::Ending;
use crate::options::Options;
use crate::problem::Problem;
use crate::reading::{Next, Progress};

use super::envelope::Envelope;
use super::header::{GroupHeader, InterchangeHeader};
use super::message::RawMessage;
use super::tokenizer::Tokenizer;

/// What a file is made of, in the order it stands there. Every begin has its end, however broken the file.
#[derive(Debug)]
pub enum Event {
    /// An interchange starts; without a header if it has no UNB that can be read.
    InterchangeBegin(Option<Arc<InterchangeHeader>>),
    /// A group starts. Messages may stand outside groups, and mostly do.
    GroupBegin(Arc<GroupHeader>),
    /// A whole message. It may be used only when the ends of its group and interchange do not reject it.
    Message(Box<RawMessage>),
    /// The group is over.
    GroupEnd(Ending),
    /// The interchange is over.
    InterchangeEnd(Ending),
    /// Something outside any interchange.
    Outside(Problem),
}

/// Reads a file event by event. Memory: one message, and no more than the limits allow.
///
/// ```
/// use quayside_edi::Options;
/// use quayside_edi::edifact::{Event, Reader};
///
/// let file = "UNB+UNOC:3+5412345000013:14+8798765432109:14+260115:0830+R1'\
///             UNH+1+ORDERS:D:96A:UN'BGM+220+PO-1+9'DTM+137:20260115:102'UNS+S'UNT+5+1'UNZ+1+R1'";
/// let mut kinds = Vec::new();
/// for event in Reader::new(file.as_bytes(), Options::default()) {
///     match event? {
///         Event::Message(message) => kinds.push(message.header.kind.clone()),
///         Event::InterchangeEnd(ending) => assert!(!ending.rejected()),
///         _ => {}
///     }
/// }
/// assert_eq!(kinds, ["ORDERS"]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Reader<R> {
    tokens: Tokenizer<R>,
    progress: Progress<Envelope, Event>,
}

impl<R: Read> Reader<R> {
    /// A reader at the start of a file.
    pub fn new(source: R, options: Options) -> Self {
        Self { tokens: Tokenizer::new(source, options.limits), progress: Progress::new(options) }
    }

    /// The next event; `None` at the end of the file.
    ///
    /// # Errors
    /// Only those of the source; what is wrong with the file is told by events.
    pub fn next_event(&mut self) -> io::Result<Option<Event>> {
        loop {
            match self.progress.next() {
                Next::Tell(event) => return Ok(Some(event)),
                Next::Stop => return Ok(None),
                Next::ReadOn => self.progress.take(self.tokens.next_token()?),
            }
        }
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = io::Result<Event>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_event().transpose()
    }
}
