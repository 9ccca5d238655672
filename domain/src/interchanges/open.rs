//! Puts an interchange of a file on record, and decides by its envelope whether its messages may act.
use quayside_canonical::{
    InterchangeFileId, InterchangeId, Problem, SupplierId, TradingPartnerId,
    states::{EdiSyntax, EdiWay, InterchangeStatus, RepeatPolicy},
};
use quayside_entity::{interchange, trading_partner};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use super::{Envelope, record::Findings};
use crate::{BuyerScope, Failure, scope::in_tenant, store::Tx};

/// The code of the refusal of a control number that was used before.
pub const REPEATED: &str = "INTERCHANGE_REPEATED";

/// An interchange that was found in a file.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    /// The file.
    pub file: InterchangeFileId,
    /// Its place in the file, from 1.
    pub place: i32,
    /// Whose it is, as far as that is known.
    pub partner: Option<TradingPartnerId>,
    /// The partner's supplier.
    pub supplier: Option<SupplierId>,
    /// Which way it goes.
    pub way: Option<EdiWay>,
    /// What is done about a control number that was used before.
    pub repeats: RepeatPolicy,
    /// What its envelope says.
    pub envelope: &'a Envelope,
    /// Why nothing of it may be taken, if that is known already.
    pub refusal: Option<Problem>,
    /// Whether its form is refused anyway: then its number counts for nothing.
    pub is_rejected: bool,
}

/// How an interchange stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// It is new, or was not dealt with to the end.
    Open {
        /// The interchange.
        id: InterchangeId,
        /// Why nothing of it is taken, if so.
        refusal: Option<Problem>,
        /// Whether it was begun before: what is found done was done for it.
        resumed: bool,
    },
    /// It was dealt with to the end: for this file, or for an earlier one that brought the same.
    Done(InterchangeId),
}

/// Puts an interchange on record, or finds it there.
///
/// The same interchange again, byte for byte, is the one on record; unless nothing of that was taken, and the policy
/// has it tried again. Another one under the same control number is refused; it may take the place of one of which
/// nothing was taken, where the policy says so.
///
/// # Errors
/// The database failed. Repeating it is safe.
pub async fn open(scope: &BuyerScope, opening: Opening<'_>) -> Result<Opened, Failure> {
    let tx = scope.write().await?;
    // Two that come at once with the same number: the second sees the first.
    if let Some(partner) = opening.partner {
        let row = in_tenant::<trading_partner::Entity>(scope).filter(trading_partner::Column::Id.eq(partner));
        row.lock_exclusive().one(&*tx).await?;
    }
    if let Some(row) = on_record(&tx, scope, &opening).await? {
        if row.finished_at.is_some() {
            return Ok(Opened::Done(row.id));
        }
        let refusal = row.refusal.as_deref().map(serde_json::from_str).transpose()?;
        return Ok(Opened::Open { id: row.id, refusal, resumed: true });
    }
    let mut refusal = opening.refusal.clone();
    if refusal.is_none() && !opening.is_rejected {
        match judge(&opening, &same_number(&tx, scope, &opening).await?) {
            Repeat::None => {}
            Repeat::Same(earlier) => return Ok(Opened::Done(earlier)),
            Repeat::Refused(problem) => refusal = Some(problem),
        }
    }
    let id = InterchangeId::generate();
    row(scope, id, &opening, refusal.as_ref())?.insert(&*tx).await?;
    tx.commit().await?;
    Ok(Opened::Open { id, refusal, resumed: false })
}

async fn on_record(
    tx: &Tx,
    scope: &BuyerScope,
    opening: &Opening<'_>,
) -> Result<Option<interchange::Model>, Failure> {
    let row = in_tenant::<interchange::Entity>(scope)
        .filter(interchange::Column::FileId.eq(opening.file))
        .filter(interchange::Column::Place.eq(opening.place));
    Ok(row.one(&**tx).await?)
}

