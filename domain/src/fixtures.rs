//! A tenant with connections and events, for the tests of everything between the outbox and the receivers.
use std::time::Duration;

use quayside_canonical::{
    AcknowledgmentId, ConnectionId, DeliveryId, EventId, MembershipId, PurchaseOrderId, SupplierId, TenantId,
    TradingPartnerId, UserId,
    events::AcknowledgmentSubmitted,
    identity::Role,
    states::{ConnectionStatus, Environment, PartnerMode},
};
use quayside_entity::{app_user, connection, delivery, membership, trading_partner};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QueryOrder, Set};

use crate::{
    BuyerScope, Scope, Store, SystemScope,
    deliveries::{Attempt, AttemptResult, Claimed, Hands, Redrive, claim},
    dispatch::dispatch_once,
    outbox::{self, About, Fact},
    store::Tx,
    testing,
};

/// One tenant, one supplier, and the system.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) system: SystemScope,
    pub(crate) tenant: TenantId,
    pub(crate) supplier: SupplierId,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(testing::store().await).await
    }

    /// Another tenant in the same database.
    pub(crate) async fn on(store: Store) -> Self {
        let (tenant, supplier) = testing::tenant(&store).await;
        Self { system: SystemScope::new(store.clone()), store, tenant, supplier }
    }

    pub(crate) fn scope(&self) -> Scope {
        testing::scope(&self.store, self.tenant, None)
    }

    pub(crate) fn buyer(&self) -> BuyerScope {
        self.scope().as_buyer().unwrap()
    }

    pub(crate) fn as_supplier(&self) -> Scope {
        testing::scope(&self.store, self.tenant, Some(self.supplier))
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.store.clock().advance(by);
    }

    pub(crate) async fn connect(&self, name: &str, config: &str) -> ConnectionId {
        let id = ConnectionId::generate();
        let tx = self.system.write().await.unwrap();
        connection::ActiveModel {
            id: Set(id),
            tenant_id: Set(self.tenant),
            kind: Set("generic_rest".to_owned()),
            name: Set(name.to_owned()),
            environment: Set(Environment::Test),
            config: Set(config.to_owned()),
            sealed_secret: Set(vec![1, 2, 3]),
            status: Set(ConnectionStatus::Active),
            paused_reason: Set(None),
            created_at: Set(self.store.clock().now()),
            supplier_id: Set(None),
            receives: Set("{}".to_owned()),
            code_system: Set("ERP".to_owned()),
            codes_revision: Set(0),
            filter: Set(None),
            rate_per_minute: Set(None),
            concurrency: Set(None),
            revision: Set(1),
            updated_at: Set(self.store.clock().now()),
            confirm_after_minutes: Set(None),
            confirm_percent: Set(100),
        }
        .insert(&*tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// A person with a place in the tenant, or with the supplier.
    pub(crate) async fn person(&self, supplier: Option<SupplierId>) -> UserId {
        let id = UserId::generate();
        let now = self.store.clock().now();
        let tx = self.system.write().await.unwrap();
        let user = app_user::ActiveModel {
            id: Set(id),
            email: Set(format!("{id}@example.com")),
            name: Set("Sam".to_owned()),
            password_hash: Set(String::new()),
            created_at: Set(now),
            ..Default::default()
        };
        user.insert(&*tx).await.unwrap();
        let place = membership::ActiveModel {
            id: Set(MembershipId::generate()),
            user_id: Set(id),
            tenant_id: Set(self.tenant),
            supplier_id: Set(supplier),
            role: Set(Role::SupplierEditor),
            created_at: Set(now),
            ..Default::default()
        };
        place.insert(&*tx).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// The supplier as a trading partner.
    pub(crate) async fn partner(&self) -> TradingPartnerId {
        let id = TradingPartnerId::generate();
        let tx = self.system.write().await.unwrap();
        let partner = trading_partner::ActiveModel {
            environment: Set(Environment::Live),
            currency: Set(None),
            id: Set(id),
            tenant_id: Set(self.tenant),
            supplier_id: Set(self.supplier),
            name: Set("EDI".to_owned()),
            mode: Set(PartnerMode::Mirror),
            identifiers: Set("[]".to_owned()),
            created_at: Set(self.store.clock().now()),
            agreement: Set("{}".to_owned()),
            connection_id: Set(None),
            revision: Set(1),
            disabled_at: Set(None),
        };
        partner.insert(&*tx).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// An answer to `order`, as an event that is about to be appended.
    pub(crate) fn answer(&self, order: PurchaseOrderId) -> Fact {
        let event = AcknowledgmentSubmitted {
            in_part: Vec::new(),
            acknowledgment: AcknowledgmentId::generate(),
            order,
            order_number: "4500001".to_owned(),
            supplier: self.supplier,
            revision: 1,
            source_revision: "1".to_owned(),
            supplier_reference: None,
            note: None,
            lines: Vec::new(),
        };
        Fact::new(About::part_of(&event.acknowledgment, order, self.supplier), &event).unwrap()
    }

    /// Appends without committing.
    pub(crate) async fn append(&self, facts: Vec<Fact>) -> Tx {
        let scope = self.scope();
        let tx = scope.write().await.unwrap();
        outbox::append(&tx, &scope, facts).await.unwrap();
        tx
    }

    /// One committed answer to each order.
    pub(crate) async fn answers(&self, orders: &[PurchaseOrderId]) -> Vec<EventId> {
        let facts: Vec<_> = orders.iter().map(|order| self.answer(*order)).collect();
        let ids = facts.iter().map(|fact| fact.id).collect();
        self.append(facts).await.commit().await.unwrap();
        ids
    }

    /// Dispatches until nothing waits.
    pub(crate) async fn dispatch(&self) -> usize {
        let mut placed = 0;
        loop {
            match dispatch_once(&self.system).await.unwrap() {
                0 => return placed,
                some => placed += some,
            }
        }
    }

    pub(crate) async fn claim(&self) -> Vec<Claimed> {
        claim(&self.system, "w1", &Hands::empty(200)).await.unwrap()
    }

    /// The one delivery that can be claimed.
    pub(crate) async fn claim_one(&self) -> Claimed {
        // A transaction that was dropped is rolled back a moment later, and a claim passes over rows it still locks.
        let mut claimed = self.claim().await;
        for _ in 0..100 {
            if !claimed.is_empty() {
                break;
            }
            claimed = self.claim().await;
        }
        assert_eq!(claimed.len(), 1, "one delivery is due");
        claimed.remove(0)
    }

    /// To try again, for no reason.
    pub(crate) fn again(&self, delivery: DeliveryId) -> Redrive {
        Redrive { delivery, reason: None, validate_only: false }
    }

    pub(crate) fn attempt(&self, result: AttemptResult) -> Attempt {
        Attempt::without_call(result, self.store.clock().now())
    }

    pub(crate) async fn deliveries(&self) -> Vec<delivery::Model> {
        let tx = self.system.read().await.unwrap();
        let all = self.system.find::<delivery::Entity>().order_by_asc(delivery::Column::Position);
        all.all(&*tx).await.unwrap()
    }

    pub(crate) async fn delivery(&self, id: DeliveryId) -> delivery::Model {
        let tx = self.system.read().await.unwrap();
        let row = self.system.find::<delivery::Entity>().filter(delivery::Column::Id.eq(id));
        row.one(&*tx).await.unwrap().unwrap()
    }
}
