//! Trading partners in the schema: the buyer's to set up, and a supplier's own to look at.

pub mod agreement;
pub mod input;
pub mod look;
pub mod mutations;
pub mod steps;

use async_graphql::{Context, ID, Result};
use quayside_canonical::{
    TradingPartnerId,
    states::{Environment, PartnerMode},
};
use quayside_domain::partners::{PartnerError as Refusal, View, partner};

pub use agreement::{EdiAgreement, EdiIdentifier};
pub use look::PartnerQuery;
pub use mutations::PartnerMutation;
pub use steps::PartnerStepMutation;

use crate::{
    context::{claim_error, coded, internal, scope},
    identity::tokens::ApiToken,
    suppliers::Supplier,
    types::{Code, DateTime, plain::plain, user_error::TradingPartnerError},
};

plain! {
    /// A supplier as EDI knows it, and what is agreed with it.
    TradingPartner {
        /// Globally unique id.
        id as "id": ID,
        /// The supplier it is.
        supplier as "supplier": Supplier,
        /// What the buyer calls it.
        name as "name": String,
        /// How its traffic reaches us, where a rule for a document says nothing else.
        mode as "mode": Code<PartnerMode>,
        /// Real data or trial data: interchanges of TEST partners alone may be marked as tests, and all that is sent to
        /// them is.
        environment as "environment": Code<Environment>,
        /// The ISO 4217 currency of prices in messages that name none.
        currency as "currency": Option<String>,
        /// What it calls itself in envelopes.
        identifiers as "identifiers": Vec<EdiIdentifier>,
        /// What is agreed.
        agreement as "agreement": EdiAgreement,
        /// The kind of connection that its traffic goes through; none where it comes by HTTPS with the partner's token.
        transport as "transport": Option<String>,
        /// The connection, for the buyer.
        connection_id as "connectionId": Option<ID>,
        /// Its tokens that are not revoked, the newest first, for the buyer.
        tokens as "tokens": Option<Vec<ApiToken>>,
        /// Counts its changes: name it when you change it.
        revision as "revision": i32,
        /// Since when nothing is taken from it and nothing is sent to it.
        disabled_at as "disabledAt": Option<DateTime>,
        /// When it was set up.
        created_at as "createdAt": DateTime,
    }
}

impl From<View> for TradingPartner {
    fn from(view: View) -> Self {
        let View { row, settings, supplier, transport, tokens } = view;
        // What only the buyer is shown goes together.
        let connection = settings.connection_id.filter(|_| tokens.is_some());
        Self {
            id: ID(row.id.to_string()),
            supplier: supplier.into(),
            name: settings.name,
            mode: Code(settings.mode),
            environment: Code(settings.environment),
            currency: settings.currency,
            identifiers: settings.identifiers.into_iter().map(EdiIdentifier::from).collect(),
            agreement: settings.agreement.into(),
            transport,
            connection_id: connection.map(|id| ID(id.to_string())),
            tokens: tokens.map(|tokens| tokens.into_iter().map(ApiToken::from).collect()),
            revision: row.revision,
            disabled_at: row.disabled_at.map(DateTime),
            created_at: DateTime(row.created_at),
        }
    }
}

/// A trading partner by its id, when the caller may see it.
pub(crate) async fn by_id(ctx: &Context<'_>, id: TradingPartnerId) -> Result<Option<TradingPartner>> {
    let found = partner(scope(ctx)?, id).await.map_err(|failure| internal(&failure))?;
    Ok(found.map(TradingPartner::from))
}

/// What was refused as data; all else as an error.
fn refused(error: Refusal) -> Result<Vec<TradingPartnerError>> {
    match error {
        Refusal::Forbidden => Err(coded("FORBIDDEN", error.to_string())),
        Refusal::Refused(problems) => Ok(TradingPartnerError::all(problems)),
        Refusal::Key(error) => Err(claim_error(error)),
        Refusal::Internal(failure) => Err(internal(&failure)),
    }
}
