//! Interchanges and their messages, for procurement and for the supplier whose they are.
use quayside_canonical::{
    InterchangeId, MessageId, Problem, SupplierId, Timestamp, TradingPartnerId,
    states::{DocumentOutcome, EdiSyntax, InterchangeStatus},
};
use quayside_entity::{interchange, interchange_file, interchange_message};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};

use super::{
    InterchangeResult, content,
    finish::result_of,
    record::Findings,
    segments::{Segment, cut},
};
use crate::{
    Failure, Scope,
    scope::in_tenant,
    store::{Tx, older},
};

/// The most segments of one page.
pub const MAX_SEGMENTS: u32 = 500;
/// The most bytes of a message that are shown.
const SHOWN_BYTES: i64 = 4 << 20;

/// Which interchanges. What is left out does not matter.
#[derive(Clone, Debug, Default)]
pub struct InterchangeFilter {
    /// Only of this trading partner.
    pub partner: Option<TradingPartnerId>,
    /// Only of this supplier.
    pub supplier: Option<SupplierId>,
    /// Only in one of these statuses.
    pub statuses: Vec<InterchangeStatus>,
    /// Only with a message of this outcome.
    pub outcome: Option<DocumentOutcome>,
    /// Only under this control number.
    pub control_number: Option<String>,
    /// Only in this syntax.
    pub syntax: Option<EdiSyntax>,
    /// Only received at this time or later.
    pub from: Option<Timestamp>,
    /// Only received before this time.
    pub until: Option<Timestamp>,
}

/// An interchange as it is shown.
#[derive(Clone, Debug)]
pub struct InterchangeView {
    /// Its row.
    pub row: interchange::Model,
    /// The file it came in. What it was called is the buyer's to know.
    pub file: interchange_file::Model,
    /// What is wrong with its envelopes.
    pub problems: Vec<Problem>,
    /// What about them should be known.
    pub warnings: Vec<Problem>,
}

/// A message as it is shown.
#[derive(Clone, Debug)]
pub struct MessageView {
    /// Its row.
    pub row: interchange_message::Model,
    /// Why it was not taken.
    pub problems: Vec<Problem>,
    /// What was taken with reservations.
    pub warnings: Vec<Problem>,
}

impl TryFrom<interchange_message::Model> for MessageView {
    type Error = Failure;
    fn try_from(row: interchange_message::Model) -> Result<Self, Failure> {
        let Findings { problems, warnings } = serde_json::from_str(&row.problems)?;
        Ok(Self { row, problems, warnings })
    }
}

