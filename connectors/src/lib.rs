//! Stateless translators between canonical events and vendor calls.
