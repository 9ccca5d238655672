//! EDI by connections: what partners put into folders and on servers and send by AS2 is filed, taken once, and answered.

mod as2;
mod as2_peers;
mod exchange;
mod folder;
mod sftp;
mod sftp_peers;
mod vendor;

use quayside_canonical::{ConnectionId, states::Environment};
use quayside_domain::{
    connections::{self, CreateConnection, Profile, Receives, Secrets},
    identity,
};
use serde_json::Value;

use crate::support::{Supplier, Tenant, TestApp};

/// The slug of the first tenant that a test makes.
const FIRST: &str = "tenant-1";

/// A connection of the tenant by which EDI comes and goes.
async fn transport(
    app: &TestApp,
    tenant: &Tenant,
    kind: &str,
    config: Value,
    secrets: &[(&str, &str)],
) -> ConnectionId {
    let carries =
        Receives { event_types: Some(vec!["interchange.composed".to_owned()]), ..Receives::default() };
    let mut sealed = Secrets::default();
    for (name, value) in secrets {
        sealed.set(*name, identity::Secret::new(*value));
    }
    let cmd = CreateConnection {
        tenant: tenant.id,
        kind: kind.to_owned(),
        name: format!("{kind} {}", app.number()),
        environment: Environment::Live,
        config,
        secrets: sealed,
        profile: Profile { receives: carries, ..Profile::default() },
    };
    connections::create(app.app.system(), app.app.vault(), cmd).await.unwrap().id
}

/// Says that the supplier's trading partner is reached by the connection, and gives its identifier.
async fn reached_by(app: &TestApp, supplier: &Supplier, connection: ConnectionId) -> String {
    let (supplier, connection) = (app.scratch().literal(supplier.id.0), app.scratch().literal(connection.0));
    let sql =
        format!("update trading_partner set connection_id = {connection} where supplier_id = {supplier}");
    app.scratch().tamper(&[&sql]).await;
    let owner = app.scratch().owner().await;
    let sql = format!("select identifiers from trading_partner where supplier_id = {supplier}");
    let identifiers = crate::support::texts_of(&owner, &sql).await;
    owner.close().await.unwrap();
    let identifiers: Value = serde_json::from_str(&identifiers[0]).unwrap();
    identifiers[0]["id"].as_str().unwrap().to_owned()
}

/// A copy of the order that the tenant's own translator sent to `partner`.
fn order(control: u32, number: &str, partner: &str) -> String {
    format!(
        "ISA*00*          *00*          *ZZ*NORTHDIST      *ZZ*{partner:<15}*260901*0900*U*00401*{control:09}*0*T*>~\
         GS*PO*NORTHDIST*{partner}*20260901*0900*{control}*X*004010~\
         ST*850*0001~BEG*00*SA*{number}**20260901~PO1*1*7*EA*12.50**VP*S-1~CTT*1~SE*5*0001~\
         GE*1*{control}~IEA*1*{control:09}~"
    )
}
