//! `testConnection`, `pauseConnection` and `resumeConnection`.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::ConnectionId;
use quayside_domain::{
    BuyerScope,
    connections::{connection, test_connection},
    deliveries::{InterventionError, pause_connection, resume_connection},
};
use quayside_entity::connection::Model;

use super::{SystemConnection, keeper, mutations::ConnectionPayload, refused};
use crate::{
    context::{buyer_scope, buyer_writing, coded, internal},
    types::{
        Row,
        plain::plain,
        user_error::{ConnectionError, ConnectionErrorCode},
    },
};

/// Try a connection.
#[derive(InputObject)]
pub struct TestConnectionInput {
    /// The connection.
    id: ID,
}

/// Stop calling a system. What is for it waits and is not lost.
#[derive(InputObject)]
pub struct PauseConnectionInput {
    /// The connection.
    id: ID,
    /// Why. It stays on record.
    reason: String,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// Call a system again.
#[derive(InputObject)]
pub struct ResumeConnectionInput {
    /// The connection.
    id: ID,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

plain! {
    /// What came of trying a connection.
    ConnectionTest {
        /// `OK`, or in one word what went wrong: `UNAUTHORIZED`, `RETRY`, `UNCONFIRMED`, `REFUSED`, `UNMAPPABLE`,
        /// `NOT_SENT`. There may be more.
        outcome as "outcome": String,
        /// What went wrong, for people.
        message as "message": Option<String>,
        /// The status of the answer.
        http_status as "httpStatus": Option<i32>,
        /// How long it took, in milliseconds.
        duration_ms as "durationMs": i32,
    }
}

/// What became of it.
#[derive(Default, SimpleObject)]
pub struct TestConnectionPayload {
    /// What the system said.
    test: Option<Row<ConnectionTest>>,
    /// Every problem at once.
    user_errors: Vec<ConnectionError>,
}

/// Mutations that try, stop and start connections.
#[derive(Default)]
pub struct ConnectionStepMutation;

#[Object]
impl ConnectionStepMutation {
    /// Call a system without changing anything there, to see whether address and credentials work.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn test_connection(
        &self,
        ctx: &Context<'_>,
        input: TestConnectionInput,
    ) -> Result<TestConnectionPayload> {
        let (scope, keeper) = (buyer_scope(ctx)?, keeper(ctx)?);
        let Ok(id) = input.id.parse::<ConnectionId>() else {
            let user_errors = not_found();
            return Ok(TestConnectionPayload { test: None, user_errors });
        };
        match test_connection(&scope, keeper, id).await {
            Ok(tested) => {
                let test = ConnectionTest {
                    outcome: tested.outcome,
                    message: tested.message,
                    http_status: tested.http_status.map(i32::from),
                    duration_ms: i32::try_from(tested.duration.as_millis()).unwrap_or(i32::MAX),
                };
                Ok(TestConnectionPayload { test: Some(Row(test)), user_errors: Vec::new() })
            }
            Err(error) => Ok(TestConnectionPayload { test: None, user_errors: refused(error)? }),
        }
    }

    /// Stop calling a system.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn pause_connection(
        &self,
        ctx: &Context<'_>,
        input: PauseConnectionInput,
    ) -> Result<ConnectionPayload> {
        let (scope, key) = buyer_writing(ctx, input.validate_only, input.idempotency_key.as_ref())?;
        match own(&scope, &input.id).await? {
            Some(id) => payload(ctx, pause_connection(&scope, id, &input.reason, &key).await),
            None => payload(ctx, Err(InterventionError::NotFound)),
        }
    }

    /// Call a system again.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn resume_connection(
        &self,
        ctx: &Context<'_>,
        input: ResumeConnectionInput,
    ) -> Result<ConnectionPayload> {
        let (scope, key) = buyer_writing(ctx, input.validate_only, input.idempotency_key.as_ref())?;
        match own(&scope, &input.id).await? {
            Some(id) => payload(ctx, resume_connection(&scope, id, &key).await),
            None => payload(ctx, Err(InterventionError::NotFound)),
        }
    }
}

/// The connection, when it is one of the buyer's own.
async fn own(scope: &BuyerScope, id: &ID) -> Result<Option<ConnectionId>> {
    let Ok(id) = id.parse::<ConnectionId>() else { return Ok(None) };
    match connection(scope, id).await {
        Ok(found) => Ok(found.map(|row| row.id)),
        Err(error) => match refused(error) {
            Err(error) => Err(error),
            Ok(_) => Ok(None),
        },
    }
}

fn not_found() -> Vec<ConnectionError> {
    ConnectionError::one(ConnectionErrorCode::NotFound, "id", "not found")
}

fn payload(ctx: &Context<'_>, done: Result<Model, InterventionError>) -> Result<ConnectionPayload> {
    let refused = |user_errors| Ok(ConnectionPayload { connection: None, user_errors });
    match done {
        Ok(row) => {
            let shown = SystemConnection::of(keeper(ctx)?, row).map_err(|failure| internal(&failure))?;
            Ok(ConnectionPayload { connection: Some(Row(shown)), user_errors: Vec::new() })
        }
        Err(InterventionError::NotFound) => refused(not_found()),
        Err(
            error @ (InterventionError::WrongStatus(_)
            | InterventionError::InvalidLimit
            | InterventionError::InvalidStatuses
            | InterventionError::InvalidPercent
            | InterventionError::InvalidMinutes),
        ) => refused(ConnectionError::one(ConnectionErrorCode::Invalid, "id", error.to_string())),
        Err(error @ InterventionError::InvalidReason) => {
            refused(ConnectionError::one(ConnectionErrorCode::Required, "reason", error.to_string()))
        }
        Err(error @ InterventionError::Forbidden) => Err(coded("FORBIDDEN", error.to_string())),
        Err(error @ InterventionError::KeyReused) => Err(coded("IDEMPOTENCY_KEY_REUSED", error.to_string())),
        Err(error @ InterventionError::InProgress) => {
            Err(coded("IDEMPOTENCY_IN_PROGRESS", error.to_string()))
        }
        Err(InterventionError::Internal(failure)) => Err(internal(&failure)),
    }
}
