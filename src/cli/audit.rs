//! Checking the audit trail, and stepping in where deliveries failed.
use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;
use quayside_domain::{
    audit, connections,
    deliveries::{self, Which},
    suppliers,
};

use crate::app::App;

/// Commands about the audit trail.
#[derive(Subcommand)]
pub(super) enum AuditCommand {
    /// Recompute the chain of every tenant and name each event that was changed, removed, reordered or cut off.
    Verify {
        /// A file of anchors; by default the one in the data folder.
        #[arg(long)]
        anchors: Option<PathBuf>,
    },
}

/// Commands about deliveries.
#[derive(Subcommand)]
pub(super) enum DeliveriesCommand {
    /// Put a tenant's dead deliveries back in line.
    Redrive {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
        /// Only those of the connection with this name.
        #[arg(long)]
        connection: Option<String>,
        /// Those the receiver does not have, although it said so, instead of those that are dead.
        #[arg(long)]
        missing: bool,
        /// Why. It stays on record.
        #[arg(long)]
        reason: Option<String>,
        /// Print how many there are, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

#[expect(clippy::print_stdout, reason = "what the command is for")]
pub(super) async fn audit(app: &App, command: AuditCommand) -> anyhow::Result<i32> {
    let AuditCommand::Verify { anchors } = command;
    let kept = app.config().data_dir.join("audit-anchors.jsonl");
    let file = anchors.clone().unwrap_or(kept);
    let anchors = match std::fs::read_to_string(&file) {
        Ok(text) => audit::read_anchors(&text).with_context(|| format!("reading {}", file.display()))?,
        Err(error) if anchors.is_none() && error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error).with_context(|| format!("reading {}", file.display())),
    };
    let report = audit::verify(app.system(), &anchors).await?;
    for finding in &report.findings {
        println!("{finding}");
    }
    let (events, tenants, found) = (report.events, report.tenants, report.findings.len());
    println!(
        "{events} events of {tenants} tenants verified against {} anchors: {found} findings",
        report.anchors
    );
    Ok(i32::from(found > 0))
}

#[expect(clippy::print_stdout, reason = "what the command is for")]
pub(super) async fn deliveries(app: &App, command: DeliveriesCommand) -> anyhow::Result<()> {
    let DeliveriesCommand::Redrive { tenant, connection, missing, reason, dry_run } = command;
    let found = suppliers::tenant_by_slug(app.system(), &tenant).await?;
    let tenant = found.with_context(|| format!("there is no tenant `{tenant}`"))?.id;
    let connection = match connection {
        Some(name) => {
            let found = connections::connection_by_name(app.system(), tenant, &name).await?;
            Some(found.with_context(|| format!("there is no connection `{name}`"))?.id)
        }
        None => None,
    };
    let which = Which { connection, missing };
    if dry_run {
        println!("{}", deliveries::count_redrivable(app.system(), tenant, &which).await?);
        return Ok(());
    }
    let mut redriven = 0;
    loop {
        let batch = deliveries::redrive_all(app.system(), tenant, &which, reason.as_deref()).await?;
        redriven += batch;
        if batch == 0 {
            println!("{redriven}");
            return Ok(());
        }
    }
}
