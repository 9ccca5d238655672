//! Events about exceptions.
use serde::{Deserialize, Serialize};

use crate::{
    AttachmentId, EventId, ExceptionId, NoteId, SupplierId, Timestamp, UserId,
    exception::OwnerKind,
    states::{ExceptionKind, ExceptionStatus, Severity},
};

macro_rules! exception_event {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            /// The exception.
            pub exception: ExceptionId,
            /// What kind.
            pub kind: ExceptionKind,
            /// What it is about.
            pub subject: String,
            $($(#[$fdoc])* pub $field: $type,)*
        }
    };
}

exception_event! {
    /// Something went wrong and needs a person.
    ExceptionOpened {
        /// What is wrong, in words.
        summary: String,
        /// How bad.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        severity: Option<Severity>,
        /// Who has to see to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<OwnerKind>,
        /// By when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due_at: Option<Timestamp>,
    }
}
exception_event! {
    /// Somebody has seen it.
    ExceptionAcknowledged {
        /// Their words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
}
exception_event! {
    /// It has another owner.
    ExceptionAssigned {
        /// Who has to see to it now.
        owner: OwnerKind,
        /// The person. Left out where a supplier sees the event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<UserId>,
        /// Words about it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
}
exception_event! {
    /// Somebody works on it.
    ExceptionStarted {
        /// Their words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
}
exception_event! {
    /// The supplier says that its part is done: the buyer decides.
    ExceptionResolutionRequested {
        /// What was done.
        note: String,
    }
}
exception_event! {
    /// It was dealt with, or what caused it is gone.
    ExceptionResolved {
        /// How.
        resolution: String,
        /// The event that cured it, where it was not a person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proof: Option<EventId>,
    }
}
exception_event! {
    /// It turned out not to be dealt with.
    ExceptionReopened {
        /// Why.
        reason: String,
        /// By when it has to be seen to now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due_at: Option<Timestamp>,
    }
}
exception_event! {
    /// Its time ran out: it is worse now.
    ExceptionEscalated {
        /// Where it stood.
        status: ExceptionStatus,
        /// How bad it is now.
        severity: Severity,
        /// When it was due.
        due_at: Timestamp,
    }
}
exception_event! {
    /// Somebody said something about it.
    ExceptionCommented {
        /// The comment.
        comment: NoteId,
        /// The words.
        text: String,
    }
}
exception_event! {
    /// Somebody added a file to it.
    ExceptionFileAttached {
        /// The attachment.
        attachment: AttachmentId,
        /// The file's name.
        name: String,
        /// What the file is.
        media_type: String,
        /// The SHA-256 of its bytes, in hexadecimal digits.
        sha256: String,
        /// How many bytes.
        bytes: i64,
    }
}

/// Who has to see to exceptions, and by when, goes by another rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ExceptionRouteChanged {
    /// For this supplier only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier: Option<SupplierId>,
    /// For this kind only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ExceptionKind>,
    /// Who has to see to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<OwnerKind>,
    /// The person, when a person owns them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<UserId>,
    /// Within how many minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_minutes: Option<u32>,
    /// How bad they are, whatever the opening rule says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
}
