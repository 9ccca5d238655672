//! Trading partners by hand: what procurement does over the API.
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use quayside_canonical::states::{Environment, PartnerMode};
use quayside_domain::{
    BuyerScope, Scope,
    connections::connection_by_name,
    partners::{
        self, Changes, CreatePartnerToken, CreatedPartnerToken, Filter, Identifier, NewPartner, PartnerError,
        Settings, UpdatePartner, View,
    },
};
use quayside_entity::trading_partner;
use serde_json::{Value, json};

use super::set_up::{fresh_key, operator, supplier_id, tell, tenant_id, text};
use crate::app::App;

/// The most that are listed.
const MAX_LISTED: u64 = 10_000;

/// Commands about trading partners.
#[derive(Subcommand)]
pub(super) enum PartnerCommand {
    /// Create a trading partner.
    Create(CreateArgs),
    /// Change what is agreed with a trading partner. What is not said stays.
    Update(UpdateArgs),
    /// Take nothing more from a trading partner, and send nothing to it.
    Disable {
        #[command(flatten)]
        name: NameArgs,
        /// Why. It stays on record.
        #[arg(long)]
        reason: String,
    },
    /// Let a trading partner take part again.
    Enable(NameArgs),
    /// List a tenant's trading partners.
    List {
        /// The tenant's short name.
        #[arg(long)]
        tenant: String,
    },
    /// Show a trading partner, as `update` takes it.
    Show(NameArgs),
}

/// Which partner.
#[derive(Args)]
pub(super) struct NameArgs {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// What the tenant calls it.
    #[arg(long)]
    name: String,
}

/// What is said of it. Flags go before the file.
#[derive(Args, Default)]
struct SaidArgs {
    /// What is said of it as JSON, such as `{"agreement": {"version": "005010"}}`, in a file; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// MIRROR: copies of its traffic come here. EXCHANGE: we are the end point.
    #[arg(long)]
    mode: Option<PartnerMode>,
    /// Real data or trial data: only a TEST partner's interchanges may be marked as tests.
    #[arg(long)]
    environment: Option<Environment>,
    /// ISO 4217 currency of prices in messages that name none.
    #[arg(long)]
    currency: Option<String>,
    /// What it calls itself in envelopes, as `QUALIFIER:ID` such as `ZZ:SUPPLIER01`; once for each.
    #[arg(long = "id")]
    ids: Vec<String>,
    /// What we call ourselves in envelopes, as `QUALIFIER:ID`; once for each.
    #[arg(long = "our-id")]
    our_ids: Vec<String>,
    /// The connection that its traffic goes through, by its name.
    #[arg(long)]
    connection: Option<String>,
}

#[derive(Args)]
pub(super) struct CreateArgs {
    #[command(flatten)]
    name: NameArgs,
    /// The supplier's number.
    #[arg(long)]
    supplier: String,
    #[command(flatten)]
    said: SaidArgs,
}

#[derive(Args)]
pub(super) struct UpdateArgs {
    #[command(flatten)]
    name: NameArgs,
    /// What the tenant is to call it.
    #[arg(long)]
    rename: Option<String>,
    /// The revision that you have seen; the present one when not said.
    #[arg(long)]
    revision: Option<i32>,
    #[command(flatten)]
    said: SaidArgs,
}

pub(super) async fn partner(app: &App, command: PartnerCommand) -> anyhow::Result<()> {
    match command {
        PartnerCommand::Create(args) => create(app, args).await,
        PartnerCommand::Update(args) => update(app, args).await,
        PartnerCommand::Disable { name, reason } => {
            let (scope, row) = named(app, &name).await?;
            saved(partners::disable_partner(&scope, row.id, &reason, Some(&fresh_key()?)).await)
        }
        PartnerCommand::Enable(name) => {
            let (scope, row) = named(app, &name).await?;
            saved(partners::enable_partner(&scope, row.id, Some(&fresh_key()?)).await)
        }
        PartnerCommand::List { tenant } => list(app, &tenant).await,
        PartnerCommand::Show(name) => {
            let (scope, row) = named(app, &name).await?;
            let view = partners::partner(&scope, row.id).await?.context("it is gone")?;
            tell(&format!("{:#}", shown(&view)?))
        }
    }
}

async fn create(app: &App, args: CreateArgs) -> anyhow::Result<()> {
    let tenant = tenant_id(app, &args.name.tenant).await?;
    let scope = operator(app, tenant)?;
    let supplier = supplier_id(app, tenant, &args.supplier).await?;
    let new = NewPartner {
        supplier,
        settings: Settings::new(args.name.name, PartnerMode::Mirror, Environment::Live),
        changes: changes(app, &scope, args.said).await?,
    };
    let made = partners::create_partner(&scope, new, Some(&fresh_key()?)).await.map_err(in_words)?;
    tell(&made.context("nothing was saved")?.partner.id)
}

async fn update(app: &App, args: UpdateArgs) -> anyhow::Result<()> {
    let (scope, row) = named(app, &args.name).await?;
    let mut changes = changes(app, &scope, args.said).await?;
    changes.name = args.rename.or(changes.name);
    let revision = args.revision.unwrap_or(row.revision);
    let cmd = UpdatePartner { partner: row.id, revision, changes };
    saved(partners::update_partner(&scope, cmd, Some(&fresh_key()?)).await)
}

