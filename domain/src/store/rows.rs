//! Many rows in few statements.
use sea_orm::{ActiveModelTrait, EntityTrait, sea_query::OnConflict};

use super::Tx;
use crate::Failure;

/// Rows, or values to look for, in one statement: below the parameter limits of both databases.
pub(crate) const ROWS: usize = 1_000;

/// Inserts `rows`.
pub(crate) async fn insert<A: ActiveModelTrait>(tx: &Tx, rows: Vec<A>) -> Result<(), Failure> {
    write(tx, rows, None).await
}

/// Inserts `rows`, or does what `again` says where they are there already. No two of them are the same row.
pub(crate) async fn upsert<A: ActiveModelTrait>(
    tx: &Tx,
    rows: Vec<A>,
    again: &OnConflict,
) -> Result<(), Failure> {
    write(tx, rows, Some(again)).await
}

async fn write<A: ActiveModelTrait>(
    tx: &Tx,
    rows: Vec<A>,
    again: Option<&OnConflict>,
) -> Result<(), Failure> {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let batch: Vec<A> = rows.by_ref().take(ROWS).collect();
        let insert = <A::Entity as EntityTrait>::insert_many(batch);
        match again {
            Some(again) => insert.on_conflict(again.clone()).exec_without_returning(&**tx).await?,
            None => insert.exec_without_returning(&**tx).await?,
        };
    }
    Ok(())
}
