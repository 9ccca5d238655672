//! Slots at docks: asked for and given up by the supplier. What the warehouse says about them is
//! [`crate::appointments`]'s.
use quayside_canonical::{
    AppointmentId, EventId, Field, Problems, ShipmentId,
    events::{AppointmentCancelled, AppointmentRequested},
    shipment::RequestAppointment,
    states::{AppointmentStatus, ShipmentStatus},
};
use quayside_entity::{appointment, shipment};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, Set};

use super::{Handled, ShipmentError, submit, write};
use crate::{
    SupplierScope,
    idempotency::{self, Claim, IdempotencyKey},
    outbox::{self, Fact},
    store::{Tx, insert},
};

/// The longest text to a warehouse.
const NOTE: usize = 2_000;

/// Asks for a slot, or for another one. Without a key it only validates.
///
/// # Errors
/// See [`ShipmentError`].
pub async fn request(
    scope: &SupplierScope,
    request: &RequestAppointment,
    key: Option<&IdempotencyKey>,
) -> Result<Handled, ShipmentError> {
    write::may(scope)?;
    let done = |replayed| Handled { shipment: Some(request.shipment), replayed };
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    if let Some(key) = key {
        let claim = idempotency::claim(&tx, scope, "appointments.request", key, request, &request.shipment);
        if claim.await? != Claim::First {
            return Ok(done(true));
        }
    }
    let row = write::lock(&tx, scope, request.shipment, None).await?;
    let known = of_shipment(&tx, scope, row.id).await?;
    check(scope, request, &row, known.as_ref())?;
    if key.is_some() {
        record(&tx, scope, request, &row, known).await?;
        tx.commit().await?;
    }
    Ok(done(false))
}

/// Gives a slot up. Without a key it only validates.
///
/// # Errors
/// See [`ShipmentError`].
pub async fn cancel(
    scope: &SupplierScope,
    shipment: ShipmentId,
    reason: Option<&String>,
    key: Option<&IdempotencyKey>,
) -> Result<Handled, ShipmentError> {
    write::may(scope)?;
    let done = |replayed| Handled { shipment: Some(shipment), replayed };
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    if let Some(key) = key {
        let claim =
            idempotency::claim(&tx, scope, "appointments.cancel", key, &(shipment, reason), &shipment)
                .await?;
        if claim != Claim::First {
            return Ok(done(true));
        }
    }
    let row = write::lock(&tx, scope, shipment, None).await?;
    let mut problems = Problems::new();
    let known = of_shipment(&tx, scope, row.id).await?;
    let known = known.filter(|known| is_open(known.status));
    if known.is_none() {
        problems.add("NO_APPOINTMENT", &Field::root().at("shipmentId"), "no slot is asked for or given");
    }
    note(reason, "reason", &mut problems);
    problems.into_result().map_err(ShipmentError::Refused)?;
    if let (Some(known), Some(_)) = (known, key) {
        give_up(&tx, scope, &row, known, reason.cloned(), None).await?;
        tx.commit().await?;
    }
    Ok(done(false))
}

fn check(
    scope: &SupplierScope,
    request: &RequestAppointment,
    row: &shipment::Model,
    known: Option<&appointment::Model>,
) -> Result<(), ShipmentError> {
    let mut problems = Problems::new();
    let root = Field::root();
    if !write::may_change(row.status) || row.status == ShipmentStatus::Arrived {
        let words =
            format!("the shipment is {}: a slot is for announced goods that have not arrived", row.status);
        problems.add("NOT_EXPECTED", &root.at("shipmentId"), words);
    }
    if known.is_some_and(|known| {
        matches!(known.status, AppointmentStatus::Arrived | AppointmentStatus::Completed)
    }) {
        problems.add("NOT_EXPECTED", &root.at("shipmentId"), "the goods are at the dock already");
    }
    if request.until < request.from {
        problems.add("INVALID_VALUE", &root.at("until"), "is before from");
    }
    if request.until < scope.now {
        problems.add("IN_THE_PAST", &root.at("until"), "that time is over");
    }
    note(request.note.as_ref(), "note", &mut problems);
    problems.into_result().map_err(ShipmentError::Refused)
}

fn note(text: Option<&String>, field: &str, problems: &mut Problems) {
    if text.is_some_and(|text| text.chars().count() > NOTE) {
        problems.add("TOO_LONG", &Field::root().at(field), format!("at most {NOTE} characters"));
    }
}

