//! Sets up a connection. Its secret is sealed before it is stored.
use quayside_canonical::{
    ConnectionId, Field, Problems, TenantId,
    events::ConnectionCreated,
    states::{ConnectionStatus, Environment},
};
use quayside_entity::connection;
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, Set};
use serde_json::Value;

use crate::{
    Failure, SystemScope,
    identity::Secret,
    outbox::{self, About, Fact},
    set_up::{SetUpError, check_slug, check_tenant, check_text, json, operator, or_taken},
    vault::{Place, Vault, VaultError},
};

const MAX_CONFIG_BYTES: usize = 64 * 1024;
const MAX_SECRET_BYTES: usize = 16 * 1024;

/// Which system.
#[derive(Clone, Debug)]
pub struct CreateConnection {
    /// The tenant.
    pub tenant: TenantId,
    /// What kind of system, such as `webhook`.
    pub kind: String,
    /// What the tenant calls it.
    pub name: String,
    /// Real data or trial data.
    pub environment: Environment,
    /// How to reach it: an object only its connector understands, with no secret inside.
    pub config: Value,
    /// What it wants to see before it listens; empty when it wants nothing.
    pub secret: Secret,
}

/// Creates a connection.
///
/// # Errors
/// The name is in use, or kind, settings or secret are unfit: all problems at once.
pub async fn create(
    system: &SystemScope,
    vault: &Vault,
    cmd: CreateConnection,
) -> Result<connection::Model, SetUpError> {
    let config = json(&cmd.config)?;
    check(system, &cmd, &config).await?;
    let id = ConnectionId::generate();
    let sealed = vault.seal(&cmd.secret, place(cmd.tenant, id)).map_err(Failure::from)?;
    let tx = system.write().await?;
    let row = connection::ActiveModel {
        id: Set(id),
        tenant_id: Set(cmd.tenant),
        kind: Set(cmd.kind),
        name: Set(cmd.name),
        environment: Set(cmd.environment),
        config: Set(config),
        sealed_secret: Set(sealed),
        status: Set(ConnectionStatus::Active),
        paused_reason: Set(None),
        created_at: Set(system.now()),
    };
    let row = row.insert(&*tx).await.map_err(|error| or_taken(error, "name"))?;
    let event = ConnectionCreated {
        connection: id,
        kind: row.kind.clone(),
        name: row.name.clone(),
        environment: row.environment,
    };
    let fact = Fact::new(About::tenant(&id), &event)?;
    outbox::append(&tx, &operator(system, cmd.tenant), vec![fact]).await?;
    tx.commit().await?;
    Ok(row)
}

/// Opens the secret of a connection, to call the system.
///
/// # Errors
/// It was sealed with a key that is not here, or for another place.
pub fn open_secret(vault: &Vault, connection: &connection::Model) -> Result<Secret, VaultError> {
    vault.open(&connection.sealed_secret, place(connection.tenant_id, connection.id))
}

/// The tenant's connection with this name.
///
/// # Errors
/// The database failed.
pub async fn connection_by_name(
    system: &SystemScope,
    tenant: TenantId,
    name: &str,
) -> Result<Option<connection::Model>, Failure> {
    let tx = system.read().await?;
    let connection = system
        .find::<connection::Entity>()
        .filter(connection::Column::TenantId.eq(tenant))
        .filter(connection::Column::Name.eq(name));
    Ok(connection.one(&*tx).await?)
}

const fn place(tenant: TenantId, connection: ConnectionId) -> Place<'static> {
    Place { tenant, connection, field: "secret" }
}

async fn check(system: &SystemScope, cmd: &CreateConnection, config: &str) -> Result<(), SetUpError> {
    let mut problems = Problems::new();
    check_tenant(system, &mut problems, cmd.tenant).await?;
    check_slug(&mut problems, "kind", &cmd.kind);
    check_text(&mut problems, "name", &cmd.name, 80);
    if !cmd.config.is_object() || config.len() > MAX_CONFIG_BYTES {
        let message = format!("expected a JSON object of at most {MAX_CONFIG_BYTES} bytes");
        problems.add("INVALID_CONFIG", &Field::root().at("config"), message);
    }
    if cmd.secret.expose().len() > MAX_SECRET_BYTES {
        let message = format!("expected at most {MAX_SECRET_BYTES} bytes");
        problems.add("INVALID_LENGTH", &Field::root().at("secret"), message);
    }
    if connection_by_name(system, cmd.tenant, &cmd.name).await?.is_some() {
        problems.add("TAKEN", &Field::root().at("name"), "another connection has this name");
    }
    Ok(problems.into_result()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{testing, vault::MasterKey};

    #[tokio::test]
    async fn a_secret_is_stored_sealed_and_opens_for_its_own_connection_only() {
        let store = testing::store().await;
        let (tenant, _) = testing::tenant(&store).await;
        let system = SystemScope::new(store);
        let vault = Vault::new("k1", &MasterKey::parse(&"ab".repeat(32)).unwrap()).unwrap();
        let cmd = |name: &str, secret: &str| CreateConnection {
            tenant,
            kind: "webhook".to_owned(),
            name: name.to_owned(),
            environment: Environment::Test,
            config: json!({ "url": "https://erp.example.test" }),
            secret: Secret::new(secret),
        };
        let erp = create(&system, &vault, cmd("ERP", "canary-one")).await.unwrap();
        let wms = create(&system, &vault, cmd("WMS", "canary-two")).await.unwrap();
        assert_eq!(open_secret(&vault, &erp).unwrap().expose(), "canary-one");
        assert!(!format!("{erp:?}").contains("canary"));
        let stored = String::from_utf8_lossy(&erp.sealed_secret).into_owned();
        assert!(!stored.contains("canary"));
        let moved = connection::Model { sealed_secret: wms.sealed_secret, ..erp };
        assert_eq!(open_secret(&vault, &moved), Err(VaultError::DoesNotOpen));

        let wrong = CreateConnection { kind: "Web Hook".to_owned(), config: json!([]), ..cmd("ERP", "") };
        let SetUpError::Refused(problems) = create(&system, &vault, wrong).await.unwrap_err() else {
            panic!()
        };
        let codes: Vec<_> = problems.as_slice().iter().map(|problem| problem.code.as_str()).collect();
        assert_eq!(codes, ["INVALID_NAME", "INVALID_CONFIG", "TAKEN"]);
    }
}
