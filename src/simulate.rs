//! `quayside simulate`: an ERP or a WMS over real HTTP, or a supplier over EDI files, played by the simulator.
use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::Context;
use clap::{Args, Subcommand};
use quayside_simulator::{
    AppointmentScenario, EdiSupplier, EdiSupplierSettings, Erp, InvoiceScenario, Invoices, OracleWms,
    OracleWmsSettings, Quayside, Sap, SapSettings, Scenario, Settings, Telling, Wms, WmsSettings,
};
use serde::de::{DeserializeOwned, IntoDeserializer, value::Error as WordError};
use tokio::net::TcpListener;

/// What to play. Without a name it is an ERP.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct SimulateArgs {
    #[command(subcommand)]
    role: Option<Role>,
    #[command(flatten)]
    erp: ErpArgs,
}

#[derive(Subcommand)]
enum Role {
    /// Play an ERP: book events as documents, and say where invoices stand.
    Erp(ErpArgs),
    /// Play SAP S/4HANA: the services that the connector `sap-s4hana` speaks to.
    Sap(SapArgs),
    /// Play a WMS: take shipments, answer appointments, and say what was received.
    Wms(WmsArgs),
    /// Play Oracle WMS Cloud: its calls, its rules and its messages.
    OracleWms(OracleWmsArgs),
    /// Play a supplier that knows nothing but EDI files: confirm, answer and ship what lies in a drop folder.
    EdiSupplier(EdiArgs),
}

#[derive(Args)]
struct ErpArgs {
    /// Address and port to listen on.
    #[arg(long, default_value = "127.0.0.1:4100")]
    listen: SocketAddr,
    /// The signing secret, `whsec_…`.
    #[arg(long, env = "QUAYSIDE_TEST_ERP_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// A file that keeps what was taken across restarts.
    #[arg(long)]
    journal: Option<PathBuf>,
    /// Where Quayside is, such as `http://127.0.0.1:4000`. Without it nothing is said about invoices.
    #[arg(long, requires = "token")]
    quayside: Option<String>,
    /// The token of the ERP's connection.
    #[arg(long, env = "QUAYSIDE_TEST_ERP_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Seconds from a receipt to its invoice.
    #[arg(long, default_value_t = 10)]
    invoice_after: u64,
    /// How invoices end: MATCHED, PRICE_VARIANCE, QUANTITY_VARIANCE, BLOCKED, PAID or NOTHING.
    #[arg(long, value_parser = word::<InvoiceScenario>, default_value = "MATCHED")]
    invoices: InvoiceScenario,
}

#[derive(Args)]
struct SapArgs {
    /// Address and port to listen on.
    #[arg(long, default_value = "127.0.0.1:4300")]
    listen: SocketAddr,
    /// The password of the user `QUAYSIDE`, and the secret of the OAuth client `quayside`.
    #[arg(long, env = "QUAYSIDE_TEST_SAP_SECRET", hide_env_values = true)]
    secret: String,
    /// A file with a JSON list of purchase orders in the shape of SAP's order service.
    #[arg(long)]
    orders: Option<PathBuf>,
}

#[derive(Args)]
struct WmsArgs {
    /// Address and port to listen on.
    #[arg(long, default_value = "127.0.0.1:4200")]
    listen: SocketAddr,
    /// The signing secret, `whsec_…`.
    #[arg(long, env = "QUAYSIDE_TEST_WMS_SECRET", hide_env_values = true)]
    secret: String,
    /// A file that keeps what was taken, decided and said across restarts.
    #[arg(long)]
    journal: Option<PathBuf>,
    /// Where Quayside is.
    #[arg(long, default_value = "http://127.0.0.1:4000")]
    quayside: String,
    /// The token of the WMS's connection.
    #[arg(long, env = "QUAYSIDE_TEST_WMS_TOKEN", hide_env_values = true)]
    token: String,
    /// Seconds from a shipment's announcement to its arrival.
    #[arg(long, default_value_t = 20)]
    receive_after: u64,
    /// Seconds between two statements about a shipment.
    #[arg(long, default_value_t = 5)]
    pause: u64,
    /// What is received of a shipment: FULL, SHORT, DAMAGED, OVER, INCREMENTS, HOLD or LATE_REVERSAL.
    #[arg(long, value_parser = word::<Scenario>, default_value = "FULL")]
    scenario: Scenario,
    /// How requests for an appointment are answered: CONFIRM, MOVE, REFUSE or SILENT.
    #[arg(long, value_parser = word::<AppointmentScenario>, default_value = "CONFIRM")]
    appointments: AppointmentScenario,
    /// The code of the warehouse, for shipments that name none.
    #[arg(long)]
    location: Option<String>,
}

