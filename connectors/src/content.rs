//! The bytes of a file that an event stands for, or that came from a partner.
use std::fmt;

use bytes::Bytes;

/// A file's bytes and what they are. Prints its size, never its bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    /// Its media type, such as `application/edi-x12`.
    pub media_type: String,
    /// The bytes.
    pub bytes: Bytes,
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({}, {} bytes)", self.media_type, self.bytes.len())
    }
}
