//! The sample tenant: a distributor, its ERP, four suppliers and orders made of real 850s.
use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use quayside_canonical::{
    Channel, SupplierId, TenantId, identity::Role, policy::Policy, states::Environment,
};
use quayside_domain::{
    BuyerScope, Scope,
    connections::{self, CreateConnection, Profile, Receives, Secrets},
    identity::{self, CreateUser, Credential, NewMembership, Secret},
    orders::{Incoming, receive},
    scope::Origin,
    suppliers::{self, CreateSupplier, CreateTenant, SetGs1Prefix},
};
use serde_json::json;

use super::{
    partner::{self, BEARINGS, Way},
    state::{Account, State},
};
use crate::{app::App, cli, ingest};

/// The sample tenant's short name.
pub(super) const SLUG: &str = "harbour";
/// The demo's ERP and WMS check every call against these.
const ERP_SECRET: &str = "whsec_cXVheXNpZGUgZGVtbyBFUlAgc2lnbmluZyBzZWNyZXQ=";
const WMS_SECRET: &str = "whsec_cXVheXNpZGUgZGVtbyBXTVMgc2lnbmluZyBzZWNyZXQ=";
/// What the WMS is sent. The ERP gets what connections get by default.
const WMS_EVENTS: &[&str] = &[
    "shipment.submitted",
    "shipment.amended",
    "shipment.cancelled",
    "appointment.requested",
    "appointment.cancelled",
];

/// A supplier of the sample, with the EDI files its orders come from. Sources and licences of the files are in
/// their folder's MANIFEST.tsv.
struct Sample {
    number: &'static str,
    name: &'static str,
    key: &'static str,
    email: &'static str,
    password: &'static str,
    /// How its EDI travels.
    way: Way,
    /// What it calls itself in interchanges.
    identifiers: &'static [(&'static str, &'static str)],
    gs1_prefix: Option<&'static str>,
    files: &'static [&'static [u8]],
}

const SAMPLES: &[Sample] = &[
    Sample {
        number: "V-100",
        name: "Nordhaven Fasteners",
        key: "supplier_portal",
        email: "ada@nordhaven.example",
        password: "lanterns over the north pier",
        way: Way::Copied,
        identifiers: &[("01", "999999999")],
        gs1_prefix: Some("0614141"),
        files: &[include_bytes!("../../edi/tests/samples/x12-850/aaronhuggins-node-x12__850_2.edi")],
    },
    Sample {
        number: "V-200",
        name: "Acme Supply",
        key: "supplier_api",
        email: "grace@acme.example",
        password: "seven gulls watch the ferry",
        way: Way::Copied,
        identifiers: &[("ZZ", "ACMESUPPLY"), ("14", "0073268795005")],
        gs1_prefix: None,
        files: &[
            include_bytes!("../../edi/tests/samples/x12-850/gen-7-orders.850"),
            include_bytes!("../../edi/tests/samples/x12-850/apimeister-x12-types__004010_850.edi"),
        ],
    },
    Sample {
        number: "V-300",
        name: "Brackwater Paper",
        key: "supplier_edi",
        email: "edith@brackwater.example",
        password: "ropes coil under grey rain",
        way: Way::Copied,
        identifiers: &[("ZZ", "BRACKWATER")],
        gs1_prefix: None,
        files: &[],
    },
    Sample {
        number: "V-400",
        name: "Lindqvist Bearings",
        key: "supplier_exchange",
        email: "sven@lindqvist.example",
        password: "frost rings on the mooring",
        way: Way::Files,
        identifiers: &[("ZZ", BEARINGS)],
        gs1_prefix: None,
        files: &[],
    },
];

/// Fills an empty database.
pub(super) async fn seed(app: &App, erp_port: u16, wms_port: u16) -> anyhow::Result<State> {
    let tenant = tenant(app, erp_port, wms_port).await?;
    let mut state = State {
        erp_port,
        erp_secret: ERP_SECRET.to_owned(),
        wms_port,
        wms_secret: WMS_SECRET.to_owned(),
        accounts: Vec::new(),
        tokens: BTreeMap::new(),
    };
    for (connection, key) in [("ERP", "erp_ingest"), ("WMS", "wms_ingest")] {
        let (_, token) = cli::connection_token(app, tenant, connection, "demo".to_owned()).await?;
        state.tokens.insert(key.to_owned(), token.expose().to_owned());
    }
    let buyer = ("paul@harbour.example", "charts pinned to the oak wall");
    person(app, &mut state, buyer, tenant, None, Role::Procurement).await?;
    api_token(app, &mut state, tenant, buyer.0, "buyer").await?;
    for sample in SAMPLES {
        supplier(app, &mut state, tenant, sample).await?;
    }
    revise(app, &state).await?;
    Ok(state)
}

async fn tenant(app: &App, erp_port: u16, wms_port: u16) -> anyhow::Result<TenantId> {
    let policy: Policy = serde_json::from_value(json!({ "quantityUnderPercent": "5", "lateDays": 2 }))?;
    let cmd = CreateTenant { slug: SLUG.to_owned(), name: "Harbour Supply".to_owned(), policy };
    let tenant = suppliers::create_tenant(app.system(), cmd).await?.id;
    let erp = json!({ "endpoint": format!("http://127.0.0.1:{erp_port}/erp/v1/events") });
    let wms = json!({ "endpoint": format!("http://127.0.0.1:{wms_port}/wms/v1/events") });
    let goods = WMS_EVENTS.iter().map(|event_type| (*event_type).to_owned()).collect();
    let goods = Receives { event_types: Some(goods), ..Receives::default() };
    for (name, config, secret, receives) in
        [("ERP", erp, ERP_SECRET, Receives::default()), ("WMS", wms, WMS_SECRET, goods)]
    {
        let cmd = CreateConnection {
            tenant,
            kind: "generic-rest".to_owned(),
            name: name.to_owned(),
            environment: Environment::Test,
            config,
            secrets: Secrets::signing(Secret::new(secret)),
            profile: Profile { receives, ..Profile::default() },
        };
        connections::create(app.system(), app.vault(), cmd).await?;
    }
    Ok(tenant)
}

