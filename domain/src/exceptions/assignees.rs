//! Whom an exception can be given to.
use std::collections::HashMap;

use quayside_canonical::{UserId, identity::Permission, identity::Role};
use quayside_entity::{app_user, membership};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::query::ListError;
use crate::{BuyerScope, SystemScope, scope::in_tenant};

/// A person of the buyer's who may see to exceptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignee {
    /// The person.
    pub id: UserId,
    /// The person's name.
    pub name: String,
    /// As what.
    pub role: Role,
}

/// The buyer's people who may see to exceptions. Names belong to no tenant, so they are looked up as the system,
/// for people with a place in the caller's tenant only.
///
/// # Errors
/// The caller may not see exceptions, or the database failed.
pub async fn assignees(system: &SystemScope, scope: &BuyerScope) -> Result<Vec<Assignee>, ListError> {
    if !scope.may(Permission::OrdersRead) && !scope.may(Permission::ExceptionsManage) {
        return Err(ListError::Forbidden);
    }
    let tx = system.read().await?;
    let places = in_tenant::<membership::Entity>(scope)
        .filter(membership::Column::SupplierId.is_null())
        .filter(membership::Column::EndedAt.is_null())
        .filter(membership::Column::Role.is_in([Role::BuyerAdmin, Role::Procurement]))
        .order_by_asc(membership::Column::Id)
        .all(&*tx)
        .await?;
    let users = system
        .find::<app_user::Entity>()
        .filter(app_user::Column::Id.is_in(places.iter().map(|place| place.user_id)))
        .filter(app_user::Column::DisabledAt.is_null())
        .all(&*tx)
        .await?;
    let mut names: HashMap<UserId, String> = users.into_iter().map(|user| (user.id, user.name)).collect();
    let of = |place: membership::Model| {
        let name = names.remove(&place.user_id)?;
        Some(Assignee { id: place.user_id, name, role: place.role })
    };
    Ok(places.into_iter().filter_map(of).collect())
}
