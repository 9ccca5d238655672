//! Whose interchange it is: the sender of the envelope must be the partner whose channel brought it.
use quayside_canonical::{
    ConnectionId, Timestamp, TradingPartnerId,
    partner::{Agreement, Identifier},
    states::{EdiWay, PartnerMode},
};
use quayside_entity::{supplier, trading_partner};
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QueryOrder};

use super::{agreement_of, identifiers_of};
use crate::{Failure, Scope, scope::in_tenant, store::Tx};

/// By what an interchange came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// With the token of this partner.
    Token(TradingPartnerId),
    /// Through a connection, which may serve several partners.
    Connection(ConnectionId),
}

/// The partner of an interchange.
#[derive(Clone, Debug)]
pub struct Known {
    /// The partner.
    pub partner: trading_partner::Model,
    /// What is agreed with it.
    pub agreement: Agreement,
    /// Its supplier.
    pub supplier: supplier::Model,
    /// Which way it goes by its envelope: out, when it is a copy of what the tenant's own translator sent. Nothing,
    /// when the partner has no identifiers on file to tell it by.
    pub way: Option<EdiWay>,
}

/// Why an interchange is nobody's.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// No partner behind this door has the identifier.
    #[error("no trading partner on this channel is known as {0}")]
    UnknownSender(Identifier),
    /// The envelope names somebody else than the partner whose token it came with.
    #[error("{sender} is none of the identifiers of {partner}, whose channel this is")]
    NotTheirs {
        /// What the envelope names.
        sender: Identifier,
        /// What the tenant calls the partner.
        partner: String,
    },
    /// The receiver in the envelope is not the tenant, as agreed with the partner.
    #[error("{receiver} is none of our identifiers in the traffic with {partner}")]
    NotOurs {
        /// What the envelope names.
        receiver: Identifier,
        /// What the tenant calls the partner.
        partner: String,
    },
    /// It is from us to the partner, of which copies come in MIRROR mode alone.
    #[error("this is from us to {partner}, and nothing between us is mirrored")]
    FromUs {
        /// What the tenant calls the partner.
        partner: String,
    },
    /// Nothing is taken from the partner.
    #[error("the trading partner {partner} is disabled since {since}")]
    Disabled {
        /// What the tenant calls the partner.
        partner: String,
        /// Since when.
        since: Timestamp,
    },
    /// More than one partner goes by these identifiers.
    #[error("{sender} may be any of {}", partners.join(", "))]
    Ambiguous {
        /// What the envelope names.
        sender: Identifier,
        /// What the tenant calls the partners.
        partners: Vec<String>,
    },
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl SenderError {
    /// The code of the refusal, for programs. None when it is our failure.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::UnknownSender(_) => Some("UNKNOWN_SENDER"),
            Self::NotTheirs { .. } => Some("SENDER_NOT_THEIRS"),
            Self::NotOurs { .. } => Some("UNKNOWN_RECEIVER"),
            Self::FromUs { .. } => Some("SENT_BY_US"),
            Self::Disabled { .. } => Some("PARTNER_DISABLED"),
            Self::Ambiguous { .. } => Some("SENDER_AMBIGUOUS"),
            Self::Internal(_) => None,
        }
    }

    /// Which part of the envelope it is about: the receiver, or the sender.
    #[must_use]
    pub const fn is_about_receiver(&self) -> bool {
        matches!(self, Self::NotOurs { .. })
    }
}

impl From<DbErr> for SenderError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// The partner whose interchange it is, by the door it came through and what its envelope says.
///
/// A partner without identifiers is known by its token alone, and never through a connection; one without identifiers
/// of ours takes any receiver.
///
/// # Errors
/// See [`SenderError`].
pub async fn by_sender(
    scope: &Scope,
    door: Door,
    sender: &Identifier,
    receiver: &Identifier,
) -> Result<Known, SenderError> {
    let tx = scope.read().await?;
    let rows = in_tenant::<trading_partner::Entity>(scope);
    let rows = match door {
        Door::Token(id) => rows.filter(trading_partner::Column::Id.eq(id)),
        Door::Connection(id) => rows.filter(trading_partner::Column::ConnectionId.eq(id)),
    };
    let rows = rows.order_by_asc(trading_partner::Column::Name).all(&*tx).await?;
    let candidates = rows.into_iter().map(Candidate::read).collect::<Result<Vec<_>, _>>()?;
    let (sender, receiver) = (trimmed(sender), trimmed(receiver));
    let (found, way) = choose(door, candidates, &sender, &receiver)?;
    if let Some(since) = found.row.disabled_at {
        return Err(SenderError::Disabled { partner: found.row.name, since });
    }
    let supplier = supplier_of(&tx, scope, &found.row).await?;
    Ok(Known { partner: found.row, agreement: found.agreement, supplier, way })
}

