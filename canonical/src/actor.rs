//! Who did something, and by what way it came in.
use std::{fmt, str::FromStr};

use crate::{AccessTokenId, ConnectionId, InvalidId, TradingPartnerId, UserId, macros::words};

words! {
    /// The way a change came in. The rules are the same for all.
    Channel {
        /// The GraphQL API with a person's token.
        Api = "API",
        /// The web portal, or a script with a session.
        Portal = "PORTAL",
        /// Canonical JSON from an ERP or WMS.
        Ingest = "INGEST",
        /// An EDI message.
        Edi = "EDI",
        /// A command on the server's own command line.
        Cli = "CLI",
        /// The clock or a background worker.
        System = "SYSTEM",
    }

    /// Which side somebody stands on.
    Side {
        /// The distributor.
        Buyer = "BUYER",
        /// The supplier.
        Supplier = "SUPPLIER",
    }
}

/// Who acts: also the owner of idempotency keys and of the entry in the audit trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person.
    User(UserId),
    /// A program of a person, by its token.
    Token(AccessTokenId),
    /// An ERP, WMS or other system.
    Connection(ConnectionId),
    /// An EDI trading partner.
    Partner(TradingPartnerId),
    /// The operator, on the command line.
    Operator,
    /// The system itself.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::Token(id) => id.fmt(f),
            Self::Connection(id) => id.fmt(f),
            Self::Partner(id) => id.fmt(f),
            Self::Operator => f.write_str("operator"),
            Self::System => f.write_str("system"),
        }
    }
}

impl FromStr for Actor {
    type Err = InvalidId;
    fn from_str(shown: &str) -> Result<Self, InvalidId> {
        match shown.split('_').next().unwrap_or_default() {
            "operator" => Ok(Self::Operator),
            "system" => Ok(Self::System),
            AccessTokenId::PREFIX => shown.parse().map(Self::Token),
            ConnectionId::PREFIX => shown.parse().map(Self::Connection),
            TradingPartnerId::PREFIX => shown.parse().map(Self::Partner),
            _ => shown.parse().map(Self::User),
        }
    }
}
