//! How much a document is once its fragments are expanded, without expanding them: a fragment is measured once and its
//! measure used at every spread.

use std::collections::HashMap;

use async_graphql::Positioned;
use async_graphql::parser::types::{Directive, ExecutableDocument, Field, Selection, SelectionSet};

use super::{GuardError, Limits};

/// Selections inside selections of any kind, spreads included. Bounds this walk's stack and the library's, which refuses
/// more than 32 in words that help nobody.
const LEVELS: u64 = 30;

/// Whether a root field asks about the schema.
pub(super) fn introspects(field: &str) -> bool {
    matches!(field, "__schema" | "__type")
}

/// Measures every operation and every fragment, used or not: the library validates them all.
pub(super) fn check(document: &ExecutableDocument, limits: &Limits) -> Result<(), GuardError> {
    let mut walk = Walk { document, limits, known: HashMap::new() };
    let mut all = Shape::default();
    for (_, operation) in document.operations.iter() {
        let own = operation.node.variable_definitions.iter().map(|variable| variable.node.directives.len());
        all.directives += own.sum::<usize>() as u64 + walk.directives(&operation.node.directives)?;
        all = all.beside(walk.selections(&operation.node.selection_set.node, 1)?);
    }
    judge(all, limits)?;
    for name in document.fragments.keys() {
        // How deep it may be depends on where it is spread, and there it was judged.
        judge(Shape { depth: 0, ..walk.fragment(name, 1)? }, limits)?;
    }
    Ok(())
}

fn judge(shape: Shape, limits: &Limits) -> Result<(), GuardError> {
    let bounds = [
        ("fields", shape.fields, limits.fields),
        ("aliases", shape.aliases, limits.aliases),
        ("directives", shape.directives, limits.directives),
        ("levels of selections", shape.depth, limits.depth),
        ("levels of introspection", shape.introspection_depth, limits.introspection_depth),
        ("nested lists of introspection", shape.introspection_lists, limits.introspection_lists),
    ];
    for (what, found, limit) in bounds {
        if found > limit {
            return Err(GuardError::TooMany { what, found, limit });
        }
    }
    Ok(())
}

/// Counts add up along a selection, depths take the deepest.
#[derive(Clone, Copy, Default)]
struct Shape {
    fields: u64,
    aliases: u64,
    directives: u64,
    levels: u64,
    /// Without what is below `__schema` and `__type`.
    depth: u64,
    /// Lists that would count if this were introspection.
    lists: u64,
    /// From the top down to the deepest selection below `__schema` or `__type`.
    introspection_depth: u64,
    introspection_lists: u64,
}

impl Shape {
    fn beside(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            levels: self.levels.max(other.levels),
            depth: self.depth.max(other.depth),
            lists: self.lists.max(other.lists),
            introspection_depth: self.introspection_depth.max(other.introspection_depth),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
        }
    }

    /// The shape of something one level above, that counts for one itself.
    fn wrapped(self, directives: u64) -> Self {
        Self {
            fields: self.fields.saturating_add(1),
            directives: self.directives.saturating_add(directives),
            levels: self.levels + 1,
            ..self
        }
    }

    fn below(self, field: &Field) -> Self {
        let mut shape = self;
        shape.aliases = shape.aliases.saturating_add(u64::from(field.alias.is_some()));
        let name = field.name.node.as_str();
        shape.lists += u64::from(matches!(name, "fields" | "inputFields" | "interfaces" | "possibleTypes"));
        if introspects(name) {
            shape.introspection_depth = 1 + self.depth.max(self.introspection_depth);
            shape.introspection_lists = shape.lists.max(self.introspection_lists);
            shape.depth = 1;
        } else {
            shape.depth += 1;
            shape.introspection_depth += u64::from(self.introspection_depth > 0);
        }
        shape
    }
}

struct Walk<'d> {
    document: &'d ExecutableDocument,
    limits: &'d Limits,
    /// `None` while the fragment is being measured: meeting it then is a cycle.
    known: HashMap<&'d str, Option<Shape>>,
}

impl<'d> Walk<'d> {
    fn selections(&mut self, set: &'d SelectionSet, level: u64) -> Result<Shape, GuardError> {
        let mut shape = Shape::default();
        for item in &set.items {
            let one = match &item.node {
                Selection::Field(field) => {
                    let directives = self.directives(&field.node.directives)?;
                    let inner = self.inside(&field.node.selection_set.node, level)?;
                    inner.wrapped(directives).below(&field.node)
                }
                Selection::InlineFragment(inline) => {
                    let directives = self.directives(&inline.node.directives)?;
                    self.inside(&inline.node.selection_set.node, level)?.wrapped(directives)
                }
                Selection::FragmentSpread(spread) => {
                    let directives = self.directives(&spread.node.directives)?;
                    self.fragment(&spread.node.fragment_name.node, level + 1)?.wrapped(directives)
                }
            };
            shape = shape.beside(one);
        }
        Ok(shape)
    }

    fn inside(&mut self, set: &'d SelectionSet, level: u64) -> Result<Shape, GuardError> {
        if set.items.is_empty() {
            return Ok(Shape::default());
        }
        within_levels(level + 1)?;
        self.selections(set, level + 1)
    }

    fn fragment(&mut self, name: &str, level: u64) -> Result<Shape, GuardError> {
        // A fragment that does not exist is for validation to name; it expands to nothing.
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(Shape::default());
        };
        let name = name.as_str();
        match self.known.get(name) {
            Some(Some(shape)) => {
                within_levels(level + shape.levels)?;
                Ok(*shape)
            }
            Some(None) => Err(GuardError::FragmentCycle(name.to_owned())),
            None => {
                within_levels(level)?;
                self.known.insert(name, None);
                let mut shape = self.selections(&fragment.node.selection_set.node, level)?;
                shape.directives += self.directives(&fragment.node.directives)?;
                self.known.insert(name, Some(shape));
                Ok(shape)
            }
        }
    }

    fn directives(&self, here: &[Positioned<Directive>]) -> Result<u64, GuardError> {
        let (found, limit) = (here.len(), self.limits.directives_in_one_place);
        if found > limit {
            let what = "directives in one place";
            return Err(GuardError::TooMany { what, found: found as u64, limit: limit as u64 });
        }
        Ok(found as u64)
    }
}

fn within_levels(found: u64) -> Result<(), GuardError> {
    if found > LEVELS {
        return Err(GuardError::TooMany { what: "levels, spreads included,", found, limit: LEVELS });
    }
    Ok(())
}
