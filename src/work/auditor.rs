//! Reads back what was delivered a while ago, where a connection wants it, and says what the receiver said.
use std::{sync::Arc, time::Duration};

use quayside_connectors::{Attempted, DeliveryError, Receipt};
use quayside_domain::{
    Failure, SystemScope,
    deliveries::{Check, Finding, checks_due, conclude},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::courier::Courier;

/// How often it looks.
const LOOK: Duration = Duration::from_secs(5);
/// Questions in flight at once.
const AT_ONCE: usize = 8;

/// Asks until told to stop.
pub(super) async fn run(courier: &Arc<Courier>, system: &SystemScope, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match check_due(courier, system).await {
            Ok(0) => {}
            Ok(checked) => tracing::debug!(checked, "read back"),
            Err(failure) => tracing::warn!(error = %failure, "reading back has to wait"),
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Asks what is due now, once, and says how many questions that were.
pub(super) async fn check_due(courier: &Arc<Courier>, system: &SystemScope) -> Result<usize, Failure> {
    let due = checks_due(system).await?;
    let asked = due.len();
    let mut flights: JoinSet<Result<(), Failure>> = JoinSet::new();
    for check in due {
        if flights.len() >= AT_ONCE {
            land(flights.join_next().await)?;
        }
        let (courier, system) = (courier.clone(), system.clone());
        flights.spawn(async move { ask(&courier, &system, check).await });
    }
    while let Some(flight) = flights.join_next().await {
        land(Some(flight))?;
    }
    Ok(asked)
}

fn land(flight: Option<Result<Result<(), Failure>, tokio::task::JoinError>>) -> Result<(), Failure> {
    match flight {
        Some(Ok(done)) => done,
        // It is asked again when its time with this worker is over.
        Some(Err(error)) => {
            tracing::error!(%error, "reading back panicked");
            Ok(())
        }
        None => Ok(()),
    }
}

async fn ask(courier: &Courier, system: &SystemScope, check: Check) -> Result<(), Failure> {
    let finding = match courier.find(system, &check.claimed).await {
        Ok(answer) => finding(answer),
        Err(reason) => Finding::Unclear { reason },
    };
    conclude(system, &check, &finding).await?;
    Ok(())
}

/// What an answer means. A connector that has no question says "unconfirmed" without having made a call.
fn finding(answer: Attempted<Option<Receipt>>) -> Finding {
    match answer.outcome {
        Ok(Some(receipt)) => Finding::There { reference: receipt.reference },
        Ok(None) => Finding::NotThere,
        Err(DeliveryError::Unauthorized) => Finding::Unauthorized,
        Err(DeliveryError::Unconfirmed { .. }) if answer.exchange.is_none() => Finding::CannotBeAsked,
        Err(error) => Finding::Unclear { reason: error.to_string() },
    }
}
