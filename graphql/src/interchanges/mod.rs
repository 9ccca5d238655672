//! EDI interchanges in the schema: what came, what became of it, and what would become of something.

pub mod interchange;
pub mod message;
pub mod query;
pub mod retry;
pub mod validate;

use std::sync::Arc;

use async_graphql::{Context, Result};
use quayside_canonical::{Problem, partner};
use quayside_domain::interchanges::Interchanges;

pub use interchange::Interchange;
pub use message::InterchangeMessage;
pub use query::InterchangeQuery;
pub use retry::RetryInterchangeMutation;
pub use validate::ValidateInterchangeMutation;

use crate::types::plain::plain;

plain! {
    /// A party as an envelope names it.
    InterchangeParty {
        /// What kind of id it is, such as `ZZ` or `14`.
        qualifier as "qualifier": String,
        /// The id.
        id as "id": String,
    }

    /// One thing that is wrong with an interchange or a message, or should be known of it.
    InterchangeProblem {
        /// What is wrong, for programs.
        code as "code": String,
        /// Where: in a message the position of the segment, its name, the element and the component.
        field as "field": Vec<String>,
        /// What is wrong, for people.
        message as "message": String,
    }
}

impl From<partner::Identifier> for InterchangeParty {
    fn from(party: partner::Identifier) -> Self {
        Self { qualifier: party.qualifier, id: party.id }
    }
}

impl From<Problem> for InterchangeProblem {
    fn from(Problem { code, field, message }: Problem) -> Self {
        Self { code, field, message }
    }
}

fn all(problems: &[Problem]) -> crate::types::Rows<InterchangeProblem> {
    crate::types::Rows(problems.iter().cloned().map(InterchangeProblem::from).collect())
}

/// The reading of EDI, as the application provides it.
fn desk<'a>(ctx: &Context<'a>) -> Result<&'a Arc<dyn Interchanges>> {
    ctx.data::<Arc<dyn Interchanges>>()
}
