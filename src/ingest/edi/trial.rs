//! What would become of a file: read and judged like one that is taken, and nothing of it is kept.
use std::collections::BTreeSet;

use axum::body::Bytes;
use quayside_canonical::{
    Field, Problem, Problems, SupplierId, identity::Permission, states::DocumentOutcome,
};
use quayside_connectors::edi::{self, Command};
use quayside_domain::{
    BuyerScope, Failure, Scope,
    acknowledgments::{self, SubmitError, state::unknown_order},
    interchanges::{
        DRY_RUN_LIMIT, DryRun, DryRunError, ValidatedInterchange, ValidatedMessage, Validation, is_refused,
        stage_of, status_of,
    },
    orders::{self, Incoming},
    receipts,
    shipments::{self, ShipmentError},
};
use quayside_edi::Options;

use super::{
    Entrance,
    act::{at_number, record_of},
    entrance::owner_of,
    process::{MOST_INTERCHANGES, no_interchange, on_thread, outside, start_reading, too_many},
    read::{self, Faults, Item, Parsed, Work},
    split::{Split, split},
};

/// Tries a file as if the partner had sent it.
pub(super) async fn validate(scope: &Scope, run: DryRun) -> Result<Validation, DryRunError> {
    if !scope.may(Permission::OrdersRead) {
        return Err(DryRunError::Forbidden);
    }
    let size = run.content.len();
    if size > DRY_RUN_LIMIT {
        return Err(DryRunError::TooLarge { size, limit: DRY_RUN_LIMIT });
    }
    let entrance = Entrance::as_partner(scope, run.partner).await?.ok_or(DryRunError::NotFound)?;
    let files = entrance.scope(scope.store())?;
    let bytes = Bytes::from(run.content);
    let whole = bytes.clone();
    let Split { pieces, garbage } = on_thread(move || split(&whole, Options::default().limits)).await?;
    let Faults { problems, warnings } = outside(&bytes, &garbage);
    let mut validation = Validation { interchanges: Vec::new(), problems, warnings };
    if pieces.len() > MOST_INTERCHANGES {
        validation.problems.push(too_many(pieces.len()));
        return Ok(validation);
    }
    let mut coming = BTreeSet::new();
    for piece in pieces {
        let file = bytes.clone();
        let parsed = on_thread(move || read::parse(&file, piece, &Options::default())).await?;
        if let Some(parsed) = parsed.map_err(|error| Failure::System(error.to_string()))? {
            let tried = interchange(&files, &entrance, parsed, bytes.clone(), &mut coming).await?;
            validation.interchanges.push(tried);
        }
    }
    if validation.interchanges.is_empty() && validation.problems.is_empty() {
        validation.problems.push(no_interchange());
    }
    Ok(validation)
}

async fn interchange(
    files: &BuyerScope,
    entrance: &Entrance,
    mut parsed: Parsed,
    bytes: Bytes,
    coming: &mut BTreeSet<String>,
) -> Result<ValidatedInterchange, Failure> {
    let envelope = parsed.envelope(&bytes);
    let owner = owner_of(files, entrance, &envelope).await?;
    parsed.hold_to(&owner.agreement);
    let scope = owner.scope(files);
    let Faults { mut problems, warnings } = parsed.faults();
    problems.splice(0..0, owner.refusal.clone());
    let mut batches = start_reading(parsed, bytes, &owner, owner.refusal.clone());
    let mut messages = Vec::new();
    while let Some(items) = batches.items.recv().await {
        for item in items {
            messages.push(message(&scope, owner.partner.map(|(_, supplier)| supplier), item, coming).await?);
        }
    }
    batches.ended().await?;
    let refused = messages.iter().filter(|one| is_refused(one.result.outcome)).count();
    Ok(ValidatedInterchange {
        syntax: envelope.syntax,
        sender: envelope.sender,
        receiver: envelope.receiver,
        control_number: envelope.control_number,
        status: status_of(messages.len(), refused, !problems.is_empty()),
        messages,
        problems,
        warnings,
    })
}

