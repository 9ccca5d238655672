//! `quayside demo`: everything in one process, with a sample tenant, four suppliers, an ERP and a WMS that the simulator
//! plays over real HTTP, and a supplier that it plays over EDI files. Three orders live their whole lives before your eyes.
//! What it keeps survives a restart.

mod partner;
mod seed;
mod state;
mod story;

use std::{net::Ipv4Addr, path::Path, time::Duration};

use anyhow::Context;
use clap::Args;
use quayside_domain::Clock;
use quayside_simulator::{
    EdiSupplier, EdiSupplierError, EdiSupplierSettings, Erp, InvoiceScenario, Invoices, Quayside, Settings,
    Wms, WmsSettings,
};
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
    let mut config = config::load(file, std::env::vars(), &overrides)?;
    partner::allow(&mut config)?;
    let telemetry = telemetry::start(&config)?;
    telemetry::start_metrics();
    let listen = config.listen;
    let app = App::open(config, Clock::system()).await?;
    let folder = app.config().data_dir.clone();
    let known = State::read(&folder)?;
    let erp_listener = simulated("ERP", known.as_ref().map_or(0, |state| state.erp_port)).await?;
    let wms_listener = simulated("WMS", known.as_ref().map_or(0, |state| state.wms_port)).await?;
    let is_new = known.is_none();
    let state = match known {
        Some(state) => state,
        None => {
            let ports = (erp_listener.local_addr()?.port(), wms_listener.local_addr()?.port());
            seed::seed(&app, ports.0, ports.1).await.context("filling the demo")?
        }
    };
    state.write(&folder)?;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("listening on {listen}"))?;
    let url = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
    let (erp, wms) = (erp(&state, &folder, &url)?, wms(&state, &folder, &url)?);
    let bearings = bearings(&app, &state)?;
    if is_new {
        wms.instruct(story::course())?;
    }
    show(&args, &app, &state, &format!("http://{}", listener.local_addr()?))?;
    let stop = crate::cli::stop_signal();
    let telling = async {
        if is_new {
            story::play(&app, &state, (&url, !args.json)).await;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = app.serve(listener, true, stop.clone()) => {}
        ended = quayside_simulator::serve(erp_listener, erp) => ended.context("the demo's ERP stopped")?,
        ended = quayside_simulator::serve_wms(wms_listener, wms) => ended.context("the demo's WMS stopped")?,
        ended = supplier(bearings) => ended.context("the demo's EDI supplier stopped")?,
        () = telling => {}
    }
    app.close().await?;
    telemetry.stop();
    Ok(())
}

async fn simulated(system: &str, port: u16) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    listener.with_context(|| format!("the demo's {system} needs port {port}"))
}

/// The ERP books what it is sent, and says where the invoice of what was received stands.
fn erp(state: &State, folder: &Path, url: &str) -> anyhow::Result<Erp> {
    let quayside = quayside(state, "erp_ingest", url)?;
    let invoices = Invoices { quayside, after: Duration::from_secs(2), scenario: InvoiceScenario::Matched };
    let journal = Some(folder.join("erp.jsonl"));
    let settings = Settings { journal, invoices: Some(invoices), ..Settings::new(state.erp_secret.clone()) };
    Ok(Erp::open(settings)?)
}

/// The WMS gives slots at once, and receives goods a few seconds after they were announced.
fn wms(state: &State, folder: &Path, url: &str) -> anyhow::Result<Wms> {
    let settings = WmsSettings {
        quayside: Some(quayside(state, "wms_ingest", url)?),
        journal: Some(folder.join("wms.jsonl")),
        receive_after: Duration::from_secs(5),
        pause: Duration::from_secs(1),
        location: Some("DC1".to_owned()),
        ..WmsSettings::new(state.wms_secret.clone())
    };
    Ok(Wms::open(settings)?)
}

/// The supplier behind the drop folder ships a few seconds after it was sent an order. None, in a demo from before there was
/// one.
fn bearings(app: &App, state: &State) -> anyhow::Result<Option<EdiSupplier>> {
    if !state.tokens.contains_key("supplier_exchange") {
        return Ok(None);
    }
    let settings = EdiSupplierSettings {
        ship_after: Duration::from_secs(5),
        books: Some(app.config().data_dir.join("bearings.json")),
        ..EdiSupplierSettings::new(partner::files(app.config())?, partner::BEARINGS)
    };
    Ok(Some(EdiSupplier::open(settings)?))
}

async fn supplier(bearings: Option<EdiSupplier>) -> Result<(), EdiSupplierError> {
    match bearings {
        Some(supplier) => supplier.run().await,
        None => std::future::pending().await,
    }
}

fn quayside(state: &State, token: &str, url: &str) -> anyhow::Result<Quayside> {
    let token = state.tokens.get(token).with_context(|| format!("the demo's notes have no {token}"))?;
    Ok(Quayside { url: url.to_owned(), token: token.clone() })
}

#[expect(clippy::print_stdout, reason = "what the command is for")]
fn show(args: &DemoArgs, app: &App, state: &State, url: &str) -> anyhow::Result<()> {
    let erp = format!("http://127.0.0.1:{}/erp/v1/documents", state.erp_port);
    let wms = format!("http://127.0.0.1:{}/wms/v1", state.wms_port);
    let edi = partner::files(app.config())?;
    if args.json {
        let accounts: Vec<_> = state
            .accounts
            .iter()
            .map(|account| json!({ "email": account.email, "password": account.password, "role": account.role }))
            .collect();
        println!(
            "{}",
            json!({ "url": url, "erp": erp, "wms": wms, "edi": edi, "accounts": accounts, "tokens": state.tokens })
        );
        return Ok(());
    }
    println!("\nQuayside is serving a sample distributor.\n");
    println!("  GraphQL API   {url}/graphql");
    println!("  Schema        {url}/graphql/schema.graphql");
    println!("  Orders in     {url}/ingest/v1/openapi.json");
    println!("  The ERP has   {erp}");
    println!("  The WMS is    {wms} (shipments, receipts, scenarios)");
    println!("  EDI files in  {} (in, out, archive)\n", edi.display());
    println!("  Sign in with (mutation signIn):");
    for account in &state.accounts {
        println!("    {:<28} {:<34} {}", account.email, account.password, account.role);
    }
    println!("\n  Or send a token (Authorization: Bearer …):");
    for (name, token) in &state.tokens {
        println!("    {name:<18} {token}");
    }
    println!("\n  The tour is in README.md. Ctrl-C stops; the data stays.\n");
    Ok(())
}
