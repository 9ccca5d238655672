//! Messages as trees: which segments they are made of and in which order, by a table; and the tree that a message
//! becomes by it.

use serde::Serialize;

use crate::position::SegmentId;
use crate::raw::RawSegment;

/// What stands under a heading, a line or a group: a segment, or a group that begins with one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Node {
    /// A segment.
    Segment(RawSegment),
    /// A group: its segment, then what stands under it.
    Group(Vec<Node>),
}

impl Node {
    /// The tag it begins with; empty for a group without anything.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Segment(segment) => &segment.id,
            Self::Group(nodes) => nodes.first().map_or("", Self::id),
        }
    }

    pub(crate) fn flatten(self, into: &mut Vec<RawSegment>) {
        match self {
            Self::Segment(segment) => into.push(segment),
            Self::Group(nodes) => nodes.into_iter().for_each(|node| node.flatten(into)),
        }
    }
}

/// A segment or group of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    /// The same, to find it by.
    pub(crate) key: SegmentId,
    pub(crate) need: Need,
    pub(crate) most: usize,
    /// What stands under it; for a plain segment nothing, not even the segment itself.
    pub(crate) group: Option<Vec<Rule>>,
}

/// Whether something must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    May,
    Should,
    Must,
}

pub(crate) fn parse(text: &'static str) -> Vec<Rule> {
    let mut open: Vec<Vec<Rule>> = vec![Vec::new()];
    for word in text.split_ascii_whitespace() {
        let closing = word.find(')');
        let (name, tail) = word.split_at(closing.unwrap_or(word.len()));
        if name.starts_with('(') {
            open.push(Vec::new());
        }
        if let (Some(rules), Some(rule)) = (open.last_mut(), rule(name.trim_start_matches('('))) {
            rules.push(rule);
        }
        for most in tail.split(')').skip(1) {
            let Some(inside) = open.pop() else { break };
            let mut inside = inside.into_iter();
            if let (Some(trigger), Some(outer)) = (inside.next(), open.last_mut()) {
                let most = most.parse().unwrap_or(1);
                outer.push(Rule { most, group: Some(inside.collect()), ..trigger });
            }
        }
    }
    open.pop().unwrap_or_default()
}

fn rule(text: &'static str) -> Option<Rule> {
    let (id, rest) = text.split_at_checked(3)?;
    let need = match rest.chars().next() {
        Some('!') => Need::Must,
        Some('~') => Need::Should,
        _ => Need::May,
    };
    let most = rest.trim_start_matches(['!', '~']).parse().unwrap_or(1);
    let id = id.trim_end_matches('_');
    Some(Rule { id, key: SegmentId::new(id.as_bytes()), need, most, group: None })
}

/// Brings nodes into the order of the rules. What the rules do not know stands before the first group.
pub(crate) fn sort(nodes: &mut [Node], rules: &[Rule]) {
    let first_group = rules.iter().position(|rule| rule.group.is_some()).unwrap_or(rules.len());
    let rank = |node: &Node| {
        let known = rules.iter().position(|rule| rule.id == node.id());
        known.map_or(2 * first_group, |at| 2 * at + 1)
    };
    nodes.sort_by_key(rank);
    for node in nodes {
        let rules = rules.iter().find(|rule| rule.id == node.id()).and_then(|rule| rule.group.as_deref());
        if let (Node::Group(inside), Some(rules)) = (node, rules)
            && let Some((_, rest)) = inside.split_first_mut()
        {
            sort(rest, rules);
        }
    }
}

/// Where a segment was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placed {
    Well,
    /// It stands later or earlier than it may.
    OutOfOrder,
    /// It has no place; it was kept where it stood.
    Nowhere,
    /// More often than it may; whether it begins a group, and how often it may.
    TooOften {
        group: bool,
        most: usize,
    },
}

/// A tree while its segments arrive.
#[derive(Debug)]
pub(crate) struct Growing<'a> {
    open: Vec<Open<'a>>,
    /// What groups cannot do without and have not.
    missing: Vec<&'a Rule>,
    /// The place that no search may pass.
    separator: SegmentId,
}

/// A group while its segments arrive.
#[derive(Debug)]
struct Open<'a> {
    rules: &'a [Rule],
    /// The rule that matched last.
    cursor: usize,
    count: usize,
    nodes: Vec<Node>,
    seen: Vec<bool>,
}

impl<'a> Open<'a> {
    fn new(rules: &'a [Rule], trigger: Option<RawSegment>) -> Self {
        Self {
            rules,
            cursor: 0,
            count: 0,
            nodes: trigger.into_iter().map(Node::Segment).collect(),
            seen: vec![false; rules.len()],
        }
    }
}

impl<'a> Growing<'a> {
    pub(crate) fn new(rules: &'a [Rule], separator: &'static str) -> Self {
        let separator = SegmentId::new(separator.as_bytes());
        Self { open: vec![Open::new(rules, None)], missing: Vec::new(), separator }
    }

