//! The tables' rows about what is sent by EDI.
use super::world::{Side, Thing};

/// Fields that take an id: (field, document, thing, whose it is to use). A supplier sees what it was sent.
pub(super) const BY_NAME: &[(&str, &str, Thing, Side)] = &[
    (
        "sentInterchange",
        "query($id: ID!) { sentInterchange(id: $id) { id content documents { id } delivery { id } } }",
        Thing::SentInterchange,
        Side::Both,
    ),
    (
        "sentInterchanges",
        "query($id: ID!) { sentInterchanges(first: 5, filter: { tradingPartnerId: $id }) { nodes { id } pageInfo { hasNextPage endCursor } } }",
        Thing::Partner,
        Side::Both,
    ),
    (
        "sentInterchanges",
        "query($id: ID!) { sentInterchanges(first: 5, filter: { supplierId: $id }) { nodes { id } } }",
        Thing::Supplier,
        Side::Both,
    ),
    (
        "resendInterchange",
        "mutation($id: ID!) { resendInterchange(input: { id: $id, reason: \"r\", validateOnly: true }) { interchangeId userErrors { code field message } } }",
        Thing::SentInterchange,
        Side::Buyer,
    ),
    (
        "generateSample",
        "query($id: ID!) { generateSample(tradingPartnerId: $id, document: ORDER) { content userErrors { code field message } } }",
        Thing::Partner,
        Side::Both,
    ),
];

/// Fields that list things.
pub(super) const LISTS: &[(&str, &str)] = &[(
    "sentInterchanges",
    "{ sentInterchanges(first: 100) { nodes { id tradingPartnerId supplierId content documents { number purchaseOrderId } } } }",
)];
