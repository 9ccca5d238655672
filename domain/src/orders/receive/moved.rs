//! What a revision does to orders whose goods are on their way or here.
use std::collections::BTreeSet;

use quayside_canonical::{
    Micro, PurchaseOrderId,
    states::{ExceptionKind, Severity},
};

use super::load::Loaded;
use crate::{
    BuyerScope, Failure,
    exceptions::{self, NewException},
    ledger,
    orders::{booked::Booked, revise::OrderState},
    store::Tx,
};

/// Brings the ledger of such orders up to date, and tells of lines of which less is wanted now than has moved: a
/// change like that is never applied in silence.
pub(super) async fn settle(tx: &Tx, scope: &BuyerScope, loaded: &Loaded) -> Result<(), Failure> {
    let moved = || loaded.orders.iter().filter(|(_, order)| !order.filed.is_empty() && order.has_moved());
    let ids: BTreeSet<PurchaseOrderId> = moved().map(|(_, order)| order.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    ledger::settle(tx, scope, &ids, None).await?;
    let cases = moved().flat_map(|(number, order)| {
        let below = order.booked.iter().filter(|(_, booked)| is_below(booked));
        below.map(move |(line, booked)| case(number, order, line, booked))
    });
    exceptions::open_many(tx, scope, cases.collect()).await?;
    let enough: Vec<String> = moved()
        .flat_map(|(_, order)| {
            let enough = order.booked.iter().filter(|(_, booked)| is_enough(booked));
            enough.map(|(line, _)| subject(order, line))
        })
        .collect();
    let words = "as much is wanted again as has moved";
    exceptions::resolve_many(tx, scope, ExceptionKind::ChangeBelowShipped, &enough, words).await?;
    Ok(())
}

fn is_below(booked: &Booked) -> bool {
    let less = booked.wanted() < booked.moved && booked.wanted() < booked.wanted_before;
    booked.moved.is_positive() && (booked.unit_kept || less)
}

fn is_enough(booked: &Booked) -> bool {
    !booked.unit_kept && booked.wanted() >= booked.moved
}

fn subject(order: &OrderState, line: &str) -> String {
    format!("{}/{line}", order.id)
}

fn case(number: &str, order: &OrderState, line: &str, booked: &Booked) -> NewException {
    let (moved, unit) = (booked.moved, &booked.unit);
    let what = match booked.unit_kept {
        true => format!("the buyer wants it in another unit, and {moved} {unit} are on their way or here"),
        false if booked.wanted() == Micro::ZERO => {
            format!("the buyer wants nothing of it any more, and {moved} {unit} are on their way or here")
        }
        false => format!(
            "the buyer wants {} {unit} now, and {moved} {unit} are on their way or here",
            booked.wanted()
        ),
    };
    NewException {
        kind: ExceptionKind::ChangeBelowShipped,
        subject: subject(order, line),
        supplier: Some(order.supplier),
        order: Some(order.id),
        severity: Severity::Error,
        summary: format!("Order {number}, line {line}: {what}"),
        detail: serde_json::json!({ "line": line, "wanted": booked.wanted(), "moved": moved, "unit": unit }),
    }
}
