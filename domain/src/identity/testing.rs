//! A tenant with people in it, for the tests of this folder.
use std::time::Duration;

use quayside_canonical::{
    AccessTokenId, Channel, MembershipId, SupplierId, TenantId, UserId,
    identity::{Permission, Role},
    states::Environment,
};
use quayside_entity::{app_user, event};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::{
    AuthenticateError, Cost, CreateApiToken, CreateUser, Credential, Hasher, IdentitySettings, NewMembership,
    Principal, Secret, SignIn, SignInError, SignedIn, authenticate, create_api_token, create_user, sign_in,
};
use crate::{Scope, SystemScope, scope::Origin, suppliers, testing};

pub(crate) const EMAIL: &str = "erin.kowalski@example.test";
pub(crate) const PASSWORD: &str = "plain words suffice";

/// Two tenants. Erin is the buyer's administrator in one and answers for a supplier in the other.
pub(crate) struct Desk {
    pub(crate) system: SystemScope,
    pub(crate) hasher: Hasher,
    pub(crate) tenant: TenantId,
    pub(crate) supplier: SupplierId,
    pub(crate) second_supplier: SupplierId,
    pub(crate) other_tenant: TenantId,
    pub(crate) other_supplier: SupplierId,
    pub(crate) user: UserId,
    pub(crate) buyer: MembershipId,
    pub(crate) supplier_side: MembershipId,
}

/// Somebody else in the tenant.
pub(crate) struct Colleague {
    pub(crate) email: String,
    pub(crate) membership: MembershipId,
}

/// A request for a token that may read and make tokens.
pub(crate) fn token_command(key: &str) -> CreateApiToken {
    CreateApiToken {
        idempotency_key: key.parse().unwrap(),
        name: "nightly export".to_owned(),
        scopes: vec![Permission::OrdersRead, Permission::TokensManage],
        environment: Environment::Live,
        expires_at: None,
    }
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let store = testing::store().await;
        let (tenant, supplier) = testing::tenant(&store).await;
        let (other_tenant, other_supplier) = testing::tenant(&store).await;
        let system = SystemScope::new(store);
        let second = suppliers::CreateSupplier {
            tenant,
            group: None,
            number: "V-200".to_owned(),
            name: "Second".to_owned(),
            policy: quayside_canonical::policy::Policy::default(),
        };
        let second_supplier = suppliers::create_supplier(&system, second).await.unwrap().id;
        let hasher = Hasher::new(Cost { memory_kib: 8, passes: 1, lanes: 1 }, 2).unwrap();
        let places = vec![
            NewMembership { tenant, supplier: None, role: Role::BuyerAdmin },
            NewMembership {
                tenant: other_tenant,
                supplier: Some(other_supplier),
                role: Role::SupplierEditor,
            },
        ];
        let erin = create_user(&system, &hasher, new_user(EMAIL, places)).await.unwrap();
        Self {
            system,
            hasher,
            tenant,
            supplier,
            second_supplier,
            other_tenant,
            other_supplier,
            user: erin.user.id,
            buyer: erin.memberships[0].id,
            supplier_side: erin.memberships[1].id,
        }
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.system.store().clock().advance(by);
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin::new(Channel::Portal)
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Result<SignedIn, SignInError> {
        let cmd = SignIn {
            email: email.to_owned(),
            password: Secret::new(password),
            address: "192.0.2.7".parse().unwrap(),
            user_agent: Some("test".to_owned()),
            origin: self.origin(),
        };
        sign_in(&self.system, &IdentitySettings::default(), &self.hasher, cmd).await
    }

    /// Erin signs in.
    pub(crate) async fn session(&self) -> (Secret, Principal) {
        let secret = self.sign_in(EMAIL, PASSWORD).await.unwrap().secret;
        let principal = self.authenticate_session(&secret).await.unwrap();
        (secret, principal)
    }

    pub(crate) async fn authenticate_session(&self, secret: &Secret) -> Result<Principal, AuthenticateError> {
        let credential = Credential::Session(secret.expose());
        authenticate(&self.system, &IdentitySettings::default(), credential).await
    }

    pub(crate) async fn authenticate_token(&self, token: &Secret) -> Result<Principal, AuthenticateError> {
        let credential = Credential::Bearer(token.expose());
        authenticate(&self.system, &IdentitySettings::default(), credential).await
    }

    pub(crate) fn scope(&self, principal: &Principal) -> Scope {
        Scope::new(self.system.store(), &principal.standing, &self.origin())
    }

    /// A token of `principal`.
    pub(crate) async fn token(&self, principal: &Principal) -> Secret {
        let key = AccessTokenId::generate().to_string();
        create_api_token(&self.scope(principal), token_command(&key)).await.unwrap().secret.unwrap()
    }

    /// The id of a new token in `scope`.
    pub(crate) async fn token_of(&self, scope: &Scope) -> AccessTokenId {
        let key = AccessTokenId::generate().to_string();
        create_api_token(scope, token_command(&key)).await.unwrap().token.id
    }

    pub(crate) async fn colleague(&self) -> Colleague {
        self.member(self.tenant, Role::Procurement, None).await
    }

    pub(crate) async fn session_of(&self, colleague: &Colleague) -> Secret {
        self.sign_in(&colleague.email, PASSWORD).await.unwrap().secret
    }

    pub(crate) async fn buyer_admin(&self) -> Scope {
        self.scope(&self.session().await.1)
    }

    pub(crate) async fn foreign_admin(&self) -> Scope {
        self.scope_of(self.other_tenant, Role::BuyerAdmin, None).await
    }

    /// The scope of somebody new in the first tenant.
    pub(crate) async fn person(&self, role: Role, supplier: Option<SupplierId>) -> Scope {
        self.scope_of(self.tenant, role, supplier).await
    }

    /// Holds every turn of the hasher, and every place in its queue.
    pub(crate) fn occupy_the_hasher(&self) -> impl Sized + use<> {
        self.hasher.occupy()
    }

    pub(crate) async fn stored_hash(&self) -> String {
        let tx = self.system.read().await.unwrap();
        let user = self.system.find::<app_user::Entity>().filter(app_user::Column::Id.eq(self.user));
        user.one(&*tx).await.unwrap().unwrap().password_hash
    }

    /// The types of the events about `subject`, in their order.
    pub(crate) async fn events_of(&self, subject: &impl ToString) -> Vec<String> {
        let tx = self.system.read().await.unwrap();
        let events = self
            .system
            .find::<event::Entity>()
            .filter(event::Column::Subject.eq(subject.to_string()))
            .order_by_asc(event::Column::Sequence);
        events.all(&*tx).await.unwrap().into_iter().map(|event| event.event_type).collect()
    }

    async fn scope_of(&self, tenant: TenantId, role: Role, supplier: Option<SupplierId>) -> Scope {
        let member = self.member(tenant, role, supplier).await;
        let secret = self.session_of(&member).await;
        self.scope(&self.authenticate_session(&secret).await.unwrap())
    }

    async fn member(&self, tenant: TenantId, role: Role, supplier: Option<SupplierId>) -> Colleague {
        let email = format!("{}@example.test", MembershipId::generate());
        let places = vec![NewMembership { tenant, supplier, role }];
        let created = create_user(&self.system, &self.hasher, new_user(&email, places)).await.unwrap();
        Colleague { email, membership: created.memberships[0].id }
    }
}

fn new_user(email: &str, memberships: Vec<NewMembership>) -> CreateUser {
    let password = Secret::new(PASSWORD);
    CreateUser { email: email.to_owned(), name: "Erin Kowalski".to_owned(), password, memberships }
}