async fn message(
    scope: &BuyerScope,
    supplier: Option<SupplierId>,
    mut item: Item,
    coming: &mut BTreeSet<String>,
) -> Result<ValidatedMessage, Failure> {
    let work = std::mem::replace(&mut item.work, Work::Skip(Vec::new()));
    let orders = std::mem::take(&mut item.orders);
    let mut result = record_of(item).result;
    let command = match (work, supplier) {
        (Work::Do(command), Some(supplier)) => Some((command, supplier)),
        (Work::Skip(problems) | Work::Refuse(problems), _) => {
            result.problems = problems;
            None
        }
        (Work::Do(_), None) => None,
    };
    let Some((command, supplier)) = command else {
        return Ok(ValidatedMessage { result, is_checked: true });
    };
    let is_order = matches!(command, Command::Order(_));
    if !is_order && let Some(number) = orders.iter().find(|number| coming.contains(*number)) {
        let words = format!("not checked against order {number}, which comes before it in this file");
        result.warnings.extend(Problems::one("NOT_CHECKED", &Field::root(), words).into_vec());
        result.outcome = DocumentOutcome::Recorded;
        return Ok(ValidatedMessage { result, is_checked: false });
    }
    let said = ask(scope, supplier, command, &result.message_type).await?;
    result.outcome = said.outcome;
    result.stage = stage_of(said.outcome);
    result.problems = said.problems.into_iter().map(edi::located).collect();
    result.warnings.extend(said.warnings.into_iter().map(edi::located));
    if matches!(result.outcome, DocumentOutcome::Created | DocumentOutcome::Revised) {
        coming.extend(orders);
    }
    Ok(ValidatedMessage { result, is_checked: true })
}

/// What the rules say.
struct Said {
    outcome: DocumentOutcome,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Said {
    const fn taken(outcome: DocumentOutcome, warnings: Vec<Problem>) -> Self {
        Self { outcome, problems: Vec::new(), warnings }
    }

    fn refused(problems: Problems) -> Self {
        Self { outcome: DocumentOutcome::Refused, problems: problems.into_vec(), warnings: Vec::new() }
    }
}

async fn ask(
    scope: &BuyerScope,
    supplier: SupplierId,
    command: Command,
    message_type: &str,
) -> Result<Said, Failure> {
    match command {
        Command::Order(order) => {
            let incoming = Incoming { order: Ok(*order), key: None, only_supplier: Some(supplier) };
            let previewed = orders::receive::preview(scope, &[incoming]).await?.pop();
            let received =
                previewed.ok_or_else(|| Failure::System("a document has no preview".to_owned()))?;
            let received = at_number(received, message_type);
            Ok(Said { outcome: received.outcome, problems: received.problems, warnings: received.warnings })
        }
        Command::Change(change) => {
            let received = orders::preview_change(scope, &change, Some(supplier)).await?;
            Ok(Said { outcome: received.outcome, problems: received.problems, warnings: received.warnings })
        }
        Command::Answer(statement) => {
            let said = acknowledgments::state::preview(&scope.acting_for(supplier), &statement).await;
            match said {
                Ok(stated) => Ok(Said::taken(DocumentOutcome::Answered, stated.warnings)),
                Err(SubmitError::OrderNotFound) => Ok(Said::refused(unknown_order(&statement))),
                Err(SubmitError::Refused(problems)) => Ok(Said::refused(problems)),
                Err(SubmitError::Internal(failure)) => Err(failure),
                Err(
                    error
                    @ (SubmitError::Forbidden | SubmitError::StaleRevision { .. } | SubmitError::Key(_)),
                ) => Ok(Said::refused(Problems::one("REFUSED", &statement.place, error.to_string()))),
            }
        }
        Command::Shipment(statement) => {
            match shipments::preview_statement(&scope.acting_for(supplier), &statement).await {
                Ok(_) => Ok(Said::taken(DocumentOutcome::Recorded, Vec::new())),
                Err(ShipmentError::Refused(problems)) => Ok(Said::refused(problems)),
                Err(ShipmentError::Internal(failure)) => Err(failure),
                Err(
                    error @ (ShipmentError::Forbidden
                    | ShipmentError::NotFound
                    | ShipmentError::StaleVersion { .. }
                    | ShipmentError::Key(_)),
                ) => Ok(Said::refused(Problems::one("REFUSED", &statement.place, error.to_string()))),
            }
        }
        // They change nothing of the trade.
        Command::Report(_) | Command::Advice(_) => Ok(Said::taken(DocumentOutcome::Recorded, Vec::new())),
        Command::Receipt(statement) => {
            let recorded = receipts::preview_statement(scope, &statement, supplier).await?;
            Ok(Said { outcome: recorded.outcome, problems: recorded.problems, warnings: recorded.warnings })
        }
    }
}
