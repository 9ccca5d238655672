//! Files of interchanges that a connection brought: whose each is, its envelope says.
use axum::body::Bytes;
use quayside_canonical::{
    Channel, ConnectionId, Field, Problems,
    states::{DocumentOutcome, InboundKind},
};
use quayside_domain::{
    BuyerScope, Failure, Store,
    inbound::Outcome,
    interchanges::{FileError, FileResult},
    scope::Origin,
};

use super::{Entrance, process};

/// Takes a file that came through `connection`, and says what became of it.
///
/// # Errors
/// The database failed; trying again is safe.
pub async fn arrived(
    store: &Store,
    scope: &BuyerScope,
    connection: ConnectionId,
    (name, bytes): (&str, Bytes),
) -> Result<Outcome, Failure> {
    let origin = Origin {
        channel: Channel::Edi,
        correlation: scope.correlation.clone(),
        trace_parent: scope.trace_parent.clone(),
    };
    let entrance = Entrance::of_connection(scope.tenant, connection, origin).named(name);
    match process(store, &entrance, bytes).await {
        Ok(reply) => Ok(outcome(name, &reply.result)),
        Err(FileError::Internal(failure)) => Err(failure),
        Err(error @ FileError::TooLarge { .. }) => {
            let problems = Problems::one("INTERCHANGE_TOO_LARGE", &Field::root(), error.to_string());
            Ok(Outcome::unreadable(InboundKind::Interchange, name, problems))
        }
    }
}

/// One outcome for the whole: that of each message is on file with its interchange, and people were told of it there.
fn outcome(name: &str, result: &FileResult) -> Outcome {
    let refused = |outcome| matches!(outcome, DocumentOutcome::Refused | DocumentOutcome::Conflict);
    let taken = result.messages().any(|message| !refused(message.outcome));
    let mut problems = Problems::new();
    let of_interchanges = result.interchanges.iter().flat_map(|one| &one.problems);
    for problem in result.problems.iter().chain(of_interchanges).filter(|_| !taken) {
        problems.push(problem.clone());
    }
    let nothing_wrong = problems.is_empty();
    Outcome {
        outcome: if taken || nothing_wrong { DocumentOutcome::Recorded } else { DocumentOutcome::Refused },
        subject: result.interchanges.first().map(|one| one.interchange.to_string()),
        told: true,
        ..Outcome::unreadable(InboundKind::Interchange, name, problems)
    }
}
