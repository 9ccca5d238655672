//! A person makes a token for a program of theirs.
use std::time::Duration;

use quayside_canonical::{
    AccessTokenId, Field, Problems, Timestamp,
    identity::{Permission, TokenKind},
    states::Environment,
};
use quayside_entity::access_token;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use serde::Serialize;

use super::{AccessToken, NewToken, Owner, Secret, issue};
use crate::{
    Failure, Scope,
    idempotency::{Claim, ClaimError, IdempotencyKey, claim},
    scope::{Person, in_tenant},
    set_up::check_text,
    store::Tx,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const USUAL_LIFE_DAYS: u32 = 90;
const LONGEST_LIFE_DAYS: u32 = 365;
const MAX_NAME_CHARS: usize = 80;
/// Tokens of one place that work at the same time.
const MAX_TOKENS: u64 = 100;

/// What is asked for.
#[derive(Clone, Debug, Serialize)]
pub struct CreateApiToken {
    /// The caller's key for this request.
    #[serde(skip)]
    pub idempotency_key: IdempotencyKey,
    /// What its owner calls it.
    pub name: String,
    /// What it may do: no more than the caller may.
    pub scopes: Vec<Permission>,
    /// Real data or trial data.
    pub environment: Environment,
    /// Until when it works; 90 days when nothing is said, a year at most.
    pub expires_at: Option<Timestamp>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct CreatedApiToken {
    /// The token.
    pub token: AccessToken,
    /// Its secret, the first time only.
    pub secret: Option<Secret>,
    /// Whether the request was carried out before.
    pub replayed: bool,
}

/// No token was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateApiTokenError {
    /// The caller is no person's session or program, or may not make tokens.
    #[error("only a person who may manage tokens can make one")]
    Forbidden,
    /// The request is wrong; these are all its problems.
    #[error("{0}")]
    Refused(#[from] Problems),
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Key(#[from] ClaimError),
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

/// Makes a token that acts for the caller in the caller's place.
///
/// # Errors
/// See [`CreateApiTokenError`].
#[tracing::instrument(skip_all)]
pub async fn create_api_token(
    scope: &Scope,
    cmd: CreateApiToken,
) -> Result<CreatedApiToken, CreateApiTokenError> {
    let person = scope.person.filter(|_| scope.may(Permission::TokensManage));
    let person = person.ok_or(CreateApiTokenError::Forbidden)?;
    let tx = scope.write().await?;
    let id = AccessTokenId::generate();
    match claim(&tx, scope, "createApiToken", &cmd.idempotency_key, &cmd, &id).await? {
        Claim::Repeat(earlier) => return Ok(repeat(scope, &tx, earlier).await?),
        Claim::First => {}
    }
    let mut problems = check(scope, &cmd);
    if live_tokens(scope, &tx, person).await? >= MAX_TOKENS {
        let message = format!("at most {MAX_TOKENS} tokens can be in use; revoke one first");
        problems.add("TOO_MANY_TOKENS", &Field::root(), message);
    }
    problems.into_result()?;
    let expires_at = cmd.expires_at.unwrap_or_else(|| scope.now.plus(DAY * USUAL_LIFE_DAYS));
    let new = NewToken {
        id,
        owner: Owner::Membership(person.membership, scope.supplier),
        environment: cmd.environment,
        name: cmd.name,
        scopes: cmd.scopes,
        expires_at: Some(expires_at),
    };
    let (token, secret) = issue(&tx, scope, new).await?;
    tx.commit().await?;
    Ok(CreatedApiToken { token, secret: Some(secret), replayed: false })
}

fn check(scope: &Scope, cmd: &CreateApiToken) -> Problems {
    let mut problems = Problems::new();
    check_text(&mut problems, "name", &cmd.name, MAX_NAME_CHARS);
    let scopes = Field::root().at("scopes");
    if cmd.scopes.is_empty() {
        problems.add("REQUIRED", &scopes, "name at least one thing the token may do");
    }
    for (index, permission) in cmd.scopes.iter().enumerate() {
        if !scope.may(*permission) {
            problems.add(
                "NOT_GRANTED",
                &scopes.at(index),
                format!("you may not do this yourself: {permission}"),
            );
        }
        if cmd.scopes[..index].contains(permission) {
            problems.add("DUPLICATE", &scopes.at(index), format!("named twice: {permission}"));
        }
    }
    let expires_at = Field::root().at("expiresAt");
    if cmd.expires_at.is_some_and(|at| at <= scope.now) {
        problems.add("IN_THE_PAST", &expires_at, "the token would have expired already");
    }
    if cmd.expires_at.is_some_and(|at| at > scope.now.plus(DAY * LONGEST_LIFE_DAYS)) {
        problems.add("TOO_FAR_AHEAD", &expires_at, "a token lasts a year at most");
    }
    problems
}

async fn live_tokens(scope: &Scope, tx: &Tx, person: Person) -> Result<u64, CreateApiTokenError> {
    let live = in_tenant::<access_token::Entity>(scope)
        .filter(access_token::Column::MembershipId.eq(person.membership))
        .filter(access_token::Column::RevokedAt.is_null())
        .filter(access_token::Column::ExpiresAt.gt(scope.now));
    Ok(live.count(&**tx).await.map_err(Failure::from)?)
}

/// The token of an earlier request. Its secret was shown then, and is not known any more.
async fn repeat(scope: &Scope, tx: &Tx, id: AccessTokenId) -> Result<CreatedApiToken, Failure> {
    let row = in_tenant::<access_token::Entity>(scope)
        .filter(access_token::Column::Id.eq(id))
        .filter(access_token::Column::Kind.eq(TokenKind::Api))
        .one(&**tx)
        .await?
        .ok_or_else(|| Failure::Corrupt("an idempotency key without its token".to_owned()))?;
    Ok(CreatedApiToken { token: row.try_into()?, secret: None, replayed: true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{
        Via,
        testing::{Desk, token_command},
    };

    #[tokio::test]
    async fn a_token_acts_for_its_owner_within_its_scopes_until_it_expires() {
        let desk = Desk::open().await;
        let (_, principal) = desk.session().await;
        let scope = desk.scope(&principal);
        let created = create_api_token(&scope, token_command("k")).await.unwrap();
        let secret = created.secret.unwrap();
        assert!(secret.expose().starts_with("qys_live_") && !created.replayed);
        assert_eq!(created.token.expires_at, Some(scope.now.plus(DAY * 90)));
        assert_eq!(desk.events_of(&created.token.id).await, ["api_token.created"]);

        let program = desk.authenticate_token(&secret).await.unwrap();
        assert_eq!(program.via, Via::Token(created.token.id, TokenKind::Api));
        assert_eq!(program.standing.person, principal.standing.person);
        assert_eq!(*program.standing.permissions, [Permission::OrdersRead, Permission::TokensManage]);
        desk.advance(DAY * 90);
        assert!(desk.authenticate_token(&secret).await.is_err(), "expired to the microsecond");
    }

    #[tokio::test]
    async fn the_same_key_gives_the_same_token_without_its_secret() {
        let desk = Desk::open().await;
        let (_, principal) = desk.session().await;
        let first = create_api_token(&desk.scope(&principal), token_command("k")).await.unwrap();
        desk.advance(DAY);
        let (_, principal) = desk.session().await;
        let scope = desk.scope(&principal);
        let again = create_api_token(&scope, token_command("k")).await.unwrap();
        assert_eq!((again.token, again.replayed), (first.token, true));
        assert!(again.secret.is_none());
        let other = CreateApiToken { name: "another".to_owned(), ..token_command("k") };
        let refused = create_api_token(&scope, other).await.unwrap_err();
        assert!(matches!(refused, CreateApiTokenError::Key(ClaimError::KeyReused)), "{refused:?}");
    }

    #[tokio::test]
    async fn every_problem_is_told_at_once_and_the_key_stays_free() {
        let desk = Desk::open().await;
        let (_, principal) = desk.session().await;
        let scope = desk.scope(&principal);
        let wrong = CreateApiToken {
            name: String::new(),
            scopes: vec![Permission::OrdersAnswer, Permission::OrdersRead, Permission::OrdersRead],
            expires_at: Some(scope.now),
            ..token_command("k")
        };
        let refused = create_api_token(&scope, wrong).await.unwrap_err();
        let CreateApiTokenError::Refused(problems) = refused else { panic!("{refused:?}") };
        let codes: Vec<_> = problems.as_slice().iter().map(|problem| problem.code.as_str()).collect();
        assert_eq!(codes, ["INVALID_LENGTH", "NOT_GRANTED", "DUPLICATE", "IN_THE_PAST"]);
        let late = Some(scope.now.plus(DAY * 366));
        let refused =
            create_api_token(&scope, CreateApiToken { expires_at: late, ..token_command("k") }).await;
        assert!(refused.unwrap_err().to_string().starts_with("TOO_FAR_AHEAD"));
        create_api_token(&scope, token_command("k")).await.unwrap();
    }

    #[tokio::test]
    async fn a_program_cannot_give_more_than_it_has() {
        let desk = Desk::open().await;
        let (_, principal) = desk.session().await;
        let token = desk.token(&principal).await;
        let program = desk.authenticate_token(&token).await.unwrap();
        let scope = desk.scope(&program);
        let more = CreateApiToken { scopes: vec![Permission::ProposalsDecide], ..token_command("k2") };
        let refused = create_api_token(&scope, more).await.unwrap_err();
        assert!(refused.to_string().starts_with("NOT_GRANTED"), "{refused}");
        let child = CreateApiToken { scopes: vec![Permission::OrdersRead], ..token_command("k2") };
        let child = create_api_token(&scope, child).await.unwrap();
        let child = desk.authenticate_token(&child.secret.unwrap()).await.unwrap();
        let refused = create_api_token(&desk.scope(&child), token_command("k3")).await;
        assert!(matches!(refused, Err(CreateApiTokenError::Forbidden)), "it may not manage tokens");
    }
}
