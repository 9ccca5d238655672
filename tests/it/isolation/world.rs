//! One supplier with one of everything, and everybody whom that does not concern.
use quayside_canonical::identity::Role;
use quayside_simulator::Behaviour;
use serde_json::{Value, json};

use super::interchange;
use crate::support::{Session, Source, Supplier, Tenant, TestApp, documents, mutation, order, shipment};

const SHIPMENT_NUMBER: &str = "S-99999";
const SSCC: &str = "106141411234567897";

/// A kind of thing that can be asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Thing {
    Order,
    Number,
    Answer,
    Proposal,
    Shipment,
    ShipmentNumber,
    Sscc,
    Receipt,
    Discrepancy,
    Appointment,
    Delivery,
    Connection,
    Supplier,
    Token,
    Membership,
    Exception,
    BuyersPerson,
    InboundMessage,
    Endpoint,
    EndpointDelivery,
    Interchange,
    InterchangeMessage,
    Partner,
    SentInterchange,
}

/// Who may use a field on a thing of their own.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Side {
    Supplier,
    Buyer,
    Both,
}

/// A supplier with one of everything, and those it does not concern.
pub(super) struct World {
    pub(super) app: TestApp,
    pub(super) tenant: Tenant,
    pub(super) other_tenant: Tenant,
    pub(super) supplier: Supplier,
    pub(super) number: String,
    pub(super) order: String,
    pub(super) answer: String,
    pub(super) proposal: String,
    pub(super) shipment: String,
    pub(super) shipment_number: String,
    pub(super) sscc: String,
    pub(super) receipt: String,
    pub(super) discrepancy: String,
    pub(super) appointment: String,
    pub(super) delivery: String,
    pub(super) connection: String,
    pub(super) token: String,
    pub(super) membership: String,
    pub(super) exception: String,
    pub(super) buyers_person: String,
    pub(super) message: String,
    pub(super) endpoint: String,
    pub(super) endpoint_delivery: String,
    pub(super) sent: String,
    pub(super) interchange: String,
    pub(super) interchange_message: String,
    pub(super) owner: Session,
    pub(super) buyer: Session,
    pub(super) strangers: Vec<(&'static str, Option<Session>)>,
    pub(super) neighbour: Supplier,
    pub(super) foreigner: Supplier,
}

impl World {
    pub(super) async fn start() -> Self {
        let app = TestApp::start().await;
        let (tenant, other_tenant) = (app.tenant().await, app.tenant().await);
        let (supplier, neighbour) = (app.supplier(&tenant).await, app.supplier(&tenant).await);
        let foreigner = app.supplier(&other_tenant).await;
        let number = "4500099999".to_owned();
        let reply = app.ingest(&tenant, &order(&supplier, &number)).await;
        let order = reply.body["order"].as_str().unwrap().to_owned();
        let (buyer, foreign_buyer) = (app.buyer(&tenant).await, app.buyer(&other_tenant).await);
        // Admins all: whoever may do nothing cannot show that what is not theirs is not there.
        let (admin, admin_token) = app.person(&tenant, Some(supplier.id), Role::SupplierAdmin).await;
        let owner = app.sign_in(&admin).await;
        let programs = app.programs().await;
        let (endpoint, _) = app.endpoint(&admin_token, &programs, ("world", None)).await;
        let test = app.hook(&admin_token, "sendTestWebhook", json!({ "id": endpoint })).await;
        let endpoint_delivery = test.data()["sendTestWebhook"]["deliveryId"].as_str().unwrap().to_owned();
        let (answer, proposal) = over_tolerance(&app, &supplier, &order).await;
        app.spoil(Behaviour::Err400);
        app.settle().await;
        let delivery = app.delivery(&supplier.token, &answer).await["id"].as_str().unwrap().to_owned();
        let shipment = announced(&app, &supplier, &order).await;
        let [receipt, discrepancy, appointment] =
            received(&app, &tenant, &supplier, &number, &shipment).await;
        let (token, membership) = own_ids(&app, &owner).await;
        let strangers = vec![
            ("another supplier of the tenant", Some(admin_of(&app, &tenant, &neighbour).await)),
            ("a supplier of another tenant", Some(admin_of(&app, &other_tenant, &foreigner).await)),
            ("the buyer of another tenant", Some(app.sign_in(&foreign_buyer.email).await)),
            ("nobody we know", None),
        ];
        let buyer = app.sign_in(&buyer.email).await;
        let connection = tenant.erp.to_string();
        let (exception, buyers_person) = given_to_the_buyer(&app, &buyer, &order).await;
        let message = sent_and_refused(&app, &tenant, &supplier).await;
        let (interchange, interchange_message) = answered_by_edi(&app, &buyer, &supplier).await;
        let sent = sent_by_edi(&app, &tenant, &supplier).await;
        let route = json!({ "input": { "supplierId": supplier.id, "kind": "SHIPMENT_LATE", "dueMinutes": 60, "idempotencyKey": "r" } });
        let query = mutation("setExceptionRoute", "SetExceptionRouteInput", "routes { kind }");
        app.browse(&buyer, &query, route).await.data();
        Self {
            app,
            tenant,
            other_tenant,
            supplier,
            number,
            order,
            answer,
            proposal,
            shipment,
            shipment_number: SHIPMENT_NUMBER.to_owned(),
            sscc: SSCC.to_owned(),
            receipt,
            discrepancy,
            appointment,
            delivery,
            connection,
            token,
            membership,
            exception,
            buyers_person,
            message,
            endpoint,
            endpoint_delivery,
            sent,
            interchange,
            interchange_message,
            owner,
            buyer,
            strangers,
            neighbour,
            foreigner,
        }
    }

