//! Slots at docks in the schema.
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use quayside_canonical::{AppointmentId, Timestamp, states::AppointmentStatus};
use quayside_domain::appointments::query;
use quayside_entity::appointment;

use crate::{
    context::{internal, scope},
    loaders::load,
    types::{
        Code, DateTime, Row, Rows,
        connection::{PageInfo, Paging, cursor, place},
        plain::plain,
    },
};

plain! {
    /// A slot at a dock for a shipment.
    Appointment {
        /// Globally unique id.
        id as "id": ID,
        /// The shipment.
        shipment_id as "shipmentId": ID,
        /// Where it stands.
        status as "status": Code<AppointmentStatus>,
        /// The warehouse's number of it.
        number as "number": Option<String>,
        /// The buyer's code of the warehouse.
        location as "location": Option<String>,
        /// The dock or door.
        dock as "dock": Option<String>,
        /// Beginning of the slot.
        slot_from as "slotFrom": Option<DateTime>,
        /// End of the slot.
        slot_until as "slotUntil": Option<DateTime>,
        /// The warehouse's words.
        note as "note": Option<String>,
        /// Earliest time the supplier asked for.
        requested_from as "requestedFrom": Option<DateTime>,
        /// Latest time the supplier asked for.
        requested_until as "requestedUntil": Option<DateTime>,
        /// The supplier's words.
        request_note as "requestNote": Option<String>,
        /// When it was asked for, or given unasked.
        created_at as "createdAt": DateTime,
        /// When it last changed.
        updated_at as "updatedAt": DateTime,
    }
}

impl From<appointment::Model> for Appointment {
    fn from(row: appointment::Model) -> Self {
        Self {
            id: ID(row.id.to_string()),
            shipment_id: ID(row.shipment_id.to_string()),
            status: Code(row.status),
            number: row.number,
            location: row.location,
            dock: row.dock,
            slot_from: row.slot_from.map(DateTime),
            slot_until: row.slot_until.map(DateTime),
            note: row.answer_note,
            requested_from: row.requested_from.map(DateTime),
            requested_until: row.requested_until.map(DateTime),
            request_note: row.request_note,
            created_at: DateTime(row.created_at),
            updated_at: DateTime(row.updated_at),
        }
    }
}

/// A page of appointments.
#[derive(SimpleObject)]
pub struct AppointmentConnection {
    /// The appointments.
    nodes: Rows<Appointment>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

/// Queries about appointments.
#[derive(Default)]
pub struct AppointmentQuery;

#[Object]
impl AppointmentQuery {
    /// Slots at docks, the newest first.
    async fn appointments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
        #[graphql(desc = "Only in this status")] status: Option<Code<AppointmentStatus>>,
    ) -> Result<AppointmentConnection> {
        let scope = scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let after: Option<(Timestamp, AppointmentId)> = paging.after.as_deref().map(place).transpose()?;
        let status = status.map(|code| code.0);
        let tx = scope.read().await.map_err(|failure| internal(&failure))?;
        let limit = u64::from(paging.size) + 1;
        let mut rows =
            query::list(&tx, scope, status, after, limit).await.map_err(|failure| internal(&failure))?;
        let mut page_info = paging.cut(&mut rows);
        let at = |row: &appointment::Model| cursor(row.created_at, row.id);
        page_info.start_cursor = rows.first().map(at);
        page_info.end_cursor = rows.last().map(at);
        let nodes = Rows(rows.into_iter().map(Appointment::from).collect());
        Ok(AppointmentConnection { nodes, page_info })
    }

    /// One slot at a dock.
    async fn appointment(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Row<Appointment>>> {
        scope(ctx)?;
        let Ok(id) = id.parse::<AppointmentId>() else { return Ok(None) };
        Ok(load(ctx, id).await?.map(|row| Row(row.into())))
    }
}
