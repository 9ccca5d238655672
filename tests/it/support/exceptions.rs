//! Exceptions, messages and mail, as clients see them.
use quayside_canonical::{
    Actor, Channel, SupplierId,
    states::{ExceptionKind, Severity},
};
use quayside_domain::exceptions::{self, NewException};
use quayside_domain::scope::Origin;
use serde_json::{Value, json};

use super::{Reply, Tenant, TestApp, mutation};

impl TestApp {
    /// An exception that a rule opened; gives its id.
    pub(crate) async fn exception(
        &self,
        tenant: &Tenant,
        kind: ExceptionKind,
        supplier: Option<SupplierId>,
        severity: Severity,
    ) -> String {
        let subject = format!("cause-{}", self.number());
        self.exception_about(tenant, kind, supplier, severity, &subject).await.expect("a new cause")
    }

    /// The same about this subject; nothing when that has an open one.
    pub(crate) async fn exception_about(
        &self,
        tenant: &Tenant,
        kind: ExceptionKind,
        supplier: Option<SupplierId>,
        severity: Severity,
        subject: &str,
    ) -> Option<String> {
        let new = NewException {
            kind,
            subject: subject.to_owned(),
            supplier,
            order: None,
            severity,
            summary: format!("Something is wrong with {subject}"),
            detail: json!({ "subject": subject }),
        };
        let system = self.app.system();
        let scope = system.in_tenant(tenant.id, Actor::System, &Origin::new(Channel::System));
        let tx = scope.write().await.unwrap();
        let id = exceptions::open(&tx, &scope, new).await.unwrap();
        tx.commit().await.unwrap();
        id.map(|id| id.to_string())
    }

    /// Takes a step about an exception.
    pub(crate) async fn step(&self, token: &str, name: &str, id: &str, note: Option<&str>) -> Reply {
        let query = mutation(name, "ExceptionStepInput", "exception { id status }");
        let input = json!({ "id": id, "note": note, "idempotencyKey": self.number().to_string() });
        self.graphql(token, &query, json!({ "input": input })).await
    }

    /// An exception with all that is on its record.
    pub(crate) async fn record(&self, token: &str, id: &str) -> Value {
        let query = "query($id: ID!) { exception(id: $id) { id kind severity status dueAt overdue escalatedAt resolution
            owner { kind personId } proof { id type subject }
            transitions { number action fromStatus toStatus side by why owner { kind personId } proofEventId }
            comments { text side by internal } attachments { id name mediaType sizeBytes path internal } } }";
        self.graphql(token, query, json!({ "id": id })).await.data()["exception"].clone()
    }

    /// The events of these types, as the caller sees them.
    pub(crate) async fn events_of(&self, token: &str, types: &[&str]) -> Vec<Value> {
        let query = "query($types: [String!]) { events(first: 100, types: $types) { nodes { type subject actor data } } }";
        let reply = self.graphql(token, query, json!({ "types": types })).await;
        reply.data()["events"]["nodes"].as_array().unwrap().clone()
    }

    /// The mails that were sent, as files: each as its text.
    pub(crate) fn mails(&self) -> Vec<String> {
        let folder = self.scratch().folder.join("mail");
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let finished = paths.iter().filter(|path| path.extension().is_some_and(|it| it == "eml"));
        finished.map(|path| std::fs::read_to_string(path).unwrap().replace("=\r\n", "")).collect()
    }

    /// The mails to one address.
    pub(crate) fn mails_to(&self, email: &str) -> Vec<String> {
        self.mails().into_iter().filter(|mail| mail.contains(&format!("<{email}>"))).collect()
    }
}
