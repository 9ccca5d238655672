//! A person gets a place in a tenant, as buyer or for one supplier.
use quayside_canonical::{
    Field, MembershipId, Problems, SupplierId, TenantId, UserId, events::MembershipGranted, identity::Role,
};
use quayside_entity::{app_user, membership, supplier, tenant};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, Set};

use crate::{
    Failure, SystemScope,
    outbox::{self, About, Fact},
    set_up::{SetUpError, not_found, operator, or_taken},
    store::Tx,
};

/// A place to give.
#[derive(Clone, Copy, Debug)]
pub struct NewMembership {
    /// In this tenant.
    pub tenant: TenantId,
    /// For this supplier; none on the buyer's side.
    pub supplier: Option<SupplierId>,
    /// As what.
    pub role: Role,
}

/// Gives `user` a place.
///
/// # Errors
/// The person, tenant or supplier is not there, the role is of the other side, or the person has that place.
pub async fn grant_membership(
    system: &SystemScope,
    user: UserId,
    new: NewMembership,
) -> Result<membership::Model, SetUpError> {
    let tx = system.write().await?;
    let mut problems = Problems::new();
    let person = system.find::<app_user::Entity>().filter(app_user::Column::Id.eq(user));
    if person.one(&*tx).await?.is_none() {
        not_found(&mut problems, &Field::root().at("user"), "user");
    }
    check(system, &tx, &mut problems, &Field::root(), &new).await?;
    problems.into_result()?;
    let place = insert(system, &tx, user, &new).await?;
    tx.commit().await?;
    Ok(place)
}

/// Adds what is wrong with `new` to `problems`.
pub(super) async fn check(
    system: &SystemScope,
    tx: &Tx,
    problems: &mut Problems,
    field: &Field,
    new: &NewMembership,
) -> Result<(), Failure> {
    let tenant = system.find::<tenant::Entity>().filter(tenant::Column::Id.eq(new.tenant));
    if tenant.one(&**tx).await?.is_none() {
        not_found(problems, &field.at("tenant"), "tenant");
    }
    if new.role.is_buyer() == new.supplier.is_some() {
        let message =
            format!("{} belongs to the other side: buyers name no supplier, suppliers do", new.role);
        problems.add("WRONG_SIDE", &field.at("role"), message);
    }
    if let Some(id) = new.supplier {
        let supplier = system
            .find::<supplier::Entity>()
            .filter(supplier::Column::Id.eq(id))
            .filter(supplier::Column::TenantId.eq(new.tenant));
        if supplier.one(&**tx).await?.is_none() {
            not_found(problems, &field.at("supplier"), "supplier of this tenant");
        }
    }
    Ok(())
}

/// Gives the place, with its event.
pub(super) async fn insert(
    system: &SystemScope,
    tx: &Tx,
    user: UserId,
    new: &NewMembership,
) -> Result<membership::Model, SetUpError> {
    let row = membership::ActiveModel {
        id: Set(MembershipId::generate()),
        user_id: Set(user),
        tenant_id: Set(new.tenant),
        supplier_id: Set(new.supplier),
        role: Set(new.role),
        created_at: Set(system.now()),
        ended_at: Set(None),
    };
    let row = row.insert(&**tx).await.map_err(|error| or_taken(error, "memberships"))?;
    let event = MembershipGranted { membership: row.id, user, supplier: row.supplier_id, role: row.role };
    let about = About { subject: row.id.to_string(), supplier: row.supplier_id, order: None };
    outbox::append(tx, &operator(system, new.tenant), vec![Fact::new(about, &event)?]).await?;
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::Desk;

    #[tokio::test]
    async fn a_place_is_given_once_and_only_where_the_role_belongs() {
        let desk = Desk::open().await;
        let codes = async |user, tenant, supplier, role| match grant_membership(
            &desk.system,
            user,
            NewMembership { tenant, supplier, role },
        )
        .await
        {
            Err(SetUpError::Refused(problems)) => {
                problems.into_vec().into_iter().map(|problem| problem.code).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(codes(desk.user, desk.tenant, None, Role::Auditor).await, ["TAKEN"]);
        assert_eq!(codes(desk.user, desk.tenant, None, Role::SupplierViewer).await, ["WRONG_SIDE"]);
        let nobody = UserId::generate();
        let elsewhere = Some(desk.other_supplier);
        assert_eq!(
            codes(nobody, desk.tenant, elsewhere, Role::Auditor).await,
            ["NOT_FOUND", "WRONG_SIDE", "NOT_FOUND"]
        );
        let new =
            NewMembership { tenant: desk.tenant, supplier: Some(desk.supplier), role: Role::SupplierViewer };
        let place = grant_membership(&desk.system, desk.user, new).await.unwrap();
        assert_eq!(desk.events_of(&place.id).await, ["membership.granted"]);
    }
}
