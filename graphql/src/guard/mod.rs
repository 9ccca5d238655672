//! Judges a document before the library sees it.
//!
//! The library walks every fragment expansion before it looks at any limit, without a memo and without yielding: a
//! 750-byte nest of fragments that each spread the next one twice costs it seconds and a gigabyte. So a document is
//! measured here first, in time linear in its length:
//!
//! 1. its bytes and the nesting of its brackets, since the parser itself recurses (`nesting`);
//! 2. its shape after fragment expansion, each fragment measured once (`shape`);
//! 3. the cost of the operation that will run, with its variables (`cost`).
//!
//! Steps 1 and 2 depend on the text alone, so a document that passed them is kept, parsed (`cache`); step 3 is done
//! for every request. A walk without a memo is safe in step 3 because step 2 has bounded the expansion.

mod cache;
mod cost;
mod document;
mod error;
mod nesting;
mod shape;

use std::sync::Arc;

use async_graphql::Variables;
use async_graphql::parser::types::{ExecutableDocument, OperationType};

use cache::Cache;
use document::Document;
pub use error::GuardError;

/// What one document may ask for. The defaults fit a hand-written client with room to spare.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Length of the document.
    pub document_bytes: usize,
    /// Brackets open at once, of any kind.
    pub brackets: usize,
    /// Selections inside selections, fragments expanded.
    pub depth: u64,
    /// The same below `__schema` and `__type`: the standard introspection query unwraps types nine times.
    pub introspection_depth: u64,
    /// Lists inside lists below `__schema` and `__type`, where each level multiplies the reply.
    pub introspection_lists: u64,
    /// Fields, spreads and inline fragments of the whole document, fragments expanded.
    pub fields: u64,
    /// Aliases, fragments expanded.
    pub aliases: u64,
    /// Directives, fragments expanded.
    pub directives: u64,
    /// Directives in one place.
    pub directives_in_one_place: usize,
    /// Root fields of a mutation.
    pub mutation_fields: usize,
    /// Cost of the operation.
    pub cost: u64,
    /// Entries a connection is taken to give when the document does not say.
    pub page: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 32 * 1024,
            brackets: 48,
            depth: 12,
            introspection_depth: 18,
            introspection_lists: 2,
            fields: 500,
            aliases: 30,
            directives: 50,
            directives_in_one_place: 5,
            mutation_fields: 10,
            cost: 1_000,
            page: 25,
        }
    }
}

/// Checks documents and remembers those that were fit to run.
#[derive(Debug)]
pub struct Guard {
    limits: Limits,
    documents: Cache<Document>,
}

/// Distinct documents remembered, and their length together: parsed, a document takes about thirty times its text.
const REMEMBERED: usize = 1_000;
const REMEMBERED_BYTES: usize = 1024 * 1024;

impl Guard {
    /// A guard with these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, documents: Cache::new(REMEMBERED, REMEMBERED_BYTES) }
    }

    /// The document, parsed, with what its chosen operation is and costs.
    pub fn check(
        &self,
        text: &str,
        operation: Option<&str>,
        variables: &Variables,
    ) -> Result<Checked, GuardError> {
        let document = match self.documents.get(text) {
            Some(known) => known,
            None => self.documents.put(text, Document::parse(text, &self.limits)?),
        };
        let operation = document.operation(operation)?;
        operation.check_variables(variables)?;
        let kind = operation.definition.node.ty;
        let cost = cost::of(operation.definition, &document.parsed, variables, self.limits.page);
        if cost > self.limits.cost {
            return Err(GuardError::TooCostly { cost, limit: self.limits.cost });
        }
        let (name, root_fields) = (operation.name.map(ToString::to_string), operation.root_fields.to_vec());
        let introspects = operation.introspects;
        Ok(Checked { document, kind, name, root_fields, introspects, cost })
    }
}

/// A document that may run.
#[derive(Clone, Debug)]
pub struct Checked {
    document: Arc<Document>,
    /// Query, mutation or subscription.
    pub kind: OperationType,
    /// The name of the operation that will run, if it has one.
    pub name: Option<String>,
    /// The operation's root fields by their schema names, fragments expanded, in order.
    pub root_fields: Vec<String>,
    /// Whether the operation asks about the schema.
    pub introspects: bool,
    /// What the operation may cost at most.
    pub cost: u64,
}

impl Checked {
    /// The parsed document for `Request::set_parsed_query`, so that the library need not parse it again.
    #[must_use]
    pub fn executable(&self) -> ExecutableDocument {
        self.document.parsed.clone()
    }
}

#[cfg(test)]
mod tests;
