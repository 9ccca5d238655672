//! Tenants, suppliers and buyers of tests, each with a token.
use quayside_canonical::{
    ConnectionId, SupplierId, TenantId, TradingPartnerId,
    identity::Role,
    policy::Policy,
    states::{Environment, PartnerMode},
};
use quayside_domain::{
    connections::{self, CreateConnection, CreateConnectionToken, Profile, Secrets},
    idempotency::IdempotencyKey,
    identity::{self, CreateUser, NewMembership, Secret},
    partners::{self, CreatePartnerToken, Identifier, NewPartner, Settings},
    suppliers::{self, CreateSupplier, CreateTenant},
};
use serde_json::json;

use super::{ERP_SECRET, TestApp};

/// Every test person's password.
pub(crate) const PASSWORD: &str = "grey herons stand by the quay";

/// A distributor.
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) slug: String,
    /// The ERP, as a connection.
    pub(crate) erp: ConnectionId,
    /// The ERP's token to hand orders in with.
    pub(crate) ingest_token: String,
}

/// A supplier, and a program that may answer for it.
pub(crate) struct Supplier {
    pub(crate) id: SupplierId,
    pub(crate) number: String,
    pub(crate) email: String,
    pub(crate) token: String,
    /// The EDI channel's token.
    pub(crate) edi_token: String,
    /// The supplier as a trading partner.
    pub(crate) partner: TradingPartnerId,
    /// Its id in interchanges; the qualifier is `ZZ`.
    pub(crate) edi_id: String,
}

/// A person of procurement.
pub(crate) struct Buyer {
    pub(crate) email: String,
    pub(crate) token: String,
}

impl TestApp {
    /// A tenant that delivers to the test's ERP.
    pub(crate) async fn tenant(&self) -> Tenant {
        self.tenant_with(Policy::default()).await
    }

    pub(crate) async fn tenant_with(&self, policy: Policy) -> Tenant {
        let slug = format!("tenant-{}", self.number());
        let cmd = CreateTenant { slug: slug.clone(), name: format!("Tenant {slug}"), policy };
        let id = suppliers::create_tenant(self.app.system(), cmd).await.unwrap().id;
        let cmd = CreateConnection {
            tenant: id,
            kind: "generic-rest".to_owned(),
            name: "ERP".to_owned(),
            environment: Environment::Live,
            config: json!({ "endpoint": self.erp_endpoint() }),
            secrets: Secrets::signing(Secret::new(ERP_SECRET)),
            profile: Profile::default(),
        };
        let connection = connections::create(self.app.system(), self.app.vault(), cmd).await.unwrap().id;
        let cmd =
            CreateConnectionToken { tenant: id, connection, name: "ingest".to_owned(), expires_at: None };
        let (_, token) = connections::create_token(self.app.system(), cmd).await.unwrap();
        Tenant { id, slug, erp: connection, ingest_token: token.expose().to_owned() }
    }

    pub(crate) async fn supplier(&self, tenant: &Tenant) -> Supplier {
        self.supplier_with(tenant, Policy::default()).await
    }

    pub(crate) async fn supplier_with(&self, tenant: &Tenant, policy: Policy) -> Supplier {
        let number = format!("V-{}", self.number());
        let name = format!("Supplier {number}");
        let cmd = CreateSupplier {
            tenant: tenant.id,
            group: None,
            number: number.clone(),
            name: name.clone(),
            policy,
        };
        let id = suppliers::create_supplier(self.app.system(), cmd).await.unwrap().id;
        let (email, token) = self.person(tenant, Some(id), Role::SupplierEditor).await;
        let edi_id = format!("SUPPLIER{}", self.number());
        let settings = Settings {
            currency: Some("USD".to_owned()),
            identifiers: vec![Identifier { qualifier: "ZZ".to_owned(), id: edi_id.clone() }],
            ..Settings::new(name, PartnerMode::Mirror, Environment::Test)
        };
        let scope = quayside::cli::operator(&self.app, tenant.id).unwrap();
        let key: IdempotencyKey = uuid::Uuid::now_v7().to_string().parse().unwrap();
        let new = NewPartner::new(id, settings);
        let partner = partners::create_partner(&scope, new, Some(&key)).await.unwrap().unwrap().partner.id;
        let cmd = CreatePartnerToken {
            partner,
            name: "edi".to_owned(),
            environment: Some(Environment::Live),
            expires_at: None,
        };
        let created = partners::create_partner_token(&scope, cmd, Some(&key)).await.unwrap().unwrap();
        let edi = created.secret.unwrap();
        Supplier { id, number, email, token, edi_token: edi.expose().to_owned(), partner, edi_id }
    }

    pub(crate) async fn buyer(&self, tenant: &Tenant) -> Buyer {
        let (email, token) = self.person(tenant, None, Role::Procurement).await;
        Buyer { email, token }
    }

    /// A person with a token that may do all the role allows.
    pub(crate) async fn person(
        &self,
        tenant: &Tenant,
        supplier: Option<SupplierId>,
        role: Role,
    ) -> (String, String) {
        let email = self.person_in(vec![NewMembership { tenant: tenant.id, supplier, role }]).await;
        let (_, secret) =
            quayside::cli::api_token(&self.app, tenant.id, &email, "test".to_owned()).await.unwrap();
        (email, secret.expose().to_owned())
    }

    /// A person with several places, by their mail address.
    pub(crate) async fn person_in(&self, memberships: Vec<NewMembership>) -> String {
        let email = format!("person-{}@example.test", self.number());
        let name = "A Person".to_owned();
        let cmd = CreateUser { email: email.clone(), name, password: Secret::new(PASSWORD), memberships };
        identity::create_user(self.app.system(), &self.app.door().hasher, cmd).await.unwrap();
        email
    }
}
