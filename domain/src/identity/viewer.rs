//! Who am I, and as what may I act?
use quayside_canonical::{
    MembershipId, SupplierId, TenantId, UserId,
    identity::{Permission, Role},
};
use quayside_entity::{app_user, membership, supplier, tenant};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Principal, User, Via};
use crate::{Failure, SystemScope, store::Tx};

/// More places than this are not shown.
const MAX_SHOWN: u64 = 200;

/// A principal, as they see themselves.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The person; none behind a connection or a trading partner.
    pub user: Option<User>,
    /// The person's places. A token shows its own only.
    pub memberships: Vec<Membership>,
}

/// A person's place in a tenant, as buyer or for one supplier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The place.
    pub id: MembershipId,
    /// The tenant.
    pub tenant: TenantId,
    /// The tenant's short name.
    pub tenant_slug: String,
    /// The tenant's name.
    pub tenant_name: String,
    /// The supplier, on the supplier's side.
    pub supplier: Option<SupplierId>,
    /// The supplier's name.
    pub supplier_name: Option<String>,
    /// As what.
    pub role: Role,
    /// What that allows.
    pub permissions: &'static [Permission],
    /// Whether it is the place in which the person acts now.
    pub current: bool,
}

/// Who `principal` is.
///
/// # Errors
/// The database failed.
pub async fn viewer(system: &SystemScope, principal: &Principal) -> Result<Viewer, Failure> {
    let Some(person) = principal.standing.person else {
        return Ok(Viewer { user: None, memberships: Vec::new() });
    };
    let tx = system.read().await?;
    let user =
        system.find::<app_user::Entity>().filter(app_user::Column::Id.eq(person.user)).one(&*tx).await?;
    let mut memberships = memberships_of(system, &tx, person.user, Some(person.membership)).await?;
    if matches!(principal.via, Via::Token(..)) {
        memberships.retain(|membership| membership.current);
    }
    Ok(Viewer { user: user.map(User::from), memberships })
}

/// The places of the person with this mail address, oldest first; none when there is no such person.
///
/// # Errors
/// The database failed.
pub async fn places_of(system: &SystemScope, email: &str) -> Result<Vec<Membership>, Failure> {
    let tx = system.read().await?;
    let email = super::normalised_email(email);
    let user = system.find::<app_user::Entity>().filter(app_user::Column::Email.eq(email)).one(&*tx).await?;
    match user {
        Some(user) => memberships_of(system, &tx, user.id, None).await,
        None => Ok(Vec::new()),
    }
}

/// The places of `user`, oldest first.
pub(super) async fn memberships_of(
    system: &SystemScope,
    tx: &Tx,
    user: UserId,
    current: Option<MembershipId>,
) -> Result<Vec<Membership>, Failure> {
    let places = system
        .find::<membership::Entity>()
        .filter(membership::Column::UserId.eq(user))
        .filter(membership::Column::EndedAt.is_null())
        .order_by_asc(membership::Column::Id)
        .limit(MAX_SHOWN)
        .all(&**tx)
        .await?;
    let ids: Vec<TenantId> = places.iter().map(|place| place.tenant_id).collect();
    let tenants = system.find::<tenant::Entity>().filter(tenant::Column::Id.is_in(ids)).all(&**tx).await?;
    let ids: Vec<SupplierId> = places.iter().filter_map(|place| place.supplier_id).collect();
    let suppliers =
        system.find::<supplier::Entity>().filter(supplier::Column::Id.is_in(ids)).all(&**tx).await?;
    places
        .into_iter()
        .map(|place| {
            let tenant = tenants.iter().find(|tenant| tenant.id == place.tenant_id);
            let tenant =
                tenant.ok_or_else(|| Failure::Corrupt("a membership without a tenant".to_owned()))?;
            let supplier = suppliers.iter().find(|supplier| Some(supplier.id) == place.supplier_id);
            Ok(Membership {
                id: place.id,
                tenant: tenant.id,
                tenant_slug: tenant.slug.clone(),
                tenant_name: tenant.name.clone(),
                supplier: place.supplier_id,
                supplier_name: supplier.map(|supplier| supplier.name.clone()),
                role: place.role,
                permissions: place.role.permissions(),
                current: Some(place.id) == current,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::{Desk, EMAIL};

    #[tokio::test]
    async fn a_person_sees_all_their_places_and_a_token_only_its_own() {
        let desk = Desk::open().await;
        let (_, principal) = desk.session().await;
        let seen = viewer(&desk.system, &principal).await.unwrap();
        assert_eq!(seen.user.unwrap().email, EMAIL);
        let places: Vec<_> = seen.memberships.iter().map(|m| (m.id, m.role, m.current)).collect();
        assert_eq!(
            places,
            [(desk.buyer, Role::BuyerAdmin, true), (desk.supplier_side, Role::SupplierEditor, false)]
        );
        assert_eq!(seen.memberships[1].supplier_name.as_deref(), Some("Nordhaven Fasteners"));

        let token = desk.token(&principal).await;
        let program = desk.authenticate_token(&token).await.unwrap();
        let seen = viewer(&desk.system, &program).await.unwrap();
        assert_eq!(seen.memberships.iter().map(|m| m.id).collect::<Vec<_>>(), [desk.buyer]);
    }
}