    pub(super) fn name_of(&self, thing: Thing) -> String {
        match thing {
            Thing::Order => self.order.clone(),
            Thing::Number => self.number.clone(),
            Thing::Answer => self.answer.clone(),
            Thing::Proposal => self.proposal.clone(),
            Thing::Shipment => self.shipment.clone(),
            Thing::ShipmentNumber => self.shipment_number.clone(),
            Thing::Sscc => self.sscc.clone(),
            Thing::Receipt => self.receipt.clone(),
            Thing::Discrepancy => self.discrepancy.clone(),
            Thing::Appointment => self.appointment.clone(),
            Thing::Delivery => self.delivery.clone(),
            Thing::Connection => self.connection.clone(),
            Thing::Supplier => self.supplier.id.to_string(),
            Thing::Token => self.token.clone(),
            Thing::Membership => self.membership.clone(),
            Thing::InboundMessage => self.message.clone(),
            Thing::Exception => self.exception.clone(),
            Thing::BuyersPerson => self.buyers_person.clone(),
            Thing::Endpoint => self.endpoint.clone(),
            Thing::EndpointDelivery => self.endpoint_delivery.clone(),
            Thing::Interchange => self.interchange.clone(),
            Thing::InterchangeMessage => self.interchange_message.clone(),
            Thing::Partner => self.supplier.partner.to_string(),
            Thing::SentInterchange => self.sent.clone(),
        }
    }

    /// The order as its supplier sees it.
    pub(super) async fn everything_about_the_order(&self) -> String {
        let document = "query($id: ID!) { purchaseOrder(id: $id) { status revision updatedAt
            lines { number quantity { value } status } revisions { number } acknowledgments { id } } }";
        self.ask(Some(&self.owner), document, &self.order).await
    }

    /// A reply, with the name that was asked for taken out.
    pub(super) async fn ask(&self, session: Option<&Session>, document: &str, name: &str) -> String {
        let origin = self.app.url("");
        let mut headers = vec![("x-request-id", "one-of-many"), ("origin", origin.as_str())];
        headers.extend(session.map(|session| ("cookie", session.cookie.as_str())));
        let reply = self.app.graphql_with("", document, json!({ "id": name }), &headers).await;
        reply.text().replace(name, "NAME")
    }
}