#[derive(Args)]
struct EdiArgs {
    /// The folder of the `edi-folder` connection: files are taken from its `out` and put into its `in`.
    #[arg(long)]
    folder: PathBuf,
    /// What the supplier calls itself in envelopes.
    #[arg(long)]
    id: String,
    /// Seconds from an order to its shipment.
    #[arg(long, default_value_t = 20)]
    ship_after: u64,
    /// A file that keeps orders and control numbers across restarts.
    #[arg(long)]
    books: Option<PathBuf>,
}

#[derive(Args)]
struct OracleWmsArgs {
    /// Address and port to listen on.
    #[arg(long, default_value = "127.0.0.1:4300")]
    listen: SocketAddr,
    /// The user that may call.
    #[arg(long, default_value = "QUAYSIDE_WS")]
    user: String,
    /// Its password.
    #[arg(long, env = "QUAYSIDE_TEST_ORACLE_PASSWORD", hide_env_values = true)]
    password: String,
    /// The company.
    #[arg(long, default_value = "ACME")]
    company: String,
    /// A facility. May be given several times.
    #[arg(long, default_value = "DC01")]
    facility: Vec<String>,
    /// Refuse with 200, as before release 21D.
    #[arg(long)]
    before_21d: bool,
    /// Seconds from a shipment's announcement until it is received whole and verified. Without it a command does that.
    #[arg(long)]
    receive_after: Option<u64>,
    /// Where messages go, before the feed: `http://127.0.0.1:4000/ingest/v1/connections/con_…`.
    #[arg(long, requires_all = ["feed_user", "feed_password"])]
    quayside: Option<String>,
    /// The user of that entrance.
    #[arg(long)]
    feed_user: Option<String>,
    /// Its password.
    #[arg(long, env = "QUAYSIDE_TEST_ORACLE_FEED_PASSWORD", hide_env_values = true)]
    feed_password: Option<String>,
    /// Tell in JSON instead of XML.
    #[arg(long)]
    json: bool,
}

/// A scenario by the name that the simulator's own HTTP interface uses, in either case.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, WordError> {
    let name = text.to_uppercase().replace('-', "_");
    T::deserialize(IntoDeserializer::<WordError>::into_deserializer(name))
}

/// Plays until told to stop.
pub(crate) async fn run(args: SimulateArgs) -> anyhow::Result<()> {
    match args.role {
        None => play_erp(args.erp).await,
        Some(Role::Erp(erp)) => play_erp(erp).await,
        Some(Role::Sap(sap)) => play_sap(sap).await,
        Some(Role::Wms(wms)) => play_wms(wms).await,
        Some(Role::OracleWms(wms)) => play_oracle_wms(wms).await,
        Some(Role::EdiSupplier(supplier)) => play_edi_supplier(supplier).await,
    }
}

async fn play_erp(args: ErpArgs) -> anyhow::Result<()> {
    let secret =
        args.secret.context("an ERP needs a signing secret: --secret or QUAYSIDE_TEST_ERP_SECRET")?;
    let quayside = args.quayside.zip(args.token).map(|(url, token)| Quayside { url, token });
    let invoices = quayside.map(|quayside| Invoices {
        quayside,
        after: Duration::from_secs(args.invoice_after),
        scenario: args.invoices,
    });
    let erp = Erp::open(Settings { journal: args.journal, invoices, ..Settings::new(secret) })?;
    let listener = listen(args.listen, "erp/v1").await?;
    until_stopped(quayside_simulator::serve(listener, erp)).await
}

async fn play_sap(args: SapArgs) -> anyhow::Result<()> {
    let sap = Sap::new(SapSettings::new(args.secret));
    if let Some(path) = &args.orders {
        let text = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        let orders: Vec<serde_json::Value> =
            serde_json::from_slice(&text).with_context(|| format!("{} is no JSON list", path.display()))?;
        orders.into_iter().for_each(|order| sap.put_order(order));
    }
    let listener = listen(args.listen, "").await?;
    until_stopped(quayside_simulator::serve_sap(listener, sap)).await
}

