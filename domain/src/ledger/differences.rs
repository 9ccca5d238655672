//! Keeping discrepancies in step with what differs: opened, changed and withdrawn by what warehouses state, never
//! by hand. A decision about one holds as long as the difference it was about is what it was.
use std::collections::{BTreeMap, BTreeSet};

use quayside_canonical::{
    DiscrepancyId, EventId, Micro, PurchaseOrderId, ShipmentId,
    events::{DiscrepancyChanged, DiscrepancyOpened},
    states::{DiscrepancyKind, DiscrepancyStatus, ExceptionKind, GoodsCondition, Severity},
};
use quayside_entity::{discrepancy, purchase_order, receipt_line};
use sea_orm::{ActiveModelTrait, IntoActiveModel, sea_query::OnConflict};

use super::{
    load::{Key, Loaded},
    position::Position,
};
use crate::{
    Failure, Scope,
    exceptions::{self, Cure, NewException},
    outbox::{self, About, Fact},
    store::{Tx, upsert},
};

type Orders = BTreeMap<PurchaseOrderId, purchase_order::Model>;
/// What differs: a kind, and the shipment it came with.
type Difference = (DiscrepancyKind, Option<ShipmentId>);

/// What the rows become.
#[derive(Default)]
struct Changes {
    rows: Vec<discrepancy::Model>,
    facts: Vec<Fact>,
    opened: Vec<NewException>,
    cured: Vec<(ExceptionKind, String)>,
}

/// Writes what differs now, and tells what changed.
pub(super) async fn write(
    tx: &Tx,
    scope: &Scope,
    orders: &Orders,
    loaded: &mut Loaded,
    positions: &BTreeMap<Key, Position>,
    cause: Option<EventId>,
) -> Result<(), Failure> {
    let mut changes = Changes::default();
    for (key, position) in positions {
        let Some(order) = orders.get(&key.0) else { continue };
        let known: BTreeMap<Difference, usize> = loaded
            .discrepancies
            .iter()
            .enumerate()
            .filter(|(_, row)| row.order_id == key.0 && row.line == key.1)
            .map(|(place, row)| ((row.kind, row.shipment_id), place))
            .collect();
        let all: BTreeSet<&Difference> = known.keys().chain(position.differences.keys()).collect();
        for difference in all {
            let quantity = position.differences.get(difference).copied().unwrap_or_default();
            match known.get(difference) {
                Some(place) => {
                    let row = &mut loaded.discrepancies[*place];
                    show_evidence(row, &loaded.stated)?;
                    changes.change(scope, order, row, quantity)?;
                }
                None => {
                    let unit = loaded.lines[key].unit.clone();
                    let mut row = new(scope, order, key, *difference, quantity, unit);
                    show_evidence(&mut row, &loaded.stated)?;
                    changes.open(order, &row)?;
                    loaded.discrepancies.push(row);
                }
            }
        }
    }
    changes.write(tx, scope, cause).await
}

fn new(
    scope: &Scope,
    order: &purchase_order::Model,
    key: &Key,
    (kind, shipment): Difference,
    quantity: Micro,
    unit: String,
) -> discrepancy::Model {
    discrepancy::Model {
        id: DiscrepancyId::generate(),
        tenant_id: scope.tenant,
        supplier_id: order.supplier_id,
        order_id: order.id,
        line: key.1.clone(),
        shipment_id: shipment,
        cause: shipment.map(|shipment| shipment.to_string()).unwrap_or_default(),
        kind,
        status: DiscrepancyStatus::Open,
        quantity,
        unit,
        condition_codes: "[]".to_owned(),
        evidence: "[]".to_owned(),
        statement: None,
        contested_at: None,
        resolution: None,
        resolved_quantity: None,
        note: None,
        resolved_by: None,
        resolved_at: None,
        opened_at: scope.now,
        updated_at: scope.now,
    }
}

impl Changes {
    /// A difference that was not there before.
    fn open(&mut self, order: &purchase_order::Model, row: &discrepancy::Model) -> Result<(), Failure> {
        let event = DiscrepancyOpened {
            discrepancy: row.id,
            kind: row.kind,
            order: order.id,
            order_number: order.number.clone(),
            line: row.line.clone(),
            shipment: row.shipment_id,
            quantity: row.quantity,
        };
        self.facts.push(Fact::new(about(row), &event)?.first_of_its_subject());
        self.opened.push(exception(order, row));
        self.rows.push(row.clone());
        Ok(())
    }

    /// A known difference is `quantity` now.
    fn change(
        &mut self,
        scope: &Scope,
        order: &purchase_order::Model,
        row: &mut discrepancy::Model,
        quantity: Micro,
    ) -> Result<(), Failure> {
        let gone = quantity == Micro::ZERO;
        let same = match row.status {
            DiscrepancyStatus::Withdrawn => gone,
            DiscrepancyStatus::Open | DiscrepancyStatus::Contested => quantity == row.quantity,
            DiscrepancyStatus::Resolved => Some(quantity) == row.resolved_quantity,
        };
        if same {
            return Ok(());
        }
        let before = row.status;
        row.status = match before {
            _ if gone => DiscrepancyStatus::Withdrawn,
            DiscrepancyStatus::Contested => DiscrepancyStatus::Contested,
            DiscrepancyStatus::Open | DiscrepancyStatus::Resolved | DiscrepancyStatus::Withdrawn => {
                DiscrepancyStatus::Open
            }
        };
        row.quantity = quantity;
        row.updated_at = scope.now;
        (row.resolution, row.resolved_quantity) = (None, None);
        (row.resolved_by, row.resolved_at) = (None, None);
        let event = DiscrepancyChanged {
            discrepancy: row.id,
            kind: row.kind,
            order: order.id,
            order_number: order.number.clone(),
            line: row.line.clone(),
            shipment: row.shipment_id,
            quantity,
            status: row.status,
        };
        self.facts.push(Fact::new(about(row), &event)?);
        match row.status {
            DiscrepancyStatus::Withdrawn => {
                self.cured.push((exception_kind(row.kind), row.id.to_string()));
            }
            DiscrepancyStatus::Open if before != DiscrepancyStatus::Open => {
                self.opened.push(exception(order, row));
            }
            DiscrepancyStatus::Open | DiscrepancyStatus::Contested | DiscrepancyStatus::Resolved => {}
        }
        self.rows.push(row.clone());
        Ok(())
    }

