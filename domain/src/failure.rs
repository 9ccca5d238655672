//! What is nobody's fault but ours or the database's. Never shown to a caller beyond a code.
use sea_orm::{DbErr, RuntimeErr};

/// An operation could not be carried out. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database refused or is away.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// What is stored is not what we wrote.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    /// Something outside the database failed, such as the system's random numbers.
    #[error("{0}")]
    System(String),
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}

impl Failure {
    /// Whether the same request may succeed in a moment: the database is away, busy or full of locks.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Database(DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) => true,
            Self::Database(error) => is_lock_timeout(error) || is_connection_lost(error),
            Self::Corrupt(_) | Self::System(_) => false,
        }
    }
}

/// Whether somebody else held the row for longer than we wait.
#[must_use]
pub fn is_lock_timeout(error: &DbErr) -> bool {
    // PostgreSQL: lock_not_available, deadlock_detected, serialization_failure. SQLite: BUSY.
    code_of(error).is_some_and(|code| matches!(code.as_str(), "55P03" | "40P01" | "40001" | "5" | "517"))
}

fn is_connection_lost(error: &DbErr) -> bool {
    use sea_orm::sqlx::Error;
    match sqlx_error(error) {
        Some(Error::Io(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed) => true,
        // PostgreSQL: the server is shutting down, starting up, or was killed.
        _ => code_of(error).is_some_and(|code| code.starts_with("57P") || code.starts_with("08")),
    }
}

fn code_of(error: &DbErr) -> Option<String> {
    sqlx_error(error)?.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

fn sqlx_error(error: &DbErr) -> Option<&sea_orm::sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error))
        | DbErr::Conn(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}
