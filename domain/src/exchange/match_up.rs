//! Finding what we sent by the numbers that a partner gives.
use std::collections::BTreeSet;

use quayside_canonical::{SentInterchangeId, TradingPartnerId};
use quayside_entity::{sent_interchange, sent_message};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{Failure, Scope, scope::in_tenant, store::Tx};

/// The most interchanges that one word of a partner is about.
const MOST: u64 = 200;

/// The forms in which a control number may stand: as it is, and with and without zeros in front.
fn forms(number: &str) -> impl Iterator<Item = String> {
    let bare = number.trim_start_matches('0');
    let bare = if bare.is_empty() { "0" } else { bare };
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let more =
        if digits { vec![bare.to_owned(), format!("{bare:0>9}"), format!("{bare:0>4}")] } else { Vec::new() };
    std::iter::once(number.to_owned()).chain(more)
}

/// The interchanges sent to a partner under one of these numbers, locked.
pub(super) async fn by_number(
    tx: &Tx,
    scope: &Scope,
    partner: TradingPartnerId,
    numbers: &[&str],
) -> Result<Vec<sent_interchange::Model>, Failure> {
    use sent_interchange::Column;
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: BTreeSet<String> = numbers.iter().flat_map(|number| forms(number)).collect();
    let rows = in_tenant::<sent_interchange::Entity>(scope)
        .filter(Column::PartnerId.eq(partner))
        .filter(Column::ControlNumber.is_in(wanted))
        .order_by_asc(Column::Id)
        .limit(MOST)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    Ok(rows)
}

/// The interchanges sent to a partner with a group of one of these numbers, locked.
pub(super) async fn by_group(
    tx: &Tx,
    scope: &Scope,
    partner: TradingPartnerId,
    groups: &[&str],
) -> Result<Vec<sent_interchange::Model>, Failure> {
    use sent_message::Column;
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: BTreeSet<String> = groups.iter().flat_map(|number| forms(number)).collect();
    let ids: Vec<SentInterchangeId> = in_tenant::<sent_message::Entity>(scope)
        .filter(Column::PartnerId.eq(partner))
        .filter(Column::GroupNumber.is_in(wanted))
        .select_only()
        .column(Column::InterchangeId)
        .distinct()
        .limit(MOST)
        .into_tuple()
        .all(&**tx)
        .await?;
    let rows = in_tenant::<sent_interchange::Entity>(scope)
        .filter(sent_interchange::Column::Id.is_in(ids))
        .order_by_asc(sent_interchange::Column::Id)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    Ok(rows)
}

/// The messages of interchanges, in their order.
pub(super) async fn messages(
    tx: &Tx,
    scope: &Scope,
    interchanges: &[SentInterchangeId],
) -> Result<Vec<sent_message::Model>, Failure> {
    use sent_message::Column;
    let rows = in_tenant::<sent_message::Entity>(scope)
        .filter(Column::InterchangeId.is_in(interchanges.iter().copied()))
        .order_by_asc(Column::InterchangeId)
        .order_by_asc(Column::Place)
        .all(&**tx)
        .await?;
    Ok(rows)
}

/// Whether anything was ever sent to a partner.
pub(super) async fn ever_sent(tx: &Tx, scope: &Scope, partner: TradingPartnerId) -> Result<bool, Failure> {
    let any = in_tenant::<sent_interchange::Entity>(scope)
        .filter(sent_interchange::Column::PartnerId.eq(partner))
        .select_only()
        .column(sent_interchange::Column::Id)
        .into_tuple::<SentInterchangeId>()
        .one(&**tx)
        .await?;
    Ok(any.is_some())
}

/// Messages as people call them: `850 PO-1, 860 PO-2 and 3 more`.
pub(super) fn named(messages: &[sent_message::Model]) -> String {
    const SHOWN: usize = 3;
    let name = |message: &sent_message::Model| match &message.number {
        Some(number) => format!("{} {number}", message.message_type),
        None => message.message_type.clone(),
    };
    let shown: Vec<String> = messages.iter().take(SHOWN).map(name).collect();
    let more = messages.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", shown.join(", "))
}
