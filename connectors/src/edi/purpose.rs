//! What a message does to what was stated before, whichever code says so.
use quayside_canonical::{
    Field,
    order::{PurchaseOrder, SourceRevision},
    order_change::{Effect, OrderChange},
};

use super::sent::Sent;

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It states something for the first time, or the same again.
    State,
    /// It states the whole anew: what was stated before holds no more.
    Replace,
    /// It takes back what was stated before.
    Cancel,
}

/// A kind of message and its codes for the three purposes, as they stand in the names we give.
pub(super) struct Codes {
    /// Such as `850`.
    pub(super) kind: &'static str,
    /// For [`Purpose::State`].
    pub(super) state: &'static str,
    /// For [`Purpose::Replace`].
    pub(super) replace: &'static str,
    /// For [`Purpose::Cancel`].
    pub(super) cancel: &'static str,
}

impl Codes {
    /// What tells a message about `number` from every other. One without a purpose that we take goes by the first.
    pub(super) fn key(&self, number: &str, purpose: Option<Purpose>, sent: &Sent) -> String {
        let (kind, stamp) = (self.kind, &sent.stamp);
        match purpose {
            Some(Purpose::State) | None => format!("{kind} {number} {}", self.state),
            Some(Purpose::Replace) => format!("{kind} {number} {} {stamp}", self.replace),
            Some(Purpose::Cancel) => format!("{kind} {number} {} {stamp}", self.cancel),
        }
    }

    /// The change that an order makes which replaces or cancels an earlier statement of it.
    pub(super) fn change(
        &self,
        order: PurchaseOrder,
        purpose: Purpose,
        sent: &Sent,
        place: Field,
    ) -> OrderChange {
        let cancelled = purpose == Purpose::Cancel;
        let code = if cancelled { self.cancel } else { self.replace };
        let revision = SourceRevision {
            id: format!("{}-{code}-{}", self.kind, sent.stamp),
            sequence: None,
            // Some buyers date their orders ahead: a replacement is never older than what it replaces.
            issued_at: sent.at.max(order.revision.issued_at),
        };
        let order = Box::new(PurchaseOrder { revision: revision.clone(), cancelled, ..order });
        OrderChange {
            number: order.number.clone(),
            revision,
            effect: if cancelled { Effect::Cancel } else { Effect::Replace(order.clone()) },
            if_unknown: Some(order),
            place,
        }
    }
}