    pub(crate) fn place(&mut self, raw: RawSegment) -> Placed {
        let id = raw.at.segment;
        if raw.id.len() > id.as_str().len() {
            self.keep(raw);
            return Placed::Nowhere;
        }
        if let Some((depth, at)) = self.forward(id, true) {
            return self.put(depth, at, raw);
        }
        let Some((depth, at)) = self.backward(id).or_else(|| self.forward(id, false)) else {
            self.keep(raw);
            return Placed::Nowhere;
        };
        self.put(depth, at, raw);
        Placed::OutOfOrder
    }

    /// Whether a segment has a place after the last one.
    pub(crate) fn expects(&self, id: SegmentId) -> bool {
        self.forward(id, true).is_some()
    }

    /// The next place for a segment, from the innermost open group outwards.
    fn forward(&self, id: SegmentId, guarded: bool) -> Option<(usize, usize)> {
        (0..self.open.len()).rev().find_map(|depth| {
            let open = self.open.get(depth)?;
            let rest = open.rules.iter().enumerate().skip(open.cursor);
            let mut near = rest.take_while(|(at, rule)| {
                !guarded || rule.key != self.separator || id == self.separator || *at == open.cursor
            });
            near.find(|(_, rule)| rule.key == id).map(|(at, _)| (depth, at))
        })
    }

    /// A place for a segment that comes too late.
    fn backward(&self, id: SegmentId) -> Option<(usize, usize)> {
        (0..self.open.len()).rev().find_map(|depth| {
            let open = self.open.get(depth)?;
            open.rules.iter().take(open.cursor).rposition(|rule| rule.key == id).map(|at| (depth, at))
        })
    }

    /// Opens a group that the sender left out around the groups in it.
    pub(crate) fn imply(&mut self, group: &str, id: SegmentId) -> bool {
        let Some(top) = self.open.first() else { return false };
        let found = top.rules.iter().enumerate().skip(top.cursor).find(|(_, rule)| rule.id == group);
        let Some((at, rules)) = found.and_then(|(at, rule)| Some((at, rule.group.as_deref()?))) else {
            return false;
        };
        let is_group_in_it = rules.iter().any(|rule| rule.key == id && rule.group.is_some());
        if !is_group_in_it || self.open.len() > 1 && top.cursor == at {
            return false;
        }
        self.close_to(0);
        if let Some(top) = self.open.first_mut() {
            top.cursor = at;
            if let Some(seen) = top.seen.get_mut(at) {
                *seen = true;
            }
        }
        self.open.push(Open::new(rules, Some(RawSegment::new(group, []))));
        true
    }

    fn put(&mut self, depth: usize, at: usize, raw: RawSegment) -> Placed {
        self.close_to(depth);
        let Some(open) = self.open.last_mut() else { return Placed::Nowhere };
        let Some(rule) = open.rules.get(at) else { return Placed::Nowhere };
        let again = open.cursor == at && open.seen.get(at) == Some(&true);
        open.count = if again { open.count + 1 } else { 1 };
        open.cursor = open.cursor.max(at);
        if let Some(seen) = open.seen.get_mut(at) {
            *seen = true;
        }
        let count = open.count;
        match &rule.group {
            Some(rules) => self.open.push(Open::new(rules, Some(raw))),
            None => open.nodes.push(Node::Segment(raw)),
        }
        // Told once, however often it stands.
        if count == rule.most + 1 {
            return Placed::TooOften { group: rule.group.is_some(), most: rule.most };
        }
        Placed::Well
    }

    /// Keeps a segment where it stands.
    pub(crate) fn keep(&mut self, raw: RawSegment) {
        if let Some(open) = self.open.last_mut() {
            open.nodes.push(Node::Segment(raw));
        }
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth + 1 {
            let Some(open) = self.open.pop() else { return };
            self.complete(open.rules, &open.seen);
            if let Some(outer) = self.open.last_mut() {
                outer.nodes.push(Node::Group(open.nodes));
            }
        }
    }

    fn complete(&mut self, rules: &'a [Rule], seen: &[bool]) {
        let absent = rules.iter().zip(seen).filter(|(rule, seen)| !**seen && rule.need != Need::May);
        // A file can leave out as much as it likes; no one reads more than this.
        self.missing.extend(absent.map(|(rule, _)| rule).take(1000_usize.saturating_sub(self.missing.len())));
    }

    /// The tree, and what it should have and has not.
    pub(crate) fn finish(mut self) -> (Vec<Node>, Vec<&'a Rule>) {
        self.close_to(0);
        let Some(top) = self.open.pop() else { return (Vec::new(), self.missing) };
        self.complete(top.rules, &top.seen);
        (top.nodes, self.missing)
    }
}
