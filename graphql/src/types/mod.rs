//! What every part of the schema is built from: scalars, coded words, plain objects, pages, errors.

pub mod connection;
pub mod plain;
pub mod scalars;
pub mod user_error;
pub mod word;

pub use plain::{Held, Plain, PlainValue, Row, Rows};
pub use scalars::{Date, DateTime, Decimal, Json};
pub use word::Code;
