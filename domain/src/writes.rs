//! Writes to several tables, in one trip to the database.
//!
//! On PostgreSQL they are the parts of one statement, and the rows of a table travel as one array for each column:
//! its text is the same however many rows there are, so that it is planned once and not for every number of
//! lines. Such parts do not see each other's rows, and no two of them may touch the same row; foreign keys are
//! checked when all are done. On SQLite they are statements that run one after the other.
use std::fmt::Write as _;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityName, EntityTrait, Iden, Iterable,
    Statement, Value, sea_query::Expr,
};

use crate::{
    Failure, Store,
    store::{ROWS, Tx},
};

/// Writes that go together.
pub(crate) struct Writes {
    backend: DbBackend,
    parts: Vec<String>,
    values: Vec<Value>,
}

impl Writes {
    /// Nothing yet.
    pub(crate) fn new(store: &Store) -> Self {
        Self { backend: store.backend(), parts: Vec::new(), values: Vec::new() }
    }

    /// Inserts `rows`, all of which set the same columns.
    pub(crate) fn insert<A: ActiveModelTrait>(&mut self, rows: Vec<A>) -> Result<(), Failure> {
        self.insert_or(rows, "")
    }

    /// Inserts `rows`; `otherwise` says what to do where they are there already: `on conflict (…) do …`.
    pub(crate) fn insert_or<A: ActiveModelTrait>(
        &mut self,
        mut rows: Vec<A>,
        otherwise: &str,
    ) -> Result<(), Failure> {
        let Some(first) = rows.first() else { return Ok(()) };
        let columns: Vec<_> = <<A::Entity as EntityTrait>::Column as Iterable>::iter()
            .filter(|&column| first.get(column).into_value().is_some())
            .collect();
        let names: Vec<_> = columns.iter().map(|column| column.unquoted().to_string()).collect();
        let into = format!("insert into {} ({})", A::Entity::default().table_name(), names.join(", "));
        let unset = || Failure::System(format!("{into}: the rows do not set the same columns"));
        let mut row_values = Vec::with_capacity(rows.len());
        for row in &mut rows {
            let values = columns.iter().map(|&column| row.take(column).into_value().ok_or_else(unset));
            row_values.push(values.collect::<Result<Vec<_>, _>>()?);
        }
        let most = if self.backend == DbBackend::Postgres { row_values.len() } else { ROWS };
        let mut row_values = row_values.into_iter().peekable();
        while row_values.peek().is_some() {
            let rows = self::rows(self.backend, &mut self.values, row_values.by_ref().take(most))?;
            self.parts.push(format!("{into} {rows} {otherwise}"));
        }
        Ok(())
    }

    /// Any other statement, with `?` where each of `values` goes.
    pub(crate) fn statement(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        let mut values = values.into_iter();
        let mut part = String::with_capacity(sql.len());
        for piece in sql.split_inclusive('?') {
            match (piece.strip_suffix('?'), values.next()) {
                (Some(before), Some(value)) => {
                    part.push_str(before);
                    part.push_str(&place(&mut self.values, value));
                }
                _ => part.push_str(piece),
            }
        }
        self.parts.push(part);
    }

    /// Carries them out.
    pub(crate) async fn run(mut self, tx: &Tx) -> Result<(), Failure> {
        let Some(last) = self.parts.pop() else { return Ok(()) };
        let mut sql = String::new();
        for (part, number) in self.parts.iter().zip(1..) {
            let _ = match (self.backend, number) {
                (DbBackend::Postgres, 1) => write!(sql, "with part1 as ({part})"),
                (DbBackend::Postgres, _) => write!(sql, ", part{number} as ({part})"),
                _ => write!(sql, "{part};"),
            };
        }
        sql.push_str(&last);
        tx.execute_raw(Statement::from_sql_and_values(self.backend, sql, self.values)).await?;
        Ok(())
    }
}

/// Rows given by value, as a query with the columns `column1`, `column2`, … Its parameters go behind `values`.
pub(crate) fn rows(
    backend: DbBackend,
    values: &mut Vec<Value>,
    rows: impl Iterator<Item = Vec<Value>>,
) -> Result<String, Failure> {
    if backend == DbBackend::Postgres {
        return arrays(values, rows);
    }
    let rows = rows.map(|row| {
        let places: Vec<_> = row.into_iter().map(|value| place(values, value)).collect();
        format!("({})", places.join(", "))
    });
    Ok(format!("values {}", rows.collect::<Vec<_>>().join(", ")))
}

/// `column` is one of `wanted`: as an array on PostgreSQL, so that one plan serves any number of them.
pub(crate) fn among<C, V>(
    backend: DbBackend,
    column: C,
    wanted: impl IntoIterator<Item = V>,
) -> Result<Expr, Failure>
where
    C: ColumnTrait,
    V: Into<Value>,
{
    let mut wanted = wanted.into_iter().peekable();
    if backend != DbBackend::Postgres || wanted.peek().is_none() {
        return Ok(column.is_in(wanted));
    }
    let (mut array, mut kind) = (String::new(), "");
    for value in wanted {
        array.push(if array.is_empty() { '{' } else { ',' });
        kind = element(&mut array, value.into())?;
    }
    array.push('}');
    let places = [Expr::col(column.as_column_ref()), Expr::val(array)];
    // In a sub-select the text is read once, also where the array is not what the rows are found by.
    Ok(Expr::cust_with_exprs(format!("$1 = any((select $2::text::{kind}[])::{kind}[])"), places))
}

