//! Partners that are sent something.
use quayside_canonical::{
    Actor, ConnectionId, Field, Problems, TenantId,
    partner::{Agreement, Identifier},
    states::{ConnectionStatus, EdiDocument, EdiWay, PartnerMode},
};
use quayside_entity::{connection, trading_partner};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Failure, SystemScope,
    partners::{agreement_of, identifiers_of},
};

/// A partner that something is sent to.
#[derive(Clone, Debug)]
pub struct Partner {
    /// Its row.
    pub row: trading_partner::Model,
    /// What was agreed with it.
    pub agreement: Agreement,
    /// What it calls itself.
    pub theirs: Vec<Identifier>,
    connection: Option<ConnectionStatus>,
}

/// Documents that we send.
const SENT: [EdiDocument; 5] = [
    EdiDocument::Order,
    EdiDocument::OrderChange,
    EdiDocument::ReceivingAdvice,
    EdiDocument::SyntaxReport,
    EdiDocument::ApplicationAdvice,
];

impl Partner {
    /// Whether we send it documents of this kind.
    #[must_use]
    pub fn gets(&self, document: EdiDocument) -> bool {
        self.agreement.mode_of(self.row.mode, document, EdiWay::Out) == PartnerMode::Exchange
    }

    /// Whether it is the partner that said so itself: nobody is sent back what they sent.
    #[must_use]
    pub fn is(&self, actor: &str) -> bool {
        Actor::Partner(self.row.id).to_string() == actor
    }

    /// Through what it is reached.
    ///
    /// # Errors
    /// Every reason why nothing can be sent to it.
    pub fn reached_by(&self) -> Result<ConnectionId, Problems> {
        let root = Field::root();
        let mut problems = Problems::new();
        let name = &self.row.name;
        if self.agreement.ours.is_empty() {
            let words = format!("it is not agreed by which identifier we are known to {name}");
            problems.add(NOT_SET_UP, &root.at("agreement").at("ours"), words);
        }
        if self.theirs.is_empty() {
            let words = format!("no identifier of {name} is on file");
            problems.add(NOT_SET_UP, &root.at("identifiers"), words);
        }
        let connection = self
            .row
            .connection_id
            .filter(|_| self.connection.is_some_and(|status| status != ConnectionStatus::Disabled));
        if connection.is_none() {
            let words = format!("{name} is reached through no connection that is in use");
            problems.add(NOT_SET_UP, &root.at("connection"), words);
        }
        match connection {
            Some(connection) if problems.is_empty() => Ok(connection),
            _ => Err(problems),
        }
    }

    /// How it is set up, as far as what can be made for it depends on that.
    pub(super) fn set_up(&self) -> String {
        let status = self.connection.map(|status| status.to_string()).unwrap_or_default();
        let connection = self.row.connection_id.map(|id| id.to_string()).unwrap_or_default();
        format!("{} {connection} {status}", self.row.revision)
    }
}

/// The code of what is wrong with a partner and not with a document.
pub(super) const NOT_SET_UP: &str = "PARTNER_NOT_SET_UP";

/// The tenant's partners that something is sent to.
///
/// # Errors
/// The database failed.
pub async fn partners_of(system: &SystemScope, tenant: TenantId) -> Result<Vec<Partner>, Failure> {
    let db = system.store().worker();
    let rows = system
        .find::<trading_partner::Entity>()
        .filter(trading_partner::Column::TenantId.eq(tenant))
        .filter(trading_partner::Column::DisabledAt.is_null())
        .order_by_asc(trading_partner::Column::Id)
        .all(db)
        .await?;
    let mut partners = Vec::new();
    for row in rows {
        let (agreement, theirs) = (agreement_of(&row)?, identifiers_of(&row)?);
        let partner = Partner { row, agreement, theirs, connection: None };
        if SENT.iter().any(|document| partner.gets(*document)) {
            partners.push(partner);
        }
    }
    if partners.is_empty() {
        return Ok(partners);
    }
    let states: Vec<(ConnectionId, ConnectionStatus)> = system
        .find::<connection::Entity>()
        .filter(connection::Column::TenantId.eq(tenant))
        .filter(connection::Column::Id.is_in(partners.iter().filter_map(|one| one.row.connection_id)))
        .select_only()
        .columns([connection::Column::Id, connection::Column::Status])
        .into_tuple()
        .all(db)
        .await?;
    for partner in &mut partners {
        let found = states.iter().find(|(id, _)| Some(*id) == partner.row.connection_id);
        partner.connection = found.map(|(_, status)| *status);
    }
    Ok(partners)
}
