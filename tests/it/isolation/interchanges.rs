//! The tables' rows about EDI interchanges, and their bytes.
use super::world::{Side, Thing, World, nothing_like};
use crate::support::Reply;

/// Fields that take an id: (field, document, thing, whose it is to use).
pub(super) const BY_NAME: &[(&str, &str, Thing, Side)] = &[
    ("node", "query($id: ID!) { node(id: $id) { id } }", Thing::Interchange, Side::Both),
    (
        "interchange",
        "query($id: ID!) { interchange(id: $id) { id sender { id } messages(first: 5) { nodes { id problems { message } segments { text } } } } }",
        Thing::Interchange,
        Side::Both,
    ),
    (
        "interchangeMessage",
        "query($id: ID!) { interchangeMessage(id: $id) { id businessKey segments { text problems { code } } } }",
        Thing::InterchangeMessage,
        Side::Both,
    ),
    (
        "interchanges",
        "query($id: ID!) { interchanges(first: 5, filter: { tradingPartnerId: $id }) { nodes { id } pageInfo { hasNextPage endCursor } } }",
        Thing::Partner,
        Side::Both,
    ),
    (
        "interchanges",
        "query($id: ID!) { interchanges(first: 5, filter: { supplierId: $id }) { nodes { id } } }",
        Thing::Supplier,
        Side::Both,
    ),
    (
        "validateInterchange",
        "mutation($id: ID!) { validateInterchange(input: { tradingPartnerId: $id, content: \"hello\" }) { validation { problems { code } } userErrors { code field message } } }",
        Thing::Partner,
        Side::Both,
    ),
    (
        "retryInterchange",
        "mutation($id: ID!) { retryInterchange(input: { id: $id, reason: \"r\", idempotencyKey: \"k\" }) { interchange { id } userErrors { code field message } } }",
        Thing::Interchange,
        Side::Buyer,
    ),
];

/// Fields that list things.
pub(super) const LISTS: &[(&str, &str)] = &[(
    "interchanges",
    "{ interchanges(first: 20) { nodes { id supplierId sender { id } messages(first: 5) { nodes { businessKey subject } } } } }",
)];

#[tokio::test]
async fn the_bytes_of_interchanges_stay_with_whom_they_concern() {
    let world = World::start().await;
    let app = &world.app;
    let get = async |session: Option<&crate::support::Session>, id: &str| {
        let mut request = app.http.get(app.url(&format!("/files/interchanges/{id}")));
        request = request.header("x-request-id", "r").header("origin", app.url(""));
        if let Some(session) = session {
            request = request.header("cookie", &session.cookie);
        }
        Reply::read(request.send().await.unwrap()).await
    };
    for (who, session) in &world.strangers {
        let theirs = get(session.as_ref(), &world.interchange).await;
        let nothing = get(session.as_ref(), &nothing_like(&world.interchange)).await;
        assert_eq!((theirs.status, theirs.text()), (nothing.status, nothing.text()), "{who} can tell");
    }
    for session in [&world.owner, &world.buyer] {
        let mine = get(Some(session), &world.interchange).await;
        assert_eq!((mine.status, mine.header("x-content-type-options")), (200, "nosniff"));
        assert!(mine.header("content-disposition").starts_with("attachment"));
    }
    // A partner's token hands in and takes nothing out.
    let request = app.http.get(app.url(&format!("/files/interchanges/{}", world.interchange)));
    let reply = Reply::read(request.bearer_auth(&world.supplier.edi_token).send().await.unwrap()).await;
    assert!([401, 403].contains(&reply.status), "{}", reply.status);
}