/// Each column as an array, which travels as text: that can hold nulls.
fn arrays(values: &mut Vec<Value>, rows: impl Iterator<Item = Vec<Value>>) -> Result<String, Failure> {
    let mut columns: Vec<(&str, String)> = Vec::new();
    for row in rows {
        columns.resize(row.len(), ("text", String::new()));
        for ((kind, text), value) in columns.iter_mut().zip(row) {
            text.push(if text.is_empty() { '{' } else { ',' });
            *kind = element(text, value)?;
        }
    }
    let names: Vec<_> = (1..=columns.len()).map(|number| format!("column{number}")).collect();
    let mut arrays = Vec::with_capacity(columns.len());
    for (kind, text) in columns {
        arrays.push(format!("{}::text::{kind}[]", place(values, (text + "}").into())));
    }
    Ok(format!("select * from unnest({}) as v ({})", arrays.join(", "), names.join(", ")))
}

fn place(values: &mut Vec<Value>, value: Value) -> String {
    values.push(value);
    format!("${}", values.len())
}

/// Writes `value` as an element of an array, and says of which type it is.
fn element(array: &mut String, value: Value) -> Result<&'static str, Failure> {
    let (kind, text) = match value {
        Value::Bool(value) => ("boolean", value.map(|value| value.to_string())),
        Value::Int(value) => ("integer", value.map(|value| value.to_string())),
        Value::BigInt(value) => ("bigint", value.map(|value| value.to_string())),
        Value::Uuid(value) => ("uuid", value.map(|value| value.to_string())),
        Value::ChronoDate(value) => ("date", value.map(|value| value.to_string())),
        Value::String(value) => ("text", value.map(|text| quoted(&text))),
        Value::Bytes(value) => ("bytea", value.map(|bytes| hex(&bytes))),
        other => return Err(Failure::System(format!("no array is made of {other:?}"))),
    };
    array.push_str(text.as_deref().unwrap_or("NULL"));
    Ok(kind)
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2 + 5);
    text.push_str(r#""\\x"#);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use quayside_canonical::{PurchaseOrderId, Timestamp};
    use quayside_entity::{event, idempotency_key, item};
    use sea_orm::IntoActiveModel;

    use super::*;
    use crate::{fixtures::World, scope::in_tenant};

    #[tokio::test]
    async fn what_is_written_is_read_as_it_was() {
        let world = World::new().await;
        let scope = world.scope();
        let keys =
            ["", "NULL", "null", "a,b", "{}", "\"", "\\", "\\\"", "'; --", " x ", "é\n\t\u{1f600}", "$1 ?"];
        let rows: Vec<_> = keys
            .iter()
            .map(|key| idempotency_key::Model {
                tenant_id: world.tenant,
                principal: "p".to_owned(),
                operation: (*key).to_owned(),
                key: (*key).to_owned(),
                request_hash: vec![0, 0x5c, 0x22, 0xff],
                result: key.repeat(2),
                created_at: Timestamp::from_micros(-7),
            })
            .collect();
        let tx = world.system.write().await.unwrap();
        let mut writes = Writes::new(&world.store);
        writes.insert(rows.iter().cloned().map(IntoActiveModel::into_active_model).collect()).unwrap();
        writes.run(&tx).await.unwrap();
        let mut read = in_tenant::<idempotency_key::Entity>(&scope).all(&*tx).await.unwrap();
        read.sort_by_key(|row| keys.iter().position(|key| *key == row.key));
        assert_eq!(read, rows);
    }

    #[tokio::test]
    async fn all_are_carried_out_or_none() {
        let world = World::new().await;
        let scope = world.scope();
        let fact = world.answer(PurchaseOrderId::generate());
        let tx = world.append(vec![fact.clone()]).await;
        let twice = crate::outbox::append(&tx, &scope, vec![world.answer(PurchaseOrderId::generate()), fact]);
        assert!(twice.await.is_err());
        drop(tx);
        let tx = world.system.read().await.unwrap();
        assert_eq!(in_tenant::<event::Entity>(&world.scope()).one(&*tx).await.unwrap(), None);
    }

    #[tokio::test]
    async fn many_rows_go_in_at_once_with_and_without_a_value() {
        let world = World::new().await;
        let rows: Vec<_> = (0..ROWS * 2 + 1)
            .map(|number| item::Model {
                tenant_id: world.tenant,
                number: format!("{number:05}"),
                description: (number % 3 == 0).then(|| format!("number {number}")),
                unit: "EA".to_owned(),
            })
            .collect();
        let tx = world.system.write().await.unwrap();
        let mut writes = Writes::new(&world.store);
        writes.insert(rows.iter().cloned().map(IntoActiveModel::into_active_model).collect()).unwrap();
        writes.run(&tx).await.unwrap();
        let mut read = in_tenant::<item::Entity>(&world.scope()).all(&*tx).await.unwrap();
        read.sort_by(|a, b| a.number.cmp(&b.number));
        assert_eq!(read, rows);
    }
}
