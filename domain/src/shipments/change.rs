//! Changing a draft, or what was announced.
use std::collections::BTreeSet;

use quayside_canonical::{
    Field, PurchaseOrderId,
    shipment::{ChangeShipment, ShipNotice},
    states::{ShipmentAction, ShipmentStatus},
};
use quayside_entity::{shipment, shipment_line};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Handled, ShipmentError, check, ground, sscc, submit, write};
use crate::{
    Failure, SupplierScope,
    idempotency::{self, Claim, IdempotencyKey},
    store::Tx,
};

/// Changes a draft. Without a key it only validates.
///
/// # Errors
/// See [`ShipmentError`].
pub async fn update(
    scope: &SupplierScope,
    request: &ChangeShipment,
    key: Option<&IdempotencyKey>,
) -> Result<Handled, ShipmentError> {
    change(scope, request, key, What::Draft).await
}

/// Changes what was announced. Without a key it only validates.
///
/// # Errors
/// See [`ShipmentError`].
pub async fn amend(
    scope: &SupplierScope,
    request: &ChangeShipment,
    key: Option<&IdempotencyKey>,
) -> Result<Handled, ShipmentError> {
    change(scope, request, key, What::Announced).await
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Draft,
    Announced,
}

impl What {
    const fn operation(self) -> &'static str {
        match self {
            Self::Draft => "shipments.update",
            Self::Announced => "shipments.amend",
        }
    }

    fn check(self, status: ShipmentStatus) -> Result<(), ShipmentError> {
        let field = Field::root().at("id");
        let (code, words) = match self {
            Self::Draft if status == ShipmentStatus::Draft => return Ok(()),
            Self::Draft => ("NOT_A_DRAFT", format!("the shipment is {status}: amend it instead")),
            Self::Announced if write::may_change(status) => return Ok(()),
            Self::Announced if status == ShipmentStatus::Draft => {
                ("NOT_ANNOUNCED", "the shipment is a draft: update it instead".to_owned())
            }
            Self::Announced if status == ShipmentStatus::Cancelled => {
                ("CANCELLED", "the shipment is cancelled: create another one".to_owned())
            }
            Self::Announced => {
                let words = "the warehouse has begun to receive it; it can be changed again when every receipt is taken back";
                ("RECEIVING_BEGAN", words.to_owned())
            }
        };
        Err(ShipmentError::refused(code, &field, words))
    }
}

async fn change(
    scope: &SupplierScope,
    request: &ChangeShipment,
    key: Option<&IdempotencyKey>,
    what: What,
) -> Result<Handled, ShipmentError> {
    write::may(scope)?;
    let done = |replayed| Handled { shipment: Some(request.shipment), replayed };
    let tx = if key.is_some() { scope.write().await? } else { scope.read().await? };
    if let Some(key) = key {
        let claim = idempotency::claim(&tx, scope, what.operation(), key, request, &request.shipment).await?;
        if claim != Claim::First {
            return Ok(done(true));
        }
    }
    write::peek(&tx, scope, request.shipment).await?;
    let before = orders_of(&tx, scope, request).await?;
    let ground = ground::load_with(&tx, scope, &request.notice, Some(request.shipment), &before).await?;
    let row = write::lock(&tx, scope, request.shipment, Some(request.version)).await?;
    what.check(row.status)?;
    let mut notice = check::with_order_numbers(request.notice.clone(), &ground);
    notice.number.clone_from(&row.number);
    let (lines, mut problems) = match what {
        What::Draft => (Vec::new(), check::draft(&notice, &ground)),
        What::Announced => check::announced(&notice, &ground),
    };
    sscc::check(&tx, scope, &notice, Some(row.id), request.allocate_sscc, &mut problems).await?;
    problems.into_result().map_err(ShipmentError::Refused)?;
    if key.is_none() {
        return Ok(done(false));
    }
    if request.allocate_sscc {
        sscc::allocate(&tx, scope, &mut notice).await?;
    }
    let row = next(row, &notice)?;
    match what {
        What::Draft => {
            let row = shipment::Model { updated_at: scope.now, ..row };
            write::save(&tx, &row).await?;
            write::file(&tx, scope, &row, ShipmentAction::Drafted, None).await?;
        }
        What::Announced => submit::amend(&tx, scope, row, &notice, &lines, before).await?,
    }
    tx.commit().await?;
    Ok(done(false))
}

fn next(row: shipment::Model, notice: &ShipNotice) -> Result<shipment::Model, Failure> {
    Ok(shipment::Model {
        version: row.version + 1,
        document: serde_json::to_string(notice)?,
        // What was announced has left at a time, even where the supplier does not say it again.
        ships_at: notice.ships_at.or(row.ships_at.filter(|_| row.status != ShipmentStatus::Draft)),
        arrives_at: notice.arrives_at,
        ..row
    })
}

/// The orders that the announced shipment holds goods of.
async fn orders_of(
    tx: &Tx,
    scope: &SupplierScope,
    request: &ChangeShipment,
) -> Result<BTreeSet<PurchaseOrderId>, Failure> {
    let orders: Vec<PurchaseOrderId> = scope
        .find::<shipment_line::Entity>()
        .filter(shipment_line::Column::ShipmentId.eq(request.shipment))
        .order_by_asc(shipment_line::Column::Place)
        .select_only()
        .column(shipment_line::Column::OrderId)
        .into_tuple()
        .all(&**tx)
        .await?;
    Ok(orders.into_iter().collect())
}
