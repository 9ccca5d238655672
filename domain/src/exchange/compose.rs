//! Makes an interchange for a partner, once for each occasion.
use quayside_canonical::{
    Actor, Channel, ConnectionId, Problems, PurchaseOrderId, SentInterchangeId, SentMessageId,
    events::InterchangeComposed,
    exchange::{ControlNumbers, Letter, NumbersNeeded, WrittenInterchange, WrittenMessage},
    order::PurchaseOrder,
    states::{EdiDocument, ExceptionKind, ExchangePurpose, SentStatus, SyntaxVerdict},
};
use quayside_entity::{sent_interchange, sent_message};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    Statement,
};

use super::{Occasion, Partner, pending};
use crate::{
    Failure, Scope, SystemScope, exceptions, files,
    orders::query::document_of,
    outbox::{self, Fact},
    scope::{Origin, in_tenant},
    store::Tx,
};

/// What is to be made, and of what.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// For whom.
    pub partner: &'a Partner,
    /// What happened.
    pub occasion: &'a Occasion,
    /// What it is to what happened.
    pub purpose: ExchangePurpose,
    /// The order and its revision, where it tells of one.
    pub order: Option<(PurchaseOrderId, i32)>,
    /// What people call what it tells of, such as `order PO-1`.
    pub name: &'a str,
}

/// What a message tells of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The number people know the document by.
    pub number: Option<String>,
    /// The thing, by its shown id.
    pub subject: Option<String>,
}

/// What a partner was told of an order so far.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The revision it was told last, and what that says. Nothing, when it was told none, or took none.
    pub before: Option<(i32, PurchaseOrder)>,
    /// What is to be told now.
    pub after: Option<PurchaseOrder>,
    /// How many changes of it the partner was told.
    pub changes: i64,
}

/// What came of composing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Composed {
    /// An interchange was made.
    Made(SentInterchangeId),
    /// It was made before.
    Known(SentInterchangeId),
    /// There is nothing to send.
    Nothing,
    /// It cannot be made for now; these are the reasons.
    Pending(Problems),
}

/// Makes an interchange, or finds the one that was made before. `draft` says what is in it, given what the partner
/// was told so far; it may be asked again.
///
/// # Errors
/// The database failed; nothing was made, and no number is used.
pub async fn compose<L: Letter>(
    system: &SystemScope,
    plan: Plan<'_>,
    draft: impl Fn(&Told) -> Result<Option<(L, Vec<About>)>, Problems> + Send + Sync,
) -> Result<Composed, Failure> {
    let tenant = plan.partner.row.tenant_id;
    let scope = system.in_tenant(tenant, Actor::System, &Origin::new(Channel::System));
    let tx = system.write().await?;
    count(&tx, &plan, NumbersNeeded::default(), 0).await?; // whoever else composes for the partner waits here
    if let Some(known) = known(&tx, &scope, &plan).await? {
        pending::forget(&tx, &scope, &plan).await?;
        tx.commit().await?;
        return Ok(Composed::Known(known));
    }
    let told = match plan.order {
        Some(order) => told(&tx, &scope, &plan, order).await?,
        None => Told::default(),
    };
    let made = match draft(&told) {
        Ok(None) => Ok(None),
        Ok(Some(made)) => plan.partner.reached_by().map(|connection| Some((made, connection))),
        Err(problems) => Err(problems),
    };
    let ((letter, about), connection) = match made {
        Ok(Some(made)) => made,
        Ok(None) => {
            pending::forget(&tx, &scope, &plan).await?;
            tx.commit().await?;
            return Ok(Composed::Nothing);
        }
        Err(problems) => return give_up(tx, &scope, &plan, problems).await,
    };
    let needs = letter.needs();
    let numbers = count(&tx, &plan, needs, 1).await?;
    let written = match letter.write(&numbers) {
        Ok(written) => written,
        Err(problems) => {
            drop(tx); // the numbers are free again
            let tx = system.write().await?;
            return give_up(tx, &scope, &plan, problems).await;
        }
    };
    let id = store(&tx, &scope, &plan, connection, &written, &about).await?;
    pending::forget(&tx, &scope, &plan).await?;
    tx.commit().await?;
    tracing::info!(
        partner.id = %plan.partner.row.id, interchange.id = %id,
        interchange.number = %written.control_number, "interchange composed"
    );
    Ok(Composed::Made(id))
}

