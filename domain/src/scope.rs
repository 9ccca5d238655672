//! Who is asking, and which rows they may touch.
//!
//! Every query starts here, so that none can forget the tenant: `clippy.toml` forbids `EntityTrait::find` and
//! its siblings elsewhere, and a test scans the sources for what the lint cannot see. There are two kinds of
//! scope for operations, the supplier's and the buyer's; both are a [`Scope`] for what either may read.
use std::{ops::Deref, sync::Arc};

use quayside_canonical::{
    Actor, Channel, MembershipId, SupplierId, TenantId, Timestamp, UserId, identity::Permission,
};
use quayside_entity as entity;
use sea_orm::{ColumnTrait, DeleteMany, EntityTrait, QueryFilter, Select, UpdateMany};

use crate::{Failure, Store, store::Tx};

/// What one request, message or command brings along.
#[derive(Clone)]
pub struct Scope {
    store: Store,
    /// The tenant.
    pub tenant: TenantId,
    /// The supplier, when the caller acts for one.
    pub supplier: Option<SupplierId>,
    /// Who acts.
    pub actor: Actor,
    /// The person behind it, when there is one.
    pub person: Option<Person>,
    /// What the caller may do.
    pub permissions: Arc<[Permission]>,
    /// The way it came in.
    pub channel: Channel,
    /// What ties together everything that comes of this request.
    pub correlation: Arc<str>,
    /// W3C trace context of the request, where there is one.
    pub trace_parent: Option<Arc<str>>,
    /// The time of the request.
    pub now: Timestamp,
    is_trial: bool,
}

/// A person in one of their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// The person.
    pub user: UserId,
    /// The place.
    pub membership: MembershipId,
}

/// Who acts for whom: the parts of a scope that come from sign-in.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The tenant.
    pub tenant: TenantId,
    /// The supplier, when the caller acts for one.
    pub supplier: Option<SupplierId>,
    /// Who acts.
    pub actor: Actor,
    /// The person behind it: in person, or by a program of theirs.
    pub person: Option<Person>,
    /// What the caller may do.
    pub permissions: Arc<[Permission]>,
}

/// Where a request came from: the parts of a scope that come from the transport.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The way it came in.
    pub channel: Channel,
    /// What ties together everything that comes of this request.
    pub correlation: Arc<str>,
    /// W3C trace context, where there is one.
    pub trace_parent: Option<Arc<str>>,
}

impl Origin {
    /// A request without a correlation id of its own gets a new one.
    #[must_use]
    pub fn new(channel: Channel) -> Self {
        Self { channel, correlation: uuid::Uuid::now_v7().simple().to_string().into(), trace_parent: None }
    }
}

/// Tables whose rows belong to one tenant.
pub trait TenantOwned: EntityTrait {
    /// The tenant's column.
    const TENANT: Self::Column;
}

/// Tables whose rows belong to one supplier of one tenant.
pub trait SupplierOwned: TenantOwned {
    /// The supplier's column.
    const SUPPLIER: Self::Column;
}

/// Tables of a tenant that its suppliers may read too.
pub trait Shared: TenantOwned {}

impl Scope {
    /// A scope of this moment.
    #[must_use]
    pub fn new(store: &Store, standing: &Standing, origin: &Origin) -> Self {
        Self {
            store: store.clone(),
            tenant: standing.tenant,
            supplier: standing.supplier,
            actor: standing.actor,
            person: standing.person,
            permissions: standing.permissions.clone(),
            channel: origin.channel,
            correlation: origin.correlation.clone(),
            trace_parent: origin.trace_parent.clone(),
            now: store.clock().now(),
            is_trial: false,
        }
    }

    /// The same caller, only trying: every rule applies, and whatever an operation writes is taken back when it commits.
    /// Idempotency keys are not looked at.
    #[must_use]
    pub fn trying(&self) -> Self {
        Self { is_trial: true, ..self.clone() }
    }

    /// Whether this is only a trial.
    #[must_use]
    pub const fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// The store behind it.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Whether the caller may do this.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Whether the caller may look into what is exchanged with other systems.
    #[must_use]
    pub fn may_see_traffic(&self) -> bool {
        self.may(Permission::OrdersRead) || self.may(Permission::DeliveriesManage)
    }

