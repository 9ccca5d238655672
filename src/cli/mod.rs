//! The command line.

mod audit;
mod connections;
mod edi_convert;
mod edi_lint;
mod edi_partner;
mod edi_show;
mod exceptions;
mod generate;
mod ledger;
mod partners;
mod set_up;

pub(crate) use partners::partner_token;
pub use set_up::{api_token, operator};
pub(crate) use set_up::{connection_token, fresh_key};

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use quayside_domain::Clock;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{app::App, config, config::Config, demo, migrate, simulate, telemetry};

/// Purchase orders between a buyer's ERP and its suppliers.
#[derive(Parser)]
#[command(name = "quayside", version)]
struct Cli {
    /// Settings file.
    #[arg(long, global = true, env = "QUAYSIDE_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and, unless told otherwise, do the background work in the same process.
    Serve(ServeArgs),
    /// Do the background work only: dispatch, deliveries, what is due.
    Work,
    /// Bring the database up to date.
    Migrate,
    /// Start everything with a sample tenant, three suppliers, and an ERP and a WMS that are played by the simulator.
    Demo(demo::DemoArgs),
    /// Play an ERP or a WMS over HTTP.
    Simulate(simulate::SimulateArgs),
    /// Set tenants up.
    #[command(subcommand)]
    Tenant(set_up::TenantCommand),
    /// Set suppliers up.
    #[command(subcommand)]
    Supplier(set_up::SupplierCommand),
    /// Set people up.
    #[command(subcommand)]
    User(set_up::UserCommand),
    /// Set a tenant's systems up.
    #[command(subcommand)]
    Connection(connections::ConnectionCommand),
    /// Look after sealed secrets.
    #[command(subcommand)]
    Secrets(connections::SecretsCommand),
    /// Set EDI trading partners up, and look after them.
    #[command(subcommand)]
    Partner(partners::PartnerCommand),
    /// Issue tokens.
    #[command(subcommand)]
    Token(set_up::TokenCommand),
    /// Look at settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look at EDI files.
    #[command(subcommand)]
    Edi(EdiCommand),
    /// Check the audit trail.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Check the quantity ledger.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Step in where deliveries failed.
    #[command(subcommand)]
    Deliveries(audit::DeliveriesCommand),
    /// Say who sees to exceptions.
    #[command(subcommand)]
    Exceptions(exceptions::ExceptionsCommand),
    /// Write the files that are made of the code: schema, event schemas, reference pages.
    Generate(GenerateArgs),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Print what is in force and where it came from, without secrets.
    Print,
}

#[derive(Subcommand)]
enum EdiCommand {
    /// Say what is right and wrong with files, in plain words.
    Lint(edi_lint::Args),
    /// Show a file as a tree in plain words.
    Show(edi_show::Args),
    /// Turn a file into JSON, or JSON into EDI.
    Convert(edi_convert::Args),
}

/// What a serving process does.
#[derive(Args)]
struct ServeArgs {
    /// Leave the background work to `quayside work`, whatever the setting `work.in_serve` says.
    #[arg(long)]
    no_work: bool,
}

/// What to write, and where.
#[derive(Args)]
struct GenerateArgs {
    /// Only say which files are out of date, and fail if any is.
    #[arg(long)]
    check: bool,
    /// The project's folder.
    #[arg(long, default_value = ".")]
    root: PathBuf,
}

