//! `createApiToken`, `revokeApiToken`.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{AccessTokenId, identity::Permission, states::Environment};
use quayside_domain::identity::{
    self, AccessToken, CreateApiToken, CreateApiTokenError, RevocationWatch, RevokeApiToken,
    RevokeApiTokenError,
};

use crate::{
    context::{claim_error, coded, internal, mark_replayed, writing},
    types::{
        Code, DateTime, Row,
        plain::plain,
        user_error::{IdentityError, IdentityErrorCode},
    },
};

plain! {
    /// A token of a program of yours.
    ApiToken {
        /// Globally unique id.
        id as "id": ID,
        /// What you call it.
        name as "name": String,
        /// How it begins, to recognise it by.
        hint as "hint": String,
        /// Real data or trial data.
        environment as "environment": Code<Environment>,
        /// What it may do.
        scopes as "scopes": Vec<Code<Permission>>,
        /// When it was made.
        created_at as "createdAt": DateTime,
        /// Until when it works.
        expires_at as "expiresAt": Option<DateTime>,
        /// When it was last used, to the minute.
        last_used_at as "lastUsedAt": Option<DateTime>,
        /// When it was revoked.
        revoked_at as "revokedAt": Option<DateTime>,
    }
}

impl From<AccessToken> for ApiToken {
    fn from(token: AccessToken) -> Self {
        Self {
            id: ID(token.id.to_string()),
            name: token.name,
            hint: token.hint,
            environment: Code(token.environment),
            scopes: token.scopes.into_iter().map(Code).collect(),
            created_at: DateTime(token.created_at),
            expires_at: token.expires_at.map(DateTime),
            last_used_at: token.last_used_at.map(DateTime),
            revoked_at: token.revoked_at.map(DateTime),
        }
    }
}

/// A token to be made.
#[derive(InputObject)]
pub struct CreateApiTokenInput {
    /// What you call it.
    name: String,
    /// What it may do: no more than you may.
    scopes: Vec<Code<Permission>>,
    /// Real data or trial data.
    #[graphql(default_with = "Code(Environment::Live)")]
    environment: Code<Environment>,
    /// Until when it works; 90 days when not said, a year at most.
    expires_at: Option<DateTime>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// A token to be revoked.
#[derive(InputObject)]
pub struct RevokeApiTokenInput {
    /// The token.
    id: ID,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// What became of a token.
#[derive(Default, SimpleObject)]
pub struct ApiTokenPayload {
    /// The token.
    api_token: Option<Row<ApiToken>>,
    /// Its secret, shown this once: send it as `Authorization: Bearer …`.
    secret: Option<String>,
    /// Every problem at once.
    user_errors: Vec<IdentityError>,
}

/// Mutations about tokens.
#[derive(Default)]
pub struct TokenMutation;

#[Object]
impl TokenMutation {
    /// Make a token for a program of yours.
    async fn create_api_token(
        &self,
        ctx: &Context<'_>,
        input: CreateApiTokenInput,
    ) -> Result<ApiTokenPayload> {
        let (scope, idempotency_key) = writing(ctx, input.validate_only, input.idempotency_key.as_ref())?;
        let request = CreateApiToken {
            idempotency_key,
            name: input.name,
            scopes: input.scopes.into_iter().map(|scope| scope.0).collect(),
            environment: input.environment.0,
            expires_at: input.expires_at.map(|at| at.0),
        };
        match identity::create_api_token(&scope, request).await {
            Ok(_) if scope.is_trial() => Ok(ApiTokenPayload::default()),
            Ok(created) => {
                mark_replayed(ctx, created.replayed);
                Ok(ApiTokenPayload {
                    api_token: Some(Row(created.token.into())),
                    secret: created.secret.map(|secret| secret.expose().to_owned()),
                    user_errors: Vec::new(),
                })
            }
            Err(CreateApiTokenError::Refused(problems)) => Ok(ApiTokenPayload {
                user_errors: IdentityError::all(problems),
                ..ApiTokenPayload::default()
            }),
            Err(error @ CreateApiTokenError::Forbidden) => Err(coded("FORBIDDEN", error.to_string())),
            Err(CreateApiTokenError::Key(error)) => Err(claim_error(error)),
            Err(CreateApiTokenError::Internal(failure)) => Err(internal(&failure)),
        }
    }

    /// Revoke a token: it ends everywhere within seconds.
    async fn revoke_api_token(
        &self,
        ctx: &Context<'_>,
        input: RevokeApiTokenInput,
    ) -> Result<ApiTokenPayload> {
        let missing = || {
            let user_errors = IdentityError::one(IdentityErrorCode::NotFound, "id", "no such token");
            Ok(ApiTokenPayload { user_errors, ..ApiTokenPayload::default() })
        };
        let (scope, idempotency_key) = writing(ctx, input.validate_only, input.idempotency_key.as_ref())?;
        let Ok(token) = input.id.parse::<AccessTokenId>() else { return missing() };
        match identity::revoke_api_token(&scope, RevokeApiToken { idempotency_key, token }).await {
            Ok(revoked) => {
                mark_replayed(ctx, revoked.replayed);
                if let Some(watch) = ctx.data_opt::<RevocationWatch>()
                    && let Err(failure) = watch.check_once().await
                {
                    tracing::warn!(error = %failure, "streams of a revoked token end with the next look");
                }
                Ok(ApiTokenPayload {
                    api_token: Some(Row(revoked.token.into())),
                    ..ApiTokenPayload::default()
                })
            }
            Err(RevokeApiTokenError::NotFound) => missing(),
            Err(error @ RevokeApiTokenError::Forbidden) => Err(coded("FORBIDDEN", error.to_string())),
            Err(RevokeApiTokenError::Key(error)) => Err(claim_error(error)),
            Err(RevokeApiTokenError::Internal(failure)) => Err(internal(&failure)),
        }
    }
}
