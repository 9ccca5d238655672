//! Within what time orders are to be answered by EDI.
use std::collections::HashMap;

use quayside_canonical::SupplierId;
use quayside_entity::{supplier, trading_partner};
use sea_orm::{ColumnTrait, QueryFilter};

use super::agreement_of;
use crate::{Failure, Scope, scope::in_tenant, store::Tx};

/// The minutes agreed with the partners of each of `suppliers`, where anything was: the fewest of several. A partner
/// that is disabled agreed to nothing.
pub(crate) async fn answered_within(
    tx: &Tx,
    scope: &Scope,
    suppliers: &[supplier::Model],
) -> Result<HashMap<SupplierId, u32>, Failure> {
    let rows = in_tenant::<trading_partner::Entity>(scope)
        .filter(trading_partner::Column::SupplierId.is_in(suppliers.iter().map(|supplier| supplier.id)))
        .filter(trading_partner::Column::DisabledAt.is_null())
        .all(&**tx)
        .await?;
    let mut agreed = HashMap::new();
    for row in rows {
        let Some(minutes) = agreement_of(&row)?.answered_within_minutes else { continue };
        let fewest = agreed.entry(row.supplier_id).or_insert(minutes);
        *fewest = minutes.min(*fewest);
    }
    Ok(agreed)
}