    async fn write(self, tx: &Tx, scope: &Scope, cause: Option<EventId>) -> Result<(), Failure> {
        use discrepancy::Column;
        if self.rows.is_empty() {
            return Ok(());
        }
        let again = OnConflict::column(Column::Id)
            .update_columns([
                Column::Status,
                Column::Quantity,
                Column::ConditionCodes,
                Column::Evidence,
                Column::Resolution,
                Column::ResolvedQuantity,
                Column::ResolvedBy,
                Column::ResolvedAt,
                Column::UpdatedAt,
            ])
            .to_owned();
        let rows = self.rows.into_iter().map(|row| row.into_active_model().reset_all()).collect();
        upsert(tx, rows, &again).await?;
        let facts = self.facts.into_iter().map(|fact| match cause {
            Some(cause) => fact.caused_by(cause),
            None => fact,
        });
        outbox::append(tx, scope, facts.collect()).await?;
        exceptions::open_many(tx, scope, self.opened).await?;
        let received = Cure { words: "what was received since then makes up for it", event: cause };
        for (kind, subject) in self.cured {
            exceptions::cure(tx, scope, kind, &[subject], &received).await?;
        }
        Ok(())
    }
}

/// Puts the sources' own codes and evidence beside a difference.
fn show_evidence(row: &mut discrepancy::Model, stated: &[receipt_line::Model]) -> Result<(), Failure> {
    let conditions = conditions(row.kind);
    let (mut codes, mut evidence) = (BTreeSet::new(), Vec::<String>::new());
    let about = |line: &&receipt_line::Model| {
        line.order_id == row.order_id && line.line == row.line && conditions.contains(&line.condition)
    };
    for line in stated.iter().filter(about) {
        codes.extend(line.condition_code.as_deref());
        evidence.extend(serde_json::from_str::<Vec<String>>(&line.evidence)?);
    }
    row.condition_codes = serde_json::to_string(&codes)?;
    row.evidence = serde_json::to_string(&evidence)?;
    Ok(())
}

/// In what condition the goods of a difference are.
const fn conditions(kind: DiscrepancyKind) -> &'static [GoodsCondition] {
    match kind {
        DiscrepancyKind::Damaged => &[GoodsCondition::Damaged],
        DiscrepancyKind::Expired => &[GoodsCondition::Expired],
        DiscrepancyKind::WrongItem => &[GoodsCondition::WrongItem],
        DiscrepancyKind::QualityHold => &[GoodsCondition::QualityHold, GoodsCondition::Unknown],
        DiscrepancyKind::Short | DiscrepancyKind::Over | DiscrepancyKind::NoAsn | DiscrepancyKind::Late => {
            &[]
        }
    }
}

fn about(row: &discrepancy::Model) -> About {
    About::part_of(&row.id, row.order_id, row.supplier_id)
}

const fn exception_kind(kind: DiscrepancyKind) -> ExceptionKind {
    match kind {
        DiscrepancyKind::NoAsn => ExceptionKind::ReceiptWithoutAsn,
        DiscrepancyKind::Short
        | DiscrepancyKind::Over
        | DiscrepancyKind::Damaged
        | DiscrepancyKind::WrongItem
        | DiscrepancyKind::Expired
        | DiscrepancyKind::QualityHold
        | DiscrepancyKind::Late => ExceptionKind::Discrepancy,
    }
}

fn exception(order: &purchase_order::Model, row: &discrepancy::Model) -> NewException {
    let what = match row.kind {
        DiscrepancyKind::Short => "did not arrive",
        DiscrepancyKind::Over => "arrived beyond what was announced",
        DiscrepancyKind::Damaged => "arrived damaged",
        DiscrepancyKind::WrongItem => "of another item arrived",
        DiscrepancyKind::Expired => "arrived past its last day of use",
        DiscrepancyKind::QualityHold => "is held for a check",
        DiscrepancyKind::NoAsn => "arrived that no shipment announced",
        DiscrepancyKind::Late => "arrived after the agreed day",
    };
    let (quantity, unit, line) = (row.quantity, &row.unit, &row.line);
    NewException {
        kind: exception_kind(row.kind),
        subject: row.id.to_string(),
        supplier: Some(row.supplier_id),
        order: Some(row.order_id),
        severity: if row.kind == DiscrepancyKind::Late { Severity::Warning } else { Severity::Error },
        summary: format!("Order {}, line {line}: {quantity} {unit} {what}", order.number),
        detail: serde_json::json!({
            "discrepancy": row.id,
            "kind": row.kind,
            "line": line,
            "quantity": quantity,
            "unit": unit,
            "shipment": row.shipment_id,
        }),
    }
}