async fn give_up(tx: Tx, scope: &Scope, plan: &Plan<'_>, problems: Problems) -> Result<Composed, Failure> {
    pending::note(&tx, scope, plan, &problems).await?;
    tx.commit().await?;
    Ok(Composed::Pending(problems))
}

async fn known(tx: &Tx, scope: &Scope, plan: &Plan<'_>) -> Result<Option<SentInterchangeId>, Failure> {
    use sent_interchange::Column;
    let known = in_tenant::<sent_interchange::Entity>(scope)
        .filter(Column::PartnerId.eq(plan.partner.row.id))
        .filter(Column::SourceEventId.eq(plan.occasion.event.id))
        .filter(Column::Purpose.eq(plan.purpose))
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .one(&**tx)
        .await?;
    Ok(known)
}

/// Counts on, and gives the numbers that are new. The row is locked from here on.
async fn count(
    tx: &Tx,
    plan: &Plan<'_>,
    needs: NumbersNeeded,
    interchanges: i64,
) -> Result<ControlNumbers, Failure> {
    let sql = "insert into edi_counter (partner_id, tenant_id, interchanges, message_groups, messages) \
        values ($1, $2, $3, $4, $5) on conflict (partner_id) do update set \
        interchanges = edi_counter.interchanges + excluded.interchanges, \
        message_groups = edi_counter.message_groups + excluded.message_groups, \
        messages = edi_counter.messages + excluded.messages \
        returning interchanges, message_groups, messages";
    let many = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let (groups, messages) = (many(needs.groups), many(needs.messages));
    let row = &plan.partner.row;
    let values = [row.id.into(), row.tenant_id.into(), interchanges.into(), groups.into(), messages.into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    let counted = tx.query_one_raw(statement).await?;
    let counted = counted.ok_or_else(|| Failure::System("a counter gave no numbers".to_owned()))?;
    let last = |column: &str| counted.try_get::<i64>("", column);
    let (last_group, last_message) = (last("message_groups")?, last("messages")?);
    Ok(ControlNumbers {
        interchange: last("interchanges")?,
        groups: (last_group - groups + 1..=last_group).collect(),
        messages: (last_message - messages + 1..=last_message).collect(),
    })
}

/// What the partner was told of the order. What its system rejected it was not told.
async fn told(
    tx: &Tx,
    scope: &Scope,
    plan: &Plan<'_>,
    (order, revision): (PurchaseOrderId, i32),
) -> Result<Told, Failure> {
    use sent_message::Column;
    let told: Vec<(EdiDocument, Option<i32>, Option<SyntaxVerdict>)> =
        in_tenant::<sent_message::Entity>(scope)
            .filter(Column::PartnerId.eq(plan.partner.row.id))
            .filter(Column::OrderId.eq(order))
            .filter(Column::Document.is_in([EdiDocument::Order, EdiDocument::OrderChange]))
            .order_by_asc(Column::Revision)
            .select_only()
            .columns([Column::Document, Column::Revision, Column::Verdict])
            .into_tuple()
            .all(&**tx)
            .await?;
    let changes = told.iter().filter(|(document, ..)| *document == EdiDocument::OrderChange).count();
    let taken = told.iter().filter(|(_, _, verdict)| *verdict != Some(SyntaxVerdict::Rejected));
    let last = taken.filter_map(|(_, revision, _)| *revision).max();
    let before = match last {
        Some(last) => document_of(tx, scope, order, last).await?.map(|document| (last, document)),
        None => None,
    };
    let after = document_of(tx, scope, order, revision).await?;
    Ok(Told { before, after, changes: i64::try_from(changes).unwrap_or(i64::MAX) })
}

async fn store(
    tx: &Tx,
    scope: &Scope,
    plan: &Plan<'_>,
    connection: ConnectionId,
    written: &WrittenInterchange,
    about: &[About],
) -> Result<SentInterchangeId, Failure> {
    let partner = &plan.partner.row;
    let id = SentInterchangeId::generate();
    let sha256 = files::keep(tx, scope, &written.bytes).await?;
    let event = InterchangeComposed {
        interchange: id,
        partner: partner.id,
        connection,
        control_number: written.control_number.clone(),
        messages: written.messages.iter().map(|message| message.kind.clone()).collect(),
        file_name: written.file_name.clone(),
        media_type: written.media_type.to_owned(),
        sha256: sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
        size: written.bytes.len(),
    };
    let subject = outbox::About {
        subject: id.to_string(),
        supplier: Some(partner.supplier_id),
        order: plan.order.map(|(order, _)| order),
    };
    let fact = Fact::new(subject, &event)?.first_of_its_subject().following(&plan.occasion.event);
    let event_id = fact.id;
    outbox::append(tx, scope, vec![fact]).await?;
    let agreement = &plan.partner.agreement;
    let minutes = agreement.confirmed_within_minutes;
    let awaited = plan.purpose == ExchangePurpose::Document && minutes > 0;
    let row = sent_interchange::ActiveModel {
        id: Set(id),
        tenant_id: Set(partner.tenant_id),
        supplier_id: Set(partner.supplier_id),
        partner_id: Set(partner.id),
        source_event_id: Set(plan.occasion.event.id),
        purpose: Set(plan.purpose),
        event_id: Set(event_id),
        connection_id: Set(connection),
        control_number: Set(written.control_number.clone()),
        syntax: Set(agreement.syntax),
        status: Set(SentStatus::Composed),
        file_name: Set(written.file_name.clone()),
        media_type: Set(written.media_type.to_owned()),
        sha256: Set(sha256),
        size_bytes: Set(i64::try_from(written.bytes.len()).unwrap_or(i64::MAX)),
        composed_at: Set(scope.now),
        sent_at: Set(None),
        confirm_minutes: Set(awaited.then(|| i32::try_from(minutes).unwrap_or(i32::MAX))),
        confirm_by: Set(None),
        overdue_at: Set(None),
        answered_at: Set(None),
        verdict: Set(None),
    };
    row.insert(&**tx).await?;
    let messages = (1..).zip(&written.messages).map(|(place, message)| {
        let about = usize::try_from(place - 1).ok().and_then(|at| about.get(at));
        message_row(plan, id, place, message, about.cloned().unwrap_or_default())
    });
    sent_message::Entity::insert_many(messages).exec_without_returning(&**tx).await?;
    let cured = [partner.id.to_string(), plan.occasion.event.subject.clone()];
    exceptions::resolve_many(tx, scope, ExceptionKind::EdiNotSent, &cured, "It was made and is sent.")
        .await?;
    Ok(id)
}

fn message_row(
    plan: &Plan<'_>,
    interchange: SentInterchangeId,
    place: i32,
    message: &WrittenMessage,
    about: About,
) -> sent_message::ActiveModel {
    let partner = &plan.partner.row;
    let (order, revision) = plan.order.unzip();
    sent_message::ActiveModel {
        id: Set(SentMessageId::generate()),
        tenant_id: Set(partner.tenant_id),
        supplier_id: Set(partner.supplier_id),
        partner_id: Set(partner.id),
        interchange_id: Set(interchange),
        place: Set(place),
        document: Set(message.document),
        message_type: Set(message.kind.clone()),
        group_kind: Set(message.group_kind.clone()),
        group_number: Set(message.group.clone()),
        control_number: Set(message.control_number.clone()),
        number: Set(about.number),
        subject: Set(about.subject),
        order_id: Set(order),
        revision: Set(revision),
        verdict: Set(None),
        faults: Set("[]".to_owned()),
    }
}