/// Runs the command that the process was started with, and gives its exit code.
///
/// # Errors
/// The command failed; the message is for people.
pub async fn run() -> anyhow::Result<i32> {
    let cli = Cli::parse();
    match cli.command {
        Command::Generate(args) => return generate::run(&args.root, args.check),
        Command::Edi(EdiCommand::Lint(ref args)) if args.partner().is_none() => {
            return Ok(edi_lint::run(args, None)?);
        }
        Command::Edi(EdiCommand::Show(args)) => return Ok(edi_show::run(&args)?),
        Command::Edi(EdiCommand::Convert(args)) => return Ok(edi_convert::run(&args)?),
        Command::Simulate(args) => return simulate::run(args).await.map(|()| 0),
        Command::Demo(args) => return demo::run(args, cli.config.as_deref()).await.map(|()| 0),
        _ => {}
    }
    let config = config::load(cli.config.as_deref(), std::env::vars(), &[])?;
    match cli.command {
        Command::Config(ConfigCommand::Print) => {
            print_config(&config);
            Ok(0)
        }
        Command::Serve(args) => serve(config, &args).await.map(|()| 0),
        Command::Work => work(config).await.map(|()| 0),
        Command::Migrate => {
            let _telemetry = telemetry::start(&config)?;
            migrate::migrate(&config).await.map(|()| 0)
        }
        command => {
            let app = App::open(config, Clock::system()).await?;
            let code = one_off(&app, command).await;
            app.close().await?;
            code
        }
    }
}

/// Commands that change or check something and end.
async fn one_off(app: &App, command: Command) -> anyhow::Result<i32> {
    match command {
        Command::Tenant(command) => set_up::tenant(app, command).await?,
        Command::Supplier(command) => set_up::supplier(app, command).await?,
        Command::User(command) => set_up::user(app, command).await?,
        Command::Connection(command) => connections::connection(app, command).await?,
        Command::Secrets(command) => connections::secrets(app, command).await?,
        Command::Partner(command) => partners::partner(app, command).await?,
        Command::Token(command) => set_up::token(app, command).await?,
        Command::Audit(command) => return audit::audit(app, command).await,
        Command::Ledger(command) => return ledger::ledger(app, command).await,
        Command::Deliveries(command) => audit::deliveries(app, command).await?,
        Command::Exceptions(command) => exceptions::exceptions(app, command).await?,
        Command::Edi(EdiCommand::Lint(args)) => {
            let (tenant, partner) = args.partner().context("`run` lints what has no partner")?;
            let held = edi_partner::held(app, tenant, partner).await?;
            return Ok(edi_lint::run(&args, Some(&held))?);
        }
        _ => unreachable!("`run` handles the commands that go on"),
    }
    Ok(0)
}

#[expect(clippy::print_stdout, reason = "what the command is for")]
fn print_config(config: &Config) {
    for value in &config.values {
        println!("{} = {:?}  # {}", value.setting.key, value.shown(), value.source);
    }
}

async fn serve(config: Config, args: &ServeArgs) -> anyhow::Result<()> {
    let telemetry = telemetry::start(&config)?;
    telemetry::start_metrics();
    let (listen, with_work) = (config.listen, config.work.in_serve && !args.no_work);
    let app = App::open(config, Clock::system()).await?;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("listening on {listen}"))?;
    tracing::info!(address = %listener.local_addr()?, with_work, "serving");
    app.serve(listener, with_work, stop_signal()).await;
    app.close().await?;
    telemetry.stop();
    Ok(())
}

async fn work(config: Config) -> anyhow::Result<()> {
    let telemetry = telemetry::start(&config)?;
    telemetry::start_metrics();
    let listen = config.work.listen;
    let app = App::open(config, Clock::system()).await?;
    let listener = match listen {
        Some(listen) => {
            let listener =
                TcpListener::bind(listen).await.with_context(|| format!("listening on {listen}"))?;
            tracing::info!(address = %listener.local_addr()?, "telling how it is");
            Some(listener)
        }
        None => None,
    };
    tracing::info!("working");
    app.work_alone(listener, stop_signal()).await;
    app.close().await?;
    telemetry.stop();
    Ok(())
}

/// Cancelled when the process is asked to stop.
pub(crate) fn stop_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        let interrupted = tokio::signal::ctrl_c();
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            match signal(SignalKind::terminate()) {
                Ok(mut terminated) => {
                    tokio::select! {
                        _ = interrupted => {}
                        _ = terminated.recv() => {}
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "only an interrupt stops this process");
                    let _ = interrupted.await;
                }
            }
        }
        #[cfg(not(unix))]
        let _ = interrupted.await;
        tracing::info!("stopping");
        told.cancel();
    });
    stop
}
