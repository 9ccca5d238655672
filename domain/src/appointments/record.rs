//! What a warehouse says about the appointment of a shipment. The newest statement stands, by the source's own
//! rank; an older one that comes late changes nothing.
use std::collections::{BTreeSet, HashMap};

use quayside_canonical::{
    AppointmentId, Field, Problems, ShipmentId, SupplierId,
    appointment::AppointmentDocument,
    events::{AppointmentAnswered, ShipmentProgressed},
    master_data::CrossReferenceKind,
    states::{AppointmentStatus, DocumentOutcome, ShipmentStatus},
};
use quayside_entity::{appointment, shipment};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, Set, sea_query::OnConflict};
use sha2::{Digest, Sha256};

use crate::{
    BuyerScope, Failure, exceptions,
    outbox::{self, About, Fact},
    statements::{Codes, NoShipment, Recorded, Shipped, Statement, case_of},
    store::{Tx, upsert},
    suppliers::ids_by_number,
};

/// What a batch of documents touches, and what they have done to it so far.
struct Loaded {
    codes: Codes,
    suppliers: HashMap<String, SupplierId>,
    shipped: Shipped,
    appointments: HashMap<ShipmentId, appointment::Model>,
    changed: BTreeSet<ShipmentId>,
    arrived: Vec<shipment::Model>,
    facts: Vec<Fact>,
}

impl Statement for AppointmentDocument {
    const KIND: &'static str = "appointment";

    async fn take(
        tx: &Tx,
        scope: &BuyerScope,
        documents: &[&Self],
        only: Option<SupplierId>,
    ) -> Result<Vec<Recorded>, Failure> {
        let mut loaded = load(tx, scope, documents).await?;
        let mut recorded = Vec::with_capacity(documents.len());
        for document in documents {
            recorded.push(loaded.judge(scope, document, only)?);
        }
        loaded.write(tx, scope).await?;
        let cases = recorded.iter().zip(documents).filter_map(|(one, document)| {
            let (number, revision) = (&document.number, &document.revision.id);
            let subject = format!("appointment {number} of {}, revision {revision}", scope.actor);
            case_of(one, "Appointment", &subject, only)
        });
        exceptions::open_many(tx, scope, cases.collect()).await?;
        Ok(recorded)
    }
}

async fn load(tx: &Tx, scope: &BuyerScope, documents: &[&AppointmentDocument]) -> Result<Loaded, Failure> {
    let suppliers: BTreeSet<&str> = documents.iter().filter_map(|it| it.supplier.as_deref()).collect();
    let places = documents.iter().filter_map(|it| it.location.as_deref()).collect();
    let codes = Codes::load(tx, scope, suppliers.clone(), places).await?;
    let own = suppliers.into_iter().map(|number| codes.own(CrossReferenceKind::Supplier, number)).collect();
    let suppliers = ids_by_number(tx, scope, own).await?;
    let shipped = Shipped::lock(tx, scope, documents.iter().map(|it| it.shipment.as_str()).collect()).await?;
    let rows = scope
        .find::<appointment::Entity>()
        .filter(appointment::Column::ShipmentId.is_in(shipped.ids()))
        .all(&**tx)
        .await?;
    let appointments = rows.into_iter().map(|row| (row.shipment_id, row)).collect();
    let (changed, arrived, facts) = (BTreeSet::new(), Vec::new(), Vec::new());
    Ok(Loaded { codes, suppliers, shipped, appointments, changed, arrived, facts })
}

impl Loaded {
    fn judge(
        &mut self,
        scope: &BuyerScope,
        document: &AppointmentDocument,
        only: Option<SupplierId>,
    ) -> Result<Recorded, Failure> {
        let shipment = match self.shipment(document, only) {
            Ok(shipment) => shipment.clone(),
            Err(problems) => return Ok(Recorded::refused(Some(&document.number), problems)),
        };
        let content_hash = Sha256::digest(serde_json::to_vec(document)?).to_vec();
        let before = self.appointments.get(&shipment.id);
        if let Some(earlier) = before.filter(|row| row.source_revision.is_some()) {
            let rank = document.revision.rank();
            let on_file = rank_of(earlier);
            if Some(rank) < on_file {
                return Ok(Recorded::of(DocumentOutcome::Late, &document.number, &earlier.id));
            }
            if Some(rank) == on_file {
                let same = earlier.content_hash.as_ref() == Some(&content_hash);
                let message = "this revision of the appointment is on file and says something else";
                return Ok(if same {
                    Recorded::of(DocumentOutcome::Unchanged, &document.number, &earlier.id)
                } else {
                    Recorded::conflict(&document.number, &earlier.id, message)
                });
            }
        }
        let row = self.answered(scope, document, &shipment, before, content_hash);
        let mut recorded = Recorded::of(DocumentOutcome::Recorded, &document.number, &row.id);
        if let Some(code) = row.location.as_deref().filter(|code| self.codes.is_unknown_location(code)) {
            let message = format!("location `{code}` is not in the location list");
            let found = Problems::one("UNKNOWN_LOCATION", &Field::root().at("location"), message);
            recorded.warnings = found.into_vec();
        }
        self.facts.push(answered_fact(document, &row, &shipment)?);
        self.changed.insert(shipment.id);
        self.appointments.insert(shipment.id, row);
        if matches!(document.status, AppointmentStatus::Arrived | AppointmentStatus::Completed) {
            self.arrive(scope, document, shipment)?;
        }
        Ok(recorded)
    }

