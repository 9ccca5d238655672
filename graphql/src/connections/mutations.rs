//! `createConnection` and `updateConnection`.
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use quayside_canonical::{ConnectionId, SupplierId, states::Environment};
use quayside_domain::{
    connections::{
        ConnectionChange, ConnectionError as Refusal, NewConnection, Receives, Saved, Secrets, Settings,
        create_connection, update_connection,
    },
    identity::Secret,
};

use super::{SystemConnection, keeper, refused};
use crate::{
    context::{buyer_scope, idempotency_key, internal, mark_replayed},
    types::{
        Code, Json, Row,
        user_error::{ConnectionError, ConnectionErrorCode},
    },
};

/// A secret member of a configuration. It is sealed and never shown again.
#[derive(InputObject)]
pub struct ConnectionSecretInput {
    /// Its name, one of the kind's `secrets`.
    name: String,
    /// The secret.
    value: String,
}

/// Which events go to a connection. What is left out does not restrict.
#[derive(InputObject)]
pub struct ConnectionReceivesInput {
    /// Types of events; what an ERP wants when left out.
    event_types: Option<Vec<String>>,
    /// Warehouses, by their codes. What is not for a certain warehouse comes all the same.
    locations: Option<Vec<String>>,
    /// Suppliers. What concerns no supplier comes all the same.
    supplier_ids: Option<Vec<ID>>,
}

/// Connect a system.
#[derive(InputObject)]
pub struct CreateConnectionInput {
    /// Its kind: see `connectionKinds`.
    kind: String,
    /// What you call it.
    name: String,
    /// Real data or trial data.
    environment: Code<Environment>,
    /// How it is reached, without secrets: an object, described on the page of its kind.
    config: Json,
    /// The secret members of its configuration.
    #[graphql(default)]
    secrets: Vec<ConnectionSecretInput>,
    /// What it gets.
    receives: Option<ConnectionReceivesInput>,
    /// The system of cross-references that holds its codes; `ERP` when left out.
    code_system: Option<String>,
    /// Changes the outgoing JSON, in jq.
    filter: Option<String>,
    /// The most calls in a minute.
    rate_per_minute: Option<i32>,
    /// The most calls at a time.
    concurrency: Option<i32>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// Change a connection. What is left out stays.
#[derive(InputObject)]
pub struct UpdateConnectionInput {
    /// The connection.
    id: ID,
    /// The revision you have seen.
    revision: i32,
    /// What you call it.
    name: Option<String>,
    /// Real data or trial data.
    environment: Option<Code<Environment>>,
    /// Replaces the whole configuration.
    config: Option<Json>,
    /// Secrets to replace; the others stay.
    #[graphql(default)]
    secrets: Vec<ConnectionSecretInput>,
    /// Secrets to take away, by name.
    #[graphql(default)]
    remove_secrets: Vec<String>,
    /// Replaces all that it gets.
    receives: Option<ConnectionReceivesInput>,
    /// The system of cross-references that holds its codes.
    code_system: Option<String>,
    /// Changes the outgoing JSON, in jq; null takes it away.
    filter: MaybeUndefined<String>,
    /// The most calls in a minute; null for no limit.
    rate_per_minute: MaybeUndefined<i32>,
    /// The most calls at a time; null for no limit.
    concurrency: MaybeUndefined<i32>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// What became of it.
#[derive(Default, SimpleObject)]
pub struct ConnectionPayload {
    /// The connection as it is now.
    pub(super) connection: Option<Row<SystemConnection>>,
    /// Every problem at once.
    pub(super) user_errors: Vec<ConnectionError>,
}

/// Mutations that change what a connection is.
#[derive(Default)]
pub struct ConnectionMutation;

#[Object]
impl ConnectionMutation {
    /// Connect a system.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn create_connection(
        &self,
        ctx: &Context<'_>,
        input: CreateConnectionInput,
    ) -> Result<ConnectionPayload> {
        let (scope, keeper) = (buyer_scope(ctx)?, keeper(ctx)?);
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let (receives, config) = match (receives(input.receives), json(input.config)) {
            (Ok(receives), Ok(config)) => (receives.unwrap_or_default(), config),
            (Err(errors), _) | (_, Err(errors)) => return Ok(payload_of(errors)),
        };
        let new = NewConnection {
            kind: input.kind,
            settings: Settings {
                name: input.name,
                environment: input.environment.0,
                config,
                receives,
                code_system: input.code_system.unwrap_or_else(|| "ERP".to_owned()),
                filter: input.filter,
                rate_per_minute: input.rate_per_minute,
                concurrency: input.concurrency,
            },
            secrets: secrets(input.secrets),
        };
        payload(ctx, create_connection(&scope, keeper, new, key.as_ref()).await)
    }

