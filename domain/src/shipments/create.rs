//! Drafts, and announcements in one step.
use quayside_canonical::{
    Field, Problems, ShipmentId,
    shipment::{CreateShipment, ShipNotice},
    states::{ShipmentAction, ShipmentStatus},
};
use quayside_entity::shipment;
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::{Handled, ShipmentError, check, ground, open, sscc, submit, write};
use crate::{
    SupplierScope,
    idempotency::{self, Claim, IdempotencyKey},
    store::{Tx, insert},
};

/// Files a draft. Without a key it only validates.
///
/// # Errors
/// See [`ShipmentError`].
pub async fn create(
    scope: &SupplierScope,
    request: &CreateShipment,
    key: Option<&IdempotencyKey>,
) -> Result<Handled, ShipmentError> {
    begin(scope, "shipments.create", request, key, false).await
}

/// Files and announces a shipment in one step. Without a key it only validates.
///
/// # Errors
/// See [`ShipmentError`].
pub async fn announce(
    scope: &SupplierScope,
    request: &CreateShipment,
    key: Option<&IdempotencyKey>,
) -> Result<Handled, ShipmentError> {
    begin(scope, "shipments.announce", request, key, true).await
}

async fn begin(
    scope: &SupplierScope,
    operation: &str,
    request: &CreateShipment,
    key: Option<&IdempotencyKey>,
    announced: bool,
) -> Result<Handled, ShipmentError> {
    write::may(scope)?;
    let id = ShipmentId::generate();
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    if let Some(key) = key
        && let Claim::Repeat(first) = idempotency::claim(&tx, scope, operation, key, request, &id).await?
    {
        return Ok(Handled { shipment: Some(first), replayed: true });
    }
    let (notice, mut problems) = open::filled(&tx, scope, request).await?;
    let ground = ground::load(&tx, scope, &notice, None).await?;
    let mut notice = check::with_order_numbers(notice, &ground);
    let (shipped, found) = if announced {
        let (lines, found) = check::announced(&notice, &ground);
        (Some(lines), found)
    } else {
        (None, check::draft(&notice, &ground))
    };
    add(&mut problems, found);
    is_free(&tx, scope, &notice.number, &mut problems).await?;
    sscc::check(&tx, scope, &notice, None, request.allocate_sscc, &mut problems).await?;
    problems.into_result().map_err(ShipmentError::Refused)?;
    if key.is_none() {
        return Ok(Handled { shipment: None, replayed: false });
    }
    if request.allocate_sscc {
        sscc::allocate(&tx, scope, &mut notice).await?;
    }
    let row = row(scope, id, &notice)?;
    insert(&tx, vec![row.clone().into_active_model().reset_all()])
        .await
        .map_err(|failure| taken(failure, &notice))?;
    match shipped {
        None => write::file(&tx, scope, &row, ShipmentAction::Drafted, None).await?,
        Some(lines) => submit::announce(&tx, scope, row, &notice, &lines).await?,
    }
    tx.commit().await?;
    Ok(Handled { shipment: Some(id), replayed: false })
}

fn row(scope: &SupplierScope, id: ShipmentId, notice: &ShipNotice) -> Result<shipment::Model, ShipmentError> {
    Ok(shipment::Model {
        id,
        tenant_id: scope.tenant,
        supplier_id: scope.supplier,
        number: notice.number.clone(),
        status: ShipmentStatus::Draft,
        version: 1,
        document: serde_json::to_string(notice).map_err(crate::Failure::from)?,
        order_id: None,
        ships_at: notice.ships_at,
        arrives_at: notice.arrives_at,
        late_at: None,
        submitted_at: None,
        arrived_at: None,
        finished_at: None,
        created_at: scope.now,
        updated_at: scope.now,
    })
}

/// Adds what was found to what is known already. Where the orders to ship from gave no lines, that is said.
fn add(problems: &mut Problems, found: Problems) {
    let told = !problems.is_empty();
    for problem in found.into_vec() {
        if !(told && problem.code == "REQUIRED" && problem.field == ["lines"]) {
            problems.push(problem);
        }
    }
}

/// Whether no shipment of the supplier, cancelled ones too, has the number.
async fn is_free(
    tx: &Tx,
    scope: &SupplierScope,
    number: &str,
    problems: &mut Problems,
) -> Result<(), ShipmentError> {
    let taken = scope.find::<shipment::Entity>().filter(shipment::Column::Number.eq(number));
    let taken: Option<ShipmentId> =
        taken.select_only().column(shipment::Column::Id).into_tuple().one(&**tx).await?;
    if taken.is_some() {
        problems.extend(number_taken(number));
    }
    Ok(())
}

/// Another request took the number between our look and our insert.
fn taken(failure: crate::Failure, notice: &ShipNotice) -> ShipmentError {
    match failure {
        crate::Failure::Database(error)
            if matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))) =>
        {
            ShipmentError::Refused(number_taken(&notice.number))
        }
        failure => failure.into(),
    }
}

fn number_taken(number: &str) -> Problems {
    let words = format!("shipment number {number} was used before; a number is never used twice");
    Problems::one("NUMBER_TAKEN", &Field::root().at("number"), words)
}
