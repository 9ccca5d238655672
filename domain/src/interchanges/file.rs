//! Files the bytes of a file, before anything is read.
use quayside_canonical::{
    InterchangeFileId, SupplierId, TradingPartnerId,
    states::{InterchangeStatus, RepeatPolicy},
};
use quayside_entity::{interchange, interchange_file};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::OnConflict};
use sha2::{Digest, Sha256};

use crate::{BuyerScope, Failure, files, partners::Door, scope::in_tenant, store::Tx};

/// What filing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filed {
    /// These bytes are new, or may be taken again.
    New(InterchangeFileId),
    /// They came before, but were not dealt with to the end.
    Unfinished(InterchangeFileId),
    /// They came before; this is the result they got.
    Finished(InterchangeFileId, String),
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

/// A file as it arrives.
#[derive(Clone, Debug)]
pub struct Arrival<'a> {
    /// Through what.
    pub door: Door,
    /// Whose channel it is, where it is one partner's alone.
    pub supplier: Option<SupplierId>,
    /// What the file or the message was called.
    pub name: Option<&'a str>,
    /// What is done about bytes of which nothing was taken when they came before.
    pub repeats: RepeatPolicy,
    /// The bytes.
    pub bytes: &'a [u8],
    /// How many are taken at most.
    pub limit: usize,
}

/// Files what came, or finds it on file.
///
/// # Errors
/// See [`FileError`].
pub async fn file(scope: &BuyerScope, arrival: &Arrival<'_>) -> Result<Filed, FileError> {
    let (size, limit) = (arrival.bytes.len(), arrival.limit);
    if size > limit {
        return Err(FileError::TooLarge { size, limit });
    }
    let sha256 = Sha256::digest(arrival.bytes).to_vec();
    let tx = scope.read().await?;
    let earlier = latest(&tx, scope, arrival.door, &sha256).await?;
    let attempt = match earlier {
        None => 1,
        Some(row) if again(&tx, scope, arrival.repeats, &row).await? => row.attempt + 1,
        Some(row) => return Ok(as_filed(row)),
    };
    drop(tx);
    let tx = scope.write().await?;
    files::keep(&tx, scope, arrival.bytes).await?;
    let row = row(scope, arrival, sha256.clone(), attempt);
    let id = InterchangeFileId::generate();
    let row = interchange_file::ActiveModel { id: Set(id), ..row };
    let insert = interchange_file::Entity::insert(row).on_conflict(OnConflict::new().do_nothing().to_owned());
    if insert.exec_without_returning(&*tx).await? > 0 {
        tx.commit().await?;
        return Ok(Filed::New(id));
    }
    drop(tx);
    // Somebody filed the same bytes meanwhile.
    let tx = scope.read().await?;
    let earlier = latest(&tx, scope, arrival.door, &sha256).await?;
    let missing = || Failure::Corrupt("a file of interchanges is on file and cannot be found".to_owned());
    Ok(as_filed(earlier.ok_or_else(missing)?))
}

fn row(
    scope: &BuyerScope,
    arrival: &Arrival<'_>,
    sha256: Vec<u8>,
    attempt: i32,
) -> interchange_file::ActiveModel {
    let (partner, connection): (Option<TradingPartnerId>, _) = match arrival.door {
        Door::Token(partner) => (Some(partner), None),
        Door::Connection(connection) => (None, Some(connection)),
    };
    interchange_file::ActiveModel {
        tenant_id: Set(scope.tenant),
        supplier_id: Set(arrival.supplier),
        partner_id: Set(partner),
        connection_id: Set(connection),
        channel: Set(scope.channel),
        door: Set(door(arrival.door)),
        name: Set(arrival.name.map(files::safe_name)),
        sha256: Set(sha256),
        size_bytes: Set(i64::try_from(arrival.bytes.len()).unwrap_or(i64::MAX)),
        attempt: Set(attempt),
        result: Set(None),
        received_at: Set(scope.now),
        ..Default::default()
    }
}

fn door(door: Door) -> sea_orm::prelude::Uuid {
    match door {
        Door::Token(partner) => partner.0,
        Door::Connection(connection) => connection.0,
    }
}

async fn latest(
    tx: &Tx,
    scope: &BuyerScope,
    through: Door,
    sha256: &[u8],
) -> Result<Option<interchange_file::Model>, Failure> {
    use interchange_file::Column;
    let rows = scope
        .find::<interchange_file::Entity>()
        .filter(Column::Door.eq(door(through)))
        .filter(Column::Sha256.eq(sha256))
        .order_by_desc(Column::Attempt);
    Ok(rows.one(&**tx).await?)
}

/// Whether bytes that came before are taken again: nothing of them was, and it was not the bytes themselves that
/// nothing could be made of.
async fn again(
    tx: &Tx,
    scope: &BuyerScope,
    repeats: RepeatPolicy,
    earlier: &interchange_file::Model,
) -> Result<bool, Failure> {
    if repeats == RepeatPolicy::Refuse || earlier.result.is_none() {
        return Ok(false);
    }
    let statuses: Vec<InterchangeStatus> = in_tenant::<interchange::Entity>(scope)
        .filter(interchange::Column::FileId.eq(earlier.id))
        .filter(interchange::Column::Syntax.is_not_null())
        .select_only()
        .column(interchange::Column::Status)
        .into_tuple()
        .all(&**tx)
        .await?;
    Ok(!statuses.is_empty() && statuses.iter().all(|status| *status == InterchangeStatus::Refused))
}

fn as_filed(row: interchange_file::Model) -> Filed {
    match row.result {
        Some(result) => Filed::Finished(row.id, result),
        None => Filed::Unfinished(row.id),
    }
}
