//! The tables' rows about trading partners.
use super::world::{Side, Thing};

/// Fields that take an id: (field, document, thing, whose it is to use). A supplier may look at what it is.
pub(super) const BY_NAME: &[(&str, &str, Thing, Side)] = &[
    ("node", "query($id: ID!) { node(id: $id) { id } }", Thing::Partner, Side::Both),
    (
        "tradingPartner",
        "query($id: ID!) { tradingPartner(id: $id) { id tokens { id } } }",
        Thing::Partner,
        Side::Both,
    ),
    (
        "tradingPartners",
        "query($id: ID!) { tradingPartners(first: 5, supplierId: $id) { nodes { id } pageInfo { hasNextPage endCursor } } }",
        Thing::Supplier,
        Side::Both,
    ),
    (
        "createTradingPartner",
        "mutation($id: ID!) { createTradingPartner(input: { supplierId: $id, name: \"N\", mode: MIRROR, environment: TEST, identifiers: [{ qualifier: \"ZZ\", id: \"N\" }], validateOnly: true }) { tradingPartner { id } userErrors { code field message } } }",
        Thing::Supplier,
        Side::Buyer,
    ),
    (
        "createTradingPartner",
        "mutation($id: ID!) { createTradingPartner(input: { supplierId: \"sup_00000000000000000000000000000001\", name: \"N\", mode: MIRROR, environment: TEST, identifiers: [], connectionId: $id, validateOnly: true }) { userErrors { code field message } } }",
        Thing::Connection,
        Side::Buyer,
    ),
    (
        "updateTradingPartner",
        "mutation($id: ID!) { updateTradingPartner(input: { id: $id, revision: 9, validateOnly: true }) { tradingPartner { id } userErrors { code field message } } }",
        Thing::Partner,
        Side::Buyer,
    ),
    (
        "disableTradingPartner",
        "mutation($id: ID!) { disableTradingPartner(input: { id: $id, reason: \"r\", validateOnly: true }) { tradingPartner { id } userErrors { code field message } } }",
        Thing::Partner,
        Side::Buyer,
    ),
    (
        "enableTradingPartner",
        "mutation($id: ID!) { enableTradingPartner(input: { id: $id, idempotencyKey: \"k\" }) { tradingPartner { id } userErrors { code field message } } }",
        Thing::Partner,
        Side::Buyer,
    ),
    (
        "createTradingPartnerToken",
        "mutation($id: ID!) { createTradingPartnerToken(input: { id: $id, name: \"n\", validateOnly: true }) { secret userErrors { code field message } } }",
        Thing::Partner,
        Side::Buyer,
    ),
];

/// Fields that list things.
pub(super) const LISTS: &[(&str, &str)] = &[(
    "tradingPartners",
    "{ tradingPartners(first: 100) { nodes { id name supplier { id } identifiers { id } tokens { id } } } }",
)];
