//! Setting tenants, suppliers, people, systems and tokens up, without SQL.
use std::{io::Read, path::Path};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use quayside_canonical::{TenantId, identity::Role, policy::Policy, states::Environment};
use quayside_domain::{
    connections::{self, CreateConnectionToken},
    idempotency::IdempotencyKey,
    identity::{self, AccessToken, CreateApiToken, CreateUser, NewMembership, Secret},
    scope::{Origin, Person, Scope, Standing},
    suppliers::{self, CreateSupplier, CreateTenant, SetGs1Prefix},
};

use super::partners::partner_token;
use crate::app::App;

/// Commands about tenants.
#[derive(Subcommand)]
pub(super) enum TenantCommand {
    /// Create a tenant.
    Create(TenantArgs),
}

#[derive(Args)]
pub(super) struct TenantArgs {
    /// Short name, as in addresses.
    #[arg(long)]
    slug: String,
    /// Name.
    #[arg(long)]
    name: String,
    /// Tolerances and due times as JSON, such as `{"lateDays": 2, "answerWithinMinutes": 2880}`.
    #[arg(long, default_value = "{}")]
    policy: String,
}

/// Commands about suppliers.
#[derive(Subcommand)]
pub(super) enum SupplierCommand {
    /// Create a supplier.
    Create(SupplierArgs),
    /// Note a supplier's GS1 company prefix, so that codes (SSCC) can be given out for its pallets and cartons.
    SetGs1Prefix(Gs1PrefixArgs),
}

#[derive(Args)]
pub(super) struct Gs1PrefixArgs {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// The number the tenant knows the supplier by.
    #[arg(long)]
    number: String,
    /// The prefix that GS1 gave to the supplier, 4 to 12 digits. Without one, no codes are given out any more.
    #[arg(long)]
    prefix: Option<String>,
}

#[derive(Args)]
pub(super) struct SupplierArgs {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// The number the tenant knows the supplier by.
    #[arg(long)]
    number: String,
    /// Name.
    #[arg(long)]
    name: String,
    /// Tolerances and due times as JSON, where they differ from the tenant's.
    #[arg(long, default_value = "{}")]
    policy: String,
}

/// Commands about people.
#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Create a person. The password is read from standard input.
    Create(UserArgs),
}

#[derive(Args)]
pub(super) struct UserArgs {
    /// Mail address.
    #[arg(long)]
    email: String,
    /// Name.
    #[arg(long)]
    name: String,
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// The supplier's number, for a person on the supplier's side.
    #[arg(long)]
    supplier: Option<String>,
    /// Such as `SUPPLIER_EDITOR` or `PROCUREMENT`.
    #[arg(long)]
    role: Role,
}

/// Commands about tokens.
#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Issue a token. It is printed once.
    Create(TokenArgs),
}

#[derive(Args)]
pub(super) struct TokenArgs {
    /// The tenant's short name.
    #[arg(long)]
    tenant: String,
    /// What it is for.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    owner: OwnerArgs,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct OwnerArgs {
    /// A person's mail address: a token for the API.
    #[arg(long)]
    user: Option<String>,
    /// A connection's name: a token to hand documents in.
    #[arg(long)]
    connection: Option<String>,
    /// A trading partner's name: a token to hand EDI in.
    #[arg(long)]
    partner: Option<String>,
}

pub(super) async fn tenant(app: &App, command: TenantCommand) -> anyhow::Result<()> {
    let TenantCommand::Create(args) = command;
    let policy = policy(&args.policy)?;
    let cmd = CreateTenant { slug: args.slug, name: args.name, policy };
    let tenant = suppliers::create_tenant(app.system(), cmd).await?;
    tell(&tenant.id)
}

pub(super) async fn supplier(app: &App, command: SupplierCommand) -> anyhow::Result<()> {
    let args = match command {
        SupplierCommand::Create(args) => args,
        SupplierCommand::SetGs1Prefix(args) => return gs1_prefix(app, args).await,
    };
    let tenant = tenant_id(app, &args.tenant).await?;
    let policy = policy(&args.policy)?;
    let cmd = CreateSupplier { tenant, group: None, number: args.number, name: args.name, policy };
    let supplier = suppliers::create_supplier(app.system(), cmd).await?;
    tell(&supplier.id)
}

async fn gs1_prefix(app: &App, args: Gs1PrefixArgs) -> anyhow::Result<()> {
    let tenant = tenant_id(app, &args.tenant).await?;
    let supplier = supplier_id(app, tenant, &args.number).await?;
    let cmd = SetGs1Prefix { tenant, supplier, prefix: args.prefix };
    suppliers::set_gs1_prefix(app.system(), cmd).await?;
    tell(&supplier)
}

pub(super) async fn user(app: &App, command: UserCommand) -> anyhow::Result<()> {
    let UserCommand::Create(args) = command;
    let tenant = tenant_id(app, &args.tenant).await?;
    let supplier = match &args.supplier {
        None => None,
        Some(number) => Some(supplier_id(app, tenant, number).await?),
    };
    let cmd = CreateUser {
        email: args.email,
        name: args.name,
        password: standard_input("password")?,
        memberships: vec![NewMembership { tenant, supplier, role: args.role }],
    };
    let created = identity::create_user(app.system(), &app.door().hasher, cmd).await?;
    tell(&created.user.id)
}

