//! Sets up a supplier for EDI.
use quayside_canonical::{
    Field, Problems, SupplierId, TenantId, TradingPartnerId,
    events::TradingPartnerCreated,
    partner::{Agreement, Identifier},
    states::{Environment, PartnerMode},
};
use quayside_entity::{supplier, trading_partner};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, Set};

use crate::{
    Failure, SystemScope,
    outbox::{self, About, Fact},
    set_up::{SetUpError, check_text, json, not_found, operator, or_taken},
    store::Tx,
};

const MAX_IDENTIFIERS: usize = 20;

/// Who it is.
#[derive(Clone, Debug)]
pub struct CreateTradingPartner {
    /// The tenant.
    pub tenant: TenantId,
    /// The supplier whose traffic it is.
    pub supplier: SupplierId,
    /// What the tenant calls it.
    pub name: String,
    /// How its traffic reaches us.
    pub mode: PartnerMode,
    /// Real data or trial data: only a TEST partner's interchanges may be marked as tests.
    pub environment: Environment,
    /// ISO 4217 currency of prices in messages that name none.
    pub currency: Option<String>,
    /// What it calls itself.
    pub identifiers: Vec<Identifier>,
}

/// Creates a trading partner.
///
/// # Errors
/// The name or an identifier is in use, or the supplier is not there: all problems at once.
pub async fn create_trading_partner(
    system: &SystemScope,
    cmd: CreateTradingPartner,
) -> Result<trading_partner::Model, SetUpError> {
    let tx = system.write().await?;
    check(system, &tx, &cmd).await?;
    let row = trading_partner::ActiveModel {
        id: Set(TradingPartnerId::generate()),
        tenant_id: Set(cmd.tenant),
        supplier_id: Set(cmd.supplier),
        name: Set(cmd.name),
        mode: Set(cmd.mode),
        environment: Set(cmd.environment),
        currency: Set(cmd.currency),
        identifiers: Set(json(&cmd.identifiers)?),
        created_at: Set(system.now()),
        agreement: Set(json(&Agreement::default())?),
        connection_id: Set(None),
        revision: Set(1),
        disabled_at: Set(None),
    };
    let row = row.insert(&*tx).await.map_err(|error| or_taken(error, "name"))?;
    let event = TradingPartnerCreated {
        partner: row.id,
        supplier: row.supplier_id,
        name: row.name.clone(),
        mode: row.mode,
    };
    let about = About { subject: row.id.to_string(), supplier: Some(row.supplier_id), order: None };
    outbox::append(&tx, &operator(system, cmd.tenant), vec![Fact::new(about, &event)?]).await?;
    tx.commit().await?;
    Ok(row)
}

async fn check(system: &SystemScope, tx: &Tx, cmd: &CreateTradingPartner) -> Result<(), SetUpError> {
    let mut problems = Problems::new();
    check_text(&mut problems, "name", &cmd.name, 80);
    let supplier = system
        .find::<supplier::Entity>()
        .filter(supplier::Column::Id.eq(cmd.supplier))
        .filter(supplier::Column::TenantId.eq(cmd.tenant));
    if supplier.one(&**tx).await?.is_none() {
        not_found(&mut problems, &Field::root().at("supplier"), "supplier of this tenant");
    }
    let others = system
        .find::<trading_partner::Entity>()
        .filter(trading_partner::Column::TenantId.eq(cmd.tenant))
        .all(&**tx)
        .await?;
    if others.iter().any(|other| other.name == cmd.name) {
        problems.add("TAKEN", &Field::root().at("name"), "another trading partner has this name");
    }
    check_identifiers(&mut problems, cmd, &others)?;
    let is_currency = |code: &String| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if !cmd.currency.iter().all(is_currency) {
        problems.add("INVALID_VALUE", &Field::root().at("currency"), "expected an ISO 4217 code such as EUR");
    }
    Ok(problems.into_result()?)
}

fn check_identifiers(
    problems: &mut Problems,
    cmd: &CreateTradingPartner,
    others: &[trading_partner::Model],
) -> Result<(), Failure> {
    let field = Field::root().at("identifiers");
    let mut used = Vec::new();
    for other in others {
        used.extend(serde_json::from_str::<Vec<Identifier>>(&other.identifiers)?);
    }
    if cmd.identifiers.is_empty() || cmd.identifiers.len() > MAX_IDENTIFIERS {
        problems.add("INVALID_LENGTH", &field, format!("expected 1 to {MAX_IDENTIFIERS} identifiers"));
    }
    for (index, identifier) in cmd.identifiers.iter().enumerate() {
        let field = field.at(index);
        if !fits(&identifier.qualifier, 4) || !fits(&identifier.id, 35) {
            problems.add(
                "INVALID_TEXT",
                &field,
                "a qualifier has 1 to 4 characters, an id 1 to 35, without spaces around",
            );
        }
        if used.contains(identifier) {
            problems.add("TAKEN", &field, "another trading partner has this identifier");
        }
        if cmd.identifiers[..index].contains(identifier) {
            problems.add("DUPLICATE", &field, "the identifier is named twice");
        }
    }
    Ok(())
}

fn fits(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len()) && text.trim() == text && text.bytes().all(|b| (0x20..0x7f).contains(&b))
}
