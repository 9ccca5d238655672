mod checks;
mod circuits;
mod interventions;
mod keeping;
mod leases;
mod looking;
mod order;
mod outcomes;
mod put_right;
mod ties;

use quayside_canonical::states::{ExceptionKind, ExceptionStatus};
use quayside_entity::{event, exception_case};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::{fixtures::World, scope::in_tenant};

/// The open exceptions: kind and subject.
async fn open_exceptions(world: &World) -> Vec<(ExceptionKind, String)> {
    let scope = world.scope();
    let tx = scope.read().await.unwrap();
    let open = in_tenant::<exception_case::Entity>(&scope)
        .filter(exception_case::Column::Status.eq(ExceptionStatus::Open))
        .order_by_asc(exception_case::Column::Id)
        .all(&*tx)
        .await
        .unwrap();
    open.into_iter().map(|row| (row.kind, row.subject)).collect()
}

/// The events of these types, oldest first.
async fn events(world: &World, prefix: &str) -> Vec<event::Model> {
    let scope = world.scope();
    let tx = scope.read().await.unwrap();
    in_tenant::<event::Entity>(&scope)
        .filter(event::Column::EventType.starts_with(prefix))
        .order_by_asc(event::Column::Id)
        .all(&*tx)
        .await
        .unwrap()
}
