//! `deliveries`, `delivery` and `connectionHealth`: procurement looks into what is on its way.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{
    ConnectionId, DeliveryId, EventId, InvalidId,
    states::{CircuitState, ConnectionStatus, DeliveryStatus},
};
use quayside_domain::deliveries::{self, Health, InterventionError, Place, health, list, place};

use super::DeliveryDetail;
use crate::{
    context::{buyer_scope, coded, internal},
    loaders::load,
    types::{
        Code, DateTime, Rows,
        connection::{PageInfo, Paging, bad_input},
        plain::plain,
    },
};

/// Which deliveries. What is left out does not matter.
#[derive(Debug, Default, InputObject)]
pub struct DeliveryFilter {
    /// Only to this connection.
    connection_id: Option<ID>,
    /// Only in one of these statuses.
    status: Option<Vec<Code<DeliveryStatus>>>,
    /// Only of events that concern this purchase order.
    purchase_order_id: Option<ID>,
    /// Only of events about this: the id of an answer, a shipment, a receipt …
    subject: Option<String>,
    /// Only of events of this type, such as `acknowledgment.submitted`.
    event_type: Option<String>,
    /// Only of events placed in the log at this time or later.
    from: Option<DateTime>,
    /// Only of events placed in the log before this time.
    until: Option<DateTime>,
}

impl DeliveryFilter {
    pub(super) fn checked(self) -> Result<deliveries::DeliveryFilter> {
        let bad = |error: InvalidId| bad_input(&error.to_string());
        Ok(deliveries::DeliveryFilter {
            connection: self.connection_id.map(|id| id.parse()).transpose().map_err(bad)?,
            statuses: self.status.unwrap_or_default().into_iter().map(|code| code.0).collect(),
            order: self.purchase_order_id.map(|id| id.parse()).transpose().map_err(bad)?,
            subject: self.subject,
            event_type: self.event_type,
            from: self.from.map(|time| time.0),
            until: self.until.map(|time| time.0),
        })
    }
}

/// A page of deliveries.
#[derive(SimpleObject)]
pub struct DeliveryConnection {
    /// The deliveries.
    nodes: Vec<DeliveryDetail>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

plain! {
    /// How one of the buyer's systems fares.
    ConnectionHealth {
        /// The connection's id.
        connection_id as "connectionId": ID,
        /// The system, as the buyer calls it.
        name as "name": String,
        /// Whether it is used.
        status as "status": Code<ConnectionStatus>,
        /// Why it is paused.
        paused_reason as "pausedReason": Option<String>,
        /// Whether it is called. `OPEN`: it did not answer, and is left alone until `nextCallAt`.
        circuit as "circuit": Code<CircuitState>,
        /// How often in a row it did not answer.
        failures as "failures": i32,
        /// Since when the circuit is open.
        open_since as "openSince": Option<DateTime>,
        /// Before when nothing is sent: because it did not answer, or asked for time.
        next_call_at as "nextCallAt": Option<DateTime>,
        /// What was seen last of it when it did not answer.
        last_error as "lastError": Option<String>,
        /// How many deliveries are not finished.
        waiting as "waiting": i32,
        /// How many were given up and wait for a person.
        dead as "dead": i32,
        /// When the oldest of those that are not finished was made.
        oldest_waiting_since as "oldestWaitingSince": Option<DateTime>,
    }
}

impl ConnectionHealth {
    fn new(health: Health, now: quayside_canonical::Timestamp) -> Self {
        let number = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
        let circuit = health.circuit;
        let state = circuit.as_ref().map_or(CircuitState::Closed, |circuit| circuit.state);
        Self {
            connection_id: ID(health.connection.id.to_string()),
            name: health.connection.name,
            status: Code(health.connection.status),
            paused_reason: health.connection.paused_reason,
            circuit: Code(state),
            failures: circuit.as_ref().map_or(0, |circuit| circuit.failures),
            open_since: circuit.as_ref().and_then(|circuit| circuit.opened_at).map(DateTime),
            next_call_at: circuit
                .as_ref()
                .map(|circuit| circuit.not_before)
                .filter(|until| *until > now)
                .map(DateTime),
            last_error: circuit.and_then(|circuit| circuit.last_error),
            waiting: number(health.waiting),
            dead: number(health.dead),
            oldest_waiting_since: health.oldest.map(DateTime),
        }
    }
}

/// Procurement's queries about deliveries.
#[derive(Default)]
pub struct DeliveryQuery;

#[Object]
impl DeliveryQuery {
    /// What was, is and will be sent to the buyer's systems: that of the newest events first.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
        #[graphql(desc = "Which ones")] filter: Option<DeliveryFilter>,
    ) -> Result<DeliveryConnection> {
        let scope = buyer_scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let after = paging.after.as_deref().map(read).transpose()?;
        let filter = filter.unwrap_or_default().checked()?;
        let listed = list(&scope, &filter, after, u64::from(paging.size) + 1).await;
        let mut found = listed.map_err(refused)?;
        let mut page_info = paging.cut(&mut found);
        page_info.start_cursor = found.first().map(|one| write(place(&one.row)));
        page_info.end_cursor = found.last().map(|one| write(place(&one.row)));
        Ok(DeliveryConnection { nodes: found.into_iter().map(DeliveryDetail).collect(), page_info })
    }

    /// One delivery; nothing when there is none of this id for you.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn delivery(&self, ctx: &Context<'_>, id: ID) -> Result<Option<DeliveryDetail>> {
        buyer_scope(ctx)?;
        let Ok(id) = id.parse::<DeliveryId>() else { return Ok(None) };
        Ok(load(ctx, id).await?.map(DeliveryDetail))
    }

    /// How the buyer's systems fare, and what waits for each.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn connection_health(&self, ctx: &Context<'_>) -> Result<Rows<ConnectionHealth>> {
        let scope = buyer_scope(ctx)?;
        let all = health(&scope).await.map_err(refused)?;
        Ok(Rows(all.into_iter().map(|one| ConnectionHealth::new(one, scope.now)).collect()))
    }
}

fn refused(error: InterventionError) -> async_graphql::Error {
    match error {
        InterventionError::Internal(failure) => internal(&failure),
        other => coded("FORBIDDEN", other.to_string()),
    }
}

fn write((event, connection): Place) -> String {
    format!("{event}.{connection}")
}

fn read(cursor: &str) -> Result<Place> {
    let parsed = cursor.split_once('.').and_then(|(event, connection)| {
        Some((event.parse::<EventId>().ok()?, connection.parse::<ConnectionId>().ok()?))
    });
    parsed.ok_or_else(|| bad_input("the cursor is not one of this list"))
}
