//! Who reads: people with a place, and what each wishes to be told.
use std::collections::HashMap;

use quayside_canonical::{MembershipId, UserId, identity::Role, notification::MailWishes};
use quayside_entity::{mail_preference, membership};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::tell::Audience;
use crate::{Failure, Scope, scope::in_tenant, store::Tx};

/// Somebody to be told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader {
    pub(super) user: UserId,
    pub(super) membership: MembershipId,
    pub(super) wishes: MailWishes,
}

/// The people of an audience. Where nobody has the role that is meant, the other of the two hears of it.
pub(super) async fn readers(tx: &Tx, scope: &Scope, audience: Audience) -> Result<Vec<Reader>, Failure> {
    use membership::Column;
    let places = in_tenant::<membership::Entity>(scope).filter(Column::EndedAt.is_null());
    let places = match audience {
        Audience::Person(user) => places.filter(Column::UserId.eq(user)).filter(Column::SupplierId.is_null()),
        Audience::Supplier(supplier) | Audience::SupplierAdmins(supplier) => places
            .filter(Column::SupplierId.eq(supplier))
            .filter(Column::Role.is_in([Role::SupplierAdmin, Role::SupplierEditor])),
        Audience::Procurement | Audience::Admins => places
            .filter(Column::SupplierId.is_null())
            .filter(Column::Role.is_in([Role::Procurement, Role::BuyerAdmin])),
    };
    let mut places = places.order_by_asc(Column::Id).all(&**tx).await?;
    let meant = match audience {
        Audience::Procurement => Some(Role::Procurement),
        Audience::Admins => Some(Role::BuyerAdmin),
        Audience::SupplierAdmins(_) => Some(Role::SupplierAdmin),
        Audience::Person(_) | Audience::Supplier(_) => None,
    };
    if let Some(role) = meant
        && places.iter().any(|place| place.role == role)
    {
        places.retain(|place| place.role == role);
    }
    let mut wishes = wishes_of(tx, scope, places.iter().map(|place| place.id)).await?;
    Ok(places
        .into_iter()
        .map(|place| Reader {
            user: place.user_id,
            membership: place.id,
            wishes: wishes.remove(&place.id).unwrap_or_default(),
        })
        .collect())
}

/// What the people in these places wish, where they said so.
pub(super) async fn wishes_of(
    tx: &Tx,
    scope: &Scope,
    places: impl Iterator<Item = MembershipId>,
) -> Result<HashMap<MembershipId, MailWishes>, Failure> {
    let rows = in_tenant::<mail_preference::Entity>(scope)
        .filter(mail_preference::Column::MembershipId.is_in(places))
        .all(&**tx)
        .await?;
    rows.into_iter().map(|row| Ok((row.membership_id, serde_json::from_str(&row.wishes)?))).collect()
}
