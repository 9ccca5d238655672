//! The tables' rows about connections.
use super::world::{Side, Thing};

/// Fields that take an id: (field, document, thing, whose it is to use).
pub(super) const BY_NAME: &[(&str, &str, Thing, Side)] = &[
    ("node", "query($id: ID!) { node(id: $id) { id } }", Thing::Connection, Side::Buyer),
    (
        "connection",
        "query($id: ID!) { connection(id: $id) { id secretsSet } }",
        Thing::Connection,
        Side::Buyer,
    ),
    (
        "previewDelivery",
        "query($id: ID!) { previewDelivery(deliveryId: $id) { problem requests { url } userErrors { code field message } } }",
        Thing::Delivery,
        Side::Buyer,
    ),
    (
        "createConnection",
        "mutation($id: ID!) { createConnection(input: { kind: \"generic-rest\", name: \"N\", environment: TEST, config: {}, receives: { supplierIds: [$id] }, validateOnly: true }) { connection { id } userErrors { code field message } } }",
        Thing::Supplier,
        Side::Buyer,
    ),
    (
        "updateConnection",
        "mutation($id: ID!) { updateConnection(input: { id: $id, revision: 9, validateOnly: true }) { connection { id } userErrors { code field message } } }",
        Thing::Connection,
        Side::Buyer,
    ),
    (
        "testConnection",
        "mutation($id: ID!) { testConnection(input: { id: $id }) { test { outcome } userErrors { code field message } } }",
        Thing::Connection,
        Side::Buyer,
    ),
    (
        "pauseConnection",
        "mutation($id: ID!) { pauseConnection(input: { id: $id, reason: \"r\", idempotencyKey: \"k\" }) { connection { id } userErrors { code field message } } }",
        Thing::Connection,
        Side::Buyer,
    ),
    (
        "resumeConnection",
        "mutation($id: ID!) { resumeConnection(input: { id: $id, idempotencyKey: \"k\" }) { connection { id } userErrors { code field message } } }",
        Thing::Connection,
        Side::Buyer,
    ),
];

/// Fields that list things.
pub(super) const LISTS: &[(&str, &str)] = &[("connections", "{ connections { id name config } }")];

/// Fields that tell nothing of anybody.
pub(super) const OF_THE_CALLER: &[&str] = &["connectionKinds"];
