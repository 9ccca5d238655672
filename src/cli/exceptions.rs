//! Saying who sees to exceptions.
use anyhow::Context;
use clap::{Args, Subcommand};
use quayside_canonical::{
    exception::OwnerKind,
    states::{ExceptionKind, Severity},
};
use quayside_domain::{
    exceptions::{Owner, SetRoute, set_route},
    identity,
};

use super::set_up::{fresh_key, operator, supplier_id, tell, tenant_id};
use crate::app::App;

/// Commands about exceptions.
#[derive(Subcommand)]
pub(super) enum ExceptionsCommand {
    /// Say who sees to exceptions, and by when. What is left out, the next more general route says; a route that says
    /// nothing is taken away. Prints the routes that hold.
    Route(RouteArgs),
}

#[derive(Args)]
pub(super) struct RouteArgs {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// For this supplier only: its number.
    #[arg(long)]
    supplier: Option<String>,
    /// For this kind only, such as `SHIPMENT_LATE`.
    #[arg(long)]
    kind: Option<ExceptionKind>,
    /// `PROCUREMENT`, `SUPPLIER`, or `PERSON` with --person.
    #[arg(long)]
    owner: Option<OwnerKind>,
    /// The person's mail address.
    #[arg(long)]
    person: Option<String>,
    /// Within how many minutes.
    #[arg(long)]
    due_minutes: Option<u32>,
    /// How bad they are, whatever the opening rule says.
    #[arg(long)]
    severity: Option<Severity>,
}

pub(super) async fn exceptions(app: &App, command: ExceptionsCommand) -> anyhow::Result<()> {
    let ExceptionsCommand::Route(args) = command;
    let tenant = tenant_id(app, &args.tenant).await?;
    let supplier = match &args.supplier {
        Some(number) => Some(supplier_id(app, tenant, number).await?),
        None => None,
    };
    let owner = owner(app, &args).await?;
    let (kind, due_minutes, severity) = (args.kind, args.due_minutes, args.severity);
    let cmd = SetRoute { supplier, kind, owner, due_minutes, severity };
    let key = fresh_key()?;
    let (routes, _) = set_route(&operator(app, tenant)?, &cmd, Some(&key)).await?;
    for route in routes {
        let owner = route.owner_kind.map_or("-", OwnerKind::code);
        let due = route.due_minutes.map_or_else(|| "-".to_owned(), |minutes| minutes.to_string());
        let severity = route.severity.map_or("-", Severity::code);
        tell(&format!("{} owner={owner} dueMinutes={due} severity={severity}", route.place))?;
    }
    Ok(())
}

async fn owner(app: &App, args: &RouteArgs) -> anyhow::Result<Option<Owner>> {
    Ok(match (args.owner, &args.person) {
        (None, None) => None,
        (Some(OwnerKind::Procurement), None) => Some(Owner::Procurement),
        (Some(OwnerKind::Supplier), None) => Some(Owner::Supplier),
        (None | Some(OwnerKind::Person), Some(email)) => {
            let user = identity::user_by_email(app.system(), email).await?;
            Some(Owner::Person(user.with_context(|| format!("there is nobody with the address {email}"))?.id))
        }
        (Some(OwnerKind::Person), None) => anyhow::bail!("--owner PERSON needs --person"),
        (Some(_), Some(_)) => anyhow::bail!("--person goes with --owner PERSON only"),
    })
}