/// A partner that it may be.
struct Candidate {
    row: trading_partner::Model,
    theirs: Vec<Identifier>,
    agreement: Agreement,
}

impl Candidate {
    fn read(row: trading_partner::Model) -> Result<Self, Failure> {
        Ok(Self { theirs: identifiers_of(&row)?, agreement: agreement_of(&row)?, row })
    }

    fn is_ours(&self, party: &Identifier) -> bool {
        self.agreement.ours.is_empty() || self.agreement.ours.contains(party)
    }

    /// Whether copies of what goes out to the partner come here.
    fn mirrors(&self) -> bool {
        let mut rules = self.agreement.documents.iter().filter(|rule| rule.way == EdiWay::Out);
        self.row.mode == PartnerMode::Mirror || rules.any(|rule| rule.mode == PartnerMode::Mirror)
    }
}

/// The one of `candidates` that it is, and which way it goes. Disabled ones count where nobody else does.
fn choose(
    door: Door,
    candidates: Vec<Candidate>,
    sender: &Identifier,
    receiver: &Identifier,
) -> Result<(Candidate, Option<EdiWay>), SenderError> {
    let mut fits = Vec::new();
    let mut refusal = None;
    for candidate in candidates {
        match way_of(door, &candidate, sender, receiver) {
            Ok(way) => fits.push((candidate, way)),
            Err(error) => refusal = Some(more_telling(refusal, error)),
        }
    }
    let live = fits.iter().filter(|(candidate, _)| candidate.row.disabled_at.is_none()).count();
    if live > 0 {
        fits.retain(|(candidate, _)| candidate.row.disabled_at.is_none());
    }
    if live > 1 {
        let partners = fits.into_iter().map(|(candidate, _)| candidate.row.name).collect();
        return Err(SenderError::Ambiguous { sender: sender.clone(), partners });
    }
    match fits.into_iter().next() {
        Some(found) => Ok(found),
        None => Err(refusal.unwrap_or_else(|| SenderError::UnknownSender(sender.clone()))),
    }
}

/// Which way the interchange goes between us and `candidate`.
fn way_of(
    door: Door,
    candidate: &Candidate,
    sender: &Identifier,
    receiver: &Identifier,
) -> Result<Option<EdiWay>, SenderError> {
    let partner = || candidate.row.name.clone();
    if candidate.theirs.is_empty() {
        return match door {
            Door::Token(_) => Ok(None),
            Door::Connection(_) => Err(SenderError::UnknownSender(sender.clone())),
        };
    }
    if candidate.theirs.contains(sender) {
        if candidate.is_ours(receiver) {
            return Ok(Some(EdiWay::In));
        }
        return Err(SenderError::NotOurs { receiver: receiver.clone(), partner: partner() });
    }
    if candidate.theirs.contains(receiver) && candidate.is_ours(sender) {
        return match candidate.mirrors() {
            true => Ok(Some(EdiWay::Out)),
            false => Err(SenderError::FromUs { partner: partner() }),
        };
    }
    match door {
        Door::Token(_) => Err(SenderError::NotTheirs { sender: sender.clone(), partner: partner() }),
        Door::Connection(_) => Err(SenderError::UnknownSender(sender.clone())),
    }
}

/// Of the refusals of several partners, the one that names a partner.
fn more_telling(earlier: Option<SenderError>, later: SenderError) -> SenderError {
    match earlier {
        Some(earlier) if !matches!(earlier, SenderError::UnknownSender(_)) => earlier,
        _ => later,
    }
}

/// X12 fills up with spaces what EDIFACT leaves out.
fn trimmed(identifier: &Identifier) -> Identifier {
    let word = |text: &str| text.trim().to_owned();
    Identifier { qualifier: word(&identifier.qualifier), id: word(&identifier.id) }
}

async fn supplier_of(
    tx: &Tx,
    scope: &Scope,
    partner: &trading_partner::Model,
) -> Result<supplier::Model, SenderError> {
    let supplier = in_tenant::<supplier::Entity>(scope).filter(supplier::Column::Id.eq(partner.supplier_id));
    let supplier = supplier.one(&**tx).await?;
    Ok(supplier.ok_or_else(|| Failure::Corrupt(format!("{} has no supplier", partner.id)))?)
}
