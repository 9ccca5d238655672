//! HL: how the levels of a shipment hang together. A level hangs under one that stands before it, so there is no
//! way round in a circle, and no walk along the tree is longer than the limit.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::position::{Located, Place};
use crate::problem::ProblemCode;
use crate::x12::header::printable;

use super::check::Checker;
use super::detail::Detail;
use super::fields::Fields;
use super::loops::Loop;

/// How deep levels may hang; the structures in use are five deep.
pub const DEEPEST: usize = 32;

/// HL and what stands under it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Level {
    /// Where it starts.
    pub at: Place,
    /// HL01.
    pub id: Located<String>,
    /// HL02, as the sender wrote it.
    pub parent_id: Option<Located<String>>,
    /// The level it hangs under, by its position.
    pub parent: Option<usize>,
    /// The levels that hang under it, by their positions. HL04 is often wrong, so they were counted.
    pub children: Vec<usize>,
    /// How deep it hangs; a level without parent is at 1.
    pub depth: usize,
    /// HL03, data element 735: `S` shipment, `O` order, `T` pallet, `P` pack, `I` item and so on.
    pub code: Located<String>,
    /// What stands under it.
    pub detail: Detail,
}

impl Level {
    /// Whether it names goods: an item, or a pack that says what is in it.
    #[must_use]
    pub fn is_item(&self) -> bool {
        self.code.as_str() == "I" || !self.detail.section.product_ids.is_empty()
    }
}

impl Loop<'_> for Level {
    fn open(hl: &Fields<'_>) -> Self {
        let (id, parent_id, code) = (hl.text(1), hl.text(2), hl.text(3));
        Self {
            at: hl.at(0),
            // Without HL01 or HL03 it cannot be hung, and the set is refused already.
            depth: usize::from(id.is_some() && code.is_some()),
            id: id.unwrap_or_default(),
            parent_id,
            parent: None,
            children: Vec::new(),
            code: code.unwrap_or_default(),
            detail: Detail::default(),
        }
    }

    fn detail(&mut self) -> &mut Detail {
        &mut self.detail
    }
}

/// Hangs the levels under each other and complains of what does not fit.
pub(super) fn build(mut levels: Vec<Level>, heading: &Detail, checker: &mut Checker<'_>) -> Vec<Level> {
    levels.retain(|level| level.depth > 0);
    let mut tree = Tree {
        ids: HashMap::new(),
        ordered: Vec::with_capacity(levels.len()),
        heading_ordered: heading.order_number().is_some(),
    };
    for own in 0..levels.len() {
        if let Some((before, [level, ..])) = levels.split_at_mut_checked(own) {
            tree.hang(level, before, checker);
        }
    }
    levels
}

struct Tree {
    /// Positions by HL01.
    ids: HashMap<String, usize>,
    /// For each level whether it or one above it names an order.
    ordered: Vec<bool>,
    heading_ordered: bool,
}

impl Tree {
    fn hang(&mut self, level: &mut Level, before: &mut [Level], checker: &mut Checker<'_>) {
        let own = before.len();
        level.parent = self.parent(level, own == 0, checker);
        if let Some(parent) = level.parent.and_then(|parent| before.get_mut(parent)) {
            parent.children.push(own);
            level.depth = parent.depth + 1;
        }
        if level.depth > DEEPEST {
            let message = format!("The level hangs deeper than {DEEPEST}");
            let problem = checker.problem(ProblemCode::HierarchyTooDeep, level.at, message);
            checker.problems.push_once(problem);
        }
        let above = match (level.parent, &level.parent_id) {
            (Some(parent), _) => self.ordered.get(parent).copied().unwrap_or_default(),
            // Where the level above is not known, nor is its order: that was told.
            (None, stated) => stated.is_some(),
        };
        let ordered = self.heading_ordered || above || level.detail.order_number().is_some();
        if level.is_item() && !ordered {
            let message = "Neither the item nor a level above it names an order";
            checker.report(ProblemCode::ItemWithoutOrder, level.at, message.into());
        }
        self.ordered.push(ordered);
        match self.ids.entry(key(&level.id).to_owned()) {
            Entry::Vacant(free) => _ = free.insert(own),
            Entry::Occupied(_) => {
                let message = format!("HL {} was there before", printable(&level.id));
                checker.report(ProblemCode::HierarchyIdRepeated, level.id.at, message);
            }
        }
    }

    fn parent(&self, level: &Level, first: bool, checker: &mut Checker<'_>) -> Option<usize> {
        let Some(wanted) = &level.parent_id else {
            if !first || level.code.as_str() != "S" {
                let what = if first { "first, and no shipment" } else { "not the first" };
                let message = format!("HL {} has no parent and is {what}", printable(&level.id));
                checker.report(ProblemCode::HierarchyRoot, level.at, message);
            }
            return None;
        };
        let found = self.ids.get(key(wanted)).copied();
        if found.is_none() {
            let message = if key(wanted) == key(&level.id) {
                format!("HL {} is its own parent", printable(&level.id))
            } else {
                format!("HL02 is '{}', and no HL before it has that number", printable(wanted))
            };
            checker.report(ProblemCode::HierarchyParentUnknown, wanted.at, message);
        }
        found
    }
}

/// `01` and `1` are the same number.
fn key(id: &str) -> &str {
    if id.bytes().all(|byte| byte.is_ascii_digit()) { id.trim_start_matches('0') } else { id }
}
