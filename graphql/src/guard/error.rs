//! Why a document was not run.

use async_graphql::parser;
use async_graphql::{ErrorExtensionValues, ServerError};

/// The refusal of a document: the caller's to mend, and never dependent on anybody's data.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// The text is longer than documents may be.
    #[error("The document is longer than {limit} bytes")]
    TooLong {
        /// Bytes allowed.
        limit: usize,
    },
    /// Brackets nest too deeply to be parsed safely.
    #[error("The document nests brackets more than {limit} deep")]
    TooNested {
        /// Brackets allowed to be open at once.
        limit: usize,
    },
    /// The text is not GraphQL.
    #[error("{0}")]
    Syntax(parser::Error),
    /// A fragment spreads itself, perhaps by way of others.
    #[error("The fragment \"{0}\" spreads itself")]
    FragmentCycle(String),
    /// Too many of something, or too deep.
    #[error("The document has {found} {what}; {limit} are allowed")]
    TooMany {
        /// What there are too many of, in the plural.
        what: &'static str,
        /// How many, fragments expanded.
        found: u64,
        /// How many may be.
        limit: u64,
    },
    /// Several operations and no name to choose one by.
    #[error("The document has several operations: `operationName` must name one")]
    OperationNameRequired,
    /// No operation has the name asked for.
    #[error("The document has no operation named \"{0}\"")]
    UnknownOperation(String),
    /// A subscription selects more or less than one stream.
    #[error("A subscription must select exactly one root field")]
    SubscriptionRoots,
    /// A variable that must have a value has none.
    #[error("The variable \"${0}\" must be given")]
    MissingVariable(String),
    /// The operation costs more than any one request may.
    #[error("The operation costs {cost} points; {limit} are allowed in one request")]
    TooCostly {
        /// What it would cost.
        cost: u64,
        /// What it may cost.
        limit: u64,
    },
}

impl GuardError {
    /// The constant that clients may depend on: `extensions.code`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } | Self::TooNested { .. } | Self::TooMany { .. } => "DOCUMENT_TOO_COMPLEX",
            Self::Syntax(_) => "GRAPHQL_PARSE_FAILED",
            Self::FragmentCycle(_) | Self::SubscriptionRoots => "GRAPHQL_VALIDATION_FAILED",
            Self::OperationNameRequired | Self::UnknownOperation(_) => "OPERATION_RESOLUTION_FAILURE",
            Self::MissingVariable(_) => "BAD_USER_INPUT",
            Self::TooCostly { .. } => "MAX_COST_EXCEEDED",
        }
    }

    /// The cost that was refused, when that was the reason.
    #[must_use]
    pub fn cost(&self) -> Option<u64> {
        match self {
            Self::TooCostly { cost, .. } => Some(*cost),
            _ => None,
        }
    }
}

impl From<GuardError> for ServerError {
    fn from(error: GuardError) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", error.code());
        let mut told = match error {
            GuardError::Syntax(error) => without_source(Self::from(error)),
            other => Self::new(other.to_string(), None),
        };
        told.extensions = Some(extensions);
        told
    }
}

/// The parser quotes the line it stumbled over, which may hold a password. The place says enough.
fn without_source(mut error: ServerError) -> ServerError {
    if let Some((_, expectation)) = error.message.rsplit_once("\n  = ") {
        error.message = format!("The document is not GraphQL: {expectation}");
    }
    error
}
