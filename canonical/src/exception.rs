//! Exceptions as work: who owns one, what was done about it, and whom each kind concerns.
use crate::{
    macros::words,
    states::{ExceptionKind, Severity},
};

words! {
    /// Who has to see to an exception.
    OwnerKind {
        /// The buyer's procurement as a whole: nobody is named.
        Procurement = "PROCUREMENT",
        /// A person of the buyer's.
        Person = "PERSON",
        /// The supplier it concerns.
        Supplier = "SUPPLIER",
    }

    /// What was done about an exception.
    ExceptionAction {
        /// A rule opened it.
        Opened = "OPENED",
        /// Somebody saw it.
        Acknowledged = "ACKNOWLEDGED",
        /// It got another owner.
        Assigned = "ASSIGNED",
        /// Somebody began to work on it.
        Started = "STARTED",
        /// The supplier says that its part is done.
        ResolutionRequested = "RESOLUTION_REQUESTED",
        /// It was dealt with, or what caused it is gone.
        Resolved = "RESOLVED",
        /// It turned out not to be dealt with.
        Reopened = "REOPENED",
        /// Its time ran out.
        Escalated = "ESCALATED",
    }

    /// What a kind of exception is to the supplier it is about.
    Concern {
        /// The buyer's alone.
        Hidden = "HIDDEN",
        /// The supplier sees it.
        Seen = "SEEN",
        /// The supplier sees it, and can do something about it.
        Actionable = "ACTIONABLE",
    }
}

impl ExceptionKind {
    /// What this kind is to the supplier it is about. `docs/exceptions.md` shows the same as a table.
    #[must_use]
    pub const fn concern(self) -> Concern {
        match self {
            Self::AcknowledgmentOverdue
            | Self::ShortShip
            | Self::ShipmentLate
            | Self::ShipmentUnacknowledged
            | Self::Discrepancy
            | Self::ChangeBelowShipped
            | Self::ReceiptWithoutAsn => Concern::Actionable,
            Self::AnswerOverTolerance
            | Self::Substitution
            | Self::InvoiceMismatch
            | Self::EdiRejected
            | Self::EdiUnconfirmed => Concern::Seen,
            Self::DeliveryFailed
            | Self::DeliveryMissing
            | Self::ConnectionUnreachable
            | Self::ConnectionPaused
            | Self::FeedFailing
            | Self::RevisionConflict
            | Self::DocumentRefused
            | Self::UnknownCode
            | Self::EdiNotSent => Concern::Hidden,
        }
    }

    /// Whether the supplier it is about sees it at all.
    #[must_use]
    pub const fn concerns_supplier(self) -> bool {
        !matches!(self.concern(), Concern::Hidden)
    }
}

impl Severity {
    /// One step worse; the worst stays.
    #[must_use]
    pub const fn raised(self) -> Self {
        match self {
            Self::Warning => Self::Error,
            Self::Error | Self::Critical => Self::Critical,
        }
    }

    /// How long somebody has, where no rule says otherwise.
    #[must_use]
    pub const fn default_minutes(self) -> u32 {
        match self {
            Self::Warning => 72 * 60,
            Self::Error | Self::Critical => 24 * 60,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_about_exceptions_says_what_the_code_says() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/exceptions.md");
        let page = std::fs::read_to_string(page).unwrap();
        for kind in ExceptionKind::ALL {
            let row = page.lines().find(|line| line.starts_with(&format!("| `{kind}` |")));
            let row = row.unwrap_or_else(|| panic!("docs/exceptions.md has no row for {kind}"));
            let said = match kind.concern() {
                Concern::Hidden => "| no |",
                Concern::Seen => "| sees |",
                Concern::Actionable => "| acts |",
            };
            assert!(row.ends_with(said), "docs/exceptions.md: {row}");
        }
    }
}