/// The operator's hand in a tenant, with all that its admins may do.
///
/// # Errors
/// Never: an operator acts for no supplier.
pub fn operator(app: &App, tenant: TenantId) -> anyhow::Result<quayside_domain::BuyerScope> {
    let standing = Standing {
        tenant,
        supplier: None,
        actor: quayside_canonical::Actor::Operator,
        person: None,
        permissions: Role::BuyerAdmin.permissions().into(),
    };
    let scope = Scope::new(app.system().store(), &standing, &Origin::new(quayside_canonical::Channel::Cli));
    scope.as_buyer().context("the operator is no supplier")
}

pub(super) async fn token(app: &App, command: TokenCommand) -> anyhow::Result<()> {
    let TokenCommand::Create(args) = command;
    let tenant = tenant_id(app, &args.tenant).await?;
    let OwnerArgs { user, connection, partner } = args.owner;
    let secret = if let Some(email) = user {
        api_token(app, tenant, &email, args.name).await?.1
    } else if let Some(name) = connection {
        connection_token(app, tenant, &name, args.name).await?.1
    } else {
        let partner = partner.context("name a user, a connection or a partner")?;
        let created = partner_token(app, &operator(app, tenant)?, &partner, args.name).await?;
        created.secret.context("a new token has a secret")?
    };
    tell(&secret.expose())
}

/// A token of a person's program, with all the person may do in the tenant.
pub async fn api_token(
    app: &App,
    tenant: TenantId,
    email: &str,
    name: String,
) -> anyhow::Result<(AccessToken, Secret)> {
    let places = identity::places_of(app.system(), email).await?;
    let place = places.into_iter().find(|place| place.tenant == tenant);
    let place = place.with_context(|| format!("{email} has no place in this tenant"))?;
    let user = identity::user_by_email(app.system(), email).await?.context("no such user")?;
    let standing = Standing {
        tenant,
        supplier: place.supplier,
        actor: quayside_canonical::Actor::User(user.id),
        person: Some(Person { user: user.id, membership: place.id }),
        permissions: place.permissions.into(),
    };
    let origin = Origin::new(quayside_canonical::Channel::Cli);
    let scope = Scope::new(app.system().store(), &standing, &origin);
    let cmd = CreateApiToken {
        idempotency_key: fresh_key()?,
        name,
        scopes: place.permissions.to_vec(),
        environment: Environment::Live,
        expires_at: None,
    };
    let created = identity::create_api_token(&scope, cmd).await?;
    Ok((created.token, created.secret.context("a new token has a secret")?))
}

/// A token with which a connection hands documents in.
pub(crate) async fn connection_token(
    app: &App,
    tenant: TenantId,
    connection: &str,
    name: String,
) -> anyhow::Result<(AccessToken, Secret)> {
    let found = connections::connection_by_name(app.system(), tenant, connection).await?;
    let connection = found.with_context(|| format!("there is no connection `{connection}`"))?.id;
    let cmd = CreateConnectionToken { tenant, connection, name, expires_at: None };
    Ok(connections::create_token(app.system(), cmd).await?)
}

pub(super) async fn tenant_id(app: &App, slug: &str) -> anyhow::Result<TenantId> {
    let tenant = suppliers::tenant_by_slug(app.system(), slug).await?;
    Ok(tenant.with_context(|| format!("there is no tenant `{slug}`"))?.id)
}

pub(super) async fn supplier_id(
    app: &App,
    tenant: TenantId,
    number: &str,
) -> anyhow::Result<quayside_canonical::SupplierId> {
    let supplier = suppliers::supplier_by_number(app.system(), tenant, number).await?;
    Ok(supplier.with_context(|| format!("there is no supplier `{number}`"))?.id)
}

fn policy(json: &str) -> anyhow::Result<Policy> {
    serde_json::from_str(json).context("reading the policy")
}

/// A key for a request that is made once.
pub(crate) fn fresh_key() -> anyhow::Result<IdempotencyKey> {
    Ok(uuid::Uuid::now_v7().to_string().parse()?)
}

/// What a file holds; `-` is standard input.
pub(super) fn text(file: &Path) -> anyhow::Result<String> {
    if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("reading standard input")?;
        return Ok(text);
    }
    std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
}

/// Secrets come by standard input: arguments are seen by every process of the machine.
pub(super) fn standard_input(what: &str) -> anyhow::Result<Secret> {
    let mut text = String::new();
    std::io::stdin().take(65_536).read_to_string(&mut text)?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        bail!("the {what} is read from standard input, which is empty");
    }
    Ok(Secret::new(text))
}

#[expect(clippy::print_stdout, reason = "what the command is for")]
pub(super) fn tell(what: &dyn std::fmt::Display) -> anyhow::Result<()> {
    println!("{what}");
    Ok(())
}