/// An admin of a supplier's, signed in.
async fn admin_of(app: &TestApp, tenant: &Tenant, supplier: &Supplier) -> Session {
    let (admin, _) = app.person(tenant, Some(supplier.id), Role::SupplierAdmin).await;
    app.sign_in(&admin).await
}

/// An answer that procurement has to decide about: its id and its proposal's.
async fn over_tolerance(app: &TestApp, supplier: &Supplier, order: &str) -> (String, String) {
    let query = mutation(
        "submitAcknowledgment",
        "SubmitAcknowledgmentInput",
        "acknowledgment { id changeProposals { id } }",
    );
    let late = json!([{ "line": "00010", "parts": [{ "kind": "ACCEPTED", "quantity": "100", "promisedOn": "2027-01-10" }] }]);
    let input = json!({ "purchaseOrderId": order, "revision": 1, "lines": late, "idempotencyKey": "late" });
    let reply = app.graphql(&supplier.token, &query, json!({ "input": input })).await;
    let answer = &reply.data()["submitAcknowledgment"]["acknowledgment"];
    let text = |id: &Value| id.as_str().unwrap().to_owned();
    (text(&answer["id"]), text(&answer["changeProposals"][0]["id"]))
}

/// The exception of the answer, which the buyer's person sees to: its id and the person's.
async fn given_to_the_buyer(app: &TestApp, buyer: &Session, order: &str) -> (String, String) {
    let query = "query($order: ID!) { viewer { user { id } }
        exceptions(first: 1, filter: { orderId: $order, kind: ANSWER_OVER_TOLERANCE }) { nodes { id } } }";
    let seen = app.browse(buyer, query, json!({ "order": order })).await;
    let text = |id: &Value| id.as_str().unwrap().to_owned();
    let exception = text(&seen.data()["exceptions"]["nodes"][0]["id"]);
    let person = text(&seen.data()["viewer"]["user"]["id"]);
    let query = mutation("assignException", "AssignExceptionInput", "exception { id }");
    let input = json!({ "id": exception, "owner": "PERSON", "personId": person, "idempotencyKey": "mine" });
    app.browse(buyer, &query, json!({ "input": input })).await.data();
    (exception, person)
}

/// What the ERP sent and could not be taken: its id.
async fn sent_and_refused(app: &TestApp, tenant: &Tenant, supplier: &Supplier) -> String {
    let mut stranger = order(supplier, "4500077777");
    stranger["supplier"] = json!("V-unknown");
    let erp = Source { id: tenant.erp, token: tenant.ingest_token.clone() };
    let reply = app.push(&erp, &documents(&[("purchaseOrder", stranger)])).await;
    assert_eq!(reply.body["status"], "REFUSED", "{}", reply.body);
    reply.body["message"].as_str().unwrap().to_owned()
}

/// An interchange with an answer to an order that nobody knows: its id and its message's.
async fn answered_by_edi(app: &TestApp, buyer: &Session, supplier: &Supplier) -> (String, String) {
    let reply = app.edi(supplier, interchange(supplier, 900, "855", "4500066666").into_bytes()).await;
    let id = reply.body["interchanges"][0]["interchange"].as_str().unwrap().to_owned();
    let query = "query($id: ID!) { interchange(id: $id) { messages(first: 1) { nodes { id } } } }";
    let seen = app.browse(buyer, query, json!({ "id": id })).await;
    let message = &seen.data()["interchange"]["messages"]["nodes"][0]["id"];
    (id, message.as_str().unwrap().to_owned())
}

/// The ids of a token and of the place of whoever is signed in.
async fn own_ids(app: &TestApp, session: &Session) -> (String, String) {
    let query = mutation("createApiToken", "CreateApiTokenInput", "apiToken { id }");
    let input = json!({ "input": { "name": "mine", "scopes": ["ORDERS_READ"], "idempotencyKey": "t" } });
    let made = app.browse(session, &query, input).await;
    let seen = app.browse(session, "{ viewer { memberships { id } } }", json!({})).await;
    let text = |id: &Value| id.as_str().unwrap().to_owned();
    (
        text(&made.data()["createApiToken"]["apiToken"]["id"]),
        text(&seen.data()["viewer"]["memberships"][0]["id"]),
    )
}

