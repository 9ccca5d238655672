//! Whole interchanges, judged: for those who must not act before the last segment is read.

use std::io::{self, Read};
use std::sync::Arc;

use crate::options::Options;
use crate::problem::Problem;

use super::header::{GroupHeader, InterchangeHeader};
use super::message::RawMessage;
use super::reader::{Event, Reader};

/// An interchange with everything in it.
#[derive(Debug, Clone, Default)]
pub struct Interchange {
    /// Its header; none if there is no UNB that can be read.
    pub header: Option<Arc<InterchangeHeader>>,
    /// Its groups. Messages that stand in no group are in one without a header.
    pub groups: Vec<Group>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// A functional group with its messages, or messages that stand in none.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// Its header; none for messages that stand in no group.
    pub header: Option<Arc<GroupHeader>>,
    /// Its messages.
    pub messages: Vec<RawMessage>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

impl Interchange {
    /// Whether nothing in it may be used.
    #[must_use]
    pub fn rejected(&self) -> bool {
        self.problems.iter().any(Problem::rejects)
    }

    /// All its messages.
    pub fn messages(&self) -> impl Iterator<Item = &RawMessage> {
        self.groups.iter().flat_map(|group| &group.messages)
    }
}

impl Group {
    /// Whether none of its messages may be used, whatever they say themselves.
    #[must_use]
    pub fn rejected(&self) -> bool {
        self.problems.iter().any(Problem::rejects)
    }
}

/// The interchanges of a file, one whole interchange at a time.
#[derive(Debug)]
pub struct Interchanges<R> {
    reader: Reader<R>,
    outside: Vec<Problem>,
}

impl<R: Read> Interchanges<R> {
    /// Over a file.
    pub fn new(source: R, options: Options) -> Self {
        Self { reader: Reader::new(source, options), outside: Vec::new() }
    }

    /// What stands outside the interchanges read so far; complete when the iterator has ended.
    #[must_use]
    pub fn outside(&self) -> &[Problem] {
        &self.outside
    }

    fn read(&mut self) -> io::Result<Option<Interchange>> {
        let mut interchange = Interchange::default();
        let mut open = false;
        while let Some(event) = self.reader.next_event()? {
            let groups = &mut interchange.groups;
            match event {
                Event::InterchangeBegin(header) => interchange.header = header,
                Event::GroupBegin(header) => {
                    open = true;
                    groups.push(Group { header: Some(header), ..Group::default() });
                }
                Event::Message(message) => {
                    if !open && groups.last().is_none_or(|group| group.header.is_some()) {
                        groups.push(Group::default());
                    }
                    if let Some(group) = groups.last_mut() {
                        group.messages.push(*message);
                    }
                }
                Event::GroupEnd(ending) => {
                    open = false;
                    if let Some(group) = groups.last_mut() {
                        group.problems = ending.problems;
                    }
                }
                Event::InterchangeEnd(ending) => {
                    interchange.problems = ending.problems;
                    return Ok(Some(interchange));
                }
                Event::Outside(problem) => self.outside.push(problem),
            }
        }
        Ok(None)
    }
}

impl<R: Read> Iterator for Interchanges<R> {
    type Item = io::Result<Interchange>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}
