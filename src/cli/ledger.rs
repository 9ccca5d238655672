//! Checking the quantity ledger.
use clap::Subcommand;
use quayside_domain::ledger;

use crate::app::App;

/// Commands about the quantity ledger.
#[derive(Subcommand)]
pub(super) enum LedgerCommand {
    /// Recompute every line's ledger from the event log and name each that is not what its events say. Lines that are
    /// changed meanwhile can show: verify again.
    Verify,
}

#[expect(clippy::print_stdout, reason = "what the command is for")]
pub(super) async fn ledger(app: &App, command: LedgerCommand) -> anyhow::Result<i32> {
    let LedgerCommand::Verify = command;
    let report = ledger::verify(app.system()).await?;
    for mismatch in &report.mismatches {
        println!("{mismatch}");
    }
    let (lines, events, found) = (report.lines, report.events, report.mismatches.len());
    println!("{lines} lines verified against {events} events: {found} mismatches");
    Ok(i32::from(found > 0))
}
