//! Systems that say something: asked, or by themselves.
use quayside_canonical::{Actor, Channel, ConnectionId, identity::Permission, states::Environment};
use quayside_domain::{
    BuyerScope,
    connections::{self, CreateConnection, CreateConnectionToken, Profile, Receives, Secrets},
    identity::Secret,
    scope::{Origin, Scope, Standing},
};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{ERP_SECRET, Reply, Tenant, TestApp};

/// A connection that is read.
pub(crate) struct Source {
    pub(crate) id: ConnectionId,
    /// The token it sends with.
    pub(crate) token: String,
}

impl TestApp {
    /// A connection of the tenant that is asked at the test's ERP.
    pub(crate) async fn source(&self, tenant: &Tenant, name: &str) -> Source {
        self.source_at(tenant, name, &self.outgoing_endpoint()).await
    }

    /// Somebody of the buyer's who may step in.
    pub(crate) fn operator(&self, tenant: &Tenant) -> BuyerScope {
        let standing = Standing {
            tenant: tenant.id,
            supplier: None,
            actor: Actor::Operator,
            person: None,
            permissions: [Permission::DeliveriesManage].into(),
        };
        Scope::new(self.app.system().store(), &standing, &Origin::new(Channel::Cli)).as_buyer().unwrap()
    }

    /// Where the ERP is asked.
    pub(crate) fn outgoing_endpoint(&self) -> String {
        self.erp_endpoint().replace("/events", "/outgoing")
    }

    pub(crate) async fn source_at(&self, tenant: &Tenant, name: &str, documents: &str) -> Source {
        let nothing = Receives { event_types: Some(Vec::new()), ..Receives::default() };
        let cmd = CreateConnection {
            tenant: tenant.id,
            kind: "generic-rest".to_owned(),
            name: name.to_owned(),
            environment: Environment::Live,
            config: json!({ "endpoint": self.erp_endpoint(), "documents_endpoint": documents }),
            secrets: Secrets::signing(Secret::new(ERP_SECRET)),
            profile: Profile { receives: nothing, ..Profile::default() },
        };
        let id = connections::create(self.app.system(), self.app.vault(), cmd).await.unwrap().id;
        let cmd = CreateConnectionToken {
            tenant: tenant.id,
            connection: id,
            name: "push".to_owned(),
            expires_at: None,
        };
        let (_, token) = connections::create_token(self.app.system(), cmd).await.unwrap();
        Source { id, token: token.expose().to_owned() }
    }

    /// A request to the entrance of a connection, without a token.
    pub(crate) fn entrance(&self, connection: &str, feed: &str) -> RequestBuilder {
        self.http.post(self.url(&format!("/ingest/v1/connections/{connection}/{feed}")))
    }

    /// What a system sends by itself.
    pub(crate) async fn push(&self, source: &Source, body: &Value) -> Reply {
        let request = self.entrance(&source.id.to_string(), "messages").bearer_auth(&source.token);
        Reply::read(request.json(body).send().await.unwrap()).await
    }

    /// The polled feed of a connection, as procurement sees it.
    pub(crate) async fn feed(&self, buyer: &str, source: &Source) -> Value {
        let query = "query($id: ID!) { inboundFeeds(connectionId: $id) {
            name way hasCursor polledAt succeededAt failures error nextPollAt everySeconds } }";
        let reply = self.graphql(buyer, query, json!({ "id": source.id.to_string() })).await;
        let feeds = reply.data()["inboundFeeds"].as_array().unwrap().clone();
        feeds.into_iter().find(|feed| feed["name"] == "documents").unwrap_or_default()
    }

    /// What came in, last first, as procurement sees it.
    pub(crate) async fn inbound(&self, buyer: &str) -> Vec<Value> {
        let query = "{ inboundMessages(first: 50) { nodes { id connectionId feed mediaType status error kept
            problems { code } documents { kind key outcome subject problems { code field message } } } } }";
        let reply = self.graphql(buyer, query, json!({})).await;
        reply.data()["inboundMessages"]["nodes"].as_array().unwrap().clone()
    }
}

/// What is pushed: documents with their types.
pub(crate) fn documents(documents: &[(&str, Value)]) -> Value {
    let entry = |(kind, document): &(&str, Value)| json!({ "type": kind, "document": document });
    json!({ "documents": documents.iter().map(entry).collect::<Vec<_>>() })
}
