//! Many rows in few statements, and many columns without looking for their names.
use quayside_canonical::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryResult, TryGetable, Value,
    sea_query::{Expr, OnConflict},
    sqlx::{Row, ValueRef},
};

use super::Tx;
use crate::Failure;

/// Rows, or values to look for, in one statement: below the parameter limits of both databases.
pub(crate) const ROWS: usize = 1_000;

/// What comes behind a row in a list with the newest first: made before it, or at the same moment under a smaller id.
pub(crate) fn older<C: ColumnTrait>(at: C, id: C, (moment, row): (Timestamp, impl Into<Value>)) -> Expr {
    at.lt(moment).or(at.eq(moment).and(id.lt(row)))
}

/// A row's columns in the order they were selected: rows that come by the hundred are not worth looking each up
/// by its name.
pub(crate) struct InOrder<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl<'a> InOrder<'a> {
    /// From the first column on.
    pub(crate) const fn of(row: &'a QueryResult) -> Self {
        Self { row, next: 0 }
    }

    /// The next column.
    pub(crate) fn next<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let value = self.row.try_get_by_index(self.next)?;
        self.next += 1;
        Ok(value)
    }

    /// The next column, which may be null. Asked for as an option, a null becomes an error with a text first.
    pub(crate) fn maybe<T: TryGetable>(&mut self) -> Result<Option<T>, DbErr> {
        if self.is_null() {
            self.next += 1;
            return Ok(None);
        }
        self.next().map(Some)
    }

    fn is_null(&self) -> bool {
        let postgres =
            self.row.try_as_pg_row().and_then(|row| Some(row.try_get_raw(self.next).ok()?.is_null()));
        let sqlite =
            || self.row.try_as_sqlite_row().and_then(|row| Some(row.try_get_raw(self.next).ok()?.is_null()));
        postgres.or_else(sqlite).unwrap_or(false)
    }
}

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