    fn shipment(
        &self,
        document: &AppointmentDocument,
        only: Option<SupplierId>,
    ) -> Result<&shipment::Model, Problems> {
        let supplier = match &document.supplier {
            None => only,
            Some(number) => {
                let own = self.codes.own(CrossReferenceKind::Supplier, number);
                let found = self.suppliers.get(own).filter(|id| only.is_none_or(|only| only == **id));
                let message = || format!("supplier `{number}` is not known");
                let field = Field::root().at("supplier");
                let unknown = || Problems::one("UNKNOWN_SUPPLIER", &field, message());
                Some(*found.ok_or_else(unknown)?)
            }
        };
        let (field, number) = (Field::root().at("shipment"), &document.shipment);
        self.shipped.get(number, supplier).map_err(|none| match none {
            NoShipment::Unknown => {
                Problems::one("UNKNOWN_SHIPMENT", &field, format!("shipment `{number}` is not on file"))
            }
            NoShipment::Ambiguous => {
                let message = format!("several suppliers have a shipment `{number}`; name the supplier");
                Problems::one("AMBIGUOUS_SHIPMENT", &field, message)
            }
        })
    }

    /// The appointment as the document has it, with what the supplier had asked for.
    fn answered(
        &self,
        scope: &BuyerScope,
        document: &AppointmentDocument,
        shipment: &shipment::Model,
        before: Option<&appointment::Model>,
        content_hash: Vec<u8>,
    ) -> appointment::Model {
        let location = document.location.as_deref();
        let location = location.map(|code| self.codes.own(CrossReferenceKind::Location, code).to_owned());
        let (sequence, issued_at, id) = document.revision.rank();
        appointment::Model {
            id: before.map_or_else(AppointmentId::generate, |row| row.id),
            tenant_id: scope.tenant,
            supplier_id: shipment.supplier_id,
            shipment_id: shipment.id,
            status: document.status,
            number: Some(document.number.clone()),
            location: location.or_else(|| before.and_then(|row| row.location.clone())),
            dock: document.dock.clone(),
            requested_from: before.and_then(|row| row.requested_from),
            requested_until: before.and_then(|row| row.requested_until),
            request_note: before.and_then(|row| row.request_note.clone()),
            slot_from: document.slot_from,
            slot_until: document.slot_until,
            answer_note: document.note.clone(),
            source_revision: Some(id.to_owned()),
            source_sequence: sequence,
            source_issued_at: Some(issued_at),
            content_hash: Some(content_hash),
            created_at: before.map_or(scope.now, |row| row.created_at),
            updated_at: scope.now,
        }
    }

    /// The goods are at the dock: whatever was said before, they are on their way no more.
    fn arrive(
        &mut self,
        scope: &BuyerScope,
        document: &AppointmentDocument,
        mut shipment: shipment::Model,
    ) -> Result<(), Failure> {
        let from = shipment.status;
        let moves = matches!(from, ShipmentStatus::Submitted | ShipmentStatus::InTransit);
        if shipment.arrived_at.is_some() && !moves {
            return Ok(());
        }
        shipment.arrived_at = shipment.arrived_at.or(Some(document.revision.issued_at));
        shipment.updated_at = scope.now;
        if moves {
            shipment.status = ShipmentStatus::Arrived;
            let (number, to) = (shipment.number.clone(), shipment.status);
            let event = ShipmentProgressed { shipment: shipment.id, number, from, to };
            let fact = Fact::new(about(&shipment), &event)?;
            self.facts.push(fact.occurred_at(document.revision.issued_at));
        }
        self.shipped.replace(shipment.clone());
        self.arrived.push(shipment);
        Ok(())
    }

    async fn write(&mut self, tx: &Tx, scope: &BuyerScope) -> Result<(), Failure> {
        use appointment::Column;
        let again = OnConflict::column(Column::ShipmentId)
            .update_columns([
                Column::Status,
                Column::Number,
                Column::Location,
                Column::Dock,
                Column::SlotFrom,
                Column::SlotUntil,
                Column::AnswerNote,
                Column::SourceRevision,
                Column::SourceSequence,
                Column::SourceIssuedAt,
                Column::ContentHash,
                Column::UpdatedAt,
            ])
            .to_owned();
        let changed = self.changed.iter().filter_map(|shipment| self.appointments.get(shipment));
        let rows = changed.map(|row| row.clone().into_active_model().reset_all()).collect();
        upsert(tx, rows, &again).await?;
        for row in &self.arrived {
            let update = shipment::ActiveModel {
                id: Set(row.id),
                status: Set(row.status),
                arrived_at: Set(row.arrived_at),
                updated_at: Set(row.updated_at),
                ..Default::default()
            };
            update.update(&**tx).await?;
        }
        outbox::append(tx, scope, std::mem::take(&mut self.facts)).await
    }
}

fn rank_of(row: &appointment::Model) -> Option<(i64, quayside_canonical::Timestamp, &str)> {
    Some((row.source_sequence, row.source_issued_at?, row.source_revision.as_deref()?))
}

/// About the shipment, like all that is said of its slot.
fn about(shipment: &shipment::Model) -> About {
    let subject = shipment.id.to_string();
    About { subject, supplier: Some(shipment.supplier_id), order: shipment.order_id }
}

fn answered_fact(
    document: &AppointmentDocument,
    row: &appointment::Model,
    shipment: &shipment::Model,
) -> Result<Fact, Failure> {
    let event = AppointmentAnswered {
        appointment: row.id,
        shipment: shipment.id,
        number: document.number.clone(),
        status: row.status,
        dock: row.dock.clone(),
        slot_from: row.slot_from,
        slot_until: row.slot_until,
    };
    let fact = Fact::new(about(shipment), &event)?;
    Ok(fact.occurred_at(document.revision.issued_at))
}
