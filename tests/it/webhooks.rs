//! Webhook endpoints: what is sent to them, how they fare, and what their owners may do.

mod health;
mod owners;
mod replay;
mod secrets;
mod sending;

use std::time::Duration;

use quayside_canonical::identity::Role;
use serde_json::{Value, json};

use crate::support::{Supplier, Tenant, TestApp, mutation};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What an order that is placed makes of events that its supplier sees.
const RELEASED: &str = "purchase_order.released";

struct World {
    app: TestApp,
    tenant: Tenant,
    supplier: Supplier,
    /// The supplier's admin: address and token.
    admin: (String, String),
    /// The buyer's admin: address and token.
    buyer: (String, String),
    programs: crate::support::Programs,
}

impl World {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let tenant = app.tenant().await;
        let supplier = app.supplier(&tenant).await;
        let admin = app.person(&tenant, Some(supplier.id), Role::SupplierAdmin).await;
        let buyer = app.person(&tenant, None, Role::BuyerAdmin).await;
        let programs = app.programs().await;
        let query = mutation(
            "setNotificationPreferences",
            "SetNotificationPreferencesInput",
            "notificationPreferences { orders }",
        );
        let about_endpoints_alone = json!({ "orders": "NONE", "idempotencyKey": "quiet" });
        app.graphql(&admin.1, &query, json!({ "input": about_endpoints_alone })).await.data();
        Self { app, tenant, supplier, admin, buyer, programs }
    }

    /// An endpoint of the supplier's for released orders: its id and its secret.
    async fn endpoint(&self, name: &str) -> (String, String) {
        self.app.endpoint(&self.admin.1, &self.programs, (name, Some(&[RELEASED]))).await
    }

    /// An order is placed: one event for such an endpoint.
    async fn order(&self) -> String {
        let order = self.app.placed(&self.tenant, &self.supplier).await;
        self.app.settle().await;
        order
    }

    async fn pass(&self, time: Duration) {
        self.app.advance(time);
        self.app.settle().await;
    }

    /// What was sent to an endpoint of the supplier's, the newest first.
    async fn sent(&self, endpoint: &str) -> Vec<Value> {
        self.app.sent(&self.admin.1, endpoint).await
    }

    async fn seen(&self, endpoint: &str) -> Value {
        let endpoints = self.app.endpoints(&self.admin.1).await;
        endpoints.into_iter().find(|one| one["id"] == endpoint).expect("the endpoint is there")
    }

    /// The supplier's events of these types, the oldest first: their data.
    async fn events(&self, types: &[&str]) -> Vec<Value> {
        let query = "query($types: [String!]) { events(first: 100, types: $types) { nodes { type data } } }";
        let reply = self.app.graphql(&self.admin.1, query, json!({ "types": types })).await;
        let nodes = reply.data()["events"]["nodes"].as_array().unwrap();
        nodes.iter().map(|event| event["data"].clone()).collect()
    }
}