async fn list(app: &App, tenant: &str) -> anyhow::Result<()> {
    let scope = operator(app, tenant_id(app, tenant).await?)?;
    for View { row, supplier, transport, .. } in
        partners::partners(&scope, Filter::default(), None, MAX_LISTED).await?
    {
        let transport = transport.unwrap_or_else(|| "https".to_owned());
        let state = row.disabled_at.map_or("ENABLED".to_owned(), |since| format!("DISABLED since {since}"));
        let who = format!("{}\t{}\t{}", row.id, row.name, supplier.number);
        tell(&format!("{who}\t{}\t{}\t{transport}\t{state}", row.mode, row.environment))?;
    }
    Ok(())
}

fn shown(view: &View) -> anyhow::Result<Value> {
    let mut shown = serde_json::to_value(&view.settings)?;
    let members = shown.as_object_mut().context("settings are an object")?;
    members.insert("id".to_owned(), json!(view.row.id));
    members.insert("supplier".to_owned(), json!(view.supplier.number));
    members.insert("revision".to_owned(), json!(view.row.revision));
    members.insert("disabledAt".to_owned(), json!(view.row.disabled_at));
    Ok(shown)
}

async fn named(app: &App, name: &NameArgs) -> anyhow::Result<(BuyerScope, trading_partner::Model)> {
    let tenant = tenant_id(app, &name.tenant).await?;
    let found = partners::partner_by_name(app.system(), tenant, &name.name).await?;
    let row = found.with_context(|| format!("there is no trading partner `{}`", name.name))?;
    Ok((operator(app, tenant)?, row))
}

/// What the flags say, and the file where they say nothing.
async fn changes(app: &App, scope: &Scope, said: SaidArgs) -> anyhow::Result<Changes> {
    let mut changes = match &said.file {
        Some(file) => read(&text(file)?).with_context(|| format!("reading {}", file.display()))?,
        None => Changes::default(),
    };
    changes.mode = said.mode.or(changes.mode);
    changes.environment = said.environment.or(changes.environment);
    changes.currency = said.currency.map(Some).or(changes.currency);
    if !said.ids.is_empty() {
        changes.identifiers = Some(identifiers(&said.ids)?);
    }
    if !said.our_ids.is_empty() {
        changes.agreement.ours = Some(identifiers(&said.our_ids)?);
    }
    if let Some(name) = said.connection {
        let found = connection_by_name(app.system(), scope.tenant, &name).await?;
        let connection = found.with_context(|| format!("there is no connection `{name}`"))?;
        changes.connection_id = Some(Some(connection.id));
    }
    Ok(changes)
}

/// What `show` adds to the settings changes nothing, so that its output can be edited and sent back.
fn read(text: &str) -> anyhow::Result<Changes> {
    let mut value: Value = serde_json::from_str(text)?;
    if let Some(members) = value.as_object_mut() {
        for shown in ["id", "supplier", "revision", "disabledAt"] {
            members.remove(shown);
        }
    }
    Ok(serde_json::from_value(value)?)
}

fn identifiers(texts: &[String]) -> anyhow::Result<Vec<Identifier>> {
    texts.iter().map(|text| identifier(text)).collect()
}

fn identifier(text: &str) -> anyhow::Result<Identifier> {
    let (qualifier, id) = text.split_once(':').with_context(|| format!("`{text}` is not QUALIFIER:ID"))?;
    Ok(Identifier { qualifier: qualifier.to_owned(), id: id.to_owned() })
}

fn saved(saved: Result<Option<partners::Saved>, PartnerError>) -> anyhow::Result<()> {
    let partner = saved.map_err(in_words)?.context("nothing was saved")?.partner;
    tell(&format!("{} revision {}", partner.id, partner.revision))
}

/// A token with which a trading partner's EDI is handed in.
pub(crate) async fn partner_token(
    app: &App,
    scope: &BuyerScope,
    partner: &str,
    name: String,
) -> anyhow::Result<CreatedPartnerToken> {
    let found = partners::partner_by_name(app.system(), scope.tenant, partner).await?;
    let partner = found.with_context(|| format!("there is no trading partner `{partner}`"))?.id;
    let cmd = CreatePartnerToken { partner, name, environment: None, expires_at: None };
    let created = partners::create_partner_token(scope, cmd, Some(&fresh_key()?)).await;
    created.map_err(in_words)?.context("no token was made")
}

fn in_words(error: PartnerError) -> anyhow::Error {
    anyhow::Error::new(error).context("this trading partner cannot be set up so")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_edited_and_sent_back() {
        let shown = r#"{ "id": "tp_1", "supplier": "V-1", "revision": 3, "disabledAt": null, "name": "N", "currency": null,
            "agreement": { "version": "005010", "delimiters": { "element": "*", "lineBreaks": true } } }"#;
        let changes = read(shown).unwrap();
        assert_eq!((changes.name.as_deref(), changes.currency), (Some("N"), Some(None)));
        assert_eq!(changes.agreement.version.as_deref(), Some("005010"));
        assert!(read(r#"{ "agreemnt": {} }"#).is_err(), "a slip of the pen is told");
    }

    #[test]
    fn identifiers_are_written_with_their_qualifier() {
        let read = identifier("ZZ:A:B").unwrap();
        assert_eq!((read.qualifier.as_str(), read.id.as_str()), ("ZZ", "A:B"));
        assert!(identifier("NORDHAVEN").is_err());
    }
}
