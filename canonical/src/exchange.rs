//! Interchanges we send: the control numbers they need, and what comes of writing them.
use crate::{Problems, states::EdiDocument};

/// How many control numbers an interchange needs besides its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NumbersNeeded {
    /// Of groups.
    pub groups: usize,
    /// Of messages.
    pub messages: usize,
}

/// The control numbers of an interchange.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ControlNumbers {
    /// Its own.
    pub interchange: i64,
    /// Those of its groups, in their order.
    pub groups: Vec<i64>,
    /// Those of its messages, in their order.
    pub messages: Vec<i64>,
}

/// An interchange as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenInterchange {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its control number as it stands in it.
    pub control_number: String,
    /// Its media type.
    pub media_type: &'static str,
    /// The name of the file it becomes, where it becomes one.
    pub file_name: String,
    /// What is in it, in its order.
    pub messages: Vec<WrittenMessage>,
}

/// A message in an interchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenMessage {
    /// What it is.
    pub document: EdiDocument,
    /// The same by its name in the standard: `850`, `ORDERS`, `TA1`.
    pub kind: String,
    /// GS01 of its group, where it stands in one.
    pub group_kind: Option<String>,
    /// The control number of its group, where it stands in one.
    pub group: Option<String>,
    /// Its own control number. A TA1 has none.
    pub control_number: Option<String>,
}

/// What is to be sent, waiting for its control numbers.
pub trait Letter: Send + Sync {
    /// How many it needs.
    fn needs(&self) -> NumbersNeeded;

    /// Writes it under these.
    ///
    /// # Errors
    /// Every reason why it cannot be written.
    fn write(&self, numbers: &ControlNumbers) -> Result<WrittenInterchange, Problems>;
}
