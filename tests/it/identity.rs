//! Who is who: signing in and out, places, tokens, and how each of them ends.

mod secrets;

use std::time::Duration;

use quayside_canonical::identity::Role;
use quayside_domain::identity::NewMembership;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Session, TestApp, accepted, eventually, mutation, number_of, submit};

const VIEWER: &str =
    "{ viewer { user { email } permissions memberships { id tenant supplierId role current } } }";
const EVENTS: &str = "subscription($after: String) { events(after: $after) { type } }";

fn create_token() -> String {
    mutation("createApiToken", "CreateApiTokenInput", "secret apiToken { id hint scopes expiresAt }")
}

fn revoke_token() -> String {
    mutation("revokeApiToken", "RevokeApiTokenInput", "apiToken { revokedAt }")
}

#[tokio::test]
async fn a_session_is_a_cookie_that_no_page_can_read_and_ends_with_signing_out() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (email, _) = app.person(&tenant, None, Role::Auditor).await;
    let reply = app.try_to_sign_in(&email.to_uppercase(), PASSWORD).await;
    assert_eq!(reply.data()["signIn"]["memberships"][0]["tenant"], tenant.slug.as_str());
    let session = Session::of(&reply);
    assert!(session.cookie.starts_with("__Host-quayside_session="));
    let attributes = reply.header("set-cookie").split_once(';').unwrap().1;
    assert_eq!(attributes, " Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200");
    assert!(!reply.body.to_string().contains(session.secret()), "the secret is for the browser only");

    let seen = app.browse(&session, VIEWER, json!({})).await;
    let viewer = &seen.data()["viewer"];
    assert_eq!(viewer["user"]["email"], email.as_str());
    assert_eq!(viewer["permissions"], json!(["ORDERS_READ", "TOKENS_MANAGE"]));
    let place = &viewer["memberships"][0];
    assert_eq!((&place["role"], &place["current"]), (&json!("AUDITOR"), &json!(true)));

    let out = app.browse(&session, "mutation { signOut { signedOut } }", json!({})).await;
    assert_eq!(out.data()["signOut"]["signedOut"], true);
    assert!(out.header("set-cookie").starts_with("__Host-quayside_session=; Path=/"), "it is taken away");
    let after = app.browse(&session, VIEWER, json!({})).await;
    assert_eq!((after.status, after.error_code()), (401, "UNAUTHENTICATED"));
    assert!(after.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(app.graphql("", VIEWER, json!({})).await.data()["viewer"], Value::Null);
}

#[tokio::test]
async fn a_person_with_several_places_acts_in_one_at_a_time() {
    let app = TestApp::start().await;
    let (here, there) = (app.tenant().await, app.tenant().await);
    let suppliers = [
        (&here, app.supplier(&here).await),
        (&here, app.supplier(&here).await),
        (&there, app.supplier(&there).await),
    ];
    let mut orders = Vec::new();
    for (tenant, supplier) in &suppliers {
        orders.push(app.placed(tenant, supplier).await);
    }
    let place = |(tenant, supplier): &(&crate::support::Tenant, crate::support::Supplier)| NewMembership {
        tenant: tenant.id,
        supplier: Some(supplier.id),
        role: Role::SupplierEditor,
    };
    let email = app.person_in(suppliers.iter().map(place).collect()).await;

    let mut session = app.sign_in(&email).await;
    let places = app.browse(&session, VIEWER, json!({})).await.data()["viewer"]["memberships"].clone();
    assert_eq!(places.as_array().unwrap().len(), 3);
    let switch = mutation("switchMembership", "SwitchMembershipInput", "memberships { id current }");
    let query = "{ purchaseOrders(first: 10) { nodes { id } } }";
    for (supplier, order) in suppliers.iter().map(|(_, supplier)| supplier).zip(&orders).rev() {
        let mine = |place: &&Value| place["supplierId"] == supplier.id.to_string();
        let id = &places.as_array().unwrap().iter().find(mine).unwrap()["id"];
        let input = json!({ "input": { "membershipId": id } });
        let reply = app.browse(&session, &switch, input.clone()).await;
        let switched = Session::of(&reply);
        assert_ne!(switched.cookie, session.cookie);
        assert_eq!(app.browse(&session, VIEWER, json!({})).await.error_code(), "UNAUTHENTICATED");
        session = switched;
        let seen = app.browse(&session, query, json!({})).await;
        assert_eq!(seen.data()["purchaseOrders"]["nodes"], json!([{ "id": order }]), "of this place only");
    }
    let reply = app.browse(&session, &switch, json!({ "input": { "membershipId": "mem_nothing" } })).await;
    assert_eq!(reply.refusals(), ["NOT_FOUND"]);
}

