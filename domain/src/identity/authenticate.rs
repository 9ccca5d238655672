//! Who sends this request: one statement for a session, one for a token.
//!
//! What makes a session or token live is written once, in [`LIVE_SESSION`] and [`LIVE_TOKEN`], and used both
//! here and for streams that are open already.
use std::sync::Arc;

use quayside_canonical::{
    AccessTokenId, Actor, ConnectionId, MembershipId, SessionId, SupplierId, TenantId, Timestamp,
    TradingPartnerId, UserId,
    identity::{Permission, Role, TokenKind},
};
use sea_orm::{DbErr, FromQueryResult, Statement, Value};

use super::{
    IdentitySettings,
    secret::{digest, is_session_secret, is_token},
};
use crate::{
    Failure, SystemScope,
    scope::{Person, Standing},
};

/// Sessions that work. `$1` is the time, `$2` the time before which an unused one has ended.
pub(super) const LIVE_SESSION: &str = "from session s
    join app_user u on u.id = s.user_id and u.disabled_at is null
    join membership m on m.id = s.membership_id and m.user_id = s.user_id and m.ended_at is null
    where s.ended_at is null and s.expires_at > $1 and s.seen_at > $2";

/// Tokens that work. `$1` is the time.
pub(super) const LIVE_TOKEN: &str = "from access_token t
    left join membership m on m.id = t.membership_id and m.tenant_id = t.tenant_id and m.ended_at is null
    left join app_user u on u.id = m.user_id and u.disabled_at is null
    left join trading_partner p on p.id = t.partner_id and p.tenant_id = t.tenant_id
    where t.revoked_at is null and (t.expires_at is null or t.expires_at > $1)
        and (t.kind <> 'API' or u.id is not null)";

/// What a request carries.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    /// The secret of a session.
    Session(&'a str),
    /// A bearer token.
    Bearer(&'a str),
}

/// By what somebody is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Via {
    /// A session.
    Session(SessionId),
    /// A token, and whose it is.
    Token(AccessTokenId, TokenKind),
}

/// Somebody we know.
#[derive(Clone, Debug)]
pub struct Principal {
    /// What their scope is made of. A token's permissions are those of its owner, narrowed by its scopes.
    pub standing: Standing,
    /// By what we know them.
    pub via: Via,
    /// When the session or token ends at the latest, if ever.
    pub valid_until: Option<Timestamp>,
    /// When its use was last noted.
    pub(super) noted_at: Option<Timestamp>,
}

/// Nobody we know.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// Not a session or token of ours, or one that has ended. Which of these is not told.
    #[error("the session or token is not valid")]
    Unauthenticated,
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<DbErr> for AuthenticateError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// Finds out who sends a request.
///
/// # Errors
/// Nobody we know, or the database failed.
pub async fn authenticate(
    system: &SystemScope,
    settings: &IdentitySettings,
    credential: Credential<'_>,
) -> Result<Principal, AuthenticateError> {
    let found = match credential {
        Credential::Session(secret) if is_session_secret(secret) => {
            by_session(system, settings, secret).await?
        }
        Credential::Bearer(token) if is_token(token) => by_token(system, token).await?,
        Credential::Session(_) | Credential::Bearer(_) => None,
    };
    found.ok_or(AuthenticateError::Unauthenticated)
}

#[derive(FromQueryResult)]
struct SessionRow {
    id: SessionId,
    user_id: UserId,
    seen_at: Timestamp,
    expires_at: Timestamp,
    membership_id: MembershipId,
    tenant_id: TenantId,
    supplier_id: Option<SupplierId>,
    role: Role,
}

async fn by_session(
    system: &SystemScope,
    settings: &IdentitySettings,
    secret: &str,
) -> Result<Option<Principal>, AuthenticateError> {
    let sql = format!(
        "select s.id, s.user_id, s.seen_at, s.expires_at, m.id as membership_id, m.tenant_id, m.supplier_id,
            m.role {LIVE_SESSION} and s.secret_hash = $3"
    );
    let now = system.now();
    let values = [now.into(), now.minus(settings.idle).into(), digest(secret).into()];
    let row = one::<SessionRow>(system, &sql, values).await?;
    Ok(row.map(|row| Principal {
        standing: Standing {
            tenant: row.tenant_id,
            supplier: row.supplier_id,
            actor: Actor::User(row.user_id),
            person: Some(Person { user: row.user_id, membership: row.membership_id }),
            permissions: Arc::from(row.role.permissions()),
        },
        via: Via::Session(row.id),
        valid_until: Some(row.expires_at),
        noted_at: Some(row.seen_at),
    }))
}

