//! Whole interchanges, judged: for those who must not act before the last segment is read.

use std::io::{self, Read};
use std::sync::Arc;

use crate::options::Options;
use crate::problem::Problem;

use super::header::{GroupHeader, InterchangeHeader};
use super::reader::{Event, Reader};
use super::segment::RawSegment;
use super::set::TransactionSet;

/// An interchange with everything in it.
#[derive(Debug, Clone, Default)]
pub struct Interchange {
    /// Its header; none if the file begins with a group or set.
    pub header: Option<Arc<InterchangeHeader>>,
    /// Its groups.
    pub groups: Vec<Group>,
    /// Its `TA1` segments.
    pub acknowledgments: Vec<RawSegment>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// A functional group with its sets.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// Its header; none if it is missing.
    pub header: Option<Arc<GroupHeader>>,
    /// Its sets.
    pub sets: Vec<TransactionSet>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

impl Interchange {
    /// Whether nothing in it may be used.
    #[must_use]
    pub fn rejected(&self) -> bool {
        self.problems.iter().any(Problem::rejects)
    }
}

impl Group {
    /// Whether none of its sets may be used, whatever they say themselves.
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
        let mut group = Group::default();
        while let Some(event) = self.reader.next_event()? {
            match event {
                Event::InterchangeBegin(header) => interchange.header = header,
                Event::GroupBegin(header) => group.header = header,
                Event::Set(set) => group.sets.push(*set),
                Event::GroupEnd(ending) => {
                    group.problems = ending.problems;
                    interchange.groups.push(std::mem::take(&mut group));
                }
                Event::InterchangeEnd(ending) => {
                    interchange.problems = ending.problems;
                    return Ok(Some(interchange));
                }
                Event::Acknowledgment(segment) => interchange.acknowledgments.push(segment),
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
