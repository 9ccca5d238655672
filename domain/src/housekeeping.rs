//! What is thrown away when its time is over.
use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};

use crate::{Failure, SystemScope, idempotency, notifications};

/// Rows of one transaction: short enough that nobody waits for it.
const BATCH: u64 = 1_000;

/// Batches of one call: the rest is for the next.
const BATCHES: u64 = 20;

/// Deletes idempotency keys and mails whose time is over, a bounded number, and says how many keys.
///
/// # Errors
/// The database failed. Batches before that are done.
#[tracing::instrument(skip_all)]
pub async fn once(system: &SystemScope) -> Result<u64, Failure> {
    let kept = Duration::from_secs(idempotency::KEPT_DAYS * 24 * 60 * 60);
    let sql = "delete from idempotency_key where (tenant_id, principal, operation, key) in \
        (select tenant_id, principal, operation, key from idempotency_key \
         where created_at < $1 order by created_at limit $2)";
    let mut deleted = 0;
    for _ in 0..BATCHES {
        let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
        let values = [system.now().minus(kept).into(), limit.into()];
        let statement = Statement::from_sql_and_values(system.store().backend(), sql, values);
        let tx = system.write().await?;
        let batch = tx.execute_raw(statement).await?.rows_affected();
        tx.commit().await?;
        deleted += batch;
        if batch < BATCH {
            break;
        }
    }
    notifications::forget_old(system).await?;
    Ok(deleted)
}

#[cfg(test)]
mod tests {
    use quayside_entity::idempotency_key;

    use super::*;
    use crate::{idempotency::claim, testing};

    #[tokio::test]
    async fn a_key_is_kept_for_thirty_days_and_no_longer() {
        let store = testing::store().await;
        let (tenant, _) = testing::tenant(&store).await;
        let system = SystemScope::new(store.clone());
        for key in ["old", "young"] {
            let scope = testing::scope(&store, tenant, None);
            let tx = scope.write().await.unwrap();
            claim(&tx, &scope, "op", &key.parse().unwrap(), &1, &1).await.unwrap();
            tx.commit().await.unwrap();
            store.clock().advance(Duration::from_secs(60));
        }
        store.clock().advance(Duration::from_secs(30 * 24 * 60 * 60 - 119));
        assert_eq!(once(&system).await.unwrap(), 1);
        let tx = system.read().await.unwrap();
        let left = system.find::<idempotency_key::Entity>().all(&*tx).await.unwrap();
        assert_eq!(left.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["young"]);
    }
}
