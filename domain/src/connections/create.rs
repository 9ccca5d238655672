//! Sets up a connection. Its secrets are sealed before they are stored.
use quayside_canonical::{
    ConnectionId, Field, Problems, SupplierId, TenantId,
    events::ConnectionCreated,
    states::{ConnectionStatus, Environment},
};
use quayside_entity::connection;
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, Set};
use serde_json::Value;

use super::{Receives, Secrets, seal};
use crate::{
    Failure, SystemScope,
    outbox::{self, About, Fact},
    set_up::{SetUpError, check_slug, check_tenant, check_text, json, operator, or_taken},
    vault::Vault,
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
    /// The secret members of its configuration.
    pub secrets: Secrets,
    /// What it gets, and how.
    pub profile: Profile,
}

/// What a connection gets, in whose codes, through which filter, and how fast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The supplier whose endpoint it is; none for the buyer's own systems.
    pub supplier: Option<SupplierId>,
    /// What it gets.
    pub receives: Receives,
    /// The system of cross-references that holds its codes.
    pub code_system: String,
    /// The tenant's change to outgoing JSON, in jq.
    pub filter: Option<String>,
    /// The most calls in a minute.
    pub rate_per_minute: Option<i32>,
    /// The most calls at a time.
    pub concurrency: Option<i32>,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            supplier: None,
            receives: Receives::default(),
            code_system: "ERP".to_owned(),
            filter: None,
            rate_per_minute: None,
            concurrency: None,
        }
    }
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
    let sealed = seal(vault, cmd.tenant, id, &cmd.secrets)?;
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
        supplier_id: Set(cmd.profile.supplier),
        receives: Set(json(&cmd.profile.receives)?),
        code_system: Set(cmd.profile.code_system),
        codes_revision: Set(0),
        filter: Set(cmd.profile.filter),
        rate_per_minute: Set(cmd.profile.rate_per_minute),
        concurrency: Set(cmd.profile.concurrency),
        revision: Set(1),
        updated_at: Set(system.now()),
        confirm_after_minutes: Set(None),
        confirm_percent: Set(100),
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

async fn check(system: &SystemScope, cmd: &CreateConnection, config: &str) -> Result<(), SetUpError> {
    let mut problems = Problems::new();
    check_tenant(system, &mut problems, cmd.tenant).await?;
    check_slug(&mut problems, "kind", &cmd.kind);
    check_text(&mut problems, "name", &cmd.name, 80);
    if !cmd.config.is_object() || config.len() > MAX_CONFIG_BYTES {
        let message = format!("expected a JSON object of at most {MAX_CONFIG_BYTES} bytes");
        problems.add("INVALID_CONFIG", &Field::root().at("config"), message);
    }
    for (name, secret) in cmd.secrets.iter() {
        if secret.expose().len() > MAX_SECRET_BYTES {
            let message = format!("expected at most {MAX_SECRET_BYTES} bytes");
            problems.add("INVALID_LENGTH", &Field::root().at("secrets").at(name), message);
        }
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
    use crate::{
        connections::open_secrets,
        identity::Secret,
        testing,
        vault::{MasterKey, VaultError},
    };

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
            secrets: Secrets::signing(Secret::new(secret)),
            profile: Profile::default(),
        };
        let erp = create(&system, &vault, cmd("ERP", "canary-one")).await.unwrap();
        let wms = create(&system, &vault, cmd("WMS", "canary-two")).await.unwrap();
        assert_eq!(open_secrets(&vault, &erp).unwrap(), Secrets::signing(Secret::new("canary-one")));
        assert!(!format!("{erp:?}").contains("canary"));
        let stored = String::from_utf8_lossy(&erp.sealed_secret).into_owned();
        assert!(!stored.contains("canary"));
        let moved = connection::Model { sealed_secret: wms.sealed_secret, ..erp };
        assert_eq!(open_secrets(&vault, &moved), Err(VaultError::DoesNotOpen));

        let wrong = CreateConnection { kind: "Web Hook".to_owned(), config: json!([]), ..cmd("ERP", "") };
        let SetUpError::Refused(problems) = create(&system, &vault, wrong).await.unwrap_err() else {
            panic!()
        };
        let codes: Vec<_> = problems.as_slice().iter().map(|problem| problem.code.as_str()).collect();
        assert_eq!(codes, ["INVALID_NAME", "INVALID_CONFIG", "TAKEN"]);
    }
}
