//! The connections by which partners may speak.
use quayside_canonical::states::ConnectionStatus;
use quayside_entity::connection;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::{Failure, SystemScope};

/// Every tenant's connections of a kind, the oldest first: who was there first keeps its names.
///
/// # Errors
/// The database failed.
pub async fn speakers(system: &SystemScope, kind: &str) -> Result<Vec<connection::Model>, Failure> {
    let tx = system.read().await?;
    let rows = system
        .find::<connection::Entity>()
        .filter(connection::Column::Kind.eq(kind))
        .filter(connection::Column::Status.ne(ConnectionStatus::Disabled))
        .order_by_asc(connection::Column::Id);
    Ok(rows.all(&*tx).await?)
}