async fn person(
    app: &App,
    state: &mut State,
    (email, password): (&str, &str),
    tenant: TenantId,
    supplier: Option<SupplierId>,
    role: Role,
) -> anyhow::Result<()> {
    let cmd = CreateUser {
        email: email.to_owned(),
        name: email.split('@').next().unwrap_or(email).to_owned(),
        password: Secret::new(password),
        memberships: vec![NewMembership { tenant, supplier, role }],
    };
    identity::create_user(app.system(), &app.door().hasher, cmd).await?;
    let (email, password) = (email.to_owned(), password.to_owned());
    state.accounts.push(Account { email, password, role: role.to_string() });
    Ok(())
}

async fn api_token(
    app: &App,
    state: &mut State,
    tenant: TenantId,
    email: &str,
    key: &str,
) -> anyhow::Result<()> {
    let (_, token) = cli::api_token(app, tenant, email, "demo".to_owned()).await?;
    state.tokens.insert(key.to_owned(), token.expose().to_owned());
    Ok(())
}

/// A supplier, its people, its EDI channel, and its orders.
async fn supplier(app: &App, state: &mut State, tenant: TenantId, sample: &Sample) -> anyhow::Result<()> {
    let (number, name) = (sample.number.to_owned(), sample.name.to_owned());
    let cmd = CreateSupplier { tenant, group: None, number, name: name.clone(), policy: Policy::default() };
    let supplier = suppliers::create_supplier(app.system(), cmd).await?.id;
    if let Some(prefix) = sample.gs1_prefix {
        let cmd = SetGs1Prefix { tenant, supplier, prefix: Some(prefix.to_owned()) };
        suppliers::set_gs1_prefix(app.system(), cmd).await?;
    }
    let account = (sample.email, sample.password);
    person(app, state, account, tenant, Some(supplier), Role::SupplierEditor).await?;
    api_token(app, state, tenant, sample.email, sample.key).await?;
    let named = (name.as_str(), sample.key, sample.way);
    partner::set_up(app, state, (tenant, supplier), named, sample.identifiers).await?;
    for file in sample.files {
        let token = state.tokens.get(&format!("{}_edi", sample.key)).context("copies come with a token")?;
        let scope = scope_of(app, token, Channel::Edi).await?;
        let entrance = ingest::edi::Entrance::of_partner(&scope).await?;
        let reply =
            ingest::edi::process(app.system().store(), &entrance, bytes::Bytes::from_static(file)).await?;
        ensure!(reply.result.is_readable() && !reply.body.contains("\"REFUSED\""), "{}", reply.body);
    }
    Ok(())
}

/// What a token may do, as its request would.
pub(super) async fn scope_of(app: &App, token: &str, channel: Channel) -> anyhow::Result<Scope> {
    let settings = app.door().settings;
    let principal = identity::authenticate(app.system(), &settings, Credential::Bearer(token)).await?;
    Ok(Scope::new(app.system().store(), &principal.standing, &Origin::new(channel)))
}

/// An order with three revisions, the last of which is current, as an ERP sends them.
async fn revise(app: &App, state: &State) -> anyhow::Result<()> {
    let token = state.tokens.get("erp_ingest").context("the ERP has a token")?;
    let scope = scope_of(app, token, Channel::Ingest).await?;
    let scope: BuyerScope = scope.as_buyer().context("a connection acts for the buyer")?;
    for (sequence, quantity, day) in
        [(1, "500", "2027-01-15"), (2, "450", "2027-01-15"), (3, "450", "2027-01-22")]
    {
        let document = json!({
            "number": "4500017042", "supplier": "V-100", "currency": "EUR", "orderedOn": "2026-11-20",
            "revision": { "id": sequence.to_string(), "issuedAt": format!("2026-11-2{sequence}T09:30:00Z") },
            "shipTo": { "code": "DC1", "name": "Harbour Supply, Distribution Centre 1" },
            "incoterms": { "code": "DAP", "place": "Rotterdam" },
            "lines": [
                { "number": "00010", "buyerPart": "HS-77001", "supplierPart": "NF-M8-40", "quantity": quantity, "unit": "EA",
                  "description": "Hex bolt M8 x 40, zinc plated", "unitPrice": "0.42", "deliverTo": day },
                { "number": "00020", "buyerPart": "HS-77002", "supplierPart": "NF-M8-N", "quantity": "25.5", "unit": "KGM",
                  "description": "Hex nut M8, zinc plated", "unitPrice": "6.15", "deliverTo": "2027-01-15" }
            ]
        });
        let order = quayside_canonical::document::read_purchase_order(&document);
        let incoming = Incoming { order, key: None, only_supplier: None };
        let received = receive(&scope, &[incoming]).await?;
        ensure!(received.iter().all(|result| result.problems.is_empty()), "{received:?}");
    }
    Ok(())
}
