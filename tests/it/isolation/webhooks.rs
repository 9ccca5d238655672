//! The tables' rows about webhook endpoints.
use super::world::{Side, Thing};

/// Fields that take an id: (field, document, thing, whose it is to use). What a supplier set up the buyer may look at
/// and disable, and that too only as its own suppliers'.
pub(super) const BY_NAME: &[(&str, &str, Thing, Side)] = &[
    (
        "webhookEndpoints",
        "query($id: ID!) { webhookEndpoints(first: 5, supplierId: $id) { nodes { id url } pageInfo { hasNextPage } } }",
        Thing::Supplier,
        Side::Both,
    ),
    (
        "webhookDeliveries",
        "query($id: ID!) { webhookDeliveries(endpointId: $id, first: 5) { nodes { id attempts { request } } } }",
        Thing::Endpoint,
        Side::Both,
    ),
    (
        "webhookDelivery",
        "query($id: ID!) { webhookDelivery(id: $id) { id attempts { request } } }",
        Thing::EndpointDelivery,
        Side::Both,
    ),
    (
        "updateWebhookEndpoint",
        "mutation($id: ID!) { updateWebhookEndpoint(input: { id: $id, eventTypes: [], idempotencyKey: \"k\" }) { webhookEndpoint { id } userErrors { code field message } } }",
        Thing::Endpoint,
        Side::Supplier,
    ),
    (
        "rotateWebhookSecret",
        "mutation($id: ID!) { rotateWebhookSecret(input: { id: $id, idempotencyKey: \"k\" }) { webhookEndpoint { id } userErrors { code field message } } }",
        Thing::Endpoint,
        Side::Supplier,
    ),
    (
        "sendTestWebhook",
        "mutation($id: ID!) { sendTestWebhook(input: { id: $id, idempotencyKey: \"k\" }) { deliveryId userErrors { code field message } } }",
        Thing::Endpoint,
        Side::Supplier,
    ),
    (
        "replayWebhookDelivery",
        "mutation($id: ID!) { replayWebhookDelivery(input: { id: $id, idempotencyKey: \"k\" }) { webhookDelivery { id } userErrors { code field message } } }",
        Thing::EndpointDelivery,
        Side::Supplier,
    ),
    (
        "replayWebhooks",
        "mutation($id: ID!) { replayWebhooks(input: { id: $id, since: \"2026-11-23T00:00:00Z\", dryRun: true }) { events userErrors { code field message } } }",
        Thing::Endpoint,
        Side::Supplier,
    ),
    (
        "replayWebhooks",
        "mutation($id: ID!) { replayWebhooks(input: { id: $id, since: \"2026-11-23T00:00:00Z\", idempotencyKey: \"k\" }) { events userErrors { code field message } } }",
        Thing::Endpoint,
        Side::Supplier,
    ),
    (
        "enableWebhookEndpoint",
        "mutation($id: ID!) { enableWebhookEndpoint(input: { id: $id, idempotencyKey: \"k\" }) { webhookEndpoint { id } userErrors { code field message } } }",
        Thing::Endpoint,
        Side::Both,
    ),
    (
        "disableWebhookEndpoint",
        "mutation($id: ID!) { disableWebhookEndpoint(input: { id: $id, note: \"n\", idempotencyKey: \"k\" }) { webhookEndpoint { id } userErrors { code field message } } }",
        Thing::Endpoint,
        Side::Both,
    ),
    (
        "deleteWebhookEndpoint",
        "mutation($id: ID!) { deleteWebhookEndpoint(input: { id: $id, idempotencyKey: \"k\" }) { deletedId userErrors { code field message } } }",
        Thing::Endpoint,
        Side::Supplier,
    ),
];

/// Fields that list things.
pub(super) const LISTS: &[(&str, &str)] =
    &[("webhookEndpoints", "{ webhookEndpoints(first: 100) { nodes { id url supplierId lastTestId } } }")];

/// Fields that concern the caller only.
pub(super) const OF_THE_CALLER: &[&str] = &["createWebhookEndpoint"];
