//! Exceptions in the schema.

pub mod act;
pub mod case;
pub mod comment;
pub mod loaders;
pub mod query;
pub mod routes;

pub use act::ExceptionMutation;
pub use case::ExceptionCase;
pub use comment::CommentMutation;
pub use query::ExceptionQuery;
pub use routes::{RouteMutation, RouteQuery};
