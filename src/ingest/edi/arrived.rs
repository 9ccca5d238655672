//! Interchanges that a connection brought: whose they are, their envelopes say.
use axum::body::Bytes;
use quayside_canonical::{
    Actor, Channel, ConnectionId, Field, Problems,
    identity::Permission,
    partner::Identifier,
    states::{DocumentOutcome, Environment, InboundKind},
};
use quayside_domain::{
    BuyerScope, Failure, Store,
    inbound::Outcome,
    interchanges::{FileError, InterchangeResult},
    partners::{self, Door, Known, SenderError},
    scope::{Origin, Standing},
};
use quayside_edi::{Options, Syntax, edifact, x12};

use super::{Partner, process};

/// Hands an interchange that came through `connection` to the partner whose it is, and says what became of it.
///
/// # Errors
/// The database failed; trying again is safe.
pub async fn arrived(
    store: &Store,
    scope: &BuyerScope,
    connection: ConnectionId,
    (name, bytes): (&str, Bytes),
) -> Result<Outcome, Failure> {
    let refused = |code: &str, words: String| {
        Outcome::unreadable(InboundKind::Interchange, name, Problems::one(code, &Field::root(), words))
    };
    let Some((sender, receiver)) = parties(&bytes) else {
        return Ok(refused("NO_ENVELOPE", "no ISA and no UNB segment names who sent this".to_owned()));
    };
    let known = match partners::by_sender(scope, Door::Connection(connection), &sender, &receiver).await {
        Ok(known) => known,
        Err(SenderError::Internal(failure)) => return Err(failure),
        Err(error) => return Ok(refused(error.code().unwrap_or("UNKNOWN_SENDER"), error.to_string())),
    };
    match process(store, &partner(scope, known), bytes).await {
        Ok(reply) => {
            let result: InterchangeResult = serde_json::from_str(&reply.body)?;
            Ok(outcome(name, &result))
        }
        Err(FileError::Internal(failure)) => Err(failure),
        Err(error @ FileError::TooLarge { .. }) => Ok(refused("INTERCHANGE_TOO_LARGE", error.to_string())),
    }
}

/// The parties that the first envelope names.
fn parties(bytes: &[u8]) -> Option<(Identifier, Identifier)> {
    let party = |qualifier: &str, id: &str| Identifier { qualifier: qualifier.to_owned(), id: id.to_owned() };
    match Syntax::of(bytes)? {
        Syntax::X12 => {
            let mut reader = x12::Reader::new(bytes, Options::default());
            while let Ok(Some(event)) = reader.next_event() {
                if let x12::Event::InterchangeBegin(header) = event {
                    let header = header?;
                    let sender = party(&header.sender_qualifier, &header.sender);
                    return Some((sender, party(&header.receiver_qualifier, &header.receiver)));
                }
            }
        }
        Syntax::Edifact => {
            let mut reader = edifact::Reader::new(bytes, Options::default());
            while let Ok(Some(event)) = reader.next_event() {
                if let edifact::Event::InterchangeBegin(header) = event {
                    let header = header?;
                    let sender = party(&header.sender_qualifier, &header.sender);
                    return Some((sender, party(&header.recipient_qualifier, &header.recipient)));
                }
            }
        }
    }
    None
}

/// The partner as a caller, with what its token would let it do.
fn partner(scope: &BuyerScope, known: Known) -> Partner {
    let Known { partner, supplier, .. } = known;
    Partner {
        id: partner.id,
        supplier: supplier.id,
        supplier_number: supplier.number,
        currency: partner.currency,
        takes_test_data: partner.environment == Environment::Test,
        standing: Standing {
            tenant: scope.tenant,
            supplier: Some(supplier.id),
            actor: Actor::Partner(partner.id),
            person: None,
            permissions: [Permission::OrdersAnswer, Permission::ShipmentsManage].into(),
        },
        origin: Origin {
            channel: Channel::Edi,
            correlation: scope.correlation.clone(),
            trace_parent: scope.trace_parent.clone(),
        },
    }
}

/// One outcome for the whole: that of each message is on file with the interchange, and people were told of it there.
fn outcome(name: &str, result: &InterchangeResult) -> Outcome {
    let refused = |outcome| matches!(outcome, DocumentOutcome::Refused | DocumentOutcome::Conflict);
    let taken = result.messages.iter().any(|message| !refused(message.outcome));
    let mut problems = Problems::new();
    for problem in result.problems.iter().filter(|_| !taken) {
        problems.push(problem.clone());
    }
    Outcome {
        outcome: if taken || result.problems.is_empty() { DocumentOutcome::Recorded } else { DocumentOutcome::Refused },
        subject: Some(result.interchange.to_string()),
        told: true,
        ..Outcome::unreadable(InboundKind::Interchange, name, problems)
    }
}
