//! The tables' rows about exceptions, messages and mail, and the files of exceptions.
use serde_json::json;

use super::world::{Side, Thing, World, nothing_like};
use crate::support::Reply;

/// Fields that take an id: (field, document, thing, whose it is to use).
pub(super) const BY_NAME: &[(&str, &str, Thing, Side)] = &[
    ("node", "query($id: ID!) { node(id: $id) { id } }", Thing::Exception, Side::Both),
    (
        "exception",
        "query($id: ID!) { exception(id: $id) { id summary transitions { number } comments { id } attachments { id } } }",
        Thing::Exception,
        Side::Both,
    ),
    (
        "exceptions",
        "query($id: ID!) { exceptions(first: 5, filter: { orderId: $id }) { nodes { id } } }",
        Thing::Order,
        Side::Both,
    ),
    (
        "exceptions",
        "query($id: ID!) { exceptions(first: 5, filter: { supplierId: $id }) { nodes { id } } }",
        Thing::Supplier,
        Side::Both,
    ),
    (
        "exceptions",
        "query($id: ID!) { exceptions(first: 5, filter: { personId: $id }) { nodes { id } } }",
        Thing::BuyersPerson,
        Side::Buyer,
    ),
    (
        "acknowledgeException",
        "mutation($id: ID!) { acknowledgeException(input: { id: $id, validateOnly: true }) { exception { id } userErrors { code field message } } }",
        Thing::Exception,
        Side::Both,
    ),
    (
        "startException",
        "mutation($id: ID!) { startException(input: { id: $id, validateOnly: true }) { exception { id } userErrors { code field message } } }",
        Thing::Exception,
        Side::Both,
    ),
    (
        "assignException",
        "mutation($id: ID!) { assignException(input: { id: $id, owner: PROCUREMENT, idempotencyKey: \"k\" }) { exception { id } userErrors { code field message } } }",
        Thing::Exception,
        Side::Buyer,
    ),
    (
        "requestExceptionResolution",
        "mutation($id: ID!) { requestExceptionResolution(input: { id: $id, note: \"n\", idempotencyKey: \"k\" }) { exception { id } userErrors { code field message } } }",
        Thing::Exception,
        Side::Supplier,
    ),
    (
        "resolveException",
        "mutation($id: ID!) { resolveException(input: { id: $id, note: \"n\", validateOnly: true }) { exception { id } userErrors { code field message } } }",
        Thing::Exception,
        Side::Buyer,
    ),
    (
        "reopenException",
        "mutation($id: ID!) { reopenException(input: { id: $id, note: \"n\", validateOnly: true }) { exception { id } userErrors { code field message } } }",
        Thing::Exception,
        Side::Buyer,
    ),
    (
        "commentException",
        "mutation($id: ID!) { commentException(input: { id: $id, text: \"t\", idempotencyKey: \"k\" }) { exception { id } userErrors { code field message } } }",
        Thing::Exception,
        Side::Both,
    ),
    (
        "setExceptionRoute",
        "mutation($id: ID!) { setExceptionRoute(input: { supplierId: $id, dueMinutes: 5, validateOnly: true }) { routes { dueMinutes } userErrors { code field message } } }",
        Thing::Supplier,
        Side::Buyer,
    ),
    (
        "setExceptionRoute",
        "mutation($id: ID!) { setExceptionRoute(input: { owner: PERSON, personId: $id, validateOnly: true }) { routes { dueMinutes } userErrors { code field message } } }",
        Thing::BuyersPerson,
        Side::Buyer,
    ),
    (
        "messages",
        "query($id: ID!) { messages(about: $id, first: 5) { nodes { id text } } }",
        Thing::Order,
        Side::Both,
    ),
    (
        "messages",
        "query($id: ID!) { messages(about: $id, first: 5) { nodes { id text } } }",
        Thing::Exception,
        Side::Both,
    ),
    (
        "postMessage",
        "mutation($id: ID!) { postMessage(input: { about: $id, text: \"t\", validateOnly: true }) { message { id } userErrors { code field message } } }",
        Thing::Order,
        Side::Both,
    ),
    (
        "postMessage",
        "mutation($id: ID!) { postMessage(input: { about: $id, text: \"t\", validateOnly: true }) { message { id } userErrors { code field message } } }",
        Thing::Exception,
        Side::Both,
    ),
];

/// Fields that list things.
pub(super) const LISTS: &[(&str, &str)] = &[
    ("exceptionRoutes", "{ exceptionRoutes { supplierId kind dueMinutes } }"),
    ("exceptionAssignees", "{ exceptionAssignees { id name } }"),
];

/// Fields that concern the caller only.
pub(super) const OF_THE_CALLER: &[&str] = &["setNotificationPreferences"];

#[tokio::test]
async fn files_of_exceptions_stay_with_whom_they_concern() {
    let world = World::start().await;
    let app = &world.app;
    let put = async |cookie: &str, about: &str| {
        let url = app.url(&format!("/files/attachments?about={about}&name=a.txt"));
        let request = app.http.post(url).header("cookie", cookie).header("origin", app.url(""));
        Reply::read(request.header("x-request-id", "r").body("text").send().await.unwrap()).await
    };
    let get = async |cookie: &str, path: &str| {
        let request = app.http.get(app.url(path)).header("cookie", cookie).header("origin", app.url(""));
        Reply::read(request.header("x-request-id", "r").send().await.unwrap()).await
    };
    let mine = put(&world.owner.cookie, &world.exception).await;
    assert_eq!(mine.status, 201, "{}", mine.body);
    let path = mine.body["path"].as_str().unwrap();
    for (who, session) in &world.strangers {
        let cookie = session.as_ref().map_or("", |session| session.cookie.as_str());
        let nothing = nothing_like(&world.exception);
        assert_eq!(put(cookie, &world.exception).await.text(), put(cookie, &nothing).await.text(), "{who}");
        let none =
            get(cookie, &format!("/files/attachments/{}", nothing_like(mine.body["id"].as_str().unwrap())))
                .await;
        let theirs = get(cookie, path).await;
        assert_eq!(theirs.text(), none.text(), "{who}");
        assert!(theirs.status == 404 || session.is_none(), "{who}");
    }
    assert_eq!(get(&world.buyer.cookie, path).await.body, json!("text"));
}