#[derive(FromQueryResult)]
struct TokenRow {
    id: AccessTokenId,
    tenant_id: TenantId,
    kind: TokenKind,
    connection_id: Option<ConnectionId>,
    partner_id: Option<TradingPartnerId>,
    scopes: String,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    membership_id: Option<MembershipId>,
    user_id: Option<UserId>,
    supplier_id: Option<SupplierId>,
    role: Option<Role>,
    partner_supplier: Option<SupplierId>,
    partner_disabled_at: Option<Timestamp>,
}

async fn by_token(system: &SystemScope, token: &str) -> Result<Option<Principal>, AuthenticateError> {
    let sql = format!(
        "select t.id, t.tenant_id, t.kind, t.connection_id, t.partner_id, t.scopes, t.expires_at, t.last_used_at,
            m.id as membership_id, m.user_id, m.supplier_id, m.role, p.supplier_id as partner_supplier,
            p.disabled_at as partner_disabled_at
            {LIVE_TOKEN} and t.secret_hash = $2"
    );
    let row = one::<TokenRow>(system, &sql, [system.now().into(), digest(token).into()]).await?;
    let Some(row) = row else { return Ok(None) };
    let Some(standing) = row.standing()? else { return Ok(None) };
    Ok(Some(Principal {
        standing,
        via: Via::Token(row.id, row.kind),
        valid_until: row.expires_at,
        noted_at: row.last_used_at,
    }))
}

impl TokenRow {
    /// Whom the token stands for; nobody when its owner is gone.
    fn standing(&self) -> Result<Option<Standing>, Failure> {
        let scopes: Vec<Permission> = serde_json::from_str(&self.scopes)?;
        let (actor, supplier, person) = match self.kind {
            TokenKind::Api => {
                let (Some(user), Some(membership)) = (self.user_id, self.membership_id) else {
                    return Ok(None);
                };
                (Actor::Token(self.id), self.supplier_id, Some(Person { user, membership }))
            }
            TokenKind::Connection => {
                let Some(connection) = self.connection_id else { return Ok(None) };
                (Actor::Connection(connection), None, None)
            }
            TokenKind::Partner => {
                let (Some(partner), Some(supplier)) = (self.partner_id, self.partner_supplier) else {
                    return Ok(None);
                };
                (Actor::Partner(partner), Some(supplier), None)
            }
        };
        let permissions = match self.role {
            // What it sends is filed and refused, so that it learns why; it may do nothing else.
            _ if self.partner_disabled_at.is_some() => Arc::from([]),
            Some(role) => role.permissions().iter().copied().filter(|one| scopes.contains(one)).collect(),
            None => Arc::from(scopes),
        };
        Ok(Some(Standing { tenant: self.tenant_id, supplier, actor, person, permissions }))
    }
}

