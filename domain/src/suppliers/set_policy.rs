//! Replaces one layer of the rules.
use quayside_canonical::{
    Field, Micro, Problems, SupplierGroupId, SupplierId, TenantId, events::PolicyChanged, policy::Policy,
};
use quayside_entity::{supplier, supplier_group, tenant};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QuerySelect, Set};

use crate::{
    Failure, SystemScope,
    outbox::{self, About, Fact},
    set_up::{SetUpError, json, not_found, operator},
    store::Tx,
};

/// A year is longer than anybody waits for an answer or a delivery.
const MAX_DAYS: u16 = 366;

/// Whose rules.
#[derive(Clone, Copy, Debug)]
pub enum Layer {
    /// The tenant's, for everybody.
    Tenant,
    /// A group's.
    Group(SupplierGroupId),
    /// A supplier's.
    Supplier(SupplierId),
}

/// What is to hold.
#[derive(Clone, Debug)]
pub struct SetPolicy {
    /// The tenant.
    pub tenant: TenantId,
    /// Whose rules.
    pub layer: Layer,
    /// What the layer says from now on. What it does not say, the layer above does.
    pub policy: Policy,
}

/// Replaces a layer. Orders that were judged already are not judged again.
///
/// # Errors
/// The layer is not there, or the rules make no sense: all problems at once.
pub async fn set_policy(system: &SystemScope, cmd: SetPolicy) -> Result<(), SetUpError> {
    let mut problems = Problems::new();
    check_policy(&mut problems, &cmd.policy);
    let tx = system.write().await?;
    let about = replace(system, &tx, &cmd).await?;
    if about.is_none() {
        not_found(&mut problems, &Field::root().at("layer"), "tenant, group or supplier");
    }
    problems.into_result()?;
    if let Some(about) = about {
        let event = PolicyChanged { subject: about.subject.clone(), policy: cmd.policy };
        outbox::append(&tx, &operator(system, cmd.tenant), vec![Fact::new(about, &event)?]).await?;
    }
    Ok(tx.commit().await?)
}

/// Adds what makes no sense in `policy` to `problems`.
pub(super) fn check_policy(problems: &mut Problems, policy: &Policy) {
    let field = Field::root().at("policy");
    let percent = [
        ("quantityOverPercent", policy.quantity_over_percent, Micro::from(1_000)),
        ("quantityUnderPercent", policy.quantity_under_percent, Micro::from(100)),
        ("priceOverPercent", policy.price_over_percent, Micro::from(1_000)),
        ("priceUnderPercent", policy.price_under_percent, Micro::from(100)),
    ];
    for (name, value, most) in percent {
        if value.is_some_and(|value| value < Micro::ZERO || value > most) {
            problems.add(
                "OUT_OF_RANGE",
                &field.at(name),
                format!("expected 0 to {} percent", most.decimal()),
            );
        }
    }
    for (name, value) in [("earlyDays", policy.early_days), ("lateDays", policy.late_days)] {
        if value.is_some_and(|value| value > MAX_DAYS) {
            problems.add("OUT_OF_RANGE", &field.at(name), format!("expected 0 to {MAX_DAYS} days"));
        }
    }
    let most = u32::from(MAX_DAYS) * 24 * 60;
    if policy.answer_within_minutes.is_some_and(|minutes| minutes == 0 || minutes > most) {
        problems.add(
            "OUT_OF_RANGE",
            &field.at("answerWithinMinutes"),
            format!("expected 1 to {most} minutes"),
        );
    }
}

/// Writes the layer, and says what the event is about; nothing when there is no such layer.
async fn replace(system: &SystemScope, tx: &Tx, cmd: &SetPolicy) -> Result<Option<About>, Failure> {
    let policy = json(&cmd.policy)?;
    match cmd.layer {
        Layer::Tenant => {
            let row = system.find::<tenant::Entity>().filter(tenant::Column::Id.eq(cmd.tenant));
            let Some(row) = row.lock_exclusive().one(&**tx).await? else { return Ok(None) };
            let mut row: tenant::ActiveModel = row.into();
            row.policy = Set(policy);
            row.update(&**tx).await?;
            Ok(Some(About::tenant(&cmd.tenant)))
        }
        Layer::Group(id) => {
            let row = system
                .find::<supplier_group::Entity>()
                .filter(supplier_group::Column::Id.eq(id))
                .filter(supplier_group::Column::TenantId.eq(cmd.tenant));
            let Some(row) = row.lock_exclusive().one(&**tx).await? else { return Ok(None) };
            let mut row: supplier_group::ActiveModel = row.into();
            row.policy = Set(policy);
            row.update(&**tx).await?;
            Ok(Some(About::tenant(&id)))
        }
        Layer::Supplier(id) => {
            let row = system
                .find::<supplier::Entity>()
                .filter(supplier::Column::Id.eq(id))
                .filter(supplier::Column::TenantId.eq(cmd.tenant));
            let Some(row) = row.lock_exclusive().one(&**tx).await? else { return Ok(None) };
            let mut row: supplier::ActiveModel = row.into();
            row.policy = Set(policy);
            row.update(&**tx).await?;
            Ok(Some(About { subject: id.to_string(), supplier: Some(id), order: None }))
        }
    }
}
