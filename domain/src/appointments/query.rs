//! Reading appointments.
use quayside_canonical::{AppointmentId, ShipmentId, Timestamp, states::AppointmentStatus};
use quayside_entity::appointment;
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Failure, Scope,
    store::{Tx, older},
};

/// Appointments, the newest first; those after `after`: its time and id.
///
/// # Errors
/// The database failed.
pub async fn list(
    tx: &Tx,
    scope: &Scope,
    status: Option<AppointmentStatus>,
    after: Option<(Timestamp, AppointmentId)>,
    limit: u64,
) -> Result<Vec<appointment::Model>, Failure> {
    use appointment::Column;
    let condition = Condition::all()
        .add_option(status.map(|status| Column::Status.eq(status)))
        .add_option(after.map(|after| older(Column::CreatedAt, Column::Id, after)));
    let rows = scope.find::<appointment::Entity>().filter(condition).limit(limit);
    Ok(rows.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).all(&**tx).await?)
}

/// Appointments by id.
///
/// # Errors
/// The database failed.
pub async fn by_ids(
    tx: &Tx,
    scope: &Scope,
    ids: &[AppointmentId],
) -> Result<Vec<appointment::Model>, Failure> {
    let rows = scope.find::<appointment::Entity>();
    Ok(rows.filter(appointment::Column::Id.is_in(ids.iter().copied())).all(&**tx).await?)
}

/// The appointments of shipments.
///
/// # Errors
/// The database failed.
pub async fn of_shipments(
    tx: &Tx,
    scope: &Scope,
    shipments: &[ShipmentId],
) -> Result<Vec<appointment::Model>, Failure> {
    let rows = scope.find::<appointment::Entity>();
    Ok(rows.filter(appointment::Column::ShipmentId.is_in(shipments.iter().copied())).all(&**tx).await?)
}
