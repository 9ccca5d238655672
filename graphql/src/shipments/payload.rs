//! What became of a change of a shipment: the same for all of them.
use std::collections::BTreeSet;

use async_graphql::{Context, Result, SimpleObject};
use quayside_canonical::Problems;
use quayside_domain::shipments::{Handled, ShipmentError as Refusal};

use super::Shipment;
use crate::{
    context::{claim_error, coded, internal, mark_replayed},
    loaders::load,
    types::user_error::{ShipmentError, ShipmentErrorCode},
};

/// What became of it.
#[derive(Default, SimpleObject)]
pub struct ShipmentPayload {
    /// The shipment; nothing when the change was refused or only validated.
    pub(super) shipment: Option<Shipment>,
    /// Every problem at once.
    pub(super) user_errors: Vec<ShipmentError>,
}

/// The payload of a change. `id` is the input's field that names the shipment.
pub(super) async fn payload(
    ctx: &Context<'_>,
    handled: Result<Handled, Refusal>,
    written: bool,
    id: &str,
) -> Result<ShipmentPayload> {
    match handled {
        Ok(handled) => {
            mark_replayed(ctx, handled.replayed);
            let shipment = match handled.shipment.filter(|_| written) {
                Some(id) => load(ctx, id).await?.map(Shipment),
                None => None,
            };
            Ok(ShipmentPayload { shipment, user_errors: Vec::new() })
        }
        Err(Refusal::NotFound) => Ok(not_found(id)),
        Err(Refusal::Forbidden) => Err(coded("FORBIDDEN", Refusal::Forbidden.to_string())),
        Err(error @ Refusal::StaleVersion { .. }) => {
            let code = ShipmentErrorCode::StaleVersion;
            Ok(refused(ShipmentError::one(code, "version", error.to_string())))
        }
        Err(Refusal::Refused(problems)) => Ok(refused(ShipmentError::all(problems))),
        Err(Refusal::Key(error)) => Err(claim_error(error)),
        Err(Refusal::Internal(failure)) => Err(internal(&failure)),
    }
}

/// There is no such shipment for the caller.
pub(super) fn not_found(id: &str) -> ShipmentPayload {
    refused(ShipmentError::one(ShipmentErrorCode::NotFound, id, Refusal::NotFound.to_string()))
}

fn refused(user_errors: Vec<ShipmentError>) -> ShipmentPayload {
    ShipmentPayload { user_errors, ..ShipmentPayload::default() }
}

/// What the rules make of a request that holds what cannot be said in the trade's words: refused in any case, with all
/// that is wrong with the rest.
pub(super) fn refuse(unsayable: Problems, rest: Result<Handled, Refusal>) -> Result<Handled, Refusal> {
    match rest {
        Ok(_) => Err(Refusal::Refused(unsayable)),
        Err(Refusal::Refused(found)) => {
            let places: BTreeSet<Vec<String>> =
                unsayable.as_slice().iter().map(|problem| problem.field.clone()).collect();
            let mut all = unsayable;
            // An order that is not named is not there either: once is enough.
            for problem in found.into_vec() {
                if !places.contains(&problem.field) {
                    all.push(problem);
                }
            }
            Err(Refusal::Refused(all))
        }
        Err(
            error @ (Refusal::NotFound
            | Refusal::Forbidden
            | Refusal::StaleVersion { .. }
            | Refusal::Key(_)
            | Refusal::Internal(_)),
        ) => Err(error),
    }
}
