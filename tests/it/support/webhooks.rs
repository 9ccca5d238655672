//! Webhook endpoints of tests, and the programs behind them.
use quayside_simulator::Hooks;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Reply, TestApp, mutation};

/// Programs behind endpoints, and where they listen.
pub(crate) struct Programs {
    pub(crate) hooks: Hooks,
    base: String,
}

impl Programs {
    /// Where a program's endpoint is.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("{}/hooks/{name}", self.base)
    }
}

/// What of an endpoint tests look at.
pub(crate) const ENDPOINT: &str = "webhookEndpoint { id supplierId url description eventTypes status failingSince \
    disabledAt disabledReason disabledNote missedAfter previousSecretUntil lastTestId }";

impl TestApp {
    /// Programs that look at this test's clock.
    pub(crate) async fn programs(&self) -> Programs {
        let clock = self.clock.clone();
        let now = move || chrono::DateTime::from_timestamp_micros(clock.now().micros()).unwrap();
        let hooks = Hooks::new(std::sync::Arc::new(now));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(quayside_simulator::serve_hooks(listener, hooks.clone()));
        Programs { hooks, base }
    }

    /// A mutation about webhooks, by somebody with a token, under a key of its own.
    pub(crate) async fn hook(&self, token: &str, name: &str, input: Value) -> Reply {
        let (kind, selection) = match name {
            "createWebhookEndpoint" => ("CreateWebhookEndpointInput", format!("{ENDPOINT} secret")),
            "updateWebhookEndpoint" => ("UpdateWebhookEndpointInput", ENDPOINT.to_owned()),
            "disableWebhookEndpoint" => {
                ("DisableWebhookEndpointInput", format!("{ENDPOINT} skippedDeliveries"))
            }
            "enableWebhookEndpoint" => ("WebhookEndpointInput", ENDPOINT.to_owned()),
            "deleteWebhookEndpoint" => ("WebhookEndpointInput", "deletedId skippedDeliveries".to_owned()),
            "rotateWebhookSecret" => ("RotateWebhookSecretInput", format!("{ENDPOINT} secret")),
            "sendTestWebhook" => ("WebhookEndpointInput", "deliveryId".to_owned()),
            "replayWebhookDelivery" => {
                ("ReplayWebhookDeliveryInput", "webhookDelivery { id status attemptCount }".to_owned())
            }
            "replayWebhooks" => ("ReplayWebhooksInput", "events endCursor hasMore".to_owned()),
            other => panic!("{other} is not about webhooks"),
        };
        let mut input = input;
        if input.get("idempotencyKey").is_none() {
            input["idempotencyKey"] = json!(self.number().to_string());
        }
        self.graphql(token, &mutation(name, kind, &selection), json!({ "input": input })).await
    }

    /// An endpoint with a program behind it that knows its secret: the endpoint's id and the secret.
    pub(crate) async fn endpoint(
        &self,
        token: &str,
        programs: &Programs,
        (name, types): (&str, Option<&[&str]>),
    ) -> (String, String) {
        let input = json!({ "url": programs.url(name), "description": name, "eventTypes": types });
        let reply = self.hook(token, "createWebhookEndpoint", input).await;
        let payload = &reply.data()["createWebhookEndpoint"];
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{payload}")).to_owned();
        let (id, secret) = (text(&payload["webhookEndpoint"]["id"]), text(&payload["secret"]));
        programs.hooks.open(name, &[&secret]).unwrap();
        (id, secret)
    }

    /// The endpoints that somebody sees.
    pub(crate) async fn endpoints(&self, token: &str) -> Vec<Value> {
        let fields = ENDPOINT.trim_start_matches("webhookEndpoint");
        let query = format!("{{ webhookEndpoints(first: 100) {{ nodes {fields} }} }}");
        let reply = self.graphql(token, &query, json!({})).await;
        reply.data()["webhookEndpoints"]["nodes"].as_array().unwrap().clone()
    }

    /// What was sent to an endpoint, the newest first.
    pub(crate) async fn sent(&self, token: &str, endpoint: &str) -> Vec<Value> {
        let query = "query($id: ID!) { webhookDeliveries(endpointId: $id, first: 100) { nodes { id eventType subject status
            errorCode errorMessage attemptCount nextAttemptAt cursor
            attempts { outcome httpStatus request answer error } } } }";
        let reply = self.graphql(token, query, json!({ "id": endpoint })).await;
        reply.data()["webhookDeliveries"]["nodes"].as_array().unwrap().clone()
    }
}
