//! A token with which a connection hands in documents.
use quayside_canonical::{AccessTokenId, ConnectionId, Field, Problems, TenantId, Timestamp};
use quayside_entity::connection;
use sea_orm::{ColumnTrait, QueryFilter};

use crate::{
    SystemScope,
    identity::{AccessToken, NewToken, Owner, Secret, issue},
    set_up::{SetUpError, check_expiry, check_text, not_found, operator},
};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct CreateConnectionToken {
    /// The tenant.
    pub tenant: TenantId,
    /// The connection, whose environment is the token's too.
    pub connection: ConnectionId,
    /// What the tenant calls the token.
    pub name: String,
    /// Until when it works; until it is revoked, when nothing is said.
    pub expires_at: Option<Timestamp>,
}

/// Makes a token that hands in documents, and may do nothing else. The secret is shown this once.
///
/// # Errors
/// The connection is not there, or the name or expiry is unfit: all problems at once.
pub async fn create_token(
    system: &SystemScope,
    cmd: CreateConnectionToken,
) -> Result<(AccessToken, Secret), SetUpError> {
    let tx = system.write().await?;
    let mut problems = Problems::new();
    check_text(&mut problems, "name", &cmd.name, 80);
    check_expiry(&mut problems, cmd.expires_at, system.now());
    let connection = system
        .find::<connection::Entity>()
        .filter(connection::Column::Id.eq(cmd.connection))
        .filter(connection::Column::TenantId.eq(cmd.tenant))
        .one(&*tx)
        .await?;
    let Some(connection) = connection else {
        not_found(&mut problems, &Field::root().at("connection"), "connection of this tenant");
        return Err(problems.into());
    };
    problems.into_result()?;
    let new = NewToken {
        id: AccessTokenId::generate(),
        owner: Owner::Connection(connection.id),
        environment: connection.environment,
        name: cmd.name,
        scopes: Vec::new(),
        expires_at: cmd.expires_at,
    };
    let issued = issue(&tx, &operator(system, cmd.tenant), new).await?;
    tx.commit().await?;
    Ok(issued)
}

#[cfg(test)]
mod tests {
    use quayside_canonical::{Actor, states::Environment};

    use super::*;
    use crate::{
        connections::{CreateConnection, Profile, Secrets, create},
        identity::{Credential, IdentitySettings, authenticate, touch},
        testing,
        vault::{MasterKey, Vault},
    };

    #[tokio::test]
    async fn a_connections_token_acts_for_the_connection_and_its_use_is_noted() {
        let store = testing::store().await;
        let ((tenant, _), (other, _)) = (testing::tenant(&store).await, testing::tenant(&store).await);
        let system = SystemScope::new(store);
        let vault = Vault::new("k1", &MasterKey::parse(&"ab".repeat(32)).unwrap()).unwrap();
        let connection = CreateConnection {
            tenant,
            kind: "erp".to_owned(),
            name: "ERP".to_owned(),
            environment: Environment::Test,
            config: serde_json::json!({}),
            secrets: Secrets::default(),
            profile: Profile::default(),
        };
        let connection = create(&system, &vault, connection).await.unwrap().id;
        let cmd = CreateConnectionToken { tenant, connection, name: "ingest".to_owned(), expires_at: None };
        let (shown, secret) = create_token(&system, cmd.clone()).await.unwrap();
        assert!(secret.expose().starts_with("qyc_test_") && shown.expires_at.is_none());
        let credential = Credential::Bearer(secret.expose());
        let known = authenticate(&system, &IdentitySettings::default(), credential).await.unwrap();
        assert_eq!((known.standing.actor, known.standing.supplier), (Actor::Connection(connection), None));
        assert!(known.standing.permissions.is_empty());

        assert!(known.wants_touch(system.now()));
        touch(&system, &known).await.unwrap();
        let known = authenticate(&system, &IdentitySettings::default(), credential).await.unwrap();
        assert!(!known.wants_touch(system.now()), "noted a moment ago");

        let foreign = create_token(&system, CreateConnectionToken { tenant: other, ..cmd }).await;
        assert!(foreign.unwrap_err().to_string().starts_with("NOT_FOUND at connection"));
    }
}