/// Interchanges, those that came in last first.
///
/// # Errors
/// The database failed.
pub async fn list(
    scope: &Scope,
    filter: &InterchangeFilter,
    after: Option<(Timestamp, InterchangeId)>,
    limit: u64,
) -> Result<Vec<InterchangeView>, Failure> {
    use interchange::Column;
    if !scope.may_see_traffic() {
        return Ok(Vec::new());
    }
    let wanted =
        wanted(scope, filter).add_option(after.map(|after| older(Column::ReceivedAt, Column::Id, after)));
    let tx = scope.read().await?;
    let rows = scope
        .find::<interchange::Entity>()
        .filter(wanted)
        .order_by_desc(Column::ReceivedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(&*tx)
        .await?;
    views(&tx, scope, rows).await
}

fn wanted(scope: &Scope, filter: &InterchangeFilter) -> Condition {
    use interchange::Column;
    let with_outcome = filter.outcome.map(|outcome| {
        let messages: Select<interchange_message::Entity> = in_tenant(scope);
        let of_them = messages
            .filter(interchange_message::Column::Outcome.eq(outcome))
            .select_only()
            .column(interchange_message::Column::InterchangeId);
        Column::Id.in_subquery(of_them.into_query())
    });
    let statuses =
        (!filter.statuses.is_empty()).then(|| Column::Status.is_in(filter.statuses.iter().copied()));
    Condition::all()
        .add_option(filter.partner.map(|partner| Column::PartnerId.eq(partner)))
        .add_option(filter.supplier.map(|supplier| Column::SupplierId.eq(supplier)))
        .add_option(statuses)
        .add_option(with_outcome)
        .add_option(filter.control_number.as_ref().map(|number| Column::ControlNumber.eq(number)))
        .add_option(filter.syntax.map(|syntax| Column::Syntax.eq(syntax)))
        .add_option(filter.from.map(|from| Column::ReceivedAt.gte(from)))
        .add_option(filter.until.map(|until| Column::ReceivedAt.lt(until)))
}

async fn views(
    tx: &Tx,
    scope: &Scope,
    rows: Vec<interchange::Model>,
) -> Result<Vec<InterchangeView>, Failure> {
    let ids: Vec<_> = rows.iter().map(|row| row.file_id).collect();
    let files = in_tenant::<interchange_file::Entity>(scope)
        .filter(interchange_file::Column::Id.is_in(ids))
        .all(&**tx)
        .await?;
    let view = |row: interchange::Model| {
        let file = files.iter().find(|file| file.id == row.file_id).cloned();
        let file = file.ok_or_else(|| Failure::Corrupt(format!("{} has no file", row.id)))?;
        let Findings { problems, warnings } = serde_json::from_str(&row.problems)?;
        Ok(InterchangeView { row, file, problems, warnings })
    };
    rows.into_iter().map(view).collect()
}

/// The interchanges of these ids that the caller may see.
///
/// # Errors
/// The database failed.
pub async fn by_ids(scope: &Scope, ids: &[InterchangeId]) -> Result<Vec<InterchangeView>, Failure> {
    if !scope.may_see_traffic() {
        return Ok(Vec::new());
    }
    let tx = scope.read().await?;
    let rows = scope.find::<interchange::Entity>().filter(interchange::Column::Id.is_in(ids.iter().copied()));
    let rows = rows.all(&*tx).await?;
    views(&tx, scope, rows).await
}

/// Messages of an interchange in their order, after the one at `after`, at most `limit`. None of one that is not the
/// caller's to see.
///
/// # Errors
/// The database failed.
pub async fn messages_of(
    scope: &Scope,
    interchange: InterchangeId,
    after: i32,
    limit: u64,
) -> Result<Vec<MessageView>, Failure> {
    use interchange_message::Column;
    if !scope.may_see_traffic() {
        return Ok(Vec::new());
    }
    let tx = scope.read().await?;
    if seen(&tx, scope, interchange).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows = in_tenant::<interchange_message::Entity>(scope)
        .filter(Column::InterchangeId.eq(interchange))
        .filter(Column::Place.gt(after))
        .order_by_asc(Column::Place)
        .limit(limit)
        .all(&*tx)
        .await?;
    rows.into_iter().map(MessageView::try_from).collect()
}

/// The interchange, where the caller may see it.
async fn seen(tx: &Tx, scope: &Scope, id: InterchangeId) -> Result<Option<interchange::Model>, Failure> {
    let row = scope.find::<interchange::Entity>().filter(interchange::Column::Id.eq(id));
    Ok(row.one(&**tx).await?)
}

/// One message. None when it is not there, or not the caller's to see.
///
/// # Errors
/// The database failed.
pub async fn message(scope: &Scope, id: MessageId) -> Result<Option<MessageView>, Failure> {
    if !scope.may_see_traffic() {
        return Ok(None);
    }
    let tx = scope.read().await?;
    Ok(with_interchange(&tx, scope, id).await?.map(|(message, _)| message))
}

async fn with_interchange(
    tx: &Tx,
    scope: &Scope,
    id: MessageId,
) -> Result<Option<(MessageView, interchange::Model)>, Failure> {
    let row = in_tenant::<interchange_message::Entity>(scope).filter(interchange_message::Column::Id.eq(id));
    let Some(row) = row.one(&**tx).await? else { return Ok(None) };
    let Some(interchange) = seen(tx, scope, row.interchange_id).await? else { return Ok(None) };
    Ok(Some((row.try_into()?, interchange)))
}

/// The segments of a message after the one at `after`, at most `limit`, each with what is wrong with it. None of a
/// message that is not the caller's to see.
///
/// # Errors
/// The database failed.
pub async fn segments_of(
    scope: &Scope,
    id: MessageId,
    after: u32,
    limit: u32,
) -> Result<Option<Vec<Segment>>, Failure> {
    if !scope.may_see_traffic() {
        return Ok(None);
    }
    let tx = scope.read().await?;
    let Some((message, interchange)) = with_interchange(&tx, scope, id).await? else { return Ok(None) };
    let Some(terminator) = interchange.terminator.and_then(|byte| u8::try_from(byte).ok()) else {
        return Ok(Some(Vec::new()));
    };
    let release = interchange.release_mark.and_then(|byte| u8::try_from(byte).ok());
    let file = content::file(&tx, scope, &interchange).await?;
    let range = (message.row.byte_offset, Ord::min(message.row.byte_length, SHOWN_BYTES));
    let bytes = content::part(&tx, scope, &file, range).await?;
    let found = message.problems.iter().chain(&message.warnings);
    Ok(Some(cut(&bytes, terminator, release, found, after, Ord::min(limit, MAX_SEGMENTS))))
}

/// What became of the messages of an interchange.
///
/// # Errors
/// The database failed.
pub async fn results_of(scope: &Scope, id: InterchangeId) -> Result<Option<InterchangeResult>, Failure> {
    let tx = scope.read().await?;
    match seen(&tx, scope, id).await? {
        Some(row) => Ok(Some(result_of(&tx, scope, row.id).await?)),
        None => Ok(None),
    }
}