#[tokio::test]
async fn a_token_may_do_what_its_scopes_say_is_shown_once_and_ends_when_revoked() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    let session = app.sign_in(&supplier.email).await;

    let input = json!({ "input": { "name": "reader", "scopes": ["ORDERS_READ"], "idempotencyKey": "t" } });
    let reply = app.browse(&session, &create_token(), input.clone()).await;
    let made = reply.data()["createApiToken"].clone();
    let token = made["secret"].as_str().unwrap();
    assert!(
        token.starts_with("qys_live_")
            && token.starts_with(made["apiToken"]["hint"].as_str().unwrap().trim_end_matches('…'))
    );
    let again = app.browse(&session, &create_token(), input).await;
    assert!(again.is_replay());
    let again = &again.data()["createApiToken"];
    assert_eq!((&again["secret"], &again["apiToken"]["id"]), (&Value::Null, &made["apiToken"]["id"]));

    assert_eq!(
        app.graphql(token, VIEWER, json!({})).await.data()["viewer"]["permissions"],
        json!(["ORDERS_READ"])
    );
    let lines = [accepted("00010", "100")];
    let answer = json!({ "purchaseOrderId": order, "revision": 1, "lines": lines, "idempotencyKey": "a" });
    let reply = app.graphql(token, &submit(), json!({ "input": answer })).await;
    assert_eq!(reply.error_code(), "FORBIDDEN", "the person may answer, this token may not");
    let more = json!({ "input": { "name": "more", "scopes": ["ORDERS_READ", "PROPOSALS_DECIDE"], "idempotencyKey": "m" } });
    let reply = app.browse(&session, &create_token(), more).await;
    assert_eq!(reply.refusals(), ["SCOPE_NOT_GRANTED"]);

    let input = json!({ "input": { "id": made["apiToken"]["id"], "idempotencyKey": "r" } });
    let first = app.browse(&session, &revoke_token(), input.clone()).await;
    let again = app.browse(&session, &revoke_token(), input).await;
    assert!(first.data()["revokeApiToken"]["apiToken"]["revokedAt"].is_string());
    assert_eq!((first.data(), again.is_replay()), (again.data(), true));
    let after = app.graphql(token, VIEWER, json!({})).await;
    assert_eq!((after.status, after.error_code()), (401, "UNAUTHENTICATED"));
    assert!(!after.body.to_string().contains(token));
}

#[tokio::test]
async fn a_session_ends_when_nobody_uses_it() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let session = app.sign_in(&app.buyer(&tenant).await.email).await;
    app.advance(Duration::from_secs(30 * 60) - Duration::from_micros(1));
    app.browse(&session, VIEWER, json!({})).await.data();
    noted(&app).await;
    app.advance(Duration::from_secs(30 * 60));
    assert_eq!(app.browse(&session, VIEWER, json!({})).await.error_code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_however_much_it_is_used() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let session = app.sign_in(&app.buyer(&tenant).await.email).await;
    for _ in 0..35 {
        app.advance(Duration::from_secs(20 * 60));
        app.browse(&session, VIEWER, json!({})).await.data();
        noted(&app).await;
    }
    app.advance(Duration::from_secs(20 * 60));
    assert_eq!(app.browse(&session, VIEWER, json!({})).await.error_code(), "UNAUTHENTICATED");
}

/// Waits until the use of the one session is on record: that happens beside the request.
async fn noted(app: &TestApp) {
    let now = app.app.system().now().micros();
    let owner = app.scratch().owner().await;
    let sql = format!("select count(*) from session where seen_at = {now}");
    eventually("the session's use is noted", async || number_of(&owner, &sql).await == 1).await;
    owner.close().await.unwrap();
}

#[tokio::test]
async fn who_is_not_there_and_who_has_another_password_read_the_same() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let buyer = app.buyer(&tenant).await;
    let wrong = app.try_to_sign_in(&buyer.email, "not the password at all").await;
    let unknown = app.try_to_sign_in("nobody@example.test", PASSWORD).await;
    assert_eq!(wrong.refusals(), ["INVALID_CREDENTIALS"]);
    assert_eq!(wrong.text(), unknown.text());
    assert!(wrong.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn the_sixth_attempt_has_to_wait_even_with_the_right_password() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let buyer = app.buyer(&tenant).await;
    for email in [buyer.email.as_str(), "nobody@example.test"] {
        for _ in 0..5 {
            assert_eq!(app.try_to_sign_in(email, "guess").await.refusals(), ["INVALID_CREDENTIALS"]);
        }
        assert_eq!(app.try_to_sign_in(email, PASSWORD).await.refusals(), ["THROTTLED"], "{email}");
    }
    app.advance(Duration::from_secs(1));
    app.sign_in(&buyer.email).await;
}