    /// Change a connection. Deliveries that wait go out as it is from then on.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn update_connection(
        &self,
        ctx: &Context<'_>,
        input: UpdateConnectionInput,
    ) -> Result<ConnectionPayload> {
        let (scope, keeper) = (buyer_scope(ctx)?, keeper(ctx)?);
        let key = match input.validate_only {
            true => None,
            false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
        };
        let Ok(connection) = input.id.parse::<ConnectionId>() else {
            return Ok(payload_of(ConnectionError::one(ConnectionErrorCode::NotFound, "id", "not found")));
        };
        let (receives, config) = match (receives(input.receives), input.config.map(json).transpose()) {
            (Ok(receives), Ok(config)) => (receives, config),
            (Err(errors), _) | (_, Err(errors)) => return Ok(payload_of(errors)),
        };
        let change = ConnectionChange {
            connection,
            revision: input.revision.into(),
            name: input.name,
            environment: input.environment.map(|code| code.0),
            config,
            receives,
            code_system: input.code_system,
            filter: said(input.filter),
            rate_per_minute: said(input.rate_per_minute),
            concurrency: said(input.concurrency),
            secrets: secrets(input.secrets),
            without_secrets: input.remove_secrets,
        };
        payload(ctx, update_connection(&scope, keeper, change, key.as_ref()).await)
    }
}

fn said<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

fn secrets(given: Vec<ConnectionSecretInput>) -> Secrets {
    given.into_iter().map(|secret| (secret.name, Secret::new(secret.value))).collect()
}

fn json(value: Json) -> Result<serde_json::Value, Vec<ConnectionError>> {
    value.0.into_json().map_err(|_| {
        ConnectionError::one(ConnectionErrorCode::InvalidConfig, "config", "expected a JSON object")
    })
}

fn receives(input: Option<ConnectionReceivesInput>) -> Result<Option<Receives>, Vec<ConnectionError>> {
    let Some(input) = input else { return Ok(None) };
    let ids = input.supplier_ids.map(|ids| ids.iter().map(|id| id.parse::<SupplierId>()).collect());
    let suppliers = ids.transpose().map_err(|_: <SupplierId as std::str::FromStr>::Err| {
        ConnectionError::one(ConnectionErrorCode::NotFound, "supplierIds", "no such supplier")
    })?;
    Ok(Some(Receives { event_types: input.event_types, locations: input.locations, suppliers }))
}

fn payload_of(user_errors: Vec<ConnectionError>) -> ConnectionPayload {
    ConnectionPayload { connection: None, user_errors }
}

fn payload(ctx: &Context<'_>, saved: Result<Option<Saved>, Refusal>) -> Result<ConnectionPayload> {
    match saved {
        Ok(None) => Ok(ConnectionPayload::default()),
        Ok(Some(Saved { connection, replayed })) => {
            mark_replayed(ctx, replayed);
            let shown = SystemConnection::of(keeper(ctx)?, connection);
            let shown = shown.map_err(|failure| internal(&failure))?;
            Ok(ConnectionPayload { connection: Some(Row(shown)), user_errors: Vec::new() })
        }
        Err(error) => Ok(payload_of(refused(error)?)),
    }
}
