//! What an operation may cost at most: nothing for a leaf, a point for a field with a selection, and for a connection its
//! entries times what is asked of each.

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Value, Variables};

/// The cost of the operation with these variables. `page` stands in where a connection names no size.
///
/// The walk expands fragments: the document's shape must have been checked.
pub(super) fn of(
    operation: &Positioned<OperationDefinition>,
    document: &ExecutableDocument,
    variables: &Variables,
    page: u64,
) -> u64 {
    let costs = Costs { operation: &operation.node, document, variables, page };
    costs.selections(&operation.node.selection_set.node).once()
}

/// What a selection costs, told apart by how often it is paid for in a connection.
#[derive(Default)]
struct Parts {
    /// Below `nodes` and `edges`: for each entry.
    entries: u64,
    /// Below `pageInfo`: once.
    page_info: u64,
    /// Anything else: once, or for each entry where the field is a list that names a size.
    other: u64,
}

impl Parts {
    fn once(&self) -> u64 {
        self.entries.saturating_add(self.page_info).saturating_add(self.other)
    }

    fn add(&mut self, more: &Self) {
        self.entries = self.entries.saturating_add(more.entries);
        self.page_info = self.page_info.saturating_add(more.page_info);
        self.other = self.other.saturating_add(more.other);
    }
}

struct Costs<'d> {
    operation: &'d OperationDefinition,
    document: &'d ExecutableDocument,
    variables: &'d Variables,
    page: u64,
}

impl Costs<'_> {
    fn selections(&self, set: &SelectionSet) -> Parts {
        let mut parts = Parts::default();
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => self.field(&field.node, &mut parts),
                Selection::InlineFragment(inline) => {
                    parts.add(&self.selections(&inline.node.selection_set.node));
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        parts.add(&self.selections(&fragment.node.selection_set.node));
                    }
                }
            }
        }
        parts
    }

    fn field(&self, field: &Field, parts: &mut Parts) {
        if field.selection_set.node.items.is_empty() {
            return;
        }
        let inner = self.selections(&field.selection_set.node);
        let inside = match self.size(field) {
            Some(size) => inner.entries.saturating_add(inner.other).saturating_mul(size),
            None => inner.entries.saturating_mul(self.page).saturating_add(inner.other),
        };
        let inside = inside.saturating_add(inner.page_info);
        match field.name.node.as_str() {
            "pageInfo" => parts.page_info = parts.page_info.saturating_add(inside.saturating_add(1)),
            // An edge is the wrapping of a node, and no more work than it.
            "edges" => parts.entries = parts.entries.saturating_add(inside),
            "nodes" => parts.entries = parts.entries.saturating_add(inside.saturating_add(1)),
            _ => parts.other = parts.other.saturating_add(inside.saturating_add(1)),
        }
    }

    /// How many entries the field is asked for, when it takes a size: `first`, `last` or the length of `ids`.
    fn size(&self, field: &Field) -> Option<u64> {
        let sizes =
            field.arguments.iter().filter(|(name, _)| matches!(name.node.as_str(), "first" | "last" | "ids"));
        let resolved = sizes.map(|(_, value)| {
            value.node.clone().into_const_with(|name| self.variable(&name).cloned().ok_or(()))
        });
        let counts = resolved.map(|value| match value {
            Ok(Value::Number(number)) => number.as_u64().map_or(self.page, |count| count.max(1)),
            Ok(Value::List(list)) => list.len() as u64,
            _ => self.page,
        });
        counts.max()
    }

    fn variable(&self, name: &Name) -> Option<&Value> {
        self.variables.get(name).or_else(|| {
            let definitions = &self.operation.variable_definitions;
            let definition = definitions.iter().find(|definition| definition.node.name.node == *name)?;
            definition.node.default_value.as_ref().map(|value| &value.node)
        })
    }
}