async fn record(
    tx: &Tx,
    scope: &SupplierScope,
    request: &RequestAppointment,
    shipment: &shipment::Model,
    known: Option<appointment::Model>,
) -> Result<(), ShipmentError> {
    let location = write::notice(shipment)?.ship_to.and_then(|party| party.code);
    let id = known.as_ref().map_or_else(AppointmentId::generate, |known| known.id);
    match known {
        Some(known) => {
            let row = appointment::ActiveModel {
                id: Set(known.id),
                status: Set(AppointmentStatus::Requested),
                requested_from: Set(Some(request.from)),
                requested_until: Set(Some(request.until)),
                request_note: Set(request.note.clone()),
                updated_at: Set(scope.now),
                ..Default::default()
            };
            row.update(&**tx).await?;
        }
        None => {
            let row = new(scope, id, shipment, request, location.clone());
            insert(tx, vec![row.into_active_model().reset_all()]).await?;
        }
    }
    let event = AppointmentRequested {
        appointment: id,
        shipment: shipment.id,
        shipment_number: shipment.number.clone(),
        supplier_number: submit::supplier_number(tx, scope).await?,
        location,
        from: request.from,
        until: request.until,
        note: request.note.clone(),
    };
    // About the shipment, so that a warehouse never hears of a slot before it hears of the goods.
    outbox::append(tx, scope, vec![Fact::new(write::about(shipment), &event)?]).await?;
    Ok(())
}

fn new(
    scope: &SupplierScope,
    id: AppointmentId,
    shipment: &shipment::Model,
    request: &RequestAppointment,
    location: Option<String>,
) -> appointment::Model {
    appointment::Model {
        id,
        tenant_id: scope.tenant,
        supplier_id: scope.supplier,
        shipment_id: shipment.id,
        status: AppointmentStatus::Requested,
        number: None,
        location,
        dock: None,
        requested_from: Some(request.from),
        requested_until: Some(request.until),
        request_note: request.note.clone(),
        slot_from: None,
        slot_until: None,
        answer_note: None,
        source_revision: None,
        source_sequence: 0,
        source_issued_at: None,
        content_hash: None,
        created_at: scope.now,
        updated_at: scope.now,
    }
}

/// Gives up the slot of a shipment that was cancelled, if it has one.
pub(super) async fn close(
    tx: &Tx,
    scope: &SupplierScope,
    shipment: &shipment::Model,
    cause: EventId,
) -> Result<(), ShipmentError> {
    match of_shipment(tx, scope, shipment.id).await? {
        Some(known) if is_open(known.status) => {
            let reason = Some("the shipment was cancelled".to_owned());
            give_up(tx, scope, shipment, known, reason, Some(cause)).await
        }
        _ => Ok(()),
    }
}

async fn give_up(
    tx: &Tx,
    scope: &SupplierScope,
    shipment: &shipment::Model,
    known: appointment::Model,
    reason: Option<String>,
    cause: Option<EventId>,
) -> Result<(), ShipmentError> {
    let row = appointment::ActiveModel {
        id: Set(known.id),
        status: Set(AppointmentStatus::Cancelled),
        updated_at: Set(scope.now),
        ..Default::default()
    };
    row.update(&**tx).await?;
    let event = AppointmentCancelled {
        appointment: known.id,
        shipment: shipment.id,
        shipment_number: shipment.number.clone(),
        location: known.location,
        reason,
    };
    let fact = Fact::new(write::about(shipment), &event)?;
    let fact = match cause {
        Some(cause) => fact.caused_by(cause),
        None => fact,
    };
    outbox::append(tx, scope, vec![fact]).await?;
    Ok(())
}

async fn of_shipment(
    tx: &Tx,
    scope: &SupplierScope,
    shipment: ShipmentId,
) -> Result<Option<appointment::Model>, ShipmentError> {
    let rows = scope.find::<appointment::Entity>().filter(appointment::Column::ShipmentId.eq(shipment));
    Ok(rows.one(&**tx).await?)
}

/// Whether a slot is asked for or given.
const fn is_open(status: AppointmentStatus) -> bool {
    matches!(status, AppointmentStatus::Requested | AppointmentStatus::Confirmed)
}
