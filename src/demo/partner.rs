//! The sample suppliers as trading partners: how their EDI comes and goes.
use std::{fs, path::PathBuf};

use anyhow::Context;
use quayside_canonical::{
    ConnectionId, SupplierId, TenantId,
    partner::{Agreement, Identifier},
    states::{Environment, PartnerMode},
};
use quayside_connectors::Folders;
use quayside_domain::{
    connections::{self, CreateConnection, Profile, Receives, Secrets},
    partners::{self, NewPartner, Settings},
};
use serde_json::json;

use super::{seed::SLUG, state::State};
use crate::{app::App, cli, config::Config, migrate};

/// What the distributor calls itself in envelopes.
const OURS: (&str, &str) = ("ZZ", "HARBOUR");
/// What the supplier behind the drop folder calls itself in envelopes.
pub(super) const BEARINGS: &str = "LINDQVIST";

/// How a supplier's EDI travels.
#[derive(Clone, Copy)]
pub(super) enum Way {
    /// A translator copies what it exchanges to us.
    Copied,
    /// Files lie in a folder of this machine.
    Files,
}

/// Allows the sample tenant the folder for EDI files, and lets it be looked into often: somebody is watching.
pub(super) fn allow(config: &mut Config) -> anyhow::Result<()> {
    let folder = folder(config)?;
    let folder = folder.to_str().context("the path of the data folder is no text")?;
    let allowed = Folders::parse([folder]).context("the demo's folder for EDI files")?;
    config.edi.folders.entry(SLUG.to_owned()).or_insert(allowed);
    config.inbound.poll_every = config.inbound.poll_every.min(std::time::Duration::from_secs(5));
    Ok(())
}

/// Where the supplier's files lie; the folder that holds it is there.
pub(super) fn files(config: &Config) -> anyhow::Result<PathBuf> {
    Ok(folder(config)?.join(BEARINGS.to_lowercase()))
}

fn folder(config: &Config) -> anyhow::Result<PathBuf> {
    migrate::prepare_folder(&config.data_dir)?;
    let folder = config.data_dir.join("edi");
    fs::create_dir_all(&folder).context("making the demo's folder for EDI files")?;
    folder.canonicalize().context("finding the demo's folder for EDI files")
}

/// Sets a supplier up as a trading partner. One whose traffic is copied gets a token for that.
pub(super) async fn set_up(
    app: &App,
    state: &mut State,
    (tenant, supplier): (TenantId, SupplierId),
    (name, key, way): (&str, &str, Way),
    identifiers: &[(&str, &str)],
) -> anyhow::Result<()> {
    let (mode, connection_id) = match way {
        Way::Copied => (PartnerMode::Mirror, None),
        Way::Files => (PartnerMode::Exchange, Some(connection(app, tenant, name).await?)),
    };
    let identifier = |(qualifier, id): &(&str, &str)| Identifier {
        qualifier: (*qualifier).to_owned(),
        id: (*id).to_owned(),
    };
    let settings = Settings {
        currency: Some("USD".to_owned()),
        identifiers: identifiers.iter().map(identifier).collect(),
        connection_id,
        agreement: match way {
            // Copies of several translators, each under a name of its own.
            Way::Copied => Agreement::default(),
            Way::Files => Agreement { ours: vec![identifier(&OURS)], ..Agreement::default() },
        },
        ..Settings::new(name, mode, Environment::Test)
    };
    let scope = cli::operator(app, tenant)?;
    partners::create_partner(&scope, NewPartner::new(supplier, settings), Some(&cli::fresh_key()?)).await?;
    if let Way::Copied = way {
        let created = cli::partner_token(app, &scope, name, "demo".to_owned()).await?;
        let token = created.secret.context("a new token has a secret")?;
        state.tokens.insert(format!("{key}_edi"), token.expose().to_owned());
    }
    Ok(())
}

async fn connection(app: &App, tenant: TenantId, name: &str) -> anyhow::Result<ConnectionId> {
    let folder = files(app.config())?;
    fs::create_dir_all(&folder).context("making the supplier's folder")?;
    let carries =
        Receives { event_types: Some(vec!["interchange.composed".to_owned()]), ..Receives::default() };
    let cmd = CreateConnection {
        tenant,
        kind: "edi-folder".to_owned(),
        name: format!("{name}, EDI files"),
        environment: Environment::Test,
        config: json!({ "folder": folder, "settle_seconds": 1 }),
        secrets: Secrets::default(),
        profile: Profile { receives: carries, ..Profile::default() },
    };
    Ok(connections::create(app.system(), app.vault(), cmd).await?.id)
}
