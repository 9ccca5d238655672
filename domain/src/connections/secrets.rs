//! The members of a connection's configuration that nobody may see: sealed together, as one JSON object.
use std::{collections::BTreeMap, fmt};

use quayside_canonical::{ConnectionId, TenantId};
use quayside_entity::connection;

use crate::{
    Failure,
    identity::Secret,
    vault::{Place, Vault, VaultError},
};

/// Before secrets had names, each connection had this one.
pub const SIGNING_SECRET: &str = "signing_secret";

/// Secret members of a configuration, by name. Prints its names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets(BTreeMap<String, Secret>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.keys().map(|name| (name, "***"))).finish()
    }
}

impl Secrets {
    /// Only a signing secret.
    #[must_use]
    pub fn signing(secret: Secret) -> Self {
        [(SIGNING_SECRET.to_owned(), secret)].into_iter().collect()
    }

    /// The names of those that are there, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Each with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.0.iter().map(|(name, secret)| (name.as_str(), secret))
    }

    /// Puts one in place of an earlier one of that name.
    pub fn set(&mut self, name: impl Into<String>, secret: Secret) {
        self.0.insert(name.into(), secret);
    }

    /// Takes one away.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A configuration with these in their places: what a connector is built from.
    #[must_use]
    pub fn within(&self, mut config: serde_json::Value) -> serde_json::Value {
        if let Some(config) = config.as_object_mut() {
            config.remove("eventTypes"); // of the time before `receives`; never the connector's
            for (name, secret) in &self.0 {
                config.insert(name.clone(), secret.expose().into());
            }
        }
        config
    }

    fn to_secret(&self) -> Result<Secret, Failure> {
        let members: BTreeMap<&str, &str> =
            self.0.iter().map(|(name, secret)| (name.as_str(), secret.expose())).collect();
        Ok(Secret::new(serde_json::to_string(&members)?))
    }

    /// What was sealed before secrets had names is the signing secret.
    fn of_secret(opened: &Secret) -> Self {
        let text = opened.expose();
        match serde_json::from_str::<BTreeMap<String, String>>(text) {
            Ok(members) => Self(members.into_iter().map(|(name, text)| (name, Secret::new(text))).collect()),
            Err(_) if text.is_empty() => Self::default(),
            Err(_) => Self::signing(opened.clone()),
        }
    }
}

impl FromIterator<(String, Secret)> for Secrets {
    fn from_iter<T: IntoIterator<Item = (String, Secret)>>(members: T) -> Self {
        Self(members.into_iter().collect())
    }
}

/// Seals `secrets` for a connection.
///
/// # Errors
/// The system gave no random numbers.
pub fn seal(
    vault: &Vault,
    tenant: TenantId,
    connection: ConnectionId,
    secrets: &Secrets,
) -> Result<Vec<u8>, Failure> {
    Ok(vault.seal(&secrets.to_secret()?, place(tenant, connection))?)
}

/// Opens the secrets of a connection, to call the system.
///
/// # Errors
/// They were sealed with a key that is not here, or for another place.
pub fn open(
    vault: &Vault,
    tenant: TenantId,
    connection: ConnectionId,
    sealed: &[u8],
) -> Result<Secrets, VaultError> {
    Ok(Secrets::of_secret(&vault.open(sealed, place(tenant, connection))?))
}

/// Opens the secrets of a connection's row.
///
/// # Errors
/// They were sealed with a key that is not here, or for another place.
pub fn open_secrets(vault: &Vault, connection: &connection::Model) -> Result<Secrets, VaultError> {
    open(vault, connection.tenant_id, connection.id, &connection.sealed_secret)
}

pub(super) const fn place(tenant: TenantId, connection: ConnectionId) -> Place<'static> {
    Place { tenant, connection, field: "secret" }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::vault::MasterKey;

    #[test]
    fn secrets_are_sealed_together_and_a_plain_one_of_before_is_the_signing_secret() {
        let vault = Vault::new("k1", &MasterKey::parse(&"ab".repeat(32)).unwrap()).unwrap();
        let (tenant, id) = (TenantId::generate(), ConnectionId::generate());
        let mut secrets = Secrets::signing(Secret::new("whsec_canary"));
        secrets.set("bearer_token", Secret::new("canary"));
        assert!(
            !format!("{secrets:?}").contains("canary") && format!("{secrets:?}").contains("bearer_token")
        );
        let sealed = seal(&vault, tenant, id, &secrets).unwrap();
        let opened = open(&vault, tenant, id, &sealed).unwrap();
        assert_eq!(opened, secrets);
        assert_eq!(
            opened.within(json!({ "endpoint": "x", "eventTypes": [] })),
            json!({ "endpoint": "x", "signing_secret": "whsec_canary", "bearer_token": "canary" })
        );
        assert_eq!(open(&vault, TenantId::generate(), id, &sealed), Err(VaultError::DoesNotOpen));

        let before = vault.seal(&Secret::new("whsec_old"), place(tenant, id)).unwrap();
        let opened = open(&vault, tenant, id, &before).unwrap();
        assert_eq!(opened, Secrets::signing(Secret::new("whsec_old")));
        let none = vault.seal(&Secret::new(""), place(tenant, id)).unwrap();
        assert!(open(&vault, tenant, id, &none).unwrap().is_empty());
    }
}
