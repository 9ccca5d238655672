//! The reading of EDI, as the API asks for it: see [`Interchanges`].
use axum::body::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use quayside_canonical::{partner::Identifier, states::EdiSyntax};
use quayside_domain::{
    BuyerScope, Failure, Scope,
    idempotency::IdempotencyKey,
    interchanges::{
        self, DryRun, DryRunError, Envelope, FiledInterchange, Interchanges, Redo, RedoError, Redoable,
        Validation,
    },
};
use quayside_edi::{Options, Syntax};

use super::{
    Entrance,
    act::Acting,
    entrance::owner_of,
    process::{on_thread, start_reading},
    read,
    split::Piece,
    trial,
};

/// The desk where people have files tried, and messages dealt with again.
pub(crate) struct Desk;

impl Interchanges for Desk {
    fn validate<'a>(
        &'a self,
        scope: &'a Scope,
        run: DryRun,
    ) -> BoxFuture<'a, Result<Validation, DryRunError>> {
        trial::validate(scope, run).boxed()
    }

    fn redo<'a>(
        &'a self,
        scope: &'a BuyerScope,
        redo: &'a Redo,
        key: &'a IdempotencyKey,
    ) -> BoxFuture<'a, Result<bool, RedoError>> {
        again(scope, redo, key).boxed()
    }
}

/// Deals again with messages that were refused, as the partner's, and writes what became of them.
async fn again(scope: &BuyerScope, redo: &Redo, key: &IdempotencyKey) -> Result<bool, RedoError> {
    let (filed, places) = match interchanges::redoable(scope, redo, key).await? {
        Redoable::Done => return Ok(true),
        Redoable::These(filed, places) => (filed, places),
    };
    let FiledInterchange { row, bytes, .. } = *filed;
    let Some(partner) = row.partner_id else { return Err(RedoError::RefusedWhole) };
    let entrance = Entrance::as_partner(scope, partner).await?;
    let entrance = entrance.ok_or_else(|| Failure::Corrupt(format!("{partner} has no supplier")))?;
    let files = entrance.scope(scope.store())?;
    let owner = owner_of(&files, &entrance, &envelope(&row)).await?;
    if owner.refusal.is_some() {
        return Err(RedoError::RefusedWhole);
    }
    let byte = |number: Option<i32>| number.and_then(|number| u8::try_from(number).ok());
    let piece = Piece {
        syntax: match row.syntax {
            Some(EdiSyntax::Edifact) => Syntax::Edifact,
            Some(EdiSyntax::X12) | None => Syntax::X12,
        },
        from: 0,
        start: 0,
        end: bytes.len(),
        terminator: byte(row.terminator),
        release: byte(row.release_mark),
    };
    let bytes = Bytes::from(bytes);
    let file = bytes.clone();
    let parsed = on_thread(move || read::parse(&file, piece, &Options::default())).await?;
    let parsed = parsed.map_err(|error| Failure::System(error.to_string()))?;
    let parsed = parsed.ok_or_else(|| Failure::Corrupt(format!("{} cannot be read again", row.id)))?;
    let acting_scope = owner.scope(&files);
    // What is found done was done by an earlier try of this.
    let supplier = owner.partner.map(|(_, supplier)| supplier);
    let acting = Acting { scope: &acting_scope, supplier, resumed: true, forced: true };
    let mut batches = start_reading(parsed, bytes, &owner, None);
    let mut records = Vec::new();
    while let Some(items) = batches.items.recv().await {
        let items = items.into_iter().filter(|item| places.contains(&item.place)).collect();
        records.extend(acting.act(items).await?);
    }
    batches.ended().await?;
    interchanges::redo(scope, redo, key, records).await?;
    Ok(false)
}

/// What is on record about an envelope.
fn envelope(row: &quayside_entity::interchange::Model) -> Envelope {
    let party = |qualifier: &Option<String>, id: &Option<String>| {
        Some(Identifier { qualifier: qualifier.clone()?, id: id.clone()? })
    };
    Envelope {
        syntax: row.syntax,
        sender: party(&row.sender_qualifier, &row.sender),
        receiver: party(&row.receiver_qualifier, &row.receiver),
        control_number: row.control_number.clone(),
        usage: row.usage.clone(),
        ..Envelope::default()
    }
}