/// An announced shipment with a pallet: its id.
async fn announced(app: &TestApp, supplier: &Supplier, order: &str) -> String {
    let goods = json!({ "purchaseOrderId": order, "line": "00010", "quantity": "1" });
    let input = json!({ "number": SHIPMENT_NUMBER, "submit": true, "lines": [goods],
        "units": [{ "key": "P", "sscc": SSCC, "contents": [goods] }] });
    let reply = app.ship(&supplier.token, "createShipment", input).await;
    shipment(&reply)["id"].as_str().unwrap().to_owned()
}

/// The shipment got a slot, arrived damaged, and is invoiced: the ids of the receipt, the discrepancy and the slot.
async fn received(
    app: &TestApp,
    tenant: &Tenant,
    supplier: &Supplier,
    number: &str,
    shipment: &str,
) -> [String; 3] {
    let slot =
        json!({ "shipmentId": shipment, "from": "2026-11-24T08:00:00Z", "until": "2026-11-24T09:00:00Z" });
    app.ship(&supplier.token, "requestAppointment", slot).await;
    let receipt = json!({ "number": "GR-1", "kind": "FINAL", "shipment": SHIPMENT_NUMBER,
        "receivedAt": "2026-11-23T08:00:00Z",
        "lines": [{ "order": number, "line": "00010", "quantity": "1", "condition": "DAMAGED" }] });
    let reply = app.ingest_at(tenant, "/ingest/v1/receipts", &receipt, &[]).await;
    assert_eq!(reply.body["outcome"], "RECORDED", "{}", reply.body);
    let invoice = json!({ "invoice": "IN-1", "revision": { "id": "1", "issuedAt": "2026-11-23T08:00:00Z" },
        "order": number, "line": "00010", "status": "MATCHED", "quantity": "1" });
    let reply = app.ingest_at(tenant, "/ingest/v1/invoice-statuses", &invoice, &[]).await;
    assert_eq!(reply.body["outcome"], "RECORDED", "{}", reply.body);
    let query =
        "query($id: ID!) { shipment(id: $id) { receipts { id } discrepancies { id } appointment { id } } }";
    let reply = app.graphql(&supplier.token, query, json!({ "id": shipment })).await;
    let seen = &reply.data()["shipment"];
    let ids = [&seen["receipts"][0]["id"], &seen["discrepancies"][0]["id"], &seen["appointment"]["id"]];
    ids.map(|id| id.as_str().unwrap_or_else(|| panic!("{seen}")).to_owned())
}

/// A name of the same kind that nothing has.
pub(super) fn nothing_like(name: &str) -> String {
    match name {
        SSCC => "306141410000000013".to_owned(),
        SHIPMENT_NUMBER => "S-88888".to_owned(),
        name => nothing_named(name),
    }
}

fn nothing_named(name: &str) -> String {
    match name.split_once('_') {
        Some((prefix, _)) => format!("{prefix}_{}", uuid::Uuid::now_v7().simple()),
        None => "4500088888".to_owned(),
    }
}

/// An interchange that was made for the supplier, by its id.
async fn sent_by_edi(app: &TestApp, tenant: &Tenant, supplier: &Supplier) -> String {
    let (scratch, agreement) = (app.scratch(), r#"{"ours":[{"qualifier":"ZZ","id":"NORTHDIST"}]}"#);
    let (partner, connection) = (scratch.literal(supplier.partner.0), scratch.literal(tenant.erp.0));
    let sql = format!(
        "update trading_partner set mode = 'EXCHANGE', agreement = '{agreement}', connection_id = {connection}
         where id = {partner}"
    );
    scratch.tamper(&[&sql]).await;
    app.ingest(tenant, &order(supplier, "4500099998")).await;
    app.settle().await;
    let query = "{ sentInterchanges(first: 1) { nodes { id } } }";
    let reply = app.graphql(&supplier.token, query, json!({})).await;
    reply.data()["sentInterchanges"]["nodes"][0]["id"].as_str().unwrap().to_owned()
}
