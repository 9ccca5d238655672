//! The public GraphQL API: its schema and its resolvers.
//!
//! A resolver reads what the caller may see through the caller's scope, or hands a command to `domain` and
//! shows what became of it. It cannot query: that is a matter of manifest and lint. What a request brings
//! along, its caller, key and loaders, is in [`context`]; the limits of documents are in [`guard`].

pub mod acknowledgments;
pub mod appointments;
pub mod connections;
pub mod context;
pub mod deliveries;
pub mod discrepancies;
pub mod events;
pub mod exceptions;
pub mod exchange;
pub mod guard;
pub mod identity;
pub mod inbound;
pub mod interchanges;
pub mod invoices;
pub mod loaders;
pub mod messages;
pub mod node;
pub mod notifications;
pub mod orders;
pub mod partners;
pub mod receipts;
pub mod shipments;
pub mod suppliers;
pub mod types;
mod visible;
pub mod webhooks;

use std::sync::Arc;

use async_graphql::{MergedObject, Schema};
use quayside_domain::{
    connections::Keeper, exchange::Samples, feed::Feed, identity::RevocationWatch,
    interchanges::Interchanges, webhooks::Desk,
};

use crate::{
    acknowledgments::{AcceptMutation, ProposalMutation, ProposalQuery, SubmitMutation},
    appointments::AppointmentQuery,
    connections::{ConnectionMutation, ConnectionQuery, ConnectionStepMutation},
    deliveries::{DeliveryMutation, DeliveryQuery},
    discrepancies::{ContestMutation, DiscrepancyQuery, ResolveDiscrepancyMutation},
    events::{EventQuery, EventSubscription},
    exceptions::{CommentMutation, ExceptionMutation, ExceptionQuery, RouteMutation, RouteQuery},
    exchange::{ResendMutation, SampleQuery, SentInterchangeQuery},
    identity::{Door, SessionMutation, TokenMutation, ViewerQuery},
    inbound::{InboundMutation, InboundQuery},
    interchanges::{InterchangeQuery, RetryInterchangeMutation, ValidateInterchangeMutation},
    invoices::InvoiceQuery,
    messages::{MessageMutation, MessageQuery},
    node::NodeQuery,
    notifications::NotificationMutation,
    orders::OrderQuery,
    partners::{PartnerMutation, PartnerQuery, PartnerStepMutation},
    receipts::ReceiptQuery,
    shipments::{ShipmentMutation, ShipmentQuery},
    webhooks::{ReplayMutation, WebhookMutation, WebhookQuery},
};

/// Everything that can be asked.
#[derive(Default, MergedObject)]
pub struct Query(
    ViewerQuery,
    NodeQuery,
    OrderQuery,
    ShipmentQuery,
    ProposalQuery,
    EventQuery,
    ExceptionQuery,
    ReceiptQuery,
    DiscrepancyQuery,
    AppointmentQuery,
    InvoiceQuery,
    RouteQuery,
    MessageQuery,
    DeliveryQuery,
    InboundQuery,
    InterchangeQuery,
    WebhookQuery,
    ConnectionQuery,
    PartnerQuery,
    SentInterchangeQuery,
    SampleQuery,
);

/// Everything that can be changed.
#[derive(Default, MergedObject)]
pub struct Mutation(
    SessionMutation,
    TokenMutation,
    SubmitMutation,
    AcceptMutation,
    ProposalMutation,
    ShipmentMutation,
    DeliveryMutation,
    ContestMutation,
    ResolveDiscrepancyMutation,
    ExceptionMutation,
    CommentMutation,
    RouteMutation,
    MessageMutation,
    NotificationMutation,
    InboundMutation,
    RetryInterchangeMutation,
    ValidateInterchangeMutation,
    WebhookMutation,
    ReplayMutation,
    ConnectionMutation,
    ConnectionStepMutation,
    PartnerMutation,
    PartnerStepMutation,
    ResendMutation,
);

/// The API. No extension is installed: any would slow every field down.
pub type ApiSchema = Schema<Query, Mutation, EventSubscription>;

/// The schema with what its resolvers need of the process.
#[must_use]
pub fn schema(
    door: Door,
    feed: Feed,
    watch: RevocationWatch,
    (keeper, webhooks): (Keeper, Desk),
    (edi, samples): (Arc<dyn Interchanges>, Arc<dyn Samples>),
) -> ApiSchema {
    let builder = builder().data(door).data(feed).data(watch).data(keeper).data(webhooks);
    builder.data(edi).data(samples).finish()
}

/// The schema as a file for clients: the whole of it, whatever the role.
#[must_use]
pub fn sdl() -> String {
    builder()
        .finish()
        .sdl_with_options(async_graphql::SDLExportOptions::new().sorted_fields().sorted_enum_items())
}

fn builder() -> async_graphql::SchemaBuilder<Query, Mutation, EventSubscription> {
    Schema::build(Query::default(), Mutation::default(), EventSubscription)
        .disable_suggestions()
        .limit_depth(32)
        .limit_recursive_depth(64)
}
