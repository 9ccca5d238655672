//! Who has to see to an exception, and by when: the tenant's routes, the most specific first.
use std::collections::HashSet;

use quayside_canonical::{
    SupplierId, Timestamp, UserId,
    exception::OwnerKind,
    states::{ExceptionKind, Severity},
};
use quayside_entity::{exception_route, membership};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use crate::{Failure, Scope, scope::in_tenant, store::Tx};

/// The routes of a tenant.
pub(super) struct Routes {
    rules: Vec<exception_route::Model>,
    /// Persons named by a route who still are the buyer's.
    there: HashSet<UserId>,
}

/// Where an exception goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) owner: OwnerKind,
    pub(super) person: Option<UserId>,
    pub(super) severity: Severity,
    pub(super) due_at: Timestamp,
}

impl Routes {
    pub(super) async fn load(tx: &Tx, scope: &Scope) -> Result<Self, Failure> {
        let rules = in_tenant::<exception_route::Entity>(scope).all(&**tx).await?;
        let named: Vec<UserId> = rules.iter().filter_map(|rule| rule.owner_user_id).collect();
        let there = buyers_people(tx, scope, named).await?;
        Ok(Self { rules, there })
    }

    /// Each thing a route can say is taken from the most specific route that says it: supplier and kind, then
    /// kind, then supplier, then the tenant's default, then ours.
    pub(super) fn of(
        &self,
        kind: ExceptionKind,
        supplier: Option<SupplierId>,
        severity: Severity,
        now: Timestamp,
    ) -> Route {
        let fits = |rule: &&exception_route::Model| {
            rule.kind.is_none_or(|it| it == kind)
                && (rule.supplier_id.is_none() || rule.supplier_id == supplier)
        };
        let mut rules: Vec<_> = self.rules.iter().filter(fits).collect();
        rules.sort_by_key(|rule| (rule.kind.is_none(), rule.supplier_id.is_none()));
        let severity = rules.iter().find_map(|rule| rule.severity).unwrap_or(severity);
        let minutes = rules.iter().find_map(|rule| rule.due_minutes.and_then(|due| u64::try_from(due).ok()));
        let minutes = minutes.unwrap_or_else(|| u64::from(severity.default_minutes()));
        let due_at = now.plus(std::time::Duration::from_secs(minutes * 60));
        let named = rules.iter().find_map(|rule| rule.owner_kind.map(|owner| (owner, rule.owner_user_id)));
        let (owner, person) = match named {
            Some((OwnerKind::Supplier, _)) if supplier.is_some() && kind.concerns_supplier() => {
                (OwnerKind::Supplier, None)
            }
            Some((OwnerKind::Person, Some(person))) if self.there.contains(&person) => {
                (OwnerKind::Person, Some(person))
            }
            _ => (OwnerKind::Procurement, None),
        };
        Route { owner, person, severity, due_at }
    }
}

/// Which of `users` have a place on the buyer's side now.
pub(super) async fn buyers_people(
    tx: &Tx,
    scope: &Scope,
    users: Vec<UserId>,
) -> Result<HashSet<UserId>, Failure> {
    if users.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<UserId> = in_tenant::<membership::Entity>(scope)
        .filter(membership::Column::UserId.is_in(users))
        .filter(membership::Column::SupplierId.is_null())
        .filter(membership::Column::EndedAt.is_null())
        .select_only()
        .column(membership::Column::UserId)
        .into_tuple()
        .all(&**tx)
        .await?;
    Ok(found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use quayside_canonical::TenantId;

    use super::*;

    fn rule(
        supplier: Option<SupplierId>,
        kind: Option<ExceptionKind>,
        minutes: i32,
    ) -> exception_route::Model {
        exception_route::Model {
            tenant_id: TenantId::generate(),
            place: String::new(),
            supplier_id: supplier,
            kind,
            owner_kind: None,
            owner_user_id: None,
            due_minutes: Some(minutes),
            severity: None,
            updated_at: Timestamp::from_micros(0),
            updated_by: String::new(),
        }
    }

    #[test]
    fn the_most_specific_route_wins_for_each_thing_it_says() {
        let (supplier, late) = (SupplierId::generate(), ExceptionKind::ShipmentLate);
        let (person, gone) = (UserId::generate(), UserId::generate());
        let mut both = rule(Some(supplier), Some(late), 1);
        both.due_minutes = None;
        both.severity = Some(Severity::Critical);
        let mut of_kind = rule(None, Some(late), 2);
        of_kind.owner_kind = Some(OwnerKind::Supplier);
        let mut of_supplier = rule(Some(supplier), None, 3);
        of_supplier.owner_kind = Some(OwnerKind::Person);
        of_supplier.owner_user_id = Some(person);
        let mut default = rule(None, None, 4);
        default.owner_kind = Some(OwnerKind::Person);
        default.owner_user_id = Some(gone);
        let routes =
            Routes { rules: vec![default, of_supplier, of_kind, both], there: HashSet::from([person]) };
        let now = Timestamp::from_micros(0);
        let of = |kind, supplier| {
            let route = routes.of(kind, supplier, Severity::Warning, now);
            (route.owner, route.person, route.severity, route.due_at.seconds() / 60)
        };
        assert_eq!(of(late, Some(supplier)), (OwnerKind::Supplier, None, Severity::Critical, 2));
        assert_eq!(of(late, Some(SupplierId::generate())), (OwnerKind::Supplier, None, Severity::Warning, 2));
        assert_eq!(
            of(late, None),
            (OwnerKind::Procurement, None, Severity::Warning, 2),
            "there is no supplier"
        );
        let unknown = ExceptionKind::UnknownCode;
        assert_eq!(of(unknown, Some(supplier)), (OwnerKind::Person, Some(person), Severity::Warning, 3));
        assert_eq!(
            of(unknown, None),
            (OwnerKind::Procurement, None, Severity::Warning, 4),
            "who left owns nothing"
        );
    }

    #[test]
    fn without_any_route_procurement_has_a_day_or_three() {
        let routes = Routes { rules: Vec::new(), there: HashSet::new() };
        for (severity, hours) in [(Severity::Warning, 72), (Severity::Error, 24), (Severity::Critical, 24)] {
            let route = routes.of(ExceptionKind::DeliveryFailed, None, severity, Timestamp::from_micros(0));
            assert_eq!((route.owner, route.due_at.seconds()), (OwnerKind::Procurement, hours * 3_600));
        }
    }
}
