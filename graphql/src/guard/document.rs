//! A parsed document that is within the limits its text alone can break.

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Positioned, Value, Variables};

use super::{GuardError, Limits, nesting, shape};

#[derive(Debug)]
pub(super) struct Document {
    pub(super) parsed: ExecutableDocument,
    /// Name, root fields and whether it introspects, for each operation: there are few, so a list will do.
    facts: Vec<Facts>,
}

#[derive(Debug)]
struct Facts {
    name: Option<String>,
    root_fields: Vec<String>,
    introspects: bool,
}

/// The operation a request chose.
pub(super) struct Operation<'d> {
    pub(super) name: Option<&'d str>,
    pub(super) definition: &'d Positioned<OperationDefinition>,
    pub(super) root_fields: &'d [String],
    pub(super) introspects: bool,
}

impl Document {
    pub(super) fn parse(text: &str, limits: &Limits) -> Result<Self, GuardError> {
        if text.len() > limits.document_bytes {
            return Err(GuardError::TooLong { limit: limits.document_bytes });
        }
        if nesting::exceeds(text, limits.brackets) {
            return Err(GuardError::TooNested { limit: limits.brackets });
        }
        let parsed = parse_query(text).map_err(GuardError::Syntax)?;
        shape::check(&parsed, limits)?;
        let mut facts = Vec::new();
        for (name, operation) in parsed.operations.iter() {
            let mut root_fields = Vec::new();
            collect_fields(&operation.node.selection_set.node, &parsed, &mut root_fields);
            check_roots(operation.node.ty, root_fields.len(), limits)?;
            let introspects = root_fields.iter().any(|field| shape::introspects(field));
            facts.push(Facts { name: name.map(ToString::to_string), root_fields, introspects });
        }
        Ok(Self { parsed, facts })
    }

    pub(super) fn operation(&self, name: Option<&str>) -> Result<Operation<'_>, GuardError> {
        let (name, definition) = match (&self.parsed.operations, name) {
            (DocumentOperations::Single(only), None) => (None, only),
            (DocumentOperations::Multiple(all), Some(name)) => match all.get_key_value(name) {
                Some((name, chosen)) => (Some(name.as_str()), chosen),
                None => return Err(GuardError::UnknownOperation(name.to_owned())),
            },
            (DocumentOperations::Single(_), Some(name)) => {
                return Err(GuardError::UnknownOperation(name.to_owned()));
            }
            (DocumentOperations::Multiple(all), None) => match (all.len(), all.iter().next()) {
                (1, Some((name, only))) => (Some(name.as_str()), only),
                _ => return Err(GuardError::OperationNameRequired),
            },
        };
        let facts = self.facts.iter().find(|facts| facts.name.as_deref() == name);
        let facts = facts.expect("facts are gathered for every operation of the document");
        Ok(Operation { name, definition, root_fields: &facts.root_fields, introspects: facts.introspects })
    }
}

impl Operation<'_> {
    /// The library would notice a missing variable only in the resolver that reads it, when others have already run.
    pub(super) fn check_variables(&self, given: &Variables) -> Result<(), GuardError> {
        let variables = self.definition.node.variable_definitions.iter().map(|variable| &variable.node);
        let mut needed =
            variables.filter(|variable| !variable.var_type.node.nullable && variable.default_value.is_none());
        let missing =
            needed.find(|variable| matches!(given.get(&variable.name.node), None | Some(Value::Null)));
        missing.map_or(Ok(()), |variable| Err(GuardError::MissingVariable(variable.name.node.to_string())))
    }
}

fn check_roots(kind: OperationType, roots: usize, limits: &Limits) -> Result<(), GuardError> {
    match kind {
        OperationType::Mutation if roots > limits.mutation_fields => Err(GuardError::TooMany {
            what: "mutations in one operation",
            found: roots as u64,
            limit: limits.mutation_fields as u64,
        }),
        OperationType::Subscription if roots != 1 => Err(GuardError::SubscriptionRoots),
        _ => Ok(()),
    }
}

/// The names of the fields a selection asks of its own object. Bounded, since the shape was checked.
fn collect_fields(set: &SelectionSet, document: &ExecutableDocument, into: &mut Vec<String>) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => into.push(field.node.name.node.to_string()),
            Selection::InlineFragment(inline) => {
                collect_fields(&inline.node.selection_set.node, document, into);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    collect_fields(&fragment.node.selection_set.node, document, into);
                }
            }
        }
    }
}
