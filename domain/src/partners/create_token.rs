//! A token with which a trading partner's EDI traffic is handed in.
use quayside_canonical::{
    AccessTokenId, Field, Problems, TenantId, Timestamp, TradingPartnerId, identity::Permission,
    states::Environment,
};
use quayside_entity::trading_partner;
use sea_orm::{ColumnTrait, QueryFilter};

use crate::{
    SystemScope,
    identity::{AccessToken, NewToken, Owner, Secret, issue},
    set_up::{SetUpError, check_expiry, check_text, not_found, operator},
};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct CreatePartnerToken {
    /// The tenant.
    pub tenant: TenantId,
    /// The partner.
    pub partner: TradingPartnerId,
    /// What the tenant calls the token.
    pub name: String,
    /// Real data or trial data.
    pub environment: Environment,
    /// Until when it works; until it is revoked, when nothing is said.
    pub expires_at: Option<Timestamp>,
}

/// Makes a token that acts for the partner's supplier: it may answer orders. The secret is shown this once.
///
/// # Errors
/// The partner is not there, or the name or expiry is unfit: all problems at once.
pub async fn create_partner_token(
    system: &SystemScope,
    cmd: CreatePartnerToken,
) -> Result<(AccessToken, Secret), SetUpError> {
    let tx = system.write().await?;
    let mut problems = Problems::new();
    check_text(&mut problems, "name", &cmd.name, 80);
    check_expiry(&mut problems, cmd.expires_at, system.now());
    let partner = system
        .find::<trading_partner::Entity>()
        .filter(trading_partner::Column::Id.eq(cmd.partner))
        .filter(trading_partner::Column::TenantId.eq(cmd.tenant))
        .one(&*tx)
        .await?;
    let Some(partner) = partner else {
        not_found(&mut problems, &Field::root().at("partner"), "trading partner of this tenant");
        return Err(problems.into());
    };
    problems.into_result()?;
    let new = NewToken {
        id: AccessTokenId::generate(),
        owner: Owner::Partner(partner.id, partner.supplier_id),
        environment: cmd.environment,
        name: cmd.name,
        scopes: vec![Permission::OrdersAnswer, Permission::ShipmentsManage],
        expires_at: cmd.expires_at,
    };
    let issued = issue(&tx, &operator(system, cmd.tenant), new).await?;
    tx.commit().await?;
    Ok(issued)
}

#[cfg(test)]
mod tests {
    use quayside_canonical::{Actor, identity::TokenKind, states::PartnerMode};

    use super::*;
    use crate::{
        identity::{Credential, IdentitySettings, Via, authenticate},
        partners::{CreateTradingPartner, Identifier, create_trading_partner, partner_by_name},
        testing,
    };

    #[tokio::test]
    async fn a_partners_token_acts_for_its_supplier_and_its_identifiers_are_its_own() {
        let store = testing::store().await;
        let ((tenant, supplier), (other, _)) = (testing::tenant(&store).await, testing::tenant(&store).await);
        let system = SystemScope::new(store);
        let identifier = Identifier { qualifier: "ZZ".to_owned(), id: "NORDHAVEN".to_owned() };
        let cmd = CreateTradingPartner {
            environment: quayside_canonical::states::Environment::Live,
            currency: None,
            tenant,
            supplier,
            name: "Nordhaven EDI".to_owned(),
            mode: PartnerMode::Exchange,
            identifiers: vec![identifier.clone()],
        };
        let partner = create_trading_partner(&system, cmd.clone()).await.unwrap();
        assert_eq!(partner_by_name(&system, tenant, "Nordhaven EDI").await.unwrap(), Some(partner.clone()));
        let twice = CreateTradingPartner { identifiers: vec![identifier.clone(), identifier], ..cmd.clone() };
        let SetUpError::Refused(problems) = create_trading_partner(&system, twice).await.unwrap_err() else {
            panic!()
        };
        let codes: Vec<_> = problems.as_slice().iter().map(|problem| problem.code.as_str()).collect();
        assert_eq!(codes, ["TAKEN", "TAKEN", "TAKEN", "DUPLICATE"]);
        let foreign = create_trading_partner(&system, CreateTradingPartner { tenant: other, ..cmd }).await;
        assert!(foreign.unwrap_err().to_string().starts_with("NOT_FOUND at supplier"));

        let token = CreatePartnerToken {
            tenant,
            partner: partner.id,
            name: "van".to_owned(),
            environment: Environment::Live,
            expires_at: None,
        };
        let (shown, secret) = create_partner_token(&system, token.clone()).await.unwrap();
        assert!(secret.expose().starts_with("qyp_live_"));
        let credential = Credential::Bearer(secret.expose());
        let known = authenticate(&system, &IdentitySettings::default(), credential).await.unwrap();
        assert_eq!(known.via, Via::Token(shown.id, TokenKind::Partner));
        let standing = known.standing;
        assert_eq!((standing.tenant, standing.supplier), (tenant, Some(supplier)));
        assert_eq!((standing.actor, standing.person), (Actor::Partner(partner.id), None));
        assert_eq!(*standing.permissions, [Permission::OrdersAnswer, Permission::ShipmentsManage]);

        let foreign = create_partner_token(&system, CreatePartnerToken { tenant: other, ..token }).await;
        assert!(foreign.unwrap_err().to_string().starts_with("NOT_FOUND at partner"));
    }
}
