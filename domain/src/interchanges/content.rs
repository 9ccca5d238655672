//! The bytes of interchanges, out of the file store.
use quayside_canonical::InterchangeId;
use quayside_entity::{interchange, interchange_file};
use sea_orm::{ColumnTrait, QueryFilter};
use sha2::{Digest, Sha256};

use crate::{Failure, Scope, files, scope::in_tenant, store::Tx};

/// What tells bytes from any others: their SHA-256.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// An interchange on file.
#[derive(Clone, Debug)]
pub struct Filed {
    /// What is on record about it.
    pub row: interchange::Model,
    /// The file it came in.
    pub file: interchange_file::Model,
    /// Its bytes. What else the file holds may be somebody else's.
    pub bytes: Vec<u8>,
}

/// An interchange with its bytes. None when there is none of this id for the caller.
///
/// # Errors
/// The database failed.
pub async fn filed(scope: &Scope, id: InterchangeId) -> Result<Option<Filed>, Failure> {
    let tx = scope.read().await?;
    let row = scope.find::<interchange::Entity>().filter(interchange::Column::Id.eq(id));
    let Some(row) = row.one(&*tx).await? else { return Ok(None) };
    let file = file(&tx, scope, &row).await?;
    let bytes = part(&tx, scope, &file, (row.byte_offset, row.byte_length)).await?;
    Ok(Some(Filed { row, file, bytes }))
}

/// The file of an interchange that the caller was shown to own.
pub(super) async fn file(
    tx: &Tx,
    scope: &Scope,
    row: &interchange::Model,
) -> Result<interchange_file::Model, Failure> {
    let file =
        in_tenant::<interchange_file::Entity>(scope).filter(interchange_file::Column::Id.eq(row.file_id));
    file.one(&**tx).await?.ok_or_else(|| Failure::Corrupt(format!("{} has no file", row.id)))
}

/// Some bytes of a file: the first of them, and how many.
pub(super) async fn part(
    tx: &Tx,
    scope: &Scope,
    file: &interchange_file::Model,
    (offset, length): (i64, i64),
) -> Result<Vec<u8>, Failure> {
    let found = files::part(tx, scope, &file.sha256, offset, length).await?;
    found.ok_or_else(|| Failure::Corrupt(format!("the bytes of {} are gone", file.id)))
}