#[tokio::test]
async fn a_stream_ends_with_the_token_behind_it() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let supplier = app.supplier(&tenant).await;
    let order = app.placed(&tenant, &supplier).await;
    app.settle().await;
    let (program, token) = token_of(&app, &supplier.email).await;
    let elsewhere = app.neighbour().await;
    let start = json!({ "after": before_everything(&app, &supplier.token).await });
    let mut here = app.listen(&token, EVENTS, start.clone()).await;
    let mut there = elsewhere.subscribe(Some(&token), &[], EVENTS, start).await.unwrap();
    for payload in [here.next().await.unwrap(), there.next().await] {
        assert_eq!(payload["data"]["events"]["type"], "purchase_order.released", "{order}");
    }

    let session = app.sign_in(&supplier.email).await;
    let input = json!({ "input": { "id": program, "idempotencyKey": "r" } });
    app.browse(&session, &revoke_token(), input).await.data();
    let last = here.next().await.unwrap();
    assert_eq!(last["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(here.next().await, None);
    elsewhere.app.watch().check_once().await.unwrap();
    assert_eq!(there.closed().await, (4403, "session ended".to_owned()));
}

#[tokio::test]
async fn a_stream_ends_with_the_session_behind_it() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let buyer = app.buyer(&tenant).await;
    for end in ["signing out", "idling"] {
        let session = app.sign_in(&buyer.email).await;
        let headers = [("cookie", session.cookie.as_str()), ("origin", &app.url(""))];
        let mut socket = app.subscribe(None, &headers, EVENTS, json!({})).await.unwrap();
        if end == "idling" {
            app.advance(Duration::from_secs(31 * 60));
            app.app.watch().check_once().await.unwrap();
        } else {
            app.browse(&session, "mutation { signOut { signedOut } }", json!({})).await.data();
        }
        assert_eq!(socket.closed().await, (4403, "session ended".to_owned()), "{end}");
    }
}

/// A token that only reads, and its id.
async fn token_of(app: &TestApp, email: &str) -> (String, String) {
    let session = app.sign_in(email).await;
    let input = json!({ "input": { "name": "reader", "scopes": ["ORDERS_READ"], "idempotencyKey": "t" } });
    let reply = app.browse(&session, &create_token(), input).await;
    let made = &reply.data()["createApiToken"];
    (made["apiToken"]["id"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
}

/// A cursor before the first event the caller sees.
async fn before_everything(app: &TestApp, token: &str) -> String {
    let query = "{ events(first: 1) { nodes { id } } viewer { memberships { tenant } } }";
    let reply = app.graphql(token, query, json!({})).await;
    let slug = reply.data()["viewer"]["memberships"][0]["tenant"].as_str().unwrap();
    let tenant = quayside_domain::suppliers::tenant_by_slug(app.app.system(), slug).await.unwrap().unwrap();
    quayside_domain::feed::encode_cursor(tenant.id, 0)
}

#[tokio::test]
async fn each_side_sees_in_the_schema_what_it_can_use() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let (supplier, buyer) = (app.supplier(&tenant).await, app.buyer(&tenant).await);
    let query = "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }";
    let suppliers_own = ["acceptPurchaseOrder", "requestExceptionResolution", "submitAcknowledgment"];
    let buyers_own = [
        "acceptChangeProposal",
        "declineChangeProposal",
        "exceptionRoutes",
        "redriveDelivery",
        "skipDelivery",
    ];
    for (token, shown, hidden) in
        [(&supplier.token, &suppliers_own[..], &buyers_own[..]), (&buyer.token, &buyers_own, &suppliers_own)]
    {
        let reply = app.graphql(token, query, json!({})).await;
        let schema = &reply.data()["__schema"];
        let fields =
            ["queryType", "mutationType"].map(|side| schema[side]["fields"].as_array().unwrap().clone());
        let names: Vec<&str> = fields.iter().flatten().map(|field| field["name"].as_str().unwrap()).collect();
        assert!(shown.iter().all(|name| names.contains(name)), "{names:?}");
        assert!(!hidden.iter().any(|name| names.contains(name)), "{names:?}");
        assert!(names.contains(&"purchaseOrders") && names.contains(&"signOut"));
    }
    let reply = app.graphql("", query, json!({})).await;
    assert_eq!(reply.error_code(), "INTROSPECTION_DISABLED");
}
