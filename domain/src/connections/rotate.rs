//! Sealing again under the current key, and seeing at start whether the keys at hand open what is there.
use std::collections::BTreeMap;

use quayside_canonical::{ConnectionId, TenantId};
use quayside_entity::connection::{Column, Entity};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::secrets::place;
use crate::{
    Failure, SystemScope,
    vault::{Vault, VaultError},
};

/// How many are sealed again in one transaction.
const BATCH: u64 = 100;

/// What became of a rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// How many secrets were sealed again.
    pub sealed: u64,
    /// How many were sealed with the current key already, or changed meanwhile by somebody who has it.
    pub current: u64,
}

/// A key that is needed is not here, or is not the one it says it is.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A secret does not open.
    #[error("the secrets of connection {connection}, sealed with key `{key}`, do not open: {error}")]
    DoesNotOpen {
        /// The connection.
        connection: ConnectionId,
        /// The name of the key.
        key: String,
        /// Why.
        error: VaultError,
    },
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

#[derive(FromQueryResult)]
struct Sealed {
    id: ConnectionId,
    tenant_id: TenantId,
    sealed_secret: Vec<u8>,
}

impl Sealed {
    fn key(&self) -> String {
        Vault::key_id(&self.sealed_secret).unwrap_or("?").to_owned()
    }

    fn does_not_open(&self, error: VaultError) -> KeyError {
        KeyError::DoesNotOpen { connection: self.id, key: self.key(), error }
    }
}

/// Opens one secret of each key that sealed any.
///
/// # Errors
/// One of the keys is not here, or has the name of another.
pub async fn check_keys(system: &SystemScope, vault: &Vault) -> Result<(), KeyError> {
    let (mut by_key, mut after) = (BTreeMap::new(), None);
    loop {
        let rows = page(system, after).await?;
        let Some(last) = rows.last() else { break };
        after = Some(last.id);
        for row in rows {
            by_key.entry(row.key()).or_insert(row);
        }
    }
    for row in by_key.into_values() {
        let opened = vault.open(&row.sealed_secret, place(row.tenant_id, row.id));
        opened.map_err(|error| row.does_not_open(error))?;
    }
    Ok(())
}

/// Seals everything again that another key than the current one has sealed. Stopped anywhere, it goes on from
/// there when it is called again; whoever changes a secret meanwhile wins.
///
/// # Errors
/// One does not open: those before it are sealed again, it and those after are as they were.
pub async fn rotate(system: &SystemScope, vault: &Vault) -> Result<Rotated, KeyError> {
    let (mut rotated, mut after) = (Rotated::default(), None);
    loop {
        let rows = page(system, after).await?;
        let Some(last) = rows.last() else { return Ok(rotated) };
        after = Some(last.id);
        let tx = system.write().await?;
        for row in rows {
            if !vault.is_outdated(&row.sealed_secret) {
                rotated.current += 1;
                continue;
            }
            let place = place(row.tenant_id, row.id);
            let secret = match vault.open(&row.sealed_secret, place) {
                Ok(secret) => secret,
                Err(error) => {
                    tx.commit().await?;
                    return Err(row.does_not_open(error));
                }
            };
            let sealed = vault.seal(&secret, place).map_err(Failure::from)?;
            let done = system
                .update::<Entity>()
                .col_expr(Column::SealedSecret, Expr::value(sealed))
                .filter(Column::Id.eq(row.id))
                .filter(Column::SealedSecret.eq(row.sealed_secret))
                .exec(&*tx)
                .await
                .map_err(Failure::from)?;
            match done.rows_affected {
                0 => rotated.current += 1,
                _ => rotated.sealed += 1,
            }
        }
        tx.commit().await?;
    }
}

async fn page(system: &SystemScope, after: Option<ConnectionId>) -> Result<Vec<Sealed>, Failure> {
    let tx = system.read().await?;
    let rows =
        system.find::<Entity>().select_only().columns([Column::Id, Column::TenantId, Column::SealedSecret]);
    let rows = match after {
        Some(after) => rows.filter(Column::Id.gt(after)),
        None => rows,
    };
    Ok(rows.order_by_asc(Column::Id).limit(BATCH).into_model::<Sealed>().all(&*tx).await?)
}

#[cfg(test)]
mod tests {
    use quayside_canonical::states::Environment;
    use serde_json::json;

    use super::*;
    use crate::{
        connections::{CreateConnection, Profile, Secrets, create, open_secrets},
        identity::Secret,
        testing,
        vault::MasterKey,
    };

    fn key(byte: &str) -> MasterKey {
        MasterKey::parse(&byte.repeat(32)).unwrap()
    }

    async fn all(system: &SystemScope) -> Vec<quayside_entity::connection::Model> {
        let tx = system.read().await.unwrap();
        system.find::<Entity>().order_by_asc(Column::Id).all(&*tx).await.unwrap()
    }

    #[tokio::test]
    async fn everything_is_sealed_again_under_the_new_key_and_opens_as_before() {
        let store = testing::store().await;
        let (tenant, _) = testing::tenant(&store).await;
        let system = SystemScope::new(store);
        let old = Vault::new("k1", &key("ab")).unwrap();
        for number in 0..BATCH + 3 {
            let cmd = CreateConnection {
                tenant,
                kind: "webhook".to_owned(),
                name: format!("C{number}"),
                environment: Environment::Test,
                config: json!({}),
                secrets: Secrets::signing(Secret::new(format!("canary-{number}"))),
                profile: Profile::default(),
            };
            create(&system, &old, cmd).await.unwrap();
        }
        let before = all(&system).await;

        let new = Vault::new("k2", &key("cd")).unwrap();
        let missing = check_keys(&system, &new).await.unwrap_err().to_string();
        assert!(missing.contains("`k1`") && missing.contains("not configured"), "{missing}");
        let wrong = Vault::new("k2", &key("cd")).unwrap().and_opens_with("k1", &key("ee")).unwrap();
        assert!(matches!(check_keys(&system, &wrong).await, Err(KeyError::DoesNotOpen { .. })));
        assert!(rotate(&system, &wrong).await.is_err());
        assert_eq!(all(&system).await, before, "nothing was changed");

        let both = Vault::new("k2", &key("cd")).unwrap().and_opens_with("k1", &key("ab")).unwrap();
        check_keys(&system, &both).await.unwrap();
        assert_eq!(rotate(&system, &both).await.unwrap(), Rotated { sealed: BATCH + 3, current: 0 });
        assert_eq!(rotate(&system, &both).await.unwrap(), Rotated { sealed: 0, current: BATCH + 3 });
        check_keys(&system, &new).await.unwrap();
        for (then, now) in before.iter().zip(all(&system).await) {
            assert_eq!(open_secrets(&new, &now).unwrap(), open_secrets(&old, then).unwrap());
            assert_eq!((now.revision, Vault::key_id(&now.sealed_secret)), (then.revision, Some("k2")));
            assert!(open_secrets(&old, &now).is_err());
        }
    }
}
