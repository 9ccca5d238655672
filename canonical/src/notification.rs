//! Mail: when somebody wants to be told.
use crate::{macros::words, states::Severity};

words! {
    /// When a person wants mail about something.
    MailWish {
        /// At once.
        Immediate = "IMMEDIATE",
        /// Once a day, with everything else.
        Digest = "DIGEST",
        /// Never.
        None = "NONE",
    }

    /// Where a mail stands.
    MailStatus {
        /// To be sent, now or at its next time.
        Waiting = "WAITING",
        /// The mail server has it, or it is a file.
        Sent = "SENT",
        /// Given up.
        Failed = "FAILED",
        /// Not sent: the person is not there any more.
        Cancelled = "CANCELLED",
    }
}

/// What a person wants to be told by mail in one of their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct MailWishes {
    /// About exceptions that are worth knowing.
    pub warning: MailWish,
    /// About exceptions that block work.
    pub error: MailWish,
    /// About exceptions that need somebody at once.
    pub critical: MailWish,
    /// About messages of the other side.
    pub messages: MailWish,
    /// About a supplier's orders: new ones, changes, and what the buyer decided.
    pub orders: MailWish,
}

impl Default for MailWishes {
    fn default() -> Self {
        let at_once = MailWish::Immediate;
        Self {
            warning: MailWish::Digest,
            error: at_once,
            critical: at_once,
            messages: at_once,
            orders: at_once,
        }
    }
}

impl MailWishes {
    /// The wish for an exception that bad.
    #[must_use]
    pub const fn of(&self, severity: Severity) -> MailWish {
        match severity {
            Severity::Warning => self.warning,
            Severity::Error => self.error,
            Severity::Critical => self.critical,
        }
    }
}