async fn play_wms(args: WmsArgs) -> anyhow::Result<()> {
    let wms = Wms::open(WmsSettings {
        quayside: Some(Quayside { url: args.quayside, token: args.token }),
        journal: args.journal,
        receive_after: Duration::from_secs(args.receive_after),
        pause: Duration::from_secs(args.pause),
        course: args.scenario.into(),
        appointment: args.appointments,
        location: args.location,
        ..WmsSettings::new(args.secret)
    })?;
    let listener = listen(args.listen, "wms/v1").await?;
    until_stopped(quayside_simulator::serve_wms(listener, wms)).await
}

async fn play_oracle_wms(args: OracleWmsArgs) -> anyhow::Result<()> {
    let credentials = args.feed_user.zip(args.feed_password);
    let quayside =
        args.quayside.zip(credentials).map(|(url, (user, password))| Telling { url, user, password });
    let wms = OracleWms::open(OracleWmsSettings {
        company: args.company,
        facilities: args.facility.into_iter().map(|code| (code, true)).collect(),
        refuses_with_200: args.before_21d,
        receive_after: args.receive_after.map(Duration::from_secs),
        quayside,
        tells_json: args.json,
        ..OracleWmsSettings::new(args.user, args.password)
    })?;
    let listener = listen(args.listen, "oracle").await?;
    until_stopped(quayside_simulator::serve_oracle_wms(listener, wms)).await
}

async fn play_edi_supplier(args: EdiArgs) -> anyhow::Result<()> {
    let supplier = EdiSupplier::open(EdiSupplierSettings {
        ship_after: Duration::from_secs(args.ship_after),
        books: args.books,
        ..EdiSupplierSettings::new(args.folder, args.id)
    })?;
    let stop = crate::cli::stop_signal();
    tokio::select! {
        ended = supplier.run() => ended.context("the supplier stopped"),
        () = stop.cancelled() => Ok(()),
    }
}

#[expect(clippy::print_stdout, reason = "the address is what the caller waits for")]
async fn listen(address: SocketAddr, system: &str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("listening on {address}"))?;
    let below = if system.is_empty() { String::new() } else { format!("/{system}") };
    println!("http://{}{below}", listener.local_addr()?);
    Ok(listener)
}

async fn until_stopped(playing: impl Future<Output = std::io::Result<()>>) -> anyhow::Result<()> {
    let stop = crate::cli::stop_signal();
    tokio::select! {
        ended = playing => ended.context("the simulator stopped"),
        () = stop.cancelled() => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: SimulateArgs,
    }

    fn parse(line: &str) -> Result<SimulateArgs, clap::Error> {
        Line::try_parse_from(line.split(' ')).map(|line| line.args)
    }

    #[test]
    fn without_a_name_it_is_an_erp_and_a_wms_needs_a_token() {
        let plain = parse("simulate --secret whsec_x --journal erp.jsonl").unwrap();
        assert!(plain.role.is_none());
        assert_eq!(plain.erp.secret.as_deref(), Some("whsec_x"));
        assert!(matches!(parse("simulate erp --secret whsec_x").unwrap().role, Some(Role::Erp(_))));
        let wms = parse("simulate wms --secret whsec_x --token t --scenario late-reversal").unwrap();
        let Some(Role::Wms(wms)) = wms.role else { panic!("not a WMS") };
        assert_eq!(wms.scenario, Scenario::LateReversal);
        let sap = parse("simulate sap --secret s --orders orders.json").unwrap();
        assert!(matches!(sap.role, Some(Role::Sap(_))));
        assert!(parse("simulate sap").is_err(), "nobody calls it without a secret");
        let supplier = parse("simulate edi-supplier --folder f --id MILL").unwrap();
        assert!(matches!(supplier.role, Some(Role::EdiSupplier(_))));
        assert!(parse("simulate wms --secret whsec_x --token t --scenario sunny").is_err());
        assert!(parse("simulate --secret whsec_x wms --secret whsec_x --token t").is_err());
        assert!(parse("simulate --secret whsec_x --quayside http://127.0.0.1:4000").is_err());
    }
}
