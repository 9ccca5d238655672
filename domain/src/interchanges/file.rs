//! Files the bytes of an interchange.
use quayside_canonical::{InterchangeId, SupplierId, TradingPartnerId};
use quayside_entity::interchange;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set, sea_query::OnConflict};
use sha2::{Digest, Sha256};

use crate::{BuyerScope, Failure};

/// What filing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filed {
    /// These bytes are new.
    New(InterchangeId),
    /// They came before, but were not dealt with to the end.
    Unfinished(InterchangeId),
    /// They came before; this is the result they got.
    Finished(InterchangeId, String),
}

/// Why bytes were not filed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// More than we take at once.
    #[error("an interchange of {size} bytes is too large; at most {limit} are taken")]
    TooLarge {
        /// How many there are.
        size: usize,
        /// How many we take.
        limit: usize,
    },
    /// Ours.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<sea_orm::DbErr> for FileError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// Files what a partner sent, or finds it on file.
///
/// # Errors
/// See [`FileError`].
pub async fn file(
    scope: &BuyerScope,
    partner: TradingPartnerId,
    supplier: SupplierId,
    bytes: &[u8],
    limit: usize,
) -> Result<Filed, FileError> {
    if bytes.len() > limit {
        return Err(FileError::TooLarge { size: bytes.len(), limit });
    }
    let content_hash = Sha256::digest(bytes).to_vec();
    if let Some(earlier) = on_file(scope, partner, &content_hash).await? {
        return Ok(earlier);
    }
    let id = InterchangeId::generate();
    let row = interchange::ActiveModel {
        id: Set(id),
        tenant_id: Set(scope.tenant),
        supplier_id: Set(supplier),
        partner_id: Set(partner),
        content_hash: Set(content_hash.clone()),
        raw: Set(bytes.to_vec()),
        result: Set(None),
        received_at: Set(scope.now),
    };
    let tx = scope.write().await?;
    let insert = interchange::Entity::insert(row).on_conflict(OnConflict::new().do_nothing().to_owned());
    if insert.exec_without_returning(&*tx).await? > 0 {
        tx.commit().await?;
        return Ok(Filed::New(id));
    }
    drop(tx);
    // Somebody filed the same bytes meanwhile.
    let earlier = on_file(scope, partner, &content_hash).await?;
    Ok(earlier.ok_or_else(|| Failure::Corrupt("an interchange is on file and cannot be found".to_owned()))?)
}

async fn on_file(
    scope: &BuyerScope,
    partner: TradingPartnerId,
    content_hash: &[u8],
) -> Result<Option<Filed>, Failure> {
    use interchange::Column;
    let tx = scope.read().await?;
    let row: Option<(InterchangeId, Option<String>)> = scope
        .find::<interchange::Entity>()
        .filter(Column::PartnerId.eq(partner))
        .filter(Column::ContentHash.eq(content_hash))
        .select_only()
        .columns([Column::Id, Column::Result])
        .into_tuple()
        .one(&*tx)
        .await?;
    Ok(row.map(|(id, result)| match result {
        Some(result) => Filed::Finished(id, result),
        None => Filed::Unfinished(id),
    }))
}
