//! Looking at trading partners: all of the tenant's for the buyer, its own for a supplier.
use std::collections::HashMap;

use quayside_canonical::{ConnectionId, SupplierId, Timestamp, TradingPartnerId, identity::Permission};
use quayside_entity::{access_token, connection, supplier, trading_partner};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};

use super::{Settings, settings_of};
use crate::{
    BuyerScope, Failure, Scope,
    identity::AccessToken,
    scope::in_tenant,
    store::{Tx, older},
};

/// A trading partner as it may be seen.
#[derive(Clone, Debug)]
pub struct View {
    /// Its row.
    pub row: trading_partner::Model,
    /// What the row says.
    pub settings: Settings,
    /// Its supplier.
    pub supplier: supplier::Model,
    /// The kind of connection that its traffic goes through. None where it comes by HTTPS with the partner's token.
    pub transport: Option<String>,
    /// For the buyer: its tokens that are not revoked, the newest first.
    pub tokens: Option<Vec<AccessToken>>,
}

/// Which partners.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only of this supplier.
    pub supplier: Option<SupplierId>,
    /// Only those whose traffic goes through this connection.
    pub connection: Option<ConnectionId>,
}

/// Trading partners, those that were set up last first. None for whom they do not concern.
///
/// # Errors
/// The database failed.
pub async fn partners(
    scope: &Scope,
    filter: Filter,
    after: Option<(Timestamp, TradingPartnerId)>,
    limit: u64,
) -> Result<Vec<View>, Failure> {
    use trading_partner::Column;
    if !may_look(scope) {
        return Ok(Vec::new());
    }
    // A supplier does not know the buyer's connections, and learns nothing by naming one.
    if filter.connection.is_some() && scope.supplier.is_some() {
        return Ok(Vec::new());
    }
    let wanted = Condition::all()
        .add_option(filter.supplier.map(|supplier| Column::SupplierId.eq(supplier)))
        .add_option(filter.connection.map(|connection| Column::ConnectionId.eq(connection)))
        .add_option(after.map(|after| older(Column::CreatedAt, Column::Id, after)));
    let tx = scope.read().await?;
    let rows = scope
        .find::<trading_partner::Entity>()
        .filter(wanted)
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(&*tx)
        .await?;
    views(&tx, scope, rows).await
}

/// One trading partner. None when it is not there, or not for the caller to see.
///
/// # Errors
/// The database failed.
pub async fn partner(scope: &Scope, id: TradingPartnerId) -> Result<Option<View>, Failure> {
    if !may_look(scope) {
        return Ok(None);
    }
    let tx = scope.read().await?;
    let row = scope.find::<trading_partner::Entity>().filter(trading_partner::Column::Id.eq(id));
    let Some(row) = row.one(&*tx).await? else { return Ok(None) };
    Ok(views(&tx, scope, vec![row]).await?.pop())
}

/// A row as it may be seen, such as one that was saved just now.
///
/// # Errors
/// The database failed.
pub async fn view(scope: &Scope, row: trading_partner::Model) -> Result<View, Failure> {
    let tx = scope.read().await?;
    let found = views(&tx, scope, vec![row]).await?.pop();
    found.ok_or_else(|| Failure::Corrupt("a trading partner without its supplier".to_owned()))
}

fn may_look(scope: &Scope) -> bool {
    scope.may(Permission::OrdersRead) || scope.may(Permission::ConnectionsManage)
}

async fn views(tx: &Tx, scope: &Scope, rows: Vec<trading_partner::Model>) -> Result<Vec<View>, Failure> {
    let suppliers = scope
        .find::<supplier::Entity>()
        .filter(supplier::Column::Id.is_in(rows.iter().map(|row| row.supplier_id)))
        .all(&**tx)
        .await?;
    let suppliers: HashMap<_, _> = suppliers.into_iter().map(|row| (row.id, row)).collect();
    let kinds = kinds(tx, scope, &rows).await?;
    let mut tokens = match scope.supplier {
        None => Some(tokens(tx, scope, &rows).await?),
        Some(_) => None,
    };
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(supplier) = suppliers.get(&row.supplier_id).cloned() else { continue };
        views.push(View {
            settings: settings_of(&row)?,
            supplier,
            transport: row.connection_id.and_then(|id| kinds.get(&id).cloned()),
            tokens: tokens.as_mut().map(|tokens| tokens.remove(&row.id).unwrap_or_default()),
            row,
        });
    }
    Ok(views)
}

/// Of what kind the connections are. That much the supplier at the other end knows anyway.
async fn kinds(
    tx: &Tx,
    scope: &Scope,
    rows: &[trading_partner::Model],
) -> Result<HashMap<ConnectionId, String>, Failure> {
    let ids: Vec<_> = rows.iter().filter_map(|row| row.connection_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = in_tenant::<connection::Entity>(scope).filter(connection::Column::Id.is_in(ids));
    let found = found.select_only().columns([connection::Column::Id, connection::Column::Kind]);
    Ok(found.into_tuple::<(ConnectionId, String)>().all(&**tx).await?.into_iter().collect())
}

async fn tokens(
    tx: &Tx,
    scope: &Scope,
    rows: &[trading_partner::Model],
) -> Result<HashMap<TradingPartnerId, Vec<AccessToken>>, Failure> {
    use access_token::Column;
    let found = in_tenant::<access_token::Entity>(scope)
        .filter(Column::PartnerId.is_in(rows.iter().map(|row| row.id)))
        .filter(Column::RevokedAt.is_null())
        .order_by_desc(Column::Id)
        .all(&**tx)
        .await?;
    let mut tokens: HashMap<_, Vec<AccessToken>> = HashMap::new();
    for row in found {
        if let Some(partner) = row.partner_id {
            tokens.entry(partner).or_default().push(row.try_into()?);
        }
    }
    Ok(tokens)
}

/// The row.
pub(super) async fn row(
    tx: &Tx,
    scope: &BuyerScope,
    id: TradingPartnerId,
) -> Result<Option<trading_partner::Model>, Failure> {
    let row = scope.find::<trading_partner::Entity>().filter(trading_partner::Column::Id.eq(id));
    Ok(row.one(&**tx).await?)
}

/// The row, locked while it is written to.
pub(super) async fn locked(
    tx: &Tx,
    scope: &BuyerScope,
    id: TradingPartnerId,
) -> Result<Option<trading_partner::Model>, Failure> {
    let row = scope.find::<trading_partner::Entity>().filter(trading_partner::Column::Id.eq(id));
    Ok(row.lock_exclusive().one(&**tx).await?)
}
