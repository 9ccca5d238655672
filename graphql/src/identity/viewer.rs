//! `viewer`: who am I, as what, and what may I do.
use async_graphql::{Context, ID, Object, Result};
use quayside_canonical::identity::{Permission, Role};
use quayside_domain::{
    identity,
    notifications::{self, PreferencesError},
};

use super::Door;
use crate::{
    context::{Caller, caller, internal},
    notifications::NotificationPreferences,
    types::{Code, Row, plain::plain},
};

plain! {
    /// You.
    Viewer {
        /// The person; nothing behind a connection.
        user as "user": Option<User>,
        /// Your places. A token shows its own only.
        memberships as "memberships": Vec<Membership>,
        /// What you may do with this session or token.
        permissions as "permissions": Vec<Code<Permission>>,
        /// What you want to be told by mail in the place you act in.
        notification_preferences as "notificationPreferences": Option<NotificationPreferences>,
    }

    /// A person.
    User {
        /// Globally unique id.
        id as "id": ID,
        /// Mail address.
        email as "email": String,
        /// Name.
        name as "name": String,
    }

    /// A person's place in a tenant, as buyer or for one supplier.
    Membership {
        /// Globally unique id.
        id as "id": ID,
        /// The tenant's short name.
        tenant as "tenant": String,
        /// The tenant's name.
        tenant_name as "tenantName": String,
        /// The supplier's id, on the supplier's side.
        supplier_id as "supplierId": Option<ID>,
        /// The supplier's name.
        supplier_name as "supplierName": Option<String>,
        /// As what.
        role as "role": Code<Role>,
        /// What the role allows.
        permissions as "permissions": Vec<Code<Permission>>,
        /// Whether you act in this place now.
        current as "current": bool,
    }
}

impl From<identity::Membership> for Membership {
    fn from(place: identity::Membership) -> Self {
        Self {
            id: ID(place.id.to_string()),
            tenant: place.tenant_slug,
            tenant_name: place.tenant_name,
            supplier_id: place.supplier.map(|id| ID(id.to_string())),
            supplier_name: place.supplier_name,
            role: Code(place.role),
            permissions: place.permissions.iter().copied().map(Code).collect(),
            current: place.current,
        }
    }
}

impl From<identity::User> for User {
    fn from(user: identity::User) -> Self {
        Self { id: ID(user.id.to_string()), email: user.email, name: user.name }
    }
}

/// Queries about oneself.
#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// You, or nothing when you are not signed in.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Option<Row<Viewer>>> {
        let Caller::Known(known) = caller(ctx)? else { return Ok(None) };
        let door = ctx.data::<Door>()?;
        let seen = identity::viewer(&door.system, &known.principal).await;
        let seen = seen.map_err(|failure| internal(&failure))?;
        let wishes = match notifications::wishes(&known.scope).await {
            Ok(wishes) => Some(wishes),
            Err(PreferencesError::Internal(failure)) => return Err(internal(&failure)),
            Err(PreferencesError::NoPerson | PreferencesError::Key(_)) => None,
        };
        Ok(Some(Row(Viewer {
            notification_preferences: wishes.map(NotificationPreferences::from),
            user: seen.user.map(User::from),
            memberships: seen.memberships.into_iter().map(Membership::from).collect(),
            permissions: known.scope.permissions.iter().copied().map(Code).collect(),
        })))
    }
}
