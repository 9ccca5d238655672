//! What is looked up before a partner is checked.
use std::collections::HashSet;

use quayside_canonical::{TradingPartnerId, partner::CodeOverride, states::EdiCodeList};
use quayside_entity::{connection, item, location, trading_partner, unit_factor};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, Select, Statement,
};

use super::{
    Settings, agreement_of,
    check::{Carrier, Ground, Known, MAX_CODES, Other},
    identifiers_of,
};
use crate::{BuyerScope, Failure, store::Tx};

/// Nobody else changes the tenant's partners until `tx` ends: what is unique among them no index can say. SQLite has one
/// writer at a time anyway.
pub(super) async fn take_turns(tx: &Tx, scope: &BuyerScope) -> Result<(), Failure> {
    if scope.store().backend() == DbBackend::Postgres {
        let name = format!("trading_partners/{}", scope.tenant);
        let sql = "select pg_advisory_xact_lock(hashtextextended($1, 0))";
        tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [name.into()])).await?;
    }
    Ok(())
}

/// What `settings` of the partner `own` are held against.
pub(super) async fn ground(
    tx: &Tx,
    scope: &BuyerScope,
    settings: &Settings,
    own: Option<TradingPartnerId>,
) -> Result<Ground, Failure> {
    let rows = scope.find_own::<trading_partner::Entity>().all(&**tx).await?;
    let others: Vec<_> = rows.into_iter().filter(|row| Some(row.id) != own).collect();
    Ok(Ground {
        name_taken: others.iter().any(|other| other.name == settings.name),
        connection: carrier(tx, scope, settings).await?,
        known: known(tx, scope, &settings.agreement.codes).await?,
        others: others
            .into_iter()
            .filter(|row| row.disabled_at.is_none())
            .map(other)
            .collect::<Result<_, _>>()?,
    })
}

fn other(row: trading_partner::Model) -> Result<Other, Failure> {
    let (theirs, ours) = (identifiers_of(&row)?, agreement_of(&row)?.ours);
    Ok(Other { name: row.name, connection: row.connection_id, theirs, ours })
}

/// The connection that is named, when it is one of the tenant's own.
async fn carrier(tx: &Tx, scope: &BuyerScope, settings: &Settings) -> Result<Option<Carrier>, Failure> {
    let Some(id) = settings.connection_id else { return Ok(None) };
    let row = scope
        .find_own::<connection::Entity>()
        .filter(connection::Column::Id.eq(id))
        .filter(connection::Column::SupplierId.is_null())
        .one(&**tx)
        .await?;
    Ok(row.map(|row| Carrier { kind: row.kind, environment: row.environment }))
}

async fn known(tx: &Tx, scope: &BuyerScope, codes: &[CodeOverride]) -> Result<Known, Failure> {
    if codes.len() > MAX_CODES {
        return Ok(Known::default()); // refused for their number
    }
    let ours = |list| {
        let named = codes.iter().filter(move |code| code.list == list);
        named.map(|code| code.ours.clone()).collect::<Vec<_>>()
    };
    let items = || scope.find_shared::<item::Entity>();
    let factors = || scope.find_shared::<unit_factor::Entity>();
    let locations = || scope.find_shared::<location::Entity>();

    let units = ours(EdiCodeList::Unit);
    let mut own = named(tx, items(), item::Column::Unit, &units).await?;
    own.extend(named(tx, factors(), unit_factor::Column::Unit, &units).await?);
    Ok(Known {
        units: own,
        locations: kept(tx, locations, location::Column::Code, &ours(EdiCodeList::Location)).await?,
        items: kept(tx, items, item::Column::Number, &ours(EdiCodeList::Item)).await?,
    })
}

/// Which of `words` are in `column`. None, when the tenant keeps no such rows at all.
async fn kept<E: EntityTrait<Column = C>, C: ColumnTrait>(
    tx: &Tx,
    rows: impl Fn() -> Select<E>,
    column: C,
    words: &[String],
) -> Result<Option<HashSet<String>>, Failure> {
    if words.is_empty() || values(tx, rows().limit(1), column).await?.is_empty() {
        return Ok(None);
    }
    Ok(Some(named(tx, rows(), column, words).await?))
}

async fn named<E: EntityTrait<Column = C>, C: ColumnTrait>(
    tx: &Tx,
    rows: Select<E>,
    column: C,
    words: &[String],
) -> Result<HashSet<String>, Failure> {
    if words.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = rows.filter(column.is_in(words.iter().map(String::as_str)));
    Ok(values(tx, rows, column).await?.into_iter().collect())
}

async fn values<E: EntityTrait<Column = C>, C: ColumnTrait>(
    tx: &Tx,
    rows: Select<E>,
    column: C,
) -> Result<Vec<String>, Failure> {
    Ok(rows.select_only().column(column).distinct().into_tuple::<String>().all(&**tx).await?)
}