    /// As supplier, when the caller acts for one.
    #[must_use]
    pub fn as_supplier(&self) -> Option<SupplierScope> {
        self.supplier.map(|supplier| SupplierScope { scope: self.clone(), supplier })
    }

    /// As buyer, when the caller does not act for a supplier.
    #[must_use]
    pub fn as_buyer(&self) -> Option<BuyerScope> {
        self.supplier.is_none().then(|| BuyerScope { scope: self.clone() })
    }

    /// Selects the rows of `E` that the caller may see: of the tenant, and of the supplier when acting for one.
    #[expect(clippy::disallowed_methods, reason = "this is where the filter is added")]
    #[must_use]
    pub fn find<E: SupplierOwned>(&self) -> Select<E> {
        let rows = E::find().filter(E::TENANT.eq(self.tenant));
        match self.supplier {
            Some(supplier) => rows.filter(E::SUPPLIER.eq(supplier)),
            None => rows,
        }
    }

    /// Selects the rows of `E` that the tenant shares with its suppliers.
    #[expect(clippy::disallowed_methods, reason = "this is where the filter is added")]
    #[must_use]
    pub fn find_shared<E: Shared>(&self) -> Select<E> {
        E::find().filter(E::TENANT.eq(self.tenant))
    }

    /// Begins to read.
    ///
    /// # Errors
    /// The database is away.
    pub async fn read(&self) -> Result<Tx, Failure> {
        self.store.begin(self.tenant, false).await
    }

    /// Begins to write.
    ///
    /// # Errors
    /// The database is away or busy.
    pub async fn write(&self) -> Result<Tx, Failure> {
        let tx = self.store.begin(self.tenant, true).await?;
        Ok(if self.is_trial { tx.into_trial() } else { tx })
    }
}

/// A caller who acts for a supplier.
#[derive(Clone)]
pub struct SupplierScope {
    scope: Scope,
    /// The supplier.
    pub supplier: SupplierId,
}

impl Deref for SupplierScope {
    type Target = Scope;
    fn deref(&self) -> &Scope {
        &self.scope
    }
}

/// A caller on the buyer's side.
#[derive(Clone)]
pub struct BuyerScope {
    scope: Scope,
}

impl Deref for BuyerScope {
    type Target = Scope;
    fn deref(&self) -> &Scope {
        &self.scope
    }
}

impl BuyerScope {
    /// Selects the tenant's rows of `E`, which no supplier may see.
    #[expect(clippy::disallowed_methods, reason = "this is where the filter is added")]
    #[must_use]
    pub fn find_own<E: TenantOwned>(&self) -> Select<E> {
        E::find().filter(E::TENANT.eq(self.tenant))
    }

    /// The tenant's own hand at the same moment, as `actor`: how what a trading partner sent is carried out as the
    /// partner's, by whatever brings it about.
    #[must_use]
    pub fn as_actor(&self, actor: Actor, channel: Channel, permissions: Arc<[Permission]>) -> Self {
        Self { scope: Scope { actor, channel, permissions, person: None, ..self.scope.clone() } }
    }

    /// The same caller, acting for one of the tenant's suppliers: how a buyer's copy of EDI traffic becomes
    /// the supplier's answer.
    #[must_use]
    pub fn acting_for(&self, supplier: SupplierId) -> SupplierScope {
        let scope = Scope { supplier: Some(supplier), ..self.scope.clone() };
        SupplierScope { scope, supplier }
    }
}

/// Background work, sign-in and the command line: no tenant by itself.
#[derive(Clone)]
pub struct SystemScope {
    store: Store,
}

