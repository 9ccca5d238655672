//! Segments to judged interchanges, groups and sets, one event at a time.

use std::io::{self, Read};
use std::sync::Arc;

use crate::events::Ending;
use crate::options::Options;
use crate::problem::Problem;
use crate::reading::{Next, Progress};

use super::envelope::Envelope;
use super::header::{GroupHeader, InterchangeHeader};
use super::segment::RawSegment;
use super::set::TransactionSet;
use super::tokenizer::Tokenizer;

/// What a file is made of, in the order it stands there. Every begin has its end, however broken the file.
#[derive(Debug)]
pub enum Event {
    /// An interchange starts; without a header if the file begins with a group or set.
    InterchangeBegin(Option<Arc<InterchangeHeader>>),
    /// A group starts; without a header if there is none.
    GroupBegin(Option<Arc<GroupHeader>>),
    /// A whole set. It may be used only when the ends of its group and interchange do not reject it.
    Set(Box<TransactionSet>),
    /// The group is over.
    GroupEnd(Ending),
    /// The interchange is over.
    InterchangeEnd(Ending),
    /// A `TA1` of the interchange.
    Acknowledgment(RawSegment),
    /// Something outside any interchange.
    Outside(Problem),
}

/// Reads a file event by event. Memory: one transaction set, and no more than the limits allow.
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
