//! Why a simulated system cannot start.
use std::io;

use crate::quayside::QuaysideError;
use crate::receiver::SecretError;

/// Why an ERP or a WMS cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The secret is no signing secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Quayside cannot be called.
    #[error(transparent)]
    Quayside(#[from] QuaysideError),
    /// The journal cannot be opened.
    #[error("the journal cannot be used")]
    Journal(#[from] io::Error),
    /// The journal holds something that this version did not write.
    #[error("line {line} of the journal cannot be read")]
    Line {
        /// Counted from 1.
        line: usize,
    },
}
