//! People in a browser: a cookie, and the origin of our own pages.
use serde_json::{Value, json};

use super::{PASSWORD, Reply, TestApp, mutation};

/// A signed-in browser.
#[derive(Clone)]
pub(crate) struct Session {
    /// As the browser sends it back.
    pub(crate) cookie: String,
}

impl Session {
    /// The session that a reply hands out.
    #[track_caller]
    pub(crate) fn of(reply: &Reply) -> Self {
        let (cookie, _) =
            reply.header("set-cookie").split_once(';').unwrap_or_else(|| panic!("{}", reply.body));
        Self { cookie: cookie.to_owned() }
    }

    /// What nobody but the browser may know.
    pub(crate) fn secret(&self) -> &str {
        self.cookie.split_once('=').unwrap().1
    }
}

impl TestApp {
    /// What comes of an attempt to sign in.
    pub(crate) async fn try_to_sign_in(&self, email: &str, password: &str) -> Reply {
        let query = mutation("signIn", "SignInInput", "memberships { id tenant supplierId role current }");
        let input = json!({ "input": { "email": email, "password": password } });
        self.graphql_with("", &query, input, &[("x-request-id", "sign-in")]).await
    }

    pub(crate) async fn sign_in(&self, email: &str) -> Session {
        Session::of(&self.try_to_sign_in(email, PASSWORD).await)
    }

    /// A GraphQL request from one of our pages.
    pub(crate) async fn browse(&self, session: &Session, query: &str, variables: Value) -> Reply {
        let headers = [("cookie", session.cookie.as_str()), ("origin", &self.url(""))];
        self.graphql_with("", query, variables, &headers).await
    }
}