async fn one<R: FromQueryResult>(
    system: &SystemScope,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<R>, DbErr> {
    let statement = Statement::from_sql_and_values(system.store().backend(), sql, values);
    R::find_by_statement(statement).one(system.store().worker()).await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use quayside_canonical::states::Environment;
    use quayside_entity::{app_user, membership};
    use sea_orm::{ActiveModelTrait, Set};

    use super::*;
    use crate::identity::{
        CreateApiToken, Secret, create_api_token,
        secret::{new_session_secret, new_token},
        testing::{Desk, token_command},
        touch,
    };

    const MINUTE: Duration = Duration::from_secs(60);

    fn is_nobody(result: &Result<Principal, AuthenticateError>) -> bool {
        matches!(result, Err(AuthenticateError::Unauthenticated))
    }

    #[tokio::test]
    async fn a_session_stands_for_its_person_in_one_place() {
        let desk = Desk::open().await;
        let (_, principal) = desk.session().await;
        let standing = principal.standing;
        assert_eq!((standing.tenant, standing.supplier), (desk.tenant, None));
        assert_eq!(standing.actor, Actor::User(desk.user));
        assert_eq!(standing.person, Some(Person { user: desk.user, membership: desk.buyer }));
        assert_eq!(*standing.permissions, *Role::BuyerAdmin.permissions());
    }

    #[tokio::test]
    async fn a_session_that_is_not_used_ends_after_half_an_hour() {
        let desk = Desk::open().await;
        let (secret, _) = desk.session().await;
        desk.advance(30 * MINUTE - Duration::from_micros(1));
        let principal = desk.authenticate_session(&secret).await.unwrap();
        touch(&desk.system, &principal).await.unwrap();
        desk.advance(30 * MINUTE - Duration::from_micros(1));
        assert!(desk.authenticate_session(&secret).await.is_ok(), "it was used meanwhile");
        desk.advance(Duration::from_micros(1));
        assert!(is_nobody(&desk.authenticate_session(&secret).await));
        touch(&desk.system, &principal).await.unwrap();
    }

    #[tokio::test]
    async fn a_session_in_constant_use_ends_after_twelve_hours() {
        let desk = Desk::open().await;
        let (secret, principal) = desk.session().await;
        for _ in 0..47 {
            desk.advance(15 * MINUTE);
            let principal = desk.authenticate_session(&secret).await.unwrap();
            touch(&desk.system, &principal).await.unwrap();
        }
        desk.advance(15 * MINUTE);
        assert_eq!(principal.valid_until, Some(desk.system.now()));
        assert!(is_nobody(&desk.authenticate_session(&secret).await));
    }

    #[tokio::test]
    async fn a_disabled_account_is_nobody_even_where_a_session_was_left_open() {
        let desk = Desk::open().await;
        let (secret, _) = desk.session().await;
        let tx = desk.system.write().await.unwrap();
        let disabled_at = Set(Some(desk.system.now()));
        let account = app_user::ActiveModel { id: Set(desk.user), disabled_at, ..Default::default() };
        account.update(&*tx).await.unwrap();
        tx.commit().await.unwrap();
        assert!(is_nobody(&desk.authenticate_session(&secret).await));
    }

    #[tokio::test]
    async fn a_token_loses_what_its_owner_loses_and_never_gains() {
        let desk = Desk::open().await;
        let (_, principal) = desk.session().await;
        let scopes = vec![Permission::OrdersRead, Permission::ProposalsDecide];
        let cmd = CreateApiToken { scopes: scopes.clone(), ..token_command("k") };
        let token = create_api_token(&desk.scope(&principal), cmd).await.unwrap().secret.unwrap();
        for (role, expected) in [(Role::Auditor, &[Permission::OrdersRead][..]), (Role::BuyerAdmin, &scopes)]
        {
            let tx = desk.system.write().await.unwrap();
            let place =
                membership::ActiveModel { id: Set(desk.buyer), role: Set(role), ..Default::default() };
            place.update(&*tx).await.unwrap();
            tx.commit().await.unwrap();
            let program = desk.authenticate_token(&token).await.unwrap();
            assert_eq!(*program.standing.permissions, *expected, "{role}");
        }
    }

    #[tokio::test]
    async fn secrets_of_the_wrong_kind_or_of_nobody_are_nobody() {
        let desk = Desk::open().await;
        let (session, principal) = desk.session().await;
        let token = desk.token(&principal).await;
        assert!(is_nobody(&desk.authenticate_session(&token).await));
        assert!(is_nobody(&desk.authenticate_token(&session).await));
        let unknown = new_session_secret().unwrap();
        assert!(is_nobody(&desk.authenticate_session(&unknown).await));
        let unknown = new_token(TokenKind::Api, Environment::Live);
        assert!(is_nobody(&desk.authenticate_token(&unknown.unwrap()).await));
    }

    #[tokio::test]
    async fn a_mistyped_secret_costs_no_look_into_the_database() {
        let desk = Desk::open().await;
        let (session, principal) = desk.session().await;
        let token = desk.token(&principal).await;
        desk.system.store().worker().close_by_ref().await.unwrap();
        let mistyped =
            |secret: &Secret| Secret::new(format!("{}~", &secret.expose()[..secret.expose().len() - 1]));
        assert!(is_nobody(&desk.authenticate_token(&mistyped(&token)).await));
        assert!(is_nobody(&desk.authenticate_session(&mistyped(&session)).await));
        let asked = desk.authenticate_token(&token).await;
        assert!(matches!(asked, Err(AuthenticateError::Internal(_))), "an outage is not a refusal");
    }
}