/// The interchanges between the same two under the same number, the newest first.
async fn same_number(
    tx: &Tx,
    scope: &BuyerScope,
    opening: &Opening<'_>,
) -> Result<Vec<interchange::Model>, Failure> {
    use interchange::Column;
    let (
        Some(partner),
        Envelope { sender: Some(sender), receiver: Some(receiver), control_number, usage, .. },
    ) = (opening.partner, opening.envelope)
    else {
        return Ok(Vec::new());
    };
    let Some(number) = control_number else { return Ok(Vec::new()) };
    let rows = in_tenant::<interchange::Entity>(scope)
        .filter(Column::ControlNumber.eq(number))
        .filter(Column::PartnerId.eq(partner))
        .filter(Column::SenderQualifier.eq(&sender.qualifier))
        .filter(Column::Sender.eq(&sender.id))
        .filter(Column::ReceiverQualifier.eq(&receiver.qualifier))
        .filter(Column::Receiver.eq(&receiver.id))
        .filter(Column::Usage.eq(usage.as_deref()))
        .order_by_desc(Column::ReceivedAt)
        .order_by_desc(Column::Id);
    Ok(rows.all(&**tx).await?)
}

/// What an interchange is to those before it.
enum Repeat {
    None,
    Same(InterchangeId),
    Refused(Problem),
}

fn judge(opening: &Opening<'_>, earlier: &[interchange::Model]) -> Repeat {
    // One that was refused for what its envelope says has used up nothing.
    let counted = || earlier.iter().filter(|row| row.refusal.is_none());
    let is_taken = |row: &&interchange::Model| row.status != InterchangeStatus::Refused;
    if opening.repeats == RepeatPolicy::TakeAfterFailure && !counted().any(|row| is_taken(&row)) {
        return Repeat::None;
    }
    let Some(first) = counted().find(is_taken).or_else(|| counted().next()) else { return Repeat::None };
    if first.content_hash == opening.envelope.content_hash && first.finished_at.is_some() {
        return Repeat::Same(first.id);
    }
    Repeat::Refused(repeated(opening.envelope))
}

fn repeated(envelope: &Envelope) -> Problem {
    let is_edifact = envelope.syntax == Some(EdiSyntax::Edifact);
    let field = if is_edifact { vec!["UNB", "05"] } else { vec!["ISA", "13"] };
    let place = if is_edifact { "UNB, element 5" } else { "ISA, element 13" };
    let number = envelope.control_number.as_deref().unwrap_or_default();
    Problem {
        code: REPEATED.to_owned(),
        field: field.into_iter().map(str::to_owned).collect(),
        message: format!(
            "{place}: the control number {number} was used before for another interchange; the first stays"
        ),
    }
}

fn row(
    scope: &BuyerScope,
    id: InterchangeId,
    opening: &Opening<'_>,
    refusal: Option<&Problem>,
) -> Result<interchange::ActiveModel, Failure> {
    let envelope = opening.envelope.clone();
    let (sender_qualifier, sender) = envelope.sender.map(|party| (party.qualifier, party.id)).unzip();
    let (receiver_qualifier, receiver) = envelope.receiver.map(|party| (party.qualifier, party.id)).unzip();
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    Ok(interchange::ActiveModel {
        id: Set(id),
        tenant_id: Set(scope.tenant),
        supplier_id: Set(opening.supplier),
        partner_id: Set(opening.partner),
        file_id: Set(opening.file),
        place: Set(opening.place),
        syntax: Set(envelope.syntax),
        sender_qualifier: Set(sender_qualifier),
        sender: Set(sender),
        receiver_qualifier: Set(receiver_qualifier),
        receiver: Set(receiver),
        control_number: Set(envelope.control_number),
        usage: Set(envelope.usage),
        way: Set(opening.way),
        byte_offset: Set(number(envelope.offset)),
        byte_length: Set(number(envelope.length)),
        content_hash: Set(envelope.content_hash),
        terminator: Set(envelope.terminator.map(i32::from)),
        release_mark: Set(envelope.release.map(i32::from)),
        status: Set(InterchangeStatus::Received),
        refusal: Set(refusal.map(serde_json::to_string).transpose()?),
        problems: Set(serde_json::to_string(&Findings::default())?),
        messages: Set(0),
        refused: Set(0),
        received_at: Set(scope.now),
        finished_at: Set(None),
    })
}