impl SystemScope {
    /// The system itself.
    #[must_use]
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    /// The store behind it.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.store.clock().now()
    }

    /// Selects rows of `E` of every tenant.
    #[expect(clippy::disallowed_methods, reason = "the system's work is not confined to one tenant")]
    #[must_use]
    pub fn find<E: EntityTrait>(&self) -> Select<E> {
        E::find()
    }

    /// Changes rows of `E` of every tenant.
    #[expect(clippy::disallowed_methods, reason = "the system's work is not confined to one tenant")]
    #[must_use]
    pub(crate) fn update<E: EntityTrait>(&self) -> UpdateMany<E> {
        E::update_many()
    }

    /// Deletes rows of `E` of every tenant.
    #[expect(clippy::disallowed_methods, reason = "the system's work is not confined to one tenant")]
    #[must_use]
    pub(crate) fn delete<E: EntityTrait>(&self) -> DeleteMany<E> {
        E::delete_many()
    }

    /// Begins to read.
    ///
    /// # Errors
    /// The database is away.
    pub async fn read(&self) -> Result<Tx, Failure> {
        self.store.begin_system(false).await
    }

    /// Begins to write.
    ///
    /// # Errors
    /// The database is away or busy.
    pub async fn write(&self) -> Result<Tx, Failure> {
        self.store.begin_system(true).await
    }

    /// The system's own hand in one tenant, for what it records there.
    #[must_use]
    pub fn in_tenant(&self, tenant: TenantId, actor: Actor, origin: &Origin) -> Scope {
        let permissions = Arc::from([]);
        let standing = Standing { tenant, supplier: None, actor, person: None, permissions };
        Scope::new(&self.store, &standing, origin)
    }
}

macro_rules! owned {
    (tenant: $($tenant:ident)*; shared: $($shared:ident)*; supplier: $($supplier:ident)*) => {
        $(impl TenantOwned for entity::$tenant::Entity {
            const TENANT: Self::Column = entity::$tenant::Column::TenantId;
        })*
        $(impl TenantOwned for entity::$shared::Entity {
            const TENANT: Self::Column = entity::$shared::Column::TenantId;
        }
        impl Shared for entity::$shared::Entity {})*
        $(impl TenantOwned for entity::$supplier::Entity {
            const TENANT: Self::Column = entity::$supplier::Column::TenantId;
        }
        impl SupplierOwned for entity::$supplier::Entity {
            const SUPPLIER: Self::Column = entity::$supplier::Column::SupplierId;
        })*
    };
}

owned! {
    tenant: access_token bus_cursor circuit connection cross_reference delivery_attempt delivery_check delivery_tie
        edi_counter event_head exchange_cursor exchange_pending exception_route file_content idempotency_key inbound_feed inbound_message interchange_message mail
        mail_preference notice supplier_group transport_answer;
    shared: item location unit_factor;
    supplier: acknowledgment acknowledgment_part appointment change_proposal delivery discrepancy event
        event_log exception_attachment exception_case exception_comment exception_transition interchange
        interchange_file invoice_status line_state membership note purchase_order
        purchase_order_line purchase_order_revision receipt receipt_line sent_interchange sent_message shipment
        shipment_line shipment_version sscc_use supplier_item thread trading_partner waiting_change webhook_endpoint
}

/// A tenant owns its own row.
impl TenantOwned for entity::tenant::Entity {
    const TENANT: Self::Column = entity::tenant::Column::Id;
}

impl TenantOwned for entity::supplier::Entity {
    const TENANT: Self::Column = entity::supplier::Column::TenantId;
}

/// A supplier sees itself.
impl SupplierOwned for entity::supplier::Entity {
    const SUPPLIER: Self::Column = entity::supplier::Column::Id;
}

/// Selects the tenant's rows of `E` for the domain's own bookkeeping, whoever asks.
#[expect(clippy::disallowed_methods, reason = "this is where the filter is added")]
pub(crate) fn in_tenant<E: TenantOwned>(scope: &Scope) -> Select<E> {
    E::find().filter(E::TENANT.eq(scope.tenant))
}

/// Changes the tenant's rows of `E`, whoever asks: filter it down to what the caller was shown to own.
#[expect(clippy::disallowed_methods, reason = "this is where the filter is added")]
pub(crate) fn update_in_tenant<E: TenantOwned>(scope: &Scope) -> UpdateMany<E> {
    E::update_many().filter(E::TENANT.eq(scope.tenant))
}

/// Deletes the tenant's rows of `E`: filter it down to what is replaced.
#[expect(clippy::disallowed_methods, reason = "this is where the filter is added")]
pub(crate) fn delete_in_tenant<E: TenantOwned>(scope: &Scope) -> DeleteMany<E> {
    E::delete_many().filter(E::TENANT.eq(scope.tenant))
}
