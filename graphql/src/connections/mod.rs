//! Connections in the schema: the buyer's systems, what they get and how they are called. No supplier sees them, and
//! nobody a secret.

pub mod kinds;
pub mod look;
pub mod mutations;
pub mod steps;

use async_graphql::{Context, ID, Result};
use quayside_canonical::{
    ConnectionId,
    states::{ConnectionStatus, Environment},
};
use quayside_domain::{
    Failure,
    connections::{ConnectionError as Refusal, Keeper, connection, open_secrets, settings_of},
};
use quayside_entity::connection::Model;

pub use look::ConnectionQuery;
pub use mutations::ConnectionMutation;
pub use steps::ConnectionStepMutation;

use crate::{
    context::{claim_error, coded, internal, scope},
    types::{Code, DateTime, Json, plain::plain, user_error::ConnectionError},
};

plain! {
    /// One of the buyer's systems: an ERP, a WMS, or another that takes events or hands in documents.
    SystemConnection {
        /// Globally unique id.
        id as "id": ID,
        /// What kind of system.
        kind as "kind": String,
        /// What the buyer calls it.
        name as "name": String,
        /// Real data or trial data.
        environment as "environment": Code<Environment>,
        /// Whether it is called.
        status as "status": Code<ConnectionStatus>,
        /// Why it is not called.
        paused_reason as "pausedReason": Option<String>,
        /// How it is reached, without secrets.
        config as "config": Json,
        /// The secrets it has, by name. Nothing when they cannot be opened.
        secrets_set as "secretsSet": Option<Vec<String>>,
        /// The types of events it gets; nothing for what an ERP wants.
        event_types as "eventTypes": Option<Vec<String>>,
        /// The warehouses it gets events for, by their codes; nothing for all.
        locations as "locations": Option<Vec<String>>,
        /// The suppliers it gets events about; nothing for all.
        supplier_ids as "supplierIds": Option<Vec<ID>>,
        /// The system of cross-references that holds its codes.
        code_system as "codeSystem": String,
        /// What changes its outgoing JSON, in jq.
        filter as "filter": Option<String>,
        /// The most calls in a minute.
        rate_per_minute as "ratePerMinute": Option<i32>,
        /// The most calls at a time.
        concurrency as "concurrency": Option<i32>,
        /// Counts its changes: name it when you change it.
        revision as "revision": i32,
        /// When it was set up.
        created_at as "createdAt": DateTime,
        /// When it was changed last.
        updated_at as "updatedAt": DateTime,
    }
}

impl SystemConnection {
    /// A row as it may be seen.
    pub(crate) fn of(keeper: &Keeper, row: Model) -> Result<Self, Failure> {
        let settings = settings_of(&row)?;
        let config = async_graphql::Value::from_json(settings.config);
        let secrets = open_secrets(&keeper.vault, &row).ok();
        Ok(Self {
            id: ID(row.id.to_string()),
            kind: row.kind,
            name: row.name,
            environment: Code(row.environment),
            status: Code(row.status),
            paused_reason: row.paused_reason,
            config: Json(config.map_err(|error| Failure::Corrupt(error.to_string()))?),
            secrets_set: secrets.map(|secrets| secrets.names().map(str::to_owned).collect()),
            event_types: settings.receives.event_types,
            locations: settings.receives.locations,
            supplier_ids: settings
                .receives
                .suppliers
                .map(|ids| ids.iter().map(|id| ID(id.to_string())).collect()),
            code_system: row.code_system,
            filter: row.filter,
            rate_per_minute: row.rate_per_minute,
            concurrency: row.concurrency,
            revision: i32::try_from(row.revision).unwrap_or(i32::MAX),
            created_at: DateTime(row.created_at),
            updated_at: DateTime(row.updated_at),
        })
    }
}

/// A connection by its id, when the caller may see it.
pub(crate) async fn by_id(ctx: &Context<'_>, id: ConnectionId) -> Result<Option<SystemConnection>> {
    let Some(scope) = scope(ctx)?.as_buyer() else { return Ok(None) };
    match connection(&scope, id).await {
        Ok(row) => {
            let shown =
                row.map(|row| SystemConnection::of(keeper(ctx)?, row).map_err(|failure| internal(&failure)));
            shown.transpose()
        }
        Err(Refusal::Internal(failure)) => Err(internal(&failure)),
        Err(_) => Ok(None),
    }
}

fn keeper<'a>(ctx: &Context<'a>) -> Result<&'a Keeper> {
    ctx.data::<Keeper>()
}

/// What was refused as data; all else as an error.
fn refused(error: Refusal) -> Result<Vec<ConnectionError>> {
    match error {
        Refusal::Forbidden => Err(coded("FORBIDDEN", error.to_string())),
        Refusal::Refused(problems) => Ok(ConnectionError::all(problems)),
        Refusal::Key(error) => Err(claim_error(error)),
        Refusal::Internal(failure) => Err(internal(&failure)),
    }
}
