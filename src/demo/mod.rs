//! `quayside demo`: everything in one process, with a sample tenant, three suppliers and an ERP that the
//! simulator plays over real HTTP. What it keeps survives a restart.

mod seed;
mod state;

use std::{net::Ipv4Addr, path::Path};

use anyhow::Context;
use clap::Args;
use quayside_domain::Clock;
use quayside_simulator::{Erp, Settings};
use serde_json::json;
use tokio::net::TcpListener;

use crate::{app::App, config, telemetry};
use state::State;

/// How to show what was started.
#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Print one line of JSON for scripts.
    #[arg(long)]
    json: bool,
}

/// Where the demo keeps its things, unless told otherwise.
const FOLDER: &str = "data/demo";

/// Starts everything and serves until told to stop.
pub(crate) async fn run(args: DemoArgs, file: Option<&Path>) -> anyhow::Result<()> {
    let mut overrides = vec![("delivery.allow_loopback", "true")];
    if file.is_none() && std::env::var_os("QUAYSIDE_DATA_DIR").is_none() {
        overrides.push(("data_dir", FOLDER));
    }
    let config = config::load(file, std::env::vars(), &overrides)?;
    let telemetry = telemetry::start(&config)?;
    telemetry::start_metrics();
    let listen = config.listen;
    let app = App::open(config, Clock::system()).await?;
    let folder = app.config().data_dir.clone();
    let known = State::read(&folder)?;
    let erp_port = known.as_ref().map_or(0, |state| state.erp_port);
    let erp_listener = TcpListener::bind((Ipv4Addr::LOCALHOST, erp_port)).await;
    let erp_listener = erp_listener.with_context(|| format!("the demo's ERP needs port {erp_port}"))?;
    let erp_port = erp_listener.local_addr()?.port();
    let state = match known {
        Some(state) => state,
        None => seed::seed(&app, erp_port).await.context("filling the demo")?,
    };
    state.write(&folder)?;
    let journal = Some(folder.join("erp.jsonl"));
    let erp = Erp::open(Settings { journal, ..Settings::new(state.erp_secret.clone()) })?;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("listening on {listen}"))?;
    show(&args, &state, &format!("http://{}", listener.local_addr()?));
    let stop = crate::cli::stop_signal();
    tokio::select! {
        () = app.serve(listener, stop.clone()) => {}
        ended = quayside_simulator::serve(erp_listener, erp) => ended.context("the demo's ERP stopped")?,
    }
    app.close().await?;
    telemetry.stop();
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what the command is for")]
fn show(args: &DemoArgs, state: &State, url: &str) {
    let erp = format!("http://127.0.0.1:{}/erp/v1/documents", state.erp_port);
    if args.json {
        let accounts: Vec<_> = state
            .accounts
            .iter()
            .map(|account| json!({ "email": account.email, "password": account.password, "role": account.role }))
            .collect();
        println!("{}", json!({ "url": url, "erp": erp, "accounts": accounts, "tokens": state.tokens }));
        return;
    }
    println!("\nQuayside is serving a sample distributor.\n");
    println!("  GraphQL API   {url}/graphql");
    println!("  Schema        {url}/graphql/schema.graphql");
    println!("  Orders in     {url}/ingest/v1/openapi.json");
    println!("  The ERP has   {erp}\n");
    println!("  Sign in with (mutation signIn):");
    for account in &state.accounts {
        println!("    {:<28} {:<34} {}", account.email, account.password, account.role);
    }
    println!("\n  Or send a token (Authorization: Bearer …):");
    for (name, token) in &state.tokens {
        println!("    {name:<15} {token}");
    }
    println!("\n  The tour is in README.md. Ctrl-C stops; the data stays.\n");
}
